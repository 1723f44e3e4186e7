//! The only conversion loop: decoded and encoded in parallel, ordered, the same bytes for one
//! thread and for many.

#![allow(
    clippy::indexing_slicing,
    reason = "an image is known by its place in the list that all others here are as long as"
)]

mod documents;
mod output;
mod places;
mod plan;

use crate::dataset::{Completed, Completion, Dataset, Edited, Inputs, defaults, open};
use crate::edit::Edit;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files::{self, staging};
use crate::format::{Chosen, Convention, Format, Given, Run, Side, Source, Wants, is_declared};
use crate::images::ImageTable;
use crate::losses::{Losses, Reason};
use crate::model::Record;
use crate::progress::{Step, Work};
use crate::report::Report;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// How many images are decoded and encoded before they are written in order.
const CHUNK: usize = 1024;

/// A conversion to be done.
pub struct Job<'a> {
    /// The format of the inputs; found out where it is not told.
    pub from: Option<&'static dyn Format>,
    /// Files and folders of annotations.
    pub inputs: Vec<PathBuf>,
    /// The target's format.
    pub to: &'static dyn Format,
    /// The target.
    pub output: &'a Path,
    /// Settings of the two formats.
    pub settings: Vec<Given>,
    /// The conventions of a published dataset, which yield to the settings.
    pub conventions: &'static [Convention],
    /// Changes between reading and writing, in their order.
    pub edits: Vec<Box<dyn Edit>>,
    /// What holds for every format.
    pub options: Options,
    /// A folder of image files.
    pub images: Option<&'a Path>,
    /// A COCO file that states sizes of images.
    pub sizes: Option<&'a Path>,
    /// What is done with the result.
    pub mode: Mode,
}

/// What holds for every format.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether images without annotations are left out, and none are added.
    pub skips_negatives: bool,
    /// Whether an image whose size is needed and not found is left out, counted; else it is an
    /// error.
    pub skips_missing: bool,
    /// Whether what cannot be read is left out, counted; else it is an error.
    pub skips_unreadable: bool,
    /// Whether own files are named as the source names its images, wherever these lie; else they
    /// lie where readers look for them, by the place of the image file.
    pub is_flat: bool,
    /// Class names in order, instead of what the source states.
    pub classes: Option<Vec<String>>,
    /// How far the work is.
    pub progress: crate::progress::Progress,
}

/// What is done with the result of a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is written.
    Write {
        /// Files at the target are replaced.
        overwrite: bool,
        /// Label files at the target that this run does not produce are removed.
        prune: bool,
        /// Nothing is written where anything was lost.
        strict: bool,
    },
    /// It is compared with what is at the target.
    Check,
    /// It is thrown away, after everything was tried that writing would.
    DryRun {
        /// As in [`Mode::Write`].
        overwrite: bool,
        /// As in [`Mode::Write`].
        prune: bool,
    },
}

impl<'a> Job<'a> {
    /// A conversion of one input with the defaults, to a target that is not there yet.
    pub fn new(input: &Path, to: &'static dyn Format, output: &'a Path) -> Self {
        Self {
            from: None,
            inputs: vec![input.to_path_buf()],
            to,
            output,
            settings: Vec::new(),
            conventions: &[],
            edits: Vec::new(),
            options: Options::default(),
            images: None,
            sizes: None,
            mode: Mode::Write { overwrite: false, prune: false, strict: false },
        }
    }

    /// What its errors are about where they name no file.
    fn input(&self) -> &Path {
        self.inputs.first().map_or(Path::new(""), PathBuf::as_path)
    }
}

/// Carries out a conversion.
///
/// With [`Mode::Write`] and `strict`, a run that lost anything returns its report and has
/// written nothing.
///
/// # Errors
/// Where an input cannot be read, an image is needed and not there, or the output is refused
/// or cannot be written. The target is then as it was.
pub fn run(job: &Job) -> Result<Report> {
    convert(job).map_err(|error| error.or_in_file(job.input()))
}

fn convert(job: &Job) -> Result<Report> {
    documents::refuse_unfit(job)?;
    refuse_unfinished(job)?;
    let writing = writing(job)?;
    let wants = job.edits.iter().fold(job.to.wants(&writing), |all, edit| all.and(edit.wants()));
    let run = Run {
        is_tolerant: job.options.skips_unreadable,
        classes: job.options.classes.clone(),
        progress: job.options.progress.clone(),
    };
    let inputs = Inputs { paths: &job.inputs, format: job.from };
    let reading = |format| reading(job, format);
    let dataset = open(inputs, &reading, wants, &run)?;
    let inputs = job.inputs.iter().map(PathBuf::as_path).chain(job.sizes);
    let is_per_image = dataset.format.profile().arrangement.is_per_image();
    inputs.into_iter().try_for_each(|input| refuse_input(job, input, is_per_image))?;
    let is_fractions = dataset.format.profile().is_fractions();
    let needs_size = wants.size || is_fractions;
    let table = image_table(job, &dataset, needs_size)?;
    let how = Completion {
        table: table.as_ref(),
        is_asked: job.images.is_some(),
        classes: job.options.classes.as_deref(),
        skips_negatives: job.options.skips_negatives,
        skips_missing: job.options.skips_missing,
        wants,
        needs_size,
        progress: &job.options.progress,
    };
    let mut report = Report { from: dataset.format.name(), ..Report::default() };
    report.passed_over.clone_from(&dataset.passed_over);
    for fault in &dataset.faults {
        report.losses.add_placed(Reason::UnreadableFile, place_of(fault));
    }
    let Dataset { source, parts, drops_members, .. } = dataset;
    if drops_members {
        let mut losses = Losses::default();
        losses.named(Reason::DatasetMembersDropped, None, &["of all inputs but the first"]);
        report.losses.add("", &losses);
    }
    let mut source = source;
    for edit in &job.edits {
        source = Box::new(Edited::new(source, edit.as_ref())?);
    }
    let source = Completed::new(source, &parts, &how)?;
    report.negatives = source.added().clone();
    let places = places::Places::new(job, &parts, table.as_ref());
    let writer = job.to.create(source.header(), &writing)?;
    output::write(job, writer.as_ref(), &source, table.as_ref(), &places, report)
}

/// The settings by which the target is written.
fn writing(job: &Job) -> Result<Chosen> {
    let mut chosen = Chosen::of(job.to.settings(), Side::Write, &job.settings)?;
    chosen.fill(job.to.name(), Side::Write, job.conventions);
    chosen.set_extension(documents::extension_of(job.output));
    Ok(chosen)
}

/// The settings by which the inputs are read.
///
/// # Errors
/// Where a setting is of neither of the two formats: it would have no effect.
fn reading(job: &Job, from: &'static dyn Format) -> Result<Chosen> {
    let is_read = |it: &Given| {
        it.side.includes(Side::Read) && is_declared(from.settings(), Side::Read, &it.name)
    };
    let is_written = |it: &Given| {
        it.side.includes(Side::Write) && is_declared(job.to.settings(), Side::Write, &it.name)
    };
    if let Some(idle) = job.settings.iter().find(|it| !is_read(it) && !is_written(it)) {
        let expected =
            format!("a setting of {} (read) or {} (written)", from.name(), job.to.name());
        let mismatch = Mismatch::new(expected, "one that has no effect here");
        let prefix = match idle.side {
            Side::Read => "read-",
            Side::Write => "write-",
            Side::Both => "",
        };
        return Err(Error::new(ErrorKind::Usage, format!("--{prefix}{}", idle.name), mismatch));
    }
    let mut chosen = Chosen::of(from.settings(), Side::Read, &job.settings)?;
    chosen.fill(from.name(), Side::Read, job.conventions);
    Ok(chosen)
}

/// Whether the run may change the target: it writes, and lost nothing where that matters.
fn may_commit(job: &Job, report: &Report) -> bool {
    !matches!(job.mode, Mode::Write { strict: true, .. }) || report.losses.is_empty()
}

/// Refuses to read, or to compare with, what a stopped run left half replaced. A run that replaces
/// files undoes that first.
fn refuse_unfinished(job: &Job) -> Result<()> {
    let undoes = matches!(job.mode, Mode::Write { overwrite: true, .. });
    for input in job.inputs.iter().filter(|input| input.is_dir()) {
        staging::refuse_unfinished(input, undoes.then_some(job.output))?;
    }
    match undoes || !job.output.is_dir() {
        true => Ok(()),
        false => staging::refuse_unfinished(job.output, None),
    }
}

/// Refuses to write over what is read, or to remove it as stale.
///
/// # Errors
/// The input, where it is the output, or lies in an output folder that is to be pruned.
pub fn refuse_input(job: &Job, input: &Path, is_per_image: bool) -> Result<()> {
    let prunes =
        matches!(job.mode, Mode::Write { prune: true, .. } | Mode::DryRun { prune: true, .. });
    let (Ok(read), Ok(written)) = (input.canonicalize(), job.output.canonicalize()) else {
        return Ok(());
    };
    let mismatch = match job.mode {
        Mode::Check => return Ok(()),
        _ if is_read(&read, &written) => {
            Mismatch::new("another place than the input's", "the same")
        }
        _ if prunes && is_per_image && read.starts_with(&written) => {
            Mismatch::new("a folder without the input in it (--prune)", "one with it")
        }
        _ => return Ok(()),
    };
    Err(Error::new(ErrorKind::Refused, "output", mismatch).in_file(input))
}

/// Whether files of the output could be those that are read: in the folder itself, or in that of its
/// labels.
fn is_read(input: &Path, output: &Path) -> bool {
    ["", "labels", "Annotations"].iter().any(|part| input.join(part) == output)
}

/// Where the images are looked up: in the folder that was named, in the file that states their sizes,
/// or in the dataset's own layout.
fn image_table(job: &Job, dataset: &Dataset, needs_size: bool) -> Result<Option<ImageTable>> {
    if let Some(folder) = job.images {
        return ImageTable::scan(folder).map(Some);
    }
    if let Some(coco) = job.sizes {
        return sizes_of(coco).map(Some);
    }
    let lacks_size = dataset.source.images().iter().any(|image| image.size.is_none());
    dataset.images(needs_size && lacks_size)
}

/// The images whose sizes a file of annotations states.
fn sizes_of(path: &Path) -> Result<ImageTable> {
    let paths = [path.to_path_buf()];
    let inputs = Inputs { paths: &paths, format: None };
    let dataset = open(inputs, &defaults, Wants::IMAGES, &Run::default())?;
    let source = dataset.source;
    let mut table = ImageTable::of_names(path, source.images());
    table.categories.clone_from(&source.header().categories);
    Ok(table)
}

/// What became of one image.
enum Done<T> {
    /// Its needed size is not known: it is left out.
    Missing,
    /// Nothing is in it, and such images are left out.
    Negative,
    /// Its file cannot be read: it is left out.
    Unreadable(Error),
    /// Encoded.
    Encoded(Encoded<T>),
}

/// An image that was encoded.
struct Encoded<T> {
    result: T,
    /// How many of its annotations could be read.
    read: usize,
    /// Those that could not.
    unreadable: Vec<Error>,
    losses: Losses,
}

/// Decodes and encodes image by image, in parallel, and hands the results over in order.
fn each_image<T: Send>(
    job: &Job,
    source: &Completed,
    report: &mut Report,
    encode: impl Fn(usize, &Record, &mut Losses) -> Result<T> + Sync,
    mut take: impl FnMut(usize, T) -> Result<()>,
) -> Result<()> {
    let count = source.images().len();
    for start in (0..count).step_by(CHUNK) {
        let end = (start + CHUNK).min(count);
        let skips = job.options.skips_unreadable;
        let one = |index: usize| encode_image(source, index, skips, &encode);
        let chunk: Vec<Result<Done<T>>> = (start..end).into_par_iter().map(one).collect();
        for (index, done) in (start..end).zip(chunk) {
            let name = &source.images()[index].file_name;
            report.losses.add(name, source.losses(index));
            match done? {
                Done::Missing => {
                    report.annotations_read += source.skip(index, &mut report.losses)?
                }
                Done::Negative => {
                    report.losses.add(name, &Losses::of_image(Reason::NegativeSkipped))
                }
                Done::Unreadable(error) => {
                    report.losses.add_placed(Reason::UnreadableFile, place_of(&error))
                }
                Done::Encoded(encoded) => {
                    add_counts(report, name, &encoded, source.is_unlabelled());
                    take(index, encoded.result)?;
                }
            }
        }
        let (done, of) = (end as u64, count as u64);
        job.options.progress.tell(Step { work: Work::Converting, done, of });
    }
    refuse_nothing(report)
}

/// Counts what became of an image's annotations.
fn add_counts<T>(report: &mut Report, name: &str, encoded: &Encoded<T>, is_unlabelled: bool) {
    let Encoded { read, unreadable, losses, .. } = encoded;
    report.images += 1;
    report.annotations_read += read + unreadable.len();
    report.annotations_written += read.saturating_sub(losses.dropped());
    report.losses.add(name, losses);
    for error in unreadable {
        report.losses.add_placed(Reason::Unreadable, place_of(error));
    }
    if is_unlabelled {
        report.losses.add(name, &unlabelled(*read, losses));
    }
}

/// Where something could not be read.
fn place_of(error: &Error) -> String {
    let file = error.file().map(files::shown).unwrap_or_default();
    match error.position() {
        Some(position) => format!("{file}:{}:{}", position.line, position.column),
        None => file,
    }
}

/// Counts the annotations that got a class that the source does not name.
fn unlabelled(read: usize, losses: &Losses) -> Losses {
    let lost: Vec<usize> = losses
        .iter()
        .filter(|loss| loss.reason.dropped())
        .filter_map(|loss| loss.annotation)
        .collect();
    let mut counted = Losses::default();
    let kept = (0..read).filter(|number| !lost.contains(number));
    kept.for_each(|number| counted.annotation(Reason::Unlabelled, number));
    counted
}

/// Refuses a source whose annotations have nothing to convert.
fn refuse_nothing(report: &Report) -> Result<()> {
    let read = report.annotations_read;
    if read == 0 || report.losses.count(Reason::NoBox) < read {
        return Ok(());
    }
    let found =
        format!("{read} annotations: no annotation has a box or a shape (a captions file?)");
    Err(Error::malformed("annotations", "boxes or shapes", found))
}

/// Encodes an image. What cannot be read of it is an error, or is left out.
fn encode_image<T>(
    source: &Completed,
    index: usize,
    skips: bool,
    encode: impl Fn(usize, &Record, &mut Losses) -> Result<T>,
) -> Result<Done<T>> {
    if source.is_missing(index) {
        return Ok(Done::Missing);
    }
    if source.is_skipped_negative(index) {
        return Ok(Done::Negative);
    }
    let image = source.image(index)?;
    let read = match source.read(index, &image) {
        Err(error) if skips => return Ok(Done::Unreadable(error)),
        read => read?,
    };
    let mut losses = read.losses;
    let mut annotations = Vec::with_capacity(read.annotations.len());
    let mut unreadable = Vec::new();
    for annotation in read.annotations {
        match annotation {
            Ok(annotation) => annotations.push(annotation),
            Err(error) if skips => unreadable.push(error),
            Err(error) => return Err(error),
        }
    }
    let read = annotations.len();
    let record = Record { image: &image, annotations: &annotations };
    let result = encode(index, &record, &mut losses)?;
    Ok(Done::Encoded(Encoded { result, read, unreadable, losses }))
}
