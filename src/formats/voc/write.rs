//! Writing Pascal VOC.

use super::object::FarEdge;
use super::{Rounding, find};
use crate::error::{Error, Result};
use crate::fit::{self, Bounds, ClassNames, Fit};
use crate::format::{Chosen, Document, List, Naming, Pieces, Writer};
use crate::geometry::{BBox, Size};
use crate::images::base_name;
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Extra, Header, Image, Record};
use crate::numbers;
use quick_xml::escape::escape;
use serde_json::Value;
use std::path::Path;

/// The members of an image that have a place in the file.
const IMAGE_MEMBERS: [&str; 6] = ["folder", "path", "source", "owner", "depth", "segmented"];

/// The members of an object that have a place in the file.
const OBJECT_MEMBERS: [&str; 5] = ["pose", "truncated", "difficult", "occluded", "part"];

pub struct VocWriter {
    classes: ClassNames,
    fit: Fit,
    rounding: Rounding,
    origin: f64,
    far_edge: FarEdge,
    folder: String,
    database: String,
    lost: Losses,
}

impl VocWriter {
    pub fn new(header: &Header, settings: &Chosen) -> Result<Self> {
        let classes = ClassNames::of(header);
        if let Some(name) = classes.names().iter().find(|name| !is_text(name)) {
            let found = format!("{name:?}");
            return Err(Error::malformed("class name", "characters that XML can hold", found));
        }
        classes.refuse_empty()?;
        Ok(Self {
            classes,
            fit: Fit::of(settings),
            rounding: settings.choice("rounding").unwrap_or(Rounding::Nearest),
            origin: settings.whole("origin").unwrap_or_default() as f64,
            far_edge: settings.choice("far-edge").unwrap_or(FarEdge::Exclusive),
            folder: settings.text("voc-folder").unwrap_or("images").to_owned(),
            database: settings.text("voc-database").unwrap_or("Unknown").to_owned(),
            lost: fit::header_losses(header, &[]),
        })
    }
}

impl Writer for VocWriter {
    /// As the devkit's readers: `JPEGImages` has its annotations in `Annotations` beside it.
    fn own_files(&self) -> Option<Naming> {
        Some(Naming {
            extension: "xml",
            image_folders: &["JPEGImages", "images"],
            folder: "Annotations",
            reserved: &[],
            keeps_place: false,
        })
    }

    fn document(&self) -> Option<Box<dyn Document>> {
        None
    }

    fn lists(&self) -> Vec<List> {
        Vec::new()
    }

    fn is_own(&self, path: &Path) -> bool {
        find::is_annotation(path)
    }

    fn is_background(&self, bytes: &[u8]) -> bool {
        !bytes.windows(7).any(|window| window == b"<object")
    }

    fn key(&self, _image: &Image) -> Option<String> {
        None
    }

    fn encode(&self, record: &Record, losses: &mut Losses) -> Result<Pieces> {
        let name = &record.image.file_name;
        if !is_text(name) {
            let found = format!("{name:?}");
            return Err(Error::malformed("file name", "characters that XML can hold", found));
        }
        let mut out = Vec::new();
        let mut xml = Xml { out: &mut out };
        xml.open(0, "annotation");
        self.write_image(record.image, &mut xml, losses);
        for (number, annotation) in record.annotations.iter().enumerate() {
            self.write_object(record.image, annotation, number, &mut xml, losses);
        }
        xml.close(0, "annotation");
        Ok(Pieces { own: Some(out), ..Pieces::default() })
    }

    fn numbers(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    fn count_header(&self, losses: &mut Losses) {
        losses.append(&self.lost);
    }
}

impl VocWriter {
    fn write_image(&self, image: &Image, xml: &mut Xml, losses: &mut Losses) {
        let stated = |name: &str| image.extra.get(name).filter(|value| is_held(value));
        xml.member(1, "folder", stated("folder"), Some(&self.folder));
        xml.leaf(1, "filename", base_name(&image.file_name));
        xml.member(1, "path", stated("path"), None);
        match stated("source").filter(|source| source.is_object()) {
            Some(source) => xml.value(1, "source", source),
            None => {
                xml.open(1, "source");
                xml.leaf(2, "database", &self.database);
                xml.close(1, "source");
            }
        }
        xml.member(1, "owner", stated("owner"), None);
        if image.size.is_none() {
            losses.image(Reason::SizeUnknown);
        }
        let (width, height) = image.size.map_or((0, 0), |size| (size.width, size.height));
        xml.open(1, "size");
        xml.leaf(2, "width", &width.to_string());
        xml.leaf(2, "height", &height.to_string());
        xml.member(2, "depth", stated("depth"), Some("3"));
        xml.close(1, "size");
        xml.member(1, "segmented", stated("segmented"), Some("0"));
        fit::count_image_members(image, &held(&image.extra, &IMAGE_MEMBERS), losses);
    }

    fn write_object(
        &self,
        image: &Image,
        annotation: &Annotation,
        number: usize,
        xml: &mut Xml,
        losses: &mut Losses,
    ) {
        let class = self.classes.admit(annotation, number, &self.fit, losses);
        let Some(name) = class.and_then(|class| self.classes.names().get(class)) else { return };
        let Some(bbox) = self.fit.bbox(annotation, number, image, losses) else {
            return;
        };
        let stated = |name: &str| annotation.extra.get(name).filter(|value| is_held(value));
        xml.open(1, "object");
        xml.leaf(2, "name", name);
        xml.member(2, "pose", stated("pose"), Some("Unspecified"));
        xml.member(2, "truncated", stated("truncated"), Some("0"));
        xml.member(2, "difficult", stated("difficult"), Some("0"));
        xml.member(2, "occluded", stated("occluded"), None);
        xml.open(2, "bndbox");
        let within = image.size.filter(|_| self.fit.bounds == Bounds::Clip);
        let corners = round(&bbox, within, self.rounding, self.origin, self.far_edge);
        for (edge, value) in ["xmin", "ymin", "xmax", "ymax"].iter().zip(corners) {
            let mut text = Vec::new();
            numbers::shortest(&mut text, value);
            xml.leaf(3, edge, &String::from_utf8_lossy(&text));
        }
        xml.close(2, "bndbox");
        xml.member(2, "part", stated("part"), None);
        xml.close(1, "object");
        fit::count_as_box(annotation, number, losses);
        fit::count_members(annotation, number, &held(&annotation.extra, &OBJECT_MEMBERS), losses);
    }
}

/// The corners as they are written. Truncation comes before the shift to the origin, as
/// `int()` of the 0-based number does in the scripts that made FracAtlas.
///
/// With `within`, rounding up does not lead out of the image. With an inclusive far edge, the
/// maxima are the last pixels of the box.
fn round(
    bbox: &BBox,
    within: Option<Size>,
    rounding: Rounding,
    origin: f64,
    far_edge: FarEdge,
) -> [f64; 4] {
    let [x_min, y_min, x_max, y_max] = bbox.corners();
    let rounded = match rounding {
        Rounding::Nearest => [x_min, y_min, x_max, y_max].map(f64::round),
        Rounding::Truncate => [x_min, y_min, x_max, y_max].map(f64::trunc),
        Rounding::Outward => [x_min.floor(), y_min.floor(), x_max.ceil(), y_max.ceil()],
        Rounding::None => [x_min, y_min, x_max, y_max],
    };
    let sides = within.map_or([f64::INFINITY; 2], |size| [size.width.into(), size.height.into()]);
    let [width, height] = sides;
    let [x_min, y_min, x_max, y_max] = rounded;
    let (x_max, y_max) = (x_max.min(width), y_max.min(height));
    let far = far_edge.shift();
    [x_min, y_min, x_max - far, y_max - far].map(|value| value + origin)
}

/// Whether XML 1.0 can hold a text: it has no control characters but tab and line breaks.
fn is_text(text: &str) -> bool {
    !text.contains(|c: char| c.is_ascii_control() && !"\t\n\r".contains(c))
        && !text.contains(['\u{fffe}', '\u{ffff}'])
}

/// The longest name of an element: one stands at each item of a list.
const LONGEST_NAME: usize = 64;

/// Whether a value can be written as elements: all its names are those of elements.
fn is_held(value: &Value) -> bool {
    let is_name = |name: &str| {
        let is_start = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        let is_short = name.len() <= LONGEST_NAME;
        is_start && is_short && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
    };
    match value {
        Value::Object(members) => {
            members.iter().all(|(name, value)| is_name(name) && is_held(value))
        }
        Value::Array(list) => list.iter().all(is_held),
        Value::String(text) => is_text(text),
        _ => true,
    }
}

/// The members that have a place in the file, and a form there.
fn held<'a>(extra: &'a Extra, members: &[&str]) -> Vec<&'a str> {
    let own =
        extra.iter().filter(|(name, value)| members.contains(&name.as_str()) && is_held(value));
    own.map(|(name, _)| name.as_str()).collect()
}

/// The devkit's layout: two spaces a level, a line an element.
struct Xml<'a> {
    out: &'a mut Vec<u8>,
}

impl Xml<'_> {
    fn line(&mut self, level: usize, parts: &[&str]) {
        self.out.extend(std::iter::repeat_n(b' ', level * 2));
        parts.iter().for_each(|part| self.out.extend_from_slice(part.as_bytes()));
        self.out.push(b'\n');
    }

    fn open(&mut self, level: usize, name: &str) {
        self.line(level, &["<", name, ">"]);
    }

    fn close(&mut self, level: usize, name: &str) {
        self.line(level, &["</", name, ">"]);
    }

    /// A stated member, or its default where there is one.
    fn member(&mut self, level: usize, name: &str, stated: Option<&Value>, default: Option<&str>) {
        match (stated, default) {
            (Some(value), _) => self.value(level, name, value),
            (None, Some(text)) => self.leaf(level, name, text),
            (None, None) => {}
        }
    }

    /// JSON as elements: an object's members in it, a list as elements of one name.
    fn value(&mut self, level: usize, name: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                self.open(level, name);
                members.iter().for_each(|(member, value)| self.value(level + 1, member, value));
                self.close(level, name);
            }
            Value::Array(list) => list.iter().for_each(|value| self.value(level, name, value)),
            Value::String(text) => self.leaf(level, name, text),
            Value::Bool(value) => self.leaf(level, name, if *value { "1" } else { "0" }),
            Value::Null => self.leaf(level, name, ""),
            Value::Number(number) => self.leaf(level, name, &number.to_string()),
        }
    }

    fn leaf(&mut self, level: usize, name: &str, text: &str) {
        self.line(level, &["<", name, ">", &escape(text), "</", name, ">"]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_rounded_as_asked() {
        let bbox = BBox::Corners { x_min: 1.5, y_min: 2.4, x_max: 8.5, y_max: 9.6 };
        let (out, last) = (FarEdge::Exclusive, FarEdge::Inclusive);
        let cases = [
            (Rounding::Nearest, 0, out, [2.0, 2.0, 9.0, 10.0]),
            (Rounding::Truncate, 0, out, [1.0, 2.0, 8.0, 9.0]),
            (Rounding::Truncate, 1, out, [2.0, 3.0, 9.0, 10.0]),
            (Rounding::Outward, 0, out, [1.0, 2.0, 9.0, 10.0]),
            (Rounding::None, 0, out, [1.5, 2.4, 8.5, 9.6]),
            (Rounding::Nearest, 0, last, [2.0, 2.0, 8.0, 9.0]),
            (Rounding::Truncate, 1, last, [2.0, 3.0, 8.0, 9.0]),
            (Rounding::Outward, 1, last, [2.0, 3.0, 9.0, 10.0]),
            (Rounding::None, 1, last, [2.5, 3.4, 8.5, 9.6]),
        ];
        for (rounding, origin, far_edge, expected) in cases {
            let size = Some(Size { width: 9, height: 20 });
            let found = round(&bbox, size, rounding, f64::from(origin), far_edge);
            assert_eq!(found, expected, "{rounding:?} {origin} {far_edge:?}");
        }
    }
}
