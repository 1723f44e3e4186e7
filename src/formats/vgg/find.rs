//! Which files of a tree are VIA's.

use super::{read, table};
use crate::error::{Error, Result};
use crate::files;
use crate::format::Faults;
use crate::json::JsonFile;
use crate::tree::{Files, Found, Tree};
use std::path::Path;

/// The VIA files of a tree, a part each.
pub fn find(tree: &Tree) -> Found {
    let mut found = Found::default();
    for file in tree.documents(&["json", "csv"]) {
        match recognise(file) {
            Ok(()) => found.parts.push(Files::single(file, tree)),
            Err(error) => found.rejected.push(error),
        }
    }
    if found.parts.is_empty() && found.rejected.is_empty() {
        found.rejected.push(tree.without("a VIA file (*.json, *.csv)"));
    }
    found
}

/// Whether a file is one of VIA.
fn recognise(path: &Path) -> Result<()> {
    if files::has_extension(path, &["csv"]) {
        return table::read(path, &mut Faults::tolerant()).map(|_| ());
    }
    let file = JsonFile::read(path)?;
    let refuse =
        |found: &str| Err(Error::malformed("file", "images with regions", found).in_file(path));
    if let Some(error) = file.no_object() {
        return Err(error);
    }
    // A large file of another format is not read to its end.
    let Some((_, first)) = file.first() else {
        return file.broken().map_or_else(|| refuse("nothing"), Err);
    };
    let (entry, _) = file.members(&first);
    if entry.iter().any(|(name, _)| name == "regions" || name == "fileref") {
        return Ok(());
    }
    match file.first_member(&[read::IMAGES, "images", "annotations"]) {
        Some(read::IMAGES) => Ok(()),
        _ => refuse("other members"),
    }
}
