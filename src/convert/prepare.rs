//! What a conversion needs before the first record: settings, and where images are looked up.

use super::{Job, documents};
use crate::dataset::{self, Dataset, Inputs, defaults};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::format::{Chosen, Format, Given, Run, Side, Wants, is_declared};
use crate::images::ImageTable;
use std::path::{Path, PathBuf};

/// The settings by which the target is written.
pub fn writing(job: &Job) -> Result<Chosen> {
    let mut chosen = Chosen::of(job.to.settings(), Side::Write, &job.settings)?;
    chosen.fill(job.to.name(), Side::Write, job.layout.map_or(&[], |it| it.conventions));
    chosen.fill(job.to.name(), Side::Write, job.conventions);
    chosen.set_extension(documents::extension_of(job.output));
    Ok(chosen)
}

/// The settings by which inputs of a format are read.
pub fn reading(job: &Job, from: &'static dyn Format) -> Result<Chosen> {
    let mut chosen = Chosen::of(from.settings(), Side::Read, &job.settings)?;
    chosen.fill(from.name(), Side::Read, job.conventions);
    Ok(chosen)
}

/// Opens the inputs of a job.
pub fn open(job: &Job, wants: Wants) -> Result<Dataset> {
    let run = Run {
        is_tolerant: job.options.skips_unreadable,
        classes: job.options.classes.clone(),
        progress: job.options.progress.clone(),
    };
    let inputs = Inputs { paths: &job.inputs, format: job.from };
    dataset::open(inputs, &|format| reading(job, format), wants, &run)
}

/// Refuses a setting that no format that is read has, where nothing is written.
///
/// # Errors
/// The setting.
pub fn refuse_unread(job: &Job, from: &[&'static dyn Format]) -> Result<()> {
    let has = |it: &&Given| {
        from.iter().any(|format| is_declared(format.settings(), Side::Read, &it.name))
    };
    let Some(idle) = job.settings.iter().find(|it| !has(it)) else { return Ok(()) };
    let expected = format!("a setting of {} (read)", names(from));
    let mismatch = Mismatch::new(expected, "one that has no effect here");
    Err(Error::new(ErrorKind::Usage, format!("--{}", idle.name), mismatch))
}

/// The names of formats.
fn names(formats: &[&'static dyn Format]) -> String {
    formats.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ")
}

/// Refuses a setting that would have no effect.
///
/// # Errors
/// Where none of the formats that are read and not the one that is written has it.
pub fn refuse_idle(job: &Job, from: &[&'static dyn Format]) -> Result<()> {
    let is_read = |it: &Given| {
        let has = |format: &&dyn Format| is_declared(format.settings(), Side::Read, &it.name);
        it.side.includes(Side::Read) && from.iter().any(has)
    };
    let is_written = |it: &Given| {
        it.side.includes(Side::Write) && is_declared(job.to.settings(), Side::Write, &it.name)
    };
    let Some(idle) = job.settings.iter().find(|it| !is_read(it) && !is_written(it)) else {
        return Ok(());
    };
    let expected = match from.is_empty() {
        true => format!("a setting of {} (written)", job.to.name()),
        false => format!("a setting of {} (read) or {} (written)", names(from), job.to.name()),
    };
    let mismatch = Mismatch::new(expected, "one that has no effect here");
    let prefix = match idle.side {
        Side::Read => "read-",
        Side::Write => "write-",
        Side::Both => "",
    };
    Err(Error::new(ErrorKind::Usage, format!("--{prefix}{}", idle.name), mismatch))
}

/// Where the images are looked up: in the folder that was named, in the file that states their sizes,
/// or in the dataset's own layout.
pub fn image_table(job: &Job, dataset: &Dataset, needs_size: bool) -> Result<Option<ImageTable>> {
    if let Some(folder) = job.images {
        return match written(job, folder) {
            Some(output) => ImageTable::scan_but(folder, &output).map(Some),
            None => ImageTable::scan(folder).map(Some),
        };
    }
    if let Some(coco) = job.sizes {
        return sizes_of(coco).map(Some);
    }
    let lacks_size = dataset.source.images().iter().any(|image| image.size.is_none());
    dataset.images(job.places_images() || (needs_size && lacks_size))
}

/// The output folder, where images are written to a folder of images: what an earlier run placed there
/// are copies.
fn written(job: &Job, images: &Path) -> Option<PathBuf> {
    let output = job.output.canonicalize().ok().filter(|_| job.places_images())?;
    let images = images.canonicalize().ok()?;
    (output != images && output.starts_with(images)).then_some(output)
}

/// The images whose sizes a file of annotations states.
fn sizes_of(path: &Path) -> Result<ImageTable> {
    let paths = [path.to_path_buf()];
    let inputs = Inputs { paths: &paths, format: None };
    let dataset = dataset::open(inputs, &defaults, Wants::IMAGES, &Run::default())?;
    let source = dataset.source;
    let mut table = ImageTable::of_names(path, source.images());
    table.categories.clone_from(&source.header().categories);
    Ok(table)
}
