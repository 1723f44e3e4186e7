//! `convert`, and the conversions with a fixed pair of formats.

use crate::data::edit::{ByCallable, callables};
use crate::edits;
use crate::errors::Outcome;
use crate::options::Options;
use crate::run::detached;
use annoconv::classes::Stated;
use annoconv::convert::request::{Doing, Done, Request};
use annoconv::edit::Edit;
use annoconv::files::input::Input;
use annoconv::files::place::Placing;
use annoconv::format::Side;
use annoconv::names;
use annoconv::report::conversion::{Conversion, json, text};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::Path;
use std::time::{Duration, Instant};

/// The words for how images get to a trainer's folders.
const PLACES: &[(&str, Placing)] = &[
    ("copy", Placing::Copy),
    ("reflink", Placing::Reflink),
    ("hardlink", Placing::Hardlink),
    ("symlink", Placing::Symlink),
    ("none", Placing::None),
];

/// Converts annotations, by the options of `annoconv.convert`. Returns the report as JSON and as text, and
/// whether all is as it was asked for.
#[pyfunction]
pub fn convert(command: &str, options: Bound<PyDict>) -> PyResult<(String, String, bool)> {
    let started = Instant::now();
    let mut options = Options::new(options);
    let py = options.py();
    let jobs = options.get("jobs", "a number of threads")?;
    let progress = options.value("progress")?;
    let callables = callables(options.value("edits")?.as_ref())?;
    let request = request(&mut options)?;
    let done = detached(py, progress.as_ref(), jobs, |watch| {
        let opened = request.open(Input::open)?;
        let more = request.classes.as_ref().map(Stated::names).transpose()?.unwrap_or_default();
        let own = callables.into_iter().map(|callable| {
            Box::new(ByCallable::new(callable, more.clone(), watch)) as Box<dyn Edit>
        });
        let done = opened.run(&request.output, own.collect(), &watch.progress)?;
        if request.doing.check {
            watch.pass()?;
        }
        Ok(done)
    })?;
    Ok(told(command, &request, &done, started.elapsed()))
}

/// The report of a conversion: as JSON, as text, and whether all is as it was asked for.
pub fn told(
    command: &str,
    request: &Request,
    done: &Done,
    elapsed: Duration,
) -> (String, String, bool) {
    let conversion = Conversion {
        command,
        from: &done.report.from,
        to: done.to,
        input: request.inputs.first().map_or(Path::new(""), |path| path),
        output: &request.output,
        outcome: done.outcome,
        report: &done.report,
        elapsed,
    };
    (json(&conversion), text(&conversion), done.is_yes)
}

/// The conversion that the options ask for. What is not an option is a setting.
pub fn request(options: &mut Options) -> Outcome<Request> {
    let mut request = Request {
        from: options.named("from_format", names::format)?,
        inputs: options.paths("inputs")?,
        to: options.named("to", names::format)?,
        trainer: options.trainer()?,
        output: options.needed_path("output")?,
        placing: options.word("place", PLACES)?,
        images: options.path("images")?,
        sizes: options.path("sizes")?,
        classes: options.classes()?,
        preset: options.preset()?,
        skips_negatives: options.word("negatives", &[("keep", false), ("skip", true)])?,
        skips_missing: skips(options, "missing_images")?,
        skips_unreadable: skips(options, "on_error")?,
        doing: Doing {
            check: options.flag("check")?,
            dry_run: options.flag("dry_run")?,
            overwrite: options.flag("overwrite")?,
            prune: options.flag("prune")?,
            strict: options.flag("strict")?,
        },
        edits: edits::asked(options)?,
        settings: Vec::new(),
    };
    request.settings = options.settings(&[Side::Read, Side::Write])?;
    Ok(request)
}

pub fn skips(options: &mut Options, name: &'static str) -> Outcome<bool> {
    let words = [("stop", false), ("error", false), ("skip", true)];
    Ok(options.word(name, &words)?.unwrap_or_default())
}
