//! A dataset as it is written: completed, edited, and without what is left out.

use super::Selection;
use crate::error::{Error, ErrorKind, Mismatch, Place, Remedy, Result};
use crate::format::{Read, Source, Spot};
use crate::images::ImageTable;
use crate::losses::{Losses, Reason};
use crate::model::{Header, Image, Verbatim};
use rayon::prelude::*;
use std::borrow::Cow;

/// How many missing images an error names.
const NAMED: usize = 5;

/// A source and which of its images are written.
pub struct Ready {
    source: Box<dyn Source>,
    selection: Selection,
    is_unlabelled: bool,
}

/// What of a dataset is left out at last.
#[derive(Debug, Clone, Copy)]
pub struct LastChoice<'a> {
    /// Whether images without annotations are left out.
    pub skips_negatives: bool,
    /// Whether an image whose size is needed and not found is left out; else it is an error.
    pub skips_missing: bool,
    /// Whether every image needs a size.
    pub needs_size: bool,
    /// Whether every image needs its file.
    pub needs_file: bool,
    /// Where sizes and files were looked up, for the error.
    pub table: Option<&'a ImageTable>,
    /// Whether the source named no class, so that all annotations have got the same.
    pub is_unlabelled: bool,
}

impl Ready {
    /// Leaves out what cannot be written, or is not wanted, of the images that are selected.
    ///
    /// # Errors
    /// Where a needed size is not found, or an image cannot be read.
    pub fn new(
        source: Box<dyn Source>,
        mut selection: Selection,
        choice: &LastChoice,
    ) -> Result<Self> {
        let images = source.images();
        if choice.skips_negatives {
            let found = find_negatives(source.as_ref(), &selection)?;
            found.into_iter().for_each(|it| selection.leave_out(it, Reason::NegativeSkipped));
        }
        let missing = |lacks: fn(&Image) -> bool| {
            let is_missing = |index: &usize| images.get(*index).is_some_and(lacks);
            selection.kept().filter(is_missing).collect::<Vec<usize>>()
        };
        let without_size = choice.needs_size.then(|| missing(|image| image.size.is_none()));
        let without_file = choice.needs_file.then(|| missing(|image| image.file.is_none()));
        let (without_size, without_file) =
            (without_size.unwrap_or_default(), without_file.unwrap_or_default());
        if !choice.skips_missing {
            refuse_missing(images, &without_size, choice.table, "size")?;
            refuse_missing(images, &without_file, choice.table, "file")?;
        }
        let missing = without_size.into_iter().chain(without_file);
        missing.for_each(|index| selection.leave_out(index, Reason::MissingImage));
        Ok(Self { source, selection, is_unlabelled: choice.is_unlabelled })
    }

    /// Why an image is left out; `None` where it is not.
    pub fn reason(&self, index: usize) -> Option<Reason> {
        self.selection.reason(index)
    }

    /// Whether an image is left out.
    pub fn is_left_out(&self, index: usize) -> bool {
        self.selection.is_left_out(index)
    }

    /// Whether an image is there as far as anybody knows, and was left out as somebody asked for that:
    /// a file of its labels at the target is not one of this run.
    pub fn is_unwanted(&self, index: usize) -> bool {
        self.reason(index).is_some_and(|reason| reason != Reason::MissingImage)
    }

    /// The images that are not left out and that `is_own` takes, with all that their source states
    /// of them.
    pub fn kept_images<'a>(
        &'a self,
        is_own: impl Fn(&usize) -> bool + 'a,
    ) -> impl Iterator<Item = Result<Cow<'a, Verbatim<Image>>>> + 'a {
        let kept = self.selection.kept().filter(is_own);
        kept.map(|index| self.image(index).map(Cow::Owned))
    }

    /// Whether the source names no class, so that all its annotations get the same.
    pub fn is_unlabelled(&self) -> bool {
        self.is_unlabelled
    }

    /// What was lost in completing an image. Of one that somebody did not want, nothing counts.
    pub fn losses(&self, index: usize) -> &Losses {
        static NONE: Losses = Losses::none();
        match self.reason(index) {
            None | Some(Reason::MissingImage | Reason::NegativeSkipped) => {
                self.selection.losses(index)
            }
            Some(_) => &NONE,
        }
    }
}

/// An error of the input that a caller can choose to pass over.
fn skippable(error: Error) -> Error {
    error.or_mended_by(Remedy::SkipUnreadable)
}

fn find_negatives(source: &dyn Source, selection: &Selection) -> Result<Vec<usize>> {
    let images = source.images();
    let kept: Vec<usize> = selection.kept().collect();
    let is_negative = |index: usize| {
        let Some(image) = images.get(index) else { return Ok(None) };
        match source.read(index, image) {
            Err(_) if selection.is_tolerant => Ok(None),
            read => Ok(read.map_err(skippable)?.is_empty().then_some(index)),
        }
    };
    let found: Vec<Result<Option<usize>>> = kept.into_par_iter().map(is_negative).collect();
    let found = found.into_iter().collect::<Result<Vec<Option<usize>>>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn refuse_missing(
    images: &[Image],
    missing: &[usize],
    table: Option<&ImageTable>,
    what: &str,
) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let named = missing.iter().take(NAMED).filter_map(|index| images.get(*index));
    let names: Vec<&str> = named.map(|image| image.file_name.as_str()).collect();
    // Without an origin, nobody named the images: they were looked for in the dataset's own folders.
    let origin = table.map(|table| table.origin.as_str()).filter(|origin| !origin.is_empty());
    let place = origin.map(|origin| format!(" from {origin}")).unwrap_or_default();
    let remedy = match (origin, what) {
        (Some(_), _) => Remedy::SkipMissing,
        (None, "size") => Remedy::Sizes,
        (None, _) => Remedy::Images,
    };
    let more = if missing.len() > NAMED { ", …" } else { "" };
    let none = if what == "size" { "none, or a width or height of 0," } else { "none" };
    let found = format!(
        "{none} for {} of {} images: {}{more}",
        missing.len(),
        images.len(),
        names.join(", ")
    );
    let mismatch = Mismatch::new(format!("the {what} of every image{place}"), found);
    Err(Error::new(ErrorKind::Missing, format!("image {what}s"), mismatch).mended_by(remedy))
}

impl Source for Ready {
    fn header(&self) -> &Header {
        self.source.header()
    }

    fn images(&self) -> &[Image] {
        self.source.images()
    }

    fn image(&self, index: usize) -> Result<Verbatim<Image>> {
        self.source.image(index)
    }

    fn read(&self, index: usize, image: &Image) -> Result<Read> {
        self.source.read(index, image)
    }

    fn place(&self, spot: Spot) -> Place {
        self.source.place(spot)
    }
}
