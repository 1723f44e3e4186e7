//! Mistakes in all objects of a file, as `validate` proves them by another format or by the shapes.

use crate::{codes, counts, mend, place};
use annoconv::convert::{self, Job};
use annoconv::formats::by_name;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A COCO file of boxes, and what follows from it in another format.
fn formats(format: &str, output: &str) -> TempDir {
    let mut annotations = Vec::new();
    for number in 0..12u32 {
        let (image, at) = (1 + number % 2, f64::from(number));
        let bbox = [4.0 + at * 6.0, 5.0 + at * 3.0, 20.0 + at, 12.0 + at * 2.0];
        annotations
            .push(json!({"id": number + 1, "image_id": image, "category_id": 1, "bbox": bbox,
            "area": bbox[2] * bbox[3], "iscrowd": 0}));
    }
    let coco = json!({
        "images": [{"id": 1, "file_name": "a.png", "width": 200, "height": 100},
                   {"id": 2, "file_name": "b.png", "width": 120, "height": 80}],
        "categories": [{"id": 1, "name": "cat"}], "annotations": annotations});
    let folder = place(&[("coco.json", &coco.to_string())]);
    fs::remove_file(folder.path().join("images/c.png")).unwrap();
    let (input, images) = (folder.path().join("coco.json"), folder.path().join("images"));
    let output = folder.path().join(output);
    let mut job = Job::new(&input, by_name(format).unwrap(), &output);
    job.images = Some(&images);
    convert::run(&job).unwrap();
    folder
}

/// Changes the four numbers of each row; the size of its image is given.
fn change_rows(folder: &Path, change: impl Fn([f64; 4], [f64; 2]) -> [f64; 4]) {
    for (name, size) in [("a", [200.0, 100.0]), ("b", [120.0, 80.0])] {
        let path = folder.join(format!("labels/{name}.txt"));
        let row = |line: &str| {
            let words: Vec<f64> = line.split(' ').map(|word| word.parse().unwrap()).collect();
            let [a, b, c, d] = change([words[1], words[2], words[3], words[4]], size);
            format!("0 {a:.6} {b:.6} {c:.6} {d:.6}\n")
        };
        let text: String = fs::read_to_string(&path).unwrap().lines().map(row).collect();
        fs::write(&path, text).unwrap();
    }
}

/// Mends a dataset with one cause in one format, and expects what was there before.
fn is_mended(folder: &TempDir, code: &str, file: &str, before: &str) {
    let found = codes(folder.path());
    assert!(found.contains(&code), "{code}: {found:?}");
    let fix = mend(folder.path());
    assert!(counts(&fix.mended).iter().any(|(it, _)| *it == code), "{code}: {fix:?}");
    assert_eq!(codes(folder.path()), [""; 0], "{code} {:?}", counts(&fix.left));
    assert_eq!(fs::read_to_string(folder.path().join(file)).unwrap(), before, "{code}");
}

#[test]
fn rows_of_yolo_that_mean_something_else_are_turned_back() {
    type Change = fn([f64; 4], [f64; 2]) -> [f64; 4];
    let corners: Change = |[x, y, w, h], _| [x - w / 2.0, y - h / 2.0, x + w / 2.0, y + h / 2.0];
    let corner: Change = |[x, y, w, h], _| [x - w / 2.0, y - h / 2.0, w, h];
    let pixels: Change =
        |[x, y, w, h], [width, height]| [x * width, y * height, w * width, h * height];
    let percent: Change = |numbers, _| numbers.map(|it| it * 100.0);
    for (code, change) in [
        ("corners-as-size", corners),
        ("corner-as-centre", corner),
        ("wrong-unit", pixels),
        ("wrong-unit", percent),
    ] {
        let folder = formats("yolo", "labels");
        let before = fs::read_to_string(folder.path().join("labels/a.txt")).unwrap();
        change_rows(folder.path(), change);
        let found = codes(folder.path());
        assert!(found.contains(&code), "{code}: {found:?}");
        mend(folder.path());
        let numbers = |text: &str| -> Vec<f64> {
            text.split_whitespace().map(|word| word.parse().unwrap()).collect()
        };
        let after = fs::read_to_string(folder.path().join("labels/a.txt")).unwrap();
        let (after, before) = (numbers(&after), numbers(&before));
        assert_eq!(after.len(), before.len());
        for (one, other) in after.into_iter().zip(before) {
            assert!((one - other).abs() < 2e-6, "{code}: {one} {other}");
        }
        assert_eq!(codes(folder.path()), [""; 0], "{code}");
    }
}

#[test]
fn sizes_in_the_place_of_corners_are_turned_back() {
    let folder = formats("voc", "voc");
    let file = "voc/a.xml";
    let before = fs::read_to_string(folder.path().join(file)).unwrap();
    for name in ["voc/a.xml", "voc/b.xml"] {
        let path = folder.path().join(name);
        let text = fs::read_to_string(&path).unwrap();
        let number = |text: &str, tag: &str| -> i64 {
            let (_, rest) = text.split_once(&format!("<{tag}>")).unwrap();
            rest.split_once('<').unwrap().0.parse().unwrap()
        };
        let objects = text.split_inclusive("</object>").map(|object| {
            if !object.contains("<xmin>") {
                return object.to_owned();
            }
            let [x, y, right, bottom] =
                ["xmin", "ymin", "xmax", "ymax"].map(|tag| number(object, tag));
            object
                .replace(&format!("<xmax>{right}<"), &format!("<xmax>{}<", right - x))
                .replace(&format!("<ymax>{bottom}<"), &format!("<ymax>{}<", bottom - y))
        });
        fs::write(&path, objects.collect::<String>()).unwrap();
    }
    is_mended(&folder, "size-as-corners", file, &before);
}

#[test]
fn boxes_of_via_that_mean_something_else_are_turned_back() {
    for (code, change) in [
        ("corners-as-size", (|[x, y, w, h]| [x, y, x + w, y + h]) as fn([f64; 4]) -> [f64; 4]),
        ("centre-as-corner", |[x, y, w, h]| [x + w / 2.0, y + h / 2.0, w, h]),
    ] {
        let folder = formats("vgg", "via.json");
        let path = folder.path().join("via.json");
        let before = fs::read_to_string(&path).unwrap();
        let mut via: Value = serde_json::from_str(&before).unwrap();
        for image in via.as_object_mut().unwrap().values_mut() {
            for region in image["regions"].as_array_mut().unwrap() {
                let shape = &mut region["shape_attributes"];
                let names = ["x", "y", "width", "height"];
                let numbers = change(names.map(|name| shape[name].as_f64().unwrap()));
                for (name, number) in names.into_iter().zip(numbers) {
                    shape[name] = match number.fract() == 0.0 {
                        true => json!(number as i64),
                        false => json!(number),
                    };
                }
            }
        }
        fs::write(&path, via.to_string()).unwrap();
        is_mended(&folder, code, "via.json", &before);
    }
}
