//! Which of some things are connected: each names one of its group, the first of a group itself.

#![allow(
    clippy::indexing_slicing,
    reason = "a thing is known by its number, which is below the count that the list is made with"
)]

/// Groups of things that are connected with each other, directly or by way of others.
pub struct Groups(Vec<usize>);

impl Groups {
    /// So many things, none of which is connected with another.
    pub fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    /// The group of a thing: the number of its first one.
    pub fn of(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    /// Connects two things; whether they were not connected before.
    pub fn connect(&mut self, one: usize, other: usize) -> bool {
        let (one, other) = (self.of(one), self.of(other));
        self.0[one.max(other)] = one.min(other);
        one != other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_connected_has_the_number_of_its_first() {
        let mut groups = Groups::new(6);
        assert!(groups.connect(4, 2) && groups.connect(5, 4) && groups.connect(1, 0));
        assert!(!groups.connect(5, 2));
        assert_eq!((0..6).map(|at| groups.of(at)).collect::<Vec<_>>(), [0, 0, 2, 3, 2, 2]);
    }
}
