//! The subsets of a dataset: train, val and test, by the names of folders and files.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The names of subsets, in lower case. `valid` and `val` stay what they are called.
const NAMES: [&str; 8] =
    ["train", "training", "val", "valid", "validate", "validation", "test", "testing"];

/// Folders that hold the annotations or the images of one subset, and say nothing of which.
const INNER: [&str; 4] = ["labels", "images", "annotations", "jpegimages"];

/// The subset that the name of a folder or file stands for: a whole word of it, perhaps with the
/// year after it (`instances_train2017`, `a_test`).
///
/// ```
/// use annoconv::tree::subset_of_name;
/// assert_eq!(subset_of_name("instances_train2017").as_deref(), Some("train"));
/// assert_eq!(subset_of_name("trains"), None);
/// ```
pub fn of_name(name: &str) -> Option<String> {
    let words: Vec<String> = name.split(|c: char| !c.is_alphanumeric()).map(word).collect();
    words.into_iter().rev().find(|word| NAMES.contains(&word.as_str()))
}

/// Whether two names stand for one subset (`val` and `valid`).
pub fn is_same(one: &str, other: &str) -> bool {
    let is_known = |name: &str| NAMES.contains(&name);
    one == other || (is_known(one) && is_known(other) && one.get(..3) == other.get(..3))
}

/// A word in lower case, without the digits after it.
fn word(text: &str) -> String {
    text.trim_end_matches(|c: char| c.is_ascii_digit()).to_lowercase()
}

/// Whether a folder's name is that of a subset, and nothing more.
fn of_folder(name: &str) -> Option<String> {
    let word = word(name);
    NAMES.contains(&word.as_str()).then_some(word)
}

/// The subset of what lies at a path: the nearest folder below the root that has a subset's name,
/// else the root itself, or the folder that it is the labels or images of.
pub fn of_folders(path: &Path, root: &Path) -> Option<String> {
    let below = path.strip_prefix(root).unwrap_or(path);
    of_path(below).or_else(|| {
        let full = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        let mut last = full.iter().rev().map(|part| part.to_string_lossy());
        let name = last.next()?;
        match INNER.contains(&name.to_lowercase().as_str()) {
            true => of_folder(&last.next()?),
            false => of_folder(&name),
        }
    })
}

/// A path with one name for all subsets: paths that are equal so are of subsets of one dataset. So
/// are the names of its folders, and words of its last part (`instances_train.json`).
pub fn without(path: &Path) -> PathBuf {
    let any = |part: &OsStr| match of_folder(&part.to_string_lossy()) {
        Some(_) => OsString::from("*"),
        None => part.to_owned(),
    };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let is_subset = |own: &str| NAMES.contains(&word(own).as_str());
    let words = name.split_inclusive(|c: char| !c.is_alphanumeric());
    let plain = words.map(|own| match own.trim_end_matches(|c: char| !c.is_alphanumeric()) {
        bare if is_subset(bare) => own.replacen(bare, "*", 1),
        _ => own.to_owned(),
    });
    let folder: PathBuf = path.parent().into_iter().flat_map(Path::iter).map(any).collect();
    folder.join(plain.collect::<String>())
}

/// The subset that a path names: the last of its parts that has a subset's name.
pub fn of_path(path: &Path) -> Option<String> {
    path.iter().rev().find_map(|part| of_folder(&part.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_stand_for_subsets() {
        for (name, subset) in [
            ("train", Some("train")),
            ("instances_val2017", Some("val")),
            ("Valid", Some("valid")),
            ("a_test", Some("test")),
            ("training", Some("training")),
            ("trainer", None),
            ("contest", None),
            ("", None),
            ("2017", None),
        ] {
            assert_eq!(of_name(name).as_deref(), subset, "{name}");
        }
    }

    #[test]
    fn subsets_of_one_dataset_lie_alike() {
        for (one, other, expected) in [
            ("d/train/labels", "d/valid/labels", true),
            ("d/labels/train", "d/labels/val", true),
            ("d/instances_train2017.json", "d/instances_val2017.json", true),
            ("train.json", "val.json", true),
            ("d/train/_annotations.coco.json", "d/test/_annotations.coco.json", true),
            ("d/dt_ignore_test.json", "d/example_crowdpose_val.json", false),
            ("one/train", "two/val", false),
        ] {
            assert_eq!(without(Path::new(one)) == without(Path::new(other)), expected, "{one}");
        }
    }

    #[test]
    fn the_nearest_folder_below_the_root_decides() {
        for (path, root, subset) in [
            ("/d/train/labels/a.txt", "/d", Some("train")),
            ("/d/labels/val/a.txt", "/d", Some("val")),
            ("/d/test/train2017/a.txt", "/d", Some("train")),
            ("/d/train/labels/a.txt", "/d/train/labels", Some("train")),
            ("/d/train/a.txt", "/d/train", Some("train")),
            ("/test/d/a.txt", "/test/d", None),
            ("/d/a.txt", "/d", None),
            ("/d/mytrain/a.txt", "/d", None),
        ] {
            assert_eq!(of_folders(Path::new(path), Path::new(root)).as_deref(), subset, "{path}");
        }
    }
}
