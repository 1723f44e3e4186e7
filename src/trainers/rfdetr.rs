//! RF-DETR: the folders of a COCO export of Roboflow.
//!
//! Source: rfdetr 1.11.2, `rfdetr/datasets/__init__.py` (`detect_roboflow_format`), `datasets/coco.py`
//! (`build_roboflow_from_coco`, `filter_parent_categories`, `CocoDetection`, `ConvertCoco`), and
//! `config.py` (`run_test` is off).

use super::coco::{self, Loader, Object, Part, Reason};
use super::sight::{Told, Verdict};
use super::{Dataset, Trainer};
use crate::error::Place;
use crate::files;
use crate::format::Field;
use crate::model::{Annotation, Category, Id};
use crate::rules::Rule;
use crate::survey::sets::View;
use std::collections::HashSet;
use std::path::Path;

pub static TRAINER: Trainer = Trainer {
    name: "rfdetr",
    aliases: &["roboflow", "rf-detr"],
    about: "RF-DETR (Roboflow)",
    loads: "the folders train, valid and test, each with _annotations.coco.json and its images",
    judge,
};

const TITLE: &str = "RF-DETR";
const FILE: &str = "_annotations.coco.json";

fn judge(dataset: &Dataset) -> Verdict {
    let root = dataset.path();
    let mut verdict = Verdict::default();
    if !root.join("train").join(FILE).is_file() {
        verdict.told.push(without_train(root));
        return verdict;
    }
    verdict.told.extend(without_others(root));
    let parts = coco::parts(dataset);
    let at = |subset: &str| {
        let wanted = files::full(&root.join(subset).join(FILE));
        parts.iter().copied().find(|part| files::full(&part.part.path) == wanted)
    };
    let train = at("train");
    let labels: HashSet<Id> = train.iter().flat_map(kept).collect();
    for part in ["train", "valid", "test"].into_iter().filter_map(at) {
        see(&part, &labels, dataset, &mut verdict);
    }
    verdict.told.extend(train.iter().filter_map(without_parents));
    verdict
}

/// A dataset without the file of `train` is one of YOLO, or none.
fn without_train(root: &Path) -> Told {
    let yaml = root.join("data.yaml");
    if yaml.is_file() {
        let message = format!(
            "{TITLE} finds no train/{FILE}, and takes the dataset for YOLO: validate --for \
             ultralytics judges that"
        );
        return Told::new(Rule::TrainerNotes, message, Place::of_file(&yaml), &[]);
    }
    let message =
        format!("{TITLE} finds nothing to load: there is no train/{FILE} and no data.yaml");
    Told::new(Rule::TrainerRefuses, message, Place::of_file(root), &[])
}

/// What is told where a file of the other subsets is missing.
fn without_others(root: &Path) -> Vec<Told> {
    let is_there = |subset: &str| root.join(subset).join(FILE).is_file();
    let tell = |rule, message: String| Told::new(rule, message, Place::of_file(root), &[]);
    let mut told = Vec::new();
    if !is_there("valid") {
        let other = ["val", "validation"].into_iter().find(|other| root.join(other).is_dir());
        let other = other.map(|it| format!("; the folder {it} is not looked at"));
        let message =
            format!("{TITLE} stops: there is no valid/{FILE}{}", other.unwrap_or_default());
        told.push(tell(Rule::TrainerRefuses, message));
    }
    if !is_there("test") {
        let message = format!("{TITLE} stops if it is to test (run_test): there is no test/{FILE}");
        told.push(tell(Rule::TrainerNotes, message));
    }
    told
}

fn see(part: &Part, labels: &HashSet<Id>, dataset: &Dataset, verdict: &mut Verdict) {
    let judge = |view: &View, number: usize, annotation: &Annotation| {
        object(view, number, annotation, part, labels)
    };
    let loader = Loader {
        title: TITLE,
        object: &judge,
        skip: &|_, _| None,
        image: &|_, _| None,
        is_beside: true,
        are_ids_checked: false,
    };
    part.see(&loader, dataset, verdict);
}

fn object(
    view: &View,
    number: usize,
    annotation: &Annotation,
    part: &Part,
    labels: &HashSet<Id>,
) -> Object {
    if annotation.crowd {
        return Object::Ignored;
    }
    if let Some(refused) = coco::lacking(view, number, &["area"]) {
        return refused;
    }
    if let Some(id) = part.category_of(annotation).filter(|id| !labels.contains(id)) {
        let why = format!("its category {id} has no label in train");
        return Object::Refused(Reason::new(why, Field::Class, &[]));
    }
    let Some(sides) = coco::clipped(annotation, view.image.size) else {
        return coco::no_box();
    };
    match sides.iter().all(|side| *side > 0.0) {
        true => Object::Kept,
        false => {
            let why = "nothing of its box is in the image";
            Object::Dropped(Reason::new(why, Field::Box, coco::OF_EMPTY))
        }
    }
}

/// The ids of the categories that get labels.
fn kept(part: &Part) -> Vec<Id> {
    let parents = parents(part);
    let is_kept = |it: &&Category| !parents.iter().any(|parent| parent.id == it.id);
    part.categories().filter(is_kept).filter_map(|it| it.id.clone()).collect()
}

/// Categories that others name as theirs above (`supercategory`), and that no object has. Where that
/// would be all, it is none.
fn parents<'a>(part: &'a Part) -> Vec<&'a Category> {
    let above = |it: &'a Category| it.extra.get("supercategory").and_then(|it| it.as_str());
    let is_named = |name: &str| !matches!(name, "" | "none" | "null");
    let named: HashSet<&str> = part
        .categories()
        .filter_map(|it| above(it).filter(|name| is_named(name) && *name != it.name))
        .collect();
    let used = used(part);
    let parents: Vec<&Category> = part
        .categories()
        .enumerate()
        .filter(|(at, it)| named.contains(it.name.as_str()) && !used.contains(at))
        .map(|(_, it)| it)
        .collect();
    if parents.len() == part.categories().count() { Vec::new() } else { parents }
}

/// The categories that objects have, by their places in the list.
fn used(part: &Part) -> HashSet<usize> {
    let images = part.part.images().iter().enumerate();
    let read = images.filter_map(|(index, image)| part.part.source.read(index, image).ok());
    let annotations = read.flat_map(|read| read.annotations.into_iter().flatten());
    annotations.filter_map(|it| it.category).collect()
}

fn without_parents(part: &Part) -> Option<Told> {
    let parents: Vec<String> = parents(part).iter().map(|it| format!("{:?}", it.name)).collect();
    if parents.is_empty() {
        return None;
    }
    let message = format!(
        "{TITLE} gives no label to {}: other categories name it as their supercategory, and no object has it",
        parents.join(", ")
    );
    Some(Told::new(Rule::TrainerNotes, message, part.place(), &[]))
}
