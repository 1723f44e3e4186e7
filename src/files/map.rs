//! Reads big files from the system's page cache, without a copy in memory of our own.

use crate::error::{Error, Result};
use memmap2::{Advice, Mmap};
use std::fmt;
use std::fs::File;
use std::io;
use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::Arc;

/// Files of at least this many bytes are mapped. Smaller ones are read: that is faster, and it
/// does no harm if another program cuts such a file off meanwhile.
const MAPPED: u64 = 1 << 20;

/// The bytes of a file.
#[derive(Debug)]
pub enum Bytes {
    /// Mapped from the page cache.
    Mapped(Mmap),
    /// Read into memory.
    Held(Vec<u8>),
}

impl Bytes {
    /// The bytes of a regular file.
    ///
    /// # Errors
    /// Where it cannot be read, or is not a regular file.
    pub fn open(path: &Path) -> Result<Self> {
        match std::fs::metadata(path) {
            Ok(about) if about.is_file() && about.len() >= MAPPED => File::open(path)
                .and_then(|file| Self::of(&file))
                .map_err(|error| Error::io(path, "read", error)),
            _ => super::read(path).map(Self::Held),
        }
    }

    /// The bytes of an open file, mapped.
    ///
    /// # Errors
    /// Where the system refuses to map it.
    pub fn of(file: &File) -> io::Result<Self> {
        match file.metadata()?.len() {
            0 => Ok(Self::Held(Vec::new())),
            _ => map(file).map(Self::Mapped),
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Held(bytes) => bytes,
        }
    }
}

/// A part of a file, shared without a copy.
#[derive(Clone)]
pub struct Slice {
    bytes: Arc<Bytes>,
    span: Range<usize>,
}

impl Slice {
    /// The bytes of a span; no bytes if the span is not inside the file.
    pub fn new(bytes: &Arc<Bytes>, span: &Range<usize>) -> Self {
        Self { bytes: Arc::clone(bytes), span: span.clone() }
    }
}

impl Deref for Slice {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(self.span.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self))
    }
}

/// Maps a file, so that a file of any size takes no memory of our own. This is the only `unsafe`
/// of this crate.
///
/// The map is read-only and private, but another program may change the file while we read it.
/// - If it writes to the file, we may read some old and some new bytes, as with any way of reading
///   in pieces. That is safe: every value is checked when it is parsed, and every span before it
///   is used.
/// - If it shortens the file, the system may stop this program. No incomplete output appears then
///   ([`super::staging`]).
#[expect(unsafe_code, reason = "mapping a file has no safe form")]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: see above; the map is only read as bytes, and every value of a byte is valid.
    let map = unsafe { Mmap::map(file)? };
    let _ = map.advise(Advice::WillNeed);
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_same_however_they_are_read() {
        let folder = tempfile::tempdir().unwrap();
        for length in [0, 5, MAPPED - 1, MAPPED, MAPPED + 1] {
            let path = folder.path().join(length.to_string());
            let expected: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            std::fs::write(&path, &expected).unwrap();
            let bytes = Bytes::open(&path).unwrap();
            assert_eq!(matches!(bytes, Bytes::Mapped(_)), length >= MAPPED);
            assert!(*bytes == *expected, "{length}");
        }
        assert!(Bytes::open(folder.path()).is_err());
        assert!(Bytes::open(&folder.path().join("none")).is_err());
    }
}
