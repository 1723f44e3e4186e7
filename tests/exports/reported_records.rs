//! Cases after bug reports: records of COCO and VIA as the wild has them.

use crate::row::Check::{
    At, Boxes, Count, Finds, Found, Has, Inside, Lost, NotFound, NotLost, Rows, Says, Text,
    UniqueIds,
};
use crate::row::{Row, row};

// All images are of 200 x 100 pixels where nothing else is said: 10 10 20 20 is 0.1 0.2 0.1 0.2.
pub const ROWS: &[Row] = &[
    // Masks of 40 x 30: columns 10 to 19 of rows 5 to 14, and 22 to 29 of rows 5 to 24.
    row(
        "reported/01-cvat_masks_iscrowd",
        "convert a.json --to yolo --task segment --images images -o out",
        0,
        &[
            Count(1, 2, 0),
            Lost(&[("crowd", 2)]),
            Says(&["crowd", "--crowd keep"]),
            Text("out/f1.txt", ""),
        ],
    ),
    row(
        "reported/01-cvat_masks_iscrowd",
        "convert a.json --to yolo --crowd keep --images images -o out",
        0,
        &[
            Count(1, 2, 2),
            Lost(&[("crowd-as-object", 2)]),
            Rows(
                "out",
                "f1.txt",
                &["cell 0.375 0.333333 0.25 0.333333", "cell 0.65 0.5 0.2 0.666667"],
            ),
        ],
    ),
    row(
        "reported/02-ls_category_order",
        "coco2yolo a.json --images images -o out",
        0,
        &[
            Count(1, 2, 2),
            Text("out/classes.txt", "safe_b\nsafe_h\nn_b\nn_h"),
            Rows("out", "f1.txt", &["safe_b 0.1 0.2 0.1 0.2", "safe_h 0.3 0.2 0.1 0.2"]),
        ],
    ),
    row(
        "reported/03-roboflow_dup_category",
        "coco2yolo a.json --images images -o out && convert out --from yolo --images images --to coco -o back.json",
        0,
        &[
            Text("out/classes.txt", "fish\ntrap"),
            Rows("out", "f1.txt", &["fish 0.1 0.2 0.1 0.2", "trap 0.3 0.2 0.1 0.2"]),
            Boxes("back.json", &["f1.png fish 10 10 20 20", "f1.png trap 50 10 20 20"]),
        ],
    ),
    row(
        "reported/03-roboflow_dup_category",
        "convert a.json --to coco -o out.json",
        0,
        &[
            UniqueIds("out.json"),
            At("out.json", "/categories/1/name", "\"fish\""),
            At("out.json", "/categories/2/name", "\"trap\""),
            NotLost(&["classes-merged"]),
        ],
    ),
    row(
        "reported/03b-dup_category_both_used",
        "coco2yolo a.json --images images -o out",
        0,
        &[
            Count(1, 2, 2),
            Lost(&[("classes-merged", 1)]),
            Text("out/classes.txt", "fish\ntrap"),
            Rows("out", "f1.txt", &["fish 0.1 0.2 0.1 0.2", "fish 0.3 0.2 0.1 0.2"]),
        ],
    ),
    row(
        "reported/03b-dup_category_both_used",
        "coco2yolo a.json --images images -o out && yolo2voc out --images images -o back",
        0,
        &[Count(1, 2, 2), Has("back/f1.xml", &["<name>fish</name>"])],
    ),
    row(
        "reported/03b-dup_category_both_used",
        "convert a.json --to voc --images images -o out",
        0,
        &[Count(1, 2, 2), Lost(&[("classes-merged", 1)])],
    ),
    row(
        "reported/03b-dup_category_both_used",
        "convert a.json --to vgg --images images -o out.json",
        0,
        &[Count(1, 2, 2), Lost(&[("classes-merged", 1)])],
    ),
    row(
        "reported/03b-dup_category_both_used",
        "validate .",
        1,
        &[Found(&[("duplicate-class", 1)])],
    ),
    row(
        "reported/04-negative_keypoints_pose",
        "coco2yolo a.json --images images -o out",
        0,
        &[
            Count(1, 2, 1),
            Lost(&[("no-box", 1), ("polygon-as-box", 1)]),
            Says(&["keypoints"]),
            Rows("out", "f1.txt", &["horse 0.25 0.45 0.3 0.7"]),
        ],
    ),
    row("reported/04-negative_keypoints_pose", "validate .", 1, &[Found(&[("missing-member", 1)])]),
    // No case.md: the box is kept, and that keypoints are not is said.
    row(
        "reported/75-no_iscrowd_no_cat_pose",
        "coco2yolo a.json --images images -o out",
        0,
        &[Count(1, 1, 1), Says(&["keypoints"]), Rows("out", "a.txt", &["person 0.2 0.4 0.3 0.6"])],
    ),
    // Rings of 256 x 256 pixels: 20 20 to 80 80, and 100 100 to 140 140.
    row(
        "reported/15-spurious_point_ring",
        "convert a.json --to yolo --task segment --images images -o out",
        0,
        &[
            Count(1, 3, 2),
            Lost(&[("empty-shape", 1), ("parts-dropped", 2)]),
            Rows(
                "out",
                "a.txt",
                &[
                    "x 0.078125 0.078125 0.3125 0.078125 0.3125 0.3125 0.078125 0.3125",
                    "x 0.390625 0.390625 0.546875 0.390625 0.546875 0.546875 0.390625 0.546875",
                ],
            ),
        ],
    ),
    row("reported/15-spurious_point_ring", "validate .", 1, &[Found(&[("few-points", 3)])]),
    row(
        "reported/16-duplicate_ann_ids",
        "convert a.json --to yolo --images images -o out",
        0,
        &[Count(2, 3, 3)],
    ),
    row(
        "reported/16-duplicate_ann_ids",
        "convert a.json --to coco -o out.json",
        0,
        &[
            Count(2, 3, 3),
            Lost(&[("duplicate-id", 1)]),
            Boxes(
                "out.json",
                &["a.png bottle 10 10 20 20", "b.png can 50 20 30 40", "b.png bottle 1 2 30 40"],
            ),
        ],
    ),
    row("reported/16-duplicate_ann_ids", "validate a.json", 1, &[Found(&[("duplicate-id", 1)])]),
    row(
        "reported/17-via_coco_no_category",
        "convert a.json --to yolo --images images -o out",
        0,
        &[Count(1, 2, 2), Lost(&[("unlabelled", 2)]), Text("out/classes.txt", "object")],
    ),
    row(
        "reported/17-via_coco_no_category",
        "convert a.json --to coco -o out.json",
        0,
        &[
            Count(1, 2, 2),
            Lost(&[("unlabelled", 2)]),
            Boxes("out.json", &["img1.png object 20 20 60 60", "img1.png object 120 20 60 60"]),
        ],
    ),
    row(
        "reported/17-via_coco_no_category",
        "validate a.json --fail-on never",
        0,
        &[Finds(&["absent-member"]), Says(&["category_id"])],
    ),
    row(
        "reported/17b-via_coco_null_category_named",
        "convert a.json --to yolo --task segment --images images -o out",
        0,
        &[
            Count(1, 2, 1),
            Lost(&[("no-category", 1)]),
            Rows("out", "img1.txt", &["crab 0.6 0.2 0.9 0.2 0.9 0.8"]),
        ],
    ),
    // VIA's list of numbers is no list of rings, for pycocotools: an error.
    row(
        "reported/17b-via_coco_null_category_named",
        "validate .",
        1,
        &[Found(&[("no-class", 1)]), Finds(&["malformed", "string-number"])],
    ),
    row(
        "reported/19-via_missing_brace",
        "convert via.json --to coco -o out.json",
        2,
        &[Says(&["via.json:2:1", "end of the file"])],
    ),
    row("reported/19-via_missing_brace", "validate via.json", 1, &[Found(&[("unreadable", 1)])]),
    row(
        "reported/28-nulls",
        "coco2yolo a.json --images images -o out",
        2,
        &[Says(&["a.json:30:", "null"])],
    ),
    row("reported/28-nulls", "validate .", 1, &[Found(&[("malformed", 2)])]),
    row(
        "reported/28-nulls",
        "convert a.json --to yolo --task segment --on-error skip --images images -o out",
        0,
        &[Count(1, 3, 1), Lost(&[("unreadable", 2)]), Says(&["a.json:30:"])],
    ),
    row(
        "reported/36-via_csv_negatives",
        "convert via.csv --to yolo --images images -o out",
        0,
        &[
            Count(2, 2, 2),
            Lost(&[("clipped", 2), ("polygon-as-box", 1)]),
            // 0 10 to 15 40, and 150 10 to 200 90, the border.
            Rows("out", "a.txt", &["bee 0.0375 0.25 0.075 0.3", "bee 0.875 0.5 0.25 0.8"]),
            Text("out/b.txt", ""),
        ],
    ),
    row(
        "reported/36-via_csv_negatives",
        "convert via.csv --to coco --images images -o out.json",
        0,
        &[Count(2, 2, 2), Boxes("out.json", &["a.png bee -5 10 20 30", "a.png bee 150 10 80 80"])],
    ),
    row(
        "reported/37-four_number_ring",
        "convert a.json --to yolo --task segment --images images -o out",
        2,
        &[Says(&["a.json:53:", "7"])],
    ),
    row(
        "reported/37-four_number_ring",
        "validate .",
        1,
        &[Found(&[("malformed", 1), ("few-points", 1)])],
    ),
    row(
        "reported/40-coco_normalized",
        "coco2yolo a.json --images images -o out",
        0,
        &[Count(2, 3, 3)],
    ),
    row("reported/41-coco_xyxy", "coco2yolo a.json --images images -o out", 0, &[Count(2, 3, 3)]),
    row("reported/41-coco_xyxy", "validate a.json", 1, &[Finds(&["corners-as-size"])]),
    row(
        "reported/42-bbox5",
        "coco2yolo a.json --images images -o out",
        2,
        &[Says(&["a.json:22:", "bbox", "5"])],
    ),
    row("reported/42-bbox5", "validate .", 1, &[Found(&[("malformed", 1)])]),
    row(
        "reported/44-edge_rounding",
        "coco2yolo a.json --images images -o out",
        0,
        &[Count(1, 6, 5), Lost(&[("improper-box", 1), ("clipped", 3)]), Inside("out/a.txt")],
    ),
    row(
        "reported/44-edge_rounding",
        "coco2yolo a.json --precision 3 --images images -o out",
        0,
        &[Inside("out/a.txt")],
    ),
    row(
        "reported/46-hole_bridge",
        "convert a.json --to yolo --task segment --images images -o out",
        0,
        &[Count(1, 1, 1), Lost(&[("mask-as-polygon", 1)])],
    ),
    row(
        "reported/46-hole_bridge",
        "convert a.json --to yolo --task segment --holes fill --images images -o out",
        0,
        &[Count(1, 1, 1), Lost(&[("mask-as-polygon", 1), ("holes-filled", 1)])],
    ),
    row(
        "reported/46-hole_bridge",
        "coco2vgg a.json --holes fill --images images -o out.json",
        0,
        &[Lost(&[("holes-filled", 1)])],
    ),
    row(
        "reported/73-multi_rings_hole",
        "convert a.json --to yolo --task segment --images images -o out",
        0,
        &[Count(1, 1, 1), Lost(&[("parts-joined", 1)])],
    ),
    row(
        "reported/47-coco_annotator_empty_categories",
        "coco2yolo a.json --images images -o out",
        2,
        &[Says(&["a.json:11:", "category_id", "3"])],
    ),
    row(
        "reported/47-coco_annotator_empty_categories",
        "validate .",
        1,
        &[Found(&[("missing-reference", 2)])],
    ),
    // No case.md for the first two: lists in place of objects.
    row(
        "reported/62b-positional",
        "coco2yolo a.json --images images -o out",
        2,
        &[Says(&["a.json", "/images/0", "object"])],
    ),
    row(
        "reported/62c-positional_ann",
        "coco2yolo a.json --images images -o out",
        2,
        &[Says(&["a.json", "/annotations/0", "object"])],
    ),
    row(
        "reported/62d-positional_full",
        "coco2yolo a0.json --images images -o out",
        2,
        &[Says(&["a0.json", "/annotations/0", "object"])],
    ),
    row(
        "reported/62d-positional_full",
        "coco2yolo a2.json --images images -o out",
        2,
        &[Says(&["a2.json", "/annotations/0", "object"])],
    ),
    row(
        "reported/62d-positional_full",
        "coco2yolo a6.json --images images -o out",
        2,
        &[Says(&["a6.json", "/annotations/0", "object"])],
    ),
    row("reported/62d-positional_full", "validate .", 1, &[Found(&[("malformed", 7)])]),
    row(
        "reported/63-strings_for_numbers",
        "coco2yolo a.json --images images -o out",
        0,
        &[Count(1, 1, 1), Rows("out", "a.txt", &["x 0.1 0.2 0.1 0.2"])],
    ),
    row(
        "reported/63-strings_for_numbers",
        "convert a.json --to voc -o out",
        0,
        &[Has("out/a.xml", &["<width>200</width>", "<xmax>30</xmax>"])],
    ),
    row(
        "reported/63-strings_for_numbers",
        "validate .",
        0,
        &[Finds(&["string-number"]), NotFound(&["malformed", "missing-reference"])],
    ),
    row(
        "reported/64-segmentation_pairs",
        "coco2yolo a.json --images images -o out",
        0,
        &[Count(1, 1, 1), Rows("out", "a.txt", &["x 0.1 0.2 0.1 0.2"])],
    ),
    row(
        "reported/64-segmentation_pairs",
        "convert a.json --to yolo --task segment --images images -o out",
        2,
        &[Says(&["a.json:26:", "/annotations/0"])],
    ),
    row("reported/64-segmentation_pairs", "validate .", 1, &[Found(&[("malformed", 1)])]),
    // No case.md: numbers as strings, and an empty length of the file.
    row(
        "reported/77-via_size_zero_or_string",
        "convert via.json --to coco --images images -o out.json",
        0,
        &[Count(1, 1, 1), Boxes("out.json", &["a.png x 10 12 20 30"])],
    ),
    // No case.md: three x and two y, and a region without a shape.
    row(
        "reported/78-via_polygon_missing_points",
        "convert via.json --to coco --images images -o out.json",
        2,
        &[Says(&["via.json:7:", "region 0", "3", "2"])],
    ),
    row("reported/78-via_polygon_missing_points", "validate .", 1, &[Finds(&["malformed"])]),
];
