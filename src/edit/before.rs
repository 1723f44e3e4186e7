//! A dataset as an edit finds it.

use crate::dataset::Selection;
use crate::error::{Remedy, Result};
use crate::format::Source;
use crate::model::{Header, Image};
use rayon::prelude::*;

/// A dataset before an edit: what is read, and which of its images are still selected.
pub struct Before<'a> {
    source: &'a dyn Source,
    selection: &'a Selection,
}

impl<'a> Before<'a> {
    /// A dataset of which these images are selected.
    pub fn new(source: &'a dyn Source, selection: &'a Selection) -> Self {
        Self { source, selection }
    }

    /// What is said once.
    pub fn header(&self) -> &Header {
        self.source.header()
    }

    /// What is read.
    pub fn source(&self) -> &dyn Source {
        self.source
    }

    /// Whether what cannot be read is passed over.
    pub fn is_tolerant(&self) -> bool {
        self.selection.is_tolerant
    }

    /// All images, also those that are left out.
    pub fn images(&self) -> &[Image] {
        self.source.images()
    }

    /// The images that are selected, with their numbers.
    pub fn kept(&self) -> impl Iterator<Item = (usize, &Image)> {
        self.selection.kept().filter_map(|index| Some((index, self.images().get(index)?)))
    }

    /// The classes of the objects of each selected image, an entry an object; `usize::MAX` stands for
    /// an object without a class. The image's number comes first. One that cannot be read has none, where
    /// that is passed over.
    ///
    /// # Errors
    /// Where an image cannot be read at all.
    pub fn census(&self) -> Result<Vec<(usize, Vec<usize>)>> {
        let kept: Vec<(usize, &Image)> = self.kept().collect();
        let classes = |(index, image): (usize, &Image)| {
            let read = match self.source.read(index, image) {
                Err(_) if self.selection.is_tolerant => return Ok((index, Vec::new())),
                read => read.map_err(|error| error.or_mended_by(Remedy::SkipUnreadable))?,
            };
            let own = read.kept().map(|annotation| annotation.category.unwrap_or(usize::MAX));
            Ok((index, own.collect()))
        };
        let all: Vec<Result<(usize, Vec<usize>)>> = kept.into_par_iter().map(classes).collect();
        all.into_iter().collect()
    }
}
