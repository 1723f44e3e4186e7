//! An image of a VIA file, and a region of it.

use crate::error::Mismatch;
use crate::geometry::{BBox, Coord, Polygon, Ring, polygon};
use crate::model::{Extra, Image, Shape};
use serde_json::Value;

/// An image of a VIA file.
pub struct Entry {
    pub image: Image,
    /// Its JSON pointer.
    pub pointer: String,
    /// Where it stands: its offset in a JSON file, its line in a CSV file.
    pub at: usize,
    pub regions: Vec<Region>,
    /// Whether some of its regions could not be read.
    pub is_doubtful: bool,
}

/// A region as stated.
pub struct Region {
    /// Its box or shape, or what is wrong with it. A file may have millions of regions, so that
    /// the text of the shape is not kept.
    pub shape: Result<Outline, Mismatch>,
    pub attributes: Extra,
    /// How its image calls it: its number, or its key in VIA 1.
    pub name: String,
    /// Where it stands, as its image's entry.
    pub at: usize,
}

/// What the `shape_attributes` of a region say.
pub struct Outline {
    pub bbox: Option<BBox>,
    pub shape: Shape,
    /// Whether the first point is repeated at the end.
    pub is_closed: bool,
}

impl Region {
    pub fn new(shape: &Extra, attributes: Extra, name: String, at: usize) -> Self {
        Self { shape: read_shape(shape), attributes, name, at }
    }
}

/// A number, or a text that is one.
fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        other => other.as_f64(),
    }
}

fn read_shape(shape: &Extra) -> Result<Outline, Mismatch> {
    let number = |name: &str| match shape.get(name).and_then(number_of) {
        Some(number) => Ok(number),
        None => Err(Mismatch::new(format!("a number {name:?}"), found(shape.get(name)))),
    };
    let centre = || Ok(Coord { x: number("cx")?, y: number("cy")? });
    let name = shape.get("name").and_then(Value::as_str).unwrap_or_default();
    let of = |shape| Outline { bbox: None, shape, is_closed: false };
    Ok(match name {
        "rect" => {
            let (x, y) = (number("x")?, number("y")?);
            let (width, height) = (number("width")?, number("height")?);
            Outline { bbox: Some(BBox::Corner { x, y, width, height }), ..of(Shape::None) }
        }
        "polygon" => {
            let ring = points(shape)?;
            let open = polygon::open(&ring).to_vec();
            let is_closed = open.len() < ring.len();
            Outline { is_closed, ..of(Shape::Polygons(vec![Polygon::from_ring(open)])) }
        }
        "polyline" => of(Shape::Polyline(points(shape)?)),
        "point" => of(Shape::Points(vec![centre()?])),
        "circle" => of(Shape::Circle { centre: centre()?, radius: number("r")? }),
        "ellipse" => of(Shape::Ellipse {
            centre: centre()?,
            rx: number("rx")?,
            ry: number("ry")?,
            theta: shape.contains_key("theta").then(|| number("theta")).transpose()?,
        }),
        other => {
            let expected = "a rect, polygon, polyline, circle, ellipse or point";
            return Err(Mismatch::new(expected, format!("{other:?}")));
        }
    })
}

/// `all_points_x` and `all_points_y`, which are of one length.
fn points(shape: &Extra) -> Result<Ring, Mismatch> {
    let list = |name: &str| {
        let list = shape.get(name).and_then(Value::as_array);
        let numbers = list.map(|list| list.iter().map(number_of).collect::<Option<Vec<f64>>>());
        let expected = format!("a list of numbers {name:?}");
        numbers.flatten().ok_or_else(|| Mismatch::new(expected, found(shape.get(name))))
    };
    let (xs, ys) = (list("all_points_x")?, list("all_points_y")?);
    if xs.len() != ys.len() {
        return Err(Mismatch::new("as many x as y", format!("{} and {}", xs.len(), ys.len())));
    }
    Ok(xs.into_iter().zip(ys).map(|(x, y)| Coord { x, y }).collect())
}

fn found(value: Option<&Value>) -> String {
    value.map_or("none".to_owned(), |value| match value {
        Value::Array(_) => "a list with other things".to_owned(),
        other => other.to_string(),
    })
}
