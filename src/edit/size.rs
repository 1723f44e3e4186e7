//! Leaving out objects by their size in pixels.

use super::{Before, Bound, Edit};
use crate::error::Result;
use crate::format::Wants;
use crate::geometry::Polygon;
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Shape, Verbatim};

/// The sizes of the objects that stay, in pixels of the image. An object whose size nobody can tell,
/// as it has neither a shape nor a box, stays.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Limits {
    /// The least area, in square pixels: of the shape where there is one, else of the box.
    pub min_area: Option<f64>,
    /// The greatest area.
    pub max_area: Option<f64>,
    /// The least length of the shorter side of the box.
    pub min_side: Option<f64>,
}

impl Edit for Limits {
    fn wants(&self) -> Wants {
        // The points of shapes are needed, also where their text is repeated.
        Wants { edits: true, values: false, ..Wants::ALL }
    }

    fn bind(&self, before: &Before) -> Result<Bound> {
        let limits = *self;
        let change =
            move |annotation: &mut Verbatim<Annotation>, number: usize, losses: &mut Losses| {
                if let Some(reason) = limits.reason(annotation) {
                    losses.annotation(reason, number);
                }
            };
        Ok(Bound { change: Some(Box::new(change)), ..Bound::of(before.header().clone()) })
    }
}

impl Limits {
    /// Why an object is left out.
    fn reason(&self, annotation: &Annotation) -> Option<Reason> {
        let measure = Measure::of(annotation);
        let is_below = |number: Option<f64>, least: Option<f64>| {
            number.zip(least).is_some_and(|(number, least)| number < least)
        };
        if is_below(measure.area, self.min_area) || is_below(measure.side, self.min_side) {
            return Some(Reason::TooSmall);
        }
        let is_above = measure.area.zip(self.max_area).is_some_and(|(own, most)| own > most);
        is_above.then_some(Reason::TooLarge)
    }
}

/// How large an object is, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// The area of its shape, else of its box. Parts that overlap count twice.
    pub area: Option<f64>,
    /// The shorter side of its box.
    pub side: Option<f64>,
}

impl Measure {
    /// The size of an object. The stated area of COCO does not count: it is wrong too often.
    pub fn of(annotation: &Annotation) -> Self {
        let sides = annotation.bounds().map(|bbox| bbox.corner_and_size());
        let of_box = sides.map(|[_, _, width, height]| width * height);
        let area = match &annotation.shape {
            Shape::Polygons(parts) => Some(parts.iter().map(Polygon::area).sum()),
            Shape::Mask(mask) => Some(mask.area() as f64),
            Shape::Oriented { width, height, .. } => Some(width * height),
            Shape::Circle { radius, .. } => Some(std::f64::consts::PI * radius * radius),
            Shape::Ellipse { rx, ry, .. } => Some(std::f64::consts::PI * rx * ry),
            Shape::None | Shape::Unread(_) | Shape::Polyline(_) | Shape::Points(_) => of_box,
        };
        Self { area, side: sides.map(|[_, _, width, height]| width.min(height)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{BBox, Coord};

    fn object(width: f64, height: f64, ring: &[(f64, f64)]) -> Annotation {
        let ring = ring.iter().map(|&(x, y)| Coord { x, y }).collect();
        let shape = Shape::Polygons(vec![Polygon::from_ring(ring)]);
        let bbox = Some(BBox::Corner { x: 0.0, y: 0.0, width, height });
        Annotation { bbox, shape, ..Annotation::default() }
    }

    #[test]
    fn an_object_is_measured_by_its_shape_and_its_box() {
        let triangle = object(10.0, 4.0, &[(0.0, 0.0), (10.0, 0.0), (0.0, 4.0)]);
        let boxed = Annotation { shape: Shape::None, ..triangle.clone() };
        let nothing = Annotation::default();
        let limits = |min_area, max_area, min_side| Limits { min_area, max_area, min_side };
        for (object, limits, reason) in [
            (&triangle, limits(Some(20.0), Some(20.0), Some(4.0)), None),
            (&triangle, limits(Some(20.5), None, None), Some(Reason::TooSmall)),
            (&triangle, limits(None, Some(19.5), None), Some(Reason::TooLarge)),
            (&triangle, limits(None, None, Some(4.5)), Some(Reason::TooSmall)),
            (&boxed, limits(Some(40.0), Some(40.0), None), None),
            (&boxed, limits(Some(41.0), None, None), Some(Reason::TooSmall)),
            (&nothing, limits(Some(1.0), Some(1.0), Some(1.0)), None),
        ] {
            assert_eq!(limits.reason(object), reason, "{limits:?} {object:?}");
        }
    }
}
