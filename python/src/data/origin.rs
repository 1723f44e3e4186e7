//! Where images and annotations of Python come from: a dataset that was opened.

use annoconv::dataset::Kept;
use annoconv::error::{Error, Result};
use annoconv::files::input::Input;
use annoconv::format::{Format, Read, Source};
use annoconv::losses::Losses;
use annoconv::model::{self, Annotation, Verbatim};
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// How many faults are kept; all are counted.
const KEPT_FAULTS: usize = 100;

/// The names of classes. Annotations know their class by its place among these.
#[derive(Default)]
pub struct Classes {
    /// The names.
    pub names: Vec<String>,
    texts: Vec<Py<PyString>>,
}

impl Classes {
    /// These names.
    pub fn of(py: Python, names: Vec<String>) -> Arc<Self> {
        let texts = names.iter().map(|name| PyString::new(py, name).unbind()).collect();
        Arc::new(Self { names, texts })
    }

    /// A name as Python has it.
    pub fn text(&self, place: usize) -> Option<&Py<PyString>> {
        self.texts.get(place)
    }

    /// The place of a name; the first, where several are the same.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|own| own == name)
    }
}

/// A dataset that was opened.
pub struct Origin {
    /// What is read.
    pub source: Arc<Kept>,
    /// Its classes.
    pub classes: Arc<Classes>,
    /// The formats of its parts.
    pub formats: Vec<&'static dyn Format>,
    /// What it was read from; unpacked copies stay as long as this does.
    pub inputs: Vec<Input>,
    /// Whether only boxes are read.
    pub is_boxes_only: bool,
    /// Whether what cannot be read is passed over.
    pub is_tolerant: bool,
    /// How many threads read.
    pub jobs: Option<usize>,
    /// What was passed over.
    pub faults: Mutex<Faults>,
}

/// What was passed over: how much, and the first of it.
#[derive(Default)]
pub struct Faults {
    /// How many things could not be read.
    pub count: usize,
    /// The first of them that were found, each with the number of its image.
    pub first: Vec<(usize, Arc<Error>)>,
    /// The images of which they are, so that an image that is read again counts once.
    images: HashSet<usize>,
}

/// What was read of an image.
pub struct Record {
    /// Its number in the dataset.
    pub index: usize,
    /// The image.
    pub image: Verbatim<model::Image>,
    /// The annotations that can be read and are not dropped.
    pub annotations: Vec<Verbatim<Annotation>>,
    /// What was lost of them, and those that were dropped: their numbers are above all others.
    pub losses: Losses,
    /// How many annotations were dropped.
    pub dropped: usize,
    /// How many could not be read.
    pub unreadable: usize,
}

impl Origin {
    /// Reads an image; none where it cannot be read and that is passed over.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(&self, index: usize) -> Result<Option<Record>> {
        let read = self.image(index).and_then(|image| {
            let read = self.source.read(index, &image)?;
            Ok((image, read))
        });
        match read {
            Err(error) if self.is_tolerant => {
                self.pass_over(index, vec![error]);
                Ok(None)
            }
            read => read.and_then(|(image, read)| self.record(index, image, read)).map(Some),
        }
    }

    fn image(&self, index: usize) -> Result<Verbatim<model::Image>> {
        let listed = self.source.images().get(index);
        match self.is_boxes_only {
            true => Ok(Verbatim::new(listed.cloned().unwrap_or_default())),
            false => self.source.image(index),
        }
    }

    fn record(&self, index: usize, image: Verbatim<model::Image>, read: Read) -> Result<Record> {
        let (kept, mut faults) = split(read);
        let unreadable = faults.len();
        if unreadable > 0 {
            if !self.is_tolerant {
                return Err(faults.swap_remove(0));
            }
            self.pass_over(index, faults);
        }
        let Parted { annotations, losses, dropped, .. } = kept;
        Ok(Record { index, image, annotations, losses, dropped, unreadable })
    }

    fn pass_over(&self, image: usize, errors: Vec<Error>) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if faults.images.insert(image) {
            faults.add(image, errors);
        }
    }

    /// The number of images.
    pub fn len(&self) -> usize {
        self.source.images().len()
    }
}

impl Faults {
    /// So many things that could not be read on opening.
    pub fn of(count: usize) -> Self {
        Self { count, ..Self::default() }
    }

    /// Adds what could not be read.
    pub fn add(&mut self, image: usize, errors: Vec<Error>) {
        self.count = self.count.saturating_add(errors.len());
        let room = KEPT_FAULTS.saturating_sub(self.first.len());
        self.first.extend(errors.into_iter().take(room).map(|error| (image, Arc::new(error))));
        // Threads find them in any order.
        self.first.sort_by_key(|(image, _)| *image);
    }
}

/// What was read, parted.
pub struct Parted {
    /// The annotations that are kept.
    pub annotations: Vec<Verbatim<Annotation>>,
    /// The number of each among all.
    pub numbers: Vec<usize>,
    /// All losses, with the numbers of the kept ones as they are in the list.
    pub losses: Losses,
    /// How many are dropped. Their numbers follow those of the kept ones.
    pub dropped: usize,
}

/// Parts what was read into what is kept, and what cannot be read.
pub fn split(read: Read) -> (Parted, Vec<Error>) {
    let gone = if read.losses.is_empty() { HashSet::new() } else { read.dropped() };
    let count = read.annotations.len();
    let mut annotations = Vec::with_capacity(count);
    let (mut numbers, mut faults) = (Vec::with_capacity(count), Vec::new());
    for (number, annotation) in read.annotations.into_iter().enumerate() {
        match annotation {
            Ok(_) if gone.contains(&number) => {}
            Ok(annotation) => {
                annotations.push(annotation);
                numbers.push(number);
            }
            Err(error) => faults.push(error),
        }
    }
    let mut losses = Losses::default();
    if !read.losses.is_empty() {
        let mut places: Vec<usize> = vec![usize::MAX; count];
        let order = numbers.iter().copied().chain((0..count).filter(|it| gone.contains(it)));
        for (place, number) in order.enumerate() {
            if let Some(known) = places.get_mut(number) {
                *known = place;
            }
        }
        losses.append_numbered(&read.losses, &places);
    }
    (Parted { annotations, numbers, losses, dropped: gone.len() }, faults)
}
