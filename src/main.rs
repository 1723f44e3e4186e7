//! The command line program.

#![warn(clippy::string_slice)]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
