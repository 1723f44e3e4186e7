//! One defect breaks one rule: what only follows from another finding is left out.

use crate::finding::Finding;
use crate::formats::by_name;
use crate::rules::Rule;
use crate::survey::Input;
use std::collections::HashSet;
use std::path::Path;

/// Rules of which the second follows from the first, in one object.
const FOLLOWS: [(Rule, Rule); 2] =
    [(Rule::ShapeBeyondBorder, Rule::BoxNotShape), (Rule::ShapeBeyondBorder, Rule::AreaNotShape)];

/// The findings without those that follow from others. Where no row of some labels can be read,
/// that is the finding.
pub fn settle(findings: Vec<Finding>, inputs: &[Input]) -> Vec<Finding> {
    let key = |it: &Finding| (it.rule, it.place.file.clone(), it.annotation.clone());
    let is_cause = |it: &&Finding| FOLLOWS.iter().any(|(first, _)| it.rule == *first);
    let causes: HashSet<_> = findings.iter().filter(is_cause).map(key).collect();
    let follows = |it: &Finding| {
        let causes_of = FOLLOWS.iter().filter(|(_, second)| it.rule == *second);
        it.annotation.is_some()
            && causes_of.into_iter().any(|(first, _)| {
                causes.contains(&(*first, it.place.file.clone(), it.annotation.clone()))
            })
    };
    let kept: Vec<Finding> = findings.into_iter().filter(|it| !follows(it)).collect();
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
        let input = |format, annotations| {
            vec![Input { format, path: PathBuf::from("labels"), images: 2, annotations }]
        };
        let (beyond, off) = (Rule::ShapeBeyondBorder, Rule::BoxNotShape);
        for (findings, inputs, expected) in [
            (vec![found(beyond, "1"), found(off, "1")], input("coco", 1), vec![beyond]),
            (vec![found(beyond, "1"), found(off, "2")], input("coco", 1), vec![beyond, off]),
            (vec![row.clone(), row.clone()], input("yolo", 1), vec![Rule::Malformed; 2]),
            (vec![row.clone(), row], input("yolo", 0), vec![Rule::NothingRead]),
        ] {
            let settled = settle(findings, &inputs);
            assert_eq!(settled.iter().map(|it| it.rule).collect::<Vec<_>>(), expected);
        }
    }
}
