//! `fix`: its options, the diff or the report, and the exit status.

use super::options::presets;
use super::progress::Bar;
use super::settings::{Reading, Settings};
use super::validate::select::{self, Selection};
use super::{Answer, headings, print, signals};
use crate::classes;
use crate::files;
use crate::fix::{self, Fix, Output, Request};
use crate::format::Run;
use crate::presets::Preset;
use crate::report::{mending, visible};
use crate::rules::Severity;
use crate::validate;
use anyhow::{Context, anyhow};
use clap::Args;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Args)]
#[command(after_long_help = "Examples:
  annoconv fix annotations.json --diff
  annoconv fix annotations.json --select zero-id,absent-member -o fixed.json
  annoconv fix . --ignore duplicate-object -o fixed

Exit status: 0 all is mended but warnings, if any; 1 errors are left, or with --diff something would
change; 2 it could not run, and nothing was changed.")]
pub struct FixArgs {
    /// A folder, a data.yaml or one file of annotations, as validate takes it
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The folder of the image files [default: found below PATH]
    #[arg(long, value_name = "DIR", help_heading = headings::INPUT)]
    images: Option<PathBuf>,
    /// The conventions of a published dataset
    #[arg(long, value_name = "NAME", value_parser = presets(), help_heading = headings::INPUT)]
    preset: Option<&'static Preset>,
    /// Class names in order: a text file, or data.yaml [default: what the dataset states]
    #[arg(long, value_name = "FILE", help_heading = headings::INPUT)]
    classes: Option<PathBuf>,
    /// Write nothing; print what would change, as a unified diff
    #[arg(long, conflicts_with_all = ["output", "in_place"], help_heading = headings::OUTPUT)]
    diff: bool,
    /// Write a mended copy: of a file to a file, of a folder to a folder
    #[arg(short, long, value_name = "PATH", required_unless_present_any = ["diff", "in_place"])]
    #[arg(help_heading = headings::OUTPUT)]
    output: Option<PathBuf>,
    /// Change the files themselves: all of them or, if that fails, none
    #[arg(long, conflicts_with = "output", help_heading = headings::OUTPUT)]
    in_place: bool,
    /// Replace files at the output
    #[arg(long, requires = "output", help_heading = headings::OUTPUT)]
    overwrite: bool,
    /// Mend only breaches of these rules: codes and names of groups, separated by commas [default: all]
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = select::named)]
    #[arg(help_heading = headings::MENDED)]
    select: Vec<Selection>,
    /// All but these rules: codes and names of groups, separated by commas
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = select::named)]
    #[arg(help_heading = headings::MENDED)]
    ignore: Vec<Selection>,
    #[command(flatten)]
    settings: Settings<Reading>,
    /// No progress and no report; errors only
    #[arg(short, long, help_heading = headings::RUN)]
    quiet: bool,
}

impl FixArgs {
    pub fn run(&self) -> anyhow::Result<Answer> {
        let started = Instant::now();
        self.refuse_packed()?;
        let bar = Bar::new(self.quiet);
        let mut request = self.request()?;
        request.dataset.run.progress = bar.progress();
        let watch = signals::watch(&bar.progress());
        if self.in_place {
            fix::recover(&self.path)?;
        }
        let done = fix::run(&request);
        bar.finish();
        let fix = done?;
        if self.diff {
            return self.show(&fix);
        }
        let written = self.write(&fix)?;
        drop(watch);
        if !self.quiet {
            print(&mending::text(&fix, &written, started.elapsed()))?;
        }
        let are_errors = fix.left.iter().any(|(rule, _)| rule.severity() == Severity::Error);
        Ok(if are_errors { Answer::No } else { Answer::Yes })
    }

    /// Values are replaced where they stand, which they do in a file that is not packed.
    fn refuse_packed(&self) -> anyhow::Result<()> {
        let is_packed = files::has_extension(&self.path, &["gz", "zst"]) && self.path.is_file();
        if !is_packed && self.path.as_os_str() != "-" {
            return Ok(());
        }
        let path = self.path.display();
        Err(anyhow!(
            "{path}: input: expected a file that is not packed, found one that is packed or a stream"
        ))
    }

    fn request(&self) -> anyhow::Result<Request> {
        let dataset = validate::Request {
            paths: vec![self.path.clone()],
            images: self.images.clone(),
            settings: self.settings.given.clone(),
            conventions: self.preset.map_or(&[], |preset| preset.conventions),
            run: Run {
                classes: self.classes.as_deref().map(classes::read).transpose()?,
                ..Run::default()
            },
            ..validate::Request::default()
        };
        Ok(Request { dataset, rules: select::chosen(&self.select, &self.ignore) })
    }

    /// Writes what is mended, and says where it is.
    fn write(&self, fix: &Fix) -> anyhow::Result<String> {
        let output = match &self.output {
            Some(target) => Output::Copy { target, overwrite: self.overwrite },
            None => Output::InPlace,
        };
        let count = fix.write(&self.path, output)?;
        Ok(match &self.output {
            Some(target) => format!("{count} files written to {}", target.display()),
            None => format!("{count} files replaced"),
        })
    }

    /// Prints the diff. The answer is no if something would change, or errors would be left.
    fn show(&self, fix: &Fix) -> anyhow::Result<Answer> {
        let own = if self.path.is_dir() { Some(self.path.as_path()) } else { self.path.parent() };
        let is_relative = self.path.is_relative();
        let folder = if is_relative { Path::new(".") } else { own.context("a folder")? };
        let diff = fix.diff(folder)?;
        if !self.quiet {
            print(&shown(&diff, std::io::stdout().is_terminal()))?;
        }
        let are_errors = fix.left.iter().any(|(rule, _)| rule.severity() == Severity::Error);
        Ok(if are_errors || !diff.is_empty() { Answer::No } else { Answer::Yes })
    }
}

/// A diff as it is printed: word for word, but for a terminal, which must not take it for commands.
fn shown(diff: &str, is_terminal: bool) -> String {
    match is_terminal {
        true => diff.lines().map(|line| visible::text(line) + "\n").collect(),
        false => diff.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_no_commands() {
        let diff = "-\u{1b}[31m\r\n+x\n";
        assert_eq!(shown(diff, false), diff);
        assert_eq!(shown(diff, true), "-\\u{1b}[31m\n+x\n");
    }
}
