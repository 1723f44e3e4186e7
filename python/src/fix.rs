//! `fix`.

use crate::errors::{Failure, Outcome, usage};
use crate::options::Options;
use crate::run::{Watch, detached};
use annoconv::fix::call::Call;
use annoconv::fix::{self, Output};
use annoconv::format::Side;
use annoconv::report::mending;
use annoconv::rules::Rule;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;
use std::time::Instant;

/// What becomes of the mended dataset.
enum Target {
    /// Nothing: the diff is shown.
    Diff,
    /// It takes the place of the dataset.
    InPlace,
    /// A copy.
    Copy { path: PathBuf, overwrite: bool },
}

/// Mends a dataset, by the options of `annoconv.fix`. Returns what was mended and what is left (code,
/// count, words, severity), the number of files, the text for people and whether all is well.
#[pyfunction]
#[pyo3(name = "fix")]
pub fn mend<'py>(py: Python<'py>, options: Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
    let started = Instant::now();
    let mut options = Options::new(options);
    let jobs = options.get("jobs", "a number of threads")?;
    let progress = options.value("progress")?;
    let target = target(&mut options)?;
    let call = call(&mut options)?;
    let (fix, done) = detached(py, progress.as_ref(), jobs, |watch| run(&call, &target, watch))?;
    let told = PyDict::new(py);
    told.set_item("mended", rows(&fix.mended, |rule| rule.fix().unwrap_or_default()))?;
    told.set_item("left", rows(&fix.left, |rule| rule.why_left()))?;
    match done {
        Done::Shown(diff) => {
            told.set_item("is_yes", !fix.leaves_errors() && diff.is_empty())?;
            told.set_item("files_written", 0)?;
            told.set_item("text", &diff)?;
            told.set_item("diff", diff)?;
        }
        Done::Written(files, words) => {
            told.set_item("is_yes", !fix.leaves_errors())?;
            told.set_item("files_written", files)?;
            told.set_item("text", mending::text(&fix, &words, started.elapsed()))?;
            told.set_item("diff", py.None())?;
        }
    }
    Ok(told)
}

/// What was done.
enum Done {
    /// The diff was made.
    Shown(String),
    /// So many files were written; and where, in words.
    Written(usize, String),
}

fn run(call: &Call, target: &Target, watch: &Watch) -> Outcome<(fix::Fix, Done)> {
    call.refuse_packed()?;
    if matches!(target, Target::InPlace) {
        fix::recover(&call.path)?;
    }
    let fix = call.run(&watch.progress)?;
    watch.pass()?;
    let output = match target {
        Target::Diff => {
            let diff = call.diff(&fix)?;
            return Ok((fix, Done::Shown(diff)));
        }
        Target::InPlace => Output::InPlace,
        Target::Copy { path, overwrite } => Output::Copy { target: path, overwrite: *overwrite },
    };
    let files = fix.write(&call.path, output)?;
    Ok((fix, Done::Written(files, mending::done(output, files))))
}

/// The code of each rule, its count, words about it and its severity.
fn rows<'a>(
    counts: &[(Rule, usize)],
    words: impl Fn(Rule) -> &'a str,
) -> Vec<(&'static str, usize, &'a str, &'static str)> {
    let row =
        |(rule, count): &(Rule, usize)| (rule.code(), *count, words(*rule), rule.severity().name());
    counts.iter().map(row).collect()
}

fn target(options: &mut Options) -> Outcome<Target> {
    let output = options.path("output")?;
    let (in_place, diff) = (options.flag("in_place")?, options.flag("diff")?);
    let overwrite = options.flag("overwrite")?;
    if overwrite && output.is_none() {
        return Err(usage("overwrite", "an output with it", "none"));
    }
    match (output, in_place, diff) {
        (Some(path), false, false) => Ok(Target::Copy { path, overwrite }),
        (None, true, false) => Ok(Target::InPlace),
        (None, false, true) => Ok(Target::Diff),
        (None, false, false) => Err(which("none of them")),
        _ => Err(which("several")),
    }
}

fn which(found: &str) -> Failure {
    usage("fix", "one of output, in_place and diff", found)
}

fn call(options: &mut Options) -> Outcome<Call> {
    let mut call = Call {
        path: options.needed_path("path")?,
        images: options.path("images")?,
        preset: options.preset()?,
        classes: options.classes()?,
        select: options.rules("select")?,
        ignore: options.rules("ignore")?,
        settings: Vec::new(),
    };
    call.settings = options.settings(&[Side::Read])?;
    Ok(call)
}
