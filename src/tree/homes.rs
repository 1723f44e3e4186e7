//! Where the images of a part may lie.

use super::subset;
use std::path::{Path, PathBuf};

/// The folders of images and the folders of annotations that belong to them, as datasets name
/// them.
const PAIRS: [(&str, &str); 4] = [
    ("labels", "images"),
    ("Annotations", "JPEGImages"),
    ("annotations", "images"),
    ("Annotations", "images"),
];

/// The folders that the names of a part's images may be relative to, best first: the one beside
/// the annotations that holds images by its name, the annotations' own, those of their subset.
/// Only folders that are there.
pub fn homes(root: &Path, subset: Option<&str>) -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> = PAIRS.iter().filter_map(|pair| swapped(root, *pair)).collect();
    homes.push(root.to_path_buf());
    homes.push(root.join("images"));
    // A path of one part lies in the current folder.
    let here = Path::new(".");
    let above = root.parent().map(|above| if above.as_os_str().is_empty() { here } else { above });
    for folder in [Some(root), above].into_iter().flatten() {
        if let Some(subset) = subset {
            homes.extend(of_subset(&folder.join("images"), subset));
            homes.extend(of_subset(folder, subset));
        }
        homes.extend(["images", "JPEGImages"].map(|name| folder.join(name)));
    }
    let mut kept: Vec<PathBuf> = Vec::new();
    for home in homes.into_iter().filter(|home| home.is_dir()) {
        if !kept.contains(&home) {
            kept.push(home);
        }
    }
    kept
}

/// The path with the last folder of annotations in it as the folder of their images.
fn swapped(path: &Path, (from, to): (&str, &str)) -> Option<PathBuf> {
    let at = path.iter().enumerate().filter(|(_, part)| *part == from).last()?.0;
    let part = |(number, part)| if number == at { std::ffi::OsStr::new(to) } else { part };
    Some(path.iter().enumerate().map(part).collect())
}

/// The folders in a folder that have the name of a subset, and the images in them.
fn of_subset(folder: &Path, subset: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_own = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        path.is_dir() && name.and_then(|name| subset::of_name(&name)).as_deref() == Some(subset)
    };
    let mut own: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_own).collect();
    own.sort();
    own.into_iter().flat_map(|folder| [folder.join("images"), folder]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_images_beside_the_annotations_comes_first() {
        for (root, subset, expected) in [
            ("train/labels", None, &["train/images", "train/labels"][..]),
            ("labels/val", Some("val"), &["images/val", "labels/val"]),
            ("VOC2007/Annotations", None, &["VOC2007/JPEGImages", "VOC2007/Annotations"]),
            ("annotations", Some("train"), &["annotations", "train2017"]),
            ("coco/test", Some("test"), &["coco/test"]),
        ] {
            let folder = tempfile::tempdir().unwrap();
            for name in expected {
                std::fs::create_dir_all(folder.path().join(name)).unwrap();
            }
            let found = homes(&folder.path().join(root), subset);
            let below = found.iter().map(|home| home.strip_prefix(folder.path()).unwrap());
            assert_eq!(
                below.collect::<Vec<_>>(),
                expected.iter().map(Path::new).collect::<Vec<_>>()
            );
        }
    }
}
