//! What the trainers that load COCO files have in common: each file is a subset, read by pycocotools,
//! and its images lie below one folder.
//!
//! Source: pycocotools 2.0.11, `pycocotools/coco.py` (`COCO.createIndex`).

use super::sight::{Seen, Told, Verdict, count};
use super::{Dataset, Trainer};
use crate::error::Place;
use crate::finding::Finding;
use crate::format::{Field, Spot};
use crate::formats::by_name;
use crate::geometry::Size;
use crate::model::{Annotation, Category, Id};
use crate::rules::Rule;
use crate::survey::sets::{Loaded, Set, View};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// What a trainer does with an object.
pub enum Object {
    /// It is trained on.
    Kept,
    /// It is left out by the trainer's own settings: a crowd.
    Ignored,
    /// It is left out.
    Dropped(Reason),
    /// The trainer stops at it.
    Refused(Reason),
}

/// Why, at which part of the record, and the general rules about the same fact.
pub struct Reason {
    pub why: String,
    pub field: Field,
    pub by: &'static [Rule],
}

impl Reason {
    pub fn new(why: impl Into<String>, field: Field, by: &'static [Rule]) -> Self {
        Self { why: why.into(), field, by }
    }
}

/// Why an image is left out before it is loaded.
pub enum Skip {
    /// No label is lost: it has no objects, or crowds alone.
    Background,
    /// Its objects are lost.
    Lost(Reason),
}

/// The rules of a trainer for one subset.
pub struct Loader<'a> {
    /// Its name in messages.
    pub title: &'a str,
    /// What it does with an object.
    pub object: &'a (dyn Fn(&View, usize, &Annotation) -> Object + Sync),
    /// Whether it leaves an image out; the flag says whether the subset is trained on.
    pub skip: &'a (dyn Fn(&View, bool) -> Option<Skip> + Sync),
    /// Why it stops at an image; the size is that of the file, as displayed.
    pub image: &'a (dyn Fn(&View, Option<Size>) -> Option<Reason> + Sync),
    /// Whether the images must lie in the folder of the COCO file.
    pub is_beside: bool,
    /// Whether it stops where an annotation id is used twice. Else the later record takes the place of
    /// the earlier one, as pycocotools looks records up by their ids.
    pub are_ids_checked: bool,
}

/// A COCO file of labels.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    pub set: &'a Set,
    pub part: &'a Loaded,
}

/// All COCO files of labels, in the order of their paths.
pub fn parts<'a>(dataset: &Dataset<'a>) -> Vec<Part<'a>> {
    let coco = by_name("coco").map(|format| format.name());
    let sets =
        dataset.sets.iter().filter(|set| Some(set.format.name()) == coco && !set.is_results());
    let mut parts: Vec<Part> =
        sets.flat_map(|set| set.parts.iter().map(move |part| Part { set, part })).collect();
    parts.sort_by(|one, other| one.part.path.cmp(&other.part.path));
    parts
}

/// The refusal of a dataset in which a trainer finds nothing that it loads.
pub fn nothing(trainer: &Trainer, dataset: &Dataset, title: &str) -> Verdict {
    let found: Vec<String> =
        dataset.sets.iter().map(|set| set.format.name().to_uppercase()).collect();
    let found = match found.is_empty() {
        true => String::new(),
        false => format!("; found: {}", found.join(", ")),
    };
    let message = format!("{title} finds nothing to load: it loads {}{found}", trainer.loads);
    let place = Place::of_file(dataset.path());
    Verdict::refused(Told::new(Rule::TrainerRefuses, message, place, &[]))
}

impl Part<'_> {
    pub fn subset(&self) -> &str {
        self.part.files.subset.as_deref().unwrap_or("all")
    }

    /// Whether it is trained on: it is none of validation or test.
    pub fn is_trained_on(&self) -> bool {
        !self.subset().starts_with("val") && !self.subset().starts_with("test")
    }

    pub fn place(&self) -> Place {
        Place::of_file(&self.part.path)
    }

    /// The categories of the file.
    pub fn categories(&self) -> impl Iterator<Item = &Category> {
        self.part.source.header().categories.iter().map(|it| &**it)
    }

    /// Whether a category has keypoints.
    pub fn has_keypoints(&self) -> bool {
        self.categories().any(|it| it.extra.contains_key("keypoints"))
    }

    /// The id of an annotation's category.
    pub fn category_of(&self, annotation: &Annotation) -> Option<&Id> {
        self.part.source.header().categories.get(annotation.category?)?.id.as_ref()
    }

    /// What a trainer sees of the file. Its findings are added to the verdict.
    pub fn see(&self, loader: &Loader, dataset: &Dataset, verdict: &mut Verdict) {
        let indexes = 0..self.part.ids.len();
        let judged: Vec<Judged> =
            indexes.into_par_iter().map(|index| self.judge(index, loader, dataset)).collect();
        let mut seen = Seen::new(self.subset(), self.part.path.clone());
        let (mut crowds, mut ids, mut repeated) = (0, HashSet::new(), None);
        let root = self.root(&judged, loader);
        for (index, judged) in judged.into_iter().enumerate() {
            let displaced = judged.root.as_ref().filter(|own| Some(*own) != root.as_ref());
            let displaced = displaced.filter(|_| judged.fate != Fate::Skipped).cloned();
            crowds += judged.crowds;
            for (id, place) in judged.ids {
                if !ids.insert(id) {
                    repeated = repeated.or(Some(place));
                }
            }
            verdict.told.extend(judged.told);
            match judged.fate {
                Fate::Skipped => seen.skipped += 1,
                Fate::Lost(lost) => seen.lost.push(lost),
                Fate::Kept => {
                    if let Some(own) = displaced {
                        let told = self.displaced(index, &own, root.as_ref(), loader);
                        seen.lost.push(told.lost("its file is not below the folder of the others"));
                        verdict.told.push(told);
                        continue;
                    }
                    seen.keep(judged.boxes);
                    seen.boxes_lost += judged.boxes_lost;
                }
            }
        }
        verdict.told.extend(repeated.map(|place| {
            let (rule, does) = match loader.are_ids_checked {
                true => (Rule::TrainerRefuses, "stops: an annotation id is used twice"),
                false => (
                    Rule::TrainerDrops,
                    "takes the later of two annotations of one id in the place of both",
                ),
            };
            let message = format!("{} {does}", loader.title);
            Told::new(rule, message, place, &[Rule::DuplicateId])
        }));
        self.note(&seen, crowds, loader, verdict);
        verdict.subsets.push(seen);
    }

    /// What the trainer does by its own settings.
    fn note(&self, seen: &Seen, crowds: usize, loader: &Loader, verdict: &mut Verdict) {
        let mut note = |message: String| {
            verdict.told.push(Told::new(Rule::TrainerNotes, message, self.place(), &[]));
        };
        let title = loader.title;
        if seen.skipped > 0 {
            let images = count(seen.skipped, "image", "images");
            note(format!(
                "{title} leaves {images} without objects out of training, by its settings"
            ));
        }
        if crowds > 0 {
            let crowds = count(crowds, "object", "objects");
            note(format!("{title} does not train on {crowds} with iscrowd 1"));
        }
    }

    /// The folder below which the images lie: that of most.
    fn root(&self, judged: &[Judged], loader: &Loader) -> Option<PathBuf> {
        if loader.is_beside {
            return Some(self.part.files.root.clone());
        }
        let mut counts: BTreeMap<&PathBuf, usize> = BTreeMap::new();
        for root in judged.iter().filter_map(|it| it.root.as_ref()) {
            *counts.entry(root).or_default() += 1;
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(root, _)| root.clone())
    }

    fn displaced(&self, index: usize, own: &Path, root: Option<&PathBuf>, loader: &Loader) -> Told {
        let shown = |path: &Path| crate::files::shown(path);
        let message = format!(
            "{} stops: it looks for the image below {}, and it is below {}",
            loader.title,
            root.map(|root| shown(root)).unwrap_or_default(),
            shown(own)
        );
        let place = self.part.source.place(Spot::Image(index, Field::Name));
        let name = self.part.images().get(index).map_or("", |image| &image.file_name);
        Told::new(Rule::TrainerRefuses, message, place, &[]).of_image(name)
    }

    fn judge(&self, index: usize, loader: &Loader, dataset: &Dataset) -> Judged {
        let view = self.set.view_at(self.part, index, dataset.roster);
        let ids = view.annotations.iter().filter_map(|it| {
            let place = || self.part.source.place(Spot::Annotation(index, it, Field::Id));
            Some((it.id.clone()?, place()))
        });
        let mut judged = Judged { ids: ids.collect(), ..Judged::default() };
        judged.told.extend(unindexed(&view, loader.title));
        if let Some(skip) = (loader.skip)(&view, self.is_trained_on()) {
            judged.fate = Fate::Skipped;
            if let Skip::Lost(reason) = skip {
                let message = format!("{} leaves the image out: {}", loader.title, reason.why);
                let told = told_of(&view, Rule::TrainerDrops, None, &reason, message);
                judged.fate = Fate::Lost(told.lost(reason.why));
                judged.told.push(told);
            }
            return judged;
        }
        for (number, annotation) in view.annotations.iter().enumerate() {
            judged.add(&view, number, (loader.object)(&view, number, annotation), loader.title);
        }
        let id = self.part.ids.get(index).copied().unwrap_or_default();
        let measured = dataset.roster.measured(id).map(|measured| measured.size);
        let fault = (loader.image)(&view, measured);
        let fault = fault.or_else(|| judged.find_file(&view, id, dataset));
        if let Some(reason) = fault {
            let message = format!("{} stops at the image: {}", loader.title, reason.why);
            let told = told_of(&view, Rule::TrainerRefuses, None, &reason, message);
            judged.fate = Fate::Lost(told.lost(reason.why));
            judged.told.push(told);
        }
        judged
    }
}

/// Annotations without an id or a category, at which pycocotools stops.
fn unindexed(view: &View, title: &str) -> Vec<Told> {
    let told = |(number, annotation): (usize, &Annotation)| {
        let lacks = view.lacks.get(number).is_some_and(|it| it.contains(&"category_id"));
        let member = match annotation.id.is_none() {
            true => "id",
            false if lacks => "category_id",
            false => return None,
        };
        let reason =
            Reason::new(format!("it has no {member}"), Field::Whole, &[Rule::MissingMember]);
        let message = format!("{title} stops at the object: {}", reason.why);
        Some(told_of(view, Rule::TrainerRefuses, Some(number), &reason, message))
    };
    view.annotations.iter().enumerate().filter_map(told).collect()
}

fn told_of(
    view: &View,
    rule: Rule,
    number: Option<usize>,
    reason: &Reason,
    message: String,
) -> Told {
    let finding: Finding = match number {
        Some(number) => view.finding(rule, number, reason.field, message),
        None => view.image_finding(rule, reason.field, message),
    };
    Told { finding, by: reason.by }
}

/// What becomes of an image.
#[derive(Default, PartialEq, Eq)]
enum Fate {
    #[default]
    Kept,
    Skipped,
    Lost(super::Lost),
}

#[derive(Default)]
struct Judged {
    fate: Fate,
    boxes: usize,
    boxes_lost: usize,
    crowds: usize,
    ids: Vec<(Id, Place)>,
    /// The folder from which the stated name leads to the file.
    root: Option<PathBuf>,
    told: Vec<Told>,
}

impl Judged {
    fn add(&mut self, view: &View, number: usize, object: Object, title: &str) {
        let (rule, reason, does) = match object {
            Object::Kept => {
                self.boxes += 1;
                return;
            }
            Object::Ignored => {
                self.crowds += 1;
                return;
            }
            Object::Dropped(reason) => (Rule::TrainerDrops, reason, "leaves the object out"),
            Object::Refused(reason) => (Rule::TrainerRefuses, reason, "stops at the object"),
        };
        self.boxes_lost += 1;
        let message = format!("{title} {does}: {}", reason.why);
        self.told.push(told_of(view, rule, Some(number), &reason, message));
    }

    /// Looks whether the stated name of the image leads to its file. Where there are no image files
    /// at all, nothing is said.
    fn find_file(&mut self, view: &View, id: usize, dataset: &Dataset) -> Option<Reason> {
        if !dataset.roster.has_files() {
            return None;
        }
        let name = view.part.images().get(view.index).map(|image| image.file_name.as_str())?;
        let by =
            &[Rule::ImageMissing, Rule::BackgroundMissing, Rule::NameDiffers, Rule::IllegalName];
        let Some(file) = dataset.roster.images().get(id).and_then(|image| image.file.as_deref())
        else {
            let why = format!("there is no file {name:?}");
            return (!dataset.roster.is_there(id)).then(|| Reason::new(why, Field::Name, by));
        };
        if !file.ends_with(name) {
            let why = format!(
                "no file has the name {name:?}; {:?} is like it",
                crate::files::shown(file)
            );
            return Some(Reason::new(why, Field::Name, by));
        }
        let depth = Path::new(name).components().count();
        self.root = file.ancestors().nth(depth).map(Path::to_path_buf);
        None
    }
}

/// The sides of a box after it is cut off at the borders of its image, which has no borders where its
/// size is not known. `None` without a box.
pub fn clipped(annotation: &Annotation, size: Option<Size>) -> Option<[f64; 2]> {
    let [left, top, right, bottom] = annotation.bbox?.corners();
    let most = size.map_or([f64::INFINITY; 2], |it| [f64::from(it.width), f64::from(it.height)]);
    let within = |number: f64, axis: f64| number.clamp(0.0, axis);
    let [width, height] = most;
    Some([within(right, width) - within(left, width), within(bottom, height) - within(top, height)])
}

/// The refusal of an object without a box.
pub fn no_box() -> Object {
    let by = &[Rule::MissingMember, Rule::Malformed];
    Object::Refused(Reason::new("it has no bbox", Field::Whole, by))
}

/// The refusal of an object that lacks a member.
pub fn lacking(view: &View, number: usize, members: &[&str]) -> Option<Object> {
    let lacks = view.lacks.get(number)?;
    let member = members.iter().find(|member| lacks.contains(member))?;
    Some(Object::Refused(Reason::new(
        format!("it has no {member}"),
        Field::Whole,
        &[Rule::MissingMember],
    )))
}

/// General rules about boxes that have nothing in their image.
pub const OF_EMPTY: &[Rule] =
    &[Rule::ZeroSize, Rule::OutsideImage, Rule::Inverted, Rule::NotFinite];

/// Whether the member `ignore` of an annotation is set.
pub fn is_marked_to_ignore(annotation: &Annotation) -> bool {
    let value = annotation.extra.get("ignore");
    value.is_some_and(|it| it.as_f64().map_or(it.as_bool() == Some(true), |number| number != 0.0))
}
