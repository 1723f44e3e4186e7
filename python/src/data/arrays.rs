//! Arrays of NumPy: boxes, classes, masks.

use super::shapes;
use super::values::wrong;
use annoconv::fit;
use annoconv::geometry::{Coord, Polygon, Rle, Size, raster};
use annoconv::model::{self, Annotation, Shape};
use numpy::ndarray::{Array1, Array2, Array3};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArray3, PyArrayMethods};
use pyo3::exceptions::{PyImportError, PyMemoryError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::borrow::Cow;

/// How a box is written in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Left, top, right, bottom.
    Corners,
    /// Left, top, width, height.
    Sizes,
}

impl Form {
    /// The form of a name.
    ///
    /// # Errors
    /// Where it is none.
    pub fn of(name: &str) -> PyResult<Self> {
        match name {
            "xyxy" => Ok(Self::Corners),
            "xywh" => Ok(Self::Sizes),
            _ => {
                let expected = "\"xyxy\" or \"xywh\"";
                Err(crate::errors::usage("form", expected, format!("{name:?}")).into())
            }
        }
    }

    /// The row of an annotation; not a number where it has no box.
    pub fn row(self, annotation: &Annotation) -> [f64; 4] {
        match (annotation.bounds(), self) {
            (None, _) => [f64::NAN; 4],
            (Some(bbox), Self::Corners) => bbox.corners(),
            (Some(bbox), Self::Sizes) => bbox.corner_and_size(),
        }
    }
}

/// Says what to do where NumPy is not installed.
///
/// # Errors
/// Where it cannot be imported.
pub fn need_numpy(py: Python) -> PyResult<()> {
    static FOUND: PyOnceLock<()> = PyOnceLock::new();
    FOUND
        .get_or_try_init(py, || {
            py.import("numpy").map(drop).map_err(|error| {
                let hint = "arrays need NumPy: pip install annoconv[numpy]";
                let missing = PyImportError::new_err(hint);
                missing.set_cause(py, Some(error));
                missing
            })
        })
        .copied()
}

/// Rows as an array, N x 4.
pub fn boxes<'py>(py: Python<'py>, rows: Vec<f64>) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let rows = Array2::from_shape_vec((rows.len() / 4, 4), rows);
    rows.map(|rows| rows.into_pyarray(py)).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// The places of classes as an array.
pub fn classes(py: Python<'_>, places: Vec<i64>) -> Bound<'_, PyArray1<i64>> {
    Array1::from_vec(places).into_pyarray(py)
}

/// The place of an annotation's class, -1 where it has none.
pub fn class(annotation: &Annotation) -> i64 {
    annotation.category.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1)
}

/// The pixels of an annotation, by the rule of pycocotools; a box alone is a rectangle.
///
/// # Errors
/// What is wrong with it, in words.
pub fn pixels(annotation: &Annotation, image: &model::Image, size: Size) -> Result<Rle, String> {
    let painted = |parts: &[Polygon]| {
        raster::paint(parts, size)
            .ok_or_else(|| "expected points that are finite and not far away".to_owned())
    };
    match &annotation.shape {
        Shape::Mask(mask) if mask.size() == size => Ok(mask.clone()),
        Shape::Mask(mask) => Err(format!("expected a mask of {size}, found {}", mask.size())),
        Shape::Unread(_) => Err("expected a shape that was read (shapes=True)".to_owned()),
        Shape::Polygons(parts) => painted(parts),
        Shape::Points(_) | Shape::Polyline(_) => painted(&[]),
        Shape::None => match annotation.bbox {
            Some(bbox) => painted(&[rectangle(bbox.corners())]),
            None => painted(&[]),
        },
        _ => {
            let mut losses = annoconv::losses::Losses::default();
            let parts = fit::polygons(annotation, 0, image, &mut losses);
            let parts: Option<Cow<[Polygon]>> = parts.map_err(|error| error.to_string())?;
            painted(&parts.unwrap_or_default())
        }
    }
}

fn rectangle([left, top, right, bottom]: [f64; 4]) -> Polygon {
    let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
    Polygon::from_ring(corners.map(|(x, y)| Coord { x, y }).to_vec())
}

/// Masks of one size as an array of bool, N x H x W.
pub fn masks<'py>(
    py: Python<'py>,
    masks: &[Rle],
    size: Size,
) -> PyResult<Bound<'py, PyArray3<bool>>> {
    let shape = (masks.len(), size.height as usize, size.width as usize);
    let blank = blank(&[shape.0, shape.1, shape.2])?;
    let mut all = Array3::from_shape_vec(shape, blank).map_err(too_large)?;
    let filled = py.detach(move || {
        for (mut own, mask) in all.outer_iter_mut().zip(masks) {
            each_pixel(mask, |row, column| {
                if let Some(pixel) = own.get_mut((row, column)) {
                    *pixel = true;
                }
            });
        }
        all
    });
    Ok(filled.into_pyarray(py))
}

/// Pixels that are not set, of an array of this shape. The shape is what a file or a caller says.
fn blank(shape: &[usize]) -> PyResult<Vec<bool>> {
    let count = shape.iter().try_fold(1_usize, |count, side| count.checked_mul(*side));
    let mut pixels = Vec::new();
    let count = count.ok_or_else(|| too_large(format!("{shape:?}")))?;
    pixels.try_reserve_exact(count).map_err(too_large)?;
    pixels.resize(count, false);
    Ok(pixels)
}

fn too_large(problem: impl std::fmt::Display) -> PyErr {
    PyMemoryError::new_err(format!("masks too large for the memory: {problem}"))
}

/// Calls a function with the row and the column of each pixel that is set.
fn each_pixel(mask: &Rle, mut set: impl FnMut(usize, usize)) {
    let height = u64::from(mask.size().height).max(1);
    for (start, end) in mask.runs() {
        for pixel in start..end {
            let (column, row) = (pixel.div_euclid(height), pixel.rem_euclid(height));
            set(row as usize, column as usize);
        }
    }
}

/// A mask as an array of bool, H x W.
#[pyfunction]
#[pyo3(name = "_mask_to_array")]
pub fn mask_to_array<'py>(mask: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<bool>>> {
    let py = mask.py();
    need_numpy(py)?;
    let mask = shapes::mask(mask)?;
    let shape = (mask.size().height as usize, mask.size().width as usize);
    let blank = blank(&[shape.0, shape.1])?;
    let mut array = Array2::from_shape_vec(shape, blank).map_err(too_large)?;
    each_pixel(&mask, |row, column| {
        if let Some(pixel) = array.get_mut((row, column)) {
            *pixel = true;
        }
    });
    Ok(array.into_pyarray(py))
}

/// The run lengths of an array, H x W.
#[pyfunction]
#[pyo3(name = "_mask_from_array")]
pub fn mask_from_array(array: &Bound<PyAny>) -> PyResult<Vec<u32>> {
    let py = array.py();
    need_numpy(py)?;
    let numpy = py.import("numpy")?;
    let plain = numpy.call_method1("asarray", (array, "bool"))?;
    let plain = plain.cast::<PyArray2<bool>>();
    let plain = plain.map_err(|_| wrong("mask", "an array of height x width", array))?;
    let plain = plain.readonly();
    let view = plain.as_array();
    let (mut runs, mut is_set, mut length) = (Vec::new(), false, 0_u32);
    for column in view.columns() {
        for pixel in column {
            if *pixel != is_set {
                runs.push(length);
                (is_set, length) = (*pixel, 0);
            }
            length = length.saturating_add(1);
        }
    }
    runs.push(length);
    Ok(runs)
}
