//! Files that are equal byte for byte.

use std::collections::BTreeMap;
use std::fs::File;
use std::hash::Hasher;
use std::io::{BufReader, Read};
use std::path::Path;
use twox_hash::XxHash64;

/// The groups of files that are equal byte for byte, by their first file; each is a list of indexes.
/// Only files of one length are read. Empty files and those that cannot be read are in no group.
pub fn equal_bytes<P: AsRef<Path>>(files: &[P]) -> Vec<Vec<usize>> {
    let mut lengths: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (at, file) in files.iter().enumerate() {
        let length = crate::images::length(file.as_ref()).unwrap_or(0);
        lengths.entry(length).or_default().push(at);
    }
    let path = |at: usize| files.get(at).map_or(Path::new(""), AsRef::as_ref);
    let mut groups = Vec::new();
    for alike in lengths.into_iter().filter(|(length, alike)| *length > 0 && alike.len() > 1) {
        let mut contents: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for at in alike.1 {
            let hash = hash_of(path(at));
            hash.into_iter().for_each(|hash| contents.entry(hash).or_default().push(at));
        }
        let equal = contents.into_values().filter_map(|mut equal| {
            let first = *equal.first()?;
            // The hash is short; whether the files are equal is looked up.
            equal.retain(|at| *at == first || is_equal(path(first), path(*at)));
            (equal.len() > 1).then_some(equal)
        });
        groups.extend(equal);
    }
    groups.sort();
    groups
}

/// From so many bytes on a file is no placeholder.
pub const SMALL: u64 = 4096;
/// A picture has more bytes than one for so many pixels; less is one colour.
const BLANK: f64 = 20.0;

/// Whether a file has too few bytes for its size to show anything.
pub fn is_blank(file: &Path) -> bool {
    let length = crate::images::length(file).unwrap_or(0);
    let pixels = |it: crate::geometry::Size| f64::from(it.width) * f64::from(it.height);
    let is_blank = |pixels: f64| length < SMALL && length as f64 * BLANK < pixels;
    crate::images::measure(file).is_ok_and(|it| is_blank(pixels(it.size)))
}

/// A hash of a file's bytes.
fn hash_of(file: &Path) -> Option<u64> {
    let mut file = File::open(file).ok()?;
    let mut hasher = XxHash64::with_seed(0);
    let mut buffer = vec![0; 65_536];
    loop {
        match file.read(&mut buffer).ok()? {
            0 => return Some(hasher.finish()),
            count => hasher.write(buffer.get(..count)?),
        }
    }
}

fn is_equal(one: &Path, other: &Path) -> bool {
    let (Ok(one), Ok(other)) = (File::open(one), File::open(other)) else { return false };
    let mut bytes = BufReader::new(one).bytes().zip(BufReader::new(other).bytes());
    bytes.all(|(one, other)| one.is_ok_and(|one| other.is_ok_and(|other| one == other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn equal_files_are_found_among_those_of_one_length() {
        let folder = tempfile::tempdir().unwrap();
        let texts = ["one", "two", "one", "", "", "three", "one", "three"];
        let file = |(at, text): (usize, &&str)| {
            let path = folder.path().join(at.to_string());
            std::fs::write(&path, text).unwrap();
            path
        };
        let mut files: Vec<PathBuf> = texts.iter().enumerate().map(file).collect();
        files.push(folder.path().join("none"));
        assert_eq!(equal_bytes(&files), [vec![0, 2, 6], vec![5, 7]]);
    }
}
