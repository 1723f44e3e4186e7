//! Reading the lists of images and categories.

use super::members::{CocoCategory, CocoListed};
use crate::error::{Error, Result};
use crate::format::Faults;
use crate::json::JsonFile;
use crate::model::{Category, Id, Image};
use crate::rules::Rule;
use rayon::prelude::*;
use std::collections::HashMap;
use std::ops::Range;

/// A record's number in its list, and its span.
pub type CocoRecord = (usize, Range<usize>);

/// The readable elements of a list, where they stand, and their indices by id.
pub struct List<T> {
    pub values: Vec<T>,
    pub records: Vec<CocoRecord>,
    pub index: HashMap<Id, usize>,
    /// Those that share an id.
    pub doubtful: Vec<usize>,
}

/// The records of a list, with their ids.
pub type Records<T> = Vec<Result<(Id, T)>>;

/// Reads the records of a list.
pub fn read_records<T: Send>(
    file: &JsonFile,
    spans: &[Range<usize>],
    read: impl Fn(&JsonFile, usize, &Range<usize>) -> Result<(Id, T)> + Sync,
) -> Records<T> {
    spans.par_iter().enumerate().map(|(number, span)| read(file, number, span)).collect()
}

/// A list of records that were read; of two with one id the first is it.
pub fn list<T>(
    file: &JsonFile,
    name: &str,
    spans: Vec<Range<usize>>,
    records: Records<T>,
    faults: &mut Faults,
) -> Result<List<T>> {
    let count = spans.len();
    let mut list = List {
        values: Vec::with_capacity(count),
        records: Vec::with_capacity(count),
        index: HashMap::with_capacity(count),
        doubtful: Vec::new(),
    };
    for ((number, span), value) in spans.into_iter().enumerate().zip(records) {
        let Some((id, value)) = faults.pass(value)? else { continue };
        match list.index.get(&id) {
            None => drop(list.index.insert(id, list.values.len())),
            Some(&first) => {
                list.doubtful.extend([first, list.values.len()]);
                let first = list.records.get(first).map_or(0, |(number, _)| *number);
                let first = format!("/{name}/{first}");
                let thing = format!("/{name}/{number}");
                faults.pass::<()>(Err(twice(file, &span, &thing, &id, &first)))?;
            }
        }
        list.values.push(value);
        list.records.push((number, span));
    }
    Ok(list)
}

/// An image, without the members that [`crate::format::Source::members`] decodes.
pub fn read_image(file: &JsonFile, number: usize, span: &Range<usize>) -> Result<(Id, Image)> {
    let thing = format!("/images/{number}");
    let CocoListed(coco) = file.element(span, &thing)?;
    let image = Image {
        id: Some(coco.id.clone()),
        file_name: coco.file_name,
        is_stem: false,
        size: coco.size,
        bytes: None,
        ..Image::default()
    };
    Ok((coco.id, image))
}

pub fn read_category(
    file: &JsonFile,
    number: usize,
    span: &Range<usize>,
) -> Result<(Id, Category)> {
    let thing = format!("/categories/{number}");
    let coco: CocoCategory = file.element(span, &thing)?;
    let stated = Some(file.element(span, &thing)?);
    let category = Category { id: Some(coco.id.clone()), name: coco.name, stated };
    Ok((coco.id, category))
}

fn twice(file: &JsonFile, span: &Range<usize>, thing: &str, id: &Id, first: &str) -> Error {
    Error::malformed(thing, "an id of its own", format!("id {id} of {first}"))
        .breaking(Rule::DuplicateId)
        .in_file(file.path())
        .at(file.position(span))
}
