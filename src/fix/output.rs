//! Where a mended dataset is written.

use super::{Changed, Fix};
use crate::error::{Error, ErrorKind, Mismatch, Remedy, Result};
use crate::files;
use crate::files::staging::Staging;
use crate::files::target::{Target, refuse_link};
use crate::tree::common;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where a mended dataset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output<'a> {
    /// Over the files that were read. A run that is killed leaves them as they were.
    InPlace,
    /// As a copy: all annotation files and lists below the dataset's folder, at the same places below
    /// this one; of a dataset that is one file, this file.
    Copy {
        /// The folder or file.
        target: &'a Path,
        /// Files that are there are replaced.
        overwrite: bool,
    },
}

impl Fix {
    /// Writes the mended dataset, and returns how many files were written. `dataset` is the path
    /// that was judged.
    ///
    /// # Errors
    /// Where a file cannot be read or written, or the output is there already. Nothing has changed
    /// then.
    pub fn write(&self, dataset: &Path, output: Output) -> Result<usize> {
        match output {
            Output::InPlace => self.replace(dataset),
            Output::Copy { target, overwrite } => self.copy(dataset, target, overwrite),
        }
    }

    fn replace(&self, dataset: &Path) -> Result<usize> {
        let changed = self.changed();
        if changed.is_empty() {
            return Ok(0);
        }
        changed.iter().try_for_each(|changed| refuse_link(&changed.path))?;
        if let [only] = changed.as_slice()
            && only.path == only.to
        {
            return self.write_file(&only.path, only, true);
        }
        let paths = changed.iter().flat_map(|it| [&it.path, &it.to]);
        let base = base(dataset, paths.clone());
        // This undoes what a stopped run left half done.
        let staging = Staging::open(&base, Target::Folder, true)?;
        self.refuse_changed()?;
        let relative = |path: &Path| path.strip_prefix(&base).unwrap_or(path).to_path_buf();
        for changed in &changed {
            self.progress.go_on()?;
            staging.put(&relative(&changed.to), &changed.bytes()?)?;
        }
        let moved = changed.iter().filter(|it| it.path != it.to);
        let stale: Vec<PathBuf> = moved.map(|it| relative(&it.path)).collect();
        staging.commit(&stale)?;
        Ok(changed.len())
    }

    fn copy(&self, dataset: &Path, target: &Path, overwrite: bool) -> Result<usize> {
        refuse_source(self, dataset, target)?;
        let changed = self.changed();
        if dataset.is_file() && self.files.iter().all(|file| file == dataset) {
            let same = Changed::nothing(dataset);
            return self.write_file(target, changed.first().unwrap_or(&same), overwrite);
        }
        let all = self.files.iter().chain(changed.iter().map(|it| &it.path));
        let base = base(dataset, all);
        let staging = Staging::open(target, Target::Folder, overwrite)?;
        self.refuse_changed()?;
        let relative = |path: &Path| path.strip_prefix(&base).unwrap_or(path).to_path_buf();
        let is_changed = |file: &Path| changed.iter().any(|it| it.path == file);
        for changed in &changed {
            self.progress.go_on()?;
            staging.put(&relative(&changed.to), &changed.bytes()?)?;
        }
        let same: Vec<&PathBuf> = self.files.iter().filter(|file| !is_changed(file)).collect();
        for file in &same {
            self.progress.go_on()?;
            staging.put(&relative(file), &files::read(file)?)?;
        }
        staging.commit(&[])?;
        Ok(changed.len() + same.len())
    }

    fn write_file(&self, target: &Path, changed: &Changed, overwrite: bool) -> Result<usize> {
        let staging = Staging::open(target, Target::File, overwrite)?;
        self.refuse_changed()?;
        let mut stream = staging.stream(None)?;
        let written = stream.write_all(&changed.bytes()?).and_then(|()| stream.flush());
        written.map_err(|error| Error::io(target, "write", error))?;
        drop(stream);
        staging.commit(&[])?;
        Ok(1)
    }
}

/// The folder that all files lie in: that of the dataset, if it is one.
fn base<'a>(dataset: &Path, paths: impl Iterator<Item = &'a PathBuf> + Clone) -> PathBuf {
    if dataset.is_dir() && paths.clone().all(|path| path.starts_with(dataset)) {
        return dataset.to_path_buf();
    }
    match common(paths.filter_map(|path| path.parent())) {
        base if base.as_os_str().is_empty() => PathBuf::from("."),
        base => base,
    }
}

/// Refuses to write a copy over what it is a copy of.
fn refuse_source(fix: &Fix, dataset: &Path, target: &Path) -> Result<()> {
    let Ok(written) = target.canonicalize() else { return Ok(()) };
    let mut read = fix.files.iter().map(PathBuf::as_path).chain([dataset]);
    if !read.any(|read| read.canonicalize().is_ok_and(|read| read == written)) {
        return Ok(());
    }
    let mismatch = Mismatch::new("another place than the dataset's", "the same");
    let error = Error::new(ErrorKind::Refused, "output", mismatch);
    Err(error.mended_by(Remedy::InPlace).in_file(target))
}
