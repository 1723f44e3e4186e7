//! The area that a ring paints.

use super::polygon::open;
use super::{Coord, Polygon, Ring};
use std::collections::HashMap;

/// Up to so many comparisons of loops with points it is looked at which loops lie in others.
const MOST_STEPS: usize = 1 << 26;

impl Polygon {
    /// The area of what the outline paints. A ring that joins several parts by bridges, or an outline
    /// and a hole, comes back to points where it was before: it is one loop for each part. A loop in
    /// another one is a hole in it. All other rings have the same area as by [`Polygon::area`], and so
    /// have those of very many loops, where holes go in the other direction as they do in our rings.
    ///
    /// ```
    /// use annoconv::geometry::{Coord, Polygon};
    /// // Two squares of 2 by 2, one clockwise, one not, joined by a bridge.
    /// let ring = [(0, 0), (2, 0), (2, 2), (0, 2), (0, 0), (-4, 0), (-6, 0), (-6, 2), (-4, 2), (-4, 0)];
    /// let ring = ring.map(|(x, y)| Coord { x: f64::from(x), y: f64::from(y) }).to_vec();
    /// let polygon = Polygon::from_ring(ring);
    /// assert_eq!((polygon.area(), polygon.painted_area()), (0.0, 8.0));
    /// ```
    pub fn painted_area(&self) -> f64 {
        let loops = loops(&self.exterior);
        let steps = loops.len().saturating_mul(self.exterior.len());
        if loops.len() < 2 || steps > MOST_STEPS || !self.holes.is_empty() {
            return self.area();
        }
        let area = |ring: &Ring| Self::from_ring(ring.clone()).area();
        let sign =
            |number: usize, ring: &Ring| if is_hole(&loops, number, ring) { -1.0 } else { 1.0 };
        loops.iter().enumerate().map(|(number, ring)| sign(number, ring) * area(ring)).sum()
    }
}

/// The simple loops of a ring: it is cut wherever it comes back to a point. Bridges, which lead there
/// and back, leave none.
fn loops(ring: &[Coord<f64>]) -> Vec<Ring> {
    let key = |point: &Coord<f64>| [(point.x + 0.0).to_bits(), (point.y + 0.0).to_bits()];
    let mut path = Ring::new();
    let mut places: HashMap<[u64; 2], usize> = HashMap::new();
    let mut loops = Vec::new();
    let mut close = |own: Ring| {
        if own.len() > 2 {
            loops.push(own);
        }
    };
    for point in open(ring) {
        if let Some(&at) = places.get(&key(point)) {
            let own = path.split_off(at);
            for point in &own {
                places.remove(&key(point));
            }
            close(own);
        }
        places.insert(key(point), path.len());
        path.push(*point);
    }
    close(path);
    loops
}

/// Whether a loop lies in an odd number of others.
fn is_hole(loops: &[Ring], number: usize, ring: &Ring) -> bool {
    let [first, second, ..] = ring.as_slice() else { return false };
    // The points may be those of the bridge, which are points of the other loop, too.
    let point = Coord { x: f64::midpoint(first.x, second.x), y: f64::midpoint(first.y, second.y) };
    let others = loops.iter().enumerate().filter(|(other, _)| *other != number);
    others.filter(|(_, other)| contains(other, point)).count() % 2 == 1
}

/// Whether a point lies in a ring, by the number of edges that are crossed on the way out.
fn contains(ring: &Ring, point: Coord<f64>) -> bool {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    let crosses = |(a, b): &(&Coord<f64>, &Coord<f64>)| {
        let is_between = (a.y > point.y) != (b.y > point.y);
        is_between && point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x
    };
    edges.filter(crosses).count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Made, one_ring, polygon};

    fn square(x: f64, y: f64, side: f64, is_reversed: bool) -> Ring {
        let mut ring: Ring = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
            .map(|(x, y)| Coord { x, y })
            .to_vec();
        if is_reversed {
            ring.reverse();
        }
        ring
    }

    #[test]
    fn joined_parts_have_the_area_of_all_of_them() {
        for reversed in [[false, false, false], [false, true, false], [true, true, false]] {
            let [one, two, three] = reversed;
            let parts = [
                square(0.0, 0.0, 10.0, one),
                square(30.0, 3.0, 5.0, two),
                square(60.0, 0.0, 2.0, three),
            ];
            for count in 1..=3 {
                let rings: Vec<&[Coord<f64>]> = parts[..count].iter().map(Vec::as_slice).collect();
                let joined = Polygon::from_ring(polygon::join(&rings));
                let expected = [100.0, 125.0, 129.0][count - 1];
                assert!((joined.painted_area() - expected).abs() < 1e-9, "{reversed:?} {count}");
            }
        }
    }

    #[test]
    fn many_holes_and_very_many_holes_are_no_area() {
        for count in [20, 120] {
            let side = f64::from(2 * count + 1);
            let place = |at: u32| f64::from(2 * at + 1);
            let holes = (0..count)
                .flat_map(|x| (0..count).map(move |y| square(place(x), place(y), 1.0, true)));
            let outline = square(0.0, 0.0, side, false);
            let part = Polygon { exterior: outline, holes: holes.collect() };
            let ring = Polygon::from_ring(one_ring(&[&part], Made::Drawn));
            assert_eq!(ring.painted_area(), side * side - f64::from(count * count));
        }
    }

    #[test]
    fn a_keyhole_is_no_area() {
        for is_reversed in [false, true] {
            let (outer, hole) =
                (square(0.0, 0.0, 20.0, false), square(5.0, 5.0, 10.0, is_reversed));
            let ring = polygon::join(&[&outer, &hole]);
            assert!((Polygon::from_ring(ring).painted_area() - 300.0).abs() < 1e-9);
        }
    }
}
