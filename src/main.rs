//! The command line program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(annoconv::cli::main(std::env::args_os()))
}
