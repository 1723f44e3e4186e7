//! Mending YOLO labels: rows are replaced one by one, with the decimals that they have.

use crate::classes;
use crate::error::Position;
use crate::files::{self, patch::Patch};
use crate::format::{MendedImage, MendedObject, Mender, Patches};
use crate::geometry::Size;
use crate::model::{Annotation, Shape};
use crate::numbers;
use crate::rules::Rule;
use crate::tree::Files;
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A row of fewer decimals gets so many.
const FEWEST: usize = 4;
/// The decimals of most labels.
const USUAL: usize = 6;

/// The text of a label file, and where its rows stand.
struct Label {
    text: String,
    /// Each with its line end.
    rows: Vec<Range<usize>>,
}

pub struct YoloMender {
    lists: Vec<PathBuf>,
    labels: HashMap<PathBuf, Label>,
    patches: Patches,
}

impl YoloMender {
    pub fn new(files: &Files) -> Self {
        let (labels, patches) = (HashMap::new(), Patches::default());
        Self { lists: files.lists.clone(), labels, patches }
    }

    fn label(&mut self, file: &Path) -> Option<&Label> {
        if !self.labels.contains_key(file) {
            let text = String::from_utf8(files::read(file).ok()?).ok()?;
            let mut at = 0;
            let row = |row: &str| {
                let start = at;
                at += row.len();
                start..at
            };
            let rows = text.split_inclusive('\n').map(row).collect();
            self.labels.insert(file.to_path_buf(), Label { text, rows });
        }
        self.labels.get(file)
    }

    /// `nc` of a data.yaml becomes the number of its names.
    fn set_count(&mut self) -> bool {
        let yamls: Vec<PathBuf> = self
            .lists
            .iter()
            .filter(|it| files::has_extension(it, &["yaml", "yml"]))
            .cloned()
            .collect();
        let mut is_done = !yamls.is_empty();
        for yaml in yamls {
            let change = count_change(&yaml);
            is_done &= change.is_some();
            self.patches.of(&yaml).add(change.unwrap_or_default());
        }
        is_done
    }
}

/// The change of `nc: N` in a data.yaml.
fn count_change(yaml: &Path) -> Option<Patch> {
    let names = classes::read(yaml).ok()?;
    let text = String::from_utf8(files::read(yaml).ok()?).ok()?;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("nc:") {
            let stated = rest.trim_start();
            let start = at + line.len() - stated.len();
            let digits = stated.bytes().take_while(u8::is_ascii_digit).count();
            let mut patch = Patch::default();
            patch.replace(start..start + digits, names.len().to_string());
            return (digits > 0).then_some(patch);
        }
        at += line.len();
    }
    None
}

/// The numbers of an object as fractions of its image.
fn fractions(annotation: &Annotation, size: Size) -> Option<Vec<f64>> {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    match (&annotation.shape, annotation.bbox) {
        (Shape::Polygons(parts), _) => {
            let [part] = parts.as_slice() else { return None };
            let points = part.exterior.iter();
            Some(points.flat_map(|point| [point.x / width, point.y / height]).collect())
        }
        (Shape::None, Some(bbox)) => {
            let [cx, cy, w, h] = bbox.centre_and_size();
            Some(vec![cx / width, cy / height, w / width, h / height])
        }
        _ => None,
    }
}

/// A row with other numbers: its class, its score and its decimals stay.
fn row(old: &str, annotation: &Annotation, size: Size) -> Option<String> {
    let class = old.split_whitespace().next()?;
    let decimals_of = |word: &str| word.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let decimals = old.split_whitespace().skip(1).map(decimals_of).max().unwrap_or_default();
    // Pixels and percent need fewer decimals than fractions.
    let is_large = |word: &str| word.parse::<f64>().is_ok_and(|number| number > 1.0);
    let is_other_unit = old.split_whitespace().skip(1).any(is_large);
    let decimals = match decimals < FEWEST || old.contains(['e', 'E']) {
        true => USUAL,
        false if is_other_unit => decimals.max(USUAL),
        false => decimals,
    };
    let mut out = class.as_bytes().to_vec();
    for number in fractions(annotation, size)?.into_iter().chain(annotation.score) {
        out.push(b' ');
        numbers::fixed(&mut out, number, decimals);
    }
    String::from_utf8(out).ok()
}

impl Mender for YoloMender {
    fn object(&mut self, object: &MendedObject) -> bool {
        if object.keeps_geometry() {
            return true;
        }
        let file = object.place.file.clone();
        let line = object.place.position.map_or(0, |Position { line, .. }| line);
        let Some(label) = self.label(&file) else { return false };
        let Some(span) = line.checked_sub(1).and_then(|row| label.rows.get(row)).cloned() else {
            return false;
        };
        let Some(after) = object.after else {
            self.patches.of(&file).remove(span);
            return true;
        };
        let Some(old) = label.text.get(span.clone()) else { return false };
        let old = old.trim_end();
        let new = object.size.and_then(|size| row(old.trim_start_matches('\u{feff}'), after, size));
        let own = span.start..span.start + old.len();
        new.map(|new| self.patches.of(&file).replace(own, new)).is_some()
    }

    fn image(&mut self, image: &MendedImage) -> bool {
        let label = &image.place.file;
        let stem = image.file_name.as_deref().and_then(|name| Path::new(name).file_stem());
        let is_name_alone = image.size.is_none() && image.bytes.is_none() && !image.is_repeated;
        let Some(stem) = stem.filter(|_| is_name_alone) else { return false };
        let mut name = stem.to_owned();
        name.push(".txt");
        let to = label.with_file_name(name);
        // On a system that ignores case, the file itself may be found under its new name.
        let is_free = !to.exists() || to.canonicalize().ok() == label.canonicalize().ok();
        if is_free {
            self.patches.renamed.insert(label.clone(), to);
        }
        is_free
    }

    fn part(&mut self, rule: Rule) -> bool {
        rule == Rule::ClassCount && self.set_count()
    }

    fn finish(self: Box<Self>) -> Patches {
        self.patches
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{BBox, Polygon, polygon};

    #[test]
    fn rows_keep_their_class_their_score_and_their_decimals() {
        let size = Size { width: 100, height: 200 };
        let bbox = BBox::Centre { cx: 50.0, cy: 50.0, width: 10.0, height: 20.0 };
        let boxed = Annotation { bbox: Some(bbox), ..Annotation::default() };
        let ring = vec![Polygon::from_ring(polygon::rectangle(&bbox))];
        let drawn = Annotation { shape: Shape::Polygons(ring), ..Annotation::default() };
        let scored = Annotation { score: Some(0.5), ..boxed.clone() };
        for (old, annotation, new) in [
            ("07 0.1234 1 1 1", &boxed, "07 0.5000 0.2500 0.1000 0.1000"),
            ("0 12 1 1 1", &boxed, "0 0.500000 0.250000 0.100000 0.100000"),
            (
                "0\t0.12345678 1 1 1 0.5",
                &scored,
                "0 0.50000000 0.25000000 0.10000000 0.10000000 0.50000000",
            ),
            ("1 0.1234 1 1 1", &drawn, "1 0.4500 0.2000 0.5500 0.2000 0.5500 0.3000 0.4500 0.3000"),
        ] {
            assert_eq!(row(old, annotation, size).as_deref(), Some(new));
        }
    }
}
