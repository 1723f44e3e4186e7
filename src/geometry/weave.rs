//! Several rings as one, by bridges that lead from one ring to another and back.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "indexes are of lists that this module makes"
)]

use super::{Coord, Ring};

/// An end of a bridge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct End {
    /// The number of the ring.
    pub ring: usize,
    /// The number of the ring's point from which the edge begins that the end lies on.
    pub edge: usize,
    /// The end itself: that point, or another one of the edge.
    pub point: Coord<f64>,
}

/// A bridge between two rings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bridge(pub End, pub End);

/// A point of a ring, and where its bridges lead: numbers of a ring and of a point of it.
struct Stop {
    point: Coord<f64>,
    exits: Vec<(usize, usize)>,
}

/// A ring on the way: where it was entered, and the steps and exits that are done.
struct Walk {
    ring: usize,
    start: usize,
    steps: usize,
    exits: usize,
}

/// One ring that goes along all rings that the bridges connect with the first one, once, and along
/// each bridge twice. Rings are open: their last point is not the first one. The bridges must form
/// a tree. A ring's direction stays as it is.
///
/// The way begins at the first point of the first ring that has a bridge; for two rings it is that
/// of `merge_multi_segment` of Ultralytics.
pub fn weave(rings: &[&[Coord<f64>]], bridges: &[Bridge]) -> Ring {
    let rings = stops(rings, bridges);
    let mut is_seen = vec![false; rings.len()];
    let Some(first) = rings.first().filter(|ring| !ring.is_empty()) else { return Ring::new() };
    let start = first.iter().position(|stop| !stop.exits.is_empty()).unwrap_or(0);
    let mut way = vec![Walk { ring: 0, start, steps: 0, exits: 0 }];
    let mut out = vec![first[start].point];
    is_seen[0] = true;
    while let Some(walk) = way.last_mut() {
        let ring = &rings[walk.ring];
        let stop = &ring[(walk.start + walk.steps) % ring.len()];
        // The exits at the start are taken at the end of the way around.
        let exits = if walk.steps == 0 { &[][..] } else { &stop.exits[..] };
        let point = if let Some(&(other, start)) = exits.get(walk.exits) {
            walk.exits += 1;
            if std::mem::replace(&mut is_seen[other], true) {
                continue;
            }
            way.push(Walk { ring: other, start, steps: 0, exits: 0 });
            rings[other][start].point
        } else if walk.steps < ring.len() {
            (walk.steps, walk.exits) = (walk.steps + 1, 0);
            ring[(walk.start + walk.steps) % ring.len()].point
        } else {
            way.pop();
            let Some(parent) = way.last() else { break };
            let ring = &rings[parent.ring];
            ring[(parent.start + parent.steps) % ring.len()].point
        };
        out.push(point);
    }
    // The way ends where it began; a ring does not repeat its first point.
    out.pop();
    out
}

/// The points of each ring, with those where bridges end.
fn stops(rings: &[&[Coord<f64>]], bridges: &[Bridge]) -> Vec<Vec<Stop>> {
    let mut ends: Vec<(End, usize)> = bridges
        .iter()
        .enumerate()
        .flat_map(|(at, it)| [(it.0, 2 * at), (it.1, 2 * at + 1)])
        .collect();
    let from_start = |end: &End| {
        let start = rings[end.ring][end.edge];
        (end.point.x - start.x).abs() + (end.point.y - start.y).abs()
    };
    let key = |end: &End| (end.ring, end.edge);
    ends.sort_by(|(a, _), (b, _)| {
        key(a).cmp(&key(b)).then_with(|| from_start(a).total_cmp(&from_start(b)))
    });
    let mut places = vec![(0, 0); ends.len()];
    let mut ends = ends.into_iter().peekable();
    let mut all: Vec<Vec<Stop>> = Vec::with_capacity(rings.len());
    for (number, ring) in rings.iter().enumerate() {
        let mut stops: Vec<Stop> = Vec::with_capacity(ring.len());
        for (edge, &point) in ring.iter().enumerate() {
            stops.push(Stop { point, exits: Vec::new() });
            while let Some((end, at)) = ends.next_if(|(end, _)| key(end) == (number, edge)) {
                if stops.last().is_some_and(|last| last.point != end.point) {
                    stops.push(Stop { point: end.point, exits: Vec::new() });
                }
                places[at] = (number, stops.len() - 1);
            }
        }
        all.push(stops);
    }
    for pair in places.chunks_exact(2) {
        for [(ring, stop), other] in [[pair[0], pair[1]], [pair[1], pair[0]]] {
            all[ring][stop].exits.push(other);
        }
    }
    all
}
