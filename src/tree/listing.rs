//! The files below a path, listed once for all formats.

use super::heads::{self, Head};
use super::{common, subset};
use crate::classes::DataYaml;
use crate::error::{Error, Result};
use crate::files;
use crate::images::is_image;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

/// The files below a path, sorted by name; hidden ones are passed over.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    files: Vec<PathBuf>,
    is_file: bool,
    /// Folders of images with the subset that a `data.yaml` says that they are.
    subsets: Vec<(PathBuf, String)>,
    stems: OnceLock<HashSet<PathBuf>>,
    heads: OnceLock<HashMap<PathBuf, Head>>,
}

impl Tree {
    /// Lists what is below a folder, or a single file. A `data.yaml` stands for the folders that it
    /// names.
    ///
    /// # Errors
    /// Where the path cannot be read, or a `data.yaml` names folders that are not there.
    pub fn walk(path: &Path) -> Result<Self> {
        let about = std::fs::metadata(path).map_err(|error| Error::io(path, "read", error))?;
        let is_file = !about.is_dir();
        if is_file && files::has_extension(path, &["yaml", "yml"]) {
            return Self::of_yaml(path);
        }
        let (root, files) = match is_file {
            true => (path.parent().unwrap_or(Path::new("")).to_path_buf(), vec![path.into()]),
            false => (path.to_path_buf(), files::walk(path)?),
        };
        let yaml = ["data.yaml", "data.yml", "dataset.yaml"].map(|name| root.join(name));
        let yaml = yaml.iter().find(|yaml| !is_file && yaml.is_file());
        let subsets = yaml.and_then(|yaml| yaml_subsets(yaml).ok()).unwrap_or_default();
        Ok(Self::of(root, files, is_file, subsets))
    }

    fn of(
        root: PathBuf,
        files: Vec<PathBuf>,
        is_file: bool,
        subsets: Vec<(PathBuf, String)>,
    ) -> Self {
        Self { root, files, is_file, subsets, stems: OnceLock::new(), heads: OnceLock::new() }
    }

    /// The dataset of a `data.yaml`: what lies in the folders of images that it names, and in the
    /// folders of their labels.
    fn of_yaml(path: &Path) -> Result<Self> {
        let subsets = yaml_subsets(path)?;
        if subsets.is_empty() {
            let none =
                Error::malformed("data.yaml", "folders of images (train, val, test)", "none");
            return Err(none.in_file(path));
        }
        let mut own: Vec<PathBuf> = Vec::new();
        for (folder, _) in &subsets {
            own.extend(files::walk(folder)?);
            let labels = label_folder(folder).filter(|labels| labels.is_dir());
            own.extend(labels.map_or(Ok(Vec::new()), |labels| files::walk(&labels))?);
        }
        own.sort();
        own.dedup();
        let folders = subsets.iter().map(|(folder, _)| folder.as_path());
        let above = path.parent().unwrap_or(Path::new(""));
        let root = common(folders.chain([above]));
        Ok(Self::of(root, own, false, subsets))
    }

    /// The folder that was walked, or that of the single file.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether it is a single file that somebody named.
    pub fn is_file(&self) -> bool {
        self.is_file
    }

    /// All files.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The files with one of these extensions, whatever its case.
    pub fn with_extension(&self, extensions: &[&str]) -> impl Iterator<Item = &PathBuf> {
        self.files.iter().filter(move |file| files::has_extension(file, extensions))
    }

    /// The files with one of these extensions; a file that somebody named counts whatever its name,
    /// as its content says what it is.
    pub fn named_or_with(&self, extensions: &[&str]) -> impl Iterator<Item = &PathBuf> {
        self.files.iter().filter(move |file| self.is_file || files::has_extension(file, extensions))
    }

    /// The same without the JSON files that hold one image each: those are not looked at by formats
    /// that have all images in one file.
    pub fn documents(&self, extensions: &[&str]) -> impl Iterator<Item = &PathBuf> {
        self.named_or_with(extensions).filter(|file| self.head(file) != Some(Head::OfImage))
    }

    /// What a JSON file begins as; `None` where it does not hold one image. All are looked at once.
    pub fn head(&self, file: &Path) -> Option<Head> {
        let is_json = |file: &Path| self.is_file || files::has_extension(file, &["json"]);
        self.heads.get_or_init(|| heads::of_files(&self.files, is_json)).get(file).copied()
    }

    /// Why a format finds nothing: a folder without its files, or a file of another kind.
    pub fn without(&self, expected: &str) -> Error {
        match self.files.first().filter(|_| self.is_file) {
            Some(file) => {
                Error::malformed("input", expected, "a file of another kind").in_file(file)
            }
            None => Error::malformed("folder", expected, "none").in_file(&self.root),
        }
    }

    /// The files with an extension, by their folders.
    pub fn folders(&self, extension: &str) -> BTreeMap<&Path, Vec<&PathBuf>> {
        let mut folders: BTreeMap<&Path, Vec<&PathBuf>> = BTreeMap::new();
        for file in self.with_extension(&[extension]) {
            folders.entry(file.parent().unwrap_or(Path::new(""))).or_default().push(file);
        }
        folders
    }

    /// The image files.
    pub fn images(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.iter().filter(|file| is_image(file))
    }

    /// Whether an image file has the name of this file, the extensions and the folders aside.
    pub fn has_image_of(&self, file: &Path) -> bool {
        file.file_stem().is_some_and(|stem| self.stems().contains(Path::new(stem)))
    }

    /// Whether there are image files.
    pub fn has_images(&self) -> bool {
        !self.stems().is_empty()
    }

    /// The names of the image files without their extensions. They are collected once: formats ask
    /// for every file of a large folder.
    fn stems(&self) -> &HashSet<PathBuf> {
        let stem = |path: &PathBuf| path.file_stem().map(PathBuf::from);
        self.stems.get_or_init(|| self.images().filter_map(stem).collect())
    }

    /// The subset of a file or folder, by the names of the folders that it lies in; the folder
    /// that was walked counts, too.
    pub fn subset_of(&self, path: &Path) -> Option<String> {
        let is_in = |folder: &Path| {
            path.starts_with(folder)
                || label_folder(folder).is_some_and(|labels| path.starts_with(labels))
        };
        let stated = self.subsets.iter().find(|(folder, _)| is_in(folder));
        let named = subset::of_folders(path, &self.root);
        match (stated, named) {
            // `val: valid/images`: the subset is called as its folder.
            (Some((_, stated)), Some(named)) if subset::is_same(stated, &named) => Some(named),
            (Some((_, stated)), _) => Some(stated.clone()),
            (None, named) => named,
        }
    }
}

/// The folder of the labels of some images, as `img2label_paths` of Ultralytics finds it.
pub fn label_folder(images: &Path) -> Option<PathBuf> {
    let at = images.iter().enumerate().filter(|(_, part)| *part == "images").last()?.0;
    let swap = |(number, part)| if number == at { OsStr::new("labels") } else { part };
    Some(images.iter().enumerate().map(swap).collect())
}

/// The folders of images that a `data.yaml` names and that are there, with their subsets.
pub fn yaml_subsets(path: &Path) -> Result<Vec<(PathBuf, String)>> {
    let folders = yaml_paths(&DataYaml::read(path)?, path).into_iter();
    let found = |it: YamlPath| Some((it.found.filter(|found| found.is_dir())?, it.subset));
    Ok(folders.filter_map(found).collect())
}

/// A path that a `data.yaml` states for a subset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlPath {
    /// The member: `train`, `val`, …
    pub subset: String,
    /// The path as stated.
    pub stated: String,
    /// The folder or file that it means, if it is there.
    pub found: Option<PathBuf>,
}

/// The folder that a `data.yaml` states as the root of the others, if that is there.
pub fn yaml_base(yaml: &DataYaml, file: &Path) -> Option<PathBuf> {
    let own = file.parent().unwrap_or(Path::new(""));
    yaml.path.as_deref().map(|base| own.join(base)).filter(|base| base.is_dir())
}

/// The paths that a `data.yaml` states.
///
/// A path is relative to `path`, and that to the file; `../train` of Roboflow's exports means
/// `train` where the other is not there (`check_det_dataset` in `ultralytics/data/utils.py`).
pub fn yaml_paths(yaml: &DataYaml, file: &Path) -> Vec<YamlPath> {
    let own = file.parent().unwrap_or(Path::new(""));
    let base = yaml_base(yaml, file).unwrap_or_else(|| own.to_path_buf());
    let mut paths = Vec::new();
    for (subset, all) in yaml.subsets() {
        for stated in all {
            let nearer = stated.trim_start_matches("../");
            let places = [base.join(&stated), base.join(nearer), own.join(nearer)];
            let found = places.into_iter().find(|place| place.exists()).map(|it| plain(&it));
            paths.push(YamlPath { subset: subset.clone(), stated, found });
        }
    }
    paths
}

/// A path without parts that lead nowhere, or up again.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}
