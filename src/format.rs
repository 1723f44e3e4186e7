//! What every format offers: the traits between discovery, the readers, the loop and the writers.

mod mend;
mod profile;
mod settings;
mod source;
mod writer;

pub use mend::{MendedImage, MendedObject, Mender, Patches};
pub use profile::{Arrangement, Classes, Names, Numbers, Profile};
pub(crate) use settings::choice;
pub use settings::{Choice, Chosen, Convention, Given, Setting, Side, Values, is_declared};
pub use source::{Faults, Field, Opened, Read, Remark, Source, Spot, Wants};
pub use writer::{
    Document, Encoded, EncodedAnnotation, Layout, List, Naming, Pieces, Text, Writer,
};

use crate::error::Result;
use crate::model::Header;
use crate::progress::Progress;
use crate::tree::{Files, Found, Tree};

/// A format: how to find, read and write it.
pub trait Format: Send + Sync {
    /// What is constant about it.
    fn profile(&self) -> &'static Profile;

    /// Its settings, for reading and for writing.
    fn settings(&self) -> &'static [Setting];

    /// Its parts in a tree of files: for all commands the only discovery.
    fn find(&self, tree: &Tree) -> Found;

    /// What its writer needs of a record; a reader may leave out the rest.
    fn wants(&self, settings: &Chosen) -> Wants;

    /// Opens a part of a dataset. Everything but the annotations is read now.
    ///
    /// # Errors
    /// Where the part cannot be read or is not of this format.
    fn open(&self, files: &Files, settings: &Chosen, wants: Wants, run: &Run) -> Result<Opened>;

    /// Makes a writer for a dataset with this header.
    ///
    /// # Errors
    /// Where the header cannot be written in this format.
    fn create(&self, header: &Header, settings: &Chosen) -> Result<Box<dyn Writer>>;

    /// What mends the files of a part; `None` where they cannot be changed value by value.
    ///
    /// # Errors
    /// Where the part cannot be read.
    fn mender(&self, files: &Files, settings: &Chosen) -> Result<Option<Box<dyn Mender>>>;
}

impl dyn Format {
    /// Its name on the command line.
    pub fn name(&self) -> &'static str {
        self.profile().name
    }
}

/// How a run reads, whatever the format.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// Whether a reader passes over what it cannot read and hands it back as
    /// [`Opened::faults`]; else the first fault is an error.
    pub is_tolerant: bool,
    /// Class names in order, for sources whose classes are numbers without a list.
    pub classes: Option<Vec<String>>,
    /// How far the work is.
    pub progress: Progress,
}
