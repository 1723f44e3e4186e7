//! The loop: images are decoded and encoded in parallel, and handed over in order.

use super::{Job, place_of};
use crate::dataset::Ready;
use crate::error::{Error, Remedy, Result};
use crate::format::Source;
use crate::losses::{Losses, Reason};
use crate::model::Record;
use crate::progress::{Step, Work};
use crate::report::Report;
use rayon::prelude::*;
use std::collections::HashMap;

/// How many images are decoded and encoded before they are written in order.
const CHUNK: usize = 1024;

/// What became of one image.
enum Done<T> {
    /// It is left out, with its annotations.
    LeftOut(Counted),
    /// Its file cannot be read: it is left out.
    Unreadable(Error),
    /// Encoded.
    Encoded(T, Counted),
}

/// What became of an image's annotations.
struct Counted {
    /// How many there are.
    read: usize,
    /// Those that could not be read.
    unreadable: Vec<Error>,
    losses: Losses,
}

/// Decodes and encodes image by image, in parallel, and hands the results over in order.
pub fn each_image<T: Send>(
    job: &Job,
    source: &Ready,
    report: &mut Report,
    encode: impl Fn(usize, &Record, &mut Losses) -> Result<T> + Sync,
    mut take: impl FnMut(usize, T) -> Result<()>,
) -> Result<()> {
    let count = source.images().len();
    let progress = &job.options.progress;
    for start in (0..count).step_by(CHUNK) {
        let end = (start + CHUNK).min(count);
        let skips = job.options.skips_unreadable;
        let one = |index: usize| {
            progress.go_on()?;
            encode_image(source, index, skips, &encode)
        };
        let chunk: Vec<Result<Done<T>>> = (start..end).into_par_iter().map(one).collect();
        for (index, done) in (start..end).zip(chunk) {
            let name = &source.images()[index].file_name;
            report.losses.add(name, source.losses(index));
            match done? {
                Done::LeftOut(counted) => add_counts(report, name, &counted, false),
                Done::Unreadable(error) => {
                    report.losses.add_placed(Reason::UnreadableFile, place_of(&error))
                }
                Done::Encoded(result, counted) => {
                    report.images += 1;
                    add_counts(report, name, &counted, source.is_unlabelled());
                    take(index, result)?;
                }
            }
        }
        let (done, of) = (end as u64, count as u64);
        progress.tell(Step { work: Work::Converting, done, of })?;
    }
    refuse_nothing(report)
}

/// Counts what became of an image's annotations.
fn add_counts(report: &mut Report, name: &str, counted: &Counted, is_unlabelled: bool) {
    let Counted { read, unreadable, losses } = counted;
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
    source: &Ready,
    index: usize,
    skips: bool,
    encode: impl Fn(usize, &Record, &mut Losses) -> Result<T>,
) -> Result<Done<T>> {
    if let Some(reason) = source.reason(index) {
        return match leave_out(source, index, reason) {
            Err(error) if skips => Ok(Done::Unreadable(error)),
            counted => counted.map(Done::LeftOut).map_err(skippable),
        };
    }
    let image = source.image(index)?;
    let read = match source.read(index, &image) {
        Err(error) if skips => return Ok(Done::Unreadable(error)),
        read => read.map_err(skippable)?,
    };
    let dropped = read.dropped();
    let mut losses = read.losses;
    let mut annotations = Vec::with_capacity(read.annotations.len());
    // The number of each annotation that is written among all that could be read.
    let mut numbers = Vec::with_capacity(read.annotations.len());
    let mut unreadable = Vec::new();
    for (number, annotation) in read.annotations.into_iter().enumerate() {
        match annotation {
            Ok(_) if dropped.contains(&number) => {}
            Ok(annotation) => {
                annotations.push(annotation);
                numbers.push(number);
            }
            Err(error) if skips => unreadable.push(error),
            Err(error) => return Err(skippable(error)),
        }
    }
    let record = Record { image: &image, annotations: &annotations };
    let mut own = Losses::default();
    let result = encode(index, &record, &mut own)?;
    losses.append_numbered(&own, &numbers);
    let read = annotations.len() + dropped.len();
    Ok(Done::Encoded(result, Counted { read, unreadable, losses }))
}

/// An error of the input that a caller can choose to pass over.
fn skippable(error: Error) -> Error {
    error.or_mended_by(Remedy::SkipUnreadable)
}

/// Counts an image that is left out, and all its annotations.
fn leave_out(source: &Ready, index: usize, reason: Reason) -> Result<Counted> {
    let mut losses = Losses::of_image(reason);
    let of_image = match reason {
        Reason::MissingImage => Reason::OfMissingImage,
        _ => Reason::OfImageLeftOut,
    };
    let read = source.read(index, &source.images()[index])?;
    let dropped = read.losses.iter().filter(|loss| loss.reason.dropped());
    let before: HashMap<usize, Reason> =
        dropped.filter_map(|loss| Some((loss.annotation?, loss.reason))).collect();
    for number in 0..read.annotations.len() {
        losses.annotation(before.get(&number).copied().unwrap_or(of_image), number);
    }
    Ok(Counted { read: read.annotations.len(), unreadable: Vec::new(), losses })
}
