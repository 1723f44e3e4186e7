//! Writing one file for all images.

use super::complete::Completed;
use super::plan;
use super::{Job, Mode, each_image, may_commit, open_output};
use crate::error::{Error, Result};
use crate::files::check::Comparer;
use crate::files::staging::Staging;
use crate::files::target::Target;
use crate::format::{Layout, Source, Whole};
use crate::report::Report;
use std::io::{self, Write};
use std::path::Path;

pub fn write(job: &Job, source: &Completed, writer: Box<dyn Whole>) -> Result<Report> {
    plan::refuse_shared_keys(source, writer.as_ref())?;
    let staging = open_output(job, Target::File)?;
    if job.mode == Mode::Check {
        let failed = |error| Error::io(job.output, "read", error);
        let mut comparer = Comparer::open(job.output).map_err(failed)?;
        let mut report = encode(job, source, writer, &std::env::temp_dir(), &mut comparer)?;
        report.differences.extend(comparer.finish().map_err(failed)?);
        return Ok(report);
    }
    let report = match &staging {
        Some(staging) => encode(job, source, writer, staging.place(), &mut staging.stream()?)?,
        None => encode(job, source, writer, &std::env::temp_dir(), &mut io::sink())?,
    };
    if !may_commit(job, &report) {
        return Ok(Report { files_written: 0, ..report });
    }
    staging.map_or(Ok(()), |staging: Staging| staging.commit(&[]))?;
    Ok(report)
}

fn encode(
    job: &Job,
    source: &Completed,
    mut writer: Box<dyn Whole>,
    spool: &Path,
    out: &mut dyn Write,
) -> Result<Report> {
    let failed = |error: io::Error| Error::io(job.output, "write", error);
    let mut layout = Layout {
        images: Box::new(source.kept_images()),
        is_grouped: source.is_grouped(),
        spool: &mut || tempfile::tempfile_in(spool),
    };
    writer.begin(&mut layout, out).map_err(failed)?;
    let mut report = each_image(
        job,
        source,
        &mut writer,
        |writer, _, record| writer.encode(record),
        |writer, encoded| writer.append(encoded, out).map_err(failed),
    )?;
    writer.finish(out).and_then(|()| out.flush()).map_err(failed)?;
    report.files_written = 1;
    Ok(report)
}
