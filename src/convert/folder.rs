//! Writing one label file an image.

use super::complete::Completed;
use super::plan::Plan;
use super::{Job, Mode, each_image, may_commit, open_output};
use crate::error::{Error, Result};
use crate::files;
use crate::files::check;
use crate::files::staging::Staging;
use crate::files::target::Target;
use crate::format::{MissingImages, PerImage, Source};
use crate::report::{Difference, EXAMPLES, Losses, Reason, Report};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub fn write(job: &Job, source: &Completed, mut writer: Box<dyn PerImage>) -> Result<Report> {
    let plan = Plan::of_files(source, writer.as_ref())?;
    if job.mode != Mode::Check {
        plan.refuse_obstacles(source, job.output)?;
    }
    let output = Output {
        job,
        staging: open_output(job, Target::Folder)?,
        differences: Mutex::new(Vec::new()),
    };
    let dataset_files = writer.dataset_files();
    for (path, bytes) in &dataset_files {
        output.put(path, bytes)?;
    }
    let mut report = each_image(
        job,
        source,
        &mut writer,
        |writer, index, record| {
            let mut bytes = Vec::new();
            let losses = writer.write(record, &mut bytes)?;
            output.put(plan.path(index), &bytes).map(|()| ((), losses))
        },
        |_, ()| Ok(()),
    )?;
    for index in plan.alike(source) {
        let name = &source.images()[index].file_name;
        report.losses.add(name, &Losses::of_image(Reason::AlikeNames));
    }
    report.files_written = report.images + dataset_files.len();
    output.finish(source, &plan, writer.as_ref(), &mut report)?;
    Ok(report)
}

/// Where the files go: to a staging place, into a comparison, or nowhere.
struct Output<'a> {
    job: &'a Job<'a>,
    staging: Option<Staging>,
    differences: Mutex<Vec<Difference>>,
}

impl Output<'_> {
    fn put(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        if let Some(staging) = &self.staging {
            return staging.put(path, bytes);
        }
        if self.job.mode == Mode::Check {
            let path = self.job.output.join(path);
            let difference =
                check::compare(&path, bytes).map_err(|error| Error::io(&path, "read", error))?;
            self.differences.lock().unwrap_or_else(PoisonError::into_inner).extend(difference);
        }
        Ok(())
    }

    fn finish(
        self,
        source: &Completed,
        plan: &Plan,
        writer: &dyn PerImage,
        report: &mut Report,
    ) -> Result<()> {
        let Self { job, staging, differences } = self;
        match job.mode {
            Mode::Check => {
                report.differences =
                    differences.into_inner().unwrap_or_else(PoisonError::into_inner);
                let stale = stale(job, source, plan, writer, report)?;
                let stale =
                    stale.iter().map(|path| check::difference(&job.output.join(path), "stale"));
                report.differences.extend(stale);
                report.differences.sort_by(|a, b| a.file.cmp(&b.file));
            }
            Mode::Write { .. } if !may_commit(job, report) => report.files_written = 0,
            Mode::Write { prune, .. } | Mode::DryRun { prune, .. } => {
                let stale = match prune {
                    true => stale(job, source, plan, writer, report)?,
                    false => Vec::new(),
                };
                report.files_removed = stale.len();
                let examples = stale.iter().take(EXAMPLES);
                report.removed_examples = examples.map(|file| file.display().to_string()).collect();
                staging.map_or(Ok(()), |staging| staging.commit(&stale))?;
            }
        }
        Ok(())
    }
}

/// Label files at the target that this run does not produce. An empty one whose image is not
/// found is none where the caller asked to leave such images out; it is counted instead.
fn stale(
    job: &Job,
    source: &Completed,
    plan: &Plan,
    writer: &dyn PerImage,
    report: &mut Report,
) -> Result<Vec<PathBuf>> {
    let skips = job.options.missing_images == MissingImages::Skip;
    let mut stale = Vec::new();
    for relative in plan.others(job.output)? {
        let path = job.output.join(&relative);
        if !writer.is_label(&path) {
            continue;
        }
        if skips && !source.has_image_for(&relative) && writer.is_background(&files::read(&path)?) {
            let losses = Losses::of_image(Reason::Unverified);
            report.losses.add(&relative.display().to_string(), &losses);
        } else {
            stale.push(relative);
        }
    }
    Ok(stale)
}
