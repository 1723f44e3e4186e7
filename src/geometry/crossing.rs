//! Whether a ring crosses itself.

use super::{Coord, polygon};
use geo::algorithm::kernels::{Kernel, Orientation, RobustKernel};

/// A side of a ring: its number, its ends, and how far it reaches to the left and right.
#[derive(Clone, Copy)]
struct Side {
    number: usize,
    left: f64,
    right: f64,
    from: Coord<f64>,
    to: Coord<f64>,
}

impl Side {
    fn new(number: usize, from: Coord<f64>, to: Coord<f64>) -> Self {
        Self { number, left: from.x.min(to.x), right: from.x.max(to.x), from, to }
    }
}

/// How many other sides each side is compared with on average before the search stops. In a ring
/// of up to twice as many points, all sides are compared.
const COMPARISONS: usize = 1000;

/// The search stopped: too many sides of the ring lie above one another to compare them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooIntricate;

/// The first two sides of a ring that cross, by the numbers of the points where they start.
///
/// Two sides cross if the ends of each lie on different sides of the line through the other.
/// Sides that only touch, or lie on each other, do not cross: a bridge that joins two parts of an
/// object goes there and back on one line. A ring with a number that is not finite has no
/// crossing.
///
/// # Errors
/// Where a ring of more than 2000 points has more than 1000 sides above one another nearly
/// everywhere, and no crossing was found until then. This limit makes the time grow with the
/// number of points, not with its square.
///
/// ```
/// use annoconv::geometry::{Coord, crossing::first_crossing};
/// let ring = |points: [(f64, f64); 4]| points.map(|(x, y)| Coord { x, y });
/// let square = ring([(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]);
/// let bow_tie = ring([(0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0)]);
/// assert_eq!(first_crossing(&square), Ok(None));
/// assert_eq!(first_crossing(&bow_tie), Ok(Some((0, 2))));
/// ```
pub fn first_crossing(ring: &[Coord<f64>]) -> Result<Option<(usize, usize)>, TooIntricate> {
    let ring = polygon::open(ring);
    if ring.len() < 4 || !ring.iter().all(|point| point.x.is_finite() && point.y.is_finite()) {
        return Ok(None);
    }
    let mut first: Option<(usize, usize)> = None;
    let mut comparisons = 0;
    let sides = sides_from_left(ring);
    for (at, side) in sides.iter().enumerate() {
        let near = sides.iter().skip(at + 1).take_while(|other| other.left <= side.right);
        for other in near.inspect(|_| comparisons += 1).filter(|other| cross(side, other)) {
            let pair = (side.number.min(other.number), side.number.max(other.number));
            first = Some(first.map_or(pair, |first| first.min(pair)));
        }
        if comparisons > COMPARISONS * sides.len() {
            return first.map(Some).ok_or(TooIntricate);
        }
    }
    Ok(first)
}

/// The sides of an open ring, sorted by their left ends.
fn sides_from_left(ring: &[Coord<f64>]) -> Vec<Side> {
    let ends = ring.iter().zip(ring.iter().cycle().skip(1));
    let mut sides: Vec<Side> =
        ends.enumerate().map(|(number, (&from, &to))| Side::new(number, from, to)).collect();
    sides.sort_unstable_by(|a, b| a.left.total_cmp(&b.left));
    sides
}

/// Whether two sides cross, by the sign of exactly computed areas.
fn cross(a: &Side, b: &Side) -> bool {
    let (top, bottom) = (a.from.y.min(a.to.y), a.from.y.max(a.to.y));
    if b.from.y.max(b.to.y) < top || b.from.y.min(b.to.y) > bottom {
        return false;
    }
    // Sides that share an end only touch there.
    if a.to == b.from || b.to == a.from {
        return false;
    }
    let turn = |side: &Side, point| RobustKernel::orient2d(side.from, side.to, point);
    are_opposite(turn(a, b.from), turn(a, b.to)) && are_opposite(turn(b, a.from), turn(b, a.to))
}

fn are_opposite(one: Orientation, other: Orientation) -> bool {
    use Orientation::{Clockwise, CounterClockwise};
    matches!((one, other), (Clockwise, CounterClockwise) | (CounterClockwise, Clockwise))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ring(points: &[(f64, f64)]) -> Vec<Coord<f64>> {
        points.iter().map(|&(x, y)| Coord { x, y }).collect()
    }

    #[test]
    fn touching_is_not_crossing() {
        type Case = (&'static [(f64, f64)], Option<(usize, usize)>);
        let cases: [Case; 6] = [
            (&[(0.0, 0.0), (1.0, 1.0), (0.0, 1.0)], None),
            (&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0)], None),
            // a point on another side
            (&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 0.0), (0.0, 4.0)], None),
            // two squares and the bridge between them
            (
                &[
                    (0.0, 0.0),
                    (1.0, 0.0),
                    (3.0, 0.0),
                    (3.0, 1.0),
                    (4.0, 0.0),
                    (3.0, 0.0),
                    (1.0, 0.0),
                    (0.0, 1.0),
                ],
                None,
            ),
            (&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, -0.1), (0.0, 4.0)], Some((0, 2))),
            (&[(0.0, 0.0), (f64::NAN, 2.0), (2.0, 0.0), (0.0, 2.0)], None),
        ];
        for (points, expected) in cases {
            assert_eq!(first_crossing(&ring(points)), Ok(expected), "{points:?}");
        }
    }

    /// A line that runs from top to bottom and back, a little further to the right each time.
    fn zigzag(count: usize, reach: f64) -> Vec<Coord<f64>> {
        let point = |number| {
            let at = number as f64 / count as f64;
            let bottom = if number % 2 == 0 { 0.0 } else { 100.0 };
            Coord { x: at + reach * bottom, y: bottom }
        };
        (0..count).map(point).chain([Coord { x: 2.0, y: -1.0 }]).collect()
    }

    #[test]
    fn a_ring_is_given_up_before_it_takes_long() {
        assert_eq!(first_crossing(&zigzag(100_000, 0.0)), Ok(None));
        assert_eq!(first_crossing(&zigzag(2_000, 1.0)), Ok(None));
        assert_eq!(first_crossing(&zigzag(100_000, 1.0)), Err(TooIntricate));
        let mut crossed = zigzag(100_000, 1.0);
        crossed.swap(0, 2);
        assert!(matches!(first_crossing(&crossed), Ok(Some(_))));
    }

    proptest! {
        #[test]
        fn a_star_shaped_ring_never_crosses(radii in prop::collection::vec(1.0..9.0f64, 3..40)) {
            prop_assert_eq!(first_crossing(&star(&radii)), Ok(None));
        }

        #[test]
        fn a_convex_ring_crosses_when_two_points_change_places(count in 4usize..40) {
            let mut ring = star(&vec![5.0; count]);
            ring.swap(1, 2);
            prop_assert!(first_crossing(&ring).unwrap().is_some());
        }
    }

    fn star(radii: &[f64]) -> Vec<Coord<f64>> {
        let point = |(at, radius): (usize, &f64)| {
            let angle = at as f64 / radii.len() as f64 * std::f64::consts::TAU;
            Coord { x: radius * angle.cos(), y: radius * angle.sin() }
        };
        radii.iter().enumerate().map(point).collect()
    }
}
