//! The Python package: `import annoconv`.

mod convert;
mod errors;
mod run;

use pyo3::prelude::*;
use std::ffi::OsString;

/// What `import annoconv` gives; the Python files beside it add what is easier to say in Python.
#[pymodule]
mod _annoconv {
    #[pymodule_export]
    use super::convert::convert;
    #[pymodule_export]
    use super::main;
}

/// Runs the command line program with its arguments, of which the first is its own name. Returns the
/// exit status.
#[pyfunction]
fn main(py: Python, arguments: Vec<OsString>) -> u8 {
    py.detach(|| annoconv::cli::main(arguments))
}
