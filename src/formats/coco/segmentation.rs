//! A segmentation in every spelling: rings, one flat ring, run-length encodings, nothing.

use super::numbers::{Coordinate, Number, Scalar, Whole};
use crate::geometry::{Coord, Polygon, Ring, Rle, Size};
use crate::model::Shape;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use std::fmt;

/// A segmentation.
pub struct Segmentation {
    pub shape: Shape,
    /// Whether a number in it is written as a string.
    pub has_text_numbers: bool,
    /// Whether it is one list of numbers, not a list of rings. pycocotools stops at it.
    pub is_flat: bool,
}

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
        Ok(Segmentation { shape: Shape::default(), has_text_numbers: false, is_flat: false })
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Segmentation, S::Error> {
        let mut parts = Parts::default();
        while let Some(part) = seq.next_element()? {
            parts.add(part)?;
        }
        let (has_text_numbers, is_flat) = (parts.has_text_numbers, !parts.numbers.is_empty());
        Ok(Segmentation { shape: parts.shape()?, has_text_numbers, is_flat })
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Segmentation, M::Error> {
        let (mask, has_text_numbers) = read_mask(map)?;
        Ok(Segmentation { shape: Shape::Mask(mask), has_text_numbers, is_flat: false })
    }
}

/// An element of a segmentation that is a list.
enum Item {
    /// A number of the one ring.
    Number(Number),
    Ring(Ring, bool),
    Mask(Rle, bool),
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemVisitor)
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a ring [x1, y1, x2, y2, …]")
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Item, E> {
        Ok(Item::Number(Number { value, is_text: false }))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Item, E> {
        self.visit_f64(number as f64)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Item, E> {
        self.visit_f64(number as f64)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Item, E> {
        let number = Scalar::Text(text).number().map(Item::Number);
        number.ok_or_else(|| E::invalid_value(Unexpected::Str(text), &"a number"))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Item, S::Error> {
        let (mut numbers, mut has_text) = (Vec::new(), false);
        while let Some(Coordinate(number)) = seq.next_element()? {
            has_text |= number.is_text;
            numbers.push(number.value);
        }
        Ok(Item::Ring(ring(&numbers)?, has_text))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Item, M::Error> {
        read_mask(map).map(|(mask, has_text)| Item::Mask(mask, has_text))
    }
}

/// The elements of a list, by kind.
#[derive(Default)]
struct Parts {
    numbers: Vec<f64>,
    rings: Vec<Ring>,
    masks: Vec<Rle>,
    has_text_numbers: bool,
}

impl Parts {
    fn add<E: de::Error>(&mut self, part: Item) -> Result<(), E> {
        self.has_text_numbers |= match part {
            Item::Number(number) => {
                self.numbers.push(number.value);
                number.is_text
            }
            // A part without points is none; without any, the box is all there is.
            Item::Ring(ring, _) if ring.is_empty() => false,
            Item::Ring(ring, has_text) => {
                self.rings.push(ring);
                has_text
            }
            Item::Mask(mask, has_text) => {
                self.masks.push(mask);
                has_text
            }
        };
        let kinds = [self.numbers.is_empty(), self.rings.is_empty(), self.masks.is_empty()];
        if kinds.into_iter().filter(|is_empty| !is_empty).count() > 1 {
            return Err(E::custom(
                "a mixture, expected rings, one flat list of numbers or run lengths",
            ));
        }
        Ok(())
    }

    fn shape<E: de::Error>(self) -> Result<Shape, E> {
        let Self { numbers, mut rings, masks, .. } = self;
        if let Some(mask) = union(masks)? {
            return Ok(Shape::Mask(mask));
        }
        if !numbers.is_empty() {
            rings.push(ring(&numbers)?);
        }
        if are_pairs(rings.iter().map(Vec::len)) {
            return Err(E::custom(
                "pairs, expected a ring as a flat list of numbers [x1, y1, x2, y2, …]",
            ));
        }
        match rings.is_empty() {
            true => Ok(Shape::default()),
            false => Ok(Shape::Polygons(rings.into_iter().map(Polygon::from_ring).collect())),
        }
    }
}

/// Whether rings of so many points are the points of one ring: several, each of one point. One
/// stray point beside a ring is none.
pub fn are_pairs(mut lengths: impl ExactSizeIterator<Item = usize>) -> bool {
    lengths.len() > 1 && lengths.all(|length| length == 1)
}

fn ring<E: de::Error>(numbers: &[f64]) -> Result<Ring, E> {
    let (pairs, rest) = numbers.as_chunks::<2>();
    if !rest.is_empty() {
        let count = numbers.len();
        return Err(E::custom(format_args!("{count}, expected an even number of coordinates")));
    }
    Ok(pairs.iter().map(|&[x, y]| Coord { x, y }).collect())
}

/// The mask of all pixels that are set in one of the masks; `None` where there is no mask.
fn union<E: de::Error>(mut masks: Vec<Rle>) -> Result<Option<Rle>, E> {
    if masks.len() < 2 {
        return Ok(masks.pop());
    }
    let size = masks.first().map_or(Rle::none().size(), Rle::size);
    if let Some(other) = masks.iter().map(Rle::size).find(|other| *other != size) {
        let message = format_args!("{other}, expected all masks of the size {size} of the first");
        return Err(E::custom(message));
    }
    let mut runs: Vec<(u64, u64)> = masks.iter().flat_map(Rle::runs).collect();
    runs.sort_unstable();
    // The ends of the runs, background and foreground by turns.
    let mut ends: Vec<u64> = Vec::new();
    for (start, end) in runs {
        match ends.last_mut() {
            Some(last) if start <= *last => *last = end.max(*last),
            _ => ends.extend([start, end]),
        }
    }
    ends.push(u64::from(size.width).saturating_mul(u64::from(size.height)));
    let starts = std::iter::once(&0).chain(&ends);
    let lengths = ends.iter().zip(starts).map(|(end, start)| end.saturating_sub(*start));
    let counts: Result<Vec<u32>, _> = lengths.map(u32::try_from).collect();
    let counts = counts.map_err(|_| E::custom("more, expected runs of 0 to 4294967295 pixels"))?;
    Rle::new(size, counts).map(Some).map_err(E::custom)
}

/// A mask, and whether a number of it is written as a string.
fn read_mask<'de, M: MapAccess<'de>>(mut map: M) -> Result<(Rle, bool), M::Error> {
    let (mut size, mut counts) = (None, None);
    while let Some(key) = map.next_key::<String>()? {
        match key.as_str() {
            "size" => size = Some(map.next_value::<MaskSize>()?),
            "counts" => counts = Some(map.next_value::<Counts>()?),
            _ => drop(map.next_value::<de::IgnoredAny>()?),
        }
    }
    let MaskSize(size, is_text) = size.ok_or_else(|| de::Error::missing_field("size"))?;
    let (mask, has_text) = match counts.ok_or_else(|| de::Error::missing_field("counts"))? {
        Counts::Runs(runs, has_text) => (Rle::new(size, runs), has_text),
        Counts::Compressed(text) => (Rle::from_compressed(size, &text), false),
    };
    let mask = mask.map_err(|mismatch| {
        de::Error::custom(format_args!("{}, expected {}", mismatch.found, mismatch.expected))
    })?;
    Ok((mask, is_text || has_text))
}

/// All whole numbers of a list, and whether one is written as a string.
fn whole_numbers<'de, S: SeqAccess<'de>>(mut seq: S) -> Result<(Vec<u32>, bool), S::Error> {
    let (mut numbers, mut has_text) = (Vec::new(), false);
    while let Some(Whole { value, is_text }) = seq.next_element()? {
        has_text |= is_text;
        numbers.push(value);
    }
    Ok((numbers, has_text))
}

/// The size of a mask: `[height, width]`.
struct MaskSize(Size, bool);

impl<'de> Deserialize<'de> for MaskSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SizeVisitor;
        impl<'de> Visitor<'de> for SizeVisitor {
            type Value = MaskSize;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size as a list [height, width]")
            }
            fn visit_seq<S: SeqAccess<'de>>(self, seq: S) -> Result<MaskSize, S::Error> {
                let (numbers, has_text) = whole_numbers(seq)?;
                let &[height, width] = numbers.as_slice() else {
                    let count = numbers.len();
                    let message =
                        format_args!("{count}, expected a size of 2 numbers [height, width]");
                    return Err(de::Error::custom(message));
                };
                Ok(MaskSize(Size { width, height }, has_text))
            }
        }
        deserializer.deserialize_any(SizeVisitor)
    }
}

enum Counts {
    Runs(Vec<u32>, bool),
    Compressed(String),
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountsVisitor;
        impl<'de> Visitor<'de> for CountsVisitor {
            type Value = Counts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("counts as a list of run lengths or a string")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Counts, E> {
                Ok(Counts::Compressed(text.to_owned()))
            }
            fn visit_seq<S: SeqAccess<'de>>(self, seq: S) -> Result<Counts, S::Error> {
                whole_numbers(seq).map(|(runs, has_text)| Counts::Runs(runs, has_text))
            }
        }
        deserializer.deserialize_any(CountsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Segmentation, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    fn mask(width: u32, height: u32, counts: &[u32]) -> Shape {
        Shape::Mask(Rle::new(Size { width, height }, counts.to_vec()).unwrap())
    }

    #[test]
    fn a_segmentation_is_read_in_every_spelling() {
        let triangle: Ring =
            vec![Coord { x: 0.0, y: 0.0 }, Coord { x: 2.0, y: 0.0 }, Coord { x: 0.0, y: 3.5 }];
        let stray = Polygon::from_ring(vec![Coord { x: 9.0, y: 9.0 }]);
        let one = Shape::Polygons(vec![Polygon::from_ring(triangle.clone())]);
        let with_stray = Shape::Polygons(vec![Polygon::from_ring(triangle.clone()), stray.clone()]);
        let two = Shape::Polygons(vec![Polygon::from_ring(triangle); 2]);
        let runs = mask(3, 2, &[1, 2, 3]);
        let cases = [
            ("[[0,0,2,0,0,3.5]]", one.clone(), false),
            ("[0,0,2,0,0,3.5]", one.clone(), false),
            ("[[0,0,2,0,0,3.5],[]]", one.clone(), false),
            ("[[0,\"0\",2,0,0,\"3.5\"]]", one.clone(), true),
            ("[\"0\",\"0\",\"2\",\"0\",\"0\",\"3.5\"]", one, true),
            ("[[0,0,2,0,0,3.5],[0,0,2,0,0,3.5]]", two, false),
            ("[[0,0,2,0,0,3.5],[9,9]]", with_stray, false),
            ("[[9,9]]", Shape::Polygons(vec![stray]), false),
            ("{\"size\":[2,3],\"counts\":[1,2,3]}", runs.clone(), false),
            ("{\"size\":[2.0,\"3\"],\"counts\":[1,2,3]}", runs.clone(), true),
            ("{\"size\":[2,3],\"counts\":[\"1\",2,3]}", runs.clone(), true),
            ("{\"counts\":\"123\",\"size\":[2,3]}", runs.clone(), false),
            ("[{\"counts\":\"123\",\"size\":[2,3]}]", runs.clone(), false),
            ("[{\"counts\":[1,2,3],\"size\":[2,3],\"x\":0}]", runs, false),
            ("[]", Shape::default(), false),
            ("[[]]", Shape::default(), false),
            ("null", Shape::default(), false),
        ];
        for (json, expected, has_text) in cases {
            let read = read(json).unwrap();
            assert_eq!((read.shape, read.has_text_numbers), (expected, has_text), "{json}");
        }
    }

    #[test]
    fn several_masks_are_one_mask_of_all_their_pixels() {
        let cases = [
            ("[1,2,3]", "[4,1,1]", vec![1, 2, 1, 1, 1]),
            ("[1,2,3]", "[1,2,3]", vec![1, 2, 3]),
            ("[0,2,4]", "[5,1]", vec![0, 2, 3, 1]),
            ("[0,6]", "[2,1,3]", vec![0, 6]),
            ("[6]", "[6]", vec![6]),
            ("[1,1,1,1,2]", "[0,1,1,1,3]", vec![0, 4, 2]),
        ];
        for (one, other, expected) in cases {
            let part = |counts| format!("{{\"size\":[2,3],\"counts\":{counts}}}");
            let json = format!("[{},{}]", part(one), part(other));
            let Shape::Mask(found) = read(&json).unwrap().shape else { panic!("{json}") };
            let runs = |mask: &Rle| mask.runs().collect::<Vec<_>>();
            let expected = Rle::new(found.size(), expected).unwrap();
            assert_eq!(runs(&found), runs(&expected), "{json}");
        }
    }

    #[test]
    fn a_bad_segmentation_says_what_was_expected() {
        let flat = "expected a ring as a flat list of numbers [x1, y1, x2, y2, …]";
        let mixture = "a mixture, expected rings, one flat list of numbers or run lengths";
        let mask = "{\"size\":[2,3],\"counts\":[6]}";
        let mixed = format!("[[0,0,1,1,2,0],{mask}]");
        let sizes = format!("[{mask},{{\"size\":[3,2],\"counts\":[6]}}]");
        let cases = [
            ("[[0,0,2]]", "3, expected an even number of coordinates"),
            ("[0,0,2]", "3, expected an even number of coordinates"),
            ("[[0,0],1]", mixture),
            (mixed.as_str(), mixture),
            (sizes.as_str(), "2x3, expected all masks of the size 3x2 of the first"),
            ("[[1,2],[3,4]]", flat),
            ("[[1,2],[3,4],[5,6]]", flat),
            ("[[[1,2],[3,4]]]", flat),
            ("[[0,0,\"abc\",1]]", "string \"abc\", expected a number"),
            ("[\"abc\"]", "string \"abc\", expected a number"),
            ("[[0,0,null,1]]", "null, expected a number"),
            ("[null]", "null, expected a ring [x1, y1, x2, y2, …]"),
            ("\"x\"", "expected a segmentation: rings or run lengths"),
            ("{\"size\":[2,3],\"counts\":[1]}", "1, expected runs that add up to 3x2 = 6"),
            ("{}", "missing field `size`"),
            ("{\"size\":[2,3]}", "missing field `counts`"),
            ("[{\"size\":[2,3]}]", "missing field `counts`"),
            ("{\"size\":[2],\"counts\":[1]}", "1, expected a size of 2 numbers [height, width]"),
            ("{\"size\":[2,3,4]}", "3, expected a size of 2 numbers [height, width]"),
            ("{\"size\":[2,3],\"counts\":[-1]}", "-1`, expected a whole number from 0"),
            ("{\"size\":[2,3],\"counts\":7}", "counts as a list of run lengths or a string"),
        ];
        for (json, expected) in cases {
            let error = read(json).err().unwrap();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }
}
