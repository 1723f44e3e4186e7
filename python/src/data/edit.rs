//! Edits of a conversion by callables of Python.

use super::image::{Image, annotation_of};
use super::origin::{self, Classes, Parted};
use super::records::{settle, unknown_class};
use crate::errors::usage;
use crate::run::Watch;
use annoconv::edit::{Before, Bound as Fitted, Edit};
use annoconv::error::{Error, ErrorKind, Mismatch, Result};
use annoconv::format::{Read, Wants};
use annoconv::losses::Reason;
use annoconv::model::{self, Annotation, Category, Header, Verbatim};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// How many images are read at once.
const BATCH: usize = 256;

/// An edit that calls a callable of Python with each image, in their order. Each is called once for an
/// image: what it changed is kept, and what it left alone is read again.
pub struct ByCallable {
    callable: Py<PyAny>,
    /// Classes that the source may not have.
    more: Vec<String>,
    watch: Watch,
}

/// What a callable made of the annotations of an image: none where one is left out.
type Changed = Vec<Option<Verbatim<Annotation>>>;

/// The edits of some callables.
///
/// # Errors
/// Where one cannot be called.
pub fn callables(given: Option<&Bound<PyAny>>) -> PyResult<Vec<Py<PyAny>>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let not_callable = |found: &Bound<PyAny>| super::values::wrong("edits", "callables", found);
    if given.is_callable() {
        return Ok(vec![given.clone().unbind()]);
    }
    let all = given.try_iter().map_err(|_| not_callable(given))?;
    let one = |item: PyResult<Bound<PyAny>>| {
        let item = item?;
        if item.is_callable() { Ok(item.unbind()) } else { Err(not_callable(&item)) }
    };
    all.map(one).collect()
}

impl ByCallable {
    /// An edit; `more` are names of classes that it may give besides those of the dataset.
    pub fn new(callable: Py<PyAny>, more: Vec<String>, watch: &Watch) -> Self {
        Self { callable, more, watch: watch.clone() }
    }

    /// The classes that annotations may get.
    fn header(&self, before: &Before) -> Header {
        let mut header = before.header().clone();
        for name in &self.more {
            if header.categories.iter().all(|known| known.name != *name) {
                header.categories.push(Category::named(name).into());
            }
        }
        header
    }

    /// Calls the callable with an image; what it changed, or whether the image is left out.
    fn call(&self, py: Python, batch: One, classes: &Arc<Classes>) -> PyResult<Called> {
        let One { index, image, parted, count } = batch;
        let name = image.file_name.clone();
        let own = Image::in_edit(image.clone(), parted.annotations, classes, index);
        let own = Bound::new(py, own)?;
        let answer = self.callable.bind(py).call1((&own,))?;
        match answer.extract::<Option<bool>>() {
            Ok(Some(false)) => return Ok(Called::LeftOut),
            Ok(_) => {}
            Err(_) => {
                return Err(super::values::wrong("answer of edit", "None or a bool", &answer));
            }
        }
        let mut own = own.try_borrow_mut()?;
        own.settle(py)?;
        refuse_changed_image(&image, &own.value)?;
        let Some(listed) = &own.listed else { return Ok(Called::Same) };
        let mut changed: Changed = vec![None; count];
        for (at, item) in listed.bind(py).iter().enumerate() {
            let item = annotation_of(&item, at, &name)?;
            let mut annotation = item.try_borrow_mut()?;
            settle(&mut annotation, py, at, &name)?;
            let is_own =
                Arc::ptr_eq(&annotation.classes, classes) && annotation.image == Some(index);
            let number = annotation.place.filter(|_| is_own);
            let number = number.and_then(|place| parted.numbers.get(place).copied());
            let Some(slot) = number.and_then(|number| changed.get_mut(number)) else {
                return Err(added(&name));
            };
            if slot.is_some() {
                return Err(added(&name));
            }
            if let Some(class) = &annotation.own_class {
                let names: Vec<&str> = classes.names.iter().map(String::as_str).collect();
                return Err(unknown_class(&names, class, &name));
            }
            *slot = Some(annotation.value.clone());
        }
        Ok(Called::Changed(changed, parted.numbers))
    }
}

fn added(image: &str) -> PyErr {
    let expected = "the annotations that it had, or some of them";
    let found = "another one (write() takes images with new annotations)";
    usage(format!("image {image:?} after an edit"), expected, found).into()
}

fn refuse_changed_image(before: &model::Image, after: &model::Image) -> PyResult<()> {
    let is_same = before.file_name == after.file_name
        && (&before.id, before.size) == (&after.id, after.size)
        && before.subset == after.subset
        && before.file == after.file
        && (&before.tags, &before.extra) == (&after.tags, &after.extra);
    if is_same {
        return Ok(());
    }
    let name = &before.file_name;
    Err(PyValueError::new_err(format!(
        "image {name:?} after an edit: expected the image as it was and changes of its annotations, \
         found a changed image (write() takes changed images)"
    )))
}

/// An image that was read for a callable.
struct One {
    index: usize,
    image: Verbatim<model::Image>,
    parted: Parted,
    /// How many annotations it has in all.
    count: usize,
}

enum Called {
    Same,
    LeftOut,
    /// With the numbers of those that the callable saw.
    Changed(Changed, Vec<usize>),
}

fn read(before: &Before, index: usize) -> Result<Option<One>> {
    let Some(listed) = before.images().get(index) else { return Ok(None) };
    let read = match before.source().read(index, listed) {
        Err(_) if before.is_tolerant() => return Ok(None),
        read => read?,
    };
    let image = before.source().image(index)?;
    let count = read.annotations.len();
    let (parted, faults) = origin::split(read);
    match faults.into_iter().next() {
        Some(fault) if !before.is_tolerant() => Err(fault),
        _ => Ok(Some(One { index, image, parted, count })),
    }
}

impl Edit for ByCallable {
    fn wants(&self) -> Wants {
        Wants { edits: true, ..Wants::ALL }
    }

    fn bind(&self, before: &Before) -> Result<Fitted> {
        let header = self.header(before);
        let classes = Python::attach(|py| Classes::of(py, header.names()));
        let kept: Vec<usize> = before.kept().map(|(index, _)| index).collect();
        let mut bound = Fitted::of(header);
        let mut changes: HashMap<usize, (Changed, Vec<usize>)> = HashMap::new();
        for batch in kept.chunks(BATCH) {
            self.watch.progress.go_on()?;
            let batch: Vec<Result<Option<One>>> =
                batch.par_iter().map(|index| read(before, *index)).collect();
            for one in batch {
                let Some(one) = one? else { continue };
                let index = one.index;
                self.watch.progress.go_on()?;
                let called = Python::attach(|py| self.call(py, one, &classes));
                match called.map_err(|error| self.stop(error))? {
                    Called::Same => {}
                    Called::LeftOut => {
                        bound.left_out.push((index, Reason::ImageLeftOutByCaller));
                    }
                    Called::Changed(changed, seen) => {
                        changes.insert(index, (changed, seen));
                    }
                }
            }
        }
        bound.change_record = Some(Box::new(move |index, _, read| {
            if let Some((changed, seen)) = changes.get(&index) {
                apply(changed, seen, read);
            }
            Ok(())
        }));
        Ok(bound)
    }
}

impl ByCallable {
    /// Stops the run: the exception is raised as it is.
    fn stop(&self, error: PyErr) -> Error {
        self.watch.fail(error);
        Error::new(ErrorKind::Stopped, "run", Mismatch::new("its end", "an exception"))
    }
}

/// Puts what a callable made of an image in the place of what was read.
fn apply(changed: &Changed, seen: &[usize], read: &mut Read) {
    for number in seen {
        match changed.get(*number) {
            Some(Some(own)) => {
                if let Some(annotation) = read.annotations.get_mut(*number) {
                    *annotation = Ok(own.clone());
                }
            }
            _ => read.losses.annotation(Reason::LeftOutByCaller, *number),
        }
    }
}
