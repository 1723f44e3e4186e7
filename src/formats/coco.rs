//! COCO instances: one JSON file.
//!
//! | what | how |
//! |---|---|
//! | box | `[x, y, width, height]`, pixels, 0-based, floats |
//! | polygon | flat rings `[x1, y1, x2, y2, …]`, several being the parts of one object |
//! | mask | run-length encoded, column by column |
//! | class | `category_id`, any number; its index is its position in `categories` |
//! | image size | `width`, `height`, stated |
//!
//! Source: the data format page of the COCO dataset and `pycocotools/coco.py`.

mod members;
mod write;

use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::format::{Format, Needs, Options, Sink, Source};
use crate::geometry::BBox;
use crate::json::JsonFile;
use crate::model::{Annotation, Category, Header, Id, Image, Stated};
use members::{CocoAnnotation, CocoCategory, CocoImage, CocoReference, CocoResult};

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::Path;

/// The format.
pub struct Coco;

impl Format for Coco {
    fn name(&self) -> &'static str {
        "coco"
    }

    fn about(&self) -> &'static str {
        "COCO instances, one JSON file"
    }

    fn holds(&self) -> &'static str {
        "boxes, polygons of several parts, masks, ids, attributes, sizes"
    }

    fn detect(&self, path: &Path) -> Option<String> {
        let file = JsonFile::read(path).ok()?;
        if file.first_byte() == Some(b'[') {
            let results = file.elements(&file.span()).ok()?;
            let first = file.element::<CocoReference>(results.first()?, "result");
            return first.is_ok().then(|| "a list with image_id".to_owned());
        }
        let members = file.members(&file.span()).ok()?;
        let is_own = |name: &&String| *name == "images" || *name == "annotations";
        let own: Vec<&String> = members.iter().map(|(name, _)| name).filter(is_own).collect();
        (!own.is_empty()).then(|| format!("a member {:?}", own[0]))
    }

    fn needs(&self, _options: &Options) -> Needs {
        Needs { stated: true, ..Needs::default() }
    }

    fn open(&self, path: &Path, needs: Needs, _options: &Options) -> Result<Box<dyn Source>> {
        Ok(Box::new(CocoSource::open(path, needs)?))
    }

    fn create(&self, header: &Header, _options: &Options) -> Result<Sink> {
        Ok(Sink::Whole(Box::new(write::CocoWriter::new(header))))
    }
}

struct CocoSource {
    file: JsonFile,
    needs: Needs,
    header: Header,
    images: Vec<Image>,
    category_index: HashMap<Id, usize>,
    annotations: Vec<Range<usize>>,
    /// The annotations' numbers, sorted by image; those of image `i` are at
    /// `starts[i]..starts[i + 1]`.
    by_image: Vec<usize>,
    starts: Vec<usize>,
}

impl CocoSource {
    fn open(path: &Path, needs: Needs) -> Result<Self> {
        let file = JsonFile::read(path)?;
        if file.first_byte() == Some(b'[') {
            return Self::open_results(file, needs);
        }
        let index = file.index(&["images", "annotations", "categories"])?;
        let [images, annotations, categories] = index.arrays.try_into().unwrap_or_default();
        let Some(images) = images else {
            return Err(Error::malformed("file", "a member \"images\"", "none").in_file(path));
        };
        let annotations = annotations.unwrap_or_default();
        let (images, image_index) = read_images(&file, &images, needs)?;
        let (categories, category_index) = read_categories(&file, &categories.unwrap_or_default())?;
        let (owners, next_annotation_id) = read_owners(&file, &annotations, &image_index)?;
        let (starts, by_image) = group(&owners, images.len());
        let header = Header { categories, members: index.members, next_annotation_id };
        Ok(Self { file, needs, header, images, category_index, annotations, by_image, starts })
    }

    /// A results file, as detectors write it: a list of annotations, images and categories
    /// known by their ids alone, which stand for their names.
    fn open_results(file: JsonFile, needs: Needs) -> Result<Self> {
        let annotations = file.elements(&file.span())?;
        let (mut images, mut image_index) = (Vec::new(), HashMap::new());
        let mut owners = Vec::with_capacity(annotations.len());
        let mut ids = BTreeSet::new();
        for (number, span) in annotations.iter().enumerate() {
            let result: CocoResult = file.element(span, &format!("/{number}"))?;
            ids.insert(result.category_id);
            owners.push(*image_index.entry(result.image_id.clone()).or_insert_with(|| {
                let file_name = result.image_id.to_string();
                images.push(Image {
                    id: Some(result.image_id),
                    file_name,
                    is_stem: true,
                    ..Image::default()
                });
                images.len() - 1
            }));
        }
        let name = |id: &Id| Category { id: Some(id.clone()), ..Category::named(id.to_string()) };
        let header = Header::of(ids.iter().map(name).collect());
        let category_index = ids.into_iter().enumerate().map(|(at, id)| (id, at)).collect();
        let (starts, by_image) = group(&owners, images.len());
        Ok(Self { file, needs, header, images, category_index, annotations, by_image, starts })
    }

    fn annotation(&self, number: usize) -> Result<Annotation> {
        let span = &self.annotations[number];
        let thing = format!("/annotations/{number}");
        let coco: CocoAnnotation = self.file.element(span, &thing)?;
        let category = match &coco.category_id {
            None => None,
            Some(id) => Some(self.category(id, span, &thing)?),
        };
        let lacks = [("area", coco.has_area), ("iscrowd", coco.has_crowd)];
        let stated = self.needs.stated.then(|| state(&self.file, span, &thing, &lacks));
        Ok(Annotation {
            id: coco.id,
            order: Some(number),
            category,
            bbox: coco.bbox.map(|[x, y, width, height]| BBox::Corner { x, y, width, height }),
            shape: coco.shape,
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

impl Source for CocoSource {
    fn header(&self) -> &Header {
        &self.header
    }

    fn images(&self) -> &[Image] {
        &self.images
    }

    fn is_grouped(&self) -> bool {
        self.by_image.is_sorted()
    }

    fn annotations(&self, index: usize, _image: &Image) -> Result<Vec<Annotation>> {
        let own = self.starts[index]..self.starts[index + 1];
        self.by_image[own].iter().map(|&number| self.annotation(number)).collect()
    }
}

fn read_images(
    file: &JsonFile,
    spans: &[Range<usize>],
    needs: Needs,
) -> Result<(Vec<Image>, HashMap<Id, usize>)> {
    let mut images = Vec::with_capacity(spans.len());
    let mut index = HashMap::with_capacity(spans.len());
    for (number, span) in spans.iter().enumerate() {
        let thing = format!("/images/{number}");
        let coco: CocoImage = file.element(span, &thing)?;
        if let Some(first) = index.insert(coco.id.clone(), number) {
            return Err(twice(file, span, &thing, &coco.id, &format!("/images/{first}")));
        }
        let lacks = [("width", coco.size.is_some())];
        let stated = needs.stated.then(|| state(file, span, &thing, &lacks));
        images.push(Image {
            id: Some(coco.id),
            file_name: coco.file_name,
            is_stem: false,
            size: coco.size,
            bytes: None,
            extra: coco.extra,
            stated: stated.transpose()?,
        });
    }
    Ok((images, index))
}

fn read_categories(
    file: &JsonFile,
    spans: &[Range<usize>],
) -> Result<(Vec<Category>, HashMap<Id, usize>)> {
    let mut categories = Vec::with_capacity(spans.len());
    let mut index = HashMap::new();
    for (number, span) in spans.iter().enumerate() {
        let thing = format!("/categories/{number}");
        let coco: CocoCategory = file.element(span, &thing)?;
        if let Some(first) = index.insert(coco.id.clone(), number) {
            return Err(twice(file, span, &thing, &coco.id, &format!("/categories/{first}")));
        }
        let stated = Some(file.element(span, &thing)?);
        categories.push(Category { id: Some(coco.id), name: coco.name, stated });
    }
    Ok((categories, index))
}

/// The image of each annotation, and a number above all their ids.
fn read_owners(
    file: &JsonFile,
    spans: &[Range<usize>],
    images: &HashMap<Id, usize>,
) -> Result<(Vec<usize>, i64)> {
    let mut next_id = 1;
    let owner = |(number, span): (usize, &Range<usize>)| {
        let thing = format!("/annotations/{number}");
        let CocoReference { id, image_id } = file.element(span, &thing)?;
        if let Some(Id::Number(id)) = id {
            next_id = next_id.max(id.saturating_add(1));
        }
        images.get(&image_id).copied().ok_or_else(|| {
            let mismatch = Mismatch::new("an image_id of \"images\"", image_id.to_string());
            Error::new(ErrorKind::Unknown, thing, mismatch)
                .in_file(file.path())
                .at(file.position(span))
        })
    };
    let owners = spans.iter().enumerate().map(owner).collect::<Result<_>>()?;
    Ok((owners, next_id))
}

/// A record word for word, with the names of the members that it lacks.
fn state(
    file: &JsonFile,
    span: &Range<usize>,
    thing: &str,
    members: &[(&'static str, bool)],
) -> Result<Stated> {
    let lacks = members.iter().filter(|(_, is_there)| !is_there).map(|(name, _)| *name);
    Ok(Stated { text: file.element(span, thing)?, lacks: lacks.collect() })
}

fn twice(file: &JsonFile, span: &Range<usize>, thing: &str, id: &Id, first: &str) -> Error {
    Error::malformed(thing, "an id of its own", format!("id {id} of {first}"))
        .in_file(file.path())
        .at(file.position(span))
}

/// Sorts numbers by their owner, keeping their order: `(starts, numbers)`.
fn group(owners: &[usize], owner_count: usize) -> (Vec<usize>, Vec<usize>) {
    let mut starts = vec![0; owner_count + 1];
    owners.iter().for_each(|&owner| starts[owner + 1] += 1);
    (0..owner_count).for_each(|owner| starts[owner + 1] += starts[owner]);
    let mut next = starts.clone();
    let mut numbers = vec![0; owners.len()];
    for (number, &owner) in owners.iter().enumerate() {
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
        let (starts, numbers) = group(&[2, 0, 2, 0, 3], 4);
        assert_eq!(starts, [0, 2, 2, 4, 5]);
        assert_eq!(numbers, [1, 3, 0, 2, 4]);
    }

    fn open(json: &str) -> Result<CocoSource> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, json).unwrap();
        CocoSource::open(&path, Needs { stated: true, ..Needs::default() })
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
        assert!(annotations[0].stated.as_ref().unwrap().text.get().contains("\"image_id\": \"7\""));
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
