//! YOLO: one text file an image, one row an object.
//!
//! | what | how |
//! |---|---|
//! | box | `class cx cy w h`, divided by the image's width and height |
//! | polygon | `class x1 y1 x2 y2 …`, divided likewise, one ring a row |
//! | class | its index in a list of names beside the labels |
//! | image size | not stated: from the images, or another dataset |
//! | background image | an empty file |
//!
//! Source: the detection and segmentation dataset pages of Ultralytics' documentation and
//! `verify_image_label` in `ultralytics/data/utils.py`.

mod find;
mod mend;
mod read;

use crate::classes;
use crate::error::{Error, Mismatch, Result};
use crate::fit::{self, ClassNames, Fit};
use crate::format::{
    Arrangement, Chosen, Classes, Document, Format, List, Mender, Names, Naming, Numbers, Opened,
    Pieces, Profile, Run, Setting, Side, Values, Wants, Writer, choice,
};
use crate::geometry::{Inset, Size};
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Header, Image, Record, Shape};
use crate::numbers;
use crate::tree::{Files, Found, Tree};
use std::path::Path;

/// The format.
pub struct Yolo;

const PROFILE: Profile = Profile {
    name: "yolo",
    aliases: &["ultralytics", "yolov5", "yolov8", "yolo11", "darknet"],
    about: "YOLO, a text file an image",
    holds: "boxes, or polygons of one ring; sizes come from the images",
    arrangement: Arrangement::FilePerImage("txt"),
    numbers: Numbers::Fractions,
    classes: Classes::Listed,
    names: Names::Stem,
    has_sizes: false,
    has_ids: false,
    has_shapes: false,
    rank: 3,
};

choice! {
    /// What a row holds.
    Task {
        /// A box: `class cx cy w h`.
        Detect "detect",
        /// A polygon: `class x1 y1 x2 y2 …`.
        Segment "segment",
    }
}

choice! {
    /// What ends the lines of the class list.
    LineEnd {
        /// A line feed.
        Lf "lf",
        /// A carriage return and a line feed.
        CrLf "crlf",
    }
}

const SETTINGS: &[Setting] = &[
    Setting {
        name: "task",
        side: Side::Both,
        values: Values::Choice(Task::NAMES),
        default: "read: what the rows are; written: detect",
        help: "YOLO rows: boxes or polygons",
    },
    Setting {
        name: "precision",
        side: Side::Write,
        values: Values::Whole(1..=17),
        default: "6",
        help: "YOLO decimals",
    },
    Setting {
        name: "class-file",
        side: Side::Write,
        values: Values::Text("NAME"),
        default: "classes.txt",
        help: "The name of the list of classes beside YOLO labels",
    },
    Setting {
        name: "line-end",
        side: Side::Write,
        values: Values::Choice(LineEnd::NAMES),
        default: "lf",
        help: "What ends the lines of that list",
    },
    fit::MULTIPART,
    fit::HOLES,
    fit::RINGS,
    fit::CROWD,
    fit::BOUNDS,
];

impl Format for Yolo {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn settings(&self) -> &'static [Setting] {
        SETTINGS
    }

    fn find(&self, tree: &Tree) -> Found {
        find::find(tree)
    }

    fn wants(&self, settings: &Chosen) -> Wants {
        let shapes = settings.choice("task") == Some(Task::Segment);
        Wants { size: true, shapes, ..Wants::BOXES }
    }

    fn open(&self, files: &Files, settings: &Chosen, wants: Wants, run: &Run) -> Result<Opened> {
        read::YoloSource::open(files, settings, wants.remarks, run)
    }

    fn create(&self, header: &Header, settings: &Chosen) -> Result<Box<dyn Writer>> {
        let classes = ClassNames::of(header);
        if let Some(name) = classes.names().iter().find(|name| name.contains(classes::is_odd)) {
            let expected = "a line without control characters";
            return Err(Error::malformed("class name", expected, format!("{name:?}")));
        }
        classes.refuse_empty()?;
        let list = settings.text("class-file").unwrap_or("classes.txt").to_owned();
        if !classes::NAMES.contains(&list.as_str()) || !list.ends_with(".txt") {
            let names = classes::NAMES.join(", ");
            let mismatch = Mismatch::new(format!("a text file of {names}"), format!("{list:?}"));
            return Err(Error::new(crate::error::ErrorKind::Usage, "class-file", mismatch));
        }
        let line_end = match settings.choice("line-end") {
            Some(LineEnd::CrLf) => "\r\n",
            Some(LineEnd::Lf) | None => "\n",
        };
        Ok(Box::new(YoloWriter {
            lost: fit::header_losses(header, &[]),
            classes,
            list,
            line_end,
            task: settings.choice("task").unwrap_or(Task::Detect),
            precision: settings.whole("precision").unwrap_or(6),
            fit: Fit::of(settings),
        }))
    }

    fn mender(&self, files: &Files, _settings: &Chosen) -> Result<Option<Box<dyn Mender>>> {
        Ok(Some(Box::new(mend::YoloMender::new(files))))
    }
}

struct YoloWriter {
    classes: ClassNames,
    list: String,
    line_end: &'static str,
    task: Task,
    precision: usize,
    fit: Fit,
    lost: Losses,
}

impl Writer for YoloWriter {
    /// As `img2label_paths` of Ultralytics: the last folder `images` becomes `labels`.
    fn own_files(&self) -> Option<Naming> {
        Some(Naming {
            extension: "txt",
            image_folders: &["images"],
            folder: "labels",
            reserved: &classes::NAMES,
            keeps_place: false,
        })
    }

    fn document(&self) -> Option<Box<dyn Document>> {
        None
    }

    fn lists(&self) -> Vec<List> {
        let names = self.classes.names();
        let lines: String = names.iter().flat_map(|name| [name.as_str(), self.line_end]).collect();
        vec![List { name: self.list.clone(), bytes: lines.into_bytes() }]
    }

    fn is_own(&self, path: &Path) -> bool {
        find::has_labels(path)
    }

    fn is_background(&self, bytes: &[u8]) -> bool {
        bytes.trim_ascii().is_empty()
    }

    fn key(&self, _image: &Image) -> Option<String> {
        None
    }

    fn encode(&self, record: &Record, losses: &mut Losses) -> Result<Pieces> {
        let Some(size) = record.image.size else {
            let mismatch = Mismatch::new("its width and height", "none");
            let thing = format!("image {:?}", record.image.file_name);
            return Err(Error::new(crate::error::ErrorKind::Missing, thing, mismatch));
        };
        let mut out = Vec::new();
        for (number, annotation) in record.annotations.iter().enumerate() {
            let object = Object { annotation, number, record, size };
            let Some(class) = self.classes.admit(annotation, number, &self.fit, losses) else {
                continue;
            };
            match self.task {
                Task::Detect => self.write_box(&object, class, &mut out, losses),
                Task::Segment => self.write_polygons(&object, class, &mut out, losses)?,
            }
        }
        fit::count_image_members(record.image, &[], losses);
        Ok(Pieces { own: Some(out), ..Pieces::default() })
    }

    fn numbers(&self) -> Vec<(String, String)> {
        let names = self.classes.names().iter().enumerate();
        names.map(|(number, name)| (number.to_string(), name.clone())).collect()
    }

    fn count_header(&self, losses: &mut Losses) {
        losses.append(&self.lost);
    }
}

/// A path with the last folder of a name in it renamed.
fn swap_folder(path: &str, from: &str, to: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    let folders = parts.split_last_mut().map(|(_, folders)| folders).unwrap_or_default();
    if let Some(last) = folders.iter_mut().rev().find(|folder| **folder == from) {
        *last = to;
    }
    parts.join("/")
}

/// One annotation on its way into a row.
struct Object<'a> {
    annotation: &'a Annotation,
    number: usize,
    record: &'a Record<'a>,
    size: Size,
}

impl YoloWriter {
    /// `class cx cy w h` as `(x + w / 2) / W`, `(y + h / 2) / H`, `w / W`, `h / H`, in this
    /// order of operations (FracAtlas; the same as Ultralytics' and pylabel's).
    ///
    /// A box of no width or height, as it would be printed, is left out, as Ultralytics' own converter
    /// does.
    fn write_box(&self, object: &Object, class: usize, out: &mut Vec<u8>, losses: &mut Losses) {
        let Object { annotation, number, record, size } = *object;
        let bbox = self.fit.bbox(annotation, number, record.image, losses);
        let Some(bbox) = bbox else { return };
        if !bbox.is_proper() {
            return losses.annotation(Reason::ImproperBox, number);
        }
        let [cx, cy, w, h] = bbox.centre_and_size();
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let sides = [w / width, h / height];
        if sides.iter().any(|side| numbers::units(*side, self.precision) == Some(0)) {
            return losses.annotation(Reason::ImproperBox, number);
        }
        self.write_row(class, &[cx / width, cy / height, sides[0], sides[1]], out);
        fit::count_as_box(annotation, number, losses);
        fit::count_members(annotation, number, &[], losses);
    }

    fn write_polygons(
        &self,
        object: &Object,
        class: usize,
        out: &mut Vec<u8>,
        losses: &mut Losses,
    ) -> Result<()> {
        let Object { annotation, number, size, .. } = *object;
        // What becomes of the rings counts only where one of them is written.
        let mut own = Losses::default();
        let rings = self.printed_rings(object, size, &mut own)?;
        let is_flat = rings.as_ref().is_some_and(|(rows, _)| rows.is_empty());
        if is_flat {
            let is_box = annotation.shape == Shape::None;
            let reason = if is_box { Reason::ImproperBox } else { Reason::EmptyShape };
            losses.annotation(reason, number);
            return Ok(());
        }
        losses.append(&own);
        let Some((rows, count)) = rings else { return Ok(()) };
        if rows.len() < count {
            losses.annotation(Reason::PartsDropped, number);
        }
        rows.iter().for_each(|numbers| self.write_row(class, numbers, out));
        fit::count_members(annotation, number, &[], losses);
        Ok(())
    }

    /// The rings of an object as fractions, without those that are printed without an area, and how
    /// many there are with these; `None`, counted, where the object has none.
    fn printed_rings(
        &self,
        object: &Object,
        size: Size,
        losses: &mut Losses,
    ) -> Result<Option<(Vec<Vec<f64>>, usize)>> {
        let Object { annotation, number, record, .. } = *object;
        let inset = Inset::of_fractions(size, self.precision);
        let outlines = self.fit.outlines(annotation, number, record.image, inset, losses)?;
        let Some((parts, made)) = outlines else { return Ok(None) };
        let parts = self.fit.within(parts, number, record.image, losses);
        let Some(parts) = parts else { return Ok(None) };
        let rings = self.fit.rings(&parts, made, number, losses);
        if rings.is_empty() {
            losses.annotation(Reason::EmptyShape, number);
            return Ok(None);
        }
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let fractions = rings.iter().map(|ring| -> Vec<f64> {
            ring.iter().flat_map(|point| [point.x / width, point.y / height]).collect()
        });
        let rows = fractions.filter(|numbers| !self.is_flat(numbers)).collect();
        Ok(Some((rows, rings.len())))
    }

    /// Whether a ring has no area as it would be printed: its points are one, or on one line.
    fn is_flat(&self, numbers: &[f64]) -> bool {
        let units = |number: &f64| numbers::units(*number, self.precision).map(i128::from);
        let units: Option<Vec<i128>> = numbers.iter().map(units).collect();
        let Some(units) = units else { return false };
        let (points, _) = units.as_chunks::<2>();
        let Some(&[x, y]) = points.first() else { return true };
        let mut steps = points
            .iter()
            .map(|[next_x, next_y]| [next_x.saturating_sub(x), next_y.saturating_sub(y)]);
        let Some([dx, dy]) = steps.find(|step| *step != [0, 0]) else { return true };
        steps.all(|[other_x, other_y]| dx.saturating_mul(other_y) == dy.saturating_mul(other_x))
    }

    fn write_row(&self, class: usize, numbers: &[f64], out: &mut Vec<u8>) {
        out.extend_from_slice(class.to_string().as_bytes());
        for &number in numbers {
            out.push(b' ');
            // A number that prints as 0 has no sign.
            let is_zero = numbers::units(number, self.precision) == Some(0);
            numbers::fixed(out, if is_zero { 0.0 } else { number }, self.precision);
        }
        out.push(b'\n');
    }
}
