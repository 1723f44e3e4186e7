//! Seeded faults are mended: the result validates clean, and is the clean dataset but for what the
//! finding says.

#![allow(clippy::restriction, reason = "tests panic and tell")]

mod causes;
mod texts;

use annoconv::fix::{self, Fix, Output, Request};
use annoconv::rules::Rule;
use annoconv::validate;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A PNG file of a size, as far as its header goes.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend(b"\x08\0\0\0\0----\0\0\0\0IEND\xAE\x42\x60\x82");
    bytes
}

/// Two images with objects and one without.
fn clean() -> Value {
    let object = |id: u32, image: u32, [x, y, w, h]: [f64; 4]| {
        let ring = [x, y, x + w, y, x + w, y + h, x, y + h];
        json!({"id": id, "image_id": image, "category_id": 1 + id % 2, "bbox": [x, y, w, h],
               "area": w * h, "iscrowd": 0, "segmentation": [ring]})
    };
    json!({
        "images": [{"id": 1, "file_name": "a.png", "width": 200, "height": 100},
                   {"id": 2, "file_name": "b.png", "width": 120, "height": 80},
                   {"id": 3, "file_name": "c.png", "width": 60, "height": 40}],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
        "annotations": [object(1, 1, [10.0, 20.0, 50.5, 30.0]), object(2, 1, [80.25, 10.0, 60.0, 40.0]),
                        object(3, 2, [5.0, 5.0, 30.0, 30.0]), object(4, 2, [60.0, 20.0, 55.0, 50.0])]
    })
}

/// A folder with the images and these files.
fn place(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("images")).unwrap();
    for (name, width, height) in [("a", 200, 100), ("b", 120, 80), ("c", 60, 40)] {
        fs::write(folder.path().join(format!("images/{name}.png")), png(width, height)).unwrap();
    }
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn request(path: &Path) -> validate::Request {
    validate::Request { paths: vec![path.to_path_buf()], ..validate::Request::default() }
}

fn codes(path: &Path) -> Vec<&'static str> {
    let findings = validate::run(&request(path)).unwrap().findings;
    findings.iter().map(|finding| finding.rule.code()).collect()
}

fn mend(path: &Path) -> Fix {
    let fix = fix::run(&Request { dataset: request(path), rules: Rule::ALL.to_vec() }).unwrap();
    fix.write(path, Output::InPlace).unwrap();
    fix
}

fn counts(counts: &[(Rule, usize)]) -> Vec<(&'static str, usize)> {
    counts.iter().map(|(rule, count)| (rule.code(), *count)).collect()
}

/// A seed in a COCO file: what is broken, how, and what the mended file has that the clean one has
/// not.
struct Seed {
    code: &'static str,
    breaks: fn(&mut Value),
    differs: fn(&mut Value),
}

const fn seed(code: &'static str, breaks: fn(&mut Value), differs: fn(&mut Value)) -> Seed {
    Seed { code, breaks, differs }
}

fn same(_: &mut Value) {}

fn each(json: &mut Value, change: impl Fn(&mut Value)) {
    json["annotations"].as_array_mut().unwrap().iter_mut().for_each(change);
}

const SEEDS: [Seed; 24] = [
    seed(
        "zero-id",
        |it| it["annotations"][0]["id"] = json!(0),
        |it| it["annotations"][0]["id"] = json!(5),
    ),
    seed(
        "duplicate-id",
        |it| it["annotations"][3]["id"] = json!(1),
        |it| it["annotations"][3]["id"] = json!(4),
    ),
    seed(
        "absent-member",
        |it| each(it, |one| drop(one.as_object_mut().unwrap().shift_remove("area"))),
        same,
    ),
    seed(
        "absent-member",
        |it| each(it, |one| drop(one.as_object_mut().unwrap().shift_remove("iscrowd"))),
        same,
    ),
    seed(
        "absent-member",
        |it| drop(it["annotations"][1].as_object_mut().unwrap().shift_remove("id")),
        |it| it["annotations"][1]["id"] = json!(5),
    ),
    seed(
        "absent-member",
        |it| {
            let image = it["images"][0].as_object_mut().unwrap();
            image.remove("width");
            image.remove("height");
        },
        same,
    ),
    seed(
        "string-number",
        |it| it["annotations"][0]["bbox"] = json!([10, "20.0", "50.5", 30]),
        same,
    ),
    seed("string-number", |it| it["images"][1]["width"] = json!("120"), same),
    seed("zero-image-size", |it| it["images"][1]["width"] = json!(0), same),
    seed("size-differs", |it| it["images"][2]["width"] = json!(61), same),
    seed("area-not-shape", |it| it["annotations"][1]["area"] = json!(7), same),
    seed(
        "box-not-shape",
        |it| it["annotations"][1]["bbox"] = json!([80.25, 10.0, 70.0, 45.0]),
        same,
    ),
    seed(
        "duplicate-object",
        |it| {
            let mut again = it["annotations"][2].clone();
            again["id"] = json!(9);
            it["annotations"].as_array_mut().unwrap().push(again);
        },
        same,
    ),
    seed(
        "beyond-border",
        |it| {
            it["annotations"][3]["bbox"] = json!([60.0, 20.0, 70.0, 50.0]);
            it["annotations"][3]["segmentation"] = json!([[60, 20, 130, 20, 130, 70, 60, 70]]);
            it["annotations"][3]["area"] = json!(3500);
        },
        |it| {
            it["annotations"][3]["bbox"] = json!([60.0, 20.0, 60.0, 50.0]);
            it["annotations"][3]["segmentation"] = json!([[60, 20, 120, 20, 120, 70, 60, 70]]);
            it["annotations"][3]["area"] = json!(3000);
        },
    ),
    seed(
        "illegal-name",
        |it| it["images"][0]["file_name"] = json!("images\\a.png"),
        |it| it["images"][0]["file_name"] = json!("images/a.png"),
    ),
    seed(
        "zero-category-id",
        |it| {
            it["categories"][0]["id"] = json!(0);
            each(it, |one| {
                if one["category_id"] == 1 {
                    one["category_id"] = json!(0)
                }
            });
        },
        same,
    ),
    seed("all-crowd", |it| each(it, |one| one["iscrowd"] = json!(1)), same),
    seed("area-without-rule", |it| each(it, |one| one["area"] = json!(0)), same),
    seed("name-differs", |it| it["images"][0]["file_name"] = json!("A.PNG"), same),
    seed(
        "name-differs",
        |it| it["images"][1]["file_name"] = json!("images/b.jpg"),
        |it| it["images"][1]["file_name"] = json!("images/b.png"),
    ),
    seed(
        "image-twice",
        |it| {
            let mut again = it["images"][1].clone();
            again["id"] = json!(9);
            it["images"].as_array_mut().unwrap().push(again);
            it["annotations"][3]["image_id"] = json!(9);
        },
        same,
    ),
    seed(
        "corners-as-size",
        |it| {
            each(it, |one| {
                let number = |at: usize| one["bbox"][at].as_f64().unwrap();
                let (right, bottom) = (number(0) + number(2), number(1) + number(3));
                one["bbox"][2] = json!(right);
                one["bbox"][3] = json!(bottom);
            })
        },
        same,
    ),
    seed(
        "shape-beyond-border",
        |it| {
            it["annotations"][3]["segmentation"] = json!([[60, 20, 130, 20, 130, 70, 60, 70]]);
            it["annotations"][3]["bbox"] = json!([60.0, 20.0, 60.0, 50.0]);
            it["annotations"][3]["area"] = json!(3000);
        },
        |it| {
            it["annotations"][3]["segmentation"] = json!([[60, 20, 120, 20, 120, 70, 60, 70]]);
            it["annotations"][3]["bbox"] = json!([60.0, 20.0, 60.0, 50.0]);
            it["annotations"][3]["area"] = json!(3000);
        },
    ),
    seed("self-crossing", |_| {}, same),
];

/// Numbers as they are compared: 1 and 1.0 are one, and members have no order.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(list) => list.iter().map(plain).collect(),
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| name.as_str());
            Value::Object(sorted.into_iter().map(|(name, it)| (name.clone(), plain(it))).collect())
        }
        other => other.clone(),
    }
}

#[test]
fn seeds_in_coco_are_mended() {
    for (number, Seed { code, breaks, differs }) in SEEDS.iter().enumerate() {
        for is_pretty in [true, false] {
            let (mut broken, mut expected) = (clean(), clean());
            breaks(&mut broken);
            differs(&mut expected);
            let text = if is_pretty { format!("{broken:#}\n") } else { broken.to_string() };
            let folder = place(&[("coco.json", &text)]);
            if broken == clean() {
                assert_eq!(codes(folder.path()), [""; 0], "the clean one");
                continue;
            }
            assert!(
                codes(folder.path()).contains(code),
                "{number} {code}: {:?}",
                codes(folder.path())
            );
            let fix = mend(folder.path());
            assert!(counts(&fix.mended).iter().any(|(it, _)| it == code), "{code}: {fix:?}");
            assert_eq!(codes(folder.path()), [""; 0], "{code}: {:?}", counts(&fix.left));
            let text = fs::read_to_string(folder.path().join("coco.json")).unwrap();
            let mended: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(plain(&mended), plain(&expected), "{number} {code}");
        }
    }
}

#[test]
fn what_needs_judgement_is_left_and_listed() {
    let mut broken = clean();
    broken["annotations"][0]["bbox"] = json!([10, 20, 0, 30]);
    broken["annotations"][1]["category_id"] = json!(77);
    broken["images"][0]["width"] = json!(400);
    broken["annotations"][2]["id"] = json!(0);
    let folder = place(&[("coco.json", &broken.to_string())]);
    let fix = mend(folder.path());
    assert_eq!(counts(&fix.mended), [("zero-id", 1)]);
    let left = [("missing-reference", 1), ("zero-size", 1), ("size-differs", 1)];
    assert_eq!(counts(&fix.left), left);
    for (rule, _) in &fix.left {
        assert!(!rule.why_left().is_empty());
    }
}

#[test]
fn a_rule_that_is_not_asked_for_is_neither_mended_nor_counted() {
    let mut broken = clean();
    broken["annotations"][0]["id"] = json!(0);
    broken["annotations"][1]["area"] = json!(7);
    let folder = place(&[("coco.json", &broken.to_string())]);
    let rules = vec![Rule::AreaNotShape];
    let fix = fix::run(&Request { dataset: request(folder.path()), rules }).unwrap();
    assert_eq!((counts(&fix.mended), fix.left.len()), (vec![("area-not-shape", 1)], 0));
    fix.write(folder.path(), Output::InPlace).unwrap();
    assert_eq!(codes(folder.path()), ["zero-id"]);
}

/// All files below a folder, with their texts.
fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(tree(&path)),
            false => found.push((path.clone(), fs::read(&path).unwrap())),
        }
    }
    found.sort();
    found
}

#[test]
fn a_copy_has_the_layout_of_the_dataset() {
    let mut coco = clean();
    coco["annotations"][0]["id"] = json!(0);
    let yaml = "names: [cat]\nnc: 1\ntrain: train/images\n";
    let folder = place(&[
        ("data.yaml", yaml),
        ("train/labels/a.txt", "0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2\n"),
        ("train/labels/b.txt", "0 0.5 0.5 0.2 0.2\n"),
        ("annotations/coco.json", &coco.to_string()),
        ("notes.md", "mine"),
    ]);
    let before = tree(folder.path());
    let target = tempfile::tempdir().unwrap();
    let copy = target.path().join("copy");
    let fix =
        fix::run(&Request { dataset: request(folder.path()), rules: Rule::ALL.to_vec() }).unwrap();
    let output = Output::Copy { target: &copy, overwrite: false };
    assert_eq!(fix.write(folder.path(), output).unwrap(), 4);
    assert_eq!(tree(folder.path()), before, "the sources stay");
    let names: Vec<String> = tree(&copy)
        .iter()
        .map(|(path, _)| path.strip_prefix(&copy).unwrap().display().to_string())
        .collect();
    assert_eq!(
        names,
        ["annotations/coco.json", "data.yaml", "train/labels/a.txt", "train/labels/b.txt"]
    );
    assert_eq!(fs::read_to_string(copy.join("train/labels/a.txt")).unwrap(), "0 0.5 0.5 0.2 0.2\n");
    assert!(fix.write(folder.path(), output).is_err(), "it is there already");
    let output = Output::Copy { target: folder.path(), overwrite: true };
    assert!(fix.write(folder.path(), output).is_err(), "the dataset itself");
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn a_diff_makes_the_mended_file() {
    let mut coco = clean();
    coco["annotations"][0]["id"] = json!(0);
    coco["annotations"][2]["bbox"] = json!(["5", 5, 30, 30]);
    coco["annotations"][3]["area"] = json!(1);
    let again = coco["annotations"][1].clone();
    coco["annotations"].as_array_mut().unwrap().push(again);
    let folder = place(&[
        ("coco.json", &format!("{coco:#}\n")),
        ("labels/classes.txt", "cat\n"),
        ("labels/a.txt", "0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2\n0 0.9 0.9 0.1 0.1"),
    ]);
    let fix =
        fix::run(&Request { dataset: request(folder.path()), rules: Rule::ALL.to_vec() }).unwrap();
    let before = tree(folder.path());
    let diff = fix.diff(folder.path()).unwrap();
    assert_eq!(tree(folder.path()), before, "nothing is written");
    let patched = tempfile::tempdir().unwrap();
    for name in ["coco.json", "labels/a.txt"] {
        fs::create_dir_all(patched.path().join("labels")).unwrap();
        fs::copy(folder.path().join(name), patched.path().join(name)).unwrap();
    }
    fs::write(patched.path().join("fix.diff"), &diff).unwrap();
    fix.write(folder.path(), Output::InPlace).unwrap();
    let git = std::process::Command::new("git")
        .args(["apply", "fix.diff"])
        .env("GIT_CEILING_DIRECTORIES", patched.path().parent().unwrap())
        .current_dir(patched.path())
        .output();
    let Ok(git) = git else { return };
    assert!(git.status.success(), "{diff}\n{}", String::from_utf8_lossy(&git.stderr));
    for name in ["coco.json", "labels/a.txt"] {
        let text = |folder: &Path| fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!(text(patched.path()), text(folder.path()), "{name}");
    }
}

#[test]
fn what_changed_since_it_was_judged_is_not_mended() {
    let mut broken = clean();
    broken["annotations"][0]["id"] = json!(0);
    let folder = place(&[("coco.json", &broken.to_string())]);
    let path = folder.path().join("coco.json");
    let request = Request { dataset: request(folder.path()), rules: Rule::ALL.to_vec() };
    let fix = fix::run(&request).unwrap();
    fs::write(&path, format!(" {broken}")).unwrap();
    let before = tree(folder.path());
    let error = fix.write(folder.path(), Output::InPlace).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "coco.json: input: expected the file that was judged, found another one: run it again"
        ),
        "{error}"
    );
    assert_eq!(tree(folder.path()), before);
}

/// Carries out operations of JSON Patch: those that are printed, in their order.
fn patched(mut json: Value, operations: &Value) -> Value {
    for operation in operations.as_array().unwrap() {
        let path = |name: &str| operation[name].as_str().unwrap().to_owned();
        let (parent, last) =
            path("path").rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        match operation["op"].as_str().unwrap() {
            "test" => assert_eq!(json.pointer(&path("path")), Some(&operation["value"])),
            "replace" => *json.pointer_mut(&path("path")).unwrap() = operation["value"].clone(),
            "add" => json.pointer_mut(&parent).unwrap()[last] = operation["value"].clone(),
            "remove" => drop(
                json.pointer_mut(&parent)
                    .unwrap()
                    .as_array_mut()
                    .unwrap()
                    .remove(last.parse().unwrap()),
            ),
            other => panic!("{other}"),
        }
    }
    json
}

#[test]
fn a_file_of_one_line_has_its_changes_as_json_patch() {
    let mut broken = clean();
    broken["annotations"][0]["id"] = json!(0);
    broken["annotations"][2]["bbox"] = json!(["5", 5, 30, 30]);
    broken["annotations"][3].as_object_mut().unwrap().remove("area");
    for id in [8, 9] {
        let mut again = broken["annotations"][1].clone();
        again["id"] = json!(id);
        again["segmentation"] = broken["annotations"][1]["segmentation"].clone();
        broken["annotations"].as_array_mut().unwrap().push(again);
    }
    broken["info"] = json!({"note": "x".repeat(2000)});
    let folder = place(&[("coco.json", &broken.to_string())]);
    let request = Request { dataset: request(folder.path()), rules: Rule::ALL.to_vec() };
    let fix = fix::run(&request).unwrap();
    let diff = fix.diff(folder.path()).unwrap();
    let operations = diff.strip_prefix("# JSON Patch (RFC 6902) of coco.json\n").unwrap();
    let expected = patched(broken, &serde_json::from_str(operations).unwrap());
    fix.write(folder.path(), Output::InPlace).unwrap();
    let text = fs::read_to_string(folder.path().join("coco.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected, "{diff}");
}
