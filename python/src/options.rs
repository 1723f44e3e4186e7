//! The options of a call, by their names. What is no option is a setting of a format.

use crate::errors::{Outcome, usage};
use annoconv::alike;
use annoconv::classes::Stated;
use annoconv::format::{Given, Side};
use annoconv::names::{self, NoSuch};
use annoconv::presets::Preset;
use annoconv::rules::select::{self, Selection};
use annoconv::trainers::Trainer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyMapping, PyString};
use std::path::PathBuf;

/// The options of a call. None is the same as not stated.
pub struct Options<'py> {
    stated: Bound<'py, PyDict>,
    /// The names of those that were asked for.
    known: Vec<&'static str>,
}

impl<'py> Options<'py> {
    /// The options that a dictionary states.
    pub fn new(stated: Bound<'py, PyDict>) -> Self {
        Self { stated, known: Vec::new() }
    }

    /// Python, which the options are of.
    pub fn py(&self) -> Python<'py> {
        self.stated.py()
    }

    /// An option as it is.
    pub fn value(&mut self, name: &'static str) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.known.push(name);
        Ok(self.stated.get_item(name)?.filter(|value| !value.is_none()))
    }

    /// An option of a type, which `expected` names for people.
    pub fn get<T>(&mut self, name: &'static str, expected: &str) -> PyResult<Option<T>>
    where
        T: for<'a> FromPyObject<'a, 'py>,
    {
        let Some(value) = self.value(name)? else { return Ok(None) };
        one(name, &value, expected).map(Some)
    }

    /// Whether an option is stated as true.
    pub fn flag(&mut self, name: &'static str) -> PyResult<bool> {
        Ok(self.get(name, "True or False")?.unwrap_or_default())
    }

    /// A path.
    pub fn path(&mut self, name: &'static str) -> PyResult<Option<PathBuf>> {
        self.get(name, "a path")
    }

    /// A path that has to be stated.
    pub fn needed_path(&mut self, name: &'static str) -> PyResult<PathBuf> {
        match self.path(name)? {
            Some(path) => Ok(path),
            None => Err(wrong_type(name, "a path", self.py().None().bind(self.py()))),
        }
    }

    /// One path or several.
    pub fn paths(&mut self, name: &'static str) -> PyResult<Vec<PathBuf>> {
        let Some(value) = self.value(name)? else { return Ok(Vec::new()) };
        match value.extract() {
            Ok(path) => Ok(vec![path]),
            Err(_) => each(name, &value, "a path or a list of paths"),
        }
    }

    /// One text or several.
    pub fn texts(&mut self, name: &'static str) -> PyResult<Vec<String>> {
        let Some(value) = self.value(name)? else { return Ok(Vec::new()) };
        texts(name, &value)
    }

    /// One of a few words.
    pub fn word<T: Copy>(&mut self, name: &'static str, words: &[(&str, T)]) -> Outcome<Option<T>> {
        let Some(word) = self.get::<String>(name, "a word")? else { return Ok(None) };
        let found = words.iter().find(|(known, _)| *known == word);
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        match found {
            Some((_, value)) => Ok(Some(*value)),
            None => Err(usage(name, known.join(" or "), format!("{word:?}"))),
        }
    }

    /// What a name stands for, by a table of the library.
    pub fn named<T>(
        &mut self,
        name: &'static str,
        by_name: impl Fn(&str) -> Result<T, NoSuch>,
    ) -> Outcome<Option<T>> {
        let Some(text) = self.get::<String>(name, "a name")? else { return Ok(None) };
        by_name(&text).map(Some).map_err(|error| error.error(name).into())
    }

    /// The conventions of a published dataset.
    pub fn preset(&mut self) -> Outcome<Option<&'static Preset>> {
        self.named("preset", names::preset)
    }

    /// The trainer.
    pub fn trainer(&mut self) -> Outcome<Option<&'static Trainer>> {
        self.named("trainer", names::trainer)
    }

    /// The names of classes: a list of them, or the path of a file that has them.
    pub fn classes(&mut self) -> PyResult<Option<Stated>> {
        let Some(value) = self.value("classes")? else { return Ok(None) };
        match value.extract() {
            Ok(path) => Ok(Some(Stated::File(path))),
            Err(_) => each("classes", &value, "a path or a list of names")
                .map(|names| Some(Stated::Names(names))),
        }
    }

    /// Selected rules, by their codes and groups.
    pub fn rules(&mut self, name: &'static str) -> Outcome<Vec<Selection>> {
        let texts = self.texts(name)?;
        let texts = texts.iter().flat_map(|text| text.split(','));
        let named = |text| select::named(text).map_err(|_| no_rule(name, text));
        texts.map(named).collect()
    }

    /// What was not asked for: settings of formats on these sides.
    pub fn settings(&self, sides: &[Side]) -> Outcome<Vec<Given>> {
        let mut given = Vec::new();
        for (name, value) in &self.stated {
            let name: String = name.extract()?;
            if self.known.iter().any(|known| *known == name) || value.is_none() {
                continue;
            }
            let value = setting_text(&name, &value)?;
            given.push(names::setting(&name, &value, sides).map_err(|_| self.unknown(&name))?);
        }
        // One that is for a single side goes before the one for both.
        given.sort_by_key(|given: &Given| given.side != Side::Both);
        Ok(given)
    }

    fn unknown(&self, name: &str) -> crate::errors::Failure {
        let settings = annoconv::formats::FORMATS.iter().flat_map(|format| format.settings());
        let settings = settings.map(|setting| setting.name);
        let near = alike::nearest(name, self.known.iter().copied().chain(settings));
        let near = near.map(|near| format!(" (did you mean {}?)", near.replace('-', "_")));
        let found = format!("{name:?}{}", near.unwrap_or_default());
        usage(name, "an option, or a setting of a format", found)
    }
}

/// A value of a type.
pub fn one<'py, T>(name: &str, value: &Bound<'py, PyAny>, expected: &str) -> PyResult<T>
where
    T: for<'a> FromPyObject<'a, 'py>,
{
    value.extract().map_err(|_| wrong_type(name, expected, value))
}

/// One text or several.
pub fn texts(name: &str, value: &Bound<PyAny>) -> PyResult<Vec<String>> {
    match value.extract() {
        Ok(text) => Ok(vec![text]),
        Err(_) => each(name, value, "a text or a list of texts"),
    }
}

/// The pairs of a mapping.
pub fn pairs<'py, T>(
    name: &str,
    value: &Bound<'py, PyAny>,
    expected: &str,
) -> PyResult<Vec<(String, T)>>
where
    T: for<'a> FromPyObject<'a, 'py>,
{
    let mapping = value.cast::<PyMapping>().map_err(|_| wrong_type(name, expected, value))?;
    let pair = |pair: Bound<'py, PyAny>| {
        let (key, value): (Bound<PyAny>, Bound<PyAny>) = pair.extract()?;
        Ok((one(name, &key, expected)?, one(name, &value, expected)?))
    };
    mapping.items()?.iter().map(pair).collect()
}

fn each<'py, T>(name: &str, value: &Bound<'py, PyAny>, expected: &str) -> PyResult<Vec<T>>
where
    T: for<'a> FromPyObject<'a, 'py>,
{
    let is_single = value.is_instance_of::<PyString>();
    let values = value.try_iter().ok().filter(|_| !is_single);
    let values = values.ok_or_else(|| wrong_type(name, expected, value))?;
    values.map(|value| one(name, &value?, expected)).collect()
}

/// The exception for a value of another type.
pub fn wrong_type(name: &str, expected: &str, value: &Bound<PyAny>) -> PyErr {
    let found = value.repr().map_or_else(|_| "something else".to_owned(), |it| it.to_string());
    PyTypeError::new_err(format!("{name}: expected {expected}, found {found}"))
}

/// The value of a setting as text.
fn setting_text(name: &str, value: &Bound<PyAny>) -> PyResult<String> {
    let number = value.extract::<i64>().ok().filter(|_| !value.is_instance_of::<PyBool>());
    match number {
        Some(number) => Ok(number.to_string()),
        None => one(name, value, "a text or a whole number"),
    }
}

fn no_rule(name: &str, text: &str) -> crate::errors::Failure {
    let rules = annoconv::rules::Rule::ALL.iter().map(|rule| rule.code());
    let near = alike::nearest(text.trim(), rules).map(|near| format!(" (did you mean {near}?)"));
    let found = format!("{text:?}{}", near.unwrap_or_default());
    usage(name, "codes of rules or names of groups", found)
}
