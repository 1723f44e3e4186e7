//! Detectron2, MMDetection and torchvision with COCO files: `annotations/instances_train.json` and
//! the images in `train`.
//!
//! Each takes a COCO file and the folder that its file names are relative to: `register_coco_instances`
//! of Detectron2, `ann_file` and `data_prefix` of MMDetection's `CocoDataset`, `annFile` and `root` of
//! torchvision's `CocoDetection`.

use super::Layout;

const COCO: Layout = Layout {
    name: "",
    about: "",
    format: "coco",
    subsets: ["train", "val", "test"],
    needs: 0,
    needs_objects: false,
    images: "{}",
    finds: |_| true,
    own: "",
    document: "annotations/instances_{}.json",
    first_class: None,
    conventions: &[],
    lists: |_| Vec::new(),
};

/// The layout of Detectron2.
pub const DETECTRON2: Layout = Layout {
    name: "detectron2",
    about: "Detectron2: annotations/instances_SUBSET.json, SUBSET; or VOCdevkit with --to voc",
    ..COCO
};

/// The layout of MMDetection.
pub const MMDETECTION: Layout = Layout {
    name: "mmdetection",
    about: "MMDetection: annotations/instances_SUBSET.json, SUBSET; or VOCdevkit with --to voc",
    ..COCO
};

/// The layout of torchvision.
pub const TORCHVISION: Layout = Layout {
    name: "torchvision",
    // The models take the ids for labels, and 0 for the background.
    first_class: Some(1),
    about: "torchvision: annotations/instances_SUBSET.json, SUBSET; or VOCdevkit with --to voc",
    ..COCO
};
