//! The program's commands and options as help, completions and man pages show them.

use super::{Cli, headings};
use clap::builder::Styles;
use clap::{Arg, ArgAction, Command, CommandFactory};
use std::fmt::Write;

/// The commands in the order in which people look for them.
const GROUPS: &[(&str, &[&str])] = &[
    ("Convert", &["convert", "coco2yolo", "yolo2voc", "coco2vgg"]),
    ("Check and mend", &["validate", "fix"]),
    ("Look up", &["formats", "explain"]),
    ("Set up", &["completions", "help"]),
];

/// The command line with all that derives do not say: groups of commands, and headings for help.
pub fn command() -> Command {
    let program = Cli::command();
    let template = template(&program);
    let names: Vec<String> =
        program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let program = names.into_iter().fold(program, |program, name| {
        program.mut_subcommand(&name, |command| {
            let is_cut = command.get_arguments().any(Arg::is_hide_short_help_set);
            let more =
                if is_cut { "All options, settings of formats and examples" } else { "Examples" };
            complete(command).after_help(format!("{more}: annoconv {name} --help"))
        })
    });
    program.help_template(template)
}

/// A command whose help is listed where the run is.
fn complete(command: Command) -> Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .help("Print help: -h the most used, --help all of it")
        .help_heading(headings::RUN);
    command.disable_help_flag(true).arg(help)
}

/// The help of the program as a whole: its commands by groups.
fn template(program: &Command) -> String {
    let styles = Styles::default();
    let (header, literal) = (styles.get_header(), styles.get_literal());
    let mut out = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    let longest = GROUPS.iter().flat_map(|(_, names)| names.iter()).map(|name| name.len()).max();
    let width = longest.unwrap_or_default();
    for (title, names) in GROUPS {
        let _ = writeln!(out, "\n{header}{title}:{header:#}");
        for name in *names {
            let about = about(program, name);
            let _ = writeln!(out, "  {literal}{name:<width$}{literal:#}  {about}");
        }
    }
    let _ = write!(out, "\n{header}Options:{header:#}\n{{options}}{{after-help}}");
    out
}

/// What a command does, in one line.
fn about(program: &Command, name: &str) -> String {
    let command = program.find_subcommand(name);
    let about = command.and_then(Command::get_about).map(ToString::to_string);
    about.unwrap_or_else(|| "Print help: of a command where one is named".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_one_group() {
        let program = Cli::command();
        let mut known: Vec<&str> = program.get_subcommands().map(Command::get_name).collect();
        known.push("help");
        known.sort_unstable();
        let mut listed: Vec<&str> =
            GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        listed.sort_unstable();
        assert_eq!(listed, known);
    }

    #[test]
    fn every_option_is_under_a_heading_and_the_whole_is_sound() {
        let mut program = command();
        program.build();
        program.clone().debug_assert();
        for command in program.get_subcommands().filter(|it| it.get_name() != "help") {
            let name = command.get_name();
            let bare = |arg: &&Arg| arg.get_help_heading().is_none() && !arg.is_positional();
            let bare: Vec<&str> =
                command.get_arguments().filter(bare).map(|arg| arg.get_id().as_str()).collect();
            assert!(bare.is_empty(), "{name}: {bare:?}");
            assert!(command.get_after_long_help().is_some(), "{name} has examples");
        }
    }

    #[test]
    fn the_short_help_of_a_conversion_fits_a_screen() {
        for name in ["convert", "coco2yolo", "validate"] {
            let mut program = command();
            let command = program.find_subcommand_mut(name).unwrap();
            let short = command.render_help().to_string();
            let long = command.clone().render_long_help().to_string();
            assert!(short.lines().count() <= 48, "{name}: {}\n{short}", short.lines().count());
            assert!(long.lines().count() > 2 * short.lines().count(), "{name}");
        }
    }
}
