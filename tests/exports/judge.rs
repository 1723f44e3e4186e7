//! Runs a row in a copy of its folder and judges what is printed and what is left on disk.

use crate::dataset;
use crate::row::{Check, Row};
use crate::support::{annoconv, copy, run, tree, words};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Words of the parsers that the program is made with. No message may have them.
const INTERNALS: [&str; 6] = [
    "untagged enum",
    "expected struct",
    "did not match any variant",
    "trailing characters",
    "with 2 elements",
    "panicked",
];

/// Runs the row once with the output for people, and once with that for programs where a check
/// asks for it: each in a copy of its own.
pub fn judge(row: &Row, cases: &Path) {
    let (of_report, others): (Vec<Check>, Vec<Check>) =
        row.checks.iter().partition(|check| check.is_of_report());
    if !others.is_empty() || of_report.is_empty() {
        in_copy(row, cases, "", |folder, out, err| {
            let plain = format!("{out}{err}").to_lowercase();
            others.iter().for_each(|check| judge_others(*check, folder, &plain));
        });
    }
    if of_report.is_empty() {
        return;
    }
    let is_validate = last(row).starts_with("validate");
    let format = if is_validate { " --format json" } else { " --report json" };
    in_copy(row, cases, format, |_, out, _| {
        let report: Value = serde_json::from_str(out).expect("the report is JSON");
        if !is_validate {
            sums_up(&report);
        }
        of_report.iter().for_each(|check| judge_report(*check, &report));
    });
}

fn last(row: &Row) -> &'static str {
    row.line.rsplit(" && ").next().unwrap().trim()
}

fn in_copy(row: &Row, cases: &Path, options: &str, judge: impl FnOnce(&Path, &str, &str)) {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    copy(&cases.join(row.folder), folder);
    let mut steps: Vec<&str> = row.line.split(" && ").collect();
    steps.pop();
    steps.iter().for_each(|step| prepare(folder, step));
    let before = tree(folder);
    let line = format!("{}{options}", last(row));
    let (out, err) = run(annoconv().current_dir(folder).args(words(&line)), row.status);
    let output = format!("{out}{err}");
    for word in INTERNALS {
        assert!(!output.contains(word), "the output has {word:?}:\n{output}");
    }
    if row.status == 2 {
        let now = tree(folder);
        assert!(now.keys().eq(before.keys()), "files were written: {:?}", now.keys());
    }
    judge(folder, &out, &err);
}

/// A step before the command that is judged.
fn prepare(folder: &Path, step: &str) {
    match step.strip_prefix("rm ") {
        Some(file) => std::fs::remove_file(folder.join(file)).unwrap(),
        None => drop(run(annoconv().current_dir(folder).args(words(step)), 0)),
    }
}

fn judge_others(check: Check, folder: &Path, output: &str) {
    match check {
        Check::Says(words) => {
            for word in words {
                assert!(output.contains(&word.to_lowercase()), "no {word:?} in:\n{output}");
            }
        }
        Check::Silent(words) => {
            for word in words {
                assert!(!output.contains(&word.to_lowercase()), "{word:?} in:\n{output}");
            }
        }
        _ => dataset::judge(check, folder),
    }
}

/// The sum that the report promises: nothing is lost without a row that counts it.
fn sums_up(report: &Value) {
    let dropped: u64 = list(report, "losses")
        .iter()
        .filter(|row| row["dropped"] == true)
        .map(|row| row["count"].as_u64().unwrap())
        .sum();
    let number = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(number("annotations_read"), number("annotations_written") + dropped, "{report:#}");
}

fn list<'a>(report: &'a Value, name: &str) -> &'a [Value] {
    report[name].as_array().map_or(&[], Vec::as_slice)
}

fn judge_report(check: Check, report: &Value) {
    match check {
        Check::Count(images, read, written) => {
            let names = ["images", "annotations_read", "annotations_written"];
            let found = names.map(|name| report[name].as_u64().unwrap());
            assert_eq!(found, [images, read, written], "{names:?} of {report:#}");
        }
        Check::Lost(rows) => {
            let counts = losses(report);
            for (reason, count) in rows {
                assert_eq!(counts.get(reason), Some(count), "{reason} of {counts:?}");
            }
        }
        Check::NotLost(reasons) => {
            let counts = losses(report);
            let found: Vec<_> = reasons.iter().filter(|name| counts.contains_key(*name)).collect();
            assert!(found.is_empty(), "{found:?} of {counts:?}");
        }
        Check::PassedOver(files) => passed_over(report, files),
        Check::Negatives(count) => {
            let found = report.pointer("/negatives_added/count").and_then(Value::as_u64);
            assert_eq!(found.unwrap_or(0), count, "{report:#}");
        }
        Check::Report(pointer, expected) => {
            let expected: Value = serde_json::from_str(expected).unwrap();
            let found = report.pointer(pointer).unwrap_or(&Value::Null);
            assert_eq!(found, &expected, "{pointer} of {report:#}");
        }
        _ => judge_findings(check, &findings(report)),
    }
}

fn judge_findings(check: Check, findings: &BTreeMap<&str, usize>) {
    match check {
        Check::Found(rows) => {
            for (code, count) in rows {
                assert_eq!(findings.get(code), Some(count), "{code} of {findings:?}");
            }
        }
        Check::Finds(codes) => {
            for code in codes {
                assert!(findings.contains_key(code), "no {code} in {findings:?}");
            }
        }
        Check::NotFound(codes) => {
            for code in codes {
                assert!(!findings.contains_key(code), "{code} in {findings:?}");
            }
        }
        _ => unreachable!("a check that is not of a report"),
    }
}

fn losses(report: &Value) -> BTreeMap<&str, u64> {
    let rows = list(report, "losses").iter();
    rows.map(|row| (row["reason"].as_str().unwrap(), row["count"].as_u64().unwrap())).collect()
}

fn findings(report: &Value) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for finding in list(report, "findings") {
        *counts.entry(finding["code"].as_str().unwrap()).or_default() += 1;
    }
    counts
}

/// Paths may be stated from the current folder or from the dataset's: their last parts count.
fn passed_over(report: &Value, files: &[&str]) {
    let paths = list(report, "passed_over").iter().map(|path| path.as_str().unwrap());
    let mut found: Vec<&str> = paths.map(|path| path.rsplit('/').next().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, files, "passed over");
}
