//! The report of a conversion, for people and for programs.

use super::{visible, visible_json};
use annoconv::convert::{Job, Mode};
use annoconv::files::input::Input;
use annoconv::report::{Difference, LossRow, Report};
use serde_json::json;
use std::fmt::Write;
use std::time::Duration;

/// A conversion that was carried out.
pub struct Run<'a> {
    pub command: &'a str,
    pub input: &'a Input,
    pub job: &'a Job<'a>,
    pub report: &'a Report,
    pub elapsed: Duration,
}

/// One object: the schema of docs/report.md.
pub fn json(run: &Run) -> anyhow::Result<String> {
    let Run { command, input, job, report, elapsed } = run;
    let mut value = json!({
        "schema": 1,
        "command": command,
        "from": job.from.name(),
        "to": job.to.name(),
        "input": input.stated().to_string_lossy(),
        "output": job.output.to_string_lossy(),
        "images": report.images,
        "annotations_read": report.annotations_read,
        "annotations_written": report.annotations_written,
        "files_written": report.files_written,
        "files_removed": report.files_removed,
        "removed_examples": report.removed_examples,
        "losses": report.losses.rows(),
        "elapsed_seconds": elapsed.as_secs_f64(),
    });
    if let (Mode::Check, Some(object)) = (job.mode, value.as_object_mut()) {
        object.insert("differences".to_owned(), json!(report.differences));
    }
    Ok(visible_json(&serde_json::to_string_pretty(&value)?) + "\n")
}

/// A line of figures, then a line a loss and a line a difference.
pub fn text(run: &Run) -> String {
    let Run { command, job, report, elapsed, .. } = run;
    let files = report.files_written;
    let done = match job.mode {
        _ if was_refused(run) => "nothing written to".to_owned(),
        Mode::Write { .. } => format!("{files} files written to"),
        Mode::DryRun { .. } => format!("{files} files would be written to"),
        Mode::Check => format!("{files} files compared with"),
    };
    let mut out = format!(
        "{command}: {} images, {} of {} annotations, {done} {} in {:.3} s\n",
        report.images,
        report.annotations_written,
        report.annotations_read,
        job.output.display(),
        elapsed.as_secs_f64(),
    );
    if report.files_removed > 0 {
        let verb = match job.mode {
            Mode::DryRun { .. } => "would be removed",
            _ => "removed",
        };
        let examples = &report.removed_examples;
        let more = if report.files_removed > examples.len() { ", …" } else { "" };
        let names = visible(&examples.join(", "));
        let _ = writeln!(
            out,
            "  stale   {:>6}  label files {verb} ({names}{more})",
            report.files_removed
        );
    }
    report.losses.rows().iter().for_each(|row| add_loss(&mut out, row));
    report.differences.iter().for_each(|difference| add_difference(&mut out, difference));
    if job.mode == Mode::Check && report.differences.is_empty() {
        out.push_str("  no differences\n");
    }
    out
}

fn was_refused(run: &Run) -> bool {
    matches!(run.job.mode, Mode::Write { strict: true, .. }) && !run.report.losses.is_empty()
}

fn add_loss(out: &mut String, row: &LossRow) {
    let kind = if row.dropped { "lost" } else { "changed" };
    let more = if row.count > row.examples.len() { ", …" } else { "" };
    let _ = writeln!(
        out,
        "  {kind:<7} {:>6}  {}: {} ({}{more})",
        row.count,
        row.reason,
        row.explanation,
        visible(&row.examples.join(", ")),
    );
}

fn add_difference(out: &mut String, difference: &Difference) {
    let Difference { file, kind, line, column, expected, found } = difference;
    let text = match (line, column, expected, found) {
        (Some(line), Some(column), Some(expected), Some(found)) => {
            format!("{file}:{line}:{column}: {kind}: expected {expected}, found {found}")
        }
        _ => format!("{file}: {kind}"),
    };
    let _ = writeln!(out, "{}", visible(&text));
}
