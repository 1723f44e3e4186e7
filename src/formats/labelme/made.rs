//! The shapes that are made of an annotation.

use super::object::is_sized;
use super::{Masks, mask};
use crate::error::Result;
use crate::fit::{self, Fit};
use crate::geometry::{BBox, Coord, Inset, Size};
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Extra, Image, Shape};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How shapes are made.
pub struct Made {
    pub fit: Fit,
    pub masks: Masks,
}

impl Made {
    /// The shapes that stand for an annotation; none, counted, where there are none.
    pub fn shapes(
        &self,
        image: &Image,
        annotation: &Annotation,
        number: usize,
        losses: &mut Losses,
    ) -> Result<Vec<Extra>> {
        if let Some(bounds) = annotation.bounds().filter(|_| is_sized(annotation))
            && fit::is_far_outside(&bounds, image, number, losses)
        {
            return Ok(Vec::new());
        }
        let point = |it: &Coord<f64>| [it.x, it.y];
        let shapes = match &annotation.shape {
            Shape::Mask(mask) if self.masks == Masks::Mask && is_of(mask.size(), image) => {
                match mask::write(mask) {
                    Some((png, corners)) => vec![masked(&corners, png)],
                    None if mask.area() > 0 => self.polygons(image, annotation, number, losses)?,
                    None => Vec::new(),
                }
            }
            Shape::Polygons(_) | Shape::Mask(_) | Shape::Unread(_) | Shape::Ellipse { .. } => {
                return self.polygons_or_none(image, annotation, number, losses);
            }
            Shape::None => {
                annotation.bbox.iter().filter(|it| it.is_proper()).map(rectangle).collect()
            }
            Shape::Oriented { .. } => {
                let corners = annotation.shape.corners().unwrap_or_default();
                vec![drawn("oriented_rectangle", &corners.map(|it| point(&it)))]
            }
            Shape::Polyline(points) => {
                let points: Vec<_> = points.iter().map(point).collect();
                vec![drawn(if points.len() == 2 { "line" } else { "linestrip" }, &points)]
            }
            Shape::Points(points) => {
                let points: Vec<_> = points.iter().map(point).collect();
                vec![drawn(if points.len() == 1 { "point" } else { "points" }, &points)]
            }
            Shape::Circle { centre, radius } => {
                vec![drawn("circle", &[point(centre), [centre.x + radius, centre.y]])]
            }
        };
        if shapes.is_empty() || !shapes.iter().all(is_whole) {
            losses.annotation(reason_of_none(annotation), number);
            return Ok(Vec::new());
        }
        Ok(shapes)
    }

    /// As [`Self::polygons`]; none are counted where nothing else was.
    fn polygons_or_none(
        &self,
        image: &Image,
        annotation: &Annotation,
        number: usize,
        losses: &mut Losses,
    ) -> Result<Vec<Extra>> {
        let before = losses.dropped();
        let shapes = self.polygons(image, annotation, number, losses)?;
        if shapes.is_empty() && losses.dropped() == before {
            losses.annotation(Reason::EmptyShape, number);
        }
        Ok(shapes)
    }

    /// A polygon for each part of a shape.
    fn polygons(
        &self,
        image: &Image,
        annotation: &Annotation,
        number: usize,
        losses: &mut Losses,
    ) -> Result<Vec<Extra>> {
        let outlines = self.fit.outlines(annotation, number, image, Inset::EXACT, losses)?;
        let Some((parts, made)) = outlines else { return Ok(Vec::new()) };
        let mut own = Losses::default();
        let ring = |part| {
            let rings = self.fit.rings(std::slice::from_ref(part), made, number, &mut own);
            let points =
                |ring: &[Coord<f64>]| ring.iter().map(|it| [it.x, it.y]).collect::<Vec<_>>();
            rings.first().map(|ring| drawn("polygon", &points(ring)))
        };
        let rings: Vec<Extra> = parts.iter().filter_map(ring).collect();
        if !rings.is_empty() && rings.len() < parts.len() {
            own.annotation(Reason::PartsDropped, number);
        }
        // What several parts lose is one loss of the object.
        let reasons: BTreeSet<Reason> = own.iter().map(|loss| loss.reason).collect();
        reasons.into_iter().for_each(|reason| losses.annotation(reason, number));
        Ok(rings)
    }
}

fn is_of(size: Size, image: &Image) -> bool {
    image.size.is_none_or(|image| image == size)
}

fn reason_of_none(annotation: &Annotation) -> Reason {
    match (&annotation.shape, annotation.bbox) {
        (Shape::None, None) => Reason::NoBox,
        (Shape::None, Some(_)) => Reason::ImproperBox,
        _ => Reason::EmptyShape,
    }
}

/// Whether a shape has points, all of them numbers: JSON has no others.
fn is_whole(shape: &Extra) -> bool {
    let points = shape.get("points").and_then(Value::as_array);
    let is_number = |point: &Value| {
        point.as_array().is_some_and(|numbers| numbers.iter().all(Value::is_number))
    };
    points.is_some_and(|points| !points.is_empty() && points.iter().all(is_number))
}

fn rectangle(bbox: &BBox) -> Extra {
    let [x_min, y_min, x_max, y_max] = bbox.corners();
    drawn("rectangle", &[[x_min, y_min], [x_max, y_max]])
}

fn masked(corners: &[[f64; 2]; 2], png: String) -> Extra {
    let mut shape = drawn("mask", corners);
    shape.insert("mask".to_owned(), Value::String(png));
    shape
}

/// A shape with LabelMe's members in its order.
fn drawn(kind: &str, points: &[[f64; 2]]) -> Extra {
    let members = [
        ("label", Value::Null),
        ("points", json!(points)),
        ("group_id", Value::Null),
        ("description", json!("")),
        ("shape_type", json!(kind)),
        ("flags", json!({})),
        ("mask", Value::Null),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::write::tests::{SIZE, written};
    use super::*;
    use crate::geometry::{Polygon, Rle};

    fn square(x: f64) -> Polygon {
        let corners = [(x, 1.0), (x + 2.0, 1.0), (x + 2.0, 3.0), (x, 3.0)];
        Polygon::from_ring(corners.map(|(x, y)| Coord { x, y }).to_vec())
    }

    #[test]
    fn shapes_are_written_as_what_they_are() {
        let at = |x: f64, y: f64| Coord { x, y };
        let mask = Rle::of_runs(SIZE, [(11, 13), (21, 22)]).unwrap();
        let (centre, theta) = (at(6.0, 5.0), None);
        let cases = [
            (Shape::None, "no-box", ""),
            (Shape::Mask(mask), "", "mask"),
            (Shape::Mask(Rle::of_runs(SIZE, []).unwrap()), "empty-shape", ""),
            (Shape::Mask(Rle::none()), "mask-size", ""),
            (
                Shape::Oriented { centre, width: 4.0, height: 2.0, angle: 0.5 },
                "",
                "oriented_rectangle",
            ),
            (Shape::Polyline(vec![centre, at(1.0, 1.0)]), "", "line"),
            (Shape::Polyline(vec![centre, at(1.0, 1.0), at(2.0, 1.0)]), "", "linestrip"),
            (Shape::Points(vec![centre]), "", "point"),
            (Shape::Points(vec![centre; 2]), "", "points"),
            (Shape::Points(vec![]), "empty-shape", ""),
            (Shape::Circle { centre, radius: 2.0 }, "", "circle"),
            (Shape::Circle { centre, radius: f64::INFINITY }, "empty-shape", ""),
            (Shape::Ellipse { centre, rx: 3.0, ry: 2.0, theta }, "curve-as-polygon", "polygon"),
            (Shape::Polygons(vec![square(50.0)]), "outside-image", ""),
            (Shape::Polygons(vec![]), "empty-shape", ""),
        ];
        for (shape, reason, kind) in cases {
            let shown = format!("{shape:?}");
            let annotation = Annotation { category: Some(1), shape, ..Annotation::default() };
            let (shapes, losses) = written(&[], vec![annotation]);
            assert_eq!(losses.join(" "), reason, "{shown}");
            let kinds: Vec<&str> =
                shapes.iter().map(|it| it["shape_type"].as_str().unwrap()).collect();
            assert_eq!(kinds.join(" "), kind, "{shown}");
        }
    }

    #[test]
    fn masks_are_polygons_where_that_is_asked() {
        let mask = Rle::of_runs(SIZE, [(11, 14), (41, 44), (51, 54)]).unwrap();
        let annotation =
            Annotation { category: Some(0), shape: Shape::Mask(mask), ..Annotation::default() };
        let settings = [("masks", "polygon"), ("rings", "edge")];
        let (shapes, losses) = written(&settings, vec![annotation]);
        let kinds: Vec<_> = shapes.iter().map(|it| (&it["shape_type"], &it["group_id"])).collect();
        assert_eq!(kinds, [(&json!("polygon"), &json!(1)); 2]);
        assert_eq!(shapes[0]["points"].as_array().unwrap().len(), 4);
        assert_eq!(losses, ["mask-as-polygon"]);
    }
}
