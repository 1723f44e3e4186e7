//! Reading COCO: instances and results files.

use super::PROFILE;
use super::list::{CocoRecord, stated};
use super::members::{CocoAnnotation, CocoImage, IMAGE_MEMBERS};
use super::plain::{Plain, Usual, pass_over, with_points};
use crate::error::{Error, ErrorKind, Mismatch, Place, Result};
use crate::fit;
use crate::format::{Field, Read, Remark, Source, Spot, Wants};
use crate::geometry::BBox;
use crate::json::JsonFile;
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Extra, Header, Id, Image, Stated, UNREAD, Verbatim};
use crate::rules::Rule;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

pub struct CocoSource {
    pub file: JsonFile,
    pub wants: Wants,
    pub header: Header,
    pub images: Vec<Image>,
    pub category_index: HashMap<Id, usize>,
    /// Where each image, category and annotation stands.
    pub image_records: Vec<CocoRecord>,
    pub category_records: Vec<CocoRecord>,
    pub annotations: Vec<Range<usize>>,
    /// Of the annotations, those that need not be looked up, where boxes are enough.
    pub plain: Vec<Option<Plain>>,
    /// The annotations' numbers, sorted by image; those of image `i` are at
    /// `starts[i]..starts[i + 1]`.
    pub by_image: Vec<usize>,
    pub starts: Vec<usize>,
    /// Images whose id another image has, too.
    pub doubtful: HashSet<usize>,
    /// Annotations whose id an earlier one has, too; looked for where ids are written again.
    pub repeated: HashSet<usize>,
}

/// What is odd in how an annotation is written.
#[derive(Debug, Clone, Copy, Default)]
struct Odd {
    has_text_numbers: bool,
    has_text_image: bool,
    has_flat_ring: bool,
}

impl Odd {
    /// The rules that it breaks. `has_text_id` says whether the image's own id is in quotes: readers
    /// compare both as they are written.
    fn told(self, has_text_id: bool) -> [Option<(Rule, Field, &'static str)>; 3] {
        const IMAGE: &str = "the image_id or the id of the image is in quotes, the other is not";
        const FLAT: &str =
            "segmentation: expected a list of rings, found a list of numbers (pycocotools stops)";
        [
            self.has_text_numbers.then_some((Rule::StringNumber, Field::Whole, TEXT)),
            (self.has_text_image != has_text_id).then_some((
                Rule::StringNumber,
                Field::Whole,
                IMAGE,
            )),
            self.has_flat_ring.then_some((Rule::Malformed, Field::Shape, FLAT)),
        ]
    }
}

/// What is said of a number in quotes.
const TEXT: &str = "a number in quotes";

impl CocoSource {
    /// The JSON pointer of an annotation.
    fn pointer(&self, number: usize) -> String {
        match self.header.is_results {
            true => format!("/{number}"),
            false => format!("/annotations/{number}"),
        }
    }

    /// Whether points are needed: nobody looks at those of a record that is repeated as it stands.
    fn needs_points(&self) -> bool {
        self.wants.shapes && !self.wants.repeats(PROFILE.name)
    }

    /// A record; without the points of its polygons where its box is enough. Most are decoded the
    /// quick way, and all others, with what is wrong in them, by serde.
    fn record(&self, span: &Range<usize>, thing: &str) -> Result<CocoAnnotation> {
        let usual = match self.needs_points() {
            true => Usual::read(self.file.bytes(span), with_points),
            false => Usual::read(self.file.bytes(span), pass_over).filter(Usual::needs_no_shape),
        };
        usual.map_or_else(|| self.file.element(span, thing), |usual| Ok(usual.into()))
    }

    /// The members of an image that have no place in the model, without their values; with those that
    /// may say nothing.
    fn names_of_members(&self, span: &Range<usize>) -> Extra {
        let mut extra = Extra::new();
        let is_own = |name: &[u8]| IMAGE_MEMBERS.iter().any(|own| own.as_bytes() == name);
        self.file.each_member(span, |name, value| {
            if !is_own(name) {
                let name = String::from_utf8_lossy(name).into_owned();
                let value = match name.as_str() {
                    "license" | "date_captured" => {
                        self.file.element(&value, "").unwrap_or_default()
                    }
                    _ => Value::from(UNREAD),
                };
                extra.insert(name, value);
            }
            true
        });
        extra.retain(|name, value| !fit::is_default(name, value));
        extra
    }

    /// An annotation, and what is odd in how it is written.
    fn annotation(&self, number: usize) -> Result<(Verbatim<Annotation>, Odd)> {
        if let Some(Some(plain)) = self.plain.get(number) {
            return Ok((Verbatim::new(plain.annotation(number)), Odd::default()));
        }
        let span = self.annotations.get(number).unwrap_or(&(0..0));
        let thing = self.pointer(number);
        let coco = self.record(span, &thing)?;
        let category = match &coco.category_id {
            None => None,
            Some(id) => Some(self.category(id, span, &thing)?),
        };
        let lacks = [
            ("area", coco.has_area),
            ("iscrowd", coco.has_crowd),
            ("category_id", coco.category_id.is_some()),
        ];
        let stated = self.state(span, &thing, &lacks)?;
        let odd = Odd {
            has_text_numbers: coco.has_text_numbers,
            has_text_image: coco.has_text_image,
            has_flat_ring: coco.has_flat_ring,
        };
        let annotation = Annotation {
            id: coco.id,
            order: Some(number),
            at: number,
            category,
            bbox: coco.bbox.map(|[x, y, width, height]| BBox::Corner { x, y, width, height }),
            shape: coco.shape,
            area: coco.area,
            crowd: coco.iscrowd,
            score: coco.score,
            extra: coco.extra,
            ..Annotation::default()
        };
        Ok((Verbatim::with(annotation, stated), odd))
    }

    /// What is odd in the record of an image, and in those of its annotations that could be read.
    fn remarks(&self, index: usize, annotations: &[Odd]) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let mut add = |rule, message: &str| {
            let message = message.to_owned();
            remarks.push(Remark { rule, annotation: None, field: Field::Size, message });
        };
        let mut has_text_id = false;
        let record = self.image_records.get(index).filter(|_| !self.header.is_results);
        let image = record.and_then(|(_, span)| self.file.element::<CocoImage>(span, "").ok());
        if let Some(image) = image {
            has_text_id = image.has_text_id;
            if image.has_text_numbers {
                add(Rule::StringNumber, TEXT);
            }
            if image.has_zero {
                add(Rule::ZeroImageSize, "the stated width or height is 0");
            }
        }
        let labels = annotations.iter().enumerate().filter(|_| !self.header.is_results);
        for (at, odd) in labels {
            let remark = |(rule, field, message): (Rule, Field, &str)| Remark {
                rule,
                annotation: Some(at),
                field,
                message: message.to_owned(),
            };
            remarks.extend(odd.told(has_text_id).into_iter().flatten().map(remark));
        }
        remarks
    }

    fn category(&self, id: &Id, span: &Range<usize>, thing: &str) -> Result<usize> {
        self.category_index.get(id).copied().ok_or_else(|| {
            let mismatch = Mismatch::new("a category_id of \"categories\"", id.to_string());
            Error::new(ErrorKind::Unknown, thing, mismatch)
                .in_file(self.file.path())
                .at(self.file.position(span))
        })
    }

    /// A record that was decoded, word for word, with the names of the members that it lacks; none
    /// where nobody repeats it.
    fn state(
        &self,
        span: &Range<usize>,
        thing: &str,
        members: &[(&'static str, bool)],
    ) -> Result<Option<Stated>> {
        if !self.wants.keeps_text(PROFILE.name) || self.header.is_results {
            return Ok(None);
        }
        stated(&self.file, span, thing, members).map(Some)
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

    fn image(&self, index: usize) -> Result<Verbatim<Image>> {
        let (number, span) = &self.image_records[index];
        let image = self.images[index].clone();
        if self.header.is_results {
            return Ok(Verbatim::new(image));
        }
        if !self.wants.values && self.wants.text.is_none() {
            return Ok(Verbatim::new(Image { extra: self.names_of_members(span), ..image }));
        }
        let thing = format!("/images/{number}");
        let CocoImage { extra, size, has_size, .. } = self.file.element(span, &thing)?;
        let stated = self.state(span, &thing, &[("width", has_size)])?;
        // A size that is stated and means nothing is not repeated beside the right one.
        let stated = stated.filter(|_| size.is_some() || !has_size);
        Ok(Verbatim::with(Image { extra, ..image }, stated))
    }

    fn read(&self, index: usize, _image: &Image) -> Result<Read> {
        let own = &self.by_image[self.starts[index]..self.starts[index + 1]];
        let mut losses = Losses::default();
        for (at, _) in own.iter().enumerate().filter(|(_, number)| self.repeated.contains(number)) {
            losses.annotation(Reason::DuplicateId, at);
        }
        let read: Vec<_> = own.iter().map(|&number| self.annotation(number)).collect();
        let mut remarks = Vec::new();
        if self.wants.remarks {
            let sound = read.iter().filter_map(|it| it.as_ref().ok());
            remarks = self.remarks(index, &sound.map(|(_, odd)| *odd).collect::<Vec<_>>());
        }
        let annotations = read.into_iter().map(|it| it.map(|(annotation, _)| annotation)).collect();
        let is_doubtful = self.doubtful.contains(&index);
        Ok(Read { annotations, losses, remarks, is_doubtful })
    }

    fn place(&self, spot: Spot) -> Place {
        let is_results = self.header.is_results;
        match spot {
            Spot::Annotation(_, annotation, part) => {
                let span = &self.annotations[annotation.at];
                let pointer = self.pointer(annotation.at);
                self.file.member_place(span.start, pointer, members_of(part))
            }
            Spot::Image(index, _) if is_results => {
                let (number, span) = &self.image_records[index];
                self.file.member_place(span.start, self.pointer(*number), &["image_id"])
            }
            Spot::Image(index, part) => {
                let (number, span) = &self.image_records[index];
                let pointer = format!("/images/{number}");
                self.file.member_place(span.start, pointer, members_of(part))
            }
            Spot::Category(category) => match self.category_records.get(category) {
                Some((number, span)) => {
                    self.file.member_place(span.start, format!("/categories/{number}"), &["name"])
                }
                None => Place::of_file(self.file.path()),
            },
        }
    }
}

/// The members that a part of a record stands in.
fn members_of(field: Field) -> &'static [&'static str] {
    match field {
        Field::Whole | Field::Length => &[],
        Field::Id => &["id"],
        Field::Class => &["category_id"],
        Field::Box => &["bbox"],
        Field::Shape => &["segmentation"],
        Field::Area => &["area"],
        Field::Size => &["width", "height"],
        Field::Name => &["file_name"],
    }
}
