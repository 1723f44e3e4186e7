//! Counts over all images that two sets have in common: which rule explains how many objects.

use super::agreement::{Compared, ObjectKind, Pair, Rules, kind};
use super::classes::{ClassPairs, class_of};
use crate::geometry::{Coord, polygon};
use crate::model::{Annotation, Shape};
use crate::survey::sets::View;

/// The rule by which a set was made from another one.
#[derive(Debug, Clone, Copy)]
pub struct Chosen {
    /// The number of the rule for boxes.
    pub boxes: usize,
    /// The number of the rule for shapes.
    pub shapes: usize,
    /// Whether crowds were left out, and whether points and lines were.
    pub left_out: [bool; 2],
}

/// Counts over all images that two sets have in common.
pub struct Evidence {
    /// For each rule for boxes, how many objects keep it.
    boxes: Vec<usize>,
    /// How many boxes were compared.
    boxes_of: usize,
    /// For each rule for shapes, how many objects keep it.
    shapes: Vec<usize>,
    /// How many shapes were compared.
    shapes_of: usize,
    /// For each rule for boxes, how many boxes around unexplained shapes keep it, or stated boxes.
    bounds: Vec<usize>,
    /// How many of these were compared.
    bounds_of: usize,
    /// Whether some objects have shapes of several parts.
    pub has_parts: bool,
    pairs: usize,
    /// How many pairs have neither boxes nor shapes that can be compared.
    incomparable: usize,
    /// By [`ObjectKind`].
    matched: [usize; 3],
    /// How many pairs have a shape on one side only.
    pub one_sided: usize,
    /// How many objects have each pair of classes.
    pub classes: ClassPairs,
    /// By [`ObjectKind`].
    missing: [usize; 3],
    added: usize,
    /// How many rings are open, and how many are closed.
    pub closed_rings: [usize; 2],
    pub images: usize,
    /// The images that have objects, in order.
    pub seen: Vec<Seen>,
}

/// The result of comparing an image, kept so that the image need not be read again if all its
/// objects keep the chosen rule.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Its number in the roster.
    pub id: usize,
    pub objects: usize,
    /// The rules that all its boxes keep.
    boxes: u128,
    /// The rules that all its shapes keep.
    shapes: u128,
    /// Whether no object is missing, added or of another class, and all can be compared.
    is_whole: bool,
}

impl Seen {
    fn of(id: usize, compared: &Compared, from: &View, to: &View) -> Self {
        let all = |set: fn(&Pair) -> Option<u128>| {
            compared.pairs.iter().filter_map(set).fold(u128::MAX, |all, one| all & one)
        };
        let is_same = |pair: &Pair| {
            let (one, other) = (&from.annotations[pair.from], &to.annotations[pair.to]);
            (pair.boxes.is_some() || pair.shapes.is_some())
                && !pair.has_one_shape
                && one.crowd == other.crowd
                && class_of(from, one) == class_of(to, other)
        };
        let has_all =
            [&compared.missing, &compared.added].iter().all(|it| it.numbers.len() <= it.doubt);
        Self {
            id,
            objects: compared.pairs.len(),
            boxes: all(|pair| pair.boxes),
            shapes: all(|pair| pair.shapes),
            is_whole: has_all && compared.pairs.iter().all(is_same),
        }
    }

    /// Whether all objects keep a rule.
    pub fn is_kept(&self, chosen: &Chosen) -> bool {
        self.is_whole
            && self.boxes >> chosen.boxes & 1 == 1
            && self.shapes >> chosen.shapes & 1 == 1
    }
}

impl Evidence {
    /// Counts of 0.
    pub fn new(rules: &Rules) -> Self {
        Self {
            boxes: vec![0; rules.boxes.len()],
            boxes_of: 0,
            shapes: vec![0; rules.shapes.len()],
            shapes_of: 0,
            bounds: vec![0; rules.boxes.len()],
            bounds_of: 0,
            has_parts: false,
            pairs: 0,
            incomparable: 0,
            matched: [0; 3],
            one_sided: 0,
            classes: ClassPairs::default(),
            missing: [0; 3],
            added: 0,
            closed_rings: [0; 2],
            images: 0,
            seen: Vec::new(),
        }
    }

    /// Adds the comparison of an image.
    pub fn add(&mut self, id: usize, compared: &Compared, from: &View, to: &View) {
        self.images += 1;
        if !from.annotations.is_empty() || !to.annotations.is_empty() {
            self.seen.push(Seen::of(id, compared, from, to));
        }
        for pair in &compared.pairs {
            self.pairs += 1;
            self.matched[kind(&from.annotations[pair.from]) as usize] += 1;
            self.one_sided += usize::from(pair.has_one_shape);
            self.classes.count(pair, from, to);
            self.incomparable += usize::from(pair.boxes.is_none() && pair.shapes.is_none());
            count(&mut self.boxes, &mut self.boxes_of, pair.boxes);
            count(&mut self.shapes, &mut self.shapes_of, pair.shapes);
            count(&mut self.bounds, &mut self.bounds_of, pair.bounds.or(pair.boxes));
            self.has_parts |= has_parts(&from.annotations[pair.from]);
            let is_closed = is_closed(&to.annotations[pair.to]);
            is_closed.into_iter().for_each(|is| self.closed_rings[usize::from(is)] += 1);
        }
        for &number in compared.missing.certain() {
            self.missing[kind(&from.annotations[number]) as usize] += 1;
        }
        self.added += compared.added.certain().len();
    }

    /// The counts of both together.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        let add = |own: &mut [usize], other: &[usize]| {
            own.iter_mut().zip(other).for_each(|(own, other)| *own += other);
        };
        add(&mut self.boxes, &other.boxes);
        add(&mut self.shapes, &other.shapes);
        add(&mut self.bounds, &other.bounds);
        self.bounds_of += other.bounds_of;
        self.has_parts |= other.has_parts;
        add(&mut self.matched, &other.matched);
        add(&mut self.missing, &other.missing);
        add(&mut self.closed_rings, &other.closed_rings);
        self.one_sided += other.one_sided;
        self.classes.merge(other.classes);
        self.boxes_of += other.boxes_of;
        self.shapes_of += other.shapes_of;
        self.pairs += other.pairs;
        self.incomparable += other.incomparable;
        self.added += other.added;
        self.images += other.images;
        self.seen.extend(other.seen);
        self
    }

    /// The rule that explains the most objects. If several do, it is the simplest.
    pub fn choose(&self) -> Chosen {
        let best = |counts: &[usize]| {
            let most = counts.iter().max().copied().unwrap_or_default();
            counts.iter().position(|count| *count == most).unwrap_or_default()
        };
        // One that is there although all others of its kind are left out is the odd one.
        let is_left_out =
            |kind: ObjectKind| self.missing[kind as usize] > self.matched[kind as usize];
        Chosen {
            boxes: best(&self.boxes),
            shapes: best(&self.shapes),
            left_out: [is_left_out(ObjectKind::Crowd), is_left_out(ObjectKind::NotHeld)],
        }
    }

    /// The part of the objects that the chosen rules explain at least, from 0 to 1.
    pub fn explained(&self) -> f64 {
        let chosen = self.choose();
        let of = |counts: &[usize], rule: usize| counts.get(rule).copied().unwrap_or(0);
        let other_shapes = self.shapes_of - of(&self.shapes, chosen.shapes);
        self.part(&chosen, self.boxes_of - of(&self.boxes, chosen.boxes) + other_shapes)
    }

    /// The same for boxes alone, whatever the shapes are.
    pub fn explained_boxes(&self) -> f64 {
        let most = self.bounds.iter().max().copied().unwrap_or(0);
        self.part(&self.choose(), self.pairs.saturating_sub(most))
    }

    fn part(&self, chosen: &Chosen, unexplained: usize) -> f64 {
        let unexplained = unexplained + self.incomparable;
        let missing: usize = [ObjectKind::Crowd, ObjectKind::NotHeld, ObjectKind::Plain]
            .into_iter()
            .filter(|kind| !chosen.leaves_out(*kind))
            .map(|kind| self.missing[kind as usize])
            .sum();
        let objects = self.pairs + missing + self.added;
        self.pairs.saturating_sub(unexplained) as f64 / objects.max(1) as f64
    }

    /// How many objects only the second set has.
    pub fn added(&self) -> usize {
        self.added
    }

    /// How many objects both have.
    pub fn pairs(&self) -> usize {
        self.pairs
    }

    /// How many different objects the images have in the two sets.
    pub fn objects(&self) -> usize {
        self.pairs + self.missing.iter().sum::<usize>() + self.added
    }

    /// Whether any boxes were compared, and whether any shapes were.
    pub fn compared(&self) -> (bool, bool) {
        (self.boxes_of > 0, self.shapes_of > 0)
    }
}

impl Chosen {
    /// Whether an object keeps the rules.
    pub fn is_kept(&self, pair: &Pair) -> bool {
        let is_kept = |set: Option<u128>, rule: usize| set.is_none_or(|set| set >> rule & 1 == 1);
        (pair.boxes.is_some() || pair.shapes.is_some())
            && !pair.has_one_shape
            && is_kept(pair.boxes, self.boxes)
            && is_kept(pair.shapes, self.shapes)
    }

    /// Whether the derived set has no objects of a kind.
    pub fn leaves_out(&self, kind: ObjectKind) -> bool {
        self.left_out.get(kind as usize).copied().unwrap_or(false)
    }
}

fn count(counts: &mut [usize], of: &mut usize, explained: Option<u128>) {
    let Some(explained) = explained else { return };
    *of += 1;
    for (rule, count) in counts.iter_mut().enumerate() {
        *count += usize::from(explained >> rule & 1 == 1);
    }
}

fn has_parts(annotation: &Annotation) -> bool {
    matches!(&annotation.shape, Shape::Polygons(parts) if parts.len() > 1)
}

/// Whether the first ring of a shape repeats its first point at the end; `None` if it has no ring.
fn is_closed(annotation: &Annotation) -> Option<bool> {
    let Shape::Polygons(parts) = &annotation.shape else { return None };
    let ring: &[Coord<f64>] = &parts.first()?.exterior;
    Some(annotation.is_closed || polygon::open(ring).len() < ring.len())
}
