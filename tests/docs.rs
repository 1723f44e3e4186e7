//! What docs/formats.md says of each format is what the format declares.

#![allow(clippy::restriction, reason = "a failed test panics")]

use annoconv::format::{Setting, Values};
use annoconv::formats::FORMATS;
use std::fs;
use std::path::Path;

fn formats_page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md")).unwrap()
}

/// The section of a format: from its heading to the next one of the same level.
fn section<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("\n## {name}\n")).unwrap();
    rest.split("\n## ").next().unwrap()
}

/// The values of a setting as the page writes them. A bar would end the cell of a table.
fn values(setting: &Setting) -> String {
    match &setting.values {
        Values::Choice(words) => {
            words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        }
        Values::Whole(range) => format!("{} to {}", range.start(), range.end()),
        Values::Text(word) => (*word).to_owned(),
    }
}

/// The beginning of a setting's row; what it does is told in the page's own words.
fn row(setting: &Setting) -> String {
    let Setting { name, side, default, .. } = setting;
    format!("| `--{name}` | {} | {} | {default} | ", values(setting), side.name())
}

#[test]
fn every_setting_is_in_the_section_of_its_format() {
    let page = formats_page();
    let mut seen = 0;
    for format in FORMATS {
        let section = section(&page, format.name());
        for setting in format.settings() {
            let row = row(setting);
            let is_there = section.lines().any(|line| line.starts_with(&row));
            assert!(is_there, "docs/formats.md, {}: {row}", format.name());
            seen += 1;
        }
        let rows = section.lines().filter(|line| line.starts_with("| `--")).count();
        assert_eq!(rows, format.settings().len(), "docs/formats.md, {}: rows", format.name());
    }
    assert!(seen > 10, "the registry has settings");
}

#[test]
fn every_alias_is_in_the_section_of_its_format() {
    let page = formats_page();
    for format in FORMATS {
        let aliases = format.profile().aliases.iter().map(|alias| format!("`{alias}`"));
        let line = format!("Also called {}.", aliases.collect::<Vec<_>>().join(", "));
        assert!(section(&page, format.name()).contains(&line), "{}: {line}", format.name());
    }
}

#[test]
fn the_table_of_reasons_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.md");
    let page = fs::read_to_string(path).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.contains("](losses.md#")).collect();
    let expected = annoconv::losses::Reason::ALL.iter().map(|reason| {
        let (code, kind, words) = (reason.code(), reason.kind(), reason.explanation());
        format!("| [`{code}`](losses.md#{code}) | {kind} | {words} |")
    });
    assert_eq!(rows, expected.collect::<Vec<_>>(), "docs/report.md");
}
