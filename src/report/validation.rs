//! The report of a validation: as text for people, as JSON for programs, and in the forms that
//! code scanning (SARIF), CI services (JUnit) and GitHub Actions read.
//!
//! Each form is a module with one function `render`.
//!
//! ```
//! use annoconv::report::validation::{github, json};
//! use annoconv::validate::Validation;
//!
//! let sound = Validation::default();
//! assert_eq!(github::render(&sound, 20), "no findings\n");
//! assert!(json::render(&sound).contains("\"errors\": 0"));
//! ```

pub mod github;
pub mod json;
pub mod junit;
pub mod paths;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod text;
mod words;
