//! VGG Image Annotator (VIA): one JSON file.
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

use crate::error::Result;
use crate::fit;
use crate::format::{Encoded, Format, Needs, Options, Sink, Source, Via, ViaKey, Whole};
use crate::geometry::{BBox, Coord};
use crate::model::{Annotation, Extra, Header, Image, Record, Shape};
use crate::numbers;
use crate::report::{Losses, Reason};
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;

/// The format.
pub struct Vgg;

impl Format for Vgg {
    fn name(&self) -> &'static str {
        "vgg"
    }

    fn about(&self) -> &'static str {
        "VGG Image Annotator (VIA) 1 and 2, one JSON file"
    }

    fn is_read(&self) -> bool {
        false
    }

    fn needs(&self, _options: &Options) -> Needs {
        Needs { bytes: true, ..Needs::default() }
    }

    fn open(&self, _path: &Path, _needs: Needs, _options: &Options) -> Result<Box<dyn Source>> {
        use crate::error::{Error, ErrorKind, Mismatch};
        Err(Error::new(ErrorKind::Usage, "source format", Mismatch::new("coco or yolo", "vgg")))
    }

    fn create(&self, header: &Header, options: &Options) -> Result<Sink> {
        let names = header.categories.iter().map(|category| category.name.clone()).collect();
        let label = options.label_attribute.clone().unwrap_or_else(|| "label".to_owned());
        Ok(Sink::Whole(Box::new(VggWriter { names, label, options: options.clone(), count: 0 })))
    }
}

struct VggWriter {
    names: Vec<String>,
    label: String,
    options: Options,
    count: usize,
}

impl Whole for VggWriter {
    fn key(&self, image: &Image) -> Option<String> {
        Some(match self.options.via_key {
            ViaKey::Name => image.file_name.clone(),
            ViaKey::NameAndSize => format!("{}{}", image.file_name, size_of(image)),
        })
    }

    fn encode(&self, record: &Record) -> Result<(Encoded, Losses)> {
        let mut losses = Losses::default();
        let image = record.image;
        let mut out = Vec::new();
        self.write_head(image, &mut out, &mut losses);
        let mut regions = 0;
        for (number, annotation) in record.annotations.iter().enumerate() {
            let category = fit::admit(annotation, number, self.options.crowd, &mut losses);
            let Some(name) = category.and_then(|category| self.names.get(category)) else {
                continue;
            };
            for shape in self.shapes(annotation, number, &mut losses) {
                self.write_region(regions, &shape, name, &annotation.extra, &mut out);
                regions += 1;
            }
        }
        match self.options.via {
            Via::One => out.extend_from_slice(b"}"),
            Via::Two => {
                out.push(b']');
                self.write_file_attributes(image, &mut out);
            }
        }
        out.push(b'}');
        Ok((Encoded { image: out, annotations: Vec::new() }, losses))
    }

    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{")
    }

    fn append(&mut self, encoded: Encoded, out: &mut dyn Write) -> io::Result<()> {
        if self.count > 0 {
            out.write_all(b",")?;
        }
        self.count += 1;
        out.write_all(&encoded.image)
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"}")
    }
}

/// What VIA writes for the length of a file that it does not know.
fn size_of(image: &Image) -> i64 {
    image.bytes.and_then(|bytes| i64::try_from(bytes).ok()).unwrap_or(-1)
}

impl VggWriter {
    /// The image's members up to its regions. VIA 1: fileref, size, filename, base64_img_data,
    /// file_attributes, regions (make-sense's order). VIA 2: filename, size, regions, and the
    /// file_attributes after them.
    fn write_head(&self, image: &Image, out: &mut Vec<u8>, losses: &mut Losses) {
        if image.bytes.is_none() {
            losses.image(Reason::BytesUnknown);
        }
        json(out, &self.key(image).unwrap_or_default());
        let size = size_of(image).to_string();
        if self.options.via == Via::Two {
            out.extend_from_slice(b":{\"filename\":");
            json(out, &image.file_name);
            [",\"size\":", &size, ",\"regions\":["]
                .iter()
                .for_each(|part| out.extend(part.bytes()));
            return;
        }
        out.extend_from_slice(b":{\"fileref\":\"\",\"size\":");
        out.extend_from_slice(size.as_bytes());
        out.extend_from_slice(b",\"filename\":");
        json(out, &image.file_name);
        out.extend_from_slice(b",\"base64_img_data\":\"\"");
        self.write_file_attributes(image, out);
        out.extend_from_slice(b",\"regions\":{");
    }

    fn write_file_attributes(&self, image: &Image, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"file_attributes\":");
        json(out, &image.extra);
    }

    /// The `shape_attributes` that stand for an annotation; none, counted, where there are none.
    fn shapes(&self, annotation: &Annotation, number: usize, losses: &mut Losses) -> Vec<Vec<u8>> {
        let shapes = match &annotation.shape {
            Shape::Polygons(_) | Shape::Mask(_) => {
                let parts = fit::polygons(annotation, number, losses).unwrap_or_default();
                let rings = fit::rings(&parts, number, self.options.multipart, losses);
                rings.iter().map(|ring| polygon(ring)).collect()
            }
            Shape::Box => annotation.bbox.iter().map(rect).collect(),
            Shape::Polyline(points) => vec![points_of("polyline", points.iter())],
            Shape::Point(point) => vec![shape("point", &[("cx", point.x), ("cy", point.y)])],
            Shape::Circle { centre, radius } => {
                vec![shape("circle", &[("cx", centre.x), ("cy", centre.y), ("r", *radius)])]
            }
            Shape::Ellipse { centre, rx, ry, theta } => {
                vec![ellipse(*centre, [*rx, *ry], *theta)]
            }
        };
        if shapes.is_empty() {
            let is_box = annotation.shape == Shape::Box;
            let reason = if is_box { Reason::NoBox } else { Reason::EmptyShape };
            losses.annotation(reason, number);
            return shapes;
        }
        if annotation.crowd {
            losses.annotation(Reason::CrowdKept, number);
        }
        if annotation.score.is_some() {
            losses.annotation(Reason::ScoreDropped, number);
        }
        shapes
    }

    fn write_region(
        &self,
        index: usize,
        shape: &[u8],
        name: &str,
        extra: &Extra,
        out: &mut Vec<u8>,
    ) {
        if index > 0 {
            out.push(b',');
        }
        if self.options.via == Via::One {
            out.extend_from_slice(format!("\"{index}\":").as_bytes());
        }
        out.extend_from_slice(b"{\"shape_attributes\":");
        out.extend_from_slice(shape);
        out.extend_from_slice(b",\"region_attributes\":{");
        json(out, &self.label);
        out.push(b':');
        json(out, name);
        for (key, value) in extra.iter().filter(|(key, _)| **key != self.label) {
            out.push(b',');
            json(out, key);
            out.push(b':');
            json(out, value);
        }
        out.extend_from_slice(b"}}");
    }
}

/// `{"name":"…"` and the members, numbers as JavaScript prints them.
fn shape(name: &str, members: &[(&str, f64)]) -> Vec<u8> {
    let mut out = format!("{{\"name\":\"{name}\"").into_bytes();
    for (member, value) in members {
        out.extend_from_slice(format!(",\"{member}\":").as_bytes());
        numbers::shortest(&mut out, *value);
    }
    out.push(b'}');
    out
}

fn rect(bbox: &BBox) -> Vec<u8> {
    let [x, y, width, height] = bbox.corner_and_size();
    shape("rect", &[("x", x), ("y", y), ("width", width), ("height", height)])
}

fn ellipse(centre: Coord<f64>, [rx, ry]: [f64; 2], theta: Option<f64>) -> Vec<u8> {
    let members = [("cx", centre.x), ("cy", centre.y), ("rx", rx), ("ry", ry)];
    let theta = theta.map(|theta| ("theta", theta));
    shape("ellipse", &members.into_iter().chain(theta).collect::<Vec<_>>())
}

/// A ring, its first point repeated at the end as make-sense and VIA 1 write it.
fn polygon(ring: &[Coord<f64>]) -> Vec<u8> {
    points_of("polygon", ring.iter().chain(ring.first()))
}

fn points_of<'a>(name: &str, points: impl Iterator<Item = &'a Coord<f64>> + Clone) -> Vec<u8> {
    let mut out = format!("{{\"name\":\"{name}\"").into_bytes();
    let mut list = |member: &str, values: &mut dyn Iterator<Item = f64>| {
        out.extend_from_slice(format!(",\"{member}\":[").as_bytes());
        for (index, value) in values.enumerate() {
            if index > 0 {
                out.push(b',');
            }
            numbers::shortest(&mut out, value);
        }
        out.push(b']');
    };
    list("all_points_x", &mut points.clone().map(|point| point.x));
    list("all_points_y", &mut points.map(|point| point.y));
    out.push(b'}');
    out
}

fn json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // Writing a string or a map of values to a Vec cannot fail.
    let _ = serde_json::to_writer(out, value);
}
