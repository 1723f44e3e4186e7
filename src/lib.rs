//! Converts image annotations between COCO, YOLO, Pascal VOC, VIA, LabelMe and Hugging Face, exactly,
//! and counts every loss.
//!
//! Data flows one way, one image at a time; the modules are listed in that order:
//!
//! 1. [`rules`]: what a dataset is judged by; [`error`]: what can go wrong, where, and who must act;
//!    [`losses`]: what a target does not hold, counted by reason.
//! 2. [`geometry`]: boxes, polygons and run-length encoded masks.
//! 3. [`model`]: a header, and one record an image; [`split`]: subsets with equal shares of each class.
//! 4. [`progress`], [`numbers`], [`json`], [`xml`], [`files`], [`images`], [`classes`]: the ground that
//!    formats stand on.
//! 5. [`tree`]: the files of a dataset, and their parts. [`format`](mod@format): the traits of readers and writers, and the settings that formats declare.
//! 6. [`fit`]: what writers of simple formats share.
//! 7. [`formats`]: the registry.
//! 8. [`dataset`]: what is found at a path, opened, merged and completed; [`edit`]: changes between
//!    reading and writing.
//! 9. [`convert`]: the one conversion loop.
//! 10. `survey`: a dataset as it is judged; `judge`: what is wrong with it by itself; `compare`: how its
//!     formats follow from each other; [`trainers`]: what a trainer makes of it; [`validate`]: all of that, one [`finding`] for each breach of a rule;
//!     [`fix`]: what of that can be mended without judgement.
//! 11. [`presets`]: the conventions of published datasets; [`report`]: what was done, in words.
//! 12. [`names`]: all of these by the names that people type; [`convert::request`], [`validate::call`] and
//!     [`fix::call`]: whole calls as the command line and Python make them, which nothing else imports.
//! 13. `cli`: the command line program, with the feature of that name.
//!
//! ```
//! use annoconv::convert::{self, Job};
//! use annoconv::formats;
//!
//! let folder = tempfile::tempdir()?;
//! let input = folder.path().join("coco.json");
//! std::fs::write(&input, r#"{
//!     "images": [{"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}],
//!     "categories": [{"id": 7, "name": "fracture"}],
//!     "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [10, 20, 40, 10]}]
//! }"#)?;
//! let output = folder.path().join("labels");
//! let yolo = formats::by_name("yolo").unwrap();
//! let report = convert::run(&Job::new(&input, yolo, &output))?;
//! assert_eq!(report.annotations_written, 1);
//! assert_eq!(std::fs::read_to_string(output.join("a.txt"))?,
//!            "0 0.150000 0.250000 0.200000 0.100000\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! But for `cli`, the library never prints, and never sees a command line. It never exits.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "a test may panic"))]

pub mod alike;
mod connected;
pub mod error;
pub mod geometry;
pub mod losses;
pub mod model;
pub mod rules;
pub mod split;

pub mod classes;
pub mod files;
pub mod images;
pub mod json;
mod lines;
pub mod numbers;
pub mod progress;
mod table;
pub mod xml;

pub mod tree;

pub mod format;

pub mod fit;

pub mod formats;

pub mod dataset;

pub mod edit;

pub mod layout;

pub mod convert;

pub mod finding;
mod survey;

mod judge;

mod compare;

pub mod trainers;

pub mod validate;

pub mod fix;

pub mod presets;
pub mod report;

pub mod names;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
