//! The report of a conversion, as text for people and as JSON for programs.

use super::colour::{GREEN, RED, RESET, YELLOW};
use super::{split, visible};
use crate::dataset::Negatives;
use crate::edit::Summary;
use crate::files::check::Difference;
use crate::losses::{LossCounts, LossRow, Reason};
use serde_json::json;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The counts of a conversion.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The formats of the source.
    pub from: String,
    /// Files beside the source's own that no format takes.
    pub passed_over: Vec<PathBuf>,
    /// Images that were added from the image files.
    pub negatives: Negatives,
    /// What a split has given, where there was one.
    pub split: Option<Summary>,
    /// The number that each class has in the target, where that numbers them, and its name.
    pub classes: Vec<(String, String)>,
    /// Images written.
    pub images: usize,
    /// Annotations of the source.
    pub annotations_read: usize,
    /// Annotations of the source that are in the target.
    pub annotations_written: usize,
    /// Files written, or that would be.
    pub files_written: usize,
    /// Image files among them.
    pub images_placed: usize,
    /// Files removed by `--prune`.
    pub files_removed: usize,
    /// The names of the first few removed files.
    pub removed_examples: Vec<String>,
    /// What was lost.
    pub losses: LossCounts,
    /// What else a person should know.
    pub notes: Vec<String>,
    /// What `--check` found.
    pub differences: Vec<Difference>,
}

/// A conversion that has ended: its counts, and what a reader must know about the call.
#[derive(Debug, Clone, Copy)]
pub struct Conversion<'a> {
    /// The name of the command that ran.
    pub command: &'a str,
    /// The name of the source's format.
    pub from: &'a str,
    /// The name of the target's format.
    pub to: &'a str,
    /// The source, by the path that the user gave.
    pub input: &'a Path,
    /// The target.
    pub output: &'a Path,
    /// What was done with the result.
    pub outcome: Outcome,
    /// The counts.
    pub report: &'a Report,
    /// How long the conversion took.
    pub elapsed: Duration,
}

/// What was done with the result of a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was written.
    Written,
    /// It was not written, because something was lost and no loss was allowed.
    Refused,
    /// It was made and not written, because the user asked for a trial.
    Tried,
    /// It was compared with the files at the target.
    Compared,
}

/// One JSON object, which docs/report.md describes.
pub fn json(conversion: &Conversion) -> String {
    let Conversion { command, from, to, input, output, outcome, report, elapsed } = conversion;
    let mut value = json!({
        "schema": 1,
        "command": command,
        "from": from,
        "to": to,
        "input": input.to_string_lossy(),
        "output": output.to_string_lossy(),
        "images": report.images,
        "annotations_read": report.annotations_read,
        "annotations_written": report.annotations_written,
        "files_written": report.files_written,
        "images_placed": report.images_placed,
        "files_removed": report.files_removed,
        "removed_examples": report.removed_examples,
        "losses": report.losses.rows(),
        "negatives_added": {
            "count": report.negatives.added,
            "examples": report.negatives.examples,
        },
        "images_left": report.negatives.left,
        "split": report.split.as_ref().map(split::json),
        "classes": report.classes.iter().map(class).collect::<Vec<_>>(),
        "passed_over": report.passed_over.iter().map(|it| it.to_string_lossy()).collect::<Vec<_>>(),
        "hints": report.hints(),
        "elapsed_seconds": elapsed.as_secs_f64(),
    });
    if let (Outcome::Compared, Some(object)) = (outcome, value.as_object_mut()) {
        object.insert("differences".to_owned(), json!(report.differences));
    }
    visible::json(&value)
}

fn class((number, name): &(String, String)) -> serde_json::Value {
    json!({"number": number, "name": name})
}

/// How many differences, classes and files are printed; all are counted, and the JSON report has
/// them all.
const MOST_LINES: usize = 50;

/// How many classes and files are named on one line.
const MOST_NAMES: usize = 10;

impl Report {
    /// What a person should look at, with the option that changes it.
    pub fn hints(&self) -> Vec<String> {
        let mut hints = Vec::new();
        let crowds = self.losses.count(Reason::CrowdSkipped);
        if crowds > 0 && crowds >= self.annotations_read.saturating_sub(crowds) {
            hints.push(format!(
                "{crowds} of {} annotations are marked crowd and were left out; --crowd keep \
                 writes them as single objects",
                self.annotations_read
            ));
        }
        if self.negatives.left > 0 {
            hints.push(format!(
                "{} image files are of no subset that the source has; no labels were made for them",
                self.negatives.left
            ));
        }
        hints.extend_from_slice(&self.notes);
        hints.extend(self.split.iter().flat_map(split::hints));
        hints
    }
}

/// What was made, a line of counts first; then what was lost, the most first; then what to do. After a
/// comparison, the differences come last.
pub fn text(conversion: &Conversion) -> String {
    render(conversion, false)
}

/// As [`text`], with the colours of a terminal (ANSI escape codes).
pub fn coloured(conversion: &Conversion) -> String {
    render(conversion, true)
}

fn render(conversion: &Conversion, is_coloured: bool) -> String {
    let Conversion { outcome, report, .. } = conversion;
    let mut out = counts(conversion);
    add_removed(&mut out, report, *outcome);
    add_made(&mut out, report);
    in_order(report.losses.rows()).iter().for_each(|row| add_loss(&mut out, row, is_coloured));
    add_passed_over(&mut out, report);
    for hint in report.hints().iter().chain(&why(report)) {
        let (start, end) = if is_coloured { (GREEN, RESET) } else { ("", "") };
        let _ = writeln!(out, "  {start}hint{end}            {}", visible::text(hint));
    }
    if *outcome == Outcome::Compared {
        add_differences(&mut out, &report.differences);
    }
    out
}

/// Losses as a person looks for them: what is missing before what is changed, the most first.
fn in_order(mut rows: Vec<LossRow>) -> Vec<LossRow> {
    let rank = |row: &LossRow| match (row.dropped, row.leaves_out) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    };
    rows.sort_by_key(|row| (rank(row), std::cmp::Reverse(row.count)));
    rows
}

/// How to find out more about what is missing.
fn why(report: &Report) -> Option<String> {
    let first = in_order(report.losses.rows()).into_iter().next().filter(|row| row.dropped)?;
    Some(format!("annoconv explain {} says why, and which option changes it", first.reason))
}

/// What was added and shared out, and which class got which number.
fn add_made(out: &mut String, report: &Report) {
    let count = report.negatives.added;
    if count > 0 {
        let names = examples(&report.negatives.examples, count);
        let _ = writeln!(out, "  added   {count:>6}  images without annotations ({names})");
    }
    if let Some(summary) = &report.split {
        out.push_str(&split::text(summary));
    }
    if !report.classes.is_empty() {
        let named = report.classes.iter().take(MOST_NAMES);
        let names: Vec<String> = named.map(|(number, name)| format!("{number} {name}")).collect();
        let (count, names) = (report.classes.len(), examples(&names, report.classes.len()));
        let _ = writeln!(out, "  classes {count:>6}  {names}");
    }
}

/// What was there and not read.
fn add_passed_over(out: &mut String, report: &Report) {
    let count = report.passed_over.len();
    if count > 0 {
        let named = report.passed_over.iter().take(MOST_NAMES);
        let names: Vec<String> = named.map(|file| file.display().to_string()).collect();
        let _ = writeln!(out, "  passed over {count:>2}  files ({})", examples(&names, count));
    }
}

/// The first differences, and how many there are.
fn add_differences(out: &mut String, differences: &[Difference]) {
    if differences.is_empty() {
        return out.push_str("  no differences\n");
    }
    differences.iter().take(MOST_LINES).for_each(|difference| add_difference(out, difference));
    let count = |kind: &str| differences.iter().filter(|it| it.kind == kind).count();
    let more = if differences.len() > MOST_LINES { " (the first are listed)" } else { "" };
    let _ = writeln!(
        out,
        "  {} files differ: {} changed, {} missing, {} stale{more}",
        differences.len(),
        count("changed"),
        count("missing"),
        count("stale")
    );
}

fn counts(conversion: &Conversion) -> String {
    let Conversion { command, output, outcome, report, elapsed, .. } = conversion;
    let files = report.files_written;
    let done = match outcome {
        Outcome::Written => format!("{files} files written to"),
        Outcome::Refused => "nothing written to".to_owned(),
        Outcome::Tried => format!("{files} files would be written to"),
        Outcome::Compared => format!("{files} files compared with"),
    };
    format!(
        "{command}: {} images, {} of {} annotations, {done} {} in {:.3} s\n",
        report.images,
        report.annotations_written,
        report.annotations_read,
        output.display(),
        elapsed.as_secs_f64(),
    )
}

fn add_removed(out: &mut String, report: &Report, outcome: Outcome) {
    let Report { files_removed, removed_examples, .. } = report;
    if *files_removed == 0 {
        return;
    }
    let verb = if outcome == Outcome::Tried { "would be removed" } else { "removed" };
    let names = examples(removed_examples, *files_removed);
    let _ = writeln!(out, "  stale   {files_removed:>6}  files {verb} ({names})");
}

fn add_loss(out: &mut String, row: &LossRow, is_coloured: bool) {
    let (kind, colour) = match (row.dropped, row.leaves_out) {
        (true, _) => ("lost", RED),
        (false, true) => ("left", YELLOW),
        (false, false) => ("changed", YELLOW),
    };
    let (start, end) = if is_coloured { (colour, RESET) } else { ("", "") };
    let LossRow { reason, explanation, count, .. } = row;
    let members = match row.members.is_empty() {
        true => String::new(),
        false => format!(": {}", visible::text(&row.members.join(", "))),
    };
    let names = match row.examples.is_empty() {
        true => String::new(),
        false => format!(" ({})", examples(&row.examples, *count)),
    };
    let _ = writeln!(
        out,
        "  {start}{kind:<7}{end} {count:>6}  {reason}: {explanation}{members}{names}"
    );
}

/// The names on one line, with an ellipsis if there are more than these.
fn examples(names: &[String], count: usize) -> String {
    let more = if count > names.len() { ", …" } else { "" };
    visible::text(&names.join(", ")) + more
}

fn add_difference(out: &mut String, difference: &Difference) {
    let Difference { file, kind, line, column, expected, found } = difference;
    let text = match (line, column, expected, found) {
        (Some(line), Some(column), Some(expected), Some(found)) => {
            format!("{file}:{line}:{column}: {kind}: expected {expected}, found {found}")
        }
        _ => format!("{file}: {kind}"),
    };
    let _ = writeln!(out, "{}", visible::text(&text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::Losses;
    use serde_json::Value;

    fn conversion(report: &Report, outcome: Outcome) -> Conversion<'_> {
        Conversion {
            command: "convert",
            from: "coco",
            to: "yolo",
            input: Path::new("a b.json"),
            output: Path::new("labels"),
            outcome,
            report,
            elapsed: Duration::from_millis(12),
        }
    }

    fn sample() -> Report {
        let mut losses = LossCounts::default();
        losses.add("a\u{1b}.jpg", &Losses::of_each(Reason::CrowdSkipped, 6));
        losses.add("b.jpg", &Losses::of_image(Reason::SizeUnknown));
        Report {
            images: 2,
            annotations_read: 9,
            annotations_written: 3,
            files_written: 2,
            losses,
            ..Report::default()
        }
    }

    fn difference() -> Difference {
        Difference {
            file: "a.txt".to_owned(),
            kind: "changed",
            line: Some(3),
            column: Some(7),
            expected: Some("1".to_owned()),
            found: Some("\u{1b}".to_owned()),
        }
    }

    #[test]
    fn the_text_has_counts_and_losses() {
        let expected = "\
convert: 2 images, 3 of 9 annotations, 2 files written to labels in 0.012 s
  lost         6  crowd: crowd annotations left out (a\\u{1b}.jpg#0, a\\u{1b}.jpg#1, \
a\\u{1b}.jpg#2, a\\u{1b}.jpg#3, a\\u{1b}.jpg#4, …)
  changed      1  size-unknown: images written without their size (b.jpg)
  hint            6 of 9 annotations are marked crowd and were left out; --crowd keep \
writes them as single objects
  hint            annoconv explain crowd says why, and which option changes it
";
        assert_eq!(text(&conversion(&sample(), Outcome::Written)), expected);
    }

    #[test]
    fn what_is_missing_comes_before_what_is_changed_and_the_most_first() {
        let mut losses = LossCounts::default();
        losses.add("a.jpg", &Losses::of_each(Reason::ClassLeftOut, 2));
        losses.add("b.jpg", &Losses::of_each(Reason::TooSmall, 3));
        losses.add("c.jpg", &Losses::of_each(Reason::PolygonAsBox, 9));
        losses.add("d.jpg", &Losses::of_image(Reason::NotSampled));
        let classes = vec![("0".to_owned(), "x".to_owned())];
        let report = Report { losses, classes, ..Report::default() };
        let text = text(&conversion(&report, Outcome::Written));
        let words = |line: &str| line.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
        let found: Vec<String> = text.lines().skip(1).map(words).collect();
        let expected = [
            "classes 1 0",
            "lost 3 too-small:",
            "lost 2 class-left-out:",
            "left 1 not-sampled:",
            "changed 9 polygon-as-box:",
            "hint annoconv explain",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn colours_are_the_only_difference() {
        let report = sample();
        let own = conversion(&report, Outcome::Written);
        let coloured = coloured(&own);
        assert!(coloured.contains("  \u{1b}[1m\u{1b}[31mlost   \u{1b}[0m      6  crowd"));
        let plain =
            [RED, YELLOW, GREEN, RESET].iter().fold(coloured, |it, code| it.replace(code, ""));
        assert_eq!(plain, text(&own));
    }

    #[test]
    fn the_first_line_states_what_was_done() {
        for (outcome, expected) in [
            (Outcome::Written, "0 files written to labels"),
            (Outcome::Refused, "nothing written to labels"),
            (Outcome::Tried, "0 files would be written to labels"),
            (Outcome::Compared, "0 files compared with labels"),
        ] {
            let text = text(&conversion(&Report::default(), outcome));
            assert!(text.contains(expected), "{text}");
            assert_eq!(text.ends_with("\n  no differences\n"), outcome == Outcome::Compared);
        }
    }

    #[test]
    fn removed_files_are_named() {
        let removed_examples = vec!["a.txt".to_owned(), "b.txt".to_owned()];
        let mut report = Report { files_removed: 2, removed_examples, ..Report::default() };
        let written = text(&conversion(&report, Outcome::Written));
        assert!(written.ends_with("\n  stale        2  files removed (a.txt, b.txt)\n"));
        report.files_removed = 7;
        let tried = text(&conversion(&report, Outcome::Tried));
        let end = "\n  stale        7  files would be removed (a.txt, b.txt, …)\n";
        assert!(tried.ends_with(end), "{tried}");
    }

    #[test]
    fn differences_have_their_place_where_it_is_known() {
        let missing = Difference { kind: "missing", line: None, column: None, ..difference() };
        let report = Report { differences: vec![difference(), missing], ..Report::default() };
        let text = text(&conversion(&report, Outcome::Compared));
        let end = "a.txt:3:7: changed: expected 1, found \\u{1b}\na.txt: missing\n  \
                   2 files differ: 1 changed, 1 missing, 0 stale\n";
        assert!(text.ends_with(end), "{text}");
    }

    #[test]
    fn json_has_the_counts_and_after_a_comparison_the_differences() {
        let report = Report { differences: vec![difference()], ..sample() };
        let value = |outcome| -> Value {
            serde_json::from_str(&json(&conversion(&report, outcome))).unwrap()
        };
        let written = value(Outcome::Written);
        assert_eq!((&written["input"], &written["from"]), (&json!("a b.json"), &json!("coco")));
        assert_eq!((&written["annotations_read"], &written["images"]), (&json!(9), &json!(2)));
        assert_eq!(
            written["losses"][1],
            json!({"reason": "size-unknown", "count": 1,
            "dropped": false, "examples": ["b.jpg"]})
        );
        assert_eq!(written.get("differences"), None);
        let expected = json!([{"file": "a.txt", "kind": "changed", "line": 3, "column": 7,
            "expected": "1", "found": "\u{1b}"}]);
        assert_eq!(value(Outcome::Compared)["differences"], expected);
    }
}
