//! Cases after bug reports: class lists, formats that are known by name only, encodings.

use crate::row::Check::{
    Boxes, Count, Finds, Found, Has, Lost, NotFound, Report, Rows, Says, Silent, Text,
};
use crate::row::{Row, row};

// All images are of 200 x 100 pixels where nothing else is said: 0.5 0.5 0.1 0.2 is the box
// 90 40 20 20.
pub const ROWS: &[Row] = &[
    row(
        "reported/06-names_gap",
        "convert labels --from yolo --to coco --images images -o out.json",
        2,
        &[Says(&["data.yaml", "names", "2", "3"])],
    ),
    row("reported/06-names_gap", "validate .", 1, &[Found(&[("malformed", 1)])]),
    row(
        "reported/07-yaml_names_is_path",
        "convert labels --from yolo --to voc --images images -o out",
        0,
        &[Count(1, 1, 1), Has("out/a.xml", &["<name>TEST</name>"])],
    ),
    row(
        "reported/08-labels_one_based",
        "convert labels --from yolo --to voc --images images -o out",
        2,
        &[Says(&["labels/c.txt:1:1", "3"])],
    ),
    row("reported/08-labels_one_based", "validate .", 1, &[Found(&[("unknown-class", 1)])]),
    // The third row is that of the class that the list does not name.
    row(
        "reported/08-labels_one_based",
        "convert labels --from yolo --to coco --images images --on-error skip -o out.json",
        0,
        &[Count(3, 3, 2), Lost(&[("unreadable", 1)]), Says(&["c.txt"])],
    ),
    row(
        "reported/60-yaml_norway",
        "convert labels --from yolo --to coco --images images -o out.json",
        2,
        &[Says(&["data.yaml:4", "yes", "quote"])],
    ),
    row("reported/60-yaml_norway", "validate .", 1, &[Finds(&["malformed"]), Says(&["quote"])]),
    // No case.md: numbers are names, as Ultralytics takes them.
    row(
        "reported/60b-yaml_int_names",
        "convert labels --from yolo --to coco --images images -o out.json",
        0,
        &[Count(1, 1, 1), Boxes("out.json", &["*a.png 1 90 40 20 20"])],
    ),
    row(
        "reported/60c-yaml_bool_names",
        "convert labels --from yolo --to coco --images images -o out.json",
        2,
        &[Says(&["data.yaml:3", "yes", "quote"])],
    ),
    row(
        "reported/60d-yaml_null_name",
        "convert labels --from yolo --to coco --images images -o out.json",
        2,
        &[Says(&["data.yaml:", "name", "1"])],
    ),
    row(
        "reported/60f-yaml_names_string",
        "convert labels --from yolo --to coco --images images -o out.json",
        2,
        &[Says(&["data.yaml:2", "names", "cat, dog"])],
    ),
    row(
        "reported/61-yaml_backslash",
        "convert labels --from yolo --to coco --images images -o out.json",
        2,
        &[Says(&["data.yaml:1:8", "escape"])],
    ),
    row(
        "reported/21-conf_second_column",
        "convert labels --from yolo --to coco --images images -o out.json",
        0,
        &[Count(1, 2, 2)],
    ),
    row(
        "reported/21-conf_second_column",
        "validate .",
        0,
        &[Found(&[("score-in-labels", 2), ("beyond-border", 2)])],
    ),
    row(
        "reported/22-absolute_named_rows",
        "convert labels --from yolo --to coco --images images -o out.json",
        2,
        &[Says(&["labels/a.txt:1:1", "bottles"])],
    ),
    row(
        "reported/22-absolute_named_rows",
        "convert . --to coco -o out.json",
        2,
        &[Says(&["labels/a.txt:1:1", "bottles"])],
    ),
    row("reported/22-absolute_named_rows", "validate .", 1, &[Says(&["labels/a.txt", "bottles"])]),
    row(
        "reported/51-json_class_labels_yolo_int",
        "convert labels --from yolo --to coco --images images -o out.json",
        2,
        &[Says(&["labels/a.txt:1:1", "car"])],
    ),
    row(
        "reported/51-json_class_labels_yolo_int",
        "convert labels --to coco --images images -o out.json",
        2,
        &[Says(&["a.txt", "car"])],
    ),
    // Rows in pixels are far outside of every image, whatever the target.
    row(
        "reported/23-pixel_yolo_rows",
        "convert labels --from yolo --to coco --images images -o out.json",
        0,
        &[Count(1, 1, 0), Lost(&[("outside-image", 1)]), Boxes("out.json", &[])],
    ),
    row(
        "reported/23-pixel_yolo_rows",
        "convert labels --from yolo --to vgg --images images -o out.json",
        0,
        &[Count(1, 1, 0), Lost(&[("outside-image", 1)])],
    ),
    row(
        "reported/23-pixel_yolo_rows",
        "convert labels --from yolo --to voc --images images -o out",
        0,
        &[Count(1, 1, 0), Lost(&[("outside-image", 1)])],
    ),
    row(
        "reported/23-pixel_yolo_rows",
        "validate .",
        1,
        &[
            Found(&[("not-a-fraction", 1)]),
            NotFound(&["outside-image", "beyond-border"]),
            Says(&["look like pixels"]),
        ],
    ),
    row(
        "reported/30-labelme",
        "convert a.json --to yolo --images images -o out",
        0,
        &[Count(1, 2, 2), Lost(&[("polygon-as-box", 1)])],
    ),
    row(
        "reported/30-labelme",
        "convert a.json --to coco -o out.json",
        0,
        &[Count(1, 2, 2), Boxes("out.json", &["a.png food 10 10 40 50", "a.png food 60 10 30 50"])],
    ),
    row("reported/30-labelme", "validate .", 0, &[Says(&["labelme", "no findings"])]),
    row(
        "reported/50-dota",
        "convert labelTxt --to yolo --images images -o out",
        2,
        &[Says(&["DOTA"])],
    ),
    row("reported/65-via3", "convert via3.json --to coco -o out.json", 2, &[Says(&["VIA 3"])]),
    row(
        "reported/65-via3",
        "convert via3.json --from vgg --to coco -o out.json",
        2,
        &[Says(&["VIA 3"])],
    ),
    row("reported/65-via3", "validate .", 2, &[Says(&["VIA 3"])]),
    row(
        "reported/49-obb_to_voc",
        "convert labels --to voc --images images -o out",
        2,
        &[Says(&["labels/a.txt:1:1", "oriented", "--task segment"])],
    ),
    row(
        "reported/49-obb_to_voc",
        "convert labels --to voc --task segment --images images -o out",
        0,
        &[
            Count(1, 2, 2),
            Lost(&[("polygon-as-box", 2)]),
            // The first polygon reaches from 0.3 to 0.6 of 200, and from 0.3 to 0.6 of 100.
            Has("out/a.xml", &["<xmin>60</xmin>", "<xmax>120</xmax>", "<ymax>60</ymax>"]),
        ],
    ),
    row(
        "reported/71-pose_rows",
        "convert labels --to coco --images images -o out.json",
        2,
        &[Says(&["labels/a.txt:1:1", "pose"])],
    ),
    row(
        "reported/71-pose_rows",
        "convert labels --to coco --task segment --images images -o out.json",
        2,
        &[Says(&["pose"])],
    ),
    row("reported/71-pose_rows", "validate .", 1, &[Says(&["pose"])]),
    // No case.md: `kpt_shape` says that these are poses, so they are no polygons either.
    row(
        "reported/71b-pose_rows_xy",
        "convert labels --to coco --images images -o out.json",
        2,
        &[Says(&["labels/a.txt:1:1", "pose"])],
    ),
    row(
        "reported/71b-pose_rows_xy",
        "convert labels --to coco --task segment --images images -o out.json",
        2,
        &[Says(&["pose"])],
    ),
    row("reported/71b-pose_rows_xy", "validate .", 1, &[Says(&["pose"])]),
    // XML declares its encoding; a text file cannot.
    row(
        "reported/52-gbk_xml",
        "convert voc --to coco -o out.json",
        0,
        &[Boxes("out.json", &["a.png 猫 1 2 29 38"])],
    ),
    row(
        "reported/52-gbk_xml",
        "convert voc --from voc --to yolo --images images -o out",
        0,
        &[Text("out/classes.txt", "猫"), Rows("out", "a.txt", &["猫 0.0775 0.21 0.145 0.38"])],
    ),
    row(
        "reported/52-gbk_xml",
        "convert labels --to coco --images images -o out.json",
        2,
        &[Says(&["classes.txt", "UTF-8"])],
    ),
    row(
        "reported/53-bom_everything",
        "convert labels --to coco --images images -o out.json",
        0,
        &[Boxes("out.json", &["*a.png car 90 40 20 20"])],
    ),
    row(
        "reported/53-bom_everything",
        "convert c/a.json --to yolo --images images -o out",
        0,
        &[Text("out/classes.txt", "car\nbus"), Rows("out", "a.txt", &["car 0.5 0.5 0.1 0.2"])],
    ),
    row(
        "reported/53-bom_everything",
        "validate .",
        0,
        &[
            NotFound(&["malformed", "unreadable"]),
            Report("/inputs/0/annotations", "1"),
            Report("/inputs/1/annotations", "1"),
        ],
    ),
    row("reported/26-captions", "coco2yolo captions.json -o out", 2, &[Says(&["box", "shape"])]),
    row(
        "reported/26-captions",
        "validate captions.json",
        2,
        &[Says(&["box", "shape"]), Silent(&["fractions"])],
    ),
];
