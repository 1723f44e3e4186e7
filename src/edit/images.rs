//! Selecting images: by their names, by lists, by their subset.

use super::names::Fitting;
use super::{Before, Bound, Edit, Lists, Patterns};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::format::Wants;
use crate::images::base_name;
use crate::losses::Reason;
use crate::model::Image;
use crate::tree::is_same_subset;
use std::collections::HashSet;

/// Which images stay, by their names.
#[derive(Debug, Clone, Default)]
pub struct Images {
    /// The only images that stay; all where it is empty.
    pub keep: Patterns,
    /// Images that go.
    pub drop: Patterns,
    /// Lists of the only images that stay; all where there are none.
    pub lists: Lists,
}

impl Edit for Images {
    fn wants(&self) -> Wants {
        Wants::IMAGES
    }

    fn bind(&self, before: &Before) -> Result<Bound> {
        let mut names: Vec<&str> = before.kept().flat_map(|(_, image)| both_names(image)).collect();
        names.dedup();
        let keep = self.keep.over(&names, "image", false)?;
        let drop = self.drop.over(&names, "image", false)?;
        let mut bound = Bound::of(before.header().clone());
        let listed = self.lists.over(before.images())?;
        let listed_images: HashSet<usize> = listed.images.into_iter().flatten().collect();
        bound.unknown = listed.unknown;
        let is_kept = |index: usize, image: &Image| {
            (self.keep.is_empty() || fits(&keep, image))
                && !fits(&drop, image)
                && (self.lists.paths.is_empty() || listed_images.contains(&index))
        };
        let gone = before.kept().filter(|(index, image)| !is_kept(*index, image));
        bound.left_out = gone.map(|(index, _)| (index, Reason::ImageLeftOut)).collect();
        Ok(bound)
    }
}

/// The names by which a pattern may mean an image: its path, and its file name.
fn both_names(image: &Image) -> [&str; 2] {
    [&image.file_name, base_name(&image.file_name)]
}

fn fits(patterns: &Fitting, image: &Image) -> bool {
    both_names(image).into_iter().any(|name| patterns.has(name))
}

/// The images of one subset.
#[derive(Debug, Clone)]
pub struct OfSubset(pub String);

impl Edit for OfSubset {
    fn wants(&self) -> Wants {
        Wants::IMAGES
    }

    fn bind(&self, before: &Before) -> Result<Bound> {
        let is_own = |image: &Image| {
            image.subset.as_deref().is_some_and(|subset| is_same_subset(subset, &self.0))
        };
        if !before.kept().any(|(_, image)| is_own(image)) {
            return Err(self.unknown(before));
        }
        let others = before.kept().filter(|(_, image)| !is_own(image));
        let left_out = others.map(|(index, _)| (index, Reason::OtherSubset)).collect();
        Ok(Bound { left_out, ..Bound::of(before.header().clone()) })
    }
}

impl OfSubset {
    fn unknown(&self, before: &Before) -> Error {
        let known = before.kept().filter_map(|(_, image)| image.subset.as_deref());
        let known: std::collections::BTreeSet<&str> = known.collect();
        let expected = match known.is_empty() {
            true => "no subset, as the dataset has none".to_owned(),
            false => {
                format!("a subset of the dataset ({})", Vec::from_iter(known).join(", "))
            }
        };
        let mismatch = Mismatch::new(expected, format!("{:?}", self.0));
        Error::new(ErrorKind::Unknown, "subset", mismatch)
    }
}
