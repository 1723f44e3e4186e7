//! What identifies a category, an image or an annotation.

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The identity of a category, image or annotation.
///
/// Files state ids as numbers, as whole floats (`7.0`), as strings of digits and as hashes;
/// `7`, `7.0` and `"7"` are one id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Id {
    /// A whole number.
    Number(i64),
    /// Anything else.
    Text(String),
}

// By hand, so that of a number nothing else is hashed: ids are looked up for each annotation.
impl Hash for Id {
    #[inline(always)]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Number(number) => number.hash(state),
            Self::Text(text) => text.hash(state),
        }
    }
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
}
