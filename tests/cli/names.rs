//! Names from strangers: where files appear, and what is printed.

use crate::support::{annoconv, tree, words};
use crate::{at, report, workplace, write_coco};
use serde_json::json;
use std::fs;
use std::path::Path;

/// Writes a dataset of one object in an image of this name, in each format that states names.
fn write_all(folder: &Path, name: &str) -> [(&'static str, &'static str); 4] {
    let coco = json!({"images": [{"id": 1, "file_name": name, "width": 9, "height": 9}],
        "categories": [{"id": 1, "name": "x"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4]}]});
    fs::write(folder.join("coco.json"), coco.to_string()).unwrap();
    let shape = json!({"name": "rect", "x": 1, "y": 1, "width": 4, "height": 4});
    let region = json!({"shape_attributes": shape, "region_attributes": {"label": "x"}});
    let via = json!({"a": {"filename": name, "size": 1, "regions": [region]}});
    fs::write(folder.join("via.json"), via.to_string()).unwrap();
    let quoted = shape.to_string().replace('"', "\"\"");
    let table = format!(
        "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,\
         region_attributes\n\"{name}\",1,{{}},1,0,\"{quoted}\",\"{{\"\"label\"\":\"\"x\"\"}}\"\n"
    );
    fs::write(folder.join("via.csv"), table).unwrap();
    fs::create_dir_all(folder.join("voc")).unwrap();
    let voc = format!(
        "<annotation><filename>{name}</filename><size><width>9</width><height>9</height></size>\
         <object><name>x</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax>\
         </bndbox></object></annotation>"
    );
    fs::write(folder.join("voc/a.xml"), voc).unwrap();
    [("coco", "coco.json"), ("vgg", "via.json"), ("vgg", "via.csv"), ("voc", "voc")]
}

/// Whatever a name says, in whatever format, and wherever it is written to: files appear in the
/// output only, or the run is refused and there is no output.
#[test]
fn no_name_leads_outside_whatever_the_formats_are() {
    let base = tempfile::tempdir().unwrap();
    let elsewhere = base.path().join("elsewhere/x.jpg").display().to_string();
    let own = base.path().join("a/b/work");
    fs::create_dir_all(&own).unwrap();
    let outside = "../x.jpg ../../x.jpg a/../../../x.jpg .. . a/.. ../out/x.jpg C:/x.jpg a/C:x.jpg \
        ..\\x.jpg \\\\server\\share\\x.jpg ./../x.jpg .annoconv-staging/journal.json";
    let (mut runs, mut refused) = (0, 0);
    for name in outside.split_whitespace().chain([elsewhere.as_str(), ""]) {
        for (from, input) in write_all(&own, name) {
            let before = tree(base.path());
            for to in ["yolo", "voc", "coco", "vgg"] {
                let line =
                    format!("convert {input} --from {from} --to {to} --sizes coco.json -o out");
                let done = annoconv().current_dir(&own).args(words(&line)).output().unwrap();
                let out = own.join("out");
                runs += 1;
                match done.status.code() {
                    Some(2) => refused += 1,
                    code => assert_eq!(code, Some(0), "{name:?} {line}"),
                }
                assert_eq!(out.exists(), done.status.success(), "{name:?} {line}");
                let _ = fs::remove_dir_all(&out).or_else(|_| fs::remove_file(&out));
                assert!(tree(base.path()) == before, "{name:?} {line}");
            }
        }
    }
    eprintln!("{runs} runs with names that lead outside, {refused} refused, nothing outside");
    assert!(runs == 240 && refused > 80);
}

#[test]
fn names_that_lead_outside_are_refused() {
    for name in
        ["../x.jpg", "/x/y.jpg", "a/../../x.jpg", "C:\\x.jpg", "..\\x.jpg", "", "x\u{0}.jpg"]
    {
        let folder = tempfile::tempdir().unwrap();
        write_coco(&folder, &["good.jpg", name]);
        let (_, error) = at(&folder, "coco2yolo coco.json -o labels", 2);
        assert!(error.contains("file name of image"), "{name}: {error}");
        assert!(!folder.path().join("labels").exists());
    }
    // Backslashes, as Windows writes them, part folders.
    let folder = tempfile::tempdir().unwrap();
    write_coco(&folder, &["good.jpg", "a\\b.jpg"]);
    at(&folder, "coco2yolo coco.json -o labels", 0);
    assert!(folder.path().join("labels/a/b.txt").exists());
}

#[test]
fn two_images_never_share_a_label_file() {
    for names in [["a.jpg", "a.png"], ["x/a.jpg", "x/a.jpeg"]] {
        let folder = tempfile::tempdir().unwrap();
        write_coco(&folder, &names);
        let (_, error) = at(&folder, "coco2yolo coco.json -o labels", 2);
        assert!(error.contains("expected one image, found"), "{error}");
        assert!(error.contains(&format!("{:?}", names[1])), "{error}");
        assert!(!folder.path().join("labels").exists());
    }
    let folder = tempfile::tempdir().unwrap();
    write_coco(&folder, &["a.jpg", "a.jpg"]);
    let (_, error) = at(&folder, "coco2vgg coco.json -o via.json", 2);
    assert!(error.contains("\"a.jpg\" and \"a.jpg\""), "{error}");
}

/// A line of the output stays a line, and a terminal is not told what to do: a runner takes
/// lines that begin with two colons for commands.
#[test]
fn control_characters_are_printed_as_escapes() {
    let name = "x\n::error::pwned\u{1b}[31m";
    let folder = workplace();
    let told = |line: &str, status: i32| {
        let (out, error) = at(&folder, line, status);
        let text = out + &error;
        assert!(text.contains("pwned\\u{1b}[31m"), "{line}: {text}");
        assert!(!text.contains('\u{1b}') && !text.contains("\n::error::pwned"), "{line}: {text}");
    };
    write_coco(&folder, &[&format!("{name}.jpg"), &format!("{name}.png")]);
    told("coco2yolo coco.json -o labels", 2);
    write_coco(&folder, &[&format!("{name}.jpg"), &format!("{}.jpg", name.replace('x', "X"))]);
    told("coco2yolo coco.json -o labels", 0);
    fs::write(folder.path().join("labels").join(format!("{name}.txt")), "1 2\n").unwrap();
    told("coco2yolo coco.json -o labels --check", 1);
    told("validate --yolo labels --coco coco.json", 1);
    told("validate --yolo labels --coco coco.json --format github", 1);
    write_coco(&folder, &["a\u{202e}b\u{9b}31m.jpg", "A\u{202e}B\u{9b}31m.jpg"]);
    for line in [
        "coco2yolo coco.json -o turned --report json",
        "coco2yolo coco.json -o turned --overwrite",
        "validate coco.json --format json --fail-on never",
        "validate coco.json --format sarif --fail-on never",
        "validate coco.json --format text --fail-on never",
    ] {
        let (out, _) = at(&folder, line, 0);
        let lower = out.to_lowercase();
        assert!(
            lower.contains("a\\u202eb\\u009b31m") || out.contains("\\u{202e}"),
            "{line}: {out}"
        );
        assert!(!out.contains(['\u{202e}', '\u{9b}']), "{line}: {out}");
    }
    told("yolo2voc labels -o voc", 2);
}

/// Where a file system takes them for one, one would overwrite the other: said before it happens.
#[test]
fn names_that_some_systems_take_for_one_are_counted() {
    let folder = workplace();
    write_coco(&folder, &["a.jpg", "b/A.png", "A.png", "e\u{301}.jpg", "\u{e9}.png", "c.jpg"]);
    let told = report(&folder, "coco2yolo coco.json -o labels", 0);
    let alike = &told["losses"][0];
    assert_eq!(alike["reason"], "alike-names");
    assert_eq!(alike["examples"], json!(["A.png", "\u{e9}.png"]));
    assert_eq!(alike["dropped"], false);
    let told = report(&folder, "coco2vgg coco.json -o via.json", 0);
    assert!(told["losses"].as_array().unwrap().iter().all(|loss| loss["reason"] != "alike-names"));
}
