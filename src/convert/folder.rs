//! Writing one label file an image.

use super::complete::Completed;
use super::plan::Plan;
use super::{Job, Mode, each_image, may_commit, open_output};
use crate::error::{Error, Result};
use crate::files;
use crate::files::check;
use crate::files::staging::{Staging, Target};
use crate::format::{MissingImages, PerImage};
use crate::report::{Difference, Losses, Reason, Report};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub fn write(job: &Job, source: &Completed, mut writer: Box<dyn PerImage>) -> Result<Report> {
    let plan = Plan::of_files(source, writer.as_ref())?;
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
                add_stale(job, source, plan, writer, report)?;
                report.differences.sort_by(|a, b| a.file.cmp(&b.file));
            }
            Mode::Write { prune, .. } if may_commit(job, report) => {
                let stale = if prune { plan.stale(job.output)? } else { Vec::new() };
                report.files_removed = stale.len();
                staging.map_or(Ok(()), |staging| staging.commit(&stale))?;
            }
            Mode::Write { .. } | Mode::DryRun => {}
        }
        Ok(())
    }
}

/// Label files at the target that this run does not produce are differences: but not an empty
/// one whose image is among the missing ones that the caller asked to leave out.
fn add_stale(
    job: &Job,
    source: &Completed,
    plan: &Plan,
    writer: &dyn PerImage,
    report: &mut Report,
) -> Result<()> {
    let skips = job.options.missing_images == MissingImages::Skip;
    for relative in plan.stale(job.output)? {
        let path: PathBuf = job.output.join(&relative);
        let may_be_left_out = skips && !source.has_image_for(&relative)?;
        if may_be_left_out && writer.is_background(&files::read(&path)?) {
            let losses = Losses::of_image(Reason::Unverified);
            report.losses.add(&relative.display().to_string(), &losses);
        } else {
            report.differences.push(check::difference(&path, "stale"));
        }
    }
    Ok(())
}
