//! The masks of LabelMe: a PNG in base64, cut to its box.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "corners are below 2^31, sides of images below 2^32, numbers of pixels below 2^64"
)]

use crate::error::Mismatch;
use crate::geometry::{BBox, Coord, Rle, Size};
use crate::images::bitmap::{Bitmap, MOST_PIXELS, encode};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};

/// Runs of pixels of an image, numbered column by column.
pub type Runs = Vec<(u64, u64)>;

/// How many runs the masks of an object may have: a PNG of a few kilobytes can have a thousand times as
/// many.
pub const MOST_RUNS: usize = 1 << 24;

/// How far from the origin a corner may be, in pixels.
const FARTHEST: f64 = (1_u32 << 31) as f64;

/// Base64 with or without the padding at its end.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes that a text in base64 stands for. Blanks and line breaks in it are passed over.
///
/// # Errors
/// Where it has other characters.
pub fn decode_base64(text: &str) -> Result<Vec<u8>, Mismatch> {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace();
    let decoded = match text.bytes().any(|byte| is_blank(&byte)) {
        true => LENIENT.decode(text.bytes().filter(|byte| !is_blank(byte)).collect::<Vec<u8>>()),
        false => LENIENT.decode(text),
    };
    decoded.map_err(|error| Mismatch::new("base64", error.to_string()))
}

/// The size that a mask needs where that of its image is not known.
pub fn least_size(last: Coord<f64>) -> Size {
    let side = |last: f64| last.clamp(0.0, FARTHEST) as u32 + 1;
    Size { width: side(last.x), height: side(last.y) }
}

/// The pixels of a mask in its image, in order. What lies beyond the border is cut off.
///
/// The corners, without their fractions, are the first and the last pixel (`shapes_to_label` in
/// `labelme/utils/shape.py`). Some tools state the edge after the last one.
///
/// # Errors
/// Where the PNG is none, or has another size than its box.
pub fn read(png: &str, first: Coord<f64>, last: Coord<f64>, image: Size) -> Result<Runs, Mismatch> {
    let numbers = [first.x, first.y, last.x, last.y];
    if !numbers.iter().all(|number| number.abs() <= FARTHEST) {
        return Err(Mismatch::new("two corners of a mask", format!("{numbers:?}")));
    }
    let [left, top, right, bottom] = numbers.map(|number| number as i64);
    let bitmap = Bitmap::decode(&decode_base64(png)?, image)?;
    let size = bitmap.size();
    let is_side =
        |side: u32, distance: i64| i64::from(side) == distance + 1 || i64::from(side) == distance;
    if !is_side(size.width, right - left) || !is_side(size.height, bottom - top) {
        let expected = format!("a PNG of {}x{}, as its box", right - left + 1, bottom - top + 1);
        return Err(Mismatch::new(expected, size.to_string()));
    }
    let (width, height) = (i64::from(image.width), i64::from(image.height));
    let mut runs = Runs::new();
    let many = || Mismatch::new(format!("a mask of at most {MOST_RUNS} runs"), "more");
    for column in (0..size.width).filter(|column| (0..width).contains(&(left + i64::from(*column))))
    {
        let start_of_column = (left + i64::from(column)) as u64 * u64::from(image.height);
        for (start, end) in bitmap.runs_of(column) {
            let [start, end] =
                [start, end].map(|row| (top + i64::from(row)).clamp(0, height) as u64);
            if start < end {
                runs.push((start_of_column + start, start_of_column + end));
            }
        }
        if runs.len() > MOST_RUNS {
            return Err(many());
        }
    }
    Ok(runs)
}

/// A mask as LabelMe writes it: the PNG, and its first and its last pixel. `None` where it is empty, or
/// too large to be a PNG.
pub fn write(mask: &Rle) -> Option<(String, [[f64; 2]; 2])> {
    let [left, top, right, bottom] = mask.bounds().as_ref().map(BBox::corners)?;
    let (width, height) = ((right - left) as u64, (bottom - top) as u64);
    if width.saturating_mul(height) > MOST_PIXELS {
        return None;
    }
    let size = Size { width: u32::try_from(width).ok()?, height: u32::try_from(height).ok()? };
    let mut pixels = vec![0; usize::try_from(width * height).ok()?];
    let rows = u64::from(mask.size().height);
    for pixel in mask.runs().flat_map(|(start, end)| start..end) {
        let (column, row) = (pixel / rows - left as u64, pixel % rows - top as u64);
        let place = usize::try_from(row * width + column).ok()?;
        *pixels.get_mut(place)? = 1;
    }
    let png = encode(size, &pixels)?;
    let corners = [[left, top], [right - 1.0, bottom - 1.0]];
    Some((general_purpose::STANDARD.encode(png), corners))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: Size = Size { width: 8, height: 6 };

    fn at(x: f64, y: f64) -> Coord<f64> {
        Coord { x, y }
    }

    fn png(width: u32, height: u32) -> String {
        let pixels = vec![1; (width * height) as usize];
        general_purpose::STANDARD.encode(encode(Size { width, height }, &pixels).unwrap())
    }

    fn bounds(first: Coord<f64>, last: Coord<f64>, png: &str) -> Result<[f64; 4], String> {
        let runs =
            read(png, first, last, SIZE).map_err(|it| format!("{} | {}", it.expected, it.found))?;
        Ok(Rle::of_runs(SIZE, runs).unwrap().bounds().unwrap().corners())
    }

    #[test]
    fn the_corners_are_the_first_and_the_last_pixel() {
        let three = png(3, 2);
        for (first, last, expected) in [
            (at(2.0, 1.0), at(4.0, 2.0), [2.0, 1.0, 5.0, 3.0]),
            (at(2.9, 1.9), at(4.9, 2.9), [2.0, 1.0, 5.0, 3.0]),
            (at(2.0, 1.0), at(5.0, 3.0), [2.0, 1.0, 5.0, 3.0]),
            (at(-1.0, -1.0), at(1.0, 0.0), [0.0, 0.0, 2.0, 1.0]),
            (at(6.0, 5.0), at(8.0, 6.0), [6.0, 5.0, 8.0, 6.0]),
        ] {
            assert_eq!(bounds(first, last, &three), Ok(expected), "{first:?} {last:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let three = png(3, 2);
        for (last, text, expected) in [
            (at(7.0, 2.0), three.as_str(), "a PNG of 6x2, as its box | 3x2"),
            (at(f64::NAN, 2.0), &three, "two corners of a mask"),
            (at(4.0, 2.0), "no base64!", "base64 | "),
            (at(4.0, 2.0), three.get(..40).unwrap(), "a PNG file | "),
            (at(9.0, 2.0), &png(9, 2), "a PNG of at most 8x6 | 9x2"),
        ] {
            let found = bounds(at(2.0, 1.0), last, text).unwrap_err();
            assert!(found.starts_with(expected), "{found}");
        }
        let broken: String = three.chars().flat_map(|char| [char, '\n']).collect();
        let bare = broken.trim_end_matches(['=', '\n']);
        assert!(bounds(at(2.0, 1.0), at(4.0, 2.0), bare).is_ok());
    }

    proptest! {
        #[test]
        fn masks_come_back_as_they_were(pixels in prop::collection::vec(any::<bool>(), 48)) {
            let set = pixels.iter().enumerate().filter(|(_, is_set)| **is_set);
            let mask = Rle::of_runs(SIZE, set.map(|(at, _)| (at as u64, at as u64 + 1))).unwrap();
            let Some((png, [first, last])) = write(&mask) else {
                prop_assert_eq!(mask.area(), 0);
                return Ok(());
            };
            let runs = read(&png, at(first[0], first[1]), at(last[0], last[1]), SIZE).unwrap();
            prop_assert_eq!(Rle::of_runs(SIZE, runs), Some(mask));
        }
    }
}
