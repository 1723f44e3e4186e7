//! Plain values: JSON values, ids and numbers as Python has them, and back.

use annoconv::model::{Extra, Id};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde_json::{Number, Value};

/// How deep values may be nested.
const DEEPEST: usize = 128;

/// A JSON value as Python has it.
pub fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(value) => PyBool::new(py, *value).to_owned().into_any(),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => number.into_pyobject(py)?.into_any(),
            (None, Some(number)) => number.into_pyobject(py)?.into_any(),
            (None, None) => PyFloat::new(py, number.as_f64().unwrap_or(f64::NAN)).into_any(),
        },
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(list) => {
            let list = list.iter().map(|value| to_python(py, value));
            PyList::new(py, list.collect::<PyResult<Vec<_>>>()?)?.into_any()
        }
        Value::Object(members) => dict(py, members)?.into_any(),
    })
}

/// Members as a dict.
pub fn dict<'py>(py: Python<'py>, members: &Extra) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in members {
        dict.set_item(name, to_python(py, value)?)?;
    }
    Ok(dict)
}

/// Members of a dict. `thing` is what an error names.
pub fn members(value: &Bound<PyAny>, thing: &str) -> PyResult<Extra> {
    let dict = value.cast::<PyDict>().map_err(|_| wrong(thing, "a dict", value))?;
    object(dict, thing, 0)
}

fn object(dict: &Bound<PyDict>, thing: &str, depth: usize) -> PyResult<Extra> {
    let mut members = Extra::new();
    for (name, value) in dict {
        let text = name.cast::<PyString>();
        let text = text.map_err(|_| wrong(thing, "names that are strings", &name))?;
        members.insert(text.to_cow()?.into_owned(), from_python(&value, thing, depth + 1)?);
    }
    Ok(members)
}

/// A value of Python as a JSON value. Numbers and arrays of NumPy are those of Python.
pub fn from_python(value: &Bound<PyAny>, thing: &str, depth: usize) -> PyResult<Value> {
    if depth > DEEPEST {
        let deep = format!("{thing}: expected values nested {DEEPEST} deep at most, found deeper");
        return Err(PyValueError::new_err(deep));
    }
    if value.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(value) = value.cast::<PyBool>() {
        return Ok(value.is_true().into());
    }
    if value.is_instance_of::<PyInt>() {
        return whole(value, thing);
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return match Number::from_f64(number.value()) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(PyValueError::new_err(format!(
                "{thing}: expected a finite number, found {}",
                number.value()
            ))),
        };
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text.to_cow()?.into_owned().into());
    }
    if let Ok(dict) = value.cast::<PyDict>() {
        return object(dict, thing, depth).map(Value::Object);
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let values = value.try_iter()?.map(|value| from_python(&value?, thing, depth + 1));
        return values.collect::<PyResult<Vec<_>>>().map(Value::Array);
    }
    match value.getattr("tolist") {
        Ok(plain) => from_python(&plain.call0()?, thing, depth + 1),
        Err(_) => Err(wrong(thing, "None, a bool, a number, a string, a list or a dict", value)),
    }
}

fn whole(value: &Bound<PyAny>, thing: &str) -> PyResult<Value> {
    if let Ok(number) = value.extract::<i64>() {
        return Ok(number.into());
    }
    let number = value.extract::<u64>().map_err(|_| {
        PyValueError::new_err(format!("{thing}: expected a whole number of 64 bits, found {value}"))
    })?;
    Ok(number.into())
}

/// An error that says what was expected, and the type of what was found.
pub fn wrong(thing: &str, expected: &str, found: &Bound<PyAny>) -> PyErr {
    let name = found.get_type().name().map_or_else(|_| "another".to_owned(), |it| it.to_string());
    PyTypeError::new_err(format!("{thing}: expected {expected}, found {name}"))
}

/// A number; what is no number is named.
pub fn number(value: &Bound<PyAny>, thing: &str) -> PyResult<f64> {
    value.extract::<f64>().map_err(|_| wrong(thing, "a number", value))
}

/// A number, or none.
pub fn optional_number(value: &Bound<PyAny>, thing: &str) -> PyResult<Option<f64>> {
    if value.is_none() { Ok(None) } else { number(value, thing).map(Some) }
}

/// A whole number, or none.
pub fn optional_whole(value: &Bound<PyAny>, thing: &str) -> PyResult<Option<i64>> {
    if value.is_none() {
        return Ok(None);
    }
    value.extract::<i64>().map(Some).map_err(|_| wrong(thing, "a whole number or None", value))
}

/// So many numbers, of anything that lists them.
pub fn numbers<const N: usize>(value: &Bound<PyAny>, thing: &str) -> PyResult<[f64; N]> {
    let expected = format!("{N} numbers");
    let listed = value.try_iter().map_err(|_| wrong(thing, &expected, value))?;
    let all = listed.map(|it| number(&it?, thing)).collect::<PyResult<Vec<f64>>>()?;
    <[f64; N]>::try_from(all).map_err(|all| {
        PyValueError::new_err(format!("{thing}: expected {expected}, found {}", all.len()))
    })
}

/// A string, or none.
pub fn optional_text(value: &Bound<PyAny>, thing: &str) -> PyResult<Option<String>> {
    if value.is_none() { Ok(None) } else { text(value, thing).map(Some) }
}

/// A string.
pub fn text(value: &Bound<PyAny>, thing: &str) -> PyResult<String> {
    value.extract::<String>().map_err(|_| wrong(thing, "a string", value))
}

/// An id: a whole number or a string, or none.
pub fn optional_id(value: &Bound<PyAny>, thing: &str) -> PyResult<Option<Id>> {
    if value.is_none() {
        return Ok(None);
    }
    if let Ok(number) = value.extract::<i64>() {
        return Ok(Some(Id::Number(number)));
    }
    let text = value.extract::<String>();
    text.map(|text| Some(Id::from_text(&text)))
        .map_err(|_| wrong(thing, "a whole number, a string or None", value))
}

/// An id as Python has it.
pub fn id_to_python<'py>(py: Python<'py>, id: Option<&Id>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match id {
        None => py.None().into_bound(py),
        Some(Id::Number(number)) => number.into_pyobject(py)?.into_any(),
        Some(Id::Text(text)) => PyString::new(py, text).into_any(),
    })
}
