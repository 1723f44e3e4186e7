//! The outline of a mask, along the edges of its pixels.
//!
//! A point is a corner of the outline if one or three of the four pixels around it are set, or if
//! two opposite ones are. On a vertical or horizontal line, the first and the second corner are
//! the ends of an edge, and so are the third and the fourth. So sorting the corners finds all
//! rings. The time grows with the number of runs, not with the size of the mask.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "indexes are of lists that this module makes; coordinates are of a mask's pixels"
)]

use super::polygon::{Polygon, Ring};
use super::{Coord, Rle};
use std::collections::HashMap;

/// Pixels of the same rows in all columns from `left` to `right`; the ends are not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    left: u64,
    right: u64,
    top: u64,
    bottom: u64,
}

/// A point where the outline turns.
struct Corner {
    x: u64,
    y: u64,
    /// A block inside the outline that touches it.
    block: usize,
    /// Whether its vertical edge goes up (else down), and its horizontal edge left (else right).
    goes: [bool; 2],
    /// Whether two opposite pixels around the point are set. There are two corners at the point
    /// then, one for each pixel.
    is_double: bool,
    /// Whether only one of the four pixels around the point is inside.
    is_convex: bool,
}

/// The polygons of a mask, one for each group of pixels that are connected by their edges. They
/// are in the order of their first corners: the leftmost, then the uppermost. Outlines go in
/// positive direction (x right, y down), holes in the other one.
///
/// Rings are simple. With `may_touch` a ring may come back to a corner where two pixels of its part
/// touch, and goes around each of the two there: moved inside, it no longer touches itself.
pub fn polygons(mask: &Rle, may_touch: bool) -> Vec<Polygon> {
    let blocks = blocks(mask);
    let slabs: Vec<&[Block]> = blocks.chunk_by(|a, b| a.left == b.left).collect();
    let part_of = parts(&blocks, &slabs);
    let corners = corners(&slabs);
    let mut polygons: Vec<Polygon> = Vec::new();
    let mut number_of: HashMap<usize, usize> = HashMap::new();
    for (block, mut ring) in rings(&corners, may_touch) {
        // `geo` begins its rings at this corner, too.
        ring.rotate_right(1);
        let number = *number_of.entry(part_of[block]).or_insert_with(|| {
            polygons.push(Polygon::default());
            polygons.len() - 1
        });
        let ring_of = |ring: Vec<(u64, u64)>| {
            ring.into_iter().map(|(x, y)| Coord { x: x as f64, y: y as f64 }).collect::<Ring>()
        };
        match is_positive(&ring) {
            true => polygons[number].exterior = ring_of(ring),
            false => polygons[number].holes.push(ring_of(ring)),
        }
    }
    polygons
}

/// The set pixels as blocks, sorted by column and then from top to bottom.
fn blocks(mask: &Rle) -> Vec<Block> {
    let height = u64::from(mask.size().height);
    let mut blocks: Vec<Block> = Vec::new();
    for block in mask.runs().flat_map(|(start, end)| blocks_of(start, end, height)) {
        match blocks.last_mut() {
            // A run of 0 unset pixels lay between the two.
            Some(last) if last.left == block.left && last.bottom == block.top => {
                last.bottom = block.bottom;
            }
            _ => blocks.push(block),
        }
    }
    blocks
}

/// A run as up to three blocks: its pixels in its first column, all whole columns together, and
/// its pixels in its last column.
fn blocks_of(start: u64, end: u64, height: u64) -> impl Iterator<Item = Block> {
    let (first, last) = (start / height, (end - 1) / height);
    let block = |left, right, top, bottom| Block { left, right, top, bottom };
    let (whole_from, whole_to) = (start.div_ceil(height), end / height);
    let is_within = first == last;
    let bottom = if is_within { end - first * height } else { height };
    let head = block(first, first + 1, start % height, bottom);
    let body = block(whole_from, whole_to, 0, height);
    let tail = block(last, last + 1, 0, end % height);
    [
        (is_within || whole_from > first).then_some(head),
        (!is_within && whole_to > whole_from).then_some(body),
        (!is_within && whole_to == last).then_some(tail),
    ]
    .into_iter()
    .flatten()
}

/// The part to which each block belongs. A part has the number of its first block.
fn parts(blocks: &[Block], slabs: &[&[Block]]) -> Vec<usize> {
    let mut parents: Vec<usize> = (0..blocks.len()).collect();
    let mut start = 0;
    for pair in slabs.windows(2) {
        let [left, right] = [pair[0], pair[1]];
        if left[0].right == right[0].left {
            let (mut one, mut other) = (0, 0);
            while let (Some(a), Some(b)) = (left.get(one), right.get(other)) {
                if a.top < b.bottom && b.top < a.bottom {
                    join(&mut parents, start + one, start + left.len() + other);
                }
                match a.bottom < b.bottom {
                    true => one += 1,
                    false => other += 1,
                }
            }
        }
        start += left.len();
    }
    (0..blocks.len()).map(|block| root(&mut parents, block)).collect()
}

fn root(parents: &mut [usize], mut block: usize) -> usize {
    while parents[block] != block {
        parents[block] = parents[parents[block]];
        block = parents[block];
    }
    block
}

fn join(parents: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(parents, one), root(parents, other));
    parents[one.max(other)] = one.min(other);
}

/// All corners, sorted by column and then from top to bottom. If two corners are at one point,
/// the one whose edge goes up comes first.
fn corners(slabs: &[&[Block]]) -> Vec<Corner> {
    let mut corners = Vec::new();
    let mut before: (usize, &[Block]) = (0, &[]);
    for slab in slabs {
        let start = before.0 + before.1.len();
        let x = slab[0].left;
        let ends = before.1.first().map(|block| block.right);
        match ends {
            Some(end) if end == x => line(x, before, (start, slab), &mut corners),
            Some(end) => {
                line(end, before, (start, &[]), &mut corners);
                line(x, (start, &[]), (start, slab), &mut corners);
            }
            None => line(x, before, (start, slab), &mut corners),
        }
        before = (start, slab);
    }
    if let Some(block) = before.1.first() {
        line(block.right, before, (0, &[]), &mut corners);
    }
    corners
}

/// The corners on the vertical line between two slabs. A slab comes with the number of its first
/// block.
fn line(x: u64, left: (usize, &[Block]), right: (usize, &[Block]), corners: &mut Vec<Corner>) {
    let ends = |block: &Block| [block.top, block.bottom];
    let mut rows: Vec<u64> = left.1.iter().chain(right.1).flat_map(ends).collect();
    rows.sort_unstable();
    rows.dedup();
    let (mut at_left, mut at_right) = (0, 0);
    for y in rows {
        let [nw, sw] = around(left, &mut at_left, y);
        let [ne, se] = around(right, &mut at_right, y);
        let corner =
            |block, goes, is_double, is_convex| Corner { x, y, block, goes, is_double, is_convex };
        match [nw, ne, sw, se] {
            [Some(one), None, None, Some(other)] => {
                corners.push(corner(one, [true, true], true, true));
                corners.push(corner(other, [false, false], true, true));
            }
            [None, Some(one), Some(other), None] => {
                corners.push(corner(one, [true, false], true, true));
                corners.push(corner(other, [false, true], true, true));
            }
            quarters => {
                let count = quarters.iter().flatten().count();
                let goes = [nw.is_some() != ne.is_some(), nw.is_some() != sw.is_some()];
                if let (1 | 3, Some(block)) = (count, quarters.iter().flatten().next()) {
                    corners.push(corner(*block, goes, false, count == 1));
                }
            }
        }
    }
}

/// The blocks of a slab just above and just below a row. `at` is the block to begin with; the rows
/// are asked for from top to bottom.
fn around((first, slab): (usize, &[Block]), at: &mut usize, y: u64) -> [Option<usize>; 2] {
    while slab.get(*at).is_some_and(|block| block.bottom < y) {
        *at += 1;
    }
    let Some(block) = slab.get(*at) else { return [None, None] };
    let number = first + *at;
    [(block.top < y).then_some(number), (block.top <= y && y < block.bottom).then_some(number)]
}

/// All rings. Each comes with a block: an outline goes around it, a hole lies inside its part.
/// Set pixels lie to the right of the direction of each ring (x right, y down).
fn rings(corners: &[Corner], may_touch: bool) -> Vec<(usize, Vec<(u64, u64)>)> {
    let by_column: Vec<usize> = (0..corners.len()).collect();
    let mut by_row = by_column.clone();
    let order = |&at: &usize| (corners[at].y, corners[at].x, !corners[at].goes[1]);
    by_row.sort_unstable_by_key(order);
    let [vertical, horizontal] = [by_column, by_row].map(|order| pairs(&order));
    let mut is_seen = vec![false; corners.len()];
    let mut rings = Vec::new();
    for (start, corner) in corners.iter().enumerate() {
        let mut way = Vec::new();
        let (mut at, mut is_level) = (start, corner.is_convex);
        while !is_seen[at] {
            is_seen[at] = true;
            way.push(&corners[at]);
            at = if is_level { horizontal[at] } else { vertical[at] };
            is_level = !is_level;
        }
        let all = way.iter().map(|corner| (corner.x, corner.y));
        match may_touch {
            true if way.is_empty() => {}
            true => rings.push((corner.block, all.collect())),
            false => simple_rings(&way, |ring| rings.push((corner.block, ring))),
        }
    }
    rings
}

/// The other end of each edge. In `order`, each two corners that follow each other are the ends
/// of one edge.
fn pairs(order: &[usize]) -> Vec<usize> {
    let mut others = vec![0; order.len()];
    for pair in order.chunks_exact(2) {
        others[pair[0]] = pair[1];
        others[pair[1]] = pair[0];
    }
    others
}

/// Cuts a way into several rings wherever it comes back to a point: rings must not touch
/// themselves.
fn simple_rings(way: &[&Corner], mut each: impl FnMut(Vec<(u64, u64)>)) {
    let mut ring: Vec<(u64, u64)> = Vec::new();
    let mut seen: HashMap<(u64, u64), usize> = HashMap::new();
    for corner in way {
        let point = (corner.x, corner.y);
        if corner.is_double {
            if let Some(&at) = seen.get(&point) {
                let cut = ring.split_off(at);
                for point in &cut {
                    seen.remove(point);
                }
                each(cut);
            }
            seen.insert(point, ring.len());
        }
        ring.push(point);
    }
    if !ring.is_empty() {
        each(ring);
    }
}

/// Whether a ring goes in positive direction: then it is an outline, not a hole.
fn is_positive(ring: &[(u64, u64)]) -> bool {
    let next = ring.iter().cycle().skip(1);
    let cross = |((x, y), (next_x, next_y)): (&(u64, u64), &(u64, u64))| {
        i128::from(*x) * i128::from(*next_y) - i128::from(*next_x) * i128::from(*y)
    };
    ring.iter().zip(next).map(cross).sum::<i128>() > 0
}

#[cfg(test)]
mod tests {
    use super::super::Size;
    use super::*;
    use geo::algorithm::bool_ops::unary_union;
    use geo::{Area, Contains};
    use proptest::prelude::*;

    /// A mask of the pixels that are not `.`, in rows.
    fn mask(rows: &[&str]) -> Rle {
        let (width, height) = (rows[0].len(), rows.len());
        let is_set = |at: usize| rows[at % height].as_bytes()[at / height] != b'.';
        let mut counts = vec![0];
        for at in 0..width * height {
            // Runs of unset pixels have even numbers.
            if is_set(at) == (counts.len() % 2 == 1) {
                counts.push(0);
            }
            *counts.last_mut().unwrap() += 1;
        }
        Rle::new(Size { width: width as u32, height: height as u32 }, counts).unwrap()
    }

    fn points(ring: &Ring) -> Vec<[i64; 2]> {
        ring.iter().map(|point| [point.x as i64, point.y as i64]).collect()
    }

    #[test]
    fn parts_touch_at_corners_and_holes_are_theirs() {
        let cases: [(&[&str], &[&[usize]]); 6] = [
            (&["..", ".."], &[]),
            (&["xx", "xx"], &[&[4]]),
            (&["x.", ".x"], &[&[4], &[4]]),
            (&["xxx", "x.x", "xxx"], &[&[4, 4]]),
            (&["xxxx", "x.xx", "xx.x", "xxxx"], &[&[4, 4, 4]]),
            (&["xxxxx", "x...x", "x.x.x", "x...x", "xxxx."], &[&[6, 4], &[4]]),
        ];
        for (rows, expected) in cases {
            let found: Vec<Vec<usize>> = polygons(&mask(rows), false)
                .iter()
                .map(|part| [&part.exterior].into_iter().chain(&part.holes).map(Vec::len).collect())
                .collect();
            assert_eq!(found, expected, "{rows:?}");
        }
    }

    #[test]
    fn holes_go_the_other_way() {
        let found = polygons(&mask(&["xxx", "x.x", "xxx"]), false);
        assert_eq!(points(&found[0].exterior), [[0, 3], [0, 0], [3, 0], [3, 3]]);
        assert_eq!(points(&found[0].holes[0]), [[2, 1], [1, 1], [1, 2], [2, 2]]);
    }

    #[test]
    fn the_finest_pattern_takes_no_longer_than_its_runs() {
        let height = 1 << 15;
        let mask = Rle::new(Size { width: 8, height }, vec![1; 8 << 15]).unwrap();
        assert_eq!(polygons(&mask, false).len(), 1 << 14);
    }

    /// A ring from its least point on, in positive direction. `geo` returns holes in either one.
    fn usual(ring: &Ring) -> Vec<[i64; 2]> {
        let mut ring = points(ring);
        let least = (0..ring.len()).min_by_key(|&at| ring[at]).unwrap();
        ring.rotate_left(least);
        if ring[1][0] == ring[0][0] {
            ring[1..].reverse();
        }
        ring
    }

    /// The exteriors of parts, and their holes, both in order.
    fn rings(parts: &[Polygon]) -> [Vec<Vec<[i64; 2]>>; 2] {
        let mut exteriors: Vec<_> = parts.iter().map(|part| usual(&part.exterior)).collect();
        let mut holes: Vec<_> = parts.iter().flat_map(|part| &part.holes).map(usual).collect();
        exteriors.sort();
        holes.sort();
        [exteriors, holes]
    }

    /// Whether each hole belongs to the innermost part around it. `geo` assigns some holes to
    /// another part beside them.
    fn holes_are_where_they_belong(parts: &[Polygon]) -> bool {
        let filled = |ring: &Ring| geo::Polygon::new(geo::LineString(ring.clone()), Vec::new());
        let exteriors: Vec<geo::Polygon> =
            parts.iter().map(|part| filled(&part.exterior)).collect();
        let innermost = |hole: &Ring| {
            let hole = filled(hole);
            let around = (0..parts.len()).filter(|&at| exteriors[at].contains(&hole));
            around.min_by(|&one, &other| {
                exteriors[one].unsigned_area().total_cmp(&exteriors[other].unsigned_area())
            })
        };
        parts
            .iter()
            .enumerate()
            .all(|(at, part)| part.holes.iter().all(|hole| innermost(hole) == Some(at)))
    }

    /// The union of the blocks, by `geo`.
    fn union(mask: &Rle) -> Vec<Polygon> {
        let rectangle = |block: &Block| {
            let corner = |x: u64, y: u64| Coord { x: x as f64, y: y as f64 };
            geo::Rect::new(corner(block.left, block.top), corner(block.right, block.bottom))
                .to_polygon()
        };
        let rectangles: Vec<geo::Polygon> = blocks(mask).iter().map(rectangle).collect();
        let whole = |point: &Coord<f64>| Coord { x: point.x.round(), y: point.y.round() };
        let ring = |line: &geo::LineString| {
            let points: Ring = line.coords().map(whole).collect();
            super::super::polygon::open(&points).to_vec()
        };
        unary_union(&rectangles)
            .iter()
            .map(|part| Polygon {
                exterior: ring(part.exterior()),
                holes: part.interiors().iter().map(ring).collect(),
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn outlines_are_those_of_the_union_of_all_pixels(
            width in 1usize..12, height in 1usize..12,
            pixels in prop::collection::vec(prop::sample::select(vec!['.', 'x', 'x']), 144),
        ) {
            let rows: Vec<String> = (0..height)
                .map(|row| pixels[row * width..][..width].iter().collect())
                .collect();
            let mask = mask(&rows.iter().map(String::as_str).collect::<Vec<_>>());
            let (traced, expected) = (polygons(&mask, false), union(&mask));
            prop_assert_eq!(rings(&traced), rings(&expected));
            prop_assert!(holes_are_where_they_belong(&traced));
            prop_assert_eq!(
                traced.iter().map(points_of).collect::<Vec<_>>(),
                expected.iter().map(points_of).collect::<Vec<_>>()
            );
        }
    }

    fn points_of(part: &Polygon) -> Vec<[i64; 2]> {
        points(&part.exterior)
    }
}
