//! Writing COCO: what a COCO source stated is repeated as it stands.

use super::PROFILE;
use super::members::{ANNOTATION_MEMBERS, IMAGE_MEMBERS};
use super::object::{Object, decimal, list};
use super::spool::Spool;
use crate::error::Result;
use crate::fit::{self, Crowd};
use crate::format::{
    Document, Encoded, EncodedAnnotation, Layout, List, Naming, Pieces, Text, Writer,
};
use crate::geometry::{BBox, Polygon};
use crate::losses::{Losses, Reason};
use crate::model::{
    Annotation, Category, Extra, Header, Id, Image, Record, Shape, Stated, Verbatim, free_ids,
};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

pub struct CocoWriter {
    about: Vec<(String, Box<RawValue>)>,
    categories: Vec<Verbatim<Category>>,
    category_ids: Vec<Id>,
    free_id: u64,
}

impl CocoWriter {
    pub fn new(header: &Header) -> Self {
        let mut about = header.about.clone();
        if about.is_empty() {
            // Readers look for it.
            let info = serde_json::value::to_raw_value(&Extra::new()).ok();
            about.extend(info.map(|info| ("info".to_owned(), info)));
        }
        Self {
            about,
            category_ids: number_categories(&header.categories),
            categories: header.categories.clone(),
            free_id: header.free_id(),
        }
    }

    fn category_records(&self) -> Vec<Vec<u8>> {
        let record =
            |(category, id): (&Verbatim<Category>, &Id)| match category.stated_in(PROFILE.name) {
                Some(stated) => stated.text.to_vec(),
                None => {
                    let mut object = Object::new();
                    object.member("id", id);
                    object.member("name", &category.name);
                    object.members(&category.extra, &["id", "name"]);
                    object.finish()
                }
            };
        self.categories.iter().zip(&self.category_ids).map(record).collect()
    }
}

impl Writer for CocoWriter {
    fn own_files(&self) -> Option<Naming> {
        None
    }

    fn document(&self) -> Option<Box<dyn Document>> {
        Some(Box::new(CocoDocument {
            about: self.about.clone(),
            categories: self.category_records(),
            next_id: self.free_id,
            spool: None,
            is_first: true,
        }))
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

    fn key(&self, _image: &Image) -> Option<String> {
        None
    }

    fn encode(&self, record: &Record, losses: &mut Losses) -> Result<Pieces> {
        let image = record.image;
        if image.size.is_none() && image.stated_in(PROFILE.name).is_none() {
            losses.image(Reason::SizeUnknown);
        }
        let taken = image.extra.keys().filter(|name| IMAGE_MEMBERS.contains(&&***name));
        let taken: Vec<&str> = taken.map(String::as_str).collect();
        if image.stated_in(PROFILE.name).is_none() && !taken.is_empty() {
            losses.named(Reason::ImageMembersDropped, None, &taken);
        }
        let mut encoded = Encoded::default();
        for (number, annotation) in record.annotations.iter().enumerate() {
            let bytes = match annotation.stated_in(PROFILE.name) {
                Some(stated) => Some(self.restate(stated, annotation)),
                None => self.write_annotation(image, annotation, number, losses)?.map(Text::Made),
            };
            encoded.annotations.extend(bytes.map(|bytes| EncodedAnnotation {
                order: annotation.order,
                is_numbered: annotation.id.is_some(),
                bytes,
            }));
        }
        Ok(Pieces { own: None, shared: encoded })
    }

    fn numbers(&self) -> Vec<(String, String)> {
        let ids = self.category_ids.iter().zip(&self.categories);
        ids.map(|(id, category)| (id.to_string(), category.name.clone())).collect()
    }

    fn count_header(&self, _losses: &mut Losses) {}
}

/// A COCO file on its way.
struct CocoDocument {
    about: Vec<(String, Box<RawValue>)>,
    categories: Vec<Vec<u8>>,
    next_id: u64,
    spool: Option<Spool>,
    is_first: bool,
}

impl CocoDocument {
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

impl Document for CocoDocument {
    fn begin(&mut self, layout: &mut Layout, out: &mut dyn Write) -> io::Result<()> {
        if !layout.is_grouped {
            self.spool = Some(Spool::new((layout.spool)()?));
        }
        out.write_all(b"{\n")?;
        for (number, (name, value)) in self.about.iter().enumerate() {
            write_name(number, name, out)?;
            out.write_all(value.get().as_bytes())?;
        }
        write_name(self.about.len(), "images", out)?;
        let images = layout
            .images
            .by_ref()
            .map(|image| image.map(|image| write_image(&image)).map_err(io::Error::other));
        write_list(images, out)?;
        write_name(1, "annotations", out)?;
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
        write_name(1, "categories", out)?;
        write_list(std::mem::take(&mut self.categories).into_iter().map(Ok), out)?;
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
    ) -> Result<Option<Vec<u8>>> {
        let Some(category) = fit::admit(annotation, number, Crowd::Keep, losses) else {
            return Ok(None);
        };
        let Some(bbox) = place(image, annotation, number, losses) else { return Ok(None) };
        let parts = polygons(image, annotation, number, losses)?;
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
        fit::count_details(annotation, number, losses);
        let taken = object.members(&annotation.extra, &ANNOTATION_MEMBERS);
        if !taken.is_empty() {
            losses.named(Reason::MembersDropped, Some(number), &taken);
        }
        Ok(Some(object.finish()))
    }

    /// A stated annotation; what pycocotools reads unguarded is added at the end where it is not
    /// stated.
    fn restate(&self, stated: &Stated, annotation: &Annotation) -> Text {
        let category = annotation.category.and_then(|category| self.category_ids.get(category));
        let lacks = |name: &str| stated.lacks.contains(&name);
        if stated.lacks.is_empty() || (stated.lacks == ["category_id"] && category.is_none()) {
            return Text::Stated(stated.text.clone());
        }
        let mut object = Object::reopen(stated);
        if let Some(category) = category.filter(|_| lacks("category_id")) {
            object.member("category_id", category);
        }
        if lacks("area") {
            let parts = match &annotation.shape {
                Shape::Polygons(parts) => parts.as_slice(),
                _ => &[],
            };
            let area = annotation.bounds().map_or(0.0, |bbox| area(annotation, parts, &bbox));
            object.raw("area", &decimal(area));
        }
        if lacks("iscrowd") {
            object.member("iscrowd", &0);
        }
        Text::Made(object.finish())
    }
}

/// The box of an annotation that COCO's readers take: finite, of some size, at least partly in the
/// image. `None`, counted, where it has none.
fn place(
    image: &Image,
    annotation: &Annotation,
    number: usize,
    losses: &mut Losses,
) -> Option<BBox> {
    let Some(bbox) = annotation.bounds() else {
        losses.annotation(Reason::NoBox, number);
        return None;
    };
    let is_point = matches!(annotation.shape, Shape::Points(_) | Shape::Polyline(_));
    if !fit::is_sound(&bbox, number, losses) {
        return None;
    }
    if !bbox.is_proper() && !is_point {
        losses.annotation(Reason::ImproperBox, number);
        return None;
    }
    (is_point || !fit::is_far_outside(&bbox, image, number, losses)).then_some(bbox)
}

/// The categories' ids: those stated, and free ones for others.
fn number_categories(categories: &[Verbatim<Category>]) -> Vec<Id> {
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
) -> Result<Cow<'a, [Polygon]>> {
    Ok(match &annotation.shape {
        Shape::None | Shape::Mask(_) => Cow::default(),
        Shape::Polyline(_) | Shape::Points(_) => {
            losses.annotation(Reason::ShapeAsBox, number);
            Cow::default()
        }
        _ => {
            let parts = fit::polygons(annotation, number, image, losses)?.unwrap_or_default();
            if parts.iter().any(|part| !part.holes.is_empty()) {
                losses.annotation(Reason::HolesFilled, number);
            }
            parts
        }
    })
}

fn area(annotation: &Annotation, parts: &[Polygon], bbox: &BBox) -> f64 {
    match &annotation.shape {
        Shape::Mask(mask) => mask.area() as f64,
        _ if parts.is_empty() => bbox.area(),
        _ => {
            parts.iter().map(|part| Polygon::from_ring(part.exterior.clone()).painted_area()).sum()
        }
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

fn write_image(image: &Verbatim<Image>) -> Vec<u8> {
    let mut object = match image.stated_in(PROFILE.name) {
        Some(stated) => Object::reopen(stated),
        None => {
            let mut object = Object::new();
            object.member("id", &image.id);
            object.member("file_name", &image.file_name);
            object
        }
    };
    let is_size_stated =
        image.stated_in(PROFILE.name).is_some_and(|stated| !stated.lacks.contains(&"width"));
    if let Some(size) = image.size.filter(|_| !is_size_stated) {
        object.member("width", &size.width);
        object.member("height", &size.height);
    }
    if image.stated_in(PROFILE.name).is_none() {
        object.members(&image.extra, &IMAGE_MEMBERS);
    }
    object.finish()
}

fn write_name(number: usize, name: &str, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(if number == 0 { b"" } else { b",\n" })?;
    serde_json::to_writer(&mut *out, name)?;
    out.write_all(b": ")
}

fn write_list(
    elements: impl Iterator<Item = io::Result<Vec<u8>>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    out.write_all(b"[")?;
    let mut is_empty = true;
    for element in elements {
        out.write_all(if is_empty { b"\n  " } else { b",\n  " })?;
        out.write_all(&element?)?;
        is_empty = false;
    }
    out.write_all(if is_empty { b"]" } else { b"\n]" })
}
