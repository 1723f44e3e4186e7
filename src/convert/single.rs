//! Writing one file for all images.

use super::complete::Completed;
use super::plan;
use super::{Job, Mode, each_image, may_commit, open_output};
use crate::error::{Error, Result};
use crate::files::check::Comparer;
use crate::files::staging::{Staging, Target};
use crate::format::Whole;
use crate::report::Report;
use std::io::{self, Write};

pub fn write(job: &Job, source: &Completed, writer: Box<dyn Whole>) -> Result<Report> {
    plan::refuse_shared_keys(source, writer.as_ref())?;
    let staging = open_output(job, Target::File)?;
    if job.mode == Mode::Check {
        let failed = |error| Error::io(job.output, "read", error);
        let mut comparer = Comparer::open(job.output).map_err(failed)?;
        let mut report = encode(job, source, writer, &mut comparer)?;
        report.differences.extend(comparer.finish().map_err(failed)?);
        return Ok(report);
    }
    let report = match &staging {
        Some(staging) => encode(job, source, writer, &mut staging.stream()?)?,
        None => encode(job, source, writer, &mut io::sink())?,
    };
    if may_commit(job, &report) {
        staging.map_or(Ok(()), |staging: Staging| staging.commit(&[]))?;
    }
    Ok(report)
}

fn encode(
    job: &Job,
    source: &Completed,
    mut writer: Box<dyn Whole>,
    out: &mut dyn Write,
) -> Result<Report> {
    let failed = |error: io::Error| Error::io(job.output, "write", error);
    writer.begin(out).map_err(failed)?;
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
