//! What a file is, and what is wrong in it; and whether what is made of it says the same.

#![no_main]

#[allow(dead_code)]
mod common;

use annoconv::format::Options;
use annoconv::formats;
use annoconv::validate::{self, Request};
use std::path::PathBuf;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for (from, to) in [("coco", "vgg"), ("yolo", "voc"), ("voc", "coco"), ("vgg", "coco")] {
        let path = common::dataset(from, bytes);
        let _ = formats::detect(&path);
        judge(vec![(from, path.clone())]);
        let output = common::folder().join("made");
        if common::convert(from, &path, to, &output, common::options(bytes.len())).is_ok() {
            judge(vec![(from, path), (to, output.clone())]);
        }
        common::remove(&output);
    }
});

fn judge(named: Vec<(&'static str, PathBuf)>) {
    let options = Options { tolerant: true, ..Options::default() };
    let _ = validate::run(&Request { named, options, ..Request::default() });
}
