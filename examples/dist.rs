//! Writes what a package of the program has beside it: man pages and completions.
//!
//! ```text
//! cargo run --example dist -- target/dist
//! ```

#![allow(clippy::restriction, reason = "a tool of the build may stop at any error")]

use annoconv::cli::{Shell, command, script};
use clap::ValueEnum;
use std::fs;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let target = std::env::args().nth(1).expect("expected a folder");
    let [man, completions] = ["man", "completions"].map(|name| Path::new(&target).join(name));
    fs::create_dir_all(&man)?;
    fs::create_dir_all(&completions)?;
    clap_mangen::generate_to(command().disable_help_subcommand(true), &man)?;
    for shell in Shell::value_variants() {
        // Each shell looks for a file of its own kind of name.
        let name = match shell {
            Shell::Bash => "annoconv.bash",
            Shell::Zsh => "_annoconv",
            Shell::Fish => "annoconv.fish",
            Shell::PowerShell => "_annoconv.ps1",
            Shell::Elvish => "annoconv.elv",
            other => panic!("{other} has no name yet"),
        };
        fs::write(completions.join(name), script(*shell))?;
    }
    Ok(())
}
