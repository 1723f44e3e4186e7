//! Whether stated boxes and areas are those of the shapes, by the rule that a file keeps.

use super::numerals::Numerals;
use super::sets::View;
use super::shapes::{self, short};
use crate::finding::Finding;
use crate::format::Part;
use crate::geometry::{Coord, polygon};
use crate::model::{Annotation, Shape};
use crate::rules::Rule;

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

/// A number that was compared, with what it departs from. There may be as many as annotations,
/// of a rule that nothing keeps: words are made of those alone that are told.
struct Departure {
    /// The image's number in its part, and the annotation's in the image.
    at: (usize, usize),
    stated: f64,
    expected: f64,
    is_mask: bool,
}

impl Departure {
    fn message(&self, area: Area) -> String {
        let name = if self.is_mask { Area::Pixels.name() } else { area.name() };
        format!("the area is {}, {name} is {}", short(self.stated), short(self.expected))
    }
}

/// What a part's boxes and areas keep and do not keep.
#[derive(Default)]
pub struct Consistency {
    boxes: usize,
    /// Where, and by how many pixels at most.
    boxes_departing: Vec<((usize, usize), f64)>,
    areas: usize,
    areas_departing: [Vec<Departure>; 3],
}

impl Consistency {
    /// Compares those of an image.
    pub fn of(view: &View) -> Self {
        let mut found = Self::default();
        let numerals = view.set.numerals;
        for (number, annotation) in view.annotations.iter().enumerate() {
            if !shapes::is_sound(annotation, &view.image) {
                continue;
            }
            let at = (view.index, number);
            found.compare_box(annotation, numerals, at);
            found.compare_area(annotation, numerals, at);
        }
        found
    }

    fn compare_box(&mut self, annotation: &Annotation, numerals: Numerals, at: (usize, usize)) {
        let Some((stated, drawn)) = annotation.bbox.zip(annotation.shape.bounds()) else { return };
        let pairs = stated.corner_and_size().into_iter().zip(drawn.corner_and_size());
        let off = pairs.map(|(one, other)| (one - other).abs()).fold(0.0, f64::max);
        let pixel = if matches!(annotation.shape, Shape::Mask(_)) { 1.0 } else { 0.0 };
        let tolerance = unit(numerals.boxes) + unit(numerals.shapes) + pixel;
        let slack = drawn.corners().into_iter().fold(1.0, f64::max) * f64::EPSILON * 16.0;
        self.boxes += 1;
        if off > tolerance + slack {
            self.boxes_departing.push((at, off));
        }
    }

    fn compare_area(&mut self, annotation: &Annotation, numerals: Numerals, at: (usize, usize)) {
        let Some(stated) = annotation.area else { return };
        if matches!(annotation.shape, Shape::Box) {
            return;
        }
        self.areas += 1;
        for (area, departing) in AREAS.into_iter().zip(&mut self.areas_departing) {
            let Some((expected, tolerance)) = area_of(annotation, area, numerals) else { continue };
            let slack = expected.abs().max(stated.abs()) * 1e-9;
            if (stated - expected).abs() > tolerance + slack {
                let is_mask = matches!(annotation.shape, Shape::Mask(_));
                departing.push(Departure { at, stated, expected, is_mask });
            }
        }
    }

    /// Both together; `other` comes after.
    #[must_use]
    pub fn add(mut self, other: Self) -> Self {
        self.boxes += other.boxes;
        self.boxes_departing.extend(other.boxes_departing);
        self.areas += other.areas;
        for (own, other) in self.areas_departing.iter_mut().zip(other.areas_departing) {
            own.extend(other);
        }
        self
    }

    /// What departs from the rules that most boxes and areas keep. `find` makes the finding of an
    /// annotation.
    pub fn findings(
        self,
        mut find: impl FnMut((usize, usize), Rule, Part, String) -> Option<Finding>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.boxes_departing.len() * MAJORITY < self.boxes {
            findings.extend(self.boxes_departing.iter().filter_map(|&(at, off)| {
                let message = format!("{} px off the box around the shape", short(off));
                find(at, Rule::BoxNotShape, Part::Box, message)
            }));
        } else if let [(first, _), ..] = *self.boxes_departing {
            let most = self.boxes_departing.iter().fold(0.0, |most: f64, (_, off)| most.max(*off));
            let (count, all) = (self.boxes_departing.len(), self.boxes);
            let message = format!(
                "{count} of {all} boxes are not those around their shapes, by up to {} px",
                short(most)
            );
            findings.extend(find(first, Rule::BoxNotShape, Part::Box, message));
        }
        // The last rule is kept by all that keep the first, so a rule must hold for nearly all.
        let shares = [RULE, MAJORITY];
        let is_kept = |share: &usize, it: &Vec<Departure>| it.len() * share < self.areas;
        let kept = shares
            .iter()
            .find_map(|share| self.areas_departing.iter().position(|it| is_kept(share, it)));
        let departing = kept.map(|kept| (AREAS[kept], &self.areas_departing[kept]));
        for (area, departure) in
            departing.iter().flat_map(|(area, all)| all.iter().map(|it| (*area, it)))
        {
            let message = departure.message(area);
            findings.extend(find(departure.at, Rule::AreaNotShape, Part::Area, message));
        }
        findings
    }
}

/// A unit of the last decimal; 0 where numbers are not rounded.
fn unit(decimals: Option<usize>) -> f64 {
    decimals.map_or(0.0, |decimals| 10f64.powi(-(decimals as i32)))
}

/// An area of an annotation, and by how much one that keeps the rule may differ: by what the
/// rounding of the coordinates changes along the outline, and of the area itself.
fn area_of(annotation: &Annotation, area: Area, numerals: Numerals) -> Option<(f64, f64)> {
    let own = unit(numerals.areas);
    let along = unit(numerals.shapes) * outline(&annotation.shape);
    match (area, &annotation.shape) {
        (Area::Box, _) => {
            let bbox = annotation.bounds()?;
            let [_, _, width, height] = bbox.corner_and_size();
            Some((bbox.area(), own + unit(numerals.boxes) * (width + height)))
        }
        (_, Shape::Mask(mask)) => Some((mask.area() as f64, own)),
        (Area::Polygon, Shape::Polygons(parts)) => {
            Some((parts.iter().map(|part| part.area()).sum(), own + along))
        }
        (Area::Pixels, Shape::Polygons(parts)) => {
            let sum = parts.iter().map(|part| part.area()).sum();
            Some((sum, own + along + outline(&annotation.shape)))
        }
        _ => None,
    }
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
