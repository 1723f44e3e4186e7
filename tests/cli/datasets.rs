//! Whole datasets as people keep them: their subsets, their images, and the lists beside them.

use super::{TempDir, at, fs, report};
use serde_json::json;

const XML: &str = "<annotation><filename>NAME.png</filename>\
    <size><width>20</width><height>20</height><depth>3</depth></size>\
    <object><name>cat</name><bndbox><xmin>2</xmin><ymin>3</ymin><xmax>9</xmax><ymax>8</ymax></bndbox>\
    </object></annotation>";

/// The start of a PNG of 20 by 20 pixels, up to the end of its first chunk.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x14\0\0\0\x14\x08\x02\0\0\0\x02\xeb\x8aZ";

/// A folder with these files; a `.png` is an image of 20 by 20 pixels that ends with the text.
fn dataset(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let start = if name.ends_with(".png") { PNG } else { b"" };
        fs::write(&path, [start, text.as_bytes()].concat()).unwrap();
    }
    folder
}

fn voc(name: &str) -> String {
    XML.replace("NAME", name)
}

/// A dataset of Pascal VOC whose subsets only its lists state.
fn devkit() -> TempDir {
    dataset(&[
        ("voc/Annotations/a.xml", &voc("a")),
        ("voc/Annotations/b.xml", &voc("b")),
        ("voc/JPEGImages/a.png", ""),
        ("voc/JPEGImages/b.png", ""),
        ("voc/ImageSets/Main/train.txt", "a\n"),
        ("voc/ImageSets/Main/val.txt", "b\n"),
        ("voc/ImageSets/Main/cat_train.txt", "a 1\n"),
    ])
}

#[test]
fn a_subset_that_no_folder_states_is_counted() {
    let folder = devkit();
    let found = report(&folder, "convert voc --to yolo -o labels --strict", 1);
    let subsets: Vec<_> = found["losses"].as_array().unwrap().iter().collect();
    let subset = subsets.iter().find(|row| row["reason"] == "subset").unwrap();
    assert_eq!(subset["count"], 2, "{found}");
    assert_eq!(found["passed_over"], json!([]), "the lists were read");
    at(&folder, "convert voc --to coco -o coco --strict", 0);
    let mut written: Vec<_> = fs::read_dir(folder.path().join("coco"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    written.sort();
    assert_eq!(written, ["train.json", "val.json"]);
}

#[test]
fn files_that_the_program_wrote_are_merged_without_a_loss() {
    let folder = devkit();
    at(&folder, "convert voc --to coco -o coco", 0);
    let found = report(&folder, "convert coco/train.json coco/val.json --to coco -o all", 0);
    assert_eq!(found["losses"], json!([]), "{found}");
}

#[test]
fn a_folder_of_other_images_beside_the_input_is_not_its_negatives() {
    let folder = dataset(&[
        ("set/own/a.png", ""),
        ("set/own/a.xml", &voc("a")),
        ("set/images/other.png", ""),
    ]);
    let found = report(&folder, "convert set/own --to yolo -o out", 0);
    assert_eq!(found["negatives_added"]["count"], 0, "{found}");
    assert!(folder.path().join("out/a.txt").is_file(), "{found}");
}

#[test]
fn a_data_yaml_can_be_judged() {
    let folder = dataset(&[
        ("set/data.yaml", "names: [cat]\ntrain: train/images\n"),
        ("set/train/images/a.png", ""),
        ("set/train/labels/a.txt", "0 0.5 0.5 0.2 0.2\n"),
    ]);
    let (out, _) = at(&folder, "validate set/data.yaml", 0);
    assert!(out.contains("yolo    set/train/labels       1            1"), "{out}");
}

#[test]
fn a_single_file_is_shown_by_its_own_path() {
    let folder = devkit();
    for (file, other) in [("a", "b"), ("b", "a")] {
        let (out, _) = at(&folder, &format!("validate voc/Annotations/{file}.xml"), 0);
        assert!(out.contains(&format!("voc/Annotations/{file}.xml")), "{out}");
        assert!(!out.contains(&format!("{other}.xml")), "{out}");
    }
}

#[test]
fn formats_that_keep_copies_of_the_images_are_compared() {
    let coco = json!({"images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 20}],
                      "categories": [{"id": 1, "name": "cat"}],
                      "annotations": [{"id": 1, "image_id": 1, "category_id": 1,
                                       "bbox": [1, 2, 8, 6], "area": 48, "iscrowd": 0}]});
    for (other, compared) in [("", 1), ("another picture", 0)] {
        let folder = dataset(&[
            ("set/coco/images/a.png", ""),
            ("set/coco/annotations.json", &coco.to_string()),
            ("set/yolo/images/a.png", other),
            ("set/yolo/labels/a.txt", "0 0.25 0.25 0.4 0.3\n"),
            ("set/yolo/classes.txt", "cat\n"),
        ]);
        let (out, _) = at(&folder, "validate set --format json --fail-on never", 0);
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["agreement"].as_array().unwrap().len(), compared, "{other}: {out}");
    }
}
