//! Small datasets by other makers (`ANNOCONV_CASES_DIR`).

#![allow(clippy::restriction, reason = "tests panic and tell")]

#[path = "cases/findings.rs"]
mod findings;
#[path = "cases/json.rs"]
mod json;
#[path = "cases/splits.rs"]
mod splits;
mod support;

use annoconv::files;
use annoconv::format::{Run, Source, Wants};
use annoconv::geometry::{Rle, Size};
use annoconv::model::{Annotation, Image, Shape};
use libtest_mimic::Arguments;
use std::collections::BTreeMap;
use std::path::Path;
use support::{annoconv, annotations, external, open_with, run};

fn main() {
    let test = |name, test| external("ANNOCONV_CASES_DIR", name, test);
    let trials = vec![
        test("EXIF orientations 0 to 8 are displayed alike", orientations),
        test(
            "VOC 2012: VOC, ImageNet, COCO v1 and v2, LabelMe and YOLO give the same boxes",
            voc2012,
        ),
        test("raccoon: the boxes are those of the CSV", raccoon),
        test("rice: VIA's JSON and CSV give the same regions", rice),
        test("balloon: polygons to COCO and back are exact", balloon),
        test("COCO val2014: areas and boxes are those of pycocotools", coco_val2014),
        test("validate finds what is wrong in each dataset, and no more", findings::every_dataset),
        test("JSON is accepted and what is none refused, wherever it stands", json::test_suite),
        test("every dataset is split with its classes in all subsets", splits::every_dataset),
        test("three datasets are merged with new names of classes", splits::merge),
        test("every file is read, or refused for the right reason", every_file),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// The same picture stored in every orientation has one size as displayed.
fn orientations(folder: &Path) {
    let images = files::walk(&folder.join("exif-orientation")).unwrap();
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

fn open(format: &str, path: &Path) -> Box<dyn Source> {
    let settings = if format == "yolo" { &[("task", "segment")][..] } else { &[] };
    open_with(format, path, settings, Wants::ALL, &Run::default()).unwrap()
}

/// The annotations of each image, by its name without folder and extension; sizes, where they
/// are not stated, from `sizes`.
fn by_image(
    source: &dyn Source,
    sizes: &BTreeMap<String, Size>,
) -> BTreeMap<String, Vec<Annotation>> {
    let of = |(index, image): (usize, &Image)| {
        let stem = stem(&image.file_name);
        let size = image.size.or_else(|| sizes.get(&stem).copied());
        (stem, annotations(source, index, &Image { size, ..image.clone() }).unwrap())
    };
    source.images().iter().enumerate().map(of).collect()
}

fn stem(file_name: &str) -> String {
    let base = annoconv::images::base_name(file_name);
    base.trim_end_matches(".jpg").to_owned()
}

/// Class name and corners of every box of a dataset, sorted.
fn boxes(source: &dyn Source, sizes: &BTreeMap<String, Size>) -> Vec<(String, String, [f64; 4])> {
    let name = |category: Option<usize>| source.header().categories[category.unwrap()].name.clone();
    let mut boxes: Vec<_> = by_image(source, sizes)
        .into_iter()
        .flat_map(|(stem, annotations)| {
            annotations.into_iter().map(move |annotation| {
                (stem.clone(), name(annotation.category), annotation.bounds().unwrap().corners())
            })
        })
        .collect();
    boxes.sort_by(|a, b| a.partial_cmp(b).unwrap());
    boxes
}

fn voc2012(folder: &Path) {
    let gts = folder.join("voc2012-subset-8-formats/gts");
    let none = BTreeMap::new();
    let voc = open("voc", &gts.join("pascalvoc_format"));
    let expected = boxes(voc.as_ref(), &none);
    assert_eq!(expected.len(), 273);
    for (format, path) in [
        ("voc", "imagenet_format"),
        ("coco", "coco_format_v1/instances_default.json"),
        ("coco", "coco_format_v2/instances_v2.json"),
        ("labelme", "labelme_format"),
    ] {
        assert_eq!(boxes(open(format, &gts.join(path)).as_ref(), &none), expected, "{path}");
    }
    let sizes: BTreeMap<String, Size> =
        voc.images().iter().map(|image| (stem(&image.file_name), image.size.unwrap())).collect();
    let yolo = boxes(open("yolo", &gts.join("yolo_format")).as_ref(), &sizes);
    assert_eq!(yolo.len(), 273);
    for (found, expected) in yolo.iter().zip(&expected) {
        assert_eq!((&found.0, &found.1), (&expected.0, &expected.1));
        let size = sizes[&found.0];
        let sides = [size.width, size.height, size.width, size.height];
        for ((found, expected), side) in found.2.iter().zip(expected.2).zip(sides) {
            // Six decimals: half a unit of the centre and a quarter of the size.
            let quantum = 0.75e-6 * f64::from(side) * 1.000_001;
            assert!((found - expected).abs() <= quantum, "{found} {expected}");
        }
    }
}

fn raccoon(folder: &Path) {
    let raccoon = folder.join("raccoon/raccoon");
    let found = boxes(open("voc", &raccoon.join("annotations")).as_ref(), &BTreeMap::new());
    let mut reader = csv::Reader::from_path(raccoon.join("data/raccoon_labels.csv")).unwrap();
    let mut expected: Vec<(String, String, [f64; 4])> = reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            let number = |column: usize| row[column].parse().unwrap();
            (stem(&row[0]), row[3].to_owned(), [number(4), number(5), number(6), number(7)])
        })
        .collect();
    expected.sort_by(|a, b| a.partial_cmp(b).unwrap());
    assert_eq!(found.len(), 217);
    assert_eq!(found, expected);
}

fn rice(folder: &Path) {
    let mut regions = 0;
    for part in ["train", "val"] {
        let base = folder.join("via-rice/via-rice-json-csv").join(part);
        let json = open("vgg", &base.join("via_region_data.json"));
        let csv = open("vgg", &base.join("via_region_data.csv"));
        let none = BTreeMap::new();
        let (json, csv) = (by_image(json.as_ref(), &none), by_image(csv.as_ref(), &none));
        assert!(json.keys().eq(csv.keys()));
        for (name, expected) in &json {
            let plain = |annotation: &Annotation| {
                (annotation.category, annotation.shape.clone(), annotation.extra.clone())
            };
            let found: Vec<_> = csv[name].iter().map(plain).collect();
            assert_eq!(found, expected.iter().map(plain).collect::<Vec<_>>(), "{name}");
            regions += expected.len();
        }
    }
    assert_eq!(regions, 776);
}

fn balloon(folder: &Path) {
    let mut polygons = 0;
    let mut seen = 0;
    for file in files::walk(&folder.join("via-balloon")).unwrap() {
        if !file.ends_with("via_region_data.json") {
            continue;
        }
        seen += 1;
        let scratch = tempfile::tempdir().unwrap();
        let (coco, back) = (scratch.path().join("coco.json"), scratch.path().join("via.json"));
        run(annoconv().args(["convert", "--to", "coco"]).arg(&file).arg("-o").arg(&coco), 0);
        run(annoconv().args(["convert", "--to", "vgg"]).arg(&coco).arg("-o").arg(&back), 0);
        let none = BTreeMap::new();
        let stated = by_image(open("vgg", &file).as_ref(), &none);
        let found = by_image(open("vgg", &back).as_ref(), &none);
        assert!(stated.keys().eq(found.keys()));
        for (name, annotations) in &stated {
            let shapes = |annotations: &[Annotation]| -> Vec<Shape> {
                annotations.iter().map(|annotation| annotation.shape.clone()).collect()
            };
            assert!(shapes(annotations) == shapes(&found[name]), "{name}");
            polygons += annotations.len();
        }
    }
    assert_eq!((seen, polygons), (4, 670));
}

fn masks(source: &dyn Source) -> Vec<Rle> {
    let mask = |annotation: Annotation| match annotation.shape {
        Shape::Mask(mask) => Some(mask),
        _ => None,
    };
    by_image(source, &BTreeMap::new()).into_values().flatten().filter_map(mask).collect()
}

/// The expected numbers are sums over pycocotools' `area` and `toBbox` of the same masks.
fn coco_val2014(folder: &Path) {
    let base = folder.join("coco-val2014-100/tests/dataset/cocoapi");
    for (file, count, area, bbox) in MASKS {
        let masks = masks(open("coco", &base.join(file)).as_ref());
        assert_eq!(masks.len(), count, "{file}");
        assert_eq!(masks.iter().map(Rle::area).sum::<u64>(), area, "{file}");
        let sums = masks.iter().filter_map(Rle::bounds).fold([0.0; 4], |sums: [f64; 4], bbox| {
            let bbox = bbox.corner_and_size();
            std::array::from_fn(|side| sums[side] + bbox[side])
        });
        assert_eq!(sums, bbox, "{file}");
        for mask in masks {
            assert_eq!(Rle::from_compressed(mask.size(), &mask.to_compressed()).unwrap(), mask);
            let traced: f64 = mask.trace().iter().map(annoconv::geometry::Polygon::area).sum();
            assert_eq!(traced, mask.area() as f64);
        }
    }
}

include!("cases/masks.rs");
include!("cases/files.rs");

/// What became of a file: images and annotations, or the end of the message.
fn outcome(format: &str, path: &Path, images: &Path) -> String {
    let scratch = tempfile::tempdir().unwrap();
    let mut command = annoconv();
    command.args(["convert", "--from", format, "--to", "coco", "--report", "json"]);
    if format == "yolo" {
        command.arg("--images").arg(images);
    }
    let output = command.arg(path).arg("-o").arg(scratch.path().join("o.json")).output().unwrap();
    if output.status.success() {
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let losses = report["losses"].as_array().unwrap().iter();
        let losses: Vec<String> = losses
            .map(|row| format!("{} {}", row["reason"].as_str().unwrap(), row["count"]))
            .collect();
        let losses =
            if losses.is_empty() { String::new() } else { format!("; {}", losses.join(", ")) };
        return format!(
            "{} images, {} annotations{losses}",
            report["images"], report["annotations_read"]
        );
    }
    let error = String::from_utf8(output.stderr).unwrap();
    let folder = images.display().to_string();
    // What mends it is told in a line of its own.
    let first = error.lines().next().unwrap_or_default();
    first
        .replace(&folder, "")
        .rsplit_once("expected ")
        .map_or(error.clone(), |(_, end)| end.to_owned())
}

fn every_file(folder: &Path) {
    if std::env::var_os("ANNOCONV_BLESS").is_some() {
        for (format, path, _) in FILES {
            eprintln!(
                "    ({format:?}, {path:?}, {:?}),",
                outcome(format, &folder.join(path), &folder.join(path))
            );
        }
        return;
    }
    for (format, path, expected) in FILES {
        let full = folder.join(path);
        assert_eq!(outcome(format, &full, &full), *expected, "{path}");
    }
    assert_eq!(FILES.len(), 98);
}
