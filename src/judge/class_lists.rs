//! Judges the class lists of subsets against each other, and the names of one list.

use crate::files;
use crate::finding::Finding;
use crate::format::{Classes, Spot};
use crate::model::{Category, Id, Verbatim};
use crate::rules::Rule;
use crate::survey::sets::{Loaded, Set};
use crate::tree::{self, class_lists};
use std::collections::{BTreeMap, HashMap};

/// Findings where the lists of two subsets of one format contradict each other.
pub fn judge_subsets(sets: &[Set]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut formats: BTreeMap<&str, Vec<&Loaded>> = BTreeMap::new();
    for set in sets.iter().filter(|set| set.format.profile().classes == Classes::Listed) {
        formats.entry(set.format.name()).or_default().extend(&set.parts);
    }
    for parts in formats.values() {
        let lists = class_lists::agree_in_subsets(parts.iter().map(|part| &part.files));
        findings.extend(lists.err().map(|error| Finding::of_error(&error)));
        findings.extend(judge_ids(parts));
    }
    findings
}

/// Findings where two subsets have an id for two names, or a name with two ids.
fn judge_ids(parts: &[&Loaded]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut firsts: HashMap<_, &Loaded> = HashMap::new();
    for part in parts {
        let Some(subset) = &part.files.subset else { continue };
        let root = tree::without_subset(&part.path);
        let first = *firsts.entry(root).or_insert(part);
        if first.files.subset.as_ref() == Some(subset) {
            continue;
        }
        let own = &part.source.header().categories;
        let Some((number, words)) = contradiction(&first.source.header().categories, own) else {
            continue;
        };
        let message = format!("{words} in {}", files::shown(&first.path));
        let place = part.source.place(Spot::Category(number));
        findings.push(Finding::new(Rule::ClassListsDiffer, message, place));
    }
    findings
}

/// The first category that another list has under another id or name, and what differs.
fn contradiction(
    first: &[Verbatim<Category>],
    own: &[Verbatim<Category>],
) -> Option<(usize, String)> {
    let ids = |list: &[Verbatim<Category>]| -> Vec<(Id, String)> {
        let with_id = |it: &Verbatim<Category>| Some((it.id.clone()?, it.name.trim().to_owned()));
        list.iter().filter_map(with_id).collect()
    };
    let first = ids(first);
    let names: HashMap<&Id, &str> = first.iter().map(|(id, name)| (id, name.as_str())).collect();
    let numbers: HashMap<&str, &Id> = first.iter().map(|(id, name)| (name.as_str(), id)).collect();
    let differs = |(id, name): &(Id, String)| match (names.get(id), numbers.get(name.as_str())) {
        (Some(other), _) if other != name => {
            Some(format!("class {id} is {name:?} here, and {other:?}"))
        }
        (None, Some(other)) => Some(format!("{name:?} is class {id} here, and class {other}")),
        _ => None,
    };
    let own = ids(own);
    own.iter().enumerate().find_map(|(number, it)| Some((number, differs(it)?)))
}

/// Findings about names of one part that differ only in case or blanks.
pub fn judge_names(part: &Loaded) -> Vec<Finding> {
    let mut alike: BTreeMap<String, Vec<(usize, &str)>> = BTreeMap::new();
    for (number, category) in part.source.header().categories.iter().enumerate() {
        let own = alike.entry(plain(&category.name)).or_default();
        // One name twice is another rule's.
        if own.iter().all(|(_, name)| *name != category.name) {
            own.push((number, &category.name));
        }
    }
    let several = alike.values().filter(|own| own.len() > 1);
    let finding = |own: &Vec<(usize, &str)>| {
        let names: Vec<String> = own.iter().map(|(_, name)| format!("{name:?}")).collect();
        let message = format!("{} differ only in case or blanks", names.join(", "));
        let number = own.get(1).map_or(0, |(number, _)| *number);
        Finding::new(Rule::ClassNamesAlike, message, part.source.place(Spot::Category(number)))
    };
    several.map(finding).collect()
}

/// A name in lower case, with one blank between its words.
fn plain(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_names_must_belong_together() {
        let list = |rows: &[(i64, &str)]| -> Vec<Verbatim<Category>> {
            let category = |&(id, name): &(i64, &str)| {
                let id = Some(Id::Number(id));
                Verbatim::new(Category { id, ..Category::named(name) })
            };
            rows.iter().map(category).collect()
        };
        let first = list(&[(1, "cat"), (2, "dog")]);
        for (own, expected) in [
            (&[(2, "dog"), (1, "cat")][..], None),
            (&[(1, "cat ")], None),
            (&[(1, "cat"), (3, "cow")], None),
            (&[(1, "dog")], Some((0, "class 1 is \"dog\" here, and \"cat\""))),
            (&[(1, "cat"), (5, "dog")], Some((1, "\"dog\" is class 5 here, and class 2"))),
        ] {
            let found = contradiction(&first, &list(own));
            assert_eq!(found.as_ref().map(|(at, words)| (*at, words.as_str())), expected);
        }
    }

    #[test]
    fn blanks_and_case_make_no_other_name() {
        for (name, expected) in [("Cat ", "cat"), (" a  B", "a b"), ("a_b", "a_b")] {
            assert_eq!(plain(name), expected);
        }
    }
}
