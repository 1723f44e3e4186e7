//! Ctrl-C and the like: a run is stopped, clears away what it has prepared, and the program then dies
//! of the signal, so that a shell or a script stops, too.

use crate::progress::Progress;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

/// The signal that came last; 0 where none did.
static RECEIVED: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// As long as this lives, the first signal stops a run. The second one, and each after its end, ends
/// the program at once.
pub struct Watch(Progress);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Lets a signal stop a run, as soon as it can clear away what it has prepared.
pub fn watch(progress: &Progress) -> Watch {
    for signal in [SIGINT, SIGTERM] {
        // The order counts: the first signal finds the flag as it was. Where the system refuses a
        // handler, the signal ends the program at once, as it does without one.
        let _ = flag::register_conditional_default(signal, progress.flag());
        let _ = flag::register(signal, progress.flag());
        let number = usize::try_from(signal).unwrap_or_default();
        let _ = flag::register_usize(signal, RECEIVED.clone(), number);
    }
    Watch(progress.clone())
}

/// Dies of the signal that came, if one did.
pub fn obey() {
    let signal = RECEIVED.load(Ordering::Relaxed);
    if let Some(signal) = i32::try_from(signal).ok().filter(|signal| *signal != 0) {
        // If it is not done, the exit status tells that the run was stopped.
        let _ = low_level::emulate_default_handler(signal);
    }
}
