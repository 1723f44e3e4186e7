//! Small datasets that contradict themselves in one way each.

use crate::row::Check::{At, Count, Finds, Found, Gone, Lost, NotFound, Report, Says, Text};
use crate::row::{Row, row};

pub const ROWS: &[Row] = &[
    row("contradictions/area-zero", "validate .", 0, &[Found(&[("area-without-rule", 1)])]),
    // 8 boxes are moved by 25 px; the other 92 are whole images, with few decimals.
    row(
        "contradictions/coarse-majority",
        "validate .",
        1,
        &[
            Report("/agreement/0/agree", "92"),
            Found(&[("shifted", 1)]),
            Says(&["8 of 100 objects", "shifted by (25, 0) px"]),
        ],
    ),
    row(
        "contradictions/crowd-flag-blames-others",
        "validate .",
        1,
        &[Found(&[("crowd-changed", 1)]), NotFound(&["object-missing"]), Says(&["coco.json:29:3"])],
    ),
    row("contradictions/crowd-only-in-coco", "validate .", 0, &[Finds(&["crowd-kept"])]),
    row(
        "contradictions/norm-bbox-blames-via",
        "validate .",
        1,
        &[Found(&[("wrong-unit", 1)]), Report("/agreement/0/disagree", "0")],
    ),
    row(
        "contradictions/xyxy-bbox-blames-via",
        "validate .",
        1,
        &[Found(&[("corners-as-size", 1)]), Report("/agreement/0/disagree", "0")],
    ),
    row(
        "contradictions/one-class-renamed-floods",
        "validate .",
        1,
        &[Found(&[("class-renamed", 1)]), Says(&["60 of 90 objects", "\"a\" is \"A\" here"])],
    ),
    row(
        "contradictions/own-split",
        "convert coco.json --to yolo --task segment --multipart split -o seg --overwrite && \
         validate .",
        0,
        &[Report("/agreement/0/disagree", "0"), Report("/summary/errors", "0")],
    ),
    row(
        "contradictions/sample-negatives",
        "validate .",
        0,
        &[Report("/agreement/0/agree", "256"), Report("/summary/errors", "0")],
    ),
    row(
        "contradictions/shape-lost-silent",
        "validate .",
        1,
        &[Found(&[("shape-absent", 2)]), Says(&["coco.json:1:156", "coco.json:1:290"])],
    ),
    row(
        "contradictions/vertex-silent",
        "validate .",
        1,
        &[Found(&[("shape-changed", 1)]), Says(&["via.json:1:205"])],
    ),
    row(
        "contradictions/vertex-silent",
        "validate --coco coco.json --vgg via.json",
        1,
        &[Found(&[("shape-changed", 1)])],
    ),
    row(
        "contradictions/via-shape-flip",
        "validate .",
        1,
        &[Found(&[("shape-changed", 1)]), Says(&["VGG", "0 of 6"])],
    ),
    // Rings of no area are left out, as boxes of no size are.
    row(
        "contradictions/degenerate-rows",
        "convert coco.json --to yolo --task segment -o out",
        0,
        &[Count(1, 2, 0), Lost(&[("empty-shape", 2)])],
    ),
    // A width of 0.25 of 500 is 0.0005, which C prints as 0.001 with three decimals.
    row(
        "contradictions/half-unit",
        "convert coco.json --to yolo -o out --precision 3",
        0,
        &[Count(1, 1, 1), Text("out/a.txt", "0 0.200 0.218 0.001 0.019")],
    ),
    row(
        "contradictions/joined-area",
        "convert coco.json --to vgg -o joined.json && \
         convert joined.json --to coco --sizes coco.json -o out.json",
        0,
        &[At("out.json", "/annotations/0/area", "786")],
    ),
    row(
        "contradictions/label-in-other-split",
        "validate .",
        1,
        &[Found(&[("label-elsewhere", 1)]), Says(&["labels/val/i0.txt", "labels/train/i0.txt"])],
    ),
    row(
        "contradictions/labels-all-malformed",
        "validate .",
        1,
        &[Found(&[("nothing-read", 1)]), NotFound(&["malformed"])],
    ),
    row(
        "contradictions/negative-zero",
        "convert coco.json --to yolo -o out --task segment",
        0,
        &[Text(
            "out/a.txt",
            "0 0.185141 0.000000 0.410906 0.000000 0.410906 0.513979 0.185141 0.513979",
        )],
    ),
    row(
        "contradictions/one-odd-name-stops-validate",
        "validate .",
        0,
        &[Report("/summary/errors", "0")],
    ),
    row("contradictions/perm-widened", "coco2vgg c.json -o out.json", 0, &[Count(1, 3, 3)]),
    row(
        "contradictions/segment-zero",
        "convert coco.json --to yolo -o out --task segment",
        0,
        &[Count(1, 1, 0), Lost(&[("improper-box", 1)])],
    ),
    row(
        "contradictions/split-classlists",
        "validate .",
        1,
        &[Found(&[("class-lists-differ", 1)]), Says(&["labels/val/classes.txt"])],
    ),
    row(
        "contradictions/yaml-vs-classes",
        "validate .",
        1,
        &[Finds(&["class-lists-differ"]), Says(&["data.yaml", "labels/classes.txt"])],
    ),
    row(
        "contradictions/yaml-vs-classes",
        "yolo2voc labels --images images -o out",
        2,
        &[Says(&["data.yaml", "labels/classes.txt", "--classes"]), Gone("out")],
    ),
];
