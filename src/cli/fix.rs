//! `fix`: its options, the diff or the report, and the exit status.

use super::options::presets;
use super::progress::Bar;
use super::settings::{Reading, Settings};
use super::{Answer, headings, print, signals};
use crate::classes::Stated;
use crate::fix::call::Call;
use crate::fix::{self, Fix, Output};
use crate::presets::Preset;
use crate::report::{mending, visible};
use crate::rules::select::{self, Selection};
use clap::Args;
use std::io::IsTerminal;
use std::path::PathBuf;
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
        let call = self.call();
        call.refuse_packed()?;
        let bar = Bar::new(self.quiet);
        let progress = bar.progress();
        let watch = signals::watch(&progress);
        if self.in_place {
            fix::recover(&self.path)?;
        }
        let done = call.run(&progress);
        bar.finish();
        let fix = done?;
        if self.diff {
            return self.show(&call, &fix);
        }
        let written = self.write(&fix)?;
        drop(watch);
        if !self.quiet {
            print(&mending::text(&fix, &written, started.elapsed()))?;
        }
        Ok(if fix.leaves_errors() { Answer::No } else { Answer::Yes })
    }

    /// The call as the library takes it.
    fn call(&self) -> Call {
        Call {
            path: self.path.clone(),
            images: self.images.clone(),
            preset: self.preset,
            classes: self.classes.clone().map(Stated::File),
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            settings: self.settings.given.clone(),
        }
    }

    /// Writes what is mended, and says where it is.
    fn write(&self, fix: &Fix) -> anyhow::Result<String> {
        let output = match &self.output {
            Some(target) => Output::Copy { target, overwrite: self.overwrite },
            None => Output::InPlace,
        };
        let count = fix.write(&self.path, output)?;
        Ok(mending::done(output, count))
    }

    /// Prints the diff. The answer is no if something would change, or errors would be left.
    fn show(&self, call: &Call, fix: &Fix) -> anyhow::Result<Answer> {
        let diff = call.diff(fix)?;
        if !self.quiet {
            print(&shown(&diff, std::io::stdout().is_terminal()))?;
        }
        Ok(if fix.leaves_errors() || !diff.is_empty() { Answer::No } else { Answer::Yes })
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
