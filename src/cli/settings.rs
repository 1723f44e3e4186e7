//! The settings of formats as options of the command line: made from what each format declares.

use crate::format::{Format, Given, Setting, Side, Values};
use crate::formats::{FORMATS, by_name};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use std::marker::PhantomData;

/// Which formats a command is about.
pub trait Scope: 'static + Send + Sync {
    /// The format that is read, where it is fixed.
    const FROM: Option<&'static str>;
    /// The format that is written, where it is fixed; the empty name where nothing is written.
    const TO: Option<&'static str>;
}

/// Any format to any other.
pub struct Any;

impl Scope for Any {
    const FROM: Option<&'static str> = None;
    const TO: Option<&'static str> = None;
}

/// Any format, read only.
pub struct Reading;

impl Scope for Reading {
    const FROM: Option<&'static str> = None;
    const TO: Option<&'static str> = Some("");
}

/// The settings that were given.
pub struct Settings<S> {
    pub given: Vec<Given>,
    scope: PhantomData<S>,
}

/// A setting with the formats that declare it for a scope.
struct Declared {
    setting: &'static Setting,
    formats: Vec<&'static str>,
    /// Whether it is for reading, writing or both within the scope.
    side: Side,
}

/// The formats of a name; all where none is fixed.
fn formats(fixed: Option<&str>) -> Vec<&'static dyn Format> {
    match fixed {
        None => FORMATS.to_vec(),
        Some(name) => by_name(name).into_iter().collect(),
    }
}

/// All settings of a scope, each once.
fn declared<S: Scope>() -> Vec<Declared> {
    let mut all: Vec<Declared> = Vec::new();
    for (side, formats) in [(Side::Read, formats(S::FROM)), (Side::Write, formats(S::TO))] {
        for format in formats {
            let own = format.settings().iter().filter(|setting| setting.side.includes(side));
            own.for_each(|setting| add(&mut all, setting, format.name(), side));
        }
    }
    all
}

fn add(all: &mut Vec<Declared>, setting: &'static Setting, format: &'static str, side: Side) {
    let Some(known) = all.iter_mut().find(|known| known.setting.name == setting.name) else {
        return all.push(Declared { setting, formats: vec![format], side });
    };
    if !known.formats.contains(&format) {
        known.formats.push(format);
    }
    if known.side != side {
        known.side = Side::Both;
    }
}

fn argument(name: String, declared: &Declared, about: &str) -> Arg {
    let Declared { setting, formats, .. } = declared;
    let arg = Arg::new(name.clone())
        .long(name)
        .action(ArgAction::Set)
        .value_name(match &setting.values {
            Values::Text(word) => (*word).to_owned(),
            Values::Whole(_) => "N".to_owned(),
            Values::Choice(_) => "WHAT".to_owned(),
        })
        .help(format!(
            "{}{about}{} [default: {}]",
            setting.help,
            range(&setting.values),
            setting.default
        ))
        .help_heading(format!("Settings of {}", formats.join(", ")))
        .hide_short_help(true);
    match &setting.values {
        Values::Choice(words) => arg.value_parser(PossibleValuesParser::new(words.iter().copied())),
        Values::Whole(range) => {
            let (least, greatest) = (*range.start() as u64, *range.end() as u64);
            let parser = clap::value_parser!(u64).range(least..=greatest);
            arg.value_parser(parser)
        }
        Values::Text(_) => arg,
    }
}

/// The least and the greatest number, in words.
fn range(values: &Values) -> String {
    match values {
        Values::Whole(range) => format!(", {} to {}", range.start(), range.end()),
        _ => String::new(),
    }
}

/// The names under which a setting is given, each with the side that it is meant for.
fn names(declared: &Declared) -> Vec<(String, Side)> {
    let name = declared.setting.name;
    let mut names = vec![(name.to_owned(), Side::Both)];
    if declared.side == Side::Both {
        names
            .extend([(format!("read-{name}"), Side::Read), (format!("write-{name}"), Side::Write)]);
    }
    names
}

impl<S: Scope> Args for Settings<S> {
    fn augment_args(mut command: Command) -> Command {
        for declared in declared::<S>() {
            for (name, side) in names(&declared) {
                let about = match side {
                    _ if name == declared.setting.name => "",
                    Side::Read => ", for reading alone",
                    _ => ", for writing alone",
                };
                command = command.arg(argument(name, &declared, about));
            }
        }
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<S: Scope> FromArgMatches for Settings<S> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Vec::new();
        for declared in declared::<S>() {
            for (option, side) in names(&declared) {
                let value = match declared.setting.values {
                    Values::Whole(_) => matches.get_one::<u64>(&option).map(u64::to_string),
                    _ => matches.get_one::<String>(&option).cloned(),
                };
                let name = declared.setting.name.to_owned();
                given.extend(value.map(|value| Given { name, value, side }));
            }
        }
        // One that is for a single side goes before the one for both.
        given.sort_by_key(|given: &Given| given.side != Side::Both);
        Ok(Self { given, scope: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
