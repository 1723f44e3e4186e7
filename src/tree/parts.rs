//! The parts of a dataset, as discovery hands them to readers.

use super::{Tree, homes, subset_of_name};
use crate::error::Error;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The files of one part of a dataset, as discovery hands them to a reader.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// What stands for the part in messages and reports: its file, or its folder.
    pub shown: PathBuf,
    /// The folder that the part's own names are relative to.
    pub root: PathBuf,
    /// Its files: one, or all label files.
    pub files: Vec<PathBuf>,
    /// The folders where its images may lie, best first.
    pub homes: Vec<PathBuf>,
    /// The subset that it is: train, val, test.
    pub subset: Option<String>,
    /// The lists beside it: of class names, the nearest first, or of the images of a subset.
    pub lists: Vec<PathBuf>,
}

impl Files {
    /// A file that holds all images, found in a tree.
    pub fn single(file: &Path, tree: &Tree) -> Self {
        let root = file.parent().unwrap_or(Path::new("")).to_path_buf();
        let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let subset = subset_of_name(stem).or_else(|| tree.subset_of(&root));
        Self {
            shown: file.to_path_buf(),
            homes: homes(&root, subset.as_deref()),
            root,
            files: vec![file.to_path_buf()],
            subset,
            lists: Vec::new(),
        }
    }
}

/// A folder with those of its files that belong to a part.
pub type FolderFiles = (PathBuf, Vec<PathBuf>);

/// Folders that hold a file an image, as the files of parts: one for all of them where no two files
/// have one name, else one each, as folders that repeat each other's names hold copies.
pub fn parts_of_folders(
    folders: Vec<FolderFiles>,
    subset: Option<&str>,
    lists: &[PathBuf],
) -> Vec<Files> {
    let mut names = HashSet::new();
    let all = folders.iter().flat_map(|(_, files)| files);
    let are_distinct =
        all.filter_map(|file| file.file_name()).all(|name| names.insert(name.to_owned()));
    let groups = match are_distinct {
        true => vec![folders],
        false => folders.into_iter().map(|folder| vec![folder]).collect(),
    };
    let part = |folders: Vec<(PathBuf, Vec<PathBuf>)>| {
        let root = common(folders.iter().map(|(folder, _)| folder.as_path()));
        let mut files: Vec<PathBuf> = folders.into_iter().flat_map(|(_, files)| files).collect();
        files.sort();
        Files {
            homes: homes(&root, subset),
            shown: root.clone(),
            root,
            files,
            subset: subset.map(str::to_owned),
            lists: lists.to_vec(),
        }
    };
    groups.into_iter().map(part).collect()
}

/// The folder that all of some folders lie in. They must begin alike: `./a` and `b` have none.
pub fn common<'a>(folders: impl Iterator<Item = &'a Path>) -> PathBuf {
    let both = |one: PathBuf, other: PathBuf| {
        let parts = one.components().zip(other.components());
        parts.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    };
    folders.map(Path::to_path_buf).reduce(both).unwrap_or_default()
}

/// What one format found in a tree.
#[derive(Debug, Default)]
pub struct Found {
    /// Its parts.
    pub parts: Vec<Files>,
    /// Why files that might be its own are none.
    pub rejected: Vec<Error>,
}

impl Found {
    /// Nothing, for a reason.
    pub fn none(why: Error) -> Self {
        Self { parts: Vec::new(), rejected: vec![why] }
    }
}
