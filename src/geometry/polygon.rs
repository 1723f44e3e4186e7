//! Polygons as files state them: rings of points, parts and holes.

use super::bbox::rounding_slack;
use super::{BBox, Coord, Size};
use geo::{Area, LineString};

/// A closed line through its points, in pixels, as stated. If a file repeats the first point at
/// the end, the ring does so, too. `geo`'s own ring cannot keep that: it always repeats the point.
pub type Ring = Vec<Coord<f64>>;

/// One part of an object: its outline and the holes in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Polygon {
    /// The outline.
    pub exterior: Ring,
    /// The holes, each within the outline.
    pub holes: Vec<Ring>,
}

impl Polygon {
    /// A polygon without holes.
    pub fn from_ring(exterior: Ring) -> Self {
        Self { exterior, holes: Vec::new() }
    }

    /// The area of the outline less the areas of the holes, in square pixels.
    ///
    /// ```
    /// use annoconv::geometry::{Coord, Polygon};
    /// let corners = [(0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0)];
    /// let polygon = Polygon::from_ring(corners.map(|(x, y)| Coord { x, y }).to_vec());
    /// assert_eq!(polygon.area(), 12.0);
    /// ```
    pub fn area(&self) -> f64 {
        let holes = self.holes.iter().map(|ring| LineString(ring.clone())).collect();
        geo::Polygon::new(LineString(self.exterior.clone()), holes).unsigned_area()
    }
}

/// The smallest box around all points, as corners; `None` if there is no point.
///
/// A coordinate that is NaN is ignored.
pub fn bounds<'a>(points: impl IntoIterator<Item = &'a Coord<f64>>) -> Option<BBox> {
    points.into_iter().fold(None, |bbox, point| {
        let [x_min, y_min, x_max, y_max] =
            bbox.map_or([point.x, point.y, point.x, point.y], |known: BBox| known.corners());
        Some(BBox::Corners {
            x_min: x_min.min(point.x),
            y_min: y_min.min(point.y),
            x_max: x_max.max(point.x),
            y_max: y_max.max(point.y),
        })
    })
}

/// The ring without a last point that repeats the first.
pub fn open(ring: &[Coord<f64>]) -> &[Coord<f64>] {
    match ring {
        [open @ .., last] if open.len() > 1 && open.first() == Some(last) => open,
        _ => ring,
    }
}

/// The four corners of a box, clockwise on the screen from the top-left one.
pub fn rectangle(bbox: &BBox) -> Ring {
    let [x_min, y_min, x_max, y_max] = bbox.corners();
    [(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max)]
        .map(|(x, y)| Coord { x, y })
        .to_vec()
}

/// The part of a ring that lies within an image of `size`, by Sutherland and Hodgman's
/// algorithm: it cuts at one border after the other.
///
/// The result is one ring, or empty. If the image's border cuts the ring into several pieces,
/// they stay joined along the border. Points inside keep their numbers. A ring that leaves the
/// image by no more than floating-point rounding is returned unchanged.
pub fn clip(ring: &[Coord<f64>], size: Size) -> Ring {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    if bounds(ring).is_some_and(|bbox| bbox.is_inside(size)) {
        return ring.to_vec();
    }
    let clipped = clip_axis(open(ring), |p| p.x, 0.0, 1.0);
    let clipped = clip_axis(&clipped, |p| p.x, width, -1.0);
    let clipped = clip_axis(&clipped, |p| p.y, 0.0, 1.0);
    clip_axis(&clipped, |p| p.y, height, -1.0)
}

/// Keeps the part of a ring on one side of `border`: with `direction` 1 the part above it, with
/// -1 the part below it.
fn clip_axis(
    ring: &[Coord<f64>],
    axis: impl Fn(&Coord<f64>) -> f64,
    border: f64,
    direction: f64,
) -> Ring {
    let depth = |point: &Coord<f64>| (axis(point) - border) * direction;
    let mut kept = Ring::with_capacity(ring.len() + 4);
    let Some(mut previous) = ring.last().copied() else { return kept };
    for &point in ring {
        let (before, here) = (depth(&previous), depth(&point));
        if (before < 0.0 && here > 0.0) || (before > 0.0 && here < 0.0) {
            let share = before / (before - here);
            let x = previous.x + (point.x - previous.x) * share;
            let y = previous.y + (point.y - previous.y) * share;
            kept.push(Coord { x, y });
        }
        if here >= 0.0 {
            kept.push(point);
        }
        previous = point;
    }
    kept
}

/// Whether a ring reaches beyond an image of `size` by more than floating-point rounding.
pub fn leaves(ring: &[Coord<f64>], size: Size) -> bool {
    let outside = |value: f64, side: u32| {
        let slack = rounding_slack(side);
        !(value >= -slack && value <= f64::from(side) + slack)
    };
    ring.iter().any(|point| outside(point.x, size.width) || outside(point.y, size.height))
}

/// Joins the parts of one object into one ring, by bridges between the nearest points of each
/// part and the next.
///
/// The rule, down to the order of the points, is `merge_multi_segment` of Ultralytics
/// (`ultralytics/data/converter.py`, 8.4). The ring goes out from the first part to the last one
/// and comes back. It follows one side of each middle part on the way out, and the other side on
/// the way back.
pub fn join(parts: &[&[Coord<f64>]]) -> Ring {
    let parts: Vec<&[Coord<f64>]> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    if let [only] = parts.as_slice() {
        return only.to_vec();
    }
    let bridges: Vec<(usize, usize)> =
        parts.iter().zip(parts.iter().skip(1)).map(|(a, b)| nearest_points(a, b)).collect();
    let mut out = Ring::new();
    let mut way_back: Vec<Ring> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let arrival = number.checked_sub(1).and_then(|at| bridges.get(at)).map(|bridge| bridge.1);
        let departure = bridges.get(number).map(|bridge| bridge.0);
        match (arrival, departure) {
            (Some(arrival), Some(departure)) => {
                let (there, back) = pass_through(part, arrival, departure);
                out.extend(there);
                way_back.push(back);
            }
            (start, end) => out.extend(closed_from(part, start.or(end).unwrap_or(0))),
        }
    }
    out.extend(way_back.into_iter().rev().flatten());
    out
}

/// The ring from its point number `start` on; this point is repeated at the end.
fn closed_from(ring: &[Coord<f64>], start: usize) -> Ring {
    ring.iter().cycle().skip(start).take(ring.len() + 1).copied().collect()
}

/// Splits a middle part at the point where the ring arrives and the point where it leaves: the
/// points for the way out, and the points for the way back. The part is reversed if the ring
/// leaves at an earlier point than it arrives at.
fn pass_through(part: &[Coord<f64>], arrival: usize, departure: usize) -> (Ring, Ring) {
    let reversed: Ring;
    let (ring, start) = if arrival > departure {
        reversed = part.iter().rev().copied().collect();
        (reversed.as_slice(), part.len() - 1 - arrival)
    } else {
        (part, arrival)
    };
    let mut there = closed_from(ring, start);
    let steps = arrival.abs_diff(departure);
    let back = there.split_off(steps);
    there.extend(back.first().copied());
    (there, back)
}

/// The indices of the two nearest points. If several pairs are equally near, it is the first in
/// row order, as `argmin` of numpy has it.
///
/// If two parts have more than [`MOST_PAIRS`] pairs of points, only every second, third, … point
/// is compared, so that the time grows with the number of points, not with its square. The bridge
/// may then be a little longer, but the area of the ring is the same.
pub(super) fn nearest_points(left: &[Coord<f64>], right: &[Coord<f64>]) -> (usize, usize) {
    let pairs = left.len().saturating_mul(right.len());
    let step = (pairs.div_ceil(MOST_PAIRS) as f64).sqrt().ceil() as usize;
    let thinned = |ring: &[Coord<f64>]| -> Vec<(usize, Coord<f64>)> {
        ring.iter().copied().enumerate().step_by(step.max(1)).collect()
    };
    let (left, right) = (thinned(left), thinned(right));
    let mut best = (0, 0);
    let mut best_distance = f64::INFINITY;
    for &(i, a) in &left {
        for &(j, b) in &right {
            let (dx, dy) = (a.x - b.x, a.y - b.y);
            let distance = dx * dx + dy * dy;
            if distance < best_distance {
                (best, best_distance) = ((i, j), distance);
            }
        }
    }
    best
}

/// The number of pairs of two parts of 4096 points each.
const MOST_PAIRS: usize = 1 << 24;

/// Whether a shape is one rectangle along the axes. A format that only has rings writes boxes in
/// this way, from any corner and in either direction.
pub fn is_drawn_box(parts: &[Polygon]) -> bool {
    let [Polygon { exterior, holes }] = parts else { return false };
    let [a, b, c, d] = open(exterior) else { return false };
    let (is_across, is_down) =
        (|p: &Coord<f64>, q: &Coord<f64>| p.y == q.y, |p: &Coord<f64>, q: &Coord<f64>| p.x == q.x);
    holes.is_empty()
        && ((is_across(a, b) && is_down(b, c) && is_across(c, d) && is_down(d, a))
            || (is_down(a, b) && is_across(b, c) && is_down(c, d) && is_across(d, a)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ring(points: &[(f64, f64)]) -> Ring {
        points.iter().map(|&(x, y)| Coord { x, y }).collect()
    }

    fn square(x: f64, y: f64, side: f64) -> Ring {
        ring(&[(x, y), (x + side, y), (x + side, y + side), (x, y + side)])
    }

    #[test]
    fn a_hole_is_not_area() {
        let polygon =
            Polygon { exterior: square(0.0, 0.0, 10.0), holes: vec![square(2.0, 2.0, 3.0)] };
        assert_eq!(polygon.area(), 91.0);
        assert_eq!(Polygon::default().area(), 0.0);
    }

    #[test]
    fn opening_drops_only_a_repeated_last_point() {
        let closed = ring(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)]);
        assert_eq!(open(&closed).len(), 3);
        assert_eq!(open(&closed[..3]).len(), 3);
        assert_eq!(open(&closed[..1]).len(), 1);
        assert_eq!(open(&ring(&[(0.0, 0.0), (0.0, 0.0)])).len(), 2);
    }

    #[test]
    fn the_parts_of_any_size_are_joined_soon() {
        let line = |x: f64, count: u32| -> Ring {
            (0..count).map(|at| Coord { x, y: f64::from(at) }).collect()
        };
        assert_eq!(nearest_points(&line(0.0, 1000), &line(3.0, 900)[500..]), (500, 0));
        let (left, right) = (line(0.0, 300_000), line(3.0, 200_000));
        assert_eq!(nearest_points(&left, &right), (0, 0));
        assert_eq!(join(&[&left, &right]).len(), 500_002);
    }

    #[test]
    fn clipping_cuts_at_the_border() {
        let size = Size { width: 10, height: 10 };
        let cut = clip(&square(-2.0, 3.0, 4.0), size);
        assert_eq!(Polygon::from_ring(cut.clone()).area(), 8.0);
        assert!(!leaves(&cut, size));
        assert!(clip(&square(20.0, 3.0, 4.0), size).is_empty());
        assert_eq!(clip(&square(1.0, 1.0, 4.0), size), square(1.0, 1.0, 4.0));
    }

    /// Worked by hand from the rule, and equal to what Ultralytics 8.4.190 returns.
    #[test]
    fn joining_three_parts_walks_out_and_back() {
        let (a, b, c) = (square(0.0, 0.0, 2.0), square(4.0, 0.0, 2.0), square(8.0, 0.0, 2.0));
        let joined = join(&[&a, &b, &c]);
        let expected = ring(&[
            (2.0, 0.0),
            (2.0, 2.0),
            (0.0, 2.0),
            (0.0, 0.0),
            (2.0, 0.0),
            (4.0, 0.0),
            (6.0, 0.0),
            (8.0, 0.0),
            (10.0, 0.0),
            (10.0, 2.0),
            (8.0, 2.0),
            (8.0, 0.0),
            (6.0, 0.0),
            (6.0, 2.0),
            (4.0, 2.0),
            (4.0, 0.0),
        ]);
        assert_eq!(joined, expected);
        assert_eq!(join(&[&a]), a);
        assert!(join(&[]).is_empty());
    }

    #[test]
    fn a_middle_part_that_is_left_before_it_is_entered_is_walked_backwards() {
        let (a, b, c) = (square(8.0, 0.0, 2.0), square(4.0, 0.0, 2.0), square(0.0, 0.0, 2.0));
        let joined = join(&[&a, &b, &c]);
        let middle = &joined[5..7];
        assert_eq!(middle, ring(&[(6.0, 0.0), (4.0, 0.0)]));
        assert_eq!(joined.len(), 5 + 2 + 5 + 4);
    }

    proptest! {
        #[test]
        fn a_clipped_ring_stays_inside_and_never_grows(
            points in prop::collection::vec((-50.0..150.0f64, -50.0..150.0f64), 3..12),
        ) {
            let size = Size { width: 100, height: 80 };
            let clipped = clip(&ring(&points), size);
            let slack = 1e-9;
            prop_assert!(clipped.iter().all(|p| p.x >= -slack && p.x <= 100.0 + slack));
            prop_assert!(clipped.iter().all(|p| p.y >= -slack && p.y <= 80.0 + slack));
            prop_assert_eq!(clip(&clipped, size), clipped.clone());
        }

        #[test]
        fn joining_keeps_every_point_of_every_part(
            parts in prop::collection::vec(
                prop::collection::vec((0.0..100.0f64, 0.0..100.0f64), 3..8), 1..6),
        ) {
            let rings: Vec<Ring> = parts.iter().map(|points| ring(points)).collect();
            let joined = join(&rings.iter().map(Vec::as_slice).collect::<Vec<_>>());
            for point in rings.iter().flatten() {
                prop_assert!(joined.contains(point));
            }
        }
    }
}
