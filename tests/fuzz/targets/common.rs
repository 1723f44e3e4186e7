//! A dataset of one file, in memory where the system has such a place.

use annoconv::convert::{self, Job};
use annoconv::error::Error;
use annoconv::format::{MissingImages, Needs, Options, Source};
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

/// Reads all of a dataset, strictly and tolerantly, and looks up all places.
pub fn read(format: &str, path: &Path) {
    for tolerant in [false, true] {
        let options = Options { tolerant, ..Options::default() };
        let needs = [Needs::default(), Needs { boxes_only: true, counts_members: true, ..Needs::default() }];
        for needs in needs {
            if let Ok(source) = by_name(format).unwrap().open(path, needs, &options) {
                read_source(source.as_ref());
            }
        }
    }
}

fn read_source(source: &dyn Source) {
    use annoconv::format::Part;
    for fault in source.faults() {
        let _ = fault.to_string();
    }
    for (index, image) in source.images().iter().enumerate().take(100) {
        let size = image.size.or(Some(Size { width: 640, height: 480 }));
        let _ = source.members(index);
        let Ok(annotations) = source.each(index, &Image { size, ..image.clone() }) else { continue };
        for annotation in annotations.iter().flatten() {
            let _ = (annotation.bounds(), source.place(index, Some(annotation), Part::Shape));
        }
    }
}

/// Converts a dataset into another format.
pub fn convert(from: &str, input: &Path, to: &str, output: &Path) -> Result<Report, Error> {
    let mut job = Job::new(by_name(from).unwrap(), input, by_name(to).unwrap(), output);
    job.options.missing_images = MissingImages::Skip;
    convert::run(&job)
}

/// Removes an output.
pub fn remove(path: &Path) {
    if path.is_dir() {
        fs::remove_dir_all(path).unwrap();
    } else if path.exists() {
        fs::remove_file(path).unwrap();
    }
}
