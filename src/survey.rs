//! A dataset as it is judged: its parts, opened; the images that they are about; how their numbers
//! are written.

#![allow(
    clippy::indexing_slicing,
    reason = "sets, parts, images and annotations are known by their places in lists made here"
)]

use std::path::PathBuf;

pub mod discover;
pub mod numerals;
pub mod roster;
pub mod sets;

/// A file or folder that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The format's name, or `csv`, `split`, `images`.
    pub format: &'static str,
    /// Where.
    pub path: PathBuf,
    /// Images that it lists.
    pub images: usize,
    /// Annotations that could be read.
    pub annotations: usize,
}
