//! Collects the parts of a dataset that are judged: those that the caller names, and those that
//! are found.

use super::sets::Set;
use crate::classes;
use crate::dataset::FoundPart;
use crate::dataset::find::{find_all, of_format};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files;
use crate::finding::Finding;
use crate::formats::by_name;
use crate::json::JsonFile;
use crate::rules::Rule;
use crate::tree::Tree;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// The paths that the caller states.
pub struct Asked<'a> {
    /// Files, and folders whose formats are found.
    pub paths: &'a [PathBuf],
    /// Files and folders whose format is stated, each with that.
    pub named: &'a [(&'static str, PathBuf)],
    /// Tables and lists of images.
    pub lists: &'a [PathBuf],
}

/// What was found.
#[derive(Default)]
pub struct Discovered {
    pub parts: Vec<FoundPart>,
    /// The first folder that was searched, or that a `data.yaml` stands for, and that has images;
    /// else the first.
    pub root: Option<PathBuf>,
    /// Files that might hold annotations, but in no known form.
    pub passed_over: Vec<PathBuf>,
    /// Why these files, and others, are of no format.
    pub rejected: Vec<Error>,
    /// The files `data.yaml` that describe the dataset.
    pub yamls: Vec<PathBuf>,
}

/// Finds the parts. If a path is stated with its format, parts of that format are taken from there
/// only.
///
/// # Errors
/// Where a path cannot be read, or is not of the format that is stated for it.
pub fn discover(asked: &Asked) -> Result<Discovered> {
    let mut found = Discovered::default();
    for (name, path) in asked.named {
        found.parts.extend(named(name, path)?);
    }
    let mut is_sure = false;
    for path in asked.paths {
        let (discovery, rejected) = find_all(path)?;
        let folder = discovery.trees.iter().find(|tree| !tree.is_file());
        let has_images = folder.is_some_and(Tree::has_images);
        if let Some(folder) = folder.filter(|_| found.root.is_none() || has_images && !is_sure) {
            found.root = Some(folder.root().to_path_buf());
            is_sure = has_images;
        }
        let is_meant =
            |part: &FoundPart| asked.named.iter().all(|(name, _)| *name != part.format.name());
        found.parts.extend(discovery.parts.into_iter().filter(is_meant));
        found.passed_over.extend(discovery.passed_over);
        found.rejected.extend(rejected);
        let own = path.join("data.yaml");
        found.yamls.extend([path.clone(), own].into_iter().filter(|file| is_yaml(file)));
    }
    let lists = found.parts.iter().flat_map(|part| &part.files.lists);
    found.yamls.extend(lists.filter(|list| is_yaml(list)).cloned().collect::<Vec<_>>());
    found.yamls.sort();
    found.yamls.dedup_by_key(|file| files::full(file));
    leave_out_named(&mut found, asked);
    Ok(found)
}

fn is_yaml(file: &Path) -> bool {
    files::has_extension(file, &["yaml", "yml"]) && file.is_file()
}

/// The parts of a format at the path that is stated for it.
fn named(name: &str, path: &Path) -> Result<Vec<FoundPart>> {
    let Some(format) = by_name(name) else {
        let mismatch = Mismatch::new("a known format", format!("{name:?}"));
        return Err(Error::new(ErrorKind::Usage, "format", mismatch).in_file(path));
    };
    let mut found = of_format(format, &Tree::walk(path)?);
    match (found.parts.is_empty(), found.rejected.is_empty()) {
        (true, false) => Err(found.rejected.swap_remove(0).or_in_file(path)),
        _ => Ok(found.parts.into_iter().map(|files| FoundPart { format, files }).collect()),
    }
}

/// Removes the files that the caller named from the list of files in no known form.
fn leave_out_named(found: &mut Discovered, asked: &Asked) {
    let named = asked.named.iter().map(|(_, path)| path);
    let named = named.chain(asked.lists);
    let named: HashSet<PathBuf> = named.filter_map(|path| path.canonicalize().ok()).collect();
    let is_named = |file: &PathBuf| {
        file.canonicalize().is_ok_and(|file| file.ancestors().any(|path| named.contains(path)))
    };
    if !named.is_empty() {
        found.passed_over.retain(|file| !is_named(file));
    }
}

/// A finding for each folder of labels of which no row can be read, so that no part was made of it:
/// the folder is named so, or a list of classes lies in it.
pub fn judge_rejected(rejected: &[Error], sets: &[Set]) -> Vec<Finding> {
    let mut folders: BTreeMap<&Path, Vec<&Error>> = BTreeMap::new();
    for error in rejected.iter().filter(|error| error.rule() == Rule::Malformed) {
        let text = error.file().filter(|file| files::has_extension(file, &["txt"]));
        let folder = text.and_then(Path::parent);
        let parts: Vec<&Path> = sets.iter().flat_map(Set::paths).collect();
        let is_of_part = |folder: &Path| {
            let file = text.unwrap_or(folder);
            parts.iter().any(|part| file.starts_with(part))
        };
        if let Some(folder) = folder.filter(|it| is_of_labels(it) && !is_of_part(it)) {
            folders.entry(folder).or_default().push(error);
        }
    }
    let finding = |errors: Vec<&Error>| {
        let found: Vec<Finding> = errors.into_iter().map(Finding::of_error).collect();
        let first = found.first().map(|found| found.message.clone())?;
        let message = format!("no row of {} files can be read: {first}", found.len());
        Finding::of_cause(Rule::NothingRead, message, found)
    };
    folders.into_values().filter_map(finding).collect()
}

fn is_of_labels(folder: &Path) -> bool {
    folder.iter().any(|part| part == "labels") || !classes::find_all(folder).is_empty()
}

/// Findings about files whose extension is JSON and whose content is not: they may have been
/// annotations.
pub fn judge_passed_over(passed_over: &[PathBuf]) -> Vec<Finding> {
    let json = passed_over.iter().filter(|path| files::has_extension(path, &["json"]));
    let broken = json.filter_map(|path| JsonFile::read(path).ok()?.broken());
    broken.map(|error| Finding::of_error(&error)).collect()
}
