//! How far a run is, told to whoever wants to show it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is being done, and so what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A file is passed over: bytes.
    Indexing,
    /// What was found in it is read: bytes.
    Reading,
    /// The files of a folder are read.
    Opening,
    /// The image files are looked at.
    Measuring,
    /// Images are converted.
    Converting,
    /// Images are judged.
    Judging,
}

/// How much of a work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The work.
    pub work: Work,
    /// How much of it is done, in the work's unit.
    pub done: u64,
    /// How much there is to do.
    pub of: u64,
}

/// Whom steps are told, from any thread; nobody by default.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Fn(Step) + Send + Sync>>);

impl Progress {
    /// Calls a function with each step.
    pub fn new(told: impl Fn(Step) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(told)))
    }

    /// Tells a step.
    pub fn tell(&self, step: Step) {
        if let Some(told) = &self.0 {
            told(step);
        }
    }

    /// A work of which several threads do parts.
    pub fn share(&self, work: Work, of: u64) -> Shared<'_> {
        Shared { progress: self, work, of, done: AtomicU64::new(0) }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(if self.0.is_some() { "Progress(told)" } else { "Progress(untold)" })
    }
}

/// A work of several threads. A step may be told after one that comes after it.
pub struct Shared<'a> {
    progress: &'a Progress,
    work: Work,
    of: u64,
    done: AtomicU64,
}

impl Shared<'_> {
    /// So much more is done.
    pub fn add(&self, amount: u64) {
        let done = self.done.fetch_add(amount, Ordering::Relaxed).saturating_add(amount);
        self.progress.tell(Step { work: self.work, done: done.min(self.of), of: self.of });
    }
}
