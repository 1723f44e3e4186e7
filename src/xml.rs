//! A small XML file as a tree whose elements know their places.

mod decode;

pub use decode::decode;

use crate::error::{Error, Position, Result};
use crate::files;
use crate::lines::Lines;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};
use serde_json::Value;
use std::path::Path;
use std::sync::OnceLock;

/// How deep elements may be nested: annotation files need four levels.
const DEPTH: usize = 32;

/// An element: its name, its text and its children in order. Attributes are not kept.
#[derive(Debug, Default)]
pub struct Element {
    /// The tag.
    pub name: String,
    /// The text, with entities resolved. White space around it is left out if it has a line break,
    /// because it is indentation then.
    pub text: String,
    /// The elements in it.
    pub children: Vec<Element>,
    /// The byte of the file at which the element starts.
    pub offset: usize,
}

impl Element {
    /// The first child that has this name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The element as JSON. An element with children becomes an object, in which children of one
    /// name become a list. One without children becomes a whole number if it is one, else a string.
    pub fn to_value(&self) -> Value {
        if self.children.is_empty() {
            return match self.text.parse::<i64>() {
                Ok(number) if number.to_string() == self.text => number.into(),
                _ => self.text.clone().into(),
            };
        }
        let mut object = serde_json::Map::new();
        for child in &self.children {
            let value = child.to_value();
            match object.get_mut(&child.name) {
                None => drop(object.insert(child.name.clone(), value)),
                Some(Value::Array(list)) => list.push(value),
                Some(one) => *one = Value::Array(vec![one.take(), value]),
            }
        }
        Value::Object(object)
    }
}

/// The text of an XML file.
#[derive(Debug)]
pub struct XmlFile<'p> {
    path: &'p Path,
    text: String,
    /// Counted when a place is first asked for.
    lines: OnceLock<Lines>,
}

impl<'p> XmlFile<'p> {
    /// Reads a file in the encoding that it has; see [`decode()`].
    ///
    /// # Errors
    /// Where it cannot be read, or its bytes are not text in that encoding.
    pub fn read(path: &'p Path) -> Result<Self> {
        let text = decode(files::read(path)?).map_err(|error| error.in_file(path))?;
        Ok(Self { path, text, lines: OnceLock::new() })
    }

    /// The root element.
    ///
    /// # Errors
    /// Where the file is not well-formed XML of one root, is nested too deep, or has an entity that
    /// is neither one of the five of XML nor a character reference.
    pub fn root(&self) -> Result<Element> {
        let mut reader = Reader::from_str(&self.text);
        reader.config_mut().expand_empty_elements = true;
        // An unnamed element holds the root while it is read.
        let mut open = vec![Element::default()];
        loop {
            let offset = reader.buffer_position() as usize;
            let event = reader.read_event().map_err(|error| {
                let at = reader.error_position() as usize;
                self.error(at, "file", "well-formed XML", &error.to_string())
            })?;
            match event {
                Event::Eof => break,
                event => self.take(event, offset, &mut open)?,
            }
        }
        match (open.pop(), open.is_empty()) {
            (Some(mut document), true) if document.children.len() == 1 => {
                Ok(document.children.swap_remove(0))
            }
            (Some(document), true) => {
                let found = match document.children.len() {
                    0 => "none".to_owned(),
                    count => count.to_string(),
                };
                Err(self.error(0, "file", "one root element", &found))
            }
            _ => Err(self.error(self.text.len(), "file", "a closing tag", "the end of the file")),
        }
    }

    fn take(&self, event: Event, offset: usize, open: &mut Vec<Element>) -> Result<()> {
        match event {
            Event::Start(start) if open.len() > DEPTH => {
                let found = String::from_utf8_lossy(start.name().as_ref().as_bytes()).into_owned();
                Err(self.error(offset, "element", &format!("at most {DEPTH} levels"), &found))
            }
            Event::Start(start) => {
                let name = start.name().as_ref().to_string();
                open.push(Element { name, offset, ..Element::default() });
                Ok(())
            }
            Event::End(_) => {
                if let Some(mut closed) = open.pop() {
                    closed.text = unindented(&closed.text).to_owned();
                    if let Some(parent) = open.last_mut() {
                        parent.children.push(closed);
                    }
                }
                Ok(())
            }
            Event::Text(text) => self.add(open, &text),
            Event::CData(text) => self.add(open, &text),
            Event::GeneralRef(reference) => {
                let text = self.resolve(&reference, offset)?;
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text);
                }
                Ok(())
            }
            // A file has one declaration at most, and nothing may stand before it.
            Event::Decl(_) if offset > 0 => Err(self.error(
                offset,
                "file",
                "well-formed XML",
                "a declaration that is not its start",
            )),
            _ => Ok(()),
        }
    }

    fn add(&self, open: &mut [Element], text: &str) -> Result<()> {
        if let Some(element) = open.last_mut() {
            match text.contains('\r') {
                // XML 1.0, 2.11: each end of a line is read as a line feed.
                true => element.text.push_str(&text.replace("\r\n", "\n").replace('\r', "\n")),
                false => element.text.push_str(text),
            }
        }
        Ok(())
    }

    fn resolve(&self, reference: &BytesRef, offset: usize) -> Result<String> {
        let character = reference.resolve_char_ref().ok().flatten().map(String::from);
        let entity = || resolve_xml_entity(reference).map(str::to_owned);
        character.or_else(entity).ok_or_else(|| {
            let found = format!("&{};", &**reference);
            self.error(offset, "entity", "one of &lt; &gt; &amp; &apos; &quot; or &#…;", &found)
        })
    }

    /// A failure at a byte of this file.
    pub fn error(&self, offset: usize, thing: &str, expected: &str, found: &str) -> Error {
        Error::malformed(thing, expected, found).in_file(self.path).at(self.position(offset))
    }

    /// The line and column of a byte of this file.
    pub fn position(&self, offset: usize) -> Position {
        let text = self.text.as_bytes();
        self.lines.get_or_init(|| Lines::of(text)).position(text, offset)
    }
}

/// Text without the indentation around it: white space that has a line break.
fn unindented(text: &str) -> &str {
    let (trimmed, is_indented) = (text.trim_start(), |white: &str| white.contains('\n'));
    let text = match text.strip_suffix(trimmed) {
        Some(white) if is_indented(white) => trimmed,
        _ => text,
    };
    let trimmed = text.trim_end();
    match text.strip_prefix(trimmed) {
        Some(white) if is_indented(white) => trimmed,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(text: &str) -> Result<Element, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xml");
        std::fs::write(&path, text).unwrap();
        let root = XmlFile::read(&path).and_then(|file| file.root());
        root.map_err(|error| error.to_string().rsplit_once("a.xml:").unwrap().1.to_owned())
    }

    #[test]
    fn a_tree_keeps_text_order_and_places() {
        let root = root(
            "\u{feff}<?xml version='1.0'?>\n<a>\n <b> x &amp; &#252;<![CDATA[<y>]]></b><c/>\n</a>",
        )
        .unwrap();
        assert_eq!((root.name.as_str(), root.text.as_str(), root.children.len()), ("a", "", 2));
        assert_eq!(root.child("b").unwrap().text, " x & ü<y>");
        assert_eq!(root.child("c").unwrap().text, "");
    }

    #[test]
    fn an_element_becomes_json() {
        let root = root("<a><n>7</n><m>07</m><p><x>1</x></p><p>b</p><p/></a>").unwrap();
        let expected = serde_json::json!({"n": 7, "m": "07", "p": [{"x": 1}, "b", ""]});
        assert_eq!(root.to_value(), expected);
    }

    #[test]
    fn bad_xml_is_named_with_its_place() {
        let deep = "<a>".repeat(100);
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>";
        for (text, expected) in [
            ("", "1:1: file: expected an XML document, found an empty file"),
            ("\u{feff}", "1:1: file: expected one root element, found none"),
            (" \n", "1:1: file: expected one root element, found none"),
            ("\u{feff}<a></b>", "1:4: file: expected well-formed XML, found "),
            (" <?xml version='1.0'?><a/>", "1:2: file: expected well-formed XML, found "),
            ("<a>", "1:4: file: expected "),
            ("<a></b>", "1:4: file: expected well-formed XML, found "),
            ("<a/><b/>", "1:1: file: expected one root element, found 2"),
            (
                bomb,
                "1:37: entity: expected one of &lt; &gt; &amp; &apos; &quot; or &#…;, found &b;",
            ),
            (&deep, "1:97: element: expected at most 32 levels, found a"),
        ] {
            let error = root(text).unwrap_err();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
    }
}
