//! The command line as a user meets it: exit statuses, messages, and what is left on disk.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test panics")]

mod support;

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use support::{annoconv, copy, fixtures, run, tree, words};
use tempfile::TempDir;

/// A folder with the fixture's images and annotations, named as the help's examples name them.
fn workplace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bones = fixtures().join("bones");
    copy(&bones.join("images"), &folder.path().join("images"));
    fs::copy(bones.join("coco/annotations.json"), folder.path().join("annotations.json")).unwrap();
    folder
}

fn at(folder: &TempDir, line: &str, status: i32) -> (String, String) {
    run(annoconv().current_dir(folder).args(words(line)), status)
}

fn report(folder: &TempDir, line: &str, status: i32) -> Value {
    let (out, _) = at(folder, &format!("{line} --report json"), status);
    serde_json::from_str(&out).unwrap()
}

/// A dataset of one box an image name.
fn write_coco(folder: &TempDir, names: &[&str]) {
    let images: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(id, name)| json!({"id": id, "file_name": name, "width": 10, "height": 10}))
        .collect();
    let annotations: Vec<Value> = (0..names.len())
        .map(|id| json!({"id": id, "image_id": id, "category_id": 1, "bbox": [1, 1, 4, 4]}))
        .collect();
    let coco = json!({"images": images, "annotations": annotations,
                      "categories": [{"id": 1, "name": "x"}]});
    fs::write(folder.path().join("coco.json"), coco.to_string()).unwrap();
}

#[test]
fn every_example_of_the_help_runs_as_printed() {
    let folder = workplace();
    let mut seen = 0;
    for command in ["coco2yolo", "yolo2voc", "coco2vgg"] {
        let (help, _) = at(&folder, &format!("{command} --help"), 0);
        for line in help.lines().filter_map(|line| line.trim().strip_prefix("annoconv ")) {
            at(&folder, line, 0);
            seen += 1;
        }
    }
    assert_eq!(seen, 7);
}

#[test]
fn every_command_of_the_readme_runs_as_printed() {
    let folder = workplace();
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let readme = readme.unwrap();
    let lines: Vec<&str> =
        readme.lines().filter_map(|line| line.strip_prefix("$ annoconv ")).collect();
    assert!(lines.len() >= 6, "{lines:?}");
    for line in lines {
        let (out, _) = at(&folder, line, 0);
        let first = out.split(" in 0.").next().unwrap();
        assert!(readme.contains(first), "the README prints another output of {line}:\n{out}");
    }
}

#[test]
fn formats_are_listed() {
    let (out, _) = at(&workplace(), "formats", 0);
    let names: Vec<&str> = out.lines().filter_map(|line| line.split(' ').next()).collect();
    let registered: Vec<&str> =
        annoconv::formats::FORMATS.iter().map(|format| format.name()).collect();
    assert_eq!(names, registered);
}

#[test]
fn the_report_counts_what_went_in_and_came_out() {
    let folder = workplace();
    let report = report(&folder, "coco2yolo annotations.json --images images -o labels", 0);
    let expected = [
        ("schema", json!(1)),
        ("command", json!("coco2yolo")),
        ("from", json!("coco")),
        ("to", json!("yolo")),
        ("input", json!("annotations.json")),
        ("output", json!("labels")),
        ("images", json!(6)),
        ("annotations_read", json!(6)),
        ("annotations_written", json!(5)),
        ("files_written", json!(7)),
    ];
    for (member, value) in expected {
        assert_eq!(report[member], value, "{member}");
    }
    let losses = report["losses"].as_array().unwrap();
    let rows: Vec<_> = losses.iter().map(|row| (&row["reason"], &row["count"])).collect();
    let expected = [("crowd", 1), ("polygon-as-box", 4), ("members", 1), ("image-members", 1)]
        .map(|(reason, count)| (json!(reason), json!(count)));
    assert_eq!(rows, expected.iter().map(|(a, b)| (a, b)).collect::<Vec<_>>());
    assert_eq!(losses[0]["dropped"], json!(true));
    assert_eq!(losses[0]["examples"], json!(["BONE0004.jpg#0"]));
    assert!(report["elapsed_seconds"].as_f64().unwrap() > 0.0);
}

#[test]
fn check_lists_what_differs_is_missing_or_stale() {
    let folder = workplace();
    let command = "coco2yolo annotations.json --images images -o labels";
    at(&folder, command, 0);
    at(&folder, &format!("{command} --check"), 0);
    let label = |name: &str| folder.path().join("labels").join(name);
    fs::write(label("BONE0002.txt"), "1 0.493750 0.508333 0.912500 0.941668\n").unwrap();
    fs::remove_file(label("BONE0003.txt")).unwrap();
    fs::write(label("BONE0009.txt"), "").unwrap();
    let before = tree(folder.path());
    let (out, _) = at(&folder, &format!("{command} --check"), 1);
    for line in [
        "labels/BONE0002.txt:1:37: changed: expected \"1 0.493750 0.508333 0.912500 0.941667\", \
         found \"1 0.493750 0.508333 0.912500 0.941668\"",
        "labels/BONE0003.txt: missing",
        "labels/BONE0009.txt: stale",
    ] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    let report = report(&folder, &format!("{command} --check"), 1);
    assert_eq!(report["differences"].as_array().unwrap().len(), 3);
    assert_eq!(report["differences"][0]["line"], json!(1));
    assert!(tree(folder.path()) == before);
}

#[test]
fn check_of_one_file_names_the_place() {
    let folder = workplace();
    let command = "coco2vgg annotations.json -o via.json";
    let (out, _) = at(&folder, &format!("{command} --check"), 1);
    assert!(out.contains("via.json: missing"), "{out}");
    at(&folder, command, 0);
    at(&folder, &format!("{command} --check"), 0);
    let path = folder.path().join("via.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("10.25", "10.35", 1)).unwrap();
    let (out, _) = at(&folder, &format!("{command} --check"), 1);
    assert!(out.contains("via.json:1:"), "{out}");
}

#[test]
fn dry_run_and_strict_write_nothing() {
    let folder = workplace();
    let before = tree(folder.path());
    let (out, _) = at(&folder, "coco2yolo annotations.json -o labels --dry-run", 0);
    assert!(out.contains("would be written to labels"), "{out}");
    let (out, _) = at(&folder, "coco2yolo annotations.json -o labels --strict", 1);
    assert!(out.contains("nothing written to labels"), "{out}");
    assert!(!folder.path().join("labels").exists());
    assert!(tree(folder.path()) == before);
}

#[test]
fn what_is_there_is_replaced_only_when_asked() {
    let folder = workplace();
    let command = "coco2yolo annotations.json -o labels";
    fs::create_dir(folder.path().join("labels")).unwrap();
    at(&folder, command, 0);
    fs::write(folder.path().join("labels/old.txt"), "0 0.5 0.5 1 1\n").unwrap();
    fs::write(folder.path().join("labels/notes.md"), "mine").unwrap();
    let before = tree(folder.path());
    let (_, error) = at(&folder, command, 2);
    assert!(error.contains("labels: output: expected an empty folder"), "{error}");
    assert!(tree(folder.path()) == before);
    at(&folder, &format!("{command} --overwrite"), 0);
    assert!(tree(folder.path()) == before);
    let report = report(&folder, &format!("{command} --overwrite --prune"), 0);
    assert_eq!(report["files_removed"], json!(1));
    assert!(!folder.path().join("labels/old.txt").exists());
    assert!(folder.path().join("labels/notes.md").exists());
    let (_, error) = at(&folder, "coco2vgg annotations.json -o labels", 2);
    assert!(error.contains("expected the name of a file, found a folder"), "{error}");
    let (_, error) = at(&folder, "coco2vgg annotations.json -o annotations.json", 2);
    assert!(error.contains("expected a new file"), "{error}");
}

#[test]
fn a_failed_run_leaves_the_target_as_it_was() {
    let folder = workplace();
    at(&folder, "coco2yolo annotations.json -o labels", 0);
    let text = fs::read_to_string(folder.path().join("annotations.json")).unwrap();
    let broken = text.replace(
        "\"bbox\": [20.1, 40.2, 15.5, 20.699999999999996]",
        "\"bbox\": [20.1, 40.2, 15.5]",
    );
    assert_ne!(text, broken);
    fs::write(folder.path().join("broken.json"), broken).unwrap();
    let before = tree(folder.path());
    let (_, error) = at(&folder, "coco2yolo broken.json -o labels --overwrite", 2);
    assert!(error.contains("broken.json:16:"), "{error}");
    assert!(
        error.contains(
            "/annotations/5: expected a bbox of 4 numbers [x, y, width, height], found 3"
        ),
        "{error}"
    );
    at(&folder, "coco2yolo broken.json -o fresh/labels", 2);
    assert!(tree(folder.path()) == before && !folder.path().join("fresh").exists());
    let left: Vec<_> = fs::read_dir(folder.path().join("labels")).unwrap().collect();
    assert_eq!(left.len(), 6);
}

#[test]
fn names_that_lead_outside_are_refused() {
    for name in
        ["../x.jpg", "/tmp/x.jpg", "a/../../x.jpg", "C:\\x.jpg", "a\\b.jpg", "", "x\u{0}.jpg"]
    {
        let folder = tempfile::tempdir().unwrap();
        write_coco(&folder, &["good.jpg", name]);
        let (_, error) = at(&folder, "coco2yolo coco.json -o labels", 2);
        assert!(error.contains("file name of image"), "{name}: {error}");
        assert!(!folder.path().join("labels").exists());
    }
}

#[test]
fn two_images_never_share_a_label_file() {
    for names in [["a.jpg", "a.png"], ["x/a.jpg", "x/a.jpeg"], ["a.jpg", "classes.png"]] {
        let folder = tempfile::tempdir().unwrap();
        write_coco(&folder, &names);
        let (_, error) = at(&folder, "coco2yolo coco.json -o labels", 2);
        assert!(error.contains("expected one image, found"), "{error}");
        assert!(error.contains(&format!("{:?}", names[1])), "{error}");
        assert!(!folder.path().join("labels").exists());
    }
    let folder = tempfile::tempdir().unwrap();
    write_coco(&folder, &["a.jpg", "a.jpg"]);
    let (_, error) = at(&folder, "coco2vgg coco.json -o via.json", 2);
    assert!(error.contains("\"a.jpg\" and \"a.jpg\""), "{error}");
}

#[test]
fn label_files_keep_the_folders_of_the_images() {
    let folder = tempfile::tempdir().unwrap();
    write_coco(&folder, &["x/a.jpg", "y/a.jpg"]);
    at(&folder, "coco2yolo coco.json -o labels", 0);
    at(&folder, "yolo2voc labels --sizes coco.json -o voc", 0);
    let names: Vec<String> = tree(&folder.path().join("voc")).into_keys().collect();
    assert_eq!(names, ["x/a.xml", "y/a.xml"]);
}

#[test]
fn errors_name_the_place_the_expectation_and_the_finding() {
    let folder = workplace();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("no.json", "not JSON");
    write("orphan.json", "{\"images\": [],\n \"annotations\": [{\"image_id\": 5}]}");
    let coco = r#"{"images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}],
        "categories": [], "annotations": [{"image_id": 1, "category_id": 4, "bbox": [1,1,1,1]}]}"#;
    write("classless.json", coco);
    for (command, expected) in [
        ("coco2yolo none.json -o o", "none.json: cannot read: No such file"),
        ("coco2yolo images -o o", "images: cannot read: not a regular file"),
        ("coco2yolo no.json -o o", "no.json:1:2: file: expected ident, found `o`"),
        (
            "coco2yolo orphan.json -o o",
            "orphan.json:2:18: /annotations/0: expected an image_id of \"images\", found 5",
        ),
        (
            "coco2yolo classless.json -o o",
            "classless.json:2:43: /annotations/0: expected a category_id of \"categories\", found 4",
        ),
        ("coco2yolo annotations.json --images none -o o", "none: cannot read: "),
        ("yolo2voc images --images images -o o", "class names: expected a list of class names"),
        (
            "yolo2voc annotations.json --images images -o o",
            "input: expected a folder of YOLO labels, found a file",
        ),
    ] {
        let (_, error) = at(&folder, command, 2);
        assert!(error.contains(expected), "{command}: {error}");
        assert!(!folder.path().join("o").exists());
    }
}

#[test]
fn bad_label_rows_are_named_with_their_place() {
    let folder = workplace();
    fs::create_dir(folder.path().join("l")).unwrap();
    fs::write(folder.path().join("l/classes.txt"), "a\nb\n").unwrap();
    for (row, expected) in [
        ("0 0.5 0.5 0.5", "BONE0001.txt:2:1: row: expected 5 columns or more, found 4"),
        ("0 0.5 x 0.5 0.5", "BONE0001.txt:2:7: coordinate: expected a number, found \"x\""),
        (
            "2 0.5 0.5 0.1 0.1",
            "BONE0001.txt:2:1: class: expected a number below 2, the names, found 2",
        ),
        (
            "-1 0.5 0.5 0.1 0.1",
            "BONE0001.txt:2:1: class: expected a whole number from 0, found \"-1\"",
        ),
        ("0 0.5 0.5 0.1 nan", "BONE0001.txt:2:15: coordinate: expected a number, found \"nan\""),
        ("0 .1 .1 .2 .1 .2 .2 .1 .2", "found 9: an oriented box, or a polygon of 4 points"),
        ("0 .5 .5 .1 .1 .5 .5 2", "found 8, as in a pose row"),
    ] {
        let text = format!("0 0.5 0.5 0.5 0.5\n{row}\n");
        fs::write(folder.path().join("l/BONE0001.txt"), text).unwrap();
        let (_, error) = at(&folder, "yolo2voc l --images images -o o", 2);
        assert!(error.contains(expected), "{row}: {error}");
    }
}

#[test]
fn missing_images_stop_the_run_or_are_left_out() {
    let folder = workplace();
    at(&folder, "coco2yolo annotations.json --images images -o labels", 0);
    fs::remove_file(folder.path().join("images/Fractured/BONE0001.jpg")).unwrap();
    let (_, error) = at(&folder, "yolo2voc labels --images images -o voc", 2);
    assert!(error.contains("found none for 1 of 6 images: BONE0001 ("), "{error}");
    let command = "yolo2voc labels --images images -o voc --missing-images skip";
    let report = report(&folder, command, 0);
    assert_eq!(report["images"], json!(5));
    assert_eq!(
        (&report["annotations_read"], &report["annotations_written"]),
        (&json!(5), &json!(3))
    );
    assert_eq!(report["losses"][0]["reason"], json!("of-missing-image"));
    assert_eq!(report["losses"][0]["count"], json!(2));
    assert!(!folder.path().join("voc/BONE0001.xml").exists());
}

#[test]
fn an_ambiguous_image_is_an_error_that_names_both() {
    let folder = workplace();
    let copy = folder.path().join("images/Non_fractured/BONE0001.jpg");
    fs::copy(folder.path().join("images/Fractured/BONE0001.jpg"), copy).unwrap();
    let (_, error) = at(&folder, "coco2yolo annotations.json --images images -o labels", 2);
    let expected = "image \"BONE0001.jpg\": expected one image of this name in images, found \
                    \"Fractured/BONE0001.jpg\" and \"Non_fractured/BONE0001.jpg\"";
    assert!(error.contains(expected), "{error}");
}

#[test]
fn negatives_and_sizes_are_taken_from_the_images() {
    let folder = workplace();
    let skip = "coco2yolo annotations.json --images images --negatives skip -o labels";
    let report = report(&folder, skip, 0);
    assert_eq!(report["images"], json!(4));
    let losses = report["losses"].as_array().unwrap();
    let negative = losses.iter().find(|row| row["reason"] == "negative-skipped").unwrap();
    assert_eq!(negative["examples"], json!(["BONE0005.jpg"]));
    let text = fs::read_to_string(folder.path().join("annotations.json")).unwrap();
    let other = text.replace("\"width\": 48, \"height\": 64", "\"width\": 64, \"height\": 48");
    let unsized_ = other.replace("\"width\": 40, \"height\": 60, ", "");
    fs::write(folder.path().join("other.json"), unsized_).unwrap();
    let (out, _) = at(&folder, "coco2yolo other.json --images images -o other", 0);
    assert!(
        out.contains("size-differs: images whose file has another size than stated (BONE0001.jpg)"),
        "{out}"
    );
    let label = |folder: &TempDir, name: &str| fs::read(folder.path().join(name)).unwrap();
    assert_eq!(label(&folder, "other/BONE0002.txt"), label(&folder, "labels/BONE0002.txt"));
}

#[test]
fn classes_are_ordered_by_a_list() {
    let folder = workplace();
    fs::write(folder.path().join("order.yaml"), "names: [other, hardware & screws, fracture]\n")
        .unwrap();
    at(&folder, "coco2yolo annotations.json --classes order.yaml -o labels", 0);
    let label = fs::read_to_string(folder.path().join("labels/BONE0001.txt")).unwrap();
    let classes: Vec<&str> = label.lines().map(|row| &row[..1]).collect();
    assert_eq!(classes, ["2", "1"]);
    let list = fs::read_to_string(folder.path().join("labels/classes.txt")).unwrap();
    assert_eq!(list, "other\nhardware & screws\nfracture\n");
    fs::write(folder.path().join("short.txt"), "fracture\n").unwrap();
    let (_, error) = at(&folder, "coco2yolo annotations.json --classes short.txt -o l", 2);
    assert!(error.contains("expected those of --classes, found also hardware & screws"), "{error}");
}

#[test]
fn a_wrong_call_exits_with_2() {
    let folder = workplace();
    for line in [
        "",
        "coco2yolo",
        "coco2yolo annotations.json",
        "coco2yolo annotations.json -o o --precision 18",
        "coco2yolo annotations.json -o o --prune",
        "coco2yolo annotations.json -o o --check --dry-run",
        "yolo2voc x -o o --images images --sizes annotations.json",
        "coco2vgg annotations.json -o o --via 3",
        "coco2yolo annotations.json -o o --jobs 0",
        "coco2yolo annotations.json -o /",
    ] {
        at(&folder, line, 2);
    }
}

#[test]
fn quiet_prints_nothing_and_a_closed_pipe_is_no_error() {
    let folder = workplace();
    let (out, error) = at(&folder, "coco2yolo annotations.json -o labels --quiet", 0);
    assert_eq!((out.as_str(), error.as_str()), ("", ""));
    let mut child = annoconv()
        .current_dir(&folder)
        .args(["coco2yolo", "annotations.json", "-o", "l2"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
