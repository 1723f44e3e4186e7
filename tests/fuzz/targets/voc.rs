//! The reader of voc, and every writer of what it read.

#![no_main]

#[allow(dead_code)]
mod common;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let input = common::dataset("voc", bytes);
    common::read("voc", &input);
    for to in ["coco", "yolo", "voc", "vgg", "hf", "labelme"] {
        let output = common::folder().join("out");
        let _ = common::convert("voc", &input, to, &output, common::asked(bytes.len()));
        common::remove(&output);
    }
});
