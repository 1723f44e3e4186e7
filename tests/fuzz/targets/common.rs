//! A dataset of one file, in memory where the system has such a place.

use annoconv::convert::{self, Job};
use annoconv::dataset::{self, Dataset, Inputs};
use annoconv::error::Error;
use annoconv::format::{Given, Field, Run, Side, Source, Spot, Wants, is_declared};
use annoconv::formats::by_name;
use annoconv::geometry::Size;
use annoconv::model::Image;
use annoconv::report::Report;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
});

/// Where things are written.
pub fn folder() -> &'static Path {
    FOLDER.path()
}

/// A dataset of a format whose one file has these bytes: what is to be opened.
pub fn dataset(format: &str, bytes: &[u8]) -> PathBuf {
    let input = folder().join(format);
    fs::create_dir_all(&input).unwrap();
    let (name, is_folder) = match format {
        "yolo" => ("a.txt", true),
        "voc" => ("a.xml", true),
        "hf" => ("a.jsonl", false),
        "vgg" if !bytes.starts_with(b"{") => ("a.csv", false),
        _ => ("a.json", false),
    };
    let file = input.join(name);
    fs::write(&file, bytes).unwrap();
    if format == "yolo" {
        fs::write(input.join("classes.txt"), "a\nb\nc\n").unwrap();
    }
    if is_folder { input } else { file }
}

/// Opens a path as a format with the defaults.
pub fn open(format: &str, path: &Path, wants: Wants, is_tolerant: bool) -> Result<Dataset, Error> {
    let paths = [path.to_path_buf()];
    let inputs = Inputs { paths: &paths, format: by_name(format) };
    let run = Run { is_tolerant, ..Run::default() };
    dataset::open(inputs, &dataset::defaults, wants, &run)
}

/// Reads all of a dataset, strictly and tolerantly, and looks up all places.
pub fn read(format: &str, path: &Path) {
    for is_tolerant in [false, true] {
        for wants in [Wants::ALL, Wants::BOXES, Wants::IMAGES] {
            if let Ok(dataset) = open(format, path, wants, is_tolerant) {
                for fault in &dataset.faults {
                    let _ = fault.to_string();
                }
                read_source(dataset.source.as_ref());
            }
        }
    }
}

fn read_source(source: &dyn Source) {
    for (index, image) in source.images().iter().enumerate().take(100) {
        let size = image.size.or(Some(Size { width: 640, height: 480 }));
        let _ = source.image(index);
        let Ok(read) = source.read(index, &Image { size, ..image.clone() }) else { continue };
        for annotation in read.annotations.iter().flatten() {
            let spot = Spot::Annotation(index, annotation, Field::Shape);
            let _ = (annotation.bounds(), source.place(spot));
        }
    }
}

/// What a conversion is asked for: settings of any format, and whether images without annotations
/// are left out.
#[derive(Clone)]
pub struct Asked {
    pub settings: Vec<Given>,
    pub skips_negatives: bool,
}

/// Converts a dataset into another format. The settings that neither of the two has are left out. An
/// image `a` has a size in any case.
pub fn convert(
    from: &str,
    input: &Path,
    to: &str,
    output: &Path,
    asked: Asked,
) -> Result<Report, Error> {
    let sizes = folder().join("sizes.json");
    if !sizes.exists() {
        let images = r#"[{"id":1,"file_name":"a.jpg","width":640,"height":480}]"#;
        fs::write(&sizes, format!(r#"{{"images":{images},"annotations":[],"categories":[]}}"#))
            .unwrap();
    }
    let (source, target) = (by_name(from).unwrap(), by_name(to).unwrap());
    let mut job = Job::new(input, target, output);
    job.from = Some(source);
    // What is found by a size takes its name, too.
    job.sizes = (from == "yolo" || to == "yolo").then_some(sizes.as_path());
    job.settings = asked.settings;
    job.settings.retain(|it| {
        is_declared(source.settings(), Side::Read, &it.name)
            || is_declared(target.settings(), Side::Write, &it.name)
    });
    job.options.skips_missing = true;
    job.options.skips_negatives = asked.skips_negatives;
    let report = convert::run(&job)?;
    let dropped: usize =
        report.losses.rows().iter().filter(|row| row.dropped).map(|row| row.count).sum();
    assert_eq!(report.annotations_read, report.annotations_written + dropped);
    Ok(report)
}

/// A setting of any format, for both sides.
pub fn given(name: &str, value: &str) -> Given {
    Given { name: name.to_owned(), value: value.to_owned(), side: Side::Both }
}

/// Settings of all kinds, by a number.
pub fn asked(number: usize) -> Asked {
    let one_of = |place: usize, words: &[&'static str]| words[number / place % words.len()];
    let settings = [
        ("task", one_of(1, &["detect", "segment"])),
        ("multipart", one_of(2, &["join", "split", "largest"])),
        ("bounds", one_of(6, &["clip", "keep", "drop"])),
        ("crowd", one_of(18, &["skip", "keep"])),
        ("via", one_of(36, &["1", "2"])),
        ("via-form", one_of(72, &["csv", "json", "json", "json"])),
        ("origin", one_of(3, &["0", "1"])),
        ("hf-categories", one_of(4, &["name", "number"])),
        ("masks", one_of(5, &["mask", "polygon"])),
        ("polyline", one_of(7, &["keep", "close"])),
    ];
    Asked {
        settings: settings.iter().map(|(name, value)| given(name, value)).collect(),
        skips_negatives: number / 288 % 2 == 1,
    }
}

/// Removes an output.
pub fn remove(path: &Path) {
    if path.is_dir() {
        fs::remove_dir_all(path).unwrap();
    } else if path.exists() {
        fs::remove_file(path).unwrap();
    }
}
