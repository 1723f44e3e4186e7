//! The polygons of most files, read without a detour: rings of plain numbers.

use crate::geometry::{Coord, Polygon, Ring};

/// The largest whole number up to which all are doubles.
const EXACT: u64 = 1 << 53;

/// Powers of ten that are doubles.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The parts of a segmentation that is a list of rings, each of pairs of numbers without
/// exponents. `None` for any other, be it good or bad, and for numbers of more digits than can
/// be read exactly by one division.
pub fn polygons(segmentation: &[u8]) -> Option<Vec<Polygon>> {
    let mut text = Text { rest: segmentation };
    let mut parts = Vec::new();
    text.take(b'[')?;
    loop {
        parts.push(Polygon::from_ring(text.ring()?));
        if text.take(b',').is_none() {
            text.take(b']')?;
            return text.rest.is_empty().then_some(parts);
        }
    }
}

/// A list of numbers, as [`polygons`] reads them.
pub fn list<const N: usize>(text: &[u8]) -> Option<[f64; N]> {
    let mut text = Text { rest: text };
    let mut numbers = [0.0; N];
    for (at, number) in numbers.iter_mut().enumerate() {
        text.take(if at == 0 { b'[' } else { b',' })?;
        *number = text.number()?;
    }
    text.take(b']')?;
    text.rest.is_empty().then_some(numbers)
}

/// A number, likewise.
pub fn number(text: &[u8]) -> Option<f64> {
    let mut text = Text { rest: text };
    let number = text.number()?;
    text.rest.is_empty().then_some(number)
}

struct Text<'a> {
    rest: &'a [u8],
}

impl Text<'_> {
    fn skip_white(&mut self) {
        let is_white = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        let white = self.rest.iter().take_while(is_white).count();
        self.rest = &self.rest[white..];
    }

    /// Passes over white space, and over a byte if it is the next one.
    fn take(&mut self, byte: u8) -> Option<()> {
        self.skip_white();
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    fn ring(&mut self) -> Option<Ring> {
        let mut ring = Ring::new();
        self.take(b'[')?;
        loop {
            let x = self.number()?;
            self.take(b',')?;
            ring.push(Coord { x, y: self.number()? });
            if self.take(b',').is_none() {
                self.take(b']')?;
                return Some(ring);
            }
        }
    }

    /// A number: its digits as a whole number, divided by a power of ten. Both are doubles, so that
    /// the quotient is the double that is nearest to what is written (W. D. Clinger, How to read
    /// floating point numbers accurately, 1990).
    fn number(&mut self) -> Option<f64> {
        self.skip_white();
        let is_negative = self.rest.first() == Some(&b'-');
        self.rest = &self.rest[usize::from(is_negative)..];
        let (whole, length) = digits(self.rest, 0)?;
        if length == 0 || length > 1 && self.rest[0] == b'0' {
            return None;
        }
        self.rest = &self.rest[length..];
        let mut number = whole as f64;
        if let Some(fraction) = self.rest.strip_prefix(b".") {
            let (all, length) = digits(fraction, whole)?;
            number = all as f64 / POWERS.get(length).filter(|_| length > 0)?;
            self.rest = &fraction[length..];
        }
        let ends = !matches!(self.rest.first(), Some(b'e' | b'E' | b'.' | b'0'..=b'9'));
        ends.then_some(if is_negative { -number } else { number })
    }
}

/// The digits at the start of a text, appended to a number, and how many they are; `None` where
/// that is too large.
fn digits(text: &[u8], before: u64) -> Option<(u64, usize)> {
    let mut number = before;
    let mut length = 0;
    while let Some(digit) = text.get(length).filter(|byte| byte.is_ascii_digit()) {
        number = number * 10 + u64::from(digit - b'0');
        if number > EXACT {
            return None;
        }
        length += 1;
    }
    Some((number, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_plain_is_left_to_others() {
        let others = [
            "",
            "[",
            "[]",
            "[[]]",
            "[1,2]",
            "[[1,2],3]",
            "[[1]]",
            "[[1,2,3]]",
            "[[1,2]",
            "[[1,2]]]",
            "[[1,2],]",
            "[[1,2,]]",
            "[[01,2]]",
            "[[1.,2]]",
            "[[.5,2]]",
            "[[1e3,2]]",
            "[[NaN,2]]",
            "[[+1,2]]",
            "[[- 1,2]]",
            "[[1 2]]",
            "[[12345678901234567890,2]]",
            "{}",
            "null",
        ];
        for text in others {
            assert_eq!(polygons(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn numbers_are_those_that_serde_reads(
            rings in prop::collection::vec(prop::collection::vec(
                prop_oneof![any::<i32>().prop_map(f64::from), -1e4..1e4f64, 0.0..1.0f64,
                    (any::<u32>(), 0u32..8).prop_map(|(n, d)| f64::from(n) / 10f64.powi(d as i32))],
                2..12), 1..4),
            space in prop_oneof![Just(""), Just(" "), Just("\n\t")],
        ) {
            let rings: Vec<Vec<f64>> =
                rings.into_iter().map(|mut it| { it.truncate(it.len() / 2 * 2); it }).collect();
            let text = serde_json::to_string(&rings).unwrap().replace(',', &format!("{space},{space}"));
            let Some(parts) = polygons(text.as_bytes()) else {
                // An exponent, or more digits than are exact.
                prop_assert!(text.contains('e') || text.split([',', ' ']).any(|it| it.len() > 15));
                return Ok(());
            };
            let read: Vec<Vec<f64>> = parts.iter()
                .map(|part| part.exterior.iter().flat_map(|point| [point.x, point.y]).collect())
                .collect();
            let expected: Vec<Vec<f64>> = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read, expected);
        }
    }
}
