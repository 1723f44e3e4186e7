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
}

impl Finding {
    /// A finding that is about no image.
    pub fn new(rule: Rule, message: impl Into<String>, place: Place) -> Self {
        Self { rule, message: brief(message.into()), place, image: None, annotation: None }
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

    /// The finding for an error, because of which a reader left something out.
    pub fn of_error(error: &Error) -> Self {
        let thing = error.thing();
        let place = Place {
            file: error.file().map(std::path::Path::to_path_buf).unwrap_or_default(),
            position: error.position(),
            pointer: thing.starts_with('/').then(|| thing.to_owned()),
        };
        Self::new(error.rule(), format!("{thing}: {}", error.problem()), place)
    }

    /// The key by which findings are sorted: the rule, then the place.
    pub fn order(&self) -> impl Ord + '_ {
        let Place { file, position, .. } = &self.place;
        let Position { line, column } = position.unwrap_or(Position { line: 0, column: 0 });
        (self.rule, file, line, column, &self.image, &self.annotation, &self.message)
    }
}
