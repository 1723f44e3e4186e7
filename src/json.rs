//! A big JSON file: indexed once, then any element read by its span.

use crate::error::{Error, Position, Result};
use crate::files;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The bytes of one JSON file.
#[derive(Debug)]
pub struct JsonFile {
    path: PathBuf,
    text: Vec<u8>,
    start: usize,
}

/// The elements of the arrays that were asked for, and all other members as text.
#[derive(Debug)]
pub struct Index {
    /// The spans of each array's elements, in the order in which the names were given; `None`
    /// where the file has no such member.
    pub arrays: Vec<Option<Vec<Range<usize>>>>,
    /// All members in order; the arrays that were asked for have `None` here.
    pub members: Vec<(String, Option<Box<RawValue>>)>,
}

impl JsonFile {
    /// Reads a file. A UTF-8 byte order mark is passed over.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let text = files::read(path)?;
        let start = if text.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        Ok(Self { path: path.to_path_buf(), text, start })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The first byte that is not white space.
    pub fn first_byte(&self) -> Option<u8> {
        self.text[self.start..].iter().copied().find(|byte| !byte.is_ascii_whitespace())
    }

    /// Reads the whole file, once, into the spans of the elements of `arrays` and the rest.
    ///
    /// # Errors
    /// Where it is not JSON, not an object, or one of the arrays is none.
    pub fn index(&self, arrays: &[&str]) -> Result<Index> {
        let all = self.start..self.text.len();
        let base = self.text.as_ptr() as usize;
        self.deserialize(&all, "file", IndexSeed { arrays, base })
    }

    /// Reads the element at a span.
    ///
    /// # Errors
    /// Where it is not a `T`; the message says `thing` and names the place.
    pub fn element<'a, T: Deserialize<'a>>(
        &'a self,
        span: &Range<usize>,
        thing: &str,
    ) -> Result<T> {
        self.deserialize(span, thing, std::marker::PhantomData)
    }

    /// The spans of the elements of the list at a span.
    ///
    /// # Errors
    /// Where it is not a list.
    pub fn elements(&self, span: &Range<usize>) -> Result<Vec<Range<usize>>> {
        let base = self.text.as_ptr() as usize;
        self.deserialize(span, "file", Spans { base, name: "the file" })
    }

    /// The span of the whole file.
    pub fn span(&self) -> Range<usize> {
        self.start..self.text.len()
    }

    /// The members of the object at a span: names and spans, in order.
    ///
    /// # Errors
    /// Where it is not an object.
    pub fn members(&self, span: &Range<usize>) -> Result<Vec<(String, Range<usize>)>> {
        let base = self.text.as_ptr() as usize;
        self.deserialize(span, "file", Members { base })
    }

    /// Reads the whole file as one value.
    ///
    /// # Errors
    /// Where it is not a `T`.
    pub fn whole<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        self.element(&(self.start..self.text.len()), "file")
    }

    /// The place where a span starts.
    pub fn position(&self, span: &Range<usize>) -> Position {
        Position::of(&self.text, span.start)
    }

    fn deserialize<'a, S: DeserializeSeed<'a>>(
        &'a self,
        span: &Range<usize>,
        thing: &str,
        seed: S,
    ) -> Result<S::Value> {
        let bytes = self.text.get(span.clone()).unwrap_or_default();
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let value = seed.deserialize(&mut deserializer);
        let ended = value.and_then(|value| deserializer.end().map(|()| value));
        ended.map_err(|error| self.explain(&error, span, thing))
    }

    /// serde_json's error, at its place in the whole file.
    fn explain(&self, error: &serde_json::Error, span: &Range<usize>, thing: &str) -> Error {
        let bytes = self.text.get(span.clone()).unwrap_or_default();
        let line_start = match error.line() {
            0 | 1 => 0,
            line => {
                let breaks = bytes.iter().enumerate().filter(|&(_, &byte)| byte == b'\n');
                breaks.map(|(at, _)| at + 1).nth(line - 2).unwrap_or(bytes.len())
            }
        };
        let offset = span.start + line_start + error.column().saturating_sub(1);
        let (expected, found) = explain(error, self.text.get(offset));
        Error::malformed(thing, expected, found)
            .in_file(&self.path)
            .at(Position::of(&self.text, offset))
    }
}

/// serde_json's message as expectation and finding; `byte` is the one at its place.
fn explain(error: &serde_json::Error, byte: Option<&u8>) -> (String, String) {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(text, _)| text);
    if let Some((found, expected)) = message.split_once(", expected ") {
        let found = found.trim_start_matches("invalid type: ");
        let found = found.trim_start_matches("invalid value: ").trim_start_matches("invalid ");
        let expected = match expected {
            "f64" => "a number",
            "u32" => "a whole number from 0",
            other => other,
        };
        return (expected.to_owned(), found.to_owned());
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return (format!("a member {name}"), "none".to_owned());
    }
    if error.is_eof() {
        return ("more JSON".to_owned(), "the end of the file".to_owned());
    }
    let found = byte.map_or("the end of the file".to_owned(), |&byte| match byte {
        0x20..0x7f => format!("`{}`", char::from(byte)),
        _ => format!("the byte {byte:#04x}"),
    });
    match message.strip_prefix("expected ") {
        Some(expected) => (expected.to_owned(), found),
        None => ("JSON".to_owned(), message.to_owned()),
    }
}

struct IndexSeed<'n> {
    arrays: &'n [&'n str],
    base: usize,
}

impl<'de> DeserializeSeed<'de> for IndexSeed<'_> {
    type Value = Index;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Index, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for IndexSeed<'_> {
    type Value = Index;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Index, M::Error> {
        let mut arrays = vec![None; self.arrays.len()];
        let mut members = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let Some(number) = self.arrays.iter().position(|name| *name == key) else {
                members.push((key, Some(map.next_value()?)));
                continue;
            };
            if arrays[number].is_some() {
                return Err(de::Error::custom(format_args!("two members {key:?}, expected one")));
            }
            arrays[number] =
                Some(map.next_value_seed(Spans { base: self.base, name: &format!("{key:?}") })?);
            members.push((key, None));
        }
        Ok(Index { arrays, members })
    }
}

/// The names and spans of an object's members, as offsets from `base`.
struct Members {
    base: usize,
}

impl<'de> DeserializeSeed<'de> for Members {
    type Value = Vec<(String, Range<usize>)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, Range<usize>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut members = Vec::new();
        while let Some((name, raw)) = map.next_entry::<String, &RawValue>()? {
            members.push((name, span_of(raw, self.base)));
        }
        Ok(members)
    }
}

/// Where a value stands in the text that starts at the address `base`.
fn span_of(raw: &RawValue, base: usize) -> Range<usize> {
    let start = raw.get().as_ptr() as usize - base;
    start..start + raw.get().len()
}

/// The spans of an array's elements, as offsets from `base`.
struct Spans<'n> {
    base: usize,
    name: &'n str,
}

impl<'de> DeserializeSeed<'de> for Spans<'_> {
    type Value = Vec<Range<usize>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Spans<'_> {
    type Value = Vec<Range<usize>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to be a list", self.name)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        let mut spans = Vec::new();
        while let Some(raw) = seq.next_element::<&RawValue>()? {
            spans.push(span_of(raw, self.base));
        }
        Ok(spans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, JsonFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, text).unwrap();
        let file = JsonFile::read(&path).unwrap();
        (folder, file)
    }

    fn message(text: &str) -> String {
        let (_folder, file) = file(text);
        let error = file.index(&["images"]).unwrap_err().to_string();
        error.rsplit_once("a.json:").unwrap().1.to_owned()
    }

    #[test]
    fn elements_are_found_in_any_order_of_members() {
        let (_folder, file) = file("\u{feff}{\"x\": 1,\n\"images\": [{\"a\": 1}, 22 ],\"y\":[2]}");
        let index = file.index(&["images", "none"]).unwrap();
        let spans = index.arrays[0].as_ref().unwrap();
        assert_eq!(index.arrays[1], None);
        assert_eq!(file.element::<u32>(&spans[1], "image 1").unwrap(), 22);
        assert_eq!(file.position(&spans[1]), Position { line: 2, column: 22 });
        let text = |value: &Option<Box<RawValue>>| value.as_ref().map(|raw| raw.get().to_owned());
        let members: Vec<_> = index.members.iter().map(|(k, v)| (k.as_str(), text(v))).collect();
        let expected =
            [("x", Some("1".to_owned())), ("images", None), ("y", Some("[2]".to_owned()))];
        assert_eq!(members, expected);
    }

    #[test]
    fn what_is_not_json_is_named_with_its_place() {
        let cases = [
            ("", "1:1: file: expected more JSON, found the end of the file"),
            ("[1]", "1:1: file: expected an object, found sequence"),
            ("{\"images\": 3}", "1:12: file: expected \"images\" to be a list, found integer `3`"),
            ("{\"images\":\n [1 2]}", "2:5: file: expected `,` or `]`, found `2`"),
            ("{\"images\": []} x", "1:16: file: expected JSON, found trailing characters"),
            ("{\"images\": [NaN]}", "1:13: file: expected value, found `N`"),
            (
                "{\"images\":[],\"images\":[]}",
                "1:21: file: expected one, found two members \"images\"",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(message(text), expected, "{text}");
        }
        assert!(message(&"[".repeat(200_000)).contains("found"), "deep nesting is refused");
    }

    #[test]
    fn an_element_of_the_wrong_type_is_named_at_its_own_place() {
        let (_folder, file) = file("{\"images\": [\n  {\"a\":\n  \"é\"}]}");
        let index = file.index(&["images"]).unwrap();
        let span = &index.arrays[0].as_ref().unwrap()[0];
        let error = file.element::<std::collections::HashMap<String, u32>>(span, "image 0");
        let error = error.unwrap_err().to_string();
        assert!(
            error.ends_with(
                "a.json:3:5: image 0: expected a whole number from 0, found string \"é\""
            ),
            "{error}"
        );
    }
}
