//! Judges what a `data.yaml` states of its dataset.

use crate::classes::DataYaml;
use crate::error::Place;
use crate::files;
use crate::finding::Finding;
use crate::rules::Rule;
use crate::tree::{YamlPath, is_same_subset, yaml_base, yaml_paths};
use std::path::Path;

/// Judges a file. One that cannot be read is judged as a class list.
pub fn judge(file: &Path) -> Vec<Finding> {
    let Ok(yaml) = DataYaml::read(file) else { return Vec::new() };
    let at = |member: &str| match yaml.place(member) {
        Some(position) => Place::at(file, position),
        None => Place::of_file(file),
    };
    let mut findings = Vec::new();
    if let (Some(count), Some(names)) = (yaml.nc, &yaml.names)
        && count != names.len()
    {
        let message = format!("nc is {count}, and {} names are listed", names.len());
        findings.push(Finding::new(Rule::ClassCount, message, at("nc")));
    }
    let paths = yaml_paths(&yaml, file);
    match yaml.path.as_deref().filter(|_| yaml_base(&yaml, file).is_none()) {
        // Where the root is not there, nothing below it can be.
        Some(base) => {
            let message = format!("path {base:?} is not there");
            findings.push(Finding::new(Rule::PathMissing, message, at("path")));
        }
        None => {
            for path in paths.iter().filter(|path| path.found.is_none()) {
                let message = format!("{} {:?} is not there", path.subset, path.stated);
                findings.push(Finding::new(Rule::PathMissing, message, at(&path.subset)));
            }
        }
    }
    for (one, other) in same(&paths) {
        let message = format!("{} and {} are both {:?}", one.subset, other.subset, other.stated);
        findings.push(Finding::new(Rule::PathTwice, message, at(&other.subset)));
    }
    findings
}

/// The pairs of subsets that are one folder or list.
fn same(paths: &[YamlPath]) -> Vec<(&YamlPath, &YamlPath)> {
    let place = |path: &YamlPath| path.found.as_deref().map(files::full);
    let mut same = Vec::new();
    for (number, other) in paths.iter().enumerate() {
        let is_it = |one: &&YamlPath| {
            !is_same_subset(&one.subset, &other.subset)
                && place(other).is_some_and(|own| place(one) == Some(own))
        };
        same.extend(paths.iter().take(number).find(is_it).map(|one| (one, other)));
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_paths_are_compared_with_what_is_there() {
        for (text, expected) in [
            ("names: [a, b]\nnc: 2\ntrain: train/images\nval: ../val/images\n", &[][..]),
            ("names: [a, b]\nnc: 3\n", &["class-count 2:5 nc is 3, and 2 names are listed"]),
            ("nc: 3\ntrain: list.txt\n", &[]),
            (
                "train: train/images\nval: valid/images\n",
                &["path-missing 2:6 val \"valid/images\" is not there"],
            ),
            (
                "path: /data/none\ntrain: train/images\nval: nowhere\n",
                &["path-missing 1:7 path \"/data/none\" is not there"],
            ),
            (
                "train: train/images\nval: ./train/images/\ntest: val/images\n",
                &["path-twice 2:6 train and val are both \"./train/images/\""],
            ),
            ("train: train/images\nval: val/images\nvalid: val/images\n", &[]),
            ("names: [", &[]),
        ] {
            let folder = tempfile::tempdir().unwrap();
            for name in ["train/images", "val/images"] {
                std::fs::create_dir_all(folder.path().join(name)).unwrap();
            }
            std::fs::write(folder.path().join("list.txt"), "train/images/a.jpg\n").unwrap();
            let file = folder.path().join("data.yaml");
            std::fs::write(&file, text).unwrap();
            let line = |it: &Finding| {
                let position = it.place.position.unwrap();
                let code = it.rule.code();
                format!("{code} {}:{} {}", position.line, position.column, it.message)
            };
            let found: Vec<String> = judge(&file).iter().map(line).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
