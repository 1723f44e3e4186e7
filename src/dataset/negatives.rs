//! Image files that no image of the source stands for: they become images without annotations.

use super::names::{Homes, Named};
use crate::error::{Error, ErrorKind, Mismatch, Remedy, Result};
use crate::files;
use crate::images::{ImageTable, Match, Way, base_name};
use crate::model::Image;
use crate::tree::{Files, subset_of_folders};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// How many names are kept as examples.
const EXAMPLES: usize = 5;

/// What became of image files that the source does not name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Negatives {
    /// How many images without annotations were added.
    pub added: usize,
    /// The first few of them.
    pub examples: Vec<String>,
    /// How many files were left, as they are of other subsets than the source, or of none.
    pub left: usize,
}

impl Negatives {
    /// Counts the images of these numbers as the only ones that were added.
    pub fn count(&mut self, images: &[Image], added: impl Iterator<Item = usize>) {
        let names = added.filter_map(|index| images.get(index).map(|it| it.file_name.clone()));
        let names: Vec<String> = names.collect();
        self.added = names.len();
        self.examples = names.into_iter().take(EXAMPLES).collect();
    }
}

/// Adds the image files that no image stands for, named the way the source names its own: by their
/// file names where those are bare and the name is free, else by their paths.
///
/// # Errors
/// Where such a file may be one that the source names otherwise: it would become a second image,
/// and an empty one.
pub fn add(
    images: &mut Vec<Image>,
    found: &mut Vec<Option<Named>>,
    parts: &[(usize, Files)],
    table: &ImageTable,
    is_asked: bool,
) -> Result<Negatives> {
    let folders = Folders::of(found, parts, table, is_asked);
    let claimed: HashSet<usize> = found.iter().flatten().map(|it| it.number).collect();
    let doubtful = meant_otherwise(images, found, parts, table);
    let is_bare = !images.is_empty() && images.iter().all(|image| !image.file_name.contains('/'));
    let mut names: HashSet<String> = images.iter().map(|image| image.file_name.clone()).collect();
    let mut negatives = Negatives::default();
    for (number, known) in table.known().iter().enumerate() {
        let is_free = |file: &&Path| !claimed.contains(&number) && folders.hold(file);
        let Some(file) = known.file.as_deref().filter(is_free) else { continue };
        let Some(subset) = subset_of(file, parts, table) else {
            negatives.left += 1;
            continue;
        };
        if let Some(&image) = doubtful.get(&number) {
            let stated = images.get(image).map_or("", |image| image.file_name.as_str());
            return Err(doubt(stated, &known.name));
        }
        let bare = base_name(&known.name);
        let name = if is_bare && !names.contains(bare) { bare } else { &known.name };
        names.insert(name.to_owned());
        negatives.added += 1;
        if negatives.examples.len() < EXAMPLES {
            negatives.examples.push(name.to_owned());
        }
        let subset = subset.map(Into::into);
        images.push(Image { file_name: name.to_owned(), subset, ..Image::default() });
        found.push(Some(Match { number, way: Way::Path }));
    }
    Ok(negatives)
}

/// The folders whose images may be negatives: a dataset has other pictures, too (masks, previews).
enum Folders<'a> {
    /// All, as somebody named the folder of images.
    All,
    /// Those in which images of the source lie, and those that belong to a part by their name, if
    /// an image of the part lies in them, or none was found.
    Some(HashSet<&'a Path>, Vec<&'a Path>),
}

impl<'a> Folders<'a> {
    fn of(
        found: &[Option<Named>],
        parts: &'a [(usize, Files)],
        table: &'a ImageTable,
        is_asked: bool,
    ) -> Self {
        if is_asked {
            return Self::All;
        }
        let file = |named: &Named| table.known().get(named.number)?.file.as_deref();
        let used = found.iter().flatten().filter_map(file).filter_map(Path::parent);
        let ends = parts.iter().skip(1).map(|(first, _)| *first).chain([found.len()]);
        let of_part = |((first, files), end): (&'a (usize, Files), usize)| {
            let own = found.get(*first..end).unwrap_or_default().iter().flatten();
            let own: Vec<&Path> = own.filter_map(file).collect();
            files.homes.iter().map(|home| files::plain(home)).filter(move |home| {
                is_by_name(home)
                    && (own.is_empty() || own.iter().any(|file| file.starts_with(home)))
            })
        };
        Self::Some(used.collect(), parts.iter().zip(ends).flat_map(of_part).collect())
    }

    fn hold(&self, file: &Path) -> bool {
        match self {
            Self::All => true,
            Self::Some(used, homes) => {
                file.parent().is_some_and(|folder| used.contains(folder))
                    || homes.iter().any(|home| file.starts_with(home))
            }
        }
    }
}

/// Whether a folder holds images by its name.
fn is_by_name(home: &Path) -> bool {
    home.iter().next_back().is_some_and(|name| name == "images" || name == "JPEGImages")
}

/// The files that names may mean that were not found, and the image of each such name.
fn meant_otherwise(
    images: &[Image],
    found: &[Option<Named>],
    parts: &[(usize, Files)],
    table: &ImageTable,
) -> HashMap<usize, usize> {
    let mut meant = HashMap::new();
    for (index, (image, _)) in
        images.iter().zip(found).enumerate().filter(|(_, (_, found))| found.is_none())
    {
        let part = parts.iter().rev().find(|(first, _)| *first <= index);
        let Some((_, files)) = part else { continue };
        let homes = Homes::new(files, table.folder());
        for number in table.may_mean(&homes.asked(&image.file_name, image.is_stem)) {
            meant.entry(number).or_insert(index);
        }
    }
    meant
}

/// The subset of which an image file would be a negative; `None` where it is of none that the
/// source has.
fn subset_of(file: &Path, parts: &[(usize, Files)], table: &ImageTable) -> Option<Option<String>> {
    let of_parts = || parts.iter().map(|(_, files)| files.subset.as_deref());
    if of_parts().all(|subset| subset.is_none()) {
        return Some(None);
    }
    if let Some(subset) = of_nearest(file, parts) {
        return Some(Some(subset));
    }
    let own = subset_of_folders(file, table.folder().unwrap_or(Path::new("")));
    let is_named = own.is_some() && of_parts().any(|subset| subset == own.as_deref());
    let is_of_any = own.is_none() && of_parts().any(|subset| subset.is_none());
    (is_named || is_of_any).then_some(own)
}

/// The subset of the part whose folder of images is the nearest one above a file; none where
/// several parts share that folder, or it holds other folders of images.
fn of_nearest(file: &Path, parts: &[(usize, Files)]) -> Option<String> {
    let homes = parts.iter().flat_map(|(_, files)| {
        let own = files.homes.iter().map(|home| files::plain(home));
        own.map(move |home| (home, files.subset.as_deref()))
    });
    let above = homes.filter(|(home, _)| file.parent() == Some(home));
    let mut subsets: Vec<Option<&str>> = above.map(|(_, subset)| subset).collect();
    subsets.dedup();
    match subsets.as_slice() {
        [Some(only)] => Some((*only).to_owned()),
        _ => None,
    }
}

fn doubt(stated: &str, file: &str) -> Error {
    let expected = format!("the image file {stated:?} that the annotations name");
    let found = format!("{file:?}, which may be meant: rename one of them");
    let error = Error::new(ErrorKind::Unknown, "images", Mismatch::new(expected, found));
    error.mended_by(Remedy::SkipNegatives)
}
