//! COCO's records as serde reads them, tolerant of every spelling seen in real files.

use crate::geometry::{Coord, Polygon, Ring, Rle, Size};
use crate::model::{Extra, Id, Shape};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// All that the index needs of a result.
#[derive(Debug, Deserialize)]
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
    pub file_name: String,
    pub size: Option<Size>,
    pub extra: Extra,
}

/// An image, the members of which that have no place in the model were passed over.
#[derive(Debug)]
pub struct CocoListed(pub CocoImage);

/// An element of `categories`.
#[derive(Debug, Deserialize)]
pub struct CocoCategory {
    pub id: Id,
    pub name: String,
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
}

/// All that the index needs of an annotation.
#[derive(Debug, Deserialize)]
pub struct CocoReference {
    #[serde(default)]
    pub id: Option<Id>,
    pub image_id: Id,
}

/// Implements `Deserialize` by a function from a map; a derived one would buffer every member
/// to sort out the unknown ones, and lose their places.
macro_rules! from_map {
    ($type:ty, $what:literal, $read:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members;
                impl<'de> Visitor<'de> for Members {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($what)
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

from_map!(CocoImage, "an image: an object", read_image::<_, Value>);
from_map!(CocoListed, "an image: an object", |map| read_image::<_, Nothing>(map).map(CocoListed));
from_map!(CocoAnnotation, "an annotation: an object", read_annotation);

fn read_image<'de, M, V>(mut map: M) -> Result<CocoImage, M::Error>
where
    M: MapAccess<'de>,
    V: Deserialize<'de> + Into<Option<Value>>,
{
    let (mut id, mut file_name, mut width, mut height) = (None, None, None, None);
    let mut extra = Extra::new();
    while let Some(Key(key)) = map.next_key()? {
        match &*key {
            "id" => id = Some(map.next_value()?),
            "file_name" => file_name = Some(map.next_value()?),
            "width" => width = map.next_value::<Side>()?.0,
            "height" => height = map.next_value::<Side>()?.0,
            _ => {
                if let Some(value) = map.next_value::<V>()?.into() {
                    extra.insert(key.into_owned(), value);
                }
            }
        }
    }
    let size = width.zip(height).map(|(width, height)| Size { width, height });
    Ok(CocoImage {
        id: id.ok_or_else(|| de::Error::missing_field("id"))?,
        file_name: file_name.ok_or_else(|| de::Error::missing_field("file_name"))?,
        size,
        extra,
    })
}

fn read_annotation<'de, M: MapAccess<'de>>(mut map: M) -> Result<CocoAnnotation, M::Error> {
    let mut annotation = CocoAnnotation::default();
    while let Some(Key(key)) = map.next_key()? {
        match &*key {
            "id" => annotation.id = map.next_value()?,
            "image_id" => drop(map.next_value::<de::IgnoredAny>()?),
            "category_id" => annotation.category_id = map.next_value()?,
            "bbox" => annotation.bbox = map.next_value::<Numbers>()?.bbox()?,
            "segmentation" => annotation.shape = map.next_value::<Segmentation>()?.0,
            "area" => {
                annotation.area = map.next_value::<Numbers>()?.single();
                annotation.has_area = true;
            }
            "iscrowd" => {
                annotation.iscrowd = map.next_value::<Flag>()?.0;
                annotation.has_crowd = true;
            }
            "score" => annotation.score = map.next_value()?,
            _ => drop(annotation.extra.insert(key.into_owned(), map.next_value()?)),
        }
    }
    Ok(annotation)
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

/// A side of an image: a whole number, perhaps as a float; none where it is null or 0.
struct Side(Option<u32>);

impl<'de> Deserialize<'de> for Side {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(number) = Option::<f64>::deserialize(deserializer)? else {
            return Ok(Self(None));
        };
        if number.fract() != 0.0 || !(0.0..=f64::from(u32::MAX)).contains(&number) {
            let found = de::Unexpected::Float(number);
            return Err(de::Error::invalid_value(found, &"a whole number of pixels"));
        }
        Ok(Self((number > 0.0).then_some(number as u32)))
    }
}

/// 0 or 1, true or false, either as a string, or null.
struct Flag(bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FlagVisitor;
        impl Visitor<'_> for FlagVisitor {
            type Value = Flag;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("iscrowd to be 0 or 1")
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Flag, E> {
                Ok(Flag(value))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Flag, E> {
                Ok(Flag(value != 0))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Flag, E> {
                Ok(Flag(value != 0.0))
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Flag, E> {
                match value {
                    "0" | "false" => Ok(Flag(false)),
                    "1" | "true" => Ok(Flag(true)),
                    _ => Err(E::invalid_value(de::Unexpected::Str(value), &self)),
                }
            }
            fn visit_unit<E: de::Error>(self) -> Result<Flag, E> {
                Ok(Flag(false))
            }
        }
        deserializer.deserialize_any(FlagVisitor)
    }
}

/// A number, a list of numbers or null.
struct Numbers {
    list: Vec<f64>,
    is_list: bool,
}

impl Numbers {
    fn bbox<E: de::Error>(&self) -> Result<Option<[f64; 4]>, E> {
        match (self.is_list, self.list.as_slice()) {
            (_, []) => Ok(None),
            (true, &[x, y, width, height]) => Ok(Some([x, y, width, height])),
            (_, other) => Err(E::custom(format_args!(
                "{}, expected a bbox of 4 numbers [x, y, width, height]",
                other.len()
            ))),
        }
    }

    /// A number; a list states none (some tools list one area a part).
    fn single(&self) -> Option<f64> {
        if self.is_list { None } else { self.list.first().copied() }
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumbersVisitor)
    }
}

struct NumbersVisitor;

impl<'de> Visitor<'de> for NumbersVisitor {
    type Value = Numbers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Numbers, E> {
        Ok(Numbers { list: Vec::new(), is_list: false })
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Numbers, E> {
        Ok(Numbers { list: vec![number], is_list: false })
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Numbers, E> {
        self.visit_f64(number as f64)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Numbers, E> {
        self.visit_f64(number as f64)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Numbers, S::Error> {
        let mut list = Vec::new();
        while let Some(number) = seq.next_element()? {
            list.push(number);
        }
        Ok(Numbers { list, is_list: true })
    }
}

/// A segmentation in any spelling: rings, one flat ring, run-length encoded, empty, null.
pub struct Segmentation(pub Shape);

impl<'de> Deserialize<'de> for Segmentation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SegmentationVisitor)
    }
}

struct SegmentationVisitor;

impl<'de> Visitor<'de> for SegmentationVisitor {
    type Value = Segmentation;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a segmentation: rings or run lengths")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Segmentation, E> {
        Ok(Segmentation(Shape::Box))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Segmentation, S::Error> {
        let (mut flat, mut parts) = (Vec::new(), Vec::new());
        while let Some(Numbers { list, is_list }) = seq.next_element()? {
            if is_list && list.is_empty() {
                // A part without points is none; without any, the box is all there is.
                continue;
            }
            if is_list {
                parts.push(Polygon::from_ring(ring(&list)?));
            } else {
                flat.extend(list);
            }
        }
        match (flat.is_empty(), parts.is_empty()) {
            (true, true) => Ok(Segmentation(Shape::Box)),
            (true, false) => Ok(Segmentation(Shape::Polygons(parts))),
            (false, true) => {
                Ok(Segmentation(Shape::Polygons(vec![Polygon::from_ring(ring(&flat)?)])))
            }
            _ => Err(de::Error::custom("a mixture, expected rings or one flat list of numbers")),
        }
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Segmentation, M::Error> {
        let (mut size, mut counts) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "size" => size = Some(map.next_value::<[u32; 2]>()?),
                "counts" => counts = Some(map.next_value::<Counts>()?),
                _ => drop(map.next_value::<de::IgnoredAny>()?),
            }
        }
        let [height, width] = size.ok_or_else(|| de::Error::missing_field("size"))?;
        let size = Size { width, height };
        let mask = match counts.ok_or_else(|| de::Error::missing_field("counts"))? {
            Counts::Runs(runs) => Rle::new(size, runs),
            Counts::Compressed(text) => Rle::from_compressed(size, &text),
        };
        mask.map(|mask| Segmentation(Shape::Mask(mask))).map_err(|mismatch| {
            de::Error::custom(format_args!("{}, expected {}", mismatch.found, mismatch.expected))
        })
    }
}

enum Counts {
    Runs(Vec<u32>),
    Compressed(String),
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountsVisitor;
        impl<'de> Visitor<'de> for CountsVisitor {
            type Value = Counts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("counts: a list of run lengths or a string")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Counts, E> {
                Ok(Counts::Compressed(text.to_owned()))
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Counts, S::Error> {
                let mut runs = Vec::new();
                while let Some(run) = seq.next_element()? {
                    runs.push(run);
                }
                Ok(Counts::Runs(runs))
            }
        }
        deserializer.deserialize_any(CountsVisitor)
    }
}

fn ring<E: de::Error>(numbers: &[f64]) -> Result<Ring, E> {
    let (pairs, rest) = numbers.as_chunks::<2>();
    if !rest.is_empty() {
        let count = numbers.len();
        return Err(E::custom(format_args!("{count}, expected an even number of coordinates")));
    }
    Ok(pairs.iter().map(|&[x, y]| Coord { x, y }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(segmentation: &str) -> Result<Shape, String> {
        let json = format!("{{\"segmentation\": {segmentation}}}");
        serde_json::from_str::<CocoAnnotation>(&json)
            .map(|annotation| annotation.shape)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_segmentation_is_read_in_every_spelling() {
        let triangle: Ring =
            vec![Coord { x: 0.0, y: 0.0 }, Coord { x: 2.0, y: 0.0 }, Coord { x: 0.0, y: 3.5 }];
        let one = Shape::Polygons(vec![Polygon::from_ring(triangle.clone())]);
        let two = Shape::Polygons(vec![Polygon::from_ring(triangle); 2]);
        let mask = Rle::new(Size { width: 3, height: 2 }, vec![1, 2, 3]).unwrap();
        let cases = [
            ("[[0,0,2,0,0,3.5]]", one.clone()),
            ("[0,0,2,0,0,3.5]", one),
            ("[[0,0,2,0,0,3.5],[0,0,2,0,0,3.5]]", two),
            ("{\"size\":[2,3],\"counts\":[1,2,3]}", Shape::Mask(mask.clone())),
            ("{\"counts\":\"123\",\"size\":[2,3]}", Shape::Mask(mask)),
            ("[]", Shape::Box),
            ("null", Shape::Box),
        ];
        for (json, expected) in cases {
            assert_eq!(shape(json).unwrap(), expected, "{json}");
        }
    }

    #[test]
    fn a_bad_segmentation_says_what_was_expected() {
        let cases = [
            ("[[0,0,2]]", "3, expected an even number of coordinates"),
            ("[[0,0],1]", "a mixture, expected rings or one flat list of numbers"),
            ("\"x\"", "expected a segmentation: rings or run lengths"),
            ("{\"size\":[2,3],\"counts\":[1]}", "1, expected runs that add up to 3x2 = 6"),
            ("{\"size\":[2,3]}", "missing field `counts`"),
            ("{\"size\":[2,3],\"counts\":[-1]}", "invalid value: integer `-1`, expected u32"),
            ("{\"size\":[2,3],\"counts\":7}", "counts: a list of run lengths or a string"),
        ];
        for (json, expected) in cases {
            let error = shape(json).unwrap_err();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }

    #[test]
    fn members_are_read_as_the_wild_writes_them() {
        let json = r#"{"id": "12", "image_id": 3, "category_id": 1.0, "bbox": [], "area": [1, 2],
            "iscrowd": true, "attributes": {"occluded": false}, "score": 0.5}"#;
        let annotation: CocoAnnotation = serde_json::from_str(json).unwrap();
        assert_eq!(annotation.id, Some(Id::Number(12)));
        assert_eq!(annotation.category_id, Some(Id::Number(1)));
        assert_eq!((annotation.bbox, annotation.area), (None, None));
        assert!(annotation.iscrowd && annotation.score == Some(0.5));
        assert_eq!(annotation.extra.keys().collect::<Vec<_>>(), ["attributes"]);
        let image = r#"{"id": 1, "file_name": "a.jpg", "width": 640.0, "height": null}"#;
        assert_eq!(serde_json::from_str::<CocoImage>(image).unwrap().size, None);
        assert!(
            serde_json::from_str::<CocoImage>(r#"{"id":1,"file_name":"a","width":1.5}"#).is_err()
        );
    }
}
