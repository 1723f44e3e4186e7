//! Annotations as most of them are, decoded without a detour, and boxes that are kept when the file
//! is passed over.
//!
//! Big files list their annotations in another order than their images. What is read where it
//! stands is read at the speed of memory; what is looked up for each image waits for it.

use super::members::CocoAnnotation;
use super::number_lists::are_numbers;
use super::points::Text;
use super::segmentation::are_pairs;
use crate::geometry::BBox;
use crate::json::scan::Scanner;
use crate::model::{Annotation, Id, Kind, Shape};
use serde::de::IgnoredAny;
use std::collections::HashMap;

/// A record as most are: whole numbers as ids, a box of four numbers, a list of rings, and
/// nothing that COCO does not define. All others, and what is wrong in them, are read by serde.
#[derive(Debug, Default)]
pub struct Usual {
    id: Option<i64>,
    image_id: Option<i64>,
    category_id: Option<i64>,
    bbox: Option<[f64; 4]>,
    area: Option<f64>,
    crowd: Option<bool>,
    shape: Shape,
}

/// How a segmentation is read.
pub type ReadShape = fn(&mut Text) -> Option<Shape>;

/// Reads polygons with their points. Pairs in place of rings are left to serde, which refuses them.
pub fn with_points(text: &mut Text) -> Option<Shape> {
    let parts = text.polygons()?;
    let has_pairs = are_pairs(parts.iter().map(|part| part.exterior.len()));
    (!has_pairs).then_some(Shape::Polygons(parts))
}

/// Reads what kind of shape it is: polygons without parts, or a mask without pixels. What is passed
/// over is JSON all the same.
pub fn pass_over(text: &mut Text) -> Option<Shape> {
    let rest = text.rest();
    let span = Scanner::new(rest, &(0..rest.len())).value().ok()?;
    let segmentation = rest.get(span.clone())?;
    text.skip(span.end)?;
    if are_numbers(segmentation) {
        return Some(Shape::Unread(Kind::Polygons));
    }
    if !segmentation.starts_with(b"{") {
        return None;
    }
    serde_json::from_slice::<IgnoredAny>(segmentation).ok()?;
    let name = b"\"counts\"";
    let has_counts = segmentation.windows(name.len()).any(|text| text == name);
    has_counts.then_some(Shape::Unread(Kind::Mask))
}

impl Usual {
    /// `None` where the record is none, good or bad.
    pub fn read(record: &[u8], shape: ReadShape) -> Option<Self> {
        let mut usual = Self::default();
        let mut text = Text::new(record);
        text.take(b'{')?;
        loop {
            let name = text.name()?;
            usual.take(name, &mut text, shape)?;
            if text.take(b',').is_none() {
                text.take(b'}')?;
                return text.is_empty().then_some(usual);
            }
        }
    }

    /// Takes the value of a member; `None` where it is not a usual one.
    fn take(&mut self, name: &[u8], value: &mut Text, shape: ReadShape) -> Option<()> {
        match name {
            b"id" => self.id = Some(value.whole()?),
            b"image_id" => self.image_id = Some(value.whole()?),
            b"category_id" => self.category_id = Some(value.whole()?),
            b"bbox" => self.bbox = Some(value.list()?),
            b"area" => self.area = Some(value.number()?),
            b"iscrowd" => self.crowd = Some(value.whole()? != 0),
            b"segmentation" if value.rest().starts_with(b"[]") => {
                self.shape = Shape::None;
                value.skip(2)?;
            }
            b"segmentation" => self.shape = shape(value)?,
            _ => return None,
        }
        Some(())
    }

    /// Whether it states all that could be computed of its shape.
    pub fn needs_no_shape(&self) -> bool {
        self.bbox.is_some() && self.area.is_some()
    }
}

impl From<Usual> for CocoAnnotation {
    fn from(usual: Usual) -> Self {
        Self {
            id: usual.id.map(Id::Number),
            category_id: usual.category_id.map(Id::Number),
            bbox: usual.bbox,
            shape: usual.shape,
            area: usual.area,
            iscrowd: usual.crowd.unwrap_or_default(),
            has_area: usual.area.is_some(),
            has_crowd: usual.crowd.is_some(),
            ..Self::default()
        }
    }
}

/// A box of a class, without what no target of boxes has a place for.
#[derive(Debug, Clone, Copy)]
pub struct Plain {
    bbox: [f64; 4],
    category: u32,
    is_crowd: bool,
    shape: Option<Kind>,
}

impl Plain {
    /// The ids of the annotation and its image, and the rest; `None` where the record is no usual
    /// one, or states no box.
    pub fn read(record: &[u8], categories: &HashMap<Id, usize>) -> Option<(i64, Id, Self)> {
        let usual = Usual::read(record, pass_over)?;
        let shape = match usual.shape {
            Shape::Unread(kind) => Some(kind),
            _ => None,
        };
        let category = *categories.get(&Id::Number(usual.category_id?))?;
        let plain = Self {
            bbox: usual.bbox?,
            category: u32::try_from(category).ok()?,
            is_crowd: usual.crowd.unwrap_or_default(),
            shape,
        };
        Some((usual.id?, Id::Number(usual.image_id?), plain))
    }

    /// It as an annotation; `number` is its number in the file.
    pub fn annotation(&self, number: usize) -> Annotation {
        let [x, y, width, height] = self.bbox;
        Annotation {
            order: Some(number),
            at: number,
            category: Some(self.category as usize),
            bbox: Some(BBox::Corner { x, y, width, height }),
            shape: self.shape.map_or(Shape::None, Shape::Unread),
            crowd: self.is_crowd,
            ..Annotation::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_box_is_enough_a_shape_is_only_told_by_its_kind() {
        let cases = [
            ("[[1, 2, 3, 4, 5, 6]]", Some(Shape::Unread(Kind::Polygons))),
            (r#"{"counts": [4, 2], "size": [2, 3]}"#, Some(Shape::Unread(Kind::Mask))),
            (r#"{"size": [2, 3], "counts": "42"}"#, Some(Shape::Unread(Kind::Mask))),
            (r#"{"size": [2, 3]}"#, None),
            ("[[]]", None),
            ("{}", None),
            ("null", None),
        ];
        for (text, expected) in cases {
            assert_eq!(pass_over(&mut Text::new(text.as_bytes())), expected, "{text}");
        }
    }

    #[test]
    fn pairs_in_place_of_rings_are_left_to_serde() {
        let cases = [
            ("[[1,2],[3,4],[5,6]]", 0),
            ("[[1,2]]", 1),
            ("[[1,2],[0,0,1,0,1,1]]", 2),
            ("[[1,2,3,4]]", 1),
        ];
        for (text, count) in cases {
            let parts = match with_points(&mut Text::new(text.as_bytes())) {
                Some(Shape::Polygons(parts)) => parts.len(),
                _ => 0,
            };
            assert_eq!(parts, count, "{text}");
        }
    }

    /// What is read the usual way is what serde reads.
    #[test]
    fn both_ways_of_decoding_agree() {
        let records = [
            r#"{"id":1,"image_id":2,"category_id":3,"bbox":[1,2.5,3,4],"area":7.25,"iscrowd":0,
                "segmentation":[[1,2.5,4,2.5,4,6.5],[0,0,1,0,1,-1]]}"#,
            r#"{"id":0,"image_id":2,"category_id":3,"bbox":[0.1,0.2,0.3,0.4],"segmentation":[]}"#,
            r#"{"id":5,"image_id":2,"category_id":3,"iscrowd":1,"iscrowd":0,"area":12345.678901234}"#,
        ];
        for record in records {
            let usual = Usual::read(record.as_bytes(), with_points).unwrap();
            let serde: CocoAnnotation = serde_json::from_str(record).unwrap();
            assert_eq!(format!("{:?}", CocoAnnotation::from(usual)), format!("{serde:?}"));
        }
    }
}
