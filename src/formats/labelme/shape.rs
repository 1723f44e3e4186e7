//! One shape of a LabelMe file.

use crate::error::Mismatch;
use crate::geometry::{BBox, Coord, Polygon, Ring, polygon};
use crate::model::{Extra, Shape};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// A shape as it is stated.
#[derive(Debug, Default)]
pub struct Drawn {
    pub label: String,
    /// Its `shape_type`; old files have none, and polygons only.
    pub kind: Option<String>,
    points: Vec<[f64; 2]>,
    group: Option<Value>,
    /// A PNG in base64.
    mask: Option<String>,
    /// All other members that say anything.
    pub extra: Extra,
}

/// What a shape is.
#[derive(Debug, Clone, PartialEq)]
pub enum Outline {
    /// A box.
    Box(BBox),
    /// A shape of the model.
    Shape {
        shape: Shape,
        /// Whether its first point is repeated at the end.
        is_closed: bool,
    },
    /// A mask: the PNG, and the corners of its box.
    Mask { png: String, first: Coord<f64>, last: Coord<f64> },
}

impl<'de> Deserialize<'de> for Drawn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DrawnVisitor)
    }
}

struct DrawnVisitor;

impl<'de> Visitor<'de> for DrawnVisitor {
    type Value = Drawn;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Drawn, A::Error> {
        let mut drawn = Drawn::default();
        let (mut label, mut points) = (None, None);
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "label" => label = Some(map.next_value()?),
                "points" => points = Some(map.next_value()?),
                "shape_type" => drawn.kind = map.next_value()?,
                "group_id" => drawn.group = map.next_value()?,
                "mask" => drawn.mask = map.next_value()?,
                _ => {
                    let value = map.next_value()?;
                    drawn.extra.insert(name, value);
                }
            }
        }
        drawn.extra.retain(|name, value| !is_empty(name, value));
        drawn.label = label.ok_or_else(|| de::Error::missing_field("label"))?;
        drawn.points = points.ok_or_else(|| de::Error::missing_field("points"))?;
        Ok(drawn)
    }
}

/// Whether a member is one that LabelMe writes where nobody stated anything.
pub fn is_empty(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(flags) => name == "flags" && flags.is_empty(),
        Value::String(text) => name == "description" && text.is_empty(),
        _ => false,
    }
}

impl Drawn {
    /// The number of the group that it is of.
    ///
    /// # Errors
    /// Where that is no whole number.
    pub fn group(&self) -> Result<Option<i64>, Mismatch> {
        let Some(group) = &self.group else { return Ok(None) };
        const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
        let whole = |number: &f64| number.fract() == 0.0 && number.abs() <= LARGEST_EXACT;
        let number = group.as_i64().or_else(|| group.as_f64().filter(whole).map(|it| it as i64));
        match number {
            Some(number) => Ok(Some(number)),
            None => Err(Mismatch::new("a whole number \"group_id\" or null", group.to_string())),
        }
    }

    /// What it is, by its kind and its points; those are taken out of it.
    ///
    /// # Errors
    /// Where the kind is not known, or has another number of points.
    pub fn outline(&mut self) -> Result<Outline, Mismatch> {
        let points: Vec<Coord<f64>> =
            std::mem::take(&mut self.points).into_iter().map(|[x, y]| Coord { x, y }).collect();
        let of = |shape| Ok(Outline::Shape { shape, is_closed: false });
        match self.kind.as_deref().unwrap_or("polygon") {
            "polygon" => Ok(ring(points)),
            "rectangle" => rectangle(&points).map(Outline::Box),
            // X-AnyLabeling calls it a rotation.
            "oriented_rectangle" | "rotation" => {
                let [a, b, c, d] = exactly(&points)?;
                Ok(oriented([a, b, c, d]).map_or_else(
                    || ring(points),
                    |shape| Outline::Shape { shape, is_closed: false },
                ))
            }
            "circle" => {
                let [centre, rim] = exactly(&points)?;
                of(Shape::Circle { centre, radius: (rim.x - centre.x).hypot(rim.y - centre.y) })
            }
            "line" | "linestrip" => of(Shape::Polyline(points)),
            "point" | "points" => of(Shape::Points(points)),
            "mask" => {
                let [first, last] = exactly(&points)?;
                let png = self.mask.take();
                let png = png.ok_or_else(|| Mismatch::new("a PNG \"mask\"", "none"))?;
                Ok(Outline::Mask { png, first, last })
            }
            other => {
                let expected = "a shape_type of LabelMe (polygon, rectangle, oriented_rectangle, \
                     circle, line, linestrip, point, points, mask)";
                Err(Mismatch::new(expected, format!("{other:?}")))
            }
        }
    }
}

fn exactly<const N: usize>(points: &[Coord<f64>]) -> Result<[Coord<f64>; N], Mismatch> {
    let found = || Mismatch::new(format!("{N} points"), points.len().to_string());
    points.try_into().map_err(|_| found())
}

fn ring(points: Ring) -> Outline {
    let open = polygon::open(&points).to_vec();
    let is_closed = open.len() < points.len();
    Outline::Shape { shape: Shape::Polygons(vec![Polygon::from_ring(open)]), is_closed }
}

/// A box by two corners that face each other, or by all four.
fn rectangle(points: &[Coord<f64>]) -> Result<BBox, Mismatch> {
    let around = polygon::bounds(points).map(|bbox| bbox.corners());
    match (points, around) {
        ([_, _], Some([x_min, y_min, x_max, y_max])) => {
            Ok(BBox::Corners { x_min, y_min, x_max, y_max })
        }
        ([_, _, _, _], Some([x_min, y_min, x_max, y_max])) => {
            let has = |x: f64, y: f64| points.iter().any(|it| (it.x, it.y) == (x, y));
            let is_box = [x_min, x_max].iter().all(|x| has(*x, y_min) && has(*x, y_max));
            let bbox = BBox::Corners { x_min, y_min, x_max, y_max };
            is_box.then_some(bbox).ok_or_else(|| Mismatch::new("the corners of a box", "others"))
        }
        _ => Err(Mismatch::new("2 points", points.len().to_string())),
    }
}

/// How far a corner may be from where the other three want it, as a share of the longest side:
/// corners are drawn with floating-point numbers.
const SKEWED: f64 = 1e-6;

/// The turned box of four corners; none where they are not those of a rectangle.
fn oriented([a, b, c, d]: [Coord<f64>; 4]) -> Option<Shape> {
    let (along, across) = ((b.x - a.x, b.y - a.y), (d.x - a.x, d.y - a.y));
    let (width, height) = (along.0.hypot(along.1), across.0.hypot(across.1));
    let allowed = SKEWED * width.max(height);
    let is_fourth = (b.x + d.x - a.x - c.x).hypot(b.y + d.y - a.y - c.y) <= allowed;
    let cosine = (along.0 * across.0 + along.1 * across.1).abs();
    let is_right = cosine <= allowed * width.min(height);
    let centre = Coord { x: (a.x + c.x) / 2.0, y: (a.y + c.y) / 2.0 };
    let angle = along.1.atan2(along.0);
    (is_fourth && is_right && width > 0.0).then_some(Shape::Oriented {
        centre,
        width,
        height,
        angle,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(members: &str) -> Result<Outline, String> {
        let text = format!("{{\"label\": \"a\", {members}}}");
        let mut drawn: Drawn = serde_json::from_str(&text).map_err(|it| it.to_string())?;
        drawn.outline().map_err(|it| format!("{} | {}", it.expected, it.found))
    }

    fn shape(members: &str) -> Shape {
        match outline(members).unwrap() {
            Outline::Shape { shape, .. } => shape,
            other => panic!("{other:?}"),
        }
    }

    fn at(x: f64, y: f64) -> Coord<f64> {
        Coord { x, y }
    }

    #[test]
    fn shapes_are_of_their_kinds() {
        let ring = vec![at(1.0, 2.0), at(5.0, 2.0), at(3.0, 6.5)];
        let polygon = Shape::Polygons(vec![Polygon::from_ring(ring.clone())]);
        let three = r#""points": [[1, 2], [5, 2], [3, 6.5]]"#;
        for (kind, expected) in [
            ("null", polygon.clone()),
            ("\"polygon\"", polygon),
            ("\"linestrip\"", Shape::Polyline(ring.clone())),
            ("\"line\"", Shape::Polyline(ring.clone())),
            ("\"points\"", Shape::Points(ring.clone())),
            ("\"point\"", Shape::Points(ring)),
        ] {
            assert_eq!(shape(&format!("{three}, \"shape_type\": {kind}")), expected, "{kind}");
        }
        let circle = shape(r#""points": [[10, 20], [13, 24]], "shape_type": "circle""#);
        assert_eq!(circle, Shape::Circle { centre: at(10.0, 20.0), radius: 5.0 });
    }

    #[test]
    fn the_corners_of_a_box_may_come_in_any_order() {
        let expected = BBox::Corners { x_min: 1.0, y_min: 2.0, x_max: 5.0, y_max: 8.0 };
        for points in [
            "[[1, 2], [5, 8]]",
            "[[5, 8], [1, 2]]",
            "[[1, 8], [5, 2]]",
            "[[1, 2], [5, 2], [5, 8], [1, 8]]",
        ] {
            let found = outline(&format!("\"points\": {points}, \"shape_type\": \"rectangle\""));
            assert_eq!(found, Ok(Outline::Box(expected)), "{points}");
        }
    }

    #[test]
    fn a_turned_box_is_one_by_its_corners() {
        let of = |points: &str| shape(&format!("{points}, \"shape_type\": \"oriented_rectangle\""));
        let turned = of(r#""points": [[10, 10], [16, 18], [12, 21], [6, 13]]"#);
        let Shape::Oriented { centre, width, height, angle } = turned else { panic!("{turned:?}") };
        assert_eq!((centre, width, height), (at(11.0, 15.5), 10.0, 5.0));
        assert!((angle - 4f64.atan2(3.0)).abs() < 1e-12);
        let skewed = of(r#""points": [[10, 10], [16, 18], [12, 21], [6, 14]]"#);
        assert!(matches!(skewed, Shape::Polygons(_)), "{skewed:?}");
    }

    #[test]
    fn what_is_no_shape_is_refused() {
        for (members, expected) in [
            (r#""points": [[1, 2]], "shape_type": "rectangle""#, "2 points | 1"),
            (r#""points": [[1, 2]], "shape_type": "circle""#, "2 points | 1"),
            (r#""points": [[1, 2]], "shape_type": "oriented_rectangle""#, "4 points | 1"),
            (r#""points": [[1, 2], [3, 4]], "shape_type": "mask""#, "a PNG \"mask\" | none"),
            (
                r#""points": [[1, 1], [3, 1], [3, 3], [1, 4]], "shape_type": "rectangle""#,
                "the corners of a box | others",
            ),
            (r#""points": [[1, 2, 3]]"#, "trailing characters at line 1"),
            (r#""points": [["1", 2]]"#, "invalid type: string \"1\", expected f64"),
            (r#""shape_type": "mask""#, "missing field `points`"),
        ] {
            let found = outline(members).unwrap_err();
            assert!(found.starts_with(expected), "{members}: {found}");
        }
        let cuboid = outline(r#""points": [], "shape_type": "cuboid""#).unwrap_err();
        assert!(cuboid.ends_with("| \"cuboid\""), "{cuboid}");
    }

    #[test]
    fn members_that_say_nothing_are_left_out() {
        let text = r#"{"label": "a", "points": [], "flags": {}, "description": "", "line_color": null,
            "x": 0, "group_id": 3.0}"#;
        let drawn: Drawn = serde_json::from_str(text).unwrap();
        assert_eq!(drawn.extra.keys().collect::<Vec<_>>(), ["x"]);
        assert_eq!(drawn.group(), Ok(Some(3)));
        let named: Drawn =
            serde_json::from_str(r#"{"label": "a", "points": [], "group_id": "b"}"#).unwrap();
        assert!(named.group().is_err());
    }
}
