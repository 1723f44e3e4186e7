//! What writers of simple formats share: which annotations they take, in which box or ring.
//!
//! Every function counts what it drops or changes at the line that does so.

use crate::format::{Bounds, Crowd, Multipart, Options};
use crate::geometry::{BBox, Coord, Polygon, Size, polygon};
use crate::model::{Annotation, Image, Shape};
use crate::report::{Losses, Reason};
use std::borrow::Cow;

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

/// The box of an annotation as the target takes it: finite, not inverted and, as the options
/// ask, within the image. `None`, counted, where it has none.
pub fn bbox(
    annotation: &Annotation,
    number: usize,
    image: &Image,
    options: &Options,
    losses: &mut Losses,
) -> Option<BBox> {
    let Some(bbox) = annotation.bounds() else {
        losses.annotation(Reason::NoBox, number);
        return None;
    };
    let [_, _, width, height] = bbox.corner_and_size();
    if !bbox.is_finite() || width < 0.0 || height < 0.0 {
        losses.annotation(Reason::ImproperBox, number);
        return None;
    }
    let Some(size) = image.size.filter(|size| !bbox.is_inside(*size)) else {
        return Some(bbox);
    };
    match options.bounds {
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

/// The longest side of a mask that is traced where the image's size is not known.
const LONGEST_SIDE: u32 = 1 << 24;

/// How many points stand for a circle or an ellipse.
const CURVE_POINTS: usize = 64;

/// The shape of an annotation as polygons: masks traced, boxes as rectangles, curves as
/// polygons of 64 points. `None`, counted, where it is none (a line, a point).
pub fn polygons<'a>(
    annotation: &'a Annotation,
    number: usize,
    image: &Image,
    losses: &mut Losses,
) -> Option<Cow<'a, [Polygon]>> {
    if let Shape::Polygons(parts) = &annotation.shape {
        return Some(Cow::Borrowed(parts));
    }
    let (polygons, reason) = match &annotation.shape {
        Shape::Mask(mask) if !is_traceable(mask.size(), image) => (Vec::new(), Reason::MaskSize),
        Shape::Mask(mask) => (mask.trace(), Reason::MaskAsPolygon),
        Shape::Box => match annotation.bbox {
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
        Shape::Polygons(_) | Shape::Polyline(_) | Shape::Point(_) => (Vec::new(), Reason::NotHeld),
    };
    losses.annotation(reason, number);
    (!reason.dropped()).then_some(Cow::Owned(polygons))
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

/// Polygons within the image, as the options ask. `None`, counted, where nothing is left.
pub fn within<'a>(
    parts: Cow<'a, [Polygon]>,
    number: usize,
    image: &Image,
    options: &Options,
    losses: &mut Losses,
) -> Option<Cow<'a, [Polygon]>> {
    let Some(size) = image.size else { return Some(parts) };
    let leaves = parts.iter().any(|part| polygon::leaves(&part.exterior, size));
    if !leaves || options.bounds == Bounds::Keep {
        return Some(parts);
    }
    let clip = |part: &Polygon| Polygon {
        exterior: polygon::clip(&part.exterior, size),
        holes: part.holes.iter().map(|hole| polygon::clip(hole, size)).collect(),
    };
    let mut clipped: Vec<Polygon> = parts.iter().map(clip).collect();
    clipped.retain(|part| part.area() > 0.0);
    if options.bounds == Bounds::Drop || clipped.is_empty() {
        losses.annotation(Reason::OutsideImage, number);
        return None;
    }
    losses.annotation(Reason::Clipped, number);
    Some(Cow::Owned(clipped))
}

/// The rings of an object in a format that holds one ring an object: none where no part has
/// three points, several only where parts are to be split.
pub fn rings<'a>(
    parts: &'a [Polygon],
    number: usize,
    multipart: Multipart,
    losses: &mut Losses,
) -> Vec<Cow<'a, [Coord<f64>]>> {
    let finite = |part: &&Polygon| part.exterior.iter().all(|p| p.x.is_finite() && p.y.is_finite());
    let held: Vec<&Polygon> = parts
        .iter()
        .filter(|part| polygon::open(&part.exterior).len() > 2)
        .filter(finite)
        .collect();
    if held.is_empty() {
        return Vec::new();
    }
    if held.len() < parts.len() {
        losses.annotation(Reason::PartsDropped, number);
    }
    if held.iter().any(|part| !part.holes.is_empty()) {
        losses.annotation(Reason::HolesFilled, number);
    }
    if let [only] = held.as_slice() {
        return vec![Cow::Borrowed(&only.exterior)];
    }
    let rings: Vec<&[Coord<f64>]> = held.iter().map(|part| part.exterior.as_slice()).collect();
    match multipart {
        Multipart::Join => {
            losses.annotation(Reason::PartsJoined, number);
            vec![Cow::Owned(polygon::join(&rings))]
        }
        Multipart::Split => {
            losses.annotation(Reason::PartsSplit, number);
            rings.into_iter().map(Cow::Borrowed).collect()
        }
        Multipart::Largest => {
            losses.annotation(Reason::PartsDropped, number);
            let largest = held.iter().max_by(|a, b| a.area().total_cmp(&b.area()));
            largest.into_iter().map(|part| Cow::Borrowed(part.exterior.as_slice())).collect()
        }
    }
}

/// Counts what is lost where an annotation is written as its box alone.
pub fn count_as_box(annotation: &Annotation, number: usize, losses: &mut Losses) {
    let reason = match &annotation.shape {
        Shape::Box => None,
        Shape::Polygons(_) => Some(Reason::PolygonAsBox),
        Shape::Mask(_) => Some(Reason::MaskAsBox),
        _ => Some(Reason::ShapeAsBox),
    };
    if let Some(reason) = reason {
        losses.annotation(reason, number);
    }
}

/// Counts what is lost where an annotation is written without its crowd mark and score, and
/// whether it is without some of its members.
pub fn count_members(annotation: &Annotation, number: usize, drops: bool, losses: &mut Losses) {
    if annotation.crowd {
        losses.annotation(Reason::CrowdKept, number);
    }
    if annotation.score.is_some() {
        losses.annotation(Reason::ScoreDropped, number);
    }
    if drops {
        losses.annotation(Reason::MembersDropped, number);
    }
}

/// Counts the unknown members of an image where the target cannot hold them.
pub fn count_image_members(image: &Image, losses: &mut Losses) {
    if !image.extra.is_empty() {
        losses.image(Reason::ImageMembersDropped);
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
            let options = Options { bounds, ..Options::default() };
            let found = bbox(&annotation(stated), 0, &image, &options, &mut losses);
            assert_eq!(found.map(|bbox| bbox.corners()), corners, "{stated:?}");
            let counted: Vec<_> = losses.iter().map(|loss| loss.reason.code()).collect();
            assert_eq!(counted, reason.into_iter().collect::<Vec<_>>(), "{stated:?}");
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
