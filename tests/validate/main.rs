//! One fault of each kind, put into a clean dataset: it is found, at its place, for its cause, and
//! nothing else.
//!
//! With `ANNOCONV_FAULT_TABLE` set and `--nocapture`, a table of all kinds is printed.

#![allow(clippy::restriction, reason = "a failed test panics")]

mod coco;
mod dataset;
mod fault;
mod layout;
mod systematic;
mod vgg;
mod voc;
mod yolo;

const GROUPS: [(&str, &[fault::Kind]); 7] = [
    ("yolo", yolo::KINDS),
    ("voc", voc::KINDS),
    ("via", vgg::KINDS),
    ("coco objects", coco::OBJECTS),
    ("coco records", coco::RECORDS),
    ("motions", systematic::MOTIONS),
    ("boxes", systematic::BOXES),
];

fn judge(title: &str) {
    let (_, kinds) = GROUPS.iter().find(|(name, _)| *name == title).unwrap();
    fault::judge(title, kinds);
}

#[test]
fn there_is_nothing_in_a_clean_dataset() {
    for (number, drawn) in dataset::datasets().iter().enumerate() {
        for layout in layout::LAYOUTS {
            let found = fault::of_clean(layout, drawn);
            assert!(found.is_empty(), "{layout:?} of dataset {number}\n{}", found.join("\n"));
        }
    }
}

#[test]
fn rows_of_yolo() {
    judge("yolo");
}

#[test]
fn objects_of_voc() {
    judge("voc");
}

#[test]
fn regions_of_via() {
    judge("via");
}

#[test]
fn annotations_of_coco() {
    judge("coco objects");
}

#[test]
fn records_of_coco() {
    judge("coco records");
}

#[test]
fn all_points_moved() {
    judge("motions");
}

#[test]
fn all_boxes_written_otherwise() {
    judge("boxes");
}
