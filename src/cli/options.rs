//! The options of every conversion, and how they become the library's.

use annoconv::classes;
use annoconv::format::{self, Options};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Args)]
pub struct ConvertOptions {
    /// What to write
    #[arg(short, long, value_name = "PATH")]
    pub output: PathBuf,
    /// Folder of the image files, searched recursively: sizes as displayed (EXIF applied), byte
    /// sizes; an image that the source does not name becomes a negative
    #[arg(long, value_name = "DIR", conflicts_with = "sizes")]
    pub images: Option<PathBuf>,
    /// Take image sizes from a COCO file instead
    #[arg(long, value_name = "COCO.json")]
    pub sizes: Option<PathBuf>,
    /// Images without annotations [default: keep; preset fracatlas: skip in VGG]
    #[arg(long, value_name = "WHAT")]
    negatives: Option<Negatives>,
    /// An image whose size is needed is not found: stop, or leave it out, counted
    #[arg(long, value_name = "WHAT", default_value = "error")]
    missing_images: MissingImages,
    /// The conventions of a published dataset
    #[arg(long, value_name = "NAME")]
    preset: Option<Preset>,
    /// Class names in order: a text file, or data.yaml [default: what the source states; for
    /// YOLO classes.txt, labels.txt, obj.names or data.yaml beside the labels]
    #[arg(long, value_name = "FILE")]
    pub classes: Option<PathBuf>,
    /// YOLO rows: boxes or polygons [default: detect]
    #[arg(long, value_name = "TASK")]
    task: Option<Task>,
    /// YOLO decimals, 1 to 17 [default: 6; preset fracatlas: 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=17))]
    precision: Option<u8>,
    /// An object of several parts in a format of one ring an object
    #[arg(long, value_name = "WHAT", default_value = "join")]
    multipart: Multipart,
    /// Crowd annotations in formats without crowds
    #[arg(long, value_name = "WHAT", default_value = "skip")]
    crowd: Crowd,
    /// Shapes that leave the image, in YOLO and VOC [default: clip; preset fracatlas: keep]
    #[arg(long, value_name = "WHAT")]
    bounds: Option<Bounds>,
    /// VOC coordinates [default: nearest; preset fracatlas: truncate]
    #[arg(long, value_name = "HOW")]
    rounding: Option<Rounding>,
    /// VOC: the top-left pixel's number, read and written
    #[arg(long, value_name = "0|1", default_value = "0", value_parser = clap::value_parser!(u8).range(0..=1))]
    origin: u8,
    /// VGG written as VIA 1.x or 2.x [default: 2; preset fracatlas: 1]
    #[arg(long, value_name = "1|2", value_parser = clap::value_parser!(u8).range(1..=2))]
    via: Option<u8>,
    /// VGG: the region attribute that names the class [default: the only one; else label, name,
    /// class, type in this order; written: label]
    #[arg(long, value_name = "NAME")]
    label_attribute: Option<String>,
    /// Write nothing; compare what would be written with what is at PATH, exit 1 and list what
    /// differs, is missing or is stale
    #[arg(long, conflicts_with_all = ["dry_run", "overwrite"])]
    pub check: bool,
    /// Everything but the writing
    #[arg(long)]
    pub dry_run: bool,
    /// Replace files at PATH
    #[arg(long)]
    pub overwrite: bool,
    /// Remove label files at PATH that this run does not produce
    #[arg(long, requires = "overwrite")]
    pub prune: bool,
    /// Any loss: exit 1, nothing written
    #[arg(long)]
    pub strict: bool,
    /// The report's form
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub report: ReportForm,
    /// Threads; the bytes written never depend on it [default: all cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// No progress and no report; errors only
    #[arg(short, long)]
    pub quiet: bool,
}

/// The form of the report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    Text,
    Json,
}

/// A published dataset whose conventions are followed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    Fracatlas,
}

/// A command line choice for each variant of a library's enum of the same name.
macro_rules! choices {
    ($($name:ident { $($variant:ident),+ })+) => {$(
        #[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
        pub enum $name { $($variant),+ }

        impl From<$name> for format::$name {
            fn from(choice: $name) -> Self {
                match choice { $($name::$variant => Self::$variant),+ }
            }
        }
    )+};
}

choices! {
    Negatives { Keep, Skip }
    MissingImages { Error, Skip }
    Task { Detect, Segment }
    Multipart { Join, Split, Largest }
    Crowd { Skip, Keep }
    Bounds { Clip, Keep, Drop }
    Rounding { Nearest, Truncate, Outward, None }
}

impl ConvertOptions {
    /// The library's options for a target: what was asked, else the preset's, else the default.
    pub fn resolve(&self, to: &str) -> anyhow::Result<Options> {
        let preset = match self.preset {
            Some(Preset::Fracatlas) => Options::fracatlas(),
            None => Options::default(),
        };
        let negatives = match self.preset {
            Some(Preset::Fracatlas) if to == "vgg" => format::Negatives::Skip,
            _ => preset.negatives,
        };
        let via = match self.via {
            Some(1) => format::Via::One,
            Some(_) => format::Via::Two,
            None => preset.via,
        };
        Ok(Options {
            negatives: self.negatives.map_or(negatives, Into::into),
            missing_images: self.missing_images.into(),
            classes: self.classes.as_deref().map(classes::read).transpose()?,
            task: self.task.map_or(preset.task, Into::into),
            read_task: self.task.map(Into::into),
            precision: self.precision.map_or(preset.precision, usize::from),
            multipart: self.multipart.into(),
            crowd: self.crowd.into(),
            bounds: self.bounds.map_or(preset.bounds, Into::into),
            rounding: self.rounding.map_or(preset.rounding, Into::into),
            origin: self.origin,
            via,
            via_csv: annoconv::files::has_extension(&self.output, &["csv"]),
            label_attribute: self.label_attribute.clone().or(preset.label_attribute.clone()),
            ..preset
        })
    }
}
