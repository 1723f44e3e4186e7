//! Changes of a text, piece by piece: all other bytes stay as they are.

use serde_json::Value;
use std::ops::Range;

/// A change of a JSON value, as JSON Patch (RFC 6902) has it.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A value comes in the place of another one.
    Replace {
        /// The JSON pointer.
        path: String,
        /// The value that was there.
        old: Value,
        /// The value that comes.
        new: Value,
    },
    /// A member comes.
    Add {
        /// The JSON pointer.
        path: String,
        /// The value.
        new: Value,
    },
    /// A member or element goes.
    Remove {
        /// The JSON pointer of the list or object.
        parent: String,
        /// The number of the element or member in that.
        number: usize,
        /// The end of the pointer.
        name: String,
    },
    /// A member gets another name.
    Rename {
        /// The JSON pointer.
        path: String,
        /// The pointer that it gets.
        to: String,
    },
}

/// A piece of a text and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// The bytes that go.
    pub range: Range<usize>,
    /// The bytes that come.
    pub text: Vec<u8>,
}

/// The changes of one text.
///
/// ```
/// use annoconv::files::patch::Patch;
/// let mut patch = Patch::default();
/// patch.replace(4..5, "2");
/// patch.remove(0..2);
/// assert_eq!(patch.apply(b"a b 1 c"), b"b 2 c");
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Patch {
    splices: Vec<Splice>,
    changes: Vec<Change>,
}

impl Patch {
    /// Puts a text in the place of a piece. A piece of no length is where the text comes in.
    pub fn replace(&mut self, range: Range<usize>, text: impl Into<Vec<u8>>) {
        self.splices.push(Splice { range, text: text.into() });
    }

    /// Takes a piece away.
    pub fn remove(&mut self, range: Range<usize>) {
        self.replace(range, Vec::new());
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.splices.is_empty()
    }

    /// The changes of both.
    pub fn add(&mut self, other: Self) {
        self.splices.extend(other.splices);
        self.changes.extend(other.changes);
    }

    /// Notes what a change means, in a text that is JSON.
    pub fn note(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// What the changes mean, in a text that is JSON.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The changes in the order of the text. What lies in a piece that another change takes away or
    /// replaces is left out, so that a change that is made twice is made once.
    pub fn in_order(&self) -> Vec<&Splice> {
        let mut sorted: Vec<&Splice> = self.splices.iter().collect();
        sorted.sort_by_key(|it| {
            (it.range.start, !it.range.is_empty(), std::cmp::Reverse(it.range.end))
        });
        let mut end = 0;
        sorted.retain(|splice| {
            let is_free = splice.range.start >= end;
            end = if is_free { splice.range.end } else { end };
            is_free
        });
        sorted
    }

    /// The text with all changes.
    pub fn apply(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        for splice in self.in_order() {
            out.extend_from_slice(text.get(at..splice.range.start).unwrap_or_default());
            out.extend_from_slice(&splice.text);
            at = splice.range.end;
        }
        out.extend_from_slice(text.get(at..).unwrap_or_default());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_change_in_any_order_and_what_goes_takes_its_changes_along() {
        type Change = (Range<usize>, &'static str);
        let cases: [(&[Change], &str); 6] = [
            (&[], "0123456789"),
            (&[(8..9, "x"), (1..2, "")], "0234567x9"),
            (&[(3..3, "a"), (3..3, "b")], "012ab3456789"),
            (&[(2..8, ""), (4..5, "x")], "0189"),
            (&[(9..10, "x"), (9..10, "x")], "012345678x"),
            (&[(10..10, "!")], "0123456789!"),
        ];
        for (changes, expected) in cases {
            let mut patch = Patch::default();
            changes.iter().for_each(|(range, text)| patch.replace(range.clone(), *text));
            assert_eq!(patch.apply(b"0123456789"), expected.as_bytes(), "{changes:?}");
        }
    }
}
