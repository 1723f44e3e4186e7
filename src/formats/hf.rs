//! Hugging Face imagefolder: `metadata.jsonl` beside the images, a line an image.
//!
//! | what | how |
//! |---|---|
//! | box | `objects.bbox`: a list of `[x, y, width, height]`, pixels, 0-based, floats |
//! | class | `objects.categories`: a list of the same length, of names or numbers |
//! | other lists | `objects.id`, `objects.area` |
//! | image | `file_name`, relative to the file; `image_id`, `width`, `height` |
//!
//! Source: the guides "Create an image dataset" and "Object detection" of Hugging Face's datasets
//! and transformers; `folder_based_builder.py` of datasets.

mod find;
mod read;
mod row;
mod write;

use crate::error::Result;
use crate::fit;
use crate::format::{
    Arrangement, Chosen, Classes, Format, Mender, Names, Numbers, Opened, Profile, Run, Setting,
    Side, Values, Wants, Writer, choice,
};
use crate::model::Header;
use crate::tree::{Files, Found, Tree};

/// The format.
pub struct Hf;

const PROFILE: Profile = Profile {
    name: "hf",
    aliases: &["huggingface", "hugging-face", "imagefolder", "hf-imagefolder"],
    about: "Hugging Face imagefolder, metadata.jsonl beside the images",
    holds: "boxes, ids, sizes",
    arrangement: Arrangement::OneFile(&["jsonl"]),
    numbers: Numbers::Pixels,
    classes: Classes::Sorted,
    names: Names::Full,
    has_sizes: true,
    has_ids: false,
    has_shapes: false,
    rank: 4,
};

choice! {
    /// What stands for the class of an object.
    Categories {
        /// Its name.
        Name "name",
        /// Its number; the name stands in a list of its own.
        Number "number",
    }
}

const SETTINGS: &[Setting] = &[
    Setting {
        name: "hf-categories",
        side: Side::Write,
        values: Values::Choice(Categories::NAMES),
        default: "name",
        help: "Hugging Face: objects.categories has the names of classes, or their numbers",
    },
    fit::CROWD,
    fit::BOUNDS,
];

impl Format for Hf {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn settings(&self) -> &'static [Setting] {
        SETTINGS
    }

    fn find(&self, tree: &Tree) -> Found {
        find::find(tree)
    }

    /// Ids and areas are written, which a job of boxes alone does not read.
    fn wants(&self, _settings: &Chosen) -> Wants {
        Wants { shapes: true, ..Wants::BOXES }
    }

    fn open(&self, files: &Files, _settings: &Chosen, _wants: Wants, run: &Run) -> Result<Opened> {
        read::open(files, run)
    }

    fn create(&self, header: &Header, settings: &Chosen) -> Result<Box<dyn Writer>> {
        Ok(Box::new(write::HfWriter::new(header, settings)?))
    }

    /// None: a value of an object stands in a list of its own kind, far from its other values.
    fn mender(&self, _files: &Files, _settings: &Chosen) -> Result<Option<Box<dyn Mender>>> {
        Ok(None)
    }
}
