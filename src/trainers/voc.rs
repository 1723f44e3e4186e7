//! The trainers that load VOC files: a devkit with `JPEGImages`, `Annotations` and `ImageSets/Main`.
//!
//! Source: torchvision 0.24.0, `torchvision/datasets/voc.py` (`_VOCBase`, `VOCDetection`); MMDetection
//! 3.3.0, `mmdet/datasets/xml_style.py` (`XMLDataset`) and the settings of `voc0712.py`; Detectron2,
//! `detectron2/data/datasets/pascal_voc.py` (`load_voc_instances`). All take
//! `JPEGImages/NAME.jpg` and `Annotations/NAME.xml` for each name of a list.

use super::coco;
use super::sight::{Seen, Told, Verdict, count};
use super::{Dataset, Trainer};
use crate::error::{Place, Position};
use crate::files;
use crate::formats::by_name;
use crate::model::Annotation;
use crate::rules::Rule;
use crate::survey::sets::{Loaded, Set, View};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The folder of the lists, below that of the devkit.
const LISTS: &str = "ImageSets/Main";

/// Images and boxes with shorter sides, in pixels, are left out of training, or ignored in it
/// (`filter_cfg` of MMDetection: `min_size`, `bbox_min_size`).
const LEAST_SIDE: f64 = 32.0;

/// How a trainer takes a devkit.
pub struct Way {
    pub trainer: &'static Trainer,
    /// Its name in messages.
    pub title: &'static str,
    /// Whether the folder must be `VOCdevkit/VOC2012`, or of another year from 2007 on.
    pub is_by_year: bool,
    /// Whether images and objects are filtered as MMDetection does.
    pub is_filtered: bool,
    /// Whether images without objects are left out of training.
    pub skips_empty: bool,
    /// What it does with all files by its own settings.
    pub note: Option<&'static str>,
}

/// Judges the devkit of a dataset.
pub fn judge(dataset: &Dataset, way: &Way) -> Verdict {
    let voc = by_name("voc").map(|format| format.name());
    if !dataset.sets.iter().any(|set| Some(set.format.name()) == voc) {
        return coco::nothing(way.trainer, dataset, way.title);
    }
    let Some(root) = devkit(dataset.path()) else {
        let message = format!(
            "{} finds nothing to load: there is no folder with JPEGImages, Annotations and {LISTS}",
            way.title
        );
        let place = Place::of_file(dataset.path());
        return Verdict::refused(Told::new(Rule::TrainerRefuses, message, place, &[]));
    };
    let mut verdict = Verdict { told: settings(&root, way), ..Verdict::default() };
    let devkit = Devkit { root: &root, files: files_of(dataset), way, dataset };
    for list in files::walk(&root.join(LISTS)).unwrap_or_default() {
        verdict.subsets.extend(devkit.see(&list, &mut verdict.told));
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
    let mut folders =
        files.iter().filter_map(|file| file.parent()?.parent()).filter(|it| it.starts_with(path));
    folders.find(|it| is_it(it)).map(Path::to_path_buf)
}

/// What holds for all of the devkit.
fn settings(root: &Path, way: &Way) -> Vec<Told> {
    let mut told = Vec::new();
    let full = files::full(root);
    let name = full.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let is_year = (2007..=2012).any(|year| name == format!("VOC{year}"));
    let is_devkit = full.parent().is_some_and(|above| above.ends_with("VOCdevkit"));
    if way.is_by_year && !(is_year && is_devkit) {
        let message = format!(
            "{} stops: it looks for VOCdevkit/VOC2012, or another year from 2007 on, and the folder \
             is {name:?}",
            way.title
        );
        told.push(Told::new(Rule::TrainerRefuses, message, Place::of_file(root), &[]));
    }
    if let Some(note) = way.note {
        let message = format!("{} {note}", way.title);
        told.push(Told::new(Rule::TrainerNotes, message, Place::of_file(root), &[]));
    }
    told
}

/// Where each file was read, by its full path.
type Files<'a> = HashMap<PathBuf, (&'a Set, &'a Loaded, usize)>;

fn files_of<'a>(dataset: &Dataset<'a>) -> Files<'a> {
    let parts = dataset.sets.iter().flat_map(|set| set.parts.iter().map(move |part| (set, part)));
    let files = parts.flat_map(|(set, part)| {
        part.files.files.iter().enumerate().map(move |(index, file)| (file, (set, part, index)))
    });
    files.map(|(file, at)| (files::full(file), at)).collect()
}

struct Devkit<'a> {
    root: &'a Path,
    files: Files<'a>,
    way: &'a Way,
    dataset: &'a Dataset<'a>,
}

impl Devkit<'_> {
    /// What is seen of the images that a list names, a line each. A list of one class has a second
    /// column, and is none of images.
    fn see(&self, list: &Path, told: &mut Vec<Told>) -> Option<Seen> {
        let text = String::from_utf8(files::read(list).ok()?).ok()?;
        if text.lines().any(|line| line.split_whitespace().count() > 1) {
            return None;
        }
        let subset = list.file_stem().map(|it| it.to_string_lossy().into_owned())?;
        let is_trained_on = subset.starts_with("train");
        let mut seen = Seen::new(subset, list.to_path_buf());
        let mut ignored = 0;
        for (number, name) in text.lines().map(str::trim).enumerate() {
            let place = Place::at(list, Position::line(number + 1));
            let does = match self.fate(name, is_trained_on) {
                Fate::Kept { boxes, ignored: more } => {
                    ignored += more;
                    seen.keep(boxes);
                    continue;
                }
                Fate::Skipped => {
                    seen.skipped += 1;
                    continue;
                }
                Fate::Lost(reason) => (Rule::TrainerDrops, "leaves the image out", reason),
                Fate::Refused(reason) => (Rule::TrainerRefuses, "stops at the image", reason),
            };
            let (rule, does, reason) = does;
            let message = format!("{} {does}: {reason}", self.way.title);
            let found = Told::new(rule, message, place, &[]).of_image(name);
            seen.lost.push(found.lost(reason));
            told.push(found);
        }
        told.extend(self.notes(&seen, ignored, list));
        Some(seen)
    }

    fn notes(&self, seen: &Seen, ignored: usize, list: &Path) -> Vec<Told> {
        let mut notes = Vec::new();
        let mut note = |message: String| {
            notes.push(Told::new(Rule::TrainerNotes, message, Place::of_file(list), &[]));
        };
        let title = self.way.title;
        if seen.skipped > 0 {
            let images = count(seen.skipped, "image", "images");
            note(format!(
                "{title} leaves {images} without objects out of training, by its settings"
            ));
        }
        if ignored > 0 {
            let objects = count(ignored, "object", "objects");
            note(format!(
                "{title} ignores {objects} marked as difficult, or in training with a side below \
                 {LEAST_SIDE} pixels"
            ));
        }
        notes
    }

    fn fate(&self, name: &str, is_trained_on: bool) -> Fate {
        let image = self.root.join("JPEGImages").join(format!("{name}.jpg"));
        let label = self.root.join("Annotations").join(format!("{name}.xml"));
        if let Some(file) = [&image, &label].into_iter().find(|file| !file.is_file()) {
            return Fate::Refused(format!("there is no file {}", files::shown(file)));
        }
        let Some((set, part, index)) = self.files.get(&files::full(&label)) else {
            return Fate::Kept { boxes: 0, ignored: 0 };
        };
        let view = set.view_at(part, *index, self.dataset.roster);
        if is_trained_on && self.way.skips_empty && view.annotations.is_empty() {
            return Fate::Skipped;
        }
        if !self.way.is_filtered {
            return Fate::Kept { boxes: view.annotations.len(), ignored: 0 };
        }
        filtered(&view, is_trained_on)
    }
}

/// What becomes of an image.
enum Fate {
    Kept { boxes: usize, ignored: usize },
    Skipped,
    Lost(String),
    Refused(String),
}

/// What MMDetection makes of an image.
fn filtered(view: &View, is_trained_on: bool) -> Fate {
    if let Some(size) = view.image.size.filter(|_| is_trained_on)
        && f64::from(size.width.min(size.height)) < LEAST_SIDE
    {
        return Fate::Lost(format!("a size of {size}, below {LEAST_SIDE} pixels (min_size)"));
    }
    let is_ignored = |it: &&Annotation| is_difficult(it) || is_trained_on && is_small(it);
    let ignored = view.annotations.iter().filter(is_ignored).count();
    Fate::Kept { boxes: view.annotations.len().saturating_sub(ignored), ignored }
}

fn is_difficult(annotation: &Annotation) -> bool {
    let stated = annotation.extra.get("difficult");
    let number = stated.and_then(|it| match it.as_str() {
        Some(text) => text.trim().parse().ok(),
        None => it.as_i64(),
    });
    number.is_some_and(|number: i64| number != 0)
}

/// Whether a side is below the least one, between corners that are cut off to whole numbers.
fn is_small(annotation: &Annotation) -> bool {
    annotation.bbox.is_some_and(|bbox| {
        let [left, top, right, bottom] = bbox.corners().map(f64::trunc);
        right - left < LEAST_SIDE || bottom - top < LEAST_SIDE
    })
}
