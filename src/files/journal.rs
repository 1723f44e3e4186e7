//! Replacing files of a folder so that it can be undone, by the same run or, where that was
//! killed, by the next one.
//!
//! Before the first move a list of all of them is written. Each old file is kept until the list
//! is removed, which is the moment at which the replacement is done. As long as the list is
//! there, nothing of its folder may be cleared.

use super::walk_all;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

const LIST: &str = "journal.json";
/// What is to be moved in.
pub const NEW: &str = "new";
/// What was there before.
const OLD: &str = "old";

/// The moves of one run. Paths are relative to the folder.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Journal {
    moved: Vec<Move>,
    removed: Vec<PathBuf>,
    /// Folders that are made for new files, outer ones first.
    folders: Vec<PathBuf>,
}

/// A file that is moved in.
#[derive(Debug, Serialize, Deserialize)]
struct Move {
    file: PathBuf,
    replaces: bool,
    stamp: Stamp,
}

/// What tells a file that was moved in from one that someone else wrote there since.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Where the system has such numbers.
    inode: Option<u64>,
}

/// Moves all files below `place/new` into `base` and removes `stale` from it.
///
/// # Errors
/// Where a move fails; all are undone then. Where that fails, too, the list stays for the next
/// run ([`is_pending`]).
pub fn replace(place: &Path, base: &Path, stale: &[PathBuf]) -> Result<()> {
    let new = place.join(NEW);
    let files: Vec<PathBuf> = walk_all(&new)?
        .iter()
        .map(|file| file.strip_prefix(&new).unwrap_or(file).to_path_buf())
        .collect();
    files.iter().chain(stale).try_for_each(|file| refuse_links(base, file))?;
    let folders = missing_folders(base, &files);
    let moved = files.into_iter().map(|file| Move::of(file, &new, base)).collect::<Result<_>>()?;
    let journal = Journal { moved, removed: stale.to_vec(), folders };
    journal.write(place)?;
    let list = place.join(LIST);
    let done = journal
        .carry_out(place, base)
        .map_err(|(file, error)| Error::io(&base.join(file), "replace", error))
        .and_then(|()| remove(&list));
    match done {
        Ok(()) => Ok(()),
        Err(error) => journal.undo(place, base).and_then(|()| remove(&list)).and(Err(error)),
    }
}

/// Whether `place` has what a run replaced and could not put back, or had no time to.
pub fn is_pending(place: &Path) -> bool {
    place.join(LIST).symlink_metadata().is_ok()
}

/// Undoes what a killed run left half done in `place`, and clears it. `only` is the one file that
/// such a run may have moved, where it is known.
///
/// # Errors
/// Where the list is there and cannot be read or carried out, or the place cannot be cleared.
pub fn recover(place: &Path, base: &Path, only: Option<&Path>) -> Result<()> {
    let list = place.join(LIST);
    match fs::read(&list) {
        Ok(bytes) => {
            let journal: Journal = serde_json::from_slice(&bytes)
                .map_err(|error| refusal(&list, "what a run wrote", &error.to_string()))?;
            journal.refuse_others(place, base, only)?;
            journal.undo(place, base)?;
            remove(&list)?;
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

impl Stamp {
    fn of(file: &Path) -> io::Result<Self> {
        let about = file.symlink_metadata()?;
        #[cfg(unix)]
        let inode = Some(std::os::unix::fs::MetadataExt::ino(&about));
        #[cfg(not(unix))]
        let inode = None;
        Ok(Self { length: about.len(), modified: about.modified().ok(), inode })
    }
}

impl Move {
    fn of(file: PathBuf, new: &Path, base: &Path) -> Result<Self> {
        let staged = new.join(&file);
        let stamp = Stamp::of(&staged).map_err(|error| Error::io(&staged, "examine", error))?;
        Ok(Self { replaces: is_there(&base.join(&file)), stamp, file })
    }

    /// Puts back what was there. What someone else wrote there since stays.
    fn undo(&self, place: &Path, base: &Path) -> io::Result<()> {
        let [new, old] = [NEW, OLD].map(|part| place.join(part).join(&self.file));
        let target = base.join(&self.file);
        if is_there(&new) {
            return Ok(());
        }
        let is_ours = Stamp::of(&target).is_ok_and(|stamp| stamp == self.stamp);
        if is_there(&old) && (is_ours || !is_there(&target)) {
            return put_back(&old, &target);
        }
        if is_ours && !self.replaces && !is_there(&old) {
            return fs::remove_file(target);
        }
        Ok(())
    }
}

impl Journal {
    /// Refuses a list that names other files than those of the output: no run wrote it.
    fn refuse_others(&self, place: &Path, base: &Path, only: Option<&Path>) -> Result<()> {
        let is_below =
            |file: &Path| file.components().all(|part| matches!(part, Component::Normal(_)));
        let is_expected = |file: &Path| only.is_none_or(|only| only == file) && is_below(file);
        let moved = self.moved.iter().map(|moved| &moved.file);
        for file in moved.chain(&self.removed).chain(&self.folders) {
            if !is_expected(file) {
                let found = file.display().to_string();
                return Err(refusal(&place.join(LIST), "files of the output", &found));
            }
            [base, &place.join(NEW), &place.join(OLD)]
                .into_iter()
                .try_for_each(|folder| refuse_links(folder, file))?;
        }
        [NEW, OLD].into_iter().try_for_each(|part| refuse_link(&place.join(part)))
    }

    /// The list appears whole: what a killed run wrote of it would tell the next one nothing.
    fn write(&self, place: &Path) -> Result<()> {
        let (list, draft) = (place.join(LIST), place.join("journal.draft"));
        let bytes = serde_json::to_vec(self).map_err(io::Error::from);
        bytes
            .and_then(|bytes| fs::write(&draft, bytes))
            .and_then(|()| fs::rename(&draft, &list))
            .map_err(|error| Error::io(&list, "write", error))
    }

    fn carry_out(&self, place: &Path, base: &Path) -> Result<(), (PathBuf, io::Error)> {
        for folder in &self.folders {
            let made = fs::create_dir(base.join(folder));
            made.map_err(|error| (folder.clone(), error))?;
        }
        let new = place.join(NEW);
        for Move { file, .. } in &self.moved {
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

    /// Puts everything back that was moved, or all that can be: then the first failure is told.
    /// It may be called again after it was broken off.
    fn undo(&self, place: &Path, base: &Path) -> Result<()> {
        let moved = self.moved.iter().map(|moved| (&moved.file, moved.undo(place, base)));
        let removed = self.removed.iter().map(|file| (file, undo_removal(file, place, base)));
        let failed = moved
            .chain(removed)
            .filter_map(|(file, undone)| Some((file, undone.err()?)))
            .reduce(|first, _| first);
        self.folders.iter().rev().for_each(|folder| drop(fs::remove_dir(base.join(folder))));
        failed.map_or(Ok(()), |(file, error)| {
            let doing = format!("put back (it is kept in {})", place.join(OLD).display());
            Err(Error::io(&base.join(file), &doing, error))
        })
    }
}

fn undo_removal(file: &Path, place: &Path, base: &Path) -> io::Result<()> {
    let (old, target) = (place.join(OLD).join(file), base.join(file));
    if is_there(&old) && !is_there(&target) {
        return put_back(&old, &target);
    }
    Ok(())
}

fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn remove(file: &Path) -> Result<()> {
    fs::remove_file(file).map_err(|error| Error::io(file, "remove", error))
}

fn put_back(old: &Path, target: &Path) -> io::Result<()> {
    fs::create_dir_all(target.parent().unwrap_or(target))?;
    fs::rename(old, target)
}

fn refusal(list: &Path, expected: &str, found: &str) -> Error {
    let mismatch = Mismatch::new(expected, found);
    Error::new(ErrorKind::Refused, "list of moves", mismatch).in_file(list)
}

/// Keeps the file that is there, if any, as a second link to it or else a copy.
fn keep(place: &Path, base: &Path, file: &Path) -> io::Result<()> {
    let (target, old) = (base.join(file), place.join(OLD).join(file));
    if !is_there(&target) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::relative_name;
    use tempfile::TempDir;

    const STALE: &str = "stale.txt";

    /// A folder with old files, a place with new ones, and the list of what is to be done.
    fn prepared() -> (TempDir, PathBuf, Journal) {
        let base = tempfile::tempdir().unwrap();
        let place = base.path().join("place");
        let new = place.join(NEW);
        fs::create_dir_all(base.path().join("s")).unwrap();
        fs::create_dir_all(new.join("s")).unwrap();
        fs::create_dir_all(new.join("n")).unwrap();
        for name in ["a.txt", "s/b.txt", STALE] {
            fs::write(base.path().join(name), format!("old {name}")).unwrap();
        }
        let files = ["a.txt", "c.txt", "n/d.txt", "s/b.txt"].map(PathBuf::from);
        for name in &files {
            // Of the length of the old ones, as labels often are.
            fs::write(new.join(name), format!("new {}", name.display())).unwrap();
        }
        let moved = files.map(|file| Move::of(file, &new, base.path()).unwrap());
        let (removed, folders) = (vec![STALE.into()], vec!["n".into()]);
        let journal = Journal { moved: moved.into(), removed, folders };
        journal.write(&place).unwrap();
        (base, place, journal)
    }

    /// The files outside the place, and what they hold.
    fn tree(base: &Path) -> Vec<(String, String)> {
        let files = walk_all(base).unwrap();
        let outside = files.iter().filter(|file| !file.starts_with(base.join("place")));
        let read = |file: &PathBuf| (relative_name(file, base), fs::read_to_string(file).unwrap());
        outside.map(read).collect()
    }

    #[test]
    fn what_was_broken_off_at_any_move_is_undone() {
        for count in 0..=4 {
            let (base, place, mut journal) = prepared();
            let before = tree(base.path());
            journal.moved.truncate(count);
            if count < 4 {
                journal.removed.clear();
            }
            journal.carry_out(&place, base.path()).unwrap();
            assert_eq!(tree(base.path()) == before, count == 0);
            recover(&place, base.path(), None).unwrap();
            assert_eq!(tree(base.path()), before, "{count}");
            assert!(!base.path().join("n").exists() && !is_pending(&place));
        }
    }

    #[test]
    fn what_is_undone_may_be_broken_off_and_begun_again() {
        for count in 0..=4 {
            let (base, place, journal) = prepared();
            let before = tree(base.path());
            journal.carry_out(&place, base.path()).unwrap();
            for moved in &journal.moved[..count] {
                moved.undo(&place, base.path()).unwrap();
            }
            recover(&place, base.path(), None).unwrap();
            assert_eq!(tree(base.path()), before, "{count}");
        }
    }

    #[test]
    fn what_someone_wrote_since_stays() {
        let (base, place, journal) = prepared();
        journal.carry_out(&place, base.path()).unwrap();
        let theirs = ["a.txt", "c.txt", STALE];
        for name in theirs {
            fs::write(base.path().join(name), "theirs").unwrap();
        }
        recover(&place, base.path(), None).unwrap();
        let found = tree(base.path());
        let holds = |name: &str, text: &str| found.contains(&(name.to_owned(), text.to_owned()));
        assert!(theirs.iter().all(|name| holds(name, "theirs")), "{found:?}");
        assert!(holds("s/b.txt", "old s/b.txt") && found.len() == 4, "{found:?}");
    }

    #[test]
    fn what_cannot_be_put_back_is_kept_until_it_can() {
        let (base, place, journal) = prepared();
        let before = tree(base.path());
        journal.carry_out(&place, base.path()).unwrap();
        let folder = base.path().join("s");
        fs::remove_dir_all(&folder).unwrap();
        fs::write(&folder, "in the way").unwrap();
        let error = recover(&place, base.path(), None).unwrap_err().to_string();
        assert!(error.contains("s/b.txt: cannot put back (it is kept in "), "{error}");
        assert!(is_pending(&place) && place.join(OLD).join("s/b.txt").exists());
        fs::remove_file(&folder).unwrap();
        recover(&place, base.path(), None).unwrap();
        assert_eq!(tree(base.path()), before);
    }

    /// A list that a stranger made names a file of the user's: nothing tells that a run moved it.
    #[test]
    fn a_planted_list_removes_nothing() {
        let (base, place, mut journal) = prepared();
        let before = tree(base.path());
        fs::remove_dir_all(place.join(NEW)).unwrap();
        journal.moved.iter_mut().for_each(|moved| moved.replaces = false);
        journal.write(&place).unwrap();
        recover(&place, base.path(), None).unwrap();
        assert_eq!(tree(base.path()), before);
        journal.write(&place).unwrap();
        let error = recover(&place, base.path(), Some(Path::new("a.txt"))).unwrap_err();
        assert!(error.to_string().contains("expected files of the output"), "{error}");
        fs::write(place.join(LIST), "{").unwrap();
        let error = recover(&place, base.path(), None).unwrap_err();
        assert!(error.to_string().contains("expected what a run wrote"), "{error}");
    }
}
