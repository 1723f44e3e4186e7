//! Detectron2: COCO files that `register_coco_instances` names, or VOC files, and their images.
//!
//! Source: Detectron2's main branch of 2021 and later, `detectron2/data/datasets/coco.py`
//! (`load_coco_json`), `data/build.py` (`filter_images_with_only_crowd_annotations`, by
//! `DATALOADER.FILTER_EMPTY_ANNOTATIONS`, which is on), `data/dataset_mapper.py` (crowds),
//! `data/detection_utils.py` (`check_image_size`, `filter_empty_instances`). There is no release of it
//! among Python's packages since.

use super::coco::{self, Loader, Object, Part, Reason, Skip};
use super::sight::{Told, Verdict};
use super::{Dataset, Trainer, voc};
use crate::format::Field;
use crate::geometry::Size;
use crate::model::{Annotation, Id, Shape};
use crate::rules::Rule;
use crate::survey::sets::View;

pub static TRAINER: Trainer = Trainer {
    name: "detectron2",
    aliases: &["d2"],
    about: "Detectron2",
    loads: "a COCO file a subset, by register_coco_instances, and the folder of its images, or VOC \
            files with JPEGImages, Annotations and ImageSets/Main",
    judge,
};

const TITLE: &str = "Detectron2";

/// Sides of boxes that are no longer count as empty, in pixels (`Boxes.nonempty`).
const EMPTY: f64 = 1e-5;

const WAY: voc::Way = voc::Way {
    trainer: &TRAINER,
    title: TITLE,
    is_by_year: false,
    is_filtered: false,
    skips_empty: true,
    note: Some(
        "takes VOC's own 20 classes, unless others are registered, and subtracts 1 from xmin and \
         ymin",
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
        verdict.told.extend(numbered_anew(&part));
        if part.has_keypoints() {
            let message = format!("{TITLE} adds 0.5 to x and y of all keypoints");
            verdict.told.push(Told::new(Rule::TrainerNotes, message, part.place(), &[]));
        }
    }
    verdict
}

/// Category ids that are not 1 to n are numbered from 0 in their order.
fn numbered_anew(part: &Part) -> Option<Told> {
    let ids: Vec<Option<i64>> = part.categories().map(|it| number(it.id.as_ref())).collect();
    let (least, most) = (ids.iter().flatten().min()?, ids.iter().flatten().max()?);
    if *least == 1 && usize::try_from(*most).ok() == Some(ids.len()) {
        return None;
    }
    let message = format!(
        "{TITLE} numbers the categories from 0 in the order of their ids: these are {least} to {most}, \
         and {} are listed",
        ids.len()
    );
    Some(Told::new(Rule::TrainerNotes, message, part.place(), &[Rule::ZeroCategoryId]))
}

fn number(id: Option<&Id>) -> Option<i64> {
    match id? {
        Id::Number(number) => Some(*number),
        Id::Text(_) => None,
    }
}

/// Whether an object has a segmentation, and none of its rings has 3 points.
fn has_no_ring(annotation: &Annotation) -> bool {
    matches!(&annotation.shape, Shape::Polygons(parts)
        if !parts.is_empty() && parts.iter().all(|part| part.exterior.len() < 3))
}

fn object(view: &View, _number: usize, annotation: &Annotation) -> Object {
    if coco::is_marked_to_ignore(annotation) {
        return Object::Refused(Reason::new("the member ignore is set", Field::Whole, &[]));
    }
    if has_no_ring(annotation) {
        let why = "no ring of its segmentation has 3 points";
        return Object::Dropped(Reason::new(why, Field::Shape, &[Rule::FewPoints]));
    }
    if annotation.crowd {
        return Object::Ignored;
    }
    let Some(sides) = coco::clipped(annotation, view.image.size) else {
        return coco::no_box();
    };
    match sides.iter().all(|side| *side > EMPTY) {
        true => Object::Kept,
        false => {
            let why = "nothing of its box is in the image";
            Object::Dropped(Reason::new(why, Field::Box, coco::OF_EMPTY))
        }
    }
}

fn skip(view: &View, is_trained_on: bool) -> Option<Skip> {
    if !is_trained_on || view.is_doubtful() {
        return None;
    }
    let left: Vec<&Annotation> = view.annotations.iter().filter(|it| !has_no_ring(it)).collect();
    if left.iter().any(|it| !it.crowd || coco::is_marked_to_ignore(it)) {
        return None;
    }
    match left.len() == view.annotations.len() {
        true => Some(Skip::Background),
        false => {
            let why = "no ring of its segmentations has 3 points";
            Some(Skip::Lost(Reason::new(why, Field::Whole, &[Rule::FewPoints])))
        }
    }
}

fn image(view: &View, measured: Option<Size>) -> Option<Reason> {
    let stated = view.part.images().get(view.index).and_then(|image| image.size);
    let Some(stated) = stated else {
        return Some(Reason::new(
            "no width and height are stated",
            Field::Whole,
            &[Rule::ZeroImageSize],
        ));
    };
    let measured = measured.filter(|measured| *measured != stated)?;
    let why = format!("a size of {stated} is stated, and the file has {measured}");
    Some(Reason::new(why, Field::Size, &[Rule::SizeDiffers]))
}
