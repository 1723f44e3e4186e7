//! What a file is, and what is wrong in it; and whether what is made of it says the same.

#![no_main]

#[allow(dead_code)]
mod common;

use annoconv::dataset::find::find_all;
use annoconv::dataset::open_path;
use annoconv::format::Run;
use annoconv::validate::{self, Request};
use std::path::PathBuf;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for (from, to) in [("coco", "vgg"), ("yolo", "voc"), ("voc", "coco"), ("vgg", "coco"), ("hf", "coco"), ("labelme", "coco")] {
        let path = common::dataset(from, bytes);
        let _ = (find_all(&path), open_path(&path));
        judge(vec![(from, path.clone())]);
        let output = common::folder().join("made");
        if common::convert(from, &path, to, &output, common::asked(bytes.len())).is_ok() {
            judge(vec![(from, path), (to, output.clone())]);
        }
        common::remove(&output);
    }
});

fn judge(named: Vec<(&'static str, PathBuf)>) {
    let run = Run { is_tolerant: true, ..Run::default() };
    let _ = validate::run(&Request { named, run, ..Request::default() });
}
