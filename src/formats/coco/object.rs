//! JSON objects, made member by member.

use crate::model::{Extra, Stated};
use crate::numbers;
use serde::Serialize;

/// A number, as short as it can be read back.
pub fn decimal(value: f64) -> Vec<u8> {
    let mut out = Vec::new();
    numbers::shortest(&mut out, value);
    out
}

/// A list of numbers.
pub fn list(values: &[f64]) -> Vec<u8> {
    let mut out = vec![b'['];
    for (index, value) in values.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"" } else { b", " });
        numbers::shortest(&mut out, *value);
    }
    out.push(b']');
    out
}

/// A JSON object on one line, member by member.
pub struct Object(Vec<u8>);

impl Object {
    pub fn new() -> Self {
        Self(vec![b'{'])
    }

    /// A stated object, open for more members. Line breaks in it are kept.
    pub fn reopen(stated: &Stated) -> Self {
        let text = stated.text.trim_ascii_end();
        Self(text.strip_suffix(b"}").unwrap_or(text).trim_ascii_end().to_vec())
    }

    pub fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        // Plain values always have a JSON form.
        self.raw(name, &serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec()));
    }

    pub fn raw(&mut self, name: &str, value: &[u8]) {
        if self.0.len() > 1 {
            self.0.extend_from_slice(b", ");
        }
        self.0.extend(serde_json::to_vec(name).unwrap_or_default());
        self.0.extend_from_slice(b": ");
        self.0.extend_from_slice(value);
    }

    /// Adds unknown members; those whose names are taken are left out and named.
    pub fn members<'a>(&mut self, extra: &'a Extra, taken: &[&str]) -> Vec<&'a str> {
        let (left, free): (Vec<_>, Vec<_>) =
            extra.iter().partition(|(name, _)| taken.contains(&name.as_str()));
        free.into_iter().for_each(|(name, value)| self.member(name, value));
        left.into_iter().map(|(name, _)| name.as_str()).collect()
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}
