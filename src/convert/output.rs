//! Writing: own files of images, and documents and lists that images share.

use super::documents::{Documents, Form};
use super::originals::Originals;
use super::places::Places;
use super::plan::{self, Plan};
use super::records::each_image;
use super::{Job, Mode, layout, may_commit};
use crate::dataset::{Ready, has_image_for};
use crate::error::{Error, Result};
use crate::files;
use crate::files::check::{self, Difference};
use crate::files::staging::Staging;
use crate::files::target::{self, Target};
use crate::format::{Encoded, Pieces, Source, Writer};
use crate::images::ImageTable;
use crate::losses::{EXAMPLES, Losses, Reason};
use crate::model::{Image, Record};
use crate::progress::{Step, Work};
use crate::report::Report;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What an output is made on.
pub struct Ground<'a> {
    /// The images that were looked up.
    pub table: Option<&'a ImageTable>,
    /// Where own files go.
    pub places: &'a Places,
    /// The files that are read.
    pub originals: &'a Originals,
}

/// Writes a dataset, compares it with what is at the target, or only tries to.
pub fn write(
    job: &Job,
    writer: &dyn Writer,
    source: &Ready,
    ground: &Ground,
    mut report: Report,
) -> Result<Report> {
    let mut lost = Losses::default();
    writer.count_header(&mut lost);
    report.losses.add("", &lost);
    report.classes = writer.numbers();
    if job.layout.is_none() {
        plan::refuse_shared_keys(source, writer)?;
    }
    let lists = layout::lists(job, source, writer);
    let plan = Plan::new(job, source, writer, &lists, ground.places)?;
    let form = Form::of(job, source, writer);
    form.count_subsets(job.layout.is_some(), source, &plan, &mut report.losses);
    if job.mode != Mode::Check && form.target() == Target::Folder {
        plan.refuse_obstacles(source, job.output)?;
    }
    let staging = open(job, form.target())?;
    let output = Output {
        job,
        originals: ground.originals,
        staging,
        differences: Mutex::default(),
        filled: Mutex::default(),
    };
    for list in &lists {
        output.put(Path::new(&list.name), &list.bytes)?;
    }
    let failed = |error| Error::io(job.output, "write", error);
    let mut documents = Documents::begin(&form, job, source, writer, output.staging.as_ref())?;
    documents.names().try_for_each(|name| ground.originals.refuse(name))?;
    each_image(
        job,
        source,
        &mut report,
        |index, record, losses| {
            let pieces = writer.encode(record, losses)?;
            output.note_filled(record, losses);
            output.put_own(pieces, plan.path(index), record)
        },
        |index, shared| documents.append(index, shared).map_err(failed),
    )?;
    let filled = output.filled.lock().unwrap_or_else(PoisonError::into_inner).clone();
    layout::refuse_empty(job, source, &filled)?;
    let own_files = if writer.own_files().is_some() { report.images } else { 0 };
    report.images_placed = if job.places_images() { report.images } else { 0 };
    report.files_written = own_files + lists.len() + documents.count() + report.images_placed;
    output.differs(documents.finish().map_err(failed)?);
    for index in plan.alike(source) {
        let name = &source.images()[index].file_name;
        report.losses.add(name, &Losses::of_image(Reason::AlikeNames));
    }
    output.finish(source, ground, &plan, writer, &mut report)?;
    Ok(report)
}

/// The staging place, where something is to be written.
fn open(job: &Job, kind: Target) -> Result<Option<Staging>> {
    match job.mode {
        Mode::Write { overwrite, .. } => Staging::open(job.output, kind, overwrite).map(Some),
        Mode::DryRun { overwrite, .. } => {
            target::verify(job.output, kind, overwrite).map(|()| None)
        }
        Mode::Check => target::verify(job.output, kind, true).map(|()| None),
    }
}

/// Where the files go: to a staging place, into a comparison, or nowhere.
struct Output<'a> {
    job: &'a Job<'a>,
    originals: &'a Originals,
    staging: Option<Staging>,
    differences: Mutex<Vec<Difference>>,
    /// The subsets that have an object.
    filled: Mutex<BTreeSet<String>>,
}

impl Output<'_> {
    fn put(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.originals.refuse(path)?;
        if let Some(staging) = &self.staging {
            return staging.put(path, bytes);
        }
        if self.job.mode == Mode::Check {
            let path = self.job.output.join(path);
            let difference = check::compare(&path, bytes);
            self.differs(difference.map_err(|error| Error::io(&path, "read", error))?);
        }
        Ok(())
    }

    /// Puts an image's own file and the image itself; what goes into a document is left.
    fn put_own(&self, pieces: Pieces, path: Option<&Path>, record: &Record) -> Result<Encoded> {
        if let (Some(own), Some(path)) = (pieces.own, path) {
            self.put(path, &own)?;
        }
        self.place(record.image)?;
        Ok(pieces.shared)
    }

    /// Puts the file of an image where the trainer looks for it.
    fn place(&self, image: &Image) -> Result<()> {
        let layout = self.job.layout.filter(|_| self.job.places_images());
        let (Some(layout), Some(file)) = (layout, &image.file) else { return Ok(()) };
        let path = layout.image_path(image);
        if is_same(file, &self.job.output.join(&path)) {
            // It lies where the trainer looks.
            return Ok(());
        }
        self.originals.refuse(&path)?;
        match &self.staging {
            Some(staging) => staging.place_file(&path, file, self.job.placing),
            None if self.job.mode == Mode::Check => self.put(&path, &files::read(file)?),
            None => Ok(()),
        }
    }

    fn note_filled(&self, record: &Record, losses: &Losses) {
        let subset = record.image.subset.as_deref();
        let subset = subset.filter(|_| record.annotations.len() > losses.dropped());
        let mut filled = self.filled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(subset) = subset.filter(|subset| !filled.contains(*subset)) {
            filled.insert(subset.to_owned());
        }
    }

    fn differs(&self, differences: impl IntoIterator<Item = Difference>) {
        self.differences.lock().unwrap_or_else(PoisonError::into_inner).extend(differences);
    }

    fn finish(
        self,
        source: &Ready,
        ground: &Ground,
        plan: &Plan,
        writer: &dyn Writer,
        report: &mut Report,
    ) -> Result<()> {
        let Self { job, staging, differences, .. } = self;
        let table = ground.table;
        match job.mode {
            Mode::Check => {
                report.differences =
                    differences.into_inner().unwrap_or_else(PoisonError::into_inner);
                let mut stale = stale(job, table, plan, writer, report)?;
                stale.extend(layout::stale(job, source)?);
                let stale =
                    stale.iter().map(|path| check::difference(&job.output.join(path), "stale"));
                report.differences.extend(stale);
                report.differences.sort_by(|a, b| a.file.cmp(&b.file));
            }
            Mode::Write { .. } if !may_commit(job, report) => report.files_written = 0,
            Mode::Write { prune, .. } | Mode::DryRun { prune, .. } => {
                let of_layout = layout::stale(job, source)?;
                layout::refuse_stale(job, prune, &of_layout, ground.originals)?;
                let mut stale = match prune {
                    true => stale(job, table, plan, writer, report)?,
                    false => Vec::new(),
                };
                stale.extend(of_layout);
                stale.iter().try_for_each(|path| ground.originals.refuse(path))?;
                report.files_removed = stale.len();
                let examples = stale.iter().take(EXAMPLES);
                report.removed_examples = examples.map(|file| file.display().to_string()).collect();
                let of = report.files_written as u64;
                job.options.progress.tell(Step { work: Work::Writing, done: 0, of })?;
                staging.map_or(Ok(()), |staging| staging.commit(&stale))?;
            }
        }
        Ok(())
    }
}

/// Whether two paths are one file.
fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Own files at the target that this run does not produce. An empty one whose image is not
/// found is none where the caller asked to leave such images out; it is counted instead.
fn stale(
    job: &Job,
    table: Option<&ImageTable>,
    plan: &Plan,
    writer: &dyn Writer,
    report: &mut Report,
) -> Result<Vec<PathBuf>> {
    let mut stale = Vec::new();
    for relative in plan.others(job.output)? {
        let path = job.output.join(&relative);
        if !job.layout.is_none_or(|layout| layout.has_own(&relative)) {
            continue;
        }
        if !writer.is_own(&path) {
            continue;
        }
        let is_unverified = job.options.skips_missing
            && !has_image_for(table, &relative)
            && writer.is_background(&files::read(&path)?);
        match is_unverified {
            true => {
                let losses = Losses::of_image(Reason::Unverified);
                report.losses.add(&relative.display().to_string(), &losses);
            }
            false => stale.push(relative),
        }
    }
    Ok(stale)
}
