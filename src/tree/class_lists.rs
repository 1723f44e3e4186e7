//! The lists of class names that belong to a folder of labels.

use super::{Files, listing, subset};
use crate::classes;
use crate::error::Result;
use crate::files;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// How many folders above the labels a list of classes is looked for.
const UP: usize = 2;

/// The class lists in folders, each of which is looked into once.
#[derive(Default)]
pub struct ClassLists(HashMap<PathBuf, Vec<PathBuf>>);

impl ClassLists {
    fn in_folder(&mut self, folder: &Path) -> Vec<PathBuf> {
        let known = self.0.entry(folder.to_path_buf());
        known.or_insert_with(|| classes::find_all(folder)).clone()
    }

    /// The `data.yaml` above `root` that names the images of a folder of labels: trainers read that
    /// one, whatever other lists there are.
    fn yaml_above(&mut self, folder: &Path, root: &Path) -> Option<PathBuf> {
        let above = folder.ancestors().take(UP + 1).filter(|place| !place.starts_with(root));
        let above: Vec<PathBuf> = above.flat_map(|place| self.in_folder(place)).collect();
        let is_of_it = |list: &PathBuf| {
            files::has_extension(list, &["yaml", "yml"])
                && listing::yaml_subsets(list).is_ok_and(|subsets| {
                    let mut labels = subsets.iter().filter_map(|it| listing::label_folder(&it.0));
                    labels.any(|labels| files::full(folder).starts_with(files::full(&labels)))
                })
        };
        above.into_iter().find(is_of_it)
    }

    /// The class lists of a folder of labels, the nearest first: all that lie in it or above it
    /// below `root`, and a `data.yaml` above that names its images; where there are none, those of the nearest folder above that has one.
    pub fn of_folder(&mut self, folder: &Path, root: &Path) -> Vec<PathBuf> {
        let is_below = |place: &&Path| place.starts_with(root);
        let own = folder.ancestors().take_while(is_below).flat_map(|place| self.in_folder(place));
        let mut own: Vec<PathBuf> = own.collect();
        if !own.is_empty() {
            own.extend(self.yaml_above(folder, root));
            // The menu of labelImg is a list where there is no other.
            let is_list = |list: &PathBuf| !list.ends_with("predefined_classes.txt");
            if own.iter().any(is_list) {
                own.retain(is_list);
            }
            return own;
        }
        let here = Path::new(".");
        let above = folder.ancestors().take(UP + 1);
        let above = above.map(|place| if place.as_os_str().is_empty() { here } else { place });
        let mut above = above.map(|place| self.in_folder(place));
        above.find(|lists| !lists.is_empty()).unwrap_or_default()
    }
}

/// A list and its names.
type Names = (PathBuf, Vec<String>);

/// The first contradiction between the lists of two subsets of one dataset, such as `labels/train`
/// and `labels/val`: each number must mean one class in both. A list may be shorter.
///
/// # Errors
/// The contradiction, at the later list.
pub fn agree_in_subsets<'a>(parts: impl Iterator<Item = &'a Files>) -> Result<()> {
    let parts: Vec<&Files> = parts.filter(|part| part.subset.is_some()).collect();
    let mut seen: Vec<(PathBuf, Names)> = Vec::new();
    for part in parts {
        let Some(list) = part.lists.first() else { continue };
        let Ok(names) = classes::parse(list) else { continue };
        let root = subset::without(&part.root);
        let of_dataset = seen.iter().filter(|(other, (path, _))| *other == root && path != list);
        for (_, (path, others)) in of_dataset {
            let shared = names.len().min(others.len());
            let cut = |names: &[String]| names.iter().take(shared).cloned().collect();
            classes::agree(&[(path.clone(), cut(others)), (list.clone(), cut(&names))])?;
        }
        seen.push((root, (list.clone(), names)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_of_one_dataset_have_one_list() {
        for (one, other, names, is_wrong) in [
            ("labels/train", "labels/val", "dog\ncat\n", true),
            ("train/labels", "valid/labels", "dog\ncat\n", true),
            ("labels/train", "labels/val", "cat\n", false),
            ("labels/train", "labels/val", "cat\ndog\ncow\n", false),
            ("one/train", "two/val", "dog\ncat\n", false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let part = |name: &str, subset: &str, names: &str| {
                let root = folder.path().join(name);
                std::fs::create_dir_all(&root).unwrap();
                let lists = vec![root.join("classes.txt")];
                std::fs::write(&lists[0], names).unwrap();
                Files { root, lists, subset: Some(subset.to_owned()), ..Files::default() }
            };
            let parts = [part(one, "train", "cat\ndog\n"), part(other, "val", names)];
            let found = agree_in_subsets(parts.iter());
            assert_eq!(found.is_err(), is_wrong, "{one} {other} {names}");
            let rule = found.map_err(|error| error.rule()).err();
            assert_eq!(rule, is_wrong.then_some(crate::rules::Rule::ClassListsDiffer));
        }
    }
}
