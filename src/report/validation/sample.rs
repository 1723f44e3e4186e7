//! A small validation that the tests of all forms print.

use crate::error::{Place, Position};
use crate::finding::Finding;
use crate::rules::Rule;
use crate::trainers::{Lost, Seen, Sight};
use crate::validate::{Agreement, Input, Validation};
use std::path::Path;

/// A validation with two inputs, an agreement and four findings.
pub fn validation() -> Validation {
    let input = |format, path: &str, annotations| Input {
        format,
        path: path.into(),
        images: 6,
        annotations,
    };
    let place = |file: &str, line, column, pointer: Option<&str>| Place {
        file: file.into(),
        position: Some(Position { line, column }),
        pointer: pointer.map(str::to_owned),
    };
    let pointer = Some("/annotations/0/id");
    let zero = Finding::new(
        Rule::ZeroId,
        "id: expected 1 or more, found 0",
        place("a b.json", 3, 7, pointer),
    );
    let missing = |line, number: &str| {
        let message = "no row for this box, 50% of it <&>";
        let finding =
            Finding::new(Rule::ObjectMissing, message, place("labels/ä.txt", line, 1, None));
        finding.of_image("ä.jpg").of_annotation(number)
    };
    let unused =
        Finding::new(Rule::UnusedClass, "class \"rib\"", Place::of_file(Path::new("a b.json")));
    Validation {
        inputs: vec![input("coco", "a b.json", 12), input("yolo", "labels", 10)],
        agreement: vec![Agreement {
            from: "coco",
            from_path: "a b.json".into(),
            to: "yolo",
            to_path: "labels".into(),
            rule: "boxes, 6 decimals".to_owned(),
            images: 6,
            objects: 12,
            agree: 10,
            disagree: 2,
        }],
        passed_over: vec!["notes.json".into()],
        sight: None,
        findings: vec![zero, unused, missing(1, "649"), missing(2, "650")],
    }
}

/// What a trainer sees: a subset with an image that is lost.
pub fn sight() -> Sight {
    let lost = Lost {
        image: "ä.jpg".to_owned(),
        reason: "a coordinate of 1.5 is above 1.01".to_owned(),
        place: Place::at(Path::new("labels/ä.txt"), Position { line: 1, column: 3 }),
    };
    let train = Seen {
        subset: "train".to_owned(),
        path: "images".into(),
        images: 5,
        backgrounds: 1,
        boxes: 9,
        boxes_lost: 1,
        skipped: 0,
        lost: vec![lost],
    };
    Sight { trainer: "ultralytics", loads: "a data.yaml", is_refused: false, subsets: vec![train] }
}
