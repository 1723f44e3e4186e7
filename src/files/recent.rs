//! Keeps the values that were made from the files that were read last.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Values made from a few files, by the files' numbers. A value need not be made again for each
/// record of its file.
#[derive(Debug)]
pub struct Recent<T> {
    made: Mutex<VecDeque<(usize, Arc<T>)>>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { made: Mutex::new(VecDeque::new()) }
    }
}

impl<T> Recent<T> {
    /// The value of file number `index`: a kept one, or else the one that `make` returns.
    pub fn of(&self, index: usize, make: impl FnOnce() -> T) -> Arc<T> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = made.iter().find(|(of, _)| *of == index) {
            return Arc::clone(found);
        }
        drop(made);
        let new = Arc::new(make());
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        // Each thread needs the values of two files at most: its current one and the next.
        while made.len() >= 2 * rayon::current_num_threads() {
            made.pop_front();
        }
        made.push_back((index, Arc::clone(&new)));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_is_kept_for_a_few() {
        let recent = Recent::default();
        let many = 2 * rayon::current_num_threads() + 1;
        for index in 0..many {
            assert_eq!(*recent.of(index, || index * 2), index * 2);
            assert_eq!(*recent.of(index, || unreachable!()), index * 2);
        }
        assert_eq!(*recent.of(0, || 7), 7);
        assert_eq!(*recent.of(many - 1, || unreachable!()), many * 2 - 2);
    }
}
