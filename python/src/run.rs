//! How long work is run: on a thread of its own, while the calling thread shows how far it is and looks
//! for signals.

use crate::errors::{Failure, Outcome, usage};
use annoconv::error::{Error, ErrorKind, Mismatch};
use annoconv::progress::{Progress, Step, Work};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long the calling thread waits until it looks again.
const PAUSE: Duration = Duration::from_millis(50);

/// A run as its work sees it. Clones are of one run.
#[derive(Clone)]
pub struct Watch {
    /// What the work tells how far it is, and asks whether to go on.
    pub progress: Progress,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// What was told and not shown yet, by work, in the order of its beginning.
    told: Mutex<Vec<Step>>,
    /// Why the run ends before its end: the first reason.
    failure: Mutex<Option<PyErr>>,
    /// Where the work waits until the calling thread has looked.
    gate: Mutex<Option<SyncSender<SyncSender<()>>>>,
}

impl Watch {
    fn new(is_shown: bool, gate: SyncSender<SyncSender<()>>) -> Self {
        let state = Arc::new(State { gate: Mutex::new(Some(gate)), ..State::default() });
        let own = Arc::clone(&state);
        let progress = Progress::new(move |step| {
            if is_shown {
                own.tell(step);
            }
            if step.work == Work::Writing {
                own.pass();
            }
        });
        Self { progress, state }
    }

    /// Ends the run with an exception of Python. The first one counts.
    pub fn fail(&self, error: PyErr) {
        locked(&self.state.failure).get_or_insert(error);
        self.progress.stop();
    }

    /// Waits until the calling thread has shown all that was told and looked for signals. What comes
    /// after may change files.
    ///
    /// # Errors
    /// Where the run is to end.
    pub fn pass(&self) -> annoconv::error::Result<()> {
        self.state.pass();
        self.progress.go_on()
    }
}

impl State {
    fn tell(&self, step: Step) {
        let mut told = locked(&self.told);
        match told.iter_mut().find(|known| known.work == step.work) {
            None => told.push(step),
            // Threads may tell out of order.
            Some(known) if known.of == step.of => known.done = known.done.max(step.done),
            Some(known) => *known = step,
        }
    }

    fn pass(&self) {
        let gate = locked(&self.gate).clone();
        let (reply, answer) = sync_channel(1);
        if gate.is_some_and(|gate| gate.send(reply).is_ok()) {
            // The calling thread answers, or is gone.
            let _ = answer.recv();
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does work without Python's lock, on a thread of its own with `jobs` threads to help it (all cores
/// where none is stated). This thread calls `progress(work, done, of)` meanwhile.
///
/// # Errors
/// That of the work; or an exception of the callback, of [`Watch::fail`] or of a signal, which stops
/// the work first.
pub fn detached<T: Send>(
    py: Python,
    callback: Option<&Bound<PyAny>>,
    jobs: Option<usize>,
    work: impl FnOnce(&Watch) -> Outcome<T> + Send,
) -> PyResult<T> {
    refuse_jobs(jobs)?;
    let callback = callback.map(|it| it.clone().unbind());
    let (gate, arrivals) = sync_channel(0);
    let watch = Watch::new(callback.is_some(), gate);
    let caller = Caller { watch: watch.clone(), callback, arrivals };
    let (result, failure) = py.detach(move || {
        let result = std::thread::scope(|scope| {
            let worker = scope.spawn(move || {
                let end = End(watch);
                in_pool(jobs, || work(&end.0))
            });
            caller.attend();
            worker.join()
        });
        let failure = locked(&caller.watch.state.failure).take();
        (result, failure)
    });
    match (failure, result) {
        (Some(failure), _) => Err(failure),
        (None, Ok(result)) => Ok(result?),
        (None, Err(_)) => Err(PyRuntimeError::new_err("annoconv failed; this is a mistake in it")),
    }
}

/// Tells the calling thread, when it is dropped, that the work has ended, however it did.
struct End(Watch);

impl Drop for End {
    fn drop(&mut self) {
        locked(&self.0.state.gate).take();
    }
}

fn refuse_jobs(jobs: Option<usize>) -> Outcome<()> {
    const MOST: usize = 1024;
    match jobs {
        Some(jobs) if jobs == 0 || jobs > MOST => {
            Err(usage("jobs", format!("1 to {MOST} threads"), jobs.to_string()))
        }
        _ => Ok(()),
    }
}

fn in_pool<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> Outcome<T> + Send) -> Outcome<T> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or_default()).build();
    match pool {
        Ok(pool) => pool.install(work),
        Err(error) => {
            let mismatch = Mismatch::new("threads that start", error.to_string());
            Err(Failure::from(Error::new(ErrorKind::Usage, "jobs", mismatch)))
        }
    }
}

/// The thread that called, while it waits.
struct Caller {
    watch: Watch,
    callback: Option<Py<PyAny>>,
    /// Where the work comes that waits for this thread.
    arrivals: Receiver<SyncSender<()>>,
}

impl Caller {
    /// Looks from time to time, and whenever the work waits for it, until the work has ended.
    fn attend(&self) {
        loop {
            let arrived = match self.arrivals.recv_timeout(PAUSE) {
                Ok(reply) => Some(reply),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            self.look();
            if let Some(reply) = arrived {
                // The work may have ended meanwhile.
                let _ = reply.send(());
            }
        }
    }

    fn look(&self) {
        if self.watch.progress.go_on().is_err() {
            return;
        }
        let told = std::mem::take(&mut *locked(&self.watch.state.told));
        let looked = Python::attach(|py| {
            py.check_signals()?;
            told.into_iter().try_for_each(|step| self.show(py, step))
        });
        if let Err(error) = looked {
            self.watch.fail(error);
        }
    }

    fn show(&self, py: Python, step: Step) -> PyResult<()> {
        let Some(callback) = &self.callback else { return Ok(()) };
        callback.call1(py, (step.work.name(), step.done, step.of)).map(drop)
    }
}
