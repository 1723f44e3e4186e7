//! Compares what two formats have for one image: which objects are the same, and by which rules one
//! can be made from the other.

use super::derivation::{self, BoxRule, Grid, ShapeRule};
use super::matching::{Matching, match_objects};
use super::places::Object;
use crate::geometry::{BBox, Polygon, polygon};
use crate::judge::shapes;
use crate::model::{Annotation, Shape};
use crate::survey::sets::View;
use std::borrow::Cow;

/// All rules that are tried. A set of them is a `u128` with a bit for each rule.
pub struct Rules {
    pub boxes: Vec<BoxRule>,
    pub shapes: Vec<ShapeRule>,
    /// How many units of the last decimal fractions may be off beside their rounding.
    pub leeway: f64,
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
    /// The rules that the box around the shape keeps, where no rule explains the shape itself.
    pub bounds: Option<u128>,
    /// Whether only one of them has a polygon or a mask, although both formats state shapes.
    pub has_one_shape: bool,
}

impl Rules {
    pub fn new() -> Self {
        Self { boxes: derivation::box_rules(), shapes: derivation::shape_rules(), leeway: 0.0 }
    }

    /// The same rules for fractions that were rounded twice: first when they were right, and again
    /// when something was done to them.
    pub fn for_causes() -> Self {
        Self { leeway: 1.0, ..Self::new() }
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
    let (left, right) = (objects(from, true), objects(to, true));
    compare_objects(rules, (from, &left), (to, &right))
}

/// Compares objects that no sound image can have, too: to find out what was done to them.
pub fn compare_unsound(rules: &Rules, from: &View, to: &View) -> Compared {
    let (left, right) = (objects(from, false), objects(to, false));
    compare_objects(rules, (from, &left), (to, &right))
}

fn compare_objects(
    rules: &Rules,
    (from, left): (&View, &[Object]),
    (to, right): (&View, &[Object]),
) -> Compared {
    // An object without a counterpart may be a record that could not be read or compared.
    let doubt = |view: &View, objects: &[Object]| {
        view.unread.saturating_add(view.annotations.len().saturating_sub(objects.len()))
    };
    let doubts = [doubt(from, left), doubt(to, right)];
    let is_complete = doubts == [0, 0];
    let Matching { pairs, left: missing, right: added } = match_objects(left, right, is_complete);
    let pair = |(one, other): (usize, usize)| {
        explain(rules, from, to, left[one].number, right[other].number)
    };
    let rest = |list: Vec<usize>, objects: &[Object], doubt: usize| Rest {
        numbers: list.into_iter().map(|at| objects[at].number).collect(),
        doubt,
    };
    Compared {
        pairs: pairs.into_iter().map(pair).collect(),
        missing: rest(missing, left, doubts[1]),
        added: rest(added, right, doubts[0]),
    }
}

/// Makes an object of each part of a shape, as converters do for formats that have one ring.
pub fn split(view: &mut View) {
    let parts = |annotation: Annotation| match &annotation.shape {
        Shape::Polygons(parts) if parts.len() > 1 => {
            let own = |part: &Polygon| Annotation {
                bbox: None,
                shape: Shape::Polygons(vec![part.clone()]),
                ..annotation.clone()
            };
            parts.iter().map(own).collect()
        }
        _ => vec![annotation],
    };
    view.annotations = std::mem::take(&mut view.annotations).into_iter().flat_map(parts).collect();
}

/// The objects of a view that can be compared. With `is_strict`, those that no image can have are
/// left out.
fn objects<'a>(view: &'a View, is_strict: bool) -> Vec<Object<'a>> {
    let object = |(number, annotation): (usize, &'a Annotation)| {
        let bbox = fair(view, annotation).bounds().filter(BBox::is_finite)?;
        let class = view.part.class(annotation).filter(|_| !view.part.is_numbered);
        let is_compared = !is_strict || shapes::is_sound(&fair(view, annotation), &view.image);
        is_compared.then_some(Object { number, bbox, class })
    };
    view.annotations.iter().enumerate().filter_map(object).collect()
}

/// An object as it is compared with others. Where the boxes of a part are known to be wrong, the
/// shape stands for the box: one mistake is not told twice.
pub fn fair<'a>(view: &View, annotation: &'a Annotation) -> Cow<'a, Annotation> {
    match view.part.mistake.is_some() && annotation.shape.bounds().is_some() {
        true => Cow::Owned(Annotation { bbox: None, ..annotation.clone() }),
        false => Cow::Borrowed(annotation),
    }
}

fn explain(rules: &Rules, from: &View, to: &View, one: usize, other: usize) -> Pair {
    let source = &*fair(from, &from.annotations[one]);
    let target = &*fair(to, &to.annotations[other]);
    let (size, numerals) = (to.image.size, to.numerals);
    let scale = size.filter(|_| to.set.format.profile().is_fractions());
    let of_shapes = (numerals.shapes, numerals.most_of_shapes);
    let leeway = if scale.is_some() { rules.leeway } else { 0.0 };
    let has_one_shape = has_one_shape(from, source, to, target);
    let grid = Grid { usual: of_shapes.0, most: of_shapes.1, size: scale, leeway };
    let shapes = derivation::explain_shape(&rules.shapes, source, target, grid, size)
        .filter(|_| !has_one_shape);
    let (bbox, (usual, most)): (Option<BBox>, _) = match (target.bbox, shapes) {
        (Some(bbox), _) => (Some(bbox), (numerals.boxes, numerals.most_of_boxes)),
        (None, Some(_)) => (None, of_shapes),
        (None, None) => (target.shape.bounds(), of_shapes),
    };
    let grid = Grid { usual, most, size, leeway };
    let boxes = bbox.and_then(|bbox| derivation::explain_box(&rules.boxes, source, &bbox, grid));
    let around = target.shape.bounds().filter(|_| shapes == Some(0));
    let bounds = around.and_then(|it| derivation::explain_box(&rules.boxes, source, &it, grid));
    Pair { from: one, to: other, boxes, shapes, bounds, has_one_shape }
}

/// Whether a shape was lost: one side has one, the other none, and that side states the shapes of
/// its objects.
fn has_one_shape(from: &View, source: &Annotation, to: &View, target: &Annotation) -> bool {
    let is_drawn = |annotation: &Annotation| match &annotation.shape {
        Shape::Polygons(parts) => !polygon::is_drawn_box(parts),
        shape => matches!(shape, Shape::Mask(_)),
    };
    let has_none = |view: &View, annotation: &Annotation| {
        matches!(annotation.shape, Shape::None) && view.set.states_shapes()
    };
    (is_drawn(source) && has_none(to, target)) || (has_none(from, source) && is_drawn(target))
}
