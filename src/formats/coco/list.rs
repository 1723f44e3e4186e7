//! Reading the lists of images and categories.

use super::members::{CocoCategory, CocoListed};
use crate::error::{Error, Result};
use crate::format::Faults;
use crate::json::JsonFile;
use crate::model::{Category, Id, Image, Stated, Verbatim};
use crate::rules::Rule;
use rayon::prelude::*;
use serde_json::value::RawValue;
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

/// What a list is of.
pub trait Listed {
    /// Whether a record with the id of an earlier one says the same once more.
    fn repeats(&self, earlier: &Self) -> bool;
}

impl Listed for Image {
    fn repeats(&self, _: &Self) -> bool {
        false
    }
}

/// VIA's own COCO export lists a category once for every region.
impl Listed for Verbatim<Category> {
    fn repeats(&self, earlier: &Self) -> bool {
        self.name == earlier.name
    }
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

/// A list of records that were read; of two with one id the first is it. A repeated one is left
/// out.
pub fn list<T: Listed>(
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
        let first = list.index.get(&id).copied();
        let earlier = first.and_then(|first| list.values.get(first));
        if earlier.is_some_and(|earlier| value.repeats(earlier)) {
            continue;
        }
        match first {
            None => drop(list.index.insert(id, list.values.len())),
            Some(first) => {
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

/// An image, without the members that [`crate::format::Source::image`] decodes.
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
) -> Result<(Id, Verbatim<Category>)> {
    let thing = format!("/categories/{number}");
    let CocoCategory { id, name, extra } = file.element(span, &thing)?;
    let stated = stated(file, span, &thing, &[])?;
    let category = Category { id: Some(id.clone()), name, extra };
    Ok((id, Verbatim::with(category, Some(stated))))
}

/// The text of a record, with the names of the members that it lacks.
pub fn stated(
    file: &JsonFile,
    span: &Range<usize>,
    thing: &str,
    members: &[(&'static str, bool)],
) -> Result<Stated> {
    let lacks = members.iter().filter(|(_, is_there)| !is_there).map(|(name, _)| *name);
    if std::str::from_utf8(file.bytes(span)).is_err() {
        file.element::<&RawValue>(span, thing)?;
    }
    Ok(Stated { format: "coco", text: file.slice(span), lacks: lacks.collect() })
}

fn twice(file: &JsonFile, span: &Range<usize>, thing: &str, id: &Id, first: &str) -> Error {
    Error::malformed(thing, "an id of its own", format!("id {id} of {first}"))
        .breaking(Rule::DuplicateId)
        .in_file(file.path())
        .at(file.position(span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Run;

    /// The names of the categories that are left, how many are doubtful, and the fault.
    fn categories(records: &str) -> (Vec<String>, usize, Option<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, records).unwrap();
        let file = JsonFile::read(&path).unwrap();
        let (spans, _) = file.elements(&file.span());
        let records = read_records(&file, &spans, read_category);
        let mut faults = Faults::new(&Run::default());
        match list(&file, "categories", spans, records, &mut faults) {
            Ok(list) => {
                assert_eq!(list.values.len(), list.records.len());
                let names = list.values.iter().map(|category| category.name.clone());
                (names.collect(), list.doubtful.len(), None)
            }
            Err(error) => (Vec::new(), 0, Some(error.to_string())),
        }
    }

    #[test]
    fn a_category_that_is_repeated_is_one() {
        let cases = [
            (r#"[{"id":1,"name":"a"},{"id":1,"name":"a"},{"id":2,"name":"b"}]"#, &["a", "b"][..]),
            (r#"[{"id":1,"name":"a"},{"id":"1","name":"a"},{"id":1.0,"name":"a"}]"#, &["a"]),
            (r#"[{"id":1,"name":7},{"id":1,"name":"7","supercategory":"x"}]"#, &["7"]),
            (r#"[{"id":1,"name":"a"},{"id":2,"name":"a"}]"#, &["a", "a"]),
        ];
        for (json, expected) in cases {
            let (names, doubtful, fault) = categories(json);
            assert_eq!(
                (names.as_slice(), doubtful),
                (&expected.iter().map(ToString::to_string).collect::<Vec<_>>()[..], 0),
                "{json}"
            );
            assert_eq!(fault, None, "{json}");
        }
    }

    #[test]
    fn one_id_of_two_names_is_refused() {
        let (_, _, fault) = categories(r#"[{"id":1,"name":"a"},{"id":1,"name":"b"}]"#);
        let expected =
            "1:22: /categories/1: expected an id of its own, found id 1 of /categories/0";
        assert!(fault.as_ref().is_some_and(|fault| fault.ends_with(expected)), "{fault:?}");
    }
}
