//! Mending VIA files: single values of a JSON file are replaced.

use super::read::IMAGES;
use crate::error::{Result, brief};
use crate::files::has_extension;
use crate::files::patch::{Change, Patch};
use crate::format::{MendedImage, MendedObject, Mender, Patches};
use crate::geometry::{BBox, Coord};
use crate::json::JsonFile;
use crate::json::edit::{self, JsonRecord};
use crate::model::Shape;
use crate::rules::Rule;
use crate::tree::Files;
use serde_json::Value;
use std::collections::HashMap;
use std::ops::Range;

/// An image of the file.
struct Entry {
    key: Range<usize>,
    span: Range<usize>,
    /// Its regions, by the end of their pointers.
    regions: Vec<(String, Range<usize>)>,
}

pub struct VggMender {
    file: JsonFile,
    /// By their JSON pointers.
    entries: HashMap<String, Entry>,
    patch: Patch,
}

impl VggMender {
    /// None for a table: its cells cannot be replaced one by one.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn open(files: &Files) -> Result<Option<Self>> {
        let path = files.files.first().unwrap_or(&files.shown);
        if has_extension(path, &["csv"]) {
            return Ok(None);
        }
        let file = JsonFile::read(path)?;
        let (mut members, _) = file.members(&file.span());
        let (mut parent, mut start) = (String::new(), file.span().start);
        if let Some((_, span)) = members.iter().find(|(name, _)| name == IMAGES) {
            parent = format!("/{IMAGES}");
            start = span.start;
            members = file.members(&span.clone()).0;
        }
        let mut entries = HashMap::new();
        for (key, span) in members {
            let shown = brief(key.clone()).replace('~', "~0").replace('/', "~1");
            let regions = JsonRecord::new(&file, &span, "").value("regions");
            let regions = regions.and_then(|span| file.items(&span)).unwrap_or_default();
            let key = key_span(&file, start..span.start, &key);
            start = span.end;
            entries.insert(format!("{parent}/{shown}"), Entry { key, span, regions });
        }
        Ok(Some(Self { file, entries, patch: Patch::default() }))
    }

    fn region(&self, pointer: &str) -> Option<(&Entry, usize)> {
        let (image, name) = pointer.rsplit_once("/regions/")?;
        let entry = self.entries.get(image)?;
        Some((entry, entry.regions.iter().position(|(own, _)| own == name)?))
    }
}

/// The span of a key with its quotes, in the text before its value; empty where it has escapes.
fn key_span(file: &JsonFile, before: Range<usize>, key: &str) -> Range<usize> {
    let text = String::from_utf8_lossy(file.bytes(&before)).into_owned();
    let quoted = format!("\"{key}\"");
    let at = text.rfind(&quoted).map(|at| before.start + at);
    at.map_or(0..0, |at| at..at + quoted.len())
}

/// The members of `shape_attributes` that a shape or box has.
fn shape_members(
    bbox: Option<BBox>,
    shape: &Shape,
    is_closed: bool,
) -> Option<Vec<(&'static str, Vec<f64>)>> {
    match (shape, bbox) {
        (Shape::None, Some(bbox)) => {
            let names = ["x", "y", "width", "height"];
            Some(names.into_iter().zip(bbox.corner_and_size().map(|it| vec![it])).collect())
        }
        (Shape::Polygons(parts), _) => {
            let [part] = parts.as_slice() else { return None };
            let closing = part.exterior.first().filter(|_| is_closed);
            let points: Vec<&Coord<f64>> = part.exterior.iter().chain(closing).collect();
            let (xs, ys) = points.iter().map(|point| (point.x, point.y)).unzip();
            Some(vec![("all_points_x", xs), ("all_points_y", ys)])
        }
        _ => None,
    }
}

impl Mender for VggMender {
    fn object(&mut self, object: &MendedObject) -> bool {
        if object.keeps_geometry() {
            return true;
        }
        let pointer = object.place.pointer.as_deref().unwrap_or_default();
        let Some((entry, number)) = self.region(pointer) else { return false };
        let Some(after) = object.after else {
            let spans: Vec<Range<usize>> =
                entry.regions.iter().map(|(_, span)| span.clone()).collect();
            let parent = pointer.rsplit_once('/').unwrap_or_default();
            return edit::remove(&spans, number, parent, &mut self.patch);
        };
        let Some((_, span)) = entry.regions.get(number) else { return false };
        let shape = JsonRecord::new(&self.file, span, pointer).value("shape_attributes");
        let members = shape_members(after.bbox, &after.shape, after.is_closed);
        let Some((shape, members)) = shape.zip(members) else { return false };
        let pointer = format!("{pointer}/shape_attributes");
        let record = JsonRecord::new(&self.file, &shape, pointer);
        for (name, numbers) in members {
            let text = match numbers.as_slice() {
                [one] if !name.starts_with("all") => edit::number(*one),
                _ => edit::list(numbers, record.text(name).unwrap_or_default()),
            };
            record.set(&mut self.patch, name, &text);
        }
        true
    }

    fn image(&mut self, image: &MendedImage) -> bool {
        let pointer = image.place.pointer.as_deref().unwrap_or_default();
        let entry = self.entries.get(pointer);
        let Some(entry) = entry else { return false };
        if image.size.is_some() || image.is_unquoted || image.is_repeated {
            return false;
        }
        let record = JsonRecord::new(&self.file, &entry.span, pointer);
        let stated = |name: &str| record.text(name).and_then(|it| serde_json::from_str(it).ok());
        let name: String = stated("filename")
            .and_then(|it: Value| Some(it.as_str()?.to_owned()))
            .unwrap_or_default();
        let size = record.text("size").unwrap_or_default().trim_matches('"').to_owned();
        let new_name = image.file_name.clone().unwrap_or_else(|| name.clone());
        let new_size = image.bytes.map_or_else(|| size.clone(), |bytes| bytes.to_string());
        if image.file_name.is_some() {
            record.set(&mut self.patch, "filename", &Value::from(new_name.as_str()).to_string());
        }
        if image.bytes.is_some() {
            record.set(&mut self.patch, "size", &new_size);
        }
        // The key is the name, or the name and the size.
        let key = String::from_utf8_lossy(self.file.bytes(&entry.key)).into_owned();
        for (old, new) in [(name.clone(), new_name.clone()), (name + &size, new_name + &new_size)] {
            if old != new && serde_json::from_str(&key).ok() == Some(old) {
                let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
                let (path, to) = (pointer.to_owned(), format!("{parent}/{}", edit::token(&new)));
                self.patch.note(Change::Rename { path, to });
                self.patch.replace(entry.key.clone(), Value::from(new).to_string());
            }
        }
        true
    }

    fn part(&mut self, _rule: Rule) -> bool {
        false
    }

    fn finish(self: Box<Self>) -> Patches {
        let mut patches = Patches::default();
        patches.of(self.file.path()).add(self.patch);
        patches
    }
}
