//! Class lists with one name on each line.

use crate::error::{Error, Position, Result};
use crate::files;
use std::path::Path;

/// The text of a file, without a byte order mark.
///
/// # Errors
/// Where it cannot be read, or is not UTF-8.
pub fn read(path: &Path) -> Result<String> {
    let bytes = files::read(path)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let position = Position::of(error.as_bytes(), error.utf8_error().valid_up_to());
        Error::malformed("class names", "UTF-8", "other bytes").in_file(path).at(position)
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The names in a list: its lines, without the empty ones at the end.
pub fn names(text: &str) -> Vec<String> {
    text.trim_end_matches(['\r', '\n']).lines().map(str::to_owned).collect()
}

/// Whether a file is the label file of an image, and not a class list. An image `labels.jpg` has
/// the label file `labels.txt`. The first row of a label file has five numbers or more.
pub fn is_label(path: &Path) -> bool {
    let text = files::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let row = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let columns = row.split_whitespace();
    columns.clone().count() >= 5 && columns.clone().all(|column| column.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("classes.txt");
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    #[test]
    fn lists_are_utf_8() {
        let cases: [(&[u8], Option<&[&str]>); 5] = [
            (b"a\nb c\n", Some(&["a", "b c"])),
            ("\u{feff}Äh\r\n猫\r\n\r\n".as_bytes(), Some(&["Äh", "猫"])),
            (b"", Some(&[])),
            (b"a\n\xc4h\n", None),
            (b"\xff\xfea\0\n\0", None),
        ];
        for (bytes, expected) in cases {
            let (_folder, path) = write(bytes);
            match (read(&path), expected) {
                (Ok(text), Some(expected)) => assert_eq!(names(&text), expected),
                (Err(error), None) => {
                    assert!(error.to_string().ends_with("expected UTF-8, found other bytes"));
                }
                (read, _) => panic!("{bytes:?}: {read:?}"),
            }
        }
    }

    #[test]
    fn a_label_file_is_no_list() {
        let cases = [("\n0 0.5 0.5 0.1 0.1\n", true), ("0 1 2 3\n", false), ("a b c d e\n", false)];
        for (text, expected) in cases {
            let (_folder, path) = write(text.as_bytes());
            assert_eq!(is_label(&path), expected, "{text}");
        }
    }
}
