//! A table of images, which are found by their names.

use super::index::{Index, Key, keys};
use super::{Known, base_name, is_image};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files;
use crate::model::{Category, Image, Verbatim};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// How many images of one name are returned at most.
pub(super) const MOST_CANDIDATES: usize = 100;

/// Images by name: the image files below a folder, or the images that another dataset lists.
#[derive(Debug, Default)]
pub struct ImageTable {
    /// The folder or file that the images are from, for messages.
    pub origin: String,
    /// The categories, if the images are from a COCO file.
    pub categories: Vec<Verbatim<Category>>,
    /// The folder that the names are relative to, if there are image files.
    folder: Option<PathBuf>,
    known: Vec<Known>,
    /// The images by all keys of their names.
    exact: Index,
    /// The images by all keys of their folded names. Made when it is first needed.
    folded: OnceLock<Index>,
    /// The images by the names that they may have had before some tool renamed them. Made when it
    /// is first needed.
    pub(super) origins: OnceLock<Index>,
}

impl ImageTable {
    /// All images below a folder.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn scan(folder: &Path) -> Result<Self> {
        if folder.is_file() {
            return Err(Error::malformed("images", "a folder", "a file").in_file(folder));
        }
        Self::of_files(folder, files::walk(folder)?.into_iter().filter(|file| is_image(file)))
    }

    /// All images below a folder but those below another one in it.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn scan_but(folder: &Path, other: &Path) -> Result<Self> {
        let is_there = |file: &PathBuf| file.canonicalize().is_ok_and(|it| it.starts_with(other));
        let images = files::walk(folder)?.into_iter().filter(|file| is_image(file));
        Self::of_files(folder, images.filter(|file| !is_there(file)))
    }

    /// All images below a folder whose names are text, and the errors about all others.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn scan_tolerant(folder: &Path) -> Result<(Self, Vec<Error>)> {
        let images = files::walk(folder)?.into_iter().filter(|file| is_image(file));
        let mut odd = Vec::new();
        let mut known = Vec::new();
        for file in images {
            match files::relative_name(&file, folder) {
                Ok(_) => known.push(file),
                Err(error) => odd.push(error),
            }
        }
        Ok((Self::of_files(folder, known)?, odd))
    }

    /// A table of these image files. Their names are their paths below `folder`.
    ///
    /// # Errors
    /// Where a name is not Unicode text.
    pub fn of_files(folder: &Path, images: impl IntoIterator<Item = PathBuf>) -> Result<Self> {
        let known = images.into_iter().map(|file| {
            let name = files::relative_name(&file, folder)?;
            Ok(Known { name, file: Some(file), size: None, id: None })
        });
        let table = Self::new(folder, known.collect::<Result<_>>()?);
        Ok(Self { folder: Some(folder.to_path_buf()), ..table })
    }

    /// The images of another dataset, with the sizes that it states.
    pub fn of_names(origin: &Path, images: &[Image]) -> Self {
        let known = |image: &Image| Known {
            name: image.file_name.clone(),
            file: None,
            size: image.size,
            id: image.id.clone(),
        };
        Self::new(origin, images.iter().map(known).collect())
    }

    /// A table of these images, which are from `origin`.
    pub fn new(origin: &Path, known: Vec<Known>) -> Self {
        let mut table = Self { origin: origin.display().to_string(), ..Self::default() };
        known.into_iter().for_each(|image| {
            table.push(image);
        });
        table
    }

    /// Whether there are image files, and not only names and sizes.
    pub fn has_files(&self) -> bool {
        self.folder.is_some()
    }

    /// The folder that the names are relative to, if there are image files.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// All images, in the order of the folder or the dataset that they are from.
    pub fn known(&self) -> &[Known] {
        &self.known
    }

    /// The name of an image by its number.
    pub(super) fn name(&self, number: usize) -> &str {
        self.known.get(number).map_or("", |known| &known.name)
    }

    /// The image that a dataset calls `name`: the one with this path, else the only one whose path
    /// ends in it, else the only one with this file name. If the name `is_stem`, it is stated
    /// without an extension.
    ///
    /// # Errors
    /// Where several images fit equally well.
    pub fn find(&self, name: &str, is_stem: bool) -> Result<Option<usize>> {
        match self.candidates(name, is_stem).as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            [first, second, ..] => Err(self.ambiguous(&plain(name), *first, *second)),
        }
    }

    /// All images that fit a name best, by the rules of [`ImageTable::find`].
    pub fn candidates(&self, name: &str, is_stem: bool) -> Vec<usize> {
        let name = plain(name);
        let ways = [(true, name.as_str()), (false, &name), (false, base_name(&name))];
        let keys = ways.into_iter().map(|(is_whole, text)| Key { is_whole, is_stem, text });
        keys.map(|key| self.all_of(key, false, MOST_CANDIDATES))
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    /// The images that have a key, but not more than `most`. A key that `is_folded` is compared
    /// with folded names.
    pub(super) fn all_of(&self, key: Key, is_folded: bool, most: usize) -> Vec<usize> {
        let has_key = |number: &&usize| {
            let name = self.name(**number);
            key.is_of(&if is_folded { files::folded(name) } else { Cow::Borrowed(name) })
        };
        self.index(is_folded).numbers(key).iter().filter(has_key).take(most).copied().collect()
    }

    /// The images by their names, or by their folded names.
    pub(super) fn index(&self, is_folded: bool) -> &Index {
        let fold_all = || {
            let mut index = Index::default();
            let known = self.known.iter().enumerate();
            known.for_each(|(number, image)| add(&mut index, &files::folded(&image.name), number));
            index
        };
        if is_folded { self.folded.get_or_init(fold_all) } else { &self.exact }
    }

    /// Adds an image, and returns its number.
    pub fn push(&mut self, image: Known) -> usize {
        let number = self.known.len();
        add(&mut self.exact, &image.name, number);
        if let Some(folded) = self.folded.get_mut() {
            add(folded, &files::folded(&image.name), number);
        }
        if let Some(origins) = self.origins.get_mut() {
            super::origins::add_origins(origins, &image.name, number);
        }
        self.known.push(image);
        number
    }

    /// Whether `name` is the path of a known image, with or without its extension.
    pub fn is_at(&self, known: usize, name: &str) -> bool {
        let (path, name) = (self.name(known), plain(name));
        path == name || path.rsplit_once('.').is_some_and(|(stem, _)| stem == name)
    }

    pub(super) fn ambiguous(&self, name: &str, first: usize, second: usize) -> Error {
        // Those in the dataset's own folders have no common origin.
        let place =
            if self.origin.is_empty() { String::new() } else { format!(" in {}", self.origin) };
        let expected = format!("one image of this name{place}");
        let found = format!("{:?} and {:?}", self.name(first), self.name(second));
        let mismatch = Mismatch::new(expected, found);
        Error::new(ErrorKind::Unknown, format!("image {name:?}"), mismatch)
    }
}

fn add(index: &mut Index, name: &str, number: usize) {
    keys(name).for_each(|key| index.add(key, number));
}

/// A path without empty and `.` parts (`./x//a.jpg` is `x/a.jpg`).
fn plain(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(names: &[&str]) -> ImageTable {
        let known = names
            .iter()
            .map(|name| Known { name: (*name).to_owned(), file: None, size: None, id: None })
            .collect();
        ImageTable::new(Path::new("images"), known)
    }

    #[test]
    fn a_name_is_found_by_path_then_by_file_name_then_by_stem() {
        let table =
            table(&["x/a.jpg", "x/b.jpg", "y/b.jpg", "c.png", "x.y.png", "z/x/d.jpg", "z/y/d.jpg"]);
        let cases = [
            ("x/a.jpg", Some(0)),
            ("a.jpg", Some(0)),
            ("other/a.jpg", Some(0)),
            ("x/b.jpg", Some(1)),
            ("y/b.jpg", Some(2)),
            ("y/b", Some(2)),
            ("./y//b.jpg", Some(2)),
            ("c", Some(3)),
            ("x.y", Some(4)),
            ("x/d.jpg", Some(5)),
            ("y/d", Some(6)),
            ("c.jpg", None),
            ("x", None),
        ];
        for (name, expected) in cases {
            let is_stem = !name.ends_with("jpg");
            assert_eq!(table.find(name, is_stem).unwrap(), expected, "{name}");
        }
        for name in ["b.jpg", "q/b.jpg", "b"] {
            let error = table.find(name, name == "b").unwrap_err().to_string();
            assert!(error.contains("found \"x/b.jpg\" and \"y/b.jpg\""), "{error}");
        }
    }
}
