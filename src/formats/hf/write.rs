//! Writing the metadata of an imagefolder.
//!
//! `datasets` takes the types of the columns from the first lines of each file, and refuses subsets
//! whose types differ. So all lines have the same members, and numbers of boxes have a decimal
//! point.

use super::Categories;
use crate::error::{Error, Result};
use crate::fit::{self, ClassNames, Fit};
use crate::format::{Chosen, Document, Encoded, Layout, List, Naming, Pieces, Writer};
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Header, Id, Image, Record};
use crate::numbers;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;

pub struct HfWriter {
    classes: ClassNames,
    categories: Categories,
    fit: Fit,
    /// Whether annotations have ids that are numbers.
    has_ids: bool,
    lost: Losses,
}

/// The values of an image's objects, each list as text.
#[derive(Default)]
struct Lists {
    ids: Vec<String>,
    boxes: Vec<String>,
    areas: Vec<String>,
    categories: Vec<String>,
    names: Vec<String>,
}

impl HfWriter {
    /// A writer for a dataset with this header.
    ///
    /// # Errors
    /// Where a class has no name.
    pub fn new(header: &Header, settings: &Chosen) -> Result<Self> {
        let classes = ClassNames::of(header);
        classes.refuse_empty()?;
        Ok(Self {
            classes,
            categories: settings.choice("hf-categories").unwrap_or(Categories::Name),
            fit: Fit::of(settings),
            has_ids: header.ids.is_some(),
            lost: fit::header_losses(header, &[]),
        })
    }

    /// Adds an object to the lists; one that has no class or no box is counted instead.
    fn add(
        &self,
        image: &Image,
        annotation: &Annotation,
        number: usize,
        lists: &mut Lists,
        losses: &mut Losses,
    ) {
        let Some(class) = self.classes.admit(annotation, number, &self.fit, losses) else { return };
        let Some(bbox) = self.fit.bbox(annotation, number, image, losses) else { return };
        if !bbox.is_proper() {
            return losses.annotation(Reason::ImproperBox, number);
        }
        let sides: Vec<String> = bbox.corner_and_size().into_iter().map(float).collect();
        lists.boxes.push(format!("[{}]", sides.join(", ")));
        lists.areas.push(float(annotation.area.unwrap_or_else(|| bbox.area())));
        lists.ids.push(whole(annotation.id.as_ref()));
        let name = self.classes.names().get(class).map_or(Value::Null, |name| json!(name));
        match self.categories {
            Categories::Name => lists.categories.push(name.to_string()),
            Categories::Number => {
                lists.categories.push(class.to_string());
                lists.names.push(name.to_string());
            }
        }
        fit::count_as_box(annotation, number, losses);
        fit::count_members(annotation, number, &[], losses);
    }

    fn line(&self, image: &Image, lists: &Lists) -> String {
        // A column of nothing would be of another type than that of another subset.
        let side = |side: Option<u32>| side.unwrap_or_default();
        let mut line = format!("{{\"file_name\": {}", json!(image.file_name));
        if self.has_ids {
            line.push_str(&format!(", \"image_id\": {}", whole(image.id.as_ref())));
        }
        line.push_str(&format!(
            ", \"width\": {}, \"height\": {}, \"objects\": {{",
            side(image.size.map(|size| size.width)),
            side(image.size.map(|size| size.height))
        ));
        if self.has_ids {
            line.push_str(&format!("\"id\": [{}], ", lists.ids.join(", ")));
        }
        line.push_str(&format!(
            "\"bbox\": [{}], \"area\": [{}], \"categories\": [{}]",
            lists.boxes.join(", "),
            lists.areas.join(", "),
            lists.categories.join(", ")
        ));
        if self.categories == Categories::Number {
            line.push_str(&format!(", \"category_names\": [{}]", lists.names.join(", ")));
        }
        line + "}}\n"
    }
}

/// An id that is a number; -1 stands for any other, so that the column has numbers only.
fn whole(id: Option<&Id>) -> String {
    id.and_then(Id::number).unwrap_or(-1).to_string()
}

/// A number as a float: `302.0`.
fn float(value: f64) -> String {
    let mut out = Vec::new();
    numbers::shortest(&mut out, value);
    let is_whole = out.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
    out.extend_from_slice(if is_whole { b".0" } else { b"" });
    String::from_utf8_lossy(&out).into_owned()
}

impl Writer for HfWriter {
    fn own_files(&self) -> Option<Naming> {
        None
    }

    fn document(&self) -> Option<Box<dyn Document>> {
        Some(Box::new(HfDocument))
    }

    fn lists(&self) -> Vec<List> {
        Vec::new()
    }

    fn is_own(&self, _path: &Path) -> bool {
        false
    }

    fn is_background(&self, _bytes: &[u8]) -> bool {
        false
    }

    fn key(&self, image: &Image) -> Option<String> {
        Some(image.file_name.clone())
    }

    fn encode(&self, record: &Record, losses: &mut Losses) -> Result<Pieces> {
        if record.image.file_name.is_empty() {
            return Err(Error::malformed("file name of an image", "a name", "nothing"));
        }
        if record.image.size.is_none() {
            losses.image(Reason::SizeUnknown);
        }
        let mut lists = Lists::default();
        for (number, annotation) in record.annotations.iter().enumerate() {
            self.add(record.image, annotation, number, &mut lists, losses);
        }
        fit::count_image_members(record.image, &[], losses);
        let image = self.line(record.image, &lists).into_bytes();
        Ok(Pieces { own: None, shared: Encoded { image, annotations: Vec::new() } })
    }

    fn numbers(&self) -> Vec<(String, String)> {
        if self.categories == Categories::Name {
            return Vec::new();
        }
        let names = self.classes.names().iter().enumerate();
        names.map(|(number, name)| (number.to_string(), name.clone())).collect()
    }

    fn count_header(&self, losses: &mut Losses) {
        losses.append(&self.lost);
    }
}

/// A metadata file on its way: lines one after the other.
struct HfDocument;

impl Document for HfDocument {
    fn begin(&mut self, _layout: &mut Layout, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn append(&mut self, encoded: Encoded, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&encoded.image)
    }

    fn finish(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_have_a_decimal_point() {
        for (value, text) in [
            (302.0, "302.0"),
            (-4.0, "-4.0"),
            (0.1, "0.1"),
            (1e21, "1e+21"),
            (2_880.000_000_000_000_5, "2880.0000000000005"),
        ] {
            assert_eq!(float(value), text);
            assert_eq!(serde_json::from_str::<f64>(&float(value)).unwrap(), value);
        }
    }
}
