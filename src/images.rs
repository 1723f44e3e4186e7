//! Image files: found by the names that datasets give them, measured from their headers.

mod orientation;

use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files;
use crate::geometry::Size;
use crate::model::{Category, Id};
use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufReader, Seek};
use std::path::{Path, PathBuf};

/// Extensions of files that are taken for images.
const EXTENSIONS: &[&str] = &[
    "jpg", "jpeg", "png", "bmp", "gif", "webp", "tif", "tiff", "jp2", "pnm", "pgm", "ppm", "heic",
    "avif", "jfif", "tga",
];

/// What an image file's header tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Its size as a viewer displays it: EXIF orientations 5 to 8 swap width and height.
    pub size: Size,
    /// Its EXIF orientation, 1 (upright) where none is stated.
    pub orientation: u32,
}

/// Measures an image file from its header; pixels are never decoded.
///
/// # Errors
/// Where the file cannot be read or its header is not that of an image.
pub fn measure(path: &Path) -> Result<Measured> {
    let file = File::open(path).map_err(|error| Error::io(path, "read", error))?;
    let mut reader = BufReader::with_capacity(1 << 14, file);
    let kind = imagesize::reader_type(&mut reader)
        .map_err(|error| not_an_image(path, &error.to_string()))?;
    // Sizes of HEIF are read with the container's own rotation, which viewers apply instead.
    let orientation = orientation::orientation(&mut reader, kind);
    reader.rewind().map_err(|error| Error::io(path, "read", error))?;
    let stored = imagesize::reader_size(&mut reader)
        .map_err(|error| not_an_image(path, &error.to_string()))?;
    let side = |side: usize| {
        u32::try_from(side).map_err(|_| not_an_image(path, &format!("a side of {side} pixels")))
    };
    let (width, height) = (side(stored.width)?, side(stored.height)?);
    if width == 0 || height == 0 {
        return Err(not_an_image(path, &format!("a size of {width}x{height}")));
    }
    let size = match orientation {
        5..=8 => Size { width: height, height: width },
        _ => Size { width, height },
    };
    Ok(Measured { size, orientation })
}

/// The length of a file in bytes, where it can be told.
pub fn length(path: &Path) -> Option<u64> {
    path.metadata().ok().map(|about| about.len())
}

fn not_an_image(path: &Path, found: &str) -> Error {
    Error::malformed("image header", "a known image format", found).in_file(path)
}

/// Whether a file's extension is that of an image.
pub fn is_image(path: &Path) -> bool {
    files::has_extension(path, EXTENSIONS)
}

/// An image that is known from outside the annotations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its path below the folder, or its name in the file, that it is known from.
    pub name: String,
    /// The image file, where there is one.
    pub file: Option<PathBuf>,
    /// Its size, where it is known without reading the image file.
    pub size: Option<Size>,
    /// Its id, where it is known from a COCO file.
    pub id: Option<Id>,
}

/// Images by name: those below a folder, or those that another dataset names.
#[derive(Debug, Default)]
pub struct ImageTable {
    /// What was searched, for messages.
    pub origin: String,
    /// The categories of the COCO file that it is from.
    pub categories: Vec<Category>,
    is_folder: bool,
    known: Vec<Known>,
    /// By the hashes of all their keys.
    by_key: HashMap<u64, Numbers>,
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
        let images = files::walk(folder)?.into_iter().filter(|file| is_image(file));
        let known = images.map(|file| {
            let name = files::relative_name(&file, folder)?;
            Ok(Known { name, file: Some(file), size: None, id: None })
        });
        Ok(Self { is_folder: true, ..Self::new(folder, known.collect::<Result<_>>()?) })
    }

    /// Images with the sizes that `origin` states.
    pub fn new(origin: &Path, known: Vec<Known>) -> Self {
        let mut table = Self { origin: origin.display().to_string(), ..Self::default() };
        known.into_iter().for_each(|image| {
            table.push(image);
        });
        table
    }

    /// Whether there are image files, and not only names and sizes.
    pub fn has_files(&self) -> bool {
        self.is_folder
    }

    /// All of them, sorted by path or in the file's order.
    pub fn known(&self) -> &[Known] {
        &self.known
    }

    /// The name of an image by its number.
    fn name(&self, number: usize) -> &str {
        self.known.get(number).map_or("", |known| &known.name)
    }

    /// The image that a dataset calls `name`: the one of this relative path, else the only one
    /// whose path ends so, else the only one of this file name. Where the name `is_stem`, it
    /// stands without its extension.
    ///
    /// # Errors
    /// Where two images fit equally well.
    pub fn find(&self, name: &str, is_stem: bool) -> Result<Option<usize>> {
        match self.candidates(name, is_stem).as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            [first, second, ..] => Err(self.ambiguous(&plain(name), *first, *second)),
        }
    }

    /// All images that fit a name best, as [`ImageTable::find`].
    pub fn candidates(&self, name: &str, is_stem: bool) -> Vec<usize> {
        let name = plain(name);
        let ways = [(true, name.as_str()), (false, &name), (false, base_name(&name))];
        let found = ways.into_iter().map(|(is_whole, text)| Key { is_whole, is_stem, text });
        found.map(|key| self.all_of(key)).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// The images that have a key, the first of very many: which of them is meant, nobody can tell.
    fn all_of(&self, key: Key) -> Vec<usize> {
        let numbers = self.by_key.get(&key.hash()).map_or(&[][..], Numbers::as_slice);
        let has_key = |number: &&usize| keys(self.name(**number)).any(|own| own == key);
        numbers.iter().filter(has_key).take(MOST_CANDIDATES).copied().collect()
    }

    /// Adds an image, and returns its number.
    pub fn push(&mut self, image: Known) -> usize {
        let index = self.known.len();
        for key in keys(&image.name) {
            self.by_key
                .entry(key.hash())
                .and_modify(|it| it.push(index))
                .or_insert(Numbers::One(index));
        }
        self.known.push(image);
        index
    }

    /// Whether the path of a known image is the name that a dataset gives, its extension aside.
    pub fn is_at(&self, known: usize, name: &str) -> bool {
        let (path, name) = (self.name(known), plain(name));
        path == name || path.rsplit_once('.').is_some_and(|(stem, _)| stem == name)
    }

    fn ambiguous(&self, name: &str, first: usize, second: usize) -> Error {
        let expected = format!("one image of this name in {}", self.origin);
        let found = format!("{:?} and {:?}", self.name(first), self.name(second));
        let mismatch = Mismatch::new(expected, found);
        Error::new(ErrorKind::Unknown, format!("image {name:?}"), mismatch)
    }
}

/// What an image is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key<'a> {
    /// Whether it is the whole path, and not one of its ends.
    is_whole: bool,
    /// Whether it is without its extension.
    is_stem: bool,
    text: &'a str,
}

impl Key<'_> {
    fn hash(self) -> u64 {
        let mut hasher = DefaultHasher::new();
        Hash::hash(&self, &mut hasher);
        hasher.finish()
    }
}

/// How many images of one name are looked at.
const MOST_CANDIDATES: usize = 100;

/// How many ends of a path it is found by: the work for one of very many folders is bounded.
const MOST_ENDS: usize = 64;

/// The keys of an image: its path, the ends of the path from each folder on, and all of these
/// without the extension.
fn keys(path: &str) -> impl Iterator<Item = Key<'_>> {
    let slashes = path.rmatch_indices('/').take(MOST_ENDS);
    let ends = slashes.filter_map(|(at, slash)| Some((false, path.get(at + slash.len()..)?)));
    [(true, path), (false, path)].into_iter().chain(ends).flat_map(|(is_whole, text)| {
        let stem = text.rsplit_once('.').map_or(text, |(stem, _)| stem);
        [Key { is_whole, is_stem: false, text }, Key { is_whole, is_stem: true, text: stem }]
    })
}

/// The images of a key: mostly one.
#[derive(Debug)]
enum Numbers {
    One(usize),
    Several(Vec<usize>),
}

impl Numbers {
    fn push(&mut self, number: usize) {
        match self {
            Self::One(first) => *self = Self::Several(vec![*first, number]),
            Self::Several(numbers) => numbers.push(number),
        }
    }

    fn as_slice(&self) -> &[usize] {
        match self {
            Self::One(number) => std::slice::from_ref(number),
            Self::Several(numbers) => numbers,
        }
    }
}

/// A path without parts that lead nowhere (`./x//a.jpg` is `x/a.jpg`).
fn plain(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

/// The last part of a path with forward slashes.
pub fn base_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
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

    #[test]
    fn what_is_not_an_image_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jpg");
        std::fs::write(&path, "no image at all").unwrap();
        let error = measure(&path).unwrap_err();
        assert!(error.to_string().contains("image header: expected a known image format"));
        assert!(measure(&folder.path().join("b.jpg")).is_err());
    }
}
