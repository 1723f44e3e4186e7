//! What is said of malformed records: the thing, the place, and words that a user knows.

use super::list::{read_category, read_image};
use super::members::{CocoAnnotation, CocoReference, CocoResult};
use crate::error::Error;
use crate::json::JsonFile;

/// Words of the parser, which no message has.
const INTERNALS: [&str; 12] = [
    "invalid type",
    "invalid value",
    "expected u32",
    "f64",
    "missing field",
    "untagged",
    "struct",
    "trailing characters",
    "sequence",
    "unit",
    "integer `",
    "string \"",
];

/// The error about the one record of a list, which starts at line 2, column 1. It is told as it
/// is found: by the pass over the file, or when the record is decoded.
fn message(list: &str, record: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    std::fs::write(&path, format!("[\n{record}]")).unwrap();
    let file = JsonFile::read(&path).unwrap();
    let (spans, _) = file.elements(&file.span());
    let (span, thing) = (&spans[0], format!("/{list}/0"));
    let read = |file: &JsonFile| -> Result<(), Error> {
        match list {
            "images" => read_image(file, 0, span).map(drop),
            "categories" => read_category(file, 0, span).map(drop),
            "annotations" => {
                file.element::<CocoReference>(span, &thing)?;
                file.element::<CocoAnnotation>(span, &thing).map(drop)
            }
            _ => file.element::<CocoResult>(span, "/0").map(drop),
        }
    };
    let message = read(&file).unwrap_err().to_string();
    message.rsplit_once("a.json:").unwrap().1.to_owned()
}

const IMAGES: &[(&str, &str)] = &[
    (
        r#"[1, "a.png", 200, 100]"#,
        "2:1: /images/0: expected an object with members (id, file_name, …), found a list",
    ),
    ("5", "2:1: /images/0: expected an object with members (id, file_name, …), found 5"),
    ("null", "2:4: /images/0: expected an object with members (id, file_name, …), found null"),
    (r#"{"file_name": "a.png"}"#, "2:22: /images/0: expected a member `id`, found none"),
    (r#"{"id": 1}"#, "2:9: /images/0: expected a member `file_name`, found none"),
    (
        r#"{"id": 1, "file_name": null}"#,
        "2:28: /images/0: expected a member `file_name`, found none",
    ),
    (r#"{"id": 1, "coco_url": 7}"#, "2:24: /images/0: expected a member `file_name`, found none"),
    (r#"{"id": 1, "file_name": 7}"#, "2:24: /images/0: expected a file name in quotes, found 7"),
    (
        r#"{"id": 1, "file_name": ["a.png"]}"#,
        "2:24: /images/0: expected a file name in quotes, found a list",
    ),
    (
        r#"{"id": true, "file_name": "a.png"}"#,
        "2:11: /images/0: expected an id: a whole number or a string, found true",
    ),
    (
        r#"{"id": 1, "file_name": "a.png", "width": "wide"}"#,
        r#"2:47: /images/0: expected a whole number of pixels, found "wide""#,
    ),
    (
        r#"{"id": 1, "file_name": "a.png", "width": 1.5}"#,
        "2:44: /images/0: expected a whole number of pixels, found 1.5",
    ),
    (
        r#"{"id": 1, "file_name": "a.png", "height": -3}"#,
        "2:44: /images/0: expected a whole number of pixels, found -3",
    ),
    (
        r#"{"id": 1, "file_name": "a.png", "height": {}}"#,
        "2:44: /images/0: expected a whole number of pixels, found an object",
    ),
    (
        r#"{"id": 1,, "file_name": "a.png"}"#,
        "2:10: /images/0: expected a name in quotes, found `,`",
    ),
    (
        r#"{"id": 1, "file_name": "a.png",}"#,
        "2:32: /images/0: expected more after the comma, found `}`",
    ),
    (r#"{"id": 1, 2: "a.png"}"#, "2:11: /images/0: expected a name in quotes, found `2`"),
];

const CATEGORIES: &[(&str, &str)] = &[
    (
        r#"[1, "x"]"#,
        "2:1: /categories/0: expected an object with members (id, name, …), found a list",
    ),
    (r#""x""#, r#"2:3: /categories/0: expected an object with members (id, name, …), found "x""#),
    (r#"{"id": 1}"#, "2:9: /categories/0: expected a member `name`, found none"),
    (r#"{"name": "x"}"#, "2:13: /categories/0: expected a member `id`, found none"),
    (r#"{"id": 1, "name": true}"#, "2:22: /categories/0: expected a name in quotes, found true"),
    (r#"{"id": 1, "name": null}"#, "2:22: /categories/0: expected a name in quotes, found null"),
    (
        r#"{"id": 1, "name": {"en": "x"}}"#,
        "2:19: /categories/0: expected a name in quotes, found an object",
    ),
    (
        r#"{"id": 1.5, "name": "x"}"#,
        "2:10: /categories/0: expected an id: a whole number or a string, found 1.5",
    ),
];

const ANNOTATIONS: &[(&str, &str)] = &[
    ("[]", "2:1: /annotations/0: expected an object with members (id, image_id, …), found a list"),
    (
        "[1, 1, 1]",
        "2:1: /annotations/0: expected an object with members (id, image_id, …), found a list",
    ),
    (
        "[\n 1,\n 1, 1, [10, 10, 20, 20]]",
        "2:1: /annotations/0: expected an object with members (id, image_id, …), found a list",
    ),
    ("7", "2:1: /annotations/0: expected an object with members (id, image_id, …), found 7"),
    (r#"{"id": 1}"#, "2:9: /annotations/0: expected a member `image_id`, found none"),
    (
        r#"{"image_id": true}"#,
        "2:17: /annotations/0: expected an id: a whole number or a string, found true",
    ),
    (
        r#"{"image_id": 1, "category_id": true}"#,
        "2:35: /annotations/0: expected an id: a whole number or a string, found true",
    ),
    (
        r#"{"image_id": 1, "bbox": [1, 2, 3, 4, 5]}"#,
        "2:39: /annotations/0: expected a bbox of 4 numbers [x, y, width, height], found 5",
    ),
    (
        "{\"image_id\": 1, \"bbox\": [1, 2, 3, 4, 5]\n}",
        "2:39: /annotations/0: expected a bbox of 4 numbers [x, y, width, height], found 5",
    ),
    (
        r#"{"image_id": 1, "bbox": [1, "abc", 3, 4]}"#,
        r#"2:33: /annotations/0: expected a number, found "abc""#,
    ),
    (
        r#"{"image_id": 1, "bbox": [1, "NaN", 3, 4]}"#,
        r#"2:33: /annotations/0: expected a number, found "NaN""#,
    ),
    (
        r#"{"image_id": 1, "bbox": [null, null, null, null]}"#,
        "2:29: /annotations/0: expected a number, found null",
    ),
    (
        r#"{"image_id": 1, "bbox": [[1, 2], [3, 4]]}"#,
        "2:26: /annotations/0: expected a number, found a list",
    ),
    (
        r#"{"image_id": 1, "bbox": {"x": 1}}"#,
        "2:25: /annotations/0: expected a bbox as a list [x, y, width, height], found an object",
    ),
    (
        r#"{"image_id": 1, "bbox": 4}"#,
        "2:25: /annotations/0: expected a bbox as a list [x, y, width, height], found 4",
    ),
    (
        r#"{"image_id": 1, "area": "big"}"#,
        r#"2:29: /annotations/0: expected a number, found "big""#,
    ),
    (r#"{"image_id": 1, "area": {}}"#, "2:26: /annotations/0: expected a number, found an object"),
    (
        r#"{"image_id": 1, "score": "Infinity"}"#,
        r#"2:35: /annotations/0: expected a number, found "Infinity""#,
    ),
    (
        r#"{"image_id": 1, "iscrowd": "yes"}"#,
        r#"2:32: /annotations/0: expected iscrowd to be 0 or 1, found "yes""#,
    ),
    (
        r#"{"image_id": 1, "iscrowd": []}"#,
        "2:29: /annotations/0: expected iscrowd to be 0 or 1, found a list",
    ),
];

const SEGMENTATIONS: &[(&str, &str)] = &[
    (
        r#"{"image_id": 1, "segmentation": {}}"#,
        "2:34: /annotations/0: expected a member `size`, found none",
    ),
    (
        r#"{"image_id": 1, "segmentation": {"size": [2, 3]}}"#,
        "2:48: /annotations/0: expected a member `counts`, found none",
    ),
    (
        r#"{"image_id": 1, "segmentation": {"size": 6, "counts": [6]}}"#,
        "2:42: /annotations/0: expected a size as a list [height, width], found 6",
    ),
    (
        r#"{"image_id": 1, "segmentation": {"size": [2, 3, 4], "counts": [6]}}"#,
        "2:50: /annotations/0: expected a size of 2 numbers [height, width], found 3",
    ),
    (
        r#"{"image_id": 1, "segmentation": {"size": [2, 3], "counts": [-6]}}"#,
        "2:62: /annotations/0: expected a whole number from 0, found -6",
    ),
    (
        r#"{"image_id": 1, "segmentation": {"size": [2, 3], "counts": 6}}"#,
        "2:60: /annotations/0: expected counts as a list of run lengths or a string, found 6",
    ),
    (
        r#"{"image_id": 1, "segmentation": [[10, 10], [30, 10], [30, 30]]}"#,
        "2:62: /annotations/0: expected a ring as a flat list of numbers [x1, y1, x2, y2, …], found pairs",
    ),
    (
        r#"{"image_id": 1, "segmentation": [[[10, 10], [30, 10], [30, 30]]]}"#,
        "2:35: /annotations/0: expected a ring as a flat list of numbers [x1, y1, x2, y2, …], found a list",
    ),
    (
        r#"{"image_id": 1, "segmentation": [[5, 5, 15, null, 15, 15]]}"#,
        "2:48: /annotations/0: expected a number, found null",
    ),
    (
        r#"{"image_id": 1, "segmentation": [[5, 5, "abc", 5, 15, 15]]}"#,
        r#"2:45: /annotations/0: expected a number, found "abc""#,
    ),
    (
        r#"{"image_id": 1, "segmentation": [[5, 5, 15]]}"#,
        "2:43: /annotations/0: expected an even number of coordinates, found 3",
    ),
    (
        r#"{"image_id": 1, "segmentation": "x"}"#,
        r#"2:35: /annotations/0: expected a segmentation: rings or run lengths, found "x""#,
    ),
    (
        r#"{"image_id": 1, "segmentation": true}"#,
        "2:36: /annotations/0: expected a segmentation: rings or run lengths, found true",
    ),
];

const RESULTS: &[(&str, &str)] = &[
    ("[1, 2]", "2:1: /0: expected an object with members (image_id, category_id, …), found a list"),
    (r#"{"category_id": 1}"#, "2:18: /0: expected a member `image_id`, found none"),
    (r#"{"image_id": 1}"#, "2:15: /0: expected a member `category_id`, found none"),
    (
        r#"{"image_id": 1, "category_id": false}"#,
        "2:36: /0: expected an id: a whole number or a string, found false",
    ),
];

#[test]
fn a_malformed_record_is_told_in_plain_words_with_its_place() {
    let tables = [
        ("images", IMAGES),
        ("categories", CATEGORIES),
        ("annotations", ANNOTATIONS),
        ("annotations", SEGMENTATIONS),
        ("results", RESULTS),
    ];
    for (list, cases) in tables {
        for (record, expected) in cases {
            let message = message(list, record);
            assert_eq!(&message, expected, "{record}");
            for word in INTERNALS {
                assert!(!message.contains(word), "{message}");
            }
        }
    }
}
