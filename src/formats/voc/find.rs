//! Which XML files of a tree are Pascal VOC's, and how they belong together.

use crate::error::Error;
use crate::files;
use crate::tree::{Files, FolderFiles, Found, Tree, parts_of_folders};
use crate::xml::XmlFile;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The subsets whose lists are read.
const SUBSETS: [&str; 3] = ["train", "val", "test"];

/// How many files of a folder are looked at to see whether it holds annotations. The others are
/// judged when they are opened.
const LOOKED_AT: usize = 64;

/// The annotations of a tree, a part for each subset.
pub fn find(tree: &Tree) -> Found {
    let mut rejected = Vec::new();
    let mut parts: BTreeMap<(Option<String>, bool), Vec<FolderFiles>> = BTreeMap::new();
    for (folder, xmls) in tree.folders("xml") {
        let own = annotations(&xmls, &mut rejected);
        if !own.is_empty() {
            let is_devkit = folder.ends_with("Annotations");
            let key = (tree.subset_of(folder), is_devkit);
            parts.entry(key).or_default().push((folder.to_path_buf(), own));
        }
    }
    if parts.is_empty() && rejected.is_empty() {
        rejected.push(tree.without("Pascal VOC files (*.xml)"));
    }
    let part = |((subset, _), folders): ((Option<String>, bool), _)| {
        parts_of_folders(folders, subset.as_deref(), &[])
    };
    let with_lists = |files: Files| Files { lists: image_lists(tree, &files.root), ..files };
    let parts = parts.into_iter().flat_map(part).map(with_lists).collect();
    Found { parts, rejected }
}

/// The files of a folder that are annotations. A folder whose files are all of another kind has
/// none; a file that cannot be read at all is one, so that it is not passed over in silence.
fn annotations(xmls: &[&PathBuf], rejected: &mut Vec<Error>) -> Vec<PathBuf> {
    let mut own = Vec::with_capacity(xmls.len());
    let (mut is_sure, mut failed) = (false, Vec::new());
    for (number, xml) in xmls.iter().enumerate() {
        if number >= LOOKED_AT && is_sure {
            own.push((*xml).clone());
            continue;
        }
        match root_name(xml) {
            Ok(name) if name == "annotation" => {
                is_sure = true;
                own.push((*xml).clone());
            }
            Ok(name) => {
                let found = format!("<{name}>");
                rejected.push(Error::malformed("root element", "<annotation>", found).in_file(xml));
            }
            Err(error) => {
                failed.push(error);
                own.push((*xml).clone());
            }
        }
    }
    if !is_sure {
        rejected.extend(failed);
        return Vec::new();
    }
    own.sort();
    own
}

fn root_name(file: &Path) -> crate::error::Result<String> {
    Ok(XmlFile::read(file)?.root()?.name)
}

/// Whether a file is an annotation, by its content. Such files may be pruned.
pub fn is_annotation(path: &Path) -> bool {
    files::has_extension(path, &["xml"]) && root_name(path).is_ok_and(|name| name == "annotation")
}

/// The lists of images beside a folder of annotations (`ImageSets/Main` of the VOC2012 development
/// kit, section 3).
fn image_lists(tree: &Tree, root: &Path) -> Vec<PathBuf> {
    let Some(sets) = root.parent().map(|above| above.join("ImageSets")) else {
        return Vec::new();
    };
    let walked = tree.with_extension(&["txt"]).filter(|file| file.starts_with(&sets)).cloned();
    let main = SUBSETS.map(|subset| sets.join("Main").join(format!("{subset}.txt")));
    let unseen = main.into_iter().filter(|list| !list.starts_with(tree.root()) && list.is_file());
    walked.chain(unseen).collect()
}

/// The subset of each image, by the name of its file without extension, that the lists beside the
/// annotations state.
pub fn image_sets(lists: &[PathBuf]) -> BTreeMap<String, String> {
    let mut subsets = BTreeMap::new();
    for subset in SUBSETS {
        let name = Path::new("Main").join(format!("{subset}.txt"));
        for list in lists.iter().filter(|list| list.ends_with(&name)) {
            let text = files::read(list).unwrap_or_default();
            let text = String::from_utf8_lossy(&text).into_owned();
            for stem in text.lines().filter_map(|line| line.split_whitespace().next()) {
                subsets.entry(stem.to_owned()).or_insert_with(|| subset.to_owned());
            }
        }
    }
    subsets
}
