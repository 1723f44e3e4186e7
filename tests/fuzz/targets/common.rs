//! A dataset of one file, in memory where the system has such a place.

use annoconv::convert::{self, Job};
use annoconv::error::Error;
use annoconv::format::{
    Bounds, Crowd, MissingImages, Multipart, Needs, Negatives, Options, Source, Task, Via,
};
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

/// Converts a dataset into another format; the options are those of a number. An image `a` has a
/// size in any case.
pub fn convert(
    from: &str,
    input: &Path,
    to: &str,
    output: &Path,
    options: Options,
) -> Result<Report, Error> {
    let sizes = folder().join("sizes.json");
    if !sizes.exists() {
        let images = r#"[{"id":1,"file_name":"a.jpg","width":640,"height":480}]"#;
        fs::write(&sizes, format!(r#"{{"images":{images},"annotations":[],"categories":[]}}"#)).unwrap();
    }
    let mut job = Job::new(by_name(from).unwrap(), input, by_name(to).unwrap(), output);
    // What is found by a size takes its name, too.
    job.sizes = (from == "yolo" || to == "yolo").then_some(sizes.as_path());
    job.options = Options { missing_images: MissingImages::Skip, ..options };
    let report = convert::run(&job)?;
    let dropped: usize =
        report.losses.rows().iter().filter(|row| row.dropped).map(|row| row.count).sum();
    assert_eq!(report.annotations_read, report.annotations_written + dropped);
    Ok(report)
}

/// Options of all kinds, by a number.
pub fn options(number: usize) -> Options {
    let one_of = |place: usize, count: usize| number / place % count;
    let task = [Task::Detect, Task::Segment][one_of(1, 2)];
    Options {
        task,
        read_task: Some(task),
        multipart: [Multipart::Join, Multipart::Split, Multipart::Largest][one_of(2, 3)],
        bounds: [Bounds::Clip, Bounds::Keep, Bounds::Drop][one_of(6, 3)],
        crowd: [Crowd::Skip, Crowd::Keep][one_of(18, 2)],
        via: [Via::One, Via::Two][one_of(36, 2)],
        via_csv: one_of(72, 4) == 0,
        negatives: [Negatives::Keep, Negatives::Skip][one_of(288, 2)],
        origin: one_of(3, 2) as u8,
        ..Options::default()
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
