//! Changes between reading and writing.
//!
//! An edit changes values. What it changes loses the text that stated it, so that a writer makes it
//! anew; what it leaves alone is repeated word for word.

mod rename;

pub use rename::Rename;

use crate::error::Result;
use crate::format::Wants;
use crate::losses::Losses;
use crate::model::{Annotation, Header, Verbatim};

/// A change of a dataset. It is bound to a header before records are read.
pub trait Edit: Send + Sync {
    /// What it needs to be read, besides what the writer needs.
    fn wants(&self) -> Wants;

    /// Fits the edit to a dataset.
    ///
    /// # Errors
    /// Where it does not fit: it names a class that is not there.
    fn bind(&self, header: Header) -> Result<Bound>;
}

/// Changes an annotation, given its number in the image.
pub type Change = Box<dyn Fn(&mut Verbatim<Annotation>, usize, &mut Losses) + Send + Sync>;

/// An edit that fits a dataset.
pub struct Bound {
    /// The header as it will be.
    pub header: Header,
    /// What is done to each annotation.
    pub change: Change,
}
