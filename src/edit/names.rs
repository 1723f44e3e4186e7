//! Names that somebody gave: patterns of classes and images, lists of images.

use crate::error::{Error, ErrorKind, Mismatch, Position, Remedy, Result};
use crate::files;
use crate::images::{Asked, ImageTable};
use crate::model::Image;
use crate::table::{Form, TableFile};
use globset::{Glob, GlobMatcher};
use std::path::{Path, PathBuf};

/// How many names an error lists.
const NAMED: usize = 20;

/// Names and patterns of names (`tree*`), as they were given. A name goes before a pattern: a class
/// `a*` is meant where there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patterns(Vec<String>);

/// Patterns that fit a list of names.
pub struct Fitting(Vec<One>);

enum One {
    Name(String),
    Pattern(Box<GlobMatcher>),
}

impl Patterns {
    /// The patterns of some texts.
    pub fn new(texts: Vec<String>) -> Self {
        Self(texts)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The patterns for a list of names. A text that is no name is taken apart at its commas where
    /// `is_list`.
    ///
    /// # Errors
    /// Where a pattern is none, or fits no name. `thing` says what the names are of: "class".
    pub fn over(&self, names: &[&str], thing: &str, is_list: bool) -> Result<Fitting> {
        let is_name = |text: &str| names.contains(&text);
        let mut all = Vec::new();
        for text in &self.0 {
            let parts: Vec<&str> = match is_list && !is_name(text) {
                true => at_commas(text).into_iter().filter(|part| !part.is_empty()).collect(),
                false => vec![text],
            };
            for part in parts {
                let one = match is_name(part) {
                    true => One::Name(part.to_owned()),
                    false => One::Pattern(Box::new(compile(part, thing)?)),
                };
                if !names.iter().any(|name| one.fits(name)) {
                    return Err(fits_none(part, names, thing));
                }
                all.push(one);
            }
        }
        Ok(Fitting(all))
    }
}

/// The parts of a text between its commas; those in braces and brackets belong to a pattern.
fn at_commas(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let is_end = |letter: char| {
        match letter {
            '{' | '[' => depth = depth.saturating_add(1),
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    };
    text.split(is_end).map(str::trim).collect()
}

fn compile(text: &str, thing: &str) -> Result<GlobMatcher> {
    let glob = Glob::new(text).map_err(|error| {
        let mismatch = Mismatch::new("a name or a pattern (*, ?, [a-z], {a,b})", error.to_string());
        Error::new(ErrorKind::Usage, format!("{thing} {text:?}"), mismatch)
    })?;
    Ok(glob.compile_matcher())
}

fn fits_none(text: &str, names: &[&str], thing: &str) -> Error {
    let more = if names.len() > NAMED { ", …" } else { "" };
    let known: Vec<&str> = names.iter().take(NAMED).copied().collect();
    let expected = format!("the name or a pattern of one ({}{more})", known.join(", "));
    let mismatch = Mismatch::new(expected, format!("{text:?}, which fits none"));
    Error::new(ErrorKind::Unknown, thing, mismatch)
}

impl One {
    fn fits(&self, name: &str) -> bool {
        match self {
            Self::Name(own) => own == name,
            Self::Pattern(pattern) => pattern.is_match(name),
        }
    }
}

impl Fitting {
    /// Whether one of them is a name or fits it.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|one| one.fits(name))
    }
}

/// Columns in which tables have the names of images, in lower case.
const COLUMNS: [&str; 10] = [
    "image_id",
    "image",
    "file_name",
    "filename",
    "image_name",
    "imageid",
    "img",
    "file",
    "path",
    "name",
];

/// Lists of images: text files with a name a line, or tables with a column of names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists {
    /// The files.
    pub paths: Vec<PathBuf>,
    /// Whether a name that no image has is passed over, counted; else it is an error.
    pub skips_unknown: bool,
}

/// What lists name: the number of an image for each row, and the places of rows that name none.
#[derive(Debug, Default)]
pub struct Listed {
    /// For each file its images, in the order of its rows.
    pub images: Vec<Vec<usize>>,
    /// `file:line` of each name that no image has.
    pub unknown: Vec<String>,
}

impl Lists {
    /// The images that the lists name, among these.
    ///
    /// # Errors
    /// Where a file cannot be read or has no names, or a name means no image or several.
    pub fn over(&self, images: &[Image]) -> Result<Listed> {
        let table = ImageTable::of_names(Path::new("the dataset"), images);
        let mut listed = Listed::default();
        for path in &self.paths {
            let mut own = Vec::new();
            let is_table = files::has_extension(path, &["csv"]);
            for (line, name) in rows(path, is_table)? {
                let at = |error: Error| error.in_file(path).at(Position::line(line));
                match find(&name, is_table, &table).map_err(at)? {
                    Some(image) => own.push(image),
                    None if self.skips_unknown => {
                        listed.unknown.push(format!("{}:{line}", files::shown(path)));
                    }
                    None => return Err(at(unknown(&name))),
                }
            }
            listed.images.push(own);
        }
        Ok(listed)
    }
}

fn unknown(name: &str) -> Error {
    let mismatch = Mismatch::new("an image of the dataset", "none of this name");
    let error = Error::new(ErrorKind::Unknown, format!("image {name:?}"), mismatch);
    error.mended_by(Remedy::SkipMissing)
}

/// The image of a row: by the whole row, or, as in the lists of a class in Pascal VOC's devkit, by what
/// comes before a last -1, 0 or 1.
fn find(row: &str, is_table: bool, table: &ImageTable) -> Result<Option<usize>> {
    let parts = row.rsplit_once(char::is_whitespace).filter(|_| !is_table);
    let first = parts.filter(|(_, mark)| matches!(*mark, "-1" | "0" | "1"));
    let first = first.map(|(name, _)| name.trim_end());
    for name in [Some(row), first].into_iter().flatten() {
        for is_stem in [false, true] {
            let asked = Asked { name, is_stem, homes: &[] };
            if let Some(found) = table.look_up(&asked)? {
                return Ok(Some(found.number));
            }
        }
    }
    Ok(None)
}

/// The names in a list, each with its line from 1.
fn rows(path: &Path, is_table: bool) -> Result<Vec<(usize, String)>> {
    let rows = if is_table { cells(path)? } else { lines(path)? };
    match rows.is_empty() {
        false => Ok(rows),
        true => Err(Error::malformed("list of images", "names", "none").in_file(path)),
    }
}

fn lines(path: &Path) -> Result<Vec<(usize, String)>> {
    let bytes = files::read(path)?;
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes));
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim().to_owned()));
    Ok(lines.filter(|(_, line)| !line.is_empty()).collect())
}

/// The cells of the column that has the names of images. A table of one column may be without a
/// header.
fn cells(path: &Path) -> Result<Vec<(usize, String)>> {
    let header = TableFile::read(path, Form::Loose)?.header()?;
    let lower: Vec<String> = header.iter().map(|cell| cell.to_lowercase()).collect();
    let column = COLUMNS.iter().find_map(|name| lower.iter().position(|cell| cell == name));
    let (form, column) = match (column, header.len()) {
        (Some(column), _) => (Form::Loose, column),
        (None, 1) => (Form::Headless, 0),
        (None, _) => {
            let expected = format!("a column of images ({})", COLUMNS.join(", "));
            let error = Error::malformed("header", expected, header.join(", "));
            return Err(error.in_file(path).at(Position::line(1)));
        }
    };
    let mut cells = Vec::new();
    for row in TableFile::read(path, form)?.rows() {
        let (line, row) = row?;
        let cell = row.get(column).unwrap_or_default().trim();
        if !cell.is_empty() {
            cells.push((line, cell.to_owned()));
        }
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_goes_before_a_pattern_and_commas_part_names() {
        let names = ["tree", "tree*", "a,b", "car", "cat"];
        for (text, fitting) in [
            ("tree*", &["tree*"][..]),
            ("tre?", &["tree"]),
            ("a,b", &["a,b"]),
            ("car,tree", &["car", "tree"]),
            ("ca*, tree", &["car", "cat", "tree"]),
            ("c{ar,at},tree", &["car", "cat", "tree"]),
        ] {
            let own = Patterns::new(vec![text.to_owned()]).over(&names, "class", true).unwrap();
            let mut found: Vec<&str> = names.into_iter().filter(|name| own.has(name)).collect();
            let mut expected = fitting.to_vec();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_pattern_that_fits_nothing_is_refused() {
        let error = |text: &str| {
            let patterns = Patterns::new(vec![text.to_owned()]);
            patterns.over(&["car", "van"], "class", true).map(|_| ()).unwrap_err().to_string()
        };
        assert_eq!(
            error("car,bus*"),
            "class: expected the name or a pattern of one (car, van), found \"bus*\", which fits none"
        );
        assert!(
            error("[").starts_with("class \"[\": expected a name or a pattern"),
            "{}",
            error("[")
        );
    }

    #[test]
    fn lists_are_lines_or_a_column_of_a_table() {
        let folder = tempfile::tempdir().unwrap();
        let images: Vec<Image> = ["a.jpg", "x/b.jpg", "c.d.jpg"]
            .iter()
            .map(|name| Image { file_name: (*name).to_owned(), ..Image::default() })
            .collect();
        let over = |name: &str, text: &str, skips_unknown: bool| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            Lists { paths: vec![path], skips_unknown }.over(&images)
        };
        for (name, text, expected) in [
            ("a.txt", "\u{feff}a.jpg\r\n\r\nx/b.jpg\r\n", &[0, 1][..]),
            ("a.txt", "a\nc.d\n", &[0, 2]),
            ("a.txt", "a  1\nb -1\n", &[0, 1]),
            ("a.csv", "image\na\n", &[0]),
            ("a.csv", "other,image_id\n1,b.jpg\n2,\n3,a.jpg\n", &[1, 0]),
            ("a.csv", "a.jpg\nb.jpg\n", &[0, 1]),
        ] {
            assert_eq!(over(name, text, false).unwrap().images, [expected], "{text:?}");
        }
        let error = over("a.txt", "a\nz.jpg\n", false).unwrap_err().to_string();
        assert!(error.contains("a.txt:2:1: image \"z.jpg\": expected an image of the"), "{error}");
        assert!(over("a.txt", "a 2.jpg\n", false).is_err());
        let skipped = over("a.txt", "a\nz.jpg\n", true).unwrap();
        assert_eq!((skipped.images, skipped.unknown.len()), (vec![vec![0]], 1));
        for (name, text) in [("a.csv", "x,y\n1,2\n"), ("a.txt", " \n")] {
            assert!(over(name, text, false).is_err(), "{text:?}");
        }
    }
}
