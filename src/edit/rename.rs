//! Renaming classes. Two that get one name become one.

use super::Edit;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::format::Wants;
use crate::losses::Losses;
use crate::model::{Annotation, Category, Header, Verbatim};
use std::collections::HashMap;

/// New names of classes.
pub struct Rename {
    /// Old and new names.
    names: Vec<(String, String)>,
    /// The new place of each class, and whether it is another class now.
    places: Vec<(usize, bool)>,
}

impl Rename {
    /// Renames each first name to the second.
    pub fn new(names: Vec<(String, String)>) -> Self {
        Self { names, places: Vec::new() }
    }

    fn new_name<'a>(&'a self, old: &'a str) -> &'a str {
        let renamed = self.names.iter().find(|(from, _)| from == old);
        renamed.map_or(old, |(_, to)| to)
    }
}

impl Edit for Rename {
    fn wants(&self) -> Wants {
        Wants { edits: true, ..Wants::ALL }
    }

    fn header(&mut self, header: Header) -> Result<Header> {
        let known = |name: &str| header.categories.iter().any(|category| category.name == name);
        if let Some((from, _)) = self.names.iter().find(|(from, _)| !known(from)) {
            let names = header.names().join(", ");
            let mismatch =
                Mismatch::new(format!("a class of the dataset ({names})"), format!("{from:?}"));
            return Err(Error::new(ErrorKind::Unknown, "rename", mismatch));
        }
        let mut categories: Vec<Verbatim<Category>> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut map = Vec::with_capacity(header.categories.len());
        for mut category in header.categories {
            let name = self.new_name(&category.name).to_owned();
            if let Some(&first) = places.get(&name) {
                map.push((first, true));
                continue;
            }
            places.insert(name.clone(), categories.len());
            map.push((categories.len(), false));
            if name != category.name {
                category.name = name;
            }
            categories.push(category);
        }
        self.places = map;
        Ok(Header { categories, ..header })
    }

    fn annotation(
        &self,
        annotation: &mut Verbatim<Annotation>,
        _number: usize,
        _losses: &mut Losses,
    ) {
        let Some((place, is_other)) =
            annotation.category.and_then(|own| self.places.get(own).copied())
        else {
            return;
        };
        match is_other {
            true => annotation.category = Some(place),
            // The same class, perhaps at another place in the list: its text says so, too.
            false => annotation.complete(|it| it.category = Some(place)),
        }
    }
}
