//! Reading COCO: instances and results files.

use super::list::{CocoRecord, Records, list, read_category, read_image, read_records};
use super::members::{CocoAnnotation, CocoImage, CocoReference, CocoResult, IMAGE_MEMBERS};
use super::plain::{Plain, Usual, pass_over, with_points};
use super::points::Text;
use crate::error::{Error, ErrorKind, Mismatch, Place, Result};
use crate::format::{Faults, ImageMembers, Needs, Options, Part, Source};
use crate::geometry::BBox;
use crate::json::{Index, JsonFile};
use crate::model::{Annotation, Category, Extra, Header, Id, Image, Stated};
use crate::progress::{Progress, Work};
use crate::rules::Rule;
use rayon::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// How many records are read before it is told.
const TOLD_RECORDS: usize = 1 << 13;

pub struct CocoSource {
    file: JsonFile,
    needs: Needs,
    header: Header,
    images: Vec<Image>,
    category_index: HashMap<Id, usize>,
    /// Where each image, category and annotation stands.
    image_records: Vec<CocoRecord>,
    category_records: Vec<CocoRecord>,
    annotations: Vec<Range<usize>>,
    /// Of the annotations, those that need not be looked up, where boxes are enough.
    plain: Vec<Option<Plain>>,
    is_results: bool,
    /// The annotations' numbers, sorted by image; those of image `i` are at
    /// `starts[i]..starts[i + 1]`.
    by_image: Vec<usize>,
    starts: Vec<usize>,
    faults: Vec<Error>,
    /// Images whose id another image has, too.
    doubtful: HashSet<usize>,
}

impl CocoSource {
    pub fn open(path: &Path, needs: Needs, options: &Options) -> Result<Self> {
        let file = JsonFile::read(path)?;
        let mut faults = Faults::new(options);
        if file.first_byte() == Some(b'[') {
            return Self::open_results(file, needs, faults);
        }
        let (mut index, records) = index(&file, &options.progress)?;
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
        let annotations = annotations.filter(|_| !needs.images_only).unwrap_or_default();
        let is_enough = needs.boxes_only && !needs.stated;
        let classes = is_enough.then_some(&categories.index);
        let Owners { owners, next_id, plain } = read_owners(
            &file,
            &annotations,
            &images.index,
            classes,
            &options.progress,
            &mut faults,
        )?;
        let (starts, by_image) = group(&owners, images.values.len());
        let header = Header {
            categories: categories.values,
            members: index.members,
            next_annotation_id: next_id,
        };
        Ok(Self {
            needs,
            header,
            images: images.values,
            category_index: categories.index,
            image_records: images.records,
            category_records: categories.records,
            annotations,
            plain,
            is_results: false,
            by_image,
            starts,
            faults: faults.into_vec(),
            doubtful: images.doubtful.into_iter().collect(),
            file,
        })
    }

    /// A results file, as detectors write it: a list of annotations, images and categories
    /// known by their ids alone, which stand for their names.
    fn open_results(file: JsonFile, needs: Needs, mut faults: Faults) -> Result<Self> {
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
        let header = Header::of(ids.iter().map(name).collect());
        let category_index = ids.into_iter().enumerate().map(|(at, id)| (id, at)).collect();
        let (starts, by_image) = group(&owners, images.len());
        Ok(Self {
            needs,
            header,
            images,
            category_index,
            image_records,
            category_records: Vec::new(),
            annotations,
            plain: Vec::new(),
            is_results: true,
            by_image,
            starts,
            faults: faults.into_vec(),
            doubtful: HashSet::new(),
            file,
        })
    }

    /// The JSON pointer of an annotation.
    fn pointer(&self, number: usize) -> String {
        if self.is_results { format!("/{number}") } else { format!("/annotations/{number}") }
    }

    /// A record; without the points of its polygons where its box is enough. Most are decoded the
    /// quick way, and all others, with what is wrong in them, by serde.
    fn record(&self, span: &Range<usize>, thing: &str) -> Result<CocoAnnotation> {
        let usual = match self.needs.boxes_only {
            true => Usual::read(self.file.bytes(span), pass_over).filter(Usual::needs_no_shape),
            false => Usual::read(self.file.bytes(span), with_points),
        };
        usual.map_or_else(|| self.file.element(span, thing), |usual| Ok(usual.into()))
    }

    /// The first member of an image that has no place in the model, without its value.
    fn any_member(&self, span: &Range<usize>) -> Extra {
        let mut extra = Extra::new();
        let is_own = |name: &[u8]| IMAGE_MEMBERS.iter().any(|own| own.as_bytes() == name);
        self.file.each_member(span, |name, _| {
            if !is_own(name) {
                extra.insert(String::from_utf8_lossy(name).into_owned(), Value::Null);
            }
            extra.is_empty()
        });
        extra
    }

    fn annotation(&self, number: usize) -> Result<Annotation> {
        if let Some(Some(plain)) = self.plain.get(number) {
            return Ok(plain.annotation(number));
        }
        let span = self.annotations.get(number).unwrap_or(&(0..0));
        let thing = self.pointer(number);
        let coco = self.record(span, &thing)?;
        let category = match &coco.category_id {
            None => None,
            Some(id) => Some(self.category(id, span, &thing)?),
        };
        let lacks = [("area", coco.has_area), ("iscrowd", coco.has_crowd)];
        let stated = self.needs.stated.then(|| state(&self.file, span, &thing, &lacks));
        Ok(Annotation {
            id: coco.id,
            order: Some(number),
            at: number,
            category,
            bbox: coco.bbox.map(|[x, y, width, height]| BBox::Corner { x, y, width, height }),
            shape: coco.shape,
            is_closed: false,
            area: coco.area,
            crowd: coco.iscrowd,
            score: coco.score,
            extra: coco.extra,
            stated: stated.transpose()?,
        })
    }

    fn category(&self, id: &Id, span: &Range<usize>, thing: &str) -> Result<usize> {
        self.category_index.get(id).copied().ok_or_else(|| {
            let mismatch = Mismatch::new("a category_id of \"categories\"", id.to_string());
            Error::new(ErrorKind::Unknown, thing, mismatch)
                .in_file(self.file.path())
                .at(self.file.position(span))
        })
    }
}

#[allow(clippy::indexing_slicing, reason = "the number of an image is below their count")]
impl Source for CocoSource {
    fn header(&self) -> &Header {
        &self.header
    }

    fn images(&self) -> &[Image] {
        &self.images
    }

    fn members(&self, index: usize) -> Result<Option<ImageMembers>> {
        let (number, span) = &self.image_records[index];
        if self.is_results {
            return Ok(None);
        }
        if self.needs.counts_members {
            return Ok(Some(ImageMembers { extra: self.any_member(span), stated: None }));
        }
        let thing = format!("/images/{number}");
        let CocoImage { extra, size, .. } = self.file.element(span, &thing)?;
        let lacks = [("width", size.is_some())];
        let stated = self.needs.stated.then(|| state(&self.file, span, &thing, &lacks));
        Ok(Some(ImageMembers { extra, stated: stated.transpose()? }))
    }

    fn is_grouped(&self) -> bool {
        self.by_image.is_sorted()
    }

    fn each(&self, index: usize, _image: &Image) -> Result<Vec<Result<Annotation>>> {
        let own = self.starts[index]..self.starts[index + 1];
        Ok(self.by_image[own].iter().map(|&number| self.annotation(number)).collect())
    }

    fn faults(&self) -> &[Error] {
        &self.faults
    }

    fn is_doubtful(&self, index: usize) -> bool {
        self.doubtful.contains(&index)
    }

    fn place(&self, index: usize, annotation: Option<&Annotation>, part: Part) -> Place {
        let names = members_of(part);
        if let Some(annotation) = annotation {
            let span = &self.annotations[annotation.at];
            return self.file.member_place(span.start, self.pointer(annotation.at), names);
        }
        let (number, span) = &self.image_records[index];
        match self.is_results {
            true => self.file.member_place(span.start, self.pointer(*number), &["image_id"]),
            false => self.file.member_place(span.start, format!("/images/{number}"), names),
        }
    }

    fn category_place(&self, category: usize) -> Place {
        match self.category_records.get(category) {
            Some((number, span)) => {
                self.file.member_place(span.start, format!("/categories/{number}"), &["name"])
            }
            None => Place::of_file(self.file.path()),
        }
    }
}

/// The members that a part of a record stands in.
fn members_of(part: Part) -> &'static [&'static str] {
    match part {
        Part::Whole | Part::Length => &[],
        Part::Id => &["id"],
        Part::Class => &["category_id"],
        Part::Box => &["bbox"],
        Part::Shape => &["segmentation"],
        Part::Area => &["area"],
        Part::Size => &["width", "height"],
        Part::Name => &["file_name"],
    }
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

/// What one pass over the annotations tells.
#[derive(Default)]
struct Owners {
    /// Their images; none where one is passed over.
    owners: Vec<Option<usize>>,
    /// A number above all their ids.
    next_id: u64,
    plain: Vec<Option<Plain>>,
}

/// The image of each annotation, and the annotation itself where `classes` are given, by which
/// it is a box and nothing more.
fn read_owners(
    file: &JsonFile,
    spans: &[Range<usize>],
    images: &HashMap<Id, usize>,
    classes: Option<&HashMap<Id, usize>>,
    progress: &Progress,
    faults: &mut Faults,
) -> Result<Owners> {
    let progress = progress.share(Work::Reading, length(spans));
    let owner = |(number, span): (usize, &Range<usize>)| {
        if number.is_multiple_of(TOLD_RECORDS) {
            let told = spans.get(number..).unwrap_or_default();
            progress.add(length(told.get(..TOLD_RECORDS).unwrap_or(told)));
        }
        let plain = classes.and_then(|classes| Plain::read(file.bytes(span), classes));
        let (id, image_id, plain) = match plain {
            Some((id, image_id, plain)) => (Some(Id::Number(id)), image_id, Some(plain)),
            None => {
                let CocoReference { id, image_id } = read_reference(file, number, span)?;
                (id, image_id, None)
            }
        };
        let next_id = match id {
            Some(Id::Number(id)) => u64::try_from(id).unwrap_or_default().saturating_add(1),
            _ => 1,
        };
        let owner = images.get(&image_id).copied().ok_or_else(|| {
            let mismatch = Mismatch::new("an image_id of \"images\"", image_id.to_string());
            Error::new(ErrorKind::Unknown, format!("/annotations/{number}"), mismatch)
                .in_file(file.path())
                .at(file.position(span))
        })?;
        Ok((owner, next_id, plain))
    };
    let found: Vec<Result<_>> = spans.par_iter().enumerate().map(owner).collect();
    let mut all = Owners { next_id: 1, ..Owners::default() };
    all.owners.reserve_exact(found.len());
    all.plain.reserve_exact(if classes.is_some() { found.len() } else { 0 });
    for found in found {
        let found = faults.pass(found)?;
        all.next_id = found.map_or(all.next_id, |(_, next, _)| all.next_id.max(next));
        all.owners.push(found.map(|(owner, ..)| owner));
        if classes.is_some() {
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

/// A record that was decoded, word for word, with the names of the members that it lacks.
fn state(
    file: &JsonFile,
    span: &Range<usize>,
    thing: &str,
    members: &[(&'static str, bool)],
) -> Result<Stated> {
    let lacks = members.iter().filter(|(_, is_there)| !is_there).map(|(name, _)| *name);
    if std::str::from_utf8(file.bytes(span)).is_err() {
        file.element::<&RawValue>(span, thing)?;
    }
    Ok(Stated { text: file.slice(span), lacks: lacks.collect() })
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

    #[test]
    fn grouping_keeps_the_order_within_an_image() {
        let (starts, numbers) = group(&[2, 0, 2, 0, 3].map(Some), 4);
        assert_eq!(starts, [0, 2, 2, 4, 5]);
        assert_eq!(numbers, [1, 3, 0, 2, 4]);
    }

    fn open(json: &str) -> Result<CocoSource> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, json).unwrap();
        let needs = Needs { stated: true, ..Needs::default() };
        CocoSource::open(&path, needs, &Options::default())
    }

    #[test]
    fn a_class_is_the_position_of_its_category_never_its_id() {
        let source = open(
            r#"{"annotations": [{"image_id": "7", "category_id": 0}, {"image_id": 7, "category_id": 90}],
                "categories": [{"id": 90, "name": "b"}, {"id": 0, "name": "a"}],
                "images": [{"id": 7.0, "file_name": "a.jpg"}]}"#,
        )
        .unwrap();
        let annotations = source.annotations(0, &source.images[0]).unwrap();
        let classes: Vec<_> = annotations.iter().map(|annotation| annotation.category).collect();
        assert_eq!(classes, [Some(1), Some(0)]);
        assert!(format!("{:?}", annotations[0].stated).contains("\"image_id\": \"7\""));
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
            let error = open(json).err().unwrap().to_string();
            assert!(error.ends_with(&format!("a.json:{expected}")), "{error}");
        }
    }
}
