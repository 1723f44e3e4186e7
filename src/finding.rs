//! A finding: a rule of [`crate::rules`] that a dataset breaks, and the place where it does.

use crate::error::{Error, Place, Position, brief};
use crate::rules::Rule;

/// One breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: Rule,
    /// What is wrong, without the place.
    pub message: String,
    /// The place where it is wrong.
    pub place: Place,
    /// The name of the image, as its file or the annotations state it.
    pub image: Option<String>,
    /// The annotation: its id, or, if it has none, its number in the image, from 0.
    pub annotation: Option<String>,
    /// All places of one cause, the first included. Empty where the finding has one place only.
    pub places: Vec<Occurrence>,
}

/// One of the places where a rule is broken, if one cause breaks it in several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// What is wrong here, without the place.
    pub message: String,
    /// The place.
    pub place: Place,
    /// The name of the image.
    pub image: Option<String>,
    /// The annotation, as in a [`Finding`].
    pub annotation: Option<String>,
}

impl Finding {
    /// A finding that is about no image.
    pub fn new(rule: Rule, message: impl Into<String>, place: Place) -> Self {
        let (image, annotation, places) = (None, None, Vec::new());
        Self { rule, message: brief(message.into()), place, image, annotation, places }
    }

    /// One finding for several that have one cause. Its message is about all of them; its place
    /// is that of the first.
    pub fn of_cause(rule: Rule, message: impl Into<String>, found: Vec<Self>) -> Option<Self> {
        let place = found.first()?.place.clone();
        let mut one = Self::new(rule, message, place);
        one.places = found.into_iter().flat_map(Self::into_places).collect();
        Some(one)
    }

    /// In how many places the rule is broken.
    pub fn count(&self) -> usize {
        self.places.len().max(1)
    }

    /// All places; the only one, if there is one.
    fn into_places(self) -> Vec<Occurrence> {
        let Self { message, place, image, annotation, places, .. } = self;
        match places.is_empty() {
            true => vec![Occurrence { message, place, image, annotation }],
            false => places,
        }
    }

    /// The same finding, about an image.
    #[must_use]
    pub fn of_image(mut self, name: &str) -> Self {
        self.image = Some(brief(name.to_owned()));
        self
    }

    /// The same finding, about an annotation.
    #[must_use]
    pub fn of_annotation(mut self, name: impl Into<String>) -> Self {
        self.annotation = Some(name.into());
        self
    }

    /// The finding for an error with which a reader left a record out.
    pub fn of_error(error: &Error) -> Self {
        let thing = error.thing();
        let place = Place {
            file: error.file().map(std::path::Path::to_path_buf).unwrap_or_default(),
            position: error.position(),
            pointer: thing.starts_with('/').then(|| thing.to_owned()),
        };
        Self::new(error.rule(), error.message(), place)
    }

    /// The key by which findings are sorted: the rule, then the place.
    pub fn order(&self) -> impl Ord + '_ {
        let Place { file, position, .. } = &self.place;
        let Position { line, column } = position.unwrap_or(Position { line: 0, column: 0 });
        (self.rule, file, line, column, &self.image, &self.annotation, &self.message)
    }
}
