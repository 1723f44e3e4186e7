//! Mending COCO files: single values are replaced.

use crate::error::Result;
use crate::files::patch::Patch;
use crate::format::{MendedImage, MendedObject, Mender, Patches};
use crate::json::JsonFile;
use crate::json::edit::{self, JsonRecord};
use crate::model::{Id, Shape};
use crate::progress::Progress;
use crate::rules::Rule;
use crate::tree::Files;
use serde_json::{Map, Value};
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

pub struct CocoMender {
    file: JsonFile,
    images: Vec<Range<usize>>,
    annotations: Vec<Range<usize>>,
    categories: Vec<Range<usize>>,
    patch: Patch,
    /// New ids of categories and of images, by the text of the old ones.
    categories_of: HashMap<Id, Id>,
    images_of: HashMap<Id, Id>,
    /// The images of each content, by their numbers, and the id of the first; made when it is first
    /// needed.
    alike: OnceCell<HashMap<String, (Vec<usize>, Id)>>,
}

impl CocoMender {
    pub fn open(files: &Files) -> Result<Self> {
        let file = JsonFile::read(files.files.first().unwrap_or(&files.shown))?;
        let names = ["images", "annotations", "categories"];
        let index = file.index(&names, &Progress::default(), |_, _| {})?;
        let mut arrays = index.arrays.into_iter().map(Option::unwrap_or_default);
        let mut next = || arrays.next().unwrap_or_default();
        let (images, annotations, categories) = (next(), next(), next());
        Ok(Self {
            file,
            images,
            annotations,
            categories,
            patch: Patch::default(),
            categories_of: HashMap::new(),
            images_of: HashMap::new(),
            alike: OnceCell::new(),
        })
    }

    fn id(&self, span: &Range<usize>, name: &str) -> Option<Id> {
        serde_json::from_str(JsonRecord::new(&self.file, span, "").text(name)?).ok()
    }

    /// Categories are numbered from 1, those that follow 0 without a gap with it: their order stays.
    fn number_categories(&mut self) -> bool {
        let ids: BTreeSet<i64> =
            self.categories.iter().filter_map(|span| self.id(span, "id")?.number()).collect();
        let run: Vec<i64> = (0..).take_while(|id| ids.contains(id)).collect();
        for &id in &run {
            self.categories_of.insert(Id::Number(id), Id::Number(id.saturating_add(1)));
        }
        for (number, span) in self.categories.iter().enumerate() {
            let id = self.id(span, "id").and_then(|id| self.categories_of.get(&id));
            if let Some(id) = id {
                let record = JsonRecord::new(&self.file, span, format!("/categories/{number}"));
                record.set(&mut self.patch, "id", &id.to_string());
            }
        }
        !run.is_empty()
    }

    /// The id of an image, and its record without that.
    fn content(&self, number: usize) -> Option<(Id, String)> {
        let bytes = self.file.bytes(self.images.get(number)?);
        let mut record: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
        let id = serde_json::from_value(record.shift_remove("id")?).ok()?;
        Some((id, serde_json::to_string(&record).ok()?))
    }

    /// An image that has the record of another one: its annotations become those of the first, which
    /// stays.
    fn join_image(&mut self, number: usize) -> bool {
        let alike = self.alike.get_or_init(|| {
            let mut alike: HashMap<String, (Vec<usize>, Id)> = HashMap::new();
            for number in 0..self.images.len() {
                if let Some((id, content)) = self.content(number) {
                    alike.entry(content).or_insert_with(|| (Vec::new(), id)).0.push(number);
                }
            }
            alike
        });
        let Some((own, content)) = self.content(number) else { return false };
        let found = alike.get(&content).filter(|(numbers, _)| numbers.len() > 1);
        match found.cloned() {
            None => false,
            Some((numbers, _)) if numbers.first() == Some(&number) => true,
            Some((_, first)) => {
                let place = ("/images", &*number.to_string());
                own != first
                    && edit::remove(&self.images, number, place, &mut self.patch)
                    && self.images_of.insert(own, first).is_none()
            }
        }
    }

    /// Sets the ids of categories and images that changed. An annotation that an image has twice then
    /// is taken away.
    fn set_references(&mut self) {
        if self.images_of.is_empty() && self.categories_of.is_empty() {
            return;
        }
        let joined: BTreeSet<&Id> = self.images_of.values().collect();
        let mut known: HashSet<String> = HashSet::new();
        for (number, span) in self.annotations.iter().enumerate() {
            let record = JsonRecord::new(&self.file, span, format!("/annotations/{number}"));
            let id = |name: &str| serde_json::from_str::<Id>(record.text(name)?).ok();
            if let Some(to) = id("category_id").and_then(|id| self.categories_of.get(&id)) {
                record.set(&mut self.patch, "category_id", &to.to_string());
            }
            let Some(image) = id("image_id") else { continue };
            let to = self.images_of.get(&image);
            if to.is_none() && !joined.contains(&image) {
                continue;
            }
            let whole = serde_json::from_slice::<Map<String, Value>>(self.file.bytes(span));
            let mut whole = whole.unwrap_or_default();
            whole.shift_remove("id");
            let image = serde_json::to_value(to.unwrap_or(&image)).unwrap_or_default();
            whole.insert("image_id".to_owned(), image.clone());
            let is_known = !known.insert(serde_json::to_string(&whole).unwrap_or_default());
            if to.is_some() && is_known {
                edit::remove(
                    &self.annotations,
                    number,
                    ("/annotations", &number.to_string()),
                    &mut self.patch,
                );
                continue;
            }
            record.set(&mut self.patch, "image_id", &image.to_string());
        }
    }
}

/// The number of a record in its list, by its pointer.
fn number_of(pointer: Option<&str>, list: &str) -> Option<usize> {
    let rest = pointer?.strip_prefix('/')?.strip_prefix(list)?.strip_prefix('/')?;
    rest.split('/').next()?.parse().ok()
}

/// Flat rings, each closed as it was.
fn segmentation(shape: &Shape, like: &str) -> Option<String> {
    let Shape::Polygons(parts) = shape else { return None };
    let ring = |part: &crate::geometry::Polygon| {
        edit::list(part.exterior.iter().flat_map(|point| [point.x, point.y]), like)
    };
    let rings: Vec<String> = parts.iter().map(ring).collect();
    let comma = if like.contains(", ") { ", " } else { "," };
    Some(format!("[{}]", rings.join(comma)))
}

impl Mender for CocoMender {
    fn object(&mut self, object: &MendedObject) -> bool {
        let (before, after) = (object.before, object.after);
        let span = before.order.and_then(|number| self.annotations.get(number));
        let Some((number, span)) = before.order.zip(span) else { return false };
        let Some(after) = after else {
            return edit::remove(
                &self.annotations,
                number,
                ("/annotations", &number.to_string()),
                &mut self.patch,
            );
        };
        let record = JsonRecord::new(&self.file, span, format!("/annotations/{number}"));
        let patch = &mut self.patch;
        let mut is_done = true;
        if object.rules.contains(&Rule::StringNumber) {
            let names = ["bbox", "segmentation", "area", "iscrowd", "score"];
            let is_unquoted = record.unquote(patch, &names);
            // `"true"` is no number.
            let crowd = record.text("iscrowd").unwrap_or_default();
            let is_word = ["\"true\"", "\"false\""].contains(&crowd);
            if is_word {
                record.set(patch, "iscrowd", if after.crowd { "1" } else { "0" });
            }
            is_done &= is_unquoted || is_word;
        }
        if let Some(bbox) = after.bbox.filter(|_| after.bbox != before.bbox) {
            let like = record.text("bbox").unwrap_or_default();
            record.set(patch, "bbox", &edit::list(bbox.corner_and_size(), like));
        }
        if after.shape != before.shape {
            let like = record.text("segmentation").unwrap_or_default();
            match segmentation(&after.shape, like) {
                Some(text) => record.set(patch, "segmentation", &text),
                None => is_done = false,
            }
        }
        if let Some(area) = after.area.filter(|_| after.area != before.area) {
            record.set(patch, "area", &edit::number(area));
        }
        if let Some(id) = after.id.as_ref().filter(|_| after.id != before.id) {
            record.set(patch, "id", &id.to_string());
        }
        let lacks_crowd =
            object.rules.contains(&Rule::AbsentMember) && record.value("iscrowd").is_none();
        if after.crowd != before.crowd || lacks_crowd {
            record.set(patch, "iscrowd", if after.crowd { "1" } else { "0" });
        }
        is_done
    }

    fn image(&mut self, image: &MendedImage) -> bool {
        let number = number_of(image.place.pointer.as_deref(), "images");
        let Some(number) = number.filter(|number| *number < self.images.len()) else {
            return false;
        };
        if image.is_repeated {
            return self.join_image(number);
        }
        let Some(span) = self.images.get(number) else { return false };
        let record = JsonRecord::new(&self.file, span, format!("/images/{number}"));
        let patch = &mut self.patch;
        let is_unquoted = image.is_unquoted && record.unquote(patch, &["width", "height"]);
        if let Some(name) = &image.file_name {
            record.set(patch, "file_name", &Value::from(name.as_str()).to_string());
        }
        if let Some(size) = image.size {
            record.set(patch, "width", &size.width.to_string());
            record.set(patch, "height", &size.height.to_string());
        }
        image.bytes.is_none() && is_unquoted == image.is_unquoted
    }

    fn part(&mut self, rule: Rule) -> bool {
        rule == Rule::ZeroCategoryId && self.number_categories()
    }

    fn finish(mut self: Box<Self>) -> Patches {
        self.set_references();
        let mut patches = Patches::default();
        patches.of(self.file.path()).add(self.patch);
        patches
    }
}
