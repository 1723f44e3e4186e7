//! The files that a run reads. It must neither replace nor remove them.

use super::{Job, Mode};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::images::ImageTable;
use crate::model::Image;
use crate::tree::Files;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Annotations, lists and images that are read, by their paths from the root of the file system.
#[derive(Debug, Default)]
pub struct Originals {
    files: HashSet<PathBuf>,
    output: PathBuf,
}

impl Originals {
    /// The files that a job reads: also images that a selection leaves out. None where nothing is at
    /// the output that could be replaced.
    pub fn of(
        job: &Job,
        parts: &[(usize, Files)],
        table: Option<&ImageTable>,
        images: &[Image],
    ) -> Self {
        let Ok(output) = job.output.canonicalize() else { return Self::default() };
        if job.mode == Mode::Check || !output.is_dir() {
            return Self::default();
        }
        let inputs = job.inputs.iter().map(PathBuf::as_path).chain(job.sizes);
        let annotations =
            parts.iter().flat_map(|(_, files)| files.files.iter().chain(&files.lists));
        let known = table.into_iter().flat_map(ImageTable::known);
        let known = known.filter_map(|known| known.file.as_deref());
        let images = images.iter().filter_map(|image| image.file.as_deref()).chain(known);
        let all = inputs.chain(annotations.map(PathBuf::as_path)).chain(images);
        Self { files: all.filter_map(|file| file.canonicalize().ok()).collect(), output }
    }

    /// Whether a path below the output is one of them.
    pub fn has(&self, path: &Path) -> bool {
        !self.files.is_empty() && self.files.contains(&self.output.join(path))
    }

    /// Refuses to replace one of them.
    ///
    /// # Errors
    /// The path, where it is one.
    pub fn refuse(&self, path: &Path) -> Result<()> {
        match self.has(path) {
            false => Ok(()),
            true => {
                let found = "a file that is read (choose another output)";
                let mismatch = Mismatch::new("no file, or one that is not read", found);
                let refused = Error::new(ErrorKind::Refused, "output", mismatch);
                Err(refused.in_file(&self.output.join(path)))
            }
        }
    }
}
