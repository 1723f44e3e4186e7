//! Which JSON files of a tree are LabelMe's.

use super::document::Document;
use crate::error::Error;
use crate::files;
use crate::rules::Rule;
use crate::tree::{FolderFiles, Found, Head, Tree, parts_of_folders};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The annotations of a tree, a part for each subset.
pub fn find(tree: &Tree) -> Found {
    let mut rejected = Vec::new();
    let mut folders: BTreeMap<&Path, Vec<&PathBuf>> = BTreeMap::new();
    for file in tree.named_or_with(&["json"]).filter(|file| tree.head(file).is_some()) {
        folders.entry(file.parent().unwrap_or(Path::new(""))).or_default().push(file);
    }
    let mut parts: BTreeMap<Option<String>, Vec<FolderFiles>> = BTreeMap::new();
    for (folder, jsons) in folders {
        let own = annotations(tree, &jsons, &mut rejected);
        if !own.is_empty() {
            let files = (folder.to_path_buf(), own);
            parts.entry(tree.subset_of(folder)).or_default().push(files);
        }
    }
    if parts.is_empty() && rejected.is_empty() {
        rejected.push(tree.without("LabelMe files (*.json)"));
    }
    let part =
        |(subset, folders): (Option<String>, _)| parts_of_folders(folders, subset.as_deref(), &[]);
    Found { parts: parts.into_iter().flat_map(part).collect(), rejected }
}

/// The files of a folder that are annotations. One that cannot be read at all is one where others are,
/// so that it is not passed over in silence.
fn annotations(tree: &Tree, jsons: &[&PathBuf], rejected: &mut Vec<Error>) -> Vec<PathBuf> {
    let (mut own, mut broken, mut is_sure) = (Vec::new(), Vec::new(), false);
    for json in jsons {
        let is_own = match tree.head(json) {
            Some(Head::OfImage) => Ok(()),
            _ => recognise(json),
        };
        match is_own {
            Ok(()) => {
                is_sure = true;
                own.push((*json).clone());
            }
            Err(error) if error.rule() == Rule::Unreadable => {
                own.push((*json).clone());
                broken.push(error);
            }
            Err(error) => rejected.push(error),
        }
    }
    if !is_sure {
        rejected.extend(broken);
        return Vec::new();
    }
    own.sort();
    own
}

/// Whether a file is LabelMe's.
fn recognise(file: &Path) -> Result<(), Error> {
    match Document::read(file)?.is_own() {
        true => Ok(()),
        false => {
            let expected = "shapes of an image (imagePath)";
            Err(Error::malformed("file", expected, "other members").in_file(file))
        }
    }
}

/// Whether a file is an annotation, by its content. Such files may be pruned.
pub fn is_annotation(file: &Path) -> bool {
    files::has_extension(file, &["json"]) && recognise(file).is_ok()
}
