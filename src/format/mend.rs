//! What a mender is: it puts mended records into the text of a format's files.
//!
//! A writer makes files anew, with its own number of decimals, its own order and without what the
//! model has no place for. A mender replaces single values, and all other bytes stay.

use crate::error::Place;
use crate::files::patch::Patch;
use crate::geometry::Size;
use crate::model::Annotation;
use crate::rules::Rule;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An object as it was and as it is to be.
#[derive(Debug)]
pub struct MendedObject<'a> {
    /// Where its record stands.
    pub place: Place,
    /// The size of its image, if that is known.
    pub size: Option<Size>,
    /// As it was read.
    pub before: &'a Annotation,
    /// As it is to be; none where it is taken away.
    pub after: Option<&'a Annotation>,
    /// The rules that it broke.
    pub rules: &'a [Rule],
}

impl MendedObject<'_> {
    /// Whether its box and shape stay as they are.
    pub fn keeps_geometry(&self) -> bool {
        let same =
            |after: &Annotation| after.bbox == self.before.bbox && after.shape == self.before.shape;
        self.after.is_some_and(same)
    }
}

/// What an image's record is to state instead.
#[derive(Debug, Default)]
pub struct MendedImage {
    /// Where its record stands.
    pub place: Place,
    /// Its name.
    pub file_name: Option<String>,
    /// Its size.
    pub size: Option<Size>,
    /// The length of its file.
    pub bytes: Option<u64>,
    /// Numbers are to be written as numbers.
    pub is_unquoted: bool,
    /// The record repeats an earlier one, and becomes one with it.
    pub is_repeated: bool,
}

/// Collects the changes of the files of one part.
///
/// Each method returns whether the format can state what is asked for. What it cannot state it leaves
/// as it is.
pub trait Mender {
    /// Changes an object.
    fn object(&mut self, object: &MendedObject) -> bool;

    /// Changes what is stated of an image.
    fn image(&mut self, image: &MendedImage) -> bool;

    /// Mends what is wrong with the part as a whole.
    fn part(&mut self, rule: Rule) -> bool;

    /// All changes.
    fn finish(self: Box<Self>) -> Patches;
}

/// Changes of files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Patches {
    /// The changes of texts, by their files.
    pub texts: BTreeMap<PathBuf, Patch>,
    /// Files that get another name.
    pub renamed: BTreeMap<PathBuf, PathBuf>,
}

impl Patches {
    /// The changes of a file.
    pub fn of(&mut self, file: &Path) -> &mut Patch {
        self.texts.entry(file.to_path_buf()).or_default()
    }

    /// The changes of both.
    pub fn add(&mut self, other: Self) {
        for (file, patch) in other.texts {
            self.texts.entry(file).or_default().add(patch);
        }
        self.renamed.extend(other.renamed);
    }
}
