//! Judges whether labels lie where trainers look for them.

use crate::files;
use crate::finding::Finding;
use crate::format::{Arrangement, Field, Spot};
use crate::rules::Rule;
use crate::survey::roster::Roster;
use crate::survey::sets::{Loaded, Set};
use crate::tree;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// A finding for each label in fractions that lies in another folder than its image, where the
/// dataset has folders for both. Labels in one flat folder, or beside their images, are none.
pub fn judge(sets: &[Set], roster: &Roster) -> Vec<Finding> {
    let mut folders = Folders::default();
    let parts = || sets.iter().filter(|set| is_labels(set)).flat_map(|set| &set.parts);
    let mut with_labels = HashSet::new();
    for part in parts() {
        let labels = (0..part.ids.len()).filter_map(|index| label_of(part, index));
        with_labels.extend(labels.map(|label| folders.full(&label)));
    }
    parts().flat_map(|part| judge_part(part, roster, &with_labels)).collect()
}

fn is_labels(set: &Set) -> bool {
    let profile = set.format.profile();
    profile.is_fractions() && matches!(profile.arrangement, Arrangement::FilePerImage(_))
}

fn judge_part(part: &Loaded, roster: &Roster, with_labels: &HashSet<PathBuf>) -> Vec<Finding> {
    let mut folders = Folders::default();
    let mut findings = Vec::new();
    for (index, &id) in part.ids.iter().enumerate() {
        let file = roster.images().get(id).and_then(|image| image.file.as_deref());
        let Some((file, label)) = file.zip(label_of(part, index)) else { continue };
        let (image_folder, label_folder) = (folders.full(file), folders.full(&label));
        // Beside its image is a place of its own, unless the other labels lie in their own folder.
        let apart = apart_from(&image_folder)
            .filter(|it| image_folder == label_folder && with_labels.contains(it));
        let Some(expected) = expected(&image_folder, &label_folder).or(apart) else { continue };
        let expected = expected.join(file.with_extension("txt").file_name().unwrap_or_default());
        let message = format!(
            "the image is {:?}, so trainers look for its label at {:?}",
            roster.images()[id].name,
            files::relative_name(&expected, &common(&image_folder, &label_folder))
                .unwrap_or_else(|_| files::shown(&expected))
        );
        let place = part.source.place(Spot::Image(index, Field::Whole));
        let found = Finding::new(Rule::LabelElsewhere, message, place);
        findings.push(found.of_image(roster.name(id)));
    }
    findings
}

/// Whether the label of an image of a part lies elsewhere.
pub fn is_elsewhere(
    set: &Set,
    part: &Loaded,
    index: usize,
    image: &Path,
    folders: &mut Folders,
) -> bool {
    let label = is_labels(set).then(|| label_of(part, index)).flatten();
    label.is_some_and(|label| expected(&folders.full(image), &folders.full(&label)).is_some())
}

fn label_of(part: &Loaded, index: usize) -> Option<PathBuf> {
    let place = part.source.place(Spot::Image(index, Field::Whole));
    Some(place.file).filter(|file| !file.as_os_str().is_empty())
}

/// The folders of files, each found once.
#[derive(Default)]
pub struct Folders(HashMap<PathBuf, PathBuf>);

impl Folders {
    fn full(&mut self, file: &Path) -> PathBuf {
        let folder = file.parent().unwrap_or(Path::new(""));
        let known = self.0.entry(folder.to_path_buf());
        known.or_insert_with(|| files::full(folder)).clone()
    }
}

fn common(one: &Path, other: &Path) -> PathBuf {
    tree::common([one, other].into_iter())
}

/// Where the labels of the images in a folder belong, if those in `labels` lie elsewhere.
fn expected(images: &Path, labels: &Path) -> Option<PathBuf> {
    let (image_root, image_rest) = split(images, "images")?;
    let (label_root, label_rest) = split(labels, "labels")?;
    let is_elsewhere = match image_root == label_root {
        true => !label_rest.as_os_str().is_empty() && label_rest != image_rest,
        // `train/images` and `valid/labels`.
        false => {
            image_rest == label_rest
                && tree::without_subset(&image_root) == tree::without_subset(&label_root)
        }
    };
    is_elsewhere.then(|| image_root.join("labels").join(image_rest))
}

/// Where the labels of the images in a folder lie, if not beside them.
fn apart_from(images: &Path) -> Option<PathBuf> {
    let (root, rest) = split(images, "images")?;
    Some(root.join("labels").join(rest))
}

/// What stands before and after the last folder of this name in a path.
fn split(path: &Path, name: &str) -> Option<(PathBuf, PathBuf)> {
    let parts: Vec<_> = path.iter().collect();
    let at = parts.iter().rposition(|part| *part == name)?;
    let (before, after) = parts.split_at(at);
    Some((before.iter().collect(), after.iter().skip(1).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_mirror_the_folders_of_images() {
        for (images, labels, expected_at) in [
            ("d/images/train", "d/labels/train", None),
            ("d/images/train", "d/labels/val", Some("d/labels/train")),
            ("d/images", "d/labels/JPEGImages", Some("d/labels")),
            ("d/images/train", "d/labels", None),
            ("d/train/images", "d/train/labels", None),
            ("d/train/images", "d/valid/labels", Some("d/train/labels")),
            ("d/images/Fractured", "d/Annotations/YOLO", None),
            ("d/images", "d/images", None),
            ("d/images", "d/yolo/labels", None),
            ("d/coco/images/train", "d/yolo/labels/val", None),
        ] {
            let found = expected(Path::new(images), Path::new(labels));
            assert_eq!(found.as_deref(), expected_at.map(Path::new), "{images} {labels}");
        }
    }
}
