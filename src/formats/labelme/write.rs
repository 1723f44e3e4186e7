//! Writing LabelMe files.

use super::object::{Joined, is_sized};
use super::{ImageData, Masks, find, mask, stated};
use crate::error::{Error, Result};
use crate::fit::{self, ClassNames, Fit};
use crate::format::{Chosen, Document, List, Naming, Pieces, Writer};
use crate::geometry::{BBox, Coord, Inset, Size};
use crate::images;
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Extra, Header, Image, Record, Shape, Verbatim};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;

/// The version of LabelMe whose files are written where the source states none: the first with all
/// kinds of shapes.
const VERSION: &str = "6.0.0";

/// The members of a file, in LabelMe's order.
const OF_FILE: [&str; 7] =
    ["version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth"];

/// The members of a shape that an object's own members cannot be.
const OF_SHAPE: [&str; 5] = ["label", "points", "group_id", "shape_type", "mask"];

pub struct LabelMeWriter {
    classes: ClassNames,
    fit: Fit,
    masks: Masks,
    image_data: ImageData,
    lost: Losses,
}

/// The shapes of a file on their way.
#[derive(Default)]
struct Shapes {
    /// Each with its place: the number that it had in the file, or that of its object.
    all: Vec<(usize, Value)>,
    /// The groups that the image states.
    groups: HashSet<i64>,
    /// The greatest group, stated or made.
    greatest: i64,
    /// What was written of each group: a reader would join more of it.
    taken: HashSet<(String, i64, Joined)>,
}

impl Shapes {
    fn new(groups: HashSet<i64>) -> Self {
        let greatest = groups.iter().copied().max().unwrap_or_default().max(0);
        Self { groups, greatest, ..Self::default() }
    }

    /// A number that no group of the image has.
    fn free_group(&mut self) -> i64 {
        let is_free = |group: &i64| !self.groups.contains(group);
        let free = self.greatest.checked_add(1).or_else(|| (1..i64::MAX).find(is_free));
        self.greatest = free.unwrap_or(self.greatest);
        self.groups.insert(self.greatest);
        self.greatest
    }
}

impl LabelMeWriter {
    pub fn new(header: &Header, settings: &Chosen) -> Result<Self> {
        let classes = ClassNames::of(header);
        classes.refuse_empty()?;
        Ok(Self {
            classes,
            fit: Fit::of(settings),
            masks: settings.choice("masks").unwrap_or(Masks::Mask),
            image_data: settings.choice("image-data").unwrap_or(ImageData::Keep),
            lost: fit::header_losses(header, &[]),
        })
    }
}

impl Writer for LabelMeWriter {
    /// LabelMe looks for a file beside its image.
    fn own_files(&self) -> Option<Naming> {
        Some(Naming {
            extension: "json",
            image_folders: &[],
            folder: "",
            reserved: &[],
            keeps_place: true,
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
        bytes.windows(12).any(|window| window == b"\"shapes\": []")
    }

    fn key(&self, _image: &Image) -> Option<String> {
        None
    }

    fn encode(&self, record: &Record, losses: &mut Losses) -> Result<Pieces> {
        if record.image.file_name.is_empty() {
            return Err(Error::malformed("file name of an image", "a name", "nothing"));
        }
        let stated =
            |it: &Verbatim<Annotation>| it.stated().map(stated::shapes).unwrap_or_default();
        let stated: Vec<_> = record.annotations.iter().map(stated).collect();
        let has_stated = stated.iter().any(|shapes| !shapes.is_empty());
        let groups = stated.iter().flatten().filter_map(|(_, shape)| group_of(shape));
        let details = record.annotations.iter().filter_map(|it| it.details.as_ref()?.group);
        let mut shapes = Shapes::new(groups.chain(details).collect());
        for (number, (annotation, stated)) in record.annotations.iter().zip(stated).enumerate() {
            let own = self.own_shapes(record.image, annotation, stated, number, losses)?;
            self.add(annotation, own, number, &mut shapes, losses);
        }
        if has_stated {
            // Parts of an object may have stood among other shapes.
            shapes.all.sort_by_key(|(place, _)| *place);
        }
        let shapes = shapes.all.into_iter().map(|(_, shape)| shape).collect();
        let file = self.file(record.image, shapes, losses);
        let mut own = serde_json::to_vec_pretty(&file).unwrap_or_default();
        own.push(b'\n');
        Ok(Pieces { own: Some(own), ..Pieces::default() })
    }

    fn numbers(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    fn count_header(&self, losses: &mut Losses) {
        losses.append(&self.lost);
    }
}

/// The number of a shape's group.
fn group_of(shape: &Extra) -> Option<i64> {
    shape.get("group_id").and_then(Value::as_i64)
}

impl LabelMeWriter {
    /// A file: the members as they were stated, or all of LabelMe's and the image's own after them.
    fn file(&self, image: &Verbatim<Image>, shapes: Vec<Value>, losses: &mut Losses) -> Extra {
        if image.size.is_none() {
            losses.image(Reason::SizeUnknown);
        }
        let mut file = image.stated().map(stated::image).unwrap_or_default();
        let is_made = file.is_empty();
        if is_made {
            let name = images::base_name(&image.file_name);
            for (name, value) in OF_FILE.iter().zip([
                json!(VERSION),
                json!({}),
                Value::Null,
                json!(name),
                Value::Null,
                json!(image.size.map(|size| size.height)),
                json!(image.size.map(|size| size.width)),
            ]) {
                file.insert((*name).to_owned(), value);
            }
        }
        file.insert("shapes".to_owned(), Value::Array(shapes));
        self.add_picture(image, &mut file);
        if is_made {
            let is_own = |name: &str| OF_FILE.contains(&name) && name != "imageData";
            let free = image
                .extra
                .iter()
                .filter(|(name, value)| !is_own(name) || (*name == "flags" && value.is_object()));
            let free: Vec<(&String, &Value)> = free.collect();
            let held: Vec<&str> = free.iter().map(|(name, _)| name.as_str()).collect();
            fit::count_image_members(image, &held, losses);
            let free = free.into_iter().filter(|(name, _)| *name != "imageData");
            file.extend(free.map(|(name, value)| (name.clone(), value.clone())));
        }
        file
    }

    /// The picture that the source had in its file; null where it had none.
    fn add_picture(&self, image: &Image, file: &mut Extra) {
        let picture = image.extra.get("imageData").filter(|_| self.image_data == ImageData::Keep);
        let is_stated = file.contains_key("imageData");
        if let Some(picture) = picture.cloned().or_else(|| is_stated.then_some(Value::Null)) {
            file.insert("imageData".to_owned(), picture);
        }
    }

    /// The shapes of an annotation, each with its place: those that were stated, or made ones. None,
    /// counted, where it is left out.
    fn own_shapes(
        &self,
        image: &Image,
        annotation: &Annotation,
        stated: Vec<(usize, Extra)>,
        number: usize,
        losses: &mut Losses,
    ) -> Result<Vec<(usize, Extra)>> {
        if self.classes.admit(annotation, number, &self.fit, losses).is_none() {
            return Ok(Vec::new());
        }
        if !stated.is_empty() {
            return Ok(stated);
        }
        let made = self.shapes(image, annotation, number, losses)?;
        match made.is_empty() {
            true => Ok(Vec::new()),
            false => Ok(self.with_members(annotation, number, made, losses)),
        }
    }

    /// Adds the shapes of an annotation, with its class and its group.
    fn add(
        &self,
        annotation: &Annotation,
        own: Vec<(usize, Extra)>,
        number: usize,
        shapes: &mut Shapes,
        losses: &mut Losses,
    ) {
        let class = annotation.category.and_then(|category| self.classes.number(category));
        let name = class.and_then(|class| self.classes.names().get(class));
        let (Some(name), Some((_, first))) = (name, own.first()) else { return };
        let joined = Joined::of(&annotation.shape);
        let stated = group_of(first).or_else(|| annotation.details.as_ref()?.group);
        let is_free = |group: &i64| {
            joined == Joined::Line || !shapes.taken.contains(&(name.clone(), *group, joined))
        };
        let mut group = stated.filter(is_free);
        if stated.is_some() && group.is_none() {
            // A reader would take it for a part of an earlier object.
            losses.named(Reason::MembersDropped, Some(number), &["group_id"]);
        }
        if own.len() > 1 && group.is_none() {
            group = Some(shapes.free_group());
        }
        shapes.taken.extend(group.map(|group| (name.clone(), group, joined)));
        for (place, mut shape) in own {
            shape.insert("label".to_owned(), json!(name));
            if group != group_of(&shape) {
                shape.insert("group_id".to_owned(), json!(group));
            }
            shapes.all.push((place, Value::Object(shape)));
        }
    }

    /// Shapes that are made, with the other members of their annotation.
    fn with_members(
        &self,
        annotation: &Annotation,
        number: usize,
        made: Vec<Extra>,
        losses: &mut Losses,
    ) -> Vec<(usize, Extra)> {
        let is_held = |(name, value): &(&String, &Value)| match name.as_str() {
            "flags" => value.as_object().is_some_and(|it| it.values().all(Value::is_boolean)),
            "description" => value.is_string(),
            name => !OF_SHAPE.contains(&name),
        };
        let free: Vec<(&String, &Value)> = annotation.extra.iter().filter(is_held).collect();
        let held: Vec<&str> = free.iter().map(|(name, _)| name.as_str()).collect();
        fit::count_members(&without_group(annotation), number, &held, losses);
        let with = |mut shape: Extra| {
            for (name, value) in &free {
                shape.insert((*name).clone(), (*value).clone());
            }
            (annotation.at, shape)
        };
        made.into_iter().map(with).collect()
    }

    /// The shapes that stand for an annotation; none, counted, where there are none.
    fn shapes(
        &self,
        image: &Image,
        annotation: &Annotation,
        number: usize,
        losses: &mut Losses,
    ) -> Result<Vec<Extra>> {
        if let Some(bounds) = annotation.bounds().filter(|_| is_sized(annotation))
            && fit::is_far_outside(&bounds, image, number, losses)
        {
            return Ok(Vec::new());
        }
        let point = |it: &Coord<f64>| [it.x, it.y];
        let shapes = match &annotation.shape {
            Shape::Mask(mask) if self.masks == Masks::Mask && is_of(mask.size(), image) => {
                match mask::write(mask) {
                    Some((png, corners)) => vec![masked(&corners, png)],
                    None if mask.area() > 0 => self.polygons(image, annotation, number, losses)?,
                    None => Vec::new(),
                }
            }
            Shape::Polygons(_) | Shape::Mask(_) | Shape::Unread(_) | Shape::Ellipse { .. } => {
                return self.polygons_or_none(image, annotation, number, losses);
            }
            Shape::None => {
                annotation.bbox.iter().filter(|it| it.is_proper()).map(rectangle).collect()
            }
            Shape::Oriented { .. } => {
                let corners = annotation.shape.corners().unwrap_or_default();
                vec![drawn("oriented_rectangle", &corners.map(|it| point(&it)))]
            }
            Shape::Polyline(points) => {
                let points: Vec<_> = points.iter().map(point).collect();
                vec![drawn(if points.len() == 2 { "line" } else { "linestrip" }, &points)]
            }
            Shape::Points(points) => {
                let points: Vec<_> = points.iter().map(point).collect();
                vec![drawn(if points.len() == 1 { "point" } else { "points" }, &points)]
            }
            Shape::Circle { centre, radius } => {
                vec![drawn("circle", &[point(centre), [centre.x + radius, centre.y]])]
            }
        };
        if shapes.is_empty() || !shapes.iter().all(is_whole) {
            losses.annotation(reason_of_none(annotation), number);
            return Ok(Vec::new());
        }
        Ok(shapes)
    }

    /// As [`Self::polygons`]; none are counted where nothing else was.
    fn polygons_or_none(
        &self,
        image: &Image,
        annotation: &Annotation,
        number: usize,
        losses: &mut Losses,
    ) -> Result<Vec<Extra>> {
        let before = losses.dropped();
        let shapes = self.polygons(image, annotation, number, losses)?;
        if shapes.is_empty() && losses.dropped() == before {
            losses.annotation(Reason::EmptyShape, number);
        }
        Ok(shapes)
    }

    /// A polygon for each part of a shape.
    fn polygons(
        &self,
        image: &Image,
        annotation: &Annotation,
        number: usize,
        losses: &mut Losses,
    ) -> Result<Vec<Extra>> {
        let outlines = self.fit.outlines(annotation, number, image, Inset::EXACT, losses)?;
        let Some((parts, made)) = outlines else { return Ok(Vec::new()) };
        let mut own = Losses::default();
        let ring = |part| {
            let rings = self.fit.rings(std::slice::from_ref(part), made, number, &mut own);
            let points =
                |ring: &[Coord<f64>]| ring.iter().map(|it| [it.x, it.y]).collect::<Vec<_>>();
            rings.first().map(|ring| drawn("polygon", &points(ring)))
        };
        let rings: Vec<Extra> = parts.iter().filter_map(ring).collect();
        if !rings.is_empty() && rings.len() < parts.len() {
            own.annotation(Reason::PartsDropped, number);
        }
        // What several parts lose is one loss of the object.
        let reasons: BTreeSet<Reason> = own.iter().map(|loss| loss.reason).collect();
        reasons.into_iter().for_each(|reason| losses.annotation(reason, number));
        Ok(rings)
    }
}

/// An annotation whose group is no loss: it is written.
fn without_group(annotation: &Annotation) -> Annotation {
    let mut details = annotation.details.clone();
    if let Some(details) = &mut details {
        details.group = None;
    }
    let Annotation { crowd, score, extra, .. } = annotation;
    Annotation {
        crowd: *crowd,
        score: *score,
        details,
        extra: extra.clone(),
        ..Annotation::default()
    }
}

fn is_of(size: Size, image: &Image) -> bool {
    image.size.is_none_or(|image| image == size)
}

fn reason_of_none(annotation: &Annotation) -> Reason {
    match (&annotation.shape, annotation.bbox) {
        (Shape::None, None) => Reason::NoBox,
        (Shape::None, Some(_)) => Reason::ImproperBox,
        _ => Reason::EmptyShape,
    }
}

/// Whether a shape has points, all of them numbers: JSON has no others.
fn is_whole(shape: &Extra) -> bool {
    let points = shape.get("points").and_then(Value::as_array);
    let is_number = |point: &Value| {
        point.as_array().is_some_and(|numbers| numbers.iter().all(Value::is_number))
    };
    points.is_some_and(|points| !points.is_empty() && points.iter().all(is_number))
}

fn rectangle(bbox: &BBox) -> Extra {
    let [x_min, y_min, x_max, y_max] = bbox.corners();
    drawn("rectangle", &[[x_min, y_min], [x_max, y_max]])
}

fn masked(corners: &[[f64; 2]; 2], png: String) -> Extra {
    let mut shape = drawn("mask", corners);
    shape.insert("mask".to_owned(), Value::String(png));
    shape
}

/// A shape with LabelMe's members in its order.
fn drawn(kind: &str, points: &[[f64; 2]]) -> Extra {
    let members = [
        ("label", Value::Null),
        ("points", json!(points)),
        ("group_id", Value::Null),
        ("description", json!("")),
        ("shape_type", json!(kind)),
        ("flags", json!({})),
        ("mask", Value::Null),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
