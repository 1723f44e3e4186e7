//! Polygons as pixels, by the rule of pycocotools.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "coordinates are below 2^32 fifths of a pixel, numbers of pixels below 2^64"
)]

use super::{Coord, Polygon, Rle, Size, polygon};

/// Where a ring may reach, in pixels from the origin.
const FARTHEST: f64 = (1_u32 << 28) as f64;

/// The pixels that pycocotools paints of polygons, each over the others; `None` where a coordinate is
/// not finite or very far away, or where the image has no pixels.
///
/// Source of the rule: `rleFrPoly` in `maskApi.c` of pycocotools. Points are rounded to fifths of a pixel.
/// Where the ring crosses the middle of a column, the pixels from there on downwards are turned from
/// unset to set, or back.
pub fn paint(parts: &[Polygon], size: Size) -> Option<Rle> {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for part in parts {
        let mut turns = Vec::new();
        for ring in [&part.exterior].into_iter().chain(&part.holes) {
            let ring = polygon::open(ring);
            if !ring.iter().all(|p| p.x.abs() <= FARTHEST && p.y.abs() <= FARTHEST) {
                return None;
            }
            let next = ring.iter().cycle().skip(1);
            ring.iter().zip(next).for_each(|(from, to)| cross(*from, *to, size, &mut turns));
        }
        turns.sort_unstable();
        let pairs = turns.as_chunks::<2>().0.iter().filter(|[start, end]| start < end);
        runs.extend(pairs.map(|[start, end]| (*start, *end)));
    }
    runs.sort_unstable();
    Rle::of_runs(size, runs).filter(|_| size.width > 0 && size.height > 0)
}

/// Adds the pixels at which an edge turns its columns, numbered column by column.
fn cross(from: Coord<f64>, to: Coord<f64>, size: Size, turns: &mut Vec<u64>) {
    let fifths = |number: f64| (5.0 * number + 0.5) as i64;
    let [mut from, mut to] = [from, to].map(|p| (fifths(p.x), fifths(p.y)));
    let (dx, dy) = ((to.0 - from.0).abs(), (to.1 - from.1).abs());
    let is_flat = dx >= dy;
    if (is_flat && from.0 > to.0) || (!is_flat && from.1 > to.1) {
        (from, to) = (to, from);
    }
    let slope = if is_flat {
        (to.1 - from.1) as f64 / dx as f64
    } else {
        (to.0 - from.0) as f64 / dy as f64
    };
    let (left, right) = (from.0.min(to.0), from.0.max(to.0));
    // The middle of a column is between its third and its fourth fifth.
    let first = (left - 2).max(0).div_euclid(5) + i64::from((left - 2).max(0) % 5 > 0);
    let last = (right - 3).div_euclid(5).min(i64::from(size.width) - 1);
    for column in first..=last {
        let middle = 5 * column + 2;
        let row = if is_flat {
            let at = |x: i64| (from.1 as f64 + slope * (x - from.0) as f64 + 0.5) as i64;
            at(middle).min(at(middle + 1))
        } else {
            let at = |step: i64| (from.0 as f64 + slope * step as f64 + 0.5) as i64;
            let is_past = |step: i64| (at(step) > middle) == (slope > 0.0);
            from.1 + first_step(dy, is_past) - 1
        };
        let row = ((row as f64 + 0.5) / 5.0 - 0.5).clamp(0.0, f64::from(size.height)).ceil();
        turns.push(column as u64 * u64::from(size.height) + row as u64);
    }
}

/// The first step, up to `last`, from which on something is so.
fn first_step(last: i64, is_so: impl Fn(i64) -> bool) -> i64 {
    let (mut low, mut high) = (0, last);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_so(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Masks as pycocotools 2.0.11 encodes them.
    #[test]
    fn pixels_are_those_of_pycocotools() {
        let cases: [(&[&[f64]], &str); 7] = [
            (&[&[1.0, 1.0, 5.0, 1.0, 5.0, 4.0, 1.0, 4.0]], "93500000W1"),
            (&[&[1.3, 0.7, 8.9, 2.2, 4.4, 7.7]], "a0263M2OM2O1O1O7"),
            (&[&[-3.5, -2.0, 12.0, 3.3, 4.0, 20.5]], "0P11WO001O00001O"),
            (
                &[
                    &[0.0, 0.0, 6.0, 0.0, 6.0, 6.0, 0.0, 6.0],
                    &[3.0, 3.0, 9.0, 3.0, 9.0, 7.5, 3.0, 7.5],
                ],
                "0620000b01]O00005",
            ),
            (&[&[2.0, 1.0, 8.0, 7.0, 8.0, 1.0, 2.0, 7.0]], "a054N2N10O2N2>"),
            (&[&[1.0, 1.0, 1.0, 9.0, 1.2, 5.0]], "`2"),
            (&[&[20.0, 20.0, 30.0, 20.0, 30.0, 30.0]], "`2"),
        ];
        let size = Size { width: 10, height: 8 };
        for (rings, expected) in cases {
            let ring = |ring: &&[f64]| {
                let (points, _) = ring.as_chunks::<2>();
                Polygon::from_ring(points.iter().map(|[x, y]| Coord { x: *x, y: *y }).collect())
            };
            let parts: Vec<Polygon> = rings.iter().map(ring).collect();
            assert_eq!(paint(&parts, size).unwrap().to_compressed(), expected, "{rings:?}");
        }
    }

    #[test]
    fn what_is_far_away_or_no_number_is_not_painted() {
        let size = Size { width: 10, height: 8 };
        for x in [f64::NAN, f64::INFINITY, -1e300, 1e9] {
            let points = [(0.0, 0.0), (x, 5.0), (5.0, 5.0)];
            let ring = points.map(|(x, y)| Coord { x, y }).to_vec();
            assert_eq!(paint(&[Polygon::from_ring(ring)], size), None, "{x}");
        }
        let wide = [(-1e8, 0.0), (1e8, 0.0), (1e8, 8.0), (-1e8, 8.0)];
        let ring = wide.map(|(x, y)| Coord { x, y }).to_vec();
        assert_eq!(paint(&[Polygon::from_ring(ring)], size).unwrap().area(), 80);
    }
}
