//! Judges the subsets of a dataset against each other: an image must be in one of them only.

use super::{image_lists, label_places};
use crate::files;
use crate::finding::Finding;
use crate::format::{Field, Spot};
use crate::rules::Rule;
use crate::survey::roster::Roster;
use crate::survey::sets::{Loaded, Set};
use crate::tree::{is_same_subset, without_subset};
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

/// What a part says of the subset of an image.
struct Claim<'a> {
    set: &'a Set,
    part: &'a Loaded,
    index: usize,
    subset: &'a str,
    /// The number of the dataset that the part is a subset of.
    family: usize,
}

/// Findings about images in two subsets, by name and by lists.
pub fn judge(sets: &[Set], roster: &Roster) -> Vec<Finding> {
    let mut findings = image_lists::judge(sets, roster);
    let claims = claims(sets, roster);
    for (&id, claims) in &claims {
        findings.extend(overlap(id, claims, roster));
    }
    findings.extend(named_twice(&claims, roster));
    findings
}

/// The subset of each image file that is in one: that of its folder, else the one that its part says.
pub fn of_files(sets: &[Set], roster: &Roster) -> BTreeMap<usize, String> {
    let claims = claims(sets, roster);
    let subset = |id: usize| {
        let claimed = || claims.get(&id)?.first().map(|claim| claim.subset.to_owned());
        Some((id, roster.subset_of_file(id).or_else(claimed)?))
    };
    (0..roster.measured.len()).filter_map(subset).collect()
}

/// What parts say of the subset of each image. Labels that lie elsewhere say nothing. Empty where all
/// parts are of one subset: then only the folders of images may be of several.
fn claims<'a>(sets: &'a [Set], roster: &Roster) -> BTreeMap<usize, Vec<Claim<'a>>> {
    let parts = sets.iter().flat_map(|set| &set.parts);
    let mut subsets = parts.filter_map(|part| part.files.subset.as_deref());
    if subsets.next().is_none_or(|first| subsets.all(|it| is_same_subset(first, it))) {
        return BTreeMap::new();
    }
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
