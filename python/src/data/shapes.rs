//! Shapes: the plain classes of `annoconv/_shapes.py`, and back.

use super::values::{number, numbers, optional_number, wrong};
use annoconv::geometry::{Coord, Polygon, Ring, Rle, Size};
use annoconv::model::Shape;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PyTuple, PyType};

const THING: &str = "shape";

/// A class of the module of shapes.
fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || py.import("annoconv._shapes").map(Bound::unbind))?;
    module.bind(py).getattr(name)
}

fn points<'py>(py: Python<'py>, ring: &[Coord<f64>]) -> PyResult<Bound<'py, PyList>> {
    let points = ring.iter().map(|point| PyTuple::new(py, [point.x, point.y]));
    PyList::new(py, points.collect::<PyResult<Vec<_>>>()?)
}

/// A shape as Python has it; `None` where an annotation has none.
pub fn to_python<'py>(py: Python<'py>, shape: &Shape) -> PyResult<Bound<'py, PyAny>> {
    match shape {
        Shape::None => Ok(py.None().into_bound(py)),
        Shape::Unread(_) => Err(unread(py, "shape")),
        Shape::Polygons(parts) => {
            let part = |part: &Polygon| {
                let holes = part.holes.iter().map(|hole| points(py, hole));
                let holes = PyList::new(py, holes.collect::<PyResult<Vec<_>>>()?)?;
                class(py, "Polygon")?.call1((points(py, &part.exterior)?, holes))
            };
            let parts = parts.iter().map(part).collect::<PyResult<Vec<_>>>()?;
            class(py, "Polygons")?.call1((PyList::new(py, parts)?,))
        }
        Shape::Mask(mask) => {
            let size = (mask.size().height, mask.size().width);
            class(py, "Mask")?.call1((size, mask.counts().to_vec()))
        }
        Shape::Oriented { centre, width, height, angle } => {
            class(py, "Oriented")?.call1(((centre.x, centre.y), *width, *height, *angle))
        }
        Shape::Polyline(line) => class(py, "Polyline")?.call1((points(py, line)?,)),
        Shape::Points(all) => class(py, "Points")?.call1((points(py, all)?,)),
        Shape::Circle { centre, radius } => {
            class(py, "Circle")?.call1(((centre.x, centre.y), *radius))
        }
        Shape::Ellipse { centre, rx, ry, theta } => {
            class(py, "Ellipse")?.call1(((centre.x, centre.y), *rx, *ry, *theta))
        }
    }
}

/// What is asked for and was not read.
pub fn unread(_py: Python, thing: &str) -> PyErr {
    let expected = "a dataset of whole records (open(…, shapes=True))";
    crate::errors::usage(thing, expected, "one of boxes alone (shapes=False)").into()
}

/// The exception of an image whose annotations were not read.
pub fn uncounted() -> PyErr {
    let expected =
        "an image with its annotations (dataset[index], or an iteration over the dataset)";
    crate::errors::usage("annotations", expected, "one of infos() or boxes(), without them").into()
}

/// A shape of Python.
pub fn from_python(value: &Bound<PyAny>) -> PyResult<Shape> {
    let py = value.py();
    if value.is_none() {
        return Ok(Shape::None);
    }
    let is = |name: &str| -> PyResult<bool> {
        value.is_instance(class(py, name)?.cast::<PyType>()?.as_any())
    };
    let attribute = |name: &str| value.getattr(name);
    let centre = || coord(&attribute("centre")?);
    Ok(match () {
        () if is("Polygons")? => {
            let parts = attribute("parts")?;
            let parts = parts.try_iter()?.map(|part| polygon(&part?));
            Shape::Polygons(parts.collect::<PyResult<_>>()?)
        }
        () if is("Mask")? => Shape::Mask(mask(value)?),
        () if is("Oriented")? => Shape::Oriented {
            centre: centre()?,
            width: number(&attribute("width")?, "width of shape")?,
            height: number(&attribute("height")?, "height of shape")?,
            angle: number(&attribute("angle")?, "angle of shape")?,
        },
        () if is("Polyline")? => Shape::Polyline(ring(&attribute("points")?)?),
        () if is("Points")? => Shape::Points(ring(&attribute("points")?)?),
        () if is("Circle")? => Shape::Circle {
            centre: centre()?,
            radius: number(&attribute("radius")?, "radius of shape")?,
        },
        () if is("Ellipse")? => Shape::Ellipse {
            centre: centre()?,
            rx: number(&attribute("rx")?, "rx of shape")?,
            ry: number(&attribute("ry")?, "ry of shape")?,
            theta: optional_number(&attribute("theta")?, "theta of shape")?,
        },
        () => {
            let expected = "Polygons, Mask, Oriented, Polyline, Points, Circle, Ellipse or None";
            return Err(wrong(THING, expected, value));
        }
    })
}

fn coord(value: &Bound<PyAny>) -> PyResult<Coord<f64>> {
    let [x, y] = numbers(value, "point of shape")?;
    Ok(Coord { x, y })
}

fn ring(value: &Bound<PyAny>) -> PyResult<Ring> {
    let points = value.try_iter().map_err(|_| wrong(THING, "points (x, y)", value))?;
    points.map(|point| coord(&point?)).collect()
}

/// A part: a polygon, or the points of its outline.
fn polygon(value: &Bound<PyAny>) -> PyResult<Polygon> {
    if !value.is_instance(&class(value.py(), "Polygon")?)? {
        return ring(value).map(Polygon::from_ring);
    }
    let holes = value.getattr("holes")?;
    let holes = holes.try_iter()?.map(|hole| ring(&hole?)).collect::<PyResult<_>>()?;
    Ok(Polygon { exterior: ring(&value.getattr("exterior")?)?, holes })
}

/// A mask of Python.
pub fn mask(value: &Bound<PyAny>) -> PyResult<Rle> {
    let (size, counts) = (value.getattr("size")?, value.getattr("counts")?);
    let (height, width) = size
        .extract::<(u32, u32)>()
        .map_err(|_| wrong("size of mask", "(height, width) in pixels", &size))?;
    let counts = counts
        .extract::<Vec<u32>>()
        .map_err(|_| wrong("counts of mask", "a list of run lengths", &counts))?;
    Rle::new(Size { width, height }, counts)
        .map_err(|mismatch| PyValueError::new_err(format!("counts of mask: {mismatch}")))
}
