//! Finds the objects that break the rule by which one format was made from another.

use super::agreement::{self, ObjectKind, Pair, Rest, Rules, kind};
use super::classes::ClassMap;
use super::derivation::{self, BoxRule, ShapeRule};
use super::evidence::{Chosen, Evidence};
use super::rounding::{Digits, Rounding};
use crate::error::Place;
use crate::finding::Finding;
use crate::format::Field;
use crate::geometry::{Polygon, overlap, polygon};
use crate::judge::image_files::{name_of, title};
use crate::judge::shapes;
use crate::model::{Annotation, Shape};
use crate::numbers::{self, short};
use crate::rules::Rule;
use crate::survey::roster::Roster;
use crate::survey::sets::{Set, View};
use rayon::prelude::*;

/// A set that was made from another one, and the rule.
pub struct Edge<'a> {
    pub from: &'a Set,
    pub to: &'a Set,
    pub rules: &'a Rules,
    pub chosen: Chosen,
    pub evidence: &'a Evidence,
    pub classes: ClassMap,
    /// Whether each part of a shape is an object of its own in the second set.
    pub is_split: bool,
}

/// The comparison of some images by the rule: how many objects there are, and how many keep it.
#[derive(Default)]
pub struct Outcome {
    pub findings: Vec<Finding>,
    pub objects: usize,
    pub agree: usize,
    /// The objects that depart from the rule.
    pub departures: Vec<Departure>,
    /// The objects whose class has changed for a common cause.
    pub reclassed: Vec<Finding>,
    /// The crowds that are plain objects in the second set.
    pub crowds: Vec<Finding>,
}

/// An object that departs from the rule.
pub struct Departure {
    /// Its image, by the number in the roster.
    pub id: usize,
    /// Its number in the first set, if it is there.
    pub from: Option<usize>,
    /// Its number in the second set, if it is there.
    pub to: Option<usize>,
    pub finding: Finding,
}

impl<'a> Edge<'a> {
    /// The rule for boxes.
    pub fn box_rule(&self) -> BoxRule {
        self.rules.boxes[self.chosen.boxes]
    }

    /// Whether the numbers of the source count from 1, and those that were made from it from 0.
    pub fn is_source_one_based(&self) -> bool {
        let (has_boxes, has_shapes) = self.evidence.compared();
        (has_boxes || has_shapes)
            && (!has_boxes || self.box_rule().shift.0 == -1)
            && (!has_shapes || self.shape_rule().shift == -1)
    }

    fn shape_rule(&self) -> ShapeRule {
        self.rules.shapes[self.chosen.shapes]
    }

    /// The decimals to which the rule rounds boxes, and those to which it rounds shapes.
    fn decimals(&self) -> (Option<usize>, Option<usize>) {
        let numerals = self.to.numerals;
        let pick = |digits, most: Option<usize>, usual| match digits {
            Digits::Most => most,
            Digits::Usual => usual,
        };
        (
            pick(self.box_rule().digits, numerals.most_of_boxes, numerals.boxes),
            pick(self.shape_rule().digits, numerals.most_of_shapes, numerals.shapes),
        )
    }

    /// The rule in words.
    pub fn words(&self) -> String {
        let (has_boxes, has_shapes) = self.evidence.compared();
        let (of_boxes, of_shapes) = self.decimals();
        let mut words = Vec::new();
        if has_boxes {
            let rule = self.box_rule();
            let around = match rule.basis {
                derivation::Basis::Shape => " around the shapes",
                derivation::Basis::Stated => "",
            };
            let unit =
                if self.to.format.profile().is_fractions() { "as fractions" } else { "in pixels" };
            let rounding = rule.rounding.words(of_boxes);
            words.push(format!("boxes{around} {unit}, {rounding}, {}", rule.origin()));
        }
        if has_shapes {
            let rule = self.shape_rule();
            let [open, closed] = self.evidence.closed_rings;
            let ends = if closed > open { "closed" } else { "open" };
            let shift = match rule.shift {
                1 => ", plus 1",
                -1 => ", minus 1",
                _ => "",
            };
            words.push(format!("polygon rings, {ends}, {}{shift}", rule.rounding.words(of_shapes)));
        }
        let [crowds, others] = self.chosen.left_out;
        words.extend(crowds.then(|| "crowds left out".to_owned()));
        words.extend(others.then(|| "points and lines left out".to_owned()));
        words.extend(self.is_split.then(|| "each part an object of its own".to_owned()));
        words.extend(self.classes.words.clone());
        words.join("; ")
    }

    /// Compares all images of the two sets.
    pub fn compare(&self, roster: &Roster) -> Outcome {
        let seen = self.evidence.seen.par_iter().map(|seen| {
            if seen.is_kept(&self.chosen) {
                return Outcome {
                    objects: seen.objects,
                    agree: seen.objects,
                    ..Outcome::default()
                };
            }
            let views = self.from.view(seen.id, roster).zip(self.to.view(seen.id, roster));
            views
                .map(|(mut from, to)| self.compare_image(seen.id, &mut from, &to))
                .unwrap_or_default()
        });
        let mut all = seen.reduce(Outcome::default, Outcome::add);
        // Two files of one format may be about different images: that is no finding.
        if self.from.format.name() != self.to.format.name() {
            all = all.add(absent(self.from, self.to, roster));
            all = all.add(absent(self.to, self.from, roster));
        }
        all.findings.extend(self.judge_rule(roster));
        all
    }

    fn compare_image(&self, id: usize, from: &mut View, to: &View) -> Outcome {
        if self.is_split {
            agreement::split(from);
        }
        let compared = agreement::compare(self.rules, from, to);
        let mut outcome = Outcome::default();
        for pair in &compared.pairs {
            outcome.objects += 1;
            self.judge_pair(id, pair, from, to, &mut outcome);
        }
        // An object that is there twice has a finding of its own. It is not also an added one.
        let repeats = |view: &View| -> Vec<usize> {
            shapes::duplicates(view).into_iter().map(|(_, second)| second).collect()
        };
        let (repeated, repeating) = (repeats(from), repeats(to));
        let is_left_out = |number| self.chosen.leaves_out(kind(&from.annotations[number]));
        let is_missing = |number: &usize| !is_left_out(*number) && !repeated.contains(number);
        let is_added = |number: &usize| !repeating.contains(number);
        let missing = unmatched(Rule::ObjectMissing, &compared.missing, is_missing, from, self.to);
        let added = unmatched(Rule::ObjectAdded, &compared.added, is_added, to, self.from);
        outcome.objects += missing.objects + added.objects;
        outcome.depart(missing, |number, finding| Departure {
            id,
            from: Some(number),
            to: None,
            finding,
        });
        outcome.depart(added, |number, finding| Departure {
            id,
            from: None,
            to: Some(number),
            finding,
        });
        outcome
    }

    /// Judges an object that both sets have: its geometry, or else its crowd mark and its class.
    fn judge_pair(&self, id: usize, pair: &Pair, from: &View, to: &View, outcome: &mut Outcome) {
        if !self.chosen.is_kept(pair) {
            let finding = self.judge_geometry(pair, from, to);
            let (one, other) = (Some(pair.from), Some(pair.to));
            outcome.departures.push(Departure { id, from: one, to: other, finding });
            return;
        }
        let (source, target) = (&from.annotations[pair.from], &to.annotations[pair.to]);
        if source.crowd != target.crowd {
            return self.judge_crowd(pair, from, to, outcome);
        }
        let Some(found) = self.classes.differ((from, source), (to, target)) else {
            outcome.agree += 1;
            return;
        };
        let message =
            format!("{}, {} says {}", found.other, self.named(from, pair.from), found.one);
        let finding = to.finding(Rule::ClassChanged, pair.to, Field::Class, message);
        if found.is_explained {
            outcome.reclassed.push(finding);
            return;
        }
        let (one, other) = (Some(pair.from), Some(pair.to));
        outcome.departures.push(Departure { id, from: one, to: other, finding });
    }

    /// A crowd mark on one side only. Where the second format leaves crowds out, or states them,
    /// the mark is wrong; else it holds no marks.
    fn judge_crowd(&self, pair: &Pair, from: &View, to: &View, outcome: &mut Outcome) {
        let is_of_source = from.annotations[pair.from].crowd;
        let other = if is_of_source { self.to } else { self.from };
        let message = format!("marked as crowd, a plain object in {}", name_of(other));
        let finding = |rule| match is_of_source {
            true => from.finding(rule, pair.from, Field::Whole, message.clone()),
            false => to.finding(rule, pair.to, Field::Whole, message.clone()),
        };
        let states_crowds = other.numerals.has_crowds;
        if self.chosen.leaves_out(ObjectKind::Crowd) || states_crowds {
            outcome.findings.push(finding(Rule::CrowdChanged));
            return;
        }
        outcome.agree += 1;
        outcome.crowds.push(finding(Rule::CrowdKept));
    }

    /// A finding about an object whose place or shape differs.
    fn judge_geometry(&self, pair: &Pair, from: &View, to: &View) -> Finding {
        let source = &*agreement::fair(from, &from.annotations[pair.from]);
        let target = &*agreement::fair(to, &to.annotations[pair.to]);
        let name = self.named(from, pair.from);
        if pair.has_one_shape {
            return match matches!(target.shape, Shape::None) {
                true => {
                    let message = format!("a box alone, {name} has a shape");
                    to.finding(Rule::ShapeAbsent, pair.to, Field::Whole, message)
                }
                false => {
                    let message = format!("a box alone, {} has a shape", name_of(self.to));
                    from.finding(Rule::ShapeAbsent, pair.from, Field::Whole, message)
                }
            };
        }
        if pair.shapes.is_some_and(|set| set >> self.chosen.shapes & 1 == 0) {
            let message = shape_difference(source, target, &name);
            return to.finding(Rule::ShapeChanged, pair.to, Field::Shape, message);
        }
        let message = self.box_difference(source, target, &name);
        to.finding(Rule::BoxChanged, pair.to, Field::Box, message)
    }

    /// An annotation of the source as a message names it.
    fn named(&self, from: &View, number: usize) -> String {
        let name = match &from.annotations[number].id {
            Some(id) => format!("annotation {id}"),
            None => format!("object {number}"),
        };
        format!("{} of {}", name, title(self.from.format.name()))
    }

    fn box_difference(&self, source: &Annotation, target: &Annotation, name: &str) -> String {
        let boxes = self.box_rule().expected(source).zip(target.bounds());
        let Some((expected, found)) = boxes else {
            return format!("cannot be compared with {name}");
        };
        let pairs = expected.corners().into_iter().zip(found.corners());
        let off = pairs.map(|(one, other)| (one - other).abs()).fold(0.0, f64::max);
        let overlap = shown_overlap(overlap::of_boxes(&expected, &found));
        format!("up to {} px off {name} (IoU {overlap})", short(off))
    }

    /// Findings about the rule itself.
    fn judge_rule(&self, roster: &Roster) -> Vec<Finding> {
        let (boxes, shapes) = (self.box_rule(), self.shape_rule());
        let (has_boxes, has_shapes) = self.evidence.compared();
        let (of_boxes, of_shapes) = self.decimals();
        let source = title(self.from.format.name());
        let mut findings = Vec::new();
        let mut add = |rule, message: String| {
            findings.push(Finding::new(rule, message, Place::of_file(&self.to.path())));
        };
        if has_boxes && boxes.shift != (0, 0) {
            let advice = self.advice(boxes.shift);
            add(Rule::OneBased, format!("the boxes of {source}, {}{advice}", boxes.origin()));
        }
        if has_shapes && shapes.shift != 0 {
            add(Rule::OneBased, format!("the points of {source}, {:+}", shapes.shift));
        }
        let roundings =
            [(has_boxes, boxes.rounding, of_boxes), (has_shapes, shapes.rounding, of_shapes)];
        for (_, rounding, decimals) in roundings.into_iter().filter(|it| it.0) {
            if rounding == Rounding::Truncated {
                add(Rule::Truncated, format!("from {source}, {}", rounding.words(decimals)));
            }
            let side = self.longest_side(roster);
            let unit = decimals.map_or(0.0, numbers::unit) * side;
            if self.to.format.profile().is_fractions() && rounding != Rounding::Exact && unit > 1.0
            {
                let decimals = rounding.words(decimals);
                let message =
                    format!("{decimals}: steps of {} px in the largest image", short(unit));
                add(Rule::CoarseRounding, message);
            }
        }
        findings
    }

    /// The settings with which the derived format is read right, if it has such settings.
    fn advice(&self, shift: (i8, i8)) -> &'static str {
        let settings = self.to.format.settings();
        let has = |name: &str| settings.iter().any(|setting| setting.name == name);
        match shift {
            (1, 1) if has("origin") => " (read it with --origin 1)",
            (1, 0) if has("origin") && has("far-edge") => {
                " (read it with --origin 1 --far-edge inclusive)"
            }
            (0, -1) if has("far-edge") => " (read it with --far-edge inclusive)",
            _ => "",
        }
    }

    fn longest_side(&self, roster: &Roster) -> f64 {
        let sizes = self.to.places.keys().filter_map(|&id| roster.frame(id));
        f64::from(sizes.map(|size| size.width.max(size.height)).max().unwrap_or_default())
    }
}

impl Outcome {
    fn add(mut self, other: Self) -> Self {
        self.findings.extend(other.findings);
        self.objects += other.objects;
        self.agree += other.agree;
        self.departures.extend(other.departures);
        self.reclassed.extend(other.reclassed);
        self.crowds.extend(other.crowds);
        self
    }

    fn depart(&mut self, rest: Unmatched, departure: impl Fn(usize, Finding) -> Departure) {
        for (number, finding) in rest.findings {
            match number {
                Some(number) => self.departures.push(departure(number, finding)),
                None => self.findings.push(finding),
            }
        }
    }
}

/// An overlap with two decimals. What is not whole is never shown as whole.
fn shown_overlap(overlap: f64) -> String {
    match overlap {
        0.995..1.0 => "0.99".to_owned(),
        overlap => format!("{overlap:.2}"),
    }
}

/// Findings about images that only one of two sets has. Images without objects are left out unless
/// the other set lists such images.
fn absent(set: &Set, other: &Set, roster: &Roster) -> Outcome {
    let is_absent = |id: &usize| !other.places.contains_key(id) && !roster.is_doubted(*id);
    let mut ids: Vec<usize> = set.places.keys().copied().filter(is_absent).collect();
    ids.sort_unstable();
    // What hides an image has a finding of its own.
    if ids.len() <= other.hidden(roster) {
        return Outcome::default();
    }
    let one = |&id: &usize| {
        let view = set.view(id, roster)?;
        let is_background = view.annotations.is_empty() && !view.is_doubtful();
        if is_background && !other.has_backgrounds {
            return None;
        }
        let rule = if is_background { Rule::BackgroundAbsent } else { Rule::ImageAbsent };
        let objects = match view.annotations.len() {
            1 => "1 object".to_owned(),
            count => format!("{count} objects"),
        };
        let name = &view.image.file_name;
        let message = format!("{name:?} with {objects} is not in {}", name_of(other));
        Some(view.image_finding(rule, Field::Whole, message))
    };
    let findings = ids.par_iter().filter_map(one).collect();
    Outcome { findings, ..Outcome::default() }
}

/// Objects without a counterpart: how many, and the findings, each with the object's number if it
/// is known which object it is.
struct Unmatched {
    objects: usize,
    findings: Vec<(Option<usize>, Finding)>,
}

/// Findings about the objects of an image that have no counterpart in another set, and for which
/// `counts` is true. There is one finding for each, or, if it is not known which objects they are,
/// one with their least number.
fn unmatched(
    rule: Rule,
    rest: &Rest,
    counts: impl Fn(&usize) -> bool,
    view: &View,
    other: &Set,
) -> Unmatched {
    let numbers: Vec<usize> = rest.numbers.iter().copied().filter(counts).collect();
    let objects = numbers.len().saturating_sub(rest.doubt);
    let findings = if rest.doubt == 0 {
        let message = format!("not in {}", name_of(other));
        let finding = |&number: &usize| {
            (Some(number), view.finding(rule, number, Field::Whole, message.clone()))
        };
        numbers.iter().map(finding).collect()
    } else if objects > 0 {
        let count = numbers.len();
        let message = format!("at least {objects} of {count} objects not in {}", name_of(other));
        vec![(None, view.image_finding(rule, Field::Whole, message))]
    } else {
        Vec::new()
    };
    Unmatched { objects, findings }
}

/// The overlap of two shapes is computed if they have no more points than this together. The time
/// may grow with the square of the number of points.
const MOST_POINTS: usize = 1000;

fn shape_difference(source: &Annotation, target: &Annotation, name: &str) -> String {
    let rings = derivation::expected_rings(source, None).into_iter().next().unwrap_or_default();
    let expected: Vec<Polygon> = rings.into_iter().map(Polygon::from_ring).collect();
    let Shape::Polygons(found) = &target.shape else {
        return format!("another shape than {name}");
    };
    let points = |parts: &[Polygon]| -> usize {
        parts.iter().map(|part| polygon::open(&part.exterior).len()).sum()
    };
    let (one, other) = (points(&expected), points(found));
    let overlap = match one + other {
        ..=MOST_POINTS => shown_overlap(overlap::of_polygons(&expected, found)),
        _ => "not computed".to_owned(),
    };
    if one != other || expected.len() != found.len() {
        return format!("{other} points, {name} has {one} (IoU {overlap})");
    }
    let all = |parts: &[Polygon]| -> Vec<_> {
        parts.iter().flat_map(|part| polygon::open(&part.exterior).to_vec()).collect()
    };
    let pairs = all(&expected).into_iter().zip(all(found));
    let off = pairs.map(|(a, b)| (a.x - b.x).abs().max((a.y - b.y).abs())).fold(0.0, f64::max);
    format!("up to {} px off {name} (IoU {overlap})", short(off))
}
