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
    /// What is written: labels of images that are kept, and the dataset's own files.
    produced: HashSet<PathBuf>,
    /// The labels of images that are left out, as they were not found.
    left_out: HashSet<PathBuf>,
    extension: &'static str,
}

impl Plan {
    /// Plans one label file an image.
    ///
    /// # Errors
    /// Where a name leads outside the output, means something else there, or two images would
    /// share a file.
    pub fn of_files(source: &Completed, writer: &dyn PerImage) -> Result<Self> {
        let paths: Vec<PathBuf> =
            source.images().iter().map(|image| label_of(image, writer)).collect::<Result<_>>()?;
        let mut owners: HashMap<PathBuf, String> = HashMap::with_capacity(paths.len());
        for (path, _) in writer.dataset_files() {
            owners.insert(path, "the list of classes".to_owned());
        }
        let mut left_out = HashSet::new();
        for (index, (path, image)) in paths.iter().zip(source.images()).enumerate() {
            if source.is_missing(index) {
                left_out.insert(path.clone());
            } else if !source.is_skipped_negative(index)
                && let Some(first) = owners.insert(path.clone(), format!("{:?}", image.file_name))
            {
                return Err(shared(&path.display().to_string(), &first, image));
            }
        }
        let produced = owners.into_keys().collect();
        Ok(Self { paths, produced, left_out, extension: writer.extension() })
    }

    /// The label file of an image, relative to the output folder.
    pub fn path(&self, index: usize) -> &Path {
        &self.paths[index]
    }

    /// The files in a folder that have the labels' extension and are neither written nor those
    /// of an image that is left out; relative to it, sorted. Links are not followed.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn others(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let relative = |file: PathBuf| file.strip_prefix(folder).map(Path::to_path_buf).ok();
        let is_other = |file: &PathBuf| {
            files::has_extension(file, &[self.extension])
                && !self.produced.contains(file)
                && !self.left_out.contains(file)
                && !file.iter().any(is_staging)
        };
        Ok(files::walk_all(folder)?.into_iter().filter_map(relative).filter(is_other).collect())
    }
}

fn label_of(image: &Image, writer: &dyn PerImage) -> Result<PathBuf> {
    let refuse = |mismatch| {
        let thing = format!("file name of image {:?}", image.file_name);
        Error::new(ErrorKind::Refused, thing, mismatch)
    };
    let name = writer.label_name(&image.file_name);
    let label = match image.is_stem {
        true => files::safe_path(&format!("{name}.{}", writer.extension())),
        false => files::label_path(&name, writer.extension()),
    };
    let label = label.map_err(refuse)?;
    match label.file_name().and_then(|name| name.to_str()) {
        Some(name) if writer.reserved().contains(&name) => {
            let expected = "a label of another name than that of a list of classes";
            Err(refuse(Mismatch::new(expected, name)))
        }
        _ => Ok(label),
    }
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
