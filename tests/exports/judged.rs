//! What `validate` says of cases that are about one format by itself.

use crate::row::Check::{Found, NotFound, Says};
use crate::row::{Row, row};

pub const ROWS: &[Row] = &[
    row(
        "exports/explicit",
        "validate --coco coco.json --yolo labels",
        1,
        &[
            Found(&[
                ("inverted", 1),
                ("not-a-fraction", 1),
                ("not-judged", 1),
                ("unknown-class", 1),
            ]),
            Says(&["labels/b.txt:2:1", "labels/b.txt:2:3", "--images DIR"]),
        ],
    ),
    row(
        "exports/label-only",
        "validate .",
        1,
        &[
            Found(&[
                ("inverted", 1),
                ("malformed", 1),
                ("not-a-fraction", 1),
                ("not-judged", 1),
                ("unknown-class", 1),
            ]),
            Says(&["labels/b.txt:3:1"]),
        ],
    ),
    row("exports/cvat-mask", "validate .", 0, &[Found(&[("all-crowd", 1)])]),
    row(
        "reported/01-cvat_masks_iscrowd",
        "validate a.json",
        0,
        &[Found(&[("all-crowd", 1)]), Says(&["2 of 2 annotations are crowds"])],
    ),
    row(
        "exports/twice",
        "validate coco.json",
        1,
        &[Found(&[("image-twice", 1)]), NotFound(&["shared-label", "image-missing"])],
    ),
    row(
        "reported/38-voc_name_spaces",
        "validate voc",
        0,
        &[Found(&[("class-names-alike", 1)]), Says(&["\"Cat\", \"cat\", \"cat \""])],
    ),
    row(
        "reported/39-voc_stale_filename",
        "validate .",
        0,
        &[Found(&[("name-differs", 2)]), Says(&["images/0001.png"]), NotFound(&["image-missing"])],
    ),
    row(
        "reported/40-coco_normalized",
        "validate a.json",
        0,
        &[Found(&[("below-a-pixel", 1)]), Says(&["look like fractions"])],
    ),
    // The labels lie where the images do, whatever folder the names state.
    row(
        "reported/58b-prefix_folder",
        "coco2yolo a.json --images images -o labels && validate .",
        0,
        &[NotFound(&["label-elsewhere", "image-missing", "label-without-image", "name-differs"])],
    ),
    row(
        "reported/67-coco_wrong_ext",
        "validate .",
        0,
        &[
            Found(&[("name-differs", 2)]),
            Says(&["images/000001.png"]),
            NotFound(&["image-missing"]),
        ],
    ),
];
