//! `annoconv.Annotation`.

use super::origin::Classes;
use super::shapes;
use super::values::{self, wrong};
use annoconv::geometry::{BBox, Coord};
use annoconv::model::{self, Details, Keypoint, Verbatim, Visibility};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyString};
use std::sync::Arc;

/// One annotated object.
///
/// All attributes can be changed. What is not changed is written as its source states it.
#[pyclass(module = "annoconv", weakref)]
#[derive(Default)]
pub struct Annotation {
    /// The value. Its class is an index of `classes`.
    pub value: Verbatim<model::Annotation>,
    /// The classes of the dataset that it is of.
    pub classes: Arc<Classes>,
    /// The number of the image in that dataset of which it was read.
    pub image: Option<usize>,
    /// Its place among the annotations that were read of that image.
    pub place: Option<usize>,
    /// A class that is none of these.
    pub own_class: Option<String>,
    /// Values that Python was given and may have changed.
    shape: Option<Py<PyAny>>,
    keypoints: Option<Py<PyList>>,
    attributes: Option<Py<PyAny>>,
    extra: Option<Py<PyAny>>,
    /// Whether only its box was read.
    pub is_box_only: bool,
}

impl Annotation {
    /// An annotation that was read.
    pub fn of(
        value: Verbatim<model::Annotation>,
        classes: &Arc<Classes>,
        (image, place): (Option<usize>, usize),
        is_box_only: bool,
    ) -> Self {
        let (classes, place) = (Arc::clone(classes), Some(place));
        Self { value, classes, image, place, is_box_only, ..Self::default() }
    }

    /// The name of its class.
    pub fn class_name(&self) -> Option<&str> {
        match &self.own_class {
            Some(own) => Some(own),
            None => {
                let place = self.value.category?;
                self.classes.names.get(place).map(String::as_str)
            }
        }
    }

    /// Takes over what Python may have changed in place.
    ///
    /// # Errors
    /// Where a value is of a wrong type.
    pub fn settle(&mut self, py: Python) -> PyResult<()> {
        if let Some(shape) = &self.shape {
            let shape = shapes::from_python(shape.bind(py))?;
            self.put_shape(shape);
        }
        if let Some(keypoints) = &self.keypoints {
            let keypoints = read_keypoints(keypoints.bind(py).as_any())?;
            self.put_detail(keypoints, |details| &mut details.keypoints);
        }
        if let Some(attributes) = &self.attributes {
            let attributes = values::members(attributes.bind(py), "attributes")?;
            self.put_detail(attributes, |details| &mut details.attributes);
        }
        if let Some(extra) = &self.extra {
            let extra = values::members(extra.bind(py), "extra")?;
            if self.value.extra != extra {
                self.value.extra = extra;
            }
        }
        Ok(())
    }

    fn put_shape(&mut self, shape: model::Shape) {
        if self.value.shape != shape {
            self.value.shape = shape;
            // The stated area was that of the other shape.
            self.value.area = None;
        }
    }

    /// Puts a detail; one that is the same changes nothing.
    fn put_detail<T: PartialEq + Default>(&mut self, value: T, of: fn(&mut Details) -> &mut T) {
        let mut details = self.value.details.as_deref().cloned().unwrap_or_default();
        if *of(&mut details) == value {
            return;
        }
        *of(&mut details) = value;
        let is_none = details == Details::default();
        self.value.details = (!is_none).then(|| Box::new(details));
    }

    fn details(&self) -> Option<&Details> {
        self.value.details.as_deref()
    }

    fn refuse_unread(&self, py: Python, thing: &str) -> PyResult<()> {
        if self.is_box_only { Err(shapes::unread(py, thing)) } else { Ok(()) }
    }
}

/// Changes a value, where that is another one.
macro_rules! put {
    ($value:expr, $new:expr) => {{
        let new = $new;
        if $value != new {
            $value = new;
        }
    }};
}

#[pymethods]
impl Annotation {
    #[new]
    #[pyo3(signature = (category=None, bbox=None, shape=None, *, area=None, crowd=false, score=None,
        keypoints=None, attributes=None, group=None, track=None, layer=None, id=None, extra=None))]
    #[allow(clippy::too_many_arguments, reason = "they are keywords of Python")]
    fn new(
        category: Option<&Bound<PyAny>>,
        bbox: Option<&Bound<PyAny>>,
        shape: Option<&Bound<PyAny>>,
        area: Option<&Bound<PyAny>>,
        crowd: bool,
        score: Option<&Bound<PyAny>>,
        keypoints: Option<&Bound<PyAny>>,
        attributes: Option<&Bound<PyAny>>,
        group: Option<&Bound<PyAny>>,
        track: Option<&Bound<PyAny>>,
        layer: Option<&Bound<PyAny>>,
        id: Option<&Bound<PyAny>>,
        extra: Option<&Bound<PyAny>>,
    ) -> PyResult<Self> {
        let mut new = Self::default();
        type Set = fn(&mut Annotation, &Bound<PyAny>) -> PyResult<()>;
        let all: [(Option<&Bound<PyAny>>, Set); 12] = [
            (category, Self::set_category),
            (bbox, Self::set_bbox),
            (shape, Self::set_shape),
            (area, Self::set_area),
            (score, Self::set_score),
            (keypoints, Self::set_keypoints),
            (attributes, Self::set_attributes),
            (group, Self::set_group),
            (track, Self::set_track),
            (layer, Self::set_layer),
            (id, Self::set_id),
            (extra, Self::set_extra),
        ];
        for (value, set) in all {
            value.map_or(Ok(()), |value| set(&mut new, value))?;
        }
        new.value.crowd = crowd;
        Ok(new)
    }

    /// The name of its class; None where it has none.
    #[getter]
    fn category<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyString>> {
        match &self.own_class {
            Some(own) => Some(PyString::new(py, own)),
            None => self.classes.text(self.value.category?).map(|it| it.bind(py).clone()),
        }
    }

    #[setter]
    fn set_category(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let name = values::optional_text(value, "category")?;
        if self.class_name() == name.as_deref() {
            return Ok(());
        }
        self.value.category = name.as_deref().and_then(|name| self.classes.place(name));
        self.own_class = name.filter(|_| self.value.category.is_none());
        Ok(())
    }

    /// The box that is stated, (x, y, width, height) in pixels; None where there is none.
    #[getter]
    fn bbox(&self) -> Option<(f64, f64, f64, f64)> {
        self.value.bbox.map(|bbox| bbox.corner_and_size().into())
    }

    #[setter]
    fn set_bbox(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        if value.is_none() {
            put!(self.value.bbox, None);
            return Ok(());
        }
        let [x, y, width, height] = values::numbers(value, "bbox")?;
        let before = self.value.bbox.map(|bbox| bbox.corner_and_size());
        if before != Some([x, y, width, height]) {
            self.value.bbox = Some(BBox::Corner { x, y, width, height });
            if self.value.shape == model::Shape::None {
                // The stated area was that of the other box.
                self.value.area = None;
            }
        }
        Ok(())
    }

    /// What was drawn: Polygons, Mask, Oriented, Polyline, Points, Circle, Ellipse, or None.
    #[getter]
    fn shape<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.refuse_unread(py, "shape")?;
        if let Some(known) = &self.shape {
            return Ok(known.bind(py).clone());
        }
        let shape = shapes::to_python(py, &self.value.shape)?;
        if !shape.is_none() {
            self.shape = Some(shape.clone().unbind());
        }
        Ok(shape)
    }

    #[setter]
    fn set_shape(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let shape = shapes::from_python(value)?;
        self.put_shape(shape);
        self.shape = (!value.is_none()).then(|| value.clone().unbind());
        Ok(())
    }

    /// The area that is stated, in square pixels.
    #[getter]
    fn area(&self) -> Option<f64> {
        self.value.area
    }

    #[setter]
    fn set_area(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        put!(self.value.area, values::optional_number(value, "area")?);
        Ok(())
    }

    /// Whether it marks a group of objects that were not told apart.
    #[getter]
    fn crowd(&self) -> bool {
        self.value.crowd
    }

    #[setter]
    fn set_crowd(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let crowd = value.extract().map_err(|_| wrong("crowd", "True or False", value))?;
        put!(self.value.crowd, crowd);
        Ok(())
    }

    /// A detector's confidence, 0 to 1.
    #[getter]
    fn score(&self) -> Option<f64> {
        self.value.score
    }

    #[setter]
    fn set_score(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        put!(self.value.score, values::optional_number(value, "score")?);
        Ok(())
    }

    /// Keypoints, in the order of the class' own names.
    #[getter]
    fn keypoints<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        if let Some(known) = &self.keypoints {
            return Ok(known.bind(py).clone());
        }
        let own = self.details().map_or(&[][..], |details| &details.keypoints);
        let list = own.iter().map(|keypoint| keypoint_to_python(py, keypoint));
        let list = PyList::new(py, list.collect::<PyResult<Vec<_>>>()?)?;
        self.keypoints = Some(list.clone().unbind());
        Ok(list)
    }

    #[setter]
    fn set_keypoints(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let keypoints = read_keypoints(value)?;
        self.put_detail(keypoints, |details| &mut details.keypoints);
        self.keypoints = None;
        Ok(())
    }

    /// Attributes by their names.
    #[getter]
    fn attributes<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.refuse_unread(py, "attributes")?;
        if let Some(known) = &self.attributes {
            return Ok(known.bind(py).clone());
        }
        let dict = match self.details() {
            Some(details) => values::dict(py, &details.attributes)?,
            None => PyDict::new(py),
        };
        let dict = dict.into_any();
        self.attributes = Some(dict.clone().unbind());
        Ok(dict)
    }

    #[setter]
    fn set_attributes(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let attributes = values::members(value, "attributes")?;
        self.put_detail(attributes, |details| &mut details.attributes);
        self.attributes = Some(value.clone().unbind());
        Ok(())
    }

    /// Objects of one number belong together.
    #[getter]
    fn group(&self) -> Option<i64> {
        self.details()?.group
    }

    #[setter]
    fn set_group(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let group = values::optional_whole(value, "group")?;
        self.put_detail(group, |details| &mut details.group);
        Ok(())
    }

    /// The object in a video that this is, and the frame.
    #[getter]
    fn track(&self) -> Option<(i64, u64)> {
        self.details()?.track
    }

    #[setter]
    fn set_track(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let track =
            match value.is_none() {
                true => None,
                false => Some(value.extract::<(i64, u64)>().map_err(|_| {
                    wrong("track", "two whole numbers (track, frame) or None", value)
                })?),
            };
        self.put_detail(track, |details| &mut details.track);
        Ok(())
    }

    /// Its place in the drawing order.
    #[getter]
    fn layer(&self) -> Option<i64> {
        self.details()?.layer
    }

    #[setter]
    fn set_layer(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        let layer = values::optional_whole(value, "layer")?;
        self.put_detail(layer, |details| &mut details.layer);
        Ok(())
    }

    /// The source's own number or name for it.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        values::id_to_python(py, self.value.id.as_ref())
    }

    #[setter]
    fn set_id(&mut self, value: &Bound<PyAny>) -> PyResult<()> {
        put!(self.value.id, values::optional_id(value, "id")?);
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
        put!(self.value.extra, values::members(value, "extra")?);
        self.extra = Some(value.clone().unbind());
        Ok(())
    }

    /// The box that is stated, or else the smallest one around the shape: (x, y, width, height).
    fn bounds(&mut self, py: Python) -> PyResult<Option<(f64, f64, f64, f64)>> {
        self.settle(py)?;
        Ok(self.value.bounds().map(|bbox| bbox.corner_and_size().into()))
    }

    /// Another annotation of the same values, and without an id.
    fn copy(&mut self, py: Python) -> PyResult<Self> {
        self.settle(py)?;
        let mut value = self.value.clone();
        value.id = None;
        value.order = None;
        Ok(Self {
            value,
            classes: Arc::clone(&self.classes),
            own_class: self.own_class.clone(),
            is_box_only: self.is_box_only,
            ..Self::default()
        })
    }

    fn __repr__(&self) -> String {
        let class = self.class_name().map_or_else(|| "None".to_owned(), |name| format!("{name:?}"));
        let bbox = self.bbox().map_or_else(|| "None".to_owned(), |bbox| format!("{bbox:?}"));
        format!("Annotation({class}, bbox={bbox})")
    }
}

fn keypoint_class(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let class = CLASS.get_or_try_init(py, || {
        py.import("annoconv._shapes")?.getattr("Keypoint").map(Bound::unbind)
    })?;
    Ok(class.bind(py))
}

fn keypoint_to_python<'py>(py: Python<'py>, keypoint: &Keypoint) -> PyResult<Bound<'py, PyAny>> {
    let visibility = match keypoint.visibility {
        Visibility::Absent => 0,
        Visibility::Hidden => 1,
        Visibility::Visible => 2,
    };
    keypoint_class(py)?.call1((keypoint.point.x, keypoint.point.y, visibility))
}

fn read_keypoints(value: &Bound<PyAny>) -> PyResult<Vec<Keypoint>> {
    if value.is_none() {
        return Ok(Vec::new());
    }
    let expected = "a list of Keypoint";
    let all = value.try_iter().map_err(|_| wrong("keypoints", expected, value))?;
    let one = |keypoint: PyResult<Bound<PyAny>>| {
        let keypoint = keypoint?;
        if !keypoint.is_instance(keypoint_class(keypoint.py())?)? {
            return Err(wrong("keypoints", expected, &keypoint));
        }
        let number = |name: &str| values::number(&keypoint.getattr(name)?, "keypoint");
        let visibility = keypoint.getattr("visibility")?;
        let visibility = match visibility.extract::<u8>() {
            Ok(0) => Visibility::Absent,
            Ok(1) => Visibility::Hidden,
            Ok(2) => Visibility::Visible,
            _ => {
                let found =
                    format!("visibility of keypoint: expected 0, 1 or 2, found {visibility}");
                return Err(PyValueError::new_err(found));
            }
        };
        Ok(Keypoint { point: Coord { x: number("x")?, y: number("y")? }, visibility })
    };
    all.map(one).collect()
}
