//! What `validate` says of a folder, and its exit statuses.

use crate::{at, workplace};
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

/// A folder with annotations, labels and XML files that agree.
fn dataset() -> TempDir {
    let folder = workplace();
    at(&folder, "coco2yolo annotations.json --images images -o labels", 0);
    at(&folder, "yolo2voc labels --images images -o voc", 0);
    folder
}

/// Replaces text in a file of the folder.
fn edit(folder: &TempDir, file: &str, edit: impl Fn(&str) -> String) {
    let path = folder.path().join(file);
    fs::write(&path, edit(&fs::read_to_string(&path).unwrap())).unwrap();
}

/// What one edit of one file makes `validate` say: a line of its report.
type Edit = fn(&str) -> String;

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let cases: [(&str, Edit, &str); 10] = [
        (
            "annotations.json",
            |text| format!("<<<<<<< HEAD\n{text}"),
            "annotations.json:1:1: file: expected value, found `<`",
        ),
        (
            "labels/Fractured/BONE0001.txt",
            |text| format!("0 0.1 x 0.1 0.1\n{text}"),
            "labels/Fractured/BONE0001.txt:1:7: coordinate: expected a number, found \"x\"",
        ),
        (
            "labels/Fractured/BONE0001.txt",
            |text| format!("{text}hello world\n"),
            "labels/Fractured/BONE0001.txt:3:1: class: expected a whole number from 0, found \"hello\"",
        ),
        (
            "labels/Fractured/BONE0003.txt",
            |_| String::new(),
            "annotations.json:13:5: not in YOLO (./labels) [BONE0003.jpg#2]",
        ),
        (
            "voc/Fractured/BONE0003.xml",
            |_| "<annotation><object>\n".to_owned(),
            "voc/Fractured/BONE0003.xml:2:1: file: expected a closing tag, found the end of the file",
        ),
        (
            "annotations.json",
            |_| String::new(),
            "annotations.json:1:1: file: expected a value, found the end of the file",
        ),
        (
            "annotations.json",
            |text| text[..12].to_owned(),
            "annotations.json:2:10: file: expected more JSON, found the end of the file",
        ),
        (
            "annotations.json",
            |text| text.replacen("\"bbox\": [", "\"bbox\": [NaN, ", 1),
            "error    not-finite",
        ),
        (
            "annotations.json",
            |text| text.replacen("\"image_id\": ", "\"image_id\": 99", 1),
            "error    missing-reference",
        ),
        (
            "labels/classes.txt",
            |text| text.lines().rev().map(|name| format!("{name}\n")).collect(),
            "labels/Fractured/BONE0002.txt:1:1: \"fracture\", annotation 1 of COCO says \"hardware & screws\"",
        ),
    ];
    for (file, change, expected) in cases {
        let folder = dataset();
        edit(&folder, file, change);
        let (out, _) = at(&folder, "validate .", 1);
        assert!(out.contains(expected), "{file}: {expected}\n{out}");
    }
}

/// A row that cannot be read may be one of two objects that are not found, but not both.
#[test]
fn a_bad_row_hides_no_more_than_one_object() {
    let folder = dataset();
    let bad = "0 nan .5 .1 .1\n";
    edit(&folder, "labels/Fractured/BONE0001.txt", |_| bad.to_owned());
    let (out, _) = at(&folder, "validate . --select object-missing", 1);
    assert!(out.contains("at least 1 of 2 objects not in YOLO"), "{out}");
    edit(&folder, "labels/Fractured/BONE0001.txt", |_| format!("{bad}{bad}"));
    let (out, _) = at(&folder, "validate . --select object-missing", 0);
    assert!(!out.contains("object-missing"), "{out}");
}

/// No other box of the file says what is usual, and it is told all the same.
#[test]
fn a_box_that_is_alone_is_compared_with_its_shape() {
    let folder = tempfile::tempdir().unwrap();
    let coco = serde_json::json!({"images": [{"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}],
        "categories": [{"id": 1, "name": "x"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": 400,
            "bbox": [100, 50, 40, 10], "segmentation": [[10, 20, 50, 20, 50, 30, 10, 30]]}]});
    fs::write(folder.path().join("a.json"), coco.to_string()).unwrap();
    let (out, _) = at(&folder, "validate a.json --fail-on warning", 1);
    assert!(
        out.contains("1 of 1 boxes are not the boxes around their shapes, by up to 90 px"),
        "{out}"
    );
}

/// Where every box lies elsewhere there is no rule to depart from, and that is an error, too.
#[test]
fn formats_that_have_nothing_in_common_do_not_pass() {
    for (moved, code, told) in
        [(false, "shifted", "with all shifted by (1.7, 0) px"), (true, "no-rule", "no rule leads")]
    {
        let folder = dataset();
        edit(&folder, "annotations.json", |text| {
            let mut coco: Value = serde_json::from_str(text).unwrap();
            for (at, own) in coco["annotations"].as_array_mut().unwrap().iter_mut().enumerate() {
                own["segmentation"] = Value::Array(Vec::new());
                let x = own["bbox"][0].as_f64().unwrap();
                let times = if moved { at as f64 + 1.0 } else { 1.0 };
                own["bbox"][0] = (x + 1.7 * times * times).into();
            }
            coco.to_string()
        });
        let (out, _) = at(&folder, &format!("validate . --select {code}"), 1);
        assert!(out.contains(told), "{out}");
    }
}

#[test]
fn the_exit_status_is_that_of_the_worst_finding() {
    let folder = dataset();
    at(&folder, "validate .", 0);
    at(&folder, "validate . --fail-on warning", 1);
    let ignored = "exif-rotated,zero-id,background-absent";
    at(&folder, &format!("validate . --fail-on warning --ignore {ignored}"), 0);
    edit(&folder, "labels/Fractured/BONE0003.txt", |_| String::new());
    at(&folder, "validate .", 1);
    at(&folder, "validate . --fail-on never", 0);
    at(&folder, "validate . --select zero-id", 0);
    let (out, _) = at(&folder, "validate . --quiet", 1);
    assert_eq!(out, "");
    at(&folder, "validate nothing", 2);
    at(&folder, "validate images", 2);
    let (out, _) = at(&folder, "validate labels", 1);
    assert!(out.contains("not-judged") && out.contains("--images DIR"), "{out}");
    at(&folder, "validate . --images nothing", 2);
    at(&folder, "validate . --images voc", 2);
    at(&folder, "validate . --select no-such-rule", 2);
    at(&folder, "validate --explain no-such-rule", 2);
}

#[test]
fn every_form_has_every_finding() {
    let folder = dataset();
    edit(&folder, "labels/Fractured/BONE0001.txt", |text| format!("{text}hello world\n"));
    let (json, _) = at(&folder, "validate . --format json", 1);
    let json: Value = serde_json::from_str(&json).unwrap();
    let findings = json["findings"].as_array().unwrap();
    let counts =
        ["errors", "warnings", "infos"].map(|name| json["summary"][name].as_u64().unwrap());
    assert_eq!(counts.iter().sum::<u64>(), findings.len() as u64);
    for form in ["text", "sarif", "github", "junit"] {
        let (out, _) = at(&folder, &format!("validate . --format {form}"), 1);
        for finding in findings {
            let code = finding["code"].as_str().unwrap();
            assert!(out.contains(code), "{form}: {code}\n{out}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_name_that_is_no_text_is_a_finding_and_stops_nothing() {
    use std::os::unix::ffi::OsStrExt;
    let folder = workplace();
    at(&folder, "coco2yolo annotations.json --images images -o labels", 0);
    let odd = folder.path().join("images").join(std::ffi::OsStr::from_bytes(b"\xFF.jpg"));
    fs::copy(folder.path().join("images/Fractured/BONE0001.jpg"), odd).unwrap();
    let (out, _) = at(&folder, "validate . --format json", 1);
    let report: Value = serde_json::from_str(&out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let errors: Vec<&Value> =
        findings.iter().filter(|finding| finding["severity"] == "error").collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0]["message"].as_str().unwrap().starts_with("file name: expected UTF-8"));
    assert_eq!(report["agreement"].as_array().unwrap().len(), 1);
}

#[test]
fn boxes_in_rows_of_polygons_are_read_as_what_they_are() {
    let folder = workplace();
    let boxes = fs::read_to_string(folder.path().join("annotations.json")).unwrap();
    let mut boxes: Value = serde_json::from_str(&boxes).unwrap();
    for one in boxes["annotations"].as_array_mut().unwrap() {
        one["segmentation"] = serde_json::json!([]);
        one["iscrowd"] = serde_json::json!(0);
    }
    fs::write(folder.path().join("annotations.json"), boxes.to_string()).unwrap();
    at(&folder, "coco2yolo annotations.json --images images -o rows --task segment", 0);
    let (out, _) = at(&folder, "validate . --format json --ignore structure,files", 0);
    let report: Value = serde_json::from_str(&out).unwrap();
    let counts: Vec<&Value> =
        report["inputs"].as_array().unwrap().iter().map(|input| &input["annotations"]).collect();
    assert_eq!(counts[0], counts[1], "{report}");
}
