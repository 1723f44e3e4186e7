//! The conversions: one code, with the pair of formats fixed or named.

use super::options::{ConvertOptions, ReportForm};
use super::progress::Bar;
use super::{Answer, print, warn};
use annoconv::convert::{self, Job, Mode};
use annoconv::files::input::Input;
use annoconv::format::Options;
use annoconv::formats::{self, FORMATS};
use annoconv::report::Report;
use annoconv::report::conversion::{self, Conversion, Outcome};
use anyhow::{Context, anyhow};
use clap::Args;
use clap::builder::PossibleValuesParser;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A subcommand with a fixed pair of formats.
macro_rules! pair {
    ($name:ident, $command:literal, $from:literal, $to:literal, $value:literal, $input:literal, $examples:literal) => {
        #[derive(Args)]
        #[command(after_help = $examples)]
        pub struct $name {
            #[doc = $input]
            #[arg(value_name = $value)]
            input: PathBuf,
            #[command(flatten)]
            options: ConvertOptions,
        }

        impl $name {
            pub fn run(&self) -> anyhow::Result<Answer> {
                run($command, $from, $to, &open(&self.input)?, &self.options)
            }
        }
    };
}

pair!(
    Coco2yolo,
    "coco2yolo",
    "coco",
    "yolo",
    "COCO.json",
    "The COCO instances file; it may be compressed (.gz, .zst), and - is standard input",
    "Examples:
  annoconv coco2yolo annotations.json -o labels
  annoconv coco2yolo annotations.json --images images --precision 4 -o labels4
  annoconv coco2yolo annotations.json --images images --precision 4 -o labels4 --check"
);
pair!(
    Yolo2voc,
    "yolo2voc",
    "yolo",
    "voc",
    "YOLO_DIR",
    "The folder of YOLO labels, with its list of classes",
    "Examples:
  annoconv yolo2voc labels --images images -o voc
  annoconv yolo2voc labels --sizes annotations.json --rounding outward --origin 1 -o voc1"
);
pair!(
    Coco2vgg,
    "coco2vgg",
    "coco",
    "vgg",
    "COCO.json",
    "The COCO instances file; it may be compressed (.gz, .zst), and - is standard input",
    "Examples:
  annoconv coco2vgg annotations.json --images images -o via.json
  annoconv coco2vgg annotations.json --via 1 --negatives skip -o via1.json --report json"
);

/// `convert`: the formats are named, that of the input may be left to detection.
#[derive(Args)]
#[command(after_help = "Examples:
  annoconv convert annotations.json --to yolo --task segment -o segments
  annoconv convert segments --from yolo --to coco --sizes annotations.json -o back.json
  annoconv convert annotations.json --from coco --to vgg --multipart split -o regions.csv")]
pub struct Convert {
    /// A file or folder of annotations; a file may be compressed (.gz, .zst), and - is standard input
    #[arg(value_name = "INPUT")]
    input: PathBuf,
    /// The format of the input [default: detected]
    #[arg(long, value_name = "FORMAT", value_parser = format_names())]
    from: Option<String>,
    /// The format to write
    #[arg(long, value_name = "FORMAT", value_parser = format_names())]
    to: String,
    #[command(flatten)]
    options: ConvertOptions,
}

fn format_names() -> PossibleValuesParser {
    PossibleValuesParser::new(FORMATS.iter().map(|format| format.name()))
}

impl Convert {
    pub fn run(&self) -> anyhow::Result<Answer> {
        let input = open(&self.input)?;
        let detected = || formats::detect(input.path()).map(|format| format.name());
        let from = match &self.from {
            Some(name) => name,
            None => detected().map_err(|error| input.restate(error))?,
        };
        run("convert", from, &self.to, &input, &self.options)
    }
}

/// The input; `-` is standard input.
pub fn open(path: &Path) -> anyhow::Result<Input> {
    Ok(match path.as_os_str() == "-" {
        true => Input::read(path, std::io::stdin().lock())?,
        false => Input::open(path)?,
    })
}

fn run(
    command: &str,
    from: &str,
    to: &str,
    input: &Input,
    options: &ConvertOptions,
) -> anyhow::Result<Answer> {
    let started = Instant::now();
    let sizes = options.sizes.as_deref().map(Input::open).transpose()?;
    if options.output.as_os_str() == "-" {
        return Err(anyhow!("output: expected a path, found -: standard output is not supported"));
    }
    let format = |name: &str| formats::by_name(name).ok_or_else(|| anyhow!("no format {name:?}"));
    let bar = Bar::new(options.quiet);
    let job = Job {
        from: format(from)?,
        input: input.path(),
        to: format(to)?,
        output: &options.output,
        options: Options { progress: bar.progress(), ..options.resolve(to)? },
        images: options.images.as_deref(),
        sizes: sizes.as_ref().map(Input::path),
        mode: mode(options),
    };
    // What the library reads may be an unpacked copy.
    let stated = [Some(input), sizes.as_ref()].into_iter().flatten().map(Input::stated);
    let stated = stated.chain(options.classes.as_deref());
    stated.into_iter().try_for_each(|stated| convert::refuse_input(&job, stated))?;
    let threads = options.jobs.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let done = pool.context("cannot start threads")?.install(|| convert::run(&job));
    bar.finish();
    let restate = |error| sizes.as_ref().unwrap_or(input).restate(input.restate(error));
    let done = done.map_err(restate)?;
    if !options.quiet {
        let conversion = Conversion {
            command,
            from: job.from.name(),
            to: job.to.name(),
            input: input.stated(),
            output: job.output,
            outcome: outcome(job.mode, &done),
            report: &done,
            elapsed: started.elapsed(),
        };
        print_report(&conversion, options.report);
    }
    let is_no = !done.differences.is_empty() || (options.strict && !done.losses.is_empty());
    Ok(if is_no { Answer::No } else { Answer::Yes })
}

fn mode(options: &ConvertOptions) -> Mode {
    let ConvertOptions { check, dry_run, overwrite, prune, strict, .. } = *options;
    match (check, dry_run) {
        (true, _) => Mode::Check,
        (_, true) => Mode::DryRun { overwrite, prune },
        _ => Mode::Write { overwrite, prune, strict },
    }
}

/// Prints the report. The conversion is done and stays done, so that it is only a warning if the
/// report cannot be printed.
fn print_report(conversion: &Conversion, form: ReportForm) {
    let text = match form {
        ReportForm::Text => conversion::text(conversion),
        ReportForm::Json => conversion::json(conversion),
    };
    if let Err(error) = print(&text) {
        warn(&format!("the report could not be printed: {error}"));
    }
}

/// What was done with the result, for the report.
fn outcome(mode: Mode, report: &Report) -> Outcome {
    match mode {
        Mode::Write { strict: true, .. } if !report.losses.is_empty() => Outcome::Refused,
        Mode::Write { .. } => Outcome::Written,
        Mode::DryRun { .. } => Outcome::Tried,
        Mode::Check => Outcome::Compared,
    }
}
