//! Finds the rule by which one format of a dataset was made from another one.

use super::derivation::{self, BoxRule, Grid, ShapeRule};
use super::matching::{Matching, match_objects};
use super::places::Object;
use crate::format::Classes;
use crate::geometry::{BBox, Coord, polygon};
use crate::judge::shapes;
use crate::model::{Annotation, Shape};
use crate::survey::sets::{Set, View};
use std::cmp::Reverse;

/// A rule must explain at least this part of the objects.
const ENOUGH: f64 = 0.5;

/// Two sets, by their numbers: the second may have been made from the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Direction {
    pub from: usize,
    pub to: usize,
}

/// All rules that are tried. A set of them is a `u128` with a bit for each rule.
pub struct Rules {
    pub boxes: Vec<BoxRule>,
    pub shapes: Vec<ShapeRule>,
}

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

/// The kinds of objects: many formats cannot hold crowds, or points and lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    Crowd = 0,
    NotHeld = 1,
    Plain = 2,
}

/// The comparison of an image in two sets.
pub struct Compared {
    /// The objects that both sets have.
    pub pairs: Vec<Pair>,
    /// The objects that only the first set has.
    pub missing: Rest,
    /// The objects that only the second set has.
    pub added: Rest,
}

/// Objects that have no counterpart.
pub struct Rest {
    /// Their numbers.
    pub numbers: Vec<usize>,
    /// How many of them may have a counterpart that could not be read or compared. It is not known
    /// which of them.
    pub doubt: usize,
}

impl Rest {
    /// The objects that certainly have no counterpart.
    pub fn certain(&self) -> &[usize] {
        if self.doubt == 0 { &self.numbers } else { &[] }
    }
}

/// One object, by its numbers in both sets, with the rules for boxes and for shapes that it keeps.
/// A set of rules is `None` if the boxes or shapes cannot be compared.
pub struct Pair {
    pub from: usize,
    pub to: usize,
    pub boxes: Option<u128>,
    pub shapes: Option<u128>,
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
    pairs: usize,
    /// How many pairs have neither boxes nor shapes that can be compared.
    incomparable: usize,
    /// By [`ObjectKind`].
    matched: [usize; 3],
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
                && classes(from, one, to, other).is_none()
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

/// The classes of two objects if they differ. They are compared by name, or by number if one of the
/// formats has only numbers.
pub fn classes(
    from: &View,
    source: &Annotation,
    to: &View,
    target: &Annotation,
) -> Option<(String, String)> {
    if from.part.is_numbered || to.part.is_numbered {
        let has_order = |view: &View| view.set.format.profile().classes == Classes::Listed;
        let numbers = source.category.zip(target.category);
        let (one, other) = numbers.filter(|_| has_order(from) && has_order(to))?;
        return (one != other).then(|| (format!("class {one}"), format!("class {other}")));
    }
    let (one, other) = from.part.class(source).zip(to.part.class(target))?;
    (one != other).then(|| (format!("{one:?}"), format!("{other:?}")))
}

impl Rules {
    pub fn new() -> Self {
        Self { boxes: derivation::box_rules(), shapes: derivation::shape_rules() }
    }
}

/// The kind of an object.
pub fn kind(annotation: &Annotation) -> ObjectKind {
    match annotation.shape {
        _ if annotation.crowd => ObjectKind::Crowd,
        Shape::Points(_) | Shape::Polyline(_) => ObjectKind::NotHeld,
        _ => ObjectKind::Plain,
    }
}

/// Compares what two sets have for one image.
pub fn compare(rules: &Rules, from: &View, to: &View) -> Compared {
    let (left, right) = (objects(from), objects(to));
    // An object without a counterpart may be a record that could not be read or compared.
    let doubt = |view: &View, objects: &[Object]| {
        view.unread.saturating_add(view.annotations.len() - objects.len())
    };
    let doubts = [doubt(from, &left), doubt(to, &right)];
    let is_complete = doubts == [0, 0];
    let Matching { pairs, left: missing, right: added } = match_objects(&left, &right, is_complete);
    let pair = |(one, other): (usize, usize)| {
        explain(rules, from, to, left[one].number, right[other].number)
    };
    let rest = |list: Vec<usize>, objects: &[Object], doubt: usize| Rest {
        numbers: list.into_iter().map(|at| objects[at].number).collect(),
        doubt,
    };
    Compared {
        pairs: pairs.into_iter().map(pair).collect(),
        missing: rest(missing, &left, doubts[1]),
        added: rest(added, &right, doubts[0]),
    }
}

/// The objects of a view that can be compared.
fn objects<'a>(view: &'a View) -> Vec<Object<'a>> {
    let object = |(number, annotation): (usize, &'a Annotation)| {
        let bbox = annotation.bounds()?;
        let class = view.part.class(annotation).filter(|_| !view.part.is_numbered);
        shapes::is_sound(annotation, &view.image).then_some(Object { number, bbox, class })
    };
    view.annotations.iter().enumerate().filter_map(object).collect()
}

fn explain(rules: &Rules, from: &View, to: &View, one: usize, other: usize) -> Pair {
    let (source, target) = (&from.annotations[one], &to.annotations[other]);
    let (size, numerals) = (to.image.size, to.part.numerals);
    let scale = size.filter(|_| to.set.format.profile().is_fractions());
    let of_shapes = (numerals.shapes, numerals.most_of_shapes);
    let grid = Grid { usual: of_shapes.0, most: of_shapes.1, size: scale };
    let shapes = derivation::explain_shape(&rules.shapes, source, target, grid, size);
    let (bbox, (usual, most)): (Option<BBox>, _) = match (target.bbox, shapes) {
        (Some(bbox), _) => (Some(bbox), (numerals.boxes, numerals.most_of_boxes)),
        (None, Some(_)) => (None, of_shapes),
        (None, None) => (target.shape.bounds(), of_shapes),
    };
    let grid = Grid { usual, most, size };
    let boxes = bbox.and_then(|bbox| derivation::explain_box(&rules.boxes, source, &bbox, grid));
    Pair { from: one, to: other, boxes, shapes }
}

impl Pair {
    /// Whether the object keeps a rule.
    pub fn is_kept(&self, chosen: &Chosen) -> bool {
        let is_kept = |set: Option<u128>, rule: usize| set.is_none_or(|set| set >> rule & 1 == 1);
        (self.boxes.is_some() || self.shapes.is_some())
            && is_kept(self.boxes, chosen.boxes)
            && is_kept(self.shapes, chosen.shapes)
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
            pairs: 0,
            incomparable: 0,
            matched: [0; 3],
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
            self.incomparable += usize::from(pair.boxes.is_none() && pair.shapes.is_none());
            count(&mut self.boxes, &mut self.boxes_of, pair.boxes);
            count(&mut self.shapes, &mut self.shapes_of, pair.shapes);
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
        add(&mut self.matched, &other.matched);
        add(&mut self.missing, &other.missing);
        add(&mut self.closed_rings, &other.closed_rings);
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
        let is_left_out =
            |kind: ObjectKind| self.matched[kind as usize] == 0 && self.missing[kind as usize] > 0;
        Chosen {
            boxes: best(&self.boxes),
            shapes: best(&self.shapes),
            left_out: [is_left_out(ObjectKind::Crowd), is_left_out(ObjectKind::NotHeld)],
        }
    }

    /// The part of the objects that the chosen rule explains at least, from 0 to 1.
    pub fn explained(&self) -> f64 {
        let chosen = self.choose();
        let unexplained = (self.boxes_of - self.boxes.get(chosen.boxes).copied().unwrap_or(0))
            + (self.shapes_of - self.shapes.get(chosen.shapes).copied().unwrap_or(0))
            + self.incomparable;
        let missing: usize = [ObjectKind::Crowd, ObjectKind::NotHeld, ObjectKind::Plain]
            .into_iter()
            .filter(|kind| !chosen.leaves_out(*kind))
            .map(|kind| self.missing[kind as usize])
            .sum();
        let objects = self.pairs + missing + self.added;
        self.pairs.saturating_sub(unexplained) as f64 / objects.max(1) as f64
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

/// Whether the first ring of a shape repeats its first point at the end; `None` if it has no ring.
fn is_closed(annotation: &Annotation) -> Option<bool> {
    let Shape::Polygons(parts) = &annotation.shape else { return None };
    let ring: &[Coord<f64>] = &parts.first()?.exterior;
    Some(annotation.is_closed || polygon::open(ring).len() < ring.len())
}

/// Chooses the directions in which sets were made from others, the best explained first. Each set
/// is made from one other set at most, and no set directly or indirectly from itself.
pub fn forest(sets: &[Set], evidence: &[(Direction, Evidence)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..evidence.len())
        .filter(|&at| evidence[at].1.objects() > 0 && evidence[at].1.explained() >= ENOUGH)
        .collect();
    let key = |at: &usize| {
        let (direction, evidence) = &evidence[*at];
        let explained = (evidence.explained() * 1e9).round() as i64;
        (
            Reverse(explained),
            sets[direction.from].format.profile().rank,
            direction.from,
            direction.to,
        )
    };
    order.sort_by_key(key);
    let mut parents: Vec<Option<usize>> = vec![None; sets.len()];
    let mut taken = Vec::new();
    for at in order {
        let Direction { from, to } = evidence[at].0;
        let is_circle = std::iter::successors(Some(from), |&set| parents[set]).any(|set| set == to);
        if parents[to].is_none() && !is_circle {
            parents[to] = Some(from);
            taken.push(at);
        }
    }
    taken
}
