//! One cause, one finding: what is wrong in many places in the same way is told once.

use crate::finding::Finding;
use crate::rules::{Group, Rule};
use crate::survey::Input;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Differences between formats are told one by one up to this number.
const FEW_DIFFERENCES: usize = 5;
/// Other findings of one kind in one part are told one by one up to this number, unless half of
/// the part has them.
const FEW: usize = 20;
/// References to what is not there are told one by one up to this number.
const FEW_REFERENCES: usize = 3;
/// Fewer are never taken for a common cause.
const LEAST: usize = 5;

/// What findings of one cause have in common: the rule, the part, and the message without names
/// and numbers.
type Key = (Rule, PathBuf, String);

/// Joins findings that have one cause. Those that have none in common stay as they are.
pub fn gather(findings: Vec<Finding>, inputs: &[Input]) -> Vec<Finding> {
    let mut groups: BTreeMap<Key, Vec<Finding>> = BTreeMap::new();
    for finding in findings {
        let part = part_of(&finding.place.file, inputs);
        let path = match part {
            // Which of two parts exchanges the sides of an image cannot be told for each image.
            _ if finding.rule == Rule::SidesSwapped => PathBuf::new(),
            Some(part) => part.path.clone(),
            None => folder_of(&finding),
        };
        let key = (finding.rule, path, kind_of(&finding.message));
        groups.entry(key).or_default().push(finding);
    }
    let mut gathered = Vec::new();
    for ((rule, path, _), mut found) in groups {
        found.sort_by(|a, b| a.order().cmp(&b.order()));
        let part = inputs.iter().find(|input| input.path == path);
        match is_common(rule, &found, part) {
            true => gathered.extend(joined(rule, found)),
            false => gathered.extend(found),
        }
    }
    gathered
}

/// The part that a file belongs to: the one whose path is the longest above it.
fn part_of<'a>(file: &Path, inputs: &'a [Input]) -> Option<&'a Input> {
    let parts = inputs.iter().filter(|input| file.starts_with(&input.path));
    parts.max_by_key(|input| input.path.as_os_str().len())
}

fn folder_of(finding: &Finding) -> PathBuf {
    finding.place.file.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// A message without what differs from place to place: words in quotes and numbers.
fn kind_of(message: &str) -> String {
    let mut kind = String::new();
    let mut is_quoted = false;
    for character in message.chars() {
        is_quoted ^= character == '"';
        let is_number = character.is_ascii_digit() || matches!(character, '.' | '-' | '+');
        let shown = if is_number { '0' } else { character };
        let is_next_digit = shown == '0' && kind.ends_with('0');
        if !is_quoted && !is_next_digit {
            kind.push(shown);
        }
    }
    kind
}

fn is_common(rule: Rule, found: &[Finding], part: Option<&Input>) -> bool {
    if found.iter().any(|finding| !finding.places.is_empty()) {
        return false;
    }
    // What refers to one lost record, or to one lost name, has that as its cause.
    let is_reference = matches!(rule, Rule::MissingReference | Rule::UnknownClass);
    if is_reference || found.len() <= LEAST {
        return is_reference && found.len() > FEW_REFERENCES;
    }
    let is_of_objects = found.iter().any(|finding| finding.annotation.is_some());
    let all = part.map_or(usize::MAX, |part| match is_of_objects {
        true => part.annotations,
        false => part.images,
    });
    match rule.group() {
        Group::Agreement => found.len() > FEW_DIFFERENCES,
        _ => found.len() > FEW || found.len() >= all.div_ceil(2),
    }
}

fn joined(rule: Rule, found: Vec<Finding>) -> Option<Finding> {
    let is_of_objects = found.iter().all(|finding| finding.annotation.is_some());
    let things = if is_of_objects { "objects" } else { "places" };
    let first = found.first().map(|finding| finding.message.clone()).unwrap_or_default();
    let message = format!("{} {things}: {first}", found.len());
    Finding::of_cause(rule, message, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Place, Position};

    fn found(rule: Rule, count: usize, message: impl Fn(usize) -> String) -> Vec<Finding> {
        let at = |number| Place::at(Path::new("a.json"), Position::line(number + 1));
        let one = |number: usize| {
            Finding::new(rule, message(number), at(number)).of_annotation(number.to_string())
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn many_of_one_kind_are_one() {
        let input = |annotations| Input {
            format: "coco",
            path: PathBuf::from("a.json"),
            images: 9,
            annotations,
        };
        let pixels = |number| format!("{number}.5 px off \"{number}\"");
        let odd = |number: usize| "x".repeat(number + 1);
        for (rule, count, all, expected) in [
            (Rule::BoxChanged, 5, 100, 5),
            (Rule::BoxChanged, 6, 100, 1),
            (Rule::ZeroSize, 20, 100, 20),
            (Rule::ZeroSize, 21, 100, 1),
            (Rule::ZeroSize, 6, 12, 1),
            (Rule::ZeroSize, 3, 3, 3),
        ] {
            let all = [input(all)];
            let gathered = gather(found(rule, count, pixels), &all);
            assert_eq!(gathered.len(), expected, "{} {count}", rule.code());
            assert_eq!(gathered.iter().map(Finding::count).sum::<usize>(), count);
            assert_eq!(gather(found(rule, count, odd), &all).len(), count);
        }
    }

    #[test]
    fn numbers_and_names_make_no_other_kind() {
        assert_eq!(kind_of("up to 3.25 px off \"a\\b\" 7"), kind_of("up to 4 px off \"c\" -12"));
        assert_ne!(kind_of("a row"), kind_of("a box"));
    }
}
