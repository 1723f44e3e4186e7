//! The segments of a JPEG file, which come before the picture (ITU-T T.81, B.1.1).

use std::io::{BufReader, Read, Seek, SeekFrom};

/// Goes through the segments before the picture. `is_sought` is called with the marker of each and
/// the length of its content, at which the reader then stands.
///
/// Returns true as soon as `is_sought` does, and false where the data of the picture begin: the
/// reader stands behind the marker that says so. `None` if the segments are broken.
pub fn find_segment<R: Read + Seek>(
    reader: &mut BufReader<R>,
    mut is_sought: impl FnMut(&mut BufReader<R>, u8, u32) -> Option<bool>,
) -> Option<bool> {
    reader.seek(SeekFrom::Start(2)).ok()?;
    loop {
        let [0xFF, mut marker] = bytes(reader)? else { return None };
        while marker == 0xFF {
            [marker] = bytes(reader)?;
        }
        // These markers are the start of the picture's data and the end of the file.
        if matches!(marker, 0xDA | 0xD9) {
            return Some(false);
        }
        // The length includes its own two bytes.
        let length = u32::from(u16::from_be_bytes(bytes(reader)?)).checked_sub(2)?;
        if is_sought(reader, marker, length)? {
            return Some(true);
        }
        skip(reader, length)?;
    }
}

/// The next bytes.
pub fn bytes<const N: usize>(reader: &mut impl Read) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes).ok().map(|()| bytes)
}

/// Skips bytes. Unlike `seek`, it keeps the bytes that the buffer has already read.
pub fn skip<R: Read + Seek>(reader: &mut BufReader<R>, length: u32) -> Option<()> {
    reader.seek_relative(i64::from(length)).ok()
}
