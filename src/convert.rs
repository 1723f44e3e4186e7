//! The only conversion loop: decoded and encoded in parallel, ordered, the same bytes for one
//! thread and for many.

#![allow(
    clippy::indexing_slicing,
    reason = "an image is known by its place in the list that all others here are as long as"
)]

mod documents;
mod layout;
mod originals;
mod output;
mod places;
mod plan;
mod prepare;
mod records;
pub mod request;

use crate::dataset::{
    Completed, Completion, Dataset, LastChoice, Ready, Selection, name_classes, order_classes,
};
use crate::edit::{Edit, Edited};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files::place::Placing;
use crate::files::{self, staging};
use crate::format::{Chosen, Convention, Format, Given, Profile, Source, Wants};
use crate::images::ImageTable;
use crate::layout::{Arrange, Layout};
use crate::losses::{Losses, Reason};
use crate::report::Report;
use std::path::{Path, PathBuf};

/// A conversion to be done.
pub struct Job<'a> {
    /// The format of the inputs; found out where it is not told.
    pub from: Option<&'static dyn Format>,
    /// Files and folders of annotations. With [`run_from`]: what was read before.
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
    /// Where the trainer looks that the dataset is for; none where it is for no trainer.
    pub layout: Option<&'static Layout>,
    /// How images get into the output. Only a layout has places for them.
    pub placing: Placing,
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
        Self { inputs: vec![input.to_path_buf()], ..Self::of_dataset(to, output) }
    }

    /// A conversion of a dataset that is not read from any file, for [`run_from`].
    pub fn of_dataset(to: &'static dyn Format, output: &'a Path) -> Self {
        Self {
            from: None,
            inputs: Vec::new(),
            to,
            output,
            settings: Vec::new(),
            conventions: &[],
            edits: Vec::new(),
            layout: None,
            placing: Placing::default(),
            options: Options::default(),
            images: None,
            sizes: None,
            mode: Mode::Write { overwrite: false, prune: false, strict: false },
        }
    }

    /// Whether image files are part of the output.
    fn places_images(&self) -> bool {
        self.layout.is_some() && self.placing != Placing::None
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
    let convert = || {
        let aim = Aim::of(job)?;
        convert(job, prepare::open(job, aim.wants)?, aim)
    };
    convert().map_err(|error| in_input(job, error))
}

/// Carries out a conversion of a dataset that is open, or was made in memory
/// ([`Dataset::held`]). All else is as with [`run`]; the inputs of the job are what was read before: they
/// are not read again, and the output must be another place.
///
/// ```
/// use annoconv::convert::{self, Job};
/// use annoconv::dataset::{Dataset, Memory};
/// use annoconv::geometry::{BBox, Size};
/// use annoconv::model::{Annotation, Category, Header, Image};
/// let size = Some(Size { width: 200, height: 100 });
/// let image = Image { file_name: "a.jpg".to_owned(), size, ..Image::default() };
/// let bbox = Some(BBox::Corner { x: 10.0, y: 20.0, width: 40.0, height: 10.0 });
/// let annotation = Annotation { category: Some(0), bbox, ..Annotation::default() };
/// let header = Header::of(vec![Category::named("fracture")]);
/// let dataset = Dataset::held(Box::new(Memory::new(header, vec![(image, vec![annotation])])));
///
/// let folder = tempfile::tempdir()?;
/// let output = folder.path().join("labels");
/// let job = Job::of_dataset(annoconv::formats::by_name("yolo").unwrap(), &output);
/// convert::run_from(&job, dataset)?;
/// assert_eq!(std::fs::read_to_string(output.join("a.txt"))?,
///            "0 0.150000 0.250000 0.200000 0.100000\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`run`].
pub fn run_from(job: &Job, dataset: Dataset) -> Result<Report> {
    let convert = || convert(job, dataset, Aim::of(job)?);
    convert().map_err(|error| in_input(job, error))
}

/// What a conversion reads, before it is written.
pub struct Whole {
    /// The dataset, as it would be written.
    pub source: Ready,
    /// The formats of its parts, each once.
    pub formats: Vec<&'static dyn Format>,
    /// What was counted so far.
    pub report: Report,
}

/// Reads a dataset as a conversion does: its images are found and completed, the edits are made, its
/// classes are in their order. `wants` is what is needed of its records. The target of the job is not
/// looked at.
///
/// # Errors
/// Where an input cannot be read, or an image is needed and not there.
pub fn read(job: &Job, wants: Wants) -> Result<Whole> {
    let read = || {
        let wants = job.edits.iter().fold(wants, |all, edit| all.and(edit.wants()));
        let dataset = prepare::open(job, wants)?;
        prepare::refuse_unread(job, &dataset.formats)?;
        let mut report = begin_report(&dataset);
        let needs_size = wants.size || is_any(&dataset, Profile::is_fractions);
        let table = prepare::image_table(job, &dataset, needs_size)?;
        let formats = dataset.formats.clone();
        let needs = Needs { wants, needs_size, table: table.as_ref(), arrange: None };
        let source = ready(job, dataset, &needs, &mut report)?;
        Ok(Whole { source, formats, report })
    };
    read().map_err(|error| in_input(job, error))
}

/// An error that names no file is about the input, where there is one.
fn in_input(job: &Job, error: Error) -> Error {
    match job.inputs.first() {
        Some(input) => error.or_in_file(input),
        None => error,
    }
}

/// What a target needs.
struct Aim {
    /// The settings by which it is written.
    writing: Chosen,
    /// What comes after all other edits.
    arrange: Option<Arrange>,
    wants: Wants,
}

impl Aim {
    fn of(job: &Job) -> Result<Self> {
        documents::refuse_unfit(job)?;
        refuse_unfinished(job)?;
        let writing = prepare::writing(job)?;
        let arrange = job.layout.map(Arrange);
        let last = arrange.as_ref().map(|it| it as &dyn Edit);
        let edits = job.edits.iter().map(AsRef::as_ref).chain(last);
        let wants = edits.fold(job.to.wants(&writing), |all, edit| all.and(edit.wants()));
        Ok(Self { writing, arrange, wants })
    }
}

/// Whether a format of the dataset is of a kind.
fn is_any(dataset: &Dataset, of: fn(&Profile) -> bool) -> bool {
    dataset.formats.iter().any(|it| of(it.profile()))
}

fn convert(job: &Job, dataset: Dataset, aim: Aim) -> Result<Report> {
    let Aim { writing, arrange, wants } = aim;
    let inputs = job.inputs.iter().map(PathBuf::as_path).chain(job.sizes);
    let is_per_image = is_any(&dataset, |profile| profile.arrangement.is_per_image());
    inputs.into_iter().try_for_each(|input| refuse_input(job, input, is_per_image))?;
    prepare::refuse_idle(job, &dataset.formats)?;
    let needs_size = wants.size || is_any(&dataset, Profile::is_fractions);
    let table = prepare::image_table(job, &dataset, needs_size)?;
    let mut report = begin_report(&dataset);
    report.notes.extend(job.layout.and_then(Layout::note));
    let parts = dataset.parts.clone();
    let arrange = arrange.as_ref().map(|it| it as &dyn Edit);
    let is_same = dataset.formats.iter().all(|format| format.name() == job.to.name());
    let needs = Needs { wants, needs_size, table: table.as_ref(), arrange };
    let source = ready(job, dataset, &needs, &mut report)?;
    let is_split = report.split.is_some();
    let places =
        places::Places::new(job, &parts, source.images(), table.as_ref(), is_split, is_same);
    let writer = job.to.create(source.header(), &writing)?;
    let originals = originals::Originals::of(job, &parts, table.as_ref(), source.images());
    let ground = output::Ground { table: table.as_ref(), places: &places, originals: &originals };
    output::write(job, writer.as_ref(), &source, &ground, report)
}

/// The report of a conversion of a dataset that was opened.
fn begin_report(dataset: &Dataset) -> Report {
    let from: Vec<&str> = dataset.formats.iter().map(|format| format.name()).collect();
    let mut report = Report { from: from.join(", "), ..Report::default() };
    count_opening(dataset, &mut report);
    report
}

/// Counts what was passed over on opening.
fn count_opening(dataset: &Dataset, report: &mut Report) {
    report.passed_over.clone_from(&dataset.passed_over);
    for fault in &dataset.faults {
        report.losses.add_placed(Reason::UnreadableFile, place_of(fault));
    }
    if dataset.drops_members {
        let mut losses = Losses::default();
        losses.named(Reason::DatasetMembersDropped, None, &["of all inputs but the first"]);
        report.losses.add("", &losses);
    }
}

/// What a conversion needs of its source.
struct Needs<'a> {
    wants: Wants,
    needs_size: bool,
    table: Option<&'a ImageTable>,
    /// What comes after all other edits.
    arrange: Option<&'a dyn Edit>,
}

/// A dataset as it is written: its images completed, the edits on it one after the other, its classes
/// in their order.
fn ready(job: &Job, dataset: Dataset, needs: &Needs, report: &mut Report) -> Result<Ready> {
    let options = &job.options;
    let how = Completion {
        table: needs.table,
        is_asked: job.images.is_some(),
        skips_negatives: options.skips_negatives,
        skips_missing: options.skips_missing,
        wants: needs.wants,
        needs_size: needs.needs_size,
        progress: &options.progress,
    };
    let is_unlabelled = dataset.source.header().categories.is_empty();
    let mut completed = Completed::new(dataset.source, &dataset.parts, &how)?;
    report.negatives = completed.added().clone();
    let first_added = completed.first_added();
    let mut selection = completed.selection();
    selection.is_tolerant = options.skips_unreadable;
    let classes = options.classes.as_deref();
    let mut source = name_classes(Box::new(completed), needs.table, classes)?;
    for edit in &job.edits {
        source = edited(source, edit.as_ref(), &mut selection, report)?;
    }
    source = order_classes(source, classes, !job.edits.is_empty())?;
    if let Some(arrange) = needs.arrange {
        source = edited(source, arrange, &mut selection, report)?;
    }
    let choice = LastChoice {
        skips_negatives: options.skips_negatives,
        skips_missing: options.skips_missing,
        needs_size: needs.needs_size,
        needs_file: job.places_images(),
        table: needs.table,
        is_unlabelled,
    };
    let ready = Ready::new(source, selection, &choice)?;
    // Of what was added, what is left out does not count as such.
    let added = (first_added..ready.images().len()).filter(|index| !ready.is_left_out(*index));
    report.negatives.count(ready.images(), added);
    Ok(ready)
}

fn edited(
    source: Box<dyn Source>,
    edit: &dyn Edit,
    selection: &mut Selection,
    report: &mut Report,
) -> Result<Box<dyn Source>> {
    let edited = Edited::new(source, edit, selection)?;
    let bound = edited.bound();
    for place in &bound.unknown {
        report.losses.add_placed(Reason::UnknownName, place.clone());
    }
    report.losses.add("", &bound.lost);
    for name in &bound.renamed {
        report.losses.add(name, &Losses::of_image(Reason::ImageRenamed));
    }
    report.split = bound.split.clone().or_else(|| report.split.take());
    Ok(Box::new(edited))
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

/// Where something could not be read.
fn place_of(error: &Error) -> String {
    let file = error.file().map(files::shown).unwrap_or_default();
    match error.position() {
        Some(position) => format!("{file}:{}:{}", position.line, position.column),
        None => file,
    }
}
