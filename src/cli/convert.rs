//! The conversions: one code, with the pair of formats fixed or named.

use super::options::{ConvertOptions, ReportForm};
use super::progress::Bar;
use super::settings::{Any, Scope};
use super::{Answer, colours, headings, named, print, signals, warn};
use crate::error::Result;
use crate::files::input::Input;
use crate::format::Format;
use crate::formats::by_name;
use crate::report::conversion::{self, Conversion};
use anyhow::{Context, anyhow};
use clap::Args;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A subcommand with a fixed pair of formats.
macro_rules! pair {
    ($name:ident, $command:literal, $from:literal, $to:literal, $value:literal, $input:literal, $examples:literal) => {
        #[derive(Args)]
        #[command(after_long_help = $examples)]
        pub struct $name {
            #[doc = $input]
            #[arg(value_name = $value, required = true)]
            inputs: Vec<PathBuf>,
            #[command(flatten)]
            options: ConvertOptions<Self>,
        }

        impl Scope for $name {
            const FROM: Option<&'static str> = Some($from);
            const TO: Option<&'static str> = Some($to);
        }

        impl $name {
            pub fn run(&self) -> anyhow::Result<Answer> {
                let to = by_name($to).context("the target's format")?;
                run($command, by_name($from), Some(to), &self.inputs, &self.options)
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
    "COCO files, or folders with such files; a file may be compressed (.gz, .zst), and - is standard input",
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
    "Folders of YOLO labels or whole datasets, with their lists of classes",
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
    "COCO files, or folders with such files; a file may be compressed (.gz, .zst), and - is standard input",
    "Examples:
  annoconv coco2vgg annotations.json --images images -o via.json
  annoconv coco2vgg annotations.json --via 1 --negatives skip -o via1.json --report json"
);

/// `convert`: the formats are named, that of the input may be left to detection.
#[derive(Args)]
#[command(after_long_help = "Examples:
  annoconv convert annotations.json --to yolo --task segment -o segments
  annoconv convert segments --from yolo --to coco --sizes annotations.json -o back.json
  annoconv convert annotations.json --from coco --to vgg --multipart split -o regions.csv
  annoconv convert annotations.json --to coco --keep fracture -o fractures.json
  annoconv convert annotations.json --to coco --split train=0.8,val=0.2 -o subsets
  annoconv convert subsets --images images --for ultralytics -o ready")]
pub struct Convert {
    /// Files, folders or whole datasets; several are merged
    ///
    /// A file may be compressed (.gz, .zst), and - is standard input
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    /// The format of the inputs [default: detected]
    #[arg(long, value_name = "FORMAT", value_parser = named::formats())]
    #[arg(help_heading = headings::INPUT)]
    from: Option<&'static dyn Format>,
    /// The format to write [default with --for: what the trainer reads]
    #[arg(long, value_name = "FORMAT", value_parser = named::formats())]
    #[arg(required_unless_present = "trainer", help_heading = headings::OUTPUT)]
    to: Option<&'static dyn Format>,
    #[command(flatten)]
    options: ConvertOptions<Any>,
}

impl Convert {
    pub fn run(&self) -> anyhow::Result<Answer> {
        run("convert", self.from, self.to, &self.inputs, &self.options)
    }
}

/// The input; `-` is standard input.
pub fn open(path: &Path) -> Result<Input> {
    match path.as_os_str() == "-" {
        true => Input::read(path, io::stdin().lock()),
        false => Input::open(path),
    }
}

/// Where the output is written.
enum Target {
    /// At a path.
    Path(PathBuf),
    /// To standard output, by way of a file in a folder that is removed with this.
    Stdout { path: PathBuf, folder: tempfile::TempDir },
}

impl Target {
    fn new(output: &Path, to: &dyn Format, is_folder: bool) -> anyhow::Result<Self> {
        if is_folder && output.as_os_str() == "-" {
            return Err(anyhow!("output: expected a folder, as --for writes one, found -"));
        }
        if output.as_os_str() != "-" {
            return Ok(Self::Path(output.to_path_buf()));
        }
        let profile = to.profile();
        if profile.arrangement.is_per_image() {
            let name = profile.name;
            return Err(anyhow!(
                "output: expected a folder, as {name} has a file an image, found -"
            ));
        }
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let extension = profile.arrangement.extensions().first().copied().unwrap_or("json");
        let path = folder.path().join(format!("output.{extension}"));
        Ok(Self::Stdout { path, folder })
    }

    fn path(&self) -> &Path {
        match self {
            Self::Path(path) | Self::Stdout { path, .. } => path,
        }
    }

    /// Hands over what was written.
    fn deliver(self) -> anyhow::Result<()> {
        let Self::Stdout { path, folder } = self else { return Ok(()) };
        let Ok(mut file) = std::fs::File::open(path) else { return Ok(()) };
        // Where an open file can be removed, nothing is left if the program dies while somebody reads.
        let _folder = (!cfg!(unix)).then_some(folder);
        match io::copy(&mut file, &mut io::stdout().lock()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }
}

fn run<S: Scope>(
    command: &str,
    from: Option<&'static dyn Format>,
    to: Option<&'static dyn Format>,
    inputs: &[PathBuf],
    options: &ConvertOptions<S>,
) -> anyhow::Result<Answer> {
    let started = Instant::now();
    let request = options.request(from, to, inputs)?;
    let opened = request.open(open)?;
    let target = Target::new(&options.output, request.to()?, options.trainer.is_some())?;
    let bar = Bar::new(options.quiet);
    let progress = bar.progress();
    let watch = signals::watch(&progress);
    let threads = options.jobs.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.context("cannot start threads")?;
    let done = pool.install(|| opened.run(target.path(), Vec::new(), &progress));
    drop(watch);
    bar.finish();
    let done = done?;
    if !options.quiet {
        let conversion = Conversion {
            command,
            from: &done.report.from,
            to: done.to,
            input: inputs.first().map_or(Path::new(""), PathBuf::as_path),
            output: &options.output,
            outcome: done.outcome,
            report: &done.report,
            elapsed: started.elapsed(),
        };
        print_report(&conversion, options.report);
    }
    target.deliver()?;
    Ok(if done.is_yes { Answer::Yes } else { Answer::No })
}

/// Prints the report. The conversion is done and stays done, so that it is only a warning if the
/// report cannot be printed.
fn print_report(conversion: &Conversion, form: ReportForm) {
    // Standard output is for the annotations, where these go there.
    let is_aside = conversion.output.as_os_str() == "-";
    let is_coloured =
        if is_aside { colours::are_on(&io::stderr()) } else { colours::are_on(&io::stdout()) };
    let text = match (form, is_coloured) {
        (ReportForm::Text, false) => conversion::text(conversion),
        (ReportForm::Text, true) => conversion::coloured(conversion),
        (ReportForm::Json, _) => conversion::json(conversion),
    };
    let printed = match is_aside {
        true => io::Write::write_all(&mut io::stderr(), text.as_bytes()).map_err(Into::into),
        false => print(&text),
    };
    if let Err(error) = printed {
        warn(&format!("the report could not be printed: {error}"));
    }
}
