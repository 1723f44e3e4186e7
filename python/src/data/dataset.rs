//! `annoconv.open`, `annoconv.Dataset` and its iterators.

use super::ahead::Ahead;
use super::arrays::{self, Form};
use super::image::Image;
use super::origin::{Classes, Faults, Origin};
use super::values;
use crate::convert::skips;
use crate::errors::{Outcome, exception};
use crate::options::Options;
use crate::run::detached;
use annoconv::convert::Whole;
use annoconv::convert::request::Request;
use annoconv::dataset::Kept;
use annoconv::error::Result;
use annoconv::files::input::Input;
use annoconv::format::{Side, Source, Wants};
use annoconv::model;
use annoconv::names;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::sync::{Arc, Mutex, PoisonError};

/// A dataset that was opened: its images are read when they are asked for.
#[pyclass(module = "annoconv", frozen, weakref)]
pub struct Dataset {
    /// What is read.
    pub origin: Arc<Origin>,
}

/// Opens a dataset.
#[pyfunction]
pub fn open_dataset(options: Bound<PyDict>) -> PyResult<Dataset> {
    let mut options = Options::new(options);
    let py = options.py();
    let jobs = options.get("jobs", "a number of threads")?;
    let progress = options.value("progress")?;
    let is_boxes_only = !options.get("shapes", "True or False")?.unwrap_or(true);
    let request = request(&mut options)?;
    let (whole, inputs) = detached(py, progress.as_ref(), jobs, |watch| {
        let opened = request.open(Input::open)?;
        let whole = opened.read(wants(is_boxes_only), &watch.progress)?;
        watch.pass()?;
        Ok((whole, opened.into_inputs()))
    })?;
    Ok(hold(py, whole, inputs, &request, is_boxes_only, jobs))
}

/// What was read, as a dataset of Python.
pub fn hold(
    py: Python,
    whole: Whole,
    inputs: Vec<Input>,
    request: &Request,
    is_boxes_only: bool,
    jobs: Option<usize>,
) -> Dataset {
    let source = Arc::new(Kept::of(whole.source));
    let faults = Faults::of(whole.report.losses.count(UNREADABLE));
    let origin = Origin {
        classes: Classes::of(py, source.header().names()),
        source,
        formats: whole.formats,
        inputs,
        is_boxes_only,
        is_tolerant: request.skips_unreadable,
        jobs,
        faults: Mutex::new(faults),
    };
    Dataset { origin: Arc::new(origin) }
}

fn request(options: &mut Options) -> Outcome<Request> {
    let mut request = Request {
        from: options.named("from_format", names::format)?,
        inputs: options.paths("inputs")?,
        images: options.path("images")?,
        sizes: options.path("sizes")?,
        classes: options.classes()?,
        preset: options.preset()?,
        skips_missing: skips(options, "missing_images")?,
        skips_unreadable: skips(options, "on_error")?,
        ..Request::default()
    };
    request.settings = options.settings(&[Side::Read])?;
    Ok(request)
}

const UNREADABLE: annoconv::losses::Reason = annoconv::losses::Reason::UnreadableFile;

/// What is needed of records.
pub fn wants(is_boxes_only: bool) -> Wants {
    match is_boxes_only {
        true => Wants::BOXES,
        // They may be changed, and what is not changed is written as it stands.
        false => Wants { text: Some(Wants::ANY), edits: true, ..Wants::ALL },
    }
}

impl Dataset {
    fn image(&self, py: Python, index: usize) -> PyResult<Image> {
        let origin = &self.origin;
        let record = py.detach(|| origin.read(index)).map_err(|error| origin.raise(py, error))?;
        let record = record.ok_or_else(|| {
            PyIndexError::new_err(format!("image {index} cannot be read (on_error=\"skip\")"))
        })?;
        Ok(Image::of(record, origin))
    }
}

#[pymethods]
impl Dataset {
    fn __len__(&self) -> usize {
        self.origin.len()
    }

    fn __getitem__(&self, py: Python, index: isize) -> PyResult<Image> {
        let count = self.origin.len();
        let place = match index < 0 {
            true => count.checked_sub(index.unsigned_abs()),
            false => Some(index.unsigned_abs()).filter(|index| *index < count),
        };
        let place = place
            .ok_or_else(|| PyIndexError::new_err(format!("image {index} of {count} images")))?;
        self.image(py, place)
    }

    fn __iter__(&self, py: Python) -> PyResult<Images> {
        let origin = Arc::clone(&self.origin);
        let read = move |index: usize| origin.read(index);
        let ahead = Ahead::start(0..self.origin.len(), self.origin.jobs, read);
        let ahead = ahead.map_err(|error| exception(py, &error))?;
        Ok(Images { ahead, origin: Arc::clone(&self.origin) })
    }

    /// Iterates (image, boxes, classes) the fast way: the image comes without its annotations, boxes are
    /// N x 4 ("xyxy" or "xywh"), classes int64, as `Image.boxes` and `Image.classes` give them.
    #[pyo3(signature = (form="xyxy"))]
    fn boxes(&self, py: Python, form: &str) -> PyResult<Boxes> {
        arrays::need_numpy(py)?;
        let form = Form::of(form)?;
        let origin = Arc::clone(&self.origin);
        let read = move |index: usize| origin.rows(index, form);
        let ahead = Ahead::start(0..self.origin.len(), self.origin.jobs, read);
        let ahead = ahead.map_err(|error| exception(py, &error))?;
        Ok(Boxes { ahead, origin: Arc::clone(&self.origin) })
    }

    /// The images without their annotations.
    fn infos(&self, py: Python) -> PyResult<Py<PyList>> {
        let origin = &self.origin;
        let images = origin.source.images().iter().enumerate();
        let images = images.map(|(index, image)| Py::new(py, Image::info(image, origin, index)));
        Ok(PyList::new(py, images.collect::<PyResult<Vec<_>>>()?)?.unbind())
    }

    /// The names of the classes, in the order that defines their index.
    #[getter]
    fn class_names(&self) -> Vec<String> {
        self.origin.classes.names.clone()
    }

    /// The classes, in the order that defines their index. A change of this list changes nothing here:
    /// give it to `write`.
    #[getter]
    fn categories<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let class = py.import("annoconv._shapes")?.getattr("Category")?;
        let one = |category: &model::Category| {
            let id = values::id_to_python(py, category.id.as_ref())?;
            class.call1((&category.name, id, values::dict(py, &category.extra)?))
        };
        let all = self.origin.source.header().categories.iter();
        PyList::new(py, all.map(|category| one(category)).collect::<PyResult<Vec<_>>>()?)
    }

    /// The names of the formats of its parts.
    #[getter]
    fn formats(&self) -> Vec<&'static str> {
        self.origin.formats.iter().map(|format| format.name()).collect()
    }

    /// What is said of the dataset as a whole (COCO's info and licenses).
    #[getter]
    fn about<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (about, loads) = (PyDict::new(py), py.import("json")?.getattr("loads")?);
        for (name, value) in &self.origin.source.header().about {
            about.set_item(name, loads.call1((value.get(),))?)?;
        }
        Ok(about)
    }

    /// How many things could not be read so far (on_error="skip"): files, images, annotations.
    #[getter]
    fn unreadable(&self) -> usize {
        self.origin.faults.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    /// The first hundred of them among the images that were read, as exceptions.
    #[getter]
    fn faults<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        // Exceptions are made after the lock is given back: Python may run other threads meanwhile.
        let faults = self.origin.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let first = faults.first.clone();
        drop(faults);
        let all = first.iter().map(|(_, error)| exception(py, error).into_value(py));
        PyList::new(py, all.collect::<Vec<_>>())
    }

    /// The whole dataset as pycocotools has it in COCO.dataset.
    fn to_coco<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("annoconv._data")?.call_method1("to_coco", (slf,))
    }

    fn __repr__(&self) -> String {
        let (images, classes) = (self.origin.len(), self.origin.classes.names.len());
        let formats = self.formats().join(", ");
        format!("<Dataset of {formats}: {images} images, {classes} classes>")
    }
}

impl Origin {
    /// The exception of an error in reading, with the names that the caller gave.
    pub fn raise(&self, py: Python, error: annoconv::error::Error) -> PyErr {
        let error = self.inputs.iter().fold(error, |error, input| input.restate(error));
        exception(py, &error)
    }

    /// What the fast way gives of an image.
    fn rows(&self, index: usize, form: Form) -> Result<Option<Rows>> {
        let Some(record) = self.read(index)? else { return Ok(None) };
        let count = record.annotations.len();
        let mut boxes = Vec::with_capacity(count.saturating_mul(4));
        let mut classes = Vec::with_capacity(count);
        for annotation in &record.annotations {
            boxes.extend(form.row(annotation));
            classes.push(arrays::class(annotation));
        }
        Ok(Some(Rows { index, boxes, classes }))
    }
}

/// The boxes of an image.
struct Rows {
    index: usize,
    boxes: Vec<f64>,
    classes: Vec<i64>,
}

/// Iterates images.
#[pyclass(module = "annoconv")]
pub struct Images {
    ahead: Ahead<Result<Option<super::origin::Record>>>,
    origin: Arc<Origin>,
}

#[pymethods]
impl Images {
    fn __iter__(slf: PyRef<Self>) -> PyRef<Self> {
        slf
    }

    fn __next__(&mut self, py: Python) -> PyResult<Option<Image>> {
        while let Some(record) = self.ahead.next(py)? {
            let record = record.map_err(|error| self.origin.raise(py, error))?;
            if let Some(record) = record {
                return Ok(Some(Image::of(record, &self.origin)));
            }
        }
        Ok(None)
    }
}

/// Iterates boxes.
#[pyclass(module = "annoconv")]
pub struct Boxes {
    ahead: Ahead<Result<Option<Rows>>>,
    origin: Arc<Origin>,
}

#[pymethods]
impl Boxes {
    fn __iter__(slf: PyRef<Self>) -> PyRef<Self> {
        slf
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        while let Some(rows) = self.ahead.next(py)? {
            let rows = rows.map_err(|error| self.origin.raise(py, error))?;
            let Some(Rows { index, boxes, classes }) = rows else { continue };
            let Some(image) = self.origin.source.images().get(index) else { continue };
            let image = Py::new(py, Image::info(image, &self.origin, index))?;
            let (boxes, classes) = (arrays::boxes(py, boxes)?, arrays::classes(py, classes));
            return (image, boxes, classes).into_pyobject(py).map(Some);
        }
        Ok(None)
    }
}
