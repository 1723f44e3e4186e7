//! VGG Image Annotator (VIA): one JSON file, or a CSV file.
//!
//! | what | how |
//! |---|---|
//! | box | `rect`: x, y, width, height, pixels |
//! | polygon | `polygon`: all_points_x, all_points_y, one ring, the first point repeated |
//! | other shapes | polyline, circle, ellipse, point |
//! | class | one of the region attributes |
//! | image size | not stated; the file's length in bytes is |
//!
//! Source: `via.js` of VIA 1.0.6 and 2.0.12; make-sense's VGG exporter.

mod find;
mod label;
mod mend;
mod read;
mod region;
mod table;
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

/// The format.
pub struct Vgg;

const PROFILE: Profile = Profile {
    name: "vgg",
    aliases: &["via", "vgg-via", "vggvia", "vgg-json"],
    about: "VGG Image Annotator (VIA) 1 and 2, one JSON or CSV file",
    holds: "boxes, polygons of one ring, lines, circles, ellipses, points, attributes",
    arrangement: Arrangement::OneFile(&["json", "csv"]),
    numbers: Numbers::Pixels,
    classes: Classes::Sorted,
    names: Names::Full,
    has_sizes: false,
    has_ids: false,
    has_shapes: true,
    rank: 1,
};

choice! {
    /// The generation of VGG Image Annotator whose files are written.
    Via {
        /// 1.x: regions an object, members `fileref` and `base64_img_data`.
        One "1",
        /// 2.x: regions a list.
        Two "2",
    }
}

choice! {
    /// The key of an image in a VIA file.
    ViaKey {
        /// File name and file size, as VIA itself writes it.
        NameAndSize "name-size",
        /// The file name alone, as make-sense writes it.
        Name "name",
    }
}

choice! {
    /// What is written: JSON, or a table.
    Form {
        /// JSON.
        Json "json",
        /// CSV.
        Csv "csv",
    }
}

const SETTINGS: &[Setting] = &[
    Setting {
        name: "label-attribute",
        side: Side::Both,
        values: Values::Text("NAME"),
        default: "read: the one that every region has; written: label",
        help: "VGG: the region attribute that names the class",
    },
    reading::POLYLINE,
    Setting {
        name: "via",
        side: Side::Write,
        values: Values::Choice(Via::NAMES),
        default: "2",
        help: "VGG written as VIA 1.x or 2.x",
    },
    Setting {
        name: "via-key",
        side: Side::Write,
        values: Values::Choice(ViaKey::NAMES),
        default: "name-size",
        help: "VGG: the key of an image",
    },
    Setting {
        name: "via-form",
        side: Side::Write,
        values: Values::Choice(Form::NAMES),
        default: "by the output's extension",
        help: "VGG written as JSON or CSV",
    },
    fit::MULTIPART,
    fit::HOLES,
    fit::RINGS,
    fit::CROWD,
];

impl Format for Vgg {
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
        Wants { bytes: true, ..Wants::ALL }
    }

    fn open(&self, files: &Files, settings: &Chosen, _wants: Wants, run: &Run) -> Result<Opened> {
        read::open(files, settings, run)
    }

    fn create(&self, header: &Header, settings: &Chosen) -> Result<Box<dyn Writer>> {
        Ok(Box::new(write::VggWriter::new(header, settings)))
    }

    fn mender(&self, files: &Files, _settings: &Chosen) -> Result<Option<Box<dyn Mender>>> {
        Ok(mend::VggMender::open(files)?.map(|it| Box::new(it) as Box<dyn Mender>))
    }
}
