//! How an image file ends: whether its picture is whole.

use super::jpeg::find_segment;
use crate::files;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// How an image file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With the end marker of its format, or its format has none.
    Proper,
    /// With this many other bytes after the end marker.
    Before(usize),
    /// Without an end marker.
    Missing,
}

/// How a JPEG or PNG file ends; `None` for other formats.
pub fn end_of(path: &Path) -> Option<End> {
    let mut file = std::fs::File::open(path).ok()?;
    let mut start = [0u8; 8];
    file.read_exact(&mut start).ok()?;
    let marker: &[u8] = match start {
        [0xFF, 0xD8, ..] => b"\xFF\xD9",
        [0x89, b'P', b'N', b'G', ..] => b"IEND\xAE\x42\x60\x82",
        _ => return None,
    };
    let before_end = i64::try_from(marker.len()).ok()?.checked_neg()?;
    file.seek(SeekFrom::End(before_end)).ok()?;
    let mut end = [0u8; 8];
    let end = end.get_mut(..marker.len())?;
    file.read_exact(end).ok()?;
    if end == marker {
        return Some(End::Proper);
    }
    // Some cameras append data of their own. Then the marker is before that.
    let bytes = files::read(path).ok()?;
    let picture = picture(&bytes);
    let at = picture.windows(marker.len()).rposition(|window| window == marker);
    Some(at.map_or(End::Missing, |at| End::Before(picture.len() - at - marker.len())))
}

/// The rest of a file after the segments of a JPEG. They may hold thumbnails, which have end markers
/// of their own.
fn picture(bytes: &[u8]) -> &[u8] {
    let mut reader = BufReader::new(Cursor::new(bytes));
    let is_jpeg = bytes.starts_with(b"\xFF\xD8");
    let found = is_jpeg.then(|| find_segment(&mut reader, |_, _, _| Some(false)));
    let at = found.and_then(|_| reader.stream_position().ok()).unwrap_or_default();
    usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_truncated_where_its_picture_has_no_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let header = b"\xFF\xD8\xFF\xE1\x00\x06\xFF\xD9\xFF\xD9\xFF\xDA\x00\x02data";
        let cases: [(&[u8], End); 6] = [
            (b"\xFF\xD9", End::Proper),
            (b"\xFF\xD9 of a camera", End::Before(12)),
            (b"\xFF\xD9\x00", End::Before(1)),
            (b"", End::Missing),
            (b"\xFF", End::Missing),
            (b"more data", End::Missing),
        ];
        for (end, expected) in cases {
            std::fs::write(&path, [header.as_slice(), end].concat()).unwrap();
            assert_eq!(end_of(&path), Some(expected), "{end:?}");
        }
        std::fs::write(&path, b"GIF89a, which has no such marker").unwrap();
        assert_eq!(end_of(&path), None);
    }
}
