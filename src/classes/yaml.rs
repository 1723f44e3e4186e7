//! `data.yaml` of Ultralytics and of the tools that write it: class names, subsets, keypoints.

use super::text;
use super::tree::{Document, Node, Value};
use crate::error::{Error, Position, Result};
use crate::files;
use std::collections::BTreeMap;
use std::path::Path;

/// The members of `data.yaml` that name a subset.
const SUBSETS: [&str; 5] = ["train", "val", "valid", "validation", "test"];

/// The members of a `data.yaml` that are read; all others are ignored. The rules are those of
/// Ultralytics (`check_det_dataset`), unless a comment says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataYaml {
    /// The class names, from class 0 on.
    pub names: Option<Vec<String>>,
    /// The number of classes as stated, which may differ from the number of names.
    pub nc: Option<usize>,
    /// The folder that the paths of the subsets start from, as stated.
    pub path: Option<String>,
    /// Folders or lists of the images to train with, as stated.
    pub train: Vec<String>,
    /// Folders or lists of the images to validate with: `val`, else `valid`, else `validation`.
    pub val: Vec<String>,
    /// Folders or lists of the images to test with.
    pub test: Vec<String>,
    /// The number of keypoints of an object, and how many numbers each keypoint has: 2 (x, y), or 3
    /// with the visibility.
    pub kpt_shape: Option<[usize; 2]>,
    /// For each keypoint, the one that takes its place when the image is mirrored.
    pub flip_idx: Option<Vec<usize>>,
    /// The task that the labels are made for, as stated (`detect`, `pose`).
    pub task: Option<String>,
    subsets: Vec<(String, Vec<String>)>,
    lists: Vec<&'static str>,
    places: Places,
}

/// Where the values of members stand. They make no two files differ.
#[derive(Debug, Clone, Default)]
struct Places(Vec<(&'static str, Position)>);

impl PartialEq for Places {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Places {}

impl DataYaml {
    /// Reads a file.
    ///
    /// # Errors
    /// Where it cannot be read, is not YAML, or a member has a value of another kind. A missing
    /// `names` is not an error.
    pub fn read(path: &Path) -> Result<Self> {
        let text = text::read(path)?;
        Self::of(&Document::parse(&text, path)?)
    }

    fn of(document: &Document<'_>) -> Result<Self> {
        let (mut subsets, mut lists) = (Vec::new(), Vec::new());
        for name in SUBSETS {
            if let Some(node) = document.member(name)? {
                lists.extend(matches!(node.value, Value::List(_)).then_some(name));
                subsets.push((name.to_owned(), paths(document, node, name)?));
            }
        }
        subsets.retain(|(_, paths)| !paths.is_empty());
        let first = |names: &[&str]| {
            let mut stated = names.iter().filter_map(|name| {
                subsets.iter().find(|(subset, _)| subset == name).map(|(_, paths)| paths.clone())
            });
            stated.next().unwrap_or_default()
        };
        Ok(Self {
            names: names(document)?,
            nc: document.member("nc")?.map(|node| whole(document, node, "nc")).transpose()?,
            path: text_of(document, "path")?,
            train: first(&["train"]),
            val: first(&["val", "valid", "validation"]),
            test: first(&["test"]),
            kpt_shape: kpt_shape(document)?,
            flip_idx: wholes(document, "flip_idx")?,
            task: text_of(document, "task")?,
            subsets,
            lists,
            places: Places(places(document)?),
        })
    }

    /// Where the value of a member stands: `path`, `nc` or a subset.
    pub fn place(&self, member: &str) -> Option<Position> {
        self.places.0.iter().find(|(name, _)| *name == member).map(|(_, position)| *position)
    }

    /// Whether the paths of a subset are stated as a list, be it of one.
    pub fn is_list(&self, subset: &str) -> bool {
        self.lists.contains(&subset)
    }

    /// The subsets that have paths, each by the name of its member (`train`, `val`, `valid`,
    /// `validation`, `test`), with the paths as stated.
    pub fn subsets(&self) -> Vec<(String, Vec<String>)> {
        self.subsets.clone()
    }
}

/// Whether a YAML file has a member `names` with any value.
///
/// # Errors
/// Where it cannot be read, or is not YAML.
pub fn has_names(path: &Path) -> Result<bool> {
    let text = text::read(path)?;
    Ok(Document::parse(&text, path)?.member("names")?.is_some())
}

/// The class names in the text of a YAML file. Its other members are not read.
///
/// # Errors
/// Where it is not YAML, has no names, or one of them is not text.
pub fn names_in(text: &str, path: &Path) -> Result<Vec<String>> {
    let none = || Error::malformed("data.yaml", "a member `names`", "none").in_file(path);
    names(&Document::parse(text, path)?)?.ok_or_else(none)
}

fn names(document: &Document<'_>) -> Result<Option<Vec<String>>> {
    let Some(node) = document.member("names")? else { return Ok(None) };
    let names = match &node.value {
        Value::List(items) => {
            let names = items.iter().enumerate();
            names.map(|(class, node)| name(document, node, class)).collect()
        }
        Value::Map(entries) => numbered(document, entries),
        Value::Text(stated) => listed(document, node, stated),
        _ => Err(document.refuse(node, "names", "a list such as [cat, dog]")),
    };
    names.map(Some)
}

/// The name of a class. A truth value or an empty value is refused: Ultralytics would name the
/// class "True" or "None", which nobody wants.
fn name(document: &Document<'_>, node: &Node, class: usize) -> Result<String> {
    let refuse = || document.refuse(node, &format!("name of class {class}"), "text, in quotes");
    document.scalar(node).map(str::to_owned).ok_or_else(refuse)
}

/// The names in a map from class numbers to names, in the order of the numbers.
fn numbered(document: &Document<'_>, entries: &[(Node, Node)]) -> Result<Vec<String>> {
    let mut names = BTreeMap::new();
    for (key, node) in entries {
        let class = whole(document, key, "number of a class")?;
        if names.insert(class, (key, name(document, node, class)?)).is_some() {
            let twice = format!("{class} twice");
            return Err(document.error(key, "names", "each number once", &twice));
        }
    }
    let gap = names.iter().enumerate().find(|(at, (class, _))| at != *class);
    if let Some((at, (class, (key, _)))) = gap {
        return Err(document.error(key, "names", &format!("number {at}"), &class.to_string()));
    }
    Ok(names.into_values().map(|(_, name)| name).collect())
}

/// The names in the text file whose path, below the folder of the YAML file, `names` states.
fn listed(document: &Document<'_>, node: &Node, stated: &str) -> Result<Vec<String>> {
    let folder = document.path().parent().unwrap_or(Path::new(""));
    let list = files::safe_path(stated).ok().map(|relative| folder.join(relative));
    // A YAML file is refused, because it could name itself.
    match list.filter(|list| list.is_file() && !super::is_yaml(list)) {
        Some(list) => Ok(text::names(&text::read(&list)?)),
        None => Err(document.refuse(node, "names", "a list such as [cat, dog]")),
    }
}

/// Paths: one, or a list of them.
fn paths(document: &Document<'_>, node: &Node, name: &str) -> Result<Vec<String>> {
    let path = |node: &Node| match document.scalar(node) {
        Some(path) => Ok(path.to_owned()),
        None => Err(document.refuse(node, name, "a path, or a list of paths")),
    };
    match &node.value {
        Value::List(items) => items.iter().map(path).collect(),
        _ => Ok(vec![path(node)?]),
    }
}

fn places(document: &Document<'_>) -> Result<Vec<(&'static str, Position)>> {
    let mut places = Vec::new();
    for name in SUBSETS.into_iter().chain(["path", "nc"]) {
        places.extend(document.member(name)?.map(|node| (name, document.position(node))));
    }
    Ok(places)
}

fn text_of(document: &Document<'_>, name: &str) -> Result<Option<String>> {
    let Some(node) = document.member(name)? else { return Ok(None) };
    match document.scalar(node) {
        Some(text) => Ok(Some(text.to_owned())),
        None => Err(document.refuse(node, name, "text")),
    }
}

/// A whole number. It may be in quotes, as Ultralytics accepts such class numbers.
fn whole(document: &Document<'_>, node: &Node, thing: &str) -> Result<usize> {
    let number = document.scalar(node).and_then(|text| text.trim().parse().ok());
    number.ok_or_else(|| document.refuse(node, thing, "a whole number from 0 on"))
}

fn wholes(document: &Document<'_>, name: &str) -> Result<Option<Vec<usize>>> {
    let Some(node) = document.member(name)? else { return Ok(None) };
    match &node.value {
        Value::List(items) => {
            items.iter().map(|node| whole(document, node, name)).collect::<Result<_>>().map(Some)
        }
        _ => Err(document.refuse(node, name, "a list of whole numbers")),
    }
}

fn kpt_shape(document: &Document<'_>) -> Result<Option<[usize; 2]>> {
    const NAME: &str = "kpt_shape";
    let Some(node) = document.member(NAME)? else { return Ok(None) };
    match wholes(document, NAME)?.as_deref() {
        Some(&[count, numbers @ (2 | 3)]) if count > 0 => Ok(Some([count, numbers])),
        other => {
            let expected = "the number of keypoints, and 2 or 3 numbers for each";
            Err(document.error(node, NAME, expected, &format!("{:?}", other.unwrap_or_default())))
        }
    }
}

#[cfg(test)]
#[path = "yaml_tests.rs"]
mod tests;
