//! The command line as a user meets it: exit statuses, messages, and what is left on disk.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests panic and tell")]

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

/// Runs the examples of a command's help, and tells how many they are.
fn run_examples(folder: &TempDir, command: &str) -> usize {
    let (help, _) = at(folder, &format!("{command} --help"), 0);
    let examples = help.lines().filter_map(|line| line.trim().strip_prefix("annoconv "));
    let examples: Vec<&str> = examples.collect();
    for line in &examples {
        at(folder, line, 0);
    }
    examples.len()
}

#[test]
fn every_example_of_the_help_runs_as_printed() {
    let folder = workplace();
    let converting = ["coco2yolo", "yolo2voc", "coco2vgg", "convert"];
    let mut seen: usize = converting.iter().map(|command| run_examples(&folder, command)).sum();
    // What the others wrote there does not agree: one of them splits an object into its rings.
    let agreeing = workplace();
    at(&agreeing, "coco2yolo annotations.json --images images -o labels", 0);
    seen += run_examples(&agreeing, "validate");
    assert_eq!(seen, 15);
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
    let names: Vec<&str> =
        out.lines().step_by(2).filter_map(|line| line.split(' ').next()).collect();
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
    fs::write(folder.path().join("via.json"), "mine").unwrap();
    let (_, error) = at(&folder, "coco2vgg annotations.json -o via.json", 2);
    assert!(error.contains("expected a new file"), "{error}");
    let (_, error) = at(&folder, "coco2vgg annotations.json -o annotations.json --overwrite", 2);
    assert!(error.contains("expected another place than the input's"), "{error}");
    let (_, error) = at(&folder, "coco2vgg annotations.json -o new/", 2);
    assert!(error.contains("expected the name of a file, found that of a folder"), "{error}");
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
    for name in ["../x.jpg", "/x/y.jpg", "a/../../x.jpg", "C:\\x.jpg", "a\\b.jpg", "", "x\u{0}.jpg"]
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
    for names in [["a.jpg", "a.png"], ["x/a.jpg", "x/a.jpeg"]] {
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
        ("coco2yolo no.json -o o", "no.json:1:1: file: expected an object, found `n`"),
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
        ("0 .5 .5 .1 .1 .5 .5 2", "found 8: as in a pose row"),
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
fn a_list_beside_the_labels_says_what_their_numbers_mean() {
    let folder = workplace();
    fs::create_dir(folder.path().join("l")).unwrap();
    fs::write(folder.path().join("l/BONE0001.txt"), "1 .5 .5 .2 .2\n").unwrap();
    let written = |classes: &str| {
        let line = format!("convert l --to yolo --images images --overwrite -o o {classes}");
        at(&folder, &line, 0);
        fs::read_to_string(folder.path().join("o/BONE0001.txt")).unwrap()[..1].to_owned()
    };
    fs::write(folder.path().join("order.txt"), "dog\ncat\nbird\n").unwrap();
    assert_eq!(written("--classes order.txt"), "1");
    fs::write(folder.path().join("l/classes.txt"), "cat\ndog\n").unwrap();
    assert_eq!(written(""), "1");
    assert_eq!(written("--classes order.txt"), "0");
}

#[test]
fn a_results_file_takes_names_order_and_sizes_from_the_instances() {
    let folder = tempfile::tempdir().unwrap();
    let instances = json!({"annotations": [],
        "images": [{"id": 1, "file_name": "a.jpg", "width": 10, "height": 10}],
        "categories": [{"id": 5, "name": "cat"}, {"id": 2, "name": "dog"}]});
    let results = json!([{"image_id": 1, "category_id": 2, "bbox": [1, 1, 4, 4], "score": 0.5},
                         {"image_id": 1, "category_id": 5, "bbox": [1, 1, 4, 4], "score": 0.5}]);
    fs::write(folder.path().join("i.json"), instances.to_string()).unwrap();
    fs::write(folder.path().join("r.json"), results.to_string()).unwrap();
    at(&folder, "convert r.json --to yolo --sizes i.json -o labels", 0);
    let label = fs::read_to_string(folder.path().join("labels/a.txt")).unwrap();
    assert_eq!(label.lines().map(|row| &row[..1]).collect::<Vec<_>>(), ["1", "0"]);
    let classes = fs::read_to_string(folder.path().join("labels/classes.txt")).unwrap();
    assert_eq!(classes, "cat\ndog\n");
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

#[test]
fn prune_removes_labels_alone_and_never_follows_links() {
    let folder = workplace();
    let command = "coco2yolo annotations.json -o labels --overwrite --prune";
    at(&folder, "coco2yolo annotations.json -o labels", 0);
    let outside = folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("theirs.txt"), "0 .5 .5 .1 .1\n").unwrap();
    std::os::unix::fs::symlink(&outside, folder.path().join("labels/link")).unwrap();
    fs::write(folder.path().join("labels/requirements.txt"), "numpy==2\n").unwrap();
    fs::write(folder.path().join("labels/train.txt"), "images/BONE0001.jpg\n").unwrap();
    let report = report(&folder, command, 0);
    assert_eq!(report["files_removed"], json!(0));
    for kept in ["outside/theirs.txt", "labels/requirements.txt", "labels/train.txt"] {
        assert!(folder.path().join(kept).exists(), "{kept}");
    }
}

#[test]
fn prune_and_check_agree_on_what_is_stale() {
    let folder = workplace();
    let command = "coco2yolo annotations.json --images images -o labels";
    at(&folder, command, 0);
    let skip = format!("{command} --negatives skip");
    let (out, _) = at(&folder, &format!("{skip} --check"), 1);
    for name in ["BONE0005", "BONE0006"] {
        assert!(out.contains(&format!("labels/{name}.txt: stale")), "{out}");
    }
    let dry = report(&folder, &format!("{skip} --overwrite --prune --dry-run"), 0);
    assert_eq!(dry["files_removed"], json!(2));
    let wet = report(&folder, &format!("{skip} --overwrite --prune"), 0);
    assert_eq!(wet["files_removed"], json!(2));
    at(&folder, &format!("{skip} --check"), 0);
}

#[test]
fn a_dry_run_is_refused_where_the_run_would_be() {
    let folder = workplace();
    at(&folder, "coco2yolo annotations.json -o labels", 0);
    let (_, error) = at(&folder, "coco2yolo annotations.json -o labels --dry-run", 2);
    assert!(error.contains("expected an empty folder"), "{error}");
}

#[test]
fn images_that_are_not_found_or_taken_twice_are_told() {
    let folder = workplace();
    let text = fs::read_to_string(folder.path().join("annotations.json")).unwrap();
    fs::write(folder.path().join("png.json"), text.replace("BONE0001.jpg", "BONE0009.jpg"))
        .unwrap();
    let report = report(&folder, "coco2yolo png.json --images images -o png", 0);
    let losses = report["losses"].as_array().unwrap();
    let row = losses.iter().find(|row| row["reason"] == "image-not-found").unwrap();
    assert_eq!(row["examples"], json!(["BONE0009.jpg"]));

    write_coco(&folder, &["x/BONE0001.jpg", "Fractured/BONE0001.jpg"]);
    at(&folder, "coco2yolo coco.json -o two", 0);
    let (_, error) = at(&folder, "yolo2voc two --images images -o voc", 2);
    assert!(error.contains("found none for 1 of 7 images: x/BONE0001 "), "{error}");
    write_coco(&folder, &["x/BONE0001.jpg", "y/BONE0001.jpg"]);
    let (_, error) = at(&folder, "coco2yolo coco.json --images images -o three", 2);
    assert!(error.contains("one image for the file \"Fractured/BONE0001.jpg\""), "{error}");
}

#[test]
fn an_image_may_be_called_like_a_list_of_images_but_not_like_the_classes() {
    let folder = tempfile::tempdir().unwrap();
    write_coco(&folder, &["test.jpg", "a.png.jpg"]);
    at(&folder, "coco2yolo coco.json -o labels", 0);
    let report = report(&folder, "yolo2voc labels --sizes coco.json -o voc", 0);
    assert_eq!(report["annotations_written"], json!(2));
    assert!(folder.path().join("voc/a.png.xml").exists());
    write_coco(&folder, &["labels.jpg"]);
    let (_, error) = at(&folder, "coco2yolo coco.json -o other", 2);
    assert!(error.contains("found labels.txt"), "{error}");
}

#[test]
fn hidden_and_broken_files_among_the_images_stop_nothing() {
    let folder = workplace();
    let images = folder.path().join("images");
    fs::write(images.join("._BONE0001.jpg"), "resource fork").unwrap();
    std::os::unix::fs::symlink("nowhere", images.join("link.jpg")).unwrap();
    let report = report(&folder, "coco2yolo annotations.json --images images -o labels", 0);
    assert_eq!(report["images"], json!(6));
    fs::write(images.join("broken.jpg"), "").unwrap();
    let (_, error) = at(&folder, "coco2yolo annotations.json --images images -o b", 2);
    assert!(error.contains("broken.jpg: image header: "), "{error}");
    let skip = "coco2yolo annotations.json --images images --missing-images skip -o c";
    at(&folder, skip, 0);
    assert!(!folder.path().join("c/broken.txt").exists());
}

#[test]
fn poses_are_not_taken_for_polygons() {
    let folder = workplace();
    fs::create_dir(folder.path().join("l")).unwrap();
    fs::write(folder.path().join("l/classes.txt"), "a\n").unwrap();
    let label = folder.path().join("l/BONE0001.txt");
    for (rows, status) in [
        ("0 .5 .5 .4 .4 .45 .45\n", 2),
        ("0 .5 .5 .4 .4 .45 .45\n0 .1 .1 .2 .1 .2 .2 .15 .3 .1 .2\n", 0),
        ("0 .1 .1 .9 .1 .9 .9\n", 0),
    ] {
        fs::write(&label, rows).unwrap();
        let line = "yolo2voc l --images images -o voc --dry-run";
        let (_, error) = at(&folder, line, status);
        assert_eq!(error.contains("a pose (a box and keypoints in it), or a polygon"), status == 2);
        at(&folder, &format!("{line} --task segment"), 0);
    }
}

#[test]
fn one_thread_and_many_write_the_same_bytes() {
    let folder = workplace();
    for (to, name) in [("yolo", "y"), ("voc", "v"), ("vgg", "g"), ("coco", "c")] {
        let line = format!("convert annotations.json --to {to} --images images");
        at(&folder, &format!("{line} -o {name}1 -j 1"), 0);
        at(&folder, &format!("{line} -o {name}8 -j 8"), 0);
        let path = |jobs: u8| folder.path().join(format!("{name}{jobs}"));
        assert!(tree(&path(1)) == tree(&path(8)), "{to}");
    }
}

/// A dataset that takes long enough to be killed in between.
fn many_images(folder: &TempDir) -> usize {
    const COUNT: usize = 3000;
    let names: Vec<String> = (0..COUNT).map(|number| format!("{number:05}.jpg")).collect();
    write_coco(folder, &names.iter().map(String::as_str).collect::<Vec<_>>());
    COUNT
}

#[test]
fn a_killed_run_leaves_nothing_half_done_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let count = many_images(&folder);
    at(&folder, "coco2yolo coco.json -o labels --precision 3", 0);
    let labels = folder.path().join("labels");
    let before = tree(&labels);
    let after = "coco2yolo coco.json -o labels --precision 5 --overwrite";
    let bad = json!({"images": [{"id": 1, "file_name": "a", "width": 1, "height": 1}],
        "annotations": [{"image_id": 1, "bbox": [1]}]});
    fs::write(folder.path().join("bad.json"), bad.to_string()).unwrap();
    let started = std::time::Instant::now();
    at(&folder, &after.replace("-o labels", "-o other"), 0);
    let whole = started.elapsed();
    let mut half_done = 0;
    for step in 0..20 {
        let mut child = annoconv().current_dir(&folder).args(words(after)).spawn().unwrap();
        std::thread::sleep(whole * step / 5);
        child.kill().unwrap();
        child.wait().unwrap();
        half_done += usize::from(labels.join(".annoconv-staging/journal.json").exists());
        // The next run, which fails, undoes what the killed one had moved, unless it was done.
        at(&folder, "coco2yolo bad.json -o labels --overwrite", 2);
        let found = tree(&labels);
        assert_eq!(found.len(), count + 1);
        let is_new = found["00000.txt"] != before["00000.txt"];
        let expected = if is_new { &found["00000.txt"] } else { &before["00000.txt"] };
        assert!(
            found.iter().filter(|(name, _)| *name != "classes.txt").all(|(_, it)| it == expected)
        );
        if is_new {
            at(&folder, "coco2yolo coco.json -o labels --precision 3 --overwrite", 0);
        }
        assert!(tree(&labels) == before);
    }
    eprintln!("killed 20 times, {half_done} of them while files were being replaced");
}
