//! Which files of a tree are metadata of an imagefolder.

use super::row;
use crate::error::{Error, Result};
use crate::files;
use crate::json::JsonFile;
use crate::tree::class_lists::ClassLists;
use crate::tree::{Files, Found, Tree};
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

/// Metadata in forms that are not read, and why.
const OTHERS: [(&str, &str); 2] = [
    ("metadata.csv", "a table, which has no objects"),
    ("metadata.parquet", "a Parquet file (`datasets` turns it into JSON lines: to_json)"),
];

/// The metadata files of a tree, a part each.
pub fn find(tree: &Tree) -> Found {
    let mut found = Found::default();
    let mut lists = ClassLists::default();
    for file in tree.documents(&["jsonl"]) {
        let other = other_form(file);
        match other.map_or_else(|| recognise(file), Err) {
            Ok(()) => {
                let part = Files::single(file, tree);
                let lists = lists.of_folder(&part.root, tree.root());
                found.parts.push(Files { lists, ..part });
            }
            Err(error) => found.rejected.push(error),
        }
    }
    if found.parts.is_empty() {
        found.rejected.extend(tree.files().iter().filter_map(|file| other_form(file)));
    }
    if found.parts.is_empty() && found.rejected.is_empty() {
        found.rejected.push(tree.without("a metadata.jsonl with objects (*.jsonl)"));
    }
    found
}

/// Why a file is none that is read, by its name.
fn other_form(file: &Path) -> Option<Error> {
    let (_, what) = OTHERS.iter().find(|(name, _)| file.ends_with(name))?;
    Some(Error::malformed("file", "metadata.jsonl with objects", *what).in_file(file))
}

/// The longest first line, in bytes, by which a file of another extension is looked at.
const LONGEST_FIRST: usize = 1 << 16;

/// Whether the first line of a file names an image. A large document of another format is on one line, or
/// begins with a line that names none: it is not read.
fn may_be_lines(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return true };
    let mut start = Vec::new();
    if file.take(LONGEST_FIRST as u64).read_to_end(&mut start).is_err() {
        return true;
    }
    let (first, is_whole) = match start.iter().position(|byte| *byte == b'\n') {
        Some(end) => (start.get(..end).unwrap_or_default(), true),
        None => (start.as_slice(), start.len() < LONGEST_FIRST),
    };
    let first = String::from_utf8_lossy(first);
    is_whole && row::NAMES.iter().any(|name| first.contains(name))
}

/// Whether a file has an image a line, and objects in one of them.
fn recognise(path: &Path) -> Result<()> {
    if !files::has_extension(path, &["jsonl"]) && !may_be_lines(path) {
        let expected = "lines with \"file_name\" and \"objects\"";
        return Err(Error::malformed("file", expected, "another first line").in_file(path));
    }
    let file = JsonFile::read(path)?;
    if let Some(error) = file.no_object() {
        return Err(error);
    }
    let refuse = |found: &str| {
        let expected = "lines with \"file_name\" and \"objects\"";
        Err(Error::malformed("file", expected, found).in_file(path))
    };
    if !files::has_extension(path, &["jsonl"]) && row::lines(&file).nth(1).is_none() {
        // One object alone may be of any format.
        return match named(&file).1 {
            true => Ok(()),
            false => refuse("other members"),
        };
    }
    match named(&file) {
        (true, true) => Ok(()),
        (true, false) => refuse("no objects"),
        _ => refuse("other members"),
    }
}

/// Whether the first line names an image, and whether a line has objects, too.
fn named(file: &JsonFile) -> (bool, bool) {
    let is_named = row::lines(file).next().is_some_and(|(_, span)| is_image(file, &span));
    let has_objects = |span: &Range<usize>| is_image(file, span) && has(file, span, "objects");
    (is_named, is_named && row::lines(file).any(|(_, span)| has_objects(&span)))
}

fn is_image(file: &JsonFile, span: &Range<usize>) -> bool {
    row::NAMES.iter().any(|name| has(file, span, name))
}

fn has(file: &JsonFile, span: &Range<usize>, name: &str) -> bool {
    matches!(file.pick(span, [name]), Some([Some(_)]))
}
