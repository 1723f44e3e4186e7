//! Judges keypoints as COCO has them: three numbers each, named by the category.

use crate::finding::Finding;
use crate::format::{Field, Spot};
use crate::model::{Annotation, Category, Extra};
use crate::rules::Rule;
use crate::survey::sets::{Loaded, View};
use serde_json::Value;

/// Findings about the keypoints of an image's annotations, one an annotation.
pub fn judge(view: &View) -> Vec<Finding> {
    if !view.set.format.profile().has_ids || view.set.is_results() {
        return Vec::new();
    }
    let categories = &view.part.source.header().categories;
    let finding = |(number, annotation): (usize, &Annotation)| {
        let category = annotation.category.and_then(|at| categories.get(at));
        let named = category.and_then(|category| count_of(category));
        let message = fault(&annotation.extra, named)?;
        Some(view.finding(Rule::Keypoints, number, Field::Whole, message))
    };
    view.annotations.iter().enumerate().filter_map(finding).collect()
}

/// Findings about skeletons that name keypoints which are not there. They count from 1.
pub fn judge_skeletons(part: &Loaded) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, category) in part.source.header().categories.iter().enumerate() {
        let Some(beyond) = beyond(category) else { continue };
        let count = count_of(category).unwrap_or_default();
        let message = format!("the skeleton has keypoint {beyond}, of {count} (from 1 on)");
        let place = part.source.place(Spot::Category(number));
        findings.push(Finding::new(Rule::Keypoints, message, place));
    }
    findings
}

/// How many keypoints a category names.
fn count_of(category: &Category) -> Option<usize> {
    category.extra.get("keypoints")?.as_array().map(Vec::len).filter(|count| *count > 0)
}

/// The first number of a skeleton that is no keypoint's.
fn beyond(category: &Category) -> Option<i64> {
    let count = count_of(category)? as i64;
    let bones = category.extra.get("skeleton")?.as_array()?;
    let ends = bones.iter().filter_map(Value::as_array).flatten().filter_map(Value::as_i64);
    ends.into_iter().find(|end| !(1..=count).contains(end))
}

/// What is wrong with the keypoints of an annotation whose category names so many.
fn fault(members: &Extra, named: Option<usize>) -> Option<String> {
    let keypoints = members.get("keypoints")?.as_array().filter(|list| !list.is_empty())?;
    let Some(numbers) = keypoints.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>() else {
        return Some("keypoints that are no numbers".to_owned());
    };
    let (points, rest) = numbers.as_chunks::<3>();
    if !rest.is_empty() {
        return Some(format!("{} numbers of keypoints, and not three each", numbers.len()));
    }
    if let Some(named) = named.filter(|named| *named != points.len()) {
        return Some(format!("{} keypoints, and the category names {named}", points.len()));
    }
    let is_odd = |v: &f64| ![0.0, 1.0, 2.0].contains(v);
    if let Some((at, v)) = points.iter().map(|point| point[2]).enumerate().find(|(_, v)| is_odd(v))
    {
        return Some(format!("keypoint {} has the visibility {v}, and not 0, 1 or 2", at + 1));
    }
    let marked = points.iter().filter(|point| point[2] > 0.0).count();
    let stated = members.get("num_keypoints")?.as_f64()?;
    (stated != marked as f64)
        .then(|| format!("num_keypoints is {stated}, and {marked} keypoints are marked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(json: &str) -> Extra {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn keypoints_fit_their_category() {
        for (json, named, expected) in [
            (r#"{"keypoints": [1, 2, 2, 0, 0, 0], "num_keypoints": 1}"#, Some(2), None),
            (r#"{"keypoints": [1, 2, 2.0, 0, 0, 0]}"#, None, None),
            (r#"{"keypoints": [], "num_keypoints": 0}"#, Some(2), None),
            ("{}", Some(2), None),
            (r#"{"keypoints": [1, 2, 2]}"#, Some(2), Some("1 keypoints, and the category names 2")),
            (r#"{"keypoints": [1, 2]}"#, None, Some("2 numbers of keypoints, and not three each")),
            (
                r#"{"keypoints": [1, 2, 3]}"#,
                None,
                Some("keypoint 1 has the visibility 3, and not 0, 1 or 2"),
            ),
            (
                r#"{"keypoints": [1, 2, 1], "num_keypoints": 2}"#,
                None,
                Some("num_keypoints is 2, and 1 keypoints are marked"),
            ),
            (r#"{"keypoints": ["a"]}"#, None, Some("keypoints that are no numbers")),
        ] {
            assert_eq!(fault(&members(json), named).as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn skeletons_join_keypoints_that_are_named() {
        for (skeleton, expected) in
            [("[[1, 2]]", None), ("[[1, 3]]", Some(3)), ("[[0, 1]]", Some(0)), ("[]", None)]
        {
            let extra = members(&format!(r#"{{"keypoints": ["a", "b"], "skeleton": {skeleton}}}"#));
            let category = Category { extra, ..Category::named("x") };
            assert_eq!(beyond(&category), expected, "{skeleton}");
        }
    }
}
