//! The options of every conversion.

use super::edits::Edits;
use super::settings::{Scope, Settings};
use super::{headings, named};
use crate::classes::Stated;
use crate::convert::request::{Doing, Request};
use crate::files::place::Placing;
use crate::format::Format;
use crate::presets::{PRESETS, Preset, by_name};
use crate::trainers::Trainer;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Args)]
pub struct ConvertOptions<S: Scope> {
    /// Folder of the image files [default: the folders of the dataset's own layout]
    ///
    /// It is searched recursively. Sizes are those as displayed (EXIF applied). An image that the
    /// source does not name becomes a negative
    #[arg(long, value_name = "DIR", conflicts_with = "sizes", help_heading = headings::INPUT)]
    pub images: Option<PathBuf>,
    /// Take image sizes from a file of annotations instead
    #[arg(long, value_name = "COCO.json", help_heading = headings::INPUT)]
    pub sizes: Option<PathBuf>,
    /// Class names in order: a text file, or data.yaml [default: what the source states]
    ///
    /// For YOLO that is the list beside the labels or above them
    #[arg(long, value_name = "FILE", help_heading = headings::INPUT)]
    pub classes: Option<PathBuf>,
    /// An image whose size is needed is not found: stop, or leave it out, counted
    #[arg(long, value_name = "WHAT", default_value = "error", hide_short_help = true)]
    #[arg(help_heading = headings::INPUT)]
    missing_images: MissingImages,
    /// A file or record cannot be read: stop, or leave it out, counted
    #[arg(long, value_name = "WHAT", default_value = "stop", hide_short_help = true)]
    #[arg(help_heading = headings::INPUT)]
    on_error: OnError,
    /// The conventions of a published dataset
    #[arg(long, value_name = "NAME", value_parser = presets(), hide_short_help = true)]
    #[arg(help_heading = headings::INPUT)]
    pub preset: Option<&'static Preset>,
    /// What to write; - is standard output, for a single file
    #[arg(short, long, value_name = "PATH", help_heading = headings::OUTPUT)]
    pub output: PathBuf,
    /// Write all that this trainer loads, in its folders: labels, lists and images
    #[arg(long = "for", id = "trainer", value_name = "TRAINER", value_parser = named::trainers())]
    #[arg(help_heading = headings::OUTPUT)]
    pub trainer: Option<&'static Trainer>,
    /// With --for: how images get there
    #[arg(long, value_name = "HOW", default_value = "copy", requires = "trainer")]
    #[arg(hide_short_help = true, help_heading = headings::OUTPUT)]
    pub place: Place,
    /// Images without annotations [default: keep; preset fracatlas: skip in VGG]
    #[arg(long, value_name = "WHAT", hide_short_help = true, help_heading = headings::OUTPUT)]
    negatives: Option<Negatives>,
    /// Replace files at PATH
    #[arg(long, help_heading = headings::OUTPUT)]
    pub overwrite: bool,
    /// Remove label files at PATH that this run does not produce
    ///
    /// With --for also the images and lists of the trainer's folders
    #[arg(long, requires = "overwrite", hide_short_help = true, help_heading = headings::OUTPUT)]
    pub prune: bool,
    /// Write nothing; compare what would be written with what is at PATH
    ///
    /// Exit 1 and a list where something differs, is missing or is stale
    #[arg(long, conflicts_with_all = ["dry_run", "overwrite"], help_heading = headings::OUTPUT)]
    pub check: bool,
    /// Everything but the writing
    #[arg(long, help_heading = headings::OUTPUT)]
    pub dry_run: bool,
    /// Any loss: exit 1, nothing written
    #[arg(long, help_heading = headings::OUTPUT)]
    pub strict: bool,
    #[command(flatten)]
    pub edits: Edits,
    #[command(flatten)]
    pub settings: Settings<S>,
    /// The report's form
    #[arg(long, value_name = "FORM", default_value = "text", help_heading = headings::RUN)]
    pub report: ReportForm,
    /// Threads; the bytes written never depend on it [default: all cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    #[arg(hide_short_help = true, help_heading = headings::RUN)]
    pub jobs: Option<u16>,
    /// No progress and no report; errors only
    #[arg(short, long, help_heading = headings::RUN)]
    pub quiet: bool,
}

/// How images get into a trainer's folders.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Place {
    /// A copy; one that shares its blocks with the file where the file system can
    Copy,
    /// A copy that shares its blocks with the file, or an error
    Reflink,
    /// Another name of the same file
    Hardlink,
    /// A link to the file
    Symlink,
    /// Labels only
    None,
}

impl From<Place> for Placing {
    fn from(place: Place) -> Self {
        match place {
            Place::Copy => Self::Copy,
            Place::Reflink => Self::Reflink,
            Place::Hardlink => Self::Hardlink,
            Place::Symlink => Self::Symlink,
            Place::None => Self::None,
        }
    }
}

/// The form of the report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    Text,
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Negatives {
    Keep,
    Skip,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MissingImages {
    Error,
    Skip,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnError {
    Stop,
    Skip,
}

/// A preset by its name.
pub fn presets() -> impl TypedValueParser<Value = &'static Preset> {
    let names = PossibleValuesParser::new(PRESETS.iter().map(|preset| preset.name));
    names.try_map(|name| by_name(&name).ok_or("no preset has this name"))
}

impl<S: Scope> ConvertOptions<S> {
    /// The conversion as the library takes it.
    pub fn request(
        &self,
        from: Option<&'static dyn Format>,
        to: Option<&'static dyn Format>,
        inputs: &[PathBuf],
    ) -> anyhow::Result<Request> {
        let Self { check, dry_run, overwrite, prune, strict, .. } = *self;
        Ok(Request {
            from,
            inputs: inputs.to_vec(),
            to,
            trainer: self.trainer,
            output: self.output.clone(),
            placing: self.trainer.map(|_| self.place.into()),
            images: self.images.clone(),
            sizes: self.sizes.clone(),
            classes: self.classes.clone().map(Stated::File),
            preset: self.preset,
            skips_negatives: self.negatives.map(|it| it == Negatives::Skip),
            skips_missing: self.missing_images == MissingImages::Skip,
            skips_unreadable: self.on_error == OnError::Skip,
            doing: Doing { check, dry_run, overwrite, prune, strict },
            edits: self.edits.asked()?,
            settings: self.settings.given.clone(),
        })
    }
}
