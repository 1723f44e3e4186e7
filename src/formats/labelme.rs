//! LabelMe: one JSON file an image.
//!
//! | what | how |
//! |---|---|
//! | box | `rectangle`: two corners, pixels, in any order |
//! | polygon | `polygon`, one ring a shape; shapes of one label and `group_id` are one object |
//! | mask | `mask`: a PNG in base64, cut to its box, whose two corners are its first and its last pixel |
//! | other shapes | oriented_rectangle, circle (centre and a point of the rim), line, linestrip, point, points |
//! | class | `label` |
//! | image size | `imageWidth`, `imageHeight` |
//!
//! Source: `_label_file.py`, `_shape.py` and `utils/shape.py` of LabelMe 6.3.1;
//! `examples/instance_segmentation/labelme2coco.py`.

mod document;
mod find;
mod made;
mod mask;
mod object;
mod read;
mod shape;
mod stated;
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
pub struct LabelMe;

const PROFILE: Profile = Profile {
    name: "labelme",
    aliases: &["labelme-json", "label-me"],
    about: "LabelMe, a JSON file an image",
    holds: "boxes, polygons of several parts, masks, turned boxes, lines, circles, points, attributes, sizes",
    arrangement: Arrangement::FilePerImage("json"),
    numbers: Numbers::Pixels,
    classes: Classes::Sorted,
    names: Names::Full,
    has_sizes: true,
    has_ids: false,
    has_shapes: true,
    rank: 1,
};

choice! {
    /// What a mask is written as.
    Masks {
        /// A mask.
        Mask "mask",
        /// Polygons.
        Polygon "polygon",
    }
}

choice! {
    /// The picture that a file holds of its image.
    ImageData {
        /// Written as it was read.
        Keep "keep",
        /// Left out.
        Drop "drop",
    }
}

const SETTINGS: &[Setting] = &[
    reading::NAME_BY,
    reading::POLYLINE,
    Setting {
        name: "masks",
        side: Side::Write,
        values: Values::Choice(Masks::NAMES),
        default: "mask",
        help: "LabelMe: masks are written as PNG, or as polygons",
    },
    Setting {
        name: "image-data",
        side: Side::Write,
        values: Values::Choice(ImageData::NAMES),
        default: "keep",
        help: "LabelMe: the picture that a LabelMe file holds is written again, or left out",
    },
    fit::HOLES,
    fit::RINGS,
    fit::CROWD,
];

impl Format for LabelMe {
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
        Wants { text: Some(PROFILE.name), ..Wants::ALL }
    }

    fn open(&self, files: &Files, settings: &Chosen, wants: Wants, run: &Run) -> Result<Opened> {
        read::LabelMeSource::open(files, settings, wants, run)
    }

    fn create(&self, header: &Header, settings: &Chosen) -> Result<Box<dyn Writer>> {
        Ok(Box::new(write::LabelMeWriter::new(header, settings)?))
    }

    /// None: the corners of a box may stand in any order, and a part of a shape is a shape of its own.
    fn mender(&self, _files: &Files, _settings: &Chosen) -> Result<Option<Box<dyn Mender>>> {
        Ok(None)
    }
}
