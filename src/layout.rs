//! Where trainers look: the folders and names in which each of them loads a dataset without another
//! step.
//!
//! A layout is a table of names. What is written into the files is the format's business.

mod arrange;
mod devkit;
mod imagefolder;
mod instances;
mod roboflow;
pub mod ultralytics;

pub use arrange::Arrange;

use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::format::{Convention, List};
use crate::model::Image;
use std::path::{Path, PathBuf};

/// How a trainer wants a dataset to lie. In its paths `{}` stands for the name of a subset.
#[derive(Debug)]
pub struct Layout {
    /// The name of the trainer.
    pub name: &'static str,
    /// One line for a list of trainers.
    pub about: &'static str,
    /// The format that is written.
    pub format: &'static str,
    /// What it calls the subsets to train on, to validate on, and to test on.
    pub subsets: [&'static str; 3],
    /// How many of these it needs to begin.
    pub needs: usize,
    /// Whether it needs an object in each subset.
    pub needs_objects: bool,
    /// The folder of the images.
    pub images: &'static str,
    /// Whether it finds an image of this name.
    pub finds: fn(&str) -> bool,
    /// The folder of the own files of images, where the format has such.
    pub own: &'static str,
    /// The file that images share, where the format has one.
    pub document: &'static str,
    /// The id of the first class, where the trainer takes ids for its own numbers: the others follow it.
    pub first_class: Option<i64>,
    /// Settings that it needs.
    pub conventions: &'static [Convention],
    /// The lists that it reads, in place of the writer's own.
    pub lists: fn(&Contents) -> Vec<List>,
}

/// What is in a dataset that was arranged, for the lists of a layout.
#[derive(Debug)]
pub struct Contents<'a> {
    /// The names of the classes, in order.
    pub classes: Vec<String>,
    /// The subsets by the trainer's names, in its order, each with its images.
    pub subsets: Vec<(&'static str, Vec<&'a Image>)>,
}

/// All layouts. Where a trainer has several, the first is the default and the format chooses.
pub static LAYOUTS: &[&Layout] = &[
    &ultralytics::ULTRALYTICS,
    &roboflow::RFDETR,
    &instances::DETECTRON2,
    &instances::MMDETECTION,
    &instances::TORCHVISION,
    &devkit::DETECTRON2,
    &devkit::MMDETECTION,
    &devkit::TORCHVISION,
    &imagefolder::HF,
];

/// The layouts of a trainer, by its name.
pub fn by_name(name: &str) -> Vec<&'static Layout> {
    LAYOUTS.iter().filter(|it| it.name == name).copied().collect()
}

/// The layout of a trainer for a format: its first one where no format is asked for.
///
/// # Errors
/// Where the trainer has none for that format.
pub fn of(layouts: &[&'static Layout], format: Option<&str>) -> Result<&'static Layout> {
    let wished = |it: &&&Layout| format.is_none_or(|format| it.format == format);
    layouts.iter().find(wished).copied().ok_or_else(|| {
        let name = layouts.first().map_or("", |it| it.name);
        let known: Vec<&str> = layouts.iter().map(|it| it.format).collect();
        let expected = format!("a format that {name} reads ({})", known.join(", "));
        let mismatch = Mismatch::new(expected, format.unwrap_or_default());
        Error::new(ErrorKind::Usage, "--to", mismatch)
    })
}

impl Layout {
    /// The place of an image below the output.
    pub fn image_path(&self, image: &Image) -> PathBuf {
        PathBuf::from(self.folder(self.images, image)).join(&image.file_name)
    }

    /// The folder of an image's own file below the output.
    pub fn own_folder(&self, image: &Image) -> PathBuf {
        PathBuf::from(self.folder(self.own, image))
    }

    /// Whether a path below the output lies in a folder of own files.
    pub fn has_own(&self, path: &Path) -> bool {
        let folders = self.subsets.iter().map(|subset| self.own.replace("{}", subset));
        folders.into_iter().any(|folder| path.starts_with(folder))
    }

    /// The file below the output that the images of a subset share.
    pub fn document_path(&self, subset: &str) -> PathBuf {
        PathBuf::from(self.document.replace("{}", subset))
    }

    fn folder(&self, pattern: &str, image: &Image) -> String {
        pattern.replace("{}", image.subset.as_deref().unwrap_or_default())
    }

    /// What a person must know who reads the output with something else than the trainer.
    pub fn note(&self) -> Option<String> {
        let others =
            self.conventions.iter().filter(|own| matches!(own.name, "origin" | "far-edge"));
        let options: Vec<String> =
            others.map(|own| format!("--read-{} {}", own.name, own.value)).collect();
        let name = self.name;
        (!options.is_empty()).then(|| {
            format!("pixels are counted as {name} does; {} reads them back", options.join(" "))
        })
    }

    /// What the trainer calls a subset: `valid` is its `val`.
    pub fn subset(&self, name: &str) -> Option<&'static str> {
        let place = match name.to_lowercase().as_str() {
            "train" | "training" => 0,
            "val" | "valid" | "validate" | "validation" | "dev" => 1,
            "test" | "testing" => 2,
            _ => return None,
        };
        self.subsets.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Chosen, Side};
    use crate::formats;

    #[test]
    fn layouts_name_formats_and_settings_that_are_there() {
        for layout in LAYOUTS {
            let format = formats::by_name(layout.format).unwrap();
            assert_eq!(format.name(), layout.format);
            for own in layout.conventions {
                assert_eq!(own.format, layout.format);
                let chosen =
                    Chosen::new().with(format.settings(), Side::Write, own.name, own.value);
                assert!(chosen.is_ok(), "{own:?}");
            }
            let is_per_image = format.profile().arrangement.is_per_image();
            assert_eq!(
                (layout.own.is_empty(), layout.document.is_empty()),
                (!is_per_image, is_per_image)
            );
            assert!(by_name(layout.name).iter().any(|it| it.format == layout.format));
        }
    }

    #[test]
    fn subsets_get_the_trainers_names() {
        let roboflow = by_name("rfdetr")[0];
        for (name, own) in [
            ("train", Some("train")),
            ("val", Some("valid")),
            ("validation", Some("valid")),
            ("Test", Some("test")),
            ("fold1", None),
        ] {
            assert_eq!(roboflow.subset(name), own, "{name}");
        }
    }
}
