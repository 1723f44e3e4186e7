//! Headers of images, and images of any size.

use crate::try_all;
use annoconv::convert::{self, Job};
use annoconv::formats::FORMATS;
use std::fs;

/// The header of an image with an orientation, whose EXIF data leads back to itself or outside.
fn jpeg(next: u32, count: u32) -> Vec<u8> {
    let field = [&[1, 0x12, 0, 3][..], &count.to_be_bytes(), &[0, 6, 0, 0]].concat();
    let directory = [&[0, 1][..], &field, &next.to_be_bytes()].concat();
    let exif = [b"Exif\0\0MM\0*\0\0\0\x08".as_slice(), &directory].concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let frame = [0xff, 0xc0, 0, 11, 8, 0, 8, 0, 10, 1, 1, 0x11, 0];
    [&[0xff, 0xd8, 0xff, 0xe1][..], &length, &exif, &frame, &[0xff, 0xd9]].concat()
}

/// A header is believed or refused; nothing is allocated for the pixels that it claims.
#[test]
fn image_headers_cost_nothing_whatever_they_claim() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    let png = |width: u32, height: u32| {
        let start = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice();
        [start, &width.to_be_bytes(), &height.to_be_bytes(), &[8, 0, 0, 0, 0, 0, 0, 0, 0]].concat()
    };
    for (bytes, expected) in [
        (png(u32::MAX, u32::MAX), Some((u32::MAX, u32::MAX))),
        (png(0, 1), None),
        (jpeg(0, 1), Some((8, 10))),
        (jpeg(8, 1), Some((8, 10))),
        (jpeg(u32::MAX, 1), Some((8, 10))),
        (jpeg(0, u32::MAX), Some((10, 8))),
    ] {
        fs::write(&path, &bytes).unwrap();
        let measured = annoconv::images::measure(&path).ok();
        assert_eq!(measured.map(|it| (it.size.width, it.size.height)), expected);
        for length in 0..bytes.len() {
            fs::write(&path, &bytes[..length]).unwrap();
            let _ = annoconv::images::measure(&path);
        }
    }
}

/// A TIFF file, whose directory may come last, with an orientation of a quarter turn.
#[test]
fn a_big_tiff_is_measured_without_its_pixels() {
    let pixels = 64 << 20;
    let at = u32::try_from(8 + pixels).unwrap();
    let field = |tag: u16, value: u16| {
        [&tag.to_le_bytes()[..], &[3, 0, 1, 0, 0, 0], &value.to_le_bytes(), &[0, 0]].concat()
    };
    let fields = [field(0x100, 30), field(0x101, 20), field(0x112, 6)].concat();
    let head = [b"II*\0".as_slice(), &at.to_le_bytes()].concat();
    let directory = [&[3, 0][..], &fields, &[0; 4]].concat();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    fs::write(&path, [head, vec![0; pixels], directory].concat()).unwrap();
    let measured = annoconv::images::measure(&path).unwrap();
    assert_eq!((measured.size.width, measured.size.height), (20, 30));
    assert_eq!(measured.orientation, 6);
}

/// A box or a mask in an image of 2^32 pixels a side is written, or refused, without a bitmap.
#[test]
fn the_largest_image_is_converted_without_its_pixels() {
    let side = u32::MAX;
    let text = format!(
        r#"{{"images":[{{"id":1,"file_name":"a.jpg","width":{side},"height":{side}}}],"categories":[{{"id":1,"name":"x"}}],
"annotations":[{{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,{side},{side}]}},
{{"id":2,"image_id":1,"category_id":1,"segmentation":{{"size":[2,2],"counts":[1,1,2]}}}}]}}"#
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    fs::write(&path, text).unwrap();
    for format in FORMATS {
        let output = folder.path().join(format.name());
        let job = Job::new(&path, *format, &output);
        let report = convert::run(&job).unwrap();
        // The mask is not of the image's size, as which VIA and LabelMe have it; in YOLO, its box has no
        // size at six decimals.
        let written = if matches!(format.name(), "vgg" | "labelme" | "yolo") { 1 } else { 2 };
        assert_eq!(report.annotations_read, 2, "{}", format.name());
        assert_eq!(report.annotations_written, written, "{}", format.name());
    }
    try_all(&path);
}
