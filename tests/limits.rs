//! Input whose work would grow with the square of its length, or fill the memory: each run has a
//! limit of time and memory that it would exceed by far if it did.

#![cfg(target_os = "linux")]
#![allow(clippy::restriction, reason = "tests panic and tell")]

mod support;

use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use std::time::Instant;
use support::{annoconv, words};
use tempfile::TempDir;

/// Seconds of processor time that a run may take: at least ten times as many as it needs.
const SECONDS: u32 = 120;

/// Memory that a run may ask for, in KiB. Mapped files and the stacks of threads count.
const MEMORY: u32 = 3 << 20;

/// Runs the program within the limits; its exit status has to be one of its own.
fn run(folder: &TempDir, line: &str) -> (i32, String) {
    let limited = format!("ulimit -t {SECONDS}; ulimit -v {MEMORY}; exec \"$0\" \"$@\"");
    let started = Instant::now();
    let mut shell = Command::new("sh");
    shell.current_dir(folder).args(["-c", &limited]).arg(annoconv().get_program());
    let done = shell.args(words(line)).output().unwrap();
    let told = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    let status = done.status.code().unwrap_or(-1);
    eprintln!("{line}: {status} after {:.2?}", started.elapsed());
    assert!((0..=2).contains(&status), "{line}: {:?} {told:.2000}", done.status);
    (status, told)
}

fn coco(images: Vec<Value>, annotations: Vec<Value>) -> Value {
    json!({"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "x"}]})
}

fn image(id: usize, name: &str) -> Value {
    json!({"id": id, "file_name": name, "width": 1000, "height": 1000})
}

fn annotation(id: usize, members: Value) -> Value {
    let mut all = json!({"id": id, "image_id": 1, "category_id": 1});
    all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    all
}

fn rect(attributes: Value) -> Value {
    json!({"shape_attributes": {"name": "rect", "x": 1, "y": 1, "width": 5, "height": 5},
        "region_attributes": attributes})
}

/// A folder with these files.
fn folder(files: &[(&str, String)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn equal_ids_are_found_in_one_pass() {
    let own = |number: usize| {
        annotation(number / 2 + 1, json!({"bbox": [number % 900, number / 900, 5, 5]}))
    };
    let file = coco(vec![image(1, "a.jpg")], (0..40_000).map(own).collect());
    let folder = folder(&[("a.json", file.to_string())]);
    let (status, told) = run(&folder, "validate a.json --max-findings 1");
    assert_eq!(status, 1);
    assert!(told.contains("duplicate-id") && told.contains("(20000)"), "{told}");
}

#[test]
fn a_name_of_many_folders_has_few_keys() {
    let name = format!("{}x.jpg", "a/".repeat(2000));
    let images = (0..200).map(|id| image(id, &format!("{id}/{name}"))).collect();
    let folder = folder(&[("a.json", coco(images, Vec::new()).to_string())]);
    run(&folder, "validate a.json --fail-on never");
    run(&folder, "convert a.json --to vgg --sizes a.json -o out.json");
}

#[test]
fn images_of_one_file_name_are_not_all_compared() {
    let names = |start: &str| -> Vec<Value> {
        (0..30_000).map(|id| image(id, &format!("{start}{id}/a.jpg"))).collect()
    };
    let split: String = (0..30_000).map(|_| "a.jpg\n").collect();
    let folder = folder(&[
        ("a.json", coco(names("p"), Vec::new()).to_string()),
        ("b.json", coco(names("q"), Vec::new()).to_string()),
        ("split.csv", format!("image\n{split}")),
    ]);
    run(&folder, "validate --coco a.json --coco b.json --splits split.csv --fail-on never");
}

#[test]
fn what_stands_once_is_not_repeated_without_end() {
    let long = "k".repeat(500_000);
    let region = rect(json!({"label": "c"}));
    let keyed = json!({long.clone(): {"filename": "a.jpg", "size": -1,
        "regions": vec![region.clone(); 10_000]}});
    let attributes = json!({"a.jpg": {"filename": "a.jpg", "size": -1,
        "file_attributes": {"t": long}, "regions": vec![region; 10_000]}});
    let parts: Vec<Value> = (0..5000).map(|x| json!([x, 0, x + 1, 0, x, 1])).collect();
    let split = annotation(1, json!({"segmentation": parts, "note": long, "bbox": [0, 0, 9, 9]}));
    let listed = annotation(1, json!({"bbox": [0, 0, 9, 9], "pose": {"aaa": 1}}));
    let folder = folder(&[
        ("keyed.json", keyed.to_string()),
        ("attributes.json", attributes.to_string()),
        ("split.json", coco(vec![image(1, "a.jpg")], vec![split]).to_string()),
        ("listed.json", {
            let file = coco(vec![image(1, "a.jpg")], vec![listed]).to_string();
            file.replace("\"aaa\":1", &format!("\"{}\":[{}1]", long, "1,".repeat(500_000)))
        }),
        ("head.csv", format!("image,{long}\n{}", "a.jpg,1\n".repeat(10_000))),
    ]);
    run(&folder, "validate keyed.json --fail-on never");
    run(&folder, "validate --coco split.json --csv head.csv --fail-on never --format json");
    for (line, expected) in [
        ("convert attributes.json --to vgg -o out.csv", "the image's attributes"),
        ("convert split.json --to vgg --multipart split -o out.json", "members of an annotation"),
    ] {
        let (status, told) = run(&folder, line);
        assert_eq!(status, 2, "{told}");
        assert!(told.contains(expected) && told.contains("67108864 bytes in all"), "{told}");
    }
    let (status, told) = run(&folder, "convert listed.json --to voc -o voc");
    assert_eq!(status, 0);
    assert!(told.contains("members"), "{told}");
    assert!(fs::metadata(folder.path().join("voc/a.xml")).unwrap().len() < 10_000);
}

#[test]
fn declarations_are_read_once() {
    let many = "<?xml version=\"1.0\" encoding=\"x\"?>".repeat(100_000);
    let folder = folder(&[("a.xml", format!("<annotation>{many}</annotation>"))]);
    let (status, told) = run(&folder, "convert . --from voc --to coco -o out.json");
    assert_eq!(status, 2);
    assert!(told.contains("a.xml:1:13: file: expected well-formed XML"), "{told}");
}

#[test]
fn copies_without_number_are_refused() {
    let file = coco(vec![image(1, "a.jpg")], vec![annotation(1, json!({"bbox": [1, 1, 5, 5]}))]);
    let folder = tempfile::tempdir().unwrap();
    for number in 0..800 {
        fs::write(folder.path().join(format!("{number}.json")), file.to_string()).unwrap();
    }
    let (status, told) = run(&folder, "validate .");
    assert_eq!(status, 2);
    assert!(
        told.contains("at most 64 files or folders about the same images, found 800"),
        "{told}"
    );
}

#[test]
fn other_files_beside_many_parts_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..3000 {
        let at = |start: &str| {
            let own = folder.path().join(format!("{start}{number}"));
            fs::create_dir(&own).unwrap();
            own.join("a.json")
        };
        let file = coco(vec![image(1, &format!("{number}.jpg"))], Vec::new());
        fs::write(at("coco"), file.to_string()).unwrap();
        fs::write(at("other"), "{\"x\": 1}").unwrap();
    }
    let (_, told) = run(&folder, "validate . --fail-on never --max-findings 1");
    assert!(told.contains("3000"), "{told:.2000}");
}

#[test]
fn a_folder_a_label_is_no_matter() {
    let folder = folder(&[("classes.txt", "x\n".to_owned())]);
    for number in 0..10_000 {
        let own = folder.path().join(format!("labels/{number}"));
        fs::create_dir_all(&own).unwrap();
        fs::write(own.join("a.txt"), "0 0.5 0.5 0.1 0.1\n").unwrap();
    }
    run(&folder, "validate labels --fail-on never --max-findings 1");
}

/// Shapes that differ are measured where that is quick, and those of one box are told apart.
#[test]
fn shapes_that_cross_themselves_and_equal_boxes_are_bounded() {
    let point = |number: usize| [(number * 7919) % 1000, (number * 104_729) % 1000];
    let ring: Vec<usize> = (0..4000).flat_map(point).collect();
    let moved: Vec<f64> = ring.iter().map(|&it| it as f64 + 0.3).collect();
    let plain = |id: usize| annotation(id, json!({"segmentation": [[id, 1, id + 9, 1, id, 9]]}));
    let file = |ring: Value| {
        let crossing = annotation(99, json!({"segmentation": [ring]}));
        let all = (1..6).map(plain).chain([crossing]).collect();
        coco(vec![image(1, "a.jpg")], all).to_string()
    };
    let circle = |x: f64| {
        json!({"shape_attributes": {"name": "circle", "cx": x, "cy": 1, "r": 1e18},
            "region_attributes": {"label": "x"}})
    };
    let circles: Vec<Value> =
        (0..60_000).map(|number| circle(f64::from(number) / 1000.0)).collect();
    let circles = json!({"a.jpg": {"filename": "a.jpg", "size": -1, "regions": circles}});
    let folder = folder(&[
        ("a.json", file(json!(ring))),
        ("b.json", file(json!(moved))),
        ("circles.json", circles.to_string()),
    ]);
    run(&folder, "validate --coco a.json --coco b.json --fail-on never");
    run(&folder, "validate circles.json --fail-on never --max-findings 1");
}

/// Pointers within image files that lead to what they have led to before.
#[test]
fn headers_of_images_are_read_once() {
    let (count, length) = (60_000_u16, 50_000_000_u32);
    let field = [0x69, 0x87, 4, 0].into_iter().chain((length / 4 - 100).to_le_bytes());
    let at = 12 * u32::from(count) + 20;
    let field: Vec<u8> = field.chain(at.to_le_bytes()).collect();
    let fields: Vec<u8> = std::iter::repeat_n(field, usize::from(count)).flatten().collect();
    let head = [b"II*\0\x08\0\0\0".as_slice(), &count.to_le_bytes(), &fields, &[0; 4]].concat();
    let tiff = [head, vec![1; length as usize]].concat();
    let folder = folder(&[("a.json", coco(vec![image(1, "a.tif")], Vec::new()).to_string())]);
    fs::create_dir(folder.path().join("images")).unwrap();
    fs::write(folder.path().join("images/a.tif"), &tiff).unwrap();
    // The same in a chunk of a PNG file.
    let size = u32::try_from(tiff.len()).unwrap().to_be_bytes();
    let chunk = [&size[..], b"eXIf", &tiff, &[0; 4]].concat();
    let start =
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x09\0\0\0\x09\x08\0\0\0\0\0\0\0\0".as_slice();
    fs::write(folder.path().join("images/b.png"), [start, &chunk].concat()).unwrap();
    run(&folder, "coco2yolo a.json --images images --missing-images skip -o labels");
    run(&folder, "validate a.json --images images --fail-on never");
}

/// Groups of many parts, and many groups, are joined in one pass; pictures in files are not looked at.
#[test]
fn labelme_files_of_many_shapes_and_large_pictures_are_bounded() {
    let shape = |number: usize, group: usize| {
        let (x, y) = (number % 900, number / 900);
        json!({"label": "x", "shape_type": "polygon", "group_id": group,
            "points": [[x, y], [x + 5, y], [x, y + 5]]})
    };
    let file = |group: fn(usize) -> usize| {
        let shapes: Vec<Value> = (0..40_000).map(|number| shape(number, group(number))).collect();
        json!({"imagePath": "", "imageHeight": 1000, "imageWidth": 1000, "imageData": null, "shapes": shapes})
    };
    let picture = "A".repeat(40 << 20);
    let pictured = format!(
        "{{\"imagePath\":\"\",\"imageWidth\":9,\"imageHeight\":9,\"imageData\":\"{picture}\",\"shapes\":[]}}"
    );
    let folder = folder(&[
        ("one/a.json", file(|_| 1).to_string()),
        ("many/a.json", file(|number| number / 2).to_string()),
        ("pictured/a.json", pictured.clone()),
        ("pictured/b.json", pictured),
    ]);
    run(&folder, "convert one --to coco -o one.json");
    run(&folder, "convert many --to labelme -o again");
    run(&folder, "convert many --to coco -o many.json");
    run(&folder, "convert many.json --to labelme -o back");
    run(&folder, "convert pictured --to labelme -o pictures");
    run(&folder, "validate many --fail-on never --max-findings 1");
    let (status, _) = run(&folder, "validate pictured --fail-on never --max-findings 1");
    assert_eq!(status, 0);
}
