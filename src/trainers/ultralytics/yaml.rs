//! The `data.yaml` of a dataset, as Ultralytics takes it.
//!
//! Source: Ultralytics 8.4.190, `ultralytics/data/utils.py` (`find_dataset_yaml`,
//! `check_det_dataset`).

use super::label::Wanted;
use crate::classes::DataYaml;
use crate::error::{Error, Place};
use crate::files;
use crate::finding::Finding;
use crate::rules::Rule;
use crate::trainers::sight::Told;
use std::path::{Path, PathBuf};

/// What a `data.yaml` says.
pub struct Plan {
    pub wanted: Wanted,
    pub subsets: Vec<Subset>,
    pub told: Vec<Told>,
}

/// A subset: folders and lists of images, by their full paths.
pub struct Subset {
    /// `train`, `val` or `test`.
    pub name: &'static str,
    pub place: Place,
    pub paths: Vec<PathBuf>,
}

/// The file that Ultralytics takes for a path: itself, or the only one with the extension `.yaml`
/// in the folder, else below it, else with `.yml`. Where there are several, `data.yaml` is what
/// people name.
pub fn find(path: &Path) -> Option<PathBuf> {
    let is_yaml = |file: &&PathBuf| files::has_extension(file, &["yaml", "yml"]);
    if path.is_file() {
        return Some(path.to_path_buf()).filter(|file| is_yaml(&file));
    }
    let usual = path.join("data.yaml");
    if usual.is_file() {
        return Some(usual);
    }
    let all: Vec<PathBuf> = files::walk(path).ok()?.into_iter().filter(|it| is_yaml(&it)).collect();
    let of = |extension: &'static str| {
        all.iter().filter(move |file| file.extension().is_some_and(|it| it == extension))
    };
    let in_folder = |file: &&PathBuf| file.parent() == Some(path);
    let found = ["yaml", "yml"].into_iter().find_map(|extension| {
        let own: Vec<&PathBuf> = of(extension).filter(in_folder).collect();
        let found = if own.is_empty() { of(extension).collect() } else { own };
        Some(found).filter(|found| !found.is_empty())
    })?;
    match found.as_slice() {
        [only] => Some((*only).clone()),
        several => {
            several.iter().find(|it| it.file_stem() == path.file_stem()).map(|it| (*it).clone())
        }
    }
}

/// Reads the file.
///
/// # Errors
/// Where it cannot be read.
pub fn read(file: &Path) -> Result<Plan, Error> {
    let yaml = DataYaml::read(file)?;
    let mut reading = Reading { yaml: &yaml, file, told: Vec::new() };
    let wanted = Wanted { classes: reading.classes(), keypoints: yaml.kpt_shape };
    let subsets = SUBSETS.into_iter().filter_map(|(name, members)| reading.subset(name, members));
    let subsets = subsets.collect();
    reading.judge_path();
    Ok(Plan { wanted, subsets, told: reading.told })
}

/// A file that is being read, and what is told of it.
struct Reading<'a> {
    yaml: &'a DataYaml,
    file: &'a Path,
    told: Vec<Told>,
}

impl Reading<'_> {
    fn at(&self, member: &str) -> Place {
        let place = self.yaml.place(member);
        place.map_or_else(|| Place::of_file(self.file), |it| Place::at(self.file, it))
    }

    fn refuse(&mut self, place: Place, why: &str, by: &'static [Rule]) {
        let message = format!("Ultralytics stops: {why}");
        self.told.push(Told::new(Rule::TrainerRefuses, message, place, by));
    }

    /// The number of classes.
    fn classes(&mut self) -> usize {
        let whole = Place::of_file(self.file);
        match (&self.yaml.names, self.yaml.nc) {
            (None, None) => {
                self.refuse(whole, "neither names nor nc is stated", &[]);
                0
            }
            (Some(names), Some(count)) if names.len() != count => {
                let why = format!("nc is {count}, and names has {}", names.len());
                self.refuse(self.at("nc"), &why, &[Rule::ClassCount]);
                names.len()
            }
            (Some(names), _) if names.is_empty() => {
                self.refuse(whole, "names is empty", &[]);
                0
            }
            (Some(names), _) => names.len(),
            (None, Some(count)) => count,
        }
    }

    /// A subset that one of the members states.
    fn subset(&mut self, name: &'static str, members: &[&str]) -> Option<Subset> {
        let stated = self.yaml.subsets();
        let found = stated.iter().find(|(member, _)| members.contains(&member.as_str()));
        let Some((member, paths)) = found else {
            if name != "test" {
                let why = format!("the member {name} is missing");
                self.refuse(Place::of_file(self.file), &why, &[]);
            }
            return None;
        };
        let mut there = Vec::new();
        for stated in paths {
            let path = place_of(self.yaml, self.file, stated, self.yaml.is_list(member));
            if path.exists() {
                there.push(path);
            } else if name != "test" {
                let why = format!("{name} {stated:?} is not there: {}", path.display());
                self.refuse(self.at(member), &why, &[Rule::PathMissing]);
            }
        }
        Some(Subset { name, place: self.at(member), paths: there })
    }

    /// A relative `path` is one of the folder of the run.
    fn judge_path(&mut self) {
        let path = self.yaml.path.as_deref().filter(|path| !path.is_empty());
        let Some(path) = path.filter(|path| Path::new(path).is_relative()) else { return };
        let message = format!(
            "path {path:?}: Ultralytics looks for it from the folder in which it is started, then in \
             its own folder of datasets, never from this file; state it in full, or leave it out"
        );
        self.told.push(Told::new(Rule::TrainerNotes, message, self.at("path"), &[]));
    }
}

/// The subsets of training, and the members that may state them: `valid` is none.
const SUBSETS: [(&str, &[&str]); 3] =
    [("train", &["train"]), ("val", &["val", "validation"]), ("test", &["test"])];

/// The full path of a stated one. A single `../` at the start is left out where there is nothing
/// else, as in the exports of Roboflow; in a list of paths it is not.
fn place_of(yaml: &DataYaml, file: &Path, stated: &str, is_list: bool) -> PathBuf {
    let own = file.parent().unwrap_or(Path::new(""));
    let base = match yaml.path.as_deref().filter(|path| !path.is_empty()) {
        Some(path) => own.join(path),
        None => own.to_path_buf(),
    };
    let place = full(&base.join(stated));
    match stated.strip_prefix("../") {
        Some(nearer) if !place.exists() && !is_list => full(&base.join(nearer)),
        _ => place,
    }
}

/// The full path, though a folder of it that is left again by `..` may be missing.
fn full(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in files::full(Path::new(".")).join(path).components() {
        match part {
            std::path::Component::ParentDir => drop(plain.pop()),
            std::path::Component::CurDir => {}
            part => plain.push(part),
        }
    }
    files::full(&plain)
}

/// The finding of a `data.yaml` that cannot be read.
pub fn unreadable(error: &Error) -> Told {
    let found = Finding::of_error(error);
    let message = format!("Ultralytics stops: {}", found.message);
    Told::new(
        Rule::TrainerRefuses,
        message,
        found.place,
        &[Rule::Malformed, Rule::Unreadable, Rule::EmptyClass],
    )
}
