//! Reports how far a run is, so that a caller can show it, and lets the caller stop it.

use crate::error::{Error, ErrorKind, Mismatch, Result};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

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
    /// What was made is put in its place. Told once, before anything there changes: a run that is
    /// stopped now still leaves its target as it was. Counts files.
    Writing,
}

impl Work {
    /// Its name in a progress display: `reading`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Indexing => "indexing",
            Self::Reading => "reading",
            Self::Opening => "opening",
            Self::Measuring => "measuring",
            Self::Comparing => "comparing",
            Self::Converting => "converting",
            Self::Judging => "judging",
            Self::Writing => "writing",
        }
    }
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

/// A function that is called with each step, from any thread (by default there is none), and whether
/// the run is to stop. Clones are of one run: what stops one stops all.
#[derive(Clone, Default)]
pub struct Progress {
    call: Option<Arc<dyn Fn(Step) + Send + Sync>>,
    is_stopped: Arc<AtomicBool>,
}

impl Progress {
    /// Calls a function with each step.
    pub fn new(call: impl Fn(Step) + Send + Sync + 'static) -> Self {
        Self { call: Some(Arc::new(call)), ..Self::default() }
    }

    /// Reports a step.
    ///
    /// # Errors
    /// As [`Self::go_on`].
    pub fn tell(&self, step: Step) -> Result<()> {
        if let Some(call) = &self.call {
            call(step);
        }
        self.go_on()
    }

    /// Stops the run, from any thread: it soon ends with an error, and its target is as it was.
    ///
    /// ```
    /// use annoconv::convert::{self, Job};
    /// use annoconv::error::ErrorKind;
    /// let folder = tempfile::tempdir()?;
    /// let input = folder.path().join("coco.json");
    /// std::fs::write(&input, r#"{"images": [], "annotations": [], "categories": []}"#)?;
    /// let output = folder.path().join("via.json");
    /// let mut job = Job::new(&input, annoconv::formats::by_name("vgg").unwrap(), &output);
    /// job.options.progress.stop();
    /// assert_eq!(convert::run(&job).unwrap_err().kind(), ErrorKind::Stopped);
    /// assert!(!output.exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// What [`Self::stop`] sets, for a caller that has to set it without this, as a signal handler does.
    pub fn flag(&self) -> Arc<AtomicBool> {
        self.is_stopped.clone()
    }

    /// Nothing, as long as the run is to go on.
    ///
    /// # Errors
    /// [`ErrorKind::Stopped`] where it is to stop.
    pub fn go_on(&self) -> Result<()> {
        match self.is_stopped.load(Ordering::Relaxed) {
            false => Ok(()),
            true => Err(Error::new(ErrorKind::Stopped, "run", Mismatch::new("its end", "a stop"))),
        }
    }

    /// A work that several threads do in parts; `of` is how much there is to do in all.
    pub fn share(&self, work: Work, of: u64) -> Shared<'_> {
        Shared { progress: self, work, of, done: AtomicU64::new(0) }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(if self.call.is_some() { "Progress(reported)" } else { "Progress(ignored)" })
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
    ///
    /// # Errors
    /// As [`Progress::go_on`].
    pub fn add(&self, amount: u64) -> Result<()> {
        let done = self.done.fetch_add(amount, Ordering::Relaxed).saturating_add(amount);
        self.progress.tell(Step { work: self.work, done: done.min(self.of), of: self.of })
    }
}
