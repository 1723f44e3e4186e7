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
    let file = |subset: &str| root.join(subset).join(FILE);
    let mut verdict = Verdict::default();
    if !file("train").is_file() {
        let message = match root.join("data.yaml").is_file() {
            true => {
                let message = format!(
                    "{TITLE} finds no train/{FILE}, and takes the dataset for YOLO: \
                     validate --for ultralytics judges that"
                );
                let place = Place::of_file(&root.join("data.yaml"));
                verdict.told.push(Told::new(Rule::TrainerNotes, message, place, &[]));
                return verdict;
            }
            false => {
                format!("{TITLE} finds nothing to load: there is no train/{FILE} and no data.yaml")
            }
        };
        return Verdict::refused(Told::new(
            Rule::TrainerRefuses,
            message,
            Place::of_file(root),
            &[],
        ));
    }
    if !file("valid").is_file() {
        let other = ["val", "validation"].into_iter().find(|other| root.join(other).is_dir());
        let other =
            other.map(|it| format!("; the folder {it} is not looked at")).unwrap_or_default();
        let message = format!("{TITLE} stops: there is no valid/{FILE}{other}");
        verdict.told.push(Told::new(Rule::TrainerRefuses, message, Place::of_file(root), &[]));
    }
    if !file("test").is_file() {
        let message =
            format!("{TITLE} stops where it is to test (run_test): there is no test/{FILE}");
        verdict.told.push(Told::new(Rule::TrainerNotes, message, Place::of_file(root), &[]));
    }
    let parts = coco::parts(dataset);
    let at = |subset: &str| {
        let wanted = files::full(&file(subset));
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
