//! Which image files are copies of one another: equal, encoded anew, resized, mirrored or turned.
//!
//! Files of one length are compared byte for byte. With the feature `pictures`, all others are
//! decoded and shrunk to a small grey picture, from which a perceptual hash of 64 bits is made, in all
//! eight positions of a picture. Where two hashes differ in few bits, the small pictures themselves
//! are compared, so that pictures that only look alike (X-rays of one joint) are kept apart.

mod bytes;
#[cfg(feature = "pictures")]
mod hash;
#[cfg(feature = "pictures")]
mod near;
#[cfg(feature = "pictures")]
mod pictures;

pub use bytes::{SMALL, equal_bytes};

use crate::error::Result;
use crate::progress::Progress;
use std::path::{Path, PathBuf};

/// How one picture is a copy of another. The order is from the surest to the least sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The files are equal byte for byte.
    Bytes,
    /// All pixels are equal, as a viewer shows them.
    Pixels,
    /// The same picture of the same size, encoded anew.
    Encoded,
    /// The same picture in another size.
    Resized,
    /// The same picture, turned by 90, 180 or 270 degrees.
    Turned,
    /// The same picture, mirrored, and perhaps turned.
    Mirrored,
}

impl Kind {
    /// How it is a copy, in words: completes "a … copy".
    pub fn name(self) -> &'static str {
        match self {
            Self::Bytes => "byte for byte",
            Self::Pixels => "pixel for pixel",
            Self::Encoded => "re-encoded",
            Self::Resized => "resized",
            Self::Turned => "turned",
            Self::Mirrored => "mirrored",
        }
    }
}

/// Two files that are copies: their indexes, the smaller first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The index of the first file.
    pub one: usize,
    /// The index of the other file.
    pub other: usize,
    /// How they are copies.
    pub kind: Kind,
    /// How far apart their small grey pictures are: the mean difference of two pixels, each less the
    /// mean of its picture, divided by the standard deviation of all. 0 for equal pictures; unrelated ones are at about 1.
    pub distance: f64,
}

/// Files that are all copies of one picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// The indexes of the files, ascending.
    pub files: Vec<usize>,
    /// The pairs that were found, in the order of their files. They connect all files, but not each
    /// with each.
    pub pairs: Vec<Pair>,
}

impl Group {
    /// How two files of the group are copies: as the pair of both says, else as the least sure of all
    /// pairs.
    pub fn kind(&self, one: usize, other: usize) -> Kind {
        let is_it = |pair: &&Pair| {
            (pair.one, pair.other) == (one, other) || (pair.one, pair.other) == (other, one)
        };
        let own = self.pairs.iter().find(is_it).map(|pair| pair.kind);
        let all = self.pairs.iter().map(|pair| pair.kind);
        own.or_else(|| all.max()).unwrap_or(Kind::Bytes)
    }
}

/// How copies are searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// Whether pictures are decoded. Without the feature `pictures`, none is.
    pub decodes: bool,
    /// How many bytes a decoded picture may take. One that states a larger size is compared by its
    /// bytes only.
    pub memory: u64,
}

impl Default for Likeness {
    fn default() -> Self {
        Self { decodes: true, memory: 512 << 20 }
    }
}

/// The groups of files that are copies of one picture, by their first file. A file that is no copy is in
/// no group.
///
/// Files that cannot be read or decoded, pictures of one colour and those with a side of less than 32
/// pixels are left out: they are placeholders, or say too little. Copies that are cut out, or whose
/// colours were changed much, are not found.
///
/// # Errors
/// Where the run is to stop.
pub fn groups(files: &[PathBuf], how: &Likeness, progress: &Progress) -> Result<Vec<Group>> {
    let mut pairs = Vec::new();
    for equal in equal_bytes(files) {
        let Some((&one, others)) = equal.split_first() else { continue };
        if !files.get(one).is_some_and(|file| is_blank(file, how)) {
            let pair = |&other: &usize| Pair { one, other, kind: Kind::Bytes, distance: 0.0 };
            pairs.extend(others.iter().map(pair));
        }
    }
    #[cfg(feature = "pictures")]
    if how.decodes {
        near::add_pairs(files, how, progress, &mut pairs)?;
    }
    progress.go_on()?;
    Ok(join(pairs))
}

/// Whether a file is a picture without anything on it: by its length, or by its pixels.
fn is_blank(file: &Path, how: &Likeness) -> bool {
    #[cfg(feature = "pictures")]
    if how.decodes && pictures::is_flat(file, how.memory) {
        return true;
    }
    #[cfg(not(feature = "pictures"))]
    let _ = how;
    bytes::is_blank(file)
}

/// The groups that pairs make.
fn join(mut pairs: Vec<Pair>) -> Vec<Group> {
    let mut first = std::collections::BTreeMap::<usize, usize>::new();
    for pair in &pairs {
        let [one, other] = [pair.one, pair.other].map(|file| root(&first, file));
        first.insert(one.max(other), one.min(other));
        first.entry(one.min(other)).or_insert(one.min(other));
    }
    pairs.sort_by_key(|pair| (pair.one, pair.other));
    let mut groups = std::collections::BTreeMap::<usize, Group>::new();
    for &file in first.keys() {
        groups.entry(root(&first, file)).or_default().files.push(file);
    }
    for pair in pairs {
        groups.entry(root(&first, pair.one)).or_default().pairs.push(pair);
    }
    groups.into_values().collect()
}

/// The first file of a file's group.
fn root(first: &std::collections::BTreeMap<usize, usize>, mut file: usize) -> usize {
    while let Some(&before) = first.get(&file).filter(|before| **before != file) {
        file = before;
    }
    file
}

#[cfg(test)]
#[cfg(feature = "pictures")]
mod tests;
