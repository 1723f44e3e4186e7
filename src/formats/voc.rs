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

mod object;
mod polygon;
mod read;

pub use object::FarEdge;

use crate::error::{Error, Result};
use crate::files;
use crate::fit;
use crate::format::{
    Arrangement, Bounds, Format, Needs, Options, PerImage, Rounding, Sink, Source,
};
use crate::geometry::{BBox, Size};
use crate::images::base_name;
use crate::model::{Annotation, Extra, Header, Image, Record};
use crate::numbers;
use crate::losses::{Losses, Reason};
use crate::xml::XmlFile;
use quick_xml::escape::escape;
use serde_json::Value;
use std::path::Path;

/// The format.
pub struct Voc;

impl Format for Voc {
    fn name(&self) -> &'static str {
        "voc"
    }

    fn about(&self) -> &'static str {
        "Pascal VOC, an XML file an image"
    }

    fn holds(&self) -> &'static str {
        "boxes, pose, truncated, difficult, occluded, parts, sizes"
    }

    fn detect(&self, path: &Path) -> Option<String> {
        let (_, files) = read::xml_files(path).ok()?;
        let first = files.first().filter(|file| files::has_extension(file, &["xml"]))?;
        let root = XmlFile::read(first).ok()?.root().ok()?;
        (root.name == "annotation").then(|| format!("<annotation> in {}", first.display()))
    }

    fn arrangement(&self) -> Arrangement {
        Arrangement::FilePerImage("xml")
    }

    fn is_label(&self, file: &Path) -> Option<bool> {
        let text = files::read(file).ok()?;
        Some(has_annotation(&text))
    }

    fn needs(&self, _options: &Options) -> Needs {
        Needs { boxes_only: true, ..Needs::default() }
    }

    fn open(&self, path: &Path, _needs: Needs, options: &Options) -> Result<Box<dyn Source>> {
        Ok(Box::new(read::VocSource::open(path, options)?))
    }

    fn create(&self, header: &Header, options: &Options) -> Result<Sink> {
        let names: Vec<String> =
            header.categories.iter().map(|category| category.name.clone()).collect();
        if let Some(name) = names.iter().find(|name| !is_text(name)) {
            let found = format!("{name:?}");
            return Err(Error::malformed("class name", "characters that XML can hold", found));
        }
        if names.iter().any(|name| name.trim().is_empty()) {
            return Err(Error::malformed("class name", "a name", "nothing"));
        }
        Ok(Sink::PerImage(Box::new(VocWriter { names, options: options.clone() })))
    }
}

fn has_annotation(text: &[u8]) -> bool {
    let starts = |window: &[u8]| {
        let after = window.strip_prefix(b"<annotation").and_then(<[u8]>::first);
        after.is_some_and(|&byte| byte == b'>' || byte.is_ascii_whitespace())
    };
    text.windows(12).any(starts)
}

/// The members of an image that have a place in the file.
const IMAGE_MEMBERS: [&str; 6] = ["folder", "path", "source", "owner", "depth", "segmented"];

/// The members of an object that have a place in the file.
const OBJECT_MEMBERS: [&str; 5] = ["pose", "truncated", "difficult", "occluded", "part"];

struct VocWriter {
    names: Vec<String>,
    options: Options,
}

impl PerImage for VocWriter {
    fn extension(&self) -> &'static str {
        "xml"
    }

    fn is_label(&self, path: &Path) -> bool {
        files::read(path).is_ok_and(|text| has_annotation(&text))
    }

    fn is_background(&self, bytes: &[u8]) -> bool {
        !bytes.windows(7).any(|window| window == b"<object")
    }

    fn write(&self, record: &Record, out: &mut Vec<u8>) -> Result<Losses> {
        let mut losses = Losses::default();
        let name = &record.image.file_name;
        if !is_text(name) {
            let found = format!("{name:?}");
            return Err(Error::malformed("file name", "characters that XML can hold", found));
        }
        let mut xml = Xml { out };
        xml.open(0, "annotation");
        self.write_image(record.image, &mut xml, &mut losses);
        for (number, annotation) in record.annotations.iter().enumerate() {
            self.write_object(record.image, annotation, number, &mut xml, &mut losses);
        }
        xml.close(0, "annotation");
        Ok(losses)
    }
}

impl VocWriter {
    fn write_image(&self, image: &Image, xml: &mut Xml, losses: &mut Losses) {
        let stated = |name: &str| image.extra.get(name).filter(|value| is_held(value));
        xml.member(1, "folder", stated("folder"), Some(&self.options.voc_folder));
        xml.leaf(1, "filename", base_name(&image.file_name));
        xml.member(1, "path", stated("path"), None);
        match stated("source").filter(|source| source.is_object()) {
            Some(source) => xml.value(1, "source", source),
            None => {
                xml.open(1, "source");
                xml.leaf(2, "database", &self.options.voc_database);
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
        if drops(&image.extra, &IMAGE_MEMBERS) {
            losses.image(Reason::ImageMembersDropped);
        }
    }

    fn write_object(
        &self,
        image: &Image,
        annotation: &Annotation,
        number: usize,
        xml: &mut Xml,
        losses: &mut Losses,
    ) {
        let category = fit::admit(annotation, number, self.options.crowd, losses);
        let Some(name) = category.and_then(|category| self.names.get(category)) else { return };
        let Some(bbox) = fit::bbox(annotation, number, image, &self.options, losses) else {
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
        let within = image.size.filter(|_| self.options.bounds == Bounds::Clip);
        let (rounding, origin) = (self.options.rounding, self.options.origin);
        let corners = round(&bbox, within, rounding, origin, FarEdge::Exclusive);
        for (edge, value) in ["xmin", "ymin", "xmax", "ymax"].iter().zip(corners) {
            let mut text = Vec::new();
            numbers::shortest(&mut text, value);
            xml.leaf(3, edge, &String::from_utf8_lossy(&text));
        }
        xml.close(2, "bndbox");
        xml.member(2, "part", stated("part"), None);
        xml.close(1, "object");
        fit::count_as_box(annotation, number, losses);
        fit::count_members(annotation, number, drops(&annotation.extra, &OBJECT_MEMBERS), losses);
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
    origin: u8,
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
    [x_min, y_min, x_max - far, y_max - far].map(|value| value + f64::from(origin))
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

/// Whether there are members that have no place in the file, or no form there.
fn drops(extra: &Extra, members: &[&str]) -> bool {
    extra.iter().any(|(name, value)| !members.contains(&name.as_str()) || !is_held(value))
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
            let found = round(&bbox, size, rounding, origin, far_edge);
            assert_eq!(found, expected, "{rounding:?} {origin} {far_edge:?}");
        }
    }
}
