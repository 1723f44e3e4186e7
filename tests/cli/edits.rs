//! Selecting, changing and splitting from the command line: what is left, what is counted, and that
//! nothing else changes.

use super::{TempDir, at, fs, report};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Twelve images: `a0.jpg` to `a5.jpg` with a car, of which the even ones have a tree, too, `b0.jpg`
/// to `b3.jpg` with a bus, two without objects. Objects of an image are 10, 20, … pixels wide.
fn garage() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let holds = |at: usize| match at {
        0 | 2 | 4 => &["car", "tree"][..],
        1 | 3 | 5 => &["car"],
        6..=9 => &["bus"],
        _ => &[],
    };
    let name = |at: usize| match at {
        0..=5 => format!("a{at}.jpg"),
        6..=9 => format!("b{}.jpg", at - 6),
        _ => format!("c{}.jpg", at - 10),
    };
    let classes = ["car", "tree", "bus"];
    let image = |at: usize| json!({"id": at, "file_name": name(at), "width": 100, "height": 50, "place": at % 4});
    let mut annotations = Vec::new();
    for at in 0..12 {
        for (number, class) in holds(at).iter().enumerate() {
            let id = classes.iter().position(|it| it == class).unwrap() * 10 + 3;
            let width = 10 * (number + 1);
            annotations.push(json!({"id": annotations.len() + 1, "image_id": at,
                "category_id": id, "bbox": [1.0, 2.5, width, 10], "area": width * 10, "iscrowd": 0,
                "segmentation": [[1, 2.5, 1 + width, 2.5, 1 + width, 12.5, 1, 12.5]], "by": "x"}));
        }
    }
    let categories: Vec<Value> = (0..3)
        .map(|at| json!({"id": at * 10 + 3, "name": classes[at], "supercategory": "thing"}))
        .collect();
    let coco = json!({"info": {"year": 2026}, "images": (0..12).map(image).collect::<Vec<_>>(),
        "annotations": annotations, "categories": categories});
    fs::write(folder.path().join("a.json"), coco.to_string()).unwrap();
    folder
}

fn read(folder: &TempDir, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.path().join(name)).unwrap()).unwrap()
}

/// The counts of a report's losses.
fn losses(report: &Value) -> BTreeMap<&str, u64> {
    let rows = report["losses"].as_array().unwrap().iter();
    rows.map(|row| (row["reason"].as_str().unwrap(), row["count"].as_u64().unwrap())).collect()
}

/// What goes in is what comes out and what is counted.
fn balances(report: &Value) {
    let rows = report["losses"].as_array().unwrap().iter();
    let lost: u64 =
        rows.filter(|row| row["dropped"] == true).map(|row| row["count"].as_u64().unwrap()).sum();
    let (read, written) = (&report["annotations_read"], &report["annotations_written"]);
    assert_eq!(read.as_u64().unwrap(), written.as_u64().unwrap() + lost, "{report}");
}

#[test]
fn what_is_left_out_is_counted_by_reason_and_the_rest_is_untouched() {
    let source = garage();
    let whole = read(&source, "a.json");
    for (options, images, objects, counted) in [
        ("--keep car", 12, 6, &[("class-left-out", 7)][..]),
        ("--drop t*,bus", 12, 6, &[("class-left-out", 7)]),
        ("--keep-images a*", 6, 9, &[("image-left-out", 6), ("of-image-left-out", 4)]),
        ("--drop-images b?.jpg", 8, 9, &[("image-left-out", 4), ("of-image-left-out", 4)]),
        ("--images-from list.txt", 2, 2, &[("image-left-out", 10), ("of-image-left-out", 11)]),
        ("--min-area 150", 12, 3, &[("too-small", 10)]),
        ("--max-area 150", 12, 10, &[("too-large", 3)]),
        ("--min-side 11", 12, 0, &[("too-small", 13)]),
        ("--keep-empty 0", 10, 13, &[("empty-left-out", 2)]),
        ("--keep-empty 0.1", 11, 13, &[("empty-left-out", 1)]),
        ("--keep car --keep-empty 0", 6, 6, &[("class-left-out", 7), ("empty-left-out", 6)]),
        ("--keep bus --negatives skip", 4, 4, &[("class-left-out", 9), ("negative-skipped", 8)]),
        (
            "--drop car --keep-images a*",
            6,
            3,
            &[("class-left-out", 6), ("image-left-out", 6), ("of-image-left-out", 4)],
        ),
    ] {
        fs::write(source.path().join("list.txt"), "a1\nb0.jpg\n").unwrap();
        let line = format!("convert a.json --to coco -o out.json --overwrite {options}");
        let report = report(&source, &line, 0);
        balances(&report);
        assert_eq!(losses(&report), BTreeMap::from_iter(counted.iter().copied()), "{options}");
        let out = read(&source, "out.json");
        for (list, count) in [("images", images), ("annotations", objects)] {
            let kept = out[list].as_array().unwrap();
            assert_eq!(kept.len(), count, "{options}: {list}");
            let known = whole[list].as_array().unwrap();
            assert!(kept.iter().all(|it| known.contains(it)), "{options}: {list}");
        }
        assert_eq!(out["info"], whole["info"], "{options}");
    }
}

#[test]
fn classes_keep_their_ids_and_get_new_numbers_where_a_format_counts_them() {
    let source = garage();
    at(&source, "convert a.json --to coco -o out.json --drop car --rename bus=big", 0);
    let out = read(&source, "out.json");
    let names = |out: &Value| -> Vec<(u64, String)> {
        let all = out["categories"].as_array().unwrap().iter();
        all.map(|it| (it["id"].as_u64().unwrap(), it["name"].as_str().unwrap().to_owned()))
            .collect()
    };
    assert_eq!(names(&out), [(13, "tree".to_owned()), (23, "big".to_owned())]);
    at(&source, "convert a.json --to yolo -o y --drop car --rename-from names.csv", 2);
    fs::write(source.path().join("names.csv"), "bus,tree\n").unwrap();
    at(&source, "convert a.json --to yolo -o y --drop car --rename-from names.csv", 0);
    assert_eq!(fs::read_to_string(source.path().join("y/classes.txt")).unwrap(), "tree\n");
    let row = fs::read_to_string(source.path().join("y/b0.txt")).unwrap();
    assert_eq!(row, "0 0.060000 0.150000 0.100000 0.200000\n");
}

#[test]
fn a_name_that_fits_nothing_is_refused_with_what_is_there() {
    let source = garage();
    fs::write(source.path().join("list.txt"), "a1\nz9.jpg\n").unwrap();
    for (options, words) in [
        ("--keep lorry", "class: expected the name or a pattern of one (car, tree, bus), found"),
        ("--drop car,tree,bus", "expected a class that stays, found none"),
        ("--rename lorry=x", "expected a class of the dataset (car, tree, bus), found \"lorry\""),
        ("--rename car", "rename: expected OLD=NEW (once for each class), found \"car\""),
        ("--rename car=x --rename car=y", "expected one new name, found \"x\" and \"y\""),
        ("--keep-images z*", "image: expected the name or a pattern of one"),
        ("--images-from list.txt", "list.txt:2:1: image \"z9.jpg\": expected an image of the"),
        ("--sample 13", "sample: expected at most 12, as there are no more images, found 13"),
        ("--subset train", "expected no subset, as the dataset has none, found \"train\""),
        ("--split train=0.5,val=0.6", "split: expected shares that sum to 1"),
        ("--split a=0.5,b=0.5 --group (", "expected a regular expression with a group"),
        (
            "--split a=0.5,b=0.5 --group nobody",
            "group: expected a member that some image has, found none; the first is",
        ),
        ("--for ultralytic", "did you mean ultralytics?"),
        ("--for ultralytics", "expected a format that ultralytics reads (yolo), found coco"),
    ] {
        let (_, error) = at(&source, &format!("convert a.json --to coco -o o {options}"), 2);
        assert!(error.contains(words), "{options}: {error}");
        assert!(!source.path().join("o").exists());
    }
    let line = "convert a.json --to coco -o o.json --images-from list.txt --missing-images skip";
    let report = report(&source, line, 0);
    assert_eq!((&report["images"], losses(&report)["unknown-name"]), (&json!(1), 1));
}

/// The images of each subset of a folder of COCO files.
fn subsets(folder: &TempDir, name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let files = fs::read_dir(folder.path().join(name)).unwrap();
    let images = |file: fs::DirEntry| {
        let path = file.path();
        let value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let images = value["images"].as_array().unwrap().iter();
        let names = images.map(|it| it["file_name"].as_str().unwrap().to_owned()).collect();
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), names)
    };
    files.map(|file| images(file.unwrap())).collect()
}

#[test]
fn a_sample_has_as_many_images_as_asked_and_is_the_same_each_time() {
    let source = garage();
    let sample = |options: &str| -> BTreeSet<String> {
        at(&source, &format!("convert a.json --to coco -o s/s.json --overwrite {options}"), 0);
        subsets(&source, "s").into_values().next().unwrap()
    };
    for count in [0, 1, 5, 11, 12] {
        assert_eq!(sample(&format!("--sample {count}")).len(), count, "{count}");
    }
    assert_eq!(sample("--sample 5 --seed 3"), sample("--sample 5 --seed 3"));
    let others: BTreeSet<_> =
        (0..6).map(|seed| sample(&format!("--sample 5 --seed {seed}"))).collect();
    assert!(others.len() > 1);
}

#[test]
fn a_split_shares_all_out_and_keeps_what_was_given() {
    let source = garage();
    let line = "convert a.json --to coco --split train=0.5,val=0.5";
    let made = report(&source, &format!("{line} -o one"), 0);
    let one = subsets(&source, "one");
    assert_eq!(one.values().map(BTreeSet::len).collect::<Vec<_>>(), [6, 6]);
    let cars = |report: &Value, at: usize| report["split"]["subsets"][at]["classes"][0].clone();
    assert_eq!(cars(&made, 0), json!({"name": "car", "images": 3, "objects": 3, "deviation": 0.0}));
    // The same again; with images added, each stays where it was.
    at(&source, &format!("{line} -o two"), 0);
    assert_eq!(subsets(&source, "two"), one);
    at(&source, "convert a.json --to coco --drop-images c*,b3.jpg -o few.json", 2);
    at(&source, "convert a.json --to coco --drop-images c* --drop-images b3.jpg -o few.json", 0);
    at(&source, "convert few.json --to coco --split train=0.5,val=0.5 -o few", 0);
    let grown = report(&source, &format!("{line} --split-from few -o grown"), 0);
    assert_eq!(grown["split"]["given"], 9);
    let (few, grown) = (subsets(&source, "few"), subsets(&source, "grown"));
    for (subset, images) in &few {
        assert!(images.is_subset(&grown[subset]), "{subset}: {few:?} {grown:?}");
    }
}

#[test]
fn lists_decide_the_subsets_and_groups_stay_together() {
    let source = garage();
    fs::write(source.path().join("train.txt"), "a0.jpg\na1.jpg\n").unwrap();
    fs::write(source.path().join("val.csv"), "image_id,x\nb0.jpg,1\n").unwrap();
    let line = "convert a.json --to coco --split-from train.txt,val.csv";
    let listed = report(&source, &format!("{line} -o lists"), 0);
    assert_eq!(losses(&listed)["not-in-lists"], 9);
    balances(&listed);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::from([
        ("train".to_owned(), names(&["a0.jpg", "a1.jpg"])),
        ("val".to_owned(), names(&["b0.jpg"])),
    ]);
    assert_eq!(subsets(&source, "lists"), expected);
    // One subset of it, and the rest shared out.
    at(&source, &format!("{line} --subset val -o val.json"), 0);
    assert_eq!(read(&source, "val.json")["images"].as_array().unwrap().len(), 1);
    let whole = report(&source, &format!("{line} --split train=0.5,val=0.5 -o all"), 0);
    assert_eq!((&whole["images"], &whole["split"]["given"]), (&json!(12), &json!(3)));
    // A group, by a member of the images and by their names.
    for (group, key) in [("place", 1..2), ("^(.)", 0..1)] {
        let line = format!("convert a.json --to coco --split train=0.5,val=0.5 --group {group}");
        let made = report(&source, &format!("{line} -o g --overwrite"), 0);
        let groups = |images: &BTreeSet<String>| -> BTreeSet<String> {
            let of = |name: &String| match group {
                "place" => {
                    let number: usize = name[key.clone()].parse().unwrap();
                    let first = BTreeMap::from([("a", 0), ("b", 6), ("c", 10)])[&name[..1]];
                    ((number + first) % 4).to_string()
                }
                _ => name[key.clone()].to_owned(),
            };
            images.iter().map(of).collect()
        };
        let subsets = subsets(&source, "g");
        assert!(groups(&subsets["train"]).is_disjoint(&groups(&subsets["val"])), "{subsets:?}");
        assert!(made["split"]["groups"].as_u64().unwrap() > 1);
    }
    fs::write(source.path().join("val.csv"), "image_id\na0.jpg\n").unwrap();
    let (_, error) = at(&source, &format!("{line} -o twice"), 2);
    assert!(error.contains("expected it in one subset, found it in train and in val"), "{error}");
}

#[test]
fn a_group_by_a_member_is_the_same_for_every_target() {
    let source = garage();
    for to in ["coco", "yolo", "vgg"] {
        let line = format!(
            "convert a.json --to {to} --split train=0.5,val=0.5 --group place -o g-{to} --dry-run"
        );
        let made = report(&source, &line, 0);
        assert_eq!(made["split"]["groups"], 4, "{to}");
        let images = |at: usize| made["split"]["subsets"][at]["images"].clone();
        assert_eq!((images(0), images(1)), (json!(6), json!(6)), "{to}");
    }
}

#[test]
fn what_cannot_be_read_stops_no_edit_where_it_is_passed_over() {
    let source = garage();
    at(&source, "convert a.json --to yolo -o y", 0);
    fs::write(source.path().join("y/a1.txt"), b"0 \xff\xfe 0.5 0.1 0.1\n").unwrap();
    for edit in [
        "--split train=0.5,val=0.5",
        "--sample 5",
        "--keep-empty 0",
        "--negatives skip",
        "--drop-images a1.jpg",
    ] {
        let line = format!("convert y --sizes a.json --to coco -o o.json --overwrite {edit}");
        at(&source, &line, 2);
        balances(&report(&source, &format!("{line} --on-error skip"), 0));
    }
}

#[test]
fn a_class_that_joins_an_earlier_one_keeps_that_one_as_it_is() {
    let source = garage();
    let made = report(&source, "convert a.json --to coco -o o.json --rename car=bus", 0);
    let (out, whole) = (read(&source, "o.json"), read(&source, "a.json"));
    let categories = out["categories"].as_array().unwrap();
    assert!(
        categories.contains(&whole["categories"][2]) && categories.len() == 2,
        "{categories:?}"
    );
    assert!(losses(&made).is_empty());
    let of_bus = |value: &Value| {
        let all = value["annotations"].as_array().unwrap().iter();
        all.filter(|it| it["category_id"] == 23).count()
    };
    assert_eq!((of_bus(&whole), of_bus(&out)), (4, 10));
}

#[test]
fn after_a_split_own_files_lie_in_a_folder_a_subset() {
    let source = garage();
    let made = report(&source, "convert a.json --to yolo --split train=0.5,val=0.5 -o y", 0);
    assert!(!losses(&made).contains_key("subset"));
    for subset in ["train", "val"] {
        assert_eq!(fs::read_dir(source.path().join("y").join(subset)).unwrap().count(), 6);
    }
    // They are subsets for whoever reads them.
    at(&source, "convert y --sizes a.json --to coco -o back", 0);
    assert_eq!(subsets(&source, "back").keys().collect::<Vec<_>>(), ["train", "val"]);
}
