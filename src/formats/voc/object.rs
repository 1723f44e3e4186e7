//! One `<object>` of a Pascal VOC file.

use super::element::{add, add_value, read_number, single};
use super::polygon::{other_members, read_polygons};
use crate::error::{Error, Result};
use crate::format::choice;
use crate::geometry::BBox;
use crate::model::{Annotation, Category, Extra, Shape, Verbatim};
use crate::rules::Rule;
use crate::xml::{Element, XmlFile};

choice! {
    /// What `<xmax>` and `<ymax>` of a box mean. It says nothing about polygons.
    ///
    /// Source: the VOC development kit counts both ends of a box as pixels of it, and so did
    /// mmdetection's first versions; most tools write the edge itself.
    FarEdge {
        /// The right and bottom edge: a box from 0 to 10 is 10 pixels wide.
        Exclusive "exclusive",
        /// The last pixel that belongs to the box: a box from 0 to 9 is 10 pixels wide.
        Inclusive "inclusive",
    }
}

impl FarEdge {
    /// How far the edge lies behind the number that the file states, in pixels.
    pub fn shift(self) -> f64 {
        match self {
            Self::Exclusive => 0.0,
            Self::Inclusive => 1.0,
        }
    }
}

/// The objects of a file. Those that LabelMe keeps as deleted (`<deleted>1</deleted>`) are none.
pub fn objects(root: &Element) -> impl Iterator<Item = &Element> {
    let is_deleted = |object: &Element| {
        object.child("deleted").is_some_and(|deleted| deleted.text.trim() == "1")
    };
    root.children.iter().filter(move |child| child.name == "object" && !is_deleted(child))
}

/// An object in pixels from 0, with a box, a polygon or both; `categories` are sorted by name.
///
/// The file counts its first pixel as `origin`. Corners in the wrong order are kept as stated.
///
/// # Errors
/// Where the object has no name, neither box nor polygon, or one of them is broken.
pub fn read_object(
    xml: &XmlFile,
    object: &Element,
    categories: &[Verbatim<Category>],
    origin: f64,
    far_edge: FarEdge,
) -> Result<Annotation> {
    let name = read_name(xml, object)?;
    let category = categories.binary_search_by(|category| category.name.cmp(&name)).ok();
    let polygons = read_polygons(xml, object, origin)?;
    let bbox = match object.child("bndbox") {
        Some(_) => Some(read_box(xml, single(xml, object, "bndbox")?, origin, far_edge)?),
        None if polygons.is_empty() => return Err(without_shape(xml, object)),
        None => None,
    };
    let shape = match polygons.is_empty() {
        true => Shape::None,
        false => Shape::Polygons(polygons),
    };
    let (at, extra) = (object.offset, members(object));
    Ok(Annotation { at, category, bbox, shape, extra, ..Annotation::default() })
}

/// The name of an object's class.
///
/// # Errors
/// Where there is none, or an empty one.
pub fn read_name(xml: &XmlFile, object: &Element) -> Result<String> {
    match object.child("name") {
        Some(name) if !name.text.trim().is_empty() => Ok(name.text.clone()),
        Some(name) => Err(xml
            .error(name.offset, "name", "the name of a class", "nothing")
            .breaking(Rule::EmptyClass)),
        None => Err(xml
            .error(object.offset, "object", "a <name>", "none")
            .breaking(Rule::MissingMember)),
    }
}

fn read_box(xml: &XmlFile, bndbox: &Element, origin: f64, far_edge: FarEdge) -> Result<BBox> {
    let edge = |name: &str| Ok(read_number(xml, single(xml, bndbox, name)?)? - origin);
    Ok(BBox::Corners {
        x_min: edge("xmin")?,
        y_min: edge("ymin")?,
        x_max: edge("xmax")? + far_edge.shift(),
        y_max: edge("ymax")? + far_edge.shift(),
    })
}

/// An object that has nothing that can be read.
fn without_shape(xml: &XmlFile, object: &Element) -> Error {
    let (at, found) = match object.child("robndbox") {
        Some(oriented) => (oriented, "an oriented box (<robndbox>), which is not read yet"),
        None => (object, "neither"),
    };
    xml.error(at.offset, "object", "a <bndbox> or a <polygon>", found).breaking(Rule::MissingMember)
}

/// The members of an object that have no place in the model.
fn members(object: &Element) -> Extra {
    let mut extra = Extra::new();
    for child in &object.children {
        match child.name.as_str() {
            "name" | "bndbox" => {}
            "polygon" => {
                let others = other_members(child);
                others.into_iter().for_each(|value| add_value(&mut extra, "polygon", value));
            }
            _ => add(&mut extra, child),
        }
    }
    extra
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// What `read` makes of an object with these members, from line 2 on; a failure with its
    /// line and column.
    pub fn in_object<T>(
        members: &str,
        read: impl Fn(&XmlFile, &Element) -> Result<T>,
    ) -> Result<T, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xml");
        std::fs::write(&path, format!("<object>\n{members}</object>")).unwrap();
        let xml = XmlFile::read(&path).unwrap();
        read(&xml, &xml.root().unwrap())
            .map_err(|error| error.to_string().rsplit_once("a.xml:").unwrap().1.to_owned())
    }

    fn annotation(members: &str, far_edge: FarEdge) -> Result<Annotation, String> {
        let categories = [Verbatim::new(Category::named("leaf"))];
        let members = format!("<name>leaf</name>{members}");
        in_object(&members, |xml, object| read_object(xml, object, &categories, 1.0, far_edge))
    }

    fn bndbox(corners: [&str; 4]) -> String {
        let edges = ["xmin", "ymin", "xmax", "ymax"].iter().zip(corners);
        let edges: String = edges.map(|(edge, at)| format!("<{edge}>{at}</{edge}>")).collect();
        format!("<bndbox>{edges}</bndbox>")
    }

    const POLYGON: &str =
        "<polygon><x1>1</x1><y1>1</y1><x2>5</x2><y2>1</y2><x3>3</x3><y3>7</y3></polygon>";

    #[test]
    fn the_far_edge_is_that_of_boxes_alone() {
        for (far_edge, corners, expected) in [
            (FarEdge::Exclusive, ["1", "2", "10", "20.5"], [0.0, 1.0, 9.0, 19.5]),
            (FarEdge::Inclusive, ["1", "2", "10", "20.5"], [0.0, 1.0, 10.0, 20.5]),
            (FarEdge::Inclusive, ["3", "3", "3", "3"], [2.0, 2.0, 3.0, 3.0]),
            (FarEdge::Exclusive, ["10", "20", "1", "2"], [9.0, 19.0, 0.0, 1.0]),
        ] {
            let read = annotation(&(bndbox(corners) + POLYGON), far_edge).unwrap();
            assert_eq!(read.bbox.unwrap().corners(), expected, "{far_edge:?} {corners:?}");
            let bounds = read.shape.bounds().unwrap().corners();
            assert_eq!(bounds, [0.0, 0.0, 4.0, 6.0]);
        }
    }

    #[test]
    fn a_polygon_is_the_shape_and_no_member() {
        let boxed = bndbox(["1", "1", "9", "9"]);
        let me = POLYGON.replace("<polygon>", "<polygon><username>me</username>");
        let robndbox = "<robndbox><cx>1</cx></robndbox>";
        let is = |is_box, is_polygon, extra| (is_box, is_polygon, extra);
        for (members, expected) in [
            (boxed.clone(), is(true, false, serde_json::json!({}))),
            (POLYGON.to_owned(), is(false, true, serde_json::json!({}))),
            (format!("{boxed}{POLYGON}{POLYGON}"), is(true, true, serde_json::json!({}))),
            (format!("{boxed}<polygon/>"), is(true, false, serde_json::json!({}))),
            (me.clone(), is(false, true, serde_json::json!({"polygon": {"username": "me"}}))),
            (
                format!("{boxed}{robndbox}<part>a</part>"),
                is(true, false, serde_json::json!({"robndbox": {"cx": 1}, "part": ["a"]})),
            ),
        ] {
            let read = annotation(&members, FarEdge::Exclusive).unwrap();
            let is_polygon = matches!(&read.shape, Shape::Polygons(parts) if !parts.is_empty());
            let found = is(read.bbox.is_some(), is_polygon, serde_json::Value::Object(read.extra));
            assert_eq!(found, expected, "{members}");
        }
    }

    #[test]
    fn broken_objects_are_refused_with_their_place() {
        let lacks = "object: expected a <bndbox> or a <polygon>, found";
        let boxed = bndbox(["1", "1", "9", "9"]);
        for (members, expected) in [
            (String::new(), format!("1:1: {lacks} neither")),
            ("<polygon/>".to_owned(), format!("1:1: {lacks} neither")),
            (
                "\n<robndbox><cx>1</cx></robndbox>".to_owned(),
                format!("3:1: {lacks} an oriented box (<robndbox>), which is not read yet"),
            ),
            (
                format!("{boxed}\n{boxed}"),
                "3:1: object: expected one <bndbox>, found another".into(),
            ),
            ("<bndbox/>".to_owned(), "2:18: bndbox: expected <xmin>, found none".into()),
            (
                bndbox(["1", "12,5", "3", "4"]),
                "2:40: <ymin>: expected a number, found \"12,5\"".into(),
            ),
            (
                bndbox(["1", "1", "inf", "4"]),
                "2:54: <xmax>: expected a number, found \"inf\"".into(),
            ),
            (
                boxed + "<polygon><x1>1</x1></polygon>",
                "2:100: polygon: expected <x1> and <y1>, found <x1> alone".into(),
            ),
        ] {
            let error = annotation(&members, FarEdge::Exclusive).unwrap_err();
            assert_eq!(error, expected, "{members}");
        }
    }

    #[test]
    fn deleted_objects_are_left_out() {
        let text = "<object><deleted>0</deleted></object><object><deleted>1</deleted></object>\
            <other/><object/>";
        let count = in_object(text, |_, root| Ok(objects(root).count())).unwrap();
        assert_eq!(count, 2);
    }
}
