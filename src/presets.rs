//! The conventions of published datasets.

pub mod fracatlas;

use crate::convert::Options;
use crate::error::Result;
use crate::format::{Chosen, Format};

/// A preset by its name: what it chooses where nobody chose anything else.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Its name on the command line.
    pub name: &'static str,
    /// Settings of a format for reading.
    pub reading: fn(&'static dyn Format) -> Result<Chosen>,
    /// Settings of a format for writing.
    pub writing: fn(&'static dyn Format) -> Result<Chosen>,
    /// Options of a conversion to a format.
    pub options: fn(&'static dyn Format, Options) -> Options,
}

/// All presets.
pub static PRESETS: &[Preset] = &[fracatlas::PRESET];

/// The preset of a name.
pub fn by_name(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}
