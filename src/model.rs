//! What every format is read into and written from: a header, and one record an image.
//!
//! The model can hold bad data (a negative width, NaN, an unknown shape): reading never mends
//! anything silently.

mod annotation;
mod id;
mod shape;
mod verbatim;

pub use annotation::{
    Annotation, Category, Details, Extra, Image, Keypoint, Record, UNREAD, Visibility,
};
pub use id::{Id, free_ids};
pub use shape::{Kind, Shape};
pub use verbatim::{Stated, Verbatim};

use serde_json::value::RawValue;

/// What is said once for a whole dataset.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// The classes, in the order that defines their index.
    pub categories: Vec<Verbatim<Category>>,
    /// What is said of the dataset and has no other place, word for word as JSON, in the source's
    /// order (COCO's info and licenses).
    pub about: Vec<(String, Box<RawValue>)>,
    /// The least and the greatest of the annotation ids that are numbers.
    pub ids: Option<(i64, i64)>,
    /// Whether the annotations, image after image, are in the order in which the source lists
    /// them.
    pub is_grouped: bool,
    /// Whether it is what a detector found, and no labels.
    pub is_results: bool,
}

impl Header {
    /// A header of categories alone, in a dataset that numbers no annotations.
    pub fn of(categories: Vec<Category>) -> Self {
        let categories = categories.into_iter().map(Verbatim::new).collect();
        Self { categories, is_grouped: true, ..Self::default() }
    }

    /// A number above all annotation ids that are numbers; at least 1.
    pub fn free_id(&self) -> u64 {
        let greatest = self.ids.map_or(0, |(_, greatest)| greatest);
        u64::try_from(greatest).unwrap_or_default().saturating_add(1)
    }

    /// The names of the members of [`Self::about`] that say anything.
    pub fn said(&self) -> impl Iterator<Item = &str> {
        let is_said = |value: &str| !matches!(value.trim(), "{}" | "[]" | "null" | "\"\"");
        let said = self.about.iter().filter(move |(_, value)| is_said(value.get()));
        said.map(|(name, _)| name.as_str())
    }

    /// The names of all categories, in order.
    pub fn names(&self) -> Vec<String> {
        self.categories.iter().map(|category| category.name.clone()).collect()
    }
}
