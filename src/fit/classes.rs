//! Classes in formats that know them by their names alone.

use super::{Fit, admit};
use crate::error::{Error, Result};
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Header};
use std::collections::HashMap;

/// The classes of a format that knows them by their names alone: each name once.
#[derive(Debug, Clone)]
pub struct ClassNames {
    names: Vec<String>,
    /// The number of each category's name, and whether an earlier category has it, too.
    numbers: Vec<(usize, bool)>,
}

impl ClassNames {
    /// The names of a dataset's categories.
    pub fn of(header: &Header) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut numbers = Vec::with_capacity(header.categories.len());
        for category in &header.categories {
            let is_again = known.contains_key(category.name.as_str());
            let number = *known.entry(&category.name).or_insert_with(|| {
                names.push(category.name.clone());
                names.len() - 1
            });
            numbers.push((number, is_again));
        }
        Self { names, numbers }
    }

    /// The names, each once, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Refuses a class without a name.
    ///
    /// # Errors
    /// Where a name is empty or blank.
    pub fn refuse_empty(&self) -> Result<()> {
        match self.names.iter().any(|name| name.trim().is_empty()) {
            true => Err(Error::malformed("class name", "a name", "nothing")),
            false => Ok(()),
        }
    }

    /// The number of a category's name.
    pub fn number(&self, category: usize) -> Option<usize> {
        self.numbers.get(category).map(|(number, _)| *number)
    }

    /// The number of an annotation's class. None, counted, where it is a crowd that is to be
    /// skipped or has no category.
    pub fn admit(
        &self,
        annotation: &Annotation,
        number: usize,
        fit: &Fit,
        losses: &mut Losses,
    ) -> Option<usize> {
        let category = admit(annotation, number, fit.crowd, losses)?;
        self.count_merged(category, number, losses);
        self.number(category)
    }

    /// Counts an annotation of a category whose name another one has, too.
    pub fn count_merged(&self, category: usize, number: usize, losses: &mut Losses) {
        if self.numbers.get(category).is_some_and(|(_, is_again)| *is_again) {
            losses.annotation(Reason::ClassesMerged, number);
        }
    }
}
