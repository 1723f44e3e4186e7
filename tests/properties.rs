//! What goes in = what comes out + what is counted, over generated datasets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test panics")]

mod support;

use annoconv::convert::{self, Job};
use annoconv::format::{Bounds, Crowd, Multipart, Negatives, Options, Task, Via};
use annoconv::formats::{FORMATS, by_name};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;
use support::tree;

/// An annotation of any kind, of an image of 60x40; some leave the image, some are improper.
fn annotation() -> impl Strategy<Value = Value> {
    let number = || (-200..800i32).prop_map(|tenths| f64::from(tenths) / 10.0);
    let ring = move || {
        prop::collection::vec(number(), 6..12).prop_map(|mut ring| {
            ring.truncate(ring.len() / 2 * 2);
            ring
        })
    };
    let shape = prop_oneof![
        Just(json!([])),
        prop::collection::vec(ring(), 1..4).prop_map(|rings| json!(rings)),
        (0u32..2400, 0u32..2400).prop_map(|(a, b)| {
            let (start, end) = (a.min(b), a.max(b));
            json!({"size": [40, 60], "counts": [start, end - start, 2400 - end]})
        }),
    ];
    let bbox =
        prop_oneof![Just(json!([])), prop::collection::vec(number(), 4).prop_map(|b| json!(b))];
    (shape, bbox, any::<bool>(), 0..3usize, prop::bool::weighted(0.2)).prop_map(
        |(shape, bbox, crowd, category, extra)| {
            let category_id = [0, 5, 90][category];
            let mut annotation = json!({"segmentation": shape, "bbox": bbox,
                "iscrowd": i32::from(crowd), "category_id": category_id});
            if extra {
                annotation["note"] = json!({"x": 1});
            }
            annotation
        },
    )
}

/// A dataset of some images.
fn dataset() -> impl Strategy<Value = Value> {
    prop::collection::vec(prop::collection::vec(annotation(), 0..4), 1..5).prop_map(|images| {
        let mut annotations: Vec<Value> = Vec::new();
        for (image, own) in images.iter().enumerate() {
            for annotation in own {
                let mut annotation = annotation.clone();
                annotation["image_id"] = json!(image);
                annotation["id"] = json!(annotations.len());
                annotations.push(annotation);
            }
        }
        let images: Vec<Value> = (0..images.len())
            .map(
                |id| json!({"id": id, "file_name": format!("{id}.jpg"), "width": 60, "height": 40}),
            )
            .collect();
        json!({"images": images, "annotations": annotations, "categories": [
            {"id": 90, "name": "a & <b>"}, {"id": 0, "name": "c \"d\""}, {"id": 5, "name": "ü"}]})
    })
}

fn options() -> impl Strategy<Value = Options> {
    let task = prop_oneof![Just(Task::Detect), Just(Task::Segment)];
    let multipart =
        prop_oneof![Just(Multipart::Join), Just(Multipart::Split), Just(Multipart::Largest)];
    let crowd = prop_oneof![Just(Crowd::Skip), Just(Crowd::Keep)];
    let bounds = prop_oneof![Just(Bounds::Clip), Just(Bounds::Keep), Just(Bounds::Drop)];
    let via = prop_oneof![Just(Via::One), Just(Via::Two)];
    let negatives = prop_oneof![Just(Negatives::Keep), Just(Negatives::Skip)];
    (task, multipart, crowd, bounds, via, negatives).prop_map(
        |(task, multipart, crowd, bounds, via, negatives)| Options {
            task,
            multipart,
            crowd,
            bounds,
            via,
            negatives,
            ..Options::default()
        },
    )
}

/// How many objects a written dataset holds, counted without our readers.
fn objects(format: &str, path: &Path) -> usize {
    let files = tree(path);
    let count = |(name, bytes): (&String, &Vec<u8>)| {
        let text = std::str::from_utf8(bytes).unwrap();
        match format {
            "yolo" if name.ends_with("classes.txt") => 0,
            "yolo" => text.lines().count(),
            "voc" => text.matches("<object>").count(),
            "vgg" => text.matches("\"shape_attributes\"").count(),
            other => panic!("count the objects of {other}"),
        }
    };
    files.iter().map(count).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_goes_in_comes_out_or_is_counted(coco in dataset(), options in options()) {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("coco.json");
        std::fs::write(&input, coco.to_string()).unwrap();
        for to in FORMATS.iter().copied() {
            let output = folder.path().join(to.name());
            let mut job = Job::new(by_name("coco").unwrap(), &input, to, &output);
            job.options = options.clone();
            let report = convert::run(&job).unwrap();
            let rows = report.losses.rows();
            let dropped: usize = rows.iter().filter(|row| row.dropped).map(|row| row.count).sum();
            let read = coco["annotations"].as_array().unwrap().len();
            prop_assert_eq!(report.annotations_read, read);
            prop_assert_eq!(report.annotations_written + dropped, read);
            let written = objects(to.name(), &output);
            if rows.iter().any(|row| row.reason == "parts-split") {
                prop_assert!(written > report.annotations_written);
            } else {
                prop_assert_eq!(written, report.annotations_written, "{}", to.name());
            }
        }
    }
}
