//! Writing COCO: what a COCO source stated is repeated as it stands.

use super::members::{ANNOTATION_MEMBERS, IMAGE_MEMBERS};
use crate::error::Result;
use crate::files::map::{Bytes, Slice};
use crate::fit;
use crate::format::{Crowd, Encoded, EncodedAnnotation, Layout, Text, Whole};
use crate::geometry::{BBox, Polygon};
use crate::model::{
    Annotation, Category, Extra, Header, Id, Image, Record, Shape, Stated, free_ids,
};
use crate::numbers;
use crate::losses::{Losses, Reason};
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::sync::Arc;

pub struct CocoWriter {
    /// The members of the file; `None` stands for images, annotations and categories.
    members: Vec<(String, Option<Box<RawValue>>)>,
    annotations_at: usize,
    categories: Vec<Category>,
    category_ids: Vec<Id>,
    next_id: u64,
    images: Vec<Vec<u8>>,
    spool: Option<Spool>,
    is_first: bool,
}

impl CocoWriter {
    pub fn new(header: &Header) -> Self {
        let mut members = header.members.clone();
        if !header.is_coco() {
            // Not from a COCO source: the usual members in the usual order.
            let info = serde_json::value::to_raw_value(&Extra::new()).ok();
            members = vec![("info".to_owned(), info), ("images".to_owned(), None)];
        }
        for name in ["annotations", "categories"] {
            if members.iter().all(|(member, _)| member != name) {
                members.push((name.to_owned(), None));
            }
        }
        let annotations_at = members.iter().position(|(name, _)| name == "annotations");
        Self {
            members,
            annotations_at: annotations_at.unwrap_or_default(),
            category_ids: number_categories(&header.categories),
            categories: header.categories.clone(),
            next_id: header.next_annotation_id,
            images: Vec::new(),
            spool: None,
            is_first: true,
        }
    }

    /// Writes members `from..to` of the file.
    fn write_members(&self, from: usize, to: usize, out: &mut dyn Write) -> io::Result<()> {
        for (number, (name, value)) in self.members.iter().enumerate().take(to).skip(from) {
            write_name(number, name, out)?;
            match (name.as_str(), value) {
                (_, Some(value)) => out.write_all(value.get().as_bytes())?,
                ("images", None) => write_list(&self.images, out)?,
                (_, None) => write_list(&self.category_records(), out)?,
            }
        }
        Ok(())
    }

    fn category_records(&self) -> Vec<Vec<u8>> {
        let record = |(category, id): (&Category, &Id)| match &category.stated {
            Some(stated) => stated.get().as_bytes().to_vec(),
            None => {
                let mut object = Object::new();
                object.member("id", id);
                object.member("name", &category.name);
                object.finish()
            }
        };
        self.categories.iter().zip(&self.category_ids).map(record).collect()
    }

    fn put(&mut self, annotation: &EncodedAnnotation, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.is_first { b"\n  " } else { b",\n  " })?;
        self.is_first = false;
        if annotation.is_numbered {
            return out.write_all(&annotation.bytes);
        }
        write!(out, "{{\"id\": {}, ", self.next_id)?;
        self.next_id = self.next_id.saturating_add(1);
        out.write_all(annotation.bytes.get(1..).unwrap_or_default())
    }
}

impl Whole for CocoWriter {
    fn key(&self, _image: &Image) -> Option<String> {
        None
    }

    fn encode(&self, record: &Record) -> Result<(Encoded, Losses)> {
        let mut losses = Losses::default();
        let image = record.image;
        if image.size.is_none() && image.stated.is_none() {
            losses.image(Reason::SizeUnknown);
        }
        if image.stated.is_none() && image.extra.keys().any(|name| IMAGE_MEMBERS.contains(&&**name))
        {
            losses.image(Reason::ImageMembersDropped);
        }
        let mut encoded = Encoded::default();
        for (number, annotation) in record.annotations.iter().enumerate() {
            let bytes = match &annotation.stated {
                Some(stated) => Some(restate(stated, annotation)),
                None => {
                    self.write_annotation(image, annotation, number, &mut losses).map(Text::Made)
                }
            };
            encoded.annotations.extend(bytes.map(|bytes| EncodedAnnotation {
                order: annotation.order,
                is_numbered: annotation.id.is_some(),
                bytes,
            }));
        }
        Ok((encoded, losses))
    }

    fn begin(&mut self, layout: &mut Layout, out: &mut dyn Write) -> io::Result<()> {
        let images = layout.images.by_ref().map(|image| image.map(|image| write_image(&image)));
        self.images = images.collect::<Result<_>>().map_err(io::Error::other)?;
        if !layout.is_grouped {
            self.spool = Some(Spool::new((layout.spool)()?));
        }
        out.write_all(b"{\n")?;
        self.write_members(0, self.annotations_at, out)?;
        write_name(self.annotations_at, "annotations", out)?;
        out.write_all(b"[")
    }

    fn append(&mut self, encoded: Encoded, out: &mut dyn Write) -> io::Result<()> {
        for annotation in encoded.annotations {
            match &mut self.spool {
                Some(spool) => spool.keep(annotation)?,
                None => self.put(&annotation, out)?,
            }
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(spool) = self.spool.take() {
            spool.replay(|annotation| self.put(annotation, out))?;
        }
        out.write_all(if self.is_first { b"]" } else { b"\n]" })?;
        self.write_members(self.annotations_at + 1, self.members.len(), out)?;
        out.write_all(b"\n}\n")
    }
}

impl CocoWriter {
    /// An annotation from the model; `None`, counted, where it has no category or no place.
    fn write_annotation(
        &self,
        image: &Image,
        annotation: &Annotation,
        number: usize,
        losses: &mut Losses,
    ) -> Option<Vec<u8>> {
        let category = fit::admit(annotation, number, Crowd::Keep, losses)?;
        let parts = polygons(image, annotation, number, losses);
        let Some(bbox) = annotation.bounds() else {
            losses.annotation(Reason::NoBox, number);
            return None;
        };
        let mut object = Object::new();
        if let Some(id) = &annotation.id {
            object.member("id", id);
        }
        object.member("image_id", &image.id);
        object.member("category_id", &self.category_ids.get(category));
        object.raw("bbox", &list(&bbox.corner_and_size()));
        let area = annotation.area.unwrap_or_else(|| area(annotation, &parts, &bbox));
        object.raw("area", &decimal(area));
        object.raw("segmentation", &segmentation(annotation, &parts));
        object.member("iscrowd", &u8::from(annotation.crowd));
        if let Some(score) = annotation.score {
            object.member("score", &score);
        }
        if object.members(&annotation.extra, &ANNOTATION_MEMBERS) {
            losses.annotation(Reason::MembersDropped, number);
        }
        Some(object.finish())
    }
}

/// The categories' ids: those stated, and free ones for others.
fn number_categories(categories: &[Category]) -> Vec<Id> {
    let taken = categories.iter().filter_map(|category| category.id.as_ref()?.number());
    let mut free = free_ids(taken.collect());
    categories.iter().filter_map(|category| category.id.clone().or_else(|| free.next())).collect()
}

/// The polygons of a shape that COCO holds as polygons.
fn polygons<'a>(
    image: &Image,
    annotation: &'a Annotation,
    number: usize,
    losses: &mut Losses,
) -> Cow<'a, [Polygon]> {
    match &annotation.shape {
        Shape::Box | Shape::Mask(_) => Cow::default(),
        Shape::Polyline(_) | Shape::Point(_) => {
            losses.annotation(Reason::ShapeAsBox, number);
            Cow::default()
        }
        _ => {
            let parts = fit::polygons(annotation, number, image, losses).unwrap_or_default();
            if parts.iter().any(|part| !part.holes.is_empty()) {
                losses.annotation(Reason::HolesFilled, number);
            }
            parts
        }
    }
}

fn area(annotation: &Annotation, parts: &[Polygon], bbox: &BBox) -> f64 {
    match &annotation.shape {
        Shape::Mask(mask) => mask.area() as f64,
        _ if parts.is_empty() => bbox.area(),
        _ => parts.iter().map(|part| Polygon::from_ring(part.exterior.clone()).area()).sum(),
    }
}

fn segmentation(annotation: &Annotation, parts: &[Polygon]) -> Vec<u8> {
    if let Shape::Mask(mask) = &annotation.shape {
        let mut object = Object::new();
        object.member("size", &[mask.size().height, mask.size().width]);
        object.member("counts", &mask.to_compressed());
        return object.finish();
    }
    let rings: Vec<Vec<u8>> = parts
        .iter()
        .map(|part| list(&part.exterior.iter().flat_map(|p| [p.x, p.y]).collect::<Vec<_>>()))
        .collect();
    [b"[".as_slice(), &rings.join(b", ".as_slice()), b"]"].concat()
}

/// A stated annotation; `area` and `iscrowd`, which pycocotools needs, are added at the end
/// where they are not stated.
fn restate(stated: &Stated, annotation: &Annotation) -> Text {
    if stated.lacks.is_empty() {
        return Text::Stated(stated.text.clone());
    }
    let mut object = Object::reopen(stated);
    if stated.lacks.contains(&"area") {
        let bbox = annotation.bounds();
        let parts = match &annotation.shape {
            Shape::Polygons(parts) => parts.as_slice(),
            _ => &[],
        };
        let area = bbox.map_or(0.0, |bbox| area(annotation, parts, &bbox));
        object.raw("area", &decimal(area));
    }
    if stated.lacks.contains(&"iscrowd") {
        object.member("iscrowd", &0);
    }
    Text::Made(object.finish())
}

fn write_image(image: &Image) -> Vec<u8> {
    let mut object = match &image.stated {
        Some(stated) => Object::reopen(stated),
        None => {
            let mut object = Object::new();
            object.member("id", &image.id);
            object.member("file_name", &image.file_name);
            object
        }
    };
    let is_size_stated = image.stated.as_ref().is_some_and(|stated| stated.lacks.is_empty());
    if let Some(size) = image.size.filter(|_| !is_size_stated) {
        object.member("width", &size.width);
        object.member("height", &size.height);
    }
    if image.stated.is_none() {
        object.members(&image.extra, &IMAGE_MEMBERS);
    }
    object.finish()
}

fn write_name(number: usize, name: &str, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(if number == 0 { b"" } else { b",\n" })?;
    serde_json::to_writer(&mut *out, name)?;
    out.write_all(b": ")
}

fn write_list(elements: &[Vec<u8>], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (number, element) in elements.iter().enumerate() {
        out.write_all(if number == 0 { b"\n  " } else { b",\n  " })?;
        out.write_all(element)?;
    }
    out.write_all(if elements.is_empty() { b"]" } else { b"\n]" })
}

fn decimal(value: f64) -> Vec<u8> {
    let mut out = Vec::new();
    numbers::shortest(&mut out, value);
    out
}

fn list(values: &[f64]) -> Vec<u8> {
    let mut out = vec![b'['];
    for (index, value) in values.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"" } else { b", " });
        numbers::shortest(&mut out, *value);
    }
    out.push(b']');
    out
}

/// A JSON object on one line, member by member.
struct Object(Vec<u8>);

impl Object {
    fn new() -> Self {
        Self(vec![b'{'])
    }

    /// A stated object, open for more members. Line breaks in it are kept.
    fn reopen(stated: &Stated) -> Self {
        let text = stated.text.trim_ascii_end();
        Self(text.strip_suffix(b"}").unwrap_or(text).trim_ascii_end().to_vec())
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        // Plain values always have a JSON form.
        self.raw(name, &serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec()));
    }

    fn raw(&mut self, name: &str, value: &[u8]) {
        if self.0.len() > 1 {
            self.0.extend_from_slice(b", ");
        }
        self.0.extend(serde_json::to_vec(name).unwrap_or_default());
        self.0.extend_from_slice(b": ");
        self.0.extend_from_slice(value);
    }

    /// Adds unknown members; true where some have names that are taken and were left out.
    fn members(&mut self, extra: &Extra, taken: &[&str]) -> bool {
        let free = extra.iter().filter(|(name, _)| !taken.contains(&&***name));
        free.for_each(|(name, value)| self.member(name, value));
        extra.keys().any(|name| taken.contains(&&**name))
    }

    fn finish(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}

/// Annotations kept to be written in the source's order after the last one came: in a file, where
/// they are not the source's own.
struct Spool {
    file: BufWriter<File>,
    /// Order, is numbered, and where it is.
    kept: Vec<(usize, bool, Kept)>,
    length: usize,
}

enum Kept {
    /// In the file.
    At(Range<usize>),
    Stated(Slice),
}

impl Spool {
    fn new(file: File) -> Self {
        Self { file: BufWriter::new(file), kept: Vec::new(), length: 0 }
    }

    fn keep(&mut self, annotation: EncodedAnnotation) -> io::Result<()> {
        let EncodedAnnotation { order, is_numbered, bytes } = annotation;
        let kept = match bytes {
            Text::Stated(slice) => Kept::Stated(slice),
            Text::Made(bytes) => {
                self.file.write_all(&bytes)?;
                let start = self.length;
                self.length += bytes.len();
                Kept::At(start..self.length)
            }
        };
        self.kept.push((order.unwrap_or(usize::MAX), is_numbered, kept));
        Ok(())
    }

    fn replay(
        mut self,
        mut put: impl FnMut(&EncodedAnnotation) -> io::Result<()>,
    ) -> io::Result<()> {
        self.kept.sort_by_key(|&(order, ..)| order);
        let file = self.file.into_inner().map_err(|error| error.into_error())?;
        let text = Arc::new(Bytes::of(&file)?);
        for (order, is_numbered, kept) in self.kept {
            let slice = match kept {
                Kept::At(span) => Slice::new(&text, &span),
                Kept::Stated(slice) => slice,
            };
            let bytes = Text::Stated(slice);
            put(&EncodedAnnotation { order: Some(order), is_numbered, bytes })?;
        }
        Ok(())
    }
}
