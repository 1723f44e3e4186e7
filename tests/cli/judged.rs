//! What `validate` says of a dataset of two subsets: its class lists, its paths, where its labels lie,
//! and which images it has twice.

use crate::support::tree;
use crate::{at, copy, fixtures};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Four images of train and two of val, each with a box; `annotations` has the same in two COCO files.
fn dataset() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixtures().join("bones/images"), &folder.path().join("all"));
    for (subset, numbers) in [("train", 1..=4), ("val", 5..=6)] {
        let (mut images, mut annotations) = (Vec::new(), Vec::new());
        for number in numbers {
            let stem = format!("BONE000{number}");
            let group = if number < 6 { "Fractured" } else { "Non_fractured" };
            let from = folder.path().join(format!("all/{group}/{stem}.jpg"));
            let image = folder.path().join(format!("images/{subset}/{stem}.jpg"));
            put(&image, &fs::read(from).unwrap());
            let (width, height) = SIZES[number - 1];
            let (w, h) = (f64::from(width), f64::from(height));
            let row = format!("0 {} {} {} {}\n", 12.0 / w, 13.0 / h, 16.0 / w, 18.0 / h);
            put(&folder.path().join(format!("labels/{subset}/{stem}.txt")), row.as_bytes());
            images.push(json!({"id": number, "file_name": format!("{stem}.jpg"), "width": width,
                               "height": height}));
            annotations
                .push(json!({"id": number, "image_id": number, "category_id": 1, "area": 288,
                                    "bbox": [4, 4, 16, 18], "iscrowd": 0}));
        }
        let categories = json!([{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]);
        let coco = json!({"images": images, "annotations": annotations, "categories": categories});
        let file = folder.path().join(format!("annotations/instances_{subset}.json"));
        put(&file, serde_json::to_string_pretty(&coco).unwrap().as_bytes());
    }
    fs::remove_dir_all(folder.path().join("all")).unwrap();
    let yaml = "train: images/train\nval: images/val\nnc: 2\nnames: [cat, dog]\n";
    put(&folder.path().join("data.yaml"), yaml.as_bytes());
    folder
}

/// The sizes of the six images, as a viewer shows them.
const SIZES: [(u32, u32); 6] = [(48, 64), (40, 60), (64, 48), (33, 47), (50, 50), (30, 40)];

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Puts a copy of the first image somewhere.
fn repeat(folder: &Path, to: &str) {
    fs::copy(folder.join("images/train/BONE0001.jpg"), folder.join(to)).unwrap();
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn coco(folder: &Path, subset: &str, edit: impl Fn(&mut Value)) {
    let path = folder.join(format!("annotations/instances_{subset}.json"));
    let mut value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    edit(&mut value);
    fs::write(&path, serde_json::to_string_pretty(&value).unwrap()).unwrap();
}

/// Codes of no interest here: what the images are, and that all objects are of one class.
const ASIDE: &str = "exif-rotated,truncated-image,trailing-data,unused-class,exif-flipped";

type Edit = fn(&Path);

fn without_coco(folder: &Path) {
    fs::remove_dir_all(folder.join("annotations")).unwrap();
}

/// An edit, and the findings that follow: code, file and line.
const CASES: [(&str, Edit, &[&str]); 22] = [
    ("clean", |_| {}, &[]),
    ("clean without COCO", without_coco, &[]),
    (
        "number of classes",
        |it| edit(&it.join("data.yaml"), "nc: 2", "nc: 3"),
        &["class-count data.yaml:3"],
    ),
    (
        "another class list",
        |it| put(&it.join("classes.txt"), b"dog\ncat\n"),
        &["class-lists-differ data.yaml:0"],
    ),
    (
        "another list of categories",
        |it| coco(it, "val", |coco| coco["categories"][1]["name"] = "cow".into()),
        &["class-lists-differ annotations/instances_val.json:51"],
    ),
    (
        "names that are alike",
        |it| {
            without_coco(it);
            edit(&it.join("data.yaml"), "dog", "\"Cat \"");
        },
        &["class-names-alike data.yaml:0"],
    ),
    (
        "a path",
        |it| edit(&it.join("data.yaml"), "images/val", "images/test"),
        &["path-missing data.yaml:2"],
    ),
    (
        "a path twice",
        |it| edit(&it.join("data.yaml"), "images/val", "images/train"),
        &["path-twice data.yaml:2"],
    ),
    (
        "a label in the other subset",
        |it| {
            fs::rename(it.join("labels/train/BONE0001.txt"), it.join("labels/val/BONE0001.txt"))
                .unwrap()
        },
        &["label-elsewhere labels/val/BONE0001.txt:0"],
    ),
    (
        "an image in both subsets",
        |it| repeat(it, "images/val/BONE0001.jpg"),
        &["subset-overlap images/val/BONE0001.jpg:0"],
    ),
    (
        "an image in both subsets, by another name",
        |it| repeat(it, "images/val/z.jpg"),
        &["image-unlisted images/val/z.jpg:0", "subset-copy images/val/z.jpg:0"],
    ),
    (
        "an image in both COCO files",
        |it| {
            coco(it, "val", |coco| {
                coco["images"][0]["file_name"] = "BONE0001.jpg".into();
                coco["images"][0]["width"] = 48.into();
                coco["images"][0]["height"] = 64.into();
            });
            fs::remove_dir_all(it.join("labels")).unwrap();
            fs::remove_file(it.join("data.yaml")).unwrap();
            fs::remove_file(it.join("images/val/BONE0005.jpg")).unwrap();
        },
        &["subset-overlap annotations/instances_val.json:5"],
    ),
    (
        "an image twice",
        |it| {
            coco(it, "train", |coco| {
                let mut again = coco["images"][0].clone();
                again["id"] = 99.into();
                coco["images"].as_array_mut().unwrap().push(again);
            });
        },
        &["image-twice annotations/instances_train.json:5"],
    ),
    (
        "another extension",
        |it| coco(it, "train", |coco| coco["images"][1]["file_name"] = "BONE0002.png".into()),
        &["name-differs annotations/instances_train.json:11"],
    ),
    (
        "another case and a blank",
        |it| coco(it, "train", |coco| coco["images"][1]["file_name"] = " bone0002.JPG".into()),
        &["name-differs annotations/instances_train.json:11"],
    ),
    (
        "an image that is nowhere listed",
        |it| repeat(it, "images/train/z.jpg"),
        &["image-unlisted images/train/z.jpg:0"],
    ),
    (
        "a background of YOLO",
        |it| {
            without_coco(it);
            repeat(it, "images/train/z.jpg");
        },
        &[],
    ),
    (
        "an image in two lists",
        |it| {
            put(&it.join("train.txt"), b"images/train/BONE0001.jpg\nimages/train/BONE0002.jpg\n");
            put(&it.join("val.txt"), b"images/val/BONE0005.jpg\nimages/train/BONE0002.jpg\n");
            edit(&it.join("data.yaml"), "images/train", "train.txt");
            edit(&it.join("data.yaml"), "images/val", "val.txt");
        },
        &["subset-overlap val.txt:2"],
    ),
    (
        "an image in the list of another subset than its folder",
        |it| {
            put(&it.join("val.txt"), b"images/val/BONE0005.jpg\nimages/train/BONE0002.jpg\n");
            edit(&it.join("data.yaml"), "images/val", "val.txt");
        },
        &["split-folder val.txt:2"],
    ),
    (
        "a ring beyond the border",
        |it| {
            coco(it, "train", |coco| {
                coco["annotations"][0]["segmentation"] = json!([[4, 4, 60, 4, 20, 22, 4, 22]]);
                coco["annotations"][0].as_object_mut().unwrap().remove("area");
            });
        },
        &[
            "absent-member annotations/instances_train.json:29",
            "shape-beyond-border annotations/instances_train.json:33",
        ],
    ),
    (
        "a category of id 0",
        |it| {
            for subset in ["train", "val"] {
                coco(it, subset, |coco| coco["categories"][1]["id"] = 0.into());
            }
        },
        &[
            "zero-category-id annotations/instances_train.json:89",
            "zero-category-id annotations/instances_val.json:51",
        ],
    ),
    (
        "keypoints",
        |it| {
            coco(it, "train", |coco| {
                coco["categories"][0]["keypoints"] = json!(["nose", "tail"]);
                coco["categories"][0]["skeleton"] = json!([[1, 3]]);
                coco["annotations"][0]["keypoints"] = json!([5, 5, 2]);
            });
        },
        &[
            "keypoints annotations/instances_train.json:29",
            "keypoints annotations/instances_train.json:90",
        ],
    ),
];

#[test]
fn each_edit_of_a_dataset_is_told_once() {
    let mut wrong = Vec::new();
    for (name, edit, expected) in CASES {
        let folder = dataset();
        edit(folder.path());
        let line = format!("validate . --format json --fail-on never --ignore {ASIDE}");
        let (out, _) = at(&folder, &line, 0);
        let report: Value = serde_json::from_str(&out).unwrap();
        let shown = |finding: &Value| {
            let line = finding["line"].as_u64().unwrap_or(0);
            format!(
                "{} {}:{line}",
                finding["code"].as_str().unwrap(),
                finding["file"].as_str().unwrap()
            )
        };
        let mut found: Vec<String> =
            report["findings"].as_array().unwrap().iter().map(shown).collect();
        found.sort();
        if found != expected {
            wrong.push(format!("{name}: {found:?}\n{out}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rows in another unit are one finding a subset, with and without the sizes of the images.
#[test]
fn rows_in_another_unit_are_told_once() {
    for (has_images, factors, expected) in [
        (true, |(w, h): (u32, u32)| (w, h), "pixels or percent"),
        (false, |_| (100, 100), "percent"),
        (false, |(w, h)| (w * 100, h * 100), "pixels"),
    ] as [(bool, fn((u32, u32)) -> (u32, u32), &str); 3]
    {
        let folder = dataset();
        without_coco(folder.path());
        fs::remove_dir_all(folder.path().join("labels/val")).unwrap();
        fs::remove_file(folder.path().join("data.yaml")).unwrap();
        put(&folder.path().join("labels/classes.txt"), b"cat\n");
        if !has_images {
            fs::remove_dir_all(folder.path().join("images")).unwrap();
        }
        for (number, size) in (1..=4).zip(SIZES) {
            let (x, y) = factors(size);
            let row = format!("0 {} {} {} {}\n", x / 2, y / 2, x / 4, y / 5);
            let file = folder.path().join(format!("labels/train/BONE000{number}.txt"));
            fs::write(file, row).unwrap();
        }
        let (out, _) = at(&folder, &format!("validate . --ignore {ASIDE},subset-copy"), 1);
        let words = "4 of 4 rows have numbers above 1, up to";
        assert!(out.contains(words), "{out}");
        assert!(out.contains(&format!("look like {expected}\n")), "{out}");
        assert_eq!(out.contains("not-judged"), !has_images, "{out}");
        assert!(!out.contains("outside-image") && !out.contains("beyond-border"), "{out}");
    }
}

/// Conversions refuse lists that contradict each other, until one is named.
#[test]
fn contradicting_lists_are_refused_until_one_is_named() {
    let folder = dataset();
    without_coco(folder.path());
    put(&folder.path().join("labels/train/classes.txt"), b"cat\ndog\n");
    put(&folder.path().join("labels/val/classes.txt"), b"dog\ncat\n");
    fs::remove_file(folder.path().join("data.yaml")).unwrap();
    let line = "convert . --to voc -o voc";
    let (_, error) = at(&folder, line, 2);
    for word in ["labels/val/classes.txt:1:1", "labels/train/classes.txt", "--classes"] {
        assert!(error.contains(word), "{error}");
    }
    at(&folder, &format!("{line} --classes labels/train/classes.txt"), 0);
    let written = tree(folder.path());
    let (_, voc) = written.iter().find(|(path, _)| path.ends_with("BONE0005.xml")).unwrap();
    let voc = String::from_utf8_lossy(voc);
    assert!(voc.contains("<name>cat</name>"), "{voc}");
}
