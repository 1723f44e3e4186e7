//! What a writer is: own files an image, and files that all images share.

use crate::error::Result;
use crate::files::map::Slice;
use crate::losses::Losses;
use crate::model::{Image, Record, Verbatim};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Deref;
use std::path::Path;

/// A writer of a dataset. Records are encoded by any thread; what the images share is written in
/// the source's order.
pub trait Writer: Send + Sync {
    /// How an image's own file is named; `None` where images have none.
    fn own_files(&self) -> Option<Naming>;

    /// A file that images share, to which records are appended; `None` where there is none. A
    /// writer makes one for the whole output, or one a subset.
    fn document(&self) -> Option<Box<dyn Document>>;

    /// Small files that are written once: lists of classes.
    fn lists(&self) -> Vec<List>;

    /// Whether a file at the target that has the own files' extension is one of them, by its
    /// content: what may be pruned.
    fn is_own(&self, path: &Path) -> bool;

    /// Whether the bytes of an own file say that nothing is in the image.
    fn is_background(&self, bytes: &[u8]) -> bool;

    /// The key under which a document lists the image, where two images cannot share one.
    fn key(&self, image: &Image) -> Option<String>;

    /// Encodes a record.
    ///
    /// # Errors
    /// Where the record cannot be written at all.
    fn encode(&self, record: &Record, losses: &mut Losses) -> Result<Pieces>;

    /// The number of each class in the target and its name, where the target numbers them.
    fn numbers(&self) -> Vec<(String, String)>;

    /// Counts what the format cannot hold of the dataset as a whole.
    fn count_header(&self, losses: &mut Losses);
}

/// How the own files of images are named.
#[derive(Debug, Clone, Copy)]
pub struct Naming {
    /// Their extension.
    pub extension: &'static str,
    /// Folders of images, the last of which in a path becomes [`Naming::folder`].
    pub image_folders: &'static [&'static str],
    /// The folder where readers look for the own files.
    pub folder: &'static str,
    /// Names that a reader would not take for own files.
    pub reserved: &'static [&'static str],
    /// Whether a file that was read in the same format keeps its place, as it states its image from there
    /// on.
    pub keeps_place: bool,
}

/// A small file, relative to the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A record, encoded.
#[derive(Debug, Default)]
pub struct Pieces {
    /// The image's own file.
    pub own: Option<Vec<u8>>,
    /// What goes into the document.
    pub shared: Encoded,
}

/// A record's part of a document.
#[derive(Debug, Default)]
pub struct Encoded {
    /// What stands for the image.
    pub image: Vec<u8>,
    /// What stands for each annotation, where the format keeps them apart from the images.
    pub annotations: Vec<EncodedAnnotation>,
}

/// An annotation, encoded.
#[derive(Debug)]
pub struct EncodedAnnotation {
    /// Its number among all of the source, where the source lists them together.
    pub order: Option<usize>,
    /// Whether it has an id; else the document numbers it.
    pub is_numbered: bool,
    /// Its bytes.
    pub bytes: Text,
}

/// What is to be written: made, or repeated from the source.
#[derive(Debug)]
pub enum Text {
    /// Made.
    Made(Vec<u8>),
    /// Word for word from the source.
    Stated(Slice),
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Made(bytes) => bytes,
            Self::Stated(slice) => slice,
        }
    }
}

/// What a document knows before the first record.
pub struct Layout<'a> {
    /// The images that will be written, in order.
    pub images: Box<dyn Iterator<Item = Result<Cow<'a, Verbatim<Image>>>> + 'a>,
    /// Whether the records come in the order in which the source lists its annotations.
    pub is_grouped: bool,
    /// Makes a file for what cannot be written yet; it is gone when it is closed.
    pub spool: &'a mut dyn FnMut() -> io::Result<File>,
}

/// A file that images share.
pub trait Document: Send {
    /// Writes what comes before the first record.
    ///
    /// # Errors
    /// Where `out` fails.
    fn begin(&mut self, layout: &mut Layout, out: &mut dyn Write) -> io::Result<()>;

    /// Writes a record; called in the source's order.
    ///
    /// # Errors
    /// Where `out` fails.
    fn append(&mut self, encoded: Encoded, out: &mut dyn Write) -> io::Result<()>;

    /// Writes what comes after the last record.
    ///
    /// # Errors
    /// Where `out` fails.
    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()>;
}
