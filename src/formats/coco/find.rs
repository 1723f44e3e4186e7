//! Which files of a tree are COCO's.

use super::members::CocoReference;
use crate::error::{Error, Result};
use crate::json::JsonFile;
use crate::tree::{Files, Found, Tree};
use std::path::Path;

/// The COCO files of a tree, a part each.
pub fn find(tree: &Tree) -> Found {
    let mut found = Found::default();
    for file in tree.documents(&["json"]) {
        match recognise(file) {
            Ok(()) => found.parts.push(Files::single(file, tree)),
            Err(error) => found.rejected.push(error),
        }
    }
    if found.parts.is_empty() && found.rejected.is_empty() {
        found.rejected.push(tree.without("a COCO file (*.json)"));
    }
    found
}

/// Whether a file is one of COCO: an object with images or annotations, or a list of results.
fn recognise(path: &Path) -> Result<()> {
    let file = JsonFile::read(path)?;
    if file.first_byte() == Some(b'[') {
        let (results, broken) = file.elements(&file.span());
        let Some(first) = results.first() else {
            let empty = Error::malformed("file", "results in the list", "none").in_file(path);
            return Err(broken.unwrap_or(empty));
        };
        return file.element::<CocoReference>(first, "/0").map(|_| ());
    }
    if let Some(error) = file.no_object().filter(|_| file.first_byte().is_some()) {
        return Err(error);
    }
    match file.first_member(&["images", "annotations"]) {
        Some(_) => Ok(()),
        None => Err(file.broken().unwrap_or_else(|| {
            Error::malformed("file", "a member \"images\" or \"annotations\"", "none").in_file(path)
        })),
    }
}
