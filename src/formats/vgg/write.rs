//! Writing VIA files.

use super::table;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::fit;
use crate::format::{Crowd, Encoded, Layout, Options, Via, ViaKey, Whole};
use crate::geometry::{BBox, Coord};
use crate::model::{Annotation, Header, Image, Record, Shape};
use crate::numbers;
use crate::losses::{Losses, Reason};
use serde::Serialize;
use std::io::{self, Write};

pub struct VggWriter {
    names: Vec<String>,
    label: String,
    options: Options,
    is_first: bool,
}

/// A region's `shape_attributes` and `region_attributes`, as JSON.
type Region = (Vec<u8>, Vec<u8>);

impl Whole for VggWriter {
    fn key(&self, image: &Image) -> Option<String> {
        Some(match self.options.via_key {
            _ if self.options.via_csv => image.file_name.clone(),
            ViaKey::Name => image.file_name.clone(),
            ViaKey::NameAndSize => format!("{}{}", image.file_name, size_of(image)),
        })
    }

    fn encode(&self, record: &Record) -> Result<(Encoded, Losses)> {
        let mut losses = Losses::default();
        if record.image.bytes.is_none() {
            losses.image(Reason::BytesUnknown);
        }
        let mut regions = Vec::new();
        for (number, annotation) in record.annotations.iter().enumerate() {
            self.add_regions(record.image, annotation, number, &mut regions, &mut losses)?;
        }
        let of_region = |(shape, attributes): &Region| shape.len() + attributes.len() + 64;
        let mut image = Vec::with_capacity(256 + regions.iter().map(of_region).sum::<usize>());
        match (self.options.via_csv, self.options.via) {
            (true, _) => write_rows(record.image, &regions, &mut image)?,
            (false, Via::One) => self.write_one(record.image, &regions, &mut image),
            (false, Via::Two) => self.write_two(record.image, &regions, &mut image),
        }
        Ok((Encoded { image, annotations: Vec::new() }, losses))
    }

    fn begin(&mut self, _layout: &mut Layout, out: &mut dyn Write) -> io::Result<()> {
        match (self.options.via_csv, self.options.via) {
            (true, Via::One) => writeln!(out, "#{}", table::COLUMNS.join(",")),
            (true, Via::Two) => writeln!(out, "{}", table::COLUMNS.join(",")),
            (false, _) => out.write_all(b"{"),
        }
    }

    fn append(&mut self, encoded: Encoded, out: &mut dyn Write) -> io::Result<()> {
        if !self.is_first && !self.options.via_csv {
            out.write_all(b",")?;
        }
        self.is_first = false;
        out.write_all(&encoded.image)
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.options.via_csv { b"" } else { b"}" })
    }
}

/// What VIA writes for the length of a file that it does not know.
fn size_of(image: &Image) -> i64 {
    image.bytes.and_then(|bytes| i64::try_from(bytes).ok()).unwrap_or(-1)
}

impl VggWriter {
    pub fn new(header: &Header, options: &Options) -> Self {
        let names = header.categories.iter().map(|category| category.name.clone()).collect();
        let label = options.label_attribute.clone().unwrap_or_else(|| "label".to_owned());
        Self { names, label, options: options.clone(), is_first: true }
    }

    /// VIA 1, the members in make-sense's order: fileref, size, filename, base64_img_data,
    /// file_attributes, regions.
    fn write_one(&self, image: &Image, regions: &[Region], out: &mut Vec<u8>) {
        json(out, &self.key(image).unwrap_or_default());
        out.extend_from_slice(b":{\"fileref\":\"\",\"size\":");
        json(out, &size_of(image));
        out.extend_from_slice(b",\"filename\":");
        json(out, &image.file_name);
        out.extend_from_slice(b",\"base64_img_data\":\"\",\"file_attributes\":");
        json(out, &image.extra);
        out.extend_from_slice(b",\"regions\":{");
        for (index, region) in regions.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b"" } else { b"," });
            json(out, &index.to_string());
            out.push(b':');
            write_region(region, out);
        }
        out.extend_from_slice(b"}}");
    }

    /// VIA 2: filename, size, regions, file_attributes.
    fn write_two(&self, image: &Image, regions: &[Region], out: &mut Vec<u8>) {
        json(out, &self.key(image).unwrap_or_default());
        out.extend_from_slice(b":{\"filename\":");
        json(out, &image.file_name);
        out.extend_from_slice(b",\"size\":");
        json(out, &size_of(image));
        out.extend_from_slice(b",\"regions\":[");
        for (index, region) in regions.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b"" } else { b"," });
            write_region(region, out);
        }
        out.extend_from_slice(b"],\"file_attributes\":");
        json(out, &image.extra);
        out.push(b'}');
    }

    /// Adds the regions of an annotation; one without a category has no label.
    fn add_regions(
        &self,
        image: &Image,
        annotation: &Annotation,
        number: usize,
        regions: &mut Vec<Region>,
        losses: &mut Losses,
    ) -> Result<()> {
        if annotation.crowd && self.options.crowd == Crowd::Skip {
            losses.annotation(Reason::CrowdSkipped, number);
            return Ok(());
        }
        let name = annotation.category.and_then(|category| self.names.get(category));
        let mut attributes = serde_json::Map::new();
        attributes.extend(name.map(|name| (self.label.clone(), name.clone().into())));
        let free = annotation.extra.iter().filter(|(key, _)| name.is_none() || **key != self.label);
        attributes.extend(free.map(|(key, value)| (key.clone(), value.clone())));
        let mut bytes = Vec::new();
        json(&mut bytes, &attributes);
        let shapes = self.shapes(image, annotation, number, losses);
        refuse_repeated(image, "the members of an annotation", bytes.len(), shapes.len())?;
        regions.extend(shapes.into_iter().map(|shape| (shape, bytes.clone())));
        Ok(())
    }

    /// The `shape_attributes` that stand for an annotation; none, counted, where there are none.
    fn shapes(
        &self,
        image: &Image,
        annotation: &Annotation,
        number: usize,
        losses: &mut Losses,
    ) -> Vec<Vec<u8>> {
        let shapes = match &annotation.shape {
            Shape::Polygons(_) | Shape::Mask(_) => {
                let Some(parts) = fit::polygons(annotation, number, image, losses) else {
                    return Vec::new();
                };
                let rings = fit::rings(&parts, number, self.options.multipart, losses);
                rings.iter().map(|ring| polygon(ring)).collect()
            }
            Shape::Box => {
                annotation.bbox.iter().filter(|bbox| is_upright(bbox)).map(rect).collect()
            }
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
            let reason = match (&annotation.shape, annotation.bbox) {
                (Shape::Box, None) => Reason::NoBox,
                (Shape::Box, Some(_)) => Reason::ImproperBox,
                _ => Reason::EmptyShape,
            };
            losses.annotation(reason, number);
            return shapes;
        }
        let drops = annotation.category.is_some() && annotation.extra.contains_key(&self.label);
        fit::count_members(annotation, number, drops, losses);
        shapes
    }
}

fn write_region((shape, attributes): &Region, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"shape_attributes\":");
    out.extend_from_slice(shape);
    out.extend_from_slice(b",\"region_attributes\":");
    out.extend_from_slice(attributes);
    out.push(b'}');
}

/// How much of what an image or an annotation has is repeated at each of its regions, in bytes.
const MOST_REPEATED: usize = 64 << 20;

/// Refuses an output that would be the product of two lengths of the input.
fn refuse_repeated(image: &Image, what: &str, length: usize, times: usize) -> Result<()> {
    if length.saturating_mul(times.saturating_sub(1)) <= MOST_REPEATED {
        return Ok(());
    }
    let expected =
        format!("{what} that can be repeated at each region, {MOST_REPEATED} bytes in all");
    let mismatch = Mismatch::new(expected, format!("{length} bytes, {times} times"));
    Err(Error::new(ErrorKind::Refused, format!("image {:?}", image.file_name), mismatch))
}

/// A row a region; an image without regions has one row of empty objects.
fn write_rows(image: &Image, regions: &[Region], out: &mut Vec<u8>) -> Result<()> {
    let mut file_attributes = Vec::new();
    json(&mut file_attributes, &image.extra);
    refuse_repeated(image, "the image's attributes", file_attributes.len(), regions.len())?;
    let (size, count) = (size_of(image).to_string(), regions.len().to_string());
    let nothing = [(b"{}".to_vec(), b"{}".to_vec())];
    let rows = if regions.is_empty() { nothing.as_slice() } else { regions };
    for (index, (shape, attributes)) in rows.iter().enumerate() {
        let index = index.to_string();
        let cells: [&[u8]; 7] = [
            image.file_name.as_bytes(),
            size.as_bytes(),
            &file_attributes,
            count.as_bytes(),
            index.as_bytes(),
            shape,
            attributes,
        ];
        table::write_row(&cells, out);
    }
    Ok(())
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

/// Whether a box is finite and not inverted.
fn is_upright(bbox: &BBox) -> bool {
    let [_, _, width, height] = bbox.corner_and_size();
    bbox.is_finite() && width >= 0.0 && height >= 0.0
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
    // Most numbers have three digits, a point and one or two more.
    let mut out = Vec::with_capacity(64 + 16 * points.size_hint().0);
    out.extend_from_slice(b"{\"name\":\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\",\"all_points_x\":");
    list(points.clone().map(|point| point.x), &mut out);
    out.extend_from_slice(b",\"all_points_y\":");
    list(points.map(|point| point.y), &mut out);
    out.push(b'}');
    out
}

fn list(numbers: impl Iterator<Item = f64>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, number) in numbers.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        numbers::shortest(out, number);
    }
    out.push(b']');
}

fn json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // Writing a string or a map of values to a Vec cannot fail.
    let _ = serde_json::to_writer(out, value);
}
