//! Finds images by their paths, or by parts of their paths, through hashes.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many ends of a path are keys at most. It bounds the work for a path of very many folders.
pub const MOST_ENDS: usize = 64;

/// A text by which an image can be found: its path or a part of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key<'a> {
    /// Whether it is the whole path, and not one of its ends.
    pub is_whole: bool,
    /// Whether the extension is left out.
    pub is_stem: bool,
    /// The path, or the end of the path from one of its folders or from the file name on.
    pub text: &'a str,
}

impl Key<'_> {
    fn hash(self) -> u64 {
        let mut hasher = DefaultHasher::new();
        Hash::hash(&self, &mut hasher);
        hasher.finish()
    }

    /// Whether an image of this path has this key.
    pub fn is_of(self, path: &str) -> bool {
        let path = if self.is_stem { stem(path) } else { path };
        let before = path.strip_suffix(self.text);
        before.is_some_and(|it| it.is_empty() || !self.is_whole && it.ends_with('/'))
    }
}

/// A path without its extension, which is the text from the last dot of the file name on.
pub fn stem(path: &str) -> &str {
    match path.rsplit_once('.') {
        Some((stem, extension)) if !(extension.contains('/') || is_bare(stem)) => stem,
        _ => path,
    }
}

/// Whether the file name is empty before the dot. Such a name (`.jpg`) has no extension.
fn is_bare(stem: &str) -> bool {
    stem.is_empty() || stem.ends_with('/')
}

/// The keys of a path: the path itself, its ends from each folder on, and all of these without the
/// extension.
pub fn keys(path: &str) -> impl Iterator<Item = Key<'_>> {
    let slashes = path.rmatch_indices('/').take(MOST_ENDS);
    let ends = slashes.filter_map(|(at, slash)| Some((false, path.get(at + slash.len()..)?)));
    [(true, path), (false, path)].into_iter().chain(ends).flat_map(|(is_whole, text)| {
        [false, true].map(|is_stem| Key {
            is_whole,
            is_stem,
            text: if is_stem { stem(text) } else { text },
        })
    })
}

/// Images by the hashes of their keys. To save memory, the keys themselves are not kept. So images
/// with other keys of the same hash may be found, and the caller must compare.
#[derive(Debug, Default)]
pub struct Index {
    by_hash: HashMap<u64, Numbers>,
}

impl Index {
    /// Adds an image to those of a key.
    pub fn add(&mut self, key: Key, number: usize) {
        self.by_hash
            .entry(key.hash())
            .and_modify(|it| it.push(number))
            .or_insert(Numbers::One(number));
    }

    /// Whether any image may have this key.
    pub fn has(&self, key: Key) -> bool {
        self.by_hash.contains_key(&key.hash())
    }

    /// The images that may have a key, in the order in which they were added.
    pub fn numbers(&self, key: Key) -> &[usize] {
        self.by_hash.get(&key.hash()).map_or(&[], Numbers::as_slice)
    }
}

/// The images that have a key. It is mostly one, which then needs no list.
#[derive(Debug)]
enum Numbers {
    One(usize),
    Several(Vec<usize>),
}

impl Numbers {
    fn push(&mut self, number: usize) {
        match self {
            Self::One(first) => *self = Self::Several(vec![*first, number]),
            Self::Several(numbers) => numbers.push(number),
        }
    }

    fn as_slice(&self) -> &[usize] {
        match self {
            Self::One(number) => std::slice::from_ref(number),
            Self::Several(numbers) => numbers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_lacks_what_follows_the_last_dot_of_the_file_name() {
        for (path, expected) in [
            ("a.jpg", "a"),
            ("x.y/a", "x.y/a"),
            ("x.y/a.b.jpg", "x.y/a.b"),
            (".jpg", ".jpg"),
            ("x/.jpg", "x/.jpg"),
            ("a.", "a"),
            ("", ""),
        ] {
            assert_eq!(stem(path), expected, "{path}");
        }
    }

    #[test]
    fn every_key_of_a_path_is_its_own() {
        for path in ["a.jpg", "x/y.z/a.b.jpg", "x.y/a", "x/.jpg"] {
            assert!(keys(path).all(|key| key.is_of(path)), "{path}");
        }
        let key = |is_whole, text| Key { is_whole, is_stem: false, text };
        assert!(!key(true, "a.jpg").is_of("x/a.jpg"));
        assert!(!key(false, "a.jpg").is_of("x/ba.jpg"));
    }
}
