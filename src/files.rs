//! The file system: sorted walks, safe names, and outputs that appear whole or not at all.

pub mod check;
pub mod diff;
pub mod input;
mod journal;
pub mod map;
pub mod pack;
pub mod patch;
pub mod place;
pub mod recent;
pub mod staging;
pub mod target;

use crate::error::{Error, Mismatch, Result};
use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};
use unicode_normalization::UnicodeNormalization;
use walkdir::WalkDir;

/// The longest name of one file that common file systems take, in bytes.
const LONGEST_NAME: usize = 255;

/// The longest path below an output folder, in bytes. macOS refuses longer ones.
const LONGEST_PATH: usize = 1024;

/// Reads a whole file.
///
/// # Errors
/// Where it cannot be read, or is not a regular file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::metadata(path).and_then(|about| {
        if about.is_file() {
            // `fs::read` would ask the system for the length twice more.
            let mut bytes = Vec::new();
            bytes.try_reserve_exact((about.len() as usize).saturating_add(1))?;
            std::fs::File::open(path)?.read_to_end(&mut bytes)?;
            return Ok(bytes);
        }
        Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file"))
    });
    bytes.map_err(|error| Error::io(path, "read", error))
}

/// All files and symbolic links below `folder`, hidden ones, too. Links are not followed.
///
/// # Errors
/// Where a folder cannot be read.
pub fn walk_all(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| walk_error(folder, error))?;
        if !entry.file_type().is_dir() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// All files below `folder`, sorted by name. Symbolic links are followed; links to nothing are
/// ignored, and so are files and folders whose names start with a dot.
///
/// # Errors
/// Where a folder cannot be read.
pub fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_hidden = |entry: &walkdir::DirEntry| {
        entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    let mut files = Vec::new();
    let walk = WalkDir::new(folder).follow_links(true).sort_by_file_name();
    for entry in walk.into_iter().filter_entry(|entry| !is_hidden(entry)) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => files.push(entry.into_path()),
            Ok(_) => {}
            Err(error) if error.path().is_some_and(|path| path != folder && path.is_symlink()) => {}
            Err(error) => return Err(walk_error(folder, error)),
        }
    }
    Ok(files)
}

fn walk_error(folder: &Path, error: walkdir::Error) -> Error {
    let place = error.path().unwrap_or(folder).to_path_buf();
    let loops = || std::io::Error::other("a link that leads back to a folder above it");
    Error::io(&place, "read", error.into_io_error().unwrap_or_else(loops))
}

/// Whether the path's extension is one of these, whatever its case.
pub fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().and_then(|extension| extension.to_str()).is_some_and(|extension| {
        extensions.iter().any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// The path of `path` below `folder`, with `/` between its parts.
///
/// # Errors
/// Where it is not Unicode text. Names in annotations are text, so no such name could state it.
pub fn relative_name(path: &Path, folder: &Path) -> Result<String> {
    let relative = path.strip_prefix(folder).unwrap_or(path);
    let parts: Option<Vec<&str>> = relative.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/")).ok_or_else(|| {
        Error::malformed("file name", "UTF-8", format!("{relative:?}")).in_file(path)
    })
}

/// The absolute path, with symbolic links resolved. The file itself, and the last folders above
/// it, need not exist.
pub fn full(path: &Path) -> PathBuf {
    let here = Path::new(".");
    let path = if path.as_os_str().is_empty() { here } else { path };
    if let Ok(full) = path.canonicalize() {
        return full;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => full(parent).join(name),
        _ => path.to_path_buf(),
    }
}

/// A path without a `.` at its start, which has no meaning.
pub fn plain(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}

/// A path as people read it: relative to the current folder if it lies below that.
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    below.unwrap_or(path).display().to_string()
}

/// The path, below an output folder, of a file whose name a dataset states.
///
/// # Errors
/// Where the name could lead outside the folder (`..`, an absolute path, a drive letter in any
/// part), has a character that not every system takes (a backslash, NUL), names no file, or lies
/// in a staging folder, which the next run would clear.
pub fn safe_path(name: &str) -> std::result::Result<PathBuf, Mismatch> {
    let refuse = |why: &str| Err(Mismatch::new(why, format!("{name:?}")));
    // On Windows, the text after a colon names a stream of the file.
    let has_drive = name.split('/').any(|part| part.as_bytes().get(1) == Some(&b':'))
        || cfg!(windows) && name.contains(':');
    if name.starts_with('/') || has_drive || name.contains(['\\', '\0']) {
        return refuse("a relative path with forward slashes");
    }
    if name.contains("://") {
        return refuse("a relative path, and no URL");
    }
    if name.split('/').any(leads_up) {
        return refuse("a path that stays inside its folder");
    }
    if matches!(name.rsplit('/').next(), None | Some("" | ".")) {
        return refuse("the name of a file");
    }
    if name.split('/').any(|part| part.len() > LONGEST_NAME) || name.len() > LONGEST_PATH {
        return refuse("names of at most 255 bytes, and paths of at most 1024");
    }
    if name.split('/').any(|part| target::is_staging(part.as_ref())) {
        return refuse("a name that does not end like a staging folder's");
    }
    Ok(name.split('/').filter(|part| !matches!(*part, "" | ".")).collect())
}

/// Whether a part of a path is `..`, or some system takes it for that: Windows ignores dots and
/// spaces at the end of a name.
fn leads_up(part: &str) -> bool {
    !matches!(part, "" | ".") && part.trim_end_matches(['.', ' ']).is_empty()
}

/// The label file of an image: its path with the text after the last dot replaced.
///
/// # Errors
/// As [`safe_path`].
pub fn label_path(file_name: &str, extension: &str) -> std::result::Result<PathBuf, Mismatch> {
    safe_path(file_name)?;
    let (folder, name) = match file_name.rsplit_once('/') {
        Some((folder, name)) => (Some(folder), name),
        None => (None, file_name),
    };
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem = if stem.is_empty() { name } else { stem };
    let label = format!("{stem}.{extension}");
    safe_path(&folder.map_or_else(|| label.clone(), |folder| format!("{folder}/{label}")))
}

/// A name without the differences that some file systems ignore: upper and lower case (Windows,
/// macOS), and whether a letter and its accent are one character or two (macOS). Names with the
/// same result are names of one file there.
pub fn folded(name: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    match name.bytes().all(is_plain) {
        true => Cow::Borrowed(name),
        false if name.is_ascii() => name.to_ascii_lowercase().into(),
        false => {
            // Some upper case letters have two lower case forms (Σ has σ and ς).
            let letters = name.nfd().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
            letters.nfd().collect::<String>().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leads_outside() {
        for name in [
            "../x.jpg",
            "a/../../x.jpg",
            "/etc/x.jpg",
            "C:/x.jpg",
            "c:x.jpg",
            "a/C:x.jpg",
            "..",
            "a\\b.jpg",
            "\\\\server\\x.jpg",
            "a\0b.jpg",
            "",
            ".",
            "a/",
            "a/.",
            "..\\x.jpg",
            ".. /x.jpg",
            ".../x.jpg",
            "a/. ./x.jpg",
            "x.jpg/..",
            ".annoconv-staging/x.jpg",
            "a/.out.annoconv-staging/x.jpg",
        ] {
            assert!(safe_path(name).is_err(), "{name:?}");
        }
        assert!(safe_path(&"x".repeat(256)).is_err());
        assert!(safe_path(&"x/".repeat(512)).is_err());
        assert!(label_path(&format!("{}.j", "x".repeat(253)), "txt").is_err());
    }

    #[test]
    fn a_label_keeps_folders_and_loses_the_last_extension() {
        for (name, label) in [
            ("a.jpg", "a.txt"),
            ("x/y/a.b.png", "x/y/a.b.txt"),
            ("./x//a.jpg", "x/a.txt"),
            ("noext", "noext.txt"),
            ("x..y.jpg", "x..y.txt"),
            (".jpg", ".jpg.txt"),
            ("x.y/noext", "x.y/noext.txt"),
        ] {
            assert_eq!(label_path(name, "txt").unwrap(), PathBuf::from(label), "{name}");
        }
    }

    #[test]
    fn folded_names_are_those_that_some_systems_take_for_one() {
        for (one, other) in [
            ("a.JPG", "A.jpg"),
            ("\u{e9}.jpg", "e\u{301}.jpg"),
            ("\u{c9}.jpg", "e\u{301}.JPG"),
            ("\u{3a3}", "\u{3c3}"),
            ("\u{3c2}", "\u{3c3}"),
            ("\u{17f}", "S"),
            ("stra\u{df}e", "STRASSE"),
            ("\u{1e9b}\u{323}", "\u{17f}\u{323}\u{307}"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} and {other}");
        }
        for (one, other) in [("a.jpg", "b.jpg"), ("e.jpg", "\u{e9}.jpg"), ("a-1", "a_1")] {
            assert_ne!(folded(one), folded(other), "{one} and {other}");
        }
    }

    #[test]
    fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap_err().to_string().contains("not a regular file"));
        assert!(read(&folder.path().join("none")).is_err());
    }
}
