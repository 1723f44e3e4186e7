//! COCO's records as serde reads them, tolerant of every spelling seen in real files.

use super::numbers::{Area, ClassName, FileName, Flag, Number, Side};
use super::segmentation::Segmentation;
use crate::geometry::Size;
use crate::model::{Extra, Id, Shape};
use serde::Deserialize;
use serde::de::{self, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// All that the index needs of a result.
#[derive(Debug)]
pub struct CocoResult {
    pub image_id: Id,
    pub category_id: Id,
}

/// The members of an annotation that have a place in the model.
pub const ANNOTATION_MEMBERS: [&str; 8] =
    ["id", "image_id", "category_id", "bbox", "area", "segmentation", "iscrowd", "score"];

/// The members of an image that have a place in the model.
pub const IMAGE_MEMBERS: [&str; 4] = ["id", "file_name", "width", "height"];

/// An element of `images`.
#[derive(Debug)]
pub struct CocoImage {
    pub id: Id,
    /// The stated name; in LVIS, which states none, the end of `coco_url`.
    pub file_name: String,
    pub size: Option<Size>,
    pub extra: Extra,
    /// Whether a side is written as a string.
    pub has_text_numbers: bool,
    /// Whether its id is written as a string.
    pub has_text_id: bool,
    /// Whether a side is stated as 0.
    pub has_zero: bool,
    /// Whether both sides are stated, whatever they are.
    pub has_size: bool,
}

/// An image, the members of which that have no place in the model were passed over.
#[derive(Debug)]
pub struct CocoListed(pub CocoImage);

/// An element of `categories`.
#[derive(Debug)]
pub struct CocoCategory {
    pub id: Id,
    pub name: String,
    pub extra: Extra,
}

/// An element of `annotations`, without its image.
#[derive(Debug, Default)]
pub struct CocoAnnotation {
    pub id: Option<Id>,
    pub category_id: Option<Id>,
    pub bbox: Option<[f64; 4]>,
    pub shape: Shape,
    pub area: Option<f64>,
    pub iscrowd: bool,
    pub score: Option<f64>,
    pub extra: Extra,
    pub has_area: bool,
    pub has_crowd: bool,
    /// Whether a number is written as a string. Ids may be strings, so they do not count.
    pub has_text_numbers: bool,
    /// Whether its image's id is written as a string.
    pub has_text_image: bool,
    /// Whether its segmentation is one list of numbers.
    pub has_flat_ring: bool,
}

/// All that the index needs of an annotation.
#[derive(Debug)]
pub struct CocoReference {
    pub id: Option<Id>,
    pub image_id: Id,
}

/// Implements `Deserialize` by a function from a map. A derived one would take a list of the
/// members' values for a record, and would buffer every member to sort out the unknown ones, and
/// lose their places.
macro_rules! from_map {
    ($type:ty, $members:literal, $read:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members;
                impl<'de> Visitor<'de> for Members {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("an object with members (", $members, ", …)"))
                    }
                    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<$type, M::Error> {
                        $read(map)
                    }
                }
                deserializer.deserialize_map(Members)
            }
        }
    };
}

from_map!(CocoImage, "id, file_name", read_image::<_, Value>);
from_map!(CocoListed, "id, file_name", |map| read_image::<_, Nothing>(map).map(CocoListed));
from_map!(CocoCategory, "id, name", read_category);
from_map!(CocoAnnotation, "id, image_id", read_annotation);
from_map!(CocoReference, "id, image_id", read_reference);
from_map!(CocoResult, "image_id, category_id", read_result);

/// A member that has to be there.
fn needed<T, E: de::Error>(member: Option<T>, name: &'static str) -> Result<T, E> {
    member.ok_or_else(|| E::missing_field(name))
}

fn read_image<'de, M, V>(mut map: M) -> Result<CocoImage, M::Error>
where
    M: MapAccess<'de>,
    V: Deserialize<'de> + Into<Option<Value>>,
{
    let (mut id, mut file_name, mut url) = (None, None, None);
    let (mut width, mut height) = (None::<Side>, None::<Side>);
    let mut has_text_id = false;
    let mut extra = Extra::new();
    while let Some(Key(key)) = map.next_key()? {
        match &*key {
            "id" => {
                let form: IdForm = map.next_value()?;
                has_text_id = form.is_text;
                id = Some(form.id);
            }
            "file_name" => file_name = map.next_value::<FileName>()?.0,
            "width" => width = Some(map.next_value()?),
            "height" => height = Some(map.next_value()?),
            "coco_url" if file_name.as_ref().is_none_or(String::is_empty) => {
                let value: Value = map.next_value()?;
                url = value.as_str().and_then(end_of_url);
                extra.insert(key.into_owned(), value);
            }
            _ => {
                if let Some(value) = map.next_value::<V>()?.into() {
                    extra.insert(key.into_owned(), value);
                }
            }
        }
    }
    let stated = file_name.as_ref().filter(|name| !name.is_empty()).cloned();
    let value = |side: &Option<Side>| side.as_ref().and_then(|side| side.value);
    let sides = || [&width, &height].into_iter().flatten();
    Ok(CocoImage {
        id: needed(id, "id")?,
        file_name: needed(stated.or(url).or(file_name), "file_name")?,
        has_size: width.is_some() && height.is_some(),
        size: value(&width).zip(value(&height)).map(|(width, height)| Size { width, height }),
        extra,
        has_text_numbers: sides().any(|side| side.is_text),
        has_text_id,
        has_zero: sides().any(|side| side.is_zero),
    })
}

/// The last two parts of the path of a URL, which LVIS's own code takes for folder and file of an
/// image (`lvis/vis.py` of lvis-api); one where the path has no more.
fn end_of_url(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let path = match path.split_once("://") {
        Some((_, host_and_path)) => host_and_path.split_once('/')?.1,
        None => path,
    };
    let mut parts = path.rsplit('/').filter(|part| !part.is_empty());
    let file = parts.next()?;
    Some(parts.next().map_or_else(|| file.to_owned(), |folder| format!("{folder}/{file}")))
}

fn read_category<'de, M: MapAccess<'de>>(mut map: M) -> Result<CocoCategory, M::Error> {
    let (mut id, mut name) = (None, None);
    let mut extra = Extra::new();
    while let Some(Key(key)) = map.next_key()? {
        match &*key {
            "id" => id = Some(map.next_value()?),
            "name" => name = Some(map.next_value::<ClassName>()?.0),
            _ => drop(extra.insert(key.into_owned(), map.next_value()?)),
        }
    }
    Ok(CocoCategory { id: needed(id, "id")?, name: needed(name, "name")?, extra })
}

fn read_reference<'de, M: MapAccess<'de>>(mut map: M) -> Result<CocoReference, M::Error> {
    let (mut id, mut image_id) = (None, None);
    while let Some(Key(key)) = map.next_key()? {
        match &*key {
            "id" => id = map.next_value()?,
            "image_id" => image_id = Some(map.next_value()?),
            _ => drop(map.next_value::<de::IgnoredAny>()?),
        }
    }
    Ok(CocoReference { id, image_id: needed(image_id, "image_id")? })
}

fn read_result<'de, M: MapAccess<'de>>(mut map: M) -> Result<CocoResult, M::Error> {
    let (mut image_id, mut category_id) = (None, None);
    while let Some(Key(key)) = map.next_key()? {
        match &*key {
            "image_id" => image_id = Some(map.next_value()?),
            "category_id" => category_id = Some(map.next_value()?),
            _ => drop(map.next_value::<de::IgnoredAny>()?),
        }
    }
    Ok(CocoResult {
        image_id: needed(image_id, "image_id")?,
        category_id: needed(category_id, "category_id")?,
    })
}

fn read_annotation<'de, M: MapAccess<'de>>(mut map: M) -> Result<CocoAnnotation, M::Error> {
    let mut annotation = CocoAnnotation::default();
    while let Some(Key(key)) = map.next_key()? {
        if !annotation.take(&key, &mut map)? {
            annotation.extra.insert(key.into_owned(), map.next_value()?);
        }
    }
    Ok(annotation)
}

impl CocoAnnotation {
    /// Takes the value of a member; false where the member has no place.
    fn take<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<bool, M::Error> {
        match key {
            "id" => self.id = map.next_value()?,
            "image_id" => self.has_text_image = map.next_value::<Value>()?.is_string(),
            "category_id" => self.category_id = map.next_value()?,
            "bbox" => {
                let Corner { bbox, has_text } = map.next_value()?;
                self.bbox = bbox;
                self.has_text_numbers |= has_text;
            }
            "segmentation" => {
                let Segmentation { shape, has_text_numbers, is_flat } = map.next_value()?;
                self.shape = shape;
                self.has_flat_ring = is_flat;
                self.has_text_numbers |= has_text_numbers;
            }
            "area" => {
                let Area(area) = map.next_value()?;
                self.area = self.value(area);
                self.has_area = true;
            }
            "iscrowd" => {
                let Flag { is_set, is_text } = map.next_value()?;
                self.iscrowd = is_set;
                self.has_text_numbers |= is_text;
                self.has_crowd = true;
            }
            "score" => {
                let score = map.next_value()?;
                self.score = self.value(score);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A number's value; how it is written is kept in mind.
    fn value(&mut self, number: Option<Number>) -> Option<f64> {
        self.has_text_numbers |= number.is_some_and(|number| number.is_text);
        number.map(|number| number.value)
    }
}

/// An id, and whether it is written as a string.
struct IdForm {
    id: Id,
    is_text: bool,
}

impl<'de> Deserialize<'de> for IdForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdFormVisitor)
    }
}

struct IdFormVisitor;

impl Visitor<'_> for IdFormVisitor {
    type Value = IdForm;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id: a whole number or a string")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<IdForm, E> {
        let id = Id::deserialize(number.into_deserializer())?;
        Ok(IdForm { id, is_text: false })
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<IdForm, E> {
        let id = Id::deserialize(number.into_deserializer())?;
        Ok(IdForm { id, is_text: false })
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<IdForm, E> {
        let id = Id::deserialize(number.into_deserializer())?;
        Ok(IdForm { id, is_text: false })
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<IdForm, E> {
        Ok(IdForm { id: Id::from_text(text), is_text: true })
    }
}

/// A member's name, not copied where it has no escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// A value that is passed over.
#[derive(Deserialize)]
struct Nothing(#[allow(dead_code, reason = "read and forgotten")] de::IgnoredAny);

impl From<Nothing> for Option<Value> {
    fn from(_: Nothing) -> Self {
        None
    }
}

/// A bounding box `[x, y, width, height]`; none where it is null or an empty list.
struct Corner {
    bbox: Option<[f64; 4]>,
    has_text: bool,
}

impl<'de> Deserialize<'de> for Corner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CornerVisitor)
    }
}

struct CornerVisitor;

impl<'de> Visitor<'de> for CornerVisitor {
    type Value = Corner;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bbox as a list [x, y, width, height]")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Corner, E> {
        Ok(Corner { bbox: None, has_text: false })
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Corner, S::Error> {
        let (mut list, mut has_text) = (Vec::with_capacity(4), false);
        while let Some(Number { value, is_text }) = seq.next_element()? {
            has_text |= is_text;
            list.push(value);
        }
        let bbox = match *list.as_slice() {
            [] => None,
            [x, y, width, height] => Some([x, y, width, height]),
            _ => {
                let expected = "a bbox of 4 numbers [x, y, width, height]";
                let count = list.len();
                return Err(de::Error::custom(format_args!("{count}, expected {expected}")));
            }
        };
        Ok(Corner { bbox, has_text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_as_the_wild_writes_them() {
        let json = r#"{"id": "12", "image_id": 3, "category_id": 1.0, "bbox": [], "area": [1, 2],
            "iscrowd": true, "attributes": {"occluded": false}, "score": 0.5}"#;
        let annotation: CocoAnnotation = serde_json::from_str(json).unwrap();
        assert_eq!(annotation.id, Some(Id::Number(12)));
        assert_eq!(annotation.category_id, Some(Id::Number(1)));
        assert_eq!((annotation.bbox, annotation.area), (None, None));
        assert!(annotation.iscrowd && annotation.score == Some(0.5));
        assert!(!annotation.has_text_numbers, "ids are not counted");
        assert_eq!(annotation.extra.keys().collect::<Vec<_>>(), ["attributes"]);
        let image = r#"{"id": 1, "file_name": "a.jpg", "width": 640.0, "height": null}"#;
        assert_eq!(serde_json::from_str::<CocoImage>(image).unwrap().size, None);
    }

    #[test]
    fn numbers_may_be_strings() {
        let cases = [
            r#"{"bbox": [598, 266, "124.0000", "739.0000"], "area": 1, "score": 1, "iscrowd": 1}"#,
            r#"{"bbox": [598, 266, 124, 739], "area": "1", "score": 1, "iscrowd": 1}"#,
            r#"{"bbox": [598, 266, 124, 739], "area": 1, "score": "1.0", "iscrowd": 1}"#,
            r#"{"bbox": [598, 266, 124, 739], "area": 1, "score": 1, "iscrowd": "1"}"#,
        ];
        for json in cases {
            let annotation: CocoAnnotation = serde_json::from_str(json).unwrap();
            assert_eq!(annotation.bbox, Some([598.0, 266.0, 124.0, 739.0]), "{json}");
            assert_eq!((annotation.area, annotation.score), (Some(1.0), Some(1.0)), "{json}");
            assert!(annotation.iscrowd && annotation.has_text_numbers, "{json}");
        }
        let image = r#"{"id": "1", "file_name": "a.png", "width": "200", "height": "100.0"}"#;
        let image: CocoImage = serde_json::from_str(image).unwrap();
        assert_eq!(image.size, Some(Size { width: 200, height: 100 }));
        assert!(image.has_text_numbers);
    }

    #[test]
    fn an_image_without_a_name_is_named_by_its_url() {
        let url = r#""coco_url": "http://images.cocodataset.org/val2017/000000397133.jpg""#;
        let cases = [
            (format!("{{\"id\": 1, {url}}}"), "val2017/000000397133.jpg"),
            (format!("{{{url}, \"id\": 1}}"), "val2017/000000397133.jpg"),
            (format!("{{\"id\": 1, \"file_name\": null, {url}}}"), "val2017/000000397133.jpg"),
            (format!("{{\"id\": 1, {url}, \"file_name\": \"\"}}"), "val2017/000000397133.jpg"),
            (format!("{{\"id\": 1, \"file_name\": \"a.jpg\", {url}}}"), "a.jpg"),
            (format!("{{\"id\": 1, {url}, \"file_name\": \"a.jpg\"}}"), "a.jpg"),
        ];
        for (json, expected) in cases {
            let image: CocoImage = serde_json::from_str(&json).unwrap();
            assert_eq!(image.file_name, expected, "{json}");
            assert_eq!(image.extra.keys().collect::<Vec<_>>(), ["coco_url"], "{json}");
            let CocoListed(listed) = serde_json::from_str(&json).unwrap();
            assert_eq!(listed.file_name, expected, "{json}");
        }
    }

    #[test]
    fn the_end_of_a_url_is_a_folder_and_a_file() {
        let cases = [
            ("https://h/a/b/c.jpg", Some("b/c.jpg")),
            ("https://h:80/c.jpg?x=/y/z#t", Some("c.jpg")),
            ("val2017//c.jpg", Some("val2017/c.jpg")),
            ("c.jpg", Some("c.jpg")),
            ("https://h/", None),
            ("https://h", None),
            ("", None),
        ];
        for (url, expected) in cases {
            assert_eq!(end_of_url(url).as_deref(), expected, "{url}");
        }
    }
}
