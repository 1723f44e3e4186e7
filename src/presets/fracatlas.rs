//! The conventions of the published FracAtlas dataset (docs/fracatlas.md).

mod table;

use super::Preset;
use crate::format::{Convention, Side};

/// The preset.
pub const PRESET: Preset = Preset {
    name: "fracatlas",
    conventions: CONVENTIONS,
    is_flat: true,
    without_negatives: &["vgg"],
    complete: table::add_parts,
    judge_table: table::judge,
};

const fn written(format: &'static str, name: &'static str, value: &'static str) -> Convention {
    Convention { format, side: Side::Write, name, value }
}

const CONVENTIONS: &[Convention] = &[
    written("yolo", "precision", "4"),
    written("yolo", "class-file", "labels.txt"),
    written("yolo", "line-end", "crlf"),
    written("yolo", "bounds", "keep"),
    written("voc", "rounding", "truncate"),
    written("voc", "voc-folder", "PASCAL VOC"),
    written("voc", "voc-database", "MLBFR"),
    written("voc", "bounds", "keep"),
    Convention { format: "vgg", side: Side::Read, name: "label-attribute", value: "label" },
    written("vgg", "label-attribute", "label"),
    written("vgg", "via", "1"),
    written("vgg", "via-key", "name"),
];
