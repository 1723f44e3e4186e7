//! What a file is, and what is wrong in it.

#![no_main]

#[allow(dead_code)]
mod common;

use annoconv::formats;
use annoconv::validate::{self, Request};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for format in ["coco", "yolo", "voc", "vgg"] {
        let path = common::dataset(format, bytes);
        let _ = formats::detect(&path);
        let options = annoconv::format::Options { tolerant: true, ..Default::default() };
        let _ = validate::run(&Request { path: Some(path), options, ..Request::default() });
    }
});
