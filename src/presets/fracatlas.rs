//! The conventions of the published FracAtlas files (docs/fracatlas.md).

use super::Preset;
use crate::convert::Options;
use crate::error::Result;
use crate::format::{Chosen, Format, Side};

/// The preset.
pub const PRESET: Preset = Preset { name: "fracatlas", reading, writing, options };

/// Settings by format: for reading, for writing.
const SETTINGS: [(&str, &[(&str, &str)], &[(&str, &str)]); 3] = [
    (
        "yolo",
        &[],
        &[
            ("precision", "4"),
            ("class-file", "labels.txt"),
            ("line-end", "crlf"),
            ("bounds", "keep"),
        ],
    ),
    (
        "voc",
        &[],
        &[
            ("rounding", "truncate"),
            ("voc-folder", "PASCAL VOC"),
            ("voc-database", "MLBFR"),
            ("bounds", "keep"),
        ],
    ),
    (
        "vgg",
        &[("label-attribute", "label")],
        &[("label-attribute", "label"), ("via", "1"), ("via-key", "name")],
    ),
];

fn chosen(format: &'static dyn Format, side: Side) -> Result<Chosen> {
    let own = SETTINGS.iter().find(|(name, ..)| *name == format.name());
    let settings = own.map_or(&[][..], |(_, read, write)| match side {
        Side::Read => read,
        _ => write,
    });
    settings.iter().try_fold(Chosen::new(), |chosen, (name, value)| {
        chosen.with(format.settings(), side, name, value)
    })
}

fn reading(format: &'static dyn Format) -> Result<Chosen> {
    chosen(format, Side::Read)
}

fn writing(format: &'static dyn Format) -> Result<Chosen> {
    chosen(format, Side::Write)
}

/// Labels lie flat, whatever the folders of the images; its VGG file has no images without regions.
fn options(format: &'static dyn Format, options: Options) -> Options {
    let skips_negatives = options.skips_negatives || format.name() == "vgg";
    Options { is_flat: true, skips_negatives, ..options }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::FORMATS;

    #[test]
    fn all_of_its_settings_are_declared() {
        for format in FORMATS {
            assert!(reading(*format).is_ok() && writing(*format).is_ok(), "{}", format.name());
        }
    }
}
