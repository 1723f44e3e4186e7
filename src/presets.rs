//! The conventions of published datasets, each in a file of its own.

pub mod fracatlas;

use crate::format::Convention;
use crate::validate::{JudgeTable, Request};

/// The conventions of a published dataset.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Its name on the command line.
    pub name: &'static str,
    /// Settings of formats, where nobody chose anything else.
    pub conventions: &'static [Convention],
    /// Whether label files are named as the annotations name the images, wherever these lie.
    pub is_flat: bool,
    /// The formats in which it has no images without annotations.
    pub without_negatives: &'static [&'static str],
    /// Adds the parts of the dataset that are where it is published to those that are judged.
    pub complete: fn(&mut Request),
    /// Judges the columns of its table.
    pub judge_table: JudgeTable,
}

/// All presets.
pub static PRESETS: &[Preset] = &[fracatlas::PRESET];

/// The preset of a name.
pub fn by_name(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Chosen, Side};
    use crate::formats;

    #[test]
    fn all_conventions_are_settings_that_formats_declare() {
        for own in PRESETS.iter().flat_map(|preset| preset.conventions) {
            let format = formats::by_name(own.format).unwrap();
            assert_ne!(own.side, Side::Both);
            let chosen = Chosen::new().with(format.settings(), own.side, own.name, own.value);
            assert!(chosen.is_ok(), "{own:?}");
        }
    }
}
