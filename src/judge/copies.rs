//! Judges the image files of subsets against each other: a picture must be in one of them only.

use super::{image_lists, subsets};
use crate::error::{Place, Result};
use crate::finding::Finding;
use crate::images::likeness::{self, Group, Kind, Likeness, SMALL};
use crate::progress::Progress;
use crate::rules::Rule;
use crate::survey::roster::Roster;
use crate::survey::sets::Set;
use crate::tree::is_same_subset;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// An image file, and the subset that it is in.
struct Filed<'a> {
    id: usize,
    file: &'a Path,
    subset: String,
}

/// How the files are judged.
pub struct How<'a> {
    /// The subsets of images that lists state, from outside of the dataset's folder.
    pub listed: &'a BTreeMap<usize, String>,
    /// Whether pictures are not decoded.
    pub skips_pictures: bool,
    /// Who is told how far it is.
    pub progress: &'a Progress,
}

/// Findings about files of two subsets that hold one picture. Where there is one subset, no file is
/// read.
///
/// # Errors
/// Where the run is to stop.
pub fn judge(sets: &[Set], roster: &Roster, how: &How) -> Result<Vec<Finding>> {
    let files = files(sets, roster, how.listed);
    if files.iter().all(|file| is_same_subset(&file.subset, &files[0].subset)) {
        return Ok(Vec::new());
    }
    let paths: Vec<PathBuf> = files.iter().map(|file| file.file.to_path_buf()).collect();
    let likeness = Likeness { decodes: !how.skips_pictures, ..Likeness::default() };
    let groups = likeness::groups(&paths, &likeness, how.progress)?;
    Ok(groups.iter().flat_map(|group| judge_group(group, &files, roster)).collect())
}

/// All image files that are in a subset: that of their folder, else the one that annotations say, else
/// that of a list.
fn files<'a>(sets: &[Set], roster: &'a Roster, listed: &BTreeMap<usize, String>) -> Vec<Filed<'a>> {
    let mut subsets = subsets::of_files(sets, roster);
    for (id, subset) in image_lists::subsets(sets, roster) {
        subsets.entry(id).or_insert(subset);
    }
    for (id, subset) in listed {
        subsets.entry(*id).or_insert_with(|| subset.clone());
    }
    let filed = |(id, subset): (usize, String)| {
        let file = roster.images().get(id)?.file.as_deref()?;
        Some(Filed { id, file, subset })
    };
    subsets.into_iter().filter_map(filed).collect()
}

/// A finding for each file of which an earlier one in another subset is a copy: if possible an equal
/// one.
fn judge_group(group: &Group, files: &[Filed], roster: &Roster) -> Vec<Finding> {
    let repeated = repeated(group, files);
    let of = |(at, &other): (usize, &usize)| {
        let is_of_other =
            |one: &&usize| !is_same_subset(&files[**one].subset, &files[other].subset);
        let before = group.files.iter().take(at).filter(is_of_other);
        let (kind, one) = before.map(|one| (group.kind(*one, other), *one)).min()?;
        if kind == Kind::Bytes && repeated.contains(&other) {
            return None;
        }
        Some(copy(&files[one], &files[other], kind, roster))
    };
    group.files.iter().enumerate().filter_map(of).collect()
}

/// The small files that one subset has several times: these are placeholders.
fn repeated(group: &Group, files: &[Filed]) -> BTreeSet<usize> {
    let mut equal: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for pair in group.pairs.iter().filter(|pair| pair.kind == Kind::Bytes) {
        equal.entry(pair.one).or_insert_with(|| vec![pair.one]).push(pair.other);
    }
    let is_small = |at: usize| crate::images::length(files[at].file).is_none_or(|it| it < SMALL);
    let is_repeated = |equal: &&Vec<usize>| {
        let has_twin = |(at, file): (usize, &usize)| {
            let before = equal.iter().take(at);
            before.into_iter().any(|it| is_same_subset(&files[*it].subset, &files[*file].subset))
        };
        is_small(equal[0]) && equal.iter().enumerate().any(has_twin)
    };
    equal.values().filter(is_repeated).flatten().copied().collect()
}

fn copy(one: &Filed, other: &Filed, kind: Kind, roster: &Roster) -> Finding {
    let first = &roster.images()[one.id].name;
    let (rule, message) = match kind {
        Kind::Bytes => {
            let is_of_name = roster.name(one.id) == roster.name(other.id);
            let rule = if is_of_name { Rule::SubsetOverlap } else { Rule::SubsetCopy };
            let (own, its) = (&other.subset, &one.subset);
            (rule, format!("it is in {own}, and the same picture as {first:?} in {its}"))
        }
        _ => {
            let (own, kind, its) = (&other.subset, kind.name(), &one.subset);
            let message = format!("it is in {own}, and a {kind} copy of {first:?} in {its}");
            (Rule::SubsetNearCopy, message)
        }
    };
    Finding::new(rule, message, Place::of_file(other.file)).of_image(roster.name(other.id))
}
