//! Splits and merges of real datasets.

use crate::support::{annoconv, run};
use annoconv::dataset::{self, Selection};
use annoconv::edit::{Before, Bound, Earlier, Edit, Split};
use annoconv::format::Source;
use annoconv::model::Image;
use annoconv::split::parse_shares;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

const SHARES: [&str; 2] = ["train=0.6,val=0.2,test=0.2", "train=0.8,val=0.12,test=0.08"];

/// Datasets with 20 images or more: every folder and file that opens as one.
fn datasets(folder: &Path) -> Vec<(PathBuf, Box<dyn Source>)> {
    let mut paths: BTreeSet<PathBuf> = BTreeSet::new();
    for file in annoconv::files::walk(folder).unwrap() {
        let is_document = annoconv::files::has_extension(&file, &["json"]);
        paths.extend(Some(file.clone()).filter(|_| is_document));
        paths.extend(file.parent().map(Path::to_path_buf));
    }
    let open = |path: PathBuf| {
        let dataset = dataset::open_path(&path).ok()?;
        let count = dataset.source.images().len();
        (count >= 20 && !dataset.source.header().is_results).then_some((path, dataset.source))
    };
    paths.into_iter().filter_map(open).collect()
}

fn split(source: &dyn Source, shares: &str, selection: &Selection, earlier: Earlier) -> Vec<Image> {
    let shares = parse_shares(shares).unwrap();
    let split = Split { shares, earlier, ..Split::default() };
    let bound: Bound = split.bind(&Before::new(source, selection)).unwrap();
    bound.images.unwrap()
}

/// No image is left, classes that can be are in all subsets, the same comes out twice, and what was
/// split stays where it was when a tenth of the images is added.
pub fn every_dataset(folder: &Path) {
    let mut seen = 0;
    for (path, source) in datasets(folder) {
        for shares in SHARES {
            is_whole(source.as_ref(), shares, &path);
            grows(source.as_ref(), shares, &path);
        }
        seen += 1;
    }
    assert_eq!(seen, DATASETS);
}

fn is_whole(source: &dyn Source, shares: &str, path: &Path) {
    let count = source.images().len();
    let images = split(source, shares, &Selection::all(count), Earlier::default());
    let again = split(source, shares, &Selection::all(count), Earlier::default());
    let subsets = |images: &[Image]| -> Vec<Option<String>> {
        images.iter().map(|it| it.subset.as_deref().map(str::to_owned)).collect()
    };
    assert_eq!(subsets(&images), subsets(&again), "{path:?}");
    assert!(images.iter().all(|image| image.subset.is_some()), "{path:?}");
    let mut holders: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (index, image) in images.iter().enumerate() {
        let read = source.read(index, image).unwrap();
        let classes: HashSet<usize> = read.kept().filter_map(|it| it.category).collect();
        let subset = image.subset.as_deref().unwrap();
        classes.into_iter().for_each(|class| holders.entry(class).or_default().push(subset));
    }
    for (class, subsets) in holders.into_iter().filter(|(_, subsets)| subsets.len() >= 3) {
        let different: BTreeSet<&str> = subsets.iter().copied().collect();
        assert_eq!(different.len(), 3, "{path:?} {shares}: class {class} in {subsets:?}");
    }
}

/// How many files and folders are datasets of 20 images or more.
const DATASETS: usize = 41;

fn grows(source: &dyn Source, shares: &str, path: &Path) {
    let count = source.images().len();
    let mut few = Selection::all(count);
    let added = (0..count).filter(|index| index % 11 == 5);
    added.for_each(|index| few.leave_out(index, annoconv::losses::Reason::ImageLeftOut));
    let before = split(source, shares, &few, Earlier::default());
    // The dataset as it was written then.
    let folder = tempfile::tempdir().unwrap();
    let mut lists: BTreeMap<String, String> = BTreeMap::new();
    for index in few.kept() {
        let subset = before[index].subset.as_deref().unwrap();
        let line = format!("{}\n", before[index].file_name);
        lists.entry(subset.to_owned()).or_default().push_str(&line);
    }
    let mut earlier = Earlier::default();
    for (subset, text) in lists {
        let list = folder.path().join(format!("{subset}.txt"));
        std::fs::write(&list, text).unwrap();
        earlier.lists.push((subset, list));
    }
    let after = split(source, shares, &Selection::all(count), earlier);
    for index in few.kept() {
        assert_eq!(before[index].subset, after[index].subset, "{path:?}: {index}");
    }
}

/// The new names of classes in the merge.
const NAMES: [(&str, &str); 6] = [
    ("car", "vehicle"),
    ("bus", "vehicle"),
    ("truck", "vehicle"),
    ("raccoon", "animal"),
    ("dog", "animal"),
    ("aeroplane", "airplane"),
];

/// Three datasets of two formats, classes renamed, in each format and back: each class has the
/// objects that a plain count of the files gives.
pub fn merge(folder: &Path) {
    let coco = folder.join("coco-val2014-100/tests/dataset/cocoapi/instances_val2014_100.json");
    let voc = folder.join("voc2012-subset-8-formats/gts/pascalvoc_format");
    let raccoon = folder.join("raccoon/raccoon");
    let mut expected = plain_count_of_coco(&coco);
    for folder in [&voc, &raccoon] {
        for (name, count) in plain_count_of_voc(folder) {
            *expected.entry(name).or_default() += count;
        }
    }
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let renames =
        NAMES.iter().flat_map(|(old, new)| ["--rename".to_owned(), format!("{old}={new}")]);
    let renames: Vec<String> = renames.collect();
    for (to, output, crowd) in [
        ("coco", "all.json", &[][..]),
        ("yolo", "yolo", &["--crowd", "keep"]),
        ("voc", "voc", &["--crowd", "keep"]),
        ("vgg", "via.json", &["--crowd", "keep"]),
    ] {
        let mut command = annoconv();
        command.arg("convert").args([&coco, &voc, &raccoon]).args(&renames).args(crowd);
        run(command.args(["--to", to, "-o"]).arg(at(output)), 0);
        let mut back = annoconv();
        back.args(["convert", "--to", "coco", "-o"]).arg(at(&format!("back-{to}.json")));
        if matches!(to, "yolo" | "vgg") {
            back.arg("--sizes").arg(at("all.json"));
        }
        run(back.arg(at(output)), 0);
        assert_eq!(plain_count(&at(&format!("back-{to}.json"))), expected, "{to}");
    }
    assert_eq!(expected.values().sum::<usize>(), 1329);
}

fn renamed(name: &str) -> String {
    let new = NAMES.iter().find(|(old, _)| *old == name);
    new.map_or(name, |(_, new)| new).to_owned()
}

fn plain_count_of_coco(path: &Path) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (name, count) in plain_count(path) {
        *counts.entry(renamed(&name)).or_default() += count;
    }
    counts
}

/// The annotations of each class of a COCO file.
fn plain_count(path: &Path) -> BTreeMap<String, usize> {
    let value: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let categories = value["categories"].as_array().unwrap().iter();
    let names: BTreeMap<u64, &str> =
        categories.map(|it| (it["id"].as_u64().unwrap(), it["name"].as_str().unwrap())).collect();
    let mut counts = BTreeMap::new();
    for annotation in value["annotations"].as_array().unwrap() {
        let name = names[&annotation["category_id"].as_u64().unwrap()];
        *counts.entry(name.to_owned()).or_default() += 1;
    }
    counts
}

/// The objects of each class of a folder of VOC files: what stands in `<object><name>`.
fn plain_count_of_voc(folder: &Path) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for file in annoconv::files::walk(folder).unwrap() {
        let Some("xml") = file.extension().and_then(|it| it.to_str()) else { continue };
        let text = std::fs::read_to_string(&file).unwrap();
        for object in text.split("<object>").skip(1) {
            let (_, rest) = object.split_once("<name>").unwrap();
            let (name, _) = rest.split_once("</name>").unwrap();
            *counts.entry(renamed(name)).or_default() += 1;
        }
    }
    counts
}
