//! Categories, images, annotations, and the record that joins them.

use super::{Id, Shape, Verbatim};
use crate::geometry::{BBox, Coord, Size};
use std::path::PathBuf;
use std::sync::Arc;

/// Members that no rule of ours knows, in the source's order.
pub type Extra = serde_json::Map<String, serde_json::Value>;

/// What stands for the value of a member that was not read, as only its name was asked for.
pub const UNREAD: &str = "\u{2026}";

/// A class of objects.
#[derive(Debug, Clone, Default)]
pub struct Category {
    /// The source's own number or name for it; not its index.
    pub id: Option<Id>,
    /// Its name.
    pub name: String,
    /// Unknown members (COCO's supercategory).
    pub extra: Extra,
}

impl Category {
    /// A category that is known by its name alone.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// An image, without its annotations.
#[derive(Debug, Clone, Default)]
pub struct Image {
    /// The source's own number or name for it.
    pub id: Option<Id>,
    /// Its file's name as the source states it, with folders where it states them.
    pub file_name: String,
    /// Whether the source states the name without its extension.
    pub is_stem: bool,
    /// The name of its own label file without the extension, below the folder of the labels, where
    /// that may be another one than the image's.
    pub label: Option<String>,
    /// Its size in pixels as displayed, where it is known.
    pub size: Option<Size>,
    /// The length of its file in bytes, where it is known (VIA states it).
    pub bytes: Option<u64>,
    /// The image file, where it was found.
    pub file: Option<PathBuf>,
    /// The subset that it is of: train, val, test.
    pub subset: Option<Arc<str>>,
    /// Classes of the image as a whole, by their index in [`Header::categories`](super::Header::categories).
    pub tags: Vec<usize>,
    /// Unknown members.
    pub extra: Extra,
}

/// One annotated object.
#[derive(Debug, Clone, Default)]
pub struct Annotation {
    /// The source's own number or name for it.
    pub id: Option<Id>,
    /// Its number among all annotations of a source that lists them apart from the images.
    pub order: Option<usize>,
    /// Where it stands in its image or file, as its reader counts.
    pub at: usize,
    /// The index of its category in [`Header::categories`](super::Header::categories).
    pub category: Option<usize>,
    /// The bounding box that the source states, in pixels.
    pub bbox: Option<BBox>,
    /// What was drawn.
    pub shape: Shape,
    /// Whether the source's ring repeats its first point where the reader left that out.
    pub is_closed: bool,
    /// The area that the source states, in square pixels.
    pub area: Option<f64>,
    /// Whether it marks a group of objects that were not told apart (COCO's iscrowd).
    pub crowd: bool,
    /// A detector's confidence, 0 to 1.
    pub score: Option<f64>,
    /// What few annotations have.
    pub details: Option<Box<Details>>,
    /// Unknown members.
    pub extra: Extra,
}

/// What few annotations have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    /// Keypoints in the order of the category's own names.
    pub keypoints: Vec<Keypoint>,
    /// Attributes by their names, in the source's order.
    pub attributes: Extra,
    /// Objects of one number belong together.
    pub group: Option<i64>,
    /// The object in a video that this is, and the frame.
    pub track: Option<(i64, u64)>,
    /// Its place in the drawing order: what is higher covers what is lower.
    pub layer: Option<i64>,
}

/// A named point of an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Keypoint {
    /// Its place in pixels.
    pub point: Coord<f64>,
    /// Whether it can be seen.
    pub visibility: Visibility,
}

/// Whether a keypoint can be seen (COCO's v).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// It is not labelled: its place means nothing (0).
    Absent,
    /// It is labelled, and something is before it (1).
    Hidden,
    /// It is labelled and seen (2).
    Visible,
}

/// One image with its annotations: the unit that flows from a reader to a writer.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The image.
    pub image: &'a Verbatim<Image>,
    /// Its annotations, in the source's order.
    pub annotations: &'a [Verbatim<Annotation>],
}

impl Annotation {
    /// The stated bounding box, or the smallest one around the shape.
    pub fn bounds(&self) -> Option<BBox> {
        self.bbox.or_else(|| self.shape.bounds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stated_box_goes_before_the_computed_one() {
        let point = Shape::Points(vec![Coord { x: 1.0, y: 2.0 }]);
        let mut annotation = Annotation { shape: point, ..Annotation::default() };
        assert_eq!(annotation.bounds().unwrap().corners(), [1.0, 2.0, 1.0, 2.0]);
        let stated = BBox::Corner { x: 0.0, y: 0.0, width: 5.0, height: 5.0 };
        annotation.bbox = Some(stated);
        assert_eq!(annotation.bounds(), Some(stated));
    }
}
