//! The library's errors as exceptions, which `annoconv/_errors.py` defines.

use annoconv::error::{Error, ErrorKind, Mismatch};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

/// What fails either in the library or in Python.
pub type Outcome<T> = std::result::Result<T, Failure>;

/// A failure of the library, or an exception of Python.
#[derive(Debug)]
pub enum Failure {
    /// Of the library.
    Library(Error),
    /// Of Python: of a callback, or a signal.
    Python(PyErr),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Python(error) => error,
            Failure::Library(error) => Python::attach(|py| exception(py, &error)),
        }
    }
}

/// An error of a call that cannot be carried out as it is made.
pub fn usage(
    thing: impl Into<String>,
    expected: impl Into<String>,
    found: impl Into<String>,
) -> Failure {
    Error::new(ErrorKind::Usage, thing, Mismatch::new(expected, found)).into()
}

/// The exception of an error.
pub fn exception(py: Python, error: &Error) -> PyErr {
    // What goes wrong on the way is an exception, too.
    match instance(py, error) {
        Ok(instance) => PyErr::from_value(instance),
        Err(other) => other,
    }
}

fn instance<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let class = py.import("annoconv._errors")?.getattr(class_name(error.kind()))?;
    let about = PyDict::new(py);
    about.set_item("file", error.file().map(|file| text(py, file.as_os_str())).transpose()?)?;
    about.set_item("line", error.position().map(|position| position.line))?;
    about.set_item("column", error.position().map(|position| position.column))?;
    about.set_item("thing", error.thing())?;
    let mismatch = error.mismatch();
    about.set_item("expected", mismatch.map(|mismatch| &mismatch.expected))?;
    about.set_item("found", mismatch.map_or_else(|| error.problem(), |it| it.found.clone()))?;
    let instance = class.cast::<PyType>()?.call((error.to_string(),), Some(&about))?;
    if let Some(code) = error.os_code() {
        instance.setattr("errno", code)?;
    }
    Ok(instance)
}

/// A path as Python has it: bytes that are no text are kept.
pub fn text<'py>(py: Python<'py>, path: &std::ffi::OsStr) -> PyResult<Bound<'py, PyString>> {
    Ok(path.into_pyobject(py)?)
}

fn class_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Io => "FileError",
        ErrorKind::Malformed => "MalformedError",
        ErrorKind::Unknown => "UnknownError",
        ErrorKind::Missing => "MissingError",
        ErrorKind::Usage => "UsageError",
        ErrorKind::Refused => "RefusedError",
        ErrorKind::Stopped => "StoppedError",
    }
}
