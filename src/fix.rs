//! Mends what needs no person's judgement: `validate` says what is wrong, and single values of the
//! files are replaced. All other bytes stay.

mod breaches;
pub mod call;
mod names;
mod objects;
mod output;
mod parts;
#[cfg(test)]
mod tests;

pub use output::Output;

use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files;
use crate::files::diff::unified;
use crate::files::patch::Patch;
use crate::files::staging::{self, Staging};
use crate::files::target::{Target, is_staging};
use crate::format::Patches;
use crate::json::patch::operations;
use crate::progress::Progress;
use crate::rules::{Rule, Severity};
use crate::validate;
use breaches::Breaches;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

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
    /// The state of each file that changes, when it was judged.
    stamps: BTreeMap<PathBuf, Stamp>,
    /// Stops the writing, too.
    progress: Progress,
}

/// The length of a file, and when it was written last.
type Stamp = Option<(u64, Option<SystemTime>)>;

fn stamp(path: &Path) -> Stamp {
    let about = path.metadata().ok()?;
    Some((about.len(), about.modified().ok()))
}

/// How long lines may be, in bytes, so that a diff of them can be read.
const LONGEST_LINE: usize = 2000;

/// A file that changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// Its path.
    pub path: PathBuf,
    /// Its path afterwards.
    pub to: PathBuf,
    patch: Patch,
}

/// Puts back what a run left half done that was to change the files of a folder, and was stopped; and
/// clears what it had prepared.
///
/// # Errors
/// Where a file cannot be put back.
pub fn recover(folder: &Path) -> Result<()> {
    let mut entries = folder.read_dir().into_iter().flatten().flatten();
    match entries.any(|entry| is_staging(&entry.file_name())) {
        true => Staging::open(folder, Target::Folder, true).map(drop),
        false => Ok(()),
    }
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
/// Where the dataset cannot be judged, or a stopped run left it half done ([`recover`]).
pub fn run(request: &Request) -> Result<Fix> {
    let folders = request.dataset.paths.iter().filter(|path| path.is_dir());
    folders.into_iter().try_for_each(|folder| staging::refuse_unfinished(folder, None))?;
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
    let changed = patches.texts.keys().chain(patches.renamed.keys());
    let stamps = changed.map(|path| (path.clone(), stamp(path))).collect();
    let progress = request.dataset.run.progress.clone();
    Ok(Fix { mended: count(true), left: count(false), files, patches, stamps, progress })
}

impl Fix {
    /// Whether errors are left.
    pub fn leaves_errors(&self) -> bool {
        self.left.iter().any(|(rule, _)| rule.severity() == Severity::Error)
    }

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

    /// Refuses to go on where a file is not as it was when it was judged: somebody wrote it, or what a
    /// stopped run had left half done was undone.
    fn refuse_changed(&self) -> Result<()> {
        match self.stamps.iter().find(|(path, known)| stamp(path) != **known) {
            None => Ok(()),
            Some((path, _)) => {
                let found = "another one: run it again";
                let mismatch = Mismatch::new("the file that was judged", found);
                Err(Error::new(ErrorKind::Refused, "input", mismatch).in_file(path))
            }
        }
    }

    /// All changes as a unified diff, with paths relative to a folder. A JSON file with long lines has
    /// its changes as JSON Patch instead.
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
            out.push_str(&changed.diff(&from, &to)?);
        }
        Ok(out)
    }
}

impl Changed {
    /// A file that stays as it is.
    fn nothing(path: &Path) -> Self {
        Self { path: path.to_path_buf(), to: path.to_path_buf(), patch: Patch::default() }
    }

    /// The changes for people: a unified diff, or JSON Patch where a line is too long to be read.
    fn diff(&self, from: &str, to: &str) -> Result<String> {
        let text = files::read(&self.path)?;
        let longest = text.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap_or_default();
        Ok(match longest > LONGEST_LINE && !self.patch.changes().is_empty() {
            true => format!("# JSON Patch (RFC 6902) of {from}\n{}", operations(&self.patch)),
            false => unified(from, to, &text, &self.patch),
        })
    }

    /// The bytes of the mended file.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        Ok(self.patch.apply(&files::read(&self.path)?))
    }
}
