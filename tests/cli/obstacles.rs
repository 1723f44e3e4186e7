//! What is in the way of an output: said before anything is written, by a trial run, too.

use crate::support::{annoconv, tree, words};
use crate::{at, workplace, write_coco};
use serde_json::json;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A line is refused with exit status 2 and these words, as is its trial run, and nothing changes.
fn is_refused(folder: &TempDir, line: &str, expected: &[&str]) {
    let before = tree(folder.path());
    for line in [format!("{line} --dry-run"), line.to_owned()] {
        let (_, error) = at(folder, &line, 2);
        assert!(expected.iter().all(|words| error.contains(words)), "{line}: {error}");
        assert!(error.len() < 4000, "{line}: {error:.300}");
    }
    assert!(tree(folder.path()) == before, "{line}");
}

#[test]
fn a_label_is_no_folder_of_another() {
    for names in
        [["a.jpg", "a.txt/b.jpg"], ["a.txt/b.jpg", "a.jpg"], ["x/a.png", "x/a.txt/y/b.png"]]
    {
        let folder = tempfile::tempdir().unwrap();
        write_coco(&folder, &names);
        let inner = names.into_iter().find(|name| name.contains(".txt/")).unwrap();
        is_refused(&folder, "coco2yolo coco.json -o labels", &["a.txt", inner, "folder"]);
        at(&folder, "convert coco.json --to voc -o voc", 0);
    }
    let folder = tempfile::tempdir().unwrap();
    write_coco(&folder, &["classes.txt/b.jpg"]);
    is_refused(&folder, "coco2yolo coco.json -o labels", &["classes.txt/b.jpg"]);
    write_coco(&folder, &["b.jpg"]);
    fs::create_dir_all(folder.path().join("labels/classes.txt")).unwrap();
    let line = "coco2yolo coco.json -o labels --overwrite";
    is_refused(&folder, line, &["list of classes: expected a file, found a folder"]);
}

#[test]
fn a_path_that_no_system_takes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let long = vec!["x".repeat(250); 6].join("/");
    for name in [format!("{long}/a.jpg"), format!("{}.jpg", "y".repeat(300))] {
        write_coco(&folder, &["a.jpg", &name]);
        let expected = [name.get(..200).unwrap(), "at most 255 bytes"];
        is_refused(&folder, "coco2yolo coco.json -o labels", &expected);
        is_refused(&folder, "convert coco.json --to voc -o labels", &expected);
    }
    // It would stand at each object.
    let class = "z".repeat(5000);
    let annotation = json!({"image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4]});
    let coco = json!({"images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}],
        "categories": [{"id": 1, "name": class}], "annotations": [annotation]});
    fs::write(folder.path().join("coco.json"), coco.to_string()).unwrap();
    let expected = ["class name: expected at most 4096 bytes", "zzz"];
    is_refused(&folder, "convert coco.json --to voc -o labels", &expected);
}

#[cfg(unix)]
#[test]
fn what_is_in_the_way_at_the_target_is_named_with_the_image() {
    let folder = tempfile::tempdir().unwrap();
    write_coco(&folder, &["b.jpg", "s/a.jpg"]);
    let (out, elsewhere) = (folder.path().join("out"), folder.path().join("elsewhere"));
    fs::create_dir(&elsewhere).unwrap();
    let line = "coco2yolo coco.json -o out --overwrite";
    let refused = |image: &str, place: &str| is_refused(&folder, line, &[image, place]);
    fs::create_dir_all(&out).unwrap();
    std::os::unix::fs::symlink(&elsewhere, out.join("s")).unwrap();
    refused("s/a.jpg", "out/s");
    fs::remove_file(out.join("s")).unwrap();
    fs::write(out.join("s"), "a file").unwrap();
    refused("s/a.jpg", "out/s");
    fs::remove_file(out.join("s")).unwrap();
    fs::create_dir_all(out.join("b.txt")).unwrap();
    refused("b.jpg", "out/b.txt");
    fs::remove_dir(out.join("b.txt")).unwrap();
    at(&folder, line, 0);
}

#[test]
fn the_input_is_neither_pruned_nor_replaced() {
    let folder = tempfile::tempdir().unwrap();
    write_coco(&folder, &["a.jpg", "b.jpg"]);
    at(&folder, "coco2yolo coco.json -o set/labels", 0);
    let line = "convert set/labels --from yolo --to yolo --sizes coco.json -o set --overwrite";
    is_refused(&folder, &format!("{line} --prune"), &["a folder without the input in it"]);
    at(&folder, line, 0);
    let line = "convert set --from yolo --to yolo --sizes coco.json -o set/labels --overwrite";
    is_refused(&folder, line, &["another place than the input's"]);
    let packed = fs::File::create(folder.path().join("packed.json.gz")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    packed.write_all(&fs::read(folder.path().join("coco.json")).unwrap()).unwrap();
    packed.finish().unwrap();
    let line = "convert packed.json.gz --to coco -o packed.json.gz --overwrite";
    is_refused(&folder, line, &["another place than the input's"]);
    let line = "coco2vgg coco.json --sizes packed.json.gz -o packed.json.gz --overwrite";
    is_refused(&folder, line, &["another place than the input's"]);
}

/// The exit status of a run and what it said, as long as it does not wait for ever.
#[cfg(unix)]
fn ends(folder: &TempDir, line: &str) -> (Option<i32>, String) {
    let mut command = annoconv();
    let command = command.current_dir(folder).args(words(line));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("{line} waits");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let done = child.wait_with_output().unwrap();
    (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
}

/// Nobody writes into these pipes: who opens one waits.
#[cfg(unix)]
#[test]
fn pipes_where_a_run_has_its_files_are_refused() {
    let line = "coco2yolo coco.json -o labels --overwrite";
    for (pipe, line) in [
        ("labels/.annoconv-staging/lock", line.to_owned()),
        ("labels/.annoconv-staging/journal.json", line.to_owned()),
        (".labels.annoconv-staging/lock", line.to_owned()),
        ("labels/a.txt", "coco2yolo coco.json -o labels --check".to_owned()),
        (".via.json.annoconv-staging/journal.json", "coco2vgg coco.json -o via.json".to_owned()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        write_coco(&folder, &["a.jpg"]);
        let pipe = folder.path().join(pipe);
        fs::create_dir_all(pipe.parent().unwrap()).unwrap();
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let (status, error) = ends(&folder, &line);
        assert_eq!(status, Some(2), "{}: {error}", pipe.display());
        assert!(error.contains("regular file"), "{}: {error}", pipe.display());
    }
}

/// Annotations hold text. A name that is none cannot be written, nor another in its place.
#[cfg(target_os = "linux")]
#[test]
fn file_names_that_are_no_text_are_refused_not_renamed() {
    use std::os::unix::ffi::OsStrExt;
    let name = |name: &'static [u8]| Path::new(std::ffi::OsStr::from_bytes(name));
    let folder = workplace();
    let at_place = |place: &str, bytes: &[u8]| {
        let file = folder.path().join(place).join(name(b"caf\xe9")).with_extension(match place {
            "images" => "jpg",
            "labels" => "txt",
            _ => "xml",
        });
        fs::write(&file, bytes).unwrap();
        file
    };
    at(&folder, "coco2yolo annotations.json --images images -o labels", 0);
    at(&folder, "convert annotations.json --to voc --images images -o voc", 0);
    let stale = at_place("labels", b"");
    let line = "convert labels --from yolo --to voc --images images -o out";
    is_refused(&folder, line, &["file name: expected UTF-8, found \"caf\\xE9\""]);
    let line = "coco2yolo annotations.json --images images -o labels --overwrite";
    at(&folder, &format!("{line} --prune"), 0);
    assert!(!stale.exists());
    let file = at_place("voc", b"<annotation/>");
    is_refused(
        &folder,
        "convert voc --from voc --to coco -o out.json",
        &["file name: expected UTF-8"],
    );
    fs::remove_file(file).unwrap();
    at_place("images", &fs::read(folder.path().join("images/Fractured/BONE0001.jpg")).unwrap());
    is_refused(&folder, line, &["file name: expected UTF-8"]);
}
