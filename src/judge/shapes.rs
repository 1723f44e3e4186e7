//! Judges the box and the shape of one annotation by itself.

use super::fractions;
use crate::format::Field;
use crate::geometry::bbox::rounding_slack;
use crate::geometry::{BBox, Coord, Size, crossing, polygon};
use crate::model::{Annotation, Image, Shape};
use crate::numbers::{self, short};
use crate::rules::Rule;
use crate::survey::numerals::{Numerals, decimals_of};
use crate::survey::sets::View;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A fault of one annotation.
pub struct Flaw {
    pub rule: Rule,
    pub field: Field,
    pub message: String,
}

fn flaw(rule: Rule, field: Field, message: impl Into<String>) -> Option<Flaw> {
    Some(Flaw { rule, field, message: message.into() })
}

/// How far a number can be off because of rounding: one unit of the last decimal, or, if numbers
/// are not rounded, the rounding of floating point.
#[derive(Clone, Copy)]
pub struct Unit {
    pub decimals: Option<usize>,
    pub is_fractions: bool,
}

impl Unit {
    fn of_side(self, side: u32) -> f64 {
        let Some(decimals) = self.decimals else { return rounding_slack(side) };
        let unit = numbers::unit(decimals);
        let scale = if self.is_fractions { f64::from(side) } else { 1.0 };
        unit * scale + rounding_slack(side)
    }
}

/// What is wrong with an annotation of an image. If one fault causes others, only that one is
/// returned.
pub fn flaws(
    annotation: &Annotation,
    image: &Image,
    numerals: Numerals,
    is_fractions: bool,
) -> Vec<Flaw> {
    if let Some(fatal) = form(annotation, image) {
        return vec![fatal];
    }
    // What is no fraction of the image lies outside of it. That is told by `fractions`.
    if is_fractions && fractions::excess(annotation, image).is_some() {
        return Vec::new();
    }
    if let Some(outside) = outside(annotation, image) {
        return vec![outside];
    }
    let decimals = match annotation.bbox {
        // If an object's own numbers have more decimals than most, it is that exact.
        Some(bbox) => {
            numerals.boxes.and_then(|usual| Some(decimals_of(&bbox, image.size)?.max(usual)))
        }
        None => numerals.shapes,
    };
    let unit = Unit { decimals, is_fractions };
    let shapes = Unit { decimals: numerals.shapes, is_fractions };
    let border =
        beyond(annotation, image, unit).or_else(|| shape_beyond(annotation, image, shapes));
    border.into_iter().chain(crossings(&annotation.shape)).collect()
}

/// Whether an annotation can be compared with others: it has none of the flaws of [`fatal`].
pub fn is_sound(annotation: &Annotation, image: &Image) -> bool {
    fatal(annotation, image).is_none()
}

/// A fault that makes it impossible to judge the rest of the annotation.
fn fatal(annotation: &Annotation, image: &Image) -> Option<Flaw> {
    form(annotation, image).or_else(|| outside(annotation, image))
}

/// A fault of the box or shape itself, wherever it lies.
fn form(annotation: &Annotation, image: &Image) -> Option<Flaw> {
    if annotation.bounds().is_none() {
        return flaw(Rule::MissingMember, Field::Whole, "neither a box nor a shape");
    }
    numbers(annotation)
        .or_else(|| annotation.bbox.and_then(|bbox| extent(&bbox, Field::Box)))
        .or_else(|| points(&annotation.shape))
        .or_else(|| mask(&annotation.shape, image))
}

fn numbers(annotation: &Annotation) -> Option<Flaw> {
    if annotation.bbox.is_some_and(|bbox| !bbox.is_finite()) {
        return flaw(Rule::NotFinite, Field::Box, "the box has a number that is not finite");
    }
    let is_finite = |point: &Coord<f64>| point.x.is_finite() && point.y.is_finite();
    let are_finite = match &annotation.shape {
        Shape::Polygons(parts) => parts.iter().flat_map(|part| &part.exterior).all(is_finite),
        Shape::Polyline(points) => points.iter().all(is_finite),
        Shape::None | Shape::Mask(_) => true,
        shape => shape.bounds().is_some_and(|bounds| bounds.is_finite()),
    };
    if are_finite {
        return None;
    }
    flaw(Rule::NotFinite, Field::Shape, "the shape has a number that is not finite")
}

fn extent(bbox: &BBox, field: Field) -> Option<Flaw> {
    let [_, _, width, height] = bbox.corner_and_size();
    let rule = match () {
        () if width < 0.0 || height < 0.0 => Rule::Inverted,
        () if width == 0.0 || height == 0.0 => Rule::ZeroSize,
        () => return None,
    };
    flaw(rule, field, format!("a size of {} by {}", short(width), short(height)))
}

fn points(shape: &Shape) -> Option<Flaw> {
    let Shape::Polygons(parts) = shape else {
        return match shape {
            Shape::Circle { .. } | Shape::Ellipse { .. } | Shape::Mask(_) => shape
                .bounds()
                .and_then(|bounds| extent(&bounds, Field::Shape))
                .or_else(|| empty(shape)),
            _ => None,
        };
    };
    let few = parts.iter().map(|part| count_to_three(&part.exterior)).find(|&count| count < 3);
    if let Some(count) = few {
        return flaw(Rule::FewPoints, Field::Shape, format!("a ring of {count} different points"));
    }
    shape.bounds().and_then(|bounds| extent(&bounds, Field::Shape))
}

/// A fault if no pixel of a mask is set.
fn empty(shape: &Shape) -> Option<Flaw> {
    match shape {
        Shape::Mask(mask) if mask.area() == 0 => {
            flaw(Rule::ZeroSize, Field::Shape, "a mask without pixels")
        }
        _ => None,
    }
}

fn mask(shape: &Shape, image: &Image) -> Option<Flaw> {
    match (shape, image.size) {
        (Shape::Mask(mask), Some(size)) if mask.size() != size => {
            let message = format!("a mask of {} on an image of {size}", mask.size());
            flaw(Rule::MaskSize, Field::Shape, message)
        }
        _ => None,
    }
}

/// How many different points a ring has. It counts to three at most.
fn count_to_three(ring: &[Coord<f64>]) -> usize {
    let Some(first) = ring.first() else { return 0 };
    let Some(second) = ring.iter().find(|point| *point != first) else { return 1 };
    let third = ring.iter().find(|point| *point != first && *point != second);
    2 + usize::from(third.is_some())
}

/// A fault if an object lies wholly outside its image.
fn outside(annotation: &Annotation, image: &Image) -> Option<Flaw> {
    let (bounds, size) = annotation.bounds().zip(image.size)?;
    let is_extended = !matches!(annotation.shape, Shape::Points(_) | Shape::Polyline(_));
    if !is_extended || bounds.clip(size).is_some() {
        return None;
    }
    let [x, y, ..] = bounds.corners().map(short);
    let message = format!("at {x}, {y}, outside of an image of {size}");
    flaw(Rule::OutsideImage, field_of(annotation), message)
}

/// A fault if an object reaches out of its image by more than rounding can explain.
fn beyond(annotation: &Annotation, image: &Image, unit: Unit) -> Option<Flaw> {
    let (bounds, size) = annotation.bounds().zip(image.size)?;
    let words = words_beyond(bounds, size, unit)?;
    flaw(Rule::BeyondBorder, field_of(annotation), words)
}

/// A fault if the shape of an object reaches out of its image, while the stated box does not.
fn shape_beyond(annotation: &Annotation, image: &Image, unit: Unit) -> Option<Flaw> {
    annotation.bbox?;
    let is_extended = matches!(annotation.shape, Shape::Polygons(_));
    let (bounds, size) = annotation.shape.bounds().filter(|_| is_extended).zip(image.size)?;
    let words = words_beyond(bounds, size, unit)?;
    flaw(Rule::ShapeBeyondBorder, Field::Shape, format!("the ring is {words}"))
}

/// By how much bounds reach out of an image, if rounding cannot explain it.
fn words_beyond(bounds: BBox, size: Size, unit: Unit) -> Option<String> {
    let [x_min, y_min, x_max, y_max] = bounds.corners();
    let beyond_x = (-x_min).max(x_max - f64::from(size.width));
    let beyond_y = (-y_min).max(y_max - f64::from(size.height));
    if beyond_x <= unit.of_side(size.width) && beyond_y <= unit.of_side(size.height) {
        return None;
    }
    let beyond = short(beyond_x.max(beyond_y));
    // Fractions of an image whose size is not known are judged in the frame of a pixel.
    Some(match unit.is_fractions && (size.width, size.height) == (1, 1) {
        true => format!("{beyond} of the side beyond the border of the image"),
        false => format!("{beyond} px beyond the border of an image of {size}"),
    })
}

/// The member of an annotation from which its bounds are taken.
fn field_of(annotation: &Annotation) -> Field {
    if annotation.bbox.is_some() { Field::Box } else { Field::Shape }
}

fn crossings(shape: &Shape) -> Option<Flaw> {
    let Shape::Polygons(parts) = shape else { return None };
    parts.iter().find_map(|part| {
        let ring = polygon::open(&part.exterior);
        match crossing::first_crossing(ring) {
            Ok(crossing) => {
                let (one, other) = crossing?;
                let message = crossing_message(*ring.get(one)?, *ring.get(other)?);
                flaw(Rule::SelfCrossing, Field::Shape, message)
            }
            Err(crossing::TooIntricate) => {
                let message = format!("a ring of {} points was not searched wholly", ring.len());
                flaw(Rule::CrossingUnchecked, Field::Shape, message)
            }
        }
    })
}

fn crossing_message(one: Coord<f64>, other: Coord<f64>) -> String {
    let point = |point: Coord<f64>| format!("({}, {})", short(point.x), short(point.y));
    format!("the sides from {} and {} cross", point(one), point(other))
}

/// The annotations of an image that repeat an earlier one: the number of the earlier one, and the
/// number of the repetition.
pub fn duplicates(view: &View) -> Vec<(usize, usize)> {
    let bounds = |(number, annotation): (usize, &Annotation)| {
        let corners = annotation.bounds()?.corners().map(f64::to_bits);
        Some((annotation.category, corners, number))
    };
    let mut places: Vec<_> = view.annotations.iter().enumerate().filter_map(bounds).collect();
    places.sort_unstable();
    let groups = places.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1));
    let mut found: Vec<(usize, usize)> = groups
        .filter(|group| group.len() > 1)
        .flat_map(|group| repeated(&view.annotations, group.iter().map(|place| place.2)))
        .collect();
    found.sort_unstable_by_key(|&(_, second)| second);
    found
}

/// The pairs of these annotations that have the same shape: the first one, and each later one.
fn repeated(
    annotations: &[Annotation],
    numbers: impl Iterator<Item = usize>,
) -> Vec<(usize, usize)> {
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut found = Vec::new();
    for number in numbers {
        let Some(annotation) = annotations.get(number) else { continue };
        let like = seen.entry(fingerprint(&annotation.shape)).or_default();
        let is_same =
            |other: &Annotation| other.shape == annotation.shape && other.crowd == annotation.crowd;
        match like.iter().find(|&&first| annotations.get(first).is_some_and(is_same)) {
            Some(&first) => found.push((first, number)),
            None => like.push(number),
        }
    }
    found
}

/// A hash of a shape. Many shapes may have one box, and the hash saves comparing each with all.
fn fingerprint(shape: &Shape) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut add =
        |point: &Coord<f64>| [point.x, point.y].map(|n| (n + 0.0).to_bits()).hash(&mut hasher);
    match shape {
        Shape::Polygons(parts) => parts
            .iter()
            .flat_map(|part| part.holes.iter().chain([&part.exterior]))
            .for_each(|ring| ring.iter().for_each(&mut add)),
        Shape::Polyline(points) | Shape::Points(points) => points.iter().for_each(add),
        Shape::Oriented { .. } => shape.corners().iter().flatten().for_each(add),
        Shape::Mask(mask) => mask.counts().hash(&mut hasher),
        Shape::Circle { centre, radius } => {
            add(centre);
            add(&Coord { x: *radius, y: 0.0 });
        }
        Shape::Ellipse { centre, rx, ry, theta } => {
            add(centre);
            add(&Coord { x: *rx, y: *ry });
            add(&Coord { x: theta.unwrap_or_default(), y: 0.0 });
        }
        Shape::None | Shape::Unread(_) => {}
    }
    hasher.finish()
}
