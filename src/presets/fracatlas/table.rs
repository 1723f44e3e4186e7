//! What the FracAtlas dataset has beside its annotations: a table, two image folders, splits.
//!
//! Source: the data descriptor (Scientific Data 10, doi 10.1038/s41597-023-02432-4), and the
//! files themselves, as docs/fracatlas.md tells.

use crate::error::Place;
use crate::finding::Finding;
use crate::rules::Rule;
use crate::validate::{Known, Request, Row, Table};
use std::path::{Path, PathBuf};

const FRACTURED: &str = "Fractured";
const NOT_FRACTURED: &str = "Non_fractured";

/// The parts of the body that an image can show.
const BODY: [&str; 4] = ["hand", "leg", "hip", "shoulder"];
const VIEWS: [&str; 3] = ["frontal", "lateral", "oblique"];

/// Names the parts of the dataset that are where it is published, and not named otherwise.
pub fn add_parts(request: &mut Request) {
    let Some(root) = request.paths.first().cloned() else { return };
    let add = |list: &mut Vec<PathBuf>, path: PathBuf| {
        if list.is_empty() && path.exists() {
            list.push(path);
        }
    };
    add(&mut request.tables, root.join("dataset.csv"));
    add(&mut request.splits, root.join("Utilities").join("Fracture Split"));
}

/// Judges the table's columns against the annotations and folders, and against each other.
pub fn judge(table: &Table, known: &Known) -> Vec<Finding> {
    let mut findings = Vec::new();
    let needed = ["fractured", "fracture_count", "mixed", "multiscan"];
    let all = needed.iter().chain(&BODY).chain(&VIEWS);
    let missing: Vec<&str> =
        all.copied().filter(|name| !table.columns.iter().any(|column| column == name)).collect();
    if !missing.is_empty() {
        let message = format!("no column {}", missing.join(", "));
        let place = Place::at(&table.path, crate::error::Position::line(1));
        findings.push(Finding::new(Rule::TableColumn, message, place));
    }
    for row in &table.rows {
        findings.extend(judge_values(table, row, known));
        let breaches = broken_logic(row).into_iter();
        findings.extend(breaches.map(|what| table.finding(Rule::TableLogic, row, what)));
        findings.extend(judge_folder(table, row, known));
    }
    findings
}

/// A count, perhaps as a float, as tables of floats write it.
fn number(row: &Row, column: &str) -> Option<usize> {
    let number: f64 = row.get(column)?.trim().parse().ok()?;
    let is_count = number.fract() == 0.0 && (0.0..1e9).contains(&number);
    is_count.then_some(number as usize)
}

/// `fractured` and `fracture_count` are what the annotations say. An image that nothing lists
/// has no objects.
fn judge_values(table: &Table, row: &Row, known: &Known) -> Vec<Finding> {
    let Some(count) = known.objects(row) else { return Vec::new() };
    let expected = [("fractured", usize::from(count > 0)), ("fracture_count", count)];
    let differs = |&(column, expected): &(&str, usize)| {
        row.get(column).is_some() && number(row, column) != Some(expected)
    };
    let breach = |(column, expected): (&str, usize)| {
        let found = row.get(column).unwrap_or_default();
        let message = format!("{column} is {found}, the annotations say {expected}");
        table.finding(Rule::TableValue, row, message)
    };
    expected.into_iter().filter(differs).map(breach).collect()
}

/// What the columns of a row say against each other.
fn broken_logic(row: &Row) -> Vec<String> {
    let flag = |column: &str| number(row, column).unwrap_or_default();
    let sum = |columns: &[&str]| columns.iter().map(|column| flag(column)).sum::<usize>();
    let (parts, views) = (sum(&BODY), sum(&VIEWS));
    let rules = [
        (
            (flag("fractured") > 0) != (flag("fracture_count") > 0),
            format!(
                "fractured is {}, fracture_count is {}",
                flag("fractured"),
                flag("fracture_count")
            ),
        ),
        (parts == 0, format!("none of {}", BODY.join(", "))),
        (
            (flag("mixed") > 0) != (parts > 1),
            format!("mixed is {}, with {parts} of {}", flag("mixed"), BODY.join(", ")),
        ),
        (views == 0, format!("none of {}", VIEWS.join(", "))),
        (
            flag("mixed") == 0 && flag("multiscan") == 0 && views > 1,
            format!("{views} of {}, but neither multiscan nor mixed", VIEWS.join(", ")),
        ),
    ];
    rules.into_iter().filter(|(is_broken, _)| *is_broken).map(|(_, message)| message).collect()
}

/// The folder of an image tells whether it is fractured.
fn judge_folder(table: &Table, row: &Row, known: &Known) -> Option<Finding> {
    let file = known.file(row)?;
    let folder = file.parent().and_then(Path::file_name)?.to_str()?;
    let expected = if number(row, "fractured")? > 0 { FRACTURED } else { NOT_FRACTURED };
    if folder == expected || ![FRACTURED, NOT_FRACTURED].contains(&folder) {
        return None;
    }
    let message = format!(
        "in {folder}, {}:{} says fractured is {}",
        crate::files::shown(&table.path),
        row.line,
        row.get("fractured").unwrap_or_default()
    );
    Some(Finding::new(Rule::ImageFolder, message, Place::of_file(file)).of_image(&row.image))
}
