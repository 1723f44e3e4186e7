//! Datasets that a caller holds: read as a conversion reads them, and written from memory.

#![allow(clippy::restriction, reason = "a failed test panics")]

use annoconv::convert::{self, Job, Mode};
use annoconv::dataset::{Dataset, Held, Kept, Memory};
use annoconv::error::ErrorKind;
use annoconv::format::{Format, Source, Wants};
use annoconv::formats::{FORMATS, by_name};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Odd spellings and members everywhere, annotations that are not in the order of the images.
const COCO: &str = r#"{"info": {"year": 2026}, "more": [1, 2.50],
    "images": [{"id": 5, "file_name": "a.jpg", "width": 64, "height": 32, "camera": "x"},
               {"id": 6, "file_name": "b.jpg", "width": 64, "height": 32}],
    "annotations": [
        {"id": 4, "image_id": 6, "category_id": 9, "bbox": [1.0, 1, 5, 5], "note": {"by": "a"}},
        {"id": 1, "image_id": 5, "category_id": 7, "bbox": [2.0, 3.0, 4.0, 4.0], "area": 16.0,
         "iscrowd": 0, "segmentation": [[2, 3, 6, 3, 6, 7, 2, 7]]},
        {"id": 3, "image_id": 5, "category_id": 9, "bbox": [1, 8, 1, 5], "area": 5,
         "iscrowd": 1, "segmentation": {"size": [32, 64], "counts": [40, 5, 2003]}}],
    "categories": [{"id": 7, "name": "car", "supercategory": "thing"}, {"id": 9, "name": "van"}]}"#;

fn format(name: &str) -> &'static dyn Format {
    by_name(name).unwrap()
}

/// A file of the dataset in a folder, and a place for an output.
fn folder() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.json");
    std::fs::write(&input, COCO).unwrap();
    let output = folder.path().join("out");
    (folder, input, output)
}

/// All that a conversion reads of a file, held.
fn held(input: &Path) -> Arc<Kept> {
    let job = Job::new(input, format("coco"), Path::new(""));
    let wants = Wants { text: Some("coco"), edits: true, ..Wants::ALL };
    Arc::new(Kept::of(convert::read(&job, wants).unwrap().source))
}

/// The files of an output, with their bytes.
fn files(output: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    if output.is_file() {
        return vec![(PathBuf::new(), std::fs::read(output).unwrap())];
    }
    let mut files = annoconv::files::walk(output).unwrap();
    files.sort();
    let relative = |path: &PathBuf| path.strip_prefix(output).unwrap().to_path_buf();
    files.iter().map(|path| (relative(path), std::fs::read(path).unwrap())).collect()
}

/// The records of a source, in memory.
fn records(source: &dyn Source) -> Vec<Held> {
    let record = |index: usize| {
        let image = source.image(index).unwrap();
        let read = source.read(index, &image).unwrap();
        let losses = read.losses.clone();
        Held { annotations: read.all().unwrap(), losses, image }
    };
    (0..source.images().len()).map(record).collect()
}

#[test]
fn what_is_held_is_written_as_it_would_be_from_its_file() {
    for to in FORMATS {
        let (_folder, input, output) = folder();
        let direct = output.with_extension("direct");
        let expected = convert::run(&Job::new(&input, *to, &direct)).unwrap();
        let source = held(&input);
        let memory = Memory::of(source.header().clone(), records(&source));
        let all: [Box<dyn Source>; 2] = [Box::new(source), Box::new(memory)];
        for (number, source) in all.into_iter().enumerate() {
            let output = output.with_extension(number.to_string());
            let report =
                convert::run_from(&Job::of_dataset(*to, &output), Dataset::held(source)).unwrap();
            assert_eq!(files(&output), files(&direct), "{}", to.name());
            assert_eq!(report.losses.rows(), expected.losses.rows(), "{}", to.name());
            assert_eq!(report.annotations_written, expected.annotations_written);
        }
    }
}

#[test]
fn what_was_read_before_is_not_written_over() {
    let (_folder, input, _) = folder();
    let mut job = Job::new(&input, format("coco"), &input);
    job.mode = Mode::Write { overwrite: true, prune: false, strict: false };
    let error = convert::run_from(&job, Dataset::held(Box::new(held(&input)))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(std::fs::read_to_string(&input).unwrap(), COCO);
}

#[test]
fn images_that_are_left_out_are_not_among_those_that_are_kept() {
    let (_folder, input, _) = folder();
    let mut job = Job::new(&input, format("coco"), Path::new(""));
    let keep = annoconv::edit::Patterns::new(vec!["b.jpg".to_owned()]);
    job.edits = vec![Box::new(annoconv::edit::Images { keep, ..Default::default() })];
    let kept = Kept::of(convert::read(&job, Wants::ALL).unwrap().source);
    assert_eq!(kept.images().len(), 1);
    let image = kept.image(0).unwrap();
    assert_eq!(image.file_name, "b.jpg");
    assert_eq!(kept.read(0, &image).unwrap().annotations.len(), 1);
}

#[test]
fn settings_that_only_a_writer_has_are_refused_where_nothing_is_written() {
    let (_folder, input, _) = folder();
    let mut job = Job::new(&input, format("coco"), Path::new(""));
    job.settings = vec![annoconv::format::Given {
        side: annoconv::format::Side::Both,
        name: "task".to_owned(),
        value: "segment".to_owned(),
    }];
    let error = convert::read(&job, Wants::ALL).err().unwrap().to_string();
    assert!(error.contains("--task: expected a setting of coco (read)"), "{error}");
}
