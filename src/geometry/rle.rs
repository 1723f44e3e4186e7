//! Run-length encoded masks, as COCO defines them.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "the runs of a mask add up to its pixels, below 2^64; a compressed number is below 2^35"
)]

use super::{BBox, Polygon, Size, trace};
use crate::error::Mismatch;

/// A binary mask as run lengths: column by column from the left, each column from the top. The
/// first run is background; it has 0 pixels if the first pixel is set.
///
/// Source of the rules: `maskApi.c` of pycocotools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rle {
    size: Size,
    counts: Vec<u32>,
}

impl Rle {
    /// A mask from its run lengths.
    ///
    /// # Errors
    /// Where the sum of the runs is not the number of the mask's pixels.
    ///
    /// ```
    /// use annoconv::geometry::{Rle, Size};
    /// let mask = Rle::new(Size { width: 3, height: 2 }, vec![1, 2, 3]).unwrap();
    /// assert_eq!(mask.area(), 2);
    /// assert!(Rle::new(Size { width: 3, height: 2 }, vec![1, 2]).is_err());
    /// ```
    pub fn new(size: Size, counts: Vec<u32>) -> Result<Self, Mismatch> {
        let pixels = u64::from(size.width) * u64::from(size.height);
        let sum: u64 = counts.iter().map(|&count| u64::from(count)).sum();
        if sum == pixels {
            return Ok(Self { size, counts });
        }
        Err(Mismatch::new(format!("runs that add up to {size} = {pixels}"), sum.to_string()))
    }

    /// A mask from runs of set pixels: the number of the first one, and the number after the last one. The
    /// runs are in the order of their starts, and may overlap. `None` where they leave the mask.
    pub fn of_runs(size: Size, runs: impl IntoIterator<Item = (u64, u64)>) -> Option<Self> {
        let mut counts: Vec<u32> = Vec::new();
        let mut at = 0;
        for (start, end) in runs {
            let (from, to) = (start.max(at), end.max(at));
            match counts.last_mut() {
                Some(last) if start <= at => {
                    *last = u32::try_from(u64::from(*last) + to - from).ok()?;
                }
                _ => {
                    counts.extend([u32::try_from(from - at).ok()?, u32::try_from(to - from).ok()?])
                }
            }
            at = to;
        }
        let rest = (u64::from(size.width) * u64::from(size.height)).checked_sub(at)?;
        if rest > 0 {
            counts.push(u32::try_from(rest).ok()?);
        }
        Self::new(size, counts).ok()
    }

    /// A mask of 0 by 0 pixels. It stands for a mask whose pixels are not needed.
    pub const fn none() -> Self {
        Self { size: Size { width: 0, height: 0 }, counts: Vec::new() }
    }

    /// A mask from COCO's compressed counts.
    ///
    /// Each number is written as groups of five bits, the least significant group first. Bit 0x20
    /// of a group means that more groups follow; bit 0x10 of the last group is the sign. 48 is
    /// added to each group, which makes it a printable character. From the fourth number on, the
    /// difference to the number two places before it is written.
    ///
    /// # Errors
    /// Where a character is not of the encoding, a number is cut off, negative or too large, or the
    /// sum of the runs is not the number of the mask's pixels.
    pub fn from_compressed(size: Size, text: &str) -> Result<Self, Mismatch> {
        let mut counts: Vec<u32> = Vec::new();
        let mut bytes = text.bytes();
        while let Some(first) = bytes.next() {
            let mut number = read_number(first, &mut bytes)?;
            if let [_, .., before, _] = counts.as_slice() {
                number += i64::from(*before);
            }
            let count = u32::try_from(number).map_err(|_| {
                Mismatch::new("a run of 0 to 4294967295 pixels", number.to_string())
            })?;
            counts.push(count);
        }
        Self::new(size, counts)
    }

    /// The counts in COCO's compressed form: the inverse of [`Rle::from_compressed`].
    pub fn to_compressed(&self) -> String {
        let mut text = String::new();
        let before = [0; 3].iter().chain(self.counts.iter().skip(1));
        for (&count, &before) in self.counts.iter().zip(before) {
            write_number(i64::from(count) - i64::from(before), &mut text);
        }
        text
    }

    /// The mask's size.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The run lengths, background first.
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// The number of pixels that are set.
    pub fn area(&self) -> u64 {
        self.counts.iter().skip(1).step_by(2).map(|&count| u64::from(count)).sum()
    }

    /// The smallest box that covers the set pixels wholly, as `toBbox` of pycocotools computes it:
    /// a mask with only the first pixel set has the box from 0, 0 to 1, 1. `None` for an empty
    /// mask.
    pub fn bounds(&self) -> Option<BBox> {
        let height = u64::from(self.size.height);
        let (mut left, mut top, mut right, mut bottom) = (u64::MAX, u64::MAX, 0, 0);
        for (start, end) in self.runs() {
            let (first_column, last_column) = (start / height, (end - 1) / height);
            let within_a_column = first_column == last_column;
            left = left.min(first_column);
            right = right.max(last_column + 1);
            top = top.min(if within_a_column { start % height } else { 0 });
            bottom = bottom.max(if within_a_column { (end - 1) % height + 1 } else { height });
        }
        (right > 0).then(|| BBox::Corner {
            x: left as f64,
            y: top as f64,
            width: (right - left) as f64,
            height: (bottom - top) as f64,
        })
    }

    /// The outline of the set pixels along their edges, with holes. There is one polygon for each
    /// group of pixels that are connected by their edges. The polygons have exactly the mask's
    /// area, and no ring touches itself. The time grows with the number of runs.
    pub fn trace(&self) -> Vec<Polygon> {
        trace::polygons(self, false)
    }

    /// As [`Rle::trace`], but a ring may touch itself: it goes around each of two pixels of one part
    /// that touch at a corner, so that it can be moved inside ([`super::Inset`]).
    pub fn trace_around(&self) -> Vec<Polygon> {
        trace::polygons(self, true)
    }

    /// The runs of set pixels: the number of the first pixel, and the number after the last one.
    /// Pixels are numbered column by column from 0. No run is empty.
    pub fn runs(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let mut at = 0;
        self.counts.iter().enumerate().filter_map(move |(index, &count)| {
            let start = at;
            at += u64::from(count);
            (index % 2 == 1 && count > 0).then_some((start, at))
        })
    }
}

/// Reads the rest of a number of the compressed form; `first` is its first byte.
fn read_number(first: u8, rest: &mut impl Iterator<Item = u8>) -> Result<i64, Mismatch> {
    let mut number: i64 = 0;
    let mut byte = first;
    for group in 0..7 {
        let bits = byte.checked_sub(48).filter(|&bits| bits < 64).ok_or_else(|| {
            Mismatch::new("a character from '0' to 'o'", format!("{:?}", byte as char))
        })?;
        number |= i64::from(bits & 0x1f) << (5 * group);
        if bits & 0x20 == 0 {
            let negative = bits & 0x10 != 0;
            return Ok(if negative { number | (-1 << (5 * (group + 1))) } else { number });
        }
        byte = rest.next().ok_or_else(|| Mismatch::new("one more character", "the end"))?;
    }
    Err(Mismatch::new("a number of at most 7 characters", "more"))
}

fn write_number(mut number: i64, text: &mut String) {
    loop {
        let bits = (number & 0x1f) as u8;
        number >>= 5;
        let last = number == if bits & 0x10 != 0 { -1 } else { 0 };
        text.push(char::from(48 + bits + if last { 0 } else { 0x20 }));
        if last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mask(width: u32, height: u32, counts: &[u32]) -> Rle {
        Rle::new(Size { width, height }, counts.to_vec()).unwrap()
    }

    /// Strings and boxes as pycocotools 2.0.11 gives them for the same counts.
    #[test]
    fn the_compressed_form_is_that_of_pycocotools() {
        let cases = [
            (mask(3, 2, &[6]), "6", None),
            (mask(3, 2, &[0, 6]), "06", Some([0.0, 0.0, 3.0, 2.0])),
            (
                mask(640, 480, &[1000, 20, 460, 300, 305_420]),
                "Xo0d0\\>h8PjY9",
                Some([2.0, 40.0, 2.0, 300.0]),
            ),
            (mask(10, 10, &[11, 3, 7, 3, 76]), ";370U2", Some([1.0, 1.0, 2.0, 3.0])),
        ];
        for (mask, text, bounds) in cases {
            assert_eq!(mask.to_compressed(), text);
            assert_eq!(Rle::from_compressed(mask.size(), text).unwrap(), mask);
            assert_eq!(mask.bounds().map(|bbox| bbox.corner_and_size()), bounds);
        }
    }

    #[test]
    fn what_is_not_a_mask_is_refused() {
        let size = Size { width: 3, height: 2 };
        let cases = [
            ("", "runs that add up to 3x2 = 6", "0"),
            ("5", "runs that add up to 3x2 = 6", "5"),
            ("\u{7f}", "a character from '0' to 'o'", "'\\u{7f}'"),
            ("!", "a character from '0' to 'o'", "'!'"),
            ("o", "one more character", "the end"),
            ("O", "a run of 0 to 4294967295 pixels", "-1"),
            ("oooooooo1", "a number of at most 7 characters", "more"),
        ];
        for (text, expected, found) in cases {
            let mismatch = Rle::from_compressed(size, text).unwrap_err();
            assert_eq!(mismatch, Mismatch::new(expected, found), "{text:?}");
        }
        assert!(Rle::new(size, vec![u32::MAX, u32::MAX]).is_err());
    }

    #[test]
    fn a_huge_mask_of_few_runs_is_traced_as_few_rectangles() {
        let (width, height) = (1 << 24, 3);
        let size = Size { width, height };
        let mask = Rle::new(size, vec![2, width, width, width - 2]).unwrap();
        let traced: f64 = mask.trace().iter().map(Polygon::area).sum();
        assert_eq!(traced, mask.area() as f64);
    }

    proptest! {
        #[test]
        fn compressing_and_back_is_the_identity(
            mut counts in prop::collection::vec(0u32..100_000, 0..40),
        ) {
            let sum: u32 = counts.iter().sum();
            counts.push(4_000_000 - sum);
            let mask = mask(2000, 2000, &counts);
            let text = mask.to_compressed();
            prop_assert_eq!(Rle::from_compressed(mask.size(), &text).unwrap(), mask);
        }

        #[test]
        fn area_and_bounds_are_those_of_the_pixels(
            pixels in prop::collection::vec(any::<bool>(), 35),
        ) {
            let mut counts = vec![0u32];
            let mut set = false;
            for &pixel in &pixels {
                if pixel != set {
                    counts.push(0);
                    set = pixel;
                }
                *counts.last_mut().unwrap() += 1;
            }
            let mask = mask(5, 7, &counts);
            let at: Vec<usize> = (0..35).filter(|&at| pixels[at]).collect();
            prop_assert_eq!(mask.area(), at.len() as u64);
            let traced: f64 = mask.trace().iter().map(Polygon::area).sum();
            prop_assert_eq!(traced, at.len() as f64);
            let expected = at.iter().map(|at| at / 7).min().map(|left| {
                let right = at.iter().map(|at| at / 7 + 1).max().unwrap();
                let top = at.iter().map(|at| at % 7).min().unwrap();
                let bottom = at.iter().map(|at| at % 7 + 1).max().unwrap();
                [left, top, right, bottom].map(|edge| edge as f64)
            });
            prop_assert_eq!(mask.bounds().map(|bbox| bbox.corners()), expected);
        }
    }
}
