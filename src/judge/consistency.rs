//! Checks whether the stated boxes and areas fit the shapes. How they should fit is the rule that
//! most objects of the file keep.

use super::shapes;
use crate::finding::Finding;
use crate::format::Field;
use crate::geometry::{Coord, Polygon, polygon};
use crate::model::{Annotation, Shape};
use crate::numbers::{self, short};
use crate::rules::Rule;
use crate::survey::mistakes::Mistake;
use crate::survey::numerals::Numerals;
use crate::survey::sets::View;

/// All rules by which a file may compute areas.
const AREAS: [Area; 3] = [Area::Polygon, Area::Box, Area::Pixels];

/// A rule holds for nearly all objects if fewer than one in so many breaks it.
const RULE: usize = 10;
/// A rule holds for most objects if fewer than one in so many breaks it.
const MAJORITY: usize = 2;

/// The part of its box that a shape covers at least.
const LEAST_PART: f64 = 0.01;

/// A rule by which a file may compute areas.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Area {
    /// The area of the polygons.
    Polygon,
    /// The width of the box times its height.
    Box,
    /// The number of pixels that the shape covers. Pixels on the outline may count or not.
    Pixels,
}

impl Area {
    fn name(self) -> &'static str {
        match self {
            Self::Polygon => "the area of the polygon",
            Self::Box => "the area of the box",
            Self::Pixels => "the number of its pixels",
        }
    }
}

/// How many boxes and areas of a part keep each rule.
///
/// For those that do not, only the images are stored, because they may be very many. The images
/// are read again once it is known which rule the part keeps.
#[derive(Default)]
pub struct Consistency {
    boxes: Tally,
    /// The most pixels by which a box differs from the box around its shape.
    farthest: f64,
    /// In the order of [`AREAS`].
    areas: [Tally; 3],
    /// The areas of objects that have a box alone.
    of_boxes: Tally,
    /// What is wrong with the boxes of the part.
    mistake: Option<Mistake>,
}

/// How many objects were compared by a rule, and how many break it.
#[derive(Default)]
struct Tally {
    compared: usize,
    departing: usize,
    /// The images that have objects which break the rule, by their numbers in the part.
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

    /// Whether so many objects depart that none of the rules was meant. Of two objects one may well
    /// be wrong.
    fn has_no_rule(&self) -> bool {
        self.departing > 2 || self.departing == self.compared
    }

    fn departs_at_most(&self, share: usize) -> bool {
        self.departing * share < self.compared
    }
}

impl Consistency {
    /// Compares the boxes and areas of an image.
    pub fn of(view: &View) -> Self {
        let mut found = Self { mistake: view.part.mistake, ..Self::default() };
        for annotation in sound(view).map(|(_, annotation)| annotation) {
            if let Some((off, tolerance)) = box_off(annotation, view.part.numerals) {
                found.boxes.count(off > tolerance, view.index);
                found.farthest = found.farthest.max(off);
            }
            if annotation.area.is_none() {
                continue;
            }
            if matches!(annotation.shape, Shape::None) {
                let off = beside_box(annotation, view.part.numerals);
                found.of_boxes.count(off.is_some(), view.index);
                continue;
            }
            for (area, tally) in AREAS.into_iter().zip(&mut found.areas) {
                let off = area_off(annotation, area, view.part.numerals);
                tally.count(off.is_some(), view.index);
            }
        }
        found
    }

    /// The counts of both together. The images of `other` come after those of `self`.
    #[must_use]
    pub fn add(mut self, other: Self) -> Self {
        self.boxes.add(other.boxes);
        self.of_boxes.add(other.of_boxes);
        self.mistake = self.mistake.or(other.mistake);
        self.farthest = self.farthest.max(other.farthest);
        for (own, other) in self.areas.iter_mut().zip(other.areas) {
            own.add(other);
        }
        self
    }

    /// Findings about the boxes and areas that break the rules which most others keep. `view`
    /// returns an image of the part by its number.
    pub fn findings<'a>(&self, view: impl Fn(usize) -> Option<View<'a>>) -> Vec<Finding> {
        let view = |index: &u32| view(*index as usize);
        let mut findings = Vec::new();
        if self.boxes.departs_at_most(MAJORITY) {
            findings
                .extend(self.boxes.images.iter().filter_map(view).flat_map(|view| boxes(&view)));
        } else {
            let views = self.boxes.images.iter().filter_map(view);
            findings.extend(self.common(views.flat_map(|view| boxes(&view)).collect()));
        }
        findings.extend(self.areas_of_shapes(&view));
        findings.extend(self.areas_of_boxes(&view));
        findings
    }
}

impl Consistency {
    /// Findings about the areas of objects that have a shape.
    fn areas_of_shapes<'a>(&self, view: &impl Fn(&u32) -> Option<View<'a>>) -> Vec<Finding> {
        let mut findings = Vec::new();
        // Areas that keep the first rule keep the last one, too, which would always win. So the
        // first rule that nearly all areas keep is taken; only if there is none, the first that
        // most keep.
        let is_kept = |share: usize| self.areas.iter().position(|it| it.departs_at_most(share));
        if let Some(kept) = [RULE, MAJORITY].into_iter().find_map(is_kept) {
            let views = self.areas[kept].images.iter().filter_map(view);
            findings.extend(views.flat_map(|view| areas(&view, AREAS[kept])));
        } else if self.areas[0].has_no_rule() {
            let first = &self.areas[0];
            let views = first.images.iter().filter_map(view);
            let found: Vec<Finding> = views.flat_map(|view| areas(&view, AREAS[0])).collect();
            let message = format!(
                "{} of {} areas are neither those of the shapes, nor of the boxes, nor counts of pixels",
                first.departing, first.compared
            );
            findings.extend(Finding::of_cause(Rule::AreaWithoutRule, message, found));
        }
        findings
    }

    /// Findings about the areas of objects that have a box alone.
    fn areas_of_boxes<'a>(&self, view: &impl Fn(&u32) -> Option<View<'a>>) -> Vec<Finding> {
        let Tally { compared, departing, images } = &self.of_boxes;
        let views = images.iter().filter_map(view);
        let found: Vec<Finding> = views.flat_map(|view| areas_beside(&view)).collect();
        if self.of_boxes.departs_at_most(MAJORITY) || !self.of_boxes.has_no_rule() {
            return found;
        }
        let message = format!(
            "{departing} of {compared} areas are more than those of the boxes, or next to nothing"
        );
        Finding::of_cause(Rule::AreaWithoutRule, message, found).into_iter().collect()
    }

    /// One finding for boxes of which most are not those around their shapes: for the mistake that
    /// the part shows, if it shows one.
    fn common(&self, found: Vec<Finding>) -> Option<Finding> {
        let Tally { compared, departing, .. } = self.boxes;
        let (rule, message) = match self.mistake {
            Some(mistake) => {
                let words = mistake.words();
                let message = format!(
                    "{departing} of {compared} boxes are those around their shapes with {words}"
                );
                (mistake.rule(), message)
            }
            None => {
                let farthest = short(self.farthest);
                let message = format!(
                    "{departing} of {compared} boxes are not the boxes around their shapes, by up to {farthest} px"
                );
                (Rule::BoxNotShape, message)
            }
        };
        match <[Finding; 1]>::try_from(found) {
            Ok([only]) => Some(Finding { rule, message, ..only }),
            Err(found) => Finding::of_cause(rule, message, found),
        }
    }
}

/// The annotations of an image that can be compared, with their numbers.
fn sound<'a>(view: &'a View) -> impl Iterator<Item = (usize, &'a Annotation)> {
    let numbered = view.annotations.iter().enumerate();
    numbered.filter(|(_, annotation)| shapes::is_sound(annotation, &view.image))
}

/// Findings about the boxes of an image that are not the boxes around their shapes.
fn boxes(view: &View) -> Vec<Finding> {
    let finding = |(number, annotation): (usize, &Annotation)| {
        let (off, tolerance) = box_off(annotation, view.part.numerals)?;
        let message = format!("{} px off the box around the shape", short(off));
        (off > tolerance).then(|| view.finding(Rule::BoxNotShape, number, Field::Box, message))
    };
    sound(view).filter_map(finding).collect()
}

/// Findings about the areas of an image that are not the areas of their shapes.
fn areas(view: &View, area: Area) -> Vec<Finding> {
    let finding = |(number, annotation): (usize, &Annotation)| {
        let (stated, expected) = area_off(annotation, area, view.part.numerals)?;
        let is_mask = matches!(annotation.shape, Shape::Mask(_));
        let name = if is_mask { Area::Pixels.name() } else { area.name() };
        let message = format!("the area is {}, {name} is {}", short(stated), short(expected));
        Some(view.finding(Rule::AreaNotShape, number, Field::Area, message))
    };
    sound(view).filter_map(finding).collect()
}

/// Findings about areas of an image that the boxes beside them cannot have.
fn areas_beside(view: &View) -> Vec<Finding> {
    let finding = |(number, annotation): (usize, &Annotation)| {
        let is_alone = matches!(annotation.shape, Shape::None);
        let (stated, bbox) = beside_box(annotation, view.part.numerals).filter(|_| is_alone)?;
        let message = format!("the area is {}, that of the box is {}", short(stated), short(bbox));
        Some(view.finding(Rule::AreaNotShape, number, Field::Area, message))
    };
    sound(view).filter_map(finding).collect()
}

/// By how many pixels a stated box differs from the box around the shape, and by how many it may
/// because of rounding.
fn box_off(annotation: &Annotation, numerals: Numerals) -> Option<(f64, f64)> {
    let (stated, drawn) = annotation.bbox.zip(annotation.shape.bounds())?;
    let pairs = stated.corner_and_size().into_iter().zip(drawn.corner_and_size());
    let off = pairs.map(|(one, other)| (one - other).abs()).fold(0.0, f64::max);
    let pixel = if matches!(annotation.shape, Shape::Mask(_)) { 1.0 } else { 0.0 };
    let slack = drawn.corners().into_iter().fold(1.0, f64::max) * f64::EPSILON * 16.0;
    Some((off, unit(numerals.boxes) + unit(numerals.shapes) + pixel + slack))
}

/// A stated area and the expected one, if the difference is more than rounding can explain: the
/// rounding of the area itself, and of the coordinates along the outline.
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
    // Most areas are right. Then the outline, which takes longer, need not be measured.
    if off <= 0.0 || off <= along(annotation, area, numerals) {
        return None;
    }
    match (area, &annotation.shape) {
        // A ring that joins several parts has the area of all of them.
        (Area::Polygon | Area::Pixels, Shape::Polygons(parts)) => {
            let painted: f64 = parts.iter().map(Polygon::painted_area).sum();
            let off = (stated - painted).abs() - own - slack;
            (off > along(annotation, area, numerals)).then_some((stated, painted))
        }
        _ => Some((stated, expected)),
    }
}

/// A stated area and that of the box, where there is no shape: it may be that of a shape which was left
/// out, but is not more than the box, and not next to nothing.
fn beside_box(annotation: &Annotation, numerals: Numerals) -> Option<(f64, f64)> {
    let (stated, bbox) = (annotation.area?, annotation.bounds()?.area());
    let slack = along(annotation, Area::Box, numerals) + unit(numerals.areas) + bbox * 1e-9;
    let is_possible = stated <= bbox + slack && (stated >= bbox * LEAST_PART || bbox <= slack);
    (!is_possible).then_some((stated, bbox))
}

/// By how much an area may change if coordinates are rounded, or if pixels on the outline count.
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

/// One unit of the last decimal; 0 if numbers are not rounded.
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
