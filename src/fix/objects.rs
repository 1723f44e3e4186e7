//! What is done to an object that breaks a rule. Nothing here knows a format.

use crate::geometry::{BBox, Coord, Polygon, Size, polygon};
use crate::model::{Annotation, Shape};
use crate::rules::Rule;

/// A rule that an object breaks, and what the finding says.
#[derive(Debug, Clone, Copy)]
pub struct Broken<'a> {
    pub rule: Rule,
    pub message: &'a str,
}

/// The order in which an object is mended: first what its numbers mean, then what is cut off, then
/// what is computed from them.
const ORDER: [Rule; 13] = [
    Rule::CornersAsSize,
    Rule::SizeAsCorners,
    Rule::CornerAsCentre,
    Rule::CentreAsCorner,
    Rule::WrongUnit,
    Rule::BelowAPixel,
    Rule::BeyondBorder,
    Rule::ShapeBeyondBorder,
    Rule::BoxNotShape,
    Rule::MixedRows,
    Rule::AreaNotShape,
    Rule::AreaWithoutRule,
    Rule::AllCrowd,
];

/// How an object's image is known, and how its format states numbers.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    pub size: Option<Size>,
    /// Whether the format states fractions of the image.
    pub is_fractions: bool,
}

/// Mends an object, and returns the rules that it keeps now.
pub fn mend(annotation: &mut Annotation, frame: Frame, broken: &[Broken]) -> Vec<Rule> {
    let before = annotation.clone();
    let mut done = Vec::new();
    for rule in ORDER {
        let Some(breach) = broken.iter().find(|breach| breach.rule == rule) else { continue };
        if mend_one(annotation, frame, *breach).is_some() {
            done.push(rule);
        }
    }
    let is_other = annotation.bbox != before.bbox || annotation.shape != before.shape;
    if is_other && annotation.area == before.area {
        keep_area_rule(annotation, &before);
    }
    done
}

/// Mends one breach; `None` where that cannot be done.
fn mend_one(annotation: &mut Annotation, frame: Frame, broken: Broken) -> Option<()> {
    match broken.rule {
        Rule::WrongUnit | Rule::BelowAPixel => {
            // What happened stands last in the message, behind the name of the other format.
            let words = broken.message.rsplit(" with ").next().unwrap_or_default();
            let is_percent = words.contains("percent");
            return change_unit(annotation, frame, is_percent);
        }
        Rule::BeyondBorder | Rule::ShapeBeyondBorder => return clip(annotation, frame.size?),
        Rule::BoxNotShape => annotation.bbox = Some(annotation.shape.bounds()?),
        Rule::MixedRows => {
            if let (Shape::None, Some(bbox)) = (&annotation.shape, annotation.bbox) {
                let ring = Polygon::from_ring(polygon::rectangle(&bbox));
                annotation.shape = Shape::Polygons(vec![ring]);
                annotation.bbox = None;
            }
        }
        Rule::AreaNotShape | Rule::AreaWithoutRule => {
            let is_box = broken.message.contains("the area of the box is");
            annotation.area = Some(area(annotation, is_box)?);
        }
        Rule::AllCrowd => annotation.crowd = false,
        rule => annotation.bbox = Some(reread(annotation.bbox?, rule)?),
    }
    Some(())
}

/// A box whose numbers mean something else than the format says.
fn reread(bbox: BBox, rule: Rule) -> Option<BBox> {
    let corners =
        |[x_min, y_min, x_max, y_max]: [f64; 4]| BBox::Corners { x_min, y_min, x_max, y_max };
    let meant = match (rule, bbox) {
        (Rule::CornersAsSize, BBox::Corner { .. }) => corners(bbox.corner_and_size()),
        (Rule::CornersAsSize, BBox::Centre { .. }) => corners(bbox.centre_and_size()),
        (Rule::SizeAsCorners, BBox::Corners { x_min, y_min, x_max, y_max }) => {
            BBox::Corner { x: x_min, y: y_min, width: x_max, height: y_max }
        }
        (Rule::CornerAsCentre, BBox::Centre { cx, cy, width, height }) => {
            BBox::Corner { x: cx, y: cy, width, height }
        }
        (Rule::CentreAsCorner, BBox::Corner { x, y, width, height }) => {
            BBox::Centre { cx: x, cy: y, width, height }
        }
        (Rule::CentreAsCorner, BBox::Corners { x_min, y_min, x_max, y_max }) => {
            BBox::Centre { cx: x_min, cy: y_min, width: x_max, height: y_max }
        }
        _ => return None,
    };
    meant.is_proper().then_some(meant)
}

/// The greatest number that is still taken for a fraction, and for a percentage, as objects may reach
/// out of their image.
const FRACTION: f64 = 1.5;

fn change_unit(annotation: &mut Annotation, frame: Frame, is_percent: bool) -> Option<()> {
    let size = frame.size?;
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let [x, y] = match (frame.is_fractions, is_percent) {
        (true, true) => [0.01, 0.01],
        (true, false) => [1.0 / width, 1.0 / height],
        (false, true) => [width / 100.0, height / 100.0],
        (false, false) => [width, height],
    };
    let greatest = if is_percent { FRACTION * 100.0 } else { FRACTION };
    let is_meant = |bbox: BBox| {
        frame.is_fractions || bbox.corners().iter().all(|number| number.abs() <= greatest)
    };
    let bbox = annotation.bbox.filter(|bbox| is_meant(*bbox));
    let is_drawn = annotation.shape.bounds().is_some_and(is_meant);
    if bbox.is_none() && !is_drawn {
        return None;
    }
    if let Some(bbox) = bbox {
        let [left, top, w, h] = bbox.corner_and_size();
        let corner = BBox::Corner { x: left * x, y: top * y, width: w * x, height: h * y };
        annotation.bbox = Some(corner);
    }
    if let Shape::Polygons(parts) = &mut annotation.shape
        && is_drawn
    {
        let points = parts.iter_mut().flat_map(|part| &mut part.exterior);
        points.for_each(|point| *point = Coord { x: point.x * x, y: point.y * y });
    }
    Some(())
}

/// Cuts off what lies beyond the border.
///
/// What lies outside for the most part is at a wrong place: it is left as it is.
fn clip(annotation: &mut Annotation, size: Size) -> Option<()> {
    let bounds = annotation.bounds()?;
    if bounds.clip(size)?.area() * 4.0 < bounds.area() {
        return None;
    }
    if let Some(bbox) = annotation.bbox.filter(|bbox| !bbox.is_inside(size)) {
        annotation.bbox = Some(bbox.clip(size)?);
    }
    match &mut annotation.shape {
        Shape::Polygons(parts) => {
            for part in parts.iter_mut().filter(|it| polygon::leaves(&it.exterior, size)) {
                part.exterior = polygon::clip(&part.exterior, size);
            }
            parts.retain(|part| part.area() > 0.0);
            (!parts.is_empty()).then_some(())
        }
        Shape::None => Some(()),
        other => other.bounds()?.is_inside(size).then_some(()),
    }
}

/// The area of an object: of its shape, or of its box.
pub fn area(annotation: &Annotation, is_box: bool) -> Option<f64> {
    match &annotation.shape {
        Shape::Mask(mask) => Some(mask.area() as f64),
        Shape::Polygons(parts) if !is_box => Some(parts.iter().map(Polygon::painted_area).sum()),
        _ => Some(annotation.bounds()?.area()),
    }
}

/// An area that followed from the shape or from the box follows from it again.
fn keep_area_rule(annotation: &mut Annotation, before: &Annotation) {
    let Some(stated) = before.area else { return };
    let follows = |is_box: &bool| {
        let area = area(before, *is_box);
        area.is_some_and(|area| (area - stated).abs() <= 0.5 + area.abs() * 1e-3)
    };
    if let Some(is_box) = [false, true].iter().find(|is_box| follows(is_box)) {
        annotation.area = area(annotation, *is_box);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { size: Some(Size { width: 100, height: 50 }), is_fractions: false };

    fn corner([x, y, width, height]: [f64; 4]) -> BBox {
        BBox::Corner { x, y, width, height }
    }

    fn boxed(bbox: BBox) -> Annotation {
        let ring = vec![Polygon::from_ring(polygon::rectangle(&corner([10.0, 10.0, 20.0, 30.0])))];
        let area = Some(bbox.area());
        Annotation { bbox: Some(bbox), shape: Shape::Polygons(ring), area, ..Annotation::default() }
    }

    fn after(bbox: BBox, frame: Frame, rule: Rule, message: &str) -> Option<[f64; 4]> {
        let mut annotation = boxed(bbox);
        annotation.shape = Shape::None;
        let done = mend(&mut annotation, frame, &[Broken { rule, message }]);
        let bbox = annotation.bbox?.corner_and_size();
        (done == [rule]).then_some(bbox.map(|number| (number * 1e6).round() / 1e6))
    }

    #[test]
    fn boxes_are_read_as_they_were_meant() {
        let fractions = Frame { is_fractions: true, ..FRAME };
        let [cx, cy, width, height] = [10.0, 10.0, 30.0, 40.0];
        let centre = BBox::Centre { cx, cy, width, height };
        let corners = BBox::Corners { x_min: 10.0, y_min: 10.0, x_max: 30.0, y_max: 30.0 };
        let plain = corner([10.0, 10.0, 30.0, 40.0]);
        let tiny = corner([0.1, 0.2, 0.3, 0.4]);
        let many = BBox::Centre { cx: 2000.0, cy: 1000.0, width: 1000.0, height: 500.0 };
        for (bbox, frame, rule, message, expected) in [
            (plain, FRAME, Rule::CornersAsSize, "", Some([10.0, 10.0, 20.0, 30.0])),
            (centre, fractions, Rule::CornersAsSize, "", Some([10.0, 10.0, 20.0, 30.0])),
            (corners, FRAME, Rule::SizeAsCorners, "", Some([10.0, 10.0, 30.0, 30.0])),
            (centre, fractions, Rule::CornerAsCentre, "", Some([10.0, 10.0, 30.0, 40.0])),
            (plain, FRAME, Rule::CentreAsCorner, "", Some([-5.0, -10.0, 30.0, 40.0])),
            (corners, FRAME, Rule::CentreAsCorner, "", Some([-5.0, -5.0, 30.0, 30.0])),
            (corners, FRAME, Rule::CornerAsCentre, "", None),
            (tiny, FRAME, Rule::WrongUnit, "fractions", Some([10.0, 10.0, 30.0, 20.0])),
            (tiny, FRAME, Rule::BelowAPixel, "", Some([10.0, 10.0, 30.0, 20.0])),
            (plain, FRAME, Rule::BelowAPixel, "", None),
            (plain, FRAME, Rule::WrongUnit, "percent", Some([10.0, 5.0, 30.0, 20.0])),
            (many, fractions, Rule::WrongUnit, "pixels", Some([15.0, 15.0, 10.0, 10.0])),
            (many, fractions, Rule::WrongUnit, "percent", Some([15.0, 7.5, 10.0, 5.0])),
            (
                corner([-5.0, 40.0, 20.0, 20.0]),
                FRAME,
                Rule::BeyondBorder,
                "",
                Some([0.0, 40.0, 15.0, 10.0]),
            ),
            (corner([200.0, 40.0, 20.0, 20.0]), FRAME, Rule::BeyondBorder, "", None),
        ] {
            assert_eq!(after(bbox, frame, rule, message), expected, "{} {bbox:?}", rule.code());
        }
    }

    #[test]
    fn what_follows_from_the_shape_follows_from_it_again() {
        let wrong = corner([10.0, 10.0, 30.0, 40.0]);
        for (rule, message, stated, expected) in [
            (Rule::BoxNotShape, "", 600.0, ([10.0, 10.0, 20.0, 30.0], Some(600.0))),
            (Rule::BoxNotShape, "", 1200.0, ([10.0, 10.0, 20.0, 30.0], Some(600.0))),
            (Rule::BoxNotShape, "", 7.0, ([10.0, 10.0, 20.0, 30.0], Some(7.0))),
            (
                Rule::AreaNotShape,
                "the area of the polygon is",
                7.0,
                (wrong.corner_and_size(), Some(600.0)),
            ),
            (
                Rule::AreaNotShape,
                "the area of the box is 1200",
                7.0,
                (wrong.corner_and_size(), Some(1200.0)),
            ),
            (Rule::AreaWithoutRule, "", 7.0, (wrong.corner_and_size(), Some(600.0))),
        ] {
            let mut annotation = Annotation { area: Some(stated), ..boxed(wrong) };
            assert_eq!(mend(&mut annotation, FRAME, &[Broken { rule, message }]), [rule]);
            let found = (annotation.bbox.unwrap().corner_and_size(), annotation.area);
            assert_eq!(found, expected, "{} {stated}", rule.code());
        }
    }

    #[test]
    fn several_breaches_are_mended_one_after_the_other() {
        let mut annotation = boxed(corner([10.0, 10.0, 30.0, 40.0]));
        annotation.crowd = true;
        let rules = [Rule::AllCrowd, Rule::AreaWithoutRule, Rule::CornersAsSize];
        let broken = rules.map(|rule| Broken { rule, message: "" });
        let done = mend(&mut annotation, FRAME, &broken);
        assert_eq!(done, [Rule::CornersAsSize, Rule::AreaWithoutRule, Rule::AllCrowd]);
        assert_eq!((annotation.area, annotation.crowd), (Some(600.0), false));
        let mut boxed = Annotation { shape: Shape::None, ..annotation };
        mend(&mut boxed, FRAME, &[Broken { rule: Rule::MixedRows, message: "" }]);
        assert!(boxed.bbox.is_none() && boxed.shape.bounds().is_some());
    }
}
