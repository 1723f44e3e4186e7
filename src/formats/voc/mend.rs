//! Mending Pascal VOC files: the text of single elements is replaced.

use super::object::FarEdge;
use super::read::read_root;
use crate::files;
use crate::format::{Chosen, MendedImage, MendedObject, Mender, Patches};
use crate::geometry::{Coord, Polygon};
use crate::json::edit;
use crate::model::Shape;
use crate::rules::Rule;
use crate::xml::{Element, XmlFile, decode};
use quick_xml::escape::escape;
use std::ops::Range;
use std::path::Path;

pub struct VocMender {
    origin: f64,
    far_edge: FarEdge,
    patches: Patches,
}

/// A file that is to be changed: its elements, and its text as it stands on disk.
struct Open {
    root: Element,
    text: String,
    /// Where the text starts in the file: behind a byte order mark.
    start: usize,
}

/// A file that is UTF-8. In another encoding a place in the text is not one in the file.
fn open(path: &Path) -> Option<Open> {
    let bytes = files::read(path).ok()?;
    let text = decode(bytes.clone()).ok()?;
    let start = bytes.len().checked_sub(text.len())?;
    (bytes.get(start..)? == text.as_bytes()).then_some(())?;
    let root = read_root(&XmlFile::read(path).ok()?).ok()?;
    Some(Open { root, text, start })
}

impl Open {
    /// Where the content of an element stands.
    fn inner(&self, element: &Element) -> Option<Range<usize>> {
        let rest = self.text.get(element.offset..)?;
        let open =
            rest.find('>').filter(|at| !rest.get(..*at).is_some_and(|it| it.ends_with('/')))?;
        let close = rest.find(&format!("</{}", element.name))?;
        Some(element.offset + open + 1..element.offset + close)
    }

    /// Where an element stands, with the blanks before it, so that no empty line is left.
    fn whole(&self, element: &Element) -> Option<Range<usize>> {
        let closing = format!("</{}>", element.name);
        let end = element.offset + self.text.get(element.offset..)?.find(&closing)? + closing.len();
        let before = self.text.get(..element.offset)?;
        Some(before.trim_end_matches([' ', '\t', '\r', '\n']).len()..end)
    }

    fn in_file(&self, range: Range<usize>) -> Range<usize> {
        range.start + self.start..range.end + self.start
    }
}

impl VocMender {
    pub fn new(settings: &Chosen) -> Self {
        Self {
            origin: settings.whole("origin").unwrap_or_default() as f64,
            far_edge: settings.choice("far-edge").unwrap_or(FarEdge::Exclusive),
            patches: Patches::default(),
        }
    }

    /// Replaces the text of an element; whether it has one.
    fn set(&mut self, path: &Path, file: &Open, element: Option<&Element>, text: &str) -> bool {
        let inner = element.and_then(|element| file.inner(element));
        let inner = inner.map(|inner| file.in_file(inner));
        inner.map(|inner| self.patches.of(path).replace(inner, text)).is_some()
    }

    fn set_box(&mut self, path: &Path, file: &Open, object: &Element, corners: [f64; 4]) -> bool {
        let Some(bndbox) = object.child("bndbox") else { return false };
        let far = self.far_edge.shift();
        let [x_min, y_min, x_max, y_max] = corners.map(|it| it + self.origin);
        let edges =
            [("xmin", x_min), ("ymin", y_min), ("xmax", x_max - far), ("ymax", y_max - far)];
        let stated = edges.iter().filter_map(|(name, _)| bndbox.child(name));
        let decimals = stated.map(|it| decimals_of(&it.text)).max().unwrap_or_default();
        edges.into_iter().fold(true, |is_done, (name, value)| {
            let value = rounded(value, decimals);
            self.set(path, file, bndbox.child(name), &value) && is_done
        })
    }

    fn set_rings(&mut self, path: &Path, file: &Open, object: &Element, parts: &[Polygon]) -> bool {
        let stated = object.children.iter().filter(|child| child.name == "polygon");
        let stated: Vec<&Element> = stated.filter(|it| !it.children.is_empty()).collect();
        let is_plain =
            |it: &&Element| it.children.iter().all(|child| child.name.starts_with(['x', 'y']));
        if stated.len() != parts.len() || !stated.iter().all(is_plain) {
            return false;
        }
        stated.iter().zip(parts).fold(true, |is_done, (polygon, part)| {
            let numbers = polygon.children.iter().map(|child| decimals_of(&child.text));
            let decimals = numbers.max().unwrap_or_default();
            let point = |(number, point): (usize, &Coord<f64>)| {
                let [x, y] = [point.x, point.y].map(|it| rounded(it + self.origin, decimals));
                format!("<x{number}>{x}</x{number}><y{number}>{y}</y{number}>")
            };
            let text: String = (1..).zip(&part.exterior).map(point).collect();
            self.set(path, file, Some(polygon), &text) && is_done
        })
    }
}

fn decimals_of(text: &str) -> usize {
    text.trim().split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

/// A number with so many decimals at most.
fn rounded(value: f64, decimals: usize) -> String {
    let power = 10f64.powi(decimals.min(12) as i32);
    edit::number((value * power).round() / power)
}

impl Mender for VocMender {
    fn object(&mut self, object: &MendedObject) -> bool {
        let path = &object.place.file;
        let Some(file) = open(path) else { return false };
        let found = file.root.children.iter().find(|it| it.offset == object.before.at);
        let Some(element) = found else { return false };
        let Some(after) = object.after else {
            let whole = file.whole(element).map(|whole| file.in_file(whole));
            return whole.map(|whole| self.patches.of(path).remove(whole)).is_some();
        };
        let mut is_done = true;
        if let Some(bbox) = after.bbox.filter(|_| after.bbox != object.before.bbox) {
            is_done &= self.set_box(path, &file, element, bbox.corners());
        }
        if let (true, Shape::Polygons(parts)) = (after.shape != object.before.shape, &after.shape) {
            is_done &= self.set_rings(path, &file, element, parts);
        }
        is_done
    }

    fn image(&mut self, image: &MendedImage) -> bool {
        let path = &image.place.file;
        if image.bytes.is_some() || image.is_repeated || image.is_unquoted {
            return false;
        }
        let Some(file) = open(path) else { return false };
        let mut is_done = true;
        if let Some(name) = &image.file_name {
            // The folder of an image is that of its XML file, and is not part of the name.
            let stated = file.root.child("filename").map(|it| it.text.clone()).unwrap_or_default();
            let is_bare = !stated.contains(['/', '\\']);
            let base = name.rsplit('/').next().filter(|_| is_bare).unwrap_or(name);
            is_done &= self.set(path, &file, file.root.child("filename"), &escape(base));
        }
        if let Some(size) = image.size {
            let sides = [("width", size.width), ("height", size.height)];
            let stated = file.root.child("size");
            for (name, side) in sides {
                let element = stated.and_then(|stated| stated.child(name));
                is_done &= self.set(path, &file, element, &side.to_string());
            }
        }
        is_done
    }

    fn part(&mut self, _rule: Rule) -> bool {
        false
    }

    fn finish(self: Box<Self>) -> Patches {
        self.patches
    }
}
