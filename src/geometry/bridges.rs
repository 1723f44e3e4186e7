//! Where the rings of one object are connected: a hole with the outline around it, a part with the
//! nearest other one.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "indexes are of lists that this module makes; axes are 0 and 1"
)]

use super::Coord;
use super::polygon::{bounds, nearest_points};
use super::weave::{Bridge, End};
use crate::connected::Groups;
use rstar::{AABB, PointDistance, RTree, RTreeObject};
use std::collections::{BTreeMap, HashMap};

/// An edge of a ring, or a point of it, which is an edge without length.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Edge {
    ring: usize,
    number: usize,
    ends: [Coord<f64>; 2],
}

impl Edge {
    /// The nearest point of the edge.
    fn nearest(&self, to: Coord<f64>) -> Coord<f64> {
        let [from, end] = self.ends;
        let (dx, dy) = (end.x - from.x, end.y - from.y);
        let length = dx * dx + dy * dy;
        let share = ((to.x - from.x) * dx + (to.y - from.y) * dy) / length;
        match share {
            // An edge along an axis keeps its other coordinate exactly.
            share if share > 0.0 && share < 1.0 => Coord {
                x: if dx == 0.0 {
                    from.x
                } else if dy == 0.0 {
                    to.x
                } else {
                    from.x + share * dx
                },
                y: if dy == 0.0 {
                    from.y
                } else if dx == 0.0 {
                    to.y
                } else {
                    from.y + share * dy
                },
            },
            share if share >= 1.0 => end,
            _ => from,
        }
    }

    fn end(&self, point: Coord<f64>, rings: &[&[Coord<f64>]]) -> End {
        let [from, to] = self.ends;
        let is_next = point == to && from != to;
        let edge = if is_next { (self.number + 1) % rings[self.ring].len() } else { self.number };
        End { ring: self.ring, edge, point }
    }
}

impl RTreeObject for Edge {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        let [a, b] = self.ends;
        AABB::from_corners([a.x, a.y], [b.x, b.y])
    }
}

impl PointDistance for Edge {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        let to = Coord { x: point[0], y: point[1] };
        squared_distance(self.nearest(to), to)
    }
}

fn squared_distance(a: Coord<f64>, b: Coord<f64>) -> f64 {
    let (dx, dy) = (a.x - b.x, a.y - b.y);
    dx * dx + dy * dy
}

fn edges(ring: usize, points: &[Coord<f64>]) -> impl Iterator<Item = Edge> + '_ {
    let next = points.iter().cycle().skip(1);
    points.iter().zip(next).enumerate().map(move |(number, (from, to))| Edge {
        ring,
        number,
        ends: [*from, *to],
    })
}

/// Bridges from each hole of a polygon to its outline or to another hole. The rings are the outline
/// and its holes, `first` is the number of the outline among all rings.
///
/// A bridge goes straight up, down, left or right from the outermost point of a hole, so that it stays
/// within the polygon, and so that a painter of pixels paints no others. Of these four, the shortest
/// are taken that connect all rings.
pub fn of_holes(rings: &[&[Coord<f64>]], first: usize) -> Vec<Bridge> {
    let [outline, holes @ ..] = rings else { return Vec::new() };
    if holes.is_empty() {
        return Vec::new();
    }
    let all = rings.iter().enumerate().flat_map(|(ring, points)| edges(ring, points)).collect();
    let tree = RTree::bulk_load(all);
    let reach = reach_of(outline);
    let mut found: Vec<(f64, Bridge)> = Vec::new();
    for (hole, points) in holes.iter().enumerate() {
        for (axis, sign) in [(0, -1.0), (1, -1.0), (0, 1.0), (1, 1.0)] {
            found.extend(shoot(&tree, rings, hole + 1, points, Ray { axis, sign, reach }));
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut groups = Groups::new(rings.len());
    let mut bridges: Vec<Bridge> = found.into_iter().map(|(_, bridge)| bridge).collect();
    bridges.retain(|bridge| groups.connect(bridge.0.ring, bridge.1.ring));
    // A hole that is not within its outline.
    for ring in 1..rings.len() {
        if groups.connect(0, ring) {
            let (one, other) = nearest_points(outline, rings[ring]);
            bridges.push(Bridge(at_point(rings, 0, one), at_point(rings, ring, other)));
        }
    }
    bridges
        .iter()
        .map(|bridge| Bridge(shifted(bridge.0, first), shifted(bridge.1, first)))
        .collect()
}

fn shifted(end: End, by: usize) -> End {
    End { ring: end.ring + by, ..end }
}

fn at_point(rings: &[&[Coord<f64>]], ring: usize, number: usize) -> End {
    End { ring, edge: number, point: rings[ring][number] }
}

/// The longest way within a ring.
fn reach_of(ring: &[Coord<f64>]) -> f64 {
    let [left, top, right, bottom] = bounds(ring).map_or([0.0; 4], |bbox| bbox.corners());
    (right - left).max(bottom - top)
}

/// A direction along an axis, and how far to look.
#[derive(Clone, Copy)]
struct Ray {
    axis: usize,
    sign: f64,
    reach: f64,
}

const fn along(point: Coord<f64>, axis: usize) -> f64 {
    if axis == 0 { point.x } else { point.y }
}

/// The bridge from the outermost point of a ring in the ray's direction to the first other ring.
fn shoot(
    tree: &RTree<Edge>,
    rings: &[&[Coord<f64>]],
    ring: usize,
    points: &[Coord<f64>],
    ray: Ray,
) -> Option<(f64, Bridge)> {
    let order = |point: &Coord<f64>| along(*point, ray.axis) * ray.sign;
    let outermost = |a: &usize, b: &usize| order(&points[*a]).total_cmp(&order(&points[*b]));
    let number = (0..points.len()).max_by(outermost)?;
    let from = points[number];
    // What is near is found without a look at what is far away.
    let mut length = 2.0_f64.min(ray.reach);
    loop {
        let hits = near(tree, from, ray, length)
            .filter(|edge| edge.ring != ring)
            .filter_map(|edge| {
                hit(edge, from, ray).map(|(distance, point)| (distance, edge, point))
            })
            .filter(|(distance, ..)| *distance <= length);
        if let Some((distance, edge, point)) = hits.min_by(|a, b| a.0.total_cmp(&b.0)) {
            let bridge = Bridge(at_point(rings, ring, number), edge.end(point, rings));
            return Some((distance, bridge));
        }
        if length >= ray.reach || !length.is_finite() {
            return None;
        }
        length = (length * 4.0).min(ray.reach);
    }
}

fn near(
    tree: &RTree<Edge>,
    from: Coord<f64>,
    ray: Ray,
    length: f64,
) -> impl Iterator<Item = &Edge> {
    let mut to = [from.x, from.y];
    to[ray.axis] += ray.sign * length;
    tree.locate_in_envelope_intersecting(&AABB::from_corners([from.x, from.y], to))
}

/// Where a ray meets an edge, and how far that is. An edge along the ray is met at its ends, which
/// are ends of other edges, too.
fn hit(edge: &Edge, from: Coord<f64>, ray: Ray) -> Option<(f64, Coord<f64>)> {
    let across = 1 - ray.axis;
    let level = along(from, across);
    let [(a, at_a), (b, at_b)] = edge.ends.map(|end| (along(end, across), along(end, ray.axis)));
    if a == b || level < a.min(b) || level > a.max(b) {
        return None;
    }
    let at = match level {
        level if level == a => at_a,
        level if level == b => at_b,
        _ => at_a + (level - a) / (b - a) * (at_b - at_a),
    };
    let distance = (at - along(from, ray.axis)) * ray.sign;
    let point = if ray.axis == 0 { Coord { x: at, y: level } } else { Coord { x: level, y: at } };
    (distance >= 0.0).then_some((distance, point))
}

/// Rings as parts of one object.
pub struct Parts<'a> {
    /// All rings, open.
    pub rings: &'a [&'a [Coord<f64>]],
    /// The number of the part of each ring.
    pub part_of: &'a [usize],
    /// How many parts there are.
    pub count: usize,
}

/// The most points of which the nearest are looked for.
const MOST_POINTS: usize = 1 << 16;

/// Up to so many points, all are compared with all: faster than a tree is made.
const FEW_POINTS: usize = 512;

impl Parts<'_> {
    /// Bridges at common points of parts, at most as many as connect all of them.
    pub fn touching(&self) -> Vec<Bridge> {
        let mut groups = Groups::new(self.count);
        let mut known: HashMap<[u64; 2], (usize, usize)> = HashMap::new();
        let mut bridges = Vec::new();
        for (ring, points) in self.rings.iter().enumerate() {
            for (number, point) in points.iter().enumerate() {
                let key = [point.x.to_bits(), point.y.to_bits()];
                let (other, at) = *known.entry(key).or_insert((ring, number));
                if groups.connect(self.part_of[ring], self.part_of[other]) {
                    let ends = [(other, at), (ring, number)];
                    let [one, other] = ends.map(|(ring, at)| at_point(self.rings, ring, at));
                    bridges.push(Bridge(one, other));
                }
            }
        }
        bridges
    }

    /// Bridges that connect the parts that `known` leaves apart: the shortest ones from a point to a
    /// point or, with `to_edges`, to any place of an edge (a minimum spanning tree, by Borůvka's
    /// algorithm). Of objects with very many points, parts that follow each other are connected.
    pub fn nearest(&self, known: &[Bridge], to_edges: bool) -> Vec<Bridge> {
        let mut groups = Groups::new(self.count);
        for bridge in known {
            groups.connect(self.part_of[bridge.0.ring], self.part_of[bridge.1.ring]);
        }
        let points: usize = self.rings.iter().map(|ring| ring.len()).sum();
        if points <= FEW_POINTS {
            self.of_all_pairs(groups, to_edges)
        } else if points <= MOST_POINTS {
            Search::new(self, to_edges).run(groups)
        } else {
            self.in_order(groups)
        }
    }

    /// The shortest bridges, from the nearest places of each two parts (Kruskal's algorithm).
    fn of_all_pairs(&self, mut groups: Groups, to_edges: bool) -> Vec<Bridge> {
        let edges: Vec<Edge> = edges_of(self.rings, to_edges).flatten().collect();
        let mut best: BTreeMap<[usize; 2], (f64, usize, Edge)> = BTreeMap::new();
        for (at, own) in edges.iter().enumerate() {
            let point = own.ends[0];
            let part = self.part_of[own.ring];
            for (other, others) in self.part_of.iter().zip(edges.chunk_by(|a, b| a.ring == b.ring))
            {
                if *other == part {
                    continue;
                }
                let distance = |edge: &Edge| squared_distance(edge.nearest(point), point);
                let all = others.iter().map(|edge| (distance(edge), at, *edge));
                let Some(nearest) = all.min_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
                let known = best.entry([part.min(*other), part.max(*other)]).or_insert(nearest);
                if nearest.0 < known.0 {
                    *known = nearest;
                }
            }
        }
        let mut links: Vec<_> = best.into_iter().collect();
        links.sort_by(|a, b| a.1.0.total_cmp(&b.1.0));
        links.retain(|([one, other], _)| groups.connect(*one, *other));
        let bridge = |(_, (_, at, edge)): ([usize; 2], (f64, usize, Edge))| {
            link(self.rings, edges[at].ring, edges[at].number, &edge).bridge
        };
        links.into_iter().map(bridge).collect()
    }

    fn in_order(&self, mut groups: Groups) -> Vec<Bridge> {
        let mut bridges = Vec::new();
        for ring in 1..self.rings.len() {
            if groups.connect(self.part_of[ring - 1], self.part_of[ring]) {
                let (one, other) = nearest_points(self.rings[ring - 1], self.rings[ring]);
                let [one, other] = [(ring - 1, one), (ring, other)];
                let end = |(ring, at)| at_point(self.rings, ring, at);
                bridges.push(Bridge(end(one), end(other)));
            }
        }
        bridges
    }
}

/// The nearest place of another group, as seen from a point.
#[derive(Clone, Copy)]
struct Link {
    squared: f64,
    bridge: Bridge,
}

/// The search for the shortest bridges between parts.
struct Search<'a> {
    parts: &'a Parts<'a>,
    tree: RTree<Edge>,
    /// The edges of each ring, and the best link of each of its points.
    rings: Vec<(Vec<Edge>, Vec<Option<Link>>)>,
}

/// Groups of fewer edges are passed over in the tree; those of larger ones are taken out of it.
const FEW_EDGES: usize = 32;

impl<'a> Search<'a> {
    fn new(parts: &'a Parts<'a>, to_edges: bool) -> Self {
        let rings = edges_of(parts.rings, to_edges).map(|edges| {
            let none = vec![None; edges.len()];
            (edges, none)
        });
        let rings: Vec<(Vec<Edge>, Vec<Option<Link>>)> = rings.collect();
        let all = rings.iter().flat_map(|(edges, _)| edges).copied().collect();
        Self { parts, tree: RTree::bulk_load(all), rings }
    }

    /// In each round each group but the largest is connected with the nearest other one.
    fn run(mut self, mut groups: Groups) -> Vec<Bridge> {
        let mut bridges = Vec::new();
        loop {
            let mut best: HashMap<usize, Link> = HashMap::new();
            let mut members = self.members(&mut groups);
            let largest = members.pop().unwrap_or_default();
            for group in &members {
                self.look(group, &mut groups);
                self.keep_best(group, &mut groups, &mut best);
            }
            // What others have found need not be the best for a group that did not look.
            if let Some(ring) = largest.first() {
                best.remove(&groups.of(self.parts.part_of[*ring]));
            }
            let mut links: Vec<(usize, Link)> = best.into_iter().collect();
            links.sort_by(|a, b| a.1.squared.total_cmp(&b.1.squared).then(a.0.cmp(&b.0)));
            let part_of = |end: End| self.parts.part_of[end.ring];
            let before = bridges.len();
            let new = links.into_iter().map(|(_, link)| link.bridge);
            bridges.extend(new.filter(|it| groups.connect(part_of(it.0), part_of(it.1))));
            if bridges.len() == before {
                return bridges;
            }
        }
    }

    /// The rings of each group, that with the most edges last.
    fn members(&self, groups: &mut Groups) -> Vec<Vec<usize>> {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); self.parts.count];
        for (ring, part) in self.parts.part_of.iter().enumerate() {
            members[groups.of(*part)].push(ring);
        }
        members.retain(|rings| !rings.is_empty());
        let edges =
            |rings: &Vec<usize>| rings.iter().map(|at| self.rings[*at].0.len()).sum::<usize>();
        members.sort_by_key(edges);
        members
    }

    /// Keeps the shortest link of a group, for it and for the group where the link ends.
    fn keep_best(&self, group: &[usize], groups: &mut Groups, best: &mut HashMap<usize, Link>) {
        for link in group.iter().flat_map(|ring| &self.rings[*ring].1).flatten() {
            for end in [link.bridge.0, link.bridge.1] {
                let own = groups.of(self.parts.part_of[end.ring]);
                let known = best.entry(own).or_insert(*link);
                if link.squared < known.squared {
                    *known = *link;
                }
            }
        }
    }

    /// Finds the nearest place of another group for each point of a group whose last one has
    /// become its own.
    fn look(&mut self, group: &[usize], groups: &mut Groups) {
        let own = self.parts.part_of[group[0]];
        let own = groups.of(own);
        let part_of = self.parts.part_of;
        let mut asked: Vec<(usize, usize)> = Vec::new();
        for &ring in group {
            for (at, link) in self.rings[ring].1.iter().enumerate() {
                if link.is_none_or(|link| groups.of(part_of[link.bridge.1.ring]) == own) {
                    asked.push((ring, at));
                }
            }
        }
        let count: usize = group.iter().map(|ring| self.rings[*ring].0.len()).sum();
        let is_large = count > FEW_EDGES && !asked.is_empty();
        let taken = || group.iter().flat_map(|ring| &self.rings[*ring].0);
        if is_large {
            for edge in taken() {
                self.tree.remove(edge);
            }
        }
        let mut found: Vec<(usize, usize, Option<Link>)> = Vec::with_capacity(asked.len());
        for (ring, at) in asked {
            let point = self.parts.rings[ring][at];
            let mut near = self.tree.nearest_neighbor_iter(&[point.x, point.y]);
            let edge = near.find(|edge| is_large || groups.of(part_of[edge.ring]) != own);
            found.push((ring, at, edge.map(|edge| link(self.parts.rings, ring, at, edge))));
        }
        if is_large {
            for edge in taken() {
                self.tree.insert(*edge);
            }
        }
        for (ring, at, link) in found {
            self.rings[ring].1[at] = link;
        }
    }
}

/// The edges of each ring, or its points.
fn edges_of<'a>(
    rings: &'a [&[Coord<f64>]],
    to_edges: bool,
) -> impl Iterator<Item = Vec<Edge>> + 'a {
    let as_point = move |edge: Edge| match to_edges {
        true => edge,
        false => Edge { ends: [edge.ends[0]; 2], ..edge },
    };
    rings.iter().enumerate().map(move |(ring, points)| edges(ring, points).map(as_point).collect())
}

/// The link of a point with the nearest place of an edge.
fn link(rings: &[&[Coord<f64>]], ring: usize, at: usize, edge: &Edge) -> Link {
    let one = at_point(rings, ring, at);
    let other = edge.end(edge.nearest(one.point), rings);
    Link { squared: squared_distance(one.point, other.point), bridge: Bridge(one, other) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The two ways of finding the shortest bridges find bridges of the same length.
        #[test]
        fn few_parts_are_joined_as_many_are(
            corners in prop::collection::vec((0..400i32, 0..400i32, 1..9i32), 1..30),
            to_edges in any::<bool>(),
        ) {
            let ring = |&(x, y, side): &(i32, i32, i32)| {
                let corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)];
                corners.map(|(x, y)| Coord { x: f64::from(x), y: f64::from(y) })
            };
            let own: Vec<[Coord<f64>; 4]> = corners.iter().map(ring).collect();
            let rings: Vec<&[Coord<f64>]> = own.iter().map(|ring| &ring[..]).collect();
            let part_of: Vec<usize> = (0..rings.len()).collect();
            let parts = Parts { rings: &rings, part_of: &part_of, count: rings.len() };
            let length = |bridges: Vec<Bridge>| -> f64 {
                assert_eq!(bridges.len(), rings.len() - 1);
                bridges.iter().map(|it| squared_distance(it.0.point, it.1.point).sqrt()).sum()
            };
            let few = length(parts.of_all_pairs(Groups::new(rings.len()), to_edges));
            let many = length(Search::new(&parts, to_edges).run(Groups::new(rings.len())));
            prop_assert!(few <= many + 1e-9 && many <= few * 1.2 + 1e-9, "{} {}", few, many);
            prop_assert!(to_edges || many <= few + 1e-9);
        }
    }
}
