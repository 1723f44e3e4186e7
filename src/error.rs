//! Errors: what is wrong, where it is, and who must act.

mod remedy;

pub use remedy::Remedy;

use crate::rules::Rule;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The result of every fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure, with its place: `file:line:column: thing: expected X, found Y`.
#[derive(Debug)]
pub struct Error(Box<Detail>);

#[derive(Debug)]
struct Detail {
    kind: ErrorKind,
    file: Option<PathBuf>,
    position: Option<Position>,
    thing: String,
    problem: Problem,
    rule: Option<Rule>,
    remedy: Option<Remedy>,
}

#[derive(Debug)]
enum Problem {
    Mismatch(Mismatch),
    Io(io::Error),
}

/// Who must act to make the failure go away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The machine: a file cannot be read or written.
    Io,
    /// The maker of the input: it is not what its format says.
    Malformed,
    /// The maker of the input: it names something that is not there (a class, an image).
    Unknown,
    /// The caller: a needed image, size or class list was not given.
    Missing,
    /// The caller: the call cannot be carried out as made.
    Usage,
    /// The caller: the output would overwrite, collide or leave its folder.
    Refused,
    /// Nobody: the caller stopped the run.
    Stopped,
}

/// What was expected, and what was found instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What was expected.
    pub expected: String,
    /// What was found instead.
    pub found: String,
}

impl Mismatch {
    /// A mismatch, from texts that complete "expected …, found …".
    pub fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { expected: brief(expected.into()), found: brief(found.into()) }
    }
}

/// How many characters of a text a message quotes at most.
const LONGEST: usize = 1000;

/// A text for a message. A very long one is cut off, and its length added.
pub(crate) fn brief(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some(_) => {
            format!("{}… ({} bytes)", text.chars().take(LONGEST).collect::<String>(), text.len())
        }
        None => text,
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

/// A place in a text: line and column, both counted from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// The place of the byte at `offset` of `text`. An offset past the end has the place after the
    /// last byte.
    ///
    /// ```
    /// use annoconv::error::Position;
    /// assert_eq!(Position::of(b"ab\ncd", 4), Position { line: 2, column: 2 });
    /// ```
    pub fn of(text: &[u8], offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let starts_character = |byte: &&u8| !(0x80..0xC0).contains(*byte);
        Self {
            line: before.iter().filter(|&&byte| byte == b'\n').count() + 1,
            column: before.iter().skip(line_start).filter(starts_character).count() + 1,
        }
    }

    /// The start of a line, counted from 1.
    pub fn line(line: usize) -> Self {
        Self { line, column: 1 }
    }
}

/// A place in a dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// Line and column; `None` if the place is the whole file.
    pub position: Option<Position>,
    /// The JSON pointer, if the file is JSON.
    pub pointer: Option<String>,
}

impl Place {
    /// A file as a whole.
    pub fn of_file(file: &Path) -> Self {
        Self { file: file.to_path_buf(), ..Self::default() }
    }

    /// A place in a file that is not JSON.
    pub fn at(file: &Path, position: Position) -> Self {
        Self { position: Some(position), ..Self::of_file(file) }
    }
}

impl Error {
    /// A failed operation on `file`; `doing` completes "cannot …" ("read", "create").
    pub fn io(file: &Path, doing: &str, source: io::Error) -> Self {
        Self::of(ErrorKind::Io, format!("cannot {doing}"), Problem::Io(source)).in_file(file)
    }

    /// An error about `thing`, which is not as expected.
    pub fn new(kind: ErrorKind, thing: impl Into<String>, mismatch: Mismatch) -> Self {
        Self::of(kind, brief(thing.into()), Problem::Mismatch(mismatch))
    }

    /// An error about malformed input: `thing` is not what its format says.
    pub fn malformed(
        thing: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::new(ErrorKind::Malformed, thing, Mismatch::new(expected, found))
    }

    fn of(kind: ErrorKind, thing: String, problem: Problem) -> Self {
        Self(Box::new(Detail {
            kind,
            file: None,
            position: None,
            thing,
            problem,
            rule: None,
            remedy: None,
        }))
    }

    /// The same error, in `file`.
    #[must_use]
    pub fn in_file(mut self, file: &Path) -> Self {
        self.0.file = Some(file.to_path_buf());
        self
    }

    /// The same error, at a place in its file.
    #[must_use]
    pub fn at(mut self, position: Position) -> Self {
        self.0.position = Some(position);
        self
    }

    /// The same error, about another thing.
    #[must_use]
    pub fn about(mut self, thing: impl Into<String>) -> Self {
        self.0.thing = brief(thing.into());
        self
    }

    /// The same error, which breaks a rule of `validate`.
    #[must_use]
    pub fn breaking(mut self, rule: Rule) -> Self {
        self.0.rule = Some(rule);
        self
    }

    /// The same error, which a change to the call mends.
    #[must_use]
    pub fn mended_by(mut self, remedy: Remedy) -> Self {
        self.0.remedy = Some(remedy);
        self
    }

    /// The same error, which a change to the call mends, unless another one does already or the run
    /// was stopped.
    #[must_use]
    pub fn or_mended_by(self, remedy: Remedy) -> Self {
        match self.0.remedy {
            None if self.0.kind != ErrorKind::Stopped => self.mended_by(remedy),
            _ => self,
        }
    }

    /// The same error, in `file` unless it names a file already.
    #[must_use]
    pub fn or_in_file(self, file: &Path) -> Self {
        if self.0.file.is_some() { self } else { self.in_file(file) }
    }

    /// Who must act.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The file that the error is about, if there is one.
    pub fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    /// The rule of `validate` that the input breaks: the one set by [`Error::breaking`], or else the
    /// one that fits the kind of the error.
    pub fn rule(&self) -> Rule {
        self.0.rule.unwrap_or(match self.0.kind {
            ErrorKind::Io => Rule::Unreadable,
            ErrorKind::Unknown => Rule::MissingReference,
            _ => Rule::Malformed,
        })
    }

    /// What the caller can change so that the same call goes through, where one change does it.
    ///
    /// ```
    /// use annoconv::error::Remedy;
    /// use annoconv::files::target::{Target, verify};
    /// let file = tempfile::NamedTempFile::new()?;
    /// let error = verify(file.path(), Target::File, false).unwrap_err();
    /// assert_eq!(error.remedy(), Some(Remedy::Overwrite));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn remedy(&self) -> Option<Remedy> {
        self.0.remedy
    }

    /// What is wrong, without file, place and thing: `expected X, found Y`.
    pub fn problem(&self) -> String {
        match &self.0.problem {
            Problem::Mismatch(mismatch) => mismatch.to_string(),
            Problem::Io(error) => format!("{}: {error}", self.0.thing),
        }
    }

    /// What was expected and what was found; a failed operation on a file has none.
    pub fn mismatch(&self) -> Option<&Mismatch> {
        match &self.0.problem {
            Problem::Mismatch(mismatch) => Some(mismatch),
            Problem::Io(_) => None,
        }
    }

    /// The number by which the system knows a failed operation.
    pub fn os_code(&self) -> Option<i32> {
        match &self.0.problem {
            Problem::Mismatch(_) => None,
            Problem::Io(error) => error.raw_os_error(),
        }
    }

    /// What is wrong with which thing, without file and place.
    pub fn message(&self) -> String {
        match &self.0.problem {
            Problem::Mismatch(mismatch) => format!("{}: {mismatch}", self.0.thing),
            Problem::Io(_) => self.problem(),
        }
    }

    /// The thing that is wrong. A record of a JSON file is named by its JSON pointer.
    pub fn thing(&self) -> &str {
        &self.0.thing
    }

    /// The place in the file, if it is known.
    pub fn position(&self) -> Option<Position> {
        self.0.position
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.0.file {
            // A path below the current folder is shown without the `./` before it.
            let below = file.strip_prefix(".").ok().filter(|below| !below.as_os_str().is_empty());
            let file = below.unwrap_or(file);
            write!(f, "{}:", file.display())?;
            if let Some(Position { line, column }) = self.0.position {
                write!(f, "{line}:{column}:")?;
            }
            write!(f, " ")?;
        }
        f.write_str(&self.message())
    }
}

// The message contains the message of the source, so `source` has nothing to add.
impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_file_line_column_thing_expectation_and_finding() {
        let error = Error::malformed("row", "5 columns", "4").in_file(Path::new("a.txt"));
        assert_eq!(error.to_string(), "a.txt: row: expected 5 columns, found 4");
        let error = error.at(Position::line(3));
        assert_eq!(error.to_string(), "a.txt:3:1: row: expected 5 columns, found 4");
    }

    #[test]
    fn a_message_repeats_the_start_of_a_long_text_only() {
        let error = Error::malformed("é".repeat(5000), "x", "y".repeat(1 << 20)).to_string();
        assert!(error.len() < 3 * LONGEST + 200, "{}", error.len());
        assert!(error.ends_with("y… (1048576 bytes)"), "{error}");
    }

    #[test]
    fn a_position_counts_characters_not_bytes() {
        let text = "ab\né€x\n".as_bytes();
        for (offset, line, column) in [(0, 1, 1), (2, 1, 3), (3, 2, 1), (8, 2, 3), (99, 3, 1)] {
            assert_eq!(Position::of(text, offset), Position { line, column }, "offset {offset}");
        }
    }
}
