//! RF-DETR and Roboflow: folders train, valid and test, each with its images and
//! `_annotations.coco.json`.
//!
//! Source: Roboflow's COCO exports, and `build_roboflow` in `rfdetr/datasets/coco.py`.

use super::Layout;

/// The layout.
pub const RFDETR: Layout = Layout {
    name: "rfdetr",
    about: "RF-DETR and Roboflow: SUBSET/_annotations.coco.json beside the images",
    format: "coco",
    subsets: ["train", "valid", "test"],
    needs: 2,
    needs_objects: false,
    images: "{}",
    finds: |_| true,
    own: "",
    document: "{}/_annotations.coco.json",
    first_class: None,
    conventions: &[],
    lists: |_| Vec::new(),
};
