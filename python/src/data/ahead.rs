//! Reading ahead: items are made in parallel, in batches, on a thread of its own, while Python works
//! on those before.

use annoconv::error::{Error, ErrorKind, Mismatch, Result};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use rayon::ThreadPool;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How many items are made at once. The memory that reading ahead takes is that of three batches.
const BATCH: usize = 256;

/// How long the thread of Python waits until it looks for signals.
const PAUSE: Duration = Duration::from_millis(50);

/// Items that are made ahead, in order. When it is dropped, the work stops.
pub struct Ahead<T> {
    // Behind a lock, as a receiver must not be used from two threads at once.
    incoming: Mutex<Receiver<Vec<T>>>,
    ready: std::vec::IntoIter<T>,
    /// How many items are still to come from the thread.
    left: usize,
    is_dropped: Arc<AtomicBool>,
}

impl<T: Send + 'static> Ahead<T> {
    /// Makes the items of these numbers, with so many threads (all cores where none is stated).
    ///
    /// # Errors
    /// Where threads cannot be started.
    pub fn start(
        numbers: Range<usize>,
        jobs: Option<usize>,
        make: impl Fn(usize) -> T + Send + Sync + 'static,
    ) -> Result<Self> {
        let failed = |error: &dyn std::fmt::Display| {
            let mismatch = Mismatch::new("threads that start", error.to_string());
            Error::new(ErrorKind::Usage, "jobs", mismatch)
        };
        // A pool of its own, so that a process that is forked from this one can read, too.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or_default());
        let pool = pool.build().map_err(|error| failed(&error))?;
        let (sender, incoming) = sync_channel(1);
        let is_dropped = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&is_dropped);
        let left = numbers.len();
        let work = move || {
            for start in numbers.clone().step_by(BATCH) {
                let batch = start..start.saturating_add(BATCH).min(numbers.end);
                let Some(batch) = all(&pool, batch, &is_over, &make) else { return };
                if sender.send(batch).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("annoconv-ahead".to_owned()).spawn(work);
        thread.map_err(|error| failed(&error))?;
        let (incoming, ready) = (Mutex::new(incoming), Vec::new().into_iter());
        Ok(Self { incoming, ready, left, is_dropped })
    }

    /// The next item; none after the last one.
    ///
    /// # Errors
    /// An exception of a signal.
    pub fn next(&mut self, py: Python) -> PyResult<Option<T>> {
        loop {
            if let Some(item) = self.ready.next() {
                return Ok(Some(item));
            }
            let incoming = &self.incoming;
            let received = py.detach(|| {
                incoming.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(PAUSE)
            });
            match received {
                Ok(batch) => {
                    self.left = self.left.saturating_sub(batch.len());
                    self.ready = batch.into_iter();
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) if self.left == 0 => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => {
                    let broken = "reading failed; this is a mistake in annoconv";
                    return Err(PyRuntimeError::new_err(broken));
                }
            }
            py.check_signals()?;
        }
    }
}

impl<T> Drop for Ahead<T> {
    fn drop(&mut self) {
        self.is_dropped.store(true, Ordering::Relaxed);
    }
}

/// The items of some numbers; none where nobody waits for them any more.
fn all<T: Send>(
    pool: &ThreadPool,
    numbers: Range<usize>,
    is_over: &AtomicBool,
    make: &(impl Fn(usize) -> T + Sync),
) -> Option<Vec<T>> {
    let one = |number: usize| (!is_over.load(Ordering::Relaxed)).then(|| make(number));
    pool.install(|| numbers.into_par_iter().map(one).collect())
}
