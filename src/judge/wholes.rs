//! What is wrong with nearly all objects of a part.

use crate::finding::Finding;
use crate::format::{Field, Spot};
use crate::model::Id;
use crate::numbers::short;
use crate::rules::Rule;
use crate::survey::roster::Roster;
use crate::survey::sets::{Loaded, Set, View};

/// Nearly all annotations are crowds if fewer than one in so many is none.
const FEW: usize = 10;
/// So many crowds are a habit where not all annotations are crowds.
const SOME: usize = 3;

/// Counts over the objects of a part.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Wholes {
    annotations: usize,
    crowds: usize,
    boxes: usize,
    /// The longest side of a box, and the greatest coordinate of its edges.
    longest: f64,
    farthest: f64,
    /// The image and the number of the first crowd, and those of the first box.
    first_crowd: Option<(usize, usize)>,
    first_box: Option<(usize, usize)>,
}

impl Wholes {
    /// The counts of one image.
    pub fn of(view: &View) -> Self {
        let mut own = Self { annotations: view.annotations.len(), ..Self::default() };
        for (number, annotation) in view.annotations.iter().enumerate() {
            let at = (view.index, number);
            if annotation.crowd {
                own.crowds += 1;
                own.first_crowd = own.first_crowd.or(Some(at));
            }
            let bounds = annotation.bounds().filter(|bounds| bounds.is_finite());
            let Some(bounds) = bounds.filter(|bounds| bounds.is_proper()) else { continue };
            let [.., width, height] = bounds.corner_and_size();
            own.boxes += 1;
            own.longest = own.longest.max(width).max(height);
            own.farthest = bounds.corners().into_iter().fold(own.farthest, f64::max);
            own.first_box = own.first_box.or(Some(at));
        }
        own
    }

    /// The counts of both together. The images of `other` come after those of `self`.
    #[must_use]
    pub fn add(mut self, other: Self) -> Self {
        self.annotations += other.annotations;
        self.crowds += other.crowds;
        self.boxes += other.boxes;
        self.longest = self.longest.max(other.longest);
        self.farthest = self.farthest.max(other.farthest);
        self.first_crowd = self.first_crowd.or(other.first_crowd);
        self.first_box = self.first_box.or(other.first_box);
        self
    }

    /// Whether nearly all annotations are crowds.
    fn is_all_crowd(&self) -> bool {
        let others = self.annotations - self.crowds;
        self.crowds > 0 && (others == 0 || self.crowds >= SOME && others * FEW <= self.annotations)
    }

    /// Whether all boxes are smaller than a pixel, or lie in the first one.
    fn is_below_a_pixel(&self) -> bool {
        self.boxes > 0 && (self.longest < 1.0 || self.farthest <= 1.0)
    }

    /// Findings about the part as a whole.
    pub fn findings(&self, set: &Set, part: &Loaded, roster: &Roster) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut add = |rule, field, at: Option<(usize, usize)>, message: String| {
            let Some((index, number)) = at else { return };
            let id = part.ids.get(index).copied();
            let Some(view) = id.and_then(|id| set.view(id, roster)) else { return };
            let found = view.finding(rule, number, field, message);
            findings.push(Finding { image: None, annotation: None, ..found });
        };
        if self.is_all_crowd() {
            let message = format!("{} of {} annotations are crowds", self.crowds, self.annotations);
            add(Rule::AllCrowd, Field::Whole, self.first_crowd, message);
        }
        if self.is_below_a_pixel() && !set.format.profile().is_fractions() {
            let longest = short(self.longest);
            let message = format!(
                "the longest side of {} boxes is {longest} px: they look like fractions",
                self.boxes
            );
            add(Rule::BelowAPixel, Field::Box, self.first_box, message);
        }
        findings.extend(zero_category(part));
        findings
    }
}

fn zero_category(part: &Loaded) -> Option<Finding> {
    let categories = &part.source.header().categories;
    let number = categories.iter().position(|it| it.id == Some(Id::Number(0)))?;
    let name = categories.get(number).map_or("", |category| category.name.as_str());
    let message = format!("{name:?} has the id 0");
    Some(Finding::new(Rule::ZeroCategoryId, message, part.source.place(Spot::Category(number))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_all_crowds_are_a_habit() {
        for (crowds, annotations, expected) in [
            (1, 1, true),
            (2, 2, true),
            (0, 5, false),
            (9, 10, true),
            (8, 10, false),
            (2, 3, false),
        ] {
            let counts = Wholes { crowds, annotations, ..Wholes::default() };
            assert_eq!(counts.is_all_crowd(), expected, "{crowds} of {annotations}");
        }
    }

    #[test]
    fn boxes_of_fractions_are_below_a_pixel() {
        for (boxes, longest, farthest, expected) in [
            (0, 0.0, 0.0, false),
            (3, 0.5, 0.9, true),
            (3, 1.0, 1.0, true),
            (3, 0.5, 100.0, true),
            (3, 1.0, 100.0, false),
        ] {
            let counts = Wholes { boxes, longest, farthest, ..Wholes::default() };
            assert_eq!(counts.is_below_a_pixel(), expected, "{longest} {farthest}");
        }
    }
}
