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

/// A change of a dataset: of its header once, and of each annotation.
pub trait Edit: Send + Sync {
    /// What it needs to be read, besides what the writer needs.
    fn wants(&self) -> Wants;

    /// The header as it will be.
    ///
    /// # Errors
    /// Where the edit does not fit the dataset.
    fn header(&mut self, header: Header) -> Result<Header>;

    /// Changes an annotation, number `number` of its image.
    fn annotation(&self, annotation: &mut Verbatim<Annotation>, number: usize, losses: &mut Losses);
}
