//! Reports how far a run is, so that a caller can show it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The kind of work that is being done, and so the unit that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A file is scanned for its records. Counts bytes.
    Indexing,
    /// The records of a file are read. Counts bytes.
    Reading,
    /// The files of a folder are read. Counts files.
    Opening,
    /// The sizes of image files are read. Counts image files.
    Measuring,
    /// Pictures are decoded, to find copies. Counts image files.
    Comparing,
    /// Images are converted. Counts images.
    Converting,
    /// Images are judged. Counts images.
    Judging,
}

/// How much of a work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The kind of work.
    pub work: Work,
    /// How much of it is done, in the unit of the work.
    pub done: u64,
    /// How much there is to do in all.
    pub of: u64,
}

/// A function that is called with each step, from any thread. By default there is none.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Fn(Step) + Send + Sync>>);

impl Progress {
    /// Calls a function with each step.
    pub fn new(call: impl Fn(Step) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(call)))
    }

    /// Reports a step.
    pub fn tell(&self, step: Step) {
        if let Some(call) = &self.0 {
            call(step);
        }
    }

    /// A work that several threads do in parts; `of` is how much there is to do in all.
    pub fn share(&self, work: Work, of: u64) -> Shared<'_> {
        Shared { progress: self, work, of, done: AtomicU64::new(0) }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(if self.0.is_some() { "Progress(reported)" } else { "Progress(ignored)" })
    }
}

/// A work that several threads do in parts. Steps may be reported out of order.
pub struct Shared<'a> {
    progress: &'a Progress,
    work: Work,
    of: u64,
    done: AtomicU64,
}

impl Shared<'_> {
    /// Adds to the work that is done, and reports it.
    pub fn add(&self, amount: u64) {
        let done = self.done.fetch_add(amount, Ordering::Relaxed).saturating_add(amount);
        self.progress.tell(Step { work: self.work, done: done.min(self.of), of: self.of });
    }
}
