//! What a reader is: a dataset that is read image by image.

use super::Run;
use crate::error::{Error, ErrorKind, Place, Remedy, Result};
use crate::losses::Losses;
use crate::model::{Annotation, Header, Image, Verbatim};
use crate::rules::Rule;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

/// What is needed of records. What is not wanted may be left out, and then says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wants {
    /// The image's size, without which nothing can be written.
    pub size: bool,
    /// The length of the image file.
    pub bytes: bool,
    /// The annotations, and not only images and categories.
    pub annotations: bool,
    /// The points of shapes. Else a shape whose box is stated may be
    /// [`Shape::Unread`](crate::model::Shape::Unread).
    pub shapes: bool,
    /// The values of members that have no place in the model. Else their names are enough.
    pub values: bool,
    /// The format that can repeat its own records word for word.
    pub text: Option<&'static str>,
    /// What is odd in records and could be read all the same, as [`Read::remarks`].
    pub remarks: bool,
    /// Whether records may be changed between reading and writing: then their text may be dropped,
    /// and all of them must be read.
    pub edits: bool,
}

impl Wants {
    /// Everything of a record but its text.
    pub const ALL: Self = Self {
        size: false,
        bytes: false,
        annotations: true,
        shapes: true,
        values: true,
        text: None,
        remarks: false,
        edits: false,
    };

    /// Nothing but images and categories.
    pub const IMAGES: Self = Self { annotations: false, shapes: false, values: false, ..Self::ALL };

    /// Boxes, and of other things only that they are there.
    pub const BOXES: Self = Self { shapes: false, values: false, ..Self::ALL };

    /// What both need.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            size: self.size || other.size,
            bytes: self.bytes || other.bytes,
            annotations: self.annotations || other.annotations,
            shapes: self.shapes || other.shapes,
            values: self.values || other.values,
            text: self.text.or(other.text),
            remarks: self.remarks || other.remarks,
            edits: self.edits || other.edits,
        }
    }

    /// In [`Self::text`]: the text of whatever format a record is of.
    pub const ANY: &'static str = "*";

    /// Whether the text of a format's records is asked for.
    pub fn keeps_text(self, format: &str) -> bool {
        self.text.is_some_and(|text| text == format || text == Self::ANY)
    }

    /// Whether a format's records are repeated as they stand, so that their shapes and values need
    /// not be read.
    pub fn repeats(self, format: &str) -> bool {
        self.text == Some(format) && !self.edits
    }
}

/// A dataset, opened.
pub struct Opened {
    /// What can be read.
    pub source: Box<dyn Source>,
    /// What was passed over, where [`Run::is_tolerant`] asked for that.
    pub faults: Vec<Error>,
    /// Files of the part that turned out to be of another kind.
    pub passed_over: Vec<PathBuf>,
}

impl Opened {
    /// A source, and what was passed over in it.
    pub fn of(source: impl Source + 'static, faults: Faults) -> Self {
        Self { source: Box::new(source), faults: faults.found, passed_over: Vec::new() }
    }
}

/// A dataset that can be read image by image, in any order and from any thread.
///
/// No method has a default: whoever wraps a source forwards or changes each of them.
pub trait Source: Send + Sync {
    /// What is said once.
    fn header(&self) -> &Header;

    /// All images, in the source's order. Their [`extra`](Image::extra) members may be left to
    /// [`Source::image`].
    fn images(&self) -> &[Image];

    /// Image number `index` with all that the source states of it.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn image(&self, index: usize) -> Result<Verbatim<Image>>;

    /// Reads the annotations of image number `index`. `image` is that image, completed: with the
    /// size that a format of fractions needs. Where it still has none, such a format returns its
    /// annotations without geometry.
    ///
    /// # Errors
    /// Where none of them can be read.
    fn read(&self, index: usize, image: &Image) -> Result<Read>;

    /// Where something stands. Places are looked up when asked for, as most are never needed.
    fn place(&self, spot: Spot) -> Place;
}

/// A source that several hold is one, too.
impl<S: Source + ?Sized> Source for Arc<S> {
    fn header(&self) -> &Header {
        self.as_ref().header()
    }

    fn images(&self) -> &[Image] {
        self.as_ref().images()
    }

    fn image(&self, index: usize) -> Result<Verbatim<Image>> {
        self.as_ref().image(index)
    }

    fn read(&self, index: usize, image: &Image) -> Result<Read> {
        self.as_ref().read(index, image)
    }

    fn place(&self, spot: Spot) -> Place {
        self.as_ref().place(spot)
    }
}

/// The annotations of an image.
#[derive(Debug, Default)]
pub struct Read {
    /// Each as a result of its own, so that a bad one hides no other. An annotation's own error is
    /// that it is malformed or names an unknown class.
    pub annotations: Vec<Result<Verbatim<Annotation>>>,
    /// What the reader could not keep, and what edits left out: such annotations stay in the list,
    /// so that all have their numbers.
    pub losses: Losses,
    /// What is odd and could be read all the same, where [`Wants::remarks`] asks for it.
    pub remarks: Vec<Remark>,
    /// Whether annotations of this image may be among what was passed over on opening.
    pub is_doubtful: bool,
}

/// Something odd in a record that could be read all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The rule that it breaks.
    pub rule: Rule,
    /// The number of the annotation among those that can be read; none for the image.
    pub annotation: Option<usize>,
    /// Which part of the record it is about.
    pub field: Field,
    /// What is odd.
    pub message: String,
}

impl Read {
    /// Annotations of which nothing was lost.
    pub fn of(annotations: Vec<Result<Verbatim<Annotation>>>) -> Self {
        Self { annotations, ..Self::default() }
    }

    /// The numbers of the annotations that are left out: those with a loss whose reason is
    /// [dropped](crate::losses::Reason::dropped).
    pub fn dropped(&self) -> HashSet<usize> {
        let dropped = self.losses.iter().filter(|loss| loss.reason.dropped());
        dropped.filter_map(|loss| loss.annotation).collect()
    }

    /// The annotations that can be read and are not left out.
    pub fn kept(&self) -> impl Iterator<Item = &Verbatim<Annotation>> {
        let dropped = self.dropped();
        let kept = self.annotations.iter().enumerate();
        kept.filter(move |(number, _)| !dropped.contains(number))
            .filter_map(|(_, it)| it.as_ref().ok())
    }

    /// Whether nothing is in the image, or all of it is left out. What cannot be read may be something.
    pub fn is_empty(&self) -> bool {
        self.annotations.len() == self.dropped().len()
    }

    /// The annotations, if all can be read.
    ///
    /// # Errors
    /// The first one.
    pub fn all(self) -> Result<Vec<Verbatim<Annotation>>> {
        self.annotations.into_iter().collect()
    }
}

/// What a place is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Spot<'a> {
    /// A part of image number so many.
    Image(usize, Field),
    /// A part of an annotation of that image.
    Annotation(usize, &'a Annotation, Field),
    /// The name of category number so many.
    Category(usize),
}

/// What of a record a place is asked for; the record's own where it does not have that part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The record.
    Whole,
    /// Its id.
    Id,
    /// Its class.
    Class,
    /// Its bounding box.
    Box,
    /// Its shape.
    Shape,
    /// Its area.
    Area,
    /// The image's width and height.
    Size,
    /// The image's file name.
    Name,
    /// The length of the image's file.
    Length,
}

/// What is passed over on opening, or the first of it as an error.
#[derive(Debug)]
pub struct Faults {
    is_tolerant: bool,
    found: Vec<Error>,
}

impl Faults {
    /// None so far; the run says whether they are passed over.
    pub fn new(run: &Run) -> Self {
        Self { is_tolerant: run.is_tolerant, found: Vec::new() }
    }

    /// None so far, and all are passed over.
    pub fn tolerant() -> Self {
        Self { is_tolerant: true, found: Vec::new() }
    }

    /// A value, or nothing where its error is passed over.
    ///
    /// # Errors
    /// The value's, where nothing is passed over.
    pub fn pass<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if self.is_tolerant && error.kind() != ErrorKind::Stopped => {
                self.found.push(error);
                Ok(None)
            }
            Err(error) => Err(error.or_mended_by(Remedy::SkipUnreadable)),
        }
    }

    /// All that was passed over.
    pub fn into_vec(self) -> Vec<Error> {
        self.found
    }
}
