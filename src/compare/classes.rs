//! How the classes of one format become those of another: the same names, or a mistake that changes
//! them all in one way.

use super::agreement::Pair;
use crate::format::Classes;
use crate::model::Annotation;
use crate::rules::Rule;
use crate::survey::sets::{Set, View};
use std::collections::{BTreeMap, HashMap};

/// So many objects of a class must have another one before that is taken for a common cause.
const LEAST: usize = 3;

/// The class of an object as formats are compared: its name, or its number where there are no
/// names.
pub fn class_of<'a>(view: &'a View, annotation: &Annotation) -> Option<Class<'a>> {
    match view.part.is_numbered {
        true => annotation.category.map(Class::Number),
        false => view.part.class(annotation).map(Class::Name),
    }
}

/// A class, by its name or its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class<'a> {
    Name(&'a str),
    Number(usize),
}

impl Class<'_> {
    fn shown(&self) -> String {
        match self {
            Self::Name(name) => format!("{name:?}"),
            Self::Number(number) => format!("class {number}"),
        }
    }
}

/// How many objects have each pair of classes: by the parts and the numbers of both.
#[derive(Default)]
pub struct ClassPairs {
    counts: HashMap<[usize; 4], usize>,
}

impl ClassPairs {
    /// Counts a pair.
    pub fn count(&mut self, pair: &Pair, from: &View, to: &View) {
        let classes = (from.annotations[pair.from].category).zip(to.annotations[pair.to].category);
        let Some((one, other)) = classes else { return };
        *self.counts.entry([from.part.number, one, to.part.number, other]).or_default() += 1;
    }

    /// Adds other counts.
    pub fn merge(&mut self, other: Self) {
        for (key, count) in other.counts {
            *self.counts.entry(key).or_default() += count;
        }
    }
}

/// What becomes of the classes.
#[derive(Debug, Default)]
pub struct ClassMap {
    /// The class in the second set of each class that has another one there.
    becomes: BTreeMap<String, String>,
    /// What they have in common.
    pub cause: Option<Cause>,
    /// How numbers without names are read, in words.
    pub words: Option<String>,
}

/// A mistake that explains what becomes of the classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub rule: Rule,
    pub words: String,
}

/// For each class of the first set, how many of its objects have each class in the second.
type Counts = BTreeMap<String, BTreeMap<String, usize>>;

impl ClassMap {
    /// What becomes of the classes, by the objects that both sets have.
    pub fn of(pairs: &ClassPairs, from: &Set, to: &Set) -> Self {
        let counts = named(pairs, from, to);
        let is_numbered = |set: &Set| set.parts.iter().any(|part| part.is_numbered);
        if is_numbered(from) || is_numbered(to) {
            let is_by_number = is_numbered(from)
                && is_numbered(to)
                && [from, to].iter().all(|it| it.format.profile().classes == Classes::Listed);
            return if is_by_number { Self::default() } else { Self::by_data(&counts) };
        }
        let becomes = changed(&counts);
        let lists = [names(from), names(to)];
        let cause = cause_of(&becomes, &counts, &lists, &ids(from));
        let becomes = if cause.is_some() { becomes } else { BTreeMap::new() };
        Self { becomes, cause, words: None }
    }

    /// Numbers without names mean the names that most of their objects have.
    fn by_data(counts: &Counts) -> Self {
        let most = |(class, others): (&String, &BTreeMap<String, usize>)| {
            let (other, _) = others.iter().max_by_key(|(_, count)| **count)?;
            Some((class.clone(), other.clone()))
        };
        let mut becomes: BTreeMap<String, String> = counts.iter().filter_map(most).collect();
        // A number is one class: the one that most of its objects have.
        let all = becomes.clone();
        becomes.retain(|one, other| {
            let count = |class: &String| counts[class][other];
            let rivals = all.iter().filter(|(it, number)| *it != one && *number == other);
            rivals.into_iter().all(|(it, _)| (count(it), one) < (count(one), it))
        });
        let row = |(one, other): (&String, &String)| {
            let of = &counts[one];
            let (count, all) = (of[other], of.values().sum::<usize>());
            format!("{one} is {other} ({count} of {all})")
        };
        let words = becomes.iter().map(row).collect::<Vec<_>>().join(", ");
        Self { becomes, cause: None, words: (!counts.is_empty()).then_some(words) }
    }

    /// The classes of two objects if they differ: those that are found, and whether the common
    /// cause explains them.
    pub fn differ(
        &self,
        (from, source): (&View, &Annotation),
        (to, target): (&View, &Annotation),
    ) -> Option<Difference> {
        let (one, other) = class_of(from, source).zip(class_of(to, target))?;
        let expected = self.becomes.get(&one.shown());
        let is_expected = expected.is_some_and(|it| *it == other.shown());
        let is_same = match self.cause {
            None if self.words.is_some() => is_expected,
            _ => one == other,
        };
        (!is_same).then(|| Difference {
            one: one.shown(),
            other: other.shown(),
            is_explained: is_expected && self.cause.is_some(),
        })
    }
}

/// Two classes of one object.
pub struct Difference {
    pub one: String,
    pub other: String,
    /// Whether it has the cause that many have.
    pub is_explained: bool,
}

fn named(pairs: &ClassPairs, from: &Set, to: &Set) -> Counts {
    let name = |set: &Set, part: usize, category: usize| {
        let part = set.parts.get(part)?;
        let categories = &part.source.header().categories;
        match part.is_numbered {
            true => Some(Class::Number(category).shown()),
            false => Some(Class::Name(&categories.get(category)?.name).shown()),
        }
    };
    let mut counts = Counts::new();
    for ([one_part, one, other_part, other], count) in &pairs.counts {
        let classes = name(from, *one_part, *one).zip(name(to, *other_part, *other));
        let Some((one, other)) = classes else { continue };
        *counts.entry(one).or_default().entry(other).or_default() += count;
    }
    counts
}

/// The classes of which nearly all objects have one other class in the second set.
fn changed(counts: &Counts) -> BTreeMap<String, String> {
    let is_changed = |(class, others): (&String, &BTreeMap<String, usize>)| {
        let all: usize = others.values().sum();
        let (other, count) = others.iter().max_by_key(|(_, count)| **count)?;
        (other != class && count * 5 >= all * 4).then(|| (class.clone(), other.clone()))
    };
    counts.iter().filter_map(is_changed).collect()
}

/// The names of all classes of a set, in their order, as they are shown.
fn names(set: &Set) -> Vec<String> {
    let mut names = Vec::new();
    for category in set.parts.iter().flat_map(|part| &part.source.header().categories) {
        let shown = Class::Name(&category.name).shown();
        if !names.contains(&shown) {
            names.push(shown);
        }
    }
    names
}

/// The id of each class that has a number for one.
fn ids(set: &Set) -> BTreeMap<String, usize> {
    let categories = set.parts.iter().flat_map(|part| &part.source.header().categories);
    let id = |category: &crate::model::Category| {
        let id = category.id.as_ref()?.to_string().parse().ok()?;
        Some((Class::Name(&category.name).shown(), id))
    };
    categories.filter_map(|category| id(category)).collect()
}

fn cause_of(
    becomes: &BTreeMap<String, String>,
    counts: &Counts,
    lists: &[Vec<String>; 2],
    ids: &BTreeMap<String, usize>,
) -> Option<Cause> {
    let cause = |rule, words: String| Some(Cause { rule, words });
    // Names that the other list does not have are evidence of their own.
    let is_unknown =
        |(one, other): (&String, &String)| !lists[0].contains(other) && !lists[1].contains(one);
    if !becomes.is_empty() && becomes.iter().all(is_unknown) {
        return cause(Rule::ClassRenamed, renamed(becomes));
    }
    let objects: usize = becomes.iter().map(|(one, other)| counts[one][other]).sum();
    if objects < LEAST {
        return None;
    }
    let exchanged: Vec<(&String, &String)> = becomes
        .iter()
        .filter(|(one, other)| one < other && becomes.get(*other) == Some(one))
        .collect();
    if let ([(one, other)], 2) = (exchanged.as_slice(), becomes.len()) {
        return cause(Rule::ClassesExchanged, format!("{one} and {other} are exchanged"));
    }
    if let Some(step) = step_of(becomes, lists) {
        let words = match step {
            1 => {
                "each is the next one of the list: one side counts from 1, or the first name is lost"
            }
            _ => "each is the one before of the list: one side counts from 1",
        };
        return cause(Rule::ClassesShifted, words.to_owned());
    }
    if let Some(order) = order_of(becomes, lists, ids) {
        return cause(Rule::ClassesReordered, format!("the numbers are those of {order}"));
    }
    let is_new =
        |(one, other): (&String, &String)| !lists[0].contains(other) || !lists[1].contains(one);
    if becomes.iter().all(is_new) {
        return cause(Rule::ClassRenamed, renamed(becomes));
    }
    let mut targets: Vec<&String> = becomes.values().collect();
    targets.sort_unstable();
    (becomes.len() > 2 && targets.into_iter().eq(becomes.keys())).then(|| Cause {
        rule: Rule::ClassesReordered,
        words: "the numbers are those of another order".to_owned(),
    })
}

fn renamed(becomes: &BTreeMap<String, String>) -> String {
    let pair = |(one, other): (&String, &String)| format!("{one} is {other} here");
    becomes.iter().map(pair).collect::<Vec<_>>().join(", ")
}

/// By how many places of a list all classes are shifted: 1 or -1. There must be two at least.
fn step_of(becomes: &BTreeMap<String, String>, lists: &[Vec<String>; 2]) -> Option<isize> {
    if becomes.len() < 2 {
        return None;
    }
    let in_list = |list: &Vec<String>, step: isize| {
        let at = |class: &String| list.iter().position(|it| it == class);
        becomes.iter().all(|(one, other)| {
            at(one)
                .zip(at(other))
                .is_some_and(|(one, other)| one.checked_add_signed(step) == Some(other))
        })
    };
    [1, -1].into_iter().find(|step| lists.iter().any(|list| in_list(list, *step)))
}

/// The order in which the numbers were given, in words.
fn order_of(
    becomes: &BTreeMap<String, String>,
    lists: &[Vec<String>; 2],
    ids: &BTreeMap<String, usize>,
) -> Option<&'static str> {
    let [from, to] = lists;
    let mut sorted = from.clone();
    sorted.sort_unstable();
    let holds = |number: &dyn Fn(&String) -> Option<usize>, names: &Vec<String>| {
        becomes.len() > 1
            && becomes
                .iter()
                .all(|(one, other)| number(one).and_then(|at| names.get(at)) == Some(other))
    };
    let in_sorted = |class: &String| sorted.iter().position(|it| it == class);
    let in_from = |class: &String| from.iter().position(|it| it == class);
    let by_id = |class: &String| ids.get(class).copied();
    let by_rank = |class: &String| {
        let own = ids.get(class)?;
        Some(ids.values().filter(|id| *id < own).count())
    };
    let mut sorted_to = to.clone();
    sorted_to.sort_unstable();
    if holds(&in_sorted, to) || holds(&in_from, &sorted_to) {
        return Some("the names in alphabetical order");
    }
    (holds(&by_id, to) || holds(&by_rank, to)).then_some("the ids of the categories")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| format!("{name:?}")).collect()
    }

    #[test]
    fn what_becomes_of_the_classes_has_a_name() {
        type Case =
            (&'static [(&'static str, &'static str)], &'static [&'static str], Option<Rule>);
        let cases: [Case; 8] = [
            (&[("a", "b"), ("b", "a")], &["c", "a", "b"], Some(Rule::ClassesExchanged)),
            (&[("c", "a"), ("a", "b")], &["c", "a", "b"], Some(Rule::ClassesShifted)),
            (&[("a", "c"), ("b", "a")], &["c", "a", "b"], Some(Rule::ClassesShifted)),
            (&[("c", "b"), ("a", "c"), ("b", "a")], &["c", "a", "b"], Some(Rule::ClassesReordered)),
            (&[("a", "x")], &["c", "x", "b"], Some(Rule::ClassRenamed)),
            (&[("a", "b")], &["c", "a", "b"], None),
            (&[], &["c", "a", "b"], None),
            (&[("a", "x"), ("b", "y")], &["c", "x", "y"], Some(Rule::ClassRenamed)),
        ];
        for (becomes, to, expected) in cases {
            let shown = |name: &str| format!("{name:?}");
            let map: BTreeMap<String, String> =
                becomes.iter().map(|(one, other)| (shown(one), shown(other))).collect();
            let counts: Counts = map
                .iter()
                .map(|(one, other)| (one.clone(), BTreeMap::from([(other.clone(), 4)])))
                .collect();
            let lists = [list(&["c", "a", "b"]), list(to)];
            let cause = cause_of(&map, &counts, &lists, &BTreeMap::new());
            assert_eq!(cause.map(|it| it.rule), expected, "{becomes:?}");
        }
    }

    #[test]
    fn nearly_all_objects_of_a_class_must_change() {
        let of = |counts: &[(&str, usize)]| -> BTreeMap<String, usize> {
            counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
        };
        let counts = Counts::from([
            ("a".to_owned(), of(&[("b", 8), ("a", 2)])),
            ("b".to_owned(), of(&[("b", 3), ("c", 7)])),
            ("c".to_owned(), of(&[("c", 1)])),
        ]);
        assert_eq!(changed(&counts), BTreeMap::from([("a".to_owned(), "b".to_owned())]));
        let map = ClassMap::by_data(&counts);
        assert_eq!(map.becomes["b"], "c");
        assert_eq!(map.words.unwrap(), "a is b (8 of 10), b is c (7 of 10)");
    }
}
