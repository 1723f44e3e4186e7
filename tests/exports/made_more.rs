//! Cases in the shape of exports: single files and records.

use crate::row::Check::{
    At, Boxes, Count, Files, Finds, Found, Gone, Has, Lost, NotFound, NotLost, Report, Rows,
    SameBoxes, Says, Text,
};
use crate::row::{Row, row};

pub const ROWS: &[Row] = &[
    // The box 10 10 20 20 of 100 x 80 has its centre at 20, 20: 0.2 0.25 0.2 0.25.
    row(
        "exports/string-numbers",
        "convert _annotations.coco.json --to yolo -o out",
        0,
        &[
            Count(1, 1, 1),
            Text("out/classes.txt", "x\nline"),
            Rows("out", "a.txt", &["line 0.2 0.25 0.2 0.25"]),
        ],
    ),
    row(
        "exports/string-numbers",
        "convert _annotations.coco.json --to voc -o out",
        0,
        &[Has("out/a.xml", &["<xmin>10</xmin>", "<xmax>30</xmax>"])],
    ),
    row(
        "exports/string-numbers",
        "validate .",
        0,
        &[Finds(&["string-number"]), NotFound(&["malformed"])],
    ),
    row(
        "exports/roboflow-dup-class",
        "coco2yolo _annotations.coco.json -o out",
        0,
        &[
            Count(1, 1, 1),
            Text("out/classes.txt", "line"),
            Rows("out", "a.txt", &["line 0.2 0.25 0.2 0.25"]),
        ],
    ),
    row(
        "exports/roboflow-dup-class",
        "coco2yolo _annotations.coco.json -o out && convert out --from yolo --to coco --sizes _annotations.coco.json -o back.json",
        0,
        &[Boxes("back.json", &["a.png line 10 10 20 20"])],
    ),
    row(
        "exports/roboflow-dup-class",
        "convert _annotations.coco.json --to coco -o out.json",
        0,
        &[
            At("out.json", "/categories/1/name", "\"line\""),
            At("out.json", "/annotations/0/category_id", "1"),
            NotLost(&["classes-merged"]),
        ],
    ),
    // One mask of 10 pixels: the column 10 from row 5 on.
    row(
        "exports/cvat-mask",
        "convert instances_default.json --to yolo --dry-run -o out",
        0,
        &[Count(1, 1, 0), Lost(&[("crowd", 1)]), Says(&["crowd", "--crowd keep"]), Gone("out")],
    ),
    row(
        "exports/cvat-mask",
        "convert instances_default.json --to yolo --crowd keep -o out",
        0,
        &[Count(1, 1, 1), Rows("out", "a.txt", &["cat 0.105 0.125 0.01 0.125"])],
    ),
    row(
        "exports/polyline",
        "convert via.json --to yolo --task segment --images . -o out",
        0,
        &[Count(1, 1, 0), Says(&["--polyline close"])],
    ),
    // The points 1 2, 50 2, 30 40 of 100 x 80.
    row(
        "exports/polyline",
        "convert via.json --to yolo --task segment --polyline close --images . -o out",
        0,
        &[
            Count(1, 1, 1),
            Has("out/a.txt", &["0 0.010000 0.025000 0.500000 0.025000 0.300000 0.500000"]),
        ],
    ),
    row(
        "exports/polyline",
        "convert via.json --to coco --polyline close --images . -o out.json",
        0,
        &[Boxes("out.json", &["a.png lung 1 2 49 38"])],
    ),
    row("exports/twice", "coco2yolo coco.json -o out", 2, &[Says(&["a.png"])]),
    row(
        "exports/twice",
        "validate .",
        1,
        &[
            Report("/summary/errors", "1"),
            NotFound(&["image-missing", "same-but-case"]),
            Says(&["a.png"]),
        ],
    ),
    row(
        "exports/voc-filename",
        "convert . --to yolo -o out",
        2,
        &[Says(&["0.xml", "1.xml", "--name-by"])],
    ),
    row(
        "exports/voc-filename",
        "convert . --to coco -o out.json",
        2,
        &[Says(&["0.xml", "1.xml", "--name-by"])],
    ),
    // 1 2 30 40 and 5 2 30 40 are corners in 100 x 80.
    row(
        "exports/voc-filename",
        "convert . --name-by file --to yolo -o out",
        0,
        &[
            Files("out", &["0.txt", "1.txt", "classes.txt"]),
            Rows("out", "0.txt", &["cat 0.155 0.2625 0.29 0.475"]),
            Rows("out", "1.txt", &["cat 0.175 0.2625 0.25 0.475"]),
        ],
    ),
    row(
        "exports/voc-filename",
        "convert . --name-by file --to coco -o out.json",
        0,
        &[Boxes("out.json", &["0.jpg cat 1 2 29 38", "1.jpg cat 5 2 25 38"])],
    ),
    row(
        "exports/voc-filename",
        "validate .",
        1,
        &[Says(&["0.xml", "1.xml"]), NotFound(&["same-but-case"])],
    ),
    row(
        "exports/via-attributes",
        "convert via.json --to coco -o out.json",
        2,
        &[Says(&["Age", "Gender", "--label-attribute"])],
    ),
    row(
        "exports/via-attributes",
        "convert via.json --label-attribute Gender --to coco -o out.json",
        0,
        &[Boxes("out.json", &["a.png female 1 2 3 4"])],
    ),
    row(
        "exports/via-attributes",
        "validate . --fail-on never",
        0,
        &[Says(&["Age", "Gender", "label-attribute"])],
    ),
    row(
        "exports/via-coco",
        "convert via_export_coco.json --to yolo -o out",
        0,
        &[
            Text("out/classes.txt", "dog"),
            Rows("out", "a.txt", &["dog 0.2 0.25 0.2 0.25"]),
            NotLost(&["classes-merged"]),
        ],
    ),
    row(
        "exports/via-coco",
        "convert via_export_coco.json --to coco -o out.json",
        0,
        &[
            At("out.json", "/categories/0/name", "\"dog\""),
            At("out.json", "/categories/1", "null"),
            Boxes("out.json", &["a.png dog 10 10 20 20"]),
        ],
    ),
    row(
        "exports/via-coco",
        "validate . --fail-on never",
        0,
        &[NotFound(&["duplicate-class", "unused-class"])],
    ),
    row("exports/via3", "convert via3.json --to coco -o out.json", 2, &[Says(&["VIA 3"])]),
    row(
        "exports/via3",
        "convert via3.json --from vgg --to coco -o out.json",
        2,
        &[Says(&["VIA 3"])],
    ),
    row("exports/via3", "validate .", 2, &[Says(&["VIA 3"])]),
    row("exports/empty-xml", "convert . --to coco -o out.json", 2, &[Says(&["1.xml"])]),
    row(
        "exports/empty-xml",
        "convert . --on-error skip --to coco -o out.json",
        0,
        &[
            Count(1, 1, 1),
            Lost(&[("unreadable-file", 1)]),
            Boxes("out.json", &["0.jpg cat 1 2 29 38"]),
            Says(&["1.xml"]),
        ],
    ),
    row("exports/empty-xml", "validate .", 1, &[Found(&[("malformed", 1)]), Says(&["1.xml"])]),
    row(
        "exports/encodings",
        "convert . --to coco -o out.json",
        0,
        &[
            Count(5, 5, 5),
            Boxes(
                "out.json",
                &[
                    "asciigb.jpg cat 1 2 29 38",
                    "bom.jpg cat 1 2 29 38",
                    "gb.jpg 猫 1 2 29 38",
                    "latin.jpg Käse 1 2 29 38",
                    "utf16.jpg cat 1 2 29 38",
                ],
            ),
        ],
    ),
    row(
        "exports/encodings",
        "validate .",
        0,
        &[NotFound(&["malformed"]), Report("/inputs/0/annotations", "5")],
    ),
    row("exports/width-zero", "coco2yolo coco.json -o out", 2, &[Says(&["width", "0", "a.png"])]),
    row(
        "exports/width-zero",
        "validate . --fail-on never",
        0,
        &[Says(&["width", "0"]), NotFound(&["absent-member"])],
    ),
    // Pixel numbers from 1, the last included, are what the COCO file says from 0.
    row(
        "exports/fencepost-inclusive",
        "convert voc --origin 1 --far-edge inclusive --to coco -o out.json",
        0,
        &[Count(20, 40, 40), SameBoxes("out.json", "coco.json")],
    ),
    row(
        "exports/fencepost-inclusive",
        "validate .",
        0,
        &[Found(&[("one-based", 1)]), Says(&["right and bottom are the last pixel: 40 of 40"])],
    ),
    // One box of 40 is moved by a pixel; the others are equal, number for number.
    row("exports/fencepost-exact-off", "validate .", 1, &[Found(&[("box-changed", 1)]), ONE_OFF]),
    row("exports/fencepost-exact-off2", "validate .", 1, &[Found(&[("box-changed", 1)]), ONE_OFF]),
    row("exports/fencepost-exact-out", "validate .", 1, &[Found(&[("box-changed", 1)]), ONE_OFF]),
    row(
        "exports/roboflow-rounding",
        "validate .",
        0,
        &[Says(&["left and top rounded to whole pixels, the size kept", "120 of 120 exact"])],
    ),
    row("exports/copies", "validate .", 1, &[Finds(&["no-rule"]), Says(&["a.json", "b.json"])]),
    // Two boxes of 15 differ by a pixel. The sets are named by their files.
    row(
        "exports/set-names",
        "validate .",
        1,
        &[
            Found(&[("box-changed", 2)]),
            Says(&["COCO (b_test.json) = COCO (a_test.json)", "13 of 15"]),
        ],
    ),
    row("exports/box-not-shape", "validate .", 0, &[Found(&[("box-not-shape", 1)])]),
];

const ONE_OFF: crate::row::Check = Report("/agreement/0/agree", "39");
