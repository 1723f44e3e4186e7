//! What is written, compared, replaced and refused.

use crate::support::{annoconv, tree};
use crate::{at, report, workplace, write_coco};
use serde_json::json;
use std::fs;

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
    let expected = [
        ("crowd", 1),
        ("polygon-as-box", 4),
        ("members", 1),
        ("image-members", 1),
        ("category-members", 1),
        ("dataset-members", 1),
    ]
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
    fs::write(label("Fractured/BONE0002.txt"), "1 0.493750 0.508333 0.912500 0.941668\n").unwrap();
    fs::remove_file(label("Fractured/BONE0003.txt")).unwrap();
    fs::write(label("Fractured/BONE0009.txt"), "").unwrap();
    let before = tree(folder.path());
    let (out, _) = at(&folder, &format!("{command} --check"), 1);
    for line in [
        "labels/Fractured/BONE0002.txt:1:37: changed: expected \"1 0.493750 0.508333 0.912500 0.941667\", \
         found \"1 0.493750 0.508333 0.912500 0.941668\"",
        "labels/Fractured/BONE0003.txt: missing",
        "labels/Fractured/BONE0009.txt: stale",
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
    assert!(error.contains("expected the name of a file, found the name of a folder"), "{error}");
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
fn label_files_keep_the_folders_of_the_images() {
    let folder = tempfile::tempdir().unwrap();
    write_coco(&folder, &["x/a.jpg", "y/a.jpg"]);
    at(&folder, "coco2yolo coco.json -o labels", 0);
    at(&folder, "yolo2voc labels --sizes coco.json -o voc", 0);
    let names: Vec<String> = tree(&folder.path().join("voc")).into_keys().collect();
    assert_eq!(names, ["x/a.xml", "y/a.xml"]);
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
    for name in ["Fractured/BONE0005", "Non_fractured/BONE0006"] {
        assert!(out.contains(&format!("labels/{name}.txt: stale")), "{out}");
    }
    let dry = report(&folder, &format!("{skip} --overwrite --prune --dry-run"), 0);
    assert_eq!(dry["files_removed"], json!(2));
    assert_eq!(dry["removed_examples"].as_array().unwrap().len(), 2);
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

/// A side that would be printed as 0 is one that no loader takes.
#[test]
fn boxes_too_small_for_the_decimals_are_counted_not_written_as_nothing() {
    let folder = workplace();
    let bbox = |height: f64| json!({"image_id": 1, "category_id": 1, "bbox": [1, 1, 4, height]});
    let coco = json!({"images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 100}],
        "categories": [{"id": 1, "name": "x"}], "annotations": [bbox(0.0000499), bbox(0.00006)]});
    fs::write(folder.path().join("coco.json"), coco.to_string()).unwrap();
    let told = report(&folder, "coco2yolo coco.json -o six", 0);
    assert_eq!(told["losses"][0]["reason"], "improper-box");
    assert_eq!((&told["annotations_written"], &told["annotations_read"]), (&json!(1), &json!(2)));
    let rows = fs::read_to_string(folder.path().join("six/a.txt")).unwrap();
    assert_eq!(rows, "0 0.030000 0.010000 0.040000 0.000001\n");
    let told = report(&folder, "coco2yolo coco.json -o eight --precision 8", 0);
    assert_eq!(told["annotations_written"], json!(2));
}

#[test]
#[cfg(unix)]
fn a_file_that_is_replaced_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = workplace();
    for (command, name) in [
        ("coco2vgg annotations.json --images images -o via.json --overwrite", "via.json"),
        ("coco2yolo annotations.json --images images -o y --overwrite", "y/classes.txt"),
    ] {
        at(&folder, command, 0);
        let path = folder.path().join(name);
        let set = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        for mode in [0o600, 0o640, 0o444] {
            set(mode);
            at(&folder, command, 0);
            let found = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{name}: {found:o}");
        }
    }
}

#[test]
fn what_prints_as_nothing_is_left_out_and_what_prints_as_something_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let box_of = |width: f64| json!({"bbox": [100.0, 100.0, width, 9.3]});
    let ring = |ring: &[f64]| json!({"segmentation": [ring], "bbox": [10, 10, 50, 50]});
    let flat = ring(&[10.0, 10.0, 50.0, 10.0, 30.0, 10.0]);
    let line = ring(&[0.0, 0.0, 100.0, 100.0, 50.0, 50.0]);
    let near_zero = ring(&[0.0, -0.000_01, 50.0, 0.0, 50.0, 50.0]);
    let steps = ring(&[10.0, 10.0, 20.0, 10.0, 20.0, 10.000_1]);
    let segment = "--task segment";
    for (members, options, row) in [
        (box_of(0.25), "--precision 3", "0 0.200 0.209 0.001 0.019\n"),
        (box_of(0.24), "--precision 3", ""),
        (box_of(0.0001), segment, ""),
        (flat, segment, ""),
        (line, segment, ""),
        (steps, segment, ""),
        (
            near_zero,
            "--task segment --bounds keep",
            "0 0.000000 0.000000 0.100000 0.000000 0.100000 0.100000\n",
        ),
    ] {
        let mut object = json!({"id": 1, "image_id": 1, "category_id": 1});
        object.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let coco = json!({"images": [{"id": 1, "file_name": "a.jpg", "width": 500, "height": 500}],
            "categories": [{"id": 1, "name": "x"}], "annotations": [object]});
        fs::write(folder.path().join("coco.json"), coco.to_string()).unwrap();
        let command = format!("coco2yolo coco.json -o y --overwrite {options}");
        let counted = report(&folder, &command, 0);
        let text = fs::read_to_string(folder.path().join("y/a.txt")).unwrap();
        assert_eq!(text, row, "{coco}");
        assert_eq!(counted["annotations_written"], json!(u32::from(!row.is_empty())), "{coco}");
        let losses = counted["losses"].as_array().unwrap();
        let dropped = losses.iter().filter(|loss| loss["dropped"] == json!(true)).count();
        assert_eq!(dropped, usize::from(row.is_empty()), "{losses:?}");
    }
}
