//! Gives each image the subset and the name that it has in a layout.

use super::Layout;
use crate::edit::{Before, Bound, Edit};
use crate::error::{Error, ErrorKind, Mismatch, Remedy, Result};
use crate::files;
use crate::format::Wants;
use crate::images::base_name;
use crate::model::{Header, Id, Image};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Images as a layout has them: each in a subset, under a name without folders that no other image of
/// its folder has.
pub struct Arrange(pub &'static Layout);

impl Edit for Arrange {
    fn wants(&self) -> Wants {
        // Where classes get other ids, the text of annotations may be dropped.
        match self.0.first_class {
            Some(_) => Wants { edits: true, ..Wants::ALL },
            None => Wants::IMAGES,
        }
    }

    fn bind(&self, before: &Before) -> Result<Bound> {
        let subsets = self.subsets(before)?;
        let mut images = before.images().to_vec();
        for (index, subset) in subsets {
            if let Some(image) = images.get_mut(index) {
                image.subset = Some(subset);
            }
        }
        let kept: Vec<usize> = before.kept().map(|(index, _)| index).collect();
        let (header, is_numbered_anew) = self.number_classes(before.header().clone());
        let mut bound = Bound::of(header);
        if is_numbered_anew {
            // The id of the class that the text of an annotation states is another one now.
            bound.change = Some(Box::new(|annotation, _, _| {
                let _ = &mut **annotation;
            }));
        }
        bound.renamed = self.name_all(&mut images, &kept)?;
        bound.images = Some(images);
        Ok(bound)
    }
}

impl Arrange {
    /// Gives the classes the ids that the trainer takes for its numbers. Whether one has another id now.
    fn number_classes(&self, mut header: Header) -> (Header, bool) {
        let Some(first) = self.0.first_class else { return (header, false) };
        let mut is_other = false;
        for (id, category) in (first..).zip(&mut header.categories) {
            let id = Some(Id::Number(id));
            if category.id != id {
                category.id = id;
                is_other = true;
            }
        }
        (header, is_other)
    }

    /// The trainer's name of the subset of each selected image.
    fn subsets(&self, before: &Before) -> Result<Vec<(usize, Arc<str>)>> {
        let Self(layout) = self;
        let names: BTreeSet<Option<&str>> =
            before.kept().map(|(_, image)| image.subset.as_deref()).collect();
        let mut known: HashMap<Option<&str>, Arc<str>> = HashMap::new();
        let is_whole = names.iter().all(Option::is_none);
        for name in names {
            let own = match name {
                None if is_whole => layout.subsets.first().copied(),
                None => None,
                Some(name) => layout.subset(name),
            };
            let own = own.ok_or_else(|| self.no_subset(name))?;
            known.insert(name, Arc::from(own));
        }
        let needed = layout.subsets.iter().take(layout.needs);
        let missing = needed.filter(|it| !known.values().any(|own| **own == ***it));
        let missing: Vec<&str> = missing.copied().collect();
        if !missing.is_empty() {
            return Err(self.lacks(&missing));
        }
        let subset = |(index, image): (usize, &Image)| {
            Some((index, known.get(&image.subset.as_deref())?.clone()))
        };
        Ok(before.kept().filter_map(subset).collect())
    }

    fn no_subset(&self, name: Option<&str>) -> Error {
        let Self(layout) = self;
        let expected = format!("one that {} knows: train, val, test", layout.name);
        let found = match name {
            Some(name) => format!("{name:?}"),
            None => "none for some images".to_owned(),
        };
        let error = Error::new(ErrorKind::Usage, "subset", Mismatch::new(expected, found));
        error.mended_by(Remedy::Split)
    }

    fn lacks(&self, missing: &[&str]) -> Error {
        let Self(layout) = self;
        let needed = layout.subsets.iter().take(layout.needs).copied().collect::<Vec<_>>();
        let expected = format!("{}, without which {} stops", needed.join(" and "), layout.name);
        let found = format!("no image of {}", missing.join(" and "));
        let error = Error::new(ErrorKind::Missing, "subsets", Mismatch::new(expected, found));
        error.mended_by(Remedy::Split)
    }

    /// Names the images. The new names of those whose file name is another one now.
    fn name_all(&self, images: &mut [Image], kept: &[usize]) -> Result<Vec<String>> {
        let Self(layout) = self;
        let folder = |image: &Image| layout.image_path(image).parent().map(|it| it.to_path_buf());
        // Images of a folder must differ in what the trainer finds their labels by.
        let key = |image: &Image, name: &str| {
            (folder(&Image { file_name: name.to_owned(), ..image.clone() }), self.key(name))
        };
        let mut counts = HashMap::new();
        for image in kept.iter().filter_map(|index| images.get(*index)) {
            *counts.entry(key(image, base_name(&image.file_name))).or_insert(0_usize) += 1;
        }
        let mut taken = HashMap::new();
        let mut renamed = Vec::new();
        for &index in kept {
            let Some(image) = images.get_mut(index) else { continue };
            let base = base_name(&image.file_name).to_owned();
            let is_alone = counts.get(&key(image, &base)).is_some_and(|count| *count == 1);
            let mut name = if is_alone { base.clone() } else { image.file_name.replace('/', "_") };
            if taken.contains_key(&key(image, &name)) {
                name = with_ending(&name);
            }
            if let Some(first) = taken.insert(key(image, &name), image.file_name.clone()) {
                return Err(shared(&name, &first, &image.file_name));
            }
            files::safe_path(&name).map_err(|mismatch| {
                let thing = format!("file name of image {:?}", image.file_name);
                Error::new(ErrorKind::Refused, thing, mismatch)
            })?;
            if !image.is_stem && !(layout.finds)(&name) {
                return Err(self.not_found(image));
            }
            if name != base {
                renamed.push(name.clone());
            }
            image.file_name = name;
        }
        Ok(renamed)
    }

    fn not_found(&self, image: &Image) -> Error {
        let Self(Layout { name, format, .. }) = self;
        let expected = format!("an image that {name} finds beside {format}, by its extension");
        let mismatch = Mismatch::new(expected, format!("{:?}", image.file_name));
        Error::new(ErrorKind::Refused, "image", mismatch).mended_by(Remedy::DropImage)
    }

    /// What must be another one for each image of a folder: the name without its extension where images
    /// have files of their own, else the name.
    fn key(&self, name: &str) -> String {
        let Self(layout) = self;
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        files::folded(if layout.own.is_empty() { name } else { stem }).into_owned()
    }
}

/// A name with its extension in its stem: `a.png` as `a_png.png`.
fn with_ending(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}_{extension}.{extension}"),
        None => format!("{name}_"),
    }
}

fn shared(name: &str, first: &str, second: &str) -> Error {
    let mismatch = Mismatch::new("one image", format!("{first:?} and {second:?}"));
    let error = Error::new(ErrorKind::Refused, format!("image {name:?}"), mismatch);
    error.mended_by(Remedy::DropImage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Memory, Selection};
    use crate::layout::{LAYOUTS, by_name};
    use crate::model::Annotation;

    fn arranged(trainer: &str, images: &[(&str, Option<&str>)]) -> Result<Vec<String>> {
        let layout = by_name(trainer)[0];
        let record = |&(name, subset): &(&str, Option<&str>)| {
            let subset = subset.map(Arc::from);
            (Image { file_name: name.to_owned(), subset, ..Image::default() }, Vec::new())
        };
        let source = Memory::new(Header::of(Vec::new()), images.iter().map(record).collect());
        let selection = Selection::all(images.len());
        let bound = Arrange(layout).bind(&Before::new(&source, &selection))?;
        let path = |image: &Image| layout.image_path(image).display().to_string();
        Ok(bound.images.unwrap_or_default().iter().map(path).collect())
    }

    #[test]
    fn images_get_the_trainers_folders_and_names_of_their_own() {
        let (train, val) = (Some("train"), Some("validation"));
        for (trainer, images, expected) in [
            (
                "ultralytics",
                &[("x/a.jpg", train), ("x/b.jpg", val)][..],
                &["images/train/a.jpg", "images/val/b.jpg"][..],
            ),
            (
                "ultralytics",
                &[("x/a.jpg", train), ("y/a.jpg", train), ("a.jpg", val)],
                &["images/train/x_a.jpg", "images/train/y_a.jpg", "images/val/a.jpg"],
            ),
            (
                "ultralytics",
                &[("a.jpg", train), ("A.png", train), ("b.TIF", val)],
                &["images/train/a.jpg", "images/train/A_png.png", "images/val/b.TIF"],
            ),
            ("rfdetr", &[("a.jpg", train), ("b.jpg", val)], &["train/a.jpg", "valid/b.jpg"]),
            ("torchvision", &[("a.jpg", None), ("a.png", None)], &["train/a.jpg", "train/a.png"]),
        ] {
            assert_eq!(arranged(trainer, images).unwrap(), expected, "{trainer} {images:?}");
        }
    }

    #[test]
    fn images_that_a_trainer_does_not_find_are_refused() {
        let devkit = LAYOUTS.iter().filter(|layout| layout.format == "voc");
        for layout in devkit {
            for (name, is_found) in [("a.jpg", true), ("a.png", false), ("a.JPG", false)] {
                let record = (
                    Image { file_name: name.to_owned(), ..Image::default() },
                    Vec::<Annotation>::new(),
                );
                let source = Memory::new(Header::of(Vec::new()), vec![record]);
                let selection = Selection::all(1);
                let bound = Arrange(layout).bind(&Before::new(&source, &selection));
                assert_eq!(bound.is_ok(), is_found, "{} {name}", layout.name);
            }
        }
    }

    #[test]
    fn subsets_that_a_trainer_needs_or_does_not_know_are_told() {
        for (images, expected) in [
            (&[("a.jpg", None)][..], "found no image of val"),
            (&[("a.jpg", Some("train")), ("b.jpg", None)], "found none for some images"),
            (&[("a.jpg", Some("fold1"))], "found \"fold1\""),
        ] {
            let error = arranged("ultralytics", images).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
