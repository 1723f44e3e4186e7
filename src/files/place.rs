//! Puts copies of files, or links to them, into an output.

use reflink_copy::reflink_or_copy;
use std::fs;
use std::io;
use std::path::Path;

/// How an image gets into an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Placing {
    /// As a copy; one that shares its blocks with the file, where the file system can do that.
    #[default]
    Copy,
    /// As a copy that shares its blocks with the file; an error where that cannot be.
    Reflink,
    /// As another name of the same file. Whoever changes one changes both.
    Hardlink,
    /// As a link to the file. Whoever writes through it changes the file.
    Symlink,
    /// Not at all.
    None,
}

/// Puts a file at a place where none is.
///
/// # Errors
/// Where something is there, or it cannot be written.
pub fn put(file: &Path, place: &Path, how: Placing) -> io::Result<()> {
    match how {
        Placing::None => Ok(()),
        Placing::Copy => reflink_or_copy(file, place).map(|_| ()),
        Placing::Reflink => reflink_copy::reflink(file, place),
        Placing::Hardlink => fs::hard_link(fs::canonicalize(file)?, place),
        Placing::Symlink => link(&fs::canonicalize(file)?, place),
    }
}

#[cfg(unix)]
fn link(file: &Path, place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(file, place)
}

#[cfg(windows)]
fn link(file: &Path, place: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(file, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_copied_or_linked_and_nothing_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, "one").unwrap();
        for (how, is_same) in
            [(Placing::Copy, false), (Placing::Hardlink, true), (Placing::Symlink, true)]
        {
            let place = folder.path().join(format!("{how:?}"));
            put(&file, &place, how).unwrap();
            fs::write(&place, "two").unwrap();
            let expected = if is_same { "two" } else { "one" };
            assert_eq!(fs::read_to_string(&file).unwrap(), expected, "{how:?}");
            assert_eq!(place.is_symlink(), how == Placing::Symlink);
            assert!(how == Placing::Copy || put(&file, &place, how).is_err(), "{how:?}");
            fs::write(&file, "one").unwrap();
        }
        put(&file, &folder.path().join("none"), Placing::None).unwrap();
        assert!(!folder.path().join("none").exists());
    }
}
