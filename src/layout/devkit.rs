//! Detectron2, MMDetection and torchvision with Pascal VOC: the folders of the VOC2012 devkit.
//!
//! `ImageSets/Main/train.txt` lists the images of a subset without their extensions. All three look
//! for `JPEGImages/NAME.jpg` (`VOCDetection` of torchvision, `load_voc_instances` of Detectron2,
//! `XMLDataset` of MMDetection). torchvision adds `VOCdevkit/VOC2012` to its root, and knows no test
//! set of 2012.
//!
//! The devkit counts pixels from 1. MMDetection subtracts 1 from all four edges
//! (`_parse_instance_info`), Detectron2 from the near ones, as the far edge is then the last pixel
//! (`load_voc_instances`). torchvision hands the numbers on as they stand. So the first two get what
//! they turn back into the box.

use super::{Contents, Layout};
use crate::format::{Convention, List, Side};

const fn voc(name: &'static str, value: &'static str) -> Convention {
    Convention { format: "voc", side: Side::Write, name, value }
}

const FOLDER: Convention = voc("voc-folder", "VOC2012");
const FROM_ONE: Convention = voc("origin", "1");
const LAST_PIXEL: Convention = voc("far-edge", "inclusive");

const VOC: Layout = Layout {
    name: "",
    about: "",
    format: "voc",
    subsets: ["train", "val", "test"],
    needs: 0,
    needs_objects: false,
    images: "VOCdevkit/VOC2012/JPEGImages",
    finds: |name| name.ends_with(".jpg"),
    own: "VOCdevkit/VOC2012/Annotations",
    document: "",
    first_class: None,
    conventions: &[FOLDER],
    lists,
};

/// The layout of Detectron2.
pub const DETECTRON2: Layout = Layout {
    name: "detectron2",
    about: "Detectron2: VOCdevkit/VOC2012",
    first_class: None,
    conventions: &[FOLDER, FROM_ONE, LAST_PIXEL],
    ..VOC
};

/// The layout of MMDetection.
pub const MMDETECTION: Layout = Layout {
    name: "mmdetection",
    about: "MMDetection: VOCdevkit/VOC2012",
    first_class: None,
    conventions: &[FOLDER, FROM_ONE],
    ..VOC
};

/// The layout of torchvision.
pub const TORCHVISION: Layout =
    Layout { name: "torchvision", about: "torchvision: VOCdevkit/VOC2012", ..VOC };

fn lists(contents: &Contents) -> Vec<List> {
    let list = |(subset, images): &(&str, Vec<&crate::model::Image>)| {
        let stem = |name: &str| name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned();
        let lines = images.iter().map(|image| stem(&image.file_name) + "\n");
        List {
            name: format!("VOCdevkit/VOC2012/ImageSets/Main/{subset}.txt"),
            bytes: lines.collect::<String>().into_bytes(),
        }
    };
    contents.subsets.iter().map(list).collect()
}
