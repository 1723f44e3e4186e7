//! Which images of a dataset are written.

use crate::losses::{Losses, Reason};
use std::collections::HashMap;

/// Which images of a source are left out and why, and what was lost in completing the others.
///
/// Images that are left out keep their number, so that no list beside them has to be made anew.
#[derive(Debug, Default)]
pub struct Selection {
    /// Whether an image that cannot be read is passed over; else it is an error.
    pub is_tolerant: bool,
    left_out: Vec<Option<Reason>>,
    losses: HashMap<usize, Losses>,
}

impl Selection {
    /// All of so many images.
    pub fn all(count: usize) -> Self {
        Self { left_out: vec![None; count], ..Self::default() }
    }

    /// The same images, of which something was lost in completing them.
    #[must_use]
    pub fn with_losses(self, losses: HashMap<usize, Losses>) -> Self {
        Self { losses, ..self }
    }

    /// Leaves an image out. The first reason counts.
    pub fn leave_out(&mut self, image: usize, reason: Reason) {
        if let Some(known) = self.left_out.get_mut(image) {
            known.get_or_insert(reason);
        }
    }

    /// Why an image is left out; `None` where it is not.
    pub fn reason(&self, image: usize) -> Option<Reason> {
        self.left_out.get(image).copied().flatten()
    }

    /// Whether an image is left out.
    pub fn is_left_out(&self, image: usize) -> bool {
        self.reason(image).is_some()
    }

    /// The numbers of the images that are written.
    pub fn kept(&self) -> impl Iterator<Item = usize> {
        let all = self.left_out.iter().enumerate();
        all.filter(|(_, reason)| reason.is_none()).map(|(image, _)| image)
    }

    /// What was lost in completing an image.
    pub fn losses(&self, image: usize) -> &Losses {
        static NONE: Losses = Losses::none();
        self.losses.get(&image).unwrap_or(&NONE)
    }
}
