//! Breaches of rules by their places, so that each can be found where it is mended.

use crate::error::{Place, Position};
use crate::finding::{Finding, Occurrence};
use crate::rules::Rule;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// One place where a rule is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    pub rule: Rule,
    pub message: String,
    pub place: Place,
    /// The name of the image, as the finding has it.
    pub image: Option<String>,
    /// Whether it is about one object.
    pub is_of_object: bool,
    /// Whether it is one of those that can be mended.
    pub is_mendable: bool,
    pub is_mended: bool,
}

/// A line and a column, if a place has them.
type At = Option<(usize, usize)>;

/// All breaches of a dataset.
#[derive(Default)]
pub struct Breaches {
    pub all: Vec<Breach>,
    by_place: HashMap<PathBuf, HashMap<At, Vec<usize>>>,
}

fn at(place: &Place) -> At {
    place.position.map(|Position { line, column }| (line, column))
}

impl Breaches {
    /// The breaches that findings tell of: one for each place.
    pub fn of(findings: Vec<Finding>) -> Self {
        let mut breaches = Self::default();
        for Finding { rule, message, place, annotation, places, image } in findings {
            let cause = message.clone();
            let is_cause = !places.is_empty();
            let one = Occurrence { message, place, annotation, image };
            let places = if is_cause { places } else { vec![one] };
            for Occurrence { message, place, annotation, image } in places {
                // What is wrong with all of them is told once.
                let message = if is_cause { format!("{cause}; {message}") } else { message };
                let number = breaches.all.len();
                let in_file = breaches.by_place.entry(place.file.clone()).or_default();
                in_file.entry(at(&place)).or_default().push(number);
                let is_of_object = annotation.is_some();
                let is_mendable = is_mendable(rule, &message, is_of_object);
                let is_mended = false;
                breaches.all.push(Breach {
                    rule,
                    message,
                    place,
                    image,
                    is_of_object,
                    is_mendable,
                    is_mended,
                });
            }
        }
        breaches
    }

    /// The numbers of the breaches at a place.
    pub fn at(&self, place: &Place) -> &[usize] {
        let in_file = self.by_place.get(&place.file);
        in_file.and_then(|it| it.get(&at(place))).map_or(&[], Vec::as_slice)
    }

    /// Notes that breaches are mended.
    pub fn mend(&mut self, numbers: &[usize]) {
        for &number in numbers {
            if let Some(breach) = self.all.get_mut(number) {
                breach.is_mended = true;
            }
        }
    }

    /// The breaches in some files that can be mended, by their numbers.
    pub fn in_files(&self, is_own: impl Fn(&Path) -> bool) -> Vec<usize> {
        let numbered = self.all.iter().enumerate();
        let own = numbered.filter(|(_, it)| it.is_mendable && is_own(&it.place.file));
        own.map(|(number, _)| number).collect()
    }
}

/// What `judge` says where most boxes of a part are not those around their shapes: then neither side
/// is known to be right.
const MOST_BOXES: &str = "boxes are not the boxes around their shapes";

fn is_mendable(rule: Rule, message: &str, is_of_object: bool) -> bool {
    match rule {
        Rule::BoxNotShape => !message.contains(MOST_BOXES),
        Rule::AbsentMember => !message.contains("\"category_id\""),
        Rule::DuplicateId => is_of_object,
        rule => rule.fix().is_some(),
    }
}
