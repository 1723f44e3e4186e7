//! Reading LabelMe files.

use super::PROFILE;
use super::document::Document;
use super::object::{self, Part};
use super::shape::{self, Drawn};
use super::{mask, stated};
use crate::classes;
use crate::error::{Error, ErrorKind, Mismatch, Place, Position, Result};
use crate::files;
use crate::files::recent::Recent;
use crate::format::{self, Chosen, Faults, Field, Read, Remark, Run, Source, Spot, Wants};
use crate::formats::reading::{NameBy, OwnFiles, Polyline};
use crate::geometry::{Polygon, Size, polygon};
use crate::images::{self, is_image};
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Details, Extra, Header, Image, Shape, Verbatim};
use crate::progress::Work;
use crate::rules::Rule;
use crate::tree::Files;
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The members of a file that are read into the model, or that only its own reader needs.
const KNOWN: [&str; 6] =
    ["version", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth"];

pub struct LabelMeSource {
    header: Header,
    images: Vec<Image>,
    files: Vec<PathBuf>,
    /// The first file that names each category.
    named_in: Vec<PathBuf>,
    polyline: Polyline,
    /// Whether the text of records is wanted.
    keeps_text: bool,
    documents: Recent<Option<Document>>,
}

/// What is read of a file on opening.
struct Opened {
    image: Image,
    labels: HashSet<String>,
    /// What is wrong with the size.
    fault: Option<Error>,
}

#[derive(Deserialize)]
struct Label {
    label: String,
}

impl LabelMeSource {
    pub fn open(
        files: &Files,
        settings: &Chosen,
        wants: Wants,
        run: &Run,
    ) -> Result<format::Opened> {
        let progress = run.progress.share(Work::Opening, files.files.len() as u64);
        let name_by = settings.choice("name-by").unwrap_or(NameBy::Stated);
        let read = |file: &PathBuf| {
            progress.add(1)?;
            read_image(file, &files.root, name_by)
        };
        let read: Vec<Result<Opened>> = files.files.par_iter().map(read).collect();
        let mut faults = Faults::new(run);
        let mut own = OwnFiles::default();
        let mut labels: BTreeMap<String, PathBuf> = BTreeMap::new();
        for (file, opened) in files.files.iter().zip(read) {
            let Some(opened) = faults.pass(opened)? else { continue };
            faults.pass(opened.fault.map_or(Ok(()), Err))?;
            for label in opened.labels {
                labels.entry(label).or_insert_with(|| file.clone());
            }
            own.add(opened.image, file, "imagePath", &mut faults)?;
        }
        let (names, named_in): (Vec<String>, Vec<PathBuf>) = labels.into_iter().unzip();
        let source = Self {
            header: Header::of(classes::categories(&names)),
            images: own.images,
            files: own.files,
            named_in,
            polyline: settings.choice("polyline").unwrap_or(Polyline::Keep),
            keeps_text: wants.keeps_text(PROFILE.name),
            documents: Recent::default(),
        };
        Ok(format::Opened::of(source, faults))
    }
}

/// An image and the labels of its shapes.
fn read_image(file: &Path, root: &Path, name_by: NameBy) -> Result<Opened> {
    let document = Document::read(file)?;
    let stem = files::relative_name(&file.with_extension(""), root)?;
    let stated = document.member::<String>("imagePath")?;
    let (file_name, is_stem) = name_of(stated.as_deref().unwrap_or_default(), &stem, name_by);
    let (size, fault) = match size_of(&document) {
        Ok(size) => (size, None),
        Err(error) => (None, Some(error)),
    };
    let mut labels = HashSet::new();
    for span in &document.shapes {
        // What is wrong with a shape is told where it is read.
        if let Ok(Label { label }) = document.file.element(span, "shape")
            && !label.trim().is_empty()
        {
            labels.insert(label);
        }
    }
    let extra = extra_of(&document)?;
    let image = Image { file_name, label: Some(stem), is_stem, size, extra, ..Image::default() };
    Ok(Opened { image, labels, fault })
}

/// The name of an image by what is stated and by the name of its file, and whether it lacks an extension.
fn name_of(stated: &str, stem: &str, name_by: NameBy) -> (String, bool) {
    let folder = stem.rsplit_once('/').map_or("", |(folder, _)| folder);
    let stated = images::stated_in(folder, stated.trim());
    let name = match name_by {
        _ if images::base_name(&stated).is_empty() || stated == folder => stem.to_owned(),
        NameBy::Stated => stated,
        // The stated name still says what kind of file it is.
        NameBy::File => match Path::new(&stated).extension().and_then(|it| it.to_str()) {
            Some(extension) if is_image(Path::new(&stated)) => format!("{stem}.{extension}"),
            _ => stem.to_owned(),
        },
    };
    let is_stem = !is_image(Path::new(&name));
    (name, is_stem)
}

/// The stated size; that of the picture in the file, where none is stated.
fn size_of(document: &Document) -> Result<Option<Size>> {
    if let (Some(width), Some(height)) =
        (document.side("imageWidth")?, document.side("imageHeight")?)
    {
        return Ok(Some(Size { width, height }));
    }
    let picture = document.member::<String>("imageData").ok().flatten();
    let picture = picture.and_then(|text| mask::decode_base64(&text).ok());
    let size = picture.and_then(|bytes| imagesize::blob_size(&bytes).ok());
    let size =
        size.and_then(|it| Some((u32::try_from(it.width).ok()?, u32::try_from(it.height).ok()?)));
    Ok(size.map(|(width, height)| Size { width, height }))
}

/// The members of a file that have no place in the model.
fn extra_of(document: &Document) -> Result<Extra> {
    let mut extra = Extra::new();
    for (name, span) in document.members().filter(|(name, _)| !KNOWN.contains(name)) {
        let value: Value = document.file.element(span, name)?;
        if !shape::is_empty(name, &value) {
            extra.insert(name.to_owned(), value);
        }
    }
    Ok(extra)
}

#[allow(clippy::indexing_slicing, reason = "the number of an image is below their count")]
impl Source for LabelMeSource {
    fn header(&self) -> &Header {
        &self.header
    }

    fn images(&self) -> &[Image] {
        &self.images
    }

    fn image(&self, index: usize) -> Result<Verbatim<Image>> {
        let mut image = self.images[index].clone();
        if !self.keeps_text {
            return Ok(Verbatim::new(image));
        }
        self.with(index, |document| {
            if let Some(picture) = document.member::<Value>("imageData")? {
                image.extra.insert("imageData".to_owned(), picture);
            }
            let bytes = |(name, span)| (name, document.file.bytes(span));
            let text = stated::of_image(document.members().map(bytes));
            Ok(Verbatim::with(image, Some(text)))
        })
    }

    fn read(&self, index: usize, image: &Image) -> Result<Read> {
        self.with(index, |document| Ok(self.read_document(document, image)))
    }

    fn place(&self, spot: Spot) -> Place {
        let (index, annotation, field) = match spot {
            Spot::Image(index, field) => (index, None, field),
            Spot::Annotation(index, annotation, field) => (index, Some(annotation), field),
            Spot::Category(category) => {
                let first = self.named_in.get(category).or(self.files.first());
                return first.map(|file| Place::of_file(file)).unwrap_or_default();
            }
        };
        let names: &[&str] = match (annotation, field) {
            (Some(_), Field::Class) => &["label"],
            (Some(_), Field::Box | Field::Shape | Field::Area) => &["points"],
            (None, Field::Name) => &["imagePath"],
            (None, Field::Size) => &["imageWidth", "imageHeight"],
            _ => &[],
        };
        let place = self.with(index, |document| {
            let shape = annotation.and_then(|it| Some((it.at, document.shapes.get(it.at)?)));
            let (start, pointer) = match shape {
                Some((at, span)) => (span.start, format!("/shapes/{at}")),
                None => (document.file.span().start, String::new()),
            };
            Ok(document.file.member_place(start, pointer, names))
        });
        place.unwrap_or_else(|_| Place::at(&self.files[index], Position::line(1)))
    }
}

impl LabelMeSource {
    /// Does something with the file of an image. The last ones are kept open.
    #[allow(clippy::indexing_slicing, reason = "the number of an image is below their count")]
    fn with<T>(&self, index: usize, each: impl FnOnce(&Document) -> Result<T>) -> Result<T> {
        let file = &self.files[index];
        match self.documents.of(index, || Document::read(file).ok()).as_ref() {
            Some(document) => each(document),
            // It was read before: somebody has changed it since.
            None => each(&Document::read(file)?),
        }
    }

    fn read_document(&self, document: &Document, image: &Image) -> Read {
        let part = |(at, span): (usize, &Range<usize>)| {
            let thing = format!("image {:?}, shape {at}", image.file_name);
            let mut drawn: Drawn = document.file.element(span, &thing)?;
            let wrong = |mismatch| self.wrong(document, &thing, span, mismatch);
            if drawn.label.trim().is_empty() {
                let mismatch = Mismatch::new("the name of a class \"label\"", "nothing");
                return Err(wrong(mismatch).breaking(Rule::EmptyClass));
            }
            let group = drawn.group().map_err(wrong)?;
            let outline = drawn.outline().map_err(wrong)?;
            Ok(Part { at, label: drawn.label, group, outline, extra: drawn.extra })
        };
        let objects = object::join(document.shapes.iter().enumerate().map(part));
        let sizes = object::sizes_of_groups(&objects);
        let mut read = Read::default();
        for (number, object) in objects.into_iter().enumerate() {
            let annotation = object.and_then(|parts| {
                let is_shared = parts.first().and_then(|part| sizes.get(&part.group?));
                let keeps_group = parts.len() == 1 || is_shared.is_some_and(|count| *count > 1);
                self.annotation(document, image, parts, keeps_group, number, &mut read.losses)
            });
            read.annotations.push(annotation);
        }
        read.remarks.extend(zero_side(document));
        read
    }

    fn wrong(
        &self,
        document: &Document,
        thing: &str,
        span: &Range<usize>,
        mismatch: Mismatch,
    ) -> Error {
        let error = Error::new(ErrorKind::Malformed, thing, mismatch);
        error.in_file(document.file.path()).at(document.file.position(span))
    }

    /// An object. The number of its group is a part of what it says where the group is not the object
    /// itself.
    fn annotation(
        &self,
        document: &Document,
        image: &Image,
        mut parts: Vec<Part>,
        keeps_group: bool,
        number: usize,
        losses: &mut Losses,
    ) -> Result<Verbatim<Annotation>> {
        let Some(Part { at, label, group, .. }) = parts.first() else {
            return Ok(Verbatim::default());
        };
        let (at, group) = (*at, group.filter(|_| keeps_group));
        let names = &self.header.categories;
        let category = names.binary_search_by(|name| name.name.as_str().cmp(label)).ok();
        let (extra, lost) = object::members(parts.iter_mut().map(|part| &mut part.extra));
        let shapes: Vec<usize> = parts.iter().map(|part| part.at).collect();
        let mut own = Losses::default();
        let drawn = object::draw(parts, image.size, number, &mut own).map_err(|mismatch| {
            let span = document.shapes.get(at).cloned().unwrap_or_default();
            let thing = format!("image {:?}, shape {at}", image.file_name);
            self.wrong(document, &thing, &span, mismatch)
        })?;
        if !lost.is_empty() {
            let lost: Vec<&str> = lost.iter().map(String::as_str).collect();
            own.named(Reason::MembersDropped, Some(number), &lost);
        }
        let is_line = matches!(drawn.shape, Shape::Polyline(_));
        let shape = match drawn.shape {
            Shape::Polyline(points) if self.polyline == Polyline::Close => {
                losses.annotation(Reason::LineClosed, number);
                Shape::Polygons(vec![Polygon::from_ring(polygon::open(&points).to_vec())])
            }
            shape => shape,
        };
        let details =
            group.map(|group| Box::new(Details { group: Some(group), ..Details::default() }));
        let annotation = Annotation { at, category, shape, details, extra, ..drawn };
        if !self.keeps_text || (is_line && self.polyline == Polyline::Close) {
            losses.append(&own);
            return Ok(Verbatim::new(annotation));
        }
        let bytes = |at| Some((at, document.file.bytes(document.shapes.get(at)?)));
        let text = stated::of_shapes(shapes.into_iter().filter_map(bytes));
        Ok(Verbatim::with(annotation, Some(text)))
    }
}

/// A remark where a side of the image is stated as 0.
fn zero_side(document: &Document) -> Option<Remark> {
    let is_zero = |name| {
        let value = document.member::<Value>(name).ok().flatten();
        value.and_then(|value| value.as_f64()) == Some(0.0)
    };
    (is_zero("imageWidth") || is_zero("imageHeight")).then(|| Remark {
        rule: Rule::ZeroImageSize,
        annotation: None,
        field: Field::Size,
        message: "the stated width or height is 0".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_named_by_what_is_stated_from_its_own_file_on() {
        for (stated, stem, name_by, name, is_stem) in [
            ("a.jpg", "a", NameBy::Stated, "a.jpg", false),
            ("a.jpg", "x/b", NameBy::Stated, "x/a.jpg", false),
            ("..\\..\\images\\a.jpg", "x/a", NameBy::Stated, "images/a.jpg", false),
            ("../img/a.jpg", "x/a", NameBy::Stated, "img/a.jpg", false),
            ("/data/a.jpg", "x/a", NameBy::Stated, "a.jpg", false),
            ("C:\\data\\a.jpg", "a", NameBy::Stated, "a.jpg", false),
            ("", "x/b", NameBy::Stated, "x/b", true),
            ("..", "x/b", NameBy::Stated, "x/b", true),
            ("a", "b", NameBy::Stated, "a", true),
            ("a.png", "x/b", NameBy::File, "x/b.png", false),
            ("", "x/b", NameBy::File, "x/b", true),
        ] {
            let found = name_of(stated, stem, name_by);
            assert_eq!(found, (name.to_owned(), is_stem), "{stated} {stem}");
        }
    }
}
