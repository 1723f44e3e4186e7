//! How much two boxes or two shapes have in common: intersection over union (IoU), 0 to 1.

use super::{BBox, Polygon};
use geo::algorithm::bool_ops::unary_union;
use geo::{Area, BooleanOps, LineString, MultiPolygon};

/// The overlap of two boxes; 0 if one has no area, or a number that is not finite.
///
/// ```
/// use annoconv::geometry::{BBox, overlap::of_boxes};
/// let left = BBox::Corner { x: 0.0, y: 0.0, width: 4.0, height: 2.0 };
/// let right = BBox::Corner { x: 2.0, y: 0.0, width: 4.0, height: 2.0 };
/// assert_eq!(of_boxes(&left, &right), 4.0 / 12.0);
/// ```
pub fn of_boxes(one: &BBox, other: &BBox) -> f64 {
    let ([a, b, c, d], [e, f, g, h]) = (one.corners(), other.corners());
    let width = c.min(g) - a.max(e);
    let height = d.min(h) - b.max(f);
    let all = [a, b, c, d, e, f, g, h]; // min and max pass over a NaN
    if !(width > 0.0 && height > 0.0 && all.iter().all(|number| number.is_finite())) {
        return 0.0;
    }
    let common = width * height;
    common / (one.area() + other.area() - common)
}

/// The overlap of two shapes of several parts each. Where parts of one shape overlap, the common
/// area counts once.
pub fn of_polygons(one: &[Polygon], other: &[Polygon]) -> f64 {
    let (one, other) = (union(one), union(other));
    let common = one.intersection(&other).unsigned_area();
    let whole = one.unsigned_area() + other.unsigned_area() - common;
    if whole > 0.0 { common / whole } else { 0.0 }
}

fn union(parts: &[Polygon]) -> MultiPolygon {
    let part = |part: &Polygon| {
        let holes = part.holes.iter().map(|ring| LineString(ring.clone())).collect();
        geo::Polygon::new(LineString(part.exterior.clone()), holes)
    };
    unary_union(&parts.iter().map(part).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::polygon::rectangle;

    #[test]
    fn boxes_and_their_rectangles_overlap_alike() {
        let bbox = |x, y, width, height| BBox::Corner { x, y, width, height };
        let one = bbox(0.0, 0.0, 10.0, 10.0);
        let cases = [
            (bbox(0.0, 0.0, 10.0, 10.0), 1.0),
            (bbox(5.0, 0.0, 10.0, 10.0), 1.0 / 3.0),
            (bbox(10.0, 0.0, 10.0, 10.0), 0.0),
            (bbox(2.0, 2.0, 5.0, 5.0), 0.25),
            (bbox(5.0, 0.0, -2.0, 10.0), 0.0),
        ];
        for (other, expected) in cases {
            assert!((of_boxes(&one, &other) - expected).abs() < 1e-12, "{other:?}");
            if other.is_proper() {
                let shape = |bbox: &BBox| vec![Polygon::from_ring(rectangle(bbox))];
                let found = of_polygons(&shape(&one), &shape(&other));
                assert!((found - expected).abs() < 1e-6, "{other:?}: {found}");
            }
        }
        assert_eq!(of_boxes(&one, &bbox(f64::NAN, 0.0, 1.0, 1.0)), 0.0);
    }
}
