//! Changes between reading and writing.
//!
//! An edit changes values, or says what is left out and why. What it changes loses the text that stated
//! it, so that a writer makes it anew; what it leaves alone is repeated word for word.

mod asked;
mod before;
mod classes;
mod edited;
mod images;
mod names;
mod rename;
mod sample;

mod size;
mod split;

pub use asked::Asked;
pub use before::Before;
pub use classes::Classes;
pub use edited::Edited;
pub use images::{Images, OfSubset};
pub use names::{Lists, Patterns};
pub use rename::{Rename, parse_rename};
pub use sample::{KeepEmpty, Sample};

pub use size::{Limits, Measure};
pub use split::{Copies, Earlier, Group, Split, Summary};

use crate::error::Result;
use crate::format::{Read, Wants};
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Header, Image, Verbatim};

/// A change of a dataset. It is bound to a dataset before records are read.
pub trait Edit: Send + Sync {
    /// What it needs to be read, besides what the writer needs.
    fn wants(&self) -> Wants;

    /// Fits the edit to a dataset.
    ///
    /// # Errors
    /// Where it does not fit: it names a class that is not there.
    fn bind(&self, before: &Before) -> Result<Bound>;
}

/// Changes an annotation, given its number in the image. To leave it out, it adds a loss whose reason
/// is [dropped](Reason::dropped).
pub type Change = Box<dyn Fn(&mut Verbatim<Annotation>, usize, &mut Losses) + Send + Sync>;

/// Changes what was read of an image, given its number and the image: for what must see all its annotations
/// at once, or can fail. An annotation that it leaves out stays in the list, with a loss whose reason is
/// [dropped](Reason::dropped), so that all keep their numbers. It is called once or several times for an
/// image, from any thread, and must always do the same.
pub type ChangeRecord = Box<dyn Fn(usize, &Image, &mut Read) -> Result<()> + Send + Sync>;

/// An edit that fits a dataset.
pub struct Bound {
    /// The header as it will be.
    pub header: Header,
    /// What is done to each annotation.
    pub change: Option<Change>,
    /// What is done to each record, after that.
    pub change_record: Option<ChangeRecord>,
    /// Images that are left out, each with the reason.
    pub left_out: Vec<(usize, Reason)>,
    /// The places of names, in lists that were given, that no image has.
    pub unknown: Vec<String>,
    /// What is lost of the dataset as a whole.
    pub lost: Losses,
    /// The new names of images that must have other file names now.
    pub renamed: Vec<String>,
    /// What a split has given.
    pub split: Option<Summary>,
    /// All images as they will be, where that is not as they are: their names, their subsets.
    pub images: Option<Vec<Image>>,
}

impl Bound {
    /// A dataset of this header, in which nothing else is changed.
    pub fn of(header: Header) -> Self {
        Self {
            header,
            change: None,
            change_record: None,
            left_out: Vec::new(),
            unknown: Vec::new(),
            lost: Losses::default(),
            renamed: Vec::new(),
            split: None,
            images: None,
        }
    }
}
