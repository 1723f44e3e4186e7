//! Says which format is the odd one. A change in the format that all others were made from shows as
//! a difference in each of them: it is told once, where it was made.

use super::differences::{Departure, Edge, Outcome};
use super::forest::Direction;
use crate::error::Place;
use crate::finding::Finding;
use crate::format::Field;
use crate::geometry::overlap;
use crate::judge::image_files::title;
use crate::rules::Rule;
use crate::survey::roster::Roster;
use crate::survey::sets::View;
use std::collections::{BTreeMap, BTreeSet};

/// Two formats have one object where its boxes overlap by this much. They may be rounded otherwise.
const ALIKE: f64 = 0.8;

/// Two sets, of which the second was made from the first, and how they compare.
pub struct Joined<'a> {
    pub direction: Direction,
    pub edge: Edge<'a>,
    pub outcome: Outcome,
}

/// The departures of each edge, by image.
type ByImage = Vec<BTreeMap<usize, Vec<Departure>>>;

/// Takes out the departures for which the source is to blame. Returns the findings about them.
pub fn blame_sources(joined: &mut [Joined], roster: &Roster) -> Vec<Finding> {
    let mut departures: ByImage = joined.iter_mut().map(|it| by_image(&mut it.outcome)).collect();
    let images: BTreeSet<usize> = departures.iter().flat_map(BTreeMap::keys).copied().collect();
    let mut findings = Vec::new();
    for id in images {
        let is_departing = |at: &usize| departures[*at].contains_key(&id);
        let departing: BTreeSet<usize> = (0..joined.len()).filter(is_departing).collect();
        let from = |at: &usize| joined[*at].direction.from;
        let sources: BTreeSet<usize> = departing.iter().map(from).collect();
        for source in sources {
            if is_alone(source, id, &departing, joined) {
                findings.extend(blame(source, id, joined, &mut departures, roster));
            }
        }
    }
    for (joined, departures) in joined.iter_mut().zip(departures) {
        joined.outcome.departures = departures.into_values().flatten().collect();
    }
    findings
}

/// Takes out what all that was made from a source says of it alike: that its classes are others, or
/// that it counts from 1. Returns one finding for each.
pub fn blame_conventions(joined: &mut [Joined]) -> Vec<Finding> {
    let sources: BTreeSet<usize> = joined.iter().map(|it| it.direction.from).collect();
    let mut findings = Vec::new();
    for source in sources {
        let own = |it: &&mut Joined| it.direction.from == source;
        let mut edges: Vec<&mut Joined> = joined.iter_mut().filter(own).collect();
        if edges.len() > 1 {
            findings.extend(other_classes(&mut edges));
            findings.extend(other_origin(&mut edges));
        }
    }
    findings
}

fn other_classes(edges: &mut [&mut Joined]) -> Option<Finding> {
    let cause = edges.first()?.edge.classes.cause.clone()?;
    let is_other =
        |it: &Joined| it.edge.classes.cause.as_ref().map(|it| it.rule) != Some(cause.rule);
    if edges.iter().any(|it| is_other(it)) {
        return None;
    }
    let names = names(edges);
    let objects = edges.first()?.outcome.objects;
    let taken: Vec<Vec<Finding>> =
        edges.iter_mut().map(|it| std::mem::take(&mut it.outcome.reclassed)).collect();
    let first = taken.into_iter().max_by_key(Vec::len)?;
    let (count, words) = (first.len(), cause.words.replace(" here", " there"));
    let message = format!("{count} of {objects} objects have another class in {names}: {words}");
    let mut finding = Finding::of_cause(cause.rule, message, first)?;
    finding.place = Place::of_file(&edges.first()?.edge.from.path());
    Some(finding)
}

fn other_origin(edges: &mut [&mut Joined]) -> Option<Finding> {
    if !edges.iter().all(|it| it.edge.is_source_one_based()) {
        return None;
    }
    for edge in edges.iter_mut() {
        edge.outcome.findings.retain(|finding| finding.rule != Rule::OneBased);
    }
    let message = format!("its coordinates are 1 more than in {}", names(edges));
    let place = Place::of_file(&edges.first()?.edge.from.path());
    Some(Finding::new(Rule::OneBased, message, place))
}

fn names(edges: &[&mut Joined]) -> String {
    let names: Vec<String> = edges.iter().map(|it| title(it.edge.to.format.name())).collect();
    names.join(", ")
}

fn by_image(outcome: &mut Outcome) -> BTreeMap<usize, Vec<Departure>> {
    let mut images: BTreeMap<usize, Vec<Departure>> = BTreeMap::new();
    // A shape that is not there stands at the right place already.
    let is_absent = |it: &Departure| it.finding.rule == Rule::ShapeAbsent;
    let (absent, others): (Vec<_>, Vec<_>) =
        std::mem::take(&mut outcome.departures).into_iter().partition(is_absent);
    outcome.findings.extend(absent.into_iter().map(|it| it.finding));
    for departure in others {
        images.entry(departure.id).or_default().push(departure);
    }
    images
}

/// The numbers of the edges that lead from a set to sets that have an image.
fn edges_from(source: usize, id: usize, joined: &[Joined]) -> Vec<usize> {
    let is_it = |at: &usize| {
        let Joined { direction, edge, .. } = &joined[*at];
        direction.from == source && edge.to.places.contains_key(&id)
    };
    (0..joined.len()).filter(is_it).collect()
}

/// Whether no other set agrees with a source about an image, and two at least contradict it.
fn is_alone(source: usize, id: usize, departing: &BTreeSet<usize>, joined: &[Joined]) -> bool {
    let agreeing = || {
        let all = joined.iter().enumerate();
        all.filter(|(at, it)| !departing.contains(at) && it.edge.to.places.contains_key(&id))
            .map(|(_, it)| it.direction)
    };
    let is_supported = agreeing().any(|it| it.from == source || it.to == source);
    let contradicting = edges_from(source, id, joined);
    // Numbers of parts of shapes are not those of the objects.
    if contradicting.iter().any(|at| joined[*at].edge.is_split) {
        return false;
    }
    let has_company = |at: &usize| {
        let child = joined[*at].direction.to;
        agreeing().any(|it| it.from == child)
    };
    !is_supported && (contradicting.len() > 1 || contradicting.iter().any(has_company))
}

/// The findings about the objects of an image in which all that was made from a source departs from
/// it. They are taken out of the departures.
fn blame(
    source: usize,
    id: usize,
    joined: &[Joined],
    departures: &mut ByImage,
    roster: &Roster,
) -> Vec<Finding> {
    let edges = edges_from(source, id, joined);
    let Some(view) = edges.first().and_then(|&at| joined[at].edge.from.view(id, roster)) else {
        return Vec::new();
    };
    let names = others(source, id, joined);
    let others_agree = Others::of(id, &edges, joined, roster);
    let mut common = common(id, &edges, departures);
    common.retain(|number, _| others_agree.on(id, *number, departures));
    let mut findings = Vec::new();
    for (&number, &rule) in common.iter().filter(|(number, _)| **number < view.annotations.len()) {
        let message = match rule {
            Rule::ObjectAdded => format!("not in {names}"),
            _ => format!("differs from {names}"),
        };
        findings.push(view.finding(rule, number, field_of(rule), message));
    }
    let added = |at: &usize| {
        let own = departures[*at].get(&id);
        own.map_or(0, |own| own.iter().filter(|it| it.from.is_none()).count())
    };
    let lacking = match others_agree.on_added(id, departures) {
        true => edges.iter().map(added).min().unwrap_or_default(),
        false => 0,
    };
    let message = format!("an object of {names} is not here");
    let finding = || view.image_finding(Rule::ObjectMissing, Field::Whole, message.clone());
    findings.extend((0..lacking).map(|_| finding()));
    for at in edges {
        let mut left = lacking;
        departures[at].entry(id).or_default().retain(|it| match it.from {
            Some(number) => !common.contains_key(&number),
            None => {
                let is_kept = left == 0;
                left = left.saturating_sub(1);
                is_kept
            }
        });
    }
    findings
}

/// What the sets that were made from a source have for an image, by their edges.
struct Others<'a> {
    views: Vec<(usize, View<'a>)>,
}

impl<'a> Others<'a> {
    fn of(id: usize, edges: &[usize], joined: &[Joined<'a>], roster: &Roster) -> Self {
        let view = |&at: &usize| Some((at, joined[at].edge.to.view(id, roster)?));
        Self { views: edges.iter().filter_map(view).collect() }
    }

    /// Whether they say the same of an object of the source.
    fn on(&self, id: usize, number: usize, departures: &ByImage) -> bool {
        let own = |it: &&Departure| it.from == Some(number);
        self.are_alike(id, departures, |all| all.iter().find(own).and_then(|it| it.to))
    }

    /// Whether the first objects that the source does not have are one.
    fn on_added(&self, id: usize, departures: &ByImage) -> bool {
        let is_added = |it: &&Departure| it.from.is_none();
        self.are_alike(id, departures, |all| all.iter().find(is_added).and_then(|it| it.to))
    }

    fn are_alike(
        &self,
        id: usize,
        departures: &ByImage,
        number: impl Fn(&[Departure]) -> Option<usize>,
    ) -> bool {
        let found = self.views.iter().map(|(at, view)| {
            let own = departures[*at].get(&id).map_or(&[][..], Vec::as_slice);
            let annotation = view.annotations.get(number(own)?)?;
            Some((annotation.bounds()?, view.part.class(annotation)))
        });
        let found: Vec<_> = found.collect();
        found.windows(2).all(|pair| match (pair.first(), pair.last()) {
            (Some(Some(one)), Some(Some(other))) => {
                overlap::of_boxes(&one.0, &other.0) > ALIKE
                    && (one.1 == other.1 || one.1.is_none() || other.1.is_none())
            }
            (Some(None), Some(None)) => true,
            _ => false,
        })
    }
}

/// The formats that have an image, without the source.
fn others(source: usize, id: usize, joined: &[Joined]) -> String {
    let mut names: Vec<(usize, String)> = Vec::new();
    for Joined { direction, edge, .. } in joined {
        for (at, set) in [(direction.from, edge.from), (direction.to, edge.to)] {
            let is_new = at != source && !names.iter().any(|(known, _)| *known == at);
            if is_new && set.places.contains_key(&id) {
                names.push((at, title(set.format.name())));
            }
        }
    }
    names.sort_unstable();
    names.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(", ")
}

/// The objects of the source that depart in all edges, each with the rule that it breaks: the
/// number in the source.
fn common(id: usize, edges: &[usize], departures: &ByImage) -> BTreeMap<usize, Rule> {
    let mut counts: BTreeMap<usize, (usize, Rule)> = BTreeMap::new();
    for &at in edges {
        let own = departures[at].get(&id).map_or(&[][..], Vec::as_slice);
        for departure in own {
            let rule = match departure.to {
                Some(_) => departure.finding.rule,
                None => Rule::ObjectAdded,
            };
            if let Some(number) = departure.from {
                counts.entry(number).or_insert((0, rule)).0 += 1;
            }
        }
    }
    let all = counts.into_iter().filter(|(_, (count, _))| *count == edges.len());
    all.map(|(number, (_, rule))| (number, rule)).collect()
}

fn field_of(rule: Rule) -> Field {
    match rule {
        Rule::BoxChanged => Field::Box,
        Rule::ShapeChanged => Field::Shape,
        Rule::ClassChanged => Field::Class,
        _ => Field::Whole,
    }
}
