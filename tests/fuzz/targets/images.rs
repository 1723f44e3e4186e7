//! Headers of image files.

#![no_main]

#[allow(dead_code)]
mod common;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let path = common::folder().join("a.jpg");
    std::fs::write(&path, bytes).unwrap();
    if let Ok(measured) = annoconv::images::measure(&path) {
        assert!(measured.size.width > 0 && measured.size.height > 0);
    }
});
