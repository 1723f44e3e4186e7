//! The trainers that load VOC files: a devkit with `JPEGImages`, `Annotations` and `ImageSets/Main`.
//!
//! Source: torchvision 0.24.0, `torchvision/datasets/voc.py` (`_VOCBase`); MMDetection 3.3.0,
//! `mmdet/datasets/xml_style.py` (`XMLDataset.load_data_list`): a list names the images, which are
//! `JPEGImages/NAME.jpg` with `Annotations/NAME.xml`.

use super::coco;
use super::sight::{Seen, Told, Verdict};
use super::{Dataset, Trainer};
use crate::error::{Place, Position};
use crate::files;
use crate::formats::by_name;
use crate::rules::Rule;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The folder of the lists, below that of the devkit.
const LISTS: &str = "ImageSets/Main";

/// Judges the devkit of a dataset.
pub fn judge(dataset: &Dataset, trainer: &Trainer, title: &str) -> Verdict {
    let voc = by_name("voc").map(|format| format.name());
    if !dataset.sets.iter().any(|set| Some(set.format.name()) == voc) {
        return coco::nothing(trainer, dataset, title);
    }
    let Some(root) = devkit(dataset.path()) else {
        let message = format!(
            "{title} finds nothing to load: there is no folder with JPEGImages, Annotations and \
             {LISTS}"
        );
        let place = Place::of_file(dataset.path());
        return Verdict::refused(Told::new(Rule::TrainerRefuses, message, place, &[]));
    };
    let objects = objects(dataset);
    let mut verdict = Verdict::default();
    for list in files::walk(&root.join(LISTS)).unwrap_or_default() {
        if let Some(seen) = see(&root, &list, &objects, title, &mut verdict.told) {
            verdict.subsets.push(seen);
        }
    }
    verdict
}

/// The folder of the devkit: the path, or the first folder below that has all three.
fn devkit(path: &Path) -> Option<PathBuf> {
    let is_it = |folder: &Path| {
        ["JPEGImages", "Annotations", LISTS].iter().all(|name| folder.join(name).is_dir())
    };
    if is_it(path) {
        return Some(path.to_path_buf());
    }
    let files = files::walk(path).ok()?;
    files.iter().flat_map(|file| file.ancestors()).find(|it| it.starts_with(path) && is_it(it)).map(Path::to_path_buf)
}

/// The number of objects of each file, by its full path.
fn objects(dataset: &Dataset) -> HashMap<PathBuf, usize> {
    let mut objects = HashMap::new();
    for part in dataset.sets.iter().flat_map(|set| &set.parts) {
        for (file, (index, image)) in part.files.files.iter().zip(part.images().iter().enumerate()) {
            let read = part.source.read(index, image).unwrap_or_default();
            objects.insert(files::full(file), read.annotations.iter().flatten().count());
        }
    }
    objects
}

/// What is seen of the images that a list names, a line each. Lists of a class have a second column.
fn see(
    root: &Path,
    list: &Path,
    objects: &HashMap<PathBuf, usize>,
    title: &str,
    told: &mut Vec<Told>,
) -> Option<Seen> {
    let text = String::from_utf8(files::read(list).ok()?).ok()?;
    if text.lines().any(|line| line.split_whitespace().count() > 1) {
        return None;
    }
    let subset = list.file_stem().map(|it| it.to_string_lossy().into_owned())?;
    let mut seen = Seen::new(subset, list.to_path_buf());
    for (number, name) in text.lines().enumerate() {
        let name = name.trim();
        let image = root.join("JPEGImages").join(format!("{name}.jpg"));
        let label = root.join("Annotations").join(format!("{name}.xml"));
        let missing = [&image, &label].into_iter().find(|file| !file.is_file());
        match missing {
            None => seen.keep(objects.get(&files::full(&label)).copied().unwrap_or_default()),
            Some(file) => {
                let reason = format!("there is no file {}", files::shown(file));
                let message = format!("{title} stops at the image: {reason}");
                let place = Place::at(list, Position::line(number + 1));
                let found = Told::new(Rule::TrainerRefuses, message, place, &[]).of_image(name);
                seen.lost.push(found.lost(reason));
                told.push(found);
            }
        }
    }
    Some(seen)
}
