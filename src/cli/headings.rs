//! The headings of help, under which every command has its options.

/// What is read.
pub const INPUT: &str = "What goes in";
/// What is written, and where.
pub const OUTPUT: &str = "What comes out";
/// Which rules count.
pub const JUDGED: &str = "What is judged";
/// Which rules count for mending.
pub const MENDED: &str = "What is mended";
/// How it is done and told.
pub const RUN: &str = "The run and its report";
