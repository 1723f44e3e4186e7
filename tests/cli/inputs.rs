//! What is read: images, classes, labels, and what is said of those that cannot be.

use crate::support::{annoconv, run, tree, words};
use crate::{at, report, workplace, write_coco};
use serde_json::json;
use std::fs;
use std::io::Write;
use tempfile::TempDir;

#[test]
fn errors_name_the_place_the_expectation_and_the_finding() {
    let folder = workplace();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("no.json", "not JSON");
    write("orphan.json", "{\"images\": [],\n \"annotations\": [{\"image_id\": 5}]}");
    let coco = r#"{"images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}],
        "categories": [], "annotations": [{"image_id": 1, "category_id": 4, "bbox": [1,1,1,1]}]}"#;
    write("classless.json", coco);
    fs::create_dir(folder.path().join("bare")).unwrap();
    write("bare/BONE0001.txt", "0 0.5 0.5 0.1 0.1\n");
    for (command, expected) in [
        ("coco2yolo none.json -o o", "none.json: cannot read: No such file"),
        ("coco2yolo images -o o", "images: folder: expected a COCO file (*.json), found none"),
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
        ("yolo2voc images --images images -o o", "images: folder: expected label files (*.txt)"),
        ("yolo2voc bare --images images -o o", "class names: expected a list of class names"),
        (
            "yolo2voc annotations.json --images images -o o",
            "annotations.json: input: expected label files (*.txt), found a file of another kind",
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
        ("0 .1 .1 .2 .1 .3 .2 .1 .2", "found 9: an oriented box, or a polygon of 4 points"),
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
    assert!(error.contains("for 1 of 6 images: Fractured/BONE0001\n"), "{error}");
    assert!(error.contains("hint: --missing-images skip "), "{error}");
    let command = "yolo2voc labels --images images -o voc --missing-images skip";
    let report = report(&folder, command, 0);
    assert_eq!(report["images"], json!(5));
    assert_eq!(
        (&report["annotations_read"], &report["annotations_written"]),
        (&json!(5), &json!(3))
    );
    assert_eq!(report["losses"][0]["reason"], json!("of-missing-image"));
    assert_eq!(report["losses"][0]["count"], json!(2));
    assert!(!folder.path().join("voc/Fractured/BONE0001.xml").exists());
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
    assert_eq!(
        label(&folder, "other/Fractured/BONE0002.txt"),
        label(&folder, "labels/Fractured/BONE0002.txt")
    );
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
        fs::read_to_string(folder.path().join("o/Fractured/BONE0001.txt")).unwrap()[..1].to_owned()
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
    assert!(error.contains("for 1 of 7 images: x/BONE0001\n"), "{error}");
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

/// The same labels from a file, from standard input and from compressed files.
#[test]
fn input_may_be_packed_or_come_through_a_pipe() {
    let folder = workplace();
    let text = fs::read(folder.path().join("annotations.json")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&text).unwrap();
    let gzip = gzip.finish().unwrap();
    fs::write(folder.path().join("annotations.json.gz"), &gzip).unwrap();
    at(&folder, "coco2yolo annotations.json --images images -o expected", 0);
    at(&folder, "coco2yolo annotations.json.gz --images images -o packed", 0);
    for (name, file) in [("plain", "annotations.json"), ("gzip", "annotations.json.gz")] {
        let mut command = annoconv();
        command.stdin(fs::File::open(folder.path().join(file)).unwrap());
        let line = format!("convert - --to yolo --images images -o {name}");
        run(command.current_dir(&folder).args(words(&line)), 0);
        assert!(tree(&folder.path().join(name)) == tree(&folder.path().join("expected")));
    }
    assert!(tree(&folder.path().join("packed")) == tree(&folder.path().join("expected")));
    let cut = &gzip[..gzip.len() / 2];
    fs::write(folder.path().join("cut.json.gz"), cut).unwrap();
    let (_, error) = at(&folder, "coco2yolo cut.json.gz -o none", 2);
    assert!(error.starts_with("annoconv: error: cut.json.gz: cannot read"), "{error}");
    let (out, _) = at(&folder, "validate annotations.json.gz", 0);
    assert!(out.contains("  annotations.json.gz:11:12: the id is 0"), "{out}");
}

/// A shell's `<(…)` is a named pipe: it is read to its end. Other devices are refused unread.
#[cfg(unix)]
#[test]
fn pipes_are_read_and_devices_refused() {
    let folder = workplace();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let content = fs::read(folder.path().join("annotations.json")).unwrap();
    let writer = std::thread::spawn(move || fs::write(pipe, content).unwrap());
    at(&folder, "coco2yolo pipe -o piped", 0);
    writer.join().unwrap();
    at(&folder, "coco2yolo annotations.json -o plain", 0);
    assert_eq!(tree(&folder.path().join("piped")), tree(&folder.path().join("plain")));
    for command in [
        "coco2yolo /dev/zero -o o",
        "convert /dev/zero --to coco -o o.json",
        "convert /dev/zero --from voc --to coco -o o.json",
        "validate /dev/zero",
        "coco2yolo annotations.json --sizes /dev/zero -o o",
    ] {
        let (_, error) = at(&folder, command, 2);
        assert!(error.contains("/dev/zero: "), "{command}: {error}");
    }
}

/// Pipes and devices among the files of a dataset are passed over; nothing waits for them.
#[cfg(unix)]
#[test]
fn pipes_within_a_folder_are_not_waited_for() {
    let folder = workplace();
    at(&folder, "coco2yolo annotations.json -o labels", 0);
    let labels = folder.path().join("labels");
    assert!(
        std::process::Command::new("mkfifo").arg(labels.join("x.txt")).status().unwrap().success()
    );
    std::os::unix::fs::symlink("/dev/zero", labels.join("y.txt")).unwrap();
    at(&folder, "yolo2voc labels --images images -o voc", 0);
    at(&folder, "validate labels --images images", 0);
}
