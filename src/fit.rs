//! What writers of simple formats share: which annotations they take, in which box or ring.
//!
//! Every function counts what it drops or changes at the line that does so.

mod classes;
mod counts;
mod rings;

pub use classes::ClassNames;
pub use counts::{
    count_as_box, count_details, count_image_members, count_members, header_losses, is_default,
};
pub use rings::{HOLES, Holes, Outline, RINGS};

use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::format::{Chosen, Setting, Side, Values, choice};
use crate::geometry::{BBox, Coord, Polygon, Rle, Size, polygon};
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Image, Shape};
use std::borrow::Cow;

choice! {
    /// An object of several parts in a format that holds one ring an object.
    Multipart {
        /// Join the parts by bridges.
        Join "join",
        /// Make each part an object.
        Split "split",
        /// Keep the part of the largest area.
        Largest "largest",
    }
}

choice! {
    /// Crowd annotations in a format without crowds.
    Crowd {
        /// Leave them out, counted.
        Skip "skip",
        /// Write them as if they were single objects.
        Keep "keep",
    }
}

choice! {
    /// Shapes that leave the image.
    Bounds {
        /// Cut at the border, counted.
        Clip "clip",
        /// Write as stated.
        Keep "keep",
        /// Leave out, counted.
        Drop "drop",
    }
}

/// The setting of formats that hold one ring an object.
pub const MULTIPART: Setting = Setting {
    name: "multipart",
    side: Side::Write,
    values: Values::Choice(Multipart::NAMES),
    default: "join",
    help: "An object of several parts in a format of one ring an object",
};

/// The setting of formats without crowds.
pub const CROWD: Setting = Setting {
    name: "crowd",
    side: Side::Write,
    values: Values::Choice(Crowd::NAMES),
    default: "skip",
    help: "Crowd annotations in a format without crowds",
};

/// The setting of formats whose readers refuse what leaves the image.
pub const BOUNDS: Setting = Setting {
    name: "bounds",
    side: Side::Write,
    values: Values::Choice(Bounds::NAMES),
    default: "clip",
    help: "Shapes that leave the image",
};

/// How annotations are made to fit a simple format.
#[derive(Debug, Clone, Copy)]
pub struct Fit {
    /// Objects of several parts.
    pub multipart: Multipart,
    /// Crowds.
    pub crowd: Crowd,
    /// Shapes that leave the image.
    pub bounds: Bounds,
    /// Holes.
    pub holes: Holes,
    /// Outlines of masks.
    pub outline: Outline,
}

impl Fit {
    /// As the settings ask; where a format has none of them, by its default.
    pub fn of(settings: &Chosen) -> Self {
        Self {
            multipart: settings.choice(MULTIPART.name).unwrap_or(Multipart::Join),
            crowd: settings.choice(CROWD.name).unwrap_or(Crowd::Skip),
            bounds: settings.choice(BOUNDS.name).unwrap_or(Bounds::Clip),
            holes: settings.choice(HOLES.name).unwrap_or(Holes::Bridge),
            outline: settings.choice(RINGS.name).unwrap_or(Outline::Centre),
        }
    }
}

/// The category of an annotation that the target takes; `None`, counted, where it is a crowd
/// that is to be skipped or has no category.
pub fn admit(
    annotation: &Annotation,
    number: usize,
    crowd: Crowd,
    losses: &mut Losses,
) -> Option<usize> {
    if annotation.crowd && crowd == Crowd::Skip {
        losses.annotation(Reason::CrowdSkipped, number);
        return None;
    }
    if annotation.category.is_none() {
        losses.annotation(Reason::NoCategory, number);
    }
    annotation.category
}

/// Whether a box is finite and not inverted; counted where it is not.
pub fn is_sound(bbox: &BBox, number: usize, losses: &mut Losses) -> bool {
    let [_, _, width, height] = bbox.corner_and_size();
    let is_sound = bbox.is_finite() && width >= 0.0 && height >= 0.0;
    if !is_sound {
        losses.annotation(Reason::ImproperBox, number);
    }
    is_sound
}

/// Whether a box lies outside of its image by more than the image is large: its numbers are of
/// another kind (pixels taken for fractions). Counted where it does.
pub fn is_far_outside(bbox: &BBox, image: &Image, number: usize, losses: &mut Losses) -> bool {
    let is_far = image.size.is_some_and(|size| match bbox.is_proper() {
        true => bbox.clip(size).is_none(),
        false => bbox.is_finite() && is_beyond(bbox, size),
    });
    if is_far {
        losses.annotation(Reason::OutsideImage, number);
    }
    is_far
}

/// Whether a box without an area, that of a point or a level line, lies outside of an image.
fn is_beyond(bbox: &BBox, size: Size) -> bool {
    let [x_min, y_min, x_max, y_max] = bbox.corners();
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    x_max < 0.0 || y_max < 0.0 || x_min > width || y_min > height
}

impl Fit {
    /// The box of an annotation as the target takes it: finite, not inverted and, as the settings
    /// ask, within the image. `None`, counted, where it has none.
    pub fn bbox(
        &self,
        annotation: &Annotation,
        number: usize,
        image: &Image,
        losses: &mut Losses,
    ) -> Option<BBox> {
        let Some(bbox) = annotation.bounds() else {
            losses.annotation(Reason::NoBox, number);
            return None;
        };
        if !is_sound(&bbox, number, losses) {
            return None;
        }
        let Some(size) = image.size.filter(|size| !bbox.is_inside(*size)) else {
            return Some(bbox);
        };
        match self.bounds {
            Bounds::Keep => Some(bbox),
            Bounds::Drop => {
                losses.annotation(Reason::OutsideImage, number);
                None
            }
            Bounds::Clip => {
                let clipped = bbox.clip(size);
                let is_gone = clipped.is_none();
                let reason = if is_gone { Reason::OutsideImage } else { Reason::Clipped };
                losses.annotation(reason, number);
                clipped
            }
        }
    }
}

/// The longest side of a mask that is traced where the image's size is not known.
const LONGEST_SIDE: u32 = 1 << 24;

/// How many points stand for a circle or an ellipse.
const CURVE_POINTS: usize = 64;

/// The shape of an annotation as polygons: masks traced, boxes as rectangles, curves as
/// polygons of 64 points. `None`, counted, where it is none (a line, a point).
///
/// # Errors
/// Where the shape was not read.
pub fn polygons<'a>(
    annotation: &'a Annotation,
    number: usize,
    image: &Image,
    losses: &mut Losses,
) -> Result<Option<Cow<'a, [Polygon]>>> {
    traced(annotation, Rle::trace, number, image, losses)
}

fn traced<'a>(
    annotation: &'a Annotation,
    trace: fn(&Rle) -> Vec<Polygon>,
    number: usize,
    image: &Image,
    losses: &mut Losses,
) -> Result<Option<Cow<'a, [Polygon]>>> {
    if let Shape::Polygons(parts) = &annotation.shape {
        return Ok(Some(Cow::Borrowed(parts)));
    }
    let (polygons, reason) = match &annotation.shape {
        Shape::Mask(mask) if !is_traceable(mask.size(), image) => (Vec::new(), Reason::MaskSize),
        Shape::Mask(mask) => (trace(mask), Reason::MaskAsPolygon),
        Shape::Unread(_) => return Err(unread(image)),
        Shape::Oriented { .. } => {
            let corners = annotation.shape.corners().unwrap_or_default();
            (vec![Polygon::from_ring(corners.to_vec())], Reason::OrientedAsPolygon)
        }
        Shape::None => match annotation.bbox {
            Some(bbox) if bbox.is_proper() => {
                (vec![Polygon::from_ring(polygon::rectangle(&bbox))], Reason::BoxAsPolygon)
            }
            Some(_) => (Vec::new(), Reason::ImproperBox),
            None => (Vec::new(), Reason::NoBox),
        },
        Shape::Circle { centre, radius } => {
            (vec![ellipse(*centre, *radius, *radius, 0.0)], Reason::CurveAsPolygon)
        }
        Shape::Ellipse { centre, rx, ry, theta } => {
            let ring = ellipse(*centre, *rx, *ry, theta.unwrap_or(0.0));
            (vec![ring], Reason::CurveAsPolygon)
        }
        Shape::Polyline(_) => (Vec::new(), Reason::LineNotHeld),
        Shape::Polygons(_) | Shape::Points(_) => (Vec::new(), Reason::NotHeld),
    };
    losses.annotation(reason, number);
    Ok((!reason.dropped()).then_some(Cow::Owned(polygons)))
}

/// The refusal to write a shape that nobody asked to be read.
pub fn unread(image: &Image) -> Error {
    let thing = format!("image {:?}", image.file_name);
    let mismatch = Mismatch::new("a shape that was read (Wants::shapes)", "one that was not");
    Error::new(ErrorKind::Usage, thing, mismatch)
}

/// Whether a mask has the size of its image, or one that can be traced exactly.
fn is_traceable(size: Size, image: &Image) -> bool {
    let longest = size.width.max(size.height);
    image.size.map_or(longest <= LONGEST_SIDE, |image| image == size)
}

fn ellipse(centre: Coord<f64>, rx: f64, ry: f64, theta: f64) -> Polygon {
    let (sin, cos) = theta.sin_cos();
    let point = |step: usize| {
        let angle = step as f64 / CURVE_POINTS as f64 * std::f64::consts::TAU;
        let (x, y) = (rx * angle.cos(), ry * angle.sin());
        Coord { x: centre.x + x * cos - y * sin, y: centre.y + x * sin + y * cos }
    };
    Polygon::from_ring((0..CURVE_POINTS).map(point).collect())
}

impl Fit {
    /// Polygons within the image, as the settings ask. `None`, counted, where nothing is left.
    pub fn within<'a>(
        &self,
        parts: Cow<'a, [Polygon]>,
        number: usize,
        image: &Image,
        losses: &mut Losses,
    ) -> Option<Cow<'a, [Polygon]>> {
        let Some(size) = image.size else { return Some(parts) };
        let leaves = parts.iter().any(|part| polygon::leaves(&part.exterior, size));
        if !leaves || self.bounds == Bounds::Keep {
            return Some(parts);
        }
        let clip = |part: &Polygon| Polygon {
            exterior: polygon::clip(&part.exterior, size),
            holes: part.holes.iter().map(|hole| polygon::clip(hole, size)).collect(),
        };
        let mut clipped: Vec<Polygon> = parts.iter().map(clip).collect();
        clipped.retain(|part| part.area() > 0.0);
        if self.bounds == Bounds::Drop || clipped.is_empty() {
            losses.annotation(Reason::OutsideImage, number);
            return None;
        }
        losses.annotation(Reason::Clipped, number);
        Some(Cow::Owned(clipped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotation(bbox: [f64; 4]) -> Annotation {
        let [x, y, width, height] = bbox;
        Annotation {
            bbox: Some(BBox::Corner { x, y, width, height }),
            category: Some(0),
            ..Annotation::default()
        }
    }

    #[test]
    fn boxes_beyond_the_border_are_clipped_kept_or_dropped() {
        let image = Image { size: Some(Size { width: 10, height: 10 }), ..Image::default() };
        let cases = [
            ([1.0, 1.0, 2.0, 2.0], Bounds::Clip, Some([1.0, 1.0, 3.0, 3.0]), None),
            ([8.0, 8.0, 4.0, 4.0], Bounds::Clip, Some([8.0, 8.0, 10.0, 10.0]), Some("clipped")),
            ([8.0, 8.0, 4.0, 4.0], Bounds::Keep, Some([8.0, 8.0, 12.0, 12.0]), None),
            ([8.0, 8.0, 4.0, 4.0], Bounds::Drop, None, Some("outside-image")),
            ([20.0, 8.0, 4.0, 4.0], Bounds::Clip, None, Some("outside-image")),
            ([5.0, 5.0, -1.0, 4.0], Bounds::Keep, None, Some("improper-box")),
            ([5.0, f64::NAN, 1.0, 4.0], Bounds::Keep, None, Some("improper-box")),
        ];
        for (stated, bounds, corners, reason) in cases {
            let mut losses = Losses::default();
            let fit = Fit { bounds, ..Fit::of(&Chosen::new()) };
            let found = fit.bbox(&annotation(stated), 0, &image, &mut losses);
            assert_eq!(found.map(|bbox| bbox.corners()), corners, "{stated:?}");
            let counted: Vec<_> = losses.iter().map(|loss| loss.reason.code()).collect();
            assert_eq!(counted, reason.into_iter().collect::<Vec<_>>(), "{stated:?}");
        }
    }

    #[test]
    fn a_point_in_an_image_is_not_outside_of_it() {
        let image = Image { size: Some(Size { width: 10, height: 10 }), ..Image::default() };
        for (bbox, is_outside) in [
            ([4.0, 5.0, 0.0, 0.0], false),
            ([-4.0, 5.0, 8.0, 0.0], false),
            ([4.0, 15.0, 5.0, 0.0], true),
            ([-1.0, 5.0, 0.0, 3.0], true),
            ([9.0, 9.0, 5.0, 5.0], false),
            ([10.0, 9.0, 5.0, 5.0], true),
        ] {
            let [x, y, width, height] = bbox;
            let bbox = BBox::Corner { x, y, width, height };
            let mut losses = Losses::default();
            assert_eq!(is_far_outside(&bbox, &image, 0, &mut losses), is_outside, "{bbox:?}");
            assert_eq!(losses.dropped(), usize::from(is_outside));
        }
    }

    #[test]
    fn crowds_and_annotations_without_a_category_are_counted() {
        let mut losses = Losses::default();
        let crowd = Annotation { crowd: true, ..annotation([0.0; 4]) };
        let nameless = Annotation { category: None, ..annotation([0.0; 4]) };
        assert_eq!(admit(&crowd, 0, Crowd::Skip, &mut losses), None);
        assert_eq!(admit(&crowd, 1, Crowd::Keep, &mut losses), Some(0));
        assert_eq!(admit(&nameless, 2, Crowd::Keep, &mut losses), None);
        assert_eq!(losses.dropped(), 2);
    }
}
