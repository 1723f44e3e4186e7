//! Judges numbers that should be fractions of their image, with or without its size.

use crate::finding::Finding;
use crate::format::{Field, Spot};
use crate::geometry::Size;
use crate::model::{Annotation, Image, Shape};
use crate::numbers::short;
use crate::rules::Rule;
use crate::survey::numerals::{box_numbers, point_numbers};
use crate::survey::roster::Roster;
use crate::survey::sets::{Loaded, Set, View};

/// By how much a number may be less than 0 or more than 1. Ultralytics leaves out a label file with
/// a number that is further off (`verify_image_label` in `ultralytics/data/utils.py`).
pub const SLACK: f64 = 0.01;
/// Numbers of nearly all rows are too large if fewer than one row in so many is sound.
const FEW: usize = 10;
/// Percent are not more than this.
const PERCENT: f64 = 100.0 + SLACK;
/// In images of fewer pixels, pixels and percent look alike.
const SMALL: u32 = 150;

/// What is known of a part's numbers, if they should be fractions.
#[derive(Default)]
pub struct Fractions {
    rows: usize,
    /// How many rows have a number that is too large.
    above: usize,
    most: f64,
    /// The longest side of an image.
    side: u32,
    /// A finding for each row that has a number which is no fraction.
    found: Vec<Finding>,
    /// The images that have rows, and a size that is not known: their numbers in the part.
    unsized_images: Vec<usize>,
}

/// The number of an annotation that is furthest from a fraction, if one is none. A side that is
/// negative is another fault.
pub fn excess(annotation: &Annotation, image: &Image) -> Option<f64> {
    let size = image.size?;
    let off = |number: f64| (number - 1.0).max(-number);
    let numbers = numbers(annotation, size).into_iter();
    let worst = numbers.max_by(|one, other| off(*one).total_cmp(&off(*other)))?;
    (off(worst) > SLACK).then_some(worst)
}

/// The numbers of an annotation as its row has them.
fn numbers(annotation: &Annotation, size: Size) -> Vec<f64> {
    let stated = annotation.bbox.and_then(|bbox| box_numbers(&bbox, Some(size)));
    if let Some([x, y, width, height]) = stated {
        return vec![x, y, width.max(0.0), height.max(0.0)];
    }
    let Shape::Polygons(parts) = &annotation.shape else { return Vec::new() };
    let points = parts.iter().flat_map(|part| &part.exterior);
    points.map(|point| point_numbers(*point, Some(size))).flat_map(|it| [it.x, it.y]).collect()
}

impl Fractions {
    /// What is known of the numbers of an image.
    pub fn of(view: &View) -> Self {
        if !view.set.format.profile().is_fractions() {
            return Self::default();
        }
        let mut own = Self::default();
        let stated = view.as_stated();
        if stated.is_some() && !(view.annotations.is_empty() && view.errors.is_empty()) {
            own.unsized_images.push(view.index);
        }
        own.side = view.image.size.map_or(0, |size| size.width.max(size.height));
        let view = stated.as_ref().unwrap_or(view);
        own.rows = view.annotations.len();
        for (number, annotation) in view.annotations.iter().enumerate() {
            let Some(worst) = excess(annotation, &view.image) else { continue };
            own.above += usize::from(worst > 1.0);
            own.most = own.most.max(worst);
            let field = if annotation.bbox.is_some() { Field::Box } else { Field::Shape };
            let message = format!("{} is no fraction of the image", short(worst));
            own.found.push(view.finding(Rule::NotAFraction, number, field, message));
        }
        own
    }

    /// What is known of both together. The images of `other` come after those of `self`.
    #[must_use]
    pub fn add(mut self, other: Self) -> Self {
        self.rows += other.rows;
        self.above += other.above;
        self.most = self.most.max(other.most);
        self.side = self.side.max(other.side);
        self.found.extend(other.found);
        self.unsized_images.extend(other.unsized_images);
        self
    }

    /// Findings about the numbers of a part: one where nearly all are in another unit. Another one
    /// is about images whose size is not known.
    pub fn findings(self, set: &Set, part: &Loaded, roster: &Roster) -> Vec<Finding> {
        // Where there are image files, an image without one is a finding of its own.
        let is_judged = self.unsized_images.is_empty() || roster.has_files();
        let not_judged = (!is_judged).then(|| self.not_judged(part, roster)).flatten();
        let is_systematic = self.above > 0 && (self.rows - self.above) * FEW < self.rows;
        let mut findings = match is_systematic {
            true => Finding::of_cause(Rule::NotAFraction, self.words(), self.found)
                .into_iter()
                .collect(),
            false => self.found,
        };
        findings.extend(not_judged.filter(|_| !set.is_results()));
        findings
    }

    fn words(&self) -> String {
        let unit = match self.most {
            most if most > PERCENT => "pixels",
            _ if self.side > 0 && self.side < SMALL => "pixels or percent",
            _ => "percent",
        };
        let Self { rows, above, most, .. } = self;
        let most = short(*most);
        format!("{above} of {rows} rows have numbers above 1, up to {most}: they look like {unit}")
    }

    fn not_judged(&self, part: &Loaded, roster: &Roster) -> Option<Finding> {
        let one = |&index: &usize| {
            let name = part.ids.get(index).map_or("", |&id| roster.name(id));
            let place = part.source.place(Spot::Image(index, Field::Whole));
            let message = "the size of this image is not known";
            Finding::new(Rule::NotJudged, message, place).of_image(name)
        };
        let found: Vec<Finding> = self.unsized_images.iter().map(one).collect();
        let (count, all) = (found.len(), part.images().len());
        let message = format!(
            "the sizes of {count} of {all} images are not known: their labels were judged only by \
             what needs none (--images DIR names the images)"
        );
        Finding::of_cause(Rule::NotJudged, message, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fractions(rows: usize, above: usize, most: f64, side: u32) -> Fractions {
        Fractions { rows, above, most, side, ..Fractions::default() }
    }

    #[test]
    fn units_are_told_by_the_largest_number() {
        for (most, side, expected) in [
            (640.0, 0, "pixels"),
            (640.0, 640, "pixels"),
            (100.0, 640, "percent"),
            (99.5, 0, "percent"),
            (80.0, 100, "pixels or percent"),
        ] {
            let words = fractions(9, 9, most, side).words();
            assert!(words.ends_with(&format!("look like {expected}")), "{words}");
        }
    }
}
