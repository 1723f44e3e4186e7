//! The parts of a dataset that are named for `validate`: an option for each format.

use super::headings;
use crate::formats::FORMATS;
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Args, Command, FromArgMatches, value_parser};
use std::path::PathBuf;

/// The parts of a dataset that are named; all but the images may be given several times.
pub struct Parts {
    /// Files and folders of annotations with the format that they are of.
    pub named: Vec<(&'static str, PathBuf)>,
    pub tables: Vec<PathBuf>,
    pub splits: Vec<PathBuf>,
    pub images: Option<PathBuf>,
}

fn path(name: &'static str, help: &str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("PATH")
        .value_parser(value_parser!(PathBuf))
        .action(ArgAction::Append)
        .help(help.to_owned())
        .help_heading(headings::INPUT)
}

impl Args for Parts {
    fn augment_args(mut command: Command) -> Command {
        let mut names = vec!["csv", "splits", "images"];
        for format in FORMATS {
            let about = format.profile().about;
            let more = "Named instead of found, or besides what is found below PATH";
            names.push(format.name());
            let arg = path(format.name(), about).long_help(format!("{about}\n\n{more}"));
            command = command.arg(arg);
        }
        let images = "The folder of the image files [default: found below PATH]";
        command
            .arg(path("csv", "A table with a column of images, likewise"))
            .arg(path("splits", "A list of the images of a split, likewise"))
            .arg(path("images", images).value_name("DIR").action(ArgAction::Set))
            .group(ArgGroup::new("parts").args(names).multiple(true))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Parts {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let all = |name: &str| -> Vec<PathBuf> {
            matches.get_many::<PathBuf>(name).into_iter().flatten().cloned().collect()
        };
        let named = FORMATS.iter().flat_map(|format| {
            let name = format.name();
            all(name).into_iter().map(move |path| (name, path))
        });
        Ok(Self {
            named: named.collect(),
            tables: all("csv"),
            splits: all("splits"),
            images: matches.get_one::<PathBuf>("images").cloned(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
