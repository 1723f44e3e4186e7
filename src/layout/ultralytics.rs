//! Ultralytics: `data.yaml`, `images/train` and `labels/train`.
//!
//! A label is looked up where its image lies, with the last folder `images` in the path renamed to
//! `labels` (`img2label_paths` in `ultralytics/data/utils.py`). `data.yaml` must have `train` and `val`
//! (`check_det_dataset` in the same file). It has no `path` here: then the paths are relative to
//! the file itself, while a relative `path` would be looked up in the working folder and in the folder
//! of datasets of Ultralytics' own settings.

use super::{Contents, Layout};
use crate::files;
use crate::format::List;
use std::fmt::Write;
use std::path::Path;

/// Extensions of images that are loaded, in any case (`IMG_FORMATS` in the same file).
pub const SUFFIXES: [&str; 13] = [
    "avif", "bmp", "dng", "heic", "heif", "jp2", "jpeg", "jpg", "mpo", "png", "tif", "tiff", "webp",
];

/// The layout.
pub const ULTRALYTICS: Layout = Layout {
    name: "ultralytics",
    about: "Ultralytics YOLO: data.yaml, images/SUBSET, labels/SUBSET",
    format: "yolo",
    subsets: ["train", "val", "test"],
    needs: 2,
    needs_objects: false,
    images: "images/{}",
    finds: |name| files::has_extension(Path::new(name), &SUFFIXES),
    own: "labels/{}",
    document: "",
    first_class: None,
    conventions: &[],
    lists: data_yaml,
};

fn data_yaml(contents: &Contents) -> Vec<List> {
    let mut text = String::new();
    for (subset, _) in &contents.subsets {
        let _ = writeln!(text, "{subset}: images/{subset}");
    }
    text.push_str("names:\n");
    for (number, name) in contents.classes.iter().enumerate() {
        let _ = writeln!(text, "  {number}: {}", scalar(name));
    }
    vec![List { name: "data.yaml".to_owned(), bytes: text.into_bytes() }]
}

/// A name as YAML: as it is where it can be read as nothing but text, else in quotes. A string of
/// JSON is one of YAML, too (YAML 1.2, section 1.3).
fn scalar(name: &str) -> String {
    let is_plain = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '-'))
        && !WORDS.contains(&name.to_lowercase().as_str());
    match is_plain {
        true => name.to_owned(),
        false => serde_json::Value::from(name).to_string(),
    }
}

/// Words that YAML 1.1, which PyYAML reads, takes for a truth value or for nothing.
const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classes;

    #[test]
    fn data_yaml_says_every_name_as_it_is() {
        let names = ["cat", "no", "a b", "é: \"x\"", "3", "1e3", "null", "#a", "x'y", "~", " a "];
        let classes: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let contents = Contents {
            classes: classes.clone(),
            subsets: vec![("train", Vec::new()), ("val", Vec::new())],
        };
        let [list] = &data_yaml(&contents)[..] else { panic!("one list") };
        let text = String::from_utf8(list.bytes.clone()).unwrap();
        let start = "train: images/train\nval: images/val\nnames:\n  0: cat\n  1: \"no\"\n";
        assert!(text.starts_with(start), "{text}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.yaml");
        std::fs::write(&path, text).unwrap();
        assert_eq!(classes::read(&path).unwrap(), classes);
    }
}
