//! Outputs as transactions: files are first written to a staging folder, and moved in at the end.
//!
//! - A target folder that does not exist is staged beside its place, and appears by one rename.
//! - A target folder that exists has the staging folder inside, so that both are on one file
//!   system. Its files are moved in one by one, each by one rename; if one move fails, all are
//!   undone (`files/journal.rs`).
//! - A target file is staged beside its place, and moved in like one file of its folder.
//!
//! A killed run leaves its staging folder. The next run to the same target undoes the moves of the
//! killed run, and clears the folder.
//!
//! ```text
//! labels/.annoconv-staging/       if labels/ exists; else .labels.annoconv-staging/ beside it
//!     lock                        held as long as a run is at work
//!     new/                        the new files, by their paths below labels/
//!     old/                        the files that were there before
//!     journal.json                the list of moves, from the first one until all are done
//! ```

use super::journal::{self, NEW};
use super::place::{self, Placing};
use super::target::{STAGING, Target, refuse_link, refuse_no_file, verify};
use crate::error::{Error, ErrorKind, Mismatch, Remedy, Result};
use crate::rules::Rule;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

const LOCK: &str = "lock";

/// An output that is being written. If it is dropped without [`Staging::commit`], all that was
/// written is removed.
#[derive(Debug)]
pub struct Staging {
    target: PathBuf,
    kind: Target,
    place: PathBuf,
    overwrite: bool,
    created_parents: Vec<PathBuf>,
    lock: Option<File>,
}

impl Staging {
    /// Prepares to write to `target`.
    ///
    /// # Errors
    /// Where the target is of the other kind, exists (an empty folder aside) and may not be
    /// overwritten, is being written by another run, or cannot be written.
    pub fn open(target: &Path, kind: Target, overwrite: bool) -> Result<Self> {
        verify(target, kind, overwrite)?;
        // If the target is a link, the file that it leads to is replaced, not the link.
        let target = match target.is_symlink() {
            true => target.canonicalize().map_err(|error| Error::io(target, "follow", error))?,
            false => target.to_path_buf(),
        };
        let place = staging_place(&target)?;
        refuse_link(&place)?;
        refuse_no_file(&place.join(LOCK))?;
        let created_parents = create_parents(place.parent().unwrap_or(Path::new("")))?;
        // If an error follows, dropping this removes the folders that were made.
        let mut staging = Self { target, kind, overwrite, place, created_parents, lock: None };
        staging.lock()?;
        let only = (kind == Target::File).then(|| Path::new(staging.single_name()));
        journal::recover(&staging.place, staging.base(), only)?;
        staging.clear()?;
        clear_beside(&staging.target, &staging.place);
        let new = staging.place.join(NEW);
        fs::create_dir(&new).map_err(|error| Error::io(&new, "create", error))?;
        refuse_owner(&staging.place, &new)?;
        Ok(staging)
    }

    /// The folder that the staged files' paths are relative to.
    fn base(&self) -> &Path {
        match self.kind {
            Target::Folder => &self.target,
            Target::File => self.target.parent().unwrap_or(Path::new("")),
        }
    }

    /// Takes the lock of the staging folder. If another run removes the folder meanwhile, it is
    /// made again.
    fn lock(&mut self) -> Result<()> {
        let path = self.place.join(LOCK);
        loop {
            fs::create_dir_all(&self.place)
                .map_err(|error| Error::io(&self.target, "create", error))?;
            let file = match File::options().write(true).create(true).truncate(false).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other.map_err(|error| Error::io(&self.target, "create", error))?,
            };
            match file.try_lock() {
                Ok(()) if is_at(&file, &path) => {
                    self.lock = Some(file);
                    return Ok(());
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let found = "another run that writes to it";
                    let mismatch = Mismatch::new("no other run on it", found);
                    let refused = Error::new(ErrorKind::Refused, "output", mismatch);
                    return Err(refused.in_file(&self.target));
                }
                Err(TryLockError::Error(error)) => return Err(Error::io(&path, "lock", error)),
            }
        }
    }

    /// Removes all but the lock. A killed run or a stranger may have left files or links there;
    /// this run must neither write through them nor take them for its own.
    fn clear(&self) -> Result<()> {
        let clear_one = |entry: fs::DirEntry| match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path()),
            false => fs::remove_file(entry.path()),
        };
        let entries = fs::read_dir(&self.place);
        entries
            .and_then(|entries| {
                let others =
                    entries.filter(|it| it.as_ref().is_ok_and(|it| it.file_name() != LOCK));
                others.into_iter().try_for_each(|entry| clear_one(entry?))
            })
            .map_err(|error| Error::io(&self.place, "clear", error))
    }

    /// Stages one file of a folder; `path` is relative to the target. Any thread may call this.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn put(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let new = self.place.join(NEW);
        let staged = new.join(path);
        let written = match write_new(&staged, bytes) {
            // If someone removed the staging folder, the run must fail and not make it again.
            Err(error) if error.kind() == io::ErrorKind::NotFound && new.is_dir() => {
                let folder = staged.parent().unwrap_or(&staged);
                fs::create_dir_all(folder).and_then(|()| write_new(&staged, bytes))
            }
            other => other,
        };
        written.map_err(|error| Error::io(&self.target.join(path), "write", error))
    }

    /// Stages a copy of a file, or a link to it; `path` is relative to the target. Any thread may call
    /// this.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn place_file(&self, path: &Path, file: &Path, how: Placing) -> Result<()> {
        let staged = self.place.join(NEW).join(path);
        let placed = self.make_folder_of(&staged).and_then(|()| place::put(file, &staged, how));
        placed.map_err(|error| match how {
            Placing::Copy | Placing::None => Error::io(file, "copy", error),
            _ => Error::io(file, "link", error).mended_by(Remedy::Copy),
        })
    }

    /// Makes the folder of a staged file. The folder of all new files is not made again: if somebody
    /// removed it, the run must fail.
    fn make_folder_of(&self, staged: &Path) -> io::Result<()> {
        let folder = staged.parent().filter(|folder| !folder.is_dir());
        match folder.filter(|_| self.place.join(NEW).is_dir()) {
            Some(folder) => fs::create_dir_all(folder),
            None => Ok(()),
        }
    }

    /// The folder in which the output is prepared.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Stages a file of a folder piece by piece, or the one file of a [`Target::File`].
    ///
    /// # Errors
    /// Where it cannot be created.
    pub fn stream(&self, name: Option<&Path>) -> Result<impl Write + use<>> {
        let name = name.unwrap_or_else(|| Path::new(self.single_name()));
        let staged = self.place.join(NEW).join(name);
        let create = || self.make_folder_of(&staged).and_then(|()| File::create_new(&staged));
        let file = create().map_err(|error| Error::io(&self.target, "write", error))?;
        Ok(BufWriter::with_capacity(1 << 18, file))
    }

    /// Moves everything in, and removes the files `stale` (relative to the target).
    ///
    /// # Errors
    /// Where a file cannot be moved; the target is then as it was.
    pub fn commit(mut self, stale: &[PathBuf]) -> Result<()> {
        // Since the run began, the target may have appeared, or the staging folder been removed.
        verify(&self.target, self.kind, self.overwrite)?;
        if !self.lock.as_ref().is_some_and(|lock| is_at(lock, &self.place.join(LOCK))) {
            let found = "none: another program removed them";
            let mismatch = Mismatch::new("the files that this run prepared", found);
            return Err(Error::new(ErrorKind::Refused, "output", mismatch).in_file(&self.target));
        }
        if self.kind == Target::Folder && !self.place.starts_with(&self.target) {
            // This fails if a folder with files in it has appeared meanwhile.
            fs::rename(self.place.join(NEW), &self.target)
                .map_err(|error| Error::io(&self.target, "create", error))?;
        } else {
            journal::replace(&self.place, self.base(), stale)?;
        }
        self.created_parents.clear();
        Ok(())
    }

    fn single_name(&self) -> &std::ffi::OsStr {
        self.target.file_name().unwrap_or_default()
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let lock = self.place.join(LOCK);
        let is_own = self.lock.as_ref().is_some_and(|file| is_at(file, &lock));
        if is_own && !journal::is_pending(&self.place) {
            let _ = fs::remove_dir_all(&self.place);
        }
        for folder in &self.created_parents {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Refuses a staging folder of another user, who could put links into it while this run is at
/// work. `own` is a folder that this run made, to compare the owners.
fn refuse_owner(place: &Path, own: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let owner = |path: &Path| path.symlink_metadata().map(|about| about.uid()).ok();
        if owner(place) != owner(own) {
            let mismatch = Mismatch::new("a folder of the same user", "a folder of another user");
            return Err(Error::new(ErrorKind::Refused, "output", mismatch).in_file(place));
        }
    }
    #[cfg(not(unix))]
    let _ = (place, own);
    Ok(())
}

/// Writes a file that does not exist yet. On a system that takes two names for one file, the
/// second must not replace the first.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    File::create_new(path)?.write_all(bytes)
}

/// Removes the staging folder beside a target folder. A run leaves it if it is killed right after
/// the target folder appeared. It stays if another run is at work there, or if it holds old files.
fn clear_beside(target: &Path, place: &Path) {
    let Some(beside) = hidden_beside(target).filter(|beside| beside != place) else { return };
    let is_file = beside.join(LOCK).symlink_metadata().is_ok_and(|about| about.is_file());
    if beside.is_symlink() || !is_file || journal::is_pending(&beside) {
        return;
    }
    // The lock is held until the end.
    let lock = File::open(beside.join(LOCK)).ok().filter(|lock| lock.try_lock().is_ok());
    if lock.is_some() {
        let _ = fs::remove_dir_all(beside);
    }
}

/// Refuses to read a folder in which a stopped run has replaced only some of the files: they do
/// not make up one dataset.
///
/// The staging folder of `but` is ignored: the run that is to write there undoes its moves first.
///
/// # Errors
/// Where the folder is such a folder, lies in one, or has one in it.
pub fn refuse_unfinished(folder: &Path, but: Option<&Path>) -> Result<()> {
    let Ok(real) = folder.canonicalize() else { return Ok(()) };
    let but = but.and_then(|but| but.canonicalize().ok()).map(|but| but.join(STAGING));
    let above = real.ancestors().map(|folder| folder.join(STAGING));
    let is_place = |entry: &walkdir::DirEntry| entry.file_name() == STAGING;
    let below = walkdir::WalkDir::new(&real).min_depth(1).into_iter().flatten();
    let below = below.filter(is_place).map(walkdir::DirEntry::into_path);
    let mut places = above.chain(below).filter(|place| but.as_ref() != Some(place));
    match places.find(|place| journal::is_unfinished(place)) {
        None => Ok(()),
        Some(place) => {
            let expected = "complete files of one dataset";
            let found = "files that a stopped run left half replaced: run it again";
            let error = Error::new(ErrorKind::Refused, "folder", Mismatch::new(expected, found));
            let folder = place.parent().unwrap_or(&real);
            Err(error.breaking(Rule::Unreadable).mended_by(Remedy::Overwrite).in_file(folder))
        }
    }
}

/// The staging folder: inside the target if that is a folder, so that files move within one file
/// system; else beside it.
fn staging_place(target: &Path) -> Result<PathBuf> {
    if target.is_dir() {
        return Ok(target.join(STAGING));
    }
    hidden_beside(target).ok_or_else(|| {
        let mismatch = Mismatch::new("the name of a file or folder", "none");
        Error::new(ErrorKind::Usage, "output", mismatch).in_file(target)
    })
}

fn hidden_beside(target: &Path) -> Option<PathBuf> {
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(target.file_name()?);
    hidden.push(STAGING);
    Some(target.with_file_name(hidden))
}

/// Creates a folder with all folders above it. Returns those that did not exist, innermost first.
fn create_parents(folder: &Path) -> Result<Vec<PathBuf>> {
    let absent = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let missing: Vec<PathBuf> =
        folder.ancestors().take_while(absent).map(Path::to_path_buf).collect();
    if !folder.as_os_str().is_empty() {
        fs::create_dir_all(folder).map_err(|error| Error::io(folder, "create", error))?;
    }
    Ok(missing)
}

/// Whether an open file is the one that a path leads to.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let same = |a: fs::Metadata, b: fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
        file.metadata().ok().zip(path.metadata().ok()).is_some_and(|(a, b)| same(a, b))
    }
    #[cfg(not(unix))]
    {
        // On these systems, an open file cannot be removed.
        let _ = file;
        path.exists()
    }
}

#[cfg(test)]
mod tests;
