//! Judges the records of one format by themselves.

use super::class_lists;
use super::fractions::Fractions;
use super::wholes::Wholes;
use super::{keypoints, shapes};
use crate::finding::Finding;
use crate::format::{Field, Spot};
use crate::model::{Annotation, Id, Shape, Verbatim};
use crate::rules::Rule;
use crate::survey::roster::Roster;
use crate::survey::sets::{Loaded, Set, View};
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Counts over a part, for findings that are reported once for the whole part.
#[derive(Default)]
pub struct Census {
    /// How many annotations have each class.
    pub classes: HashMap<usize, usize>,
    /// For each annotation: the hash of its id, the image, and its number in that. There may be
    /// millions, so the ids themselves are not kept.
    pub ids: Vec<(u64, u32, u32)>,
    /// For each member: how many records do not have it, and the image and number of the first.
    pub lacking: BTreeMap<&'static str, (usize, usize, usize)>,
    pub annotations: usize,
    /// What is known of the numbers of labels in fractions.
    pub fractions: Fractions,
    /// What nearly all objects may have in common.
    pub wholes: Wholes,
}

/// Judges the annotations of an image. Where its size is not known, fractions are judged as they
/// stand.
pub fn judge(view: &View) -> Vec<Finding> {
    let stated = view.as_stated();
    let view = stated.as_ref().unwrap_or(view);
    let mut findings: Vec<Finding> = view
        .errors
        .iter()
        .map(|error| Finding::of_error(error).of_image(&view.image.file_name))
        .collect();
    for remark in &view.remarks {
        let (rule, field, message) = (remark.rule, remark.field, remark.message.clone());
        findings.push(match remark.annotation.filter(|number| *number < view.annotations.len()) {
            Some(number) => view.finding(rule, number, field, message),
            None => view.image_finding(rule, field, message),
        });
    }
    let is_fractions = view.set.format.profile().is_fractions();
    for (number, annotation) in view.annotations.iter().enumerate() {
        for flaw in shapes::flaws(annotation, &view.image, view.part.numerals, is_fractions) {
            findings.push(view.finding(flaw.rule, number, flaw.field, flaw.message));
        }
        findings.extend(judge_record(view, number, annotation));
    }
    for (first, number) in shapes::duplicates(view) {
        let message = format!("it repeats object {first} of the image");
        findings.push(view.finding(Rule::DuplicateObject, number, Field::Whole, message));
    }
    findings.extend(mixed_rows(view));
    findings.extend(keypoints::judge(view));
    findings
}

/// What is wrong with a record's class, id and score.
fn judge_record(view: &View, number: usize, annotation: &Annotation) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |rule, field, message: &str| {
        findings.push(view.finding(rule, number, field, message.to_owned()));
    };
    let has_classes = !view.part.source.header().categories.is_empty();
    if has_classes && annotation.category.is_none() {
        add(Rule::NoClass, Field::Class, "no class");
    }
    let is_coco = view.set.format.profile().has_ids && !view.set.is_results();
    if is_coco && annotation.id == Some(Id::Number(0)) {
        add(Rule::ZeroId, Field::Id, "the id is 0");
    }
    if view.set.format.profile().is_fractions() && annotation.score.is_some() {
        add(Rule::ScoreInLabels, Field::Whole, "a sixth column, a score");
    }
    findings
}

/// A finding if a label file has both boxes and polygons.
fn mixed_rows(view: &View) -> Option<Finding> {
    if !view.set.format.profile().is_fractions() {
        return None;
    }
    let is_box = |annotation: &Annotation| annotation.shape == Shape::None;
    let first = view.annotations.first()?;
    let other = view.annotations.iter().position(|it| is_box(it) != is_box(first))?;
    let (boxes, all) =
        (view.annotations.iter().filter(|it| is_box(it)).count(), view.annotations.len());
    let message = format!("{boxes} boxes and {} polygons in one file", all - boxes);
    let found = view.finding(Rule::MixedRows, other, Field::Whole, message);
    Some(Finding { annotation: None, ..found })
}

impl Census {
    /// The counts of one image.
    pub fn of(view: &View) -> Self {
        let (fractions, wholes) = (Fractions::of(view), Wholes::of(view));
        let annotations = view.annotations.len();
        let mut census = Self { annotations, fractions, wholes, ..Self::default() };
        let has_ids = view.set.format.profile().has_ids;
        for (number, annotation) in view.annotations.iter().enumerate() {
            if let Some(category) = annotation.category {
                *census.classes.entry(category).or_default() += 1;
            }
            let stated = view.lacks.get(number).map_or(&[][..], Vec::as_slice);
            let without_id = annotation.id.is_none().then_some("id");
            for member in stated.iter().copied().chain(without_id).filter(|_| has_ids) {
                census.lacking.entry(member).or_insert((0, view.index, number)).0 += 1;
            }
            let id = annotation.id.clone().filter(|_| has_ids);
            census.ids.extend(id.map(|id| (hash(&id), view.index as u32, number as u32)));
        }
        census
    }

    /// The counts of both together. The images of `other` come after those of `self`.
    #[must_use]
    pub fn add(mut self, other: Self) -> Self {
        for (class, count) in other.classes {
            *self.classes.entry(class).or_default() += count;
        }
        for (member, (count, index, number)) in other.lacking {
            self.lacking.entry(member).or_insert((0, index, number)).0 += count;
        }
        self.ids.extend(other.ids);
        self.annotations += other.annotations;
        self.fractions = self.fractions.add(other.fractions);
        self.wholes = self.wholes.add(other.wholes);
        self
    }
}

/// What is wrong with a part as a whole.
pub fn judge_part(set: &Set, part: &Loaded, census: &mut Census, roster: &Roster) -> Vec<Finding> {
    let mut findings = classes(part, census);
    findings.extend(std::mem::take(&mut census.fractions).findings(set, part, roster));
    if set.is_results() {
        return findings;
    }
    findings.extend(census.wholes.findings(set, part, roster));
    findings.extend(keypoints::judge_skeletons(part));
    findings.extend(duplicate_ids(set, part, census, roster));
    findings.extend(absent_members(set, part, census, roster));
    findings
}

fn classes(part: &Loaded, census: &Census) -> Vec<Finding> {
    let categories = &part.source.header().categories;
    let mut findings = Vec::new();
    let mut first: HashMap<&str, usize> = HashMap::new();
    // Faults that were found when the part was opened are not reported again.
    let is_of_names = |rule: &Rule| matches!(rule, Rule::DuplicateClass | Rule::EmptyClass);
    let has_own_faults = part.faults.iter().any(is_of_names);
    for (number, category) in categories.iter().enumerate() {
        let mut add = |rule, message: String| {
            findings.push(Finding::new(rule, message, part.source.place(Spot::Category(number))));
        };
        let is_twice = first.contains_key(category.name.as_str());
        first.entry(&category.name).or_insert(number);
        if category.name.trim().is_empty() && !has_own_faults {
            add(Rule::EmptyClass, format!("class {number} has no name"));
        } else if is_twice && !has_own_faults {
            add(Rule::DuplicateClass, format!("{:?} is the name of two classes", category.name));
        }
    }
    findings.extend(class_lists::judge_names(part));
    findings.extend(unused(part, census));
    findings
}

/// How many names of unused classes a finding has at most.
const NAMED: usize = 5;

/// One finding about all classes that no object has.
fn unused(part: &Loaded, census: &Census) -> Option<Finding> {
    let categories = &part.source.header().categories;
    let is_unused = |number: &usize| !census.classes.contains_key(number) && !part.is_numbered;
    let unused: Vec<usize> = (0..categories.len()).filter(is_unused).collect();
    let first = *unused.first()?;
    let names: Vec<String> =
        unused.iter().take(NAMED).map(|&number| format!("{:?}", categories[number].name)).collect();
    let more = if unused.len() > NAMED { ", …" } else { "" };
    let message = format!(
        "{} of {} classes have no object: {}{more}",
        unused.len(),
        categories.len(),
        names.join(", ")
    );
    Some(Finding::new(Rule::UnusedClass, message, part.source.place(Spot::Category(first))))
}

fn hash(id: &Id) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// Findings about annotations that have the id of an earlier one. Only annotations whose ids have
/// the same hash are compared. They are sorted by image, so that each image is read once.
fn duplicate_ids(set: &Set, part: &Loaded, census: &mut Census, roster: &Roster) -> Vec<Finding> {
    census.ids.sort_unstable();
    let groups = census.ids.chunk_by(|one, other| one.0 == other.0).filter(|group| group.len() > 1);
    let mut alike: Vec<(u32, u32)> = groups.flatten().map(|&(_, index, at)| (index, at)).collect();
    alike.sort_unstable();
    let mut seen: HashMap<Id, usize> = HashMap::new();
    let mut findings = Vec::new();
    for own in alike.chunk_by(|one, other| one.0 == other.0) {
        let index = own.first().map_or(0, |&(index, _)| index as usize);
        let id = part.ids.get(index).copied();
        let Some(view) = id.and_then(|id| set.view(id, roster)) else { continue };
        for number in own.iter().map(|&(_, number)| number as usize) {
            let id = view.annotations.get(number).and_then(|it| it.id.clone());
            let Some(id) = id else { continue };
            let Some(first) = seen.get(&id).and_then(|&first| part.images().get(first)) else {
                seen.insert(id, index);
                continue;
            };
            let name = &first.file_name;
            let message = format!("an earlier annotation, of {name:?}, has the id {id}, too");
            findings.push(view.finding(Rule::DuplicateId, number, Field::Id, message));
        }
    }
    findings
}

fn absent_members(set: &Set, part: &Loaded, census: &Census, roster: &Roster) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (member, &(count, index, number)) in &census.lacking {
        let message = format!("{count} of {} annotations have no {member:?}", census.annotations);
        let Some(view) = set.view(part.ids[index], roster) else { continue };
        let found = view.finding(Rule::AbsentMember, number, Field::Whole, message);
        findings.push(Finding { image: None, annotation: None, ..found });
    }
    let lacks = |&index: &usize| {
        let image = part.source.image(index).ok();
        let stated = image.as_ref().and_then(Verbatim::stated);
        stated.is_some_and(|stated| stated.lacks.contains(&"width"))
    };
    let sizeless = (0..part.images().len()).filter(|&index| part.images()[index].size.is_none());
    let lacking: Vec<usize> = sizeless.filter(lacks).collect();
    if let [first, ..] = *lacking {
        let count = lacking.len();
        let place = part.source.place(Spot::Image(first, Field::Whole));
        let message =
            format!("{count} of {} images have no \"width\" and \"height\"", part.images().len());
        findings.push(Finding::new(Rule::AbsentMember, message, place));
    }
    findings
}
