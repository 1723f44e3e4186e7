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

mod read;
mod table;
mod write;

use crate::error::Result;
use crate::files;
use crate::format::{Arrangement, Faults, Format, Needs, Options, Sink, Source};
use crate::json::JsonFile;
use crate::model::Header;
use std::path::Path;

/// The format.
pub struct Vgg;

impl Format for Vgg {
    fn name(&self) -> &'static str {
        "vgg"
    }

    fn about(&self) -> &'static str {
        "VGG Image Annotator (VIA) 1 and 2, one JSON or CSV file"
    }

    fn holds(&self) -> &'static str {
        "boxes, polygons of one ring, lines, circles, ellipses, points, attributes"
    }

    fn detect(&self, path: &Path) -> Option<String> {
        if files::has_extension(path, &["csv"]) {
            let mut faults = Faults::new(&Options { tolerant: true, ..Options::default() });
            return table::read(path, &mut faults).is_ok().then(|| "VIA's CSV columns".to_owned());
        }
        let file = JsonFile::read(path).ok()?;
        let (members, _) = file.members(&file.span());
        if members.iter().any(|(name, _)| name == read::IMAGES) {
            return Some(format!("a member {:?}", read::IMAGES));
        }
        let (entry, _) = file.members(&members.first()?.1);
        let is_own = |(name, _): &(String, _)| name == "regions" || name == "fileref";
        entry.iter().any(is_own).then(|| "entries with regions".to_owned())
    }

    fn arrangement(&self) -> Arrangement {
        Arrangement::OneFile(&["json", "csv"])
    }

    fn needs(&self, _options: &Options) -> Needs {
        Needs { bytes: true, ..Needs::default() }
    }

    fn open(&self, path: &Path, _needs: Needs, options: &Options) -> Result<Box<dyn Source>> {
        Ok(Box::new(read::VggSource::open(path, options)?))
    }

    fn create(&self, header: &Header, options: &Options) -> Result<Sink> {
        Ok(Sink::Whole(Box::new(write::VggWriter::new(header, options))))
    }
}
