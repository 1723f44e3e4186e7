//! Reads a dataset for `validate`: opens its parts, lists the images that they are about, and finds
//! out how their numbers are written.

#![allow(
    clippy::indexing_slicing,
    reason = "sets, parts, images and annotations have indexes into lists that are made here"
)]

use std::path::PathBuf;

pub mod discover;
pub mod mistakes;
mod names;
pub mod numerals;
pub mod roster;
pub mod sets;

/// A file or folder that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The name of the format, or `csv`, `split`, `images`.
    pub format: &'static str,
    /// Its path.
    pub path: PathBuf,
    /// How many images it lists.
    pub images: usize,
    /// How many of its annotations could be read.
    pub annotations: usize,
}
