//! `validate`.

use crate::errors::{Outcome, usage};
use crate::options::Options;
use crate::run::detached;
use annoconv::files::input::Input;
use annoconv::format::Side;
use annoconv::formats::FORMATS;
use annoconv::report::validation::{github, json, junit, sarif, text};
use annoconv::rules::{Rule, Severity};
use annoconv::validate::call::{self, Call};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A dataset that was judged, for reports of it.
#[pyclass(frozen, module = "annoconv._annoconv")]
pub struct Judged {
    judged: call::Judged,
    elapsed: Duration,
}

/// The least severity of a finding that counts; none where no finding does.
fn severity(fail_on: &str) -> Outcome<Option<Severity>> {
    match fail_on {
        "error" => Ok(Some(Severity::Error)),
        "warning" => Ok(Some(Severity::Warning)),
        "never" => Ok(None),
        _ => Err(usage("fail_on", "error, warning or never", format!("{fail_on:?}"))),
    }
}

/// Whether a finding of a rule counts.
fn counts(least: Option<Severity>, rule: Rule) -> bool {
    least.is_some_and(|least| rule.severity() >= least)
}

#[pymethods]
impl Judged {
    /// The report for programs.
    fn json(&self) -> String {
        json::render(&self.judged.validation)
    }

    /// The report for people, with so many findings of a rule.
    fn text(&self, limit: usize) -> String {
        text::render(&self.judged.validation, limit, self.elapsed, false)
    }

    /// The report for code scanning.
    fn sarif(&self) -> String {
        sarif::render(&self.judged.validation)
    }

    /// The report for a run of GitHub Actions.
    fn github(&self, limit: usize) -> String {
        github::render(&self.judged.validation, limit)
    }

    /// The report for services that show tests. A rule fails where a finding of it counts.
    fn junit(&self, fail_on: &str) -> PyResult<String> {
        let least = severity(fail_on)?;
        let call::Judged { validation, rules } = &self.judged;
        Ok(junit::render(validation, rules, |rule| counts(least, rule), self.elapsed))
    }

    /// Whether no finding counts.
    fn is_ok(&self, fail_on: &str) -> PyResult<bool> {
        let least = severity(fail_on)?;
        let mut findings = self.judged.validation.findings.iter();
        Ok(!findings.any(|finding| counts(least, finding.rule)))
    }
}

/// Judges a dataset, by the options of `annoconv.validate`.
#[pyfunction]
pub fn validate(options: Bound<PyDict>) -> PyResult<Judged> {
    let started = Instant::now();
    let mut options = Options::new(options);
    let py = options.py();
    let jobs = options.get("jobs", "a number of threads")?;
    let progress = options.value("progress")?;
    let call = call(&mut options)?;
    let folder = std::env::current_dir().ok();
    let judged = detached(py, progress.as_ref(), jobs, |watch| {
        let judged = call.open(Input::open)?.run(folder.as_deref(), &watch.progress)?;
        watch.pass()?;
        Ok(judged)
    })?;
    Ok(Judged { judged, elapsed: started.elapsed() })
}

fn call(options: &mut Options) -> Outcome<Call> {
    let mut named: Vec<(&str, PathBuf)> = Vec::new();
    for format in FORMATS {
        let paths = options.paths(format.name())?;
        named.extend(paths.into_iter().map(|path| (format.name(), path)));
    }
    let mut call = Call {
        paths: options.paths("paths")?,
        named,
        tables: options.paths("csv")?,
        splits: options.paths("splits")?,
        images: options.path("images")?,
        preset: options.preset()?,
        trainer: options.trainer()?,
        classes: options.classes()?,
        select: options.rules("select")?,
        ignore: options.rules("ignore")?,
        settings: Vec::new(),
    };
    call.settings = options.settings(&[Side::Read])?;
    Ok(call)
}
