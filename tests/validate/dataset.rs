//! A clean dataset in all formats, made from random pictures.

use annoconv::convert::{self, Job};
use annoconv::formats::by_name;
use annoconv::validate::{self, Request, Validation};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

pub const CLASSES: [&str; 2] = ["fracture", "implant"];

/// An image: its size and its objects, each in a cell of its own of a grid of 3 by 2.
#[derive(Debug, Clone)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub objects: Vec<Object>,
}

/// A star-shaped ring around the middle of its cell: radii as parts of half the cell's side.
#[derive(Debug, Clone)]
pub struct Object {
    pub radii: Vec<f64>,
}

pub fn pictures() -> impl Strategy<Value = Vec<Picture>> {
    let radii = prop::collection::vec(0.4..0.9f64, 5..12);
    let objects = prop::collection::vec(radii.prop_map(|radii| Object { radii }), 1..5);
    let picture = (300..1200u32, 300..1200u32, objects)
        .prop_map(|(width, height, objects)| Picture { width, height, objects });
    prop::collection::vec(picture, 4..7)
}

pub fn ring(picture: &Picture, number: usize) -> Vec<f64> {
    let (cell_width, cell_height) =
        (f64::from(picture.width) / 3.0, f64::from(picture.height) / 2.0);
    let (column, row) = ((number % 3) as f64, (number / 3) as f64);
    let (x, y) = ((column + 0.5) * cell_width, (row + 0.5) * cell_height);
    let radii = &picture.objects[number].radii;
    let point = |(at, radius): (usize, &f64)| {
        let angle = at as f64 / radii.len() as f64 * std::f64::consts::TAU;
        let (half_width, half_height) = (cell_width / 2.0, cell_height / 2.0);
        [x + radius * half_width * angle.cos(), y + radius * half_height * angle.sin()]
    };
    radii.iter().enumerate().flat_map(point).collect()
}

/// A COCO dataset of these pictures, and one more without objects.
pub fn coco(pictures: &[Picture]) -> Value {
    let mut annotations = Vec::new();
    let mut images = Vec::new();
    for (image, picture) in pictures.iter().enumerate() {
        images.push(json!({"id": image + 1, "file_name": format!("{image}.png"),
            "width": picture.width, "height": picture.height}));
        for number in 0..picture.objects.len() {
            let ring = ring(picture, number);
            let id = annotations.len() + 1;
            annotations.push(json!({"id": id, "image_id": image + 1, "iscrowd": 0,
                "category_id": id % 2, "bbox": bounds(&ring), "area": area(&ring),
                "segmentation": [ring]}));
        }
    }
    images.push(json!({"id": 99, "file_name": "negative.png", "width": 320, "height": 240}));
    let categories = json!([{"id": 0, "name": CLASSES[0]}, {"id": 1, "name": CLASSES[1]}]);
    json!({"images": images, "annotations": annotations, "categories": categories})
}

pub fn bounds(ring: &[f64]) -> [f64; 4] {
    let of = |first: usize| ring.iter().copied().skip(first).step_by(2);
    let min = |first| of(first).fold(f64::INFINITY, f64::min);
    let max = |first| of(first).fold(f64::NEG_INFINITY, f64::max);
    [min(0), min(1), max(0) - min(0), max(1) - min(1)]
}

pub fn area(ring: &[f64]) -> f64 {
    let points: Vec<&[f64]> = ring.chunks(2).collect();
    let sides = points.iter().zip(points.iter().cycle().skip(1));
    sides.map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>().abs() / 2.0
}

/// A PNG file of a size, as far as its header goes.
pub fn png(width: u64, height: u64) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend((width as u32).to_be_bytes());
    bytes.extend((height as u32).to_be_bytes());
    bytes.extend(b"\x08\0\0\0\0----\0\0\0\0IEND\xAE\x42\x60\x82");
    bytes
}

/// A dataset in four formats with its image files.
pub struct Dataset {
    pub folder: tempfile::TempDir,
}

impl Dataset {
    pub fn new(pictures: &[Picture]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let coco = coco(pictures);
        fs::create_dir(root.join("images")).unwrap();
        for image in coco["images"].as_array().unwrap() {
            let side = |name: &str| image[name].as_u64().unwrap();
            let file = root.join("images").join(image["file_name"].as_str().unwrap());
            fs::write(file, png(side("width"), side("height"))).unwrap();
        }
        let input = root.join("coco.json");
        fs::write(&input, serde_json::to_string_pretty(&coco).unwrap()).unwrap();
        for (format, output) in [("yolo", "labels"), ("voc", "voc"), ("vgg", "via.json")] {
            let output = root.join(output);
            let images = root.join("images");
            let mut job = Job::new(&input, by_name(format).unwrap(), &output);
            job.images = Some(&images);
            convert::run(&job).unwrap();
        }
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn edit(&self, name: &str, edit: impl FnOnce(String) -> String) {
        let path = self.path(name);
        let text = fs::read_to_string(&path).unwrap();
        let edited = edit(text.clone());
        assert_ne!(text, edited, "nothing was changed in {name}");
        fs::write(path, edited).unwrap();
    }

    pub fn edit_json(&self, name: &str, edit: impl FnOnce(&mut Value)) {
        self.edit(name, |text| {
            let mut json: Value = serde_json::from_str(&text).unwrap();
            edit(&mut json);
            serde_json::to_string_pretty(&json).unwrap()
        });
    }

    pub fn validate(&self) -> Validation {
        let paths = vec![self.folder.path().to_path_buf()];
        validate::run(&Request { paths, ..Request::default() }).unwrap()
    }
}
