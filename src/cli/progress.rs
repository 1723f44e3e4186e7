//! A bar on stderr, where that is a terminal.

use crate::progress::{Progress, Step, Work};
use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

const BYTES: &str = "{decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}";
const IMAGES: &str = "{human_pos} of {human_len} images, {rate}/s";

/// A bar that shows what a run tells.
pub struct Bar {
    bar: ProgressBar,
    progress: Progress,
}

impl Bar {
    pub fn new(quiet: bool) -> Self {
        let is_shown = !quiet && std::io::stderr().is_terminal();
        let bar = if is_shown { ProgressBar::no_length() } else { ProgressBar::hidden() };
        // Nobody would see a hidden one.
        let progress = if bar.is_hidden() { Progress::default() } else { follow(bar.clone()) };
        Self { bar, progress }
    }

    /// What tells it, and stops the run.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Takes it away.
    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}

/// Each work has a bar of its own, so that rate and remaining time are those of its unit.
fn follow(bar: ProgressBar) -> Progress {
    let current = Mutex::new(None);
    Progress::new(move |Step { work, done, of }| {
        let mut current = current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.replace(work) != Some(work) {
            bar.reset();
            bar.set_length(of);
            bar.set_style(style(work));
        }
        bar.set_position(done.max(bar.position()));
    })
}

fn style(work: Work) -> ProgressStyle {
    let unit = match work {
        Work::Indexing | Work::Reading => BYTES,
        Work::Opening | Work::Writing => "{human_pos} of {human_len} files, {rate}/s",
        Work::Measuring | Work::Comparing | Work::Converting | Work::Judging => IMAGES,
    };
    let template = format!("{:10} {{bar:30}} {unit}, {{eta}} left", work.name());
    ProgressStyle::with_template(&template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
            // A line on a screen: what cannot be shown is left out.
            let _ = write!(out, "{}", HumanCount(state.per_sec() as u64));
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::{InMemoryTerm, ProgressDrawTarget};

    #[test]
    fn each_work_is_shown_in_its_unit() {
        let term = InMemoryTerm::new(4, 100);
        let target = ProgressDrawTarget::term_like(Box::new(term.clone()));
        let bar = ProgressBar::with_draw_target(None, target);
        let progress = follow(bar.clone());
        for (work, done, of, expected) in [
            (Work::Indexing, 8_000_000, 475_000_000, "8.00 MB of 475.00 MB"),
            (Work::Measuring, 3, 717, "3 of 717 images"),
            (Work::Converting, 4096, 118_287, "4,096 of 118,287 images"),
        ] {
            progress.tell(Step { work, done, of }).unwrap();
            bar.tick();
            let shown = term.contents();
            assert!(shown.contains(expected) && shown.contains(" left"), "{shown}");
        }
    }
}
