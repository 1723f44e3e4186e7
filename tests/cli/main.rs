//! The command line as a user meets it: exit statuses, messages, and what is left on disk.

#![allow(clippy::restriction, reason = "tests panic and tell")]

mod datasets;
mod edits;
mod fix;
mod help;
mod hints;
mod inputs;
mod judged;
mod killed;
mod layouts;
mod names;
mod obstacles;
mod outputs;
mod stopped;
#[path = "../support/mod.rs"]
mod support;
mod trainers;
mod validate;

use serde_json::{Value, json};
use std::fs;
use support::{annoconv, copy, fixtures, run, words};
use tempfile::TempDir;

/// A folder with the fixture's images and annotations, named as the help's examples name them.
fn workplace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bones = fixtures().join("bones");
    copy(&bones.join("images"), &folder.path().join("images"));
    fs::copy(bones.join("coco/annotations.json"), folder.path().join("annotations.json")).unwrap();
    folder
}

fn at(folder: &TempDir, line: &str, status: i32) -> (String, String) {
    run(annoconv().current_dir(folder).args(words(line)), status)
}

fn report(folder: &TempDir, line: &str, status: i32) -> Value {
    let (out, _) = at(folder, &format!("{line} --report json"), status);
    serde_json::from_str(&out).unwrap()
}

/// A dataset of one box an image name.
fn write_coco(folder: &TempDir, names: &[&str]) {
    let images: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(id, name)| json!({"id": id, "file_name": name, "width": 10, "height": 10}))
        .collect();
    let annotations: Vec<Value> = (0..names.len())
        .map(|id| json!({"id": id, "image_id": id, "category_id": 1, "bbox": [1, 1, 4, 4]}))
        .collect();
    let coco = json!({"images": images, "annotations": annotations,
                      "categories": [{"id": 1, "name": "x"}]});
    fs::write(folder.path().join("coco.json"), coco.to_string()).unwrap();
}

/// Runs the examples of a command's help, and tells how many they are.
fn run_examples(folder: &TempDir, command: &str) -> usize {
    let (help, _) = at(folder, &format!("{command} --help"), 0);
    let examples = help.lines().filter_map(|line| line.trim().strip_prefix("annoconv "));
    let examples: Vec<&str> = examples.collect();
    for line in &examples {
        at(folder, line, 0);
    }
    examples.len()
}

#[test]
fn every_example_of_the_help_runs_as_printed() {
    let folder = workplace();
    let converting = ["coco2yolo", "yolo2voc", "coco2vgg", "convert"];
    let mut seen: usize = converting.iter().map(|command| run_examples(&folder, command)).sum();
    // What the others wrote there does not agree: one of them splits an object into its rings.
    let agreeing = workplace();
    at(&agreeing, "coco2yolo annotations.json --images images -o labels", 0);
    seen += run_examples(&agreeing, "validate");
    for command in ["explain", "formats", "completions"] {
        seen += run_examples(&agreeing, command);
    }
    // The fixture has an id of 0, which the first would change.
    fs::create_dir(agreeing.path().join("clean")).unwrap();
    at(&agreeing, "fix annotations.json -o clean/annotations.json", 0);
    fs::rename(
        agreeing.path().join("clean/annotations.json"),
        agreeing.path().join("annotations.json"),
    )
    .unwrap();
    seen += run_examples(&agreeing, "fix");
    assert_eq!(seen, 31);
}

#[test]
fn formats_are_listed() {
    let (out, _) = at(&workplace(), "formats", 0);
    let names: Vec<&str> =
        out.lines().step_by(2).filter_map(|line| line.split(' ').next()).collect();
    let registered: Vec<&str> =
        annoconv::formats::FORMATS.iter().map(|format| format.name()).collect();
    assert_eq!(names, registered);
}
