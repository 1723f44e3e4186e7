//! One defect breaks one rule: what only follows from another finding is left out.

use crate::finding::Finding;
use crate::formats::by_name;
use crate::rules::Rule;
use crate::survey::Input;
use crate::survey::sets::{Loaded, Set};
use std::collections::HashSet;
use std::path::Path;

/// Rules of which the second follows from the first, in one object.
const FOLLOWS: [(Rule, Rule); 4] = [
    (Rule::ShapeBeyondBorder, Rule::BoxNotShape),
    (Rule::ShapeBeyondBorder, Rule::AreaNotShape),
    (Rule::NotAFraction, Rule::BoxChanged),
    (Rule::NotAFraction, Rule::ShapeChanged),
];

/// Rules that say of an image why other formats may not have it.
const OF_IMAGES: [Rule; 3] = [Rule::SubsetOverlap, Rule::LabelWithoutImage, Rule::ImageMissing];

/// Rules that follow from class lists which contradict each other.
const OF_CLASSES: [Rule; 5] = [
    Rule::ClassChanged,
    Rule::ClassesShifted,
    Rule::ClassesReordered,
    Rule::ClassesExchanged,
    Rule::ClassRenamed,
];

/// The findings without those that follow from others, and each once: parts may share a list. Where
/// no row of some labels can be read, that is the finding.
pub fn settle(findings: Vec<Finding>, inputs: &[Input], sets: &[Set]) -> Vec<Finding> {
    let is_contradicted = |part: &&Loaded| part.faults.contains(&Rule::ClassListsDiffer);
    let parts = sets.iter().flat_map(|set| &set.parts).filter(is_contradicted);
    let contradicted: Vec<&Path> = parts.map(|part| part.path.as_path()).collect();
    settled(findings, inputs, &contradicted)
}

fn settled(mut findings: Vec<Finding>, inputs: &[Input], contradicted: &[&Path]) -> Vec<Finding> {
    let mut seen = HashSet::new();
    findings.retain(|it| {
        let position = it.place.position.map(|at| (at.line, at.column));
        let place = (it.place.file.clone(), position, it.place.pointer.clone());
        let of = (it.image.clone(), it.annotation.clone());
        let is_of_lists = OF_CLASSES.contains(&it.rule)
            && contradicted.iter().any(|part| it.place.file.starts_with(part));
        !is_of_lists && seen.insert((it.rule, it.message.clone(), place, of))
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
    let is_told = |it: &Finding| it.rule == Rule::ImageAbsent && told.contains(&it.image);
    let kept = findings.into_iter().filter(|it| !follows(it) && !is_told(it));
    let kept: Vec<Finding> = kept.collect();
    let is_rows = |format| by_name(format).is_some_and(|it| it.profile().is_fractions());
    let unread = inputs.iter().filter(|it| it.annotations == 0 && is_rows(it.format));
    unread.fold(kept, |findings, part| nothing_read(findings, &part.path))
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
    use std::path::PathBuf;

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
            let settled = settled(findings, &inputs, &[Path::new("voc")]);
            assert_eq!(settled.iter().map(|it| it.rule).collect::<Vec<_>>(), expected);
        }
    }
}
