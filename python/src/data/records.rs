//! Images of Python as records of the library: which class is which, which text still holds.

use super::annotation::Annotation;
use super::image::{Image, annotation_of};
use super::origin::{Classes, Origin};
use super::values::{self, wrong};
use crate::errors::{Failure, usage};
use annoconv::dataset::{Held, Memory};
use annoconv::error::{Error, ErrorKind, Mismatch};
use annoconv::format::Source;
use annoconv::losses::{Losses, Reason};
use annoconv::model::{self, Category, Header, Id, Verbatim};
use pyo3::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// After how many images signals are looked for.
const LOOKED: usize = 1024;

/// What was collected of records.
pub struct Collected {
    /// The dataset.
    pub memory: Memory,
    /// The datasets that the records come from.
    pub origins: Vec<Arc<Origin>>,
}

/// Collects records.
///
/// # Errors
/// An exception of who makes them; what is no image; a class that is not known.
pub fn collect(records: &Bound<PyAny>, categories: Option<&Bound<PyAny>>) -> PyResult<Collected> {
    let py = records.py();
    let stated = categories.map(read_categories).transpose()?;
    let mut collector = Collector { stated, ..Collector::default() };
    let all =
        records.try_iter().map_err(|_| wrong("records", "images, one after the other", records))?;
    for (number, item) in all.enumerate() {
        if number % LOOKED == 0 {
            py.check_signals()?;
        }
        let item = item?;
        let image = item
            .cast::<Image>()
            .map_err(|_| wrong(&format!("record {number}"), "an Image", &item))?;
        collector.take(&mut *image.try_borrow_mut()?, py)?;
    }
    collector.finish()
}

/// Classes as a caller gives them: names, or objects of `annoconv.Category`.
fn read_categories(given: &Bound<PyAny>) -> PyResult<Vec<Category>> {
    let expected = "names of classes, or Category";
    if given.extract::<String>().is_ok() {
        return Err(wrong("categories", "a list of names", given));
    }
    let all = given.try_iter().map_err(|_| wrong("categories", expected, given))?;
    let class = given.py().import("annoconv._shapes")?.getattr("Category")?;
    let one = |item: PyResult<Bound<PyAny>>| {
        let item = item?;
        if let Ok(name) = item.extract::<String>() {
            return Ok(Category::named(name));
        }
        if !item.is_instance(&class)? {
            return Err(wrong("categories", expected, &item));
        }
        Ok(Category {
            id: values::optional_id(&item.getattr("id")?, "id of category")?,
            name: values::text(&item.getattr("name")?, "name of category")?,
            extra: values::members(&item.getattr("extra")?, "extra of category")?,
        })
    };
    all.map(one).collect()
}

/// An image as it was handed over.
struct Taken {
    held: Held,
    /// Where it was read: the place of its dataset among those of all records, and its number there.
    origin: Option<(usize, usize)>,
    /// The classes of its tags.
    classes: Arc<Classes>,
    /// What is known of each annotation.
    notes: Vec<Note>,
}

/// What is known of an annotation besides its value.
#[derive(Clone)]
struct Note {
    /// The classes of which its class is one.
    classes: Arc<Classes>,
    /// A class that is none of these.
    own: Option<String>,
    /// The image of which it was read, and its place in it.
    image: Option<usize>,
    place: Option<usize>,
}

#[derive(Default)]
struct Collector {
    stated: Option<Vec<Category>>,
    origins: Vec<Arc<Origin>>,
    taken: Vec<Taken>,
}

impl Collector {
    fn take(&mut self, image: &mut Image, py: Python) -> PyResult<()> {
        if image.is_boxes_only {
            return Err(super::shapes::unread(py, &format!("image {:?}", image.value.file_name)));
        }
        image.settle(py)?;
        let (mut annotations, notes) = annotations_of(image, py)?;
        let losses = losses_of(image, &notes);
        let dropped = std::iter::repeat_n(Verbatim::default(), image.dropped);
        annotations.extend(dropped);
        let origin = image.origin.as_ref().map(|origin| self.number(origin)).zip(image.index);
        let held = Held { image: image.value.clone(), annotations, losses };
        self.taken.push(Taken { held, origin, classes: Arc::clone(&image.classes), notes });
        Ok(())
    }

    fn number(&mut self, origin: &Arc<Origin>) -> usize {
        let known = self.origins.iter().position(|known| Arc::ptr_eq(known, origin));
        known.unwrap_or_else(|| {
            self.origins.push(Arc::clone(origin));
            self.origins.len().saturating_sub(1)
        })
    }

    fn finish(self) -> PyResult<Collected> {
        let Self { stated, origins, mut taken } = self;
        let mut joined = Joined::new(stated, &origins);
        for taken in &mut taken {
            joined.adopt(taken)?;
        }
        let header = joined.header();
        let records = taken.into_iter().map(|taken| taken.held).collect();
        Ok(Collected { memory: Memory::of(header, records), origins })
    }
}

type Annotations = Vec<Verbatim<model::Annotation>>;

/// The annotations of an image, and what is known of them.
fn annotations_of(image: &Image, py: Python) -> PyResult<(Annotations, Vec<Note>)> {
    let Some(listed) = &image.listed else {
        let note = |(place, _)| Note {
            classes: Arc::clone(&image.classes),
            own: None,
            image: image.index,
            place: Some(place),
        };
        let notes = image.annotations.iter().enumerate().map(note).collect();
        return Ok((image.annotations.clone(), notes));
    };
    let (mut annotations, mut notes) = (Vec::new(), Vec::new());
    for (number, item) in listed.bind(py).iter().enumerate() {
        let item = annotation_of(&item, number, &image.value.file_name)?;
        let mut annotation = item.try_borrow_mut()?;
        settle(&mut annotation, py, number, &image.value.file_name)?;
        annotations.push(annotation.value.clone());
        notes.push(Note {
            classes: Arc::clone(&annotation.classes),
            own: annotation.own_class.clone(),
            image: annotation.image,
            place: annotation.place,
        });
    }
    Ok((annotations, notes))
}

/// Takes over what Python may have changed in an annotation; an error says where it is.
///
/// # Errors
/// Where a value is of a wrong type.
pub fn settle(annotation: &mut Annotation, py: Python, number: usize, image: &str) -> PyResult<()> {
    annotation.settle(py).map_err(|error| {
        let text = format!("annotation {number} of image {image:?}: {}", error.value(py));
        let told = error.get_type(py).call1((text,)).map(PyErr::from_value);
        told.unwrap_or(error)
    })
}

/// What was lost of an image in reading: of the annotations that are still there, and of those that were
/// dropped, whose numbers follow.
fn losses_of(image: &Image, notes: &[Note]) -> Losses {
    let mut losses = Losses::default();
    if image.losses.is_empty() {
        return losses;
    }
    let is_own =
        |note: &Note| Arc::ptr_eq(&note.classes, &image.classes) && note.image == image.index;
    let places = notes.iter().enumerate().filter(|(_, note)| is_own(note));
    let places: HashMap<usize, usize> =
        places.filter_map(|(number, note)| Some((note.place?, number))).collect();
    let mut dropped = notes.len()..;
    for loss in image.losses.iter() {
        match loss.annotation {
            None => losses.image(loss.reason),
            Some(_) if loss.reason.dropped() => {
                losses.annotation(loss.reason, dropped.next().unwrap_or_default());
            }
            Some(place) => {
                if let Some(number) = places.get(&place) {
                    losses.annotation(loss.reason, *number);
                }
            }
        }
    }
    losses
}

/// The classes and ids of all records.
struct Joined<'a> {
    origins: &'a [Arc<Origin>],
    /// The only dataset that records come from, whose texts hold.
    base: Option<&'a Origin>,
    categories: Vec<Verbatim<Category>>,
    places: HashMap<String, usize>,
    /// Whether other classes are added.
    is_open: bool,
    /// The image of each id of an image, and the annotation of each id.
    image_ids: HashMap<Id, WasAt>,
    ids: HashMap<Id, WasAt>,
    range: Option<(i64, i64)>,
}

/// Where something was read: dataset, image and place in it; none where it was made.
type WasAt = Option<(usize, usize)>;

impl<'a> Joined<'a> {
    fn new(stated: Option<Vec<Category>>, origins: &'a [Arc<Origin>]) -> Self {
        let base = match origins {
            [only] => Some(only.as_ref()),
            _ => None,
        };
        let is_open = stated.is_none() && origins.is_empty();
        let categories = match stated {
            Some(stated) => stated.into_iter().map(|it| known(it, origins)).collect(),
            None => join_categories(origins),
        };
        let mut joined = Self {
            origins,
            base,
            categories: Vec::new(),
            places: HashMap::new(),
            is_open,
            image_ids: HashMap::new(),
            ids: HashMap::new(),
            range: None,
        };
        for category in categories {
            joined.add(category);
        }
        joined
    }

    fn add(&mut self, category: Verbatim<Category>) -> usize {
        let place = self.categories.len();
        self.places.entry(category.name.clone()).or_insert(place);
        self.categories.push(category);
        place
    }

    fn header(self) -> Header {
        let about = self.origins.iter().map(|origin| &origin.source.header().about);
        let header = Header {
            categories: self.categories,
            about: about.clone().find(|it| !it.is_empty()).cloned().unwrap_or_default(),
            ids: self.range,
            ..Header::of(Vec::new())
        };
        match self.base {
            None => header,
            Some(base) => {
                let own = base.source.header();
                Header { is_grouped: own.is_grouped, is_results: own.is_results, ..header }
            }
        }
    }

    /// Fits a record to the others.
    fn adopt(&mut self, taken: &mut Taken) -> PyResult<()> {
        let Taken { held, origin, classes, notes } = taken;
        let name = held.image.file_name.clone();
        let is_same = self.number_image(&mut held.image, *origin)?;
        let tags = held.image.tags.iter().map(|tag| {
            let tag = classes.names.get(*tag).map(String::as_str);
            self.place(tag, &name)
        });
        let tags: Vec<usize> = tags.collect::<PyResult<Vec<_>>>()?.into_iter().flatten().collect();
        held.image.complete(|image| image.tags = tags);
        for ((number, annotation), note) in held.annotations.iter_mut().enumerate().zip(notes) {
            let place = self.class(annotation, note, &name)?;
            let holds = is_same && self.holds(annotation, note, place, *origin);
            annotation.complete(|it| it.category = place);
            if self.base.is_none() {
                annotation.complete(|it| it.order = None);
            }
            let is_repeated = self.number(annotation, note, *origin);
            if is_repeated && note.image.is_none() {
                held.losses.annotation(Reason::DuplicateId, number);
            }
            if !holds {
                forget(annotation);
            }
        }
        Ok(())
    }

    /// Whether the text of an annotation still holds: its class and its image have the ids that stand
    /// in it.
    fn holds(
        &self,
        annotation: &model::Annotation,
        note: &Note,
        place: Option<usize>,
        origin: WasAt,
    ) -> bool {
        let Some(base) = self.base else { return false };
        let id = |categories: &[Verbatim<Category>], place: Option<usize>| {
            place.and_then(|place| categories.get(place)).map(|it| it.id.clone())
        };
        Arc::ptr_eq(&note.classes, &base.classes)
            && origin.is_some_and(|(_, index)| note.image == Some(index))
            && id(&base.source.header().categories, annotation.category)
                == id(&self.categories, place)
    }

    /// The place of an annotation's class.
    fn class(
        &mut self,
        annotation: &model::Annotation,
        note: &Note,
        image: &str,
    ) -> PyResult<Option<usize>> {
        let is_own = self.base.is_some_and(|base| Arc::ptr_eq(&base.classes, &note.classes));
        if let Some(place) = annotation.category.filter(|_| is_own && note.own.is_none()) {
            // Two classes may have one name.
            let own = note.classes.names.get(place);
            let here = self.categories.get(place).map(|category| &category.name);
            if own == here {
                return Ok(Some(place));
            }
        }
        let known = annotation.category.and_then(|place| note.classes.names.get(place));
        self.place(note.own.as_ref().or(known).map(String::as_str), image)
    }

    fn place(&mut self, name: Option<&str>, image: &str) -> PyResult<Option<usize>> {
        let Some(name) = name else { return Ok(None) };
        if let Some(place) = self.places.get(name) {
            return Ok(Some(*place));
        }
        if self.is_open {
            return Ok(Some(self.add(Category::named(name).into())));
        }
        let names: Vec<&str> = self.categories.iter().map(|it| it.name.as_str()).collect();
        Err(unknown_class(&names, name, image))
    }

    /// Sees to it that an image has an id of its own. Whether it has that of its text.
    fn number_image(
        &mut self,
        image: &mut Verbatim<model::Image>,
        origin: WasAt,
    ) -> PyResult<bool> {
        if self.base.is_none() {
            forget(image);
        }
        let Some(id) = image.id.clone() else { return Ok(false) };
        if let Some(_before) = self.image_ids.get(&id) {
            if origin.is_none() {
                let thing = format!("image {:?}", image.file_name);
                let found = format!("id {id} of an earlier one");
                return Err(usage(thing, "an id of its own", found).into());
            }
            image.id = None;
            return Ok(false);
        }
        self.image_ids.insert(id.clone(), origin);
        let Some((base, (_, index))) = self.base.zip(origin) else { return Ok(false) };
        let own = base.source.images().get(index).and_then(|image| image.id.as_ref());
        Ok(own == Some(&id))
    }

    /// Sees to it that an annotation that was read has no id that another dataset, or it itself before,
    /// had. Whether an earlier one has the same.
    fn number(
        &mut self,
        annotation: &mut Verbatim<model::Annotation>,
        note: &Note,
        origin: WasAt,
    ) -> bool {
        let Some(id) = annotation.id.clone() else { return false };
        let source = origin.zip(note.image).map(|((dataset, _), _)| (dataset, annotation.at));
        match self.ids.get(&id) {
            // The dataset itself has an id twice.
            Some(before) if source.is_none() || is_other(*before, source) => return true,
            Some(_) => {
                annotation.id = None;
                return true;
            }
            None => {}
        }
        if let Some(number) = id.number() {
            let (least, greatest) = self.range.unwrap_or((number, number));
            self.range = Some((least.min(number), greatest.max(number)));
        }
        self.ids.insert(id, source);
        false
    }
}

/// Whether two annotations are different ones of one dataset.
fn is_other(before: WasAt, now: WasAt) -> bool {
    matches!((before, now), (Some((a, one)), Some((b, other))) if a == b && one != other)
}

/// Drops the text of a value.
fn forget<T: Default>(value: &mut Verbatim<T>) {
    if value.stated().is_some() {
        *value = Verbatim::new(std::mem::take(value).into_inner());
    }
}

/// A class that is stated: the dataset's own record of it, where that says the same, or where only the
/// name is stated.
fn known(stated: Category, origins: &[Arc<Origin>]) -> Verbatim<Category> {
    let all = origins.iter().flat_map(|origin| &origin.source.header().categories);
    let is_same = |known: &&Verbatim<Category>| {
        known.name == stated.name
            && (known.id == stated.id && known.extra == stated.extra
                || stated.id.is_none() && stated.extra.is_empty())
    };
    all.into_iter().find(is_same).cloned().unwrap_or_else(|| Verbatim::new(stated))
}

/// The classes of all datasets; those of one name are one, unless a dataset has it twice.
fn join_categories(origins: &[Arc<Origin>]) -> Vec<Verbatim<Category>> {
    let mut all: Vec<Verbatim<Category>> = Vec::new();
    for (number, origin) in origins.iter().enumerate() {
        for category in &origin.source.header().categories {
            if number > 0 && all.iter().any(|known| known.name == category.name) {
                continue;
            }
            let mut own = category.clone();
            if number > 0 && all.iter().any(|known| known.id == own.id) {
                own.id = None;
            }
            all.push(own);
        }
    }
    all
}

/// The error of a class that is not known.
pub fn unknown_class(names: &[&str], found: &str, image: &str) -> PyErr {
    let expected = format!("a class of the dataset, or of categories= ({})", names.join(", "));
    let mismatch = Mismatch::new(expected, format!("{found:?}"));
    Failure::from(Error::new(ErrorKind::Unknown, format!("image {image:?}"), mismatch)).into()
}
