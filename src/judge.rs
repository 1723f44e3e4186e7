//! What is wrong with one dataset, whatever others say: records, shapes, image files, tables.

#![allow(
    clippy::indexing_slicing,
    reason = "sets, parts, images and annotations are known by their places in lists made here"
)]

pub mod consistency;
pub mod image_files;
pub mod records;
pub mod shapes;
pub mod tables;
