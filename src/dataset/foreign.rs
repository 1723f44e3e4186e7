//! Formats that people have and that are not read: they are recognised, so that a refusal names
//! them.

use crate::files;
use crate::json::JsonFile;
use crate::tree::{self, Tree};
use std::path::{Path, PathBuf};

/// The first file of a known format that is not read, and the name of that format.
pub fn recognise(tree: &Tree) -> Option<(PathBuf, &'static str)> {
    const LOOKED_AT: usize = 200;
    let known = tree.with_extension(&["json", "xml", "txt", "ndjson", "jsonl", "csv"]);
    known.take(LOOKED_AT).find_map(|file| Some((file.clone(), name_of(file)?)))
}

fn name_of(file: &Path) -> Option<&'static str> {
    match file.extension()?.to_str()?.to_lowercase().as_str() {
        "json" => of_json(file),
        "xml" => of_xml(file),
        "txt" => of_rows(file),
        "csv" => of_table(file),
        _ => None,
    }
}

/// JSON formats, each by members that it always has.
const BY_MEMBERS: [(&str, &[&str]); 6] = [
    ("a project of VIA 3", &["project", "config", "attribute"]),
    ("Datumaro JSON", &["categories", "items"]),
    ("V7 Darwin JSON", &["item", "annotations", "version"]),
    ("Supervisely JSON", &["objects", "size", "tags"]),
    ("VoTT JSON", &["assets", "tags"]),
    ("VoTT JSON", &["asset", "regions"]),
];

/// JSON formats that are lists, by members of the first element.
const BY_ELEMENT: [(&str, &[&str]); 3] = [
    ("Label Studio JSON", &["data", "annotations"]),
    ("Label Studio JSON-MIN", &["annotator", "annotation_id"]),
    ("CreateML JSON", &["image", "annotations"]),
];

fn of_json(path: &Path) -> Option<&'static str> {
    let file = JsonFile::read(path).ok()?;
    let names = |span: &std::ops::Range<usize>| -> Vec<String> {
        file.members(span).0.into_iter().map(|(name, _)| name).collect()
    };
    let by = |rows: &[(&'static str, &[&str])], own: &[String]| {
        let has_all =
            |members: &[&str]| members.iter().all(|member| own.iter().any(|name| name == member));
        rows.iter().find(|(_, members)| has_all(members)).map(|(name, _)| *name)
    };
    if file.first_byte() == Some(b'[') {
        let (elements, _) = file.elements(&file.span());
        return by(&BY_ELEMENT, &names(elements.first()?));
    }
    by(&BY_MEMBERS, &names(&file.span()))
}

fn of_xml(path: &Path) -> Option<&'static str> {
    let text = files::read(path).ok()?;
    let start = String::from_utf8_lossy(text.get(..text.len().min(4096))?).into_owned();
    start.contains("<annotations>").then_some("CVAT XML")
}

fn of_rows(path: &Path) -> Option<&'static str> {
    let text = files::read(path).ok()?;
    tree::format_of_rows(&String::from_utf8_lossy(&text))
}

fn of_table(path: &Path) -> Option<&'static str> {
    let text = files::read(path).ok()?;
    let text = String::from_utf8_lossy(&text);
    let header = text.lines().next()?.to_lowercase();
    let has = |names: &[&str]| names.iter().all(|name| header.contains(name));
    if has(&["imageid", "labelname", "xmin"]) {
        return Some("OpenImages CSV");
    }
    has(&["filename", "class", "xmin", "ymax"]).then_some("TensorFlow CSV")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_formats_are_named() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text, format) in [
            (
                "a.json",
                r#"{"project": {}, "config": {}, "attribute": {}}"#,
                Some("a project of VIA 3"),
            ),
            ("a.json", r#"[{"id": 1, "data": {}, "annotations": []}]"#, Some("Label Studio JSON")),
            ("a.json", r#"[{"image": "a.jpg", "annotations": []}]"#, Some("CreateML JSON")),
            ("a.json", r#"{"note": 1}"#, None),
            ("a.json", "no JSON", None),
            (
                "a.xml",
                "<?xml version=\"1.0\"?><annotations><meta/></annotations>",
                Some("CVAT XML"),
            ),
            ("a.txt", "gsd:0.1\n1 2 3 4 5 6 7 8 plane 0\n", Some("DOTA")),
            ("a.txt", "0 0.5 0.5 0.1 0.1\n", None),
            ("a.csv", "ImageID,Source,LabelName,Confidence,XMin\n", Some("OpenImages CSV")),
            ("a.csv", "a,b\n", None),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            assert_eq!(name_of(&path), format, "{text}");
        }
    }
}
