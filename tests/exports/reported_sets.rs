//! Cases after bug reports: datasets of several files, their subsets and class lists.

use crate::row::Check::{
    Boxes, Count, Files, Found, Negatives, NotFound, PassedOver, Report, Rows, Says, Somewhere,
    Text, UniqueIds,
};
use crate::row::{Row, row};

// All images are of 200 x 100 pixels: 0.5 0.5 0.1 0.2 is the box 90 40 20 20, 10 10 20 20 is
// 0.1 0.2 0.1 0.2, and 50 20 30 40 is 0.325 0.4 0.15 0.4.
pub const ROWS: &[Row] = &[
    row(
        "reported/09-cvat_yolo11",
        "convert . --from yolo --to voc --images . -o out",
        0,
        &[
            Count(2, 1, 1),
            Somewhere("out", "0001.xml", "<name>k1</name>"),
            Somewhere("out", "0002.xml", "<filename>0002.png</filename>"),
        ],
    ),
    row(
        "reported/09-cvat_yolo11",
        "convert . --to coco -o out.json",
        0,
        &[Count(2, 1, 1), Boxes("out.json", &["*0001.png k1 90 40 20 20"])],
    ),
    row("reported/09-cvat_yolo11", "validate .", 0, &[NotFound(&["no-class-list", "malformed"])]),
    row(
        "reported/10-roboflow_splits",
        "convert train/labels --to voc --images train/images -o out",
        0,
        &[Count(1, 1, 1), Somewhere("out", "img.xml", "<name>b</name>")],
    ),
    row(
        "reported/10-roboflow_splits",
        "convert . --to coco -o out.json",
        0,
        &[
            Count(3, 3, 3),
            Boxes(
                "out.json",
                &[
                    "test/images/img.png b 90 40 20 20",
                    "train/images/img.png b 90 40 20 20",
                    "valid/images/img.png b 90 40 20 20",
                ],
            ),
            UniqueIds("out.json"),
        ],
    ),
    row(
        "reported/10-roboflow_splits",
        "convert . --to coco -o out",
        0,
        &[
            Files("out", &["test.json", "train.json", "valid.json"]),
            Boxes("out/test.json", &["*img.png b 90 40 20 20"]),
        ],
    ),
    row(
        "reported/10-roboflow_splits",
        "convert . --to yolo -o out",
        0,
        &[
            Files(
                "out",
                &[
                    "classes.txt",
                    "test/labels/img.txt",
                    "train/labels/img.txt",
                    "valid/labels/img.txt",
                ],
            ),
            Text("out/classes.txt", "a\nb"),
        ],
    ),
    row(
        "reported/10-roboflow_splits",
        "validate .",
        0,
        &[NotFound(&["no-class-list", "ambiguous-image"])],
    ),
    row("reported/10-roboflow_splits", "validate train", 0, &[NotFound(&["no-class-list"])]),
    row(
        "reported/29-dir_of_coco",
        "convert ann --to yolo --images images -o out",
        0,
        &[
            Count(3, 3, 3),
            Files("out", &["1.txt", "2.txt", "3.txt", "classes.txt"]),
            Text("out/classes.txt", "x"),
            Rows("out", "1.txt", &["x 0.1 0.2 0.1 0.2"]),
            Rows("out", "2.txt", &["x 0.15 0.2 0.1 0.2"]),
            Rows("out", "3.txt", &["x 0.2 0.2 0.1 0.2"]),
        ],
    ),
    // One file of three: the other two images become backgrounds, and the report says so.
    row(
        "reported/29-dir_of_coco",
        "convert ann/1.json --to yolo --images images -o out",
        0,
        &[
            Count(3, 1, 1),
            Negatives(2),
            Says(&["2.png", "3.png"]),
            Files("out", &["1.txt", "2.txt", "3.txt", "classes.txt"]),
        ],
    ),
    row(
        "reported/29-dir_of_coco",
        "convert ann --from coco --to coco -o out.json",
        0,
        &[
            Boxes(
                "out.json",
                &["*1.png x 10 10 20 20", "*2.png x 20 10 20 20", "*3.png x 30 10 20 20"],
            ),
            UniqueIds("out.json"),
        ],
    ),
    row("reported/29-dir_of_coco", "validate .", 0, &[NotFound(&["duplicate-id"])]),
    row(
        "reported/31-names_swapped",
        "validate .",
        1,
        &[Found(&[("class-changed", 2)]), Report("/agreement/0/disagree", "2")],
    ),
    row("reported/32-placeholder_super", "validate .", 0, &[Report("/agreement/0/agree", "2")]),
    row(
        "reported/32-placeholder_super",
        "coco2yolo a.json --images images -o out",
        0,
        &[
            Text("out/classes.txt", "cars\ncar\ntruck"),
            Rows("out", "a.txt", &["car 0.1 0.2 0.1 0.2"]),
            Rows("out", "b.txt", &["truck 0.325 0.4 0.15 0.4"]),
        ],
    ),
    row(
        "reported/35-darknet_labels",
        "convert train --to coco --images train -o out.json",
        0,
        &[
            Count(2, 2, 2),
            Boxes(
                "out.json",
                &["*a_jpg.rf.1f.jpg dog 90 40 20 20", "*b_jpg.rf.1f.jpg dog 90 40 20 20"],
            ),
        ],
    ),
    row("reported/35-darknet_labels", "validate .", 0, &[NotFound(&["no-class-list"])]),
    // The names are numbered the other way round in the second file.
    row(
        "reported/54-split_by_filename_dup_across",
        "convert . --to coco -o out.json",
        0,
        &[
            Count(4, 4, 4),
            Boxes(
                "out.json",
                &[
                    "train/a.png car 10 10 20 20",
                    "train/b.png bus 50 20 30 40",
                    "val/a.png bus 15 10 20 20",
                    "val/b.png car 55 20 30 40",
                ],
            ),
            UniqueIds("out.json"),
        ],
    ),
    row(
        "reported/54-split_by_filename_dup_across",
        "convert . --to coco -o out",
        0,
        &[
            Files("out", &["train.json", "val.json"]),
            Boxes("out/val.json", &["*a.png bus 15 10 20 20", "*b.png car 55 20 30 40"]),
        ],
    ),
    row(
        "reported/54-split_by_filename_dup_across",
        "convert . --to yolo -o out",
        0,
        &[
            Files("out", &["classes.txt", "train/a.txt", "train/b.txt", "val/a.txt", "val/b.txt"]),
            Rows("out", "train/a.txt", &["car 0.1 0.2 0.1 0.2"]),
            Rows("out", "val/a.txt", &["bus 0.125 0.2 0.1 0.2"]),
        ],
    ),
    row(
        "reported/54-split_by_filename_dup_across",
        "validate .",
        1,
        &[
            Found(&[("class-lists-differ", 1)]),
            NotFound(&["ambiguous-image", "image-missing", "subset-overlap", "subset-copy"]),
        ],
    ),
    row(
        "reported/55-roboflow_coco_layout",
        "convert . --to coco -o out",
        0,
        &[
            Count(6, 6, 6),
            Files("out", &["test.json", "train.json", "valid.json"]),
            Boxes("out/valid.json", &["*img_0.png cat 10 10 20 20", "*img_1.png dog 50 20 30 40"]),
        ],
    ),
    row(
        "reported/55-roboflow_coco_layout",
        "convert . --to coco -o out.json",
        0,
        &[
            Boxes(
                "out.json",
                &[
                    "test/img_0.png cat 10 10 20 20",
                    "test/img_1.png dog 50 20 30 40",
                    "train/img_0.png cat 10 10 20 20",
                    "train/img_1.png dog 50 20 30 40",
                    "valid/img_0.png cat 10 10 20 20",
                    "valid/img_1.png dog 50 20 30 40",
                ],
            ),
            UniqueIds("out.json"),
        ],
    ),
    row(
        "reported/55-roboflow_coco_layout",
        "convert . --to yolo -o out",
        0,
        &[
            Text("out/classes.txt", "animals\ncat\ndog"),
            Rows("out", "test/img_1.txt", &["dog 0.325 0.4 0.15 0.4"]),
        ],
    ),
    row(
        "reported/55-roboflow_coco_layout",
        "validate .",
        0,
        &[NotFound(&["ambiguous-image"]), Report("/agreement/0", "null")],
    ),
    // Number 0 is car in one list and bus in the other.
    row(
        "reported/57-yolo_split_class_order",
        "convert . --from yolo --to coco -o out.json",
        0,
        &[Boxes("out.json", &["*proj1.png car 90 40 20 20", "*proj2.png bus 90 40 20 20"])],
    ),
    row(
        "reported/57-yolo_split_class_order",
        "validate .",
        0,
        &[NotFound(&["no-class-list", "class-changed"]), Says(&["proj1", "proj2"])],
    ),
    row(
        "reported/57-yolo_split_class_order",
        "convert proj2 --to coco -o out.json",
        0,
        &[Boxes("out.json", &["*proj2.png bus 90 40 20 20"])],
    ),
    row(
        "reported/68-nested_labels_yaml_two_up",
        "convert labels/train --to coco --images images/train -o out.json",
        0,
        &[Boxes("out.json", &["*train1.png b 90 40 20 20"])],
    ),
    row(
        "reported/68-nested_labels_yaml_two_up",
        "convert . --to coco -o out",
        0,
        &[
            Files("out", &["train.json", "val.json"]),
            Boxes("out/val.json", &["*val1.png b 90 40 20 20"]),
        ],
    ),
    row(
        "reported/68-nested_labels_yaml_two_up",
        "convert . --to yolo -o out",
        0,
        &[Files("out", &["classes.txt", "labels/train/train1.txt", "labels/val/val1.txt"])],
    ),
    // No case.md: the masks of SegmentationClass have the names of the images.
    row(
        "reported/69-voc_imagesets_layout",
        "convert VOC2007 --to coco -o out.json",
        0,
        &[Count(1, 1, 1), Boxes("out.json", &["*000001.png m 10 10 10 10"])],
    ),
    row(
        "reported/69-voc_imagesets_layout",
        // There is one subset, and so one file.
        "convert . --to coco -o out",
        0,
        &[Files("out", &[""]), Boxes("out", &["*000001.png m 10 10 10 10"])],
    ),
    row(
        "reported/69-voc_imagesets_layout",
        "validate .",
        0,
        &[NotFound(&["ambiguous-image", "image-missing"])],
    ),
    row("reported/70-mixed_notes", "validate .", 0, &[PassedOver(&["notes.json"])]),
    row(
        "reported/70-mixed_notes",
        "convert . --to coco -o out.json",
        0,
        &[
            PassedOver(&["notes.json"]),
            Boxes("out.json", &["*ab-1.png b 90 40 20 20"]),
            Says(&["notes.json"]),
        ],
    ),
];
