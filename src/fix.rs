//! Mends what needs no person's judgement: `validate` says what is wrong, and single values of the
//! files are replaced. All other bytes stay.

mod breaches;
mod names;
mod objects;
mod output;
mod parts;
#[cfg(test)]
mod tests;

pub use output::Output;

use crate::error::Result;
use crate::files;
use crate::files::diff::unified;
use crate::files::patch::Patch;
use crate::format::Patches;
use crate::rules::Rule;
use crate::validate;
use breaches::Breaches;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A dataset to be mended.
#[derive(Debug, Clone)]
pub struct Request {
    /// The dataset, as `validate` judges it.
    pub dataset: validate::Request,
    /// The rules whose breaches are mended, and counted.
    pub rules: Vec<Rule>,
}

/// What can be mended, and what cannot.
#[derive(Debug, Default)]
pub struct Fix {
    /// The rules whose breaches are mended, with the number of places.
    pub mended: Vec<(Rule, usize)>,
    /// What is left, with the number of places.
    pub left: Vec<(Rule, usize)>,
    /// The files that lists and annotations were read from.
    pub files: Vec<PathBuf>,
    patches: Patches,
}

/// A file that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its path.
    pub path: PathBuf,
    /// Its path afterwards.
    pub to: PathBuf,
    patch: Patch,
}

/// Judges a dataset, and finds out how to mend it. Nothing is written.
///
/// ```
/// use annoconv::{fix, rules::Rule, validate};
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("a.json");
/// std::fs::write(&path, r#"{
///     "images": [{"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}],
///     "categories": [{"id": 7, "name": "fracture"}],
///     "annotations": [{"id": 0, "image_id": 1, "category_id": 7, "bbox": [10, 20, 40, 10],
///                      "area": 400, "iscrowd": 0}]
/// }"#)?;
/// let dataset = validate::Request { paths: vec![path.clone()], ..Default::default() };
/// let fix = fix::run(&fix::Request { dataset, rules: Rule::ALL.to_vec() })?;
/// assert_eq!(fix.mended, [(Rule::ZeroId, 1)]);
/// assert!(fix.diff(folder.path())?.contains("+    \"annotations\": [{\"id\": 1, "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Where the dataset cannot be judged.
pub fn run(request: &Request) -> Result<Fix> {
    let mut findings = validate::run(&request.dataset)?.findings;
    findings.retain(|finding| request.rules.contains(&finding.rule));
    let mut breaches = Breaches::of(findings);
    let (patches, files) = parts::mend(&request.dataset, &mut breaches)?;
    let count = |is_mended: bool| -> Vec<(Rule, usize)> {
        let mut counts: BTreeMap<Rule, usize> = BTreeMap::new();
        for breach in breaches.all.iter().filter(|it| it.is_mended == is_mended) {
            *counts.entry(breach.rule).or_default() += 1;
        }
        counts.into_iter().collect()
    };
    Ok(Fix { mended: count(true), left: count(false), files, patches })
}

impl Fix {
    /// The files that change, in the order of their paths.
    pub fn changed(&self) -> Vec<Changed> {
        let Patches { texts, renamed } = &self.patches;
        let patched = texts.iter().filter(|(_, patch)| !patch.is_empty()).map(|(path, _)| path);
        let mut paths: Vec<&PathBuf> = patched.chain(renamed.keys()).collect();
        paths.sort();
        paths.dedup();
        let changed = |path: &PathBuf| Changed {
            path: path.clone(),
            to: renamed.get(path).unwrap_or(path).clone(),
            patch: texts.get(path).cloned().unwrap_or_default(),
        };
        paths.into_iter().map(changed).collect()
    }

    /// All changes as a unified diff, with paths relative to a folder.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub fn diff(&self, folder: &Path) -> Result<String> {
        let mut out = String::new();
        for changed in self.changed() {
            let name = |path: &Path| files::shown(path.strip_prefix(folder).unwrap_or(path));
            let (from, to) = (name(&changed.path), name(&changed.to));
            if from != to {
                let head = format!("diff --git a/{from} b/{to}\n");
                out.push_str(&format!("{head}rename from {from}\nrename to {to}\n"));
            }
            out.push_str(&unified(&from, &to, &files::read(&changed.path)?, &changed.patch));
        }
        Ok(out)
    }
}

impl Changed {
    /// The bytes of the mended file.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        Ok(self.patch.apply(&files::read(&self.path)?))
    }
}
