//! Changes of single values in a JSON text: all other bytes stay.

use super::JsonFile;
use crate::files::patch::{Change, Patch};
use crate::numbers;
use serde_json::Value;
use std::ops::Range;

/// An object of a JSON file, whose members can be changed.
pub struct JsonRecord<'f> {
    file: &'f JsonFile,
    span: Range<usize>,
    members: Vec<(String, Range<usize>)>,
    pointer: String,
}

impl<'f> JsonRecord<'f> {
    /// The object at a span, and its JSON pointer.
    pub fn new(file: &'f JsonFile, span: &Range<usize>, pointer: impl Into<String>) -> Self {
        Self { file, span: span.clone(), members: file.members(span).0, pointer: pointer.into() }
    }

    /// The span of a member's value.
    pub fn value(&self, name: &str) -> Option<Range<usize>> {
        self.members.iter().rfind(|(own, _)| own == name).map(|(_, span)| span.clone())
    }

    /// The text of a member's value.
    pub fn text(&self, name: &str) -> Option<&'f str> {
        std::str::from_utf8(self.file.bytes(&self.value(name)?)).ok()
    }

    /// Gives a member a value. One that is not there comes after the last, written as that one is.
    pub fn set(&self, patch: &mut Patch, name: &str, value: &str) {
        let path = format!("{}/{}", self.pointer, token(name));
        match (self.value(name), self.members.last()) {
            (Some(span), _) if self.file.bytes(&span) == value.as_bytes() => return,
            (Some(span), _) => {
                let (old, new) = (parsed(self.file.bytes(&span)), parsed(value.as_bytes()));
                patch.note(Change::Replace { path, old, new });
            }
            (None, _) => patch.note(Change::Add { path, new: parsed(value.as_bytes()) }),
        }
        match (self.value(name), self.members.last()) {
            (Some(span), _) => patch.replace(span, value),
            (None, Some((_, last))) => {
                let (before, colon) = self.style();
                let name = serde_json::Value::from(name);
                patch.replace(last.end..last.end, format!("{before}{name}{colon}{value}"));
            }
            (None, None) => {
                let at = self.span.start + 1;
                let name = serde_json::Value::from(name);
                patch.replace(at..at, format!("{name}:{value}"));
            }
        }
    }

    /// What stands before the name of the last member, its comma included, and after the name.
    fn style(&self) -> (String, String) {
        let usual = || (", ".to_owned(), ": ".to_owned());
        let [.., (_, one), (_, other)] = self.members.as_slice() else { return usual() };
        let between = String::from_utf8_lossy(self.file.bytes(&(one.end..other.start)));
        let name = between.find('"').zip(between.rfind('"'));
        let split =
            name.and_then(|(first, last)| between.get(..first).zip(between.get(last + 1..)));
        split.map_or_else(usual, |(before, colon)| (before.to_owned(), colon.to_owned()))
    }

    /// Takes the quotes from all numbers in the values of these members. Whether there were any.
    pub fn unquote(&self, patch: &mut Patch, names: &[&str]) -> bool {
        let own = self.members.iter().filter(|(name, _)| names.contains(&name.as_str()));
        let mut found = false;
        for (name, span) in own {
            let pointer = format!("{}/{}", self.pointer, token(name));
            found |= unquote(self.file, span, &pointer, patch);
        }
        found
    }
}

/// Takes the quotes from all numbers of a value.
fn unquote(file: &JsonFile, span: &Range<usize>, pointer: &str, patch: &mut Patch) -> bool {
    let text = file.bytes(span);
    match text {
        [b'[', ..] => {
            let (elements, _) = file.elements(span);
            elements.iter().enumerate().fold(false, |found, (number, span)| {
                unquote(file, span, &format!("{pointer}/{number}"), patch) || found
            })
        }
        [b'"', inner @ .., b'"'] => {
            let number = std::str::from_utf8(inner).ok().map(str::trim);
            let is_json = |text: &&str| serde_json::from_str::<serde_json::Number>(text).is_ok();
            match number.filter(is_json) {
                Some(number) => {
                    let (old, new) = (parsed(text), parsed(number.as_bytes()));
                    patch.note(Change::Replace { path: pointer.to_owned(), old, new });
                    patch.replace(span.clone(), number);
                    true
                }
                None => false,
            }
        }
        _ => false,
    }
}

/// The value of a text.
fn parsed(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap_or_default()
}

/// A name in a JSON pointer (RFC 6901).
pub fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Takes an element of a list, or a member of an object, away with the comma before it. `values` are
/// the spans of all of them; the first is never taken away. `parent` is the JSON pointer of the list,
/// `name` what the pointer of the element ends with.
pub fn remove(
    values: &[Range<usize>],
    number: usize,
    (parent, name): (&str, &str),
    patch: &mut Patch,
) -> bool {
    let before = number.checked_sub(1).and_then(|before| values.get(before));
    let Some((before, own)) = before.zip(values.get(number)) else { return false };
    let (parent, name) = (parent.to_owned(), token(name));
    patch.note(Change::Remove { parent, number, name });
    patch.remove(before.end..own.end);
    true
}

/// A number with as few digits as it needs. What arithmetic left at its end is rounded away.
///
/// ```
/// assert_eq!(annoconv::json::edit::number(640.0 - 600.3), "39.7");
/// ```
pub fn number(value: f64) -> String {
    let tidy = (0..8i32).map(|decimals| 10f64.powi(decimals)).find_map(|power| {
        let rounded = (value * power).round() / power;
        ((rounded - value).abs() <= value.abs().max(1.0) * 1e-12).then_some(rounded)
    });
    let mut out = Vec::new();
    numbers::shortest(&mut out, tidy.unwrap_or(value) + 0.0);
    String::from_utf8(out).unwrap_or_default()
}

/// A list of numbers, with blanks as the text that it replaces has them.
pub fn list(numbers: impl IntoIterator<Item = f64>, like: &str) -> String {
    let comma = if like.contains(", ") || !like.contains(',') { ", " } else { "," };
    let numbers: Vec<String> = numbers.into_iter().map(number).collect();
    format!("[{}]", numbers.join(comma))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, edit: impl Fn(&JsonRecord, &mut Patch)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, text).unwrap();
        let file = JsonFile::read(&path).unwrap();
        let mut patch = Patch::default();
        edit(&JsonRecord::new(&file, &file.span(), ""), &mut patch);
        String::from_utf8(patch.apply(text.as_bytes())).unwrap()
    }

    #[test]
    fn members_are_set_in_the_style_of_the_record() {
        for (text, expected) in [
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"b":9,"c":9}"#),
            ("{\n  \"a\": 1,\n  \"b\": 2\n}", "{\n  \"a\": 1,\n  \"b\": 9,\n  \"c\": 9\n}"),
            (r#"{"b": 2}"#, r#"{"b": 9, "c": 9}"#),
            (r#"{"b": 2, "c": [1, 2]}"#, r#"{"b": 9, "c": 9}"#),
        ] {
            let found = edited(text, |record, patch| {
                record.set(patch, "b", "9");
                record.set(patch, "c", "9");
            });
            assert_eq!(found, expected);
        }
        assert_eq!(edited("{}", |record, patch| record.set(patch, "a", "1")), r#"{"a":1}"#);
    }

    #[test]
    fn quotes_are_taken_from_numbers_alone() {
        let found = edited(r#"{"a": ["1.50", 2, "x", ["3"]], "b": "4", "c": "5"}"#, |it, patch| {
            assert!(it.unquote(patch, &["a", "b"]));
            assert!(!it.unquote(patch, &["d"]));
        });
        assert_eq!(found, r#"{"a": [1.50, 2, "x", [3]], "b": 4, "c": "5"}"#);
    }

    #[test]
    fn numbers_lose_what_arithmetic_left() {
        for (value, text) in [
            (0.1 + 0.2, "0.3"),
            (-0.0, "0"),
            (39.70000000000005, "39.7"),
            (1.0 / 3.0, "0.3333333333333333"),
            (12.0, "12"),
            (1e-7, "1e-7"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
