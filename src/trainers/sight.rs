//! What a trainer sees, and what it tells.

use crate::error::{Place, brief};
use crate::finding::Finding;
use crate::rules::Rule;
use std::path::PathBuf;

/// What a trainer will see of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// The name of the trainer.
    pub trainer: &'static str,
    /// What it loads, in one line.
    pub loads: &'static str,
    /// Whether it stops, so that the subsets are what it would see after that is mended.
    pub is_refused: bool,
    /// The subsets that it finds.
    pub subsets: Vec<Seen>,
}

/// What a trainer sees of one subset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its name, as the dataset has it; `all` where it has no subsets.
    pub subset: String,
    /// The file or folder that it is loaded from.
    pub path: PathBuf,
    /// Images that it trains on, backgrounds included.
    pub images: usize,
    /// Images among them without an object.
    pub backgrounds: usize,
    /// Objects of these images.
    pub boxes: usize,
    /// Objects of these images that it leaves out.
    pub boxes_lost: usize,
    /// Images without objects that it leaves out, by its own settings.
    pub skipped: usize,
    /// Images that it leaves out, or stops at.
    pub lost: Vec<Lost>,
}

/// An image that a trainer leaves out, or stops at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Its name.
    pub image: String,
    /// Why.
    pub reason: String,
    /// The place of the reason.
    pub place: Place,
}

impl Seen {
    /// A subset of which nothing is seen yet.
    pub(crate) fn new(subset: impl Into<String>, path: PathBuf) -> Self {
        Self { subset: subset.into(), path, ..Self::default() }
    }

    /// Counts an image that is kept, with so many objects.
    pub(crate) fn keep(&mut self, boxes: usize) {
        self.images += 1;
        self.boxes += boxes;
        self.backgrounds += usize::from(boxes == 0);
    }
}

/// What a trainer makes of a dataset.
#[derive(Default)]
pub struct Verdict {
    pub subsets: Vec<Seen>,
    pub told: Vec<Told>,
}

impl Verdict {
    /// A dataset that it stops at, for one reason.
    pub fn refused(told: Told) -> Self {
        Self { subsets: Vec::new(), told: vec![told] }
    }
}

/// A finding, and the general rules that may have told the same.
pub struct Told {
    pub finding: Finding,
    pub by: &'static [Rule],
}

impl Told {
    pub fn new(rule: Rule, message: impl Into<String>, place: Place, by: &'static [Rule]) -> Self {
        Self { finding: Finding::new(rule, message, place), by }
    }

    pub fn of_image(self, name: &str) -> Self {
        Self { finding: self.finding.of_image(name), ..self }
    }

    /// The image of the finding, as one that is lost for its reason.
    pub fn lost(&self, reason: impl Into<String>) -> Lost {
        Lost {
            image: self.finding.image.clone().unwrap_or_default(),
            reason: brief(reason.into()),
            place: self.finding.place.clone(),
        }
    }
}

/// A count and its noun in the right number.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
