//! Colours of a terminal, as ANSI escape codes. All are bold.

/// What is wrong or lost.
pub const RED: &str = "\u{1b}[1m\u{1b}[31m";
/// What is done, or what helps.
pub const GREEN: &str = "\u{1b}[1m\u{1b}[32m";
/// What deserves a look.
pub const YELLOW: &str = "\u{1b}[1m\u{1b}[33m";
/// What is worth knowing.
pub const BLUE: &str = "\u{1b}[1m\u{1b}[34m";
/// The end of a colour.
pub const RESET: &str = "\u{1b}[0m";
