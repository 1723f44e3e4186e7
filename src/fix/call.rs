//! A dataset to be mended as a caller asks for it, by the command line or from Python.

use super::{Fix, Request};
use crate::classes::Stated;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files;
use crate::format::{Given, Run};
use crate::presets::Preset;
use crate::progress::Progress;
use crate::rules::select::{Selection, chosen};
use crate::validate;
use std::path::{Path, PathBuf};

/// What is mended, and by which rules.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// A folder, a `data.yaml` or one file of annotations.
    pub path: PathBuf,
    /// The folder of the image files.
    pub images: Option<PathBuf>,
    /// The conventions of a published dataset.
    pub preset: Option<&'static Preset>,
    /// Class names in order.
    pub classes: Option<Stated>,
    /// Only breaches of these rules; of all where there are none.
    pub select: Vec<Selection>,
    /// All but these rules.
    pub ignore: Vec<Selection>,
    /// The settings with which files are read.
    pub settings: Vec<Given>,
}

impl Call {
    /// Judges the dataset, and finds out how to mend it. Nothing is written.
    ///
    /// # Errors
    /// As [`run`](super::run); where the file is packed or a stream.
    pub fn run(&self, progress: &Progress) -> Result<Fix> {
        self.refuse_packed()?;
        let classes = self.classes.as_ref().map(Stated::names).transpose()?;
        let dataset = validate::Request {
            paths: vec![self.path.clone()],
            images: self.images.clone(),
            settings: self.settings.clone(),
            conventions: self.preset.map_or(&[], |preset| preset.conventions),
            run: Run { classes, progress: progress.clone(), ..Run::default() },
            ..validate::Request::default()
        };
        super::run(&Request { dataset, rules: chosen(&self.select, &self.ignore) })
    }

    /// Values are replaced where they stand, which they do in a file that is not packed.
    ///
    /// # Errors
    /// Where the file is packed or a stream.
    pub fn refuse_packed(&self) -> Result<()> {
        let is_packed = files::has_extension(&self.path, &["gz", "zst"]) && self.path.is_file();
        if !is_packed && self.path.as_os_str() != "-" {
            return Ok(());
        }
        let mismatch = Mismatch::new("a file that is not packed", "one that is packed or a stream");
        Err(Error::new(ErrorKind::Usage, "input", mismatch).in_file(&self.path))
    }

    /// All changes as a unified diff, with paths as the caller's own.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub fn diff(&self, fix: &Fix) -> Result<String> {
        let own = if self.path.is_dir() { Some(self.path.as_path()) } else { self.path.parent() };
        let folder = match self.path.is_relative() {
            true => Path::new("."),
            false => own.unwrap_or(Path::new("/")),
        };
        fix.diff(folder)
    }
}
