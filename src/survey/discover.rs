//! What of a dataset is judged: the parts that were named, and those that are found.

use crate::dataset::FoundPart;
use crate::dataset::find::find_all;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files;
use crate::finding::Finding;
use crate::formats::by_name;
use crate::json::JsonFile;
use crate::tree::Tree;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// What is asked for.
pub struct Asked<'a> {
    /// Files, and folders whose formats are found.
    pub paths: &'a [PathBuf],
    /// Files and folders that are named, by format.
    pub named: &'a [(&'static str, PathBuf)],
    /// Tables and lists that are named.
    pub lists: &'a [PathBuf],
}

/// What was found.
#[derive(Default)]
pub struct Discovered {
    pub parts: Vec<FoundPart>,
    /// Files that might hold annotations.
    pub passed_over: Vec<PathBuf>,
    /// Why they hold none, and why other files do not.
    pub rejected: Vec<Error>,
}

/// The parts that were named, and those below the paths of the other formats.
///
/// # Errors
/// Where a path cannot be read, or what was named is not of its format.
pub fn discover(asked: &Asked) -> Result<Discovered> {
    let mut found = Discovered::default();
    for (name, path) in asked.named {
        found.parts.extend(named(name, path)?);
    }
    for path in asked.paths {
        let (discovery, rejected) = find_all(path)?;
        let is_meant =
            |part: &FoundPart| asked.named.iter().all(|(name, _)| *name != part.format.name());
        found.parts.extend(discovery.parts.into_iter().filter(is_meant));
        found.passed_over.extend(discovery.passed_over);
        found.rejected.extend(rejected);
    }
    leave_out_named(&mut found, asked);
    Ok(found)
}

/// The parts of a format at a path that was named.
fn named(name: &str, path: &Path) -> Result<Vec<FoundPart>> {
    let Some(format) = by_name(name) else {
        let mismatch = Mismatch::new("a known format", format!("{name:?}"));
        return Err(Error::new(ErrorKind::Usage, "format", mismatch).in_file(path));
    };
    let mut found = format.find(&Tree::walk(path)?);
    match (found.parts.is_empty(), found.rejected.is_empty()) {
        (true, false) => Err(found.rejected.swap_remove(0).or_in_file(path)),
        _ => Ok(found.parts.into_iter().map(|files| FoundPart { format, files }).collect()),
    }
}

/// Files that were named are no strangers.
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

/// Files that are to be JSON and are not: they may have been annotations.
pub fn judge_passed_over(passed_over: &[PathBuf]) -> Vec<Finding> {
    let json = passed_over.iter().filter(|path| files::has_extension(path, &["json"]));
    let broken = json.filter_map(|path| JsonFile::read(path).ok()?.broken());
    broken.map(|error| Finding::of_error(&error)).collect()
}
