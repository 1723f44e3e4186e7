//! Losses, counted by reason, and the reports of conversions and validations as text, JSON and
//! the forms that CI services read.
//!
//! Each report is a pure function from an answer to a `String`; the caller prints it.

pub mod colour;
pub mod conversion;
pub mod mending;
mod rules;
mod split;
mod topic;
pub mod validation;
pub mod visible;

pub use crate::files::check::Difference;
pub use crate::losses::{Loss, LossCounts, LossRow, Losses, Reason};
pub use conversion::Report;
pub use rules::{explain, explain_losses};
pub use topic::Topic;
