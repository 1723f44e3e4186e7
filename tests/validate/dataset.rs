//! Clean datasets, made from random pictures.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::sync::OnceLock;

/// The classes. Their order is neither that of the alphabet nor that of their ids.
pub const CLASSES: [&str; 4] = ["screw", "bone", "plate", "cast"];
/// The ids that COCO has for them.
pub const CATEGORY_IDS: [u64; 4] = [2, 3, 1, 4];
/// How many datasets a run has.
pub const DATASETS: usize = 20;
/// How many pictures have objects; two more have none.
pub const PICTURES: usize = 8;

/// An image and its objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The file name.
    pub name: String,
    pub subset: &'static str,
    /// Width and height, different from each other and from those of other pictures.
    pub size: [f64; 2],
    pub objects: Vec<Object>,
}

/// An object: a star-shaped ring in a cell of its own of a grid of 3 by 2, and the box around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub class: usize,
    pub ring: Vec<[f64; 2]>,
    /// Left, top, right, bottom.
    pub bbox: [f64; 4],
}

/// The pictures of a dataset, and the object that a fault of one object is about.
#[derive(Debug, Clone)]
pub struct Drawn {
    pub pictures: Vec<Picture>,
    pub image: usize,
    pub number: usize,
}

impl Picture {
    pub fn stem(&self) -> &str {
        self.name.split('.').next().unwrap()
    }

    /// Moves all points, and the boxes with them.
    pub fn map(&mut self, motion: impl Fn([f64; 2], [f64; 2]) -> [f64; 2]) {
        let size = self.size;
        for object in &mut self.objects {
            object.ring.iter_mut().for_each(|point| *point = motion(*point, size).map(tidy));
            let [left, top, right, bottom] = object.bbox;
            let [one, other] = [[left, top], [right, bottom]].map(|corner| motion(corner, size));
            let min = |at: usize| tidy(one[at].min(other[at]));
            let max = |at: usize| tidy(one[at].max(other[at]));
            object.bbox = [min(0), min(1), max(0), max(1)];
        }
    }
}

/// A number without the noise of binary fractions.
pub fn tidy(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

pub fn bounds(ring: &[[f64; 2]]) -> [f64; 4] {
    let of = |at: usize| ring.iter().map(move |point| point[at]);
    let min = |at| of(at).fold(f64::INFINITY, f64::min);
    let max = |at| of(at).fold(f64::NEG_INFINITY, f64::max);
    [min(0), min(1), max(0), max(1)]
}

pub fn area(ring: &[[f64; 2]]) -> f64 {
    let sides = ring.iter().zip(ring.iter().cycle().skip(1));
    tidy(sides.map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>().abs() / 2.0)
}

fn ring(size: [f64; 2], number: usize, radii: &[f64]) -> Vec<[f64; 2]> {
    let half = [size[0] / 6.0, size[1] / 4.0];
    let (column, row) = ((number % 3) as f64, (number / 3) as f64);
    let middle = [(2.0 * column + 1.0) * half[0], (2.0 * row + 1.0) * half[1]];
    let point = |(at, radius): (usize, &f64)| {
        let angle = at as f64 / radii.len() as f64 * std::f64::consts::TAU;
        let (x, y) = (radius * half[0] * angle.cos(), radius * half[1] * angle.sin());
        [middle[0] + x, middle[1] + y].map(|number| (number * 100.0).round() / 100.0)
    };
    radii.iter().enumerate().map(point).collect()
}

/// Width, height, and for each object its class and the radii of its ring.
type Numbers = (u32, u32, Vec<(usize, Vec<f64>)>);

fn numbers() -> impl Strategy<Value = Vec<Numbers>> {
    let radii = prop::collection::vec(0.4..0.9f64, 5..12);
    let objects = prop::collection::vec((0..CLASSES.len(), radii), 1..=5);
    prop::collection::vec((150..600u32, 150..600u32, objects), PICTURES)
}

fn pictures(numbers: Vec<Numbers>) -> Vec<Picture> {
    let mut count = 0;
    let mut picture = |(at, (width, height, objects)): (usize, Numbers)| {
        // Each size is there once, and no image is a square.
        let (width, height) = (2 * width + at as u32 % 2, 2 * height);
        let height = if width.abs_diff(height) < 40 { width + 60 } else { height };
        let size = [f64::from(width), f64::from(height)];
        let object = |(number, (class, radii)): (usize, (usize, Vec<f64>))| {
            count += 1;
            // Each class has an object.
            let class = if count <= CLASSES.len() { count - 1 } else { class };
            let ring = ring(size, number, &radii);
            Object { class, bbox: bounds(&ring), ring }
        };
        Picture {
            name: name_of(at),
            subset: subset_of(at),
            size,
            objects: objects.into_iter().enumerate().map(object).collect(),
        }
    };
    let mut all: Vec<Picture> = numbers.into_iter().enumerate().map(&mut picture).collect();
    for (at, size) in [(PICTURES, [320.0, 240.0]), (PICTURES + 1, [333.0, 555.0])] {
        let (name, subset) = (name_of(at), subset_of(at));
        all.push(Picture { name, subset, size, objects: Vec::new() });
    }
    all
}

fn name_of(at: usize) -> String {
    format!("scan{at}.{}", if at.is_multiple_of(2) { "png" } else { "jpg" })
}

fn subset_of(at: usize) -> &'static str {
    match at % 5 {
        3 => "val",
        4 => "test",
        _ => "train",
    }
}

/// The datasets of this run: those of the seed in `ANNOCONV_FAULT_SEED`, a number, else the same
/// each time.
pub fn datasets() -> &'static [Drawn] {
    static ALL: OnceLock<Vec<Drawn>> = OnceLock::new();
    ALL.get_or_init(|| {
        let seed = std::env::var("ANNOCONV_FAULT_SEED").ok();
        let seed: u64 = seed.map_or(17, |seed| seed.parse().expect("a number"));
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let strategy = (numbers(), any::<prop::sample::Index>(), any::<prop::sample::Index>());
        let mut draw = || {
            let (numbers, image, number) = strategy.new_tree(&mut runner).unwrap().current();
            let pictures = pictures(numbers);
            let image = image.index(PICTURES);
            Drawn { image, number: number.index(pictures[image].objects.len()), pictures }
        };
        (0..DATASETS).map(|_| draw()).collect()
    })
}

/// A PNG file as far as its header goes, with bytes of its own.
const PIXELS: usize = 5000;

pub fn png(size: [f64; 2], own: u8) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    size.iter().for_each(|side| bytes.extend((*side as u32).to_be_bytes()));
    bytes.extend([8, 0, 0, 0, 0, b'-', b'-', b'-', own]);
    // A chunk of bytes: files of few bytes are taken for placeholders.
    bytes.extend((PIXELS as u32).to_be_bytes());
    bytes.extend(b"IDAT");
    bytes.extend(vec![own; PIXELS]);
    bytes.extend(b"----");
    bytes.extend(b"\0\0\0\0IEND\xAE\x42\x60\x82");
    bytes
}

/// A JPEG file as far as its header goes, with bytes of its own and an EXIF orientation.
pub fn jpeg(size: [f64; 2], own: u8, orientation: Option<u8>) -> Vec<u8> {
    let mut bytes = b"\xFF\xD8".to_vec();
    if let Some(orientation) = orientation {
        let mut exif = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        bytes.extend(b"\xFF\xE1");
        bytes.extend((exif.len() as u16 + 2).to_be_bytes());
        bytes.extend(exif);
    }
    bytes.extend(b"\xFF\xFE");
    bytes.extend((PIXELS as u16 + 2).to_be_bytes());
    bytes.extend(vec![own; PIXELS]);
    bytes.extend(b"\xFF\xC0\0\x0B\x08");
    [size[1], size[0]].iter().for_each(|side| bytes.extend((*side as u16).to_be_bytes()));
    bytes.extend(b"\x01\x01\x11\0\xFF\xDA\0\x08\x01\x01\0\0\x3F\0\x15\xFF\xD9");
    bytes
}

/// A picture of stripes and a blob, another one for each seed.
pub fn photo(size: [f64; 2], seed: u64) -> image::RgbImage {
    let [width, height] = size.map(|side| side as u32);
    let at = seed as f64;
    image::RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x) / size[0], f64::from(y) / size[1]);
        let stripes = (x * (5.0 + 3.0 * at) + y * (9.0 - at) + at).sin() * 60.0;
        let blob = 120.0 * (-((x - 0.1 * at).powi(2) + (y - 0.3).powi(2)) * 20.0).exp();
        let level = (100.0 + stripes + blob).clamp(0.0, 255.0) as u8;
        image::Rgb([level, level, 255 - level])
    })
}

/// The bytes of a picture in the format of a name; JPEG at a quality of 60.
pub fn encoded(picture: &image::RgbImage, name: &str) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    if name.ends_with("png") {
        picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    } else {
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 60);
        picture.write_with_encoder(encoder).unwrap();
    }
    bytes.into_inner()
}
