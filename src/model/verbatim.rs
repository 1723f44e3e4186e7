//! A record with the text that states it.

use crate::files::map::Slice;
use std::ops::{Deref, DerefMut};

/// A record of a source, word for word.
#[derive(Debug, Clone)]
pub struct Stated {
    /// The name of the format that it is of.
    pub format: &'static str,
    /// Its text, without what comes before and after it in the file.
    pub text: Slice,
    /// Members that readers of the format need and that the text does not have.
    pub lacks: Vec<&'static str>,
}

/// A value and, where a writer can repeat it, the text from which it was read.
///
/// There is one truth: whoever changes the value drops the text. Reading goes through `Deref`;
/// changing goes through `DerefMut`, which forgets the text.
///
/// ```
/// use annoconv::model::{Category, Verbatim};
/// let mut category = Verbatim::new(Category::named("car"));
/// category.name = "vehicle".to_owned();
/// assert!(category.stated().is_none());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Verbatim<T> {
    value: T,
    stated: Option<Stated>,
}

impl<T> Verbatim<T> {
    /// A value that no text states.
    pub fn new(value: T) -> Self {
        Self { value, stated: None }
    }

    /// A value with the text that states it, where that is kept.
    pub fn with(value: T, stated: Option<Stated>) -> Self {
        Self { value, stated }
    }

    /// The text, as long as the value was not changed.
    pub fn stated(&self) -> Option<&Stated> {
        self.stated.as_ref()
    }

    /// The text, as long as the value was not changed, where it is of this format. A writer repeats no
    /// other.
    pub fn stated_in(&self, format: &str) -> Option<&Stated> {
        self.stated().filter(|stated| stated.format == format)
    }

    /// Changes what the text does not state: an index in a list of ours, a size that it lacks.
    /// The text stays, as it says nothing else now.
    pub fn complete(&mut self, change: impl FnOnce(&mut T)) {
        change(&mut self.value);
    }

    /// The value and its text.
    pub fn into_parts(self) -> (T, Option<Stated>) {
        (self.value, self.stated)
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Verbatim<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Verbatim<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.stated = None;
        &mut self.value
    }
}

impl<T> From<T> for Verbatim<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}
