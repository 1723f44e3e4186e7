//! Values that have a name: formats and trainers.

use crate::format::Format;
use crate::formats::FORMATS;
use crate::names::{self, NoSuch};
use crate::trainers::{TRAINERS, Trainer};
use clap::builder::{PossibleValue, TypedValueParser};
use std::error::Error;
use std::ffi::OsStr;

/// Reads a value that has a name: aliases and typing errors are its own matter, while help and
/// completions list the names.
#[derive(Clone)]
pub struct Named<T: 'static, E: 'static> {
    pub parse: fn(&str) -> Result<T, E>,
    pub names: fn() -> Vec<&'static str>,
}

impl<T, E> TypedValueParser for Named<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Into<Box<dyn Error + Send + Sync>> + Clone + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        TypedValueParser::parse_ref(&self.parse, command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.names)().into_iter().map(PossibleValue::new)))
    }
}

/// A format by its name.
pub fn formats() -> Named<&'static dyn Format, NoSuch> {
    Named { parse: names::format, names: || FORMATS.iter().map(|it| it.name()).collect() }
}

/// A trainer by its name.
pub fn trainers() -> Named<&'static Trainer, NoSuch> {
    Named { parse: names::trainer, names: || TRAINERS.iter().map(|it| it.name).collect() }
}
