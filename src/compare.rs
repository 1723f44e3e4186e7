//! How the formats of a dataset follow from each other, and what departs from that.

#![allow(
    clippy::indexing_slicing,
    reason = "sets, parts, images and annotations are known by their places in lists made here"
)]

pub mod agreement;
pub mod derivation;
pub mod differences;
pub mod matching;
pub mod places;
