//! MMDetection: COCO files (`CocoDataset`) or VOC files (`XMLDataset`), and their images.
//!
//! Source: MMDetection 3.3.0, `mmdet/datasets/coco.py` (`CocoDataset.load_data_list`,
//! `parse_data_info`, `filter_data`), `datasets/xml_style.py` (`XMLDataset`), and the settings of
//! `mmdet/.mim/configs/_base_/datasets/coco_detection.py` and `voc0712.py`.

use super::coco::{self, Loader, Object, Part, Reason, Skip};
use super::sight::{Told, Verdict};
use super::{Dataset, Trainer, voc};
use crate::format::Field;
use crate::geometry::Size;
use crate::model::Annotation;
use crate::rules::Rule;
use crate::survey::sets::View;

pub static TRAINER: Trainer = Trainer {
    name: "mmdetection",
    aliases: &["mmdet", "openmmlab"],
    about: "MMDetection",
    loads: "a COCO file a subset and the folder of its images, or VOC files with JPEGImages, \
            Annotations and ImageSets/Main",
    judge,
};

const TITLE: &str = "MMDetection";

/// Images with a side of fewer pixels are left out of training (`filter_cfg`, `min_size`).
const LEAST_SIDE: u32 = 32;

const WAY: voc::Way = voc::Way {
    trainer: &TRAINER,
    title: TITLE,
    is_by_year: false,
    is_filtered: true,
    skips_empty: true,
    note: Some(
        "takes only objects of VOC's own 20 classes, unless its settings name the classes \
         (metainfo), and subtracts 1 from all coordinates",
    ),
};

fn judge(dataset: &Dataset) -> Verdict {
    let parts = coco::parts(dataset);
    if parts.is_empty() {
        return voc::judge(dataset, &WAY);
    }
    let mut verdict = Verdict::default();
    let loader = Loader {
        title: TITLE,
        object: &object,
        skip: &skip,
        image: &image,
        is_beside: false,
        are_ids_checked: true,
    };
    for part in parts {
        part.see(&loader, dataset, &mut verdict);
        verdict.told.push(classes(&part));
    }
    verdict
}

/// The classes must be named in the settings: by default they are COCO's own 80.
fn classes(part: &Part) -> Told {
    let names: Vec<String> =
        part.categories().map(|it| format!("'{}'", it.name.replace('\'', "\\'"))).collect();
    let message = format!(
        "{TITLE} takes only objects of COCO's own 80 classes, unless its settings name the classes: \
         metainfo=dict(classes=({},))",
        names.join(", ")
    );
    Told::new(Rule::TrainerNotes, message, part.place(), &[])
}

fn object(view: &View, number: usize, annotation: &Annotation) -> Object {
    if coco::is_marked_to_ignore(annotation) {
        return Object::Dropped(Reason::new("the member ignore is set", Field::Whole, &[]));
    }
    let Some(bbox) = annotation.bbox else {
        return coco::no_box();
    };
    let is_in = coco::clipped(annotation, view.image.size)
        .is_some_and(|it| it.iter().all(|side| *side > 0.0));
    if !is_in {
        let why = "nothing of its box is in the image";
        return Object::Dropped(Reason::new(why, Field::Box, coco::OF_EMPTY));
    }
    if let Some(refused) = coco::lacking(view, number, &["area"]) {
        return refused;
    }
    let [_, _, width, height] = bbox.corner_and_size();
    if annotation.area.is_some_and(|area| area <= 0.0) {
        let why = "its area is not above 0";
        return Object::Dropped(Reason::new(why, Field::Area, &[]));
    }
    if width < 1.0 || height < 1.0 {
        let why = format!("a box of {width} x {height} pixels, below 1");
        return Object::Dropped(Reason::new(why, Field::Box, &[Rule::ZeroSize]));
    }
    if annotation.crowd { Object::Ignored } else { Object::Kept }
}

fn skip(view: &View, is_trained_on: bool) -> Option<Skip> {
    if !is_trained_on || view.is_doubtful() {
        return None;
    }
    if view.annotations.is_empty() {
        return Some(Skip::Background);
    }
    let size = view.image.size.filter(|it| it.width.min(it.height) < LEAST_SIDE)?;
    let why = format!("a size of {size}, below {LEAST_SIDE} pixels (filter_cfg, min_size)");
    Some(Skip::Lost(Reason::new(why, Field::Size, &[])))
}

fn image(view: &View, _measured: Option<Size>) -> Option<Reason> {
    let stated = view.part.images().get(view.index).and_then(|image| image.size);
    let by = &[Rule::ZeroImageSize];
    stated.is_none().then(|| Reason::new("no width and height are stated", Field::Whole, by))
}
