//! Annotations for targets that hold boxes alone: points are passed over, and those that state
//! nothing but a box and a class are decoded in the order of the file.
//!
//! Big files list their annotations in another order than their images. What is read where it
//! stands is read at the speed of memory; what is looked up for each image waits for it.

use super::members::CocoAnnotation;
use crate::geometry::BBox;
use crate::json::JsonFile;
use crate::model::{Annotation, Id, Shape};
use std::collections::HashMap;
use std::ops::Range;

/// A box of a class, without what no target of boxes has a place for.
#[derive(Debug, Clone, Copy)]
pub struct Plain {
    bbox: [f64; 4],
    category: u32,
    is_crowd: bool,
    has_polygons: bool,
}

/// A record as most of them are: whole numbers as ids, a box of four numbers, and nothing that
/// COCO does not define.
#[derive(Default)]
struct Usual {
    id: Option<i64>,
    image_id: Option<i64>,
    category_id: Option<i64>,
    bbox: Option<[f64; 4]>,
    is_crowd: bool,
    has_polygons: bool,
}

impl Plain {
    /// The ids of the annotation and its image, and the rest; `None` where the record is not
    /// all right, or states more, or states it in another way than most.
    pub fn read(
        file: &JsonFile,
        span: &Range<usize>,
        categories: &HashMap<Id, usize>,
    ) -> Option<(i64, Id, Self)> {
        let mut usual = Usual::default();
        let is_usual = file
            .each_member(span, |name, value| usual.take(name, file.bytes(&value)).is_some())
            .is_some_and(|all| all);
        let Usual { id, image_id, category_id, bbox, is_crowd, has_polygons } = usual;
        let category = *categories.get(&Id::Number(category_id.filter(|_| is_usual)?))?;
        let category = u32::try_from(category).ok()?;
        let plain = Self { bbox: bbox?, category, is_crowd, has_polygons };
        Some((id?, Id::Number(image_id?), plain))
    }

    /// It as an annotation; `number` is its number in the file.
    pub fn annotation(&self, number: usize) -> Annotation {
        let [x, y, width, height] = self.bbox;
        let shape = if self.has_polygons { Shape::Polygons(Vec::new()) } else { Shape::Box };
        Annotation {
            order: Some(number),
            at: number,
            category: Some(self.category as usize),
            bbox: Some(BBox::Corner { x, y, width, height }),
            shape,
            crowd: self.is_crowd,
            ..Annotation::default()
        }
    }
}

impl Usual {
    /// Takes a member; `None` where it is not a usual one.
    fn take(&mut self, name: &[u8], value: &[u8]) -> Option<()> {
        match name {
            b"id" => self.id = Some(whole(value)?),
            b"image_id" => self.image_id = Some(whole(value)?),
            b"category_id" => self.category_id = Some(whole(value)?),
            b"bbox" => self.bbox = Some(serde_json::from_slice(value).ok()?),
            b"area" => drop(serde_json::from_slice::<f64>(value).ok()?),
            b"iscrowd" => self.is_crowd = whole(value)? != 0,
            b"segmentation" if value.first() == Some(&b'[') => {
                self.has_polygons = has_points(value)
            }
            _ => return None,
        }
        Some(())
    }
}

/// A whole number of at most 18 digits.
fn whole(text: &[u8]) -> Option<i64> {
    if !matches!(text, [b'0'] | [b'1'..=b'9', ..]) || text.len() > 18 {
        return None;
    }
    text.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
    })
}

fn has_points(segmentation: &[u8]) -> bool {
    segmentation.iter().any(u8::is_ascii_digit)
}

/// A record that states a box, in which points are all that was passed over; `None` for any
/// other, good or bad.
pub fn outline(file: &JsonFile, span: &Range<usize>) -> Option<CocoAnnotation> {
    let [segmentation] = file.pick(span, ["segmentation"])?;
    let segmentation = segmentation?;
    let text = file.bytes(&segmentation);
    if text.first() != Some(&b'[') || !has_points(text) {
        return None;
    }
    let [before, after] = [span.start..segmentation.start, segmentation.end..span.end];
    let short = [file.bytes(&before), b"null", file.bytes(&after)].concat();
    let coco: CocoAnnotation = serde_json::from_slice(&short).ok()?;
    coco.bbox.is_some().then(|| CocoAnnotation { shape: Shape::Polygons(Vec::new()), ..coco })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_one_in_json_too() {
        let cases = [
            ("0", Some(0)),
            ("860001", Some(860_001)),
            ("999999999999999999", Some(999_999_999_999_999_999)),
        ];
        let others = ["", "-1", "01", "1.0", "1e3", "\"1\"", "1000000000000000000", "null", "1 "];
        for (text, expected) in cases.into_iter().chain(others.map(|text| (text, None))) {
            assert_eq!(whole(text.as_bytes()), expected, "{text}");
        }
    }
}
