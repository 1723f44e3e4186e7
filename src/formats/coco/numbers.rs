//! Single values as files write them: numbers, numbers in quotes, flags, names.

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Unexpected, Visitor};
use std::fmt;

/// A finite number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// The number.
    pub value: f64,
    /// Whether it is written as a string (Roboflow writes `"124.0000"`).
    pub is_text: bool,
}

/// A JSON value that is no object.
#[derive(Debug, Clone, Copy)]
pub enum Scalar<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Text(&'a str),
    /// A list, whatever is in it.
    List,
}

impl Scalar<'_> {
    /// The number that it is, or that it spells in decimal notation. "NaN" and "Infinity" spell
    /// none.
    pub fn number(self) -> Option<Number> {
        match self {
            Self::Number(value) => Some(Number { value, is_text: false }),
            Self::Text(text) => {
                let value = text.trim().parse().ok().filter(|value: &f64| value.is_finite())?;
                Some(Number { value, is_text: true })
            }
            Self::Null | Self::Bool(_) | Self::List => None,
        }
    }

    /// The whole number from 0 that it is or spells.
    fn whole(self) -> Option<Whole> {
        let Number { value, is_text } = self.number()?;
        let is_whole = value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value);
        is_whole.then_some(Whole { value: value as u32, is_text })
    }

    fn coordinate(self) -> Option<Coordinate> {
        self.number().map(Coordinate)
    }

    fn side(self) -> Option<Side> {
        match self {
            Self::Null => Some(Side::default()),
            _ => self.whole().map(|Whole { value, is_text }| Side {
                value: (value > 0).then_some(value),
                is_text,
                is_zero: value == 0,
            }),
        }
    }

    fn flag(self) -> Option<Flag> {
        let is_text = matches!(self, Self::Text(_));
        let is_set = match self {
            Self::Null => false,
            Self::Bool(value) => value,
            Self::Number(value) => value != 0.0,
            Self::Text(text) if text.eq_ignore_ascii_case("false") => false,
            Self::Text(text) if text.eq_ignore_ascii_case("true") => true,
            Self::Text(_) => match self.whole()?.value {
                0 => false,
                1 => true,
                _ => return None,
            },
            Self::List => return None,
        };
        Some(Flag { is_set, is_text })
    }

    fn area(self) -> Option<Area> {
        match self {
            Self::Null | Self::List => Some(Area(None)),
            _ => self.number().map(|number| Area(Some(number))),
        }
    }

    fn file_name(self) -> Option<FileName> {
        match self {
            Self::Null => Some(FileName(None)),
            Self::Text(text) => Some(FileName(Some(text.to_owned()))),
            _ => None,
        }
    }

    fn class_name(self) -> Option<ClassName> {
        match self {
            Self::Text(text) => Some(ClassName(text.to_owned())),
            Self::Number(number) => Some(ClassName(
                whole(number).map_or_else(|| number.to_string(), |number| number.to_string()),
            )),
            _ => None,
        }
    }

    /// It as an error names it.
    fn unexpected(&self) -> Unexpected<'_> {
        match *self {
            Self::Null => Unexpected::Unit,
            Self::Bool(value) => Unexpected::Bool(value),
            Self::Number(value) => {
                whole(value).map_or(Unexpected::Float(value), Unexpected::Signed)
            }
            Self::Text(text) => Unexpected::Str(text),
            Self::List => Unexpected::Seq,
        }
    }
}

/// The whole number that a double is, where all doubles near it are exact.
fn whole(value: f64) -> Option<i64> {
    const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() <= LARGEST_EXACT).then_some(value as i64)
}

/// Reads a value by a conversion.
pub struct ScalarVisitor<T> {
    /// What is expected.
    pub expected: &'static str,
    /// What is expected, in the message about a list.
    pub no_list: &'static str,
    pub convert: fn(Scalar<'_>) -> Option<T>,
}

impl<T> ScalarVisitor<T> {
    fn take<E: de::Error>(&self, scalar: Scalar<'_>) -> Result<T, E> {
        (self.convert)(scalar).ok_or_else(|| E::invalid_value(scalar.unexpected(), &self.expected))
    }
}

impl<'de, T> Visitor<'de> for ScalarVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        self.take(Scalar::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<T, E> {
        self.take(Scalar::Bool(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        self.take(Scalar::Number(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        self.take(Scalar::Number(value as f64))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        self.take(Scalar::Number(value as f64))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        self.take(Scalar::Text(text))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<T, S::Error> {
        let value = (self.convert)(Scalar::List)
            .ok_or_else(|| de::Error::invalid_type(Unexpected::Seq, &self.no_list))?;
        while seq.next_element::<de::IgnoredAny>()?.is_some() {}
        Ok(value)
    }
}

/// Implements `Deserialize` by a conversion of a [`Scalar`].
macro_rules! from_scalar {
    ($type:ty, $expected:literal, $convert:ident) => {
        from_scalar!($type, $expected, $expected, $convert);
    };
    ($type:ty, $expected:literal, $no_list:literal, $convert:ident) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(ScalarVisitor {
                    expected: $expected,
                    no_list: $no_list,
                    convert: |scalar| scalar.$convert(),
                })
            }
        }
    };
}

/// A number in a ring.
pub struct Coordinate(pub Number);

/// A whole number from 0 to 4294967295.
#[derive(Debug, Clone, Copy)]
pub struct Whole {
    pub value: u32,
    pub is_text: bool,
}

/// A side of an image: a whole number, perhaps as a float; none where it is null or 0.
#[derive(Debug, Default)]
pub struct Side {
    pub value: Option<u32>,
    pub is_text: bool,
    pub is_zero: bool,
}

/// 0 or 1, true or false, either as a string, or null.
pub struct Flag {
    pub is_set: bool,
    pub is_text: bool,
}

/// An area. A list states none (some tools list one area a part).
pub struct Area(pub Option<Number>);

/// A text or null.
pub struct FileName(pub Option<String>);

/// The name of a category: a text, or a number taken as text.
pub struct ClassName(pub String);

from_scalar!(Number, "a number", number);
from_scalar!(
    Coordinate,
    "a number",
    "a ring as a flat list of numbers [x1, y1, x2, y2, …]",
    coordinate
);
from_scalar!(Whole, "a whole number from 0", whole);
from_scalar!(Side, "a whole number of pixels", side);
from_scalar!(Flag, "iscrowd to be 0 or 1", flag);
from_scalar!(Area, "a number", area);
from_scalar!(FileName, "a file name in quotes", file_name);
from_scalar!(ClassName, "a name in quotes", class_name);

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn a_number_may_be_a_string() {
        let cases = [
            ("124", Some((124.0, false))),
            ("-1.5e2", Some((-150.0, false))),
            ("\"124.0000\"", Some((124.0, true))),
            ("\" -0.5 \"", Some((-0.5, true))),
            ("\"1e2\"", Some((100.0, true))),
            ("\"\"", None),
            ("\"abc\"", None),
            ("\"12,5\"", None),
            ("\"0x10\"", None),
            ("\"NaN\"", None),
            ("\"-Infinity\"", None),
            ("\"1e999\"", None),
            ("true", None),
            ("null", None),
            ("[1]", None),
            ("{}", None),
        ];
        for (json, expected) in cases {
            let number = read::<Number>(json).map(|number| (number.value, number.is_text));
            assert_eq!(number, expected, "{json}");
        }
    }

    #[test]
    fn a_whole_number_has_no_fraction_and_no_sign() {
        let cases = [
            ("3", Some(3)),
            ("3.0", Some(3)),
            ("\"3\"", Some(3)),
            ("4294967295", Some(u32::MAX)),
            ("4294967296", None),
            ("-1", None),
            ("0.5", None),
            ("\"x\"", None),
        ];
        for (json, expected) in cases {
            assert_eq!(read::<Whole>(json).map(|whole| whole.value), expected, "{json}");
        }
    }

    #[test]
    fn a_side_may_be_unknown() {
        let cases = [
            ("640", Some(Some(640))),
            ("\"640\"", Some(Some(640))),
            ("640.0", Some(Some(640))),
            ("0", Some(None)),
            ("null", Some(None)),
            ("1.5", None),
            ("-3", None),
            ("\"wide\"", None),
            ("[640]", None),
        ];
        for (json, expected) in cases {
            assert_eq!(read::<Side>(json).map(|side| side.value), expected, "{json}");
        }
    }

    #[test]
    fn a_flag_is_read_in_every_spelling() {
        for json in ["1", "1.0", "true", "\"1\"", "\"1.0\"", "\"true\"", "\"True\""] {
            assert_eq!(read::<Flag>(json).map(|flag| flag.is_set), Some(true), "{json}");
        }
        for json in ["0", "0.0", "false", "null", "\"0\"", "\"false\"", "\"False\""] {
            assert_eq!(read::<Flag>(json).map(|flag| flag.is_set), Some(false), "{json}");
        }
        for json in ["\"yes\"", "\"2\"", "\"\"", "[1]", "{}"] {
            assert!(read::<Flag>(json).is_none(), "{json}");
        }
    }

    #[test]
    fn a_name_may_be_a_number() {
        let cases = [
            ("\"cat\"", Some("cat")),
            ("\"\"", Some("")),
            ("7", Some("7")),
            ("7.0", Some("7")),
            ("1.5", Some("1.5")),
            ("true", None),
            ("null", None),
            ("[\"cat\"]", None),
        ];
        for (json, expected) in cases {
            assert_eq!(read::<ClassName>(json).map(|name| name.0).as_deref(), expected, "{json}");
        }
    }
}
