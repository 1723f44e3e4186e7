//! Outputs as transactions: written beside the target, moved in at the end.
//!
//! A target folder that does not exist yet is staged beside it and appears by one rename. One
//! that exists gets its files one by one, each by one rename, and gets the old ones back if a
//! later one fails. A run that is killed leaves a staging folder, which the next run to the
//! same target clears; a lock in it keeps two runs apart.

use super::walk;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

const STAGING: &str = ".annoconv-staging";
const LOCK: &str = "lock";
const NEW: &str = "new";
const OLD: &str = "old";

/// What a run writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A folder of files.
    Folder,
    /// One file.
    File,
}

/// An output on its way: dropped without [`Staging::commit`], it leaves no trace.
#[derive(Debug)]
pub struct Staging {
    target: PathBuf,
    kind: Target,
    place: PathBuf,
    created_parents: Vec<PathBuf>,
    _lock: File,
}

impl Staging {
    /// Prepares to write to `target`.
    ///
    /// # Errors
    /// Where the target is of the other kind, exists (an empty folder aside) and may not be
    /// overwritten, is being written by another run, or cannot be written.
    pub fn open(target: &Path, kind: Target, overwrite: bool) -> Result<Self> {
        refuse_existing(target, kind, overwrite)?;
        let place = staging_place(target)?;
        let parent = place.parent().unwrap_or(Path::new("."));
        let created_parents = create_parents(parent)?;
        fs::create_dir_all(&place).map_err(|error| Error::io(&place, "create", error))?;
        let lock = lock(&place, target)?;
        let staging =
            Self { target: target.to_path_buf(), kind, place, created_parents, _lock: lock };
        staging.clear(NEW)?;
        staging.clear(OLD)?;
        staging.make_dir(&staging.place.join(NEW))?;
        Ok(staging)
    }

    /// Stages one file of a folder; `path` is relative to the target. Any thread.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn put(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let staged = self.place.join(NEW).join(path);
        let written = match fs::write(&staged, bytes) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = staged.parent().unwrap_or(&staged);
                fs::create_dir_all(folder).and_then(|()| fs::write(&staged, bytes))
            }
            other => other,
        };
        written.map_err(|error| Error::io(&self.target.join(path), "write", error))
    }

    /// The folder in which the output is prepared.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Stages the one file of a [`Target::File`].
    ///
    /// # Errors
    /// Where it cannot be created.
    pub fn stream(&self) -> Result<impl Write + use<>> {
        let file = File::create(self.place.join(NEW).join(self.single_name()))
            .map_err(|error| Error::io(&self.target, "write", error))?;
        Ok(BufWriter::with_capacity(1 << 18, file))
    }

    /// Moves everything in, and removes the files `stale` (relative to the target).
    ///
    /// # Errors
    /// Where a file cannot be moved; the target is then as it was.
    pub fn commit(mut self, stale: &[PathBuf]) -> Result<()> {
        let whole_folder = self.kind == Target::Folder && !self.target.exists();
        let moved = if whole_folder {
            fs::rename(self.place.join(NEW), &self.target)
                .map_err(|error| Error::io(&self.target, "create", error))
        } else {
            self.move_files(stale)
        };
        if moved.is_ok() {
            self.created_parents.clear();
        }
        moved
    }

    fn move_files(&self, stale: &[PathBuf]) -> Result<()> {
        let new = self.place.join(NEW);
        let base = match self.kind {
            Target::Folder => self.target.as_path(),
            Target::File => self.target.parent().unwrap_or(Path::new("")),
        };
        let files: Vec<PathBuf> = walk(&new)?
            .iter()
            .map(|file| file.strip_prefix(&new).unwrap_or(file).to_path_buf())
            .collect();
        files.iter().try_for_each(|file| refuse_links(base, file))?;
        let mut done: Vec<PathBuf> = Vec::new();
        let moves = files.iter().map(|file| (file, true)).chain(stale.iter().map(|f| (f, false)));
        for (file, replaced) in moves {
            if let Err(error) = self.swap(base, file, replaced) {
                self.roll_back(base, &done);
                return Err(Error::io(&base.join(file), "replace", error));
            }
            done.push(file.clone());
        }
        Ok(())
    }

    /// Keeps the old file, then puts the new one in its place or removes it.
    fn swap(&self, base: &Path, file: &Path, replaced: bool) -> io::Result<()> {
        let (target, old) = (base.join(file), self.place.join(OLD).join(file));
        if target.symlink_metadata().is_ok() {
            fs::create_dir_all(old.parent().unwrap_or(&old))?;
            if target.is_symlink() || fs::hard_link(&target, &old).is_err() {
                fs::copy(&target, &old)?;
            }
        }
        if !replaced {
            return fs::remove_file(&target);
        }
        fs::create_dir_all(target.parent().unwrap_or(&target))?;
        fs::rename(self.place.join(NEW).join(file), &target)
    }

    /// Undoes the moves so far. What cannot be undone stays: the first error is the one told.
    fn roll_back(&self, base: &Path, done: &[PathBuf]) {
        for file in done.iter().rev() {
            let (target, old) = (base.join(file), self.place.join(OLD).join(file));
            let _ = if old.exists() { fs::rename(old, target) } else { fs::remove_file(target) };
        }
    }

    fn single_name(&self) -> &std::ffi::OsStr {
        self.target.file_name().unwrap_or_default()
    }

    fn clear(&self, part: &str) -> Result<()> {
        match fs::remove_dir_all(self.place.join(part)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io(&self.place, "clear", error))
            }
            _ => Ok(()),
        }
    }

    fn make_dir(&self, folder: &Path) -> Result<()> {
        fs::create_dir(folder).map_err(|error| Error::io(folder, "create", error))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.place);
        for folder in &self.created_parents {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Whether this is a folder that a run left or is at work in.
pub fn is_staging(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().ends_with(STAGING.as_bytes())
}

fn refuse_existing(target: &Path, kind: Target, overwrite: bool) -> Result<()> {
    let refuse = |expected: &str, found: &str| {
        let mismatch = Mismatch::new(expected, found);
        Err(Error::new(ErrorKind::Refused, "output", mismatch).in_file(target))
    };
    match (target.symlink_metadata(), kind) {
        (Err(error), _) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        (Err(error), _) => Err(Error::io(target, "examine", error)),
        (Ok(_), Target::Folder) if !target.is_dir() => refuse("a folder", "a file"),
        (Ok(_), Target::File) if target.is_dir() => refuse("the name of a file", "a folder"),
        (Ok(_), Target::Folder) if is_empty(target)? => Ok(()),
        _ if overwrite => Ok(()),
        (_, Target::Folder) => {
            refuse("an empty folder (--overwrite replaces files)", "one with files in it")
        }
        _ => refuse("a new file (--overwrite replaces it)", "a file"),
    }
}

fn is_empty(folder: &Path) -> Result<bool> {
    let mut entries = fs::read_dir(folder).map_err(|error| Error::io(folder, "read", error))?;
    Ok(entries.all(|entry| entry.is_ok_and(|entry| is_staging(&entry.file_name()))))
}

/// Inside a folder that exists, so that files move within one file system; else beside it.
fn staging_place(target: &Path) -> Result<PathBuf> {
    if target.is_dir() {
        return Ok(target.join(STAGING));
    }
    let Some(name) = target.file_name() else {
        let mismatch = Mismatch::new("the name of a file or folder", "none");
        return Err(Error::new(ErrorKind::Usage, "output", mismatch).in_file(target));
    };
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(STAGING);
    Ok(target.with_file_name(hidden))
}

/// Creates the folders above, and returns those that were not there, innermost first.
fn create_parents(folder: &Path) -> Result<Vec<PathBuf>> {
    let absent = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let missing: Vec<PathBuf> =
        folder.ancestors().take_while(absent).map(Path::to_path_buf).collect();
    if !folder.as_os_str().is_empty() {
        fs::create_dir_all(folder).map_err(|error| Error::io(folder, "create", error))?;
    }
    Ok(missing)
}

fn lock(place: &Path, target: &Path) -> Result<File> {
    let path = place.join(LOCK);
    let file = File::create(&path).map_err(|error| Error::io(&path, "create", error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let mismatch = Mismatch::new("no other run on it", "one that is writing to it");
            Err(Error::new(ErrorKind::Refused, "output", mismatch).in_file(target))
        }
        Err(TryLockError::Error(error)) => Err(Error::io(&path, "lock", error)),
    }
}

/// Refuses a file whose way from `base` leads through a symbolic link.
fn refuse_links(base: &Path, file: &Path) -> Result<()> {
    let folders = file.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    for folder in folders {
        let path = base.join(folder);
        if path.is_symlink() {
            let mismatch = Mismatch::new("a folder", "a symbolic link");
            return Err(Error::new(ErrorKind::Refused, "output", mismatch).in_file(&path));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(folder: &Path) -> Vec<(String, String)> {
        let files = walk(folder).unwrap();
        files
            .iter()
            .map(|file| {
                (super::super::relative_name(file, folder), fs::read_to_string(file).unwrap())
            })
            .collect()
    }

    fn pair(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn a_new_folder_appears_whole_with_its_parents_or_not_at_all() {
        let base = tempfile::tempdir().unwrap();
        let target = base.path().join("x/y");
        let staging = Staging::open(&target, Target::Folder, false).unwrap();
        staging.put(Path::new("s/a.txt"), b"1").unwrap();
        drop(staging);
        assert!(!base.path().join("x").exists());

        let staging = Staging::open(&target, Target::Folder, false).unwrap();
        staging.put(Path::new("s/a.txt"), b"1").unwrap();
        assert!(!target.exists());
        staging.commit(&[]).unwrap();
        assert_eq!(tree(base.path()), [pair("x/y/s/a.txt", "1")]);
        assert_eq!(fs::read_dir(base.path().join("x")).unwrap().count(), 1);
    }

    #[test]
    fn files_are_replaced_only_when_asked_and_stale_ones_removed() {
        let base = tempfile::tempdir().unwrap();
        fs::write(base.path().join("a.txt"), "old").unwrap();
        fs::write(base.path().join("b.txt"), "stale").unwrap();
        assert_eq!(
            Staging::open(base.path(), Target::Folder, false).unwrap_err().kind(),
            ErrorKind::Refused
        );
        let staging = Staging::open(base.path(), Target::Folder, true).unwrap();
        staging.put(Path::new("a.txt"), b"new").unwrap();
        staging.commit(&[PathBuf::from("b.txt")]).unwrap();
        assert_eq!(tree(base.path()), [pair("a.txt", "new")]);
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_move_gives_the_old_files_back() {
        let base = tempfile::tempdir().unwrap();
        fs::write(base.path().join("a.txt"), "old").unwrap();
        fs::create_dir(base.path().join("c.txt")).unwrap();
        let staging = Staging::open(base.path(), Target::Folder, true).unwrap();
        for name in ["a.txt", "b.txt", "c.txt"] {
            staging.put(Path::new(name), b"new").unwrap();
        }
        assert_eq!(staging.commit(&[]).unwrap_err().kind(), ErrorKind::Io);
        assert_eq!(tree(base.path()), [pair("a.txt", "old")]);
    }

    #[test]
    fn a_link_in_the_target_is_not_followed() {
        let (base, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(outside.path(), base.path().join("s")).unwrap();
        let staging = Staging::open(base.path(), Target::Folder, true).unwrap();
        staging.put(Path::new("s/a.txt"), b"new").unwrap();
        assert_eq!(staging.commit(&[]).unwrap_err().kind(), ErrorKind::Refused);
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn left_overs_are_cleared_and_a_running_run_is_respected() {
        let base = tempfile::tempdir().unwrap();
        let target = base.path().join("out.json");
        let left_over = base.path().join(format!(".out.json{STAGING}"));
        fs::create_dir_all(left_over.join(NEW)).unwrap();
        fs::write(left_over.join(NEW).join("torn"), "x").unwrap();
        let staging = Staging::open(&target, Target::File, false).unwrap();
        let second = Staging::open(&target, Target::File, false).unwrap_err();
        assert!(second.to_string().contains("no other run on it"), "{second}");
        staging.stream().unwrap().write_all(b"{}").unwrap();
        staging.commit(&[]).unwrap();
        assert_eq!(tree(base.path()), [pair("out.json", "{}")]);
    }
}
