//! `formats` and `explain`.

use crate::errors::usage;
use annoconv::alike;
use annoconv::format::{Setting, Values};
use annoconv::formats::FORMATS;
use annoconv::rules::{Rule, select};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The formats: a dictionary of each.
#[pyfunction]
pub fn formats(py: Python) -> PyResult<Vec<Bound<PyDict>>> {
    let one = |format: &&'static dyn annoconv::format::Format| {
        let profile = format.profile();
        let about = PyDict::new(py);
        about.set_item("name", profile.name)?;
        about.set_item("aliases", profile.aliases)?;
        about.set_item("about", profile.about)?;
        about.set_item("holds", profile.holds)?;
        let settings = format.settings().iter().map(|it| setting(py, it));
        about.set_item("settings", settings.collect::<PyResult<Vec<_>>>()?)?;
        Ok(about)
    };
    FORMATS.iter().map(one).collect()
}

fn setting<'py>(py: Python<'py>, setting: &Setting) -> PyResult<Bound<'py, PyDict>> {
    let about = PyDict::new(py);
    about.set_item("name", setting.name.replace('-', "_"))?;
    about.set_item("side", setting.side.name())?;
    about.set_item("values", setting.values.words())?;
    let choices = match setting.values {
        Values::Choice(words) => words,
        _ => &[],
    };
    about.set_item("choices", choices)?;
    about.set_item("default", setting.default)?;
    about.set_item("help", setting.help)?;
    Ok(about)
}

/// What a rule means, why it matters and how to mend it; of a group or of `all`, a table.
#[pyfunction]
pub fn explain(code: &str) -> PyResult<String> {
    let Ok(rules) = select::topic(code) else {
        let near = alike::nearest(code, Rule::ALL.iter().map(|rule| rule.code()));
        let near = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
        let found = format!("{code:?}{near}");
        return Err(usage("code", "the code of a rule, a group or all", found).into());
    };
    Ok(annoconv::report::explain(rules.as_slice()))
}
