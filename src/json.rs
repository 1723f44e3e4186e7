//! A big JSON file. It is indexed once; then any element can be read by its span.

mod ahead;
pub mod edit;
pub mod patch;
pub(crate) mod scan;
mod wording;

use crate::error::{Error, Place, Position, Result};
use crate::files::map::{Bytes, Slice};
use crate::lines::Lines;
use crate::progress::Progress;
use crate::rules::Rule;
use scan::{Fault, Scanner};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
pub use wording::END_OF_FILE;
use wording::{describe, explain};

/// The fault of an array that is in the file twice.
const ONE_ARRAY: &str = "one list of each name";

/// The bytes of one JSON file.
#[derive(Debug)]
pub struct JsonFile {
    path: PathBuf,
    text: Arc<Bytes>,
    start: usize,
    lines: OnceLock<Lines>,
}

/// Where the elements of some arrays stand, and all other members as text.
#[derive(Debug)]
pub struct Index {
    /// The spans of each array's elements, in the order in which the names were given; `None` if
    /// the file has no such member.
    pub arrays: Vec<Option<Vec<Range<usize>>>>,
    /// All members in order; the arrays that were asked for have `None` here.
    pub members: Vec<(String, Option<Box<RawValue>>)>,
    /// The first fault between the values of the file, if there is one.
    pub fault: Option<Error>,
}

impl JsonFile {
    /// Reads a file. A UTF-8 byte order mark is skipped.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let text = Arc::new(Bytes::open(path)?);
        let start = if text.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        Ok(Self { path: path.to_path_buf(), text, start, lines: OnceLock::new() })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The first byte that is not white space.
    pub fn first_byte(&self) -> Option<u8> {
        self.text.get(self.start..)?.iter().copied().find(|byte| !byte.is_ascii_whitespace())
    }

    /// Why the file is no object, if so, by its first byte.
    pub fn no_object(&self) -> Option<Error> {
        let is_blank = |byte: &u8| byte.is_ascii_whitespace();
        let rest = self.text.get(self.start..)?;
        let at = self.start.saturating_add(rest.iter().take_while(|it| is_blank(it)).count());
        let is_other = self.text.get(at).is_none_or(|byte| *byte != b'{');
        is_other.then(|| self.fault(Fault { at, expected: "an object" }))
    }

    /// Scans the whole file once, and notes the spans of the elements of `arrays` and the other
    /// members.
    ///
    /// If the file breaks off, or is broken between two elements, the index has all that comes
    /// before, and [`Index::fault`] has the place.
    ///
    /// `passed` is called with each of the arrays as soon as its end is reached. `progress` counts
    /// bytes.
    ///
    /// # Errors
    /// Where a member other than `arrays` is not JSON.
    pub fn index(
        &self,
        arrays: &[&str],
        progress: &Progress,
        mut passed: impl FnMut(&str, &[Range<usize>]),
    ) -> Result<Index> {
        let pieces = ahead::pieces(&self.text, &self.span(), ahead::PIECE, progress)?;
        let mut index =
            Index { arrays: vec![None; arrays.len()], members: Vec::new(), fault: None };
        let mut members: Vec<(String, Option<Range<usize>>)> = Vec::new();
        let mut scanner = Scanner::new(&self.text, &self.span()).with(&pieces);
        let scanned = scanner.members(|scanner, name| {
            let name = self.name(&name)?;
            let number = arrays.iter().position(|array| *array == name);
            let Some(spans) = number.and_then(|number| index.arrays.get_mut(number)) else {
                members.push((name, Some(scanner.value()?)));
                return Ok(());
            };
            if spans.is_some() {
                return Err(scanner.fault(ONE_ARRAY));
            }
            members.push((name, None));
            let spans = spans.insert(Vec::new());
            scanner.elements(|span| spans.push(span))?;
            if let Some(array) = number.and_then(|number| arrays.get(number)) {
                passed(array, spans);
            }
            Ok(())
        });
        let ended = scanned.and_then(|()| scanner.finish());
        index.fault = ended.err().map(|fault| self.fault(fault));
        let text = |(name, span): (String, Option<Range<usize>>)| {
            let value = span.map(|span| self.element(&span, &format!("/{name}"))).transpose()?;
            Ok((name, value))
        };
        index.members = members.into_iter().map(text).collect::<Result<_>>()?;
        Ok(index)
    }

    /// Reads the element at a span.
    ///
    /// # Errors
    /// Where it is not a `T`. The message names `thing` and the place.
    pub fn element<'a, T: Deserialize<'a>>(
        &'a self,
        span: &Range<usize>,
        thing: &str,
    ) -> Result<T> {
        let bytes = self.bytes(span);
        serde_json::from_slice(bytes).map_err(|error| self.explain(&error, span, thing))
    }

    /// The spans of the elements of the list at a span, and the fault at which the scan stopped.
    pub fn elements(&self, span: &Range<usize>) -> (Vec<Range<usize>>, Option<Error>) {
        let mut spans = Vec::new();
        let mut scanner = Scanner::new(&self.text, span);
        let ended = scanner.elements(|span| spans.push(span)).and_then(|()| scanner.finish());
        (spans, ended.err().map(|fault| self.fault(fault)))
    }

    /// Why the file is not JSON; `None` if it is. Several values, one after the other, are taken
    /// for JSON.
    pub fn broken(&self) -> Option<Error> {
        if self.first_byte().is_none() {
            return Some(self.fault(Fault { at: self.text.len(), expected: "a value" }));
        }
        let text = self.bytes(&self.span());
        let values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
        let fault = values.filter_map(std::result::Result::err).next()?;
        let error = self.explain(&fault, &self.span(), "file");
        (error.rule() != Rule::NotFinite).then(|| error.breaking(Rule::Unreadable))
    }

    /// The bytes of a span.
    pub fn bytes(&self, span: &Range<usize>) -> &[u8] {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// The bytes of a span, shared.
    pub fn slice(&self, span: &Range<usize>) -> Slice {
        Slice::new(&self.text, span)
    }

    /// The span of the whole file.
    pub fn span(&self) -> Range<usize> {
        self.start..self.text.len()
    }

    /// The names and spans of the members of the object at a span, in order, and the fault at
    /// which the scan stopped.
    pub fn members(&self, span: &Range<usize>) -> (Vec<(String, Range<usize>)>, Option<Error>) {
        let mut members = Vec::new();
        let mut scanner = Scanner::new(&self.text, span);
        let scanned = scanner.members(|scanner, name| {
            let name = self.name(&name)?;
            members.push((name, scanner.value()?));
            Ok(())
        });
        let ended = scanned.and_then(|()| scanner.finish());
        (members, ended.err().map(|fault| self.fault(fault)))
    }

    /// The spans of some members of the object at a span, found without parsing any value. If a
    /// name is there twice, the last member counts. `None` if there is no object, or it ends
    /// early. A name that is written with escapes is not found.
    pub fn pick<const N: usize>(
        &self,
        span: &Range<usize>,
        names: [&str; N],
    ) -> Option<[Option<Range<usize>>; N]> {
        let mut picked = [const { None }; N];
        let scanned = self.each_member(span, |name, value| {
            let number = names.iter().position(|own| own.as_bytes() == name);
            if let Some(place) = number.and_then(|number| picked.get_mut(number)) {
                *place = Some(value);
            }
            true
        });
        scanned.map(|_| picked)
    }

    /// Calls `each` with the name (the text between its quotes) and the value's span of each
    /// member of the object at a span, as long as it returns true. Returns whether it always did;
    /// `None` if there is no object, or it ends early.
    pub fn each_member(
        &self,
        span: &Range<usize>,
        mut each: impl FnMut(&[u8], Range<usize>) -> bool,
    ) -> Option<bool> {
        let mut goes_on = true;
        let mut scanner = Scanner::new(&self.text, span);
        let scanned = scanner.members(|scanner, name| {
            let name = self.text.get(name.start + 1..name.end - 1).unwrap_or_default();
            let value = scanner.value()?;
            goes_on = goes_on && each(name, value);
            Ok(())
        });
        scanned.and_then(|()| scanner.finish()).ok().map(|()| goes_on)
    }

    /// The name and the span of the first member of the file's object. The rest is not read.
    pub fn first(&self) -> Option<(String, Range<usize>)> {
        let mut found = None;
        let mut scanner = Scanner::new(&self.text, &self.span());
        // A fault stops the scan after the first member.
        let _ = scanner.members(|scanner, name| {
            found = Some((self.name(&name)?, scanner.value()?));
            Err::<(), _>(scanner.fault("no more members"))
        });
        found
    }

    /// The first member of the file's object that has one of these names. The rest of the file is
    /// not read.
    pub fn first_member<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        let mut found = None;
        let mut scanner = Scanner::new(&self.text, &self.span());
        // A fault stops the scan as soon as a member is found.
        let _ = scanner.members(|scanner, name| {
            let name = self.name(&name)?;
            found = names.iter().copied().find(|own| *own == name);
            match found {
                Some(_) => Err(scanner.fault("no more members")),
                None => scanner.value().map(drop),
            }
        });
        found
    }

    /// The name of a member, without its quotes and escapes.
    fn name(&self, span: &Range<usize>) -> Result<String, Fault> {
        let expected = "a name that is JSON text";
        serde_json::from_slice(self.bytes(span)).map_err(|_| Fault { at: span.start, expected })
    }

    /// The spans of the elements of a list, named by their numbers, or of the members of an
    /// object, named by their keys; `None` if there is neither.
    pub fn items(&self, span: &Range<usize>) -> Option<Vec<(String, Range<usize>)>> {
        match self.text.get(span.start) {
            Some(b'[') => {
                let (elements, _) = self.elements(span);
                Some(
                    elements.into_iter().enumerate().map(|(at, it)| (at.to_string(), it)).collect(),
                )
            }
            Some(b'{') => Some(self.members(span).0),
            _ => None,
        }
    }

    /// The place of the first member of the object at an offset that has one of `names`. If none
    /// has, it is the place of the object itself. `pointer` is the JSON pointer of the object.
    pub fn member_place(&self, offset: usize, pointer: String, names: &[&str]) -> Place {
        let (members, _) = self.members(&(offset..self.text.len()));
        let member = members.iter().find(|(name, _)| names.contains(&name.as_str()));
        let (start, pointer) = match member {
            Some((name, value)) => (value.start, format!("{pointer}/{name}")),
            None => (offset, pointer),
        };
        Place { pointer: Some(pointer), ..Place::at(&self.path, self.place(start)) }
    }

    fn fault(&self, Fault { at, expected }: Fault) -> Error {
        let found = match expected {
            ONE_ARRAY => "a second one".to_owned(),
            _ => describe(self.text.get(at)),
        };
        Error::malformed("file", expected, found)
            .breaking(Rule::Unreadable)
            .in_file(&self.path)
            .at(self.place(at))
    }

    /// The place of a byte.
    pub fn place(&self, offset: usize) -> Position {
        self.lines.get_or_init(|| Lines::of(&self.text)).position(&self.text, offset)
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
        self.place(span.start)
    }

    /// The error of serde_json for a span, as an error at its place in the whole file.
    fn explain(&self, error: &serde_json::Error, span: &Range<usize>, thing: &str) -> Error {
        let bytes = self.bytes(span);
        let line_start = match error.line() {
            0 | 1 => 0,
            line => {
                let breaks = bytes.iter().enumerate().filter(|&(_, &byte)| byte == b'\n');
                breaks.map(|(at, _)| at + 1).nth(line - 2).unwrap_or(bytes.len())
            }
        };
        let before = span.start + line_start + error.column().saturating_sub(1);
        let offset = self.value_after(before, error);
        let (expected, found) = explain(error, self.text.get(offset));
        Error::malformed(thing, expected, found)
            .breaking(rule_of(error, self.text.get(offset..).unwrap_or_default()))
            .in_file(&self.path)
            .at(self.place(offset))
    }

    /// The place of a value of the wrong type. serde_json's place is just before it.
    fn value_after(&self, offset: usize, error: &serde_json::Error) -> usize {
        let is_between = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b':' | b',');
        match error.is_data() {
            true => {
                let rest = self.text.get(offset..).unwrap_or_default();
                offset + rest.iter().take_while(is_between).count()
            }
            false => offset,
        }
    }
}

/// The rule that an unreadable value breaks.
fn rule_of(error: &serde_json::Error, rest: &[u8]) -> Rule {
    let is_number = ["NaN", "Infinity", "-Infinity", "-NaN", "nan", "inf"];
    let message = error.to_string();
    match error.is_syntax() {
        true if is_number.iter().any(|word| rest.starts_with(word.as_bytes())) => Rule::NotFinite,
        _ if message.starts_with("missing field") => Rule::MissingMember,
        _ => Rule::Malformed,
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
        let fault = file
            .index(&["images"], &Progress::default(), |_, _| {})
            .map(|index| index.fault.unwrap());
        let error = fault.unwrap_or_else(|error| error).to_string();
        error.rsplit_once("a.json:").unwrap().1.to_owned()
    }

    #[test]
    fn elements_are_found_in_any_order_of_members() {
        let (_folder, file) = file("\u{feff}{\"x\": 1,\n\"images\": [{\"a\": 1}, 22 ],\"y\":[2]}");
        let index = file.index(&["images", "none"], &Progress::default(), |_, _| {}).unwrap();
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
            ("", "1:1: file: expected an object, found the end of the file"),
            ("[1]", "1:1: file: expected an object, found `[`"),
            ("{\"images\": 3}", "1:12: file: expected a list, found `3`"),
            ("{\"images\":\n [1 2]}", "2:5: file: expected `,` or `]`, found `2`"),
            ("{\"images\": []} x", "1:16: file: expected the end of the file, found `x`"),
            ("{\"images\": [], \"x\": NaN}", "1:21: /x: expected value, found `N`"),
            (
                "{\"images\":[],\"images\":[]}",
                "1:23: file: expected one list of each name, found a second one",
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
        let index = file.index(&["images"], &Progress::default(), |_, _| {}).unwrap();
        let span = &index.arrays[0].as_ref().unwrap()[0];
        let error = file.element::<std::collections::HashMap<String, u32>>(span, "image 0");
        let error = error.unwrap_err().to_string();
        assert!(
            error.ends_with("a.json:3:5: image 0: expected a whole number from 0, found \"é\""),
            "{error}"
        );
    }
}
