//! Says which format is the odd one. A change in the format that all others were made from shows as
//! a difference in each of them: it is told once, where it was made.

use super::differences::{Departure, Edge, Outcome};
use super::forest::Direction;
use crate::finding::Finding;
use crate::format::Field;
use crate::judge::image_files::title;
use crate::rules::Rule;
use crate::survey::roster::Roster;
use std::collections::{BTreeMap, BTreeSet};

/// Two sets, of which the second was made from the first, and how they compare.
pub struct Joined<'a> {
    pub direction: Direction,
    pub edge: Edge<'a>,
    pub outcome: Outcome,
}

/// Takes out the departures for which the source is to blame. Returns the findings about them.
pub fn blame_sources(joined: &mut [Joined], roster: &Roster) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, departing) in departing(joined) {
        let sources: BTreeSet<usize> =
            departing.iter().map(|&at| joined[at].direction.from).collect();
        for source in sources {
            if is_alone(source, id, &departing, joined) {
                findings.extend(blame(source, id, joined, roster));
            }
        }
    }
    findings
}

/// For each image with departures, the numbers of the edges that have some.
fn departing(joined: &[Joined]) -> BTreeMap<usize, BTreeSet<usize>> {
    let mut images: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (at, joined) in joined.iter().enumerate() {
        for departure in &joined.outcome.departures {
            images.entry(departure.id).or_default().insert(at);
        }
    }
    images
}

/// The edges that lead from a set, to sets that have an image.
fn edges_from<'a>(
    source: usize,
    id: usize,
    joined: &'a [Joined],
) -> impl Iterator<Item = (usize, &'a Joined<'a>)> {
    let all = joined.iter().enumerate();
    all.filter(move |(_, it)| it.direction.from == source && it.edge.to.places.contains_key(&id))
}

/// Whether no other set agrees with a source about an image, and two at least contradict it.
fn is_alone(source: usize, id: usize, departing: &BTreeSet<usize>, joined: &[Joined]) -> bool {
    let agrees =
        |at: usize, it: &Joined| !departing.contains(&at) && it.edge.to.places.contains_key(&id);
    let all = || joined.iter().enumerate();
    let is_supported = all().any(|(at, it)| {
        let Direction { from, to } = it.direction;
        (from == source || to == source) && agrees(at, it)
    });
    let contradicts = edges_from(source, id, joined).count();
    let is_contradicted_by_two = contradicts > 1
        || edges_from(source, id, joined).any(|(_, child)| {
            all().any(|(at, it)| it.direction.from == child.direction.to && agrees(at, it))
        });
    !is_supported && is_contradicted_by_two
}

/// The findings about the objects of an image in which all that was made from a source departs from
/// it. They are taken out of the departures.
fn blame(source: usize, id: usize, joined: &mut [Joined], roster: &Roster) -> Vec<Finding> {
    let edges: Vec<usize> = edges_from(source, id, joined).map(|(at, _)| at).collect();
    let names: Vec<String> =
        edges.iter().map(|&at| title(joined[at].edge.to.format.name())).collect();
    let names = names.join(", ");
    let Some(first) = edges.first().map(|&at| &joined[at]) else { return Vec::new() };
    let Some(view) = first.edge.from.view(id, roster) else { return Vec::new() };
    let own = |it: &&Departure| it.id == id;
    let mut findings = Vec::new();
    let numbers: BTreeSet<usize> =
        first.outcome.departures.iter().filter(own).filter_map(|it| it.from).collect();
    let in_all = |number: &usize| {
        edges.iter().all(|&at| {
            let departures = &joined[at].outcome.departures;
            departures.iter().any(|it| it.id == id && it.from == Some(*number))
        })
    };
    let common: BTreeSet<usize> = numbers.into_iter().filter(in_all).collect();
    for departure in first.outcome.departures.iter().filter(own) {
        let Some(number) = departure.from.filter(|number| common.contains(number)) else {
            continue;
        };
        let (rule, message) = match departure.to {
            Some(_) => (departure.finding.rule, format!("differs from all of {names}")),
            None => (Rule::ObjectAdded, format!("in none of {names}")),
        };
        if number < view.annotations.len() {
            findings.push(view.finding(rule, number, field_of(rule), message));
        }
    }
    let added = |at: &usize| {
        let departures = joined[*at].outcome.departures.iter();
        departures.filter(|it| it.id == id && it.from.is_none()).count()
    };
    let lacking = edges.iter().map(added).min().unwrap_or_default();
    let message = format!("an object of all of {names} is not here");
    let finding = || view.image_finding(Rule::ObjectMissing, Field::Whole, message.clone());
    findings.extend((0..lacking).map(|_| finding()));
    for at in edges {
        let mut left = lacking;
        joined[at].outcome.departures.retain(|it| match it.from {
            _ if it.id != id => true,
            Some(number) => !common.contains(&number),
            None if left > 0 => {
                left -= 1;
                false
            }
            None => true,
        });
    }
    findings
}

fn field_of(rule: Rule) -> Field {
    match rule {
        Rule::BoxChanged => Field::Box,
        Rule::ShapeChanged => Field::Shape,
        Rule::ClassChanged => Field::Class,
        _ => Field::Whole,
    }
}
