//! Keys for the names that images may have had before some tool renamed them.

use super::index::{Index, Key};
use super::names;

/// Adds an image to an index: by its loose stem, and by the stems that it may have had before.
pub fn add_origins(index: &mut Index, name: &str, number: usize) {
    let stem = names::loose_stem(name);
    index.add(stem_key(&stem), number);
    names::origins(&stem).for_each(|origin| index.add(origin_key(origin), number));
}

/// The key of a loose stem.
pub fn stem_key(text: &str) -> Key<'_> {
    Key { is_whole: true, is_stem: true, text }
}

/// The key of a stem that an image may have had before.
pub fn origin_key(text: &str) -> Key<'_> {
    Key { is_whole: false, is_stem: true, text }
}

/// Whether [`add_origins`] adds an image of this name by this key.
pub fn has_origin(key: Key, name: &str) -> bool {
    let stem = names::loose_stem(name);
    if key.is_whole { stem == key.text } else { names::origins(&stem).any(|it| it == key.text) }
}
