//! Writes what a package of the program has beside it: man pages and completions.
//!
//! ```text
//! cargo run --example dist -- target/dist
//! ```

#![allow(clippy::restriction, reason = "a tool of the build may stop at any error")]

use annoconv::cli::{Shell, command, script};
use clap::{Command, ValueEnum};
use std::fs;
use std::io;
use std::path::Path;

#[allow(dead_code, reason = "a test writes to a folder of its own")]
fn main() -> io::Result<()> {
    let target = std::env::args().nth(1).expect("expected a folder");
    write(Path::new(&target))
}

/// Writes all to a folder.
pub fn write(target: &Path) -> io::Result<()> {
    let [man, completions] = ["man", "completions"].map(|name| target.join(name));
    fs::create_dir_all(&man)?;
    fs::create_dir_all(&completions)?;
    let program = command().disable_help_subcommand(true).mut_subcommands(whole);
    clap_mangen::generate_to(program, &man)?;
    for shell in Shell::value_variants() {
        fs::write(completions.join(name_for(*shell)), script(*shell))?;
    }
    Ok(())
}

/// A command as its page shows it: nothing is left out that only short help leaves out.
fn whole(command: Command) -> Command {
    let command = command.version(env!("CARGO_PKG_VERSION")).disable_version_flag(true);
    command.mut_args(|arg| arg.hide_short_help(false))
}

/// The name of the file that a shell looks for.
fn name_for(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => "annoconv.bash",
        Shell::Zsh => "_annoconv",
        Shell::Fish => "annoconv.fish",
        Shell::PowerShell => "_annoconv.ps1",
        Shell::Elvish => "annoconv.elv",
        other => panic!("{other} has no name yet"),
    }
}
