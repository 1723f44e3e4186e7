//! Small datasets by other makers (`ANNOCONV_CASES_DIR`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test panics")]

mod support;

use annoconv::geometry::Size;
use libtest_mimic::Arguments;
use std::path::Path;
use support::external;

fn main() {
    let test = |name, test| external("ANNOCONV_CASES_DIR", name, test);
    let trials = vec![test("EXIF orientations 0 to 8 are displayed alike", orientations)];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// The same picture stored in every orientation has one size as displayed.
fn orientations(folder: &Path) {
    let images = annoconv::files::walk(&folder.join("exif-orientation")).unwrap();
    let images = images.into_iter().filter(|image| annoconv::images::is_image(image));
    let mut seen = 0;
    for image in images {
        let name = image.file_stem().unwrap().to_str().unwrap();
        let size = match name.split_once('_').unwrap().0 {
            "Landscape" => Size { width: 1800, height: 1200 },
            _ => Size { width: 1200, height: 1800 },
        };
        assert_eq!(annoconv::images::measure(&image).unwrap().size, size, "{name}");
        seen += 1;
    }
    assert_eq!(seen, 18);
}
