//! Small datasets that contradict themselves in one way each.

use crate::row::Check::{Finds, Found, NotFound, Report, Says};
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
];
