//! The command line program.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "a test may panic"))]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
