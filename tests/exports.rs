//! Small datasets in the shape of real exports and of public bug reports (`ANNOCONV_CASES_DIR`):
//! what each command does with them. Every folder is in the tables, or named among those of
//! features to come.

#![allow(clippy::restriction, reason = "tests panic and tell")]

#[path = "exports/contradictions.rs"]
mod contradictions;
#[path = "exports/dataset.rs"]
mod dataset;
#[path = "exports/judge.rs"]
mod judge;
#[path = "exports/later.rs"]
mod later;
#[path = "exports/made.rs"]
mod made;
#[path = "exports/made_more.rs"]
mod made_more;
#[path = "exports/reported_formats.rs"]
mod reported_formats;
#[path = "exports/reported_names.rs"]
mod reported_names;
#[path = "exports/reported_records.rs"]
mod reported_records;
#[path = "exports/reported_sets.rs"]
mod reported_sets;
#[path = "exports/reported_voc.rs"]
mod reported_voc;
#[path = "exports/row.rs"]
mod row;
mod support;

use libtest_mimic::{Arguments, Trial};
use row::Row;
use std::collections::BTreeSet;
use std::path::Path;
use support::{external, external_with};

const VARIABLE: &str = "ANNOCONV_CASES_DIR";

/// How many folders of cases there are in each group.
const FOLDERS: [(&str, usize); 3] = [("exports", 31), ("reported", 83), ("contradictions", 23)];

fn main() {
    let mut trials: Vec<Trial> = rows()
        .map(|row| {
            external_with(VARIABLE, &row.title(), move |cases: &Path| judge::judge(row, cases))
        })
        .collect();
    trials.push(external(VARIABLE, "every folder of cases is in the tables", every_folder));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn rows() -> impl Iterator<Item = &'static Row> {
    [
        contradictions::ROWS,
        made::ROWS,
        made_more::ROWS,
        reported_names::ROWS,
        reported_records::ROWS,
        reported_formats::ROWS,
        reported_sets::ROWS,
        reported_voc::ROWS,
    ]
    .into_iter()
    .flatten()
}

/// No folder is forgotten, none is named that is not there, and no row stands twice.
fn every_folder(cases: &Path) {
    let tested: BTreeSet<&str> = rows().map(|row| row.folder).collect();
    let later: BTreeSet<&str> = later::LATER.iter().map(|later| later.folder).collect();
    let named: BTreeSet<&str> = tested.union(&later).copied().collect();
    let mut present = BTreeSet::new();
    for (group, count) in FOLDERS {
        let folders = folders(cases, group);
        assert_eq!(folders.len(), count, "folders in {group}");
        present.extend(folders);
    }
    let present: BTreeSet<&str> = present.iter().map(String::as_str).collect();
    let forgotten: Vec<_> = present.difference(&named).collect();
    let unknown: Vec<_> = named.difference(&present).collect();
    assert!(forgotten.is_empty(), "in no table: {forgotten:?}");
    assert!(unknown.is_empty(), "in a table, but not there: {unknown:?}");
    let titles: BTreeSet<String> = rows().map(Row::title).collect();
    assert_eq!(titles.len(), rows().count(), "a row stands twice");
    assert!(later::LATER.iter().all(|later| !later.reason.is_empty()));
}

fn folders(cases: &Path, group: &str) -> Vec<String> {
    let entries = std::fs::read_dir(cases.join(group)).unwrap().map(Result::unwrap);
    entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| format!("{group}/{}", entry.file_name().to_str().unwrap()))
        .collect()
}
