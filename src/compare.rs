//! Compares the formats of a dataset: finds the rules by which one format was made from another,
//! and the objects that break these rules.

#![allow(
    clippy::indexing_slicing,
    reason = "sets, parts, images and annotations have indexes into lists that are made here"
)]

pub mod agree;
pub mod agreement;
pub mod blame;
pub mod causes;
pub mod classes;
pub mod derivation;
pub mod differences;
pub mod evidence;
pub mod forest;
pub mod matching;
pub mod places;
pub mod rounding;
