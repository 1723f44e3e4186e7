//! What a command left on disk: COCO files by their boxes, YOLO files by their rows, others by
//! their text.

use crate::row::Check;
use crate::support::tree;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Less than half a unit of the sixth decimal counts for nothing.
const TOLERANCE: f64 = 1e-6;

/// Judges a check of files; paths are those below `folder`.
pub fn judge(check: Check, folder: &Path) {
    match check {
        Check::Boxes(file, expected) => same_boxes(&boxes(folder, file), &parsed(expected), file),
        Check::SameBoxes(file, other) => {
            same_boxes(&boxes(folder, file), &boxes(folder, other), file);
        }
        Check::UniqueIds(file) => unique_ids(&json(folder, file)),
        Check::Rows(output, file, expected) => rows(&folder.join(output), file, expected),
        Check::Inside(file) => inside(&text(folder, file)),
        Check::Text(file, expected) => assert_eq!(text(folder, file).trim(), expected, "{file}"),
        Check::Has(file, parts) => {
            let found = text(folder, file);
            parts.iter().for_each(|part| assert!(found.contains(part), "{part:?} in:\n{found}"));
        }
        Check::Somewhere(output, name, part) => somewhere(&folder.join(output), name, part),
        Check::At(file, pointer, expected) => {
            let value = json(folder, file);
            let expected: Value = serde_json::from_str(expected).unwrap();
            let found = value.pointer(pointer).unwrap_or(&Value::Null);
            assert!(is_same(found, &expected), "{pointer} of {file}: {found} is not {expected}");
        }
        Check::Files(output, expected) => {
            let found = tree(&folder.join(output));
            let mut expected = expected.to_vec();
            expected.sort_unstable();
            assert_eq!(found.keys().collect::<Vec<_>>(), expected, "files of {output}");
        }
        Check::Gone(path) => assert!(!folder.join(path).exists(), "{path} is there"),
        _ => unreachable!("a check that is not of files"),
    }
}

fn text(folder: &Path, file: &str) -> String {
    match fs::read_to_string(folder.join(file)) {
        Ok(text) => text,
        Err(error) => panic!("{file}: {error}; there are {:?}", tree(folder).keys()),
    }
}

fn json(folder: &Path, file: &str) -> Value {
    serde_json::from_str(&text(folder, file)).unwrap()
}

/// A box: what it is of, and its numbers.
type Named = (String, Vec<f64>);

/// Words and numbers of a line: the last `count` words are numbers.
fn split(line: &str, count: usize) -> Named {
    let words: Vec<&str> = line.split_whitespace().collect();
    assert!(words.len() >= count, "{count} numbers are expected in {line:?}");
    let (name, numbers) = words.split_at(words.len() - count);
    let number = |word: &&str| word.parse().unwrap_or_else(|_| panic!("{word:?} of {line:?}"));
    (name.join(" "), numbers.iter().map(number).collect())
}

fn parsed(lines: &[&str]) -> Vec<Named> {
    lines.iter().map(|line| split(line, 4)).collect()
}

/// The boxes of a COCO file, each named by its image and its category.
fn boxes(folder: &Path, file: &str) -> Vec<Named> {
    let coco = json(folder, file);
    let named = |list: &str, id: &Value, member: &str| {
        let mut entries = coco[list].as_array().unwrap().iter();
        let entry = entries.find(|entry| plain(&entry["id"]) == plain(id));
        let entry = entry.unwrap_or_else(|| panic!("{file}: no {id} in {list}"));
        entry[member].as_str().unwrap().to_owned()
    };
    let annotations = coco["annotations"].as_array().unwrap().iter();
    annotations
        .map(|annotation| {
            let image = named("images", &annotation["image_id"], "file_name");
            let category = named("categories", &annotation["category_id"], "name");
            let bbox = annotation["bbox"].as_array().unwrap().iter();
            (format!("{image} {category}"), bbox.map(|number| number.as_f64().unwrap()).collect())
        })
        .collect()
}

/// An id as text: "2" and 2 are one id.
fn plain(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// Each expected box is one of those found, and none is left.
fn same_boxes(found: &[Named], expected: &[Named], file: &str) {
    let mut left = found.to_vec();
    for expected in expected {
        let place = left
            .iter()
            .position(|found| is_named(&found.0, &expected.0) && near(&found.1, &expected.1));
        let place = place.unwrap_or_else(|| panic!("{file}: no {expected:?} among {left:?}"));
        left.swap_remove(place);
    }
    assert!(left.is_empty(), "{file}: not expected: {left:?}");
}

/// `*a.png cat` stands for a.png in any folder.
fn is_named(found: &str, expected: &str) -> bool {
    match expected.strip_prefix('*') {
        Some(end) => found == end || found.ends_with(&format!("/{end}")),
        None => found == expected,
    }
}

fn near(found: &[f64], expected: &[f64]) -> bool {
    found.len() == expected.len()
        && found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() <= TOLERANCE)
}

fn unique_ids(coco: &Value) {
    for list in ["images", "annotations", "categories"] {
        let entries = coco[list].as_array().unwrap();
        let ids: BTreeSet<String> = entries.iter().map(|entry| entry["id"].to_string()).collect();
        assert_eq!(ids.len(), entries.len(), "ids of {list}: {ids:?}");
    }
}

fn rows(output: &Path, file: &str, expected: &[&str]) {
    let names = text(output, "classes.txt");
    let names: Vec<&str> = names.lines().collect();
    let text = text(output, file);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    assert_eq!(lines.len(), expected.len(), "rows of {file}:\n{text}");
    for (line, expected) in lines.iter().zip(expected) {
        let count = line.split_whitespace().count() - 1;
        let (class, found) = split(line, count);
        let (name, numbers) = split(expected, count);
        assert_eq!(names[class.parse::<usize>().unwrap()], name, "{line:?} of {file}");
        assert!(near(&found, &numbers), "{line:?} is not {expected:?} of {file}");
    }
}

fn inside(text: &str) {
    for line in text.lines() {
        let (_, numbers) = split(line, 4);
        assert!(numbers.iter().all(|number| (0.0..=1.0).contains(number)), "{line}");
    }
}

fn somewhere(output: &Path, name: &str, part: &str) {
    let files = tree(output);
    let is_of_name = |path: &str| path == name || path.ends_with(&format!("/{name}"));
    let found = files.iter().find(|(path, _)| is_of_name(path));
    let (path, bytes) = found.unwrap_or_else(|| panic!("no {name} among {:?}", files.keys()));
    let text = String::from_utf8_lossy(bytes);
    assert!(text.contains(part), "no {part:?} in {path}:\n{text}");
}

/// Numbers by their values, as 10 and 10.0 are the same.
fn is_same(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Number(_), Value::Number(_)) => {
            near(&[found.as_f64().unwrap()], &[expected.as_f64().unwrap()])
        }
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found.iter().zip(expected).all(|(found, expected)| is_same(found, expected))
        }
        _ => found == expected,
    }
}
