//! The folders in which the commands of pages run.

use super::support::fixtures;
use std::fs;
use std::path::Path;

/// Fills a folder with what a kind says.
pub fn fill(folder: &Path, kind: &str) {
    fs::create_dir_all(folder).unwrap();
    match kind {
        "empty" => {}
        "bones" => fill_bones(folder),
        "export" => fill_export(&folder.join("dataset")),
        "labelme" => fill_labelme(folder),
        "fracatlas" => fill_fracatlas(folder),
        _ => panic!("no kind of folder: {kind}"),
    }
}

fn copy(from: &str, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(fixtures().join("bones").join(from), to).unwrap();
}

/// The fixture's COCO file beside its images.
fn fill_bones(folder: &Path) {
    copy("coco/annotations.json", &folder.join("annotations.json"));
    for image in annoconv::files::walk(&fixtures().join("bones/images")).unwrap() {
        let below = image.strip_prefix(fixtures().join("bones")).unwrap();
        copy(below.to_str().unwrap(), &folder.join(below));
    }
}

/// The fixture as LabelMe files beside its images; one of them has groups and masks.
fn fill_labelme(folder: &Path) {
    fill_bones(folder);
    fs::remove_file(folder.join("annotations.json")).unwrap();
    let made = fixtures().join("bones/golden/labelme");
    for file in annoconv::files::walk(&made).unwrap() {
        let below = file.strip_prefix(&made).unwrap().to_str().unwrap();
        copy(&format!("golden/labelme/{below}"), &folder.join("annotations").join(below));
    }
    let drawn = "Fractured/BONE0003.json";
    copy(&format!("labelme/{drawn}"), &folder.join("annotations").join(drawn));
}

/// A dataset as Roboflow exports it, made of the fixture.
fn fill_export(folder: &Path) {
    for (subset, numbers) in [("train", &[1, 2, 3][..]), ("valid", &[4, 5])] {
        for number in numbers {
            let name = format!("BONE000{number}");
            let [images, labels] = ["images", "labels"].map(|it| folder.join(subset).join(it));
            copy(&format!("images/Fractured/{name}.jpg"), &images.join(format!("{name}.jpg")));
            copy(&format!("golden/yolo/Fractured/{name}.txt"), &labels.join(format!("{name}.txt")));
        }
    }
    copy("images/Non_fractured/BONE0006.jpg", &folder.join("train/images/BONE0006.jpg"));
    fs::write(folder.join("README.dataset.txt"), "Exported.\n").unwrap();
    let yaml =
        "names: [fracture, hardware & screws]\ntrain: ../train/images\nval: ../valid/images\n";
    fs::write(folder.join("data.yaml"), yaml).unwrap();
}

/// FracAtlas as it is published.
fn fill_fracatlas(folder: &Path) {
    let published = std::env::var_os("FRACATLAS_DIR").unwrap();
    for entry in Path::new(&published).read_dir().unwrap() {
        let entry = entry.unwrap();
        std::os::unix::fs::symlink(entry.path(), folder.join(entry.file_name())).unwrap();
    }
}
