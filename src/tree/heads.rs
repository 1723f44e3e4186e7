//! Which JSON files hold one image each, by what they begin with: a folder may have a hundred thousand
//! of them, each with its picture in it, and no other format is to read them to their ends.

use crate::json::scan::Scanner;
use rayon::prelude::*;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How many bytes of a file are looked at.
const HEAD: usize = 4096;

/// Members that a file of one image has (LabelMe's).
const OWN: [&str; 5] = ["shapes", "imagePath", "imageData", "imageHeight", "imageWidth"];

/// Members that stand before the shapes in LabelMe's own files.
const BEFORE: [&str; 2] = ["version", "flags"];

/// What a JSON file begins as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// One image.
    OfImage,
    /// Perhaps one image; the rest of the file says it. Or it is too short to say anything.
    Open,
}

/// What files begin as, among those that are to be looked at; the others hold no single image.
pub fn of_files(
    files: &[PathBuf],
    is_json: impl Fn(&Path) -> bool + Sync,
) -> HashMap<PathBuf, Head> {
    let own = files.par_iter().filter(|file| is_json(file));
    own.filter_map(|file| Some((file.clone(), of_file(file)?))).collect()
}

fn of_file(file: &Path) -> Option<Head> {
    let mut head = Vec::new();
    let read = File::open(file).and_then(|it| it.take(HEAD as u64).read_to_end(&mut head));
    // What cannot be read is told where it is opened.
    read.map_or(Some(Head::Open), |_| of_text(&head))
}

/// A text begins as one image where it has two of the members of such a file, or the shapes after
/// what comes before them.
fn of_text(head: &[u8]) -> Option<Head> {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let names = names(text);
    let count = |of: &[&str]| names.iter().filter(|name| of.contains(&name.as_str())).count();
    let (own, before) = (count(&OWN), count(&BEFORE));
    match own {
        2.. => Some(Head::OfImage),
        _ if count(&["shapes"]) > 0 && before > 0 => Some(Head::OfImage),
        0 if before == 0 => {
            let is_list = text.first() == Some(&b'[');
            (names.is_empty() && !is_list && head.len() < HEAD).then_some(Head::Open)
        }
        _ => Some(Head::Open),
    }
}

/// The names of the members of the object with which a text begins.
fn names(text: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut scanner = Scanner::new(text, &(0..text.len()));
    // The text breaks off somewhere.
    let _ = scanner.members(|scanner, name| {
        let name = text.get(name).unwrap_or_default();
        names.push(String::from_utf8_lossy(name).trim_matches('"').to_owned());
        scanner.value().map(drop)
    });
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_image_are_known_by_their_first_members() {
        for (head, expected) in [
            (
                r#"{"version": "5.4.1", "flags": {}, "shapes": [{"label": "a", "poi"#,
                Some(Head::OfImage),
            ),
            (
                r#"{"imagePath": "a.jpg", "imageWidth": 500, "imageData": "/9j/4AAQ"#,
                Some(Head::OfImage),
            ),
            (r#"{"shapes": [], "lineColor": [0, 255], "imagePath": "a.jpg"}"#, Some(Head::OfImage)),
            ("\u{feff} {\"flags\": {}, \"shapes\": [", Some(Head::OfImage)),
            (r#"{"shapes": [{"label": "a", "version": "#, Some(Head::Open)),
            (
                r#"{"version": 1, "images": [{"imagePath": 1, "imageData": 2, "shapes""#,
                Some(Head::Open),
            ),
            (r#"{"images": [{"imagePath": 1, "imageData": 2, "shapes""#, None),
            (r#"[{"shapes": [], "imagePath": ""}]"#, None),
            ("", Some(Head::Open)),
        ] {
            assert_eq!(of_text(head.as_bytes()), expected, "{head}");
        }
    }
}
