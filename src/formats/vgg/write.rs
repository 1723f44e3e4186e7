//! Writing VIA files.

use super::{Form, Via, ViaKey, table};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::fit::{self, ClassNames, Crowd, Fit};
use crate::format::{Chosen, Document, Encoded, Layout, List, Naming, Pieces, Writer};
use crate::geometry::{BBox, Coord, Inset};
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Header, Image, Record, Shape};
use crate::numbers;
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;

pub struct VggWriter {
    classes: ClassNames,
    label: String,
    via: Via,
    is_csv: bool,
    key: ViaKey,
    fit: Fit,
    lost: Losses,
}

/// A region's `shape_attributes` and `region_attributes`, as JSON.
type Region = (Vec<u8>, Vec<u8>);

impl Writer for VggWriter {
    fn own_files(&self) -> Option<Naming> {
        None
    }

    fn document(&self) -> Option<Box<dyn Document>> {
        Some(Box::new(VggDocument { via: self.via, is_csv: self.is_csv, is_first: true }))
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
        Some(match self.key {
            _ if self.is_csv => image.file_name.clone(),
            ViaKey::Name => image.file_name.clone(),
            ViaKey::NameAndSize => format!("{}{}", image.file_name, size_of(image)),
        })
    }

    fn encode(&self, record: &Record, losses: &mut Losses) -> Result<Pieces> {
        if record.image.bytes.is_none() {
            losses.image(Reason::BytesUnknown);
        }
        let mut regions = Vec::new();
        for (number, annotation) in record.annotations.iter().enumerate() {
            self.add_regions(record.image, annotation, number, &mut regions, losses)?;
        }
        let of_region = |(shape, attributes): &Region| shape.len() + attributes.len() + 64;
        let mut image = Vec::with_capacity(256 + regions.iter().map(of_region).sum::<usize>());
        match (self.is_csv, self.via) {
            (true, _) => write_rows(record.image, &regions, &mut image)?,
            (false, Via::One) => self.write_one(record.image, &regions, &mut image),
            (false, Via::Two) => self.write_two(record.image, &regions, &mut image),
        }
        Ok(Pieces { own: None, shared: Encoded { image, annotations: Vec::new() } })
    }

    fn numbers(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    fn count_header(&self, losses: &mut Losses) {
        losses.append(&self.lost);
    }
}

/// A VIA file on its way.
struct VggDocument {
    via: Via,
    is_csv: bool,
    is_first: bool,
}

impl Document for VggDocument {
    fn begin(&mut self, _layout: &mut Layout, out: &mut dyn Write) -> io::Result<()> {
        match (self.is_csv, self.via) {
            (true, Via::One) => writeln!(out, "#{}", table::COLUMNS.join(",")),
            (true, Via::Two) => writeln!(out, "{}", table::COLUMNS.join(",")),
            (false, _) => out.write_all(b"{"),
        }
    }

    fn append(&mut self, encoded: Encoded, out: &mut dyn Write) -> io::Result<()> {
        if !self.is_first && !self.is_csv {
            out.write_all(b",")?;
        }
        self.is_first = false;
        out.write_all(&encoded.image)
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.is_csv { b"" } else { b"}" })
    }
}

/// What VIA writes for the length of a file that it does not know.
fn size_of(image: &Image) -> i64 {
    image.bytes.and_then(|bytes| i64::try_from(bytes).ok()).unwrap_or(-1)
}

impl VggWriter {
    pub fn new(header: &Header, settings: &Chosen) -> Self {
        Self {
            classes: ClassNames::of(header),
            label: settings.text("label-attribute").unwrap_or("label").to_owned(),
            via: settings.choice("via").unwrap_or(Via::Two),
            is_csv: match settings.choice::<Form>("via-form") {
                Some(form) => form == Form::Csv,
                None => settings.extension() == Some("csv"),
            },
            key: settings.choice("via-key").unwrap_or(ViaKey::NameAndSize),
            fit: Fit::of(settings),
            lost: fit::header_losses(header, &[]),
        }
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
        if annotation.crowd && self.fit.crowd == Crowd::Skip {
            losses.annotation(Reason::CrowdSkipped, number);
            return Ok(());
        }
        let class = annotation.category.and_then(|category| self.classes.number(category));
        let name = class.and_then(|class| self.classes.names().get(class));
        let mut attributes = serde_json::Map::new();
        attributes.extend(name.map(|name| (self.label.clone(), name.clone().into())));
        let free = annotation.extra.iter().filter(|(key, _)| name.is_none() || **key != self.label);
        attributes.extend(free.map(|(key, value)| (key.clone(), value.clone())));
        let mut bytes = Vec::new();
        json(&mut bytes, &attributes);
        let shapes = self.shapes(image, annotation, number, losses)?;
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
    ) -> Result<Vec<Vec<u8>>> {
        let is_sized =
            annotation.shape != Shape::None || annotation.bbox.is_some_and(|bbox| bbox.is_proper());
        if let Some(bounds) = annotation.bounds().filter(|_| is_sized)
            && fit::is_far_outside(&bounds, image, number, losses)
        {
            return Ok(Vec::new());
        }
        let shapes = match &annotation.shape {
            Shape::Polygons(_) | Shape::Mask(_) | Shape::Oriented { .. } | Shape::Unread(_) => {
                let inset = Inset::EXACT;
                let outlines = self.fit.outlines(annotation, number, image, inset, losses)?;
                let Some((parts, made)) = outlines else { return Ok(Vec::new()) };
                let rings = self.fit.rings(&parts, made, number, losses);
                rings.iter().map(|ring| polygon(ring)).collect()
            }
            Shape::None => {
                annotation.bbox.iter().filter(|bbox| bbox.is_proper()).map(rect).collect()
            }
            Shape::Polyline(points) => vec![points_of("polyline", points.iter())],
            Shape::Points(points) => {
                let point = |it: &Coord<f64>| shape("point", &[("cx", it.x), ("cy", it.y)]);
                points.iter().map(point).collect()
            }
            Shape::Circle { centre, radius } => {
                vec![shape("circle", &[("cx", centre.x), ("cy", centre.y), ("r", *radius)])]
            }
            Shape::Ellipse { centre, rx, ry, theta } => {
                vec![ellipse(*centre, [*rx, *ry], *theta)]
            }
        };
        if shapes.is_empty() {
            let reason = match (&annotation.shape, annotation.bbox) {
                (Shape::None, None) => Reason::NoBox,
                (Shape::None, Some(_)) => Reason::ImproperBox,
                _ => Reason::EmptyShape,
            };
            losses.annotation(reason, number);
            return Ok(shapes);
        }
        self.count(annotation, number, losses);
        Ok(shapes)
    }

    /// Counts what of an annotation that is written has no place in the file.
    fn count(&self, annotation: &Annotation, number: usize, losses: &mut Losses) {
        if let Some(category) = annotation.category {
            self.classes.count_merged(category, number, losses);
        }
        let is_taken = |name: &&String| annotation.category.is_some() && **name == self.label;
        let held = annotation.extra.keys().filter(|name| !is_taken(name)).map(String::as_str);
        fit::count_members(annotation, number, &held.collect::<Vec<_>>(), losses);
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
