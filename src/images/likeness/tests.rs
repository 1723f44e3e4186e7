use super::*;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, RgbImage, imageops};
use tempfile::TempDir;

/// A picture of soft blobs, another one for each seed.
fn drawn(width: u32, height: u32, seed: u64) -> RgbImage {
    let number = |at: u64| {
        let mixed = twox_hash::XxHash64::oneshot(seed, &at.to_le_bytes());
        (mixed % 1000) as f64 / 1000.0
    };
    let blob = |at: u64| {
        (number(4 * at), number(4 * at + 1), 0.05 + number(4 * at + 2) / 4.0, number(4 * at + 3))
    };
    let blobs: Vec<_> = (0..12).map(blob).collect();
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        let light = |(left, top, size, light): &(f64, f64, f64, f64)| {
            light * (-((x - left).powi(2) + (y - top).powi(2)) / (size * size)).exp()
        };
        let level = (blobs.iter().map(light).sum::<f64>() * 120.0).min(255.0) as u8;
        image::Rgb([level, level / 2 + 60, 255 - level])
    })
}

fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(picture).unwrap();
    bytes
}

fn png(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A JPEG file with an EXIF orientation.
fn oriented(file: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif =
        b"\xFF\xE1\0\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    [&file[..2], &exif, &file[2..]].concat()
}

fn written(files: &[(&str, Vec<u8>)]) -> (TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let write = |(name, bytes): &(&str, Vec<u8>)| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let paths = files.iter().map(write).collect();
    (folder, paths)
}

fn found(files: &[(&str, Vec<u8>)], how: &Likeness) -> Vec<(String, String, Kind)> {
    let (_folder, paths) = written(files);
    let groups = groups(&paths, how, &Progress::default()).unwrap();
    let name = |at: usize| paths[at].file_name().unwrap().to_str().unwrap().to_owned();
    let pairs = groups.iter().flat_map(|group| &group.pairs);
    pairs.map(|pair| (name(pair.one), name(pair.other), pair.kind)).collect()
}

#[test]
fn each_kind_of_copy_is_found() {
    let picture = drawn(233, 171, 1);
    let half = imageops::resize(&picture, 116, 85, imageops::FilterType::CatmullRom);
    let original = jpeg(&picture, 90);
    let decoded = image::load_from_memory(&original).unwrap().into_rgb8();
    let cases: [(&str, Vec<u8>, Kind); 12] = [
        ("bytes.jpg", original.clone(), Kind::Bytes),
        ("pixels.png", png(&decoded), Kind::Pixels),
        ("encoded.jpg", jpeg(&picture, 40), Kind::Encoded),
        (
            "grey.png",
            png(&DynamicImage::from(decoded.clone()).into_luma8().into_rgb()),
            Kind::Encoded,
        ),
        ("half.jpg", jpeg(&half, 85), Kind::Resized),
        ("mirror.jpg", jpeg(&imageops::flip_horizontal(&picture), 75), Kind::Mirrored),
        ("upside.jpg", jpeg(&imageops::flip_vertical(&picture), 75), Kind::Mirrored),
        ("turned90.jpg", jpeg(&imageops::rotate90(&picture), 75), Kind::Turned),
        ("turned180.jpg", jpeg(&imageops::rotate180(&picture), 75), Kind::Turned),
        ("turned270.jpg", jpeg(&imageops::rotate270(&half), 75), Kind::Turned),
        (
            "transposed.jpg",
            jpeg(&imageops::rotate90(&imageops::flip_vertical(&picture)), 75),
            Kind::Mirrored,
        ),
        ("exif.jpg", oriented(&jpeg(&imageops::rotate270(&picture), 75), 6), Kind::Encoded),
    ];
    for (name, bytes, kind) in cases {
        let other = ("other.jpg", jpeg(&drawn(233, 171, 2), 90));
        let files = [("a.jpg", original.clone()), other, (name, bytes)];
        let expected = [("a.jpg".to_owned(), name.to_owned(), kind)];
        assert_eq!(found(&files, &Likeness::default()), expected, "{name}");
    }
}

/// Grey pixels as colours.
trait IntoRgb {
    fn into_rgb(self) -> RgbImage;
}

impl IntoRgb for image::GrayImage {
    fn into_rgb(self) -> RgbImage {
        DynamicImage::from(self).into_rgb8()
    }
}

#[test]
fn what_is_no_copy_is_in_no_group() {
    let numbers: Vec<String> = (0..40).map(|seed| format!("{seed}.jpg")).collect();
    let other =
        |(seed, name): (usize, &String)| (name.clone(), jpeg(&drawn(120, 90, seed as u64), 80));
    let mut files: Vec<(String, Vec<u8>)> = numbers.iter().enumerate().map(other).collect();
    let flat = RgbImage::from_pixel(300, 200, image::Rgb([9, 9, 9]));
    let mut huge = png(&flat);
    huge[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let cut = jpeg(&drawn(120, 90, 3), 80);
    for (name, bytes) in [
        ("flat.png", png(&flat)),
        ("flat.jpg", jpeg(&flat, 80)),
        ("tiny.png", png(&drawn(31, 31, 5))),
        ("tiny.jpg", jpeg(&drawn(31, 31, 5), 90)),
        ("huge.png", huge.clone()),
        ("huge2.png", [&huge[..], &[0]].concat()),
        ("broken.jpg", cut[..200].to_vec()),
        ("text.jpg", b"no picture".to_vec()),
        ("empty.jpg", Vec::new()),
        // The same picture, in a frame of another shape.
        (
            "wide.jpg",
            jpeg(
                &imageops::resize(&drawn(120, 90, 7), 120, 80, imageops::FilterType::Triangle),
                80,
            ),
        ),
    ] {
        files.push((name.to_owned(), bytes));
    }
    let files: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    assert_eq!(found(&files, &Likeness::default()), []);
}

#[test]
fn equal_pictures_of_one_colour_are_placeholders() {
    for (width, height, is_large) in [(100, 100, false), (900, 600, true)] {
        let flat = png(&RgbImage::from_pixel(width, height, image::Rgb([9, 9, 9])));
        assert_eq!(flat.len() >= 4096, is_large);
        assert_eq!(found(&[("a.png", flat.clone()), ("b.png", flat)], &Likeness::default()), []);
    }
}

#[test]
fn limits_and_settings_are_kept() {
    let picture = drawn(200, 150, 1);
    let files = [("a.jpg", jpeg(&picture, 90)), ("b.jpg", jpeg(&picture, 50))];
    for (how, count) in [
        (Likeness::default(), 1),
        (Likeness { decodes: false, ..Likeness::default() }, 0),
        (Likeness { memory: 10_000, ..Likeness::default() }, 0),
    ] {
        assert_eq!(found(&files, &how).len(), count, "{how:?}");
    }
}

#[test]
fn copies_of_one_picture_are_one_group() {
    let picture = drawn(200, 150, 1);
    let half = imageops::resize(&picture, 100, 75, imageops::FilterType::Triangle);
    let mirror = jpeg(&imageops::flip_horizontal(&half), 85);
    let files = [
        ("a.jpg", jpeg(&picture, 90)),
        ("b.jpg", jpeg(&drawn(200, 150, 2), 90)),
        ("c.jpg", jpeg(&picture, 90)),
        ("d.jpg", jpeg(&half, 85)),
        ("e.jpg", mirror),
        ("f.jpg", jpeg(&drawn(200, 150, 2), 50)),
    ];
    let (_folder, paths) = written(&files);
    let told = std::sync::Arc::new(std::sync::Mutex::new(0));
    let counted = told.clone();
    let progress = Progress::new(move |step| {
        let mut most = counted.lock().unwrap();
        *most = step.done.max(*most);
    });
    let groups = groups(&paths, &Likeness::default(), &progress).unwrap();
    let files: Vec<&[usize]> = groups.iter().map(|group| group.files.as_slice()).collect();
    assert_eq!(files, [&[0, 2, 3, 4][..], &[1, 5]]);
    assert_eq!(groups[0].kind(0, 2), Kind::Bytes);
    assert_eq!(groups[0].kind(4, 3), Kind::Mirrored);
    assert_eq!(*told.lock().unwrap(), 6);
}
