//! `validate --for`: what a trainer would drop, refuse or change, told once and at its place.

use crate::{TempDir, at, fs};
use serde_json::{Value, json};

/// A PNG of 20 by 20 pixels: the header, and the end marker.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x14\0\0\0\x14\x08\x02\0\0\0\x02\xeb\x8aZ\
                     \0\0\0\0IEND\xAE\x42\x60\x82";
/// The same of 9 by 20 pixels.
const TINY: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x09\0\0\0\x14\x08\x02\0\0\0\0\0\0\0\
                      \0\0\0\0IEND\xAE\x42\x60\x82";
const GIF: &[u8] = b"GIF89a\x14\0\x14\0\0\0\0;";
const YAML: &str = "names: [cat, dog]\ntrain: ../train/images\nval: ../valid/images\n";
const ROW: &str = "0 0.5 0.5 0.2 0.2\n";

fn write(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A dataset of Ultralytics that is sound.
fn dataset() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "data.yaml", YAML);
    for (name, class) in [("train/images/a", 0), ("train/images/b", 1), ("valid/images/c", 1)] {
        write(&folder, &format!("{name}.png"), unique(PNG, name));
        let label = name.replace("images", "labels");
        write(&folder, &format!("{label}.txt"), format!("{class} 0.5 0.5 0.2 0.25\n"));
    }
    folder
}

/// An image with a mark of its own before its end, so that no two files are equal.
fn unique(image: &[u8], name: &str) -> Vec<u8> {
    let (start, end) = image.split_at(image.len() - 12);
    [start, name.as_bytes(), end].concat()
}

fn judged(folder: &TempDir, trainer: &str, options: &str) -> Value {
    let line = format!("validate . --for {trainer} --format json --fail-on never {options}");
    serde_json::from_str(&at(folder, &line, 0).0).unwrap()
}

/// The findings of a trainer: `code file:line`.
fn told(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let own = findings.filter(|it| it["code"].as_str().unwrap().starts_with("trainer-"));
    own.map(|it| {
        let line = it["line"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
        format!("{} {}{line}", it["code"].as_str().unwrap(), it["file"].as_str().unwrap())
    })
    .collect()
}

/// The images that are lost of all subsets.
fn lost(report: &Value) -> Vec<&str> {
    let subsets = report["trainer"]["subsets"].as_array().unwrap().iter();
    let lost = subsets.flat_map(|subset| subset["lost"].as_array().unwrap());
    lost.map(|it| it["image"].as_str().unwrap()).collect()
}

const LABEL: &str = "train/labels/a.txt";

#[test]
fn what_ultralytics_leaves_out_is_told_once_at_its_place() {
    // The text of a label, the line at fault, and the general rule of the same severity that tells
    // it already.
    for (text, line, general) in [
        (format!("{ROW}0 0.5 1.02 0.2 0.2\n"), 2, Some("not-a-fraction")),
        (format!("{ROW}0 0.5 -0.02 0.2 0.2\n"), 2, Some("not-a-fraction")),
        (format!("{ROW}2 0.5 0.5 0.2 0.2\n"), 2, Some("unknown-class")),
        (format!("{ROW}0 0.5 0.5 0.2\n"), 2, Some("malformed")),
        (format!("{ROW}0 0.5 x 0.2 0.2\n"), 2, Some("malformed")),
        (format!("{ROW}0 0.5 nan 0.2 0.2\n"), 2, Some("not-finite")),
        (format!("{ROW}0 0.5 0.5 0.2 0.2 0.9\n"), 2, None),
        ("0 .1 .1 .5 .1 .5 .5\n0 0.5 0.5 0.2 0.2\n".to_owned(), 2, None),
    ] {
        let folder = dataset();
        write(&folder, LABEL, &text);
        let report = judged(&folder, "ultralytics", "");
        assert_eq!(lost(&report), ["a.png"], "{text}");
        let expected = format!("trainer-drops {LABEL}:{line}");
        let own = told(&report);
        match general {
            None => assert_eq!(own, std::slice::from_ref(&expected), "{text}"),
            Some(code) => {
                assert!(own.is_empty(), "{text}: {own:?}");
                let is_it = |it: &&Value| it["code"] == code && it["line"] == line;
                let found = report["findings"].as_array().unwrap().iter();
                assert_eq!(found.filter(is_it).count(), 1, "{text}");
            }
        }
        // Where the general rules are not asked for, the trainer's own tell it.
        assert_eq!(told(&judged(&folder, "ultralytics", "--select trainer")), [expected], "{text}");
        // Without a trainer, nothing of that is told.
        let (plain, _) = at(&folder, "validate . --format json --fail-on never", 0);
        assert!(!plain.contains("trainer"), "{plain}");
    }
}

#[test]
fn what_ultralytics_takes_as_it_is_is_not_told() {
    for text in [
        String::new(),
        format!("{ROW}1 1.005 0.5 0.1 0.2\n"),
        format!("\u{feff}{ROW}"),
        format!("{ROW}\r\n\r\n"),
        "0.0 .5 5e-1 0.2 0.2".to_owned(),
    ] {
        let folder = dataset();
        write(&folder, LABEL, &text);
        let report = judged(&folder, "ultralytics", "--select trainer");
        assert!(told(&report).is_empty() && lost(&report).is_empty(), "{text:?}: {report}");
        let train = &report["trainer"]["subsets"][0];
        assert_eq!(train["images"], 2, "{text:?}");
        assert_eq!(train["backgrounds"], usize::from(text.is_empty()), "{text:?}");
    }
}

/// What is done to a dataset.
type Fault = fn(&TempDir);

#[test]
fn files_that_ultralytics_takes_otherwise_are_told() {
    let cases: [(Fault, &str); 9] = [
        (|it| write(it, "train/images/a.png", TINY), "trainer-drops train/images/a.png"),
        (|it| write(it, "train/images/a.png", &PNG[..40]), "trainer-drops train/images/a.png"),
        (|it| write(it, "train/images/a.png", GIF), "trainer-drops train/images/a.png"),
        (|it| write(it, "train/images/d.gif", GIF), "trainer-drops train/images/d.gif"),
        (|it| write(it, LABEL, ROW.repeat(2)), "trainer-changes train/labels/a.txt:2"),
        (|it| write(it, "train/images/a.bmp", b"BM"), "trainer-changes train/images/a.png"),
        (
            |it| write(it, "train/labels/b.txt", "0 .1 .1 .5 .1 .5 .6\n"),
            "trainer-changes train/labels/b.txt",
        ),
        (
            |it| {
                let from = it.path().join("train/labels/b.txt");
                write(it, "train/labels/sub/b.txt", fs::read(&from).unwrap());
                fs::remove_file(from).unwrap();
            },
            "trainer-drops train/labels/sub/b.txt",
        ),
        (
            |it| write(it, "data.yaml", format!("path: .\n{}", YAML.replace("../", ""))),
            "trainer-notes data.yaml:1",
        ),
    ];
    for (fault, expected) in cases {
        let folder = dataset();
        fault(&folder);
        let found = told(&judged(&folder, "ultralytics", "--select trainer"));
        assert!(found.iter().any(|it| it == expected), "{expected}: {found:?}");
        assert_eq!(found.iter().filter(|it| **it == *expected).count(), 1, "{found:?}");
    }
}

#[test]
fn ultralytics_stops_at_what_its_data_yaml_lacks() {
    for (yaml, told) in [
        ("names: [cat, dog]\nval: valid/images\n", "the member train is missing"),
        (
            "names: [cat, dog]\ntrain: train/images\nvalid: valid/images\n",
            "the member val is missing",
        ),
        ("train: train/images\nval: valid/images\n", "neither names nor nc is stated"),
        ("nc: 3\nnames: [cat, dog]\ntrain: train/images\nval: valid/images\n", "names has 2"),
        ("names: [cat, dog]\ntrain: train/images\nval: none\n", "val \"none\" is not there"),
        ("names: [cat, dog]\ntrain: train/labels\nval: valid/images\n", "no image is there"),
    ] {
        let folder = dataset();
        write(&folder, "data.yaml", yaml);
        let (out, _) = at(&folder, "validate . --for ultralytics --select trainer", 1);
        assert!(out.contains("trainer-refuses") && out.contains(told), "{yaml}\n{out}");
        assert!(out.contains("\nultralytics stops"), "{out}");
    }
}

#[test]
fn a_dataset_without_data_yaml_is_refused_with_what_is_missing() {
    let folder = dataset();
    fs::remove_file(folder.path().join("data.yaml")).unwrap();
    write(&folder, "classes.txt", "cat\ndog\n");
    let (out, _) = at(&folder, "validate . --for yolo", 1);
    assert!(out.contains("ultralytics stops and loads nothing"), "{out}");
    assert!(out.contains("there is no data.yaml"), "{out}");
}

#[test]
fn what_is_seen_is_one_line_a_subset() {
    let folder = dataset();
    write(&folder, LABEL, "0 0.5 0.5 0.2 0.2 0.9\n");
    let (out, _) = at(&folder, "validate . --for ultralytics", 1);
    for line in [
        "\nultralytics sees:\n",
        "\n  train: 1 image, 0 backgrounds, 1 box; 1 image lost: a.png (a row of 6 columns, where 5 belong)\n",
        "\n  val: 1 image, 0 backgrounds, 1 box\n",
    ] {
        assert!(out.contains(line), "{line}\n{out}");
    }
}

#[test]
fn a_wrong_name_of_a_trainer_is_refused_with_the_nearest() {
    let folder = dataset();
    let (_, error) = at(&folder, "validate . --for detectron", 2);
    assert!(error.contains("did you mean detectron2?"), "{error}");
}

#[test]
fn a_trainer_that_finds_nothing_refuses_and_says_what_it_looked_for() {
    let empty = tempfile::tempdir().unwrap();
    write(&empty, "notes.md", "nothing");
    for (trainer, looked_for) in [
        ("ultralytics", "data.yaml"),
        ("rfdetr", "train/_annotations.coco.json"),
        ("detectron2", "a COCO file"),
        ("mmdetection", "ImageSets/Main"),
        ("torchvision", "ImageSets/Main"),
        ("hf", "metadata.jsonl"),
    ] {
        let (out, _) = at(&empty, &format!("validate . --for {trainer}"), 1);
        assert!(out.contains("trainer-refuses") && out.contains(looked_for), "{trainer}\n{out}");
    }
}

/// A COCO file of two images with an object each; the first object is changed.
fn coco(change: Value) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let object = |id: i64| {
        json!({"id": id, "image_id": id, "category_id": 2, "bbox": [4, 4, 10, 10], "area": 100,
            "iscrowd": 0, "segmentation": [[4, 4, 14, 4, 14, 14, 4, 14]]})
    };
    let mut first = object(1);
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => drop(first.as_object_mut().unwrap().remove(name)),
            value => first[name] = value.clone(),
        }
    }
    let image =
        |id: i64| json!({"id": id, "file_name": format!("{id}.png"), "width": 40, "height": 40});
    let coco = json!({"images": [image(1), image(2)], "annotations": [first, object(2)],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]});
    write(&folder, "train/_annotations.coco.json", serde_json::to_string_pretty(&coco).unwrap());
    write(&folder, "valid/_annotations.coco.json", serde_json::to_string_pretty(&coco).unwrap());
    folder
}

#[test]
fn each_rule_of_the_trainers_of_coco_is_told() {
    let (drops, refuses) = (Some("trainer-drops"), Some("trainer-refuses"));
    // The change, and what each does: Detectron2, MMDetection, torchvision's script, RF-DETR.
    for (change, expected) in [
        (json!({}), [None; 4]),
        (json!({"bbox": [-2, 4, 10, 10]}), [None; 4]),
        (json!({"bbox": [4, 4, 0, 10]}), [drops; 4]),
        (json!({"bbox": [50, 4, 10, 10]}), [drops; 4]),
        (json!({"bbox": [4, 4, 0.5, 10]}), [None, drops, drops, None]),
        (json!({"area": 0}), [None, drops, None, None]),
        (json!({"segmentation": [[4, 4, 14, 4]]}), [drops, None, None, None]),
        (json!({"ignore": 1}), [refuses, drops, None, None]),
        (json!({"area": null}), [None, refuses, refuses, refuses]),
        (json!({"iscrowd": null}), [None, None, refuses, None]),
        (json!({"bbox": null}), [refuses; 4]),
        (json!({"id": null}), [refuses; 4]),
        (json!({"id": 2}), [refuses, refuses, drops, drops]),
    ] {
        let folder = coco(change.clone());
        let trainers = ["detectron2", "mmdetection", "torchvision", "rfdetr"];
        for (trainer, expected) in trainers.into_iter().zip(expected) {
            let report = judged(&folder, trainer, "--select trainer --ignore trainer-notes");
            let found = told(&report);
            let own = found.iter().filter(|it| it.contains(" train/"));
            let codes: Vec<&str> = own.map(|it| it.split(' ').next().unwrap()).collect();
            assert_eq!(
                codes,
                expected.into_iter().collect::<Vec<_>>(),
                "{trainer} {change}: {report}"
            );
        }
    }
}

#[test]
fn what_a_general_rule_tells_of_a_coco_file_is_not_told_again() {
    let folder = coco(json!({"bbox": [4, 4, 0, 10]}));
    let report = judged(&folder, "detectron2", "--ignore trainer-notes");
    let codes: Vec<&Value> =
        report["findings"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert!(codes.contains(&&json!("zero-size")) && !codes.contains(&&json!("trainer-drops")));
    assert_eq!(report["trainer"]["subsets"][0]["boxes_lost"], 1, "{report}");
}

#[test]
fn rfdetr_needs_its_folders() {
    let folder = coco(json!({}));
    fs::rename(folder.path().join("valid"), folder.path().join("val")).unwrap();
    let (out, _) = at(&folder, "validate . --for roboflow", 1);
    assert!(
        out.contains("there is no valid/_annotations.coco.json; the folder val is not"),
        "{out}"
    );
    assert!(out.contains("there is no test/_annotations.coco.json"), "{out}");
}

#[test]
fn a_devkit_needs_its_folders_and_jpg_files() {
    let xml = "<annotation><filename>a.png</filename><size><width>40</width><height>40</height>\
        <depth>3</depth></size><object><name>cat</name><bndbox><xmin>2</xmin><ymin>3</ymin><xmax>39</xmax>\
        <ymax>38</ymax></bndbox></object></annotation>";
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "Annotations/a.xml", xml);
    write(&folder, "JPEGImages/a.png", PNG);
    let (out, _) = at(&folder, "validate . --for torchvision", 1);
    assert!(out.contains("there is no folder with JPEGImages, Annotations and"), "{out}");
    write(&folder, "ImageSets/Main/train.txt", "a\n");
    for trainer in ["torchvision", "mmdetection"] {
        let report = judged(&folder, trainer, "");
        assert_eq!(lost(&report), ["a"], "{trainer}: {report}");
        let found = told(&report);
        assert!(
            found.contains(&"trainer-refuses ImageSets/Main/train.txt:1".to_owned()),
            "{found:?}"
        );
    }
    write(&folder, "JPEGImages/a.jpg", PNG);
    assert!(lost(&judged(&folder, "mmdetection", "")).is_empty());
    let found = told(&judged(&folder, "torchvision", ""));
    assert_eq!(found, ["trainer-refuses ."], "the folder is no VOCdevkit/VOC2012");
}

#[test]
fn rows_of_imagefolder_need_a_file() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "train/a.png", PNG);
    let rows = "{\"file_name\": \"a.png\", \"objects\": {\"bbox\": [[1, 1, 5, 5]], \"categories\": [0]}}\n\
        {\"file_name\": \"b.png\"}\n{\"name\": \"a.png\"}\n";
    write(&folder, "train/metadata.jsonl", rows);
    let report = judged(&folder, "hf", "");
    let train = &report["trainer"]["subsets"][0];
    assert_eq!((&train["subset"], &train["boxes"]), (&json!("train"), &json!(1)), "{report}");
    let expected = [2, 3].map(|line| format!("trainer-refuses train/metadata.jsonl:{line}"));
    assert_eq!(told(&report), expected);
}

/// A COCO file that states images of 20 by 20 pixels, each with an object, beside image files.
fn with_images(stated: &[&str], files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let images: Vec<Value> = (0..stated.len())
        .map(|id| json!({"id": id, "file_name": stated[id], "width": 20, "height": 20}))
        .collect();
    let object = |id| {
        json!({"id": id + 1, "image_id": id, "category_id": 1, "bbox": [4, 4, 10, 10], "area": 100,
            "iscrowd": 0, "segmentation": []})
    };
    let coco = json!({"images": images, "categories": [{"id": 1, "name": "cat"}],
        "annotations": (0..stated.len()).map(object).collect::<Vec<_>>()});
    write(&folder, "annotations.json", serde_json::to_string_pretty(&coco).unwrap());
    files.iter().for_each(|file| write(&folder, file, unique(PNG, file)));
    folder
}

#[test]
fn images_of_coco_files_lie_below_one_folder_by_their_exact_names() {
    for (stated, files, expected) in [
        (["a.png", "b.png"], ["images/a.png", "images/b.png"], &[][..]),
        (["x/a.png", "y/b.png"], ["images/x/a.png", "images/y/b.png"], &[]),
        (["a.png", "b.png"], ["images/a.png", "images/B.PNG"], &["b.png"]),
        (["a.png", "b.png"], ["images/a.png", "c.png"], &["b.png"]),
    ] {
        let folder = with_images(&stated, &files);
        for trainer in ["detectron2", "torchvision"] {
            let report = judged(&folder, trainer, "--select trainer");
            assert_eq!(lost(&report), expected, "{trainer} {files:?}: {report}");
            assert_eq!(report["trainer"]["refused"], !expected.is_empty(), "{trainer} {files:?}");
        }
    }
    let folder = with_images(&["a.png", "b.png", "c.png"], &["x/a.png", "x/b.png", "y/c.png"]);
    assert_eq!(lost(&judged(&folder, "torchvision", "--select trainer")), ["c.png"]);
}

#[test]
fn detectron2_stops_at_an_image_of_another_size() {
    let folder = with_images(&["a.png"], &["a.png"]);
    write(&folder, "a.png", TINY);
    for (trainer, expected) in [("detectron2", vec!["a.png"]), ("torchvision", vec![])] {
        let report = judged(&folder, trainer, "");
        assert_eq!(lost(&report), expected, "{report}");
    }
}
