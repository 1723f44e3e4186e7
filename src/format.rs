//! What every format offers: the traits between the readers, the loop and the writers.

mod options;

pub use options::*;

use crate::error::{Error, Place, Result};
use crate::files::map::Slice;
use crate::model::{Annotation, Extra, Header, Image, Record, Stated};
use crate::report::Losses;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// A format: how to recognise, read and write it.
pub trait Format: Sync {
    /// Its name on the command line.
    fn name(&self) -> &'static str;

    /// One line for a list of formats.
    fn about(&self) -> &'static str;

    /// What it holds, in a few words; docs/formats.md has the measured table.
    fn holds(&self) -> &'static str;

    /// What tells that a file or folder is of this format; `None` where nothing does.
    fn detect(&self, path: &Path) -> Option<String>;

    /// How its files lie in a dataset, so that they can be found.
    fn arrangement(&self) -> Arrangement;

    /// Whether a file is one of those of a [`Arrangement::FilePerImage`], by its name and content;
    /// `None` where it could be (an empty file).
    fn is_label(&self, _file: &Path) -> Option<bool> {
        None
    }

    /// Whether its reader passes over a file that has the extension (a list of classes).
    fn passes_over(&self, _file: &Path) -> bool {
        false
    }

    /// Whether its files state fractions of the image's size: a reader can make pixels of them
    /// only where it knows that size.
    fn is_normalised(&self) -> bool {
        false
    }

    /// What its writer needs of a record; a reader may leave out the rest.
    fn needs(&self, options: &Options) -> Needs;

    /// Opens a dataset. Everything but the annotations is read now.
    ///
    /// # Errors
    /// Where the input cannot be read or is not of this format.
    fn open(&self, path: &Path, needs: Needs, options: &Options) -> Result<Box<dyn Source>>;

    /// Makes a writer for a dataset with this header.
    ///
    /// # Errors
    /// Where the header cannot be written in this format.
    fn create(&self, header: &Header, options: &Options) -> Result<Sink>;
}

/// How the files of a format lie in a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrangement {
    /// One file for all images, with one of these extensions.
    OneFile(&'static [&'static str]),
    /// A file an image, with this extension.
    FilePerImage(&'static str),
}

/// Which costly parts of a record a writer uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// The image's size, without which nothing can be written.
    pub size: bool,
    /// The image file's length.
    pub bytes: bool,
    /// COCO's own records.
    pub stated: bool,
    /// Nothing but the boxes: of an annotation that states one, the points of its polygons may
    /// be left out.
    pub boxes_only: bool,
    /// Of an image's members that have no place in the model, only whether there are any: the
    /// first may stand for all, without its value.
    pub counts_members: bool,
    /// Nothing but the images and categories: annotations may be left out.
    pub images_only: bool,
}

/// What an image states that has no place in the model.
#[derive(Debug, Default)]
pub struct ImageMembers {
    /// As in [`Image::extra`].
    pub extra: Extra,
    /// As in [`Image::stated`].
    pub stated: Option<Stated>,
}

/// A dataset that can be read image by image, in any order and from any thread.
pub trait Source: Sync {
    /// What is said once.
    fn header(&self) -> &Header;

    /// All images, in the source's order.
    fn images(&self) -> &[Image];

    /// What else image number `index` states. It is decoded when it is needed, as it is the bulk of
    /// a list of images; `None` where [`Source::images`] has it already.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn members(&self, _index: usize) -> Result<Option<ImageMembers>> {
        Ok(None)
    }

    /// Whether the annotations, image after image, are in the order in which the source lists
    /// them.
    fn is_grouped(&self) -> bool {
        true
    }

    /// The annotations of image number `index`, each as a result of its own, so that a bad one
    /// hides no other. `image` is that image, completed: with the size that a normalised format
    /// needs. Where it still has none, a normalised format returns its annotations without
    /// geometry.
    ///
    /// # Errors
    /// Where none of them can be read. An annotation's own error is that it is malformed or
    /// names an unknown class.
    fn each(&self, index: usize, image: &Image) -> Result<Vec<Result<Annotation>>>;

    /// The annotations of image number `index`, as [`Source::each`], if all can be read.
    ///
    /// # Errors
    /// The first one.
    fn annotations(&self, index: usize, image: &Image) -> Result<Vec<Annotation>> {
        self.each(index, image)?.into_iter().collect()
    }

    /// What was passed over on opening, where [`Options::tolerant`] asked for that.
    fn faults(&self) -> &[Error];

    /// Whether annotations of image number `index` may be among what was passed over.
    fn is_doubtful(&self, _index: usize) -> bool {
        false
    }

    /// Where a part of image number `index` stands, or of one of its annotations. Places are
    /// looked up when asked for, as most are never needed.
    fn place(&self, index: usize, annotation: Option<&Annotation>, part: Part) -> Place;

    /// Where category number `category` is named.
    fn category_place(&self, category: usize) -> Place;
}

/// What of a record a place is asked for; the record's own where it does not have that part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
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
    /// None so far; the options say whether they are passed over.
    pub fn new(options: &Options) -> Self {
        Self { is_tolerant: options.tolerant, found: Vec::new() }
    }

    /// A value, or nothing where its error is passed over.
    ///
    /// # Errors
    /// The value's, where nothing is passed over.
    pub fn pass<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if self.is_tolerant => {
                self.found.push(error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// All that was passed over.
    pub fn into_vec(self) -> Vec<Error> {
        self.found
    }
}

/// A writer: of a file an image, or of one file for all.
pub enum Sink {
    /// One label file an image; any thread.
    PerImage(Box<dyn PerImage>),
    /// One file for the dataset; encoded by any thread, written in the source's order.
    Whole(Box<dyn Whole>),
}

/// A writer of one label file an image.
pub trait PerImage: Sync {
    /// The label files' extension.
    fn extension(&self) -> &'static str;

    /// The name from which the label file's is made: the image's, in the format's own folders.
    fn label_name(&self, file_name: &str) -> String {
        file_name.to_owned()
    }

    /// Appends the label file of a record to `out`.
    ///
    /// # Errors
    /// Where the record cannot be written at all.
    fn write(&self, record: &Record, out: &mut Vec<u8>) -> Result<Losses>;

    /// Names of label files that would not be read as labels.
    fn reserved(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether a file that has the labels' extension is a label file, by its content.
    fn is_label(&self, path: &Path) -> bool;

    /// Whether a label file's bytes say that nothing is in the image.
    fn is_background(&self, bytes: &[u8]) -> bool;

    /// The files of the dataset beside the label files (a list of classes).
    fn dataset_files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        Vec::new()
    }
}

/// A record, encoded by [`Whole::encode`] and not yet written.
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
    /// Whether it has an id; else the writer numbers it.
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

/// What a writer of one file knows before the first record.
pub struct Layout<'a> {
    /// The images that will be written, in order.
    pub images: Box<dyn Iterator<Item = Result<Cow<'a, Image>>> + 'a>,
    /// Whether the records come in the order in which the source lists its annotations.
    pub is_grouped: bool,
    /// Makes a file for what cannot be written yet; it is gone when it is closed.
    pub spool: &'a mut dyn FnMut() -> io::Result<File>,
}

/// A writer of one file for the whole dataset.
pub trait Whole: Sync {
    /// The key under which the image is listed, where two images cannot share one.
    fn key(&self, image: &Image) -> Option<String>;

    /// Encodes a record; called from any thread.
    ///
    /// # Errors
    /// Where the record cannot be written at all.
    fn encode(&self, record: &Record) -> Result<(Encoded, Losses)>;

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
