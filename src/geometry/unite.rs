//! Parts of one object that overlap or lie in each other, as the area that they cover together.
//!
//! A painter of one ring counts how often a pixel is surrounded: what two parts cover is outside
//! again. pycocotools paints each part, one over the other.

use super::{Coord, Polygon, Ring, polygon};
use geo::{Area, BooleanOps, LineString, MultiPolygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, Envelope, PointDistance, RTree, RTreeObject};
use std::borrow::Cow;

/// Two parts that have less in common, in square pixels, are taken to touch only.
const LEAST_OVERLAP: f64 = 0.01;

/// The most pairs of parts whose boxes overlap that are looked at one by one. With more, all of
/// these parts are united.
const MOST_PAIRS: usize = 20_000;

/// The parts of an object so that none overlaps another: those that do are united, the others
/// stay as they are, down to the digits, in their order.
pub fn overlapping<'a>(parts: Vec<Cow<'a, Polygon>>) -> Vec<Cow<'a, Polygon>> {
    let pairs = pairs(&parts);
    if pairs.is_empty() {
        return parts;
    }
    let shapes: Vec<geo::Polygon> = parts.iter().map(|part| shape(part)).collect();
    let groups = groups(pairs, &shapes);
    if groups.len() == parts.len() {
        return parts;
    }
    let mut parts: Vec<Option<Cow<'a, Polygon>>> = parts.into_iter().map(Some).collect();
    let mut take = |number: &usize| parts.get_mut(*number).and_then(Option::take);
    let mut apart = Vec::new();
    for group in groups {
        let own: Vec<Cow<'a, Polygon>> = group.iter().filter_map(&mut take).collect();
        let own_shapes = group.iter().filter_map(|number| shapes.get(*number));
        match own.len() {
            0 | 1 => apart.extend(own),
            _ => apart.extend(united(&own, own_shapes).into_iter().map(Cow::Owned)),
        }
    }
    apart
}

fn shape(part: &Polygon) -> geo::Polygon {
    let holes = part.holes.iter().map(|ring| LineString(ring.clone())).collect();
    geo::Polygon::new(LineString(part.exterior.clone()), holes)
}

/// The numbers of the parts that overlap each other, directly or through others.
fn groups(pairs: Vec<(usize, usize)>, shapes: &[geo::Polygon]) -> Vec<Vec<usize>> {
    let is_long = pairs.len() > MOST_PAIRS;
    let mut group_of: Vec<usize> = (0..shapes.len()).collect();
    let mut groups: Vec<Vec<usize>> = (0..shapes.len()).map(|number| vec![number]).collect();
    for (one, other) in pairs {
        let (Some(&a), Some(&b)) = (group_of.get(one), group_of.get(other)) else { continue };
        let (Some(first), Some(second)) = (shapes.get(one), shapes.get(other)) else { continue };
        if a == b || !(is_long || overlap(first, second)) {
            continue;
        }
        let size = |group: usize| groups.get(group).map_or(0, Vec::len);
        let (kept, gone) = if size(a) < size(b) { (b, a) } else { (a, b) };
        let moved = groups.get_mut(gone).map(std::mem::take).unwrap_or_default();
        for number in &moved {
            if let Some(group) = group_of.get_mut(*number) {
                *group = kept;
            }
        }
        if let Some(group) = groups.get_mut(kept) {
            group.extend(moved);
        }
    }
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups.retain(|group| !group.is_empty());
    groups.sort();
    groups
}

/// The pairs of parts whose boxes overlap.
fn pairs(parts: &[Cow<Polygon>]) -> Vec<(usize, usize)> {
    let bbox = |(number, part): (usize, &Cow<Polygon>)| {
        let [left, top, right, bottom] = polygon::bounds(&part.exterior)?.corners();
        let rectangle = Rectangle::from_corners([left, top], [right, bottom]);
        Some(GeomWithData::new(rectangle, number))
    };
    let boxes: Vec<_> = parts.iter().enumerate().filter_map(bbox).collect();
    if let [one, other] = boxes.as_slice() {
        let is_pair = one.geom().envelope().intersects(&other.geom().envelope());
        return if is_pair { vec![(one.data, other.data)] } else { Vec::new() };
    }
    let tree = RTree::bulk_load(boxes.clone());
    let mut pairs = Vec::new();
    for own in &boxes {
        let envelope = AABB::from_corners(own.geom().lower(), own.geom().upper());
        let others = tree.locate_in_envelope_intersecting(&envelope).map(|other| other.data);
        let mut others: Vec<usize> = others.filter(|other| *other > own.data).collect();
        others.sort_unstable();
        pairs.extend(others.into_iter().map(|other| (own.data, other)));
    }
    pairs
}

fn overlap(one: &geo::Polygon, other: &geo::Polygon) -> bool {
    one.intersection(other).unsigned_area() > LEAST_OVERLAP
}

/// What some parts cover together. Two at a time are united, so that no part is gone through more
/// often than the number of parts has digits.
fn united<'s>(
    parts: &[Cow<Polygon>],
    shapes: impl Iterator<Item = &'s geo::Polygon>,
) -> Vec<Polygon> {
    let mut all: Vec<MultiPolygon> =
        shapes.map(|shape| MultiPolygon(vec![shape.clone()])).collect();
    while all.len() > 1 {
        let unite = |pair: &[MultiPolygon]| match pair {
            [one, other] => one.union(other),
            _ => pair.first().cloned().unwrap_or_else(|| MultiPolygon(Vec::new())),
        };
        all = all.chunks(2).map(unite).collect();
    }
    let stated = Stated::new(parts);
    let polygon = |shape: &geo::Polygon| Polygon {
        exterior: stated.ring(shape.exterior()),
        holes: shape.interiors().iter().map(|hole| stated.ring(hole)).collect(),
    };
    all.iter().flat_map(|shapes| shapes.iter().map(polygon)).collect()
}

/// The points of parts. The union moves them to a grid of its own, finer than a millionth of their
/// extent; here they get their numbers back.
struct Stated {
    points: RTree<[f64; 2]>,
    tolerance: f64,
}

impl Stated {
    fn new(parts: &[Cow<Polygon>]) -> Self {
        let rings = parts.iter().flat_map(|part| [&part.exterior].into_iter().chain(&part.holes));
        let points: Vec<[f64; 2]> = rings.flatten().map(|point| [point.x, point.y]).collect();
        let most = points.iter().flatten().fold(0.0, |most: f64, number| most.max(number.abs()));
        Self { points: RTree::bulk_load(points), tolerance: most * 1e-7 }
    }

    fn ring(&self, ring: &LineString) -> Ring {
        polygon::open(&ring.0).iter().map(|point| self.point(*point)).collect()
    }

    fn point(&self, point: Coord<f64>) -> Coord<f64> {
        let asked = [point.x, point.y];
        let nearest = self.points.nearest_neighbor(&asked);
        let own = nearest.filter(|it| it.distance_2(&asked) <= self.tolerance * self.tolerance);
        own.map_or(point, |[x, y]| Coord { x: *x, y: *y })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(points: &[(f64, f64)]) -> Polygon {
        Polygon::from_ring(points.iter().map(|&(x, y)| Coord { x, y }).collect())
    }

    fn square(x: f64, y: f64, side: f64, is_reversed: bool) -> Polygon {
        let mut square = part(&[(x, y), (x + side, y), (x + side, y + side), (x, y + side)]);
        if is_reversed {
            square.exterior.reverse();
        }
        square
    }

    fn area(parts: &[Polygon]) -> (usize, f64) {
        let united = overlapping(parts.iter().map(Cow::Borrowed).collect());
        (united.len(), united.iter().map(|part| part.area()).sum())
    }

    #[test]
    fn parts_that_overlap_are_united_in_any_direction() {
        for is_reversed in [false, true] {
            let first = square(0.0, 0.0, 80.0, is_reversed);
            let cases = [
                (square(20.0, 20.0, 30.0, false), (1, 6400.0)),
                (square(60.0, 60.0, 40.0, false), (1, 6400.0 + 1600.0 - 400.0)),
                (square(80.0, 0.0, 10.0, false), (2, 6500.0)),
                (square(80.0, 80.0, 10.0, false), (2, 6500.0)),
                (square(200.0, 0.0, 10.0, false), (2, 6500.0)),
            ];
            for (second, (count, expected)) in cases {
                let (found, total) = area(&[first.clone(), second.clone()]);
                assert_eq!(found, count, "{second:?}");
                assert!((total - expected).abs() < 1e-3, "{second:?}: {total}");
            }
        }
    }

    #[test]
    fn points_keep_their_digits() {
        let third = 1.0 / 3.0;
        let (one, other) = (square(third, third, 10.1, false), square(5.7, 5.7, 9.9, true));
        let apart = square(70.0 + third, 3.3, 5.5, true);
        let parts = [&one, &apart, &other].map(Cow::Borrowed);
        let united = overlapping(parts.to_vec());
        assert_eq!(united.len(), 2);
        assert_eq!(*united[1], apart);
        let stated = one.exterior.iter().chain(&other.exterior);
        let kept = stated.filter(|point| united[0].exterior.contains(point)).count();
        assert_eq!((kept, united[0].exterior.len()), (6, 8));
    }

    #[test]
    fn bars_around_a_hole_are_one_part_with_a_hole() {
        let bar = |x, y, w, h| part(&[(x, y), (x + w, y), (x + w, y + h), (x, y + h)]);
        let bars = [
            bar(0.0, 0.0, 50.0, 10.0),
            bar(0.0, 0.0, 10.0, 50.0),
            bar(40.0, 0.0, 10.0, 50.0),
            bar(0.0, 40.0, 50.0, 10.0),
        ];
        let united = overlapping(bars.iter().map(Cow::Borrowed).collect());
        assert_eq!((united.len(), united[0].holes.len()), (1, 1));
        assert!((united[0].area() - 1600.0).abs() < 1e-6);
    }

    #[test]
    fn thousands_of_parts_that_lie_in_each_other_are_one() {
        let parts: Vec<Polygon> = (0..1000u32)
            .map(|at| square(f64::from(at), f64::from(at), 3000.0, at % 2 == 0))
            .collect();
        assert_eq!(area(&parts).0, 1);
    }
}
