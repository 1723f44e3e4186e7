//! All parts of an object as one ring.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "indexes are of lists that this module makes"
)]

use super::bridges::{self, Parts};
use super::weave::{Bridge, weave};
use super::{Coord, Inset, Polygon, Ring, polygon};

/// What the parts of an object are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Made {
    /// Polygons as they were stated. Their points stay as they are; bridges lead from point to
    /// point.
    Drawn,
    /// The traced outlines of a mask ([`super::Rle::trace_around`]), to be moved inside; bridges may
    /// begin within an edge.
    Traced(Inset),
}

/// One ring that goes along the outlines and holes of all parts, which must not overlap. It has their
/// area: a hole is left out, and bridges, which lead there and back, have none.
///
/// - Two drawn parts are joined as [`polygon::join`] does it.
/// - Of all others, the nearest parts are connected, in all by the shortest bridges.
/// - A hole is connected with its outline by a straight bridge within the part.
///
/// Where the parts are the traced outlines of a mask and are moved inside ([`Inset`]), OpenCV's
/// `fillPoly` paints the mask's pixels again, and one line a pixel wide for each bridge between parts
/// that do not touch. Parts whose pixels touch at a corner need no other pixel.
pub fn one_ring(parts: &[&Polygon], made: Made) -> Ring {
    match (parts, made) {
        ([], _) => return Ring::new(),
        ([only], Made::Drawn) if only.holes.is_empty() => return only.exterior.clone(),
        ([one, other], Made::Drawn) if one.holes.is_empty() && other.holes.is_empty() => {
            return polygon::join(&[&one.exterior, &other.exterior]);
        }
        _ => {}
    }
    let bridges = match made {
        Made::Drawn => Vec::new(),
        Made::Traced(_) => Rings::of(parts).parts().touching(),
    };
    match made {
        Made::Traced(inset) if inset != Inset::NONE => {
            let moved: Vec<Polygon> = parts.iter().map(|part| inset.apply(part)).collect();
            connected(&Rings::of(&moved.iter().collect::<Vec<_>>()), bridges, true)
        }
        _ => connected(&Rings::of(parts), bridges, made != Made::Drawn),
    }
}

/// The rings of all parts, open, those of a part one after the other, the outline first.
struct Rings<'a> {
    rings: Vec<&'a [Coord<f64>]>,
    part_of: Vec<usize>,
    count: usize,
}

impl<'a> Rings<'a> {
    fn of(parts: &[&'a Polygon]) -> Self {
        let mut own = Self { rings: Vec::new(), part_of: Vec::new(), count: parts.len() };
        for (number, part) in parts.iter().enumerate() {
            let rings = [&part.exterior].into_iter().chain(&part.holes);
            let rings = rings.map(|ring| polygon::open(ring)).filter(|ring| !ring.is_empty());
            own.rings.extend(rings);
            own.part_of.resize(own.rings.len(), number);
        }
        own
    }

    fn parts(&self) -> Parts<'_> {
        Parts { rings: &self.rings, part_of: &self.part_of, count: self.count }
    }
}

fn connected(own: &Rings, touching: Vec<Bridge>, to_edges: bool) -> Ring {
    // The ends of bridges between parts that touch are points, which were moved.
    let moved = |mut end: super::weave::End| {
        end.point = own.rings[end.ring][end.edge];
        end
    };
    let mut all: Vec<Bridge> =
        touching.into_iter().map(|it| Bridge(moved(it.0), moved(it.1))).collect();
    if own.count > 1 {
        all.extend(own.parts().nearest(&all, to_edges));
    }
    let mut first = 0;
    for rings in own.part_of.chunk_by(|a, b| a == b) {
        let last = first + rings.len();
        all.extend(bridges::of_holes(&own.rings[first..last], first));
        first = last;
    }
    weave(&own.rings, &all)
}

#[cfg(test)]
mod tests {
    use super::super::{Rle, Size};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    type Pixels = BTreeSet<(i64, i64)>;

    /// The pixels that are not `.`, as column and row, and the mask of them.
    fn mask(rows: &[&str]) -> (Pixels, Rle) {
        let (width, height) = (rows[0].len(), rows.len());
        let is_set = |at: usize| rows[at % height].as_bytes()[at / height] != b'.';
        let (mut counts, mut pixels) = (vec![0], Pixels::new());
        for at in 0..width * height {
            // Runs of unset pixels have even numbers.
            if is_set(at) == (counts.len() % 2 == 1) {
                counts.push(0);
            }
            *counts.last_mut().unwrap() += 1;
            if is_set(at) {
                pixels.insert(((at / height) as i64, (at % height) as i64));
            }
        }
        let size = Size { width: width as u32, height: height as u32 };
        (pixels, Rle::new(size, counts).unwrap())
    }

    /// The line between two pixels, by Bresenham's algorithm.
    fn line((x, y): (i64, i64), (to_x, to_y): (i64, i64), out: &mut Pixels) {
        let (dx, dy) = (to_x - x, to_y - y);
        let steps = dx.abs().max(dy.abs());
        for step in 0..=steps {
            let at = |from: i64, way: i64| {
                let twice = 2 * step * way.abs() + steps;
                from + way.signum() * (twice - 1).max(0).checked_div(2 * steps).unwrap_or(0)
            };
            out.insert((at(x, dx), at(y, dy)));
        }
    }

    /// What OpenCV's `fillPoly` paints of a ring whose points were cut to whole numbers: its border,
    /// and of each row what lies between each two edges that it meets.
    fn painted(ring: &[(i64, i64)]) -> Pixels {
        let mut out = Pixels::new();
        let edges: Vec<_> =
            ring.iter().copied().zip(ring.iter().copied().cycle().skip(1)).collect();
        edges.iter().for_each(|(from, to)| line(*from, *to, &mut out));
        let (top, bottom) = (ring.iter().map(|p| p.1).min(), ring.iter().map(|p| p.1).max());
        for y in top.unwrap_or(0)..bottom.unwrap_or(0) {
            let crossed = edges.iter().filter(|(a, b)| (a.1 <= y) != (b.1 <= y));
            let mut columns: Vec<f64> = crossed
                .map(|(a, b)| a.0 as f64 + ((y - a.1) * (b.0 - a.0)) as f64 / (b.1 - a.1) as f64)
                .collect();
            columns.sort_by(f64::total_cmp);
            for pair in columns.chunks_exact(2) {
                let (left, right) = (pair[0].ceil() as i64, pair[1].floor() as i64);
                out.extend((left..=right).map(|x| (x, y)));
            }
        }
        out
    }

    /// Cut to whole numbers, after the numbers were written with so many decimals.
    fn cut(ring: &Ring, size: Size, decimals: Option<i32>) -> Vec<(i64, i64)> {
        let written = |number: f64, side: u32| match decimals {
            Some(decimals) => {
                let unit = 10f64.powi(decimals);
                let fraction = (number / f64::from(side) * unit).round() / unit;
                (fraction as f32 * side as f32) as i64
            }
            None => number as i64,
        };
        ring.iter().map(|p| (written(p.x, size.width), written(p.y, size.height))).collect()
    }

    /// The ways of writing a mask whose pixels are to come back.
    fn ways(size: Size) -> [(Inset, Option<i32>); 4] {
        [
            (Inset::EXACT, None),
            (Inset::of_fractions(size, 6), Some(6)),
            (Inset::of_fractions(size, 4), Some(4)),
            (Inset::of_fractions(size, 3), Some(3)),
        ]
    }

    /// How many pixels a mask has too few and too many after it was painted again.
    fn differences(rows: &[&str]) -> Vec<(usize, usize)> {
        let (pixels, mask) = mask(rows);
        let traced = mask.trace_around();
        let parts: Vec<&Polygon> = traced.iter().collect();
        let repainted = |(inset, decimals): (Inset, Option<i32>)| {
            let ring = one_ring(&parts, Made::Traced(inset));
            let painted = painted(&cut(&ring, mask.size(), decimals));
            (pixels.difference(&painted).count(), painted.difference(&pixels).count())
        };
        ways(mask.size()).map(repainted).to_vec()
    }

    #[test]
    fn masks_come_back_as_they_were_painted() {
        let cases: [(&[&str], usize); 12] = [
            (&["x"], 0),
            (&["...", ".x.", "..."], 0),
            (&["xxxx"], 0),
            (&["xxx", "x.x", "xxx"], 0),
            (&["x.", ".x"], 0),
            (&["x.x", ".x.", "x.x"], 0),
            (&["xxxx", "x.xx", "xx.x", "xxxx"], 0),
            (&[".x.", "xxx", ".x."], 0),
            (&["xxxxxx", "x.x.xx", "xxxxxx", "x..x.x", "xxxxxx"], 0),
            (&["xxxxx", "x...x", "x.x.x", "x...x", "xxxx."], 1),
            (&["x..x"], 2),
            (&["x....", ".....", "x...x", ".....", "x...."], 1 + 1 + 3),
        ];
        for (rows, bridges) in cases {
            for found in differences(rows) {
                assert_eq!(found, (0, bridges), "{rows:?}");
            }
        }
    }

    /// The rings of masks have their area, and go along all holes.
    #[test]
    fn a_keyhole_ring_has_the_area_of_its_mask() {
        let (pixels, mask) = mask(&["xxxxx", "x.x.x", "xxxxx", "x...x", "xxxxx"]);
        let traced = mask.trace();
        let ring = one_ring(&traced.iter().collect::<Vec<_>>(), Made::Traced(Inset::NONE));
        let polygon = Polygon::from_ring(ring);
        assert_eq!(
            (polygon.area(), polygon.painted_area()),
            (pixels.len() as f64, pixels.len() as f64)
        );
        assert!(polygon.exterior.iter().all(|p| p.x.fract() == 0.0 && p.y.fract() == 0.0));
    }

    #[test]
    fn the_nearest_parts_are_joined() {
        let square = |x: f64, y: f64| {
            let corners = [(x, y), (x + 2.0, y), (x + 2.0, y + 2.0), (x, y + 2.0)];
            Polygon::from_ring(corners.map(|(x, y)| Coord { x, y }).to_vec())
        };
        // In their order, the way from the second to the third would be the long one.
        let parts = [square(0.0, 0.0), square(90.0, 0.0), square(4.0, 0.0), square(87.0, 0.0)];
        let ring = one_ring(&parts.iter().collect::<Vec<_>>(), Made::Drawn);
        let steps = ring.iter().zip(ring.iter().cycle().skip(1));
        let length: f64 = steps.map(|(a, b)| (a.x - b.x).abs() + (a.y - b.y).abs()).sum();
        assert_eq!(length, 4.0 * 8.0 + 2.0 * (2.0 + 81.0 + 1.0));
        assert_eq!(Polygon::from_ring(ring).painted_area(), 16.0);
    }

    #[test]
    fn parts_and_holes_of_any_number_are_joined_soon() {
        let grid: Vec<String> = (0..300)
            .map(|y| (0..300).map(|x| if x % 4 < 2 && y % 4 < 2 { 'x' } else { '.' }).collect())
            .collect();
        let inverse: Vec<String> = grid
            .iter()
            .map(|row| row.chars().map(|it| if it == 'x' { '.' } else { 'x' }).collect())
            .collect();
        for (rows, rings) in [(grid, 5625), (inverse, 5626)] {
            let (_, mask) = mask(&rows.iter().map(String::as_str).collect::<Vec<_>>());
            let traced = mask.trace();
            assert!(traced.iter().map(|part| 1 + part.holes.len()).sum::<usize>() <= rings);
            let ring = one_ring(&traced.iter().collect::<Vec<_>>(), Made::Traced(Inset::EXACT));
            let points: usize = traced.iter().map(|part| part.exterior.len()).sum();
            assert!(ring.len() > points);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn no_pixel_is_lost_and_one_part_gains_none(
            width in 1usize..14, height in 1usize..14,
            pixels in prop::collection::vec(prop::sample::select(vec!['.', 'x', 'x']), 196),
        ) {
            let rows: Vec<String> = (0..height)
                .map(|row| pixels[row * width..][..width].iter().collect())
                .collect();
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            let (pixels, mask) = mask(&rows);
            // Parts that touch nowhere need a bridge, whose pixels are painted.
            let groups = groups(&pixels);
            for (lost, gained) in differences(&rows) {
                prop_assert_eq!(lost, 0);
                prop_assert!(groups > 1 || gained == 0, "{} painted", gained);
                prop_assert!(gained <= groups.saturating_sub(1) * width.max(height));
            }
            prop_assert!(mask.trace().len() >= groups);
        }
    }

    /// How many groups of pixels there are that touch by an edge or a corner.
    fn groups(pixels: &Pixels) -> usize {
        let (mut left, mut count) = (pixels.clone(), 0);
        while let Some(first) = left.pop_first() {
            count += 1;
            let mut open = vec![first];
            while let Some((x, y)) = open.pop() {
                let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy)));
                open.extend(around.filter(|pixel| left.remove(pixel)));
            }
        }
        count
    }
}
