//! The polygons of most files, read without a detour: rings of plain numbers.

use crate::geometry::{Coord, Polygon, Ring};

/// The largest whole number up to which all are doubles.
const EXACT: u64 = 1 << 53;

/// Powers of ten that are doubles.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// A text of which numbers are read from the front. Each method passes over white space and what
/// it reads; `None` where the next is something else, be it good or bad.
pub struct Text<'a> {
    rest: &'a [u8],
}

impl<'a> Text<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { rest: text }
    }

    /// Whether nothing follows.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What follows, from the next byte that is no white space on.
    pub fn rest(&mut self) -> &'a [u8] {
        self.skip_white();
        self.rest
    }

    /// Passes over so many bytes.
    #[inline(always)]
    pub fn skip(&mut self, length: usize) -> Option<()> {
        self.rest = self.rest.get(length..)?;
        Some(())
    }

    /// The name of a member, as it stands between its quotes, and the colon after it.
    #[inline(always)]
    pub fn name(&mut self) -> Option<&'a [u8]> {
        self.take(b'"')?;
        let length = self.rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        let name = self.rest.get(..length)?;
        self.skip(length)?;
        self.take(b'"')?;
        self.take(b':')?;
        Some(name)
    }

    /// A whole number from 0 to 2^53.
    #[inline(always)]
    pub fn whole(&mut self) -> Option<i64> {
        self.skip_white();
        let whole = self.digits_before_point()?;
        self.ends_number()?;
        i64::try_from(whole).ok()
    }

    /// A list of so many numbers.
    #[inline(always)]
    pub fn list<const N: usize>(&mut self) -> Option<[f64; N]> {
        let mut numbers = [0.0; N];
        for (at, number) in numbers.iter_mut().enumerate() {
            self.take(if at == 0 { b'[' } else { b',' })?;
            *number = self.number()?;
        }
        self.take(b']')?;
        Some(numbers)
    }

    /// The parts of a segmentation that is a list of rings, each of pairs of numbers.
    pub fn polygons(&mut self) -> Option<Vec<Polygon>> {
        let mut parts = Vec::new();
        self.take(b'[')?;
        loop {
            parts.push(Polygon::from_ring(self.ring()?));
            if self.take(b',').is_none() {
                self.take(b']')?;
                return Some(parts);
            }
        }
    }

    #[inline(always)]
    fn skip_white(&mut self) {
        let is_white = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        let white = self.rest.iter().take_while(is_white).count();
        self.rest = self.rest.get(white..).unwrap_or_default();
    }

    /// This byte.
    #[inline(always)]
    pub fn take(&mut self, byte: u8) -> Option<()> {
        self.skip_white();
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    #[inline(always)]
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

    /// A number without exponent, of no more digits than can be read exactly by one division: its
    /// digits as a whole number, divided by a power of ten. Both are doubles, so that the quotient
    /// is the double that is nearest to what is written (W. D. Clinger, How to read floating point
    /// numbers accurately, 1990).
    #[inline(always)]
    pub fn number(&mut self) -> Option<f64> {
        self.skip_white();
        let is_negative = self.rest.first() == Some(&b'-');
        self.rest = self.rest.get(usize::from(is_negative)..)?;
        let whole = self.digits_before_point()?;
        let mut number = whole as f64;
        if let Some(fraction) = self.rest.strip_prefix(b".") {
            let (all, length) = digits(fraction, whole)?;
            number = all as f64 / POWERS.get(length).filter(|_| length > 0)?;
            self.rest = fraction.get(length..)?;
        }
        self.ends_number()?;
        Some(if is_negative { -number } else { number })
    }

    /// Digits, the first of several not 0.
    #[inline(always)]
    fn digits_before_point(&mut self) -> Option<u64> {
        let (whole, length) = digits(self.rest, 0)?;
        if length == 0 || length > 1 && self.rest.starts_with(b"0") {
            return None;
        }
        self.rest = self.rest.get(length..)?;
        Some(whole)
    }

    #[inline(always)]
    fn ends_number(&self) -> Option<()> {
        let goes_on = matches!(self.rest.first(), Some(b'e' | b'E' | b'.' | b'0'..=b'9'));
        (!goes_on).then_some(())
    }
}

/// The digits at the start of a text, appended to a number, and how many they are; `None` where
/// that is too large.
#[inline(always)]
fn digits(text: &[u8], before: u64) -> Option<(u64, usize)> {
    let mut number = before;
    let mut length = 0;
    while let Some(digit) = text.get(length).filter(|byte| byte.is_ascii_digit()) {
        number = number.checked_mul(10)?.checked_add(u64::from(digit.wrapping_sub(b'0')))?;
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

    fn polygons(text: &[u8]) -> Option<Vec<Polygon>> {
        let mut text = Text::new(text);
        text.polygons().filter(|_| text.is_empty())
    }

    #[test]
    fn a_whole_number_is_one_in_json_too() {
        let cases =
            [("0", Some(0)), ("860001", Some(860_001)), ("9007199254740992", Some(1 << 53))];
        let others = ["", "-1", "01", "1.0", "1e3", "\"1\"", "9007199254740993", "null"];
        for (text, expected) in cases.into_iter().chain(others.map(|text| (text, None))) {
            assert_eq!(Text::new(text.as_bytes()).whole(), expected, "{text}");
        }
    }

    #[test]
    fn names_are_those_without_escapes() {
        assert_eq!(Text::new(br#" "a b" : 1"#).name(), Some(b"a b".as_slice()));
        for text in [r#""a\"b": 1"#, r#""a" 1"#, r#""a"#, "a: 1", ""] {
            assert_eq!(Text::new(text.as_bytes()).name(), None, "{text}");
        }
    }

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
