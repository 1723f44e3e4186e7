//! The roster: one list of all images of a dataset, from its image files and its annotations.

use crate::dataset::Homes;
use crate::geometry::Size;
use crate::images::{self, End, ImageTable, Known, Measured, Way, base_name};
use crate::model::Image;
use crate::progress::{Progress, Work};
use crate::tree::{self, Files};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};

/// All images, those with files first.
#[derive(Default)]
pub struct Roster {
    table: ImageTable,
    /// Errors about image files whose names are no text: no annotation can name them.
    pub odd: Vec<crate::error::Error>,
    /// What was read from each image file. Images without a file come after these.
    pub measured: Vec<Inspected>,
    /// Whether some annotations are about each image.
    pub is_claimed: Vec<bool>,
    /// The format of the first annotations that are about each image file.
    formats: HashMap<usize, &'static str>,
    /// Names that fit several files. Each has an image of its own in the roster, by number.
    ambiguous: HashMap<String, usize>,
    /// The numbers of these images.
    is_ambiguous: HashSet<usize>,
    /// The images that a part has two records of.
    doubted: HashSet<usize>,
    /// The numbers of images whose file lies outside of the folder of the images.
    is_elsewhere: HashSet<usize>,
    /// For each image file, the subset that its folders say.
    file_subsets: Vec<Option<String>>,
    /// The subsets of images that have no file.
    subsets: HashMap<usize, Option<String>>,
    /// For each image, the size in which the annotations were made.
    pub frames: Vec<Option<Size>>,
}

/// What was read from an image file.
pub struct Inspected {
    pub measured: crate::error::Result<Measured>,
    /// How it ends.
    pub end: End,
}

/// The folders to which the names in a part may be relative.
pub struct Home {
    homes: Homes,
    folders: Vec<PathBuf>,
    subset: Option<String>,
    format: &'static str,
}

impl Home {
    /// The home of the files of a part of a format.
    pub fn new(files: &Files, format: &'static str, roster: &Roster) -> Self {
        let homes = Homes::new(files, roster.table.folder());
        let folders = files.homes.iter().chain([&files.root]).cloned().collect();
        Self { homes, folders, subset: files.subset.clone(), format }
    }
}

impl Home {
    /// Whether the file of an image lies outside of the folder that was searched: at the path that
    /// is stated, from one of the folders.
    fn has_file(&self, image: &Image) -> bool {
        let name = image.file_name.replace('\\', "/");
        let is_there = |folder: &PathBuf| match image.is_stem {
            false => folder.join(&name).is_file(),
            true => images::EXTENSIONS
                .iter()
                .any(|extension| folder.join(format!("{name}.{extension}")).is_file()),
        };
        self.folders.iter().any(is_there)
    }
}

/// The image that a name was found to mean.
pub enum Placed {
    /// The image with this number, and how an image file was found.
    At(usize, Option<Way>),
    /// Several files fit: these. The name got an image of its own, with this number.
    Ambiguous(usize, Vec<String>),
}

impl Roster {
    /// A roster of the image files below a folder.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn scan(folder: Option<&Path>, progress: &Progress) -> crate::error::Result<Self> {
        let (table, odd) = match folder {
            Some(folder) if folder.is_dir() => ImageTable::scan_tolerant(folder)?,
            _ => Default::default(),
        };
        let progress = progress.share(Work::Measuring, table.known().len() as u64);
        let inspect = |known: &Known| {
            progress.add(1)?;
            Ok(inspect(known))
        };
        let measured: Vec<Inspected> =
            table.known().par_iter().map(inspect).collect::<crate::error::Result<_>>()?;
        let count = table.known().len();
        Ok(Self {
            file_subsets: subsets_of(&table),
            table,
            odd,
            measured,
            is_claimed: vec![false; count],
            formats: HashMap::new(),
            ambiguous: HashMap::new(),
            is_ambiguous: HashSet::new(),
            doubted: HashSet::new(),
            is_elsewhere: HashSet::new(),
            subsets: HashMap::new(),
            frames: Vec::new(),
        })
    }

    /// All images.
    pub fn images(&self) -> &[Known] {
        self.table.known()
    }

    /// Whether any image file was found.
    pub fn has_files(&self) -> bool {
        !self.measured.is_empty()
    }

    /// The image that annotations mean by this name. It is added if it is not known.
    ///
    /// If several images fit, but other annotations are about only one of them, it is that one.
    pub fn place(&mut self, image: &Image, home: &Home) -> Placed {
        let key = key_of(image, home);
        if let Some(&own) = self.ambiguous.get(&key) {
            return Placed::At(own, None);
        }
        // A similar name may mean an image file. Two names without files must be equal.
        let has_file = |number: usize| self.measured.len() > number;
        if self.has_files()
            && let Ok(Some(found)) = home.homes.find(image, &self.table)
            && !self.is_of_other(found.number, home)
            && (has_file(found.number) || !found.way.is_loose())
        {
            let number = self.original_of(found.number, home).unwrap_or(found.number);
            return self.claim(number, Some(found.way), home);
        }
        let mut fitting = self.table.candidates(&image.file_name, image.is_stem);
        fitting.retain(|number| !self.is_of_other(*number, home));
        // Two subsets may have images of one name.
        if home.subset.is_some() && fitting.len() > 1 {
            let is_own = |number: &usize| self.subset_of_file(*number) == home.subset;
            let own: Vec<usize> = fitting.iter().copied().filter(is_own).collect();
            if !own.is_empty() {
                fitting = own;
            }
        }
        let claimed: Vec<usize> =
            fitting.iter().copied().filter(|&number| self.is_claimed[number]).collect();
        match (fitting.as_slice(), claimed.as_slice()) {
            ([only], _) | (_, [only]) => self.claim(*only, None, home),
            ([], _) => Placed::At(self.add(image, home), None),
            (several, _) => {
                let names = several.iter().map(|&number| self.images()[number].name.clone());
                let names = names.collect();
                let number = self.add(image, home);
                self.ambiguous.insert(key, number);
                self.is_ambiguous.insert(number);
                Placed::Ambiguous(number, names)
            }
        }
    }

    /// Whether an image without a file is in another subset. Two subsets may have images of one
    /// name.
    fn is_of_other(&self, number: usize, home: &Home) -> bool {
        let subset = self.subsets.get(&number).and_then(Option::as_deref);
        subset.is_some() && home.subset.is_some() && subset != home.subset.as_deref()
    }

    /// The image file of which another is a copy: annotations of another format are about it. People
    /// keep the images of each format beside it.
    fn original_of(&self, number: usize, home: &Home) -> Option<usize> {
        if self.is_claimed[number] {
            return None;
        }
        let file = self.images()[number].file.as_deref()?;
        let subset = self.subset_of_file(number);
        let is_of_subset = |other: usize| match (&subset, self.subset_of_file(other)) {
            (Some(own), Some(other)) => tree::is_same_subset(own, &other),
            _ => true,
        };
        let is_original = |other: &usize| {
            self.formats.get(other).is_some_and(|format| *format != home.format)
                && !self.is_of_other(*other, home)
                && is_of_subset(*other)
                && self.images()[*other].file.as_deref().is_some_and(|other| is_copy(file, other))
        };
        let named = self.table.candidates(self.name(number), false);
        named.into_iter().find(is_original)
    }

    fn claim(&mut self, number: usize, way: Option<Way>, home: &Home) -> Placed {
        self.is_claimed[number] = true;
        self.formats.entry(number).or_insert(home.format);
        Placed::At(number, way)
    }

    /// Adds an image that has no file. Returns its number.
    pub fn add(&mut self, image: &Image, home: &Home) -> usize {
        let name = image.file_name.replace('\\', "/");
        let known = Known { name, file: None, size: None, id: None };
        self.is_claimed.push(true);
        let number = self.table.push(known);
        self.subsets.insert(number, home.subset.clone());
        if self.has_files() && home.has_file(image) {
            self.is_elsewhere.insert(number);
        }
        number
    }

    /// Notes that a part has two records of an image: what it says of it is not compared.
    pub fn doubt(&mut self, number: usize) {
        self.doubted.insert(number);
    }

    /// Whether a part has two records of an image.
    pub fn is_doubted(&self, number: usize) -> bool {
        self.doubted.contains(&number)
    }

    /// Notes that a part names this image a second time. A finding was made for that already.
    pub fn repeats(&mut self, number: usize) {
        self.is_ambiguous.insert(number);
    }

    /// Whether an image stands for a name that fits several files, or that a part has twice.
    pub fn is_ambiguous(&self, number: usize) -> bool {
        self.is_ambiguous.contains(&number)
    }

    /// The subset of an image's file, by the names of the folders that it lies in.
    pub fn subset_of_file(&self, number: usize) -> Option<String> {
        self.file_subsets.get(number).cloned().flatten()
    }

    /// Image files that no part means, and that are no copies of those that one does.
    pub fn unlisted(&self) -> Vec<usize> {
        let stem = |number: usize| {
            let name = self.name(number);
            name.rsplit_once('.').map_or(name, |(stem, _)| stem)
        };
        let claimed = (0..self.images().len()).filter(|&number| self.is_claimed[number]);
        let claimed: HashSet<&str> = claimed.map(stem).collect();
        let is_unlisted =
            |number: &usize| !self.is_claimed[*number] && !claimed.contains(stem(*number));
        (0..self.measured.len()).filter(is_unlisted).collect()
    }

    /// Whether there is a file of an image, here or where its part says.
    pub fn is_there(&self, number: usize) -> bool {
        self.is_elsewhere.contains(&number)
            || self.images().get(number).is_some_and(|image| image.file.is_some())
    }

    /// The image of a name; `None` if it is not known, or several fit.
    pub fn find(&self, name: &str, is_stem: bool) -> Option<usize> {
        let fitting = self.table.candidates(name, is_stem);
        let mut claimed = fitting.iter().filter(|&&number| self.is_claimed[number]);
        match (fitting.as_slice(), claimed.next(), claimed.next()) {
            ([only], ..) => Some(*only),
            (_, only, None) => only.copied(),
            _ => None,
        }
    }

    /// Whether `name` is the path of an image.
    pub fn is_at(&self, number: usize, name: &str) -> bool {
        self.table.is_at(number, name)
    }

    /// The file name of an image, without its folder.
    pub fn name(&self, number: usize) -> &str {
        self.images().get(number).map_or("", |image| base_name(&image.name))
    }

    /// The measured size of an image's file; `None` if there is no file that can be read.
    pub fn measured(&self, number: usize) -> Option<Measured> {
        self.measured.get(number).and_then(|inspected| inspected.measured.as_ref().ok().copied())
    }

    /// The size in which the annotations of an image were made: the one that annotations state,
    /// else the size of the file.
    pub fn frame(&self, number: usize) -> Option<Size> {
        self.frames.get(number).copied().flatten()
    }
}

/// The subset of each image file. Each folder is looked at once.
fn subsets_of(table: &ImageTable) -> Vec<Option<String>> {
    let mut folders: HashMap<&Path, Option<String>> = HashMap::new();
    let subset = |image| {
        let image: &Known = image;
        let (folder, root) = (image.file.as_deref()?.parent()?, table.folder()?);
        let known = folders.entry(folder);
        known.or_insert_with(|| tree::subset_of_folders(folder, root)).clone()
    };
    table.known().iter().map(subset).collect()
}

/// How many bytes of two image files of one length are compared.
const COMPARED: u64 = 65_536;

/// Whether two files hold the same picture: they are equally long, and begin alike.
fn is_copy(one: &Path, other: &Path) -> bool {
    let length = |path: &Path| std::fs::metadata(path).map(|about| about.len()).ok();
    let start = |path: &Path| {
        let mut bytes = Vec::new();
        std::fs::File::open(path).ok()?.take(COMPARED).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    };
    length(one).is_some()
        && length(one) == length(other)
        && start(one).is_some_and(|bytes| start(other) == Some(bytes))
}

fn key_of(image: &Image, home: &Home) -> String {
    let bare = base_name(&image.file_name);
    let stem = bare.rsplit_once('.').filter(|_| !image.is_stem).map_or(bare, |(stem, _)| stem);
    format!("{}/{stem}", home.subset.as_deref().unwrap_or_default())
}

fn inspect(image: &Known) -> Inspected {
    let path = image.file.as_deref().unwrap_or(Path::new(""));
    Inspected { measured: images::measure(path), end: images::end_of(path).unwrap_or(End::Proper) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_that_call_an_image_by_two_names_are_about_one() {
        let image =
            |name: &str, is_stem| Image { file_name: name.to_owned(), is_stem, ..Image::default() };
        let mut roster = Roster::default();
        let home = Home::new(&Files::default(), "coco", &roster);
        let mut place = |name: &str, is_stem| match roster.place(&image(name, is_stem), &home) {
            Placed::At(number, _) => (number, 1),
            Placed::Ambiguous(number, names) => (number, names.len()),
        };
        assert_eq!(place("x/a.jpg", false), (0, 1));
        assert_eq!(place("a", true), (0, 1));
        assert_eq!(place("y/b.jpg", false), (1, 1));
        assert_eq!(place("x/b.png", false), (2, 1));
        assert_eq!(place("b", true), (3, 2));
        assert_eq!(place("b", true), (3, 1));
    }
}
