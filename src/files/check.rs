//! Compares the files that would be written with the files that are there.

use serde::Serialize;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// How many bytes of a line a difference quotes.
const QUOTED: usize = 60;

/// A difference between the file that would be written and the file that is there (`--check`).
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Difference {
    /// The file.
    pub file: String,
    /// `changed`, `missing` or `stale`.
    pub kind: &'static str,
    /// The line of the first difference, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column of the first difference, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The text that would be written there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The text that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// Compares a file with the bytes that it should hold.
///
/// # Errors
/// Where the file is there and cannot be read.
pub fn compare(path: &Path, expected: &[u8]) -> io::Result<Option<Difference>> {
    let mut comparer = Comparer::open(path)?;
    comparer.write_all(expected)?;
    comparer.finish()
}

/// A [`Write`] that compares what is written to it with a file, piece by piece.
pub struct Comparer {
    path: PathBuf,
    file: Option<BufReader<File>>,
    line: usize,
    line_start: Vec<u8>,
    column: usize,
    difference: Option<Difference>,
}

impl Comparer {
    /// Opens the file to compare with. If there is none, that is the first difference.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        if path.metadata().is_ok_and(|about| !about.is_file()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let file = match File::open(path) {
            Ok(file) => Some(BufReader::new(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let difference = file.is_none().then(|| difference(path, "missing"));
        let path = path.to_path_buf();
        Ok(Self { path, file, line: 1, line_start: Vec::new(), column: 1, difference })
    }

    /// The first difference, after the last piece was written.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn finish(mut self) -> io::Result<Option<Difference>> {
        if self.difference.is_none() {
            let mut rest = [0; QUOTED];
            let length = read_full(&mut self.file, &mut rest)?;
            if length > 0 {
                self.differs(&[], rest.get(..length).unwrap_or_default());
            }
        }
        Ok(self.difference)
    }

    /// Counts lines and columns over equal bytes, and keeps the start of the line for quoting.
    fn advance(&mut self, same: &[u8]) {
        for &byte in same {
            if byte == b'\n' {
                self.line += 1;
                self.column = 1;
                self.line_start.clear();
                continue;
            }
            self.column += usize::from(!(0x80..0xC0).contains(&byte));
            if self.line_start.len() < QUOTED {
                self.line_start.push(byte);
            }
        }
    }

    fn differs(&mut self, expected: &[u8], found: &[u8]) {
        let whole_line = self.line_start.len() < QUOTED;
        let quote = |rest: &[u8]| {
            let start: &[u8] = if whole_line { &self.line_start } else { b"" };
            let line = rest.split(|&byte| byte == b'\n').next().unwrap_or(rest);
            let text = [start, line.get(..QUOTED).unwrap_or(line)].concat();
            match rest.first() {
                None => return "the end of the file".to_owned(),
                Some(b'\n') => return "the end of the line".to_owned(),
                Some(_) => {}
            }
            format!("{:?}", String::from_utf8_lossy(&text))
        };
        self.difference = Some(Difference {
            line: Some(self.line),
            column: Some(self.column),
            expected: Some(quote(expected)),
            found: Some(quote(found)),
            ..difference(&self.path, "changed")
        });
    }
}

impl Write for Comparer {
    fn write(&mut self, expected: &[u8]) -> io::Result<usize> {
        if self.difference.is_some() {
            return Ok(expected.len());
        }
        let mut found = vec![0; expected.len()];
        let length = read_full(&mut self.file, &mut found)?;
        let found = found.get(..length).unwrap_or_default();
        let same = expected.iter().zip(found).take_while(|(left, right)| left == right).count();
        let (equal, rest) = expected.split_at(same);
        self.advance(equal);
        if same < expected.len() {
            self.differs(rest, found.get(same..).unwrap_or_default());
        }
        Ok(expected.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A difference without a place.
pub fn difference(path: &Path, kind: &'static str) -> Difference {
    Difference {
        file: path.display().to_string(),
        kind,
        line: None,
        column: None,
        expected: None,
        found: None,
    }
}

fn read_full(file: &mut Option<BufReader<File>>, buffer: &mut [u8]) -> io::Result<usize> {
    let Some(file) = file else { return Ok(0) };
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named_by_line_and_column() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "0 0.1\n0 0.2\n").unwrap();
        let place = |expected: &str| {
            let found = compare(&path, expected.as_bytes()).unwrap();
            found.map(|d| (d.kind, d.line, d.column, d.expected.unwrap(), d.found.unwrap()))
        };
        let quoted = |text: &str| format!("{text:?}");
        let end = "the end of the file".to_owned();
        assert_eq!(place("0 0.1\n0 0.2\n"), None);
        let changed = ("changed", Some(2), Some(5), quoted("0 0.3"), quoted("0 0.2"));
        assert_eq!(place("0 0.1\n0 0.3\n"), Some(changed));
        let longer = ("changed", Some(3), Some(1), quoted("1"), end.clone());
        assert_eq!(place("0 0.1\n0 0.2\n1"), Some(longer));
        let shorter = ("changed", Some(2), Some(1), end, quoted("0 0.2"));
        assert_eq!(place("0 0.1\n"), Some(shorter));
        let missing = compare(&folder.path().join("b.txt"), b"").unwrap().unwrap();
        assert_eq!((missing.kind, missing.line), ("missing", None));
    }
}
