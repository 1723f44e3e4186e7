//! The loop: images are decoded and encoded in parallel, and handed over in order.

use super::{Job, place_of};
use crate::dataset::Completed;
use crate::error::{Error, Result};
use crate::format::Source;
use crate::losses::{Losses, Reason};
use crate::model::Record;
use crate::progress::{Step, Work};
use crate::report::Report;
use rayon::prelude::*;

/// How many images are decoded and encoded before they are written in order.
const CHUNK: usize = 1024;

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
pub fn each_image<T: Send>(
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
