//! The files below a path, listed once for all formats.

use super::subset;
use crate::error::{Error, Result};
use crate::files;
use crate::images::is_image;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The files below a path, sorted by name; hidden ones are passed over.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    files: Vec<PathBuf>,
    is_file: bool,
    stems: OnceLock<HashSet<PathBuf>>,
}

impl Tree {
    /// Lists what is below a folder, or a single file.
    ///
    /// # Errors
    /// Where the path cannot be read.
    pub fn walk(path: &Path) -> Result<Self> {
        let about = std::fs::metadata(path).map_err(|error| Error::io(path, "read", error))?;
        let is_file = !about.is_dir();
        let (root, files) = match is_file {
            true => (path.parent().unwrap_or(Path::new("")).to_path_buf(), vec![path.into()]),
            false => (path.to_path_buf(), files::walk(path)?),
        };
        Ok(Self { root, files, is_file, stems: OnceLock::new() })
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
        let stem = |path: &Path| path.file_stem().map(PathBuf::from);
        let stems = self.stems.get_or_init(|| self.images().filter_map(|it| stem(it)).collect());
        stem(file).is_some_and(|stem| stems.contains(&stem))
    }

    /// Whether there are image files.
    pub fn has_images(&self) -> bool {
        self.images().next().is_some()
    }

    /// The subset of a file or folder, by the names of the folders that it lies in; the folder
    /// that was walked counts, too.
    pub fn subset_of(&self, path: &Path) -> Option<String> {
        subset::of_folders(path, &self.root)
    }
}
