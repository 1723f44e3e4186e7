//! `formats` and `explain`.

use crate::errors::usage;
use annoconv::format::{Setting, Values};
use annoconv::formats::FORMATS;
use annoconv::report::Topic;
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

/// What a rule means, why it matters and how to mend it, or what a loss is; of a group, a table.
#[pyfunction]
pub fn explain(code: &str) -> PyResult<String> {
    if let Some(topic) = Topic::of(code) {
        return Ok(topic.text());
    }
    let near = Topic::nearest(code).map(|near| format!(" (did you mean {near}?)"));
    let found = format!("{code:?}{}", near.unwrap_or_default());
    Err(usage("code", "the code of a rule or a loss, a group or all", found).into())
}
