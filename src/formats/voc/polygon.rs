//! The polygons of an object, in the two forms that tools write.
//!
//! `<polygon><x1/><y1/><x2/><y2/>…</polygon>` is written by Roboflow, Labelbox and supervision,
//! `<polygon><pt><x/><y/></pt>…</polygon>` by the first LabelMe.

use super::element::{add, add_value, read_number, single};
use crate::error::Result;
use crate::geometry::{Coord, Polygon, Ring};
use crate::model::Extra;
use crate::xml::{Element, XmlFile};
use serde_json::Value;
use std::collections::BTreeMap;

/// The polygons of an object, in pixels from 0: one part for each `<polygon>` that is not empty.
///
/// The file counts its first pixel as `origin`. A ring is kept as stated, so it may have few
/// points or repeat its first one.
///
/// # Errors
/// Where a point lacks x or y, a number is left out or comes twice, or is no number.
pub fn read_polygons(xml: &XmlFile, object: &Element, origin: f64) -> Result<Vec<Polygon>> {
    let stated = object.children.iter().filter(|child| child.name == "polygon");
    let polygons = stated.filter(|polygon| !is_empty(polygon));
    polygons.map(|polygon| read_ring(xml, polygon, origin).map(Polygon::from_ring)).collect()
}

/// The members of a polygon that are no coordinates, as LabelMe's `<username>`.
pub fn other_members(polygon: &Element) -> Option<Value> {
    let mut others = Extra::new();
    for child in &polygon.children {
        match (coordinate(&child.name), child.name.as_str()) {
            (Some(_), _) => {}
            (None, "pt") => {
                let mut members = Extra::new();
                let beside = |member: &&Element| !matches!(member.name.as_str(), "x" | "y");
                child.children.iter().filter(beside).for_each(|member| add(&mut members, member));
                if !members.is_empty() {
                    add_value(&mut others, "pt", Value::Object(members));
                }
            }
            _ => add(&mut others, child),
        }
    }
    (!others.is_empty()).then_some(Value::Object(others))
}

fn is_empty(polygon: &Element) -> bool {
    polygon.children.is_empty() && polygon.text.trim().is_empty()
}

fn read_ring(xml: &XmlFile, polygon: &Element, origin: f64) -> Result<Ring> {
    let numbered = numbered(xml, polygon)?;
    let mut listed = polygon.children.iter().filter(|child| child.name == "pt").peekable();
    let error = |found: &str| {
        xml.error(polygon.offset, "polygon", "points as <x1>, <y1>, … or as <pt>", found)
    };
    match (numbered.is_empty(), listed.peek().is_some()) {
        (false, true) => Err(error("both")),
        (true, false) => Err(error("none")),
        (true, true) => listed.map(|pt| read_listed(xml, pt, origin)).collect(),
        (false, false) => {
            let points = (1..).zip(&numbered);
            points.map(|(due, stated)| read_numbered(xml, due, stated, origin)).collect()
        }
    }
}

/// A point that is an element of its own.
fn read_listed(xml: &XmlFile, pt: &Element, origin: f64) -> Result<Coord<f64>> {
    point(xml, single(xml, pt, "x")?, single(xml, pt, "y")?, origin)
}

fn point(xml: &XmlFile, x: &Element, y: &Element, origin: f64) -> Result<Coord<f64>> {
    Ok(Coord { x: read_number(xml, x)? - origin, y: read_number(xml, y)? - origin })
}

/// The elements of one number, `<x3>` and `<y3>`.
struct Numbered<'e> {
    /// The one that comes first in the file.
    first: &'e Element,
    x: Option<&'e Element>,
    y: Option<&'e Element>,
}

enum Axis {
    X,
    Y,
}

/// The axis and the number that an element's name states, as `y12` does.
fn coordinate(name: &str) -> Option<(Axis, usize)> {
    let (axis, digits) = match name.strip_prefix('x') {
        Some(digits) => (Axis::X, digits),
        None => (Axis::Y, name.strip_prefix('y')?),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // No polygon has so many points: the gap before the number is an error then.
    is_number.then(|| (axis, digits.parse().unwrap_or(usize::MAX)))
}

/// The coordinates by their numbers. They may stand in any order.
fn numbered<'e>(xml: &XmlFile, polygon: &'e Element) -> Result<BTreeMap<usize, Numbered<'e>>> {
    let mut points: BTreeMap<usize, Numbered> = BTreeMap::new();
    for child in &polygon.children {
        let Some((axis, number)) = coordinate(&child.name) else { continue };
        let point = points.entry(number).or_insert(Numbered { first: child, x: None, y: None });
        let slot = match axis {
            Axis::X => &mut point.x,
            Axis::Y => &mut point.y,
        };
        if slot.replace(child).is_some() {
            let expected = format!("one <{}>", child.name);
            return Err(xml.error(child.offset, "polygon", &expected, "another"));
        }
    }
    Ok(points)
}

/// The point that is due: numbers go up from 1 without a gap.
fn read_numbered(
    xml: &XmlFile,
    due: usize,
    (number, stated): (&usize, &Numbered),
    origin: f64,
) -> Result<Coord<f64>> {
    let error = |expected: &str, found: &str| {
        Err(xml.error(stated.first.offset, "polygon", expected, found))
    };
    let first = &stated.first.name;
    match (stated.x, stated.y) {
        _ if *number != due => error(&format!("<x{due}> and <y{due}>"), &format!("<{first}>")),
        (Some(x), Some(y)) => point(xml, x, y, origin),
        _ => error(&format!("<x{due}> and <y{due}>"), &format!("<{first}> alone")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::voc::object::tests::in_object;

    fn read(polygons: &str) -> Result<Vec<Vec<[f64; 2]>>, String> {
        in_object(polygons, |xml, object| {
            let parts = read_polygons(xml, object, 1.0)?.into_iter();
            let points = |part: Polygon| part.exterior.iter().map(|at| [at.x, at.y]).collect();
            Ok(parts.map(points).collect())
        })
    }

    #[test]
    fn both_forms_are_read_and_shifted() {
        let triangle = vec![[0.0, 1.0], [4.0, 1.0], [2.5, 6.0]];
        let numbered =
            "<polygon><x1>1</x1><y1>2</y1><x2>5</x2><y2>2</y2><x3>3.5</x3><y3> 7\n</y3></polygon>";
        let mixed =
            "<polygon><y3>7</y3><x2>5</x2><x1>1</x1><y1>2</y1><y2>2</y2><x3>3.5</x3></polygon>";
        let listed = "<polygon><username>me</username><pt><x>1</x><y>2</y></pt><pt><y>2</y><x>5</x></pt>\
            <pt><x>3.5</x><y>7</y><t>9</t></pt></polygon>";
        for (text, expected) in [
            (numbered.to_owned(), vec![triangle.clone()]),
            (mixed.to_owned(), vec![triangle.clone()]),
            (listed.to_owned(), vec![triangle.clone()]),
            (format!("{numbered}<pose/>{listed}"), vec![triangle.clone(), triangle.clone()]),
            (format!("<polygon/>{numbered}<polygon> </polygon>"), vec![triangle]),
            ("<polygon><x1>1</x1><y1>1</y1></polygon>".to_owned(), vec![vec![[0.0, 0.0]]]),
            (String::new(), vec![]),
        ] {
            assert_eq!(read(&text).unwrap(), expected, "{text}");
        }
        let many: String = (1..=12).map(|n| format!("<x{n}>{n}</x{n}><y{n}>1</y{n}>")).collect();
        let ring = read(&format!("<polygon>{many}</polygon>")).unwrap().remove(0);
        assert_eq!((ring.len(), ring[9], ring[11]), (12, [9.0, 0.0], [11.0, 0.0]));
    }

    #[test]
    fn broken_polygons_are_refused_with_their_place() {
        let forms = "2:1: polygon: expected points as <x1>, <y1>, … or as <pt>, found";
        for (inner, expected) in [
            ("1,2 3,4", format!("{forms} none")),
            ("<x>1</x><y>2</y>", format!("{forms} none")),
            ("<x1>1</x1><y1>2</y1><pt><x>1</x><y>2</y></pt>", format!("{forms} both")),
            (
                "<x1>1</x1><y1>2</y1>\n<x2>3</x2>",
                "3:1: polygon: expected <x2> and <y2>, found <x2> alone".to_owned(),
            ),
            ("<y1>1</y1>", "2:10: polygon: expected <x1> and <y1>, found <y1> alone".to_owned()),
            (
                "<x1>1</x1><y1>2</y1>\n<x3>3</x3><y3>1</y3>",
                "3:1: polygon: expected <x2> and <y2>, found <x3>".to_owned(),
            ),
            (
                "<x0>1</x0><y0>2</y0>",
                "2:10: polygon: expected <x1> and <y1>, found <x0>".to_owned(),
            ),
            (
                "<x1>1</x1><x1>1</x1><y1>2</y1>",
                "2:20: polygon: expected one <x1>, found another".to_owned(),
            ),
            (
                "<x99999999999999999999>1</x99999999999999999999>",
                "2:10: polygon: expected <x1> and <y1>, found <x99999999999999999999>".to_owned(),
            ),
            ("<pt><x>1</x></pt>", "2:10: pt: expected <y>, found none".to_owned()),
            (
                "<pt><x>1</x><x>1</x><y>1</y></pt>",
                "2:22: pt: expected one <x>, found another".to_owned(),
            ),
            (
                "<pt><x>12,5</x><y>1</y></pt>",
                "2:14: <x>: expected a number, found \"12,5\"".to_owned(),
            ),
            ("<pt><x>1</x><y/></pt>", "2:22: <y>: expected a number, found \"\"".to_owned()),
            ("<x1>1</x1><y1>nan</y1>", "2:20: <y1>: expected a number, found \"nan\"".to_owned()),
        ] {
            assert_eq!(read(&format!("<polygon>{inner}</polygon>")).unwrap_err(), expected);
        }
    }
}
