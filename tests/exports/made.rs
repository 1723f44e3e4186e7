//! Cases in the shape of exports: whole datasets, their subsets and their class lists.

use crate::row::Check::{
    Boxes, Count, Files, Finds, Has, Lost, NotFound, NotLost, PassedOver, Report, Rows, Says,
    Somewhere, Text, UniqueIds,
};
use crate::row::{Row, row};

pub const ROWS: &[Row] = &[
    // Rows of 100 x 80 pixels: 0.5 0.5 0.2 0.2 is a box of 20 x 16 at 40, 32.
    row(
        "exports/roboflow-readme",
        "convert . --to coco -o out.json",
        0,
        &[
            Count(2, 2, 2),
            PassedOver(&["README.dataset.txt", "README.roboflow.txt"]),
            Boxes(
                "out.json",
                &["train/images/a.png c 40 32 20 16", "valid/images/b.png b 40 32 20 16"],
            ),
            UniqueIds("out.json"),
        ],
    ),
    row(
        "exports/roboflow-readme",
        "convert . --from yolo --to coco -o out",
        0,
        &[
            Says(&["README.dataset.txt", "README.roboflow.txt"]),
            Files("out", &["train.json", "valid.json"]),
            Boxes("out/train.json", &["*a.png c 40 32 20 16"]),
            Boxes("out/valid.json", &["*b.png b 40 32 20 16"]),
        ],
    ),
    row(
        "exports/roboflow-readme",
        "yolo2voc . -o out",
        0,
        &[
            Count(2, 2, 2),
            PassedOver(&["README.dataset.txt", "README.roboflow.txt"]),
            Somewhere("out", "a.xml", "<name>c</name>"),
            Somewhere("out", "b.xml", "<xmax>60</xmax>"),
        ],
    ),
    row(
        "exports/roboflow-readme",
        "convert . --to yolo -o out",
        0,
        &[
            Files("out", &["classes.txt", "train/labels/a.txt", "valid/labels/b.txt"]),
            Text("out/classes.txt", "a\nb\nc\nd\ne"),
            Rows("out", "train/labels/a.txt", &["c 0.5 0.5 0.2 0.2"]),
            Rows("out", "valid/labels/b.txt", &["b 0.5 0.5 0.2 0.2"]),
        ],
    ),
    row(
        "exports/roboflow-readme",
        "validate .",
        0,
        &[
            NotFound(&["no-class-list", "unreadable", "malformed", "image-missing"]),
            PassedOver(&["README.dataset.txt", "README.roboflow.txt"]),
            Says(&["README.roboflow.txt"]),
        ],
    ),
    row(
        "exports/roboflow-classes",
        "convert train/labels --to coco -o out.json",
        0,
        &[Count(1, 1, 1), Boxes("out.json", &["*a.png c 40 32 20 16"]), PassedOver(&[])],
    ),
    row(
        "exports/roboflow-classes",
        "convert valid/labels --to coco -o out.json",
        0,
        &[Boxes("out.json", &["*b.png b 40 32 20 16"])],
    ),
    // data.yaml gives its own path, as Ultralytics takes it.
    row(
        "exports/roboflow-classes",
        "convert data.yaml --to coco -o out",
        0,
        &[
            Files("out", &["train.json", "valid.json"]),
            Boxes("out/train.json", &["*a.png c 40 32 20 16"]),
        ],
    ),
    row(
        "exports/darknet",
        "convert . --to coco -o out",
        0,
        &[
            Count(2, 2, 2),
            Files("out", &["train.json", "valid.json"]),
            Boxes("out/train.json", &["*train1.png cat 40 32 20 16"]),
            Boxes("out/valid.json", &["*valid1.png cat 40 32 20 16"]),
        ],
    ),
    row(
        "exports/darknet",
        "convert . --to yolo -o out",
        0,
        &[
            Files("out", &["classes.txt", "train/train1.txt", "valid/valid1.txt"]),
            Text("out/classes.txt", "cat"),
        ],
    ),
    row("exports/darknet", "validate .", 0, &[NotFound(&["no-class-list"])]),
    // Both lists start with number 0: each is that of the labels beside it.
    row(
        "exports/class-lists",
        "convert . --to coco -o out.json",
        0,
        &[
            Count(2, 2, 2),
            Boxes("out.json", &["*one.png cat 40 32 20 16", "*two.png dog 40 32 20 16"]),
            UniqueIds("out.json"),
        ],
    ),
    row(
        "exports/class-lists",
        "convert one two --to coco -o out.json",
        0,
        &[Boxes("out.json", &["*one.png cat 40 32 20 16", "*two.png dog 40 32 20 16"])],
    ),
    row("exports/class-lists", "validate .", 0, &[NotFound(&["no-class-list", "unknown-class"])]),
    // One label was given another class than its XML file: the list shows which.
    row(
        "exports/classes-unlisted",
        "validate .",
        1,
        &[Finds(&["class-changed"]), Says(&["labels/i7.txt"]), NotFound(&["no-class-list"])],
    ),
    // The second image has 60 rows of pixels: 0.5 0.5 0.2 0.2 is a box of 20 x 12 at 40, 24.
    row(
        "exports/beside",
        "convert . --to coco -o out.json",
        0,
        &[
            Count(2, 2, 2),
            Boxes("out.json", &["a/1.png cat 40 32 20 16", "b/1.png cat 40 24 20 12"]),
            UniqueIds("out.json"),
        ],
    ),
    row(
        "exports/beside",
        "convert . --to yolo -o out",
        0,
        &[Files("out", &["a/1.txt", "b/1.txt", "classes.txt"])],
    ),
    row("exports/beside", "validate .", 0, &[NotFound(&["ambiguous-image", "image-missing"])]),
    row(
        "exports/coco-splits",
        "convert . --to coco -o out.json",
        0,
        &[
            Boxes("out.json", &["test/1.png cat 10 10 20 20", "train/1.png cat 10 10 20 20"]),
            UniqueIds("out.json"),
        ],
    ),
    row(
        "exports/coco-splits",
        "convert . --to coco -o out",
        0,
        &[Files("out", &["test.json", "train.json"])],
    ),
    // 10 10 20 20 of 100 x 80: the centre is at 20, 20.
    row(
        "exports/coco-splits",
        "convert . --to yolo -o out",
        0,
        &[
            Files("out", &["classes.txt", "test/1.txt", "train/1.txt"]),
            Rows("out", "train/1.txt", &["cat 0.2 0.25 0.2 0.25"]),
        ],
    ),
    row("exports/coco-splits", "validate .", 0, &[NotFound(&["ambiguous-image", "image-missing"])]),
    row(
        "exports/two-coco",
        "convert . --to coco -o out.json",
        0,
        &[
            Count(2, 2, 2),
            Boxes("out.json", &["*a.png cat 10 10 20 20", "*b.png cat 10 10 20 20"]),
            UniqueIds("out.json"),
        ],
    ),
    row(
        "exports/two-coco",
        "convert . --to coco -o out",
        0,
        &[
            Files("out", &["train.json", "val.json"]),
            Boxes("out/val.json", &["*b.png cat 10 10 20 20"]),
        ],
    ),
    row(
        "exports/two-coco",
        "convert train.json val.json --to coco -o out.json",
        0,
        &[
            Boxes("out.json", &["*a.png cat 10 10 20 20", "*b.png cat 10 10 20 20"]),
            UniqueIds("out.json"),
        ],
    ),
    row(
        "exports/two-coco",
        "validate val.json",
        0,
        &[
            Report("/inputs/0/path", "\"val.json\""),
            Report("/inputs/0/images", "1"),
            Report("/inputs/1", "null"),
        ],
    ),
    // Images of one name in two files of one folder: which of them is meant cannot be told.
    row(
        "exports/set-names",
        "convert . --to coco -o out.json",
        2,
        &[Says(&["a_test.json", "b_test.json"])],
    ),
    row(
        "exports/set-names",
        "convert a_test.json a_train.json --to coco -o out.json",
        0,
        &[Count(15, 15, 15), UniqueIds("out.json")],
    ),
    row(
        "exports/set-names",
        "validate . --fail-on never",
        0,
        &[Says(&["a_test.json", "a_train.json", "b_test.json", "b_train.json"])],
    ),
    row("exports/copies", "convert . --to coco -o out.json", 2, &[Says(&["a.json", "b.json"])]),
    row("exports/copies", "convert a.json b.json --to yolo -o out", 2, &[Says(&["a.png"])]),
    row(
        "exports/windows",
        "convert result.json --to yolo --images images -o out",
        0,
        &[
            Count(1, 1, 1),
            Lost(&[("name-matched", 1)]),
            NotLost(&["image-not-found"]),
            Files("out", &["a.txt", "classes.txt"]),
            Rows("out", "a.txt", &["cat 0.2 0.25 0.2 0.25"]),
        ],
    ),
    row(
        "exports/windows",
        "convert result.json --to coco -o out.json",
        0,
        &[Boxes("out.json", &["images/a.png cat 10 10 20 20"])],
    ),
    row(
        "exports/windows",
        "convert result.json --to vgg --images images -o out.json",
        0,
        &[Count(1, 1, 1), Has("out.json", &["a.png"])],
    ),
    row(
        "exports/windows",
        "validate .",
        0,
        &[Finds(&["illegal-name"]), NotFound(&["image-missing"])],
    ),
];
