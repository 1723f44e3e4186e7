//! Input from strangers: whatever a file says, there is an answer, and no panic.

#![allow(clippy::restriction, reason = "tests panic and tell")]

mod bombs;
mod encodings;
mod headers;
mod many;
#[path = "../support/mod.rs"]
mod support;

use annoconv::convert::{self, Job, Mode};
use annoconv::dataset::find::find_all;
use annoconv::files;
use annoconv::format::{Run, Source, Wants};
use annoconv::formats::{FORMATS, by_name};
use annoconv::geometry::Size;
use annoconv::model::Image;
use annoconv::validate::{self, Request};
use std::fs;
use std::path::Path;
use support::{annotations, fixtures, open_as, open_with};

/// Whether all of a source can be read.
fn is_whole(source: &dyn Source) -> bool {
    let mut images = source.images().iter().enumerate();
    images.all(|(index, image)| {
        let size = image.size.or(Some(Size { width: 9, height: 9 }));
        let _ = source.image(index);
        annotations(source, index, &Image { size, ..image.clone() }).is_ok()
    })
}

/// Reads all of a file or folder as one format; whether all of it could be read.
fn reads(format: &str, path: &Path) -> bool {
    open_as(format, path).is_ok_and(|source| is_whole(source.as_ref()))
}

/// Reads it as for targets of boxes alone, and as `validate` does.
fn reads_otherwise(format: &str, path: &Path) {
    let boxes = Wants::BOXES;
    for (wants, is_tolerant) in
        [(boxes, false), (boxes, true), (Wants::IMAGES, true), (Wants::ALL, true)]
    {
        let run = Run { is_tolerant, ..Run::default() };
        let _ = open_with(format, path, &[], wants, &run).map(|it| is_whole(it.as_ref()));
    }
}

/// Opens it in every way: as each format, by conversion, and to be judged.
fn try_all(path: &Path) {
    let _ = find_all(path);
    for format in FORMATS {
        reads(format.name(), path);
        let output = path.with_file_name("out.json");
        let mut job = Job::new(path, by_name("coco").unwrap(), &output);
        job.from = Some(*format);
        job.mode = Mode::DryRun { overwrite: false, prune: false };
        job.options.skips_missing = true;
        let _ = convert::run(&job);
    }
    let _ = validate::run(&Request { paths: vec![path.into()], ..Request::default() });
}

/// A JSON or XML file that ends early is an error; a table or a label file may be whole without
/// its end. Nothing panics.
#[test]
fn every_truncation_of_every_fixture_is_survived_and_refused_where_it_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let (mut tried, mut refused) = (0, 0);
    for fixture in files::walk(&fixtures()).unwrap() {
        let extension = fixture.extension().and_then(|it| it.to_str()).unwrap_or_default();
        let shown = fixture.strip_prefix(fixtures()).unwrap().to_string_lossy().into_owned();
        let format = match extension {
            "json" if shown.contains("coco") => "coco",
            "json" if shown.contains("labelme") => "labelme",
            "json" | "csv" => "vgg",
            "xml" => "voc",
            "txt" if !fixture.ends_with("commands.txt") => "yolo",
            _ => continue,
        };
        let bytes = fs::read(&fixture).unwrap();
        // What follows the last bracket may be missing.
        let needed = bytes.trim_ascii_end().len();
        let own = folder.path().join(format);
        fs::create_dir_all(&own).unwrap();
        if format == "yolo" {
            fs::write(own.join("a.txt"), "0 0.5 0.5 0.2 0.2\n").unwrap();
            fs::write(own.join("classes.txt"), "x\ny\nz\n").unwrap();
        }
        let is_list = ["classes.txt", "labels.txt"].iter().any(|name| fixture.ends_with(name));
        let name = if is_list { "classes" } else { "a" };
        let path = own.join(format!("{name}.{extension}"));
        let opened = if matches!(format, "voc" | "yolo") { &own } else { &path };
        for length in 0..needed {
            fs::write(&path, &bytes[..length]).unwrap();
            let is_read = reads(format, opened);
            if length % 4 == 0 {
                reads_otherwise(format, opened);
            }
            if matches!(extension, "json" | "xml") {
                assert!(!is_read, "{} up to byte {length}", fixture.display());
                refused += 1;
            }
            tried += 1;
        }
        fs::write(&path, &bytes).unwrap();
        // A polygon of four points could be another thing where no other row tells.
        let is_whole = reads(format, opened) || fixture.to_string_lossy().contains("segment");
        assert!(is_whole, "{}", fixture.display());
        // It must not be read with the next one.
        fs::remove_dir_all(&own).unwrap();
    }
    eprintln!("{tried} truncations tried, {refused} of them had to be refused");
    assert!(tried > 20_000 && refused > 15_000, "{tried}, {refused}");
}

/// The seeds of the fuzz targets, whole and with any byte gone, are opened in every way.
#[test]
fn every_seed_of_the_fuzz_targets_is_survived() {
    let folder = tempfile::tempdir().unwrap();
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
    let mut tried = 0;
    for seed in files::walk(&seeds).unwrap() {
        let bytes = fs::read(&seed).unwrap();
        let path = folder.path().join("a").with_extension(seed.extension().unwrap());
        for gone in (0..=bytes.len()).rev().step_by(4) {
            let rest = bytes.get(gone + 1..).unwrap_or_default();
            fs::write(&path, [&bytes[..gone], rest].concat()).unwrap();
            match seed.parent().is_some_and(|parent| parent.ends_with("images")) {
                true => drop(annoconv::images::measure(&path)),
                false => try_all(&path),
            }
            tried += 1;
        }
        fs::remove_file(&path).unwrap();
    }
    eprintln!("{tried} times a seed, whole or with a byte gone");
    assert!(tried > 1000, "{tried}");
}
