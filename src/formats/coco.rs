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

mod list;

#[cfg(test)]
mod malformed;
mod members;
mod number_lists;
mod numbers;
mod plain;
mod points;
mod read;
mod segmentation;
mod write;

use crate::error::Result;
use crate::format::{Arrangement, Format, Needs, Options, Sink, Source};
use crate::json::JsonFile;
use crate::model::Header;
use members::CocoReference;
use read::CocoSource;
use std::path::Path;

/// The format.
pub struct Coco;

impl Format for Coco {
    fn name(&self) -> &'static str {
        "coco"
    }

    fn about(&self) -> &'static str {
        "COCO instances, one JSON file"
    }

    fn holds(&self) -> &'static str {
        "boxes, polygons of several parts, masks, ids, attributes, sizes"
    }

    fn detect(&self, path: &Path) -> Option<String> {
        let file = JsonFile::read(path).ok()?;
        if file.first_byte() == Some(b'[') {
            let (results, _) = file.elements(&file.span());
            let first = file.element::<CocoReference>(results.first()?, "result");
            return first.is_ok().then(|| "a list with image_id".to_owned());
        }
        let own = file.first_member(&["images", "annotations"])?;
        Some(format!("a member {own:?}"))
    }

    fn arrangement(&self) -> Arrangement {
        Arrangement::OneFile(&["json"])
    }

    fn needs(&self, _options: &Options) -> Needs {
        // What COCO states is repeated, and its points with it.
        Needs { stated: true, boxes_only: true, ..Needs::default() }
    }

    fn open(&self, path: &Path, needs: Needs, options: &Options) -> Result<Box<dyn Source>> {
        Ok(Box::new(CocoSource::open(path, needs, options)?))
    }

    fn create(&self, header: &Header, _options: &Options) -> Result<Sink> {
        Ok(Sink::Whole(Box::new(write::CocoWriter::new(header))))
    }
}
