//! The only conversion loop: decoded and encoded in parallel, ordered, the same bytes for one
//! thread and for many.

#![allow(
    clippy::indexing_slicing,
    reason = "an image is known by its place in the list that all others here are as long as"
)]

mod complete;
mod folder;
mod plan;
mod single;

use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files::staging::{self, Staging};
use crate::files::target::{self, Target};
use crate::format::{Arrangement, Format, Options, Sink, Source};
use crate::images::ImageTable;
use crate::model::Record;
use crate::progress::{Step, Work};
use crate::report::{Losses, Reason, Report};
use complete::Completed;
use rayon::prelude::*;
use std::path::Path;

/// How many images are decoded and encoded before they are written in order.
const CHUNK: usize = 1024;

/// A conversion to be done.
pub struct Job<'a> {
    /// The source's format.
    pub from: &'a dyn Format,
    /// The source.
    pub input: &'a Path,
    /// The target's format.
    pub to: &'a dyn Format,
    /// The target.
    pub output: &'a Path,
    /// Its conventions.
    pub options: Options,
    /// A folder of image files.
    pub images: Option<&'a Path>,
    /// A COCO file that states sizes of images.
    pub sizes: Option<&'a Path>,
    /// What is done with the result.
    pub mode: Mode,
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
    /// A conversion with the default options, to a target that is not there yet.
    pub fn new(
        from: &'a dyn Format,
        input: &'a Path,
        to: &'a dyn Format,
        output: &'a Path,
    ) -> Self {
        Self {
            from,
            input,
            to,
            output,
            options: Options::default(),
            images: None,
            sizes: None,
            mode: Mode::Write { overwrite: false, prune: false, strict: false },
        }
    }
}

/// Carries out a conversion.
///
/// With [`Mode::Write`] and `strict`, a run that lost anything returns its report and has
/// written nothing.
///
/// # Errors
/// Where the input cannot be read, an image is needed and not there, or the output is refused
/// or cannot be written. The target is then as it was.
pub fn run(job: &Job) -> Result<Report> {
    convert(job).map_err(|error| error.or_in_file(job.input))
}

fn convert(job: &Job) -> Result<Report> {
    job.options.verify()?;
    let mut inputs = [Some(job.input), job.sizes].into_iter().flatten();
    inputs.try_for_each(|input| refuse_input(job, input))?;
    refuse_unfinished(job)?;
    let needs = job.to.needs(&job.options);
    let table = image_table(job)?;
    let source = job.from.open(job.input, needs, &job.options)?;
    let needs_size = needs.size || job.from.is_normalised();
    let source = complete::complete(source, table.as_ref(), &job.options, needs, needs_size)?;
    match job.to.create(source.header(), &job.options)? {
        Sink::PerImage(writer) => folder::write(job, &source, writer),
        Sink::Whole(writer) => single::write(job, &source, writer),
    }
}

/// The staging place, where something is to be written.
fn open_output(job: &Job, kind: Target) -> Result<Option<Staging>> {
    match job.mode {
        Mode::Write { overwrite, .. } => Staging::open(job.output, kind, overwrite).map(Some),
        Mode::DryRun { overwrite, .. } => {
            target::verify(job.output, kind, overwrite).map(|()| None)
        }
        Mode::Check => target::verify(job.output, kind, true).map(|()| None),
    }
}

/// Whether the run may change the target: it writes, and lost nothing where that matters.
fn may_commit(job: &Job, report: &Report) -> bool {
    !matches!(job.mode, Mode::Write { strict: true, .. }) || report.losses.is_empty()
}

/// Refuses to read, or to compare with, what a stopped run left half replaced. A run that replaces
/// files undoes that first.
fn refuse_unfinished(job: &Job) -> Result<()> {
    let undoes = matches!(job.mode, Mode::Write { overwrite: true, .. });
    if job.input.is_dir() {
        staging::refuse_unfinished(job.input, undoes.then_some(job.output))?;
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
pub fn refuse_input(job: &Job, input: &Path) -> Result<()> {
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
        _ if prunes && is_of_labels(job.from) && read.starts_with(&written) => {
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

fn is_of_labels(format: &dyn Format) -> bool {
    matches!(format.arrangement(), Arrangement::FilePerImage(_))
}

fn image_table(job: &Job) -> Result<Option<ImageTable>> {
    match (job.images, job.sizes) {
        (Some(folder), _) => ImageTable::scan(folder).map(Some),
        (None, Some(coco)) => complete::sizes_of(coco, &job.options).map(Some),
        (None, None) => Ok(None),
    }
}

/// What became of one image.
enum Done<T> {
    /// Its needed size is not known: it is left out.
    Missing,
    /// Nothing is in it, and such images are left out.
    Negative,
    /// Encoded: the result, how many annotations it had, and what was lost.
    Encoded(T, usize, Losses),
}

/// Decodes and encodes image by image, in parallel, and hands the results over in order. The
/// `writer` is shared while images are encoded, and the taker's alone in between.
fn each_image<W: Sync, T: Send>(
    job: &Job,
    source: &Completed,
    writer: &mut W,
    encode: impl Fn(&W, usize, &Record) -> Result<(T, Losses)> + Sync,
    mut take: impl FnMut(&mut W, T) -> Result<()>,
) -> Result<Report> {
    let mut report = Report::default();
    let count = source.images().len();
    for start in (0..count).step_by(CHUNK) {
        let end = (start + CHUNK).min(count);
        let one = |index: usize| {
            let encode = |record: &Record| encode(writer, index, record);
            encode_image(source, index, encode)
        };
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
                Done::Encoded(encoded, read, losses) => {
                    report.images += 1;
                    report.annotations_read += read;
                    report.annotations_written += read.saturating_sub(losses.dropped());
                    report.losses.add(name, &losses);
                    if source.is_unlabelled() {
                        report.losses.add(name, &Losses::of_each(Reason::Unlabelled, read));
                    }
                    take(writer, encoded)?;
                }
            }
        }
        let (done, of) = (end as u64, count as u64);
        job.options.progress.tell(Step { work: Work::Converting, done, of });
    }
    Ok(report)
}

fn encode_image<T>(
    source: &Completed,
    index: usize,
    encode: impl Fn(&Record) -> Result<(T, Losses)>,
) -> Result<Done<T>> {
    if source.is_missing(index) {
        return Ok(Done::Missing);
    }
    if source.is_skipped_negative(index) {
        return Ok(Done::Negative);
    }
    let image = &*source.whole_image(index)?;
    let annotations = source.annotations(index, image)?;
    let (encoded, losses) = encode(&Record { image, annotations: &annotations })?;
    Ok(Done::Encoded(encoded, annotations.len(), losses))
}
