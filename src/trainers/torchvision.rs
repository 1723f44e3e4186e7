//! torchvision: `CocoDetection` as its reference script for detection uses it, or `VOCDetection`.
//!
//! Source: torchvision 0.24.0, `torchvision/datasets/coco.py` (`CocoDetection`), `datasets/voc.py`
//! (`VOCDetection`), `models/detection/faster_rcnn.py` (`num_classes` counts the background); and
//! `references/detection/coco_utils.py` of its repository (`ConvertCocoPolysToMask`,
//! `_coco_remove_images_without_annotations`). `CocoDetection` by itself leaves out nothing.

use super::coco::{self, Loader, Object, Part, Reason, Skip};
use super::sight::{Told, Verdict, count};
use super::{Dataset, Trainer, voc};
use crate::format::Field;
use crate::geometry::Size;
use crate::model::{Annotation, Id};
use crate::rules::Rule;
use crate::survey::sets::View;

pub static TRAINER: Trainer = Trainer {
    name: "torchvision",
    aliases: &["torch", "pytorch"],
    about: "torchvision and its reference script for detection",
    loads: "a COCO file a subset and the folder of its images (CocoDetection), or a VOC devkit with \
            JPEGImages, Annotations and ImageSets/Main (VOCDetection)",
    judge,
};

const TITLE: &str = "torchvision's reference script";

fn judge(dataset: &Dataset) -> Verdict {
    let parts = coco::parts(dataset);
    if parts.is_empty() {
        let title = "torchvision";
        let way = voc::Way {
            trainer: &TRAINER,
            title,
            is_by_year: true,
            is_filtered: false,
            skips_empty: false,
            note: None,
        };
        return voc::judge(dataset, &way);
    }
    let mut verdict = Verdict::default();
    let loader = Loader {
        title: TITLE,
        object: &object,
        skip: &skip,
        image: &image,
        is_beside: false,
        are_ids_checked: false,
    };
    for part in parts {
        part.see(&loader, dataset, &mut verdict);
        verdict.told.extend(background(&part));
    }
    verdict
}

/// Category ids are the labels of the model, and 0 is the background.
fn background(part: &Part) -> Option<Told> {
    let name = part.categories().find(|it| it.id == Some(Id::Number(0))).map(|it| &it.name)?;
    let message = format!(
        "torchvision's models take label 0 for the background, and the ids of categories are the \
         labels: {name:?} has the id 0"
    );
    Some(Told::new(Rule::TrainerChanges, message, part.place(), &[]))
}

fn object(view: &View, number: usize, annotation: &Annotation) -> Object {
    if let Some(refused) = coco::lacking(view, number, &["iscrowd"]) {
        return refused;
    }
    if annotation.crowd {
        return Object::Ignored;
    }
    if let Some(refused) = coco::lacking(view, number, &["area"]) {
        return refused;
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

/// Fewer visible keypoints in all objects of an image are taken for none
/// (`min_keypoints_per_image`).
const LEAST_KEYPOINTS: usize = 10;

/// The number of keypoints that can be seen, where the first object has keypoints.
fn visible_keypoints(view: &View) -> Option<usize> {
    view.annotations.first()?.extra.get("keypoints")?;
    let lists = view.annotations.iter().filter_map(|it| it.extra.get("keypoints")?.as_array());
    let is_visible = |it: &&serde_json::Value| it.as_f64().is_some_and(|it| it > 0.0);
    Some(lists.flat_map(|list| list.iter().skip(2).step_by(3)).filter(is_visible).count())
}

/// Images that have no object, only boxes of which a side has no more than a pixel, or too few
/// keypoints.
fn skip(view: &View, is_trained_on: bool) -> Option<Skip> {
    if !is_trained_on || view.is_doubtful() {
        return None;
    }
    let is_small = |it: &Annotation| {
        it.bbox.is_some_and(|bbox| {
            let [_, _, width, height] = bbox.corner_and_size();
            width <= 1.0 || height <= 1.0
        })
    };
    if view.annotations.is_empty() {
        return Some(Skip::Background);
    }
    if view.annotations.iter().all(is_small) {
        let boxes = count(view.annotations.len(), "box has a side", "boxes have sides");
        let why = format!("its {boxes} of a pixel or less");
        return Some(Skip::Lost(Reason::new(why, Field::Whole, coco::OF_EMPTY)));
    }
    let visible = visible_keypoints(view).filter(|visible| *visible < LEAST_KEYPOINTS)?;
    let why = format!("{visible} of its keypoints are visible, and {LEAST_KEYPOINTS} are needed");
    Some(Skip::Lost(Reason::new(why, Field::Whole, &[])))
}

fn image(_view: &View, _measured: Option<Size>) -> Option<Reason> {
    None
}
