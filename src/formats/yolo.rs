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

mod read;

use crate::classes;
use crate::error::{Error, Mismatch, Result};
use crate::fit;
use crate::format::{Arrangement, ClassFile, Format, Needs, Options, PerImage, Sink, Source, Task};
use crate::geometry::Size;
use crate::model::{Annotation, Header, Record};
use crate::numbers;
use crate::report::{Losses, Reason};
use std::path::{Path, PathBuf};

/// The format.
pub struct Yolo;

impl Format for Yolo {
    fn name(&self) -> &'static str {
        "yolo"
    }

    fn about(&self) -> &'static str {
        "YOLO, a text file an image"
    }

    fn holds(&self) -> &'static str {
        "boxes, or polygons of one ring; sizes come from the images"
    }

    fn detect(&self, path: &Path) -> Option<String> {
        read::detect(path)
    }

    fn arrangement(&self) -> Arrangement {
        Arrangement::FilePerImage("txt")
    }

    fn is_label(&self, file: &Path) -> Option<bool> {
        read::is_label_content(file)
    }

    fn passes_over(&self, file: &Path) -> bool {
        !read::is_label(file)
    }

    fn is_normalised(&self) -> bool {
        true
    }

    fn needs(&self, options: &Options) -> Needs {
        let boxes_only = options.task == Task::Detect;
        Needs { size: true, boxes_only, counts_members: true, ..Needs::default() }
    }

    fn open(&self, path: &Path, _needs: Needs, options: &Options) -> Result<Box<dyn Source>> {
        Ok(Box::new(read::YoloSource::open(path, options)?))
    }

    fn create(&self, header: &Header, options: &Options) -> Result<Sink> {
        let names: Vec<String> =
            header.categories.iter().map(|category| category.name.clone()).collect();
        if let Some(name) = names.iter().find(|name| name.contains(classes::is_odd)) {
            let expected = "a line without control characters";
            return Err(Error::malformed("class name", expected, format!("{name:?}")));
        }
        if names.iter().any(|name| name.trim().is_empty()) {
            return Err(Error::malformed("class name", "a name", "nothing"));
        }
        Ok(Sink::PerImage(Box::new(YoloWriter { names, options: options.clone() })))
    }
}

struct YoloWriter {
    names: Vec<String>,
    options: Options,
}

impl PerImage for YoloWriter {
    fn extension(&self) -> &'static str {
        "txt"
    }

    /// As `img2label_paths` of Ultralytics: the last folder `images` becomes `labels`.
    fn label_name(&self, file_name: &str) -> String {
        swap_folder(file_name, "images", "labels")
    }

    fn reserved(&self) -> &'static [&'static str] {
        &classes::NAMES
    }

    fn is_label(&self, path: &Path) -> bool {
        read::has_labels(path)
    }

    fn is_background(&self, bytes: &[u8]) -> bool {
        bytes.trim_ascii().is_empty()
    }

    fn write(&self, record: &Record, out: &mut Vec<u8>) -> Result<Losses> {
        let mut losses = Losses::default();
        let Some(size) = record.image.size else {
            let mismatch = Mismatch::new("its width and height", "none");
            let thing = format!("image {:?}", record.image.file_name);
            return Err(Error::new(crate::error::ErrorKind::Missing, thing, mismatch));
        };
        for (number, annotation) in record.annotations.iter().enumerate() {
            let object = Object { annotation, number, record, size };
            let class = fit::admit(annotation, number, self.options.crowd, &mut losses);
            let Some(class) = class else { continue };
            match self.options.task {
                Task::Detect => self.write_box(&object, class, out, &mut losses),
                Task::Segment => self.write_polygons(&object, class, out, &mut losses),
            }
        }
        fit::count_image_members(record.image, &mut losses);
        Ok(losses)
    }

    fn dataset_files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let ClassFile { name, line_end } = self.options.class_file;
        let lines: String = self.names.iter().flat_map(|name| [name.as_str(), line_end]).collect();
        vec![(PathBuf::from(name), lines.into_bytes())]
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
        let bbox = fit::bbox(annotation, number, record.image, &self.options, losses);
        let Some(bbox) = bbox else { return };
        if !bbox.is_proper() {
            return losses.annotation(Reason::ImproperBox, number);
        }
        let [cx, cy, w, h] = bbox.centre_and_size();
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let sides = [w / width, h / height];
        let half_a_unit = 0.5 * numbers::unit(self.options.precision);
        if sides.iter().any(|side| *side <= half_a_unit) {
            return losses.annotation(Reason::ImproperBox, number);
        }
        self.write_row(class, &[cx / width, cy / height, sides[0], sides[1]], out);
        fit::count_as_box(annotation, number, losses);
        fit::count_members(annotation, number, !annotation.extra.is_empty(), losses);
    }

    fn write_polygons(
        &self,
        object: &Object,
        class: usize,
        out: &mut Vec<u8>,
        losses: &mut Losses,
    ) {
        let Object { annotation, number, record, size } = *object;
        let Some(parts) = fit::polygons(annotation, number, record.image, losses) else { return };
        let Some(parts) = fit::within(parts, number, record.image, &self.options, losses) else {
            return;
        };
        let rings = fit::rings(&parts, number, self.options.multipart, losses);
        if rings.is_empty() {
            return losses.annotation(Reason::EmptyShape, number);
        }
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        for ring in rings {
            let numbers: Vec<f64> =
                ring.iter().flat_map(|point| [point.x / width, point.y / height]).collect();
            self.write_row(class, &numbers, out);
        }
        fit::count_members(annotation, number, !annotation.extra.is_empty(), losses);
    }

    fn write_row(&self, class: usize, numbers: &[f64], out: &mut Vec<u8>) {
        out.extend_from_slice(class.to_string().as_bytes());
        for &number in numbers {
            out.push(b' ');
            numbers::fixed(out, number, self.options.precision);
        }
        out.push(b'\n');
    }
}
