//! One fault of each kind, put into a clean dataset: it is found, at its place, for its cause, and
//! nothing else.
//!
//! With `ANNOCONV_FAULT_TABLE` set and `--nocapture`, a table of all kinds is printed.
//! `ANNOCONV_FAULT_SEED` is the number of other datasets, and `ANNOCONV_FAULT_TRIES` says on how many
//! of them each kind is tried.

#![allow(clippy::restriction, reason = "a failed test panics")]

mod classes;
mod coco;
mod dataset;
mod fault;
mod layout;
mod mended;
mod sets;
mod systematic;
mod vgg;
mod voc;
mod yolo;

const GROUPS: [(&str, &[fault::Kind]); 11] = [
    ("yolo", yolo::KINDS),
    ("voc", voc::KINDS),
    ("via", vgg::KINDS),
    ("coco objects", coco::OBJECTS),
    ("coco records", coco::RECORDS),
    ("motions", systematic::MOTIONS),
    ("boxes", systematic::BOXES),
    ("classes", classes::KINDS),
    ("whole", classes::WHOLE),
    ("images", sets::IMAGES),
    ("sets", sets::SETS),
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

#[test]
fn classes_of_a_format() {
    judge("classes");
}

#[test]
fn whole_formats() {
    judge("whole");
}

#[test]
fn image_files() {
    judge("images");
}

#[test]
fn subsets_and_copies() {
    judge("sets");
}

#[test]
fn there_are_as_many_kinds_as_are_promised() {
    let kinds = || GROUPS.iter().flat_map(|(_, kinds)| *kinds);
    assert!(kinds().count() >= 320, "{}", kinds().count());
    for (title, kinds) in GROUPS {
        let names: std::collections::BTreeSet<_> = kinds.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), kinds.len(), "{title}: a name is there twice");
    }
}
