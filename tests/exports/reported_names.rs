//! Cases after bug reports: image names that differ from the files' names, and where the label
//! of a found image goes.

use crate::row::Check::{
    Boxes, Count, Files, Finds, Found, Gone, Lost, Negatives, NotFound, NotLost, Report, Rows,
    Says, Somewhere, Text,
};
use crate::row::{Row, row};

// All images are of 200 x 100 pixels where nothing else is said: the box 10 10 20 20 is
// 0.1 0.2 0.1 0.2, and 50 20 30 40 is 0.325 0.4 0.15 0.4.
pub const ROWS: &[Row] = &[
    row(
        "reported/20-backslash_file_name",
        "coco2yolo a.json --images images -o out",
        0,
        &[
            Count(3, 3, 3),
            Lost(&[("name-matched", 3)]),
            NotLost(&["image-not-found"]),
            Negatives(0),
            Files("out", &["12.txt", "158.txt", "cb06-x.1.txt", "classes.txt"]),
            Rows("out", "158.txt", &["x 0.1 0.2 0.1 0.2"]),
            Rows("out", "12.txt", &["x 0.325 0.4 0.15 0.4"]),
            Rows("out", "cb06-x.1.txt", &["x 0.325 0.4 0.15 0.4"]),
        ],
    ),
    row(
        "reported/20-backslash_file_name",
        "coco2vgg a.json --images images -o out.json",
        0,
        &[Count(3, 3, 3), NotLost(&["image-not-found", "bytes-unknown"]), Negatives(0)],
    ),
    row(
        "reported/20-backslash_file_name",
        "convert a.json --to voc --images images -o out",
        0,
        &[
            Count(3, 3, 3),
            Somewhere("out", "158.xml", "<filename>158.png</filename>"),
            Somewhere("out", "12.xml", "<xmax>80</xmax>"),
        ],
    ),
    // The first name leads outside of the folder, and no image is there that it may mean.
    row(
        "reported/20-backslash_file_name",
        "rm images/158.png && coco2yolo a.json --images images -o out",
        2,
        &[Says(&["158.png"])],
    ),
    row(
        "reported/20-backslash_file_name",
        "validate .",
        0,
        &[Finds(&["illegal-name"]), NotFound(&["image-missing"])],
    ),
    // The labels state no image name: a.txt is that of a.PNG, and nothing has to be guessed.
    row(
        "reported/24-extensions",
        "convert labels --from yolo --to coco --images images -o out.json",
        0,
        &[
            Count(4, 4, 4),
            Boxes(
                "out.json",
                &[
                    "*a.PNG x 90 40 20 20",
                    "*b.JPG x 90 40 20 20",
                    "*c.jpeg x 90 40 20 20",
                    "*d.JPEG x 90 40 20 20",
                ],
            ),
            NotLost(&["image-not-found"]),
            Negatives(0),
        ],
    ),
    row("reported/24-extensions", "validate .", 0, &[NotFound(&["image-missing", "malformed"])]),
    row(
        "reported/33-url_names",
        "coco2yolo a.json --images images -o out",
        0,
        &[
            Count(3, 3, 3),
            Lost(&[("name-matched", 3)]),
            Negatives(0),
            Files("out", &["ab12-cat.txt", "classes.txt", "dog one.txt", "x9.txt"]),
            Rows("out", "x9.txt", &["x 0.1 0.4 0.15 0.4"]),
        ],
    ),
    row(
        "reported/33-url_names",
        "rm images/x9.png && coco2yolo a.json --images images -o out",
        2,
        &[Says(&["/data/local-files/?d=images/x9.png"])],
    ),
    row(
        "reported/39-voc_stale_filename",
        "convert voc --to yolo --images images -o out",
        0,
        &[
            Count(2, 2, 2),
            Lost(&[("name-matched", 2)]),
            NotLost(&["image-not-found"]),
            Negatives(0),
            Files("out", &["0001.txt", "0002.txt", "classes.txt"]),
            // 10 10 20 20 are corners: of 200 x 100 and of 300 x 100 pixels.
            Rows("out", "0001.txt", &["m 0.075 0.15 0.05 0.1"]),
            Rows("out", "0002.txt", &["m 0.05 0.15 0.033333 0.1"]),
        ],
    ),
    row(
        "reported/39-voc_stale_filename",
        "convert voc --to yolo --name-by file --images images -o out",
        0,
        &[Count(2, 2, 2), Files("out", &["0001.txt", "0002.txt", "classes.txt"]), Negatives(0)],
    ),
    row(
        "reported/39b-voc_same_filename",
        "convert voc --to yolo --images images -o out",
        2,
        &[Says(&["0001.xml", "0002.xml", "--name-by"])],
    ),
    row(
        "reported/39b-voc_same_filename",
        "convert voc --to coco -o out.json",
        2,
        &[Says(&["0001.xml", "0002.xml", "--name-by"])],
    ),
    row(
        "reported/39b-voc_same_filename",
        "convert voc --to yolo --name-by file --images images -o out",
        0,
        &[
            Files("out", &["0001.txt", "0002.txt", "classes.txt"]),
            Rows("out", "0002.txt", &["m 0.175 0.15 0.05 0.1"]),
        ],
    ),
    row(
        "reported/39b-voc_same_filename",
        "validate .",
        1,
        &[Says(&["0001.xml", "0002.xml"]), NotFound(&["same-but-case"])],
    ),
    row(
        "reported/39d-voc_winpath",
        "convert voc --to yolo --images images -o out",
        0,
        &[
            Count(1, 1, 1),
            Files("out", &["0001.txt", "classes.txt"]),
            Rows("out", "0001.txt", &["m 0.075 0.15 0.05 0.1"]),
        ],
    ),
    row(
        "reported/58-url_name",
        "coco2yolo a.json --images images -o out",
        0,
        &[
            Count(1, 1, 1),
            Lost(&[("name-matched", 1)]),
            Negatives(0),
            Files("out", &["ab12-cat.txt", "classes.txt"]),
            Rows("out", "ab12-cat.txt", &["x 0.1 0.2 0.1 0.2"]),
        ],
    ),
    row(
        "reported/58-url_name",
        "rm images/ab12-cat.png && coco2yolo a.json --images images -o out",
        2,
        &[Says(&["http://localhost:8080/data/upload/1/ab12-cat.png"])],
    ),
    row(
        "reported/58b-prefix_folder",
        "coco2yolo a.json --images images -o labels",
        0,
        &[
            Count(2, 2, 2),
            Lost(&[("name-matched", 2)]),
            Files("labels", &["0.txt", "1.txt", "classes.txt"]),
            Rows("labels", "0.txt", &["x 0.1 0.2 0.1 0.2"]),
            Negatives(0),
        ],
    ),
    // The images are where the file says, from its own folder.
    row(
        "reported/58c-ls_images_prefix",
        "coco2yolo result.json --images images -o labels",
        0,
        &[
            Count(2, 2, 2),
            NotLost(&["image-not-found"]),
            Files("labels", &["ab-0.txt", "cd-1.txt", "classes.txt"]),
            Rows("labels", "cd-1.txt", &["x 0.1 0.2 0.1 0.2"]),
            Negatives(0),
        ],
    ),
    row(
        "reported/58c-ls_images_prefix",
        "coco2yolo result.json --images images -o labels && validate .",
        0,
        &[
            NotFound(&["image-missing", "label-missing", "object-missing"]),
            Report("/agreement/0/agree", "2"),
        ],
    ),
    row(
        "reported/59-percent_name",
        "coco2yolo a.json --images images -o out",
        0,
        &[
            Count(1, 1, 1),
            Lost(&[("name-matched", 1)]),
            NotLost(&["image-not-found"]),
            Negatives(0),
            Files("out", &["classes.txt", "dog one.txt"]),
            Rows("out", "dog one.txt", &["x 0.1 0.2 0.1 0.2"]),
        ],
    ),
    row(
        "reported/67-coco_wrong_ext",
        "coco2yolo a.json --images images -o out",
        0,
        &[
            Count(2, 1, 1),
            Lost(&[("name-matched", 2)]),
            NotLost(&["image-not-found"]),
            Negatives(0),
            Files("out", &["000001.txt", "000002.txt", "classes.txt"]),
            Rows("out", "000001.txt", &["x 0.1 0.2 0.1 0.2"]),
            Text("out/000002.txt", ""),
        ],
    ),
    row(
        "reported/67-coco_wrong_ext",
        "coco2vgg a.json --images images -o out.json",
        0,
        &[
            Count(2, 1, 1),
            Lost(&[("name-matched", 2)]),
            NotLost(&["bytes-unknown", "image-not-found"]),
            Negatives(0),
        ],
    ),
    row(
        "reported/74-csv_like_bbox_area_swap",
        "coco2yolo a.json --images images -o out",
        0,
        &[
            Count(1, 1, 0),
            Lost(&[("outside-image", 1), ("size-differs", 1)]),
            Text("out/a.txt", ""),
        ],
    ),
    row("reported/74-csv_like_bbox_area_swap", "validate .", 1, &[Found(&[("sides-swapped", 1)])]),
    row(
        "reported/48-image_id_zero_padded",
        "coco2yolo a.json --images images -o out",
        2,
        &[Says(&["a.json:11:", "image_id", "007"]), Gone("out")],
    ),
    row("reported/48-image_id_zero_padded", "validate .", 1, &[Found(&[("missing-reference", 1)])]),
    row(
        "reported/25-item_id",
        "coco2yolo a.json --images images -o out",
        2,
        &[Says(&["a.json:23:", "image_id"])],
    ),
    row("reported/25-item_id", "validate .", 1, &[Found(&[("missing-member", 1)])]),
];
