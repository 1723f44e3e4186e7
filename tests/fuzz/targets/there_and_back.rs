//! What is written is read as what it was, and the second time nothing changes any more.

#![no_main]

#[allow(dead_code)]
mod common;

use annoconv::format::{Source, Wants};
use annoconv::geometry::Size;
use annoconv::model::{Annotation, Image};
use common::Asked;
use std::fs;
use std::path::{Path, PathBuf};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let formats: &[&str] = match bytes.first() {
        Some(b'{') => &["coco", "vgg", "hf", "labelme"],
        Some(b'<') => &["voc"],
        Some(b'0'..=b'9') => &["yolo"],
        _ => &["vgg"],
    };
    for format in formats {
        try_format(format, bytes);
    }
});

fn try_format(format: &str, bytes: &[u8]) {
    let input = common::dataset(format, bytes);
    let own = input.extension().and_then(|it| it.to_str()).filter(|it| ["csv", "jsonl"].contains(it));
    let extension = own.unwrap_or("json");
    let exact = exact(bytes.len(), extension);
    let [once, twice] =
        ["once", "twice"].map(|name| common::folder().join(name).with_extension(extension));
    let first = common::convert(format, &input, format, &once, exact.clone());
    if let Some(first) = first.ok().filter(|_| !has_hidden(&once)) {
        let second = common::convert(format, &once, format, &twice, exact);
        let second = second.unwrap_or_else(|error| panic!("what was written is not read: {error}"));
        assert_eq!(first.annotations_written, second.annotations_read);
        assert_eq!(first.images, second.images);
        assert!(content(&once) == content(&twice), "another content the second time");
        let is_whole = first.losses.rows().iter().all(|row| row.reason == "bytes-unknown");
        if is_whole && format != "yolo" {
            assert_eq!(records(format, &input), records(format, &once));
        }
    }
    common::remove(&once);
    common::remove(&twice);
}

/// What keeps objects as they are, and else any settings, by a number.
fn exact(number: usize, form: &str) -> Asked {
    let mut asked = common::asked(number);
    asked.skips_negatives = false;
    let form = if form == "csv" { "csv" } else { "json" };
    let kept = [("bounds", "keep"), ("rounding", "none"), ("crowd", "keep"), ("via-form", form)];
    asked.settings.retain(|it| kept.iter().all(|(name, _)| *name != it.name));
    asked.settings.extend(kept.iter().map(|(name, value)| common::given(name, value)));
    asked
}

/// Whether a folder has files whose names start with a dot, which readers pass over.
fn has_hidden(path: &Path) -> bool {
    let is_hidden = |file: &PathBuf| {
        file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    };
    path.is_dir() && annoconv::files::walk_all(path).unwrap().iter().any(is_hidden)
}

/// All that a dataset says of its objects, as text; without the members that Pascal VOC always has,
/// which are added where they were not stated.
fn records(format: &str, path: &Path) -> Vec<String> {
    let source = common::open(format, path, Wants::ALL, false).unwrap().source;
    let mut told = Vec::new();
    for (index, image) in source.images().iter().enumerate() {
        told.push(format!("{:?} {:?}", image.file_name, image.size));
        let whole = source.image(index).unwrap();
        told.extend((format != "voc").then(|| format!("{:?}", whole.extra)));
        let size = image.size.or(Some(Size { width: 640, height: 480 }));
        for annotation in source.read(index, &Image { size, ..image.clone() }).unwrap().annotations
        {
            // A COCO record that is repeated word for word may hold what is judged elsewhere.
            told.push(match &annotation {
                Ok(annotation) => record(source.as_ref(), annotation),
                Err(error) => error.problem(),
            });
            let extra = annotation.iter().filter(|_| format != "voc");
            told.extend(extra.map(|annotation| format!("{:?}", annotation.extra)));
        }
    }
    told
}

fn record(source: &dyn Source, annotation: &Annotation) -> String {
    let Annotation { category, bbox, shape, score, crowd, .. } = annotation;
    let category = category.map(|category| &source.header().categories[category].name);
    let bbox = bbox.map(|bbox| bbox.corner_and_size());
    format!("{category:?} {bbox:?} {shape:?} {score:?} {crowd}")
}

/// The files of an output, or its bytes, by name.
fn content(path: &Path) -> Vec<(String, Vec<u8>)> {
    if path.is_file() {
        return vec![(String::new(), fs::read(path).unwrap())];
    }
    let files = annoconv::files::walk(path).unwrap();
    let name = |file: &Path| annoconv::files::relative_name(file, path).unwrap();
    files.iter().map(|file| (name(file), fs::read(file).unwrap())).collect()
}
