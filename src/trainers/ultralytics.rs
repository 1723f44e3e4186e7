//! Ultralytics (YOLO): `data.yaml`, images, and a label file an image.
//!
//! Source: Ultralytics 8.4.190, `ultralytics/data/utils.py` (`check_det_dataset`, `img2label_paths`,
//! `check_image`, `verify_image_label`), `data/base.py` (`get_img_files`), `data/dataset.py`
//! (`cache_labels`, `get_labels`, `verify_labels`).
//!
//! A JPEG file that does not end with its end marker is written anew where it can be decoded, and left
//! out where not. Pixels are not decoded here: one with data after the marker counts as kept, one
//! without the marker as lost. The latter is wrong for a file of which the marker alone is missing, and
//! that can be decoded all the same.

mod images;
mod label;
mod yaml;

use super::sight::{Seen, Told, Verdict, count};
use super::{Dataset, Trainer};
use crate::error::{Place, Position};
use crate::files;
use crate::format::{Field, Spot};
use crate::formats::by_name;
use crate::images::{base_name, is_image};
use crate::rules::Rule;
use images::{Fate, Kept, fate, has_suffix, images_of, label_of};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use yaml::{Plan, Subset};

pub static TRAINER: Trainer = Trainer {
    name: "ultralytics",
    aliases: &["yolo", "yolov5", "yolov8", "yolo11"],
    about: "Ultralytics (YOLO), detection and segmentation",
    loads: "a data.yaml (train, val, names), and for each image below images/ a text file below labels/",
    judge,
};

fn judge(dataset: &Dataset) -> Verdict {
    let path = dataset.path();
    let Some(file) = yaml::find(path) else {
        let message = "Ultralytics loads nothing: there is no data.yaml with train, val and names; \
                       it reads no classes.txt, and finds images and labels by data.yaml alone";
        let mut verdict =
            Verdict::refused(Told::new(Rule::TrainerRefuses, message, Place::of_file(path), &[]));
        verdict.told.extend(Labels::of_images(dataset).misplaced(dataset));
        return verdict;
    };
    match yaml::read(&file) {
        Ok(plan) => judge_plan(dataset, &file, plan),
        Err(error) => Verdict::refused(yaml::unreadable(&error)),
    }
}

fn judge_plan(dataset: &Dataset, file: &Path, plan: Plan) -> Verdict {
    let spelling = Spelling::of(dataset, file);
    let mut labels = Labels::default();
    let mut verdict = Verdict { subsets: Vec::new(), told: plan.told };
    for subset in plan.subsets.iter().filter(|subset| !subset.paths.is_empty()) {
        let images =
            match subset.paths.iter().map(|path| images_of(path)).collect::<Result<Vec<_>, _>>() {
                Ok(images) => images.concat(),
                Err(error) => {
                    verdict.told.push(refusal(subset, error.message()));
                    continue;
                }
            };
        let fates: Vec<Fate> = images.par_iter().map(|image| fate(image, plan.wanted)).collect();
        let judged = Judged { subset, images: &images, fates: &fates, spelling: &spelling };
        judged.judge(&mut verdict);
        verdict.told.extend(judged.of_other_suffix(dataset));
        verdict.told.extend(labels.add(&images, &spelling));
    }
    verdict.told.extend(labels.misplaced(dataset));
    verdict
}

fn refusal(subset: &Subset, message: String) -> Told {
    let message = format!("Ultralytics stops at {}: {message}", subset.name);
    Told::new(Rule::TrainerRefuses, message, subset.place.clone(), &[])
}

/// How paths are spelled in findings: from the folders that the caller named.
struct Spelling(Vec<(PathBuf, PathBuf)>);

impl Spelling {
    fn of(dataset: &Dataset, yaml: &Path) -> Self {
        let own = yaml.parent().unwrap_or(Path::new(""));
        let folders = dataset.paths.iter().filter(|path| path.is_dir()).map(PathBuf::as_path);
        Self(folders.chain([own]).map(|path| (files::full(path), path.to_path_buf())).collect())
    }

    fn path(&self, full: &Path) -> PathBuf {
        let below = |(root, stated): &(PathBuf, PathBuf)| {
            full.strip_prefix(root).ok().map(|rest| stated.join(rest))
        };
        self.0.iter().find_map(below).unwrap_or_else(|| full.to_path_buf())
    }

    fn place(&self, place: &Place) -> Place {
        Place { file: self.path(&place.file), ..place.clone() }
    }
}

fn name_of(image: &Path) -> String {
    image.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A subset, and what becomes of its images.
struct Judged<'a> {
    subset: &'a Subset,
    images: &'a [PathBuf],
    fates: &'a [Fate],
    spelling: &'a Spelling,
}

impl Judged<'_> {
    fn judge(&self, verdict: &mut Verdict) {
        let first = self.subset.paths.first().map(PathBuf::as_path).unwrap_or(Path::new(""));
        let mut seen = Seen::new(self.subset.name, self.spelling.path(first));
        for (image, fate) in self.images.iter().zip(self.fates) {
            let found = match fate {
                Fate::Kept(kept) => self.kept(image, kept, &mut seen),
                Fate::Lost { reason, place, by, rows } => {
                    let with = match rows {
                        0 => String::new(),
                        rows => format!(" with its {}", count(*rows, "label", "labels")),
                    };
                    let message = format!("Ultralytics leaves out the image{with}: {reason}");
                    let place = self.spelling.place(place);
                    let told = Told::new(Rule::TrainerDrops, message, place, by);
                    let told = told.of_image(&name_of(image));
                    seen.lost.push(told.lost(reason));
                    vec![told]
                }
            };
            verdict.told.extend(found);
        }
        verdict.told.extend(self.without_labels(&seen));
        verdict.told.extend(self.of_two_kinds());
        verdict.subsets.push(seen);
    }

    fn kept(&self, image: &Path, kept: &Kept, seen: &mut Seen) -> Vec<Told> {
        let mut told = Vec::new();
        if kept.is_rewritten {
            let message = "Ultralytics takes the file for broken, and writes it anew";
            let by = &[Rule::TruncatedImage, Rule::TrailingData];
            let place = Place::of_file(&self.spelling.path(image));
            told.push(
                Told::new(Rule::TrainerChanges, message, place, by).of_image(&name_of(image)),
            );
        }
        let label = kept.label.clone().unwrap_or_default();
        seen.keep(label.rows);
        seen.boxes_lost += label.repeated.len();
        let file = self.spelling.path(&label_of(image));
        told.extend(label.repeated.iter().map(|line| {
            let message = "Ultralytics removes the row: it repeats an earlier one";
            let place = Place::at(&file, Position::line(*line));
            let told = Told::new(Rule::TrainerChanges, message, place, &[Rule::DuplicateObject]);
            told.of_image(&name_of(image))
        }));
        told
    }

    /// Where nothing is left of a subset, or none of its images has a label file.
    fn without_labels(&self, seen: &Seen) -> Option<Told> {
        let Some(first) = self.images.first() else {
            return Some(refusal(self.subset, "no image is there that it loads".to_owned()));
        };
        if seen.images == 0 {
            return Some(refusal(self.subset, "none of the images can be loaded".to_owned()));
        }
        let has_label = |fate: &Fate| match fate {
            Fate::Kept(kept) => kept.label.is_some(),
            Fate::Lost { place, .. } => place.position.is_some(),
        };
        if self.fates.iter().any(has_label) {
            return None;
        }
        let expected = self.spelling.path(&label_of(first));
        let message = format!(
            "no image has a label file; the first is looked for at {}",
            files::shown(&expected)
        );
        Some(match self.subset.name {
            "train" => refusal(self.subset, message),
            _ => {
                let message = format!(
                    "Ultralytics takes all of {} for background: {message}",
                    self.subset.name
                );
                Told::new(Rule::TrainerChanges, message, self.subset.place.clone(), &[])
            }
        })
    }

    /// Where some label files have boxes, and others polygons.
    fn of_two_kinds(&self) -> Option<Told> {
        let kind = |fate: &Fate| match fate {
            Fate::Kept(Kept { label: Some(label), .. }) if label.rows > 0 => {
                Some(label.has_segments)
            }
            _ => None,
        };
        let kinds: Vec<Option<bool>> = self.fates.iter().map(kind).collect();
        let number = |kind| kinds.iter().filter(|it| **it == Some(kind)).count();
        let (boxes, polygons) = (number(false), number(true));
        if boxes == 0 || polygons == 0 {
            return None;
        }
        let at = kinds.iter().position(|it| *it == Some(polygons <= boxes))?;
        let image = self.images.get(at)?;
        let message = format!(
            "Ultralytics takes the boxes alone for detection, and stops for segmentation: {} of {} \
             have boxes, and {} polygons",
            count(boxes, "label file", "label files"),
            self.subset.name,
            polygons
        );
        let place = Place::of_file(&self.spelling.path(&label_of(image)));
        Some(Told::new(Rule::TrainerChanges, message, place, &[]).of_image(&name_of(image)))
    }

    /// Images in the folders of a subset whose extension is not loaded.
    fn of_other_suffix(&self, dataset: &Dataset) -> Vec<Told> {
        let folders: Vec<&PathBuf> =
            self.subset.paths.iter().filter(|path| path.is_dir()).collect();
        let known = dataset.roster.images().iter().filter_map(|image| image.file.as_ref());
        let is_other = |file: &&PathBuf| is_image(file) && !has_suffix(file);
        let other = known.filter(is_other).filter(|file| {
            let full = files::full(file);
            folders.iter().any(|folder| full.starts_with(folder))
        });
        let told = |file: &PathBuf| {
            let message = "Ultralytics passes the image over: it loads no files of this extension";
            let place = Place::of_file(file);
            Told::new(Rule::TrainerDrops, message, place, &[]).of_image(&name_of(file))
        };
        other.map(told).collect()
    }
}

/// The label files that are looked at, by their full paths, and the image of each.
#[derive(Default)]
struct Labels(HashMap<PathBuf, PathBuf>);

impl Labels {
    /// Those of all images, as if `data.yaml` named all of them.
    fn of_images(dataset: &Dataset) -> Self {
        let images = dataset.roster.images().iter().filter_map(|image| image.file.as_deref());
        let images = images.map(files::full);
        Self(images.map(|image| (label_of(&image), image)).collect())
    }

    /// Adds images. Gives a finding for each that shares its label file with another.
    fn add(&mut self, images: &[PathBuf], spelling: &Spelling) -> Vec<Told> {
        let mut told = Vec::new();
        for image in images {
            let label = label_of(image);
            match self.0.get(&label) {
                Some(other) if other != image && label.is_file() => {
                    let message = format!(
                        "Ultralytics gives both images the labels of one file: the other is {:?}",
                        name_of(other)
                    );
                    let place = Place::of_file(&spelling.path(image));
                    let found =
                        Told::new(Rule::TrainerChanges, message, place, &[Rule::SharedLabel]);
                    told.push(found.of_image(&name_of(image)));
                }
                Some(_) => {}
                None => drop(self.0.insert(label, image.clone())),
            }
        }
        told
    }

    /// Findings about label files with rows that are not looked at, unless another one of the name
    /// is.
    fn misplaced(&self, dataset: &Dataset) -> Vec<Told> {
        let names: HashSet<_> =
            self.0.keys().filter(|it| it.is_file()).filter_map(|it| it.file_name()).collect();
        let is_yolo = by_name("yolo").map(|format| format.name());
        let sets = dataset.sets.iter().filter(|set| Some(set.format.name()) == is_yolo);
        let mut told = Vec::new();
        for part in sets.flat_map(|set| &set.parts) {
            for (index, &id) in part.ids.iter().enumerate() {
                let label = part.source.place(Spot::Image(index, Field::Whole)).file;
                let full = files::full(&label);
                let is_known = full.file_name().is_some_and(|name| names.contains(name));
                let is_empty = label.metadata().map_or(true, |about| about.len() == 0);
                if self.0.contains_key(&full) || is_known || is_empty {
                    continue;
                }
                let image = dataset.roster.images().get(id);
                let file = image.and_then(|image| image.file.as_deref());
                let message = match file {
                    Some(file) => format!(
                        "Ultralytics does not look here: the label of {:?} is looked for at {:?}",
                        image.map_or("", |image| &image.name),
                        files::shown(&below(&label_of(&files::full(file)), dataset))
                    ),
                    None => "Ultralytics does not look here: no image of data.yaml has this name"
                        .to_owned(),
                };
                let by = &[Rule::LabelElsewhere, Rule::LabelWithoutImage];
                let found = Told::new(Rule::TrainerDrops, message, Place::of_file(&label), by);
                told.push(found.of_image(base_name(dataset.roster.name(id))));
            }
        }
        told
    }
}

/// A path below the folder of the dataset, where it lies there.
fn below(path: &Path, dataset: &Dataset) -> PathBuf {
    let root = files::full(dataset.path());
    path.strip_prefix(&root).map_or_else(|_| path.to_path_buf(), Path::to_path_buf)
}
