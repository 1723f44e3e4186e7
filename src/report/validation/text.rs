//! The report for people.

use super::words::{self, Summary};
use crate::finding::Finding;
use crate::report::colour::{BLUE, RED, RESET, YELLOW};
use crate::report::visible;
use crate::rules::Severity;
use crate::trainers::Sight;
use crate::validate::{Agreement, Input, Validation};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many of the files that were passed over the report names.
const NAMED: usize = 5;

/// The files that were read, how they agree, the findings, and their counts.
///
/// At most `limit` findings of each rule are printed, and at most `limit` places of each finding;
/// all are counted. With `is_coloured`, the
/// severities have the colours of a terminal (ANSI escape codes).
pub fn render(
    validation: &Validation,
    limit: usize,
    elapsed: Duration,
    is_coloured: bool,
) -> String {
    let Validation { inputs, agreement, passed_over, sight, findings } = validation;
    let mut out = String::new();
    add_inputs(&mut out, inputs);
    add_agreement(&mut out, agreement, inputs);
    add_passed_over(&mut out, passed_over);
    sight.iter().for_each(|sight| add_sight(&mut out, sight));
    for findings in words::by_rule(findings) {
        add_rule(&mut out, findings, limit, is_coloured);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let _ = writeln!(out, "{} in {:.3} s", Summary::of(findings), elapsed.as_secs_f64());
    out
}

fn add_inputs(out: &mut String, inputs: &[Input]) {
    if inputs.is_empty() {
        return;
    }
    let paths: Vec<String> = inputs.iter().map(|input| shown(&input.path)).collect();
    let width = paths.iter().map(|path| path.chars().count()).max().unwrap_or_default().max(4);
    let names = inputs.iter().map(|input| input.format.chars().count());
    let longest = names.max().unwrap_or_default().max(6);
    let _ = writeln!(out, "{:<longest$}  {:<width$}  images  annotations", "format", "path");
    for (Input { format, images, annotations, .. }, path) in inputs.iter().zip(&paths) {
        let _ = writeln!(out, "{format:<longest$}  {path:<width$}  {images:>6}  {annotations:>11}");
    }
}

fn add_agreement(out: &mut String, agreement: &[Agreement], inputs: &[Input]) {
    if !agreement.is_empty() {
        out.push('\n');
    }
    for row in agreement {
        let to = side(row.to, &row.to_path, inputs);
        let from = side(row.from, &row.from_path, inputs);
        let Agreement { rule, objects, agree, disagree, .. } = row;
        let verdict = match disagree {
            0 => " exact".to_owned(),
            _ => format!(", {disagree} differ"),
        };
        let _ = writeln!(out, "{to} = {from} {rule}: {agree} of {objects}{verdict}");
    }
}

/// The name of a format, followed by its path if the dataset has several inputs of this format.
fn side(format: &str, path: &Path, inputs: &[Input]) -> String {
    let name = format.to_uppercase();
    match inputs.iter().filter(|input| input.format == format).count() {
        0 | 1 => name,
        _ => format!("{name} ({})", shown(path)),
    }
}

fn add_passed_over(out: &mut String, paths: &[PathBuf]) {
    if paths.is_empty() {
        return;
    }
    let names: Vec<String> = paths.iter().take(NAMED).map(|path| shown(path)).collect();
    let more = if paths.len() > NAMED { ", …" } else { "" };
    let _ = writeln!(out, "\npassed over ({}): {}{more}", paths.len(), names.join(", "));
}

/// What a trainer will see: a line a subset.
fn add_sight(out: &mut String, sight: &Sight) {
    let Sight { trainer, is_refused, subsets, .. } = sight;
    let what = match (is_refused, subsets.is_empty()) {
        (true, true) => "stops and loads nothing",
        (true, false) => "stops; with that mended, it sees",
        (false, true) => "loads something that is not counted here",
        (false, false) => "sees",
    };
    let end = if subsets.is_empty() { "" } else { ":" };
    let _ = writeln!(out, "\n{trainer} {what}{end}");
    for seen in subsets {
        let _ = writeln!(out, "  {}", visible::text(&words::seen(seen)));
    }
}

fn add_rule(out: &mut String, findings: &[Finding], limit: usize, is_coloured: bool) {
    let Some(Finding { rule, .. }) = findings.first() else { return };
    let severity = rule.severity();
    let (start, end) = if is_coloured { (colour(severity), RESET) } else { ("", "") };
    let name = severity.name();
    let count: usize = findings.iter().map(Finding::count).sum();
    let (code, title) = (rule.code(), rule.title());
    let _ = writeln!(out, "\n{start}{name:<7}{end}  {code}  {title} ({count})");
    for finding in findings.iter().take(limit) {
        let _ = writeln!(out, "  {}", words::line(finding));
        for place in words::places(finding, limit) {
            let _ = writeln!(out, "    {place}");
        }
    }
    if findings.len() > limit {
        let _ = writeln!(out, "  … and {} more", findings.len() - limit);
    }
    let _ = writeln!(out, "  to mend: {}", words::mend(*rule));
}

fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
        Severity::Info => BLUE,
    }
}

fn shown(path: &Path) -> String {
    visible::text(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::super::sample::validation as sample;
    use super::*;

    fn text(validation: &Validation, limit: usize) -> String {
        render(validation, limit, Duration::from_millis(12), false)
    }

    #[test]
    fn the_report_has_inputs_agreement_findings_by_rule_and_counts() {
        let expected = "\
format  path      images  annotations
coco    a b.json       6           12
yolo    labels         6           10

YOLO = COCO boxes, 6 decimals: 10 of 12, 2 differ

passed over (1): notes.json

warning  zero-id  an annotation id of 0, which evaluation takes for unmatched (1)
  a b.json:3:7: id: expected 1 or more, found 0
  to mend: number annotations from 1 (annoconv fix does)

info     unused-class  a class that no object has (1)
  a b.json: class \"rib\"
  to mend: nothing, or remove the class

error    object-missing  an object that is not in the derived format (2)
  labels/ä.txt:1:1: no row for this box, 50% of it <&> [ä.jpg#649]
  … and 1 more
  to mend: find out which format is right, then derive the other one anew

2 errors, 1 warning, 1 info in 0.012 s
";
        assert_eq!(text(&sample(), 1), expected);
        assert!(!text(&sample(), 2).contains("… and"));
    }

    #[test]
    fn without_findings_only_the_tables_are_left() {
        let mut all_well = sample();
        all_well.findings.clear();
        all_well.passed_over.clear();
        all_well.agreement[0].disagree = 0;
        all_well.agreement[0].agree = 12;
        let end = "\n\nYOLO = COCO boxes, 6 decimals: 12 of 12 exact\n\nno findings in 0.012 s\n";
        assert!(text(&all_well, 20).ends_with(end), "{}", text(&all_well, 20));
        assert_eq!(text(&Validation::default(), 20), "no findings in 0.012 s\n");
    }

    #[test]
    fn what_a_trainer_sees_is_a_line_a_subset() {
        let mut sight = super::super::sample::sight();
        let with = |sight: &Sight| text(&Validation { sight: Some(sight.clone()), ..sample() }, 1);
        let line = "\n\nultralytics sees:\n  train: 5 images, 1 background, 9 boxes; 1 box left out; \
                    1 image lost: ä.jpg (a coordinate of 1.5 is above 1.01)\n\nwarning";
        assert!(with(&sight).contains(line), "{}", with(&sight));
        sight.is_refused = true;
        assert!(with(&sight).contains("\nultralytics stops; with that mended, it sees:\n"));
        sight.subsets.clear();
        assert!(with(&sight).contains("\nultralytics stops and loads nothing\n"));
    }

    #[test]
    fn a_format_that_is_there_twice_is_named_with_its_path() {
        let mut twice = sample();
        twice.inputs[0].format = "yolo";
        assert!(text(&twice, 1).contains("\nYOLO (labels) = COCO boxes"));
    }

    #[test]
    fn only_the_severity_is_coloured() {
        let text = render(&sample(), 1, Duration::ZERO, true);
        for expected in [
            "\n\u{1b}[1m\u{1b}[31merror  \u{1b}[0m  object-missing  an object",
            "\n\u{1b}[1m\u{1b}[33mwarning\u{1b}[0m  zero-id  an annotation",
            "\n\u{1b}[1m\u{1b}[34minfo   \u{1b}[0m  unused-class  a class",
        ] {
            assert!(text.contains(expected), "{text:?}");
        }
        assert_eq!(text.matches("\u{1b}[0m").count(), 3);
    }
}
