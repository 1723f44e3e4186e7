//! One defect breaks one rule: what only follows from another finding is left out.

use crate::finding::Finding;
use crate::formats::by_name;
use crate::images::base_name;
use crate::rules::Rule;
use crate::survey::Input;
use crate::tree;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Rules of which the second follows from the first, in one object.
const FOLLOWS: [(Rule, Rule); 4] = [
    (Rule::ShapeBeyondBorder, Rule::BoxNotShape),
    (Rule::ShapeBeyondBorder, Rule::AreaNotShape),
    (Rule::NotAFraction, Rule::BoxChanged),
    (Rule::NotAFraction, Rule::ShapeChanged),
];

/// Rules that say of an image why other formats may not have it.
const OF_IMAGES: [Rule; 3] = [Rule::SubsetOverlap, Rule::LabelWithoutImage, Rule::ImageMissing];

/// Rules that follow from one about class lists, in the folder of that list and in its subset.
const OF_LISTS: [(Rule, &[Rule]); 1] = [(
    Rule::ClassListsDiffer,
    &[
        Rule::ClassChanged,
        Rule::ClassesShifted,
        Rule::ClassesReordered,
        Rule::ClassesExchanged,
        Rule::ClassRenamed,
    ],
)];

/// The findings without those that follow from others, and each once: parts may share a list. Where
/// no row of some labels can be read, that is the finding.
pub fn settle(mut findings: Vec<Finding>, inputs: &[Input]) -> Vec<Finding> {
    let lists = findings.iter().filter_map(|it| {
        let (_, others) = OF_LISTS.iter().find(|(rule, _)| it.rule == *rule)?;
        Some((it.place.file.clone(), *others))
    });
    let lists: Vec<(PathBuf, &[Rule])> = lists.collect();
    let is_of_list = |it: &Finding| {
        lists.iter().any(|(file, others)| {
            let (folder, own) = (file.parent().unwrap_or(file), &it.place.file);
            others.contains(&it.rule) && (own.starts_with(folder) || is_of_one_subset(own, file))
        })
    };
    let broken = findings.iter().filter(|it| it.rule == Rule::Unreadable);
    let broken: HashSet<PathBuf> = broken.map(|it| it.place.file.clone()).collect();
    let mut seen = HashSet::new();
    findings.retain(|it| {
        let position = it.place.position.map(|at| (at.line, at.column));
        let place = (it.place.file.clone(), position, it.place.pointer.clone());
        let of = (it.image.clone(), it.annotation.clone());
        // A file that breaks off may have lost what it refers to.
        let is_lost = it.rule == Rule::MissingReference && broken.contains(&it.place.file);
        !is_lost && !is_of_list(it) && seen.insert((it.rule, it.message.clone(), place, of))
    });
    let key =
        |it: &Finding| (it.rule, it.place.file.clone(), it.image.clone(), it.annotation.clone());
    let is_cause = |it: &&Finding| FOLLOWS.iter().any(|(first, _)| it.rule == *first);
    let causes: HashSet<_> = findings.iter().filter(is_cause).map(key).collect();
    let follows = |it: &Finding| {
        let causes_of = FOLLOWS.iter().filter(|(_, second)| it.rule == *second);
        it.annotation.is_some()
            && causes_of
                .into_iter()
                .any(|(first, _)| causes.contains(&key(&Finding { rule: *first, ..it.clone() })))
    };
    let told = findings.iter().filter(|it| OF_IMAGES.contains(&it.rule));
    let told: HashSet<Option<String>> = told.map(|it| it.image.clone()).collect();
    let stem = |name: &Option<String>| name.as_deref().map(|it| stem_of(it).to_owned());
    let shared = findings.iter().filter(|it| it.rule == Rule::SharedLabel);
    let shared: HashSet<Option<String>> = shared.map(|it| stem(&it.image)).collect();
    let is_told = |it: &Finding| match it.rule {
        Rule::ImageAbsent => told.contains(&it.image) || shared.contains(&stem(&it.image)),
        Rule::AmbiguousImage => shared.contains(&stem(&it.image)),
        _ => false,
    };
    let twice = Twice::of(&findings, inputs);
    let kept =
        findings.into_iter().filter(|it| !follows(it) && !is_told(it) && !twice.explains(it));
    let kept: Vec<Finding> = kept.collect();
    let is_rows = |format| by_name(format).is_some_and(|it| it.profile().is_fractions());
    let unread = inputs.iter().filter(|it| it.annotations == 0 && is_rows(it.format));
    unread.fold(kept, |findings, part| nothing_read(findings, &part.path))
}

/// Whether both files are of one subset, by their folders or names: `labels/val/a.txt` and
/// `instances_val.json`.
fn is_of_one_subset(one: &Path, other: &Path) -> bool {
    let subset = |path: &Path| {
        let stem = path.with_extension("");
        let parts: Vec<String> =
            stem.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        parts.iter().rev().find_map(|part| tree::subset_of_name(part))
    };
    let (one, other) = (subset(one), subset(other));
    one.is_some() && one == other
}

/// The name of an image without folders and extension.
fn stem_of(name: &str) -> &str {
    let bare = base_name(name);
    bare.rsplit_once('.').map_or(bare, |(stem, _)| stem)
}

/// What is known of images that have two records.
struct Twice {
    /// The file and the image of each record.
    records: HashSet<(PathBuf, Option<String>)>,
    /// Files that are about one image each, and that is another's.
    files: HashSet<PathBuf>,
}

impl Twice {
    fn of(findings: &[Finding], inputs: &[Input]) -> Self {
        let twice = || findings.iter().filter(|it| it.rule == Rule::ImageTwice);
        let of_places = twice().flat_map(|it| &it.places);
        let of_one_image = |it: &&Finding| {
            let part = inputs.iter().find(|part| it.place.file.starts_with(&part.path));
            let format = part.and_then(|part| by_name(part.format));
            format.is_some_and(|it| it.profile().arrangement.is_per_image())
        };
        Self {
            records: of_places.map(|it| (it.place.file.clone(), it.image.clone())).collect(),
            files: twice().filter(of_one_image).map(|it| it.place.file.clone()).collect(),
        }
    }

    /// Whether a finding is there only because a record is about another image.
    fn explains(&self, finding: &Finding) -> bool {
        let file = &finding.place.file;
        match finding.rule {
            Rule::BeyondBorder | Rule::OutsideImage | Rule::ShapeBeyondBorder => {
                self.records.contains(&(file.clone(), finding.image.clone()))
            }
            Rule::ImageMissing | Rule::ImageAbsent | Rule::SizeDiffers => self.files.contains(file),
            Rule::SplitIncomplete => {
                let stem = finding.image.as_deref().map(stem_of);
                let is_it = |file: &PathBuf| file.file_stem().and_then(|it| it.to_str()) == stem;
                stem.is_some() && self.files.iter().any(is_it)
            }
            _ => false,
        }
    }
}

/// One finding instead of those about the rows of a part of which none can be read.
fn nothing_read(findings: Vec<Finding>, part: &Path) -> Vec<Finding> {
    let is_row = |it: &Finding| {
        it.rule == Rule::Malformed && it.image.is_some() && it.place.file.starts_with(part)
    };
    let (mut rows, mut others): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(is_row);
    if rows.len() < 2 {
        others.append(&mut rows);
        return others;
    }
    rows.sort_by(|one, other| one.order().cmp(&other.order()));
    let first = rows.first().map(|row| row.message.clone()).unwrap_or_default();
    let message = format!("none of {} rows can be read: {first}", rows.len());
    others.extend(Finding::of_cause(Rule::NothingRead, message, rows));
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Place;

    #[test]
    fn what_follows_from_another_finding_is_left_out() {
        let found = |rule, annotation: &str| {
            let place = Place::of_file(Path::new("labels/a.txt"));
            Finding::new(rule, "", place).of_image("a").of_annotation(annotation)
        };
        let row = Finding { annotation: None, ..found(Rule::Malformed, "") };
        let other = Finding { message: "other".to_owned(), ..row.clone() };
        let input = |format, annotations| {
            vec![Input { format, path: PathBuf::from("labels"), images: 2, annotations }]
        };
        let (beyond, off) = (Rule::ShapeBeyondBorder, Rule::BoxNotShape);
        for (findings, inputs, expected) in [
            (vec![found(beyond, "1"), found(off, "1")], input("coco", 1), vec![beyond]),
            (vec![found(beyond, "1"), found(off, "2")], input("coco", 1), vec![beyond, off]),
            (vec![row.clone(), other.clone()], input("yolo", 1), vec![Rule::Malformed; 2]),
            (vec![row.clone(), other], input("yolo", 0), vec![Rule::NothingRead]),
            (vec![row.clone(), row], input("yolo", 1), vec![Rule::Malformed]),
            (vec![found(Rule::ClassChanged, "1")], input("yolo", 1), vec![Rule::ClassChanged]),
        ] {
            let settled = settle(findings, &inputs);
            assert_eq!(settled.iter().map(|it| it.rule).collect::<Vec<_>>(), expected);
        }
    }
}
