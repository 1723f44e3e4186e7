//! Where each image's labels go, decided before anything is written.

use super::complete::Completed;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files;
use crate::files::staging::is_staging;
use crate::format::{PerImage, Source, Whole};
use crate::model::Image;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The label file of each image.
pub struct Plan {
    paths: Vec<PathBuf>,
    dataset_files: Vec<PathBuf>,
    extension: &'static str,
}

impl Plan {
    /// Plans one label file an image.
    ///
    /// # Errors
    /// Where a name leads outside the output, or two images would share a file.
    pub fn of_files(source: &Completed, writer: &dyn PerImage) -> Result<Self> {
        let extension = writer.extension();
        let path = |(index, image): (usize, &Image)| {
            let name = writer.label_name(&image.file_name);
            let label = if source.is_missing(index) {
                files::safe_path(&format!("{name}.{extension}"))
            } else {
                files::label_path(&name, extension)
            };
            let thing = || format!("file name of image {:?}", image.file_name);
            label.map_err(|mismatch| Error::new(ErrorKind::Refused, thing(), mismatch))
        };
        let paths: Vec<PathBuf> =
            source.images().iter().enumerate().map(path).collect::<Result<_>>()?;
        let dataset_files: Vec<PathBuf> =
            writer.dataset_files().into_iter().map(|(path, _)| path).collect();
        refuse_shared(source, &paths, &dataset_files)?;
        Ok(Self { paths, dataset_files, extension })
    }

    /// The label file of an image, relative to the output folder.
    pub fn path(&self, index: usize) -> &Path {
        &self.paths[index]
    }

    /// The label files in a folder that are not planned, relative to it, sorted.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn stale(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let planned: HashSet<&Path> =
            self.paths.iter().chain(&self.dataset_files).map(PathBuf::as_path).collect();
        let relative = |file: PathBuf| file.strip_prefix(folder).map(Path::to_path_buf).ok();
        let is_stale = |file: &PathBuf| {
            files::has_extension(file, &[self.extension])
                && !planned.contains(file.as_path())
                && !file.iter().any(is_staging)
        };
        Ok(files::walk(folder)?.into_iter().filter_map(relative).filter(is_stale).collect())
    }
}

fn refuse_shared(source: &Completed, paths: &[PathBuf], dataset_files: &[PathBuf]) -> Result<()> {
    let mut owners: HashMap<&Path, String> = HashMap::with_capacity(paths.len());
    for file in dataset_files {
        owners.insert(file, "the list of classes".to_owned());
    }
    for (path, image) in paths.iter().zip(source.images()) {
        let name = format!("{:?}", image.file_name);
        if let Some(first) = owners.insert(path, name) {
            return Err(shared(&path.display().to_string(), &first, image));
        }
    }
    Ok(())
}

/// Refuses two images under one key of a file for all.
///
/// # Errors
/// The key and both images.
pub fn refuse_shared_keys(source: &Completed, writer: &dyn Whole) -> Result<()> {
    let mut owners: HashMap<String, &Image> = HashMap::new();
    for image in source.images() {
        let Some(key) = writer.key(image) else { continue };
        if let Some(first) = owners.insert(key.clone(), image) {
            return Err(shared(&key, &format!("{:?}", first.file_name), image));
        }
    }
    Ok(())
}

fn shared(target: &str, first: &str, second: &Image) -> Error {
    let found = format!("{first} and {:?}", second.file_name);
    let mismatch = Mismatch::new("one image", found);
    Error::new(ErrorKind::Refused, format!("label {target:?}"), mismatch)
}
