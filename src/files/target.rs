//! Checks before a run writes: whether the target may be written, and whether the paths of the
//! run's own files are free.

use crate::error::{Error, ErrorKind, Mismatch, Remedy, Result};
use std::fs;
use std::io;
use std::path::Path;

/// The end of the name of each staging folder.
pub(super) const STAGING: &str = ".annoconv-staging";

/// Whether this is the name of a staging folder.
pub fn is_staging(name: &std::ffi::OsStr) -> bool {
    let (name, staging) = (name.as_encoded_bytes(), STAGING.as_bytes());
    name.last_chunk::<{ STAGING.len() }>().is_some_and(|end| end.eq_ignore_ascii_case(staging))
}

/// What a run writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A folder of files.
    Folder,
    /// One file.
    File,
}

/// Refuses a target that may not be written to.
///
/// # Errors
/// Where it is of the other kind, or exists (an empty folder aside) without `overwrite`.
pub fn verify(target: &Path, kind: Target, overwrite: bool) -> Result<()> {
    let refuse = |expected: &str, found: &str| {
        let mismatch = Mismatch::new(expected, found);
        Err(Error::new(ErrorKind::Refused, "output", mismatch).in_file(target))
    };
    let refuse_old = |expected: &str, found: &str| {
        refuse(expected, found).map_err(|error| error.mended_by(Remedy::Overwrite))
    };
    if kind == Target::File && target.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return refuse("the name of a file", "the name of a folder");
    }
    match (target.symlink_metadata(), kind) {
        (Err(error), _) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        (Err(error), _) => Err(Error::io(target, "examine", error)),
        (Ok(_), Target::Folder) if !target.is_dir() => refuse("a folder", "a file"),
        (Ok(_), Target::File) if target.exists() && !target.is_dir() && !target.is_file() => {
            refuse("a regular file", "a device or pipe")
        }
        (Ok(_), Target::File) if target.is_dir() => refuse("the name of a file", "a folder"),
        (Ok(_), Target::Folder) if is_empty(target)? => Ok(()),
        _ if overwrite => Ok(()),
        (_, Target::Folder) => refuse_old("an empty folder", "one with files in it"),
        _ => refuse_old("a new file", "a file that is there"),
    }
}

fn is_empty(folder: &Path) -> Result<bool> {
    let mut entries = fs::read_dir(folder).map_err(|error| Error::io(folder, "read", error))?;
    Ok(entries.all(|entry| entry.is_ok_and(|entry| is_staging(&entry.file_name()))))
}

/// Refuses a symbolic link where a run makes its own files.
///
/// # Errors
/// Where the path is one.
pub fn refuse_link(path: &Path) -> Result<()> {
    refuse_if(path.is_symlink(), path, "no symbolic link", "a symbolic link")
}

/// Refuses anything but a regular file where a run has its own file. A pipe, for one, would be read
/// without end.
///
/// # Errors
/// Where there is something else.
pub fn refuse_no_file(path: &Path) -> Result<()> {
    let is_other = path.symlink_metadata().is_ok_and(|about| !about.is_file());
    refuse_if(is_other, path, "a regular file", "a link, folder, device or pipe")
}

fn refuse_if(is_refused: bool, path: &Path, expected: &str, found: &str) -> Result<()> {
    match is_refused {
        false => Ok(()),
        true => {
            let mismatch = Mismatch::new(expected, found);
            Err(Error::new(ErrorKind::Refused, "output", mismatch).in_file(path))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_of_its_kind_and_replaced_only_when_asked() {
        let base = tempfile::tempdir().unwrap();
        let [file, folder, empty, none] =
            ["file", "folder", "empty", "none"].map(|it| base.path().join(it));
        fs::write(&file, "x").unwrap();
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.txt"), "x").unwrap();
        fs::create_dir_all(empty.join(".annoconv-staging")).unwrap();
        for (target, kind, is_taken, is_replaced) in [
            (&none, Target::File, true, true),
            (&none, Target::Folder, true, true),
            (&empty, Target::Folder, true, true),
            (&folder, Target::Folder, false, true),
            (&file, Target::File, false, true),
            (&file, Target::Folder, false, false),
            (&file.join("x"), Target::Folder, false, false),
            (&folder, Target::File, false, false),
            (&empty, Target::File, false, false),
            (&none.join(""), Target::File, false, false),
        ] {
            let allowed = [false, true].map(|overwrite| verify(target, kind, overwrite).is_ok());
            assert_eq!(allowed, [is_taken, is_replaced], "{} {kind:?}", target.display());
        }
    }
}
