//! What every format is read into and written from: a header, and one record an image.
//!
//! The model can hold bad data (a negative width, NaN, an unknown shape): reading never mends
//! anything silently.

use crate::files::map::Slice;
use crate::geometry::{BBox, Coord, Polygon, Rle, Size};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt;

/// Members that no rule of ours knows, in the source's order.
pub type Extra = serde_json::Map<String, serde_json::Value>;

/// What is said once for a whole dataset.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// The classes, in the order that defines their index.
    pub categories: Vec<Category>,
    /// The members of a COCO file in its order, word for word (info, licenses and unknown ones);
    /// `None` stands for images, annotations and categories. Empty for other formats.
    pub members: Vec<(String, Option<Box<RawValue>>)>,
    /// A number above all annotation ids that are numbers.
    pub next_annotation_id: u64,
}

impl Header {
    /// A header of categories alone, in a dataset that numbers no annotations.
    pub fn of(categories: Vec<Category>) -> Self {
        Self { categories, members: Vec::new(), next_annotation_id: 1 }
    }

    /// Whether it is that of a COCO file.
    pub fn is_coco(&self) -> bool {
        self.members.iter().any(|(name, _)| name == "images")
    }
}

/// A class of objects.
#[derive(Debug, Clone)]
pub struct Category {
    /// The source's own number or name for it; not its index.
    pub id: Option<Id>,
    /// Its name.
    pub name: String,
    /// The record as a COCO source states it, unknown members (supercategory) included.
    pub stated: Option<Box<RawValue>>,
}

impl Category {
    /// A category that is known by its name alone.
    pub fn named(name: impl Into<String>) -> Self {
        Self { id: None, name: name.into(), stated: None }
    }
}

/// An image, without its annotations.
#[derive(Debug, Clone, Default)]
pub struct Image {
    /// The source's own number or name for it.
    pub id: Option<Id>,
    /// Its file's name as the source states it, with folders where it states them.
    pub file_name: String,
    /// Whether the source states the name without its extension.
    pub is_stem: bool,
    /// Its size in pixels as displayed, where it is known.
    pub size: Option<Size>,
    /// The length of its file in bytes, where it is known (VIA states it).
    pub bytes: Option<u64>,
    /// Unknown members.
    pub extra: Extra,
    /// The record as a COCO source states it, kept where the target can repeat it.
    pub stated: Option<Stated>,
}

/// A record of a COCO source, word for word.
#[derive(Debug, Clone)]
pub struct Stated {
    /// Its JSON.
    pub text: Slice,
    /// Members that readers need and that it does not have.
    pub lacks: Vec<&'static str>,
}

/// One annotated object.
#[derive(Debug, Clone, Default)]
pub struct Annotation {
    /// The source's own number or name for it.
    pub id: Option<Id>,
    /// Its number among all annotations of a source that lists them apart from the images.
    pub order: Option<usize>,
    /// Where it stands in its image or file, as its reader counts.
    pub at: usize,
    /// The index of its category in [`Header::categories`].
    pub category: Option<usize>,
    /// The bounding box that the source states, in pixels.
    pub bbox: Option<BBox>,
    /// What was drawn.
    pub shape: Shape,
    /// Whether the source's ring repeats its first point where the reader left that out.
    pub is_closed: bool,
    /// The area that the source states, in square pixels.
    pub area: Option<f64>,
    /// Whether it marks a group of objects that were not told apart (COCO's iscrowd).
    pub crowd: bool,
    /// A detector's confidence, 0 to 1.
    pub score: Option<f64>,
    /// Unknown members.
    pub extra: Extra,
    /// The record as a COCO source states it, kept where the target can repeat it.
    pub stated: Option<Stated>,
}

/// What was drawn around an object.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Shape {
    /// Nothing but the bounding box.
    #[default]
    Box,
    /// The parts of one object; none where only its box was asked for.
    Polygons(Vec<Polygon>),
    /// A mask of the image's size.
    Mask(Rle),
    /// A line that is not closed.
    Polyline(Vec<Coord<f64>>),
    /// A circle: centre and radius.
    Circle {
        /// Centre.
        centre: Coord<f64>,
        /// Radius.
        radius: f64,
    },
    /// An ellipse: centre, radii and rotation.
    Ellipse {
        /// Centre.
        centre: Coord<f64>,
        /// Radius along x before the rotation.
        rx: f64,
        /// Radius along y before the rotation.
        ry: f64,
        /// Rotation in radians, as the source states it.
        theta: Option<f64>,
    },
    /// A single point.
    Point(Coord<f64>),
}

/// One image with its annotations: the unit that flows from a reader to a writer.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The image.
    pub image: &'a Image,
    /// Its annotations, in the source's order.
    pub annotations: &'a [Annotation],
}

impl Annotation {
    /// The stated bounding box, or the smallest one around the shape.
    pub fn bounds(&self) -> Option<BBox> {
        self.bbox.or_else(|| self.shape.bounds())
    }
}

impl Shape {
    /// The smallest box around the shape; `None` where the shape is empty or only a box.
    ///
    /// A rotated ellipse is bounded by its own extent, not by that of its rotated box.
    pub fn bounds(&self) -> Option<BBox> {
        use crate::geometry::polygon::bounds;
        let around = |centre: &Coord<f64>, half_width: f64, half_height: f64| BBox::Centre {
            cx: centre.x,
            cy: centre.y,
            width: half_width * 2.0,
            height: half_height * 2.0,
        };
        match self {
            Self::Box => None,
            Self::Polygons(parts) => bounds(parts.iter().flat_map(|part| &part.exterior)),
            Self::Mask(mask) => mask.bounds(),
            Self::Polyline(points) => bounds(points),
            Self::Point(point) => bounds([point]),
            Self::Circle { centre, radius } => Some(around(centre, *radius, *radius)),
            Self::Ellipse { centre, rx, ry, theta } => {
                let (sin, cos) = theta.unwrap_or(0.0).sin_cos();
                let (half_width, half_height) =
                    ((rx * cos).hypot(ry * sin), (rx * sin).hypot(ry * cos));
                Some(around(centre, half_width, half_height))
            }
        }
    }
}

/// The identity of a category, image or annotation.
///
/// Files state ids as numbers, as whole floats (`7.0`), as strings of digits and as hashes;
/// `7`, `7.0` and `"7"` are one id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Id {
    /// A whole number.
    Number(i64),
    /// Anything else.
    Text(String),
}

impl Id {
    /// The id that `text` stands for.
    ///
    /// ```
    /// use annoconv::model::Id;
    /// assert_eq!(Id::from_text("7"), Id::Number(7));
    /// assert_eq!(Id::from_text("007"), Id::Text("007".into()));
    /// ```
    pub fn from_text(text: &str) -> Self {
        match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Self::Number(number),
            _ => Self::Text(text.to_owned()),
        }
    }

    /// The number that it is.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
        }
    }
}

/// Ids for what has none: from 1, or above those that are taken, and the free ones below where
/// there are none above.
///
/// ```
/// use annoconv::model::{Id, free_ids};
/// assert_eq!(free_ids([7].into()).next(), Some(Id::Number(8)));
/// ```
pub fn free_ids(taken: HashSet<i64>) -> impl Iterator<Item = Id> {
    let first = taken.iter().copied().max().unwrap_or_default().max(1);
    let numbers = (first..=i64::MAX).chain(1..first);
    numbers.filter(move |number| !taken.contains(number)).map(Id::Number)
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = Id;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id: a whole number or a string")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Id, E> {
        Ok(Id::Number(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Id, E> {
        Ok(i64::try_from(number).map_or_else(|_| Id::Text(number.to_string()), Id::Number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Id, E> {
        const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
        if number.fract() == 0.0 && number.abs() <= LARGEST_EXACT {
            return Ok(Id::Number(number as i64));
        }
        Err(E::invalid_type(de::Unexpected::Float(number), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
        Ok(Id::from_text(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ids_are_above_the_taken_ones_where_there_are_any() {
        let two = |taken: &[i64]| -> Vec<Option<i64>> {
            let taken = taken.iter().copied().collect();
            free_ids(taken).take(2).map(|id| id.number()).collect()
        };
        for (taken, free) in [
            (&[][..], [1, 2]),
            (&[-5, 0], [1, 2]),
            (&[1, 7, 3], [8, 9]),
            (&[i64::MAX], [1, 2]),
            (&[i64::MAX - 1, 1], [i64::MAX, 2]),
        ] {
            assert_eq!(two(taken), free.map(Some), "{taken:?}");
        }
    }

    #[test]
    fn ids_are_read_in_every_spelling() {
        let cases = [
            ("7", Some(Id::Number(7))),
            ("-1", Some(Id::Number(-1))),
            ("7.0", Some(Id::Number(7))),
            ("\"7\"", Some(Id::Number(7))),
            ("\"a3f\"", Some(Id::Text("a3f".into()))),
            ("18446744073709551615", Some(Id::Text("18446744073709551615".into()))),
            ("7.5", None),
            ("[]", None),
        ];
        for (json, expected) in cases {
            assert_eq!(serde_json::from_str::<Id>(json).ok(), expected, "{json}");
        }
    }

    #[test]
    fn a_rotated_ellipse_is_bounded_by_its_own_extent() {
        let quarter_turn = Shape::Ellipse {
            centre: Coord { x: 10.0, y: 20.0 },
            rx: 4.0,
            ry: 2.0,
            theta: Some(std::f64::consts::FRAC_PI_2),
        };
        let [x, y, width, height] = quarter_turn.bounds().unwrap().corner_and_size();
        for (found, expected) in [(x, 8.0), (y, 16.0), (width, 4.0), (height, 8.0)] {
            assert!((found - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn the_stated_box_goes_before_the_computed_one() {
        let point = Shape::Point(Coord { x: 1.0, y: 2.0 });
        let mut annotation = Annotation { shape: point, ..Annotation::default() };
        assert_eq!(annotation.bounds().unwrap().corners(), [1.0, 2.0, 1.0, 2.0]);
        let stated = BBox::Corner { x: 0.0, y: 0.0, width: 5.0, height: 5.0 };
        annotation.bbox = Some(stated);
        assert_eq!(annotation.bounds(), Some(stated));
    }
}
