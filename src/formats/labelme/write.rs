//! Writing LabelMe files.

use super::made::Made;
use super::object::Joined;
use super::{ImageData, Masks, PROFILE, find, stated};
use crate::error::{Error, Result};
use crate::fit::{self, ClassNames, Fit};
use crate::format::{Chosen, Document, List, Naming, Pieces, Writer};
use crate::images;
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Extra, Header, Image, Record, Verbatim};
use serde_json::{Value, json};
use std::collections::HashSet;
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
    made: Made,
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
            made: Made {
                fit: Fit::of(settings),
                masks: settings.choice("masks").unwrap_or(Masks::Mask),
            },
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
        let stated = |it: &Verbatim<Annotation>| {
            it.stated_in(PROFILE.name).map(stated::shapes).unwrap_or_default()
        };
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
        let mut file = image.stated_in(PROFILE.name).map(stated::image).unwrap_or_default();
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
        if self.classes.admit(annotation, number, &self.made.fit, losses).is_none() {
            return Ok(Vec::new());
        }
        if !stated.is_empty() {
            return Ok(stated);
        }
        let made = self.made.shapes(image, annotation, number, losses)?;
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

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::geometry::{Coord, Polygon, Size};
    use crate::model::{Category, Details, Shape};

    pub const SIZE: Size = Size { width: 20, height: 10 };

    /// The shapes that are written for annotations of the classes `a` and `b`, and what is counted.
    pub fn written(
        settings: &[(&str, &str)],
        annotations: Vec<Annotation>,
    ) -> (Vec<Value>, Vec<&'static str>) {
        let names = ["a", "b"].map(Category::named);
        let side = crate::format::Side::Write;
        let chosen = settings.iter().fold(Chosen::new(), |chosen, (name, value)| {
            chosen.with(super::super::SETTINGS, side, name, value).unwrap()
        });
        let writer = LabelMeWriter::new(&Header::of(names.to_vec()), &chosen).unwrap();
        let image = Image { file_name: "x/a.jpg".into(), size: Some(SIZE), ..Image::default() };
        let annotations: Vec<_> = annotations.into_iter().map(Verbatim::new).collect();
        let record = Record { image: &Verbatim::new(image), annotations: &annotations };
        let mut losses = Losses::default();
        let own = writer.encode(&record, &mut losses).unwrap().own.unwrap();
        let file: Value = serde_json::from_slice(&own).unwrap();
        assert_eq!((&file["imagePath"], &file["imageWidth"]), (&json!("a.jpg"), &json!(20)));
        let shapes = file["shapes"].as_array().unwrap().clone();
        (shapes, losses.iter().map(|loss| loss.reason.code()).collect())
    }

    fn square(x: f64) -> Polygon {
        let corners = [(x, 1.0), (x + 2.0, 1.0), (x + 2.0, 3.0), (x, 3.0)];
        Polygon::from_ring(corners.map(|(x, y)| Coord { x, y }).to_vec())
    }

    fn of(category: usize, parts: usize, group: Option<i64>) -> Annotation {
        let polygons = (0..parts).map(|part| square(part as f64 * 4.0)).collect();
        let details =
            group.map(|group| Box::new(Details { group: Some(group), ..Details::default() }));
        let shape = Shape::Polygons(polygons);
        Annotation { category: Some(category), shape, details, ..Annotation::default() }
    }

    #[test]
    fn parts_get_a_group_that_no_other_object_has() {
        let all = vec![
            of(0, 2, None),
            of(0, 1, Some(7)),
            of(1, 3, None),
            of(1, 1, Some(7)),
            of(0, 2, Some(3)),
        ];
        let (shapes, losses) = written(&[], all);
        let groups: Vec<_> = shapes.iter().map(|shape| shape["group_id"].as_i64()).collect();
        let expected = [8, 8, 7, 9, 9, 9, 7, 3, 3].map(Some);
        assert_eq!(groups, expected);
        assert!(losses.is_empty(), "{losses:?}");
    }

    /// A reader would make one object of both: classes that became one, for instance.
    #[test]
    fn a_group_of_one_class_is_one_object() {
        let all = vec![of(0, 2, Some(1)), of(0, 2, Some(1)), of(0, 1, Some(1))];
        let (shapes, losses) = written(&[], all);
        let groups: Vec<_> = shapes.iter().map(|shape| shape["group_id"].as_i64()).collect();
        assert_eq!(groups, [Some(1), Some(1), Some(2), Some(2), None]);
        assert_eq!(losses, ["members", "members"]);
    }

    #[test]
    fn members_that_labelme_would_refuse_are_counted() {
        let with = |extra: &str| {
            let extra = serde_json::from_str(extra).unwrap();
            let (shapes, losses) = written(&[], vec![Annotation { extra, ..of(0, 1, None) }]);
            (shapes[0].clone(), losses)
        };
        let (shape, losses) = with(r#"{"flags": {"x": true}, "description": "d", "note": [1]}"#);
        assert_eq!(shape["flags"], json!({"x": true}));
        assert_eq!((&shape["description"], &shape["note"]), (&json!("d"), &json!([1])));
        assert!(losses.is_empty());
        for extra in [r#"{"flags": {"x": 1}}"#, r#"{"description": 5}"#, r#"{"points": 5}"#] {
            let (shape, losses) = with(extra);
            assert_eq!(losses, ["members"], "{extra}");
            assert_eq!(shape["flags"], json!({}));
            assert_eq!(shape["description"], "");
        }
    }
}
