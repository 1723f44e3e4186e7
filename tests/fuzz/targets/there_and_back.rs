//! What is written is read as what it was: the second time nothing changes any more.

#![no_main]

#[allow(dead_code)]
mod common;

use std::fs;
use std::path::Path;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let formats: &[&str] = match bytes.first() {
        Some(b'{') => &["coco", "vgg"],
        Some(b'<') => &["voc"],
        _ => &["vgg"],
    };
    for format in formats {
        try_format(format, bytes);
    }
});

fn try_format(format: &str, bytes: &[u8]) {
    let input = common::dataset(format, bytes);
    let [once, twice] = ["once", "twice"].map(|name| common::folder().join(name));
    if let Ok(first) = common::convert(format, &input, format, &once) {
        let second = common::convert(format, &once, format, &twice);
        let second = second.unwrap_or_else(|error| panic!("what was written is not read: {error}"));
        assert_eq!(first.annotations_written, second.annotations_read);
        assert_eq!(first.images, second.images);
        assert!(content(&once) == content(&twice), "another content the second time");
    }
    common::remove(&once);
    common::remove(&twice);
}

/// The files of an output, or its bytes, by name.
fn content(path: &Path) -> Vec<(String, Vec<u8>)> {
    if path.is_file() {
        return vec![(String::new(), fs::read(path).unwrap())];
    }
    let files = annoconv::files::walk(path).unwrap();
    files.iter().map(|file| (annoconv::files::relative_name(file, path).unwrap(), fs::read(file).unwrap())).collect()
}
