//! What of a folder is of which format.

use super::Request;
use crate::error::{Error, Result};
use crate::files;
use crate::finding::Finding;
use crate::format::{Arrangement, Format};
use crate::formats::FORMATS;
use crate::json::JsonFile;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// A file or folder of one format.
#[derive(Clone)]
pub struct Part {
    pub format: &'static dyn Format,
    pub path: PathBuf,
}

/// What was found.
#[derive(Default)]
pub struct Discovered {
    pub parts: Vec<Part>,
    /// Files that might hold annotations.
    pub passed_over: Vec<PathBuf>,
}

/// The parts that were named, and those below the path of the other formats.
///
/// # Errors
/// Where the path cannot be read.
pub fn discover(request: &Request) -> Result<Discovered> {
    let mut found = Discovered::default();
    for format in FORMATS {
        let named = request.named.iter().filter(|(name, _)| *name == format.name());
        let part = |(_, path): &(_, PathBuf)| Part { format: *format, path: path.clone() };
        found.parts.extend(named.map(part));
    }
    let Some(path) = &request.path else { return Ok(found) };
    let about = std::fs::metadata(path).map_err(|error| Error::io(path, "read", error))?;
    let files = if about.is_dir() { files::walk(path)? } else { vec![path.clone()] };
    let mut taken: HashSet<PathBuf> = found.parts.iter().map(|part| part.path.clone()).collect();
    for format in FORMATS {
        if request.named.iter().any(|(name, _)| *name == format.name()) {
            continue;
        }
        let paths = match format.arrangement() {
            Arrangement::OneFile(extensions) => {
                one_file_parts(*format, extensions, &files, &mut taken)
            }
            Arrangement::FilePerImage(extension) => {
                let own = |file: &&PathBuf| files::has_extension(file, &[extension]);
                let files: Vec<&PathBuf> = files.iter().filter(own).collect();
                label_parts(*format, &files, &mut taken)
            }
        };
        found.parts.extend(paths.into_iter().map(|path| Part { format: *format, path }));
    }
    found.passed_over = passed_over(&files, &taken, request, &found.parts);
    Ok(found)
}

fn one_file_parts(
    format: &dyn Format,
    extensions: &[&str],
    files: &[PathBuf],
    taken: &mut HashSet<PathBuf>,
) -> Vec<PathBuf> {
    let is_own = |file: &&PathBuf| {
        files::has_extension(file, extensions)
            && !taken.contains(*file)
            && format.detect(file).is_some()
    };
    let parts: Vec<PathBuf> = files.iter().filter(is_own).cloned().collect();
    taken.extend(parts.iter().cloned());
    parts
}

/// The folders that hold a label file an image: their common one where nothing speaks against
/// that, else each.
fn label_parts(
    format: &dyn Format,
    files: &[&PathBuf],
    taken: &mut HashSet<PathBuf>,
) -> Vec<PathBuf> {
    let mut folders: BTreeMap<&Path, Vec<&PathBuf>> = BTreeMap::new();
    for file in files {
        folders.entry(file.parent().unwrap_or(Path::new(""))).or_default().push(file);
    }
    let judged: Vec<(&Path, Option<bool>)> =
        folders.iter().map(|(folder, files)| (*folder, holds_labels(format, files))).collect();
    let sure: BTreeSet<&Path> =
        judged.iter().filter(|(_, is)| *is == Some(true)).map(|(folder, _)| *folder).collect();
    let parents: BTreeSet<Option<&Path>> = sure.iter().map(|folder| folder.parent()).collect();
    // A folder of nothing but empty files is one of labels where its neighbour is.
    let is_kept = |(folder, is): &&(&Path, Option<bool>)| match is {
        Some(is) => *is,
        None => parents.contains(&folder.parent()),
    };
    let kept: Vec<&Path> = judged.iter().filter(is_kept).map(|(folder, _)| *folder).collect();
    for folder in &kept {
        taken.extend(folders[folder].iter().map(|file| (*file).clone()));
    }
    merge(&kept, &folders, format)
}

/// Whether a folder's files are labels; `None` where all could be.
fn holds_labels(format: &dyn Format, files: &[&PathBuf]) -> Option<bool> {
    let mut sure = None;
    for file in files {
        match format.is_label(file) {
            Some(true) => return Some(true),
            Some(false) => sure = Some(false),
            None => {}
        }
    }
    sure
}

/// One folder for all where no other label files lie below it, and no two labels have one name.
fn merge(
    kept: &[&Path],
    folders: &BTreeMap<&Path, Vec<&PathBuf>>,
    format: &dyn Format,
) -> Vec<PathBuf> {
    let Some(top) = kept.iter().copied().map(Path::to_path_buf).reduce(|a, b| common(&a, &b))
    else {
        return Vec::new();
    };
    if kept.len() == 1 {
        return vec![top];
    }
    let reads = |file: &&&PathBuf| !format.passes_over(file);
    let known: HashSet<&Path> = kept.iter().copied().collect();
    let is_stray = |(folder, files): (&&Path, &Vec<&PathBuf>)| {
        folder.starts_with(&top) && !known.contains(folder) && files.iter().any(|it| reads(&it))
    };
    let has_strays = folders.iter().any(is_stray);
    let mut names = HashSet::new();
    let mut labels = kept.iter().flat_map(|folder| &folders[folder]).filter(reads);
    let are_distinct = labels.all(|file| names.insert(file.file_name()));
    let are_splits = kept.iter().all(|folder| is_split(folder, &top));
    if !has_strays && (are_distinct || are_splits) {
        return vec![top];
    }
    let is_below = |folder: &&&Path| folder.ancestors().skip(1).any(|other| known.contains(other));
    kept.iter().filter(|folder| !is_below(folder)).map(|folder| folder.to_path_buf()).collect()
}

/// Whether a folder holds one split of a dataset, by the name of one of its own folders. Others
/// that repeat each other's file names hold copies.
fn is_split(folder: &Path, top: &Path) -> bool {
    let below = folder.strip_prefix(top).unwrap_or(folder);
    below.iter().any(|part| {
        let name = part.to_string_lossy().to_lowercase();
        ["train", "val", "test", "dev"].iter().any(|split| name.starts_with(split))
    })
}

fn common(one: &Path, other: &Path) -> PathBuf {
    let parts = one.components().zip(other.components());
    parts.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

/// Files that are to be JSON and are not: they may have been annotations.
pub fn judge_passed_over(passed_over: &[PathBuf]) -> Vec<Finding> {
    let json = passed_over.iter().filter(|path| files::has_extension(path, &["json"]));
    let broken = json.filter_map(|path| JsonFile::read(path).ok()?.broken());
    broken.map(|error| Finding::of_error(&error)).collect()
}

/// Files whose extension could mean annotations and that nothing took.
fn passed_over(
    files: &[PathBuf],
    taken: &HashSet<PathBuf>,
    request: &Request,
    parts: &[Part],
) -> Vec<PathBuf> {
    let tables = request.tables.iter().chain(&request.splits);
    let named: HashSet<&Path> =
        tables.chain(parts.iter().map(|part| &part.path)).map(PathBuf::as_path).collect();
    let real: HashSet<PathBuf> = named.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let is_named = |file: &PathBuf| {
        file.ancestors().any(|path| named.contains(path))
            || file.canonicalize().is_ok_and(|file| real.contains(&file))
    };
    let is_left = |file: &&PathBuf| {
        files::has_extension(file, &["json", "xml", "csv"])
            && !taken.contains(*file)
            && !is_named(file)
    };
    files.iter().filter(is_left).cloned().collect()
}
