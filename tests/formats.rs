//! What holds for every format of the registry: its section, its fixture, its detection, and
//! what it holds, measured and compared with the table in docs/formats.md.

#![allow(clippy::restriction, reason = "a failed test panics")]

mod support;

use annoconv::convert::{self, Job};
use annoconv::dataset::open_path;
use annoconv::format::{Chosen, Run, Side, Source, Wants};
use annoconv::formats::{FORMATS, by_name};
use annoconv::losses::Reason;
use annoconv::model::{Annotation, Id, Image, Shape};
use annoconv::tree::Tree;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use support::{annotations, fixtures, given, open_as, open_with};

/// Settings by name and value.
type Settings = &'static [(&'static str, &'static str)];

fn read_doc(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn every_format_has_a_section_and_golden_outputs_both_ways() {
    let formats = read_doc("docs/formats.md");
    let commands = fs::read_to_string(fixtures().join("bones/commands.txt")).unwrap();
    for format in FORMATS {
        let name = format.name();
        assert!(formats.contains(&format!("\n## {name}\n")), "docs/formats.md: section {name}");
        for flag in ["--from", "--to"] {
            let wanted = format!("{flag} {name}");
            assert!(commands.contains(&wanted), "fixtures/bones/commands.txt: {wanted}");
        }
    }
}

/// The command line makes one option of all settings of one name.
#[test]
fn settings_of_one_name_are_one_setting_and_each_is_told() {
    let all = || FORMATS.iter().flat_map(|format| format.settings());
    for setting in all() {
        let name = setting.name;
        assert!(!setting.help.is_empty() && !setting.default.is_empty(), "{name}");
        assert!(!setting.values.words().is_empty(), "{name}");
        assert!(all().filter(|it| it.name == name).all(|it| it == setting), "{name}");
    }
}

/// What a format does not declare, or not so, is refused by its name.
#[test]
fn every_format_refuses_settings_that_it_does_not_have() {
    for format in FORMATS {
        let declared = format.settings();
        for side in [Side::Read, Side::Write] {
            let refusal = Chosen::new().with(declared, side, "no-such", "1").unwrap_err();
            assert!(refusal.to_string().starts_with("no-such: "), "{refusal}");
            for setting in declared.iter().filter(|it| it.side.includes(side)) {
                let refusal = Chosen::new().with(declared, side, setting.name, "\n").unwrap_err();
                assert!(refusal.to_string().starts_with(setting.name), "{refusal}");
            }
        }
    }
}

#[test]
fn every_reason_is_explained() {
    let report = read_doc("docs/report.md");
    for reason in Reason::ALL {
        assert!(report.contains(&format!("`{}`", reason.code())), "{}", reason.code());
    }
}

/// A dataset of two images, one with one annotation.
fn coco(annotation: Value) -> Value {
    let mut whole = json!({"id": 77, "image_id": 3, "category_id": 9, "iscrowd": 0, "area": 1,
        "bbox": [2.5, 3.0, 11.0, 8.0]});
    let members = annotation.as_object().unwrap().clone();
    whole.as_object_mut().unwrap().extend(members);
    json!({"images": [
               {"id": 3, "file_name": "a.jpg", "width": 64, "height": 32},
               {"id": 1, "file_name": "b.jpg", "width": 64, "height": 32}],
           "annotations": [whole],
           "categories": [{"id": 9, "name": "a & <b> \"ü\""}]})
}

/// A dataset in a format, written from COCO.
struct Written {
    folder: tempfile::TempDir,
    path: PathBuf,
    reasons: Vec<&'static str>,
}

fn write(format: &str, settings: Settings, coco: &Value) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let (input, path) = (folder.path().join("coco.json"), folder.path().join("out"));
    fs::write(&input, coco.to_string()).unwrap();
    let mut job = Job::new(&input, by_name(format).unwrap(), &path);
    job.settings = given(settings);
    let rows = convert::run(&job).unwrap().losses.rows();
    let reasons = rows.iter().map(|row| row.reason).filter(|reason| *reason != "bytes-unknown");
    let reasons = reasons.collect();
    Written { folder, path, reasons }
}

#[test]
fn every_format_recognises_its_own_files_and_no_other() {
    for format in FORMATS {
        let written = write(format.name(), &[], &coco(json!({})));
        let found = open_path(&written.path).unwrap().formats;
        assert_eq!(found.iter().map(|it| it.name()).collect::<Vec<_>>(), [format.name()]);
        let tree = Tree::walk(&written.path).unwrap();
        for other in FORMATS.iter().filter(|other| other.name() != format.name()) {
            let parts = other.find(&tree).parts;
            assert!(parts.is_empty(), "{} as {}: {parts:?}", format.name(), other.name());
            let opened = open_as(other.name(), &written.path);
            assert!(opened.is_err(), "{} opened as {}", format.name(), other.name());
        }
        drop(written.folder);
    }
}

/// A folder of files of one image each is not read by the formats that have all images in one file: they
/// refuse it as a whole, and not file by file.
#[test]
fn files_of_one_image_are_told_by_what_they_begin_with() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..5 {
        let text = "{\"version\": \"5.4.1\", \"flags\": {}, \"shapes\": [no JSON at all";
        fs::write(folder.path().join(format!("{number}.json")), text).unwrap();
    }
    let tree = Tree::walk(folder.path()).unwrap();
    let rejected = |name: &str| by_name(name).unwrap().find(&tree).rejected.len();
    assert_eq!(["coco", "vgg", "hf"].map(rejected), [1, 1, 1]);
    assert_eq!(by_name("labelme").unwrap().find(&tree).parts[0].files.len(), 5);
}

#[test]
fn detection_says_what_it_saw() {
    let folder = tempfile::tempdir().unwrap();
    let message = || open_path(folder.path()).err().unwrap().to_string();
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name()).collect();
    let expected = format!("expected one of {}, found none", names.join(", "));
    assert!(message().contains(&expected), "{}", message());
    fs::write(folder.path().join("a.txt"), "0 .5 .5 .1 .1\n").unwrap();
    fs::write(folder.path().join("a.xml"), "<annotation/>").unwrap();
    let message = message();
    let expected = "expected one format, found yolo (";
    assert!(message.contains(expected), "{message}");
    assert!(message.contains(") and voc ("), "{message}");
}

/// What a format can be asked to hold.
struct Feature {
    name: &'static str,
    annotation: fn() -> Value,
    /// Whether it is there after reading back.
    holds: fn(&dyn Source, &[Annotation]) -> bool,
}

fn square(x: f64) -> Value {
    json!([x, 4, x + 4.0, 4, x + 4.0, 8, x, 8])
}

/// A mask of 64x32 with a hole: a ring of pixels of 4x4 around 2x2.
fn ring_mask() -> Value {
    let set = |x: i32, y: i32| {
        let within = |low: i32, high: i32| (low..high).contains(&x) && (low..high).contains(&y);
        within(4, 8) && !within(5, 7)
    };
    let mut counts = vec![0];
    let mut current = false;
    for (x, y) in (0..64).flat_map(|x| (0..32).map(move |y| (x, y))) {
        if set(x, y) != current {
            current = !current;
            counts.push(0);
        }
        *counts.last_mut().unwrap() += 1;
    }
    json!({"size": [32, 64], "counts": counts})
}

const FEATURES: [Feature; 10] = [
    Feature {
        name: "box",
        annotation: || json!({}),
        holds: |_, it| it[0].bounds().unwrap().corners() == [2.5, 3.0, 13.5, 11.0],
    },
    Feature {
        name: "polygon",
        annotation: || json!({"segmentation": [square(4.0)]}),
        holds: |_, it| matches!(&it[0].shape, Shape::Polygons(parts) if parts[0].exterior.len() == 4),
    },
    Feature {
        name: "parts",
        annotation: || json!({"segmentation": [square(4.0), square(20.0)]}),
        holds: |_, it| matches!(&it[0].shape, Shape::Polygons(parts) if parts.len() == 2),
    },
    Feature {
        name: "holes",
        annotation: || json!({"segmentation": ring_mask()}),
        holds: |_, it| matches!(&it[0].shape, Shape::Mask(mask) if mask.trace()[0].holes.len() == 1),
    },
    Feature {
        name: "mask",
        annotation: || json!({"segmentation": {"size": [32, 64], "counts": [40, 5, 2003]}}),
        holds: |_, it| matches!(&it[0].shape, Shape::Mask(mask) if mask.area() == 5),
    },
    Feature {
        name: "class names",
        annotation: || json!({}),
        holds: |source, _| source.header().categories[0].name == "a & <b> \"ü\"",
    },
    Feature {
        name: "ids",
        annotation: || json!({}),
        holds: |_, it| it[0].id == Some(Id::Number(77)),
    },
    Feature {
        name: "attributes",
        annotation: || json!({"note": "x"}),
        holds: |_, it| it[0].extra.get("note") == Some(&json!("x")),
    },
    Feature {
        name: "image size",
        annotation: || json!({}),
        holds: |source, _| source.images()[0].size.is_some(),
    },
    Feature {
        name: "negatives",
        annotation: || json!({}),
        holds: |source, _| source.images().len() == 2,
    },
];

/// The rows of the table: a name, a format and the settings that make it so.
const ROWS: [(&str, &str, Settings); 9] = [
    ("coco", "coco", &[]),
    ("yolo, detect", "yolo", &[]),
    ("yolo, segment", "yolo", &[("task", "segment")]),
    ("voc", "voc", &[("rounding", "none")]),
    ("vgg, VIA 1", "vgg", &[("via", "1")]),
    ("vgg, VIA 2", "vgg", &[]),
    ("hf", "hf", &[]),
    ("labelme", "labelme", &[]),
    ("labelme, polygons", "labelme", &[("masks", "polygon")]),
];

/// A cell: what was counted on writing, else whether reading back finds it.
fn cell(feature: &Feature, format: &str, settings: Settings) -> String {
    let mut annotation = (feature.annotation)();
    if settings.contains(&("task", "segment"))
        && feature.name != "box"
        && annotation["segmentation"].is_null()
    {
        // What is asked of a format of polygons is asked of a polygon.
        annotation["segmentation"] = json!([square(4.0)]);
    }
    let written = write(format, settings, &coco(annotation));
    if !written.reasons.is_empty() {
        return written.reasons.join(", ");
    }
    let source = open_with(format, &written.path, settings, Wants::ALL, &Run::default()).unwrap();
    let source = source.as_ref();
    let size = annoconv::geometry::Size { width: 64, height: 32 };
    let of = |(index, image): (usize, &Image)| {
        annotations(source, index, &Image { size: Some(size), ..image.clone() }).unwrap()
    };
    let annotations: Vec<Annotation> = source.images().iter().enumerate().flat_map(of).collect();
    drop(written.folder);
    let holds = (feature.holds)(source, &annotations);
    (if holds { "yes" } else { "no" }).to_owned()
}

#[test]
fn the_table_of_what_each_format_holds_is_what_is_measured() {
    let names: Vec<&str> = FEATURES.iter().map(|feature| feature.name).collect();
    let mut lines = vec![format!("| format | {} |", names.join(" | "))];
    lines.push(format!("|---{}|", "|---".repeat(FEATURES.len())));
    for (name, format, settings) in ROWS {
        let cells: Vec<String> =
            FEATURES.iter().map(|feature| cell(feature, format, settings)).collect();
        lines.push(format!("| {name} | {} |", cells.join(" | ")));
    }
    for format in FORMATS {
        assert!(ROWS.iter().any(|row| row.1 == format.name()), "no row of {}", format.name());
    }
    let table = lines.join("\n");
    assert!(read_doc("docs/formats.md").contains(&table), "docs/formats.md should say:\n{table}");
}
