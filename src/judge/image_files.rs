//! Judges image files, and what annotations state about them.

use crate::error::Place;
use crate::files;
use crate::finding::Finding;
use crate::format::Field;
use crate::geometry::Size;
use crate::images;
use crate::images::End;
use crate::model::Annotation;
use crate::rules::Rule;
use crate::survey::roster::Roster;
use crate::survey::sets::{Set, View};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// Ultralytics refuses an image with a side of fewer pixels (`verify_image` in
/// `ultralytics/data/utils.py`).
const SMALLEST_SIDE: u32 = 10;

/// Words that are names of devices on Windows. `com1` to `com9` and `lpt1` to `lpt9` are, too.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Judges all image files, and the names of all images.
pub fn judge_files(roster: &Roster) -> Vec<Finding> {
    let mut findings: Vec<Finding> = roster.odd.iter().map(Finding::of_error).collect();
    for (image, inspected) in roster.images().iter().zip(&roster.measured) {
        let file = image.file.as_deref().unwrap_or(Path::new(""));
        let mut add = |rule, message: String| {
            let found = Finding::new(rule, message, Place::of_file(file));
            findings.push(found.of_image(images::base_name(&image.name)));
        };
        match &inspected.measured {
            Err(error) => add(Rule::ImageUnreadable, error.problem()),
            Ok(measured) => {
                match measured.orientation {
                    5..=8 => add(Rule::ExifRotated, orientation(measured.orientation)),
                    2..=4 => add(Rule::ExifFlipped, orientation(measured.orientation)),
                    _ => {}
                }
                let size = measured.size;
                if size.width.min(size.height) < SMALLEST_SIDE {
                    add(Rule::TinyImage, format!("a size of {size}"));
                }
            }
        }
        match inspected.end {
            End::Missing => add(Rule::TruncatedImage, "no end marker".to_owned()),
            End::Before(bytes) => {
                add(Rule::TrailingData, format!("{bytes} bytes after the end marker"));
            }
            End::Proper => {}
        }
    }
    findings.extend(judge_names(roster));
    findings
}

fn orientation(orientation: u32) -> String {
    let how = match orientation {
        2 => "mirrored",
        3 => "upside down",
        4 => "upside down and mirrored",
        5 | 7 => "turned by a quarter and mirrored",
        6 => "turned by a quarter to the right",
        _ => "turned by a quarter to the left",
    };
    format!("EXIF orientation {orientation}: shown {how}")
}

/// Judges names: some systems refuse them, or take two of them for one.
fn judge_names(roster: &Roster) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut folded: BTreeMap<String, usize> = BTreeMap::new();
    let mut stems: BTreeMap<String, usize> = BTreeMap::new();
    for (number, image) in roster.images().iter().enumerate() {
        let place = Place::of_file(image.file.as_deref().unwrap_or(Path::new(&image.name)));
        let mut add = |rule, message: String| {
            let found = Finding::new(rule, message, place.clone());
            findings.push(found.of_image(images::base_name(&image.name)));
        };
        if roster.is_ambiguous(number) {
            continue;
        }
        if let Some(why) = image.name.split('/').find_map(illegal) {
            add(Rule::IllegalName, why);
        }
        let name = files::folded(&image.name).into_owned();
        if let Some(&first) = folded.get(&name) {
            // Two subsets may have images of one name.
            let other = &roster.images()[first].name;
            if *other != image.name {
                add(Rule::SameButCase, format!("the other is {other:?}"));
            }
            continue;
        }
        folded.insert(name, number);
        if image.file.is_none() {
            continue;
        }
        let stem = image.name.rsplit_once('.').map_or("", |(stem, _)| stem).to_owned();
        match stems.get(&stem) {
            Some(&first) if roster.is_claimed[number] || roster.is_claimed[first] => {
                add(Rule::SharedLabel, format!("the other is {:?}", roster.images()[first].name));
            }
            Some(_) => {}
            None => drop(stems.insert(stem, number)),
        }
    }
    findings
}

/// Why Windows refuses a name; `None` if it does not.
fn illegal(name: &str) -> Option<String> {
    let is_bad = |character: &char| {
        matches!(character, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\\') || *character < ' '
    };
    if let Some(character) = name.chars().find(is_bad) {
        return Some(format!("the character {character:?}"));
    }
    if name.ends_with(['.', ' ']) && !matches!(name, "." | "..") {
        return Some("a dot or a space at the end".to_owned());
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let is_port = |port: &str| {
        let digit = stem.strip_prefix(port).unwrap_or_default();
        digit.len() == 1 && digit.chars().all(|digit| digit.is_ascii_digit() && digit != '0')
    };
    let is_device = DEVICES.contains(&stem.as_str()) || is_port("com") || is_port("lpt");
    is_device.then(|| format!("{stem:?}, the name of a device"))
}

/// Compares what a view states about its image with the image file.
pub fn judge_statements(view: &View, id: usize, roster: &Roster) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(known) = roster.images().get(id) else { return findings };
    let name = &view.part.images()[view.index].file_name;
    if name.contains('\\') {
        let message =
            format!("{name:?}: the character '\\\\', which separates folders on Windows only");
        findings.push(view.image_finding(Rule::IllegalName, Field::Name, message));
    }
    let stated = view.part.images()[view.index].size;
    if let Some((stated, measured)) = stated.zip(roster.measured(id))
        && stated != measured.size
    {
        let message = format!("{stated} is stated, the file has {}", measured.size);
        let rule = rule_of_sizes(stated, measured.size, Rule::SizeDiffers);
        findings.push(view.image_finding(rule, Field::Size, message));
    }
    let bytes = view.part.images()[view.index].bytes;
    if let Some((stated, length)) = bytes.zip(known.file.as_deref().and_then(images::length))
        && stated != length
    {
        let message = format!("{stated} bytes are stated, the file has {length}");
        findings.push(view.image_finding(Rule::LengthDiffers, Field::Length, message));
    }
    findings
}

/// A finding if an image that some formats list has no file. There is one finding at most, however
/// many formats list the image.
pub fn judge_presence(views: &[Option<View>], id: usize, roster: &Roster) -> Option<Finding> {
    if roster.is_there(id) || !roster.has_files() || roster.is_ambiguous(id) {
        return None;
    }
    let listed = || views.iter().flatten();
    let with_objects = listed().find(|view| !view.annotations.is_empty() || view.is_doubtful());
    if let Some(view) = with_objects {
        let rule = match view.set.format.profile().is_fractions() {
            true => Rule::LabelWithoutImage,
            false => Rule::ImageMissing,
        };
        let message = format!("no image file {:?}", view.image.file_name);
        return Some(view.image_finding(rule, Field::Name, message));
    }
    let view = listed().next()?;
    let message = format!("no image file {:?}", view.image.file_name);
    Some(view.image_finding(Rule::BackgroundMissing, Field::Whole, message))
}

/// One finding about image files that no format, table or list names. Where all formats have a label
/// file in fractions for each image, an image without one is background, as trainers take it.
pub fn judge_unlisted(sets: &[Set], listed: &HashSet<usize>, roster: &Roster) -> Option<Finding> {
    let lists_images = |set: &Set| !set.format.profile().is_fractions() && !set.is_results();
    let mut unlisted = roster.unlisted();
    unlisted.retain(|number| !listed.contains(number));
    // Labels alone list no image without objects. Only folders in which no image has a label are
    // odd, if others have some.
    if !sets.iter().any(lists_images) {
        let folder = |number: &usize| {
            roster.images()[*number].file.as_deref().and_then(Path::parent).map(Path::to_path_buf)
        };
        let all = 0..roster.measured.len();
        let lone: HashSet<usize> = unlisted.iter().copied().collect();
        let labelled: HashSet<Option<PathBuf>> =
            all.filter(|number| !lone.contains(number)).map(|number| folder(&number)).collect();
        unlisted.retain(|number| !labelled.is_empty() && !labelled.contains(&folder(number)));
    }
    let one = |number: usize| {
        let file = roster.images()[number].file.as_deref().unwrap_or(Path::new(""));
        let found = Finding::new(Rule::ImageUnlisted, "no format lists it", Place::of_file(file));
        found.of_image(roster.name(number))
    };
    let found: Vec<Finding> = unlisted.into_iter().map(one).collect();
    let message = format!("no format lists {} of {} images", found.len(), roster.measured.len());
    Finding::of_cause(Rule::ImageUnlisted, message, found)
}

/// A finding if two formats state different sizes of an image, and there is no file to decide.
pub fn judge_sizes(views: &[Option<View>], id: usize, roster: &Roster) -> Option<Finding> {
    if roster.measured(id).is_some() {
        return None;
    }
    let sized = |view: &&View| view.part.images()[view.index].size.is_some();
    let mut stating = views.iter().flatten().filter(sized);
    let first = stating.next()?;
    let size = first.image.size?;
    let other = stating.find(|view| view.part.images()[view.index].size != Some(size))?;
    let stated = other.part.images()[other.index].size?;
    let rule = rule_of_sizes(stated, size, Rule::SizesContradict);
    // The size that does not hold the objects is the wrong one.
    let is_inside = |it: &Annotation| it.bounds().is_none_or(|bbox| bbox.is_inside(size));
    if rule == Rule::SidesSwapped && !first.annotations.iter().all(is_inside) {
        let message = format!("{size} is stated, another format states {stated}");
        return Some(first.image_finding(rule, Field::Size, message));
    }
    let message = match rule {
        Rule::SidesSwapped => format!("{stated} is stated, another format states {size}"),
        _ => format!("{stated} is stated, {} states {size}", name_of(first.set)),
    };
    Some(other.image_finding(rule, Field::Size, message))
}

/// The rule that a wrong size breaks: that width and height are exchanged, or this one.
fn rule_of_sizes(one: Size, other: Size, rule: Rule) -> Rule {
    match (one.width, one.height) == (other.height, other.width) {
        true => Rule::SidesSwapped,
        false => rule,
    }
}

/// A set in messages: its format and its path.
pub fn name_of(set: &Set) -> String {
    let first = set.parts.first().map(|part| files::shown(&part.path)).unwrap_or_default();
    let more = match set.parts.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    format!("{} ({first}{more})", title(set.format.name()))
}

/// A format's name as people write it.
pub fn title(format: &str) -> String {
    format.to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_windows_does_not_take() {
        for name in ["a?.jpg", "a\\b", "a.", "b ", "CON", "con.txt", "Lpt1.jpg", "a\tb", "x:y"] {
            assert!(illegal(name).is_some(), "{name:?}");
        }
        for name in ["a.jpg", ".", "..", "console.jpg", "com.jpg", "com0", "é ü.png", "a b"] {
            assert_eq!(illegal(name), None, "{name:?}");
        }
    }
}
