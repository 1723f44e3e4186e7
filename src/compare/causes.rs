//! What was done to the objects that no rule explains: the known mistakes are tried on all of them,
//! and the one that explains the most, number for number, is the cause.

use super::agreement::{self, Pair, Rules};
use super::derivation::BoxRule;
use crate::finding::Finding;
use crate::format::Field;
use crate::geometry::{BBox, Size};
use crate::judge::image_files::name_of;
use crate::model::Annotation;
use crate::rules::Rule;
use crate::survey::mistakes::{self, Mistake};
use crate::survey::numerals::{Numerals, Sample};
use crate::survey::roster::Roster;
use crate::survey::sets::{Set, View};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The candidates are tried on so many images.
const SAMPLE: usize = 64;
/// How many images further a label may lie.
const STEPS: [isize; 2] = [1, -1];

/// The objects whose cause is searched for: by image, their numbers in both sets.
pub type Objects = BTreeMap<usize, [BTreeSet<usize>; 2]>;

/// Two sets, of which the second departs from the first.
pub struct Search<'a> {
    pub from: &'a Set,
    pub to: &'a Set,
    /// The rules with the leeway of causes.
    pub rules: &'a Rules,
    pub roster: &'a Roster,
    /// The rule that most objects keep, if one is known.
    pub usual: Option<BoxRule>,
}

/// What explains objects.
pub struct Cause {
    pub rule: Rule,
    /// What happened, in words that follow "with".
    pub words: String,
    /// The objects that it explains, by their image and their number in the second set.
    pub explained: BTreeSet<(usize, usize)>,
    /// A finding for each of them.
    pub places: Vec<Finding>,
    /// The explained object of the first set for each, in the same order.
    pub sources: BTreeSet<(usize, usize)>,
}

/// What may have happened.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Candidate {
    /// Nothing but another rule than the usual one.
    OtherRule,
    /// A known mistake, perhaps with boxes that were rounded before, as the format is.
    Mistake(Mistake, Before),
    /// The labels of the image that comes so many images later.
    Elsewhere(isize),
}

/// What was done to a box before the mistake.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    Rounded,
}

/// Images in the order of their names.
struct Order {
    images: Vec<usize>,
    places: HashMap<usize, usize>,
    /// How the numbers of the objects are written whose cause is searched for.
    numerals: Numerals,
}

/// A pair of objects under a candidate.
struct Match {
    id: usize,
    from: usize,
    to: usize,
    pair: Pair,
}

impl Search<'_> {
    /// The cause that explains at least this share of the objects, and three of them, or all if
    /// there are fewer.
    pub fn find(&self, objects: &Objects, share: f64) -> Option<Cause> {
        let step = objects.len().div_ceil(SAMPLE).max(1);
        let sample: Objects =
            objects.iter().step_by(step).map(|(id, of)| (*id, of.clone())).collect();
        let needed = |objects: &Objects| {
            let [one, other] = counts(objects);
            let all = one.max(other);
            ((all as f64 * share).ceil() as usize).max(all.min(3)).max(1)
        };
        let order = self.order(objects);
        let mut best: Option<(usize, Candidate)> = None;
        for candidate in self.candidates(&sample) {
            let count = self.explained(candidate, &sample, &order).1.len();
            if best.is_none_or(|(most, _)| count > most) {
                best = Some((count, candidate));
            }
        }
        let (_, candidate) = best.filter(|(count, _)| *count >= needed(&sample))?;
        let (rule, matches) = self.explained(candidate, objects, &order);
        (matches.len() >= needed(objects))
            .then(|| self.cause(candidate, rule, &matches, order.numerals))
    }

    fn candidates(&self, sample: &Objects) -> Vec<Candidate> {
        let is_fractions = self.to.format.profile().is_fractions();
        let pairs = self.pairs(sample);
        let mut all = vec![Candidate::OtherRule];
        let mistakes: Vec<Mistake> =
            mistakes::known(is_fractions).into_iter().chain(Mistake::suggested(&pairs)).collect();
        all.extend(mistakes.iter().map(|it| Candidate::Mistake(*it, Before::Nothing)));
        all.extend(mistakes.iter().map(|it| Candidate::Mistake(*it, Before::Rounded)));
        all.extend(STEPS.map(Candidate::Elsewhere));
        all
    }

    /// The boxes of both sides in their order, of images that have equally many.
    fn pairs(&self, sample: &Objects) -> Vec<(BBox, BBox)> {
        let mut pairs = Vec::new();
        for (id, [left, right]) in sample.iter().filter(|(_, of)| of[0].len() == of[1].len()) {
            let views = self.from.view(*id, self.roster).zip(self.to.view(*id, self.roster));
            let Some((from, to)) = views else { continue };
            let bounds = |view: &View, at: &usize| {
                agreement::fair(view, view.annotations.get(*at)?).bounds()
            };
            let both = left.iter().zip(right);
            pairs.extend(both.filter_map(|(a, b)| bounds(&from, a).zip(bounds(&to, b))));
        }
        pairs
    }

    /// The images by their names, to look for labels that lie at another one.
    fn order(&self, objects: &Objects) -> Order {
        let mut images: Vec<usize> = objects.keys().copied().collect();
        images.sort_by_key(|id| self.roster.name(*id));
        let places = images.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        Order { images, places, numerals: self.numerals(objects) }
    }

    /// How the numbers of these objects of the second set are written.
    fn numerals(&self, objects: &Objects) -> Numerals {
        let is_fractions = self.to.format.profile().is_fractions();
        let mut sample = Sample::default();
        for (id, [_, numbers]) in objects.iter().take(SAMPLE) {
            let Some(mut view) = self.to.view(*id, self.roster) else { continue };
            keep(&mut view, |number| numbers.contains(&number));
            let size = view.image.size;
            sample = sample.add(Sample::of(&view.annotations, size, size.filter(|_| is_fractions)));
        }
        sample.numerals()
    }

    /// The objects that a candidate explains by one rule, and that rule.
    fn explained(
        &self,
        candidate: Candidate,
        objects: &Objects,
        order: &Order,
    ) -> (usize, Vec<Match>) {
        let mut matches = Vec::new();
        for (id, of) in objects {
            self.compare(candidate, *id, of, order, &mut matches);
        }
        let boxes = self.best(&matches, candidate, |pair| pair.boxes);
        let shapes = self.best(&matches, Candidate::Elsewhere(0), |pair| pair.shapes);
        let is_kept = |it: &Match| {
            let of = |set: Option<u128>, rule: usize| set.is_none_or(|set| set >> rule & 1 == 1);
            // A box beside a shape may be that of the rounded shape.
            let is_explained = match it.pair.shapes {
                Some(_) => of(it.pair.shapes, shapes),
                None => it.pair.boxes.is_some() && of(it.pair.boxes, boxes),
            };
            is_explained && !it.pair.has_one_shape
        };
        matches.retain(is_kept);
        (boxes, matches)
    }

    /// The rule that most pairs keep, the simplest one of equals.
    fn best(
        &self,
        matches: &[Match],
        candidate: Candidate,
        set: impl Fn(&Pair) -> Option<u128>,
    ) -> usize {
        let is_fractions = self.to.format.profile().is_fractions();
        let is_tried = |rule: &BoxRule| match candidate {
            // Another origin would explain an object that was moved by a pixel.
            Candidate::Mistake(..) | Candidate::Elsewhere(_) => rule.shift == (0, 0),
            Candidate::OtherRule => self.usual != Some(*rule) || is_fractions,
        };
        let count = |rule: usize| {
            let is_allowed = self.rules.boxes.get(rule).is_some_and(is_tried);
            let keep = matches.iter().filter_map(|it| set(&it.pair));
            keep.filter(|set| is_allowed && set >> rule & 1 == 1).count()
        };
        let counted = (0..self.rules.boxes.len()).map(|rule| (count(rule), rule));
        let best = counted.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map_or(0, |(_, rule)| rule)
    }

    /// Adds the pairs of an image under a candidate.
    fn compare(
        &self,
        candidate: Candidate,
        id: usize,
        of: &[BTreeSet<usize>; 2],
        order: &Order,
        matches: &mut Vec<Match>,
    ) {
        let Some((source, frame)) = self.source(candidate, id, order) else { return };
        let views =
            self.from.view(source, self.roster).zip(self.to.view_in(id, self.roster, frame));
        let Some((mut from, mut to)) = views else { return };
        let is_elsewhere = source != id;
        let right = keep(&mut to, |number| of[1].contains(&number));
        let left = keep(&mut from, |number| is_elsewhere || of[0].contains(&number));
        let like = to.annotations.iter().find_map(|annotation| annotation.bbox);
        if let Candidate::Mistake(mistake, before) = candidate {
            let size = from.image.size.or(to.image.size).unwrap_or(Size { width: 0, height: 0 });
            if before == Before::Rounded {
                let scale = Some(size).filter(|_| self.to.format.profile().is_fractions());
                from.annotations.iter_mut().for_each(|it| round(it, scale));
            }
            make(&mut from, &mistake, size, like.as_ref());
        }
        if candidate == Candidate::OtherRule {
            to.numerals = order.numerals;
        }
        let compared = agreement::compare_unsound(self.rules, &from, &to);
        matches.extend(compared.pairs.into_iter().map(|pair| Match {
            id,
            from: left.get(pair.from).copied().unwrap_or_default(),
            to: right.get(pair.to).copied().unwrap_or_default(),
            pair,
        }));
    }

    /// The image whose objects those of an image may be, and the size of the frame in which they
    /// are then read, if it is another one.
    fn source(
        &self,
        candidate: Candidate,
        id: usize,
        order: &Order,
    ) -> Option<(usize, Option<Size>)> {
        let Candidate::Elsewhere(step) = candidate else { return Some((id, None)) };
        let at = *order.places.get(&id)?;
        let count = isize::try_from(order.images.len()).ok()?;
        let other = isize::try_from(at).ok()?.saturating_add(step).rem_euclid(count);
        let other = *order.images.get(usize::try_from(other).ok()?)?;
        (other != id).then(|| (other, self.roster.frame(other)))
    }

    fn cause(
        &self,
        candidate: Candidate,
        rule: usize,
        matches: &[Match],
        numerals: Numerals,
    ) -> Cause {
        let of_rule = self.rules.boxes.get(rule);
        let (rule, words) = match candidate {
            Candidate::Mistake(mistake, _) => (mistake.rule(), mistake.words()),
            Candidate::Elsewhere(step) => {
                let which = if step > 0 { "next" } else { "previous" };
                (Rule::LabelsRotated, format!("the labels of the {which} image in order of names"))
            }
            Candidate::OtherRule => self.other_rule(of_rule, numerals),
        };
        let place = |it: &Match| {
            let view = self.to.view(it.id, self.roster)?;
            (it.to < view.annotations.len())
                .then(|| view.finding(rule, it.to, Field::Box, words.clone()))
        };
        Cause {
            rule,
            explained: matches.iter().map(|it| (it.id, it.to)).collect(),
            sources: matches.iter().map(|it| (it.id, it.from)).collect(),
            places: matches.iter().filter_map(place).collect(),
            words,
        }
    }

    /// Another rule is a shift where it has another origin, else another way of rounding.
    fn other_rule(&self, rule: Option<&BoxRule>, numerals: Numerals) -> (Rule, String) {
        let Some(rule) = rule else { return (Rule::MixedRules, "another rule".to_owned()) };
        let decimals = match rule.digits {
            super::rounding::Digits::Most => numerals.most_of_boxes,
            super::rounding::Digits::Usual => numerals.boxes,
        };
        let words = format!("another rule: {}, {}", rule.rounding.words(decimals), rule.origin());
        let is_shifted = self.usual.is_some_and(|usual| usual.shift != rule.shift);
        (if is_shifted { Rule::Shifted } else { Rule::MixedRules }, words)
    }
}

impl Cause {
    /// One finding for all objects that the cause explains.
    pub fn finding(self, from: &Set, of: usize) -> Option<Finding> {
        let message = format!(
            "{} of {of} objects are those of {} with {}",
            self.places.len(),
            name_of(from),
            self.words
        );
        Finding::of_cause(self.rule, message, self.places)
    }
}

/// How many objects there are on each side.
pub fn counts(objects: &Objects) -> [usize; 2] {
    let of = |side: usize| objects.values().map(|of| of.get(side).map_or(0, BTreeSet::len)).sum();
    [of(0), of(1)]
}

/// Rounds a box to whole pixels, or to fractions of 6 decimals of a size.
fn round(annotation: &mut Annotation, scale: Option<Size>) {
    let rounded = annotation.bounds().map(|bbox| match scale {
        None => {
            let [x_min, y_min, x_max, y_max] = bbox.corners().map(f64::round);
            BBox::Corners { x_min, y_min, x_max, y_max }
        }
        Some(Size { width, height }) => {
            let sides = [width, height, width, height].map(f64::from);
            // The digits are those that are printed: they come from the exact value.
            let to_six = |(number, side): (f64, f64)| {
                format!("{:.6}", number / side).parse().unwrap_or(number / side) * side
            };
            let [cx, cy, w, h] = bbox.centre_and_size();
            let [cx, cy, width, height] =
                [(cx, sides[0]), (cy, sides[1]), (w, sides[2]), (h, sides[3])].map(to_six);
            BBox::Centre { cx, cy, width, height }
        }
    });
    annotation.bbox = rounded.or(annotation.bbox);
}

/// Leaves only some annotations in a view. Returns the numbers that they had.
fn keep(view: &mut View, is_kept: impl Fn(usize) -> bool) -> Vec<usize> {
    let numbers: Vec<usize> = (0..view.annotations.len()).filter(|at| is_kept(*at)).collect();
    let mut number = 0;
    view.annotations.retain(|_| {
        number += 1;
        is_kept(number - 1)
    });
    numbers
}

/// Makes a mistake with all annotations of a view. What it cannot be made with has no geometry any
/// more, and is not compared.
fn make(view: &mut View, mistake: &Mistake, size: Size, like: Option<&BBox>) {
    let is_mistaken = view.part.mistake.is_some();
    for annotation in &mut view.annotations {
        let mut right = annotation.clone();
        if is_mistaken && right.shape.bounds().is_some() {
            right.bbox = None;
        }
        let none = || Annotation { bbox: None, shape: crate::model::Shape::None, ..right.clone() };
        *annotation = mistake.of(&right, size, like).unwrap_or_else(none);
    }
}
