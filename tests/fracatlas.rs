//! The published FracAtlas files, reproduced byte for byte (`FRACATLAS_DIR`).

#![allow(clippy::restriction, reason = "a failed test panics")]

mod support;

use libtest_mimic::Arguments;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{annoconv, copy, external, run, tree};

/// VGG entries that are not the rule's; docs/fracatlas.md proves each. First those with other
/// regions than COCO, then those that state another file length than the image has.
const OTHER_REGIONS: [&str; 5] =
    ["IMG0000851", "IMG0002086", "IMG0002395", "IMG0002471", "IMG0002614"];
const OTHER_LENGTH: [&str; 16] = [
    "IMG0004045",
    "IMG0004061",
    "IMG0004067",
    "IMG0004068",
    "IMG0004071",
    "IMG0004072",
    "IMG0004113",
    "IMG0004117",
    "IMG0004150",
    "IMG0004187",
    "IMG0004206",
    "IMG0004209",
    "IMG0004217",
    "IMG0004232",
    "IMG0004262",
    "IMG0004266",
];

/// The images of the partial copy.
const IMAGES: usize = 768;

fn main() {
    let test = |name, test| external("FRACATLAS_DIR", name, test);
    let trials = vec![
        test("YOLO files are the published ones", yolo_files_are_published),
        test("VOC files are the published ones", voc_files_are_published),
        test("VOC files from the published YOLO are the published ones", voc_from_published_yolo),
        test("VGG entries are the published ones", vgg_entries_are_published),
        test("VGG to COCO holds the published polygons", vgg_to_coco),
        test("COCO to YOLO segment holds every polygon", coco_to_yolo_segment),
        test("VOC to COCO to VOC is the same bytes", voc_through_coco),
        test("a changed digit is found by --check", a_changed_digit_is_found),
        test("a folder for Ultralytics has the published split and boxes", ready_to_train),
        test("one thread and eight write the same bytes", threads_write_the_same_bytes),
        test("every image is measured as published", images_are_measured_as_published),
        test("validate finds what contradicts each other, and nothing else", contradictions),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn conversion(folder: &Path, command: &str, input: &Path, output: &Path) -> Command {
    let mut conversion = annoconv();
    conversion.arg(command).arg(input).args(["--preset", "fracatlas", "--images"]);
    conversion.arg(folder.join("images")).arg("-o").arg(output);
    conversion
}

fn coco(folder: &Path) -> PathBuf {
    folder.join("Annotations/COCO JSON/COCO_fracture_masks.json")
}

/// Asserts that each file of a folder is the published one of its name.
fn assert_published(made: &Path, published: &Path, count: usize) {
    let files = tree(made);
    assert_eq!(files.len(), count);
    for (name, bytes) in files {
        let expected = std::fs::read(published.join(&name)).unwrap();
        assert!(bytes == expected, "{name} is not the published file");
    }
}

fn yolo_files_are_published(folder: &Path) {
    let scratch = tempfile::tempdir().unwrap();
    let made = scratch.path().join("YOLO");
    run(&mut conversion(folder, "coco2yolo", &coco(folder), &made), 0);
    assert_published(&made, &folder.join("Annotations/YOLO"), IMAGES + 1);
}

fn voc_files_are_published(folder: &Path) {
    let scratch = tempfile::tempdir().unwrap();
    let (yolo, made) = (scratch.path().join("YOLO"), scratch.path().join("PASCAL VOC"));
    run(&mut conversion(folder, "coco2yolo", &coco(folder), &yolo), 0);
    run(&mut conversion(folder, "yolo2voc", &yolo, &made), 0);
    assert_published(&made, &folder.join("Annotations/PASCAL VOC"), IMAGES);
}

fn voc_from_published_yolo(folder: &Path) {
    let scratch = tempfile::tempdir().unwrap();
    let made = scratch.path().join("PASCAL VOC");
    let yolo = folder.join("Annotations/YOLO");
    let mut stopped = conversion(folder, "yolo2voc", &yolo, &made);
    let (_, error) = run(&mut stopped, 2);
    assert!(error.contains("for 3315 of 4083 images: IMG0000000"), "{error}");
    let mut skipping = conversion(folder, "yolo2voc", &yolo, &made);
    let (report, _) = run(skipping.args(["--missing-images", "skip", "--report", "json"]), 0);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["annotations_written"], 922);
    assert_eq!(report["losses"][0]["reason"], "missing-image");
    assert_eq!(report["losses"][0]["count"], 3315);
    assert_published(&made, &folder.join("Annotations/PASCAL VOC"), IMAGES);
}

/// The paper's split: as many images, and the published rows of each.
fn ready_to_train(folder: &Path) {
    let scratch = tempfile::tempdir().unwrap();
    let made = scratch.path().join("ready");
    let lists = ["train", "valid", "test"].map(|name| {
        folder.join(format!("Utilities/Fracture Split/{name}.csv")).display().to_string()
    });
    let mut ready = conversion(folder, "coco2yolo", &coco(folder), &made);
    ready.args(["--for", "ultralytics", "--split-from", &lists.join(","), "--report", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run(&mut ready, 0).0).unwrap();
    assert_eq!(
        (&report["images_placed"], &report["annotations_written"]),
        (&717.into(), &922.into())
    );
    for (subset, count) in [("train", 574), ("val", 82), ("test", 61)] {
        assert_published(
            &made.join("labels").join(subset),
            &folder.join("Annotations/YOLO"),
            count,
        );
        let images = tree(&made.join("images").join(subset));
        assert_eq!(images.len(), count);
        for (name, bytes) in images {
            let source = std::fs::read(folder.join("images/Fractured").join(&name)).unwrap();
            assert!(bytes == source, "{name} is not the source's image");
        }
    }
}

fn vgg_entries_are_published(folder: &Path) {
    let scratch = tempfile::tempdir().unwrap();
    let made = scratch.path().join("VGG.json");
    run(&mut conversion(folder, "coco2vgg", &coco(folder), &made), 0);
    let made = std::fs::read_to_string(made).unwrap();
    let published = folder.join("Annotations/VGG JSON/VGG_fracture_masks.json");
    let published = std::fs::read_to_string(published).unwrap();
    let (made, published) = (entries(&made), entries(&published));
    assert_eq!(made.len(), 717);
    assert!(made.keys().eq(published.keys()));
    let differing = made.iter().filter(|(name, entry)| entry.get() != published[*name].get());
    let differing: Vec<&str> = differing.map(|(name, _)| name.trim_end_matches(".jpg")).collect();
    assert_eq!(differing, [&OTHER_REGIONS[..], &OTHER_LENGTH].concat());
    for name in OTHER_LENGTH {
        let name = format!("{name}.jpg");
        assert_eq!(without_size(made[&name].get()), without_size(published[&name].get()));
    }
}

fn entries(text: &str) -> BTreeMap<String, Box<RawValue>> {
    serde_json::from_str(text).unwrap()
}

fn without_size(entry: &str) -> serde_json::Value {
    let mut entry: serde_json::Value = serde_json::from_str(entry).unwrap();
    entry["size"] = 0.into();
    entry
}

fn a_changed_digit_is_found(folder: &Path) {
    let published = folder.join("Annotations/YOLO");
    let check = |labels: &Path, status| {
        let mut check = conversion(folder, "coco2yolo", &coco(folder), labels);
        run(check.args(["--missing-images", "skip", "--check"]), status).0
    };
    check(&published, 0);
    let scratch = tempfile::tempdir().unwrap();
    copy(&published, scratch.path());
    let label = scratch.path().join("IMG0002395.txt");
    let text = std::fs::read_to_string(&label).unwrap();
    std::fs::write(&label, text.replace("0.8389", "0.8388")).unwrap();
    let report = check(scratch.path(), 1);
    let expected = format!("{}:3:8: changed: expected \"0 0.8389", label.display());
    assert!(report.contains(&expected), "{report}");
    assert_eq!(report.matches(": changed: ").count(), 1);
}

fn threads_write_the_same_bytes(folder: &Path) {
    let scratch = tempfile::tempdir().unwrap();
    let write = |jobs: &str| {
        let base = scratch.path().join(jobs);
        let (yolo, voc, vgg) = (base.join("YOLO"), base.join("VOC"), base.join("VGG.json"));
        for (command, input, output) in [
            ("coco2yolo", &coco(folder), &yolo),
            ("yolo2voc", &yolo, &voc),
            ("coco2vgg", &coco(folder), &vgg),
        ] {
            run(conversion(folder, command, input, output).args(["--jobs", jobs]), 0);
        }
        tree(&base)
    };
    let one = write("1");
    assert_eq!(one.len(), 2 * IMAGES + 2);
    assert!(one == write("8"));
}

fn images_are_measured_as_published(folder: &Path) {
    let images = annoconv::files::walk(&folder.join("images")).unwrap();
    let mut turned = 0;
    for image in &images {
        let measured = annoconv::images::measure(image).unwrap();
        turned += usize::from(measured.orientation > 4);
        let name = image.file_stem().unwrap().to_str().unwrap();
        let xml = folder.join("Annotations/PASCAL VOC").join(format!("{name}.xml"));
        let xml = std::fs::read_to_string(xml).unwrap();
        let size = measured.size;
        let stated = format!("<width>{}</width>\n    <height>{}<", size.width, size.height);
        assert!(xml.contains(&stated), "{name}: {size}");
    }
    assert_eq!((images.len(), turned), (IMAGES, 9));
}

fn convert(input: &Path, output: &Path, options: &[&str]) {
    run(annoconv().arg("convert").arg(input).arg("-o").arg(output).args(options), 0);
}

/// The rings of each image of a COCO file, in order.
fn rings(coco: &Path) -> BTreeMap<String, Vec<serde_json::Value>> {
    let coco: serde_json::Value = serde_json::from_slice(&std::fs::read(coco).unwrap()).unwrap();
    let list = |name: &str| coco[name].as_array().unwrap().clone();
    let name = |image: &serde_json::Value| image["file_name"].as_str().unwrap().to_owned();
    let names: BTreeMap<i64, String> =
        list("images").iter().map(|image| (image["id"].as_i64().unwrap(), name(image))).collect();
    let mut rings: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
    for annotation in list("annotations") {
        let name = names[&annotation["image_id"].as_i64().unwrap()].clone();
        rings.entry(name).or_default().push(annotation["segmentation"].clone());
    }
    rings
}

fn vgg_to_coco(folder: &Path) {
    let scratch = tempfile::tempdir().unwrap();
    let made = scratch.path().join("coco.json");
    convert(&folder.join("Annotations/VGG JSON/VGG_fracture_masks.json"), &made, &["--to", "coco"]);
    let (made, stated) = (rings(&made), rings(&coco(folder)));
    assert_eq!(made.values().map(Vec::len).sum::<usize>(), 917);
    let differing: Vec<&str> = made
        .iter()
        .filter(|(name, rings)| **rings != stated[*name])
        .map(|(name, _)| name.trim_end_matches(".jpg"))
        .collect();
    assert_eq!(differing, OTHER_REGIONS);
    // Of these, only the last has a polygon that the COCO file has not.
    let is_new = |name: &&&str| {
        let name = format!("{name}.jpg");
        made[&name].iter().any(|ring| !stated[&name].contains(ring))
    };
    let new: Vec<&&str> = OTHER_REGIONS.iter().filter(is_new).collect();
    assert_eq!(new, [&"IMG0002614"]);
}

fn coco_to_yolo_segment(folder: &Path) {
    let scratch = tempfile::tempdir().unwrap();
    let made = scratch.path().join("labels");
    convert(&coco(folder), &made, &["--to", "yolo", "--task", "segment"]);
    let rows = tree(&made).into_iter().filter(|(name, _)| name != "classes.txt");
    let columns: Vec<usize> = rows
        .flat_map(|(_, text)| {
            let text = String::from_utf8(text).unwrap();
            text.lines().map(|row| row.split(' ').count()).collect::<Vec<_>>()
        })
        .collect();
    let points: usize = columns.iter().map(|columns| columns / 2).sum();
    let stated: usize =
        rings(&coco(folder)).values().flatten().map(|it| it[0].as_array().unwrap().len() / 2).sum();
    assert_eq!((columns.len(), points), (922, stated));
}

fn voc_through_coco(folder: &Path) {
    let scratch = tempfile::tempdir().unwrap();
    let published = folder.join("Annotations/PASCAL VOC");
    let (made, back) = (scratch.path().join("coco.json"), scratch.path().join("voc"));
    convert(&published, &made, &["--to", "coco"]);
    convert(&made, &back, &["--to", "voc"]);
    assert_published(&back, &published, 4083);
}

/// Images of valid.csv that are copies of an image of train.csv, as docs/fracatlas.md lists them.
const LEAKED: [u32; 15] =
    [4061, 4068, 4114, 4116, 4117, 4151, 4206, 4207, 4208, 4209, 4217, 4233, 4266, 4267, 4320];

/// What docs/fracatlas.md lists; tests/interop/fracatlas.py finds the same by plain comparison.
fn contradictions(folder: &Path) {
    let mut command = annoconv();
    command.arg("validate").arg(folder).args(["--preset", "fracatlas", "--format", "json"]);
    let (report, _) = run(&mut command, 1);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let rules: Vec<String> = report["agreement"].as_array().unwrap().iter().map(rule).collect();
    assert_eq!(
        rules,
        [
            "yolo = coco boxes as fractions, rounded to 4 decimals, 0-based: 922 of 922",
            "voc = yolo boxes in pixels, truncated, 0-based: 922 of 922",
            "vgg = coco polygon rings, closed, exact: 916 of 922",
        ]
    );
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut errors: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let code = finding["code"].as_str().unwrap();
        *counts.entry(code).or_default() += finding["places"].as_array().map_or(1, Vec::len);
        if finding["severity"] == "error" {
            let image = finding["image"].as_str().unwrap().trim_end_matches(".jpg");
            errors.entry(code).or_default().push(image.to_owned());
        }
    }
    errors.values_mut().for_each(|images| images.dedup());
    let other_length: Vec<String> = OTHER_LENGTH.map(str::to_owned).to_vec();
    let one = |name: &str| vec![name.to_owned()];
    let missing: Vec<String> = OTHER_REGIONS[..4].iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(
        errors,
        BTreeMap::from([
            ("length-differs", other_length),
            ("object-missing", missing),
            ("shape-changed", one(OTHER_REGIONS[4])),
            ("subset-near-copy", LEAKED.map(|name| format!("IMG000{name}")).to_vec()),
            ("table-value", one("IMG0003298")),
            ("image-folder", one("IMG0003298")),
        ])
    );
    assert_eq!(
        counts,
        BTreeMap::from([
            ("background-missing", 3315),
            ("exif-flipped", 2),
            ("exif-rotated", 9),
            ("image-folder", 1),
            ("length-differs", 16),
            ("object-missing", 5),
            ("shape-changed", 1),
            ("subset-near-copy", 15),
            ("table-logic", 19),
            ("table-value", 1),
            ("trailing-data", 3),
            ("truncated-coordinates", 1),
            ("truncated-image", 9),
            ("zero-category-id", 1),
            ("zero-id", 1),
        ])
    );
}

fn rule(agreement: &serde_json::Value) -> String {
    let text = |name: &str| agreement[name].as_str().unwrap();
    let (agree, objects) = (&agreement["agree"], &agreement["objects"]);
    format!("{} = {} {}: {agree} of {objects}", text("to"), text("from"), text("rule"))
}
