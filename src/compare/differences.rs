//! Finds the objects that break the rule by which one format was made from another.

use super::agreement::{self, Chosen, Evidence, Pair, Rest, Rules, kind};
use super::derivation::{self, BoxRule, Digits, Rounding, ShapeRule};
use crate::error::Place;
use crate::finding::Finding;
use crate::format::Field;
use crate::geometry::{Polygon, overlap, polygon};
use crate::judge::image_files::{name_of, title};
use crate::judge::shapes::{self, short};
use crate::model::{Annotation, Shape};
use crate::numbers;
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
}

/// The comparison of some images by the rule: how many objects there are, and how many keep it.
#[derive(Default)]
pub struct Outcome {
    pub findings: Vec<Finding>,
    pub objects: usize,
    pub agree: usize,
}

impl<'a> Edge<'a> {
    fn box_rule(&self) -> BoxRule {
        self.rules.boxes[self.chosen.boxes]
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
            views.map(|(from, to)| self.compare_image(&from, &to)).unwrap_or_default()
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

    fn compare_image(&self, from: &View, to: &View) -> Outcome {
        let compared = agreement::compare(self.rules, from, to);
        let mut outcome = Outcome::default();
        for pair in &compared.pairs {
            outcome.objects += 1;
            let found = self.judge_pair(pair, from, to);
            outcome.agree += usize::from(found.is_none());
            outcome.findings.extend(found);
        }
        // An object that is there twice has a finding of its own. It is not also an added one.
        let repeats = |view: &View| -> Vec<usize> {
            shapes::duplicates(view).into_iter().map(|(_, second)| second).collect()
        };
        let (repeated, repeating) = (repeats(from), repeats(to));
        let is_left_out = |number| self.chosen.leaves_out(kind(&from.annotations[number]));
        let is_missing = |number: &usize| !is_left_out(*number) && !repeated.contains(number);
        let is_added = |number: &usize| !repeating.contains(number);
        outcome
            .add(unmatched(Rule::ObjectMissing, &compared.missing, is_missing, from, self.to))
            .add(unmatched(Rule::ObjectAdded, &compared.added, is_added, to, self.from))
    }

    /// A finding about an object that both sets have: about its geometry, or else its class.
    fn judge_pair(&self, pair: &Pair, from: &View, to: &View) -> Option<Finding> {
        let (source, target) = (&from.annotations[pair.from], &to.annotations[pair.to]);
        if pair.is_kept(&self.chosen) {
            let (one, other) = agreement::classes(from, source, to, target)?;
            let message = format!("{other}, {} says {one}", self.named(from, pair.from));
            return Some(to.finding(Rule::ClassChanged, pair.to, Field::Class, message));
        }
        let is_shape = pair.shapes.is_some_and(|set| set >> self.chosen.shapes & 1 == 0);
        if is_shape {
            let name = self.named(from, pair.from);
            let message = shape_difference(source, target, &name);
            return Some(to.finding(Rule::ShapeChanged, pair.to, Field::Shape, message));
        }
        let name = self.named(from, pair.from);
        let message = self.box_difference(source, target, &name);
        Some(to.finding(Rule::BoxChanged, pair.to, Field::Box, message))
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
        let overlap = overlap::of_boxes(&expected, &found);
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
            add(Rule::OneBased, format!("the boxes of {source}, {}", boxes.origin()));
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
        self
    }
}

/// Findings about images that only one of two sets has. Images without objects are left out unless
/// the other set lists such images.
fn absent(set: &Set, other: &Set, roster: &Roster) -> Outcome {
    let mut ids: Vec<usize> =
        set.places.keys().copied().filter(|id| !other.places.contains_key(id)).collect();
    ids.sort_unstable();
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

/// Findings about the objects of an image that have no counterpart in another set, and for which
/// `counts` is true. There is one finding for each, or, if it is not known which objects they are,
/// one with their least number.
fn unmatched(
    rule: Rule,
    rest: &Rest,
    counts: impl Fn(&usize) -> bool,
    view: &View,
    other: &Set,
) -> Outcome {
    let numbers: Vec<usize> = rest.numbers.iter().copied().filter(counts).collect();
    let objects = numbers.len().saturating_sub(rest.doubt);
    let findings = if rest.doubt == 0 {
        let message = format!("not in {}", name_of(other));
        let finding = |&number: &usize| view.finding(rule, number, Field::Whole, message.clone());
        numbers.iter().map(finding).collect()
    } else if objects > 0 {
        let count = numbers.len();
        let message = format!("at least {objects} of {count} objects not in {}", name_of(other));
        vec![view.image_finding(rule, Field::Whole, message)]
    } else {
        Vec::new()
    };
    Outcome { findings, objects, agree: 0 }
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
        ..=MOST_POINTS => format!("{:.3}", overlap::of_polygons(&expected, found)),
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
