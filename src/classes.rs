//! Lists of class names: `classes.txt` and its relatives, and `data.yaml`.

use crate::error::{Error, Position, Result};
use crate::files;
use crate::model::Category;
use crate::rules::Rule;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The names under which tools keep the classes beside YOLO labels, in order of preference.
pub const NAMES: [&str; 6] =
    ["classes.txt", "labels.txt", "obj.names", "data.yaml", "data.yml", "dataset.yaml"];

/// The class list in the first of these folders that has one: a file of one of [`NAMES`], else
/// the only YAML file, if it has names.
pub fn find(folders: &[&Path]) -> Option<PathBuf> {
    let mut candidates = folders.iter().flat_map(|folder| NAMES.map(|name| folder.join(name)));
    let named = candidates.find(|path| path.is_file());
    named.or_else(|| folders.iter().find_map(|folder| only_yaml(folder)))
}

fn only_yaml(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files = files.filter(|path| is_yaml(path) && path.is_file());
    files.next().filter(|only| files.next().is_none() && read(only).is_ok())
}

/// Reads class names in order, as [`parse`], that are fit to be classes.
///
/// # Errors
/// Where they cannot be read; the first of their [`faults`].
pub fn read(path: &Path) -> Result<Vec<String>> {
    let names = parse(path)?;
    match faults(&names, path).into_iter().next() {
        Some(fault) => Err(fault),
        None => Ok(names),
    }
}

/// Reads class names in order: a line a name, or the `names` of a YAML file (a list, or a map
/// from 0 on).
///
/// # Errors
/// Where the file cannot be read, is not UTF-8, or its map leaves a number out.
pub fn parse(path: &Path) -> Result<Vec<String>> {
    let bytes = files::read(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        Error::malformed("class names", "UTF-8", "other bytes")
            .in_file(path)
            .at(Position::of(&bytes, error.valid_up_to()))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if is_yaml(path) {
        return from_yaml(text, path);
    }
    Ok(text.trim_end_matches(['\r', '\n']).lines().map(str::to_owned).collect())
}

fn is_yaml(path: &Path) -> bool {
    files::has_extension(path, &["yaml", "yml"])
}

/// What is wrong with a list of class names: none at all, empty ones, one twice, one with control
/// characters.
pub fn faults(names: &[String], path: &Path) -> Vec<Error> {
    let at = |error: Error, line: usize| match is_yaml(path) {
        true => error.in_file(path),
        false => error.in_file(path).at(Position::line(line + 1)),
    };
    let mut faults = Vec::new();
    if names.is_empty() {
        let none = Error::malformed("class names", "at least one", "none").in_file(path);
        faults.push(none.breaking(Rule::EmptyClass));
    }
    let mut seen = HashSet::new();
    for (line, name) in names.iter().enumerate() {
        if name.trim().is_empty() {
            let empty = Error::malformed("class name", "a name", "an empty line");
            faults.push(at(empty.breaking(Rule::EmptyClass), line));
        } else if name.contains(is_odd) {
            let found = format!("{name:?} (other line ends, or another encoding?)");
            let expected = "text without control characters";
            faults.push(at(Error::malformed("class name", expected, found), line));
        } else if !seen.insert(name) {
            let twice =
                Error::malformed("class names", "each name once", format!("{name:?} twice"));
            faults.push(at(twice.breaking(Rule::DuplicateClass), line));
        }
    }
    faults
}

/// Whether a character has no place in a class name that is a line of a file.
pub fn is_odd(character: char) -> bool {
    character.is_control() && character != '\t'
}

#[derive(Deserialize)]
struct DataYaml {
    names: Option<Names>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    List(Vec<Name>),
    Map(BTreeMap<usize, Name>),
}

/// A name that YAML may take for a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Whole(i64),
    Decimal(f64),
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        match name {
            Name::Text(text) => text,
            Name::Whole(number) => number.to_string(),
            Name::Decimal(number) => number.to_string(),
        }
    }
}

fn from_yaml(text: &str, path: &Path) -> Result<Vec<String>> {
    let data: DataYaml =
        serde_saphyr::from_str(text).map_err(|error| not_read(&error).in_file(path))?;
    match data.names {
        None => Err(Error::malformed("data.yaml", "a member `names`", "none").in_file(path)),
        Some(Names::List(names)) => Ok(names.into_iter().map(Into::into).collect()),
        Some(Names::Map(names)) => match names.keys().enumerate().find(|(at, key)| at != *key) {
            None => Ok(names.into_values().map(Into::into).collect()),
            Some((at, key)) => {
                Err(Error::malformed("names", format!("number {at}"), key.to_string())
                    .in_file(path))
            }
        },
    }
}

/// The first line of what the YAML library says, its place told as all places are.
fn not_read(error: &serde_saphyr::Error) -> Error {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    let refuse = |found: &str| Error::malformed("data.yaml", "YAML with names", found);
    let Some(place) = error.location() else { return refuse(line) };
    let told = format!("error: line {} column {}: ", place.line(), place.column());
    let position = Position { line: place.line() as usize, column: place.column() as usize };
    refuse(line.strip_prefix(&told).unwrap_or(line)).at(position)
}

/// Categories that are known by their names alone.
pub fn categories(names: &[String]) -> Vec<Category> {
    names.iter().map(Category::named).collect()
}

/// Puts categories into the order of `names`: the new list, and each old index' new one.
///
/// # Errors
/// The categories that are not among the names.
pub fn reorder(
    old: &[Category],
    names: &[String],
) -> std::result::Result<(Vec<Category>, Vec<usize>), Vec<String>> {
    let mut new = categories(names);
    // The first of several of one name counts.
    let numbers: HashMap<&str, usize> =
        names.iter().enumerate().rev().map(|(at, name)| (name.as_str(), at)).collect();
    let mut map = Vec::with_capacity(old.len());
    let mut missing = Vec::new();
    for category in old {
        let Some(&at) = numbers.get(category.name.as_str()) else {
            missing.push(category.name.clone());
            continue;
        };
        if let Some(own) = new.get_mut(at).filter(|own| own.id.is_none()) {
            *own = category.clone();
        }
        map.push(at);
    }
    if missing.is_empty() { Ok((new, map)) } else { Err(missing) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(name: &str, text: &str) -> std::result::Result<Vec<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), text).unwrap();
        let path = find(&[Path::new("nowhere"), folder.path()]).unwrap();
        read(&path).map_err(|error| error.to_string().rsplit_once('/').unwrap().1.to_owned())
    }

    #[test]
    fn names_are_read_from_every_kind_of_list() {
        let cases = [
            ("classes.txt", "a b\nc & <d>\n"),
            ("labels.txt", "a b\r\nc & <d>\r\n\r\n"),
            ("obj.names", "\u{feff}a b\nc & <d>"),
            ("data.yaml", "nc: 2\nnames: ['a b', 'c & <d>']\n"),
            ("data.yaml", "names: [a b, 'c & <d>'] # 'x'\n"),
            ("mine.yaml", "names:\n  1: c & <d>\n  0: a b\n"),
        ];
        for (name, text) in cases {
            assert_eq!(read_text(name, text).unwrap(), ["a b", "c & <d>"], "{name}");
        }
    }

    #[test]
    fn a_bad_list_is_named_with_its_place() {
        let cases = [
            ("classes.txt", "", "classes.txt: class names: expected at least one, found none"),
            (
                "classes.txt",
                "a\n\nb\n",
                "classes.txt:2:1: class name: expected a name, found an empty line",
            ),
            (
                "data.yaml",
                "names: [a, a]",
                "data.yaml: class names: expected each name once, found \"a\" twice",
            ),
            ("data.yaml", "nc: 2\n", "data.yaml: data.yaml: expected a member `names`, found none"),
            ("data.yaml", "names: {0: a, 2: b}", "data.yaml: names: expected number 1, found 2"),
        ];
        for (name, text, expected) in cases {
            assert_eq!(read_text(name, text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn reordering_lists_what_is_missing() {
        let old = categories(&["b".to_owned(), "a".to_owned()]);
        let names = ["a", "x", "b"].map(str::to_owned);
        let (new, map) = reorder(&old, &names).unwrap();
        assert_eq!((new.len(), map), (3, vec![2, 0]));
        assert_eq!(reorder(&old, &names[..2]).unwrap_err(), ["b"]);
    }
}
