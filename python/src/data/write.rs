//! `annoconv.write`.

use super::dataset::Dataset;
use super::origin::Origin;
use super::records::{self, Collected};
use crate::convert::{request, told};
use crate::errors::Failure;
use crate::options::Options;
use crate::run::detached;
use annoconv::dataset;
use annoconv::format::{Format, Source};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Writes records. Returns the report as JSON and as text, and whether all was as asked.
#[pyfunction]
pub fn write_records(
    records: &Bound<PyAny>,
    categories: Option<&Bound<PyAny>>,
    options: Bound<PyDict>,
) -> PyResult<(String, String, bool)> {
    let started = Instant::now();
    let mut options = Options::new(options);
    let py = options.py();
    let jobs = options.get("jobs", "a number of threads")?;
    let progress = options.value("progress")?;
    let mut request = request(&mut options)?;
    // What is wrong with the call is told before records are made.
    request.beside().and_then(|_| request.to()).map_err(Failure::from)?;
    // What was passed over in reading is passed over and counted here, too.
    let whole = records.cast::<Dataset>().ok();
    request.skips_unreadable = whole.is_some_and(|it| it.get().origin.is_tolerant);
    let (dataset, read) = gather(records, categories)?;
    let done = detached(py, progress.as_ref(), jobs, |watch| {
        Ok(request.beside()?.run_from(dataset, read.clone(), &watch.progress)?)
    })?;
    request.inputs = read;
    Ok(told("write", &request, &done, started.elapsed()))
}

/// The dataset that is written, and what it was read from.
pub fn gather(
    records: &Bound<PyAny>,
    categories: Option<&Bound<PyAny>>,
) -> PyResult<(dataset::Dataset, Vec<PathBuf>)> {
    let whole = records.cast::<Dataset>().ok().map(|dataset| Arc::clone(&dataset.get().origin));
    match whole.filter(|origin| categories.is_none() && !origin.is_boxes_only) {
        Some(origin) => {
            let held = dataset::Dataset::held(Box::new(Arc::clone(&origin.source)));
            Ok((of(held, &[Arc::clone(&origin)]), stated(&[origin])))
        }
        None => {
            let Collected { memory, origins } = records::collect(records, categories)?;
            let held = dataset::Dataset::held(Box::new(memory));
            Ok((of(held, &origins), stated(&origins)))
        }
    }
}

/// A dataset with what is known of those that its records come from.
fn of(mut held: dataset::Dataset, origins: &[Arc<Origin>]) -> dataset::Dataset {
    let mut formats: Vec<&'static dyn Format> = Vec::new();
    for format in origins.iter().flat_map(|origin| &origin.formats) {
        if formats.iter().all(|known| known.name() != format.name()) {
            formats.push(*format);
        }
    }
    let says = |origin: &&Arc<Origin>| origin.source.header().said().next().is_some();
    held.drops_members = origins.iter().filter(says).count() > 1;
    held.formats = formats;
    held
}

fn stated(origins: &[Arc<Origin>]) -> Vec<PathBuf> {
    let inputs = origins.iter().flat_map(|origin| &origin.inputs);
    inputs.map(|input| input.stated().to_path_buf()).collect()
}
