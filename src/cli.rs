//! The command line program: parse, run, print, exit status.
//!
//! Two programs call it, and nothing in the library does: the binary, and the command of the Python
//! package.

mod colours;
mod command;
mod completions;
mod convert;
mod edits;
mod explain;
mod fix;
mod formats;
mod headings;
mod hints;
mod named;
mod options;
mod parts;
mod progress;
mod settings;
mod signals;
mod validate;

pub use clap_complete::Shell;
pub use command::command;
pub use completions::script;

use crate::error::{Error, ErrorKind};
use crate::names;
use crate::report::colour::{GREEN, RED, RESET};
use crate::report::visible;
use clap::{FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::io::{self, Write};

/// Convert image annotations between COCO, YOLO, Pascal VOC, VIA, LabelMe and Hugging Face: exactly,
/// with every loss counted.
///
/// Exit status: 0 done; 1 it ran and the answer is no (validate has findings, --check found
/// differences, --strict met a loss); 2 it could not run, and nothing was changed.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Convert any format to any other, or to what a trainer loads
    Convert(convert::Convert),
    /// Write YOLO labels from a COCO file
    Coco2yolo(convert::Coco2yolo),
    /// Write Pascal VOC files from YOLO labels
    Yolo2voc(convert::Yolo2voc),
    /// Write a VGG/VIA file from a COCO file
    Coco2vgg(convert::Coco2vgg),
    /// Compare all formats of a dataset with each other, and judge each by itself
    Validate(validate::Validate),
    /// Mend what needs no person's judgement
    Fix(fix::FixArgs),
    /// List the formats, or the settings of one
    Formats(formats::Formats),
    /// What a rule or a loss means, why it is so, and how to change that
    Explain(explain::Explain),
    /// Print what a shell needs to complete commands and options
    Completions(completions::Completions),
}

/// The answer of a command, which becomes the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
}

/// Runs the program with its arguments, of which the first is its own name. Returns the exit status.
///
/// After a signal that stopped it, it does not return: the process dies of the signal.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let mut program = command();
    let matches = match program.try_get_matches_from_mut(arguments) {
        Ok(matches) => matches,
        Err(error) => return refuse(&explain(error)),
    };
    let name = matches.subcommand_name().unwrap_or_default();
    let answer = match Cli::from_arg_matches(&matches) {
        Ok(cli) => run(&cli.command),
        Err(error) => return refuse(&error.format(&mut program)),
    };
    let status = match answer {
        Ok(Answer::Yes) => 0,
        Ok(Answer::No) => 1,
        Err(error) => {
            report(&error, program.find_subcommand(name));
            2
        }
    };
    signals::obey();
    status
}

fn run(command: &Command) -> anyhow::Result<Answer> {
    match command {
        Command::Convert(args) => args.run(),
        Command::Coco2yolo(args) => args.run(),
        Command::Yolo2voc(args) => args.run(),
        Command::Coco2vgg(args) => args.run(),
        Command::Validate(args) => args.run(),
        Command::Fix(args) => args.run(),
        Command::Formats(args) => args.run(),
        Command::Explain(args) => args.run(),
        Command::Completions(args) => args.run(),
    }
}

/// Prints an error of a command, and the option that mends it where one does.
fn report(error: &anyhow::Error, command: Option<&clap::Command>) {
    let own = error.downcast_ref::<Error>();
    if own.is_some_and(|own| own.kind() == ErrorKind::Stopped) {
        return warn("stopped; nothing was changed");
    }
    tell("error", RED, &format!("{error:#}"));
    if let Some(hint) = own.zip(command).and_then(|(own, command)| hints::of(own, command)) {
        tell("hint", GREEN, &hint);
    }
}

/// Prints an error of the command line, or the help or version that was asked for, which clap hands
/// over in the same way.
fn refuse(error: &clap::Error) -> u8 {
    // If that fails, there is no other place to report it.
    let _ = error.print();
    u8::try_from(error.exit_code()).unwrap_or(2)
}

/// An error of the command line. One that names a pair of formats is told what does that.
fn explain(error: clap::Error) -> clap::Error {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    match names::pair(name) {
        Some(instead) => {
            let message = format!("there is no command {name}; what does it is\n\n  {instead}\n");
            command().error(ErrorKind::InvalidSubcommand, message)
        }
        None => error,
    }
}

/// Prints a line to stderr. If that fails, there is no other place to report it.
fn warn(text: &str) {
    let _ = writeln!(io::stderr(), "annoconv: {}", visible::text(text));
}

/// As [`warn`], with a word before it, in a colour where that is seen.
fn tell(word: &str, colour: &str, text: &str) {
    let (start, end) = match colours::are_on(&io::stderr()) {
        true => (colour, RESET),
        false => ("", ""),
    };
    let text = visible::text(text);
    let _ = writeln!(io::stderr(), "annoconv: {start}{word}:{end} {text}");
}

/// Prints to stdout. It is no error if the reader has closed the pipe.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
