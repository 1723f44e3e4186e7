//! Pascal VOC: one XML file an image.
//!
//! | what | how |
//! |---|---|
//! | box | `xmin ymin xmax ymax`, pixels; the devkit counts from 1, most tools from 0 |
//! | polygon, mask | not held |
//! | class | its name |
//! | image size | `<size>`, stated |
//! | background image | a file without `<object>` |
//!
//! Source: the VOC2012 development kit, section 7; practice as in docs/formats.md.

use crate::error::Result;
use crate::fit;
use crate::format::{Format, Needs, Options, PerImage, Rounding, Sink, Source};
use crate::geometry::BBox;
use crate::images::base_name;
use crate::model::{Annotation, Extra, Header, Image, Record};
use crate::numbers;
use crate::report::{Losses, Reason};
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
        "Pascal VOC, an XML file an image: boxes"
    }

    fn is_read(&self) -> bool {
        false
    }

    fn needs(&self, _options: &Options) -> Needs {
        Needs::default()
    }

    fn open(&self, _path: &Path, _needs: Needs, _options: &Options) -> Result<Box<dyn Source>> {
        use crate::error::{Error, ErrorKind, Mismatch};
        Err(Error::new(ErrorKind::Usage, "source format", Mismatch::new("coco or yolo", "voc")))
    }

    fn create(&self, header: &Header, options: &Options) -> Result<Sink> {
        let names = header.categories.iter().map(|category| category.name.clone()).collect();
        Ok(Sink::PerImage(Box::new(VocWriter { names, options: options.clone() })))
    }
}

/// Members of `<object>` beside name and bndbox, in the devkit's order, with their defaults.
const OBJECT_MEMBERS: [(&str, &str); 3] =
    [("pose", "Unspecified"), ("truncated", "0"), ("difficult", "0")];

struct VocWriter {
    names: Vec<String>,
    options: Options,
}

impl PerImage for VocWriter {
    fn extension(&self) -> &'static str {
        "xml"
    }

    fn is_background(&self, bytes: &[u8]) -> bool {
        !bytes.windows(7).any(|window| window == b"<object")
    }

    fn write(&self, record: &Record, out: &mut Vec<u8>) -> Result<Losses> {
        let mut losses = Losses::default();
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
        let stated = |name: &str| text_of(&image.extra, name);
        let [folder, database, depth, segmented] =
            ["folder", "database", "depth", "segmented"].map(stated);
        xml.leaf(1, "folder", folder.as_deref().unwrap_or(&self.options.voc_folder));
        xml.leaf(1, "filename", base_name(&image.file_name));
        xml.open(1, "source");
        xml.leaf(2, "database", database.as_deref().unwrap_or(&self.options.voc_database));
        xml.close(1, "source");
        if image.size.is_none() {
            losses.image(Reason::SizeUnknown);
        }
        let (width, height) = image.size.map_or((0, 0), |size| (size.width, size.height));
        xml.open(1, "size");
        xml.leaf(2, "width", &width.to_string());
        xml.leaf(2, "height", &height.to_string());
        xml.leaf(2, "depth", depth.as_deref().unwrap_or("3"));
        xml.close(1, "size");
        xml.leaf(1, "segmented", segmented.as_deref().unwrap_or("0"));
        fit::count_image_members(image, losses);
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
        xml.open(1, "object");
        xml.leaf(2, "name", name);
        for (member, default) in OBJECT_MEMBERS {
            let stated = text_of(&annotation.extra, member);
            xml.leaf(2, member, stated.as_deref().unwrap_or(default));
        }
        xml.open(2, "bndbox");
        let corners = round(&bbox, self.options.rounding, self.options.origin);
        for (edge, value) in ["xmin", "ymin", "xmax", "ymax"].iter().zip(corners) {
            let mut text = Vec::new();
            numbers::shortest(&mut text, value);
            xml.leaf(3, edge, &String::from_utf8_lossy(&text));
        }
        xml.close(2, "bndbox");
        xml.close(1, "object");
        fit::count_as_box(annotation, number, losses);
        fit::count_members(annotation, number, losses);
    }
}

/// The corners as they are written. Truncation comes before the shift to the origin, as
/// `int()` of the 0-based number does in the scripts that made FracAtlas.
fn round(bbox: &BBox, rounding: Rounding, origin: u8) -> [f64; 4] {
    let [x_min, y_min, x_max, y_max] = bbox.corners();
    let rounded = match rounding {
        Rounding::Nearest => [x_min, y_min, x_max, y_max].map(f64::round),
        Rounding::Truncate => [x_min, y_min, x_max, y_max].map(f64::trunc),
        Rounding::Outward => [x_min.floor(), y_min.floor(), x_max.ceil(), y_max.ceil()],
        Rounding::None => [x_min, y_min, x_max, y_max],
    };
    rounded.map(|value| value + f64::from(origin))
}

/// A member as text, where it is a string or a number.
fn text_of(extra: &Extra, name: &str) -> Option<String> {
    match extra.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
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
        let cases = [
            (Rounding::Nearest, 0, [2.0, 2.0, 9.0, 10.0]),
            (Rounding::Truncate, 0, [1.0, 2.0, 8.0, 9.0]),
            (Rounding::Truncate, 1, [2.0, 3.0, 9.0, 10.0]),
            (Rounding::Outward, 0, [1.0, 2.0, 9.0, 10.0]),
            (Rounding::None, 0, [1.5, 2.4, 8.5, 9.6]),
        ];
        for (rounding, origin, expected) in cases {
            assert_eq!(round(&bbox, rounding, origin), expected, "{rounding:?} {origin}");
        }
    }
}
