//! What was mended and what was not, for people.

use crate::fix::{Fix, Output};
use crate::rules::Rule;
use std::fmt::Write;
use std::time::Duration;

/// The report of a run. `done` says what became of the changes: `written to out`.
///
/// ```
/// use annoconv::fix::Fix;
/// use annoconv::report::mending::text;
/// use std::time::Duration;
/// let report = text(&Fix::default(), "nothing written", Duration::ZERO);
/// assert_eq!(report, "fix: 0 mended, 0 left; nothing written in 0.000 s\n");
/// ```
pub fn text(fix: &Fix, done: &str, elapsed: Duration) -> String {
    let sum = |counts: &[(Rule, usize)]| counts.iter().map(|(_, count)| count).sum::<usize>();
    let (mended, left) = (sum(&fix.mended), sum(&fix.left));
    let seconds = elapsed.as_secs_f64();
    let mut out = format!("fix: {mended} mended, {left} left; {done} in {seconds:.3} s\n");
    for (rule, count) in &fix.mended {
        let what = rule.fix().unwrap_or_default();
        let _ = writeln!(out, "  mended {count:>8}  {}: {what}", rule.code());
    }
    for (rule, count) in &fix.left {
        let (severity, why) = (rule.severity().name(), rule.why_left());
        let _ = writeln!(out, "  left   {count:>8}  {} ({severity}): {why}", rule.code());
    }
    out
}

/// What became of the changes, for [`text`].
pub fn done(output: Output, files: usize) -> String {
    match output {
        Output::Copy { target, .. } => format!("{files} files written to {}", target.display()),
        Output::InPlace => format!("{files} files replaced"),
    }
}
