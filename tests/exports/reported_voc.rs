//! Cases after bug reports: Pascal VOC.

use crate::row::Check::{At, Boxes, Count, Found, Has, Lost, NotFound, NotLost, Rows, Says};
use crate::row::{Row, row};

// All images are of 200 x 100 pixels where nothing else is said.
pub const ROWS: &[Row] = &[
    row(
        "reported/11-voc_polygon_only",
        "convert voc --to coco -o out.json",
        0,
        &[
            Count(1, 1, 1),
            Boxes("out.json", &["a.png leaf 10 10 40 50"]),
            At("out.json", "/annotations/0/segmentation", "[[10, 10, 50, 12, 30, 60]]"),
        ],
    ),
    row(
        "reported/11-voc_polygon_only",
        "convert voc --to yolo --images images -o out",
        0,
        &[Rows("out", "a.txt", &["leaf 0.15 0.35 0.2 0.5"])],
    ),
    row("reported/11-voc_polygon_only", "validate .", 0, &[NotFound(&["missing-member"])]),
    row(
        "reported/12-voc_bndbox_and_polygon",
        "convert voc --to yolo --task segment --images images -o out",
        0,
        &[
            Count(1, 1, 1),
            Rows("out", "a.txt", &["leaf 0.05 0.1 0.25 0.12 0.15 0.6"]),
            NotLost(&["box-as-polygon", "members", "image-members"]),
        ],
    ),
    row(
        "reported/12-voc_bndbox_and_polygon",
        "convert voc --to coco -o out.json",
        0,
        &[
            Boxes("out.json", &["a.png leaf 10 10 40 50"]),
            At("out.json", "/annotations/0/segmentation", "[[10, 10, 50, 12, 30, 60]]"),
            At("out.json", "/annotations/0/polygon", "null"),
        ],
    ),
    row(
        "reported/13-rolabelimg",
        "convert voc --to yolo --images images -o out",
        2,
        &[Says(&["voc/a.xml:1", "robndbox"])],
    ),
    row("reported/13-rolabelimg", "validate .", 1, &[Says(&["a.xml"])]),
    row(
        "reported/14-voc_inclusive_pixels",
        "convert voc --to coco --origin 1 --far-edge inclusive -o out.json",
        0,
        &[
            Count(1, 3, 3),
            Boxes(
                "out.json",
                &["a.jpg sky 0 0 500 375", "a.jpg dot 16 39 1 1", "a.jpg pole 29 9 1 191"],
            ),
        ],
    ),
    row(
        "reported/14-voc_inclusive_pixels",
        "convert voc --to yolo --origin 1 --far-edge inclusive --images images -o out",
        0,
        &[
            Count(1, 3, 3),
            Rows(
                "out",
                "a.txt",
                &[
                    "sky 0.5 0.5 1 1",
                    "dot 0.033 0.105333 0.002 0.002667",
                    "pole 0.059 0.278667 0.002 0.509333",
                ],
            ),
        ],
    ),
    // With the edge as it is stated, the dot and the pole have no size.
    row(
        "reported/14-voc_inclusive_pixels",
        "convert voc --to coco --origin 1 -o out.json",
        0,
        &[
            Count(1, 3, 1),
            Lost(&[("improper-box", 2)]),
            Boxes("out.json", &["a.jpg sky 0 0 499 374"]),
        ],
    ),
    row(
        "reported/14-voc_inclusive_pixels",
        "convert voc --to vgg --origin 1 --images images -o out.json",
        0,
        &[Count(1, 3, 1), Lost(&[("improper-box", 2)])],
    ),
    row(
        "reported/14-voc_inclusive_pixels",
        "convert voc --to voc --read-origin 1 --write-origin 0 -o out",
        0,
        &[Has("out/a.xml", &["<xmin>0</xmin>", "<xmax>499</xmax>", "<ymax>374</ymax>"])],
    ),
    // Blanks and case are kept on purpose: three classes.
    row(
        "reported/38-voc_name_spaces",
        "convert voc --to yolo --images images -o out",
        0,
        &[Count(3, 3, 3), NotLost(&["classes-merged"])],
    ),
    row(
        "reported/45-voc_no_name",
        "convert voc --to coco -o out.json",
        2,
        &[Says(&["voc/b.xml:1:", "name"])],
    ),
    row(
        "reported/45-voc_no_name",
        "validate voc",
        1,
        &[Found(&[("missing-member", 1), ("malformed", 1), ("empty-class", 1)])],
    ),
    row(
        "reported/76-voc_classification_object",
        "convert voc --to coco -o out.json",
        2,
        &[Says(&["voc/a.xml:1:", "bndbox"])],
    ),
    row(
        "reported/76-voc_classification_object",
        "validate .",
        1,
        &[Found(&[("missing-member", 1)])],
    ),
    row(
        "reported/76-voc_classification_object",
        "convert voc --to coco --on-error skip -o out.json",
        0,
        &[Count(2, 3, 2), Lost(&[("unreadable", 1)]), Says(&["a.xml"])],
    ),
];
