//! The commands that README.md and the pages of docs show are run, and print what is shown there, but
//! for the times. With `ANNOCONV_BLESS=1` the pages get what is printed instead.
//! The commands are those of a Unix shell: elsewhere nothing is run.

#![allow(clippy::restriction, reason = "a failed test panics")]

#[cfg(unix)]
#[path = "pages/run.rs"]
mod run;

fn main() {
    #[cfg(unix)]
    run::main();
}
