//! COCO as pycocotools has it: dicts, of the same values as a file.

use super::dataset::{Dataset, hold, wants};
use super::write::gather;
use crate::run::detached;
use annoconv::convert::request::Request;
use annoconv::error::{Error, Result};
use annoconv::files::input::Input;
use annoconv::format::{Chosen, Layout};
use annoconv::losses::Losses;
use annoconv::model::Record;
use annoconv::{dataset, formats};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rayon::prelude::*;
use std::borrow::Cow;
use std::path::Path;

/// What stands for a dict in errors.
const NAME: &str = "<dict>";

/// How many images are encoded at once.
const BATCH: usize = 1024;

/// Opens what a dict says, as the text of a file.
#[pyfunction]
pub fn open_coco(py: Python, text: &[u8], shapes: bool, is_tolerant: bool) -> PyResult<Dataset> {
    let request = Request {
        from: formats::by_name("coco"),
        inputs: vec![NAME.into()],
        skips_unreadable: is_tolerant,
        ..Request::default()
    };
    let (whole, inputs) = detached(py, None, None, |watch| {
        let opened = request.open(|path| Input::read(path, text))?;
        Ok((opened.read(wants(!shapes), &watch.progress)?, opened.into_inputs()))
    })?;
    Ok(hold(py, whole, inputs, &request, !shapes, None))
}

/// The text of a COCO file of some records.
#[pyfunction]
pub fn coco_text<'py>(
    py: Python<'py>,
    records: &Bound<'py, PyAny>,
    categories: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (dataset, _) = gather(records, categories)?;
    let text = detached(py, None, None, |watch| Ok(encode(&dataset, &|| watch.progress.go_on())?))?;
    Ok(PyBytes::new(py, &text))
}

fn encode(dataset: &dataset::Dataset, go_on: &(dyn Fn() -> Result<()> + Sync)) -> Result<Vec<u8>> {
    let source = &dataset.source;
    let mut text = Vec::new();
    let Some(coco) = formats::by_name("coco") else { return Ok(text) };
    let writer = coco.create(source.header(), &Chosen::new())?;
    let Some(mut document) = writer.document() else { return Ok(text) };
    let failed = |error| Error::io(Path::new(NAME), "write", error);
    let count = source.images().len();
    let mut layout = Layout {
        images: Box::new((0..count).map(|index| source.image(index).map(Cow::Owned))),
        is_grouped: source.header().is_grouped,
        spool: &mut tempfile::tempfile,
    };
    document.begin(&mut layout, &mut text).map_err(failed)?;
    let one = |index: usize| {
        go_on()?;
        let image = source.image(index)?;
        let annotations: Vec<_> = source.read(index, &image)?.kept().cloned().collect();
        let record = Record { image: &image, annotations: &annotations };
        Ok(writer.encode(&record, &mut Losses::default())?.shared)
    };
    for start in (0..count).step_by(BATCH) {
        let batch = start..start.saturating_add(BATCH).min(count);
        let batch: Vec<Result<_>> = batch.into_par_iter().map(one).collect();
        for encoded in batch {
            document.append(encoded?, &mut text).map_err(failed)?;
        }
    }
    document.finish(&mut text).map_err(failed)?;
    Ok(text)
}
