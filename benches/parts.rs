//! The parts of a conversion, each by itself: how many bytes a second are scanned, read and written.
//!
//! `cargo bench`: the inputs are made here, 20,000 annotations of 2,000 images.

#![allow(clippy::restriction, reason = "a benchmark that fails stops")]

use annoconv::dataset::{self, Inputs};
use annoconv::format::{Chosen, Run, Side, Source, Wants, Writer};
use annoconv::formats::by_name;
use annoconv::geometry::Size;
use annoconv::geometry::rle::Rle;
use annoconv::json::JsonFile;
use annoconv::losses::Losses;
use annoconv::model::{Annotation, Record, Verbatim};
use annoconv::progress::Progress;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use std::fmt::Write;
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::LazyLock;
use tempfile::TempDir;

const IMAGES: usize = 2_000;
const ANNOTATIONS: usize = 20_000;

fn main() {
    divan::main();
}

/// A COCO file, in a folder that goes with the program.
static COCO: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("coco.json");
    std::fs::write(&path, coco()).unwrap();
    (folder, path)
});

/// Polygons of 16 points with two decimals.
fn coco() -> String {
    let image =
        |id| format!(r#"{{"id": {id}, "file_name": "{id:012}.jpg", "width": 640, "height": 480}}"#);
    let images: Vec<String> = (1..=IMAGES).map(image).collect();
    let annotation = |id: usize| {
        let mut points = String::new();
        for point in 0..16 {
            let (x, y) = (id % 500 + point * 7, id % 400 + point * point % 60);
            write!(
                points,
                "{}{x}.{:02}, {y}.{:02}",
                if point > 0 { ", " } else { "" },
                id % 100,
                point * 5
            )
            .unwrap();
        }
        format!(
            r#"{{"segmentation": [[{points}]], "area": {id}.25, "iscrowd": 0, "image_id": {}, "bbox": [{}.12, {}.5, 105.25, 59.75], "category_id": 1, "id": {id}}}"#,
            1 + id % IMAGES,
            id % 500,
            id % 400
        )
    };
    let annotations: Vec<String> = (1..=ANNOTATIONS).map(annotation).collect();
    format!(
        r#"{{"images": [{}], "annotations": [{}], "categories": [{{"id": 1, "name": "fracture"}}]}}"#,
        images.join(", "),
        annotations.join(", ")
    )
}

fn open(wants: Wants) -> Box<dyn Source> {
    let inputs = Inputs { paths: std::slice::from_ref(&COCO.1), format: by_name("coco") };
    dataset::open(inputs, &dataset::defaults, wants, &Run::default()).unwrap().source
}

/// All annotations, by image.
fn annotations() -> Vec<Vec<Verbatim<Annotation>>> {
    let source = open(Wants::ALL);
    let images = source.images().iter().enumerate();
    images.map(|(index, image)| source.read(index, image).unwrap().all().unwrap()).collect()
}

/// One thread does all.
fn alone(run: impl FnOnce() + Send) {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(run);
}

#[divan::bench]
fn structural_scan(bencher: Bencher) {
    let file = JsonFile::read(&COCO.1).unwrap();
    bencher.counter(BytesCount::new(file.span().len())).bench_local(|| {
        file.index(&["images", "annotations", "categories"], &Progress::default(), |_, _| {})
            .unwrap()
    });
}

#[divan::bench]
fn box_parse(bencher: Bencher) {
    read_all(bencher, Wants::BOXES);
}

#[divan::bench]
fn polygon_parse(bencher: Bencher) {
    read_all(bencher, Wants::ALL);
}

/// The whole way from the file to the annotations, on one thread.
fn read_all(bencher: Bencher, wants: Wants) {
    let read = || {
        let source = open(wants);
        for (index, image) in source.images().iter().enumerate() {
            black_box(source.read(index, image).unwrap().all().unwrap());
        }
    };
    bencher.counter(ItemsCount::new(ANNOTATIONS)).bench_local(|| alone(read));
}

#[divan::bench]
fn yolo_box_lines(bencher: Bencher) {
    write_all(bencher, "yolo", &Chosen::new());
}

#[divan::bench]
fn yolo_polygon_lines(bencher: Bencher) {
    let declared = by_name("yolo").unwrap().settings();
    let chosen = Chosen::new().with(declared, Side::Write, "task", "segment").unwrap();
    write_all(bencher, "yolo", &chosen);
}

#[divan::bench]
fn voc_xml(bencher: Bencher) {
    write_all(bencher, "voc", &Chosen::new());
}

fn write_all(bencher: Bencher, format: &str, settings: &Chosen) {
    let source = open(Wants::ALL);
    let annotations = annotations();
    let writer = by_name(format).unwrap().create(source.header(), settings).unwrap();
    let length = write(writer.as_ref(), source.as_ref(), &annotations).len();
    bencher
        .counter(BytesCount::new(length))
        .bench_local(|| write(writer.as_ref(), source.as_ref(), &annotations));
}

fn write(
    writer: &dyn Writer,
    source: &dyn Source,
    annotations: &[Vec<Verbatim<Annotation>>],
) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, annotations) in annotations.iter().enumerate() {
        let image = &source.image(index).unwrap();
        let pieces = writer.encode(&Record { image, annotations }, &mut Losses::default()).unwrap();
        out.extend(pieces.own.unwrap_or_default());
    }
    out
}

/// Run lengths of a mask of 640 x 480, compressed as pycocotools does.
fn mask() -> (Size, String) {
    let size = Size { width: 640, height: 480 };
    let counts = vec![200; 640 * 480 / 200];
    (size, Rle::new(size, counts).unwrap().to_compressed())
}

#[divan::bench]
fn rle_decode(bencher: Bencher) {
    let (size, text) = mask();
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(|| Rle::from_compressed(size, black_box(&text)).unwrap());
}
