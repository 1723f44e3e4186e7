//! Tables as text, with commas between the cells (RFC 4180): one way of reading for all of them.

use crate::error::{Error, Position, Result};
use crate::files;
use csv::{ReaderBuilder, StringRecord, Trim};
use std::path::{Path, PathBuf};

/// What of a table may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Every row has as many cells as the header. Blanks belong to the cells.
    Exact,
    /// Rows are of any length. Blanks around cells are no part of them.
    Loose,
    /// The same, without a header.
    Headless,
}

/// A table, not yet parsed.
pub struct TableFile {
    path: PathBuf,
    bytes: Vec<u8>,
    form: Form,
}

impl TableFile {
    /// Reads a file, which may be compressed.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(path: &Path, form: Form) -> Result<Self> {
        Ok(Self { path: path.to_path_buf(), bytes: files::read(path)?, form })
    }

    /// The cells of the header; none where the form has no header.
    ///
    /// # Errors
    /// Where it is not CSV.
    pub fn header(&self) -> Result<Vec<String>> {
        if self.form == Form::Headless {
            return Ok(Vec::new());
        }
        let mut reader = self.reader();
        let header = reader.headers().map_err(|error| self.error("header", &error))?;
        Ok(header.iter().map(str::to_owned).collect())
    }

    /// The rows below the header, each with its line from 1.
    ///
    /// Each is a result of its own: an error where a row is not CSV, or not of the form.
    pub fn rows(&self) -> impl Iterator<Item = Result<(usize, StringRecord)>> {
        let mut reader = self.reader();
        // What is wrong with the header was said by `header`. Read first, it does not count as a
        // row whose place is asked for.
        drop(reader.headers().map(csv::StringRecord::len));
        reader.into_records().map(|record| match record {
            Ok(record) => Ok((self.line_of(record.position()), record)),
            Err(error) => Err(self.error("row", &error)),
        })
    }

    /// The line of a row, from 1. The reader's own is that of the blank lines before it, if any.
    fn line_of(&self, position: Option<&csv::Position>) -> usize {
        let Some(position) = position else { return 1 };
        let rest = self.text().get(position.byte() as usize..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
        position.line() as usize + blank.filter(|byte| **byte == b'\n').count()
    }

    fn text(&self) -> &[u8] {
        self.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.bytes)
    }

    fn reader(&self) -> csv::Reader<&[u8]> {
        let is_exact = self.form == Form::Exact;
        ReaderBuilder::new()
            .has_headers(self.form != Form::Headless)
            .flexible(!is_exact)
            .trim(if is_exact { Trim::None } else { Trim::All })
            .from_reader(self.text())
    }

    fn error(&self, thing: &str, error: &csv::Error) -> Error {
        let at = Position::line(self.line_of(error.position()));
        Error::malformed(thing, "CSV", error.to_string()).in_file(&self.path).at(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, form: Form) -> (Vec<String>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, text).unwrap();
        let file = TableFile::read(&path, form).unwrap();
        let row = |row: Result<(usize, StringRecord)>| match row {
            Ok((line, cells)) => format!("{line}: {}", cells.iter().collect::<Vec<_>>().join("|")),
            Err(error) => {
                let place = error.position().map_or(0, |at| at.line);
                format!("{place}: {}", error.thing())
            }
        };
        (file.header().unwrap(), file.rows().map(row).collect())
    }

    #[test]
    fn a_form_says_what_rows_are_read() {
        let text = "\u{feff}a,b\n1, 2\n\n\"x\ny\",3\n4\n";
        for (form, header, rows) in [
            (Form::Exact, &["a", "b"][..], ["2: 1| 2", "4: x\ny|3", "6: row"].as_slice()),
            (Form::Loose, &["a", "b"], &["2: 1|2", "4: x\ny|3", "6: 4"]),
            (Form::Headless, &[], &["1: a|b", "2: 1|2", "4: x\ny|3", "6: 4"]),
        ] {
            let (found, lines) = read(text, form);
            assert_eq!(
                (found.as_slice(), lines.as_slice()),
                (
                    &header.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()[..],
                    &rows.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()[..]
                ),
                "{form:?}"
            );
        }
    }
}
