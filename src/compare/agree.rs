//! Says how the formats of a dataset agree: which was made from which, what departs, and why.

use super::agreement::{self, Rules};
use super::blame::{self, Joined};
use super::causes::{self, Cause, Objects, Search};
use super::classes::ClassMap;
use super::differences::{Departure, Edge, Outcome};
use super::evidence::Evidence;
use super::forest::{Direction, Forest};
use crate::error::Place;
use crate::finding::Finding;
use crate::format::Field;
use crate::judge::image_files::name_of;
use crate::judge::shapes;
use crate::rules::Rule;
use crate::survey::roster::Roster;
use crate::survey::sets::Set;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::path::PathBuf;

/// A cause must explain this share of all objects, where no rule does.
const OF_ALL: f64 = 0.8;
/// A cause must explain this share of the objects that depart from a rule.
const OF_DEPARTURES: f64 = 0.6;
/// So many formats are tried as the source of one that no rule connects with them.
const SOURCES: usize = 4;
/// One format is older than the other if more than so many objects differ, and this share of all.
/// If nearly all differ, they have no common origin.
const OUT_OF_DATE: (usize, Range<f64>) = (5, 0.15..0.9);

/// A format of the dataset that was made from another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The source format.
    pub from: &'static str,
    /// The path of the source.
    pub from_path: PathBuf,
    /// The derived format.
    pub to: &'static str,
    /// The path of the derived files.
    pub to_path: PathBuf,
    /// The rule by which the derived format was made, in words.
    pub rule: String,
    /// How many images both list.
    pub images: usize,
    /// How many objects these images have.
    pub objects: usize,
    /// How many objects keep the rule.
    pub agree: usize,
    /// How many objects do not: they are changed, missing or added.
    pub disagree: usize,
}

/// What is known about a dataset when its formats are compared.
pub struct Known<'a> {
    pub sets: &'a [Set],
    pub rules: &'a Rules,
    /// The rules with the leeway of causes.
    pub lenient: &'a Rules,
    pub roster: &'a Roster,
}

/// How the formats agree.
#[derive(Default)]
pub struct Agreed {
    pub agreement: Vec<Agreement>,
    pub findings: Vec<Finding>,
    /// The paths of the parts whose boxes are wrong, as their own shapes show.
    mistaken: BTreeSet<PathBuf>,
    /// The objects that a cause explains: file, image and annotation.
    explained: HashSet<(PathBuf, Option<String>, Option<String>)>,
    /// The images of which someone exchanges width and height.
    turned: BTreeSet<String>,
}

impl Agreed {
    /// Notes that objects reach out of images because the sizes of these are wrong.
    pub fn blame_sizes(&mut self, findings: &[Finding], images: usize) {
        let wrong = findings.iter().filter(|finding| finding.rule == Rule::SidesSwapped);
        self.turned.extend(wrong.filter_map(|finding| finding.image.clone()));
        // Without the sizes, fractions say nothing.
        if !self.turned.is_empty() && self.turned.len() * 2 >= images {
            let is_of_sizes = |it: &Finding| match it.rule {
                Rule::SidesSwapped => it.message.contains("width and height of the image"),
                rule => rule == Rule::NoRule,
            };
            self.findings.retain(|finding| !is_of_sizes(finding));
        }
    }

    /// Whether a finding about one format alone comes from a cause that was found by comparing.
    pub fn explains(&self, finding: &Finding) -> bool {
        let is_of_place = matches!(
            finding.rule,
            Rule::OutsideImage
                | Rule::BeyondBorder
                | Rule::Inverted
                | Rule::ZeroSize
                | Rule::BelowAPixel
                | Rule::NotAFraction
                | Rule::AreaNotShape
                | Rule::AreaWithoutRule
                | Rule::ShapeBeyondBorder
        );
        let is_known = |file: &PathBuf, image: &Option<String>, annotation: &Option<String>| {
            let is_turned = image.as_ref().is_some_and(|name| self.turned.contains(name));
            let key = (file.clone(), image.clone(), annotation.clone());
            is_turned || self.mistaken.contains(file) || self.explained.contains(&key)
        };
        let all_known = match finding.places.as_slice() {
            [] => is_known(&finding.place.file, &finding.image, &finding.annotation),
            all => all.iter().all(|it| is_known(&it.place.file, &it.image, &it.annotation)),
        };
        is_of_place && all_known
    }
}

impl Known<'_> {
    /// Compares all sets by these counts.
    pub fn agree(&self, evidence: &[(Direction, Evidence)]) -> Agreed {
        let splits: Vec<Option<Evidence>> = evidence.iter().map(|it| self.split(it)).collect();
        let best = evidence.iter().zip(&splits);
        let evidence: Vec<(Direction, &Evidence)> =
            best.map(|((at, own), split)| (*at, split.as_ref().unwrap_or(own))).collect();
        let mut forest = Forest::choose(self.sets, &evidence);
        let mut joined: Vec<Joined> = forest
            .taken
            .iter()
            .map(|&at| self.joined(evidence[at].0, evidence[at].1, splits[at].is_some()))
            .collect();
        let mut agreed = Agreed::default();
        agreed.agreement.extend(joined.iter().map(row));
        agreed.findings.extend(blame::blame_sources(&mut joined, self.roster));
        agreed.findings.extend(blame::blame_conventions(&mut joined));
        let calm = joined.iter().filter(|it| it.outcome.departures.is_empty());
        let calm: Vec<Direction> = calm.map(|it| it.direction).collect();
        for Joined { direction, edge, outcome } in joined {
            // The source is right where another format agrees with it.
            let is_right = calm.iter().any(|it| [it.from, it.to].contains(&direction.from));
            self.add_outcome(&edge, outcome, is_right, &mut agreed);
        }
        once(&mut agreed.findings);
        self.add_unexplained(&evidence, &mut forest, &mut agreed);
        for set in self.sets {
            let wrong = set.parts.iter().filter(|part| part.mistake.is_some());
            agreed.mistaken.extend(wrong.map(|part| part.path.clone()));
        }
        agreed
    }

    fn joined<'b>(
        &'b self,
        direction: Direction,
        evidence: &'b Evidence,
        is_split: bool,
    ) -> Joined<'b> {
        let (from, to) = (&self.sets[direction.from], &self.sets[direction.to]);
        let chosen = evidence.choose();
        let classes = ClassMap::of(&evidence.classes, from, to);
        let edge = Edge { from, to, rules: self.rules, chosen, evidence, classes, is_split };
        let outcome = edge.compare(self.roster);
        Joined { direction, edge, outcome }
    }

    /// The counts if each part of a shape is an object of its own, if these explain more.
    fn split(&self, (direction, evidence): &(Direction, Evidence)) -> Option<Evidence> {
        if !evidence.has_parts || evidence.added() == 0 {
            return None;
        }
        let (from, to) = (&self.sets[direction.from], &self.sets[direction.to]);
        let mut shared: Vec<usize> =
            from.places.keys().copied().filter(|id| to.places.contains_key(id)).collect();
        shared.sort_unstable();
        let none = || Evidence::new(self.rules);
        let add = |mut split: Evidence, id: usize| {
            let views = from.view(id, self.roster).zip(to.view(id, self.roster));
            if let Some((mut one, other)) = views {
                agreement::split(&mut one);
                split.add(id, &agreement::compare(self.rules, &one, &other), &one, &other);
            }
            split
        };
        let split = shared.into_par_iter().fold(none, add).reduce(none, Evidence::merge);
        (split.explained() > evidence.explained()).then_some(split)
    }

    fn add_outcome(&self, edge: &Edge, outcome: Outcome, is_right: bool, agreed: &mut Agreed) {
        let Outcome { findings, objects, departures, reclassed, crowds, .. } = outcome;
        agreed.findings.extend(findings);
        if let Some(cause) = edge.classes.cause.as_ref().filter(|_| !reclassed.is_empty()) {
            let message = format!(
                "{} of {objects} objects have another class than in {}: {}",
                reclassed.len(),
                name_of(edge.from),
                cause.words
            );
            agreed.findings.extend(Finding::of_cause(cause.rule, message, reclassed));
        }
        let message = format!("{} of {objects} objects", crowds.len());
        agreed.findings.extend(Finding::of_cause(Rule::CrowdKept, message, crowds));
        agreed.findings.extend(self.departed(edge, departures, objects, is_right));
    }

    /// Departures have one cause, or they are many and one format is older, or each has its own.
    fn departed(
        &self,
        edge: &Edge,
        departures: Vec<Departure>,
        objects: usize,
        is_right: bool,
    ) -> Vec<Finding> {
        let (from, to) = (edge.from, edge.to);
        let mut found = Vec::new();
        let is_moved =
            |it: &&Departure| !matches!(it.finding.rule, Rule::ShapeAbsent | Rule::ClassChanged);
        let asked = departing(departures.iter().filter(is_moved));
        let usual = Some(edge.box_rule());
        let search = Search { from, to, rules: self.lenient, roster: self.roster, usual };
        let is_enough = departures.iter().filter(is_moved).count() > 2;
        let cause = is_enough.then(|| search.find(&asked, OF_DEPARTURES)).flatten();
        let mut rest = departures;
        if let Some(cause) = cause {
            let is_explained = |it: &Departure| {
                it.to.is_some_and(|to| cause.explained.contains(&(it.id, to)))
                    || it.from.is_some_and(|from| cause.sources.contains(&(it.id, from)))
            };
            rest.retain(|departure| !is_explained(departure));
            found.extend(cause.finding(from, objects));
        }
        let is_changed =
            |it: &&Departure| matches!(it.finding.rule, Rule::BoxChanged | Rule::ShapeChanged);
        let changed = rest.iter().filter(is_changed).count();
        let share = changed as f64 / objects.max(1) as f64;
        let is_old = changed > OUT_OF_DATE.0 && OUT_OF_DATE.1.contains(&share);
        let findings = rest.into_iter().map(|departure| departure.finding);
        match is_old {
            true => found.extend(out_of_date(findings.collect(), from, objects, is_right)),
            false => found.extend(findings),
        }
        found
    }

    /// Sets that no rule connects: the causes are tried on all objects.
    fn add_unexplained(
        &self,
        evidence: &[(Direction, &Evidence)],
        forest: &mut Forest,
        agreed: &mut Agreed,
    ) {
        let mut roots = forest.roots();
        roots.sort_by_key(|&set| (forest.size(set), Reverse(self.sets[set].format.profile().rank)));
        for set in roots {
            // The fewer are the odd ones.
            let others = evidence.iter().filter(|(direction, _)| {
                let root = forest.root(direction.from);
                direction.to == set && root != set && forest.size(root) >= forest.size(set)
            });
            let mut others: Vec<_> = others.collect();
            others.sort_by_key(|(direction, evidence)| {
                let source = &self.sets[direction.from];
                let size = forest.size(forest.root(direction.from));
                let has_shapes = source.numerals.has_drawn;
                let rank = source.format.profile().rank;
                (Reverse((size, has_shapes, evidence.pairs())), rank)
            });
            let is_joined = self.add_pair(&others, forest, agreed);
            if let Some((direction, _)) = others.first().filter(|_| is_joined) {
                forest.join(*direction);
            }
        }
    }

    /// Judges a set that no rule connects with these others, the likeliest source first. Returns
    /// whether it now follows from that.
    fn add_pair(
        &self,
        others: &[&(Direction, &Evidence)],
        forest: &Forest,
        agreed: &mut Agreed,
    ) -> bool {
        let Some((first, counts)) = others.first() else { return false };
        let is_alone = [first.from, first.to].iter().all(|&set| forest.size(forest.root(set)) == 1);
        let is_turned = is_alone && self.unsound(first.from) > self.unsound(first.to);
        for (direction, _) in others.iter().take(SOURCES) {
            let Direction { from, to } = *direction;
            let (from, to) = if is_turned { (to, from) } else { (from, to) };
            if self.add_cause(&self.sets[from], &self.sets[to], agreed) {
                return true;
            }
        }
        let (from, to) = (&self.sets[first.from], &self.sets[first.to]);
        let objects = self.all_objects(from, to);
        let [of_from, of_to] = causes::counts(&objects);
        let is_copy = from.format.name() == to.format.name();
        if of_from > 0 && of_to == 0 && !is_copy && !self.is_doubtful(to) {
            let message = format!("none of the {of_from} objects of {} is here", name_of(from));
            let place = Place::of_file(&to.path());
            agreed.findings.push(Finding::new(Rule::ObjectMissing, message, place));
            return true;
        }
        if of_to == 0 || counts.objects() == 0 || !may_be_compared(from, to, counts) {
            return false;
        }
        let message = format!(
            "no rule leads here from {}: the best one explains {:.0} % of {} objects",
            name_of(from),
            counts.explained() * 100.0,
            counts.objects()
        );
        agreed.findings.push(Finding::new(Rule::NoRule, message, Place::of_file(&to.path())));
        true
    }

    /// Findings about the objects that a cause does not explain.
    fn left_over(&self, objects: &Objects, cause: &Cause, from: &Set, to: &Set) -> Vec<Finding> {
        let mut findings = Vec::new();
        let is_elsewhere = cause.rule == Rule::LabelsRotated;
        for (&id, [left, right]) in objects {
            let views = from.view(id, self.roster).zip(to.view(id, self.roster));
            let Some((one, other)) = views else { continue };
            let message = format!("not one of those of {} with {}", name_of(from), cause.words);
            for &number in right.iter().filter(|number| !cause.explained.contains(&(id, **number)))
            {
                let found = other.finding(Rule::BoxChanged, number, Field::Box, message.clone());
                findings.push(found);
            }
            let lost = left.len().saturating_sub(right.len());
            let unmatched = left.iter().filter(|number| !cause.sources.contains(&(id, **number)));
            for &number in unmatched.take(if is_elsewhere { 0 } else { lost }) {
                let message = format!("not in {}", name_of(to));
                findings.push(one.finding(Rule::ObjectMissing, number, Field::Whole, message));
            }
        }
        findings
    }

    /// Whether a set may have objects that could not be read.
    fn is_doubtful(&self, set: &Set) -> bool {
        set.places.keys().filter_map(|&id| set.view(id, self.roster)).any(|view| view.is_doubtful())
    }

    /// Tries the causes on all objects of two sets. Returns whether one explains them.
    fn add_cause(&self, from: &Set, to: &Set, agreed: &mut Agreed) -> bool {
        let objects = self.all_objects(from, to);
        let search = Search { from, to, rules: self.lenient, roster: self.roster, usual: None };
        let Some(cause) = search.find(&objects, OF_ALL) else { return false };
        let all = causes::counts(&objects).into_iter().max().unwrap_or_default();
        let explained = cause.places.iter();
        agreed.explained.extend(
            explained.map(|it| (it.place.file.clone(), it.image.clone(), it.annotation.clone())),
        );
        agreed.findings.extend(self.left_over(&objects, &cause, from, to));
        agreed.agreement.push(Agreement {
            from: from.format.name(),
            from_path: from.path(),
            to: to.format.name(),
            to_path: to.path(),
            rule: format!("with {}", cause.words),
            images: objects.len(),
            objects: all,
            agree: 0,
            disagree: all,
        });
        agreed.findings.extend(cause.finding(from, all));
        true
    }

    /// All objects of the images that both sets have.
    fn all_objects(&self, from: &Set, to: &Set) -> Objects {
        let numbers = |set: &Set, id: usize| {
            let count = set.view(id, self.roster).map_or(0, |view| view.annotations.len());
            (0..count).collect::<BTreeSet<usize>>()
        };
        let shared = from.places.keys().filter(|id| to.places.contains_key(id));
        let of = |&id: &usize| (id, [numbers(from, id), numbers(to, id)]);
        let mut objects: Objects = shared.map(of).collect();
        objects.retain(|_, of| !of[0].is_empty() || !of[1].is_empty());
        objects
    }

    /// How many objects of a set no image can have. Where two sets contradict each other, the one
    /// that has more of them is taken for the wrong one.
    fn unsound(&self, set: usize) -> usize {
        let set = &self.sets[set];
        let count = |&id: &usize| {
            let Some(view) = set.view(id, self.roster) else { return 0 };
            let is_bad = |annotation: &&crate::model::Annotation| {
                let is_tiny = annotation.bounds().is_some_and(|bbox| bbox.area() < 1.0);
                let is_inside = || {
                    let inside = annotation.bounds().zip(view.image.size);
                    inside.is_none_or(|(bbox, size)| bbox.is_inside(size))
                };
                is_tiny || !shapes::is_sound(annotation, &view.image) || !is_inside()
            };
            view.annotations.iter().filter(is_bad).count()
        };
        set.places.keys().map(count).sum()
    }
}

/// Whether two sets are about the same objects. Sets of one format may be about others of the same
/// images (instances and stuff), unless they have the same classes and equally many objects.
fn may_be_compared(from: &Set, to: &Set, counts: &Evidence) -> bool {
    let names = |set: &Set| -> BTreeSet<String> {
        let headers = set.parts.iter().map(|part| part.source.header());
        headers.flat_map(|header| header.names()).collect()
    };
    from.format.name() != to.format.name()
        || (counts.objects() == counts.pairs() && names(from) == names(to))
}

fn row(joined: &Joined) -> Agreement {
    let Joined { edge, outcome, .. } = joined;
    Agreement {
        from: edge.from.format.name(),
        from_path: edge.from.path(),
        to: edge.to.format.name(),
        to_path: edge.to.path(),
        rule: edge.words(),
        images: edge.evidence.images,
        objects: outcome.objects,
        agree: outcome.agree,
        disagree: outcome.objects - outcome.agree,
    }
}

/// Leaves each finding about a source's own marks once, though several formats were made from it.
fn once(findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    findings.retain(|finding| {
        let is_of_source = matches!(finding.rule, Rule::CrowdChanged | Rule::CrowdKept);
        let Place { file, position, .. } = &finding.place;
        let at = position.map(|at| (at.line, at.column));
        !is_of_source || seen.insert((finding.rule, file.clone(), at))
    });
}

fn departing<'a>(departures: impl Iterator<Item = &'a Departure>) -> Objects {
    let mut objects = Objects::new();
    for Departure { id, from, to, .. } in departures {
        let of = objects.entry(*id).or_default();
        of[0].extend(*from);
        of[1].extend(*to);
    }
    objects
}

fn out_of_date(
    findings: Vec<Finding>,
    from: &Set,
    objects: usize,
    is_right: bool,
) -> Option<Finding> {
    let count = findings.len();
    let share = count * 100 / objects.max(1);
    let message = format!(
        "{count} of {objects} objects ({share} %) differ from {} in no common way: {}",
        name_of(from),
        match is_right {
            true => "this one is older, as another format agrees with that",
            false => "one of both is older",
        }
    );
    Finding::of_cause(Rule::OutOfDate, message, findings)
}
