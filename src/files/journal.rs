//! Replacing files of a folder so that it can be undone, by the same run or, where that was
//! killed, by the next one.
//!
//! Before the first move a list of all of them is written. Each old file is kept until the list
//! is removed, which is the moment at which the replacement is done.

use super::walk_all;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

const LIST: &str = "journal.json";
/// What is to be moved in.
pub const NEW: &str = "new";
/// What was there before.
const OLD: &str = "old";

/// The moves of one run. Paths are relative to the folder.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Journal {
    replaced: Vec<PathBuf>,
    removed: Vec<PathBuf>,
    /// Folders that are made for new files, outer ones first.
    folders: Vec<PathBuf>,
}

/// Moves all files below `place/new` into `base` and removes `stale` from it.
///
/// # Errors
/// Where a move fails; all are undone then.
pub fn replace(place: &Path, base: &Path, stale: &[PathBuf]) -> Result<()> {
    let new = place.join(NEW);
    let replaced: Vec<PathBuf> = walk_all(&new)?
        .iter()
        .map(|file| file.strip_prefix(&new).unwrap_or(file).to_path_buf())
        .collect();
    replaced.iter().chain(stale).try_for_each(|file| refuse_links(base, file))?;
    let folders = missing_folders(base, &replaced);
    let journal = Journal { replaced, removed: stale.to_vec(), folders };
    journal.write(place)?;
    if let Err((file, error)) = journal.carry_out(place, base) {
        journal.undo(place, base);
        return Err(Error::io(&base.join(file), "replace", error));
    }
    let list = place.join(LIST);
    fs::remove_file(&list).map_err(|error| Error::io(&list, "remove", error))
}

/// Undoes what a killed run left half done in `place`, and clears it.
///
/// # Errors
/// Where the list is there and cannot be read, or the place cannot be cleared.
pub fn recover(place: &Path, base: &Path) -> Result<()> {
    let list = place.join(LIST);
    match fs::read(&list) {
        Ok(bytes) => {
            // A list that was not written to its end belongs to a run that moved nothing.
            if let Ok(journal) = serde_json::from_slice::<Journal>(&bytes) {
                journal.refuse_others(place, base)?;
                journal.undo(place, base);
            }
            fs::remove_file(&list).map_err(|error| Error::io(&list, "remove", error))?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::io(&list, "read", error)),
    }
    for part in [NEW, OLD] {
        match fs::remove_dir_all(place.join(part)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io(place, "clear", error));
            }
            _ => {}
        }
    }
    Ok(())
}

impl Journal {
    /// Refuses a list that names files outside the folder: no run wrote it.
    fn refuse_others(&self, place: &Path, base: &Path) -> Result<()> {
        let is_below =
            |file: &Path| file.components().all(|part| matches!(part, Component::Normal(_)));
        for file in self.replaced.iter().chain(&self.removed).chain(&self.folders) {
            if !is_below(file) {
                let mismatch = Mismatch::new("files below the output", file.display().to_string());
                let refused = Error::new(ErrorKind::Refused, "list of moves", mismatch);
                return Err(refused.in_file(&place.join(LIST)));
            }
            [base, &place.join(NEW), &place.join(OLD)]
                .into_iter()
                .try_for_each(|folder| refuse_links(folder, file))?;
        }
        [NEW, OLD].into_iter().try_for_each(|part| refuse_link(&place.join(part)))
    }

    fn write(&self, place: &Path) -> Result<()> {
        let list = place.join(LIST);
        let bytes = serde_json::to_vec(self).map_err(io::Error::from);
        bytes
            .and_then(|bytes| fs::write(&list, bytes))
            .map_err(|error| Error::io(&list, "write", error))
    }

    fn carry_out(&self, place: &Path, base: &Path) -> Result<(), (PathBuf, io::Error)> {
        for folder in &self.folders {
            let made = fs::create_dir(base.join(folder));
            made.map_err(|error| (folder.clone(), error))?;
        }
        let new = place.join(NEW);
        for file in &self.replaced {
            let moved =
                keep(place, base, file).and_then(|()| fs::rename(new.join(file), base.join(file)));
            moved.map_err(|error| (file.clone(), error))?;
        }
        for file in &self.removed {
            let removed = keep(place, base, file).and_then(|()| fs::remove_file(base.join(file)));
            removed.map_err(|error| (file.clone(), error))?;
        }
        Ok(())
    }

    /// Puts everything back that was moved. What cannot be put back stays as it is.
    fn undo(&self, place: &Path, base: &Path) {
        let (new, old) = (place.join(NEW), place.join(OLD));
        for file in &self.replaced {
            let had_none = old.join(file).symlink_metadata().is_err();
            let is_moved_in = new.join(file).symlink_metadata().is_err();
            let _ = match (had_none, is_moved_in) {
                (false, _) => fs::rename(old.join(file), base.join(file)),
                (true, true) => fs::remove_file(base.join(file)),
                (true, false) => Ok(()),
            };
        }
        for file in &self.removed {
            // Fails where the run had not come so far: then there is nothing to undo.
            let _ = fs::rename(old.join(file), base.join(file));
        }
        self.folders.iter().rev().for_each(|folder| drop(fs::remove_dir(base.join(folder))));
    }
}

/// Keeps the file that is there, if any, as a second link to it or else a copy.
fn keep(place: &Path, base: &Path, file: &Path) -> io::Result<()> {
    let (target, old) = (base.join(file), place.join(OLD).join(file));
    if target.symlink_metadata().is_err() {
        return Ok(());
    }
    fs::create_dir_all(old.parent().unwrap_or(&old))?;
    if fs::hard_link(&target, &old).is_ok() {
        return Ok(());
    }
    let copy = place.join("copy");
    fs::copy(&target, &copy)?;
    fs::rename(copy, old)
}

/// The folders that new files need and that are not there, outer ones first.
fn missing_folders(base: &Path, files: &[PathBuf]) -> Vec<PathBuf> {
    let parents = files.iter().flat_map(|file| file.ancestors().skip(1));
    let missing =
        parents.filter(|folder| !folder.as_os_str().is_empty() && !base.join(folder).exists());
    let missing: std::collections::BTreeSet<&Path> = missing.collect();
    missing.into_iter().map(Path::to_path_buf).collect()
}

/// Refuses a file whose way from `base` leads through a symbolic link.
fn refuse_links(base: &Path, file: &Path) -> Result<()> {
    let folders = file.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    folders.map(|folder| base.join(folder)).try_for_each(|folder| refuse_link(&folder))
}

/// Refuses a symbolic link where a run makes its own files.
///
/// # Errors
/// Where the path is one.
pub fn refuse_link(path: &Path) -> Result<()> {
    if !path.is_symlink() {
        return Ok(());
    }
    let mismatch = Mismatch::new("no symbolic link", "one");
    Err(Error::new(ErrorKind::Refused, "output", mismatch).in_file(path))
}
