//! `validate`: its options, the form of its report, and its exit status.

use super::options::presets;
use super::parts::Parts;
use super::progress::Bar;
use super::settings::{Reading, Settings};
use super::{Answer, colours, headings, named, print, signals};
use crate::classes::Stated;
use crate::presets::Preset;
use crate::report::explain;
use crate::report::validation::{github, json, junit, sarif, text};
use crate::rules::select::{self, Selection};
use crate::rules::{Rule, Severity};
use crate::trainers::Trainer;
use crate::validate::Validation;
use crate::validate::call::{Call, Judged};
use anyhow::Context;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(Args)]
#[command(after_long_help = "Examples:
  annoconv validate .
  annoconv validate . --format json --fail-on never
  annoconv validate . --select geometry,duplicate-id --ignore self-crossing
  annoconv validate --coco annotations.json --yolo labels --images images
  annoconv validate annotations.json --for detectron2
  annoconv validate --explain zero-id")]
pub struct Validate {
    /// A folder, below which every format is found and compared with the others, or one file
    ///
    /// A file is judged alone and may be compressed (.gz, .zst); - is standard input
    #[arg(value_name = "PATH", required_unless_present_any = ["parts", "explain"])]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    parts: Parts,
    /// The conventions of a published dataset: its parts, and the columns of its table
    #[arg(long, value_name = "NAME", value_parser = presets(), hide_short_help = true)]
    #[arg(help_heading = headings::INPUT)]
    preset: Option<&'static Preset>,
    /// Class names in order: a text file, or data.yaml [default: what the dataset states]
    #[arg(long, value_name = "FILE", help_heading = headings::INPUT)]
    classes: Option<PathBuf>,
    /// Also what this trainer would drop, refuse or change, by its own rules
    #[arg(long = "for", value_name = "TRAINER", help_heading = headings::JUDGED)]
    #[arg(value_parser = named::trainers())]
    trainer: Option<&'static Trainer>,
    /// Only these rules: codes and names of groups, separated by commas [default: all]
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = select::named)]
    #[arg(help_heading = headings::JUDGED)]
    select: Vec<Selection>,
    /// All but these rules: codes and names of groups, separated by commas
    #[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = select::named)]
    #[arg(help_heading = headings::JUDGED)]
    ignore: Vec<Selection>,
    /// The least severity of a finding with which the exit status is 1
    #[arg(long, value_name = "SEVERITY", default_value = "error", help_heading = headings::JUDGED)]
    fail_on: FailOn,
    #[command(flatten)]
    settings: Settings<Reading>,
    /// The report's form
    #[arg(long, value_name = "FORM", default_value = "text", help_heading = headings::RUN)]
    format: Form,
    /// How many findings of a rule are printed in the forms text and github; all are counted
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = headings::RUN)]
    max_findings: usize,
    /// What a rule means, why it matters and how to mend it; a group or "all": a table of rules
    #[arg(long, value_name = "CODE", value_parser = select::topic, help_heading = headings::RUN)]
    explain: Option<Selection>,
    /// Threads; the report never depends on it [default: all cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    #[arg(hide_short_help = true, help_heading = headings::RUN)]
    jobs: Option<u16>,
    /// No report: only the exit status, and errors
    #[arg(short, long, help_heading = headings::RUN)]
    quiet: bool,
}

/// The form of the report.
#[derive(Clone, Copy, ValueEnum)]
enum Form {
    Text,
    Json,
    Sarif,
    Github,
    Junit,
}

/// The least severity of a finding that makes the answer no.
#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Never,
}

impl FailOn {
    fn includes(self, rule: Rule) -> bool {
        match self {
            Self::Error => rule.severity() >= Severity::Error,
            Self::Warning => rule.severity() >= Severity::Warning,
            Self::Never => false,
        }
    }
}

impl Validate {
    pub fn run(&self) -> anyhow::Result<Answer> {
        if let Some(rules) = &self.explain {
            print(&explain(rules.as_slice()))?;
            return Ok(Answer::Yes);
        }
        let started = Instant::now();
        let call = self.call();
        let opened = call.open(super::convert::open)?;
        let bar = Bar::new(self.quiet);
        let progress = bar.progress();
        let watch = signals::watch(&progress);
        let threads = self.jobs.map_or(0, usize::from);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.context("cannot start threads")?;
        let folder = std::env::current_dir().ok();
        let judged = pool.install(|| opened.run(folder.as_deref(), &progress));
        drop(watch);
        bar.finish();
        let Judged { validation, rules } = judged?;
        if !self.quiet {
            print(&self.report(&validation, &rules, started.elapsed()))?;
        }
        let is_no = validation.findings.iter().any(|finding| self.fail_on.includes(finding.rule));
        Ok(if is_no { Answer::No } else { Answer::Yes })
    }

    /// The call as the library takes it.
    fn call(&self) -> Call {
        Call {
            paths: self.paths.clone(),
            named: self.parts.named.clone(),
            tables: self.parts.tables.clone(),
            splits: self.parts.splits.clone(),
            images: self.parts.images.clone(),
            preset: self.preset,
            trainer: self.trainer,
            classes: self.classes.clone().map(Stated::File),
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            settings: self.settings.given.clone(),
        }
    }

    fn report(&self, validation: &Validation, rules: &[Rule], elapsed: Duration) -> String {
        match self.format {
            Form::Text => {
                let is_coloured = colours::are_on(&std::io::stdout());
                text::render(validation, self.max_findings, elapsed, is_coloured)
            }
            Form::Json => json::render(validation),
            Form::Sarif => sarif::render(validation),
            Form::Github => github::render(validation, self.max_findings),
            Form::Junit => {
                junit::render(validation, rules, |rule| self.fail_on.includes(rule), elapsed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        validate: Validate,
    }

    fn parse(line: &str) -> Result<Validate, String> {
        let parsed = Cli::try_parse_from(line.split(' '));
        parsed.map(|cli| cli.validate).map_err(|error| error.to_string())
    }

    #[test]
    fn a_path_is_needed_unless_a_part_is_named_or_a_rule_explained() {
        for line in
            ["x .", "x --yolo labels", "x --images i", "x --explain all", "x . --voc a --voc b"]
        {
            assert!(parse(line).is_ok(), "{line}");
        }
        for line in ["x", "x --format json", "x --select geometry", "x . --images a --images b"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn the_request_has_the_parts_in_order_and_the_presets_options() {
        let args = parse(
            "x --voc v --coco b --coco a --csv t --splits s --preset fracatlas --task segment",
        );
        let request = args.unwrap().call().request(&[]).unwrap();
        let named: Vec<(&str, &str)> =
            request.named.iter().map(|(format, path)| (*format, path.to_str().unwrap())).collect();
        assert_eq!(named, [("coco", "b"), ("coco", "a"), ("voc", "v")]);
        assert_eq!((request.tables.len(), request.splits.len()), (1, 1));
        assert!(request.judge_table.is_some() && !request.conventions.is_empty());
        assert_eq!(request.settings.len(), 1);
        assert_eq!((&*request.settings[0].name, &*request.settings[0].value), ("task", "segment"));
    }

    #[test]
    fn an_unknown_code_is_named_with_the_way_to_the_list() {
        let Err(error) = parse("x . --ignore geometry,zero-ids") else { panic!("accepted") };
        assert!(error.contains("'zero-ids'"), "{error}");
        assert!(error.contains("annoconv validate --explain all"), "{error}");
    }

    #[test]
    fn the_answer_is_no_from_the_asked_severity_on() {
        let fails = |on: FailOn| {
            [Rule::UnusedClass, Rule::ZeroId, Rule::ZeroSize].map(|rule| on.includes(rule))
        };
        assert_eq!(fails(FailOn::Error), [false, false, true]);
        assert_eq!(fails(FailOn::Warning), [false, true, true]);
        assert_eq!(fails(FailOn::Never), [false; 3]);
    }
}
