//! Changes of a text, piece by piece: all other bytes stay as they are.

use std::ops::Range;

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patch {
    splices: Vec<Splice>,
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
