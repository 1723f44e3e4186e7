//! Whether stated boxes and areas are those of the shapes, by the rule that a file keeps.

use super::shapes::{self, short};
use crate::finding::Finding;
use crate::format::Part;
use crate::geometry::{Coord, polygon};
use crate::model::{Annotation, Shape};
use crate::numbers;
use crate::rules::Rule;
use crate::survey::numerals::Numerals;
use crate::survey::sets::View;

/// What an area can be.
const AREAS: [Area; 3] = [Area::Polygon, Area::Box, Area::Pixels];

/// What departs from a rule is at most one in so many.
const RULE: usize = 10;
const MAJORITY: usize = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Area {
    /// That of the polygons.
    Polygon,
    /// Width times height of the box.
    Box,
    /// The count of pixels that the shape covers, by any rule for those on its outline.
    Pixels,
}

impl Area {
    fn name(self) -> &'static str {
        match self {
            Self::Polygon => "that of the polygon",
            Self::Box => "that of the box",
            Self::Pixels => "the count of its pixels",
        }
    }
}

/// What a part's boxes and areas keep and do not keep. Of what departs only the images are known,
/// which may be as many as there are: they are looked at again once it is known what is the rule.
#[derive(Default)]
pub struct Consistency {
    boxes: Tally,
    /// By how many pixels a box departs at most.
    farthest: f64,
    /// By [`AREAS`].
    areas: [Tally; 3],
}

/// How many keep a rule.
#[derive(Default)]
struct Tally {
    compared: usize,
    departing: usize,
    /// The images' numbers in their part.
    images: Vec<u32>,
}

impl Tally {
    fn count(&mut self, departs: bool, image: usize) {
        self.compared += 1;
        self.departing += usize::from(departs);
        if departs && self.images.last() != Some(&(image as u32)) {
            self.images.push(image as u32);
        }
    }

    fn add(&mut self, other: Self) {
        self.compared += other.compared;
        self.departing += other.departing;
        self.images.extend(other.images);
    }

    fn departs_at_most(&self, share: usize) -> bool {
        self.departing * share < self.compared
    }
}

impl Consistency {
    /// Compares those of an image.
    pub fn of(view: &View) -> Self {
        let mut found = Self::default();
        for annotation in sound(view).map(|(_, annotation)| annotation) {
            if let Some((off, tolerance)) = box_off(annotation, view.part.numerals) {
                found.boxes.count(off > tolerance, view.index);
                found.farthest = found.farthest.max(off);
            }
            if annotation.area.is_none() || matches!(annotation.shape, Shape::None) {
                continue;
            }
            for (area, tally) in AREAS.into_iter().zip(&mut found.areas) {
                let off = area_off(annotation, area, view.part.numerals);
                tally.count(off.is_some(), view.index);
            }
        }
        found
    }

    /// Both together; `other` comes after.
    #[must_use]
    pub fn add(mut self, other: Self) -> Self {
        self.boxes.add(other.boxes);
        self.farthest = self.farthest.max(other.farthest);
        for (own, other) in self.areas.iter_mut().zip(other.areas) {
            own.add(other);
        }
        self
    }

    /// What departs from the rules that most boxes and areas keep. `view` gives an image of the
    /// part by its number.
    pub fn findings<'a>(&self, view: impl Fn(usize) -> Option<View<'a>>) -> Vec<Finding> {
        let view = |index: &u32| view(*index as usize);
        let mut findings = Vec::new();
        if self.boxes.departs_at_most(MAJORITY) {
            findings
                .extend(self.boxes.images.iter().filter_map(view).flat_map(|view| boxes(&view)));
        } else if let Some(first) = self.boxes.images.first().and_then(view) {
            let Tally { compared, departing, .. } = self.boxes;
            let farthest = short(self.farthest);
            let message = format!(
                "{departing} of {compared} boxes are not those around their shapes, by up to {farthest} px"
            );
            let told = boxes(&first).into_iter().next();
            findings.extend(told.map(|told| Finding { message, ..told }));
        }
        // The last rule is kept by all that keep the first, so a rule must hold for nearly all.
        let is_kept = |share: usize| self.areas.iter().position(|it| it.departs_at_most(share));
        if let Some(kept) = [RULE, MAJORITY].into_iter().find_map(is_kept) {
            let views = self.areas[kept].images.iter().filter_map(view);
            findings.extend(views.flat_map(|view| areas(&view, AREAS[kept])));
        }
        findings
    }
}

/// The annotations that can be compared, with their numbers.
fn sound<'a>(view: &'a View) -> impl Iterator<Item = (usize, &'a Annotation)> {
    let numbered = view.annotations.iter().enumerate();
    numbered.filter(|(_, annotation)| shapes::is_sound(annotation, &view.image))
}

/// The boxes of an image that are not those around their shapes.
fn boxes(view: &View) -> Vec<Finding> {
    let finding = |(number, annotation): (usize, &Annotation)| {
        let (off, tolerance) = box_off(annotation, view.part.numerals)?;
        let message = format!("{} px off the box around the shape", short(off));
        (off > tolerance).then(|| view.finding(Rule::BoxNotShape, number, Part::Box, message))
    };
    sound(view).filter_map(finding).collect()
}

/// The areas of an image that are not those of their shapes.
fn areas(view: &View, area: Area) -> Vec<Finding> {
    let finding = |(number, annotation): (usize, &Annotation)| {
        let (stated, expected) = area_off(annotation, area, view.part.numerals)?;
        let is_mask = matches!(annotation.shape, Shape::Mask(_));
        let name = if is_mask { Area::Pixels.name() } else { area.name() };
        let message = format!("the area is {}, {name} is {}", short(stated), short(expected));
        Some(view.finding(Rule::AreaNotShape, number, Part::Area, message))
    };
    sound(view).filter_map(finding).collect()
}

/// By how many pixels a stated box departs from the one around the shape, and by how many it may.
fn box_off(annotation: &Annotation, numerals: Numerals) -> Option<(f64, f64)> {
    let (stated, drawn) = annotation.bbox.zip(annotation.shape.bounds())?;
    let pairs = stated.corner_and_size().into_iter().zip(drawn.corner_and_size());
    let off = pairs.map(|(one, other)| (one - other).abs()).fold(0.0, f64::max);
    let pixel = if matches!(annotation.shape, Shape::Mask(_)) { 1.0 } else { 0.0 };
    let slack = drawn.corners().into_iter().fold(1.0, f64::max) * f64::EPSILON * 16.0;
    Some((off, unit(numerals.boxes) + unit(numerals.shapes) + pixel + slack))
}

/// A stated area, and what it should be, where it departs from that by more than the rounding of
/// the coordinates changes along the outline, and that of the area itself.
fn area_off(annotation: &Annotation, area: Area, numerals: Numerals) -> Option<(f64, f64)> {
    let stated = annotation.area?;
    let own = unit(numerals.areas);
    let expected = match (area, &annotation.shape) {
        (_, Shape::None) => return None,
        (Area::Box, _) => annotation.bounds()?.area(),
        (_, Shape::Mask(mask)) => mask.area() as f64,
        (_, Shape::Polygons(parts)) => parts.iter().map(|part| part.area()).sum(),
        _ => return None,
    };
    let slack = expected.abs().max(stated.abs()) * 1e-9;
    let off = (stated - expected).abs() - own - slack;
    // Most are right, and the outline, which takes longer, need not be measured.
    let departs = off > 0.0 && off > along(annotation, area, numerals);
    departs.then_some((stated, expected))
}

/// By how much an area may change as the coordinates are rounded, or pixels on the outline counted.
fn along(annotation: &Annotation, area: Area, numerals: Numerals) -> f64 {
    match (area, &annotation.shape) {
        (Area::Box, _) => annotation.bounds().map_or(0.0, |bbox| {
            let [_, _, width, height] = bbox.corner_and_size();
            unit(numerals.boxes) * (width + height)
        }),
        (_, Shape::Mask(_)) => 0.0,
        (Area::Polygon, shape) => unit(numerals.shapes) * outline(shape),
        (Area::Pixels, shape) => (unit(numerals.shapes) + 1.0) * outline(shape),
    }
}

/// A unit of the last decimal; 0 where numbers are not rounded.
fn unit(decimals: Option<usize>) -> f64 {
    decimals.map_or(0.0, numbers::unit)
}

/// The length of all outlines, in pixels.
fn outline(shape: &Shape) -> f64 {
    let Shape::Polygons(parts) = shape else { return 0.0 };
    let length = |ring: &[Coord<f64>]| -> f64 {
        let ring = polygon::open(ring);
        let sides = ring.iter().zip(ring.iter().cycle().skip(1));
        sides.map(|(a, b)| (b.x - a.x).hypot(b.y - a.y)).sum()
    };
    parts.iter().map(|part| length(&part.exterior)).sum()
}
