//! Judges the lists of the images of subsets that lie beside annotations.

use crate::classes::DataYaml;
use crate::error::{Place, Position};
use crate::files;
use crate::finding::Finding;
use crate::rules::Rule;
use crate::survey::roster::Roster;
use crate::survey::sets::Set;
use crate::tree::{is_same_subset, subset_of_name, yaml_paths};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// A list of images.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct List {
    /// What it belongs to: the lists of one folder, or of one `data.yaml`, are of one dataset.
    owner: PathBuf,
    file: PathBuf,
    /// The subset that it is; `None` for lists of another kind.
    subset: Option<String>,
    /// Whether it names images without their extensions.
    has_stems: bool,
}

/// Findings about images that are in the lists of two subsets, or in a list and in the folder of
/// another subset.
pub fn judge(sets: &[Set], roster: &Roster) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: HashMap<(PathBuf, String), (String, String)> = HashMap::new();
    let lists = lists(sets);
    findings.extend(judge_names(&lists, sets, roster));
    for list in lists {
        let Some(subset) = &list.subset else { continue };
        for (line, name) in rows(&list) {
            let mut add = |rule, message| {
                let place = Place::at(&list.file, Position::line(line));
                findings.push(Finding::new(rule, message, place).of_image(&name));
            };
            let own = (subset.clone(), format!("{}:{line}", files::shown(&list.file)));
            let key = (list.owner.clone(), name.clone());
            let (first, place) = seen.entry(key).or_insert(own);
            let id = roster.find(&name, list.has_stems);
            let folder = id.and_then(|id| roster.subset_of_file(id));
            if !is_same_subset(first, subset) {
                let message = format!("{name:?} is in {first} ({place}), and in {subset}");
                add(Rule::SubsetOverlap, message);
            } else if let Some(folder) = folder.filter(|it| !is_same_subset(it, subset)) {
                add(Rule::SplitFolder, format!("{name:?} lies in a folder of {folder}"));
            }
        }
    }
    findings
}

/// Findings about names that no image has, or that are twice in their list, and about annotated images
/// that no list has.
fn judge_names(lists: &BTreeSet<List>, sets: &[Set], roster: &Roster) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut named, mut unknown) = (HashSet::new(), Vec::new());
    let of_subsets: Vec<&List> = lists.iter().filter(|list| list.subset.is_some()).collect();
    for list in &of_subsets {
        let mut lines: HashMap<String, usize> = HashMap::new();
        for (line, name) in rows(list) {
            let at = || Place::at(&list.file, Position::line(line));
            if let Some(first) = lines.insert(name.clone(), line) {
                let message = format!("{name:?} is also in line {first}");
                findings.push(Finding::new(Rule::SplitRepeated, message, at()).of_image(&name));
            }
            match roster.find(&name, list.has_stems) {
                Some(id) => drop(named.insert(id)),
                None => {
                    let message = format!("no image {name:?}");
                    unknown.push(Finding::new(Rule::SplitUnknown, message, at()).of_image(&name));
                }
            }
        }
    }
    // Of a dataset of which only a part is at hand, the lists say more.
    if unknown.len() * 4 <= named.len() {
        findings.extend(unknown);
    }
    let annotated: BTreeSet<usize> =
        sets.iter().flat_map(|set| set.places.keys()).copied().collect();
    let absent: Vec<usize> = annotated.iter().copied().filter(|id| !named.contains(id)).collect();
    // Lists of a part of the images are meant as such.
    if let Some(first) = of_subsets.first().filter(|_| absent.len() * 4 < annotated.len()) {
        let finding = |id: usize| {
            let name = roster.name(id);
            let message = format!("{name:?} is in none of the lists of subsets");
            let place = Place::of_file(&first.owner);
            Finding::new(Rule::SplitIncomplete, message, place).of_image(name)
        };
        findings.extend(absent.into_iter().map(finding));
    }
    findings
}

/// The images that lists beside the annotations name, whether they have annotations or not.
pub fn listed(sets: &[Set], roster: &Roster) -> HashSet<usize> {
    let rows = |list: List| {
        let has_stems = list.has_stems;
        rows(&list).into_iter().map(move |(_, name)| (name, has_stems))
    };
    let names = lists(sets).into_iter().flat_map(rows);
    names.filter_map(|(name, is_stem)| roster.find(&name, is_stem)).collect()
}

/// The subsets of images that lists beside the annotations state.
pub fn subsets(sets: &[Set], roster: &Roster) -> HashMap<usize, String> {
    let mut subsets = HashMap::new();
    for list in lists(sets) {
        let Some(subset) = &list.subset else { continue };
        let found = rows(&list).into_iter().filter_map(|row| roster.find(&row.1, list.has_stems));
        for id in found {
            subsets.entry(id).or_insert_with(|| subset.clone());
        }
    }
    subsets
}

/// The lists beside annotations: `ImageSets/Main/train.txt`, and those that a `data.yaml` names.
fn lists(sets: &[Set]) -> BTreeSet<List> {
    let parts = sets.iter().flat_map(|set| &set.parts);
    let beside: BTreeSet<&PathBuf> = parts.flat_map(|part| &part.files.lists).collect();
    beside
        .into_iter()
        .flat_map(|file| of_devkit(file).map_or_else(|| of_yaml(file), |it| vec![it]))
        .collect()
}

fn of_devkit(file: &Path) -> Option<List> {
    let owner = file.parent().filter(|_| file.iter().any(|part| part == "ImageSets"))?;
    let stem = file.file_stem()?.to_string_lossy();
    // `car_train.txt` has all images of the subset, and marks those with cars. Other folders than
    // Main have lists for other tasks, of other images.
    let subset = subset_of_name(&stem).filter(|it| *it == stem && owner.ends_with("Main"));
    Some(List { owner: owner.to_path_buf(), file: file.to_path_buf(), subset, has_stems: true })
}

fn of_yaml(file: &Path) -> Vec<List> {
    if !files::has_extension(file, &["yaml", "yml"]) {
        return Vec::new();
    }
    let paths = DataYaml::read(file).map(|yaml| yaml_paths(&yaml, file)).unwrap_or_default();
    let list = |path: crate::tree::YamlPath| {
        let list = path.found.filter(|found| files::has_extension(found, &["txt"]))?;
        let subset = Some(path.subset);
        Some(List { owner: file.to_path_buf(), file: list, subset, has_stems: false })
    };
    paths.into_iter().filter_map(list).collect()
}

/// The lines of a list, from 1, with the name of the image in each.
fn rows(list: &List) -> Vec<(usize, String)> {
    let text = files::read(&list.file).unwrap_or_default();
    let name = |line: &str| match list.has_stems {
        true => line.split_whitespace().next().map(str::to_owned),
        false => Some(line.trim().to_owned()).filter(|name| !name.is_empty()),
    };
    let text = String::from_utf8_lossy(&text);
    text.lines().enumerate().filter_map(|(line, row)| Some((line + 1, name(row)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_a_devkit_are_of_subsets() {
        for (file, subset) in [
            ("VOC/ImageSets/Main/train.txt", Some(Some("train"))),
            ("VOC/ImageSets/Main/trainval.txt", Some(None)),
            ("VOC/ImageSets/Main/car_train.txt", Some(None)),
            ("VOC/ImageSets/Layout/val.txt", Some(None)),
            ("VOC/train.txt", None),
        ] {
            let list = of_devkit(Path::new(file));
            assert_eq!(list.as_ref().map(|it| it.subset.as_deref()), subset, "{file}");
        }
    }

    #[test]
    fn lists_of_a_yaml_file_are_those_that_it_names() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        put("train.txt", "images/a b.jpg\n\n./images/c.jpg\n");
        put("data.yaml", "train: train.txt\nval: val.txt\nnames: [a]\n");
        let lists = of_yaml(&folder.path().join("data.yaml"));
        let [list] = &lists[..] else { panic!("{lists:?}") };
        assert_eq!(list.subset.as_deref(), Some("train"));
        let expected = [(1, "images/a b.jpg".to_owned()), (3, "./images/c.jpg".to_owned())];
        assert_eq!(rows(list), expected);
    }
}
