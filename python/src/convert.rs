//! `convert`.

use crate::errors::usage;
use crate::run::detached;
use annoconv::convert::Job;
use annoconv::formats;
use pyo3::prelude::*;
use std::path::PathBuf;

/// Converts annotations to another format. Returns how many annotations were written.
#[pyfunction]
#[pyo3(signature = (input, output, *, to, jobs=None, progress=None))]
pub fn convert(
    py: Python,
    input: PathBuf,
    output: PathBuf,
    to: &str,
    jobs: Option<usize>,
    progress: Option<&Bound<PyAny>>,
) -> PyResult<usize> {
    let Some(to) = formats::by_name(to) else {
        return Err(usage("to", "the name of a format", format!("{to:?}")).into());
    };
    let report = detached(py, progress, jobs, |watch| {
        let mut job = Job::new(&input, to, &output);
        job.options.progress = watch.progress.clone();
        Ok(annoconv::convert::run(&job)?)
    })?;
    Ok(report.annotations_written)
}
