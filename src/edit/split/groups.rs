//! Images that belong together: of one patient, one video, one picture.

use crate::connected::Groups;
use crate::edit::Before;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::images::base_name;
use crate::images::likeness::{self, Likeness};
use crate::model::Image;
use crate::progress::Progress;
use regex::Regex;
use serde_json::Value;
use std::collections::HashMap;
use std::path::PathBuf;

/// What images of one group have in common.
#[derive(Debug, Clone)]
pub enum Group {
    /// A part of their names: what the first group in parentheses matches.
    Name(Regex),
    /// A member of their records (COCO's `patient_id`).
    Member(String),
}

impl Group {
    /// A regular expression with a group in parentheses, or the name of a member.
    ///
    /// # Errors
    /// Where it is a broken regular expression, or one without such a group that is no name.
    pub fn parse(text: &str) -> Result<Self> {
        let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
        if !text.is_empty() && text.chars().all(is_name) {
            return Ok(Self::Member(text.to_owned()));
        }
        let wrong = |found: String| {
            let expected = "a regular expression with a group in parentheses, or the name of a \
                            member of images";
            Error::new(ErrorKind::Usage, "group", Mismatch::new(expected, found))
        };
        let regex = Regex::new(text).map_err(|error| wrong(error.to_string()))?;
        match regex.captures_len() > 1 {
            true => Ok(Self::Name(regex)),
            false => Err(wrong(format!("{text:?}"))),
        }
    }

    /// The group of an image; `None` where it is of none.
    fn of(&self, index: usize, image: &Image, before: &Before) -> Result<Option<String>> {
        match self {
            Self::Name(regex) => {
                let names = [base_name(&image.file_name), &image.file_name];
                let mut found = names.iter().filter_map(|name| regex.captures(name)?.get(1));
                let found = found.next();
                Ok(found.map(|found| found.as_str().to_owned()))
            }
            Self::Member(name) => {
                let whole = before.source().image(index)?;
                let value = whole.extra.get(name).filter(|value| !value.is_null());
                Ok(value.map(|value| match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                }))
            }
        }
    }
}

/// The groups of the selected images, each image in one of them, and how many images are of none that
/// was asked for.
///
/// # Errors
/// Where no image has a group, or one cannot be read.
pub fn of(
    before: &Before,
    group: Option<&Group>,
    copies: Copies,
    progress: &Progress,
) -> Result<(Vec<Vec<usize>>, usize)> {
    let images: Vec<(usize, &Image)> = before.kept().collect();
    let mut ungrouped = 0_usize;
    let mut joined = Groups::new(images.len());
    if let Some(group) = group {
        let mut first: HashMap<String, usize> = HashMap::new();
        for (at, (index, image)) in images.iter().enumerate() {
            match group.of(*index, image, before)? {
                Some(name) => drop(joined.connect(*first.entry(name).or_insert(at), at)),
                None => ungrouped = ungrouped.saturating_add(1),
            }
        }
        if first.is_empty() {
            let name = images.first().map_or("", |(_, image)| &image.file_name);
            let (expected, found) = match group {
                Group::Name(_) => ("a pattern that fits the name of some image", "none that fits"),
                Group::Member(_) => ("a member that some image has", "none"),
            };
            let mismatch = Mismatch::new(expected, format!("{found}; the first is {name:?}"));
            return Err(Error::new(ErrorKind::Usage, "group", mismatch));
        }
    }
    for [one, other] in same_pictures(&images, copies, progress)? {
        joined.connect(one, other);
    }
    let mut groups: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, (index, _)) in images.iter().enumerate() {
        groups.entry(joined.of(at)).or_default().push(*index);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    groups.sort_unstable();
    Ok((groups, ungrouped))
}

/// Which copies of one picture are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Copies {
    /// Also pictures that were encoded anew, resized, turned or mirrored: all are decoded.
    #[default]
    Pictures,
    /// Files that are equal byte for byte.
    Bytes,
    /// None.
    None,
}

/// Pairs of images that show the same picture, by their places in the list.
fn same_pictures(
    images: &[(usize, &Image)],
    copies: Copies,
    progress: &Progress,
) -> Result<Vec<[usize; 2]>> {
    if copies == Copies::None {
        return Ok(Vec::new());
    }
    let files = images.iter().enumerate();
    let (places, files): (Vec<usize>, Vec<PathBuf>) =
        files.filter_map(|(at, (_, image))| Some((at, image.file.clone()?))).unzip();
    let how = Likeness { decodes: copies == Copies::Pictures, ..Likeness::default() };
    let groups = likeness::groups(&files, &how, progress)?;
    let pairs = groups.into_iter().flat_map(|group| {
        let others = group.files.clone().into_iter().skip(1);
        others.filter_map(move |other| Some([*group.files.first()?, other]))
    });
    let placed = |[one, other]: [usize; 2]| Some([*places.get(one)?, *places.get(other)?]);
    Ok(pairs.filter_map(placed).collect())
}
