//! Every fault that can be mended without judgement is mended by `fix`, and `validate` finds it no
//! longer. Nothing else is broken by that.

use crate::GROUPS;
use crate::dataset::{Drawn, datasets};
use crate::fault::{Case, Kind};
use annoconv::fix::{self, Output};
use annoconv::rules::{Rule, Severity};
use annoconv::validate::{self, Request};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// How many places of a dataset break each rule.
type Counts = BTreeMap<Rule, usize>;

fn judged(folder: &Path) -> Counts {
    let findings = validate::run(&request(folder)).unwrap().findings;
    let mut counts = Counts::new();
    for finding in findings {
        *counts.entry(finding.rule).or_default() += finding.count();
    }
    counts
}

fn request(folder: &Path) -> Request {
    Request { paths: vec![folder.to_path_buf()], ..Request::default() }
}

/// What is wrong with what `fix` makes of a fault; `None` where it mends nothing.
fn complaints(kind: &Kind, drawn: &Drawn) -> Option<Vec<String>> {
    let mut case = Case::new(kind.layout, drawn);
    (kind.seed)(&mut case);
    let folder = tempfile::tempdir().unwrap();
    case.write(folder.path());
    let asked = fix::Request { dataset: request(folder.path()), rules: Rule::ALL.to_vec() };
    let fix = fix::run(&asked).unwrap();
    if fix.mended.is_empty() {
        return None;
    }
    let before = judged(folder.path());
    fix.write(folder.path(), Output::InPlace).unwrap();
    let after = judged(folder.path());
    let left: Counts = fix.left.iter().copied().collect();
    let count = |counts: &Counts, rule: &Rule| counts.get(rule).copied().unwrap_or_default();
    let mut wrong = Vec::new();
    for (rule, mended) in &fix.mended {
        let (now, expected) = (count(&after, rule), count(&left, rule));
        if now > expected {
            wrong.push(format!("{mended} {} mended, {expected} left, {now} there", rule.code()));
        }
    }
    // A box among polygons gets four corners: where there was no shape, there is another one now.
    let was_there = |rule: &Rule| match rule {
        Rule::ShapeChanged => [*rule, Rule::ShapeAbsent].iter().any(|it| before.contains_key(it)),
        _ => before.contains_key(rule),
    };
    let is_new = |rule: &&Rule| !was_there(rule) && rule.severity() == Severity::Error;
    wrong.extend(after.keys().filter(is_new).map(|rule| format!("new: {}", rule.code())));
    Some(wrong)
}

#[test]
fn what_is_mended_is_found_no_longer() {
    let drawn = datasets();
    let all = GROUPS.into_iter().flat_map(|(title, kinds)| {
        kinds.iter().enumerate().map(move |(at, kind)| (title, at, kind))
    });
    let all: Vec<_> = all.collect();
    let tried = all.into_par_iter().filter_map(|(title, at, kind)| {
        let number = (at + title.len()) % drawn.len();
        let found = complaints(kind, &drawn[number])?;
        Some((format!("{title}: {} (dataset {number}): {}", kind.name, found.join("; ")), found))
    });
    let tried: Vec<(String, Vec<String>)> = tried.collect();
    let mended = tried.len();
    let wrong = tried.into_iter().filter(|(_, found)| !found.is_empty());
    let wrong: Vec<String> = wrong.map(|(line, _)| line).collect();
    println!("{mended} kinds of faults are mended");
    assert!(wrong.is_empty(), "{} of {mended}\n{}", wrong.len(), wrong.join("\n"));
    assert!(mended > 60, "{mended} kinds of faults are mended");
}
