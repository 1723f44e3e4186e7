//! `--for TRAINER`: what every trainer gets, and what is left as it was.

use super::{TempDir, at, fs, report, run};
use crate::support::{annoconv, tree};
use annoconv::layout::{LAYOUTS, Layout};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A picture of so many pixels a side, as BMP; what follows the pixels makes it one of its own.
fn picture(name: &str) -> Vec<u8> {
    let mut bytes =
        b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x20\0\0\0\x20\0\0\0\x01\0\x18\0".to_vec();
    bytes.resize(54 + 32 * 32 * 3, 7);
    bytes.extend_from_slice(name.as_bytes());
    bytes
}

/// A COCO file and images of 32 by 32 pixels, and lists of the images whose names have that of a
/// subset. Those that are called empty have no object, all others one.
fn dataset(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut images = Vec::new();
    let mut annotations = Vec::new();
    for (id, name) in names.iter().enumerate() {
        let path = folder.path().join("images").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, picture(name)).unwrap();
        images.push(json!({"id": id + 1, "file_name": name, "width": 32, "height": 32}));
        if !name.contains("empty") {
            let (number, category) = (annotations.len() + 1, 1 + id % 2);
            annotations.push(json!({"id": number, "image_id": id + 1, "category_id": category,
                                    "bbox": [10, 12, 8, 6], "area": 48, "iscrowd": 0}));
        }
    }
    let categories = json!([{"id": 1, "name": "cat"}, {"id": 2, "name": "a dog"}]);
    let coco = json!({"images": images, "annotations": annotations, "categories": categories});
    fs::write(folder.path().join("coco.json"), coco.to_string()).unwrap();
    let lists = folder.path().join("lists");
    fs::create_dir(&lists).unwrap();
    for subset in ["train", "val", "test"] {
        let own: Vec<&str> = names.iter().copied().filter(|name| name.contains(subset)).collect();
        fs::write(lists.join(format!("{subset}.csv")), format!("image\n{}\n", own.join("\n")))
            .unwrap();
    }
    folder
}

const NAMES: [&str; 7] = [
    "x/train_1.jpg",
    "x/train_2.jpg",
    "y/train_3.jpg",
    "y/train_empty.jpg",
    "x/val_1.jpg",
    "y/val_empty.jpg",
    "y/test_1.jpg",
];

const LISTS: &str = "--split-from lists/train.csv,lists/val.csv,lists/test.csv";

/// The command that writes for a layout into `out`.
fn command(layout: &Layout, lists: &str) -> String {
    let Layout { name, format, .. } = layout;
    format!("convert coco.json --images images --for {name} --to {format} -o out {lists}")
}

/// What is below `out`, in which a link to a file counts as the file.
fn output(folder: &TempDir) -> Vec<(PathBuf, Vec<u8>)> {
    let files = annoconv::files::walk_all(&folder.path().join("out")).unwrap();
    files.into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect()
}

#[test]
fn every_trainer_gets_all_images_and_objects_and_nothing_else_changes() {
    for layout in LAYOUTS {
        let folder = dataset(&NAMES);
        let before = tree(&folder.path().join("images"));
        let line = command(layout, LISTS);
        let written = report(&folder, &line, 0);
        assert_eq!(written["images_placed"], 7, "{line}: {written}");
        assert_eq!(written["annotations_written"], 5, "{line}");
        let first = output(&folder);
        let again = report(&folder, &format!("{line} --check"), 0);
        assert_eq!(again["differences"].as_array().map_or(0, Vec::len), 0, "{line}: {again}");
        let (_, refusal) = at(&folder, &line, 2);
        assert!(refusal.contains("--overwrite"), "{line}: {refusal}");
        assert_eq!(output(&folder), first, "{line}");
        at(&folder, &format!("{line} --overwrite"), 0);
        assert_eq!(output(&folder), first, "{line}");
        assert_eq!(tree(&folder.path().join("images")), before, "{line}");
        judge(&folder, "", (7, 5));
        // The trainer loads what was made for it.
        let line = format!("validate out --for {} --select trainer --format json", layout.name);
        let (out, _) = at(&folder, &line, 0);
        let judged: Value = serde_json::from_str(&out).unwrap();
        let subsets = judged["trainer"]["subsets"].as_array().unwrap();
        let sum =
            |member: &str| -> u64 { subsets.iter().map(|it| it[member].as_u64().unwrap()).sum() };
        assert_eq!(sum("images") + sum("skipped"), 7, "{line}: {out}");
    }
}

/// Reads back what a trainer gets: so many images and objects, and no error.
fn judge(folder: &TempDir, options: &str, expected: (u64, u64)) {
    let line = format!("validate out --format json --fail-on error {options}");
    let (out, _) = at(folder, &line, 0);
    let judged: Value = serde_json::from_str(&out).unwrap();
    let inputs = judged["inputs"].as_array().unwrap();
    let own = inputs.iter().filter(|input| input["format"] != "images");
    let sum = |member: &str| own.clone().map(|it| it[member].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("images"), sum("annotations")), expected, "{out}");
}

/// The edges of the one box, [10, 12, 8, 6] in COCO, as the trainer's own code subtracts from them.
#[test]
fn voc_counts_pixels_as_the_trainer_does() {
    for (trainer, edges) in [
        ("torchvision", [10, 12, 18, 18]),
        ("mmdetection", [11, 13, 19, 19]),
        ("detectron2", [11, 13, 18, 18]),
    ] {
        let folder = dataset(&NAMES);
        at(
            &folder,
            &format!("convert coco.json --images images --for {trainer} --to voc -o out {LISTS}"),
            0,
        );
        let file = folder.path().join("out/VOCdevkit/VOC2012/Annotations/train_1.xml");
        let xml = fs::read_to_string(file).unwrap();
        for (name, edge) in ["xmin", "ymin", "xmax", "ymax"].into_iter().zip(edges) {
            assert!(xml.contains(&format!("<{name}>{edge}</{name}>")), "{trainer}: {xml}");
        }
    }
}

#[test]
#[cfg(unix)]
fn images_are_copied_linked_or_left_where_they_are() {
    use std::os::unix::fs::MetadataExt;
    for (place, is_there, is_link, links) in [
        ("copy", true, false, 1),
        ("hardlink", true, false, 2),
        ("symlink", true, true, 1),
        ("none", false, false, 1),
    ] {
        let folder = dataset(&NAMES);
        let before = tree(&folder.path().join("images"));
        for layout in LAYOUTS.iter().filter(|layout| layout.name == "ultralytics") {
            let written =
                report(&folder, &format!("{} --place {place}", command(layout, LISTS)), 0);
            assert_eq!(
                written["images_placed"],
                if is_there { 7 } else { 0 },
                "{place}: {written}"
            );
        }
        let placed = folder.path().join("out/images/train/train_1.jpg");
        let source = folder.path().join("images/x/train_1.jpg");
        assert_eq!(placed.exists(), is_there, "{place}");
        assert_eq!(placed.is_symlink(), is_link, "{place}");
        assert_eq!(fs::metadata(&source).unwrap().nlink(), links, "{place}");
        assert!(!is_there || fs::read(&placed).unwrap() == fs::read(&source).unwrap(), "{place}");
        assert_eq!(tree(&folder.path().join("images")), before, "{place}");
    }
}

#[test]
fn images_of_one_name_get_names_of_their_own() {
    let names = ["x/train_1.jpg", "y/train_1.jpg", "x/train_2.jpg", "x/train_2.png", "x/val_1.jpg"];
    for layout in LAYOUTS.iter().filter(|layout| layout.format != "voc") {
        let folder = dataset(&names);
        let lists = "--split-from lists/train.csv,lists/val.csv";
        let written = report(&folder, &command(layout, lists), 0);
        assert_eq!(written["images_placed"], 5, "{}: {written}", layout.name);
        let renamed = written["losses"].as_array().unwrap().iter();
        let renamed: u64 = renamed
            .filter(|row| row["reason"] == "image-renamed")
            .map(|row| row["count"].as_u64().unwrap())
            .sum();
        // Labels of their own are found by the name without its extension.
        let is_own = !layout.own.is_empty();
        assert_eq!(renamed, if is_own { 4 } else { 2 }, "{}: {written}", layout.name);
        // Where images share a document, `a.jpg` beside `a.png` harms nobody.
        let options = if is_own { "" } else { "--ignore shared-label" };
        judge(&folder, options, (5, 5));
    }
}

#[test]
fn what_a_trainer_cannot_load_is_refused_and_nothing_is_written() {
    let only_train = ["x/train_1.jpg", "x/train_2.jpg"];
    let png = ["x/train_1.png", "x/val_1.jpg"];
    let gif = ["x/train_1.jpg", "x/val_1.gif"];
    let empty = ["x/train_1.jpg", "x/val_empty.jpg"];
    for (names, trainer, options, message) in [
        (&only_train, "ultralytics", "", "no image of val\nannoconv: hint: --split "),
        (&only_train, "rfdetr", "", "no image of valid"),
        (&png, "torchvision", "--to voc", "an image that torchvision finds beside voc"),
        (&gif, "ultralytics", "", "an image that ultralytics finds beside yolo"),
        (&empty, "hf", "", "subset validation: expected an object in it"),
    ] {
        let folder = dataset(names);
        let lists =
            if names == &only_train { "" } else { "--split-from lists/train.csv,lists/val.csv" };
        let line =
            format!("convert coco.json --images images --for {trainer} {options} -o out {lists}");
        let (_, refusal) = at(&folder, &line, 2);
        assert!(refusal.contains(message), "{trainer}: {refusal}");
        assert!(!folder.path().join("out").exists(), "{trainer}");
    }
}

/// What an earlier run left of a subset that is no longer there: the trainer would load it.
#[test]
fn what_is_no_longer_of_the_dataset_is_refused_and_pruned() {
    for layout in LAYOUTS {
        let folder = dataset(&NAMES);
        at(&folder, &command(layout, LISTS), 0);
        let kept = output(&folder);
        let line = command(layout, "--split-from lists/train.csv,lists/val.csv --overwrite");
        let (_, refusal) = at(&folder, &line, 2);
        assert!(refusal.contains("--prune"), "{line}: {refusal}");
        assert_eq!(output(&folder), kept, "{line}");
        at(&folder, &format!("{line} --prune"), 0);
        let left: Vec<PathBuf> = output(&folder).into_iter().map(|(file, _)| file).collect();
        let is_of_test = |file: &&PathBuf| below(file, &folder).contains("test");
        assert_eq!(left.iter().find(is_of_test), None, "{line}");
        at(&folder, &format!("{line} --check").replace("--overwrite ", ""), 0);
    }
}

/// A file's path below a folder, as text.
fn below(file: &Path, folder: &TempDir) -> String {
    file.strip_prefix(folder).unwrap().to_string_lossy().into_owned()
}

/// A file that is read is never taken for one that an earlier run left.
#[test]
fn an_input_in_the_output_is_not_pruned() {
    let folder = dataset(&NAMES);
    let layout = annoconv::layout::by_name("torchvision")[0];
    at(&folder, &command(layout, LISTS), 0);
    let before = output(&folder);
    let input = "out/annotations/instances_test.json";
    let mut line = annoconv();
    line.current_dir(&folder).args(["convert", input, "--for", "torchvision", "-o", "out"]);
    line.args(["--place", "none", "--split", "train=1", "--images", "out/test"]);
    let (_, refusal) = run(line.args(["--overwrite", "--prune"]), 2);
    assert!(refusal.contains("instances_test.json"), "{refusal}");
    assert_eq!(output(&folder), before);
}

/// All files below a folder, with their bytes.
fn all_files(folder: &TempDir, below: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let files = annoconv::files::walk(&folder.path().join(below)).unwrap();
    files.into_iter().map(|file| (file.clone(), fs::read(&file).unwrap())).collect()
}

#[test]
fn what_is_read_is_neither_replaced_nor_removed() {
    let folder = dataset(&["train/a.jpg", "train/b.jpg", "val/a.jpg", "new/a.jpg"]);
    let list = |name: &str, images: &str| {
        fs::write(folder.path().join(name), format!("{images}\n")).unwrap();
    };
    list("train.txt", "train/a.jpg");
    list("other-train.txt", "new/a.jpg");
    list("other-val.txt", "train/a.jpg");
    let before = all_files(&folder, "images");
    for lists in ["train.txt", "train=other-train.txt,val=other-val.txt"] {
        for prune in ["", " --prune"] {
            let line = format!(
                "convert coco.json --images images --for torchvision --split-from {lists} \
                 -o images --overwrite{prune}"
            );
            let (_, error) = at(&folder, &line, 2);
            assert!(error.contains("output: expected"), "{line}: {error}");
            assert!(all_files(&folder, "images") == before, "{line}");
        }
    }
    // The annotations that are read, in the layout that is written.
    at(
        &folder,
        &format!(
            "convert coco.json --images images --for rfdetr {} -o r",
            "--split train=0.5,val=0.5"
        ),
        0,
    );
    let before = all_files(&folder, "r");
    let line = "convert r/train r/valid --for rfdetr --drop cat -o r --overwrite";
    let (_, error) = at(&folder, line, 2);
    assert!(error.contains("a file that is read"), "{error}");
    assert!(all_files(&folder, "r") == before);
}

#[test]
fn pruning_stays_in_the_folders_of_the_trainer() {
    let folder = dataset(&NAMES);
    let layout = annoconv::layout::by_name("ultralytics")[0];
    let line = command(layout, LISTS);
    at(&folder, &line, 0);
    let own = folder.path().join("out/notes/a.txt");
    fs::create_dir_all(own.parent().unwrap()).unwrap();
    fs::write(&own, "0 0.5 0.5 0.1 0.1\n").unwrap();
    let stale = folder.path().join("out/labels/train/gone.txt");
    fs::write(&stale, "0 0.5 0.5 0.1 0.1\n").unwrap();
    at(&folder, &format!("{line} --overwrite --prune"), 0);
    assert!(own.exists() && !stale.exists());
}

#[test]
fn an_output_below_the_images_is_no_source_of_images() {
    let folder = dataset(&NAMES);
    let line = "convert coco.json --images . --for ultralytics --split train=0.5,val=0.5 -o ready";
    let first = report(&folder, line, 0);
    let second = report(&folder, &format!("{line} --overwrite"), 0);
    assert_eq!((&first["images"], &second["images"]), (&json!(7), &json!(7)));
}

#[test]
fn a_trainers_folder_is_an_earlier_split_whatever_its_images_are_called() {
    let names = ["x/a.jpg", "y/a.jpg", "x/b.jpg", "y/b.jpg", "x/c.jpg", "y/c.jpg"];
    let folder = dataset(&names);
    let split = "convert coco.json --images images --for ultralytics --split train=0.5,val=0.5";
    at(&folder, &format!("{split} --drop-images y/c.jpg -o one"), 0);
    let grown = report(&folder, &format!("{split} --split-from one -o two"), 0);
    assert_eq!((&grown["split"]["given"], &grown["images"]), (&json!(5), &json!(6)));
    let place = |out: &str, bytes: &[u8]| {
        let files = all_files(&folder, out);
        let file = files.into_iter().find(|(_, own)| own == bytes).map(|(file, _)| file)?;
        file.parent()?.file_name()?.to_str().map(str::to_owned)
    };
    for name in &names[..5] {
        assert_eq!(place("one", &picture(name)), place("two", &picture(name)), "{name}");
    }
    assert!(place("two", &picture("y/c.jpg")).is_some());
}

#[test]
fn classes_of_torchvision_are_numbered_in_the_order_that_was_asked_for() {
    let folder = dataset(&NAMES);
    fs::write(folder.path().join("classes.txt"), "a dog\ncat\n").unwrap();
    let line = format!(
        "convert coco.json --images images --for torchvision {LISTS} --classes classes.txt -o out"
    );
    at(&folder, &line, 0);
    let text = fs::read(folder.path().join("out/annotations/instances_train.json")).unwrap();
    let value: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(value["categories"], json!([{"id": 1, "name": "a dog"}, {"id": 2, "name": "cat"}]));
    assert_eq!(value["annotations"][0]["category_id"], 2);
}
