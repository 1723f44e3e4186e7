//! Judges each part of a dataset by itself: records, shapes, image files and tables. Formats are
//! compared with each other in [`crate::compare`].

#![allow(
    clippy::indexing_slicing,
    reason = "sets, parts, images and annotations have indexes into lists that are made here"
)]

pub mod class_lists;
pub mod consistency;
pub mod copies;
pub mod data_yaml;
pub mod fractions;
pub mod gather;
pub mod image_files;
pub mod image_lists;
pub mod keypoints;
pub mod label_places;
pub mod once;
pub mod records;
pub mod shapes;
pub mod subsets;
pub mod tables;
pub mod wholes;
