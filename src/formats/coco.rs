//! COCO instances: one JSON file.
//!
//! | what | how |
//! |---|---|
//! | box | `[x, y, width, height]`, pixels, 0-based, floats |
//! | polygon | flat rings `[x1, y1, x2, y2, …]`, several being the parts of one object |
//! | mask | run-length encoded, column by column |
//! | class | `category_id`, any number; its index is its position in `categories` |
//! | image size | `width`, `height`, stated |
//!
//! Source: the data format page of the COCO dataset and `pycocotools/coco.py`.

mod find;
mod list;
#[cfg(test)]
mod malformed;
mod members;
mod mend;
mod number_lists;
mod numbers;
mod object;
mod open;
mod plain;
mod points;
mod read;
mod segmentation;
mod spool;
mod write;

use crate::error::Result;
use crate::format::{
    Arrangement, Chosen, Classes, Format, Mender, Names, Numbers, Opened, Profile, Run, Setting,
    Wants, Writer,
};
use crate::model::Header;
use crate::tree::{Files, Found, Tree};

/// The format.
pub struct Coco;

const PROFILE: Profile = Profile {
    name: "coco",
    aliases: &["coco-json", "mscoco", "lvis", "instances"],
    about: "COCO instances, one JSON file",
    holds: "boxes, polygons of several parts, masks, ids, attributes, sizes",
    arrangement: Arrangement::OneFile(&["json"]),
    numbers: Numbers::Pixels,
    classes: Classes::Listed,
    names: Names::Full,
    has_sizes: true,
    has_ids: true,
    has_shapes: true,
    rank: 0,
};

impl Format for Coco {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn settings(&self) -> &'static [Setting] {
        &[]
    }

    fn find(&self, tree: &Tree) -> Found {
        find::find(tree)
    }

    fn wants(&self, _settings: &Chosen) -> Wants {
        Wants { text: Some(PROFILE.name), ..Wants::ALL }
    }

    fn open(&self, files: &Files, _settings: &Chosen, wants: Wants, run: &Run) -> Result<Opened> {
        open::open(files, wants, run)
    }

    fn create(&self, header: &Header, _settings: &Chosen) -> Result<Box<dyn Writer>> {
        Ok(Box::new(write::CocoWriter::new(header)))
    }

    fn mender(&self, files: &Files, _settings: &Chosen) -> Result<Option<Box<dyn Mender>>> {
        Ok(Some(Box::new(mend::CocoMender::open(files)?)))
    }
}
