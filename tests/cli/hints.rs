//! After an error that one option mends, the option is named.

use crate::support::{annoconv, run, words};
use annoconv::error::Remedy;
use std::fs;
use std::path::Path;

/// A row of the table: what mends it, a call, and the options of the hint.
type Row = (Remedy, &'static str, &'static str);

const ROWS: &[Row] = &[
    (Remedy::Overwrite, "coco2yolo coco.json -o full", "--overwrite"),
    (Remedy::Overwrite, "convert coco.json --to vgg -o old.json", "--overwrite"),
    (Remedy::Overwrite, "fix coco.json -o old.json", "--overwrite"),
    (
        Remedy::Prune,
        "convert coco.json --images images --for ultralytics --split train=0.5,val=0.5 -o ready --overwrite",
        "--prune",
    ),
    (Remedy::Format, "convert mixed --to coco -o o.json", "--from FORMAT"),
    (Remedy::Format, "convert empty --to coco -o o.json", "--from FORMAT"),
    (
        Remedy::Classes,
        "convert bare --from yolo --to coco --images images -o o.json",
        "--classes FILE",
    ),
    (Remedy::Sizes, "coco2yolo unsized.json -o o", "--images DIR"),
    (
        Remedy::Images,
        "convert lone/coco.json --for ultralytics --split train=0.5,val=0.5 -o o",
        "--images DIR",
    ),
    (Remedy::SkipMissing, "coco2yolo unsized.json --images empty -o o", "--missing-images skip"),
    (
        Remedy::SkipMissing,
        "coco2yolo coco.json --images-from list.txt -o o",
        "--missing-images skip",
    ),
    (Remedy::SkipUnreadable, "convert torn --to coco --images images -o o.json", "--on-error skip"),
    (Remedy::SkipUnreadable, "coco2vgg torn.json -o o.json", "--on-error skip"),
    (Remedy::SkipNegatives, "coco2yolo doubt.json --images images -o o", "--negatives skip"),
    (Remedy::DropImage, "coco2yolo twins.json -o o", "--drop-images NAME"),
    (
        Remedy::Split,
        "convert coco.json --images images --for ultralytics -o o",
        "--split train=0.8,val=0.2",
    ),
    (
        Remedy::Copy,
        "convert coco.json --images images --for ultralytics --split train=0.5,val=0.5 --place reflink -o /dev/shm/annoconv-hints",
        "--place copy",
    ),
    (Remedy::InPlace, "fix coco.json -o coco.json --overwrite", "--in-place"),
];

fn coco(names: &[&str], size: &str, bbox: &str) -> String {
    let images = names
        .iter()
        .enumerate()
        .map(|(id, name)| format!(r#"{{"id": {id}, "file_name": "{name}"{size}}}"#));
    let annotations = (0..names.len()).map(|id| {
        format!(r#"{{"id": {}, "image_id": {id}, "category_id": 1, "bbox": {bbox}}}"#, id + 1)
    });
    format!(
        r#"{{"images": [{}], "annotations": [{}], "categories": [{{"id": 1, "name": "x"}}]}}"#,
        images.collect::<Vec<_>>().join(", "),
        annotations.collect::<Vec<_>>().join(", ")
    )
}

fn prepare(folder: &Path) {
    let put = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    let (size, bbox) = (r#", "width": 8, "height": 8"#, "[1, 1, 4, 4]");
    let names = ["a.png", "b.png", "c.png", "d.png"];
    put("coco.json", &coco(&names, size, bbox));
    put("lone/coco.json", &coco(&["q.png", "r.png"], size, bbox));
    put("unsized.json", &coco(&["q.png"], "", bbox));
    put("torn.json", &coco(&["a.png", "b.png"], size, "[1]"));
    put("doubt.json", &coco(&["ab12cd-a.png"], size, bbox));
    put("twins.json", &coco(&["a.png", "a.jpg"], size, bbox));
    put("old.json", "{}");
    put("full/a.txt", "");
    put("list.txt", "nowhere.png\n");
    put("mixed/a.txt", "0 .5 .5 .1 .1\n");
    put("mixed/a.xml", "<annotation/>");
    put("bare/a.txt", "0 .5 .5 .1 .1\n");
    put("torn/a.txt", "0 .5 x .1 .1\n");
    put("torn/b.txt", "0 .5 .5 .1 .1\n");
    put("torn/classes.txt", "x\n");
    put("ready/images/train/stranger.png", "");
    fs::create_dir(folder.join("empty")).unwrap();
    fs::create_dir(folder.join("images")).unwrap();
    for name in names {
        image::GrayImage::new(8, 8).save(folder.join("images").join(name)).unwrap();
    }
}

#[test]
fn each_remedy_is_the_hint_after_a_real_call() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let mut missing = Vec::new();
    for (remedy, line, option) in ROWS {
        if *remedy == Remedy::Copy && !Path::new("/dev/shm").is_dir() {
            continue;
        }
        let output = annoconv().current_dir(&folder).args(words(line)).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        let hint = error.lines().filter_map(|line| line.strip_prefix("annoconv: hint: "));
        let hints: Vec<&str> = hint.collect();
        let is_told = hints.len() == 1 && hints[0].starts_with(option);
        if !is_told || error.matches(option.split(' ').next().unwrap()).count() != 1 {
            missing.push(format!("{line}: {option}\n{error}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    let told = |remedy: &Remedy| ROWS.iter().any(|(own, ..)| own == remedy);
    let untold: Vec<&Remedy> = Remedy::ALL.iter().filter(|remedy| !told(remedy)).collect();
    assert!(untold.is_empty(), "{untold:?}");
}

/// A command does not name an option that it has not.
#[test]
fn an_option_of_another_command_is_no_hint() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let (_, error) = run(annoconv().current_dir(&folder).args(["validate", "empty"]), 2);
    assert!(!error.contains("hint:"), "{error}");
}
