//! The Python package: `import annoconv`.
//!
//! The functions here take the options of a call as a dictionary, and give plain values back. The Python
//! files beside it, in `python/annoconv`, have the signatures, their docs, and the classes of what comes
//! back.

mod convert;
mod data;
mod edits;
mod errors;
mod fix;
mod formats;
mod options;
mod run;
mod validate;

use pyo3::prelude::*;
use std::ffi::OsString;

/// What the Python files beside it are built on.
#[pymodule]
mod _annoconv {
    #[pymodule_export]
    use super::convert::convert;
    #[pymodule_export]
    use super::data::annotation::Annotation;
    #[pymodule_export]
    use super::data::arrays::{mask_from_array, mask_to_array};
    #[pymodule_export]
    use super::data::coco::{coco_text, open_coco};
    #[pymodule_export]
    use super::data::dataset::{Dataset, open_dataset};
    #[pymodule_export]
    use super::data::image::Image;
    #[pymodule_export]
    use super::data::write::write_records;
    #[pymodule_export]
    use super::fix::mend;
    #[pymodule_export]
    use super::formats::{explain, formats};
    #[pymodule_export]
    use super::main;
    #[pymodule_export]
    use super::validate::{Judged, validate};

    /// The version of the library.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}

/// Runs the command line program with its arguments, of which the first is its own name. Returns the
/// exit status.
#[pyfunction]
fn main(py: Python, arguments: Vec<OsString>) -> u8 {
    py.detach(|| annoconv::cli::main(arguments))
}
