//! Trainers, and what each would drop, refuse or change of a dataset, by its own rules.
//!
//! A trainer is judged after a dataset was surveyed. It gives what it will see of each subset
//! ([`Seen`]), and a finding for each place at which it does something else than what the files say.
//! The rules are those of its source: each module names the version, file and function.

mod coco;
mod detectron2;
mod hf;
mod mmdetection;
mod rfdetr;
mod sight;
mod torchvision;
mod ultralytics;
mod voc;

pub(crate) use sight::count;
pub use sight::{Lost, Seen, Sight};

use crate::error::Place;
use crate::finding::Finding;
use crate::rules::Rule;
use crate::survey::roster::Roster;
use crate::survey::sets::Set;
use sight::{Told, Verdict};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// A program that trains on datasets.
#[derive(Clone, Copy)]
pub struct Trainer {
    /// Its name on the command line.
    pub name: &'static str,
    /// Other names of it.
    pub aliases: &'static [&'static str],
    /// What it is called by people.
    pub about: &'static str,
    /// What it loads, in one line.
    pub loads: &'static str,
    judge: fn(&Dataset) -> Verdict,
}

impl std::fmt::Debug for Trainer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// All trainers, in the order of lists.
pub static TRAINERS: [&Trainer; 6] = [
    &ultralytics::TRAINER,
    &rfdetr::TRAINER,
    &detectron2::TRAINER,
    &mmdetection::TRAINER,
    &torchvision::TRAINER,
    &hf::TRAINER,
];

/// The trainer of a name or alias, whatever its case; `-` and `_` are one.
///
/// ```
/// use annoconv::trainers::by_name;
/// assert_eq!(by_name("Roboflow").map(|trainer| trainer.name), Some("rfdetr"));
/// assert!(by_name("darknet").is_none());
/// ```
pub fn by_name(name: &str) -> Option<&'static Trainer> {
    let name = name.to_lowercase().replace('_', "-");
    TRAINERS.into_iter().find(|it| it.name == name || it.aliases.contains(&name.as_str()))
}

/// A dataset that was surveyed.
pub(crate) struct Dataset<'a> {
    /// What the caller named: files and folders.
    pub paths: &'a [PathBuf],
    /// What was found in them.
    pub sets: &'a [Set],
    /// All images.
    pub roster: &'a Roster,
}

impl Dataset<'_> {
    /// The first path that the caller named; the current folder where there is none.
    fn path(&self) -> &Path {
        self.paths.first().map_or(Path::new("."), PathBuf::as_path)
    }
}

/// What a trainer will see of a dataset, and its findings, without those that tell what one of
/// `findings` tells already.
pub(crate) fn judge(
    trainer: &'static Trainer,
    dataset: &Dataset,
    findings: &[Finding],
) -> (Sight, Vec<Finding>) {
    let Verdict { subsets, told } = (trainer.judge)(dataset);
    let is_refused = told.iter().any(|it| it.finding.rule == Rule::TrainerRefuses);
    let sight = Sight { trainer: trainer.name, loads: trainer.loads, is_refused, subsets };
    (sight, untold(told, findings))
}

/// A fact: a rule, the file, the line, and the image.
type Fact<'a> = (Rule, &'a Path, Option<usize>, Option<&'a str>);

/// The findings of a trainer that say more than those of the general rules. One is left out where a
/// general rule about the same fact, that is as severe or more, is broken in the same line of the
/// same file, and by the same image where both name one.
fn untold(told: Vec<Told>, findings: &[Finding]) -> Vec<Finding> {
    let known: HashSet<Fact> = findings.iter().flat_map(facts).collect();
    let is_known = |it: &Told| {
        let severity = it.finding.rule.severity();
        let line = it.finding.place.position.map(|at| at.line);
        let file = it.finding.place.file.as_path();
        let image = it.finding.image.as_deref();
        it.by.iter().filter(|rule| rule.severity() >= severity).any(|&rule| {
            known.contains(&(rule, file, line, image)) || known.contains(&(rule, file, line, None))
        })
    };
    let left = told.into_iter().filter(|it| !is_known(it));
    left.map(|it| it.finding).collect()
}

/// What a finding tells, at each of its places.
fn facts(finding: &Finding) -> Vec<Fact<'_>> {
    let line = |place: &Place| place.position.map(|at| at.line);
    let places = finding
        .places
        .iter()
        .map(|it| (finding.rule, it.place.file.as_path(), line(&it.place), it.image.as_deref()));
    let own = &finding.place;
    let first = (finding.rule, own.file.as_path(), line(own), finding.image.as_deref());
    places.chain(std::iter::once(first)).collect()
}
