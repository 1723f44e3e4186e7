//! The command line program: parse, run, print, exit status.
//!
//! Two programs call it, and nothing in the library does: the binary, and the command of the Python
//! package.

mod convert;
mod edits;
mod explain;
mod fix;
mod formats;
mod options;
mod parts;
mod progress;
mod settings;
mod validate;

use crate::names;
use crate::report::visible;
use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::io::{self, Write};

/// Convert image annotations between COCO, YOLO, Pascal VOC and VGG/VIA: exactly, with every
/// loss counted.
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
    /// Write YOLO labels from a COCO file
    Coco2yolo(convert::Coco2yolo),
    /// Write Pascal VOC files from YOLO labels
    Yolo2voc(convert::Yolo2voc),
    /// Write a VGG/VIA file from a COCO file
    Coco2vgg(convert::Coco2vgg),
    /// Convert any format to any other
    Convert(convert::Convert),
    /// Compare all formats of a dataset with each other, and judge each by itself
    Validate(validate::Validate),
    /// Mend what needs no person's judgement
    Fix(fix::FixArgs),
    /// List the formats, or the settings of one
    Formats(formats::Formats),
    /// What a rule means, why it matters and how to mend it
    Explain(explain::Explain),
}

/// The answer of a command, which becomes the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
}

/// Runs the program with its arguments, of which the first is its own name. Returns the exit status.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return refuse(&explain(error)),
    };
    let answer = match cli.command {
        Command::Coco2yolo(args) => args.run(),
        Command::Yolo2voc(args) => args.run(),
        Command::Coco2vgg(args) => args.run(),
        Command::Convert(args) => args.run(),
        Command::Validate(args) => args.run(),
        Command::Fix(args) => args.run(),
        Command::Formats(args) => args.run(),
        Command::Explain(args) => args.run(),
    };
    match answer {
        Ok(Answer::Yes) => 0,
        Ok(Answer::No) => 1,
        Err(error) => {
            warn(&format!("error: {error:#}"));
            2
        }
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
            Cli::command().error(ErrorKind::InvalidSubcommand, message)
        }
        None => error,
    }
}

/// Prints a line to stderr. If that fails, there is no other place to report it.
fn warn(text: &str) {
    let _ = writeln!(io::stderr(), "annoconv: {}", visible::text(text));
}

/// Prints to stdout. It is no error if the reader has closed the pipe.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
