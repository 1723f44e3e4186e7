//! `annoconv formats`.

use super::{Answer, named, print};
use crate::format::{Format, Setting, Side};
use crate::formats::FORMATS;
use clap::Args;
use std::fmt::Write;

#[derive(Args)]
#[command(after_long_help = "Examples:
  annoconv formats
  annoconv formats voc")]
pub struct Formats {
    /// A format, to see its settings
    #[arg(value_name = "NAME", value_parser = named::formats())]
    name: Option<&'static dyn Format>,
}

impl Formats {
    pub fn run(&self) -> anyhow::Result<Answer> {
        let text = match self.name {
            Some(format) => line(&format) + &settings(format),
            None => FORMATS.iter().map(line).collect(),
        };
        print(&text)?;
        Ok(Answer::Yes)
    }
}

fn line(format: &&'static dyn Format) -> String {
    let profile = format.profile();
    let (name, about, holds) = (profile.name, profile.about, profile.holds);
    let longest = FORMATS.iter().map(|format| format.name().len()).max().unwrap_or_default();
    let start = format!("{name:<longest$}   read, write  ");
    format!("{start}{about}\n{:indent$}{holds}\n", "", indent = start.len())
}

/// The settings of a format, and its other names.
fn settings(format: &dyn Format) -> String {
    let mut out = format!("\nalso called {}\n", format.profile().aliases.join(", "));
    if format.settings().is_empty() {
        out.push_str("\nno settings\n");
    }
    for (side, title) in
        [(Side::Both, "reading and writing"), (Side::Read, "reading"), (Side::Write, "writing")]
    {
        let own: Vec<&Setting> = format.settings().iter().filter(|it| it.side == side).collect();
        if own.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n{title}:");
        for setting in own {
            let Setting { name, values, default, help, .. } = setting;
            let values = values.words();
            let _ = writeln!(out, "  --{name} {values}\n      {help} [default: {default}]");
        }
    }
    out
}
