//! Replaces files of a folder in a way that can be undone: by the same run, or, if that was
//! killed, by the next one.
//!
//! A list of all moves is written before the first move. Each old file is kept until the list is
//! removed; at that moment the replacement is done. As long as the list is there, nothing in its
//! folder may be removed.

use super::target::{refuse_link, refuse_no_file};
use super::walk_all;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

const LIST: &str = "journal.json";
/// The folder of the new files, which are to be moved in.
pub const NEW: &str = "new";
/// The folder of the old files, which were there before.
const OLD: &str = "old";

/// The moves of one run.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Journal {
    moved: Vec<Move>,
    removed: Vec<Name>,
    /// Folders that are made for new files, outer ones first.
    folders: Vec<Name>,
}

/// A file that is moved in.
#[derive(Debug, Serialize, Deserialize)]
struct Move {
    file: Name,
    replaces: bool,
    stamp: Stamp,
}

/// Length and time of a file. They show whether a file is the one that was moved in, or one that
/// someone else wrote there later. A copy of the whole folder keeps them.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

/// A path below the folder. The list holds it as text, or as bytes if it is not text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Listed", into = "Listed")]
struct Name(PathBuf);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Listed {
    Text(String),
    Bytes(OsString),
}

impl From<Listed> for Name {
    fn from(listed: Listed) -> Self {
        match listed {
            Listed::Text(text) => Self(text.into()),
            Listed::Bytes(bytes) => Self(bytes.into()),
        }
    }
}

impl From<Name> for Listed {
    fn from(Name(path): Name) -> Self {
        path.into_os_string().into_string().map_or_else(Self::Bytes, Self::Text)
    }
}

/// Moves all files below `place/new` into `base` and removes `stale` from it.
///
/// # Errors
/// Where a move fails. All moves are undone then. If undoing fails, too, the list stays for the
/// next run ([`is_pending`]).
pub fn replace(place: &Path, base: &Path, stale: &[PathBuf]) -> Result<()> {
    let new = place.join(NEW);
    let files: Vec<PathBuf> = walk_all(&new)?
        .iter()
        .map(|file| file.strip_prefix(&new).unwrap_or(file).to_path_buf())
        .collect();
    files.iter().chain(stale).try_for_each(|file| refuse_links(base, file))?;
    let folders = missing_folders(base, &files).into_iter().map(Name).collect();
    let moved = files.into_iter().map(|file| Move::of(file, &new, base)).collect::<Result<_>>()?;
    let removed = stale.iter().cloned().map(Name).collect();
    let journal = Journal { moved, removed, folders };
    journal.write(place)?;
    let list = place.join(LIST);
    let done = journal.carry_out(place, base).and_then(|()| remove(&list));
    let Err(error) = done else { return Ok(()) };
    journal.undo(place, base).map_err(|failed| {
        let thing = format!("{} (after {error})", failed.thing());
        failed.about(thing)
    })?;
    // If the list cannot be removed, the next run finds nothing left to undo.
    let _ = fs::remove_file(list);
    Err(error)
}

/// Whether `place` holds old files that a run did not put back. Also true if it cannot be found
/// out, so that no old file is lost.
pub fn is_pending(place: &Path) -> bool {
    !matches!(find(&place.join(LIST)), Ok(None))
}

/// Whether a folder holds the list of a run that did not end.
pub fn is_unfinished(place: &Path) -> bool {
    place.join(LIST).is_file()
}

/// Undoes what a killed run left half done in `place`. `only` is the one file that such a run may
/// have moved, where it is known.
///
/// # Errors
/// Where there is a list that cannot be read or undone. The list and the old files stay then.
pub fn recover(place: &Path, base: &Path, only: Option<&Path>) -> Result<()> {
    let list = place.join(LIST);
    refuse_no_file(&list)?;
    let bytes = match fs::read(&list) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        read => read.map_err(|error| Error::io(&list, "read", error))?,
    };
    let journal: Journal = serde_json::from_slice(&bytes)
        .map_err(|error| refusal(&list, "a list that a run wrote", &error.to_string()))?;
    journal.refuse_others(place, base, only)?;
    journal.undo(place, base)?;
    remove(&list)
}

impl From<Metadata> for Stamp {
    fn from(about: Metadata) -> Self {
        Self { length: about.len(), modified: about.modified().ok() }
    }
}

impl Move {
    fn of(file: PathBuf, new: &Path, base: &Path) -> Result<Self> {
        let staged = new.join(&file);
        let about =
            staged.symlink_metadata().map_err(|error| Error::io(&staged, "examine", error))?;
        let replaces = find(&base.join(&file))?.is_some();
        Ok(Self { replaces, stamp: about.into(), file: Name(file) })
    }

    /// Removes the file that was moved in, and puts the old one back.
    fn undo(&self, place: &Path, base: &Path) -> Result<()> {
        let Name(file) = &self.file;
        let is_still_staged = find(&place.join(NEW).join(file))?.is_some();
        if is_still_staged {
            return Ok(());
        }
        let target = base.join(file);
        let is_ours = find(&target)?.is_some_and(|about| Stamp::from(about) == self.stamp);
        let has_none = !self.replaces && find(&place.join(OLD).join(file))?.is_none();
        match is_ours && has_none {
            true => remove(&target),
            false => put_back(place, base, file, is_ours),
        }
    }
}

impl Journal {
    /// Refuses a list that names files outside the output: no run writes such a list.
    fn refuse_others(&self, place: &Path, base: &Path, only: Option<&Path>) -> Result<()> {
        let is_below =
            |file: &Path| file.components().all(|part| matches!(part, Component::Normal(_)));
        let is_expected = |file: &Path| only.is_none_or(|only| only == file) && is_below(file);
        let moved = self.moved.iter().map(|moved| &moved.file);
        for Name(file) in moved.chain(&self.removed).chain(&self.folders) {
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

    /// Writes the list under another name and then renames it, so that it is never incomplete: the
    /// next run could not undo anything by half a list.
    fn write(&self, place: &Path) -> Result<()> {
        let (list, draft) = (place.join(LIST), place.join("journal.draft"));
        let bytes = serde_json::to_vec(self).map_err(io::Error::from);
        bytes
            .and_then(|bytes| fs::write(&draft, bytes))
            .and_then(|()| fs::rename(&draft, &list))
            .map_err(|error| Error::io(&list, "write", error))
    }

    fn carry_out(&self, place: &Path, base: &Path) -> Result<()> {
        let new = place.join(NEW);
        let failed = |name: &Path, error| Error::io(&base.join(name), "replace", error);
        for Name(folder) in &self.folders {
            fs::create_dir(base.join(folder)).map_err(|error| failed(folder, error))?;
        }
        for Move { file: Name(file), .. } in &self.moved {
            keep(place, base, file)
                .and_then(|()| keep_permissions(&base.join(file), &new.join(file)))
                .and_then(|()| fs::rename(new.join(file), base.join(file)))
                .map_err(|error| failed(file, error))?;
        }
        for Name(file) in &self.removed {
            keep(place, base, file)
                .and_then(|()| fs::remove_file(base.join(file)))
                .map_err(|error| failed(file, error))?;
        }
        Ok(())
    }

    /// Puts all files back that can be put back. If some cannot, the error states the first
    /// failure and how many there are. The call may be repeated after it was broken off.
    fn undo(&self, place: &Path, base: &Path) -> Result<()> {
        let moved = self.moved.iter().map(|moved| moved.undo(place, base));
        let removed = self.removed.iter().map(|Name(file)| put_back(place, base, file, false));
        let failed: Vec<Error> = moved.chain(removed).filter_map(Result::err).collect();
        let folders = self.folders.iter().rev();
        folders.for_each(|Name(folder)| drop(fs::remove_dir(base.join(folder))));
        let count = failed.len();
        match failed.into_iter().next() {
            None => Ok(()),
            Some(first) if count == 1 => Err(first),
            Some(first) => {
                let thing = format!("{} (the first of {count} files)", first.thing());
                Err(first.about(thing))
            }
        }
    }
}

/// Puts an old file back if one is kept. It replaces a file only if that `is_ours`: moved in by
/// the run. A file that someone else wrote there later stays, and so does the old file, because
/// the user must choose.
fn put_back(place: &Path, base: &Path, file: &Path, is_ours: bool) -> Result<()> {
    let (old, target) = (place.join(OLD).join(file), base.join(file));
    let Some(kept) = find(&old)? else { return Ok(()) };
    if let (Some(there), false) = (find(&target)?, is_ours) {
        if Stamp::from(there) == Stamp::from(kept) {
            return Ok(());
        }
        let found = format!(
            "another file; the old file is kept in {}: move one of the two to another place",
            old.display()
        );
        let mismatch = Mismatch::new("the file that a stopped run wrote", found);
        return Err(Error::new(ErrorKind::Refused, "output", mismatch).in_file(&target));
    }
    fs::create_dir_all(target.parent().unwrap_or(&target))
        .and_then(|()| fs::rename(&old, &target))
        .map_err(|error| {
            let doing = format!("put back what is kept in {}", old.display());
            Error::io(&target, &doing, error)
        })
}

/// Keeps the file that is there, if any: as a second link to it, or else as a copy.
fn keep(place: &Path, base: &Path, file: &Path) -> io::Result<()> {
    let (target, old) = (base.join(file), place.join(OLD).join(file));
    let about = match target.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Ok(about) if about.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        about => about?,
    };
    fs::create_dir_all(old.parent().unwrap_or(&old))?;
    if fs::hard_link(&target, &old).is_ok() {
        return Ok(());
    }
    if !about.is_file() {
        return Err(io::Error::other("it is not a regular file, so no copy of it can be kept"));
    }
    let copy = place.join("copy");
    let mut kept = File::create_new(&copy)?;
    io::copy(&mut File::open(&target)?, &mut kept)?;
    kept.set_modified(about.modified()?)?;
    kept.set_permissions(about.permissions())?;
    fs::rename(copy, old)
}

/// Gives a new file the permissions of the one that it replaces, if there is one.
fn keep_permissions(old: &Path, new: &Path) -> io::Result<()> {
    match old.symlink_metadata() {
        Ok(about) if about.is_file() => fs::set_permissions(new, about.permissions()),
        _ => Ok(()),
    }
}

/// What is at a path; `None` if nothing is.
///
/// # Errors
/// Where that cannot be found out. This must not be taken for an empty place.
fn find(path: &Path) -> Result<Option<Metadata>> {
    match path.symlink_metadata() {
        Ok(about) => Ok(Some(about)),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
            _ => Err(Error::io(path, "examine", error)),
        },
    }
}

fn remove(file: &Path) -> Result<()> {
    fs::remove_file(file).map_err(|error| Error::io(file, "remove", error))
}

fn refusal(list: &Path, expected: &str, found: &str) -> Error {
    let mismatch = Mismatch::new(expected, found);
    Error::new(ErrorKind::Refused, "list of moves", mismatch).in_file(list)
}

/// The folders that new files need and that do not exist, outer ones first.
fn missing_folders(base: &Path, files: &[PathBuf]) -> Vec<PathBuf> {
    let parents = files.iter().flat_map(|file| file.ancestors().skip(1));
    let missing =
        parents.filter(|folder| !folder.as_os_str().is_empty() && !base.join(folder).exists());
    let missing: std::collections::BTreeSet<&Path> = missing.collect();
    missing.into_iter().map(Path::to_path_buf).collect()
}

/// Refuses a file below `base` if one of the folders between them is a symbolic link.
fn refuse_links(base: &Path, file: &Path) -> Result<()> {
    let folders = file.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    folders.map(|folder| base.join(folder)).try_for_each(|folder| refuse_link(&folder))
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
            // New labels often have the length of the old ones, so it must not decide.
            fs::write(new.join(name), format!("new {}", name.display())).unwrap();
        }
        let moved = files.map(|file| Move::of(file, &new, base.path()).unwrap());
        let (removed, folders) = (vec![Name(STALE.into())], vec![Name("n".into())]);
        let journal = Journal { moved: moved.into(), removed, folders };
        journal.write(&place).unwrap();
        (base, place, journal)
    }

    /// The files outside the place, and what they hold.
    fn tree(base: &Path) -> Vec<(String, String)> {
        let files = walk_all(base).unwrap();
        let outside = files.iter().filter(|file| !file.starts_with(base.join("place")));
        let read = |file: &PathBuf| {
            (relative_name(file, base).unwrap(), fs::read_to_string(file).unwrap())
        };
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
    fn what_someone_wrote_since_stays_and_the_old_files_too() {
        let (base, place, journal) = prepared();
        let before = tree(base.path());
        journal.carry_out(&place, base.path()).unwrap();
        for name in ["a.txt", "c.txt", STALE] {
            fs::write(base.path().join(name), "theirs").unwrap();
        }
        let theirs = ("a.txt".to_owned(), "theirs".to_owned());
        for name in ["a.txt", STALE] {
            let error = recover(&place, base.path(), None).unwrap_err().to_string();
            assert!(
                error.contains(name) && error.contains("move one of the two to another place"),
                "{error}"
            );
            assert!(is_pending(&place) && place.join(OLD).join(name).exists());
            assert_eq!(tree(base.path()).contains(&theirs), name == "a.txt");
            fs::remove_file(base.path().join(name)).unwrap();
        }
        recover(&place, base.path(), None).unwrap();
        let mut expected = before;
        expected.insert(1, ("c.txt".to_owned(), "theirs".to_owned()));
        assert_eq!(tree(base.path()), expected);
    }

    #[test]
    fn a_copy_of_a_half_done_folder_is_undone_as_the_folder_is() {
        let (base, place, journal) = prepared();
        let before = tree(base.path());
        journal.carry_out(&place, base.path()).unwrap();
        for file in walk_all(base.path()).unwrap() {
            let (copy, modified) =
                (file.with_extension("copy"), file.metadata().unwrap().modified());
            fs::copy(&file, &copy).unwrap();
            File::options()
                .write(true)
                .open(&copy)
                .unwrap()
                .set_modified(modified.unwrap())
                .unwrap();
            fs::rename(copy, file).unwrap();
        }
        recover(&place, base.path(), None).unwrap();
        assert_eq!(tree(base.path()), before);
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
        assert!(error.contains("s/b.txt: cannot put back what is kept in "), "{error}");
        assert!(is_pending(&place) && place.join(OLD).join("s/b.txt").exists());
        fs::remove_file(&folder).unwrap();
        recover(&place, base.path(), None).unwrap();
        assert_eq!(tree(base.path()), before);
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_is_listed_too() {
        use std::os::unix::ffi::OsStringExt;
        for name in [&b"a.txt"[..], b"caf\xe9.txt"] {
            let name = Name(OsString::from_vec(name.to_vec()).into());
            let text = serde_json::to_string(&name).unwrap();
            assert_eq!(serde_json::from_str::<Name>(&text).unwrap(), name, "{text}");
        }
    }

    /// A stranger made the list, and it names files of the user that no run has moved.
    #[test]
    fn a_planted_list_removes_nothing() {
        let (base, place, mut journal) = prepared();
        let before = tree(base.path());
        fs::remove_dir_all(place.join(NEW)).unwrap();
        let long_ago = SystemTime::UNIX_EPOCH;
        for (name, _) in &before {
            let file = File::options().write(true).open(base.path().join(name)).unwrap();
            file.set_modified(long_ago).unwrap();
        }
        journal.moved.iter_mut().for_each(|moved| moved.replaces = false);
        journal.write(&place).unwrap();
        recover(&place, base.path(), None).unwrap();
        assert_eq!(tree(base.path()), before);
        journal.write(&place).unwrap();
        let error = recover(&place, base.path(), Some(Path::new("a.txt"))).unwrap_err();
        assert!(error.to_string().contains("expected files of the output"), "{error}");
        fs::write(place.join(LIST), "{").unwrap();
        let error = recover(&place, base.path(), None).unwrap_err();
        assert!(error.to_string().contains("expected a list that a run wrote"), "{error}");
    }
}
