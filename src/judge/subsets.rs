//! Judges the subsets of a dataset against each other: an image must be in one of them only.

use super::{image_lists, label_places};
use crate::error::Place;
use crate::files;
use crate::finding::Finding;
use crate::format::{Field, Spot};
use crate::rules::Rule;
use crate::survey::roster::Roster;
use crate::survey::sets::{Loaded, Set};
use crate::tree::{is_same_subset, without_subset};
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::path::{Path, PathBuf};

/// What a part says of the subset of an image.
struct Claim<'a> {
    set: &'a Set,
    part: &'a Loaded,
    index: usize,
    subset: &'a str,
    /// The number of the dataset that the part is a subset of.
    family: usize,
}

/// Findings about images in two subsets, by name, by lists and by their bytes.
pub fn judge(sets: &[Set], roster: &Roster) -> Vec<Finding> {
    let mut findings = image_lists::judge(sets, roster);
    let parts = sets.iter().flat_map(|set| &set.parts);
    let mut subsets = parts.filter_map(|part| part.files.subset.as_deref());
    let is_one = subsets.next().is_none_or(|first| subsets.all(|it| is_same_subset(first, it)));
    // Most datasets are no subsets, or one: then only the folders of their images may be.
    let claims = if is_one { BTreeMap::new() } else { claims(sets, roster) };
    for (&id, claims) in &claims {
        findings.extend(overlap(id, claims, roster));
    }
    findings.extend(named_twice(&claims, roster));
    findings.extend(copies(&subsets_of_files(&claims, roster), roster));
    findings
}

/// What parts say of the subset of each image. Labels that lie elsewhere say nothing.
fn claims<'a>(sets: &'a [Set], roster: &Roster) -> BTreeMap<usize, Vec<Claim<'a>>> {
    let mut claims: BTreeMap<usize, Vec<Claim>> = BTreeMap::new();
    let mut families: Vec<(&str, PathBuf)> = Vec::new();
    let mut folders = label_places::Folders::default();
    for set in sets.iter().filter(|set| !set.is_results()) {
        for part in &set.parts {
            let Some(subset) = part.files.subset.as_deref() else { continue };
            let own = (set.format.name(), without_subset(&part.path));
            let family = families.iter().position(|it| *it == own).unwrap_or(families.len());
            if family == families.len() {
                families.push(own);
            }
            for (index, &id) in part.ids.iter().enumerate() {
                let file = roster.images().get(id).and_then(|image| image.file.as_deref());
                let is_elsewhere = file.is_some_and(|file| {
                    label_places::is_elsewhere(set, part, index, file, &mut folders)
                });
                if !is_elsewhere {
                    claims.entry(id).or_default().push(Claim { set, part, index, subset, family });
                }
            }
        }
    }
    claims
}

/// A finding if one format has an image in two subsets.
fn overlap(id: usize, claims: &[Claim], roster: &Roster) -> Option<Finding> {
    let contradicts = |one: &Claim, other: &Claim| {
        one.set.format.name() == other.set.format.name()
            && !is_same_subset(one.subset, other.subset)
    };
    let pairs = claims.iter().enumerate().flat_map(|(at, other)| {
        claims
            .iter()
            .take(at)
            .filter(move |one| contradicts(one, other))
            .map(move |one| (one, other))
    });
    let (one, other) = pairs.into_iter().next()?;
    Some(in_two(roster.name(id), one, other))
}

fn in_two(name: &str, one: &Claim, other: &Claim) -> Finding {
    let message = format!(
        "{name:?} is in {} ({}), and in {}",
        one.subset,
        files::shown(&one.part.path),
        other.subset
    );
    let place = other.part.source.place(Spot::Image(other.index, Field::Name));
    Finding::new(Rule::SubsetOverlap, message, place).of_image(name)
}

/// Findings about images without files that two subsets of a format name alike, with the same size
/// and the same objects. Subsets may have different images of one name.
fn named_twice(claims: &BTreeMap<usize, Vec<Claim>>, roster: &Roster) -> Vec<Finding> {
    let mut seen: HashMap<(usize, &str), Vec<(usize, &Claim)>> = HashMap::new();
    let mut findings = Vec::new();
    let missing = claims.iter().filter(|(id, _)| !roster.is_there(**id));
    for (&id, claim) in missing.flat_map(|(id, claims)| claims.iter().map(move |it| (id, it))) {
        let name = claim.part.images().get(claim.index).map_or("", |image| &image.file_name);
        let earlier = seen.entry((claim.family, name)).or_default();
        let is_it = |(other, one): &&(usize, &Claim)| {
            !is_same_subset(one.subset, claim.subset)
                && fingerprint(claim, id, roster)
                    .is_some_and(|own| fingerprint(one, *other, roster) == Some(own))
        };
        findings.extend(earlier.iter().find(is_it).map(|(_, one)| in_two(name, one, claim)));
        earlier.push((id, claim));
    }
    findings
}

/// A hash of an image's size and boxes; none where it has no boxes.
fn fingerprint(claim: &Claim, id: usize, roster: &Roster) -> Option<u64> {
    let view = claim.set.view(id, roster)?;
    let stated = view.as_stated();
    let view = stated.as_ref().unwrap_or(&view);
    let boxes = view.annotations.iter().filter_map(crate::model::Annotation::bounds);
    let mut boxes: Vec<[u64; 4]> = boxes.map(|it| it.corners().map(f64::to_bits)).collect();
    boxes.sort_unstable();
    let mut hasher = DefaultHasher::new();
    (view.image.size.map(|size| (size.width, size.height)), &boxes).hash(&mut hasher);
    (!boxes.is_empty()).then(|| hasher.finish())
}

/// The subset of each image file: that of its folder, else the one that a part says.
fn subsets_of_files(claims: &BTreeMap<usize, Vec<Claim>>, roster: &Roster) -> Vec<(usize, String)> {
    let subset = |id: usize| {
        let claimed = || claims.get(&id)?.first().map(|claim| claim.subset.to_owned());
        Some((id, roster.subset_of_file(id).or_else(claimed)?))
    };
    (0..roster.measured.len()).filter_map(subset).collect()
}

/// From so many bytes on a file is no placeholder.
const SMALL: u64 = 4096;
/// A picture has more bytes than one for so many pixels; less is one colour.
const BLANK: f64 = 20.0;

/// Whether a file of so many bytes is a picture without anything on it.
fn is_blank(length: u64, id: usize, roster: &Roster) -> bool {
    let size = roster.measured(id).map(|measured| measured.size);
    let pixels = size.map_or(0.0, |size| f64::from(size.width) * f64::from(size.height));
    length < SMALL && length as f64 * BLANK < pixels
}

/// Findings about files of two subsets that are equal byte for byte. Only files of one length are
/// read. Blank pictures, and small ones that one subset repeats, are placeholders.
fn copies(images: &[(usize, String)], roster: &Roster) -> Vec<Finding> {
    let mut lengths: BTreeMap<u64, Vec<&(usize, String)>> = BTreeMap::new();
    for image in images {
        let length = roster.images()[image.0].file.as_deref().and_then(crate::images::length);
        lengths.entry(length.unwrap_or(0)).or_default().push(image);
    }
    let mut findings = Vec::new();
    for (length, mut alike) in lengths.into_iter().filter(|(length, _)| *length > 0) {
        alike.retain(|it| !is_blank(length, it.0, roster));
        let is_of_one = alike.iter().all(|it| is_same_subset(&it.1, &alike[0].1));
        if is_of_one {
            continue;
        }
        let mut contents: BTreeMap<u64, Vec<&(usize, String)>> = BTreeMap::new();
        for image in alike {
            let hash = roster.images()[image.0].file.as_deref().and_then(hash_of);
            hash.into_iter().for_each(|hash| contents.entry(hash).or_default().push(image));
        }
        for equal in contents.values() {
            let is_repeated = equal
                .iter()
                .enumerate()
                .any(|(at, it)| equal.iter().take(at).any(|other| is_same_subset(&other.1, &it.1)));
            if length >= SMALL || !is_repeated {
                findings.extend(pairs(equal, roster));
            }
        }
    }
    findings
}

/// A finding for each of some equal files of which an earlier one is in another subset.
fn pairs(equal: &[&(usize, String)], roster: &Roster) -> Vec<Finding> {
    let pair = |(at, image): (usize, &&(usize, String))| {
        let earlier = equal.iter().take(at).find(|it| !is_same_subset(&it.1, &image.1));
        earlier.map(|other| copy(other, image, roster))
    };
    equal.iter().enumerate().filter_map(pair).collect()
}

fn copy(one: &(usize, String), other: &(usize, String), roster: &Roster) -> Finding {
    let [first, second] = [one.0, other.0].map(|id| &roster.images()[id]);
    let is_of_name = roster.name(one.0) == roster.name(other.0);
    let rule = if is_of_name { Rule::SubsetOverlap } else { Rule::SubsetCopy };
    let message =
        format!("it is in {}, and the same picture as {:?} in {}", other.1, first.name, one.1);
    let place = Place::of_file(second.file.as_deref().unwrap_or(Path::new("")));
    Finding::new(rule, message, place).of_image(roster.name(other.0))
}

/// A hash of a file's bytes.
fn hash_of(file: &Path) -> Option<u64> {
    let mut file = std::fs::File::open(file).ok()?;
    let mut hasher = DefaultHasher::new();
    let mut buffer = vec![0; 65_536];
    loop {
        match file.read(&mut buffer).ok()? {
            0 => return Some(hasher.finish()),
            count => hasher.write(buffer.get(..count)?),
        }
    }
}
