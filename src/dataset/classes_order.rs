//! The order of the classes: the source's own, or that of a list.

use crate::classes;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::images::ImageTable;
use crate::model::{Category, Header, Id, Verbatim};
use std::collections::HashMap;

/// The categories in the order of `names`, and the new place of each.
///
/// # Errors
/// Where a class of the source is not in the list.
pub fn order(header: Header, names: &[String]) -> Result<(Header, Vec<usize>)> {
    let (categories, places) = classes::reorder(&header.categories, names).map_err(|missing| {
        let found = format!("also {}", missing.join(", "));
        Error::new(ErrorKind::Unknown, "classes", Mismatch::new("those of --classes", found))
    })?;
    Ok((Header { categories, ..header }, places))
}

/// Categories that are named by their ids, as in a COCO results file, become those of the file
/// with the sizes, in its order, where that has all of these ids. The new place of each class, where
/// the order is another one.
pub fn name_categories(header: Header, table: Option<&ImageTable>) -> (Header, Option<Vec<usize>>) {
    let known: &[Verbatim<Category>] = table.map_or(&[], |table| &table.categories);
    let ids = known.iter().enumerate().rev();
    let by_id: HashMap<&Id, usize> =
        ids.filter_map(|(at, it)| Some((it.id.as_ref()?, at))).collect();
    let place = |category: &Verbatim<Category>| {
        let id = category.id.as_ref().filter(|id| id.to_string() == category.name)?;
        by_id.get(id).copied()
    };
    match header.categories.iter().map(place).collect::<Option<Vec<usize>>>() {
        Some(places) if !places.is_empty() => {
            (Header { categories: known.to_vec(), ..header }, Some(places))
        }
        _ => (header, None),
    }
}

/// The class of a dataset that names none: the only name of the list, else `object`.
///
/// # Errors
/// Where the list has several names.
pub fn only_class(names: Option<&[String]>) -> Result<Category> {
    let name = match names {
        None => "object",
        Some([only]) => only,
        Some(names) => {
            let expected = "one name, as the source names no class";
            let mismatch = Mismatch::new(expected, format!("{} in --classes", names.len()));
            return Err(Error::new(ErrorKind::Usage, "classes", mismatch));
        }
    };
    Ok(Category::named(name))
}
