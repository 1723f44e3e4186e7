//! Opening COCO files: what one pass over a file shows.

use super::PROFILE;
use super::list::{Records, list, read_category, read_image, read_records};
use super::members::{CocoReference, CocoResult};
use super::plain::Plain;
use super::points::Text;
use super::read::CocoSource;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::format::{Faults, Opened, Run, Wants};
use crate::json::{Index, JsonFile};
use crate::model::{Category, Header, Id, Image};
use crate::progress::{Progress, Work};
use crate::rules::Rule;
use crate::tree::Files;
use rayon::prelude::*;
use serde_json::value::RawValue;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// How many records are read before that is reported.
const TOLD_RECORDS: usize = 1 << 13;

/// Opens a file of instances or of results.
pub fn open(files: &Files, wants: Wants, run: &Run) -> Result<Opened> {
    let path = files.files.first().unwrap_or(&files.shown);
    let file = JsonFile::read(path)?;
    let mut faults = Faults::new(run);
    if file.first_byte() == Some(b'[') {
        return open_results(file, wants, faults);
    }
    let (mut index, records) = index(&file, &run.progress)?;
    faults.pass(index.fault.take().map_or(Ok(()), Err))?;
    let [images, annotations, categories] = index.arrays.try_into().unwrap_or_default();
    if images.is_none() {
        let missing = Error::malformed("file", "a member \"images\"", "none");
        faults.pass::<()>(Err(missing.breaking(Rule::MissingMember).in_file(path)))?;
    }
    let images = images.unwrap_or_default();
    // The list of a broken file has no end, at which they would have been read.
    let records = match records.len() == images.len() {
        true => records,
        false => read_records(&file, &images, read_image),
    };
    let images = list(&file, "images", images, records, &mut faults)?;
    let categories = categories.unwrap_or_default();
    let records = read_records(&file, &categories, read_category);
    let categories = list(&file, "categories", categories, records, &mut faults)?;
    let annotations = annotations.filter(|_| wants.annotations).unwrap_or_default();
    // A box is kept where it stands if nothing else is asked of it.
    let is_enough = !wants.shapes && wants.text.is_none();
    let classes = is_enough.then_some(&categories.index);
    let known = Known { images: &images.index, classes, progress: &run.progress };
    let owners = read_owners(&file, &annotations, &known, &mut faults)?;
    let (starts, by_image) = group(&owners.owners, images.values.len());
    let header = Header {
        categories: categories.values,
        about: about(index.members),
        ids: owners.range(),
        is_grouped: by_image.is_sorted(),
        is_results: false,
    };
    let repeats_ids = wants.keeps_text(PROFILE.name);
    let source = CocoSource {
        wants,
        header,
        images: images.values,
        category_index: categories.index,
        image_records: images.records,
        category_records: categories.records,
        annotations,
        repeated: if repeats_ids { owners.repeated() } else { HashSet::new() },
        plain: owners.plain,
        by_image,
        starts,
        doubtful: images.doubtful.into_iter().collect(),
        file,
    };
    Ok(Opened::of(source, faults))
}

/// The members of the file that are none of its lists.
fn about(members: Vec<(String, Option<Box<RawValue>>)>) -> Vec<(String, Box<RawValue>)> {
    members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// A results file, as detectors write it: a list of annotations, images and categories
/// known by their ids alone, which stand for their names.
fn open_results(file: JsonFile, wants: Wants, mut faults: Faults) -> Result<Opened> {
    let (annotations, broken) = file.elements(&file.span());
    faults.pass(broken.map_or(Ok(()), Err))?;
    let (mut images, mut image_records) = (Vec::new(), Vec::new());
    let mut image_index = HashMap::new();
    let mut owners = Vec::with_capacity(annotations.len());
    let mut ids = BTreeSet::new();
    for (number, span) in annotations.iter().enumerate() {
        let result = faults.pass(file.element(span, &format!("/{number}")))?;
        let Some(CocoResult { image_id, category_id }) = result else {
            owners.push(None);
            continue;
        };
        ids.insert(category_id);
        let owner = *image_index.entry(image_id).or_insert_with_key(|id| {
            images.push(image_of_result(id));
            image_records.push((number, span.clone()));
            images.len() - 1
        });
        owners.push(Some(owner));
    }
    let name = |id: &Id| Category { id: Some(id.clone()), ..Category::named(id.to_string()) };
    let header = Header { is_results: true, ..Header::of(ids.iter().map(name).collect()) };
    let category_index = ids.into_iter().enumerate().map(|(at, id)| (id, at)).collect();
    let (starts, by_image) = group(&owners, images.len());
    let header = Header { is_grouped: by_image.is_sorted(), ..header };
    let source = CocoSource {
        wants,
        header,
        images,
        category_index,
        image_records,
        category_records: Vec::new(),
        annotations,
        plain: Vec::new(),
        by_image,
        starts,
        doubtful: HashSet::new(),
        repeated: HashSet::new(),
        file,
    };
    Ok(Opened::of(source, faults))
}

fn image_of_result(id: &Id) -> Image {
    Image { id: Some(id.clone()), file_name: id.to_string(), is_stem: true, ..Image::default() }
}

/// Passes over the file, and reads the images while what follows them is passed over.
fn index(file: &JsonFile, progress: &Progress) -> Result<(Index, Records<Image>)> {
    let images = Mutex::new(Records::new());
    let index = rayon::in_place_scope(|scope| {
        file.index(&["images", "annotations", "categories"], progress, |name, spans| {
            if name == "images" {
                let (spans, images) = (spans.to_vec(), &images);
                scope.spawn(move |_| {
                    let records = read_records(file, &spans, read_image);
                    *images.lock().unwrap_or_else(PoisonError::into_inner) = records;
                });
            }
        })
    })?;
    Ok((index, images.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

/// The bytes from the start of the first to the end of the last.
fn length(spans: &[Range<usize>]) -> u64 {
    spans.first().zip(spans.last()).map_or(0, |(first, last)| (last.end - first.start) as u64)
}

/// What one pass over the annotations shows.
#[derive(Default)]
struct Owners {
    /// Their images; none where one is passed over.
    owners: Vec<Option<usize>>,
    /// Their ids that are numbers.
    ids: Vec<Option<i64>>,
    plain: Vec<Option<Plain>>,
}

impl Owners {
    /// The least and the greatest id.
    fn range(&self) -> Option<(i64, i64)> {
        let ids = || self.ids.iter().flatten().copied();
        ids().min().zip(ids().max())
    }

    /// The annotations whose id an earlier one has.
    fn repeated(&self) -> HashSet<usize> {
        let numbered = self.ids.iter().enumerate();
        let mut ids: Vec<(i64, usize)> =
            numbered.filter_map(|(number, id)| Some(((*id)?, number))).collect();
        ids.par_sort_unstable();
        let later = ids.iter().zip(ids.iter().skip(1)).filter(|(one, other)| one.0 == other.0);
        later.map(|(_, (_, number))| *number).collect()
    }
}

/// What is known when the annotations are read.
struct Known<'a> {
    images: &'a HashMap<Id, usize>,
    /// The classes, where an annotation is a box and nothing more.
    classes: Option<&'a HashMap<Id, usize>>,
    progress: &'a Progress,
}

/// The image and the id of each annotation, and where that is enough its box.
fn read_owners(
    file: &JsonFile,
    spans: &[Range<usize>],
    known: &Known,
    faults: &mut Faults,
) -> Result<Owners> {
    let progress = known.progress.share(Work::Reading, length(spans));
    let owner = |(number, span): (usize, &Range<usize>)| {
        if number.is_multiple_of(TOLD_RECORDS) {
            let told = spans.get(number..).unwrap_or_default();
            progress.add(length(told.get(..TOLD_RECORDS).unwrap_or(told)))?;
        }
        let plain = known.classes.and_then(|classes| Plain::read(file.bytes(span), classes));
        let (id, image_id, plain) = match plain {
            Some((id, image_id, plain)) => (Some(Id::Number(id)), image_id, Some(plain)),
            None => {
                let CocoReference { id, image_id } = read_reference(file, number, span)?;
                (id, image_id, None)
            }
        };
        let owner = known.images.get(&image_id).copied().ok_or_else(|| {
            let mismatch = Mismatch::new("an image_id of \"images\"", image_id.to_string());
            Error::new(ErrorKind::Unknown, format!("/annotations/{number}"), mismatch)
                .in_file(file.path())
                .at(file.position(span))
        })?;
        Ok((owner, id.as_ref().and_then(Id::number), plain))
    };
    let found: Vec<Result<_>> = spans.par_iter().enumerate().map(owner).collect();
    let mut all = Owners::default();
    all.owners.reserve_exact(found.len());
    all.ids.reserve_exact(found.len());
    let has_plain = known.classes.is_some();
    all.plain.reserve_exact(if has_plain { found.len() } else { 0 });
    for found in found {
        let found = faults.pass(found)?;
        all.owners.push(found.map(|(owner, ..)| owner));
        all.ids.push(found.and_then(|(_, id, _)| id));
        if has_plain {
            all.plain.push(found.and_then(|(.., plain)| plain));
        }
    }
    Ok(all)
}

/// An annotation's ids. Its other members are not looked at before it is decoded.
fn read_reference(file: &JsonFile, number: usize, span: &Range<usize>) -> Result<CocoReference> {
    let whole = |span: &Range<usize>| {
        let mut text = Text::new(file.bytes(span));
        text.whole().filter(|_| text.is_empty())
    };
    let read = |span: &Range<usize>| match whole(span) {
        Some(number) => Ok(Id::Number(number)),
        None => file.element(span, &format!("/annotations/{number}")),
    };
    match file.pick(span, ["id", "image_id"]) {
        Some([Some(id), Some(image_id)]) if file.bytes(&id) != b"null" => {
            Ok(CocoReference { id: Some(read(&id)?), image_id: read(&image_id)? })
        }
        _ => file.element(span, &format!("/annotations/{number}")),
    }
}

/// Sorts numbers by their owner, keeping their order: `(starts, numbers)`. Numbers without an
/// owner are left out.
#[allow(clippy::indexing_slicing, reason = "owners are below their count")]
fn group(owners: &[Option<usize>], owner_count: usize) -> (Vec<usize>, Vec<usize>) {
    let mut starts = vec![0; owner_count + 1];
    owners.iter().flatten().for_each(|&owner| starts[owner + 1] += 1);
    (0..owner_count).for_each(|owner| starts[owner + 1] += starts[owner]);
    let mut next = starts.clone();
    let mut numbers = vec![0; starts[owner_count]];
    for (number, owner) in owners.iter().enumerate() {
        let Some(owner) = *owner else { continue };
        numbers[next[owner]] = number;
        next[owner] += 1;
    }
    (starts, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Source;

    #[test]
    fn grouping_keeps_the_order_within_an_image() {
        let (starts, numbers) = group(&[2, 0, 2, 0, 3].map(Some), 4);
        assert_eq!(starts, [0, 2, 2, 4, 5]);
        assert_eq!(numbers, [1, 3, 0, 2, 4]);
    }

    fn open_text(json: &str) -> Result<Box<dyn Source>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, json).unwrap();
        let files = Files { files: vec![path], ..Files::default() };
        let wants = Wants { text: Some(PROFILE.name), ..Wants::ALL };
        open(&files, wants, &Run::default()).map(|opened| opened.source)
    }

    #[test]
    fn a_class_is_the_position_of_its_category_never_its_id() {
        let source = open_text(
            r#"{"annotations": [{"image_id": "7", "category_id": 0}, {"image_id": 7, "category_id": 90}],
                "categories": [{"id": 90, "name": "b"}, {"id": 0, "name": "a"}],
                "images": [{"id": 7.0, "file_name": "a.jpg"}]}"#,
        )
        .unwrap();
        let annotations = source.read(0, &source.images()[0]).unwrap().all().unwrap();
        let classes: Vec<_> = annotations.iter().map(|annotation| annotation.category).collect();
        assert_eq!(classes, [Some(1), Some(0)]);
        let stated = annotations[0].stated().unwrap();
        assert!(String::from_utf8_lossy(&stated.text).contains("\"image_id\": \"7\""));
    }

    #[test]
    fn what_does_not_fit_together_is_named_with_its_place() {
        let cases = [
            (
                r#"{"images": [], "annotations": [{"image_id": 1}]}"#,
                "1:32: /annotations/0: expected an image_id of \"images\", found 1",
            ),
            (
                r#"{"images": [], "annotations": [{}]}"#,
                "1:33: /annotations/0: expected a member `image_id`, found none",
            ),
            (
                r#"{"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}]}"#,
                "1:42: /images/1: expected an id of its own, found id 1 of /images/0",
            ),
            (r#"{"annotations": []}"#, " file: expected a member \"images\", found none"),
        ];
        for (json, expected) in cases {
            let error = open_text(json).err().unwrap().to_string();
            assert!(error.ends_with(&format!("a.json:{expected}")), "{error}");
        }
    }
}
