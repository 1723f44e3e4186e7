//! Lists of class names: `classes.txt` and its relatives, and `data.yaml`.

mod text;
mod tree;
mod yaml;

use crate::error::{Error, ErrorKind, Mismatch, Position, Remedy, Result};
use crate::files;
use crate::model::{Category, Verbatim};
use crate::rules::Rule;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

pub use yaml::DataYaml;

/// The names of the files in which tools keep the class names beside YOLO labels, in order of
/// preference. The last one is the menu with which labelImg starts; it may list more classes than
/// were used.
pub const NAMES: [&str; 9] = [
    "classes.txt",
    "labels.txt",
    "obj.names",
    "classes.names",
    "_darknet.labels",
    "data.yaml",
    "data.yml",
    "dataset.yaml",
    "predefined_classes.txt",
];

/// The class list in the first of these folders that has one: a file of one of [`NAMES`], else
/// the only file `*.names`, else the only YAML file, if it has names.
pub fn find(folders: &[&Path]) -> Option<PathBuf> {
    let named = folders.iter().flat_map(|folder| named(folder)).next();
    named.or_else(|| {
        folders.iter().find_map(|folder| only_names(folder).or_else(|| only_yaml(folder)))
    })
}

/// Every class list in a folder, in order of preference: the files of [`NAMES`], the only file
/// `*.names`, and the only YAML file. A YAML file without a member `names` is not a class list. A
/// YAML file with a syntax error counts as one, so that the error is reported when it is read.
pub fn find_all(folder: &Path) -> Vec<PathBuf> {
    let has_names = |path: &PathBuf| !is_yaml(path) || yaml::has_names(path).unwrap_or(true);
    let mut lists: Vec<PathBuf> = named(folder).filter(has_names).collect();
    for only in [only_names(folder), only_yaml(folder)].into_iter().flatten() {
        if !lists.contains(&only) {
            lists.push(only);
        }
    }
    lists
}

/// The files of [`NAMES`] in a folder, without those that are label files.
fn named(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let paths = NAMES.map(|name| folder.join(name)).into_iter();
    paths.filter(|path| path.is_file() && (is_yaml(path) || !text::is_label(path)))
}

fn only_names(folder: &Path) -> Option<PathBuf> {
    only(folder, |path| files::has_extension(path, &["names"]))
}

fn only_yaml(folder: &Path) -> Option<PathBuf> {
    only(folder, is_yaml).filter(|only| yaml::has_names(only).unwrap_or(false))
}

/// The file in a folder that meets the condition; `None` if there are several.
fn only(folder: &Path, is_meant: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files = files.filter(|path| is_meant(path) && path.is_file());
    files.next().filter(|_| files.next().is_none())
}

/// Checks that all class lists of a dataset have the same names. White space around names is
/// ignored.
///
/// # Errors
/// The first class that two lists have different names for.
pub fn agree(lists: &[(PathBuf, Vec<String>)]) -> Result<()> {
    let Some(((first, names), others)) = lists.split_first() else { return Ok(()) };
    let shown = |name: Option<&String>| match name {
        Some(name) => format!("{:?}", name.trim()),
        None => "none".to_owned(),
    };
    for (path, others) in others {
        let length = names.len().max(others.len());
        let differs = |class: &usize| {
            names.get(*class).map(|name| name.trim()) != others.get(*class).map(|name| name.trim())
        };
        let Some(class) = (0..length).find(differs) else { continue };
        let expected = format!("{} as in {}", shown(names.get(class)), files::shown(first));
        let mismatch = Mismatch::new(expected, shown(others.get(class)));
        let thing = format!("name of class {class}");
        let error = Error::new(ErrorKind::Usage, thing, mismatch).mended_by(Remedy::Classes);
        let error = error.breaking(Rule::ClassListsDiffer).in_file(path);
        return Err(match is_yaml(path) || class >= others.len() {
            true => error,
            false => error.at(Position::line(class + 1)),
        });
    }
    Ok(())
}

/// Class names in order, as a caller states them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stated {
    /// In a file.
    File(PathBuf),
    /// By themselves.
    Names(Vec<String>),
}

impl Stated {
    /// The names.
    ///
    /// # Errors
    /// As [`read`]. Names that are stated by themselves are checked in the same way.
    pub fn names(&self) -> Result<Vec<String>> {
        match self {
            Self::File(path) => read(path),
            Self::Names(names) => {
                let faults = faults(names, Path::new(""));
                match faults.first().and_then(Error::mismatch) {
                    Some(fault) => Err(Error::new(ErrorKind::Usage, "classes", fault.clone())),
                    None => Ok(names.clone()),
                }
            }
        }
    }

    /// The file, where there is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Names(_) => None,
        }
    }
}

/// Reads class names in order, as [`parse`] does, and checks them.
///
/// # Errors
/// Where they cannot be read, or have [`faults`]. The error is the first fault.
pub fn read(path: &Path) -> Result<Vec<String>> {
    let names = parse(path)?;
    match faults(&names, path).into_iter().next() {
        Some(fault) => Err(fault),
        None => Ok(names),
    }
}

/// Reads class names in order. A text file has one name on each line. A YAML file has the member
/// `names`: a list, a map from numbers to names, or the path of a text file beside it.
///
/// # Errors
/// Where the file cannot be read or is not UTF-8, the map does not have all numbers from 0 on, or
/// YAML takes a name for something other than text or a number.
pub fn parse(path: &Path) -> Result<Vec<String>> {
    let text = text::read(path)?;
    if is_yaml(path) { yaml::names_in(&text, path) } else { Ok(text::names(&text)) }
}

fn is_yaml(path: &Path) -> bool {
    files::has_extension(path, &["yaml", "yml"])
}

/// What is wrong with a list of class names: it is empty, or a name is empty, has control
/// characters, or is there twice.
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
            let found = if is_yaml(path) { "an empty text" } else { "an empty line" };
            let empty = Error::malformed("class name", "a name", found);
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

/// Whether a character must not be in a class name that is a line of a file.
pub fn is_odd(character: char) -> bool {
    character.is_control() && character != '\t'
}

/// Categories of which only the names are known.
pub fn categories(names: &[String]) -> Vec<Category> {
    names.iter().map(Category::named).collect()
}

/// Categories in another order, and the new index of each old one.
type Reordered = (Vec<Verbatim<Category>>, Vec<usize>);

/// Puts categories into the order of `names`. Returns the new list, and the new index of each old
/// category.
///
/// # Errors
/// The names of the categories that are not in `names`.
pub fn reorder(
    old: &[Verbatim<Category>],
    names: &[String],
) -> std::result::Result<Reordered, Vec<String>> {
    let mut new: Vec<Verbatim<Category>> =
        categories(names).into_iter().map(Verbatim::new).collect();
    // If a name is there twice, the first one counts.
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
            (
                "data.yaml",
                "names: {0: a, 2: b}",
                "data.yaml:1:15: names: expected number 1, found 2",
            ),
        ];
        for (name, text, expected) in cases {
            assert_eq!(read_text(name, text).unwrap_err(), expected, "{text}");
        }
    }

    fn folder_of(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn every_list_of_a_folder_is_found_in_order_of_preference() {
        let (list, yaml, row) = ("a\n", "names: [a]", "0 0.5 0.5 0.1 0.1\n");
        let cases: [(&[(&str, &str)], &str); 9] = [
            (&[("data.yaml", yaml), ("classes.txt", list)], "classes.txt data.yaml"),
            (&[("predefined_classes.txt", list), ("a.txt", row)], "predefined_classes.txt"),
            (&[("_darknet.labels", list)], "_darknet.labels"),
            (&[("voc.names", list), ("hyp.yaml", "lr: 1")], "voc.names"),
            (&[("voc.names", list), ("a.names", list)], ""),
            (&[("classes.names", list), ("mine.yml", yaml)], "classes.names mine.yml"),
            // classes.txt holds the labels of classes.jpg, and data.yaml has no names.
            (&[("classes.txt", row), ("data.yaml", "nc: 1")], ""),
            (&[("data.yaml", "names: [")], "data.yaml"),
            (&[("mine.yaml", "names: [yes]")], "mine.yaml"),
        ];
        for (files, expected) in cases {
            let folder = folder_of(files);
            let lists = find_all(folder.path());
            let names = lists.iter().map(|path| path.file_name().unwrap().to_str().unwrap());
            assert_eq!(names.collect::<Vec<_>>().join(" "), expected, "{files:?}");
            let missed = expected.is_empty() && !files.iter().any(|(name, _)| *name == "data.yaml");
            assert_eq!(find(&[folder.path()]).is_none(), missed, "{files:?}");
        }
        assert!(find_all(Path::new("nowhere")).is_empty());
    }

    #[test]
    fn lists_that_contradict_each_other_are_named() {
        let lists = |lists: &[&[&str]]| {
            let names = ["data.yaml", "labels/classes.txt", "obj.names"].map(PathBuf::from);
            let lists = lists.iter().map(|list| list.iter().map(|&name| name.to_owned()).collect());
            agree(&names.into_iter().zip(lists).collect::<Vec<_>>()).map_err(|it| it.to_string())
        };
        let same: [&[&[&str]]; 4] = [
            &[],
            &[&["a"]],
            &[&["a", "b"], &["a", "b"], &["a", "b"]],
            &[&["a", "b "], &["a\t", "b"]],
        ];
        for same in same {
            lists(same).unwrap();
        }
        let cases: [(&[&[&str]], &str); 4] = [
            (
                &[&["dog", "cat"], &["cat", "dog"]],
                "labels/classes.txt:1:1: name of class 0: expected \"dog\" as in data.yaml, found \"cat\"",
            ),
            (
                &[&["a"], &["a", "b"]],
                "labels/classes.txt:2:1: name of class 1: expected none as in data.yaml, found \"b\"",
            ),
            (
                &[&["a", "b"], &["a", "b"], &["a"]],
                "obj.names: name of class 1: expected \"b\" as in data.yaml, found none",
            ),
            (
                &[&["a"], &["A"]],
                "labels/classes.txt:1:1: name of class 0: expected \"a\" as in data.yaml, found \"A\"",
            ),
        ];
        for (contrary, expected) in cases {
            assert_eq!(lists(contrary).unwrap_err(), expected);
        }
    }

    #[test]
    fn reordering_lists_what_is_missing() {
        let old = categories(&["b".to_owned(), "a".to_owned()]);
        let old: Vec<Verbatim<Category>> = old.into_iter().map(Verbatim::new).collect();
        let names = ["a", "x", "b"].map(str::to_owned);
        let (new, map) = reorder(&old, &names).unwrap();
        assert_eq!((new.len(), map), (3, vec![2, 0]));
        assert_eq!(reorder(&old, &names[..2]).unwrap_err(), ["b"]);
    }
}
