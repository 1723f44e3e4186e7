//! `annoconv.Image`.

use super::annotation::Annotation;
use super::arrays::{self, Form};
use super::origin::{Classes, Origin, Record};
use super::shapes;
use super::values::{self, wrong};
use annoconv::geometry::{Rle, Size};
use annoconv::losses::Losses;
use annoconv::model::{self, Verbatim};
use numpy::{PyArray1, PyArray2, PyArray3};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyType};
use std::path::PathBuf;
use std::sync::Arc;

/// An image with its annotations.
///
/// All attributes can be changed. What is not changed is written as its source states it.
#[pyclass(module = "annoconv", weakref)]
#[derive(Default)]
pub struct Image {
    /// The image.
    pub value: Verbatim<model::Image>,
    /// Where it was read.
    pub origin: Option<Arc<Origin>>,
    /// The classes of that.
    pub classes: Arc<Classes>,
    /// Its number there.
    pub index: Option<usize>,
    /// Its annotations, as long as Python has not asked for them.
    pub annotations: Vec<Verbatim<model::Annotation>>,
    /// The annotations as Python has them.
    pub listed: Option<Py<PyList>>,
    /// What was lost of it in reading, and how many annotations were dropped.
    pub losses: Losses,
    /// How many annotations were dropped in reading.
    pub dropped: usize,
    unreadable: usize,
    /// Whether only boxes were read.
    pub is_boxes_only: bool,
    /// Whether its annotations were not read at all.
    is_info: bool,
    tags: Option<Py<PyAny>>,
    extra: Option<Py<PyAny>>,
}

impl Image {
    /// An image of a dataset.
    pub fn of(record: Record, origin: &Arc<Origin>) -> Self {
        Self {
            value: record.image,
            classes: Arc::clone(&origin.classes),
            index: Some(record.index),
            annotations: record.annotations,
            losses: record.losses,
            dropped: record.dropped,
            unreadable: record.unreadable,
            is_boxes_only: origin.is_boxes_only,
            origin: Some(Arc::clone(origin)),
            ..Self::default()
        }
    }

    /// An image without its annotations.
    pub fn info(image: &model::Image, origin: &Origin, index: usize) -> Self {
        Self {
            value: Verbatim::new(image.clone()),
            classes: Arc::clone(&origin.classes),
            index: Some(index),
            is_boxes_only: true,
            is_info: true,
            ..Self::default()
        }
    }

    /// An image as an edit of a conversion sees it.
    pub fn in_edit(
        value: Verbatim<model::Image>,
        annotations: Vec<Verbatim<model::Annotation>>,
        classes: &Arc<Classes>,
        index: usize,
    ) -> Self {
        let (classes, index) = (Arc::clone(classes), Some(index));
        Self { value, annotations, classes, index, ..Self::default() }
    }

    /// Takes over what Python may have changed in place.
    ///
    /// # Errors
    /// Where a value is of a wrong type.
    pub fn settle(&mut self, py: Python) -> PyResult<()> {
        if let Some(extra) = &self.extra {
            let extra = values::members(extra.bind(py), "extra of image")?;
            if self.value.extra != extra {
                self.value.extra = extra;
            }
        }
        if let Some(tags) = &self.tags {
            let tags = self.read_tags(tags.bind(py))?;
            if self.value.tags != tags {
                self.value.tags = tags;
            }
        }
        Ok(())
    }

    fn read_tags(&self, tags: &Bound<PyAny>) -> PyResult<Vec<usize>> {
        let all = tags.try_iter().map_err(|_| wrong("tags", "a list of names of classes", tags))?;
        let place = |tag: PyResult<Bound<PyAny>>| {
            let name = values::text(&tag?, "tag")?;
            self.classes.place(&name).ok_or_else(|| {
                let classes = self.classes.names.join(", ");
                PyValueError::new_err(format!("tag: expected a class ({classes}), found {name:?}"))
            })
        };
        all.map(place).collect()
    }

    /// The annotations as Python has them, made where it has none yet.
    pub fn list<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        if let Some(listed) = &self.listed {
            return Ok(listed.bind(py).clone());
        }
        self.refuse_info()?;
        let read = std::mem::take(&mut self.annotations).into_iter().enumerate();
        let own = read.map(|(place, value)| {
            let at = (self.index, place);
            Py::new(py, Annotation::of(value, &self.classes, at, self.is_boxes_only))
        });
        let list = PyList::new(py, own.collect::<PyResult<Vec<_>>>()?)?;
        self.listed = Some(list.clone().unbind());
        Ok(list)
    }

    /// Calls a function with each annotation, settled.
    fn each(
        &self,
        py: Python,
        mut call: impl FnMut(&model::Annotation) -> PyResult<()>,
    ) -> PyResult<()> {
        let Some(listed) = &self.listed else {
            self.refuse_info()?;
            return self.annotations.iter().try_for_each(|annotation| call(annotation));
        };
        for (number, item) in listed.bind(py).iter().enumerate() {
            let item = annotation_of(&item, number, &self.value.file_name)?;
            let mut annotation = item.try_borrow_mut()?;
            annotation.settle(py)?;
            call(&annotation.value)?;
        }
        Ok(())
    }

    fn refuse_unread(&self, py: Python, thing: &str) -> PyResult<()> {
        if self.is_boxes_only { Err(shapes::unread(py, thing)) } else { Ok(()) }
    }

    fn refuse_info(&self) -> PyResult<()> {
        match self.is_info {
            true => Err(shapes::uncounted()),
            false => Ok(()),
        }
    }

    fn size(&self) -> PyResult<Size> {
        let size = self.value.size.filter(|size| size.width > 0 && size.height > 0);
        size.ok_or_else(|| {
            let name = &self.value.file_name;
            PyValueError::new_err(format!(
                "image {name:?}: expected a width and a height, found none"
            ))
        })
    }
}

/// An item of a list of annotations.
///
/// # Errors
/// Where it is something else.
pub fn annotation_of<'a, 'py>(
    item: &'a Bound<'py, PyAny>,
    number: usize,
    image: &str,
) -> PyResult<&'a Bound<'py, Annotation>> {
    item.cast::<Annotation>().map_err(|_| {
        wrong(&format!("annotation {number} of image {image:?}"), "an Annotation", item)
    })
}

#[pymethods]
impl Image {
    #[new]
    #[pyo3(signature = (file_name, width=None, height=None, annotations=None, *, id=None, subset=None,
        file=None, extra=None))]
    #[allow(clippy::too_many_arguments, reason = "they are keywords of Python")]
    fn new(
        py: Python,
        file_name: String,
        width: Option<&Bound<PyAny>>,
        height: Option<&Bound<PyAny>>,
        annotations: Option<&Bound<PyAny>>,
        id: Option<&Bound<PyAny>>,
        subset: Option<&Bound<PyAny>>,
        file: Option<PathBuf>,
        extra: Option<&Bound<PyAny>>,
    ) -> PyResult<Self> {
        let mut new = Self { listed: Some(PyList::empty(py).unbind()), ..Self::default() };
        new.value.file_name = file_name;
        new.value.file = file;
        width.map_or(Ok(()), |value| new.set_width(value))?;
        height.map_or(Ok(()), |value| new.set_height(value))?;
        id.map_or(Ok(()), |value| new.set_id(value))?;
        subset.map_or(Ok(()), |value| new.set_subset(value))?;
        extra.map_or(Ok(()), |value| new.set_extra(value))?;
        annotations.map_or(Ok(()), |value| new.set_annotations(value))?;
        Ok(new)
    }

    /// Its file's name as the source states it, with folders where it states them.
    #[getter]
    fn file_name(&self) -> &str {
        &self.value.file_name
    }

    #[setter]
    fn set_file_name(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let name = values::text(value, "file_name")?;
        if self.value.file_name != name {
            self.value.file_name = name;
            self.value.is_stem = false;
            // Its own file was named after the old one.
            self.value.label = None;
        }
        Ok(())
    }

    /// Its width in pixels, where it is known.
    #[getter]
    fn width(&self) -> Option<u32> {
        self.value.size.map(|size| size.width).filter(|width| *width > 0)
    }

    #[setter]
    fn set_width(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let width = side(value, "width")?;
        let height = self.height().unwrap_or_default();
        self.set_size(width, height);
        Ok(())
    }

    /// Its height in pixels, where it is known.
    #[getter]
    fn height(&self) -> Option<u32> {
        self.value.size.map(|size| size.height).filter(|height| *height > 0)
    }

    #[setter]
    fn set_height(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let height = side(value, "height")?;
        let width = self.width().unwrap_or_default();
        self.set_size(width, height);
        Ok(())
    }

    /// The source's own number or name for it.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        values::id_to_python(py, self.value.id.as_ref())
    }

    #[setter]
    fn set_id(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let id = values::optional_id(value, "id")?;
        if self.value.id != id {
            self.value.id = id;
        }
        Ok(())
    }

    /// The subset that it is of: train, val, test.
    #[getter]
    fn subset(&self) -> Option<&str> {
        self.value.subset.as_deref()
    }

    #[setter]
    fn set_subset(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let subset = values::optional_text(value, "subset")?;
        self.value.complete(|image| image.subset = subset.map(Into::into));
        Ok(())
    }

    /// The image file, where it was found.
    #[getter]
    fn file(&self) -> Option<PathBuf> {
        self.value.file.clone()
    }

    #[setter]
    fn set_file(&mut self, value: Option<PathBuf>) {
        self.value.complete(|image| image.file = value);
    }

    /// Classes of the image as a whole, by their names.
    #[getter]
    fn tags<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(known) = &self.tags {
            return Ok(known.bind(py).clone());
        }
        let own = self.value.tags.iter().filter_map(|place| self.classes.names.get(*place));
        let tags = PyList::new(py, own)?.into_any();
        self.tags = Some(tags.clone().unbind());
        Ok(tags)
    }

    #[setter]
    fn set_tags(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        self.read_tags(value)?;
        self.tags = Some(value.clone().unbind());
        Ok(())
    }

    /// Members that have no other place, by their names.
    #[getter]
    fn extra<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.refuse_unread(py, "extra")?;
        if let Some(known) = &self.extra {
            return Ok(known.bind(py).clone());
        }
        let dict = values::dict(py, &self.value.extra)?.into_any();
        self.extra = Some(dict.clone().unbind());
        Ok(dict)
    }

    #[setter]
    fn set_extra(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let extra = values::members(value, "extra of image")?;
        if self.value.extra != extra {
            self.value.extra = extra;
        }
        self.extra = Some(value.clone().unbind());
        Ok(())
    }

    /// Its annotations: a list that can be changed.
    #[getter]
    fn annotations<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.list(py)
    }

    #[setter]
    fn set_annotations(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let expected = "a list of Annotation";
        let items = value.try_iter().map_err(|_| wrong("annotations", expected, value))?;
        let items = items.collect::<PyResult<Vec<_>>>()?;
        for (number, item) in items.iter().enumerate() {
            annotation_of(item, number, &self.value.file_name)?;
        }
        let list = match value.cast::<PyList>() {
            Ok(list) => list.clone(),
            Err(_) => PyList::new(value.py(), items)?,
        };
        self.annotations.clear();
        self.listed = Some(list.unbind());
        Ok(())
    }

    /// How many of its annotations could not be read (on_error="skip").
    #[getter]
    fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// The names of the classes that `classes` counts.
    #[getter]
    fn class_names(&self) -> Vec<String> {
        self.classes.names.clone()
    }

    /// Boxes, N x 4, in pixels: "xyxy" (left, top, right, bottom) or "xywh" (left, top, width, height).
    /// The row of an annotation that states no box is that around its shape; nan where it has none.
    #[pyo3(signature = (form="xyxy"))]
    fn boxes<'py>(&self, py: Python<'py>, form: &str) -> PyResult<Bound<'py, PyArray2<f64>>> {
        arrays::need_numpy(py)?;
        let form = Form::of(form)?;
        let mut rows = Vec::with_capacity(self.annotations.len().saturating_mul(4));
        self.each(py, |annotation| {
            rows.extend(form.row(annotation));
            Ok(())
        })?;
        arrays::boxes(py, rows)
    }

    /// The class of each annotation by its place in `class_names`, int64; -1 where it has none of them.
    #[getter]
    fn classes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        arrays::need_numpy(py)?;
        let mut places = Vec::with_capacity(self.annotations.len());
        self.each(py, |annotation| {
            places.push(arrays::class(annotation));
            Ok(())
        })?;
        Ok(arrays::classes(py, places))
    }

    /// The pixels of each annotation, bool, N x height x width, as pycocotools sets them. An annotation
    /// without a shape is its box.
    fn masks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray3<bool>>> {
        arrays::need_numpy(py)?;
        self.refuse_unread(py, "masks")?;
        let size = self.size()?;
        let mut masks: Vec<Rle> = Vec::new();
        self.each(py, |annotation| {
            let mask = arrays::pixels(annotation, &self.value, size).map_err(|problem| {
                let (number, name) = (masks.len(), &self.value.file_name);
                PyValueError::new_err(format!("annotation {number} of image {name:?}: {problem}"))
            })?;
            masks.push(mask);
            Ok(())
        })?;
        arrays::masks(py, &masks, size)
    }

    /// Detections of the package supervision: boxes, masks, confidence, classes and their names.
    fn to_supervision<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("annoconv._supervision")?.call_method1("to_supervision", (slf,))
    }

    /// An image of detections of the package supervision.
    #[classmethod]
    #[pyo3(signature = (detections, *, file_name, width=None, height=None, class_names=None))]
    fn from_supervision<'py>(
        class: &Bound<'py, PyType>,
        detections: &Bound<'py, PyAny>,
        file_name: &str,
        width: Option<u32>,
        height: Option<u32>,
        class_names: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let module = class.py().import("annoconv._supervision")?;
        let arguments = (class, detections, file_name, width, height, class_names);
        module.call_method1("from_supervision", arguments)
    }

    fn __len__(&self, py: Python) -> PyResult<usize> {
        match &self.listed {
            Some(listed) => Ok(listed.bind(py).len()),
            None => self.refuse_info().map(|()| self.annotations.len()),
        }
    }

    // An image without annotations is one, too.
    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self, py: Python) -> String {
        let size = match (self.width(), self.height()) {
            (Some(width), Some(height)) => format!(" {width}x{height}"),
            _ => String::new(),
        };
        let name = &self.value.file_name;
        match self.__len__(py) {
            Ok(count) => format!("<Image {name:?}{size}, {count} annotations>"),
            Err(_) => format!("<Image {name:?}{size}>"),
        }
    }
}

impl Image {
    fn set_size(&mut self, width: u32, height: u32) {
        let size = Some(Size { width, height }).filter(|_| width > 0 || height > 0);
        if self.value.size != size {
            self.value.size = size;
        }
    }
}

/// A side of an image in pixels; 0 where it is not known.
fn side(value: &Bound<PyAny>, thing: &str) -> PyResult<u32> {
    if value.is_none() {
        return Ok(0);
    }
    match value.extract::<i64>() {
        Ok(pixels) => u32::try_from(pixels).map_err(|_| {
            PyValueError::new_err(format!(
                "{thing}: expected 0 to 4294967295 pixels, found {pixels}"
            ))
        }),
        Err(_) => Err(PyTypeError::new_err(format!("{thing}: expected a whole number or None"))),
    }
}
