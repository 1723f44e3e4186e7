//! Pascal VOC: one XML file an image.
//!
//! | what | how |
//! |---|---|
//! | box | `xmin ymin xmax ymax`, pixels; the devkit counts from 1, most tools from 0 |
//! | polygon | read (`<polygon>` of Roboflow, Labelbox, supervision and the first LabelMe), not written |
//! | mask, oriented box | not held |
//! | class | its name |
//! | image size | `<size>`, stated |
//! | background image | a file without `<object>` |
//!
//! Source: the VOC2012 development kit, section 7; practice as in docs/formats.md.

mod element;
mod find;
mod mend;
mod object;
mod polygon;
mod read;
mod write;

use super::reading;
use crate::error::Result;
use crate::fit;
use crate::format::{
    Arrangement, Chosen, Classes, Format, Mender, Names, Numbers, Opened, Profile, Run, Setting,
    Side, Values, Wants, Writer, choice,
};
use crate::model::Header;
use crate::tree::{Files, Found, Tree};
use object::FarEdge;

/// The format.
pub struct Voc;

const PROFILE: Profile = Profile {
    name: "voc",
    aliases: &["pascal", "pascal-voc", "pascalvoc", "labelimg"],
    about: "Pascal VOC, an XML file an image",
    holds: "boxes, pose, truncated, difficult, occluded, parts, sizes",
    arrangement: Arrangement::FilePerImage("xml"),
    numbers: Numbers::Pixels,
    classes: Classes::Sorted,
    names: Names::Full,
    has_sizes: true,
    has_ids: false,
    has_shapes: false,
    rank: 2,
};

choice! {
    /// How coordinates become whole numbers.
    Rounding {
        /// To the nearest, halves away from zero.
        Nearest "nearest",
        /// Towards zero, as `int()` in Python and C.
        Truncate "truncate",
        /// The mins down, the maxs up: nothing of the object is cut off.
        Outward "outward",
        /// Not at all.
        None "none",
    }
}

const SETTINGS: &[Setting] = &[
    Setting {
        name: "origin",
        side: Side::Both,
        values: Values::Whole(0..=1),
        default: "0",
        help: "VOC: the number of the top-left pixel",
    },
    Setting {
        name: "far-edge",
        side: Side::Both,
        values: Values::Choice(FarEdge::NAMES),
        default: "exclusive",
        help: "VOC: whether xmax and ymax are the edge itself or the last pixel of the box",
    },
    reading::NAME_BY,
    Setting {
        name: "rounding",
        side: Side::Write,
        values: Values::Choice(Rounding::NAMES),
        default: "nearest",
        help: "VOC coordinates",
    },
    Setting {
        name: "voc-folder",
        side: Side::Write,
        values: Values::Text("NAME"),
        default: "images",
        help: "VOC: <folder> of images whose own folder is not stated",
    },
    Setting {
        name: "voc-database",
        side: Side::Write,
        values: Values::Text("NAME"),
        default: "Unknown",
        help: "VOC: <database> where the source states none",
    },
    fit::CROWD,
    fit::BOUNDS,
];

impl Format for Voc {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn settings(&self) -> &'static [Setting] {
        SETTINGS
    }

    fn find(&self, tree: &Tree) -> Found {
        find::find(tree)
    }

    fn wants(&self, _settings: &Chosen) -> Wants {
        Wants { values: true, ..Wants::BOXES }
    }

    fn open(&self, files: &Files, settings: &Chosen, _wants: Wants, run: &Run) -> Result<Opened> {
        read::VocSource::open(files, settings, run)
    }

    fn create(&self, header: &Header, settings: &Chosen) -> Result<Box<dyn Writer>> {
        Ok(Box::new(write::VocWriter::new(header, settings)?))
    }

    fn mender(&self, _files: &Files, settings: &Chosen) -> Result<Option<Box<dyn Mender>>> {
        Ok(Some(Box::new(mend::VocMender::new(settings))))
    }
}
