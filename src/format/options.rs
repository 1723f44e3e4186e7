//! The conventions of reading and writing.

use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::progress::Progress;

/// What to do with images without annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Negatives {
    /// Write them, with nothing in them.
    Keep,
    /// Leave them out.
    Skip,
}

/// What to do where an image whose size is needed is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingImages {
    /// Stop before anything is written.
    Error,
    /// Leave that image out, counted.
    Skip,
}

/// What a YOLO row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// A box: `class cx cy w h`.
    Detect,
    /// A polygon: `class x1 y1 x2 y2 …`.
    Segment,
}

/// An object of several parts in a format that holds one ring an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multipart {
    /// Join the parts by bridges.
    Join,
    /// Make each part an object.
    Split,
    /// Keep the part of the largest area.
    Largest,
}

/// Crowd annotations in a format without crowds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crowd {
    /// Leave them out, counted.
    Skip,
    /// Write them as if they were single objects.
    Keep,
}

/// Shapes that leave the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounds {
    /// Cut at the border, counted.
    Clip,
    /// Write as stated.
    Keep,
    /// Leave out, counted.
    Drop,
}

/// How Pascal VOC's coordinates become whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, halves away from zero.
    Nearest,
    /// Towards zero, as `int()` in Python and C.
    Truncate,
    /// The mins down, the maxs up: nothing of the object is cut off.
    Outward,
    /// Not at all.
    None,
}

/// The generation of VGG Image Annotator whose files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// 1.x: regions an object, members `fileref` and `base64_img_data`.
    One,
    /// 2.x: regions a list.
    Two,
}

/// The key of an image in a VIA file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViaKey {
    /// File name and file size, as VIA itself writes it.
    NameAndSize,
    /// The file name alone, as make-sense writes it.
    Name,
}

/// The file beside YOLO labels that lists the classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassFile {
    /// Its name.
    pub name: &'static str,
    /// What ends each of its lines.
    pub line_end: &'static str,
}

/// The conventions of a conversion, all with the defaults of the command line.
#[derive(Debug, Clone)]
pub struct Options {
    /// Images without annotations.
    pub negatives: Negatives,
    /// Images whose size is needed and not found.
    pub missing_images: MissingImages,
    /// Whether a reader passes over what it cannot read, and keeps it as [`faults`](super::Source::faults); else
    /// the first fault is an error.
    pub tolerant: bool,
    /// Class names in order, instead of what the source states.
    pub classes: Option<Vec<String>>,
    /// YOLO: boxes or polygons are written.
    pub task: Task,
    /// YOLO: what rows of 9 columns are read as; unset, they are refused where no other row of
    /// the dataset tells that it holds polygons.
    pub read_task: Option<Task>,
    /// YOLO: decimals.
    pub precision: usize,
    /// YOLO: the list of classes.
    pub class_file: ClassFile,
    /// Objects of several parts in one-ring formats.
    pub multipart: Multipart,
    /// Crowds in formats without them.
    pub crowd: Crowd,
    /// Shapes that leave the image, in YOLO and VOC.
    pub bounds: Bounds,
    /// VOC: coordinates.
    pub rounding: Rounding,
    /// VOC: the number of the top-left pixel, 0 or 1.
    pub origin: u8,
    /// VOC: `<folder>` of images whose own folder is not stated.
    pub voc_folder: String,
    /// VOC: `<source><database>` where the source states none.
    pub voc_database: String,
    /// VGG: the generation.
    pub via: Via,
    /// VGG written as CSV instead of JSON.
    pub via_csv: bool,
    /// VGG: the key of an image.
    pub via_key: ViaKey,
    /// VGG: the region attribute that names the class.
    pub label_attribute: Option<String>,
    /// Who is told how far a run is.
    pub progress: Progress,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            negatives: Negatives::Keep,
            missing_images: MissingImages::Error,
            tolerant: false,
            classes: None,
            task: Task::Detect,
            read_task: None,
            precision: 6,
            class_file: ClassFile { name: "classes.txt", line_end: "\n" },
            multipart: Multipart::Join,
            crowd: Crowd::Skip,
            bounds: Bounds::Clip,
            rounding: Rounding::Nearest,
            origin: 0,
            voc_folder: "images".to_owned(),
            voc_database: "Unknown".to_owned(),
            via: Via::Two,
            via_csv: false,
            via_key: ViaKey::NameAndSize,
            label_attribute: None,
            progress: Progress::default(),
        }
    }
}

impl Options {
    /// The conventions of the published FracAtlas files (docs/fracatlas.md).
    ///
    /// `negatives` is a convention of its VGG file alone: the caller skips them there.
    pub fn fracatlas() -> Self {
        Self {
            precision: 4,
            class_file: ClassFile { name: "labels.txt", line_end: "\r\n" },
            bounds: Bounds::Keep,
            rounding: Rounding::Truncate,
            voc_folder: "PASCAL VOC".to_owned(),
            voc_database: "MLBFR".to_owned(),
            via: Via::One,
            via_key: ViaKey::Name,
            label_attribute: Some("label".to_owned()),
            ..Self::default()
        }
    }

    /// Refuses what no writer can do.
    ///
    /// # Errors
    /// Where the precision is not 1 to 17 or the origin neither 0 nor 1.
    pub fn verify(&self) -> Result<()> {
        let usage = |thing: &str, expected: &str, found: String| {
            Err(Error::new(ErrorKind::Usage, thing, Mismatch::new(expected, found)))
        };
        match self {
            Self { precision: 1..=17, origin: 0..=1, .. } => Ok(()),
            Self { precision: 1..=17, origin, .. } => usage("origin", "0 or 1", origin.to_string()),
            Self { precision, .. } => usage("precision", "1 to 17", precision.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_out_of_range_are_refused() {
        assert!(Options::default().verify().is_ok() && Options::fracatlas().verify().is_ok());
        for options in [
            Options { precision: 0, ..Options::default() },
            Options { precision: 18, ..Options::default() },
            Options { origin: 2, ..Options::default() },
        ] {
            assert_eq!(options.verify().unwrap_err().kind(), ErrorKind::Usage);
        }
    }
}
