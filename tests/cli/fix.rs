//! `fix` and `explain` as a user meets them.

use crate::support::tree;
use crate::{at, workplace};
use std::fs;

#[test]
fn the_report_says_what_was_mended_and_what_is_left() {
    let folder = workplace();
    let before = tree(folder.path());
    let (out, _) = at(&folder, "fix annotations.json --images images -o fixed.json", 0);
    let expected = "\
fix: 1 mended, 2 left; 1 files written to fixed.json
  mended        1  zero-id: the annotation gets a free number
  left          1  exif-rotated (warning): image files are never changed
  left          1  image-unlisted (info): whether they belong to the dataset is not known
";
    let (start, rest) = out.split_once(" in 0.").unwrap();
    let rest = rest.split_once('\n').unwrap().1;
    assert_eq!(format!("{start}\n{rest}"), expected);
    let mut after = tree(folder.path());
    let fixed = after.remove("fixed.json").unwrap();
    assert_eq!(after, before);
    let source = String::from_utf8(before["annotations.json"].clone()).unwrap();
    let mended = source.replace("{\"id\": 0,", "{\"id\": 6,");
    assert_eq!(String::from_utf8(fixed).unwrap(), mended);
    let (out, _) = at(&folder, "fix fixed.json -q -o again.json", 0);
    assert_eq!(out, "");
    let again = fs::read_to_string(folder.path().join("again.json")).unwrap();
    assert_eq!(again, mended);
}

#[test]
fn a_diff_writes_nothing_and_answers_no_where_something_would_change() {
    let folder = workplace();
    let before = tree(folder.path());
    let (out, _) = at(&folder, "fix annotations.json --diff", 1);
    assert!(out.starts_with("--- a/annotations.json\n+++ b/annotations.json\n@@ -8,"), "{out}");
    assert!(out.contains("\n-    {\"id\": 0,") && out.contains("\n+    {\"id\": 6,"), "{out}");
    let (out, _) = at(&folder, "fix annotations.json --diff --ignore zero-id", 0);
    assert_eq!((out.as_str(), tree(folder.path())), ("", before));
}

#[test]
fn files_change_in_place_only_where_that_is_asked_for() {
    let folder = workplace();
    at(&folder, "fix annotations.json", 2);
    at(&folder, "fix annotations.json --diff --in-place", 2);
    at(&folder, "fix annotations.json -o x.json --in-place", 2);
    at(&folder, "fix annotations.json -o annotations.json --overwrite", 2);
    at(&folder, "fix nothing.json --in-place", 2);
    let (_, error) = at(&folder, "fix - --in-place", 2);
    assert!(error.contains("expected a file that is not packed"), "{error}");
    let (out, _) = at(&folder, "fix . --in-place", 0);
    assert!(out.contains("1 files replaced"), "{out}");
    let (out, _) = at(&folder, "fix . --in-place", 0);
    assert!(out.starts_with("fix: 0 mended, 2 left; 0 files replaced"), "{out}");
    at(&folder, "fix . --diff", 0);
}

#[test]
fn errors_that_are_left_are_the_answer_no() {
    let folder = workplace();
    let path = folder.path().join("annotations.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("\"category_id\": 90, \"segmentation\": []", "\"category_id\": 9"),
    )
    .unwrap();
    let (out, _) = at(&folder, "fix annotations.json -o fixed.json", 1);
    assert!(
        out.contains("  left          1  missing-reference (error): nobody but a person"),
        "{out}"
    );
    assert!(folder.path().join("fixed.json").is_file());
}

#[test]
fn a_rule_is_explained_by_its_code() {
    let folder = workplace();
    let (out, _) = at(&folder, "explain zero-id", 0);
    assert_eq!(out, at(&folder, "validate --explain zero-id", 0).0);
    assert!(out.ends_with("*Fix*: the annotation gets a free number.\n"), "{out}");
    at(&folder, "explain zero-ids", 2);
}

#[test]
fn an_inverted_box_gets_no_area() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    let annotation =
        r#"{"id": 1, "image_id": 1, "category_id": 1, "bbox": [6, 1, -5, 5], "iscrowd": 0}"#;
    let images = r#"[{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}]"#;
    let categories = r#"[{"id": 1, "name": "cat"}]"#;
    let text = format!(
        r#"{{"images": {images}, "categories": {categories}, "annotations": [{annotation}]}}"#
    );
    std::fs::write(&path, text).unwrap();
    let output = crate::support::annoconv().args(["fix", "--diff"]).arg(&path).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(!shown.contains("\"area\": -25"), "{shown}");
    assert!(!shown.contains("\"area\":-25"), "{shown}");
}
