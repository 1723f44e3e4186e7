//! The image files that the names of a source mean.

use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files;
use crate::images::{Asked, ImageTable, Known, Match, Way, base_name};
use crate::model::{Id, Image};
use crate::tree::Files;
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::Path;

/// The image file that a name means, and by which way.
pub type Named = Match;

/// The image file of each image.
///
/// # Errors
/// Where two files fit equally well, or two images mean one file.
pub fn find_all(
    images: &[Image],
    parts: &[(usize, Files)],
    table: &ImageTable,
) -> Result<Vec<Option<Named>>> {
    let homes: Vec<(usize, Homes)> =
        parts.iter().map(|(first, files)| (*first, Homes::new(files, table.folder()))).collect();
    let of = |index: usize| homes.iter().rev().find(|(first, _)| *first <= index).map(|(_, it)| it);
    let ids =
        table.known().iter().enumerate().filter_map(|(at, known)| Some((known.id.as_ref()?, at)));
    let by_id: HashMap<&Id, usize> = ids.collect();
    let find = |(index, image): (usize, &Image)| {
        let id = image.id.as_ref().filter(|id| id.to_string() == image.file_name);
        match id.and_then(|id| by_id.get(id)) {
            Some(&number) => Ok(Some(Match { number, way: Way::Path })),
            None => of(index).map_or(Ok(None), |homes| homes.find(image, table)),
        }
    };
    let found: Vec<Result<Option<Named>>> = images.par_iter().enumerate().map(find).collect();
    let mut found: Vec<Option<Named>> = found.into_iter().collect::<Result<_>>()?;
    share_out(images, &mut found, table)?;
    Ok(found)
}

/// Where the names of a part are relative to, as the table of images sees it.
pub struct Homes {
    /// Folders below the table's own.
    below: Vec<String>,
    /// The path from a folder above the table's to it: a name that begins with it is meant from there.
    above: Vec<String>,
}

impl Homes {
    /// The homes of a part, for a table of the images below `folder`.
    pub fn new(files: &Files, folder: Option<&Path>) -> Self {
        let folder = folder.map(files::full);
        let (mut below, mut above) = (Vec::new(), Vec::new());
        for home in files.homes.iter().chain([&files.root]) {
            let home = files::full(home);
            let Some(folder) = &folder else { continue };
            if let Ok(path) = home.strip_prefix(folder) {
                below.extend(path.to_str().map(|path| path.replace('\\', "/")));
            } else if let Ok(path) = folder.strip_prefix(&home) {
                above.extend(path.to_str().map(|path| path.replace('\\', "/")));
            }
        }
        Self { below, above }
    }

    /// What is asked of the table for a name.
    pub fn asked<'a>(&'a self, name: &'a str, is_stem: bool) -> Asked<'a> {
        Asked { name, is_stem, homes: &self.below }
    }
}

impl Homes {
    /// The image file that an image of the part means: by the name that it states, else by that of
    /// its label file.
    ///
    /// # Errors
    /// Where two files fit equally well.
    pub fn find(&self, image: &Image, table: &ImageTable) -> Result<Option<Named>> {
        if let Some(found) = self.find_name(&image.file_name, image.is_stem, table)? {
            return Ok(Some(found));
        }
        let Some(label) = image.label.as_deref() else { return Ok(None) };
        let found = table.look_up(&self.asked(label, true))?;
        Ok(found.map(|found| Match { way: Way::Label, ..found }))
    }

    fn find_name(&self, name: &str, is_stem: bool, table: &ImageTable) -> Result<Option<Named>> {
        let from_above = self.above.iter().find_map(|above| {
            let rest = name.strip_prefix(above.as_str())?.strip_prefix('/')?;
            let found = table.look_up(&self.asked(rest, is_stem)).ok()??;
            (found.way == Way::Path).then_some(found)
        });
        match from_above {
            Some(found) => Ok(Some(found)),
            None => table.look_up(&self.asked(name, is_stem)),
        }
    }
}

/// Two images of a source that were found to mean one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clash {
    /// The image that keeps the file.
    pub keeper: usize,
    /// The image that does not.
    pub loser: usize,
    /// Whether exactly one of the two, the keeper, states the file's path. Then the other one means
    /// another image of the same file name.
    pub is_clear: bool,
}

/// The images of a source that cannot keep the file that they were found to mean, as another image
/// has it: no two images are one file. `numbers` has the file of each image, and `has_path` says
/// whether an image states the path of its file.
pub fn clashes(
    numbers: impl IntoIterator<Item = Option<usize>>,
    has_path: impl Fn(usize) -> bool,
) -> Vec<Clash> {
    let mut keepers: HashMap<usize, usize> = HashMap::new();
    let mut clashes = Vec::new();
    for (index, number) in numbers.into_iter().enumerate() {
        let Some(keeper) = number.map(|number| keepers.entry(number).or_insert(index)) else {
            continue;
        };
        let first = *keeper;
        if first == index {
            continue;
        }
        let is_clear = has_path(first) != has_path(index);
        if is_clear && has_path(index) {
            *keeper = index;
        }
        let loser = if *keeper == index { first } else { index };
        clashes.push(Clash { keeper: *keeper, loser, is_clear });
    }
    clashes
}

/// Takes the file from each image that cannot keep it.
fn share_out(images: &[Image], found: &mut [Option<Named>], table: &ImageTable) -> Result<()> {
    let named = |at: usize| found.get(at).and_then(Option::as_ref);
    let numbers = (0..images.len()).map(|index| named(index).map(|it| it.number));
    let has_path = |at: usize| named(at).is_some_and(|it| it.way == Way::Path);
    let clashes = clashes(numbers, has_path);
    if let Some(clash) = clashes.iter().find(|clash| !clash.is_clear) {
        let number = named(clash.keeper).map_or(0, |it| it.number);
        return Err(shared(images, clash.keeper, clash.loser, table, number));
    }
    for clash in clashes {
        if let Some(lost) = found.get_mut(clash.loser) {
            *lost = None;
        }
    }
    Ok(())
}

fn shared(
    images: &[Image],
    first: usize,
    second: usize,
    table: &ImageTable,
    number: usize,
) -> Error {
    let name = |at: usize| images.get(at).map_or("", |image| image.file_name.as_str());
    let known = table.known().get(number).map_or("", |known| known.name.as_str());
    let expected = format!("one image for the file {known:?}");
    let mismatch = Mismatch::new(expected, format!("{:?} and {:?}", name(first), name(second)));
    Error::new(ErrorKind::Unknown, "images", mismatch)
}

/// A name with backslashes was written on Windows, where they separate folders.
pub fn separate(image: &mut Image) {
    if image.file_name.contains('\\') {
        image.file_name = image.file_name.replace('\\', "/");
    }
}

/// A name that was found without its extension, or loosely, becomes that of the file.
pub fn adopt(image: &mut Image, known: &Known, way: Way) {
    if !image.is_stem && !way.is_loose() {
        return;
    }
    let base = base_name(&known.name);
    let is_loose = way.is_loose();
    image.is_stem = false;
    image.file_name = match image.file_name.rsplit_once('/') {
        None => base.to_owned(),
        Some((folder, _)) if !is_loose => format!("{folder}/{base}"),
        _ => known.name.clone(),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_that_states_the_path_keeps_the_file() {
        let clash = |keeper, loser, is_clear| Clash { keeper, loser, is_clear };
        for (numbers, with_path, expected) in [
            (vec![Some(1), None, Some(2), None], vec![], vec![]),
            (vec![Some(1), Some(1)], vec![0], vec![clash(0, 1, true)]),
            (vec![Some(1), Some(1)], vec![1], vec![clash(1, 0, true)]),
            (vec![Some(1), Some(1)], vec![], vec![clash(0, 1, false)]),
            (vec![Some(1), Some(1)], vec![0, 1], vec![clash(0, 1, false)]),
            (vec![Some(1), Some(1), Some(1)], vec![1], vec![clash(1, 0, true), clash(1, 2, true)]),
        ] {
            let found = clashes(numbers.clone(), |at| with_path.contains(&at));
            assert_eq!(found, expected, "{numbers:?} {with_path:?}");
        }
    }
}
