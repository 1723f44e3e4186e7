//! A line of the metadata: an image and its objects.

use crate::error::Mismatch;
use crate::geometry::{BBox, Coord, Polygon, Size};
use crate::json::JsonFile;
use crate::model::{Annotation, Extra, Id, Image, Shape};
use serde_json::Value;
use std::ops::Range;

/// The members of an object that state its class, in order of preference.
pub const CLASS: [&str; 7] =
    ["category_names", "categories", "category", "category_id", "labels", "label", "class"];

/// The members of a line that name its image.
pub const NAMES: [&str; 2] = ["file_name", "image_file_name"];

/// The lines of a file that are not blank: their numbers from 1, and their spans.
pub fn lines(file: &JsonFile) -> impl Iterator<Item = (usize, Range<usize>)> {
    let mut start = file.span().start;
    let pieces = file.bytes(&file.span()).split_inclusive(|byte| *byte == b'\n');
    let spans = pieces.enumerate().map(move |(number, piece)| {
        let before = start;
        start = start.saturating_add(piece.len());
        let text = piece.trim_ascii_start();
        let first = start.saturating_sub(text.len());
        let last = first.saturating_add(text.trim_ascii_end().len());
        (number.saturating_add(1), first.max(before)..last)
    });
    spans.filter(|(_, span)| !span.is_empty())
}

/// The class of an object, as stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Class {
    /// By its name.
    Name(String),
    /// By its number.
    Number(usize),
}

/// An image and its objects, each with all its members.
#[derive(Debug)]
pub struct Row {
    pub image: Image,
    pub objects: Vec<Extra>,
}

impl Row {
    /// Takes a line apart.
    pub fn of(mut members: Extra) -> Result<Self, Mismatch> {
        let name = NAMES.iter().find_map(|name| members.shift_remove(*name));
        let Some(Value::String(file_name)) = name else {
            return Err(Mismatch::new("a text \"file_name\"", shown(name.as_ref())));
        };
        let side = |name: &str, members: &mut Extra| {
            let side = members.shift_remove(name)?.as_f64()?;
            let is_side = side.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(&side);
            is_side.then_some(side as u32)
        };
        let sides = (side("width", &mut members), side("height", &mut members));
        let size = match sides {
            (Some(width), Some(height)) => Some(Size { width, height }),
            _ => None,
        };
        let id = members.shift_remove("image_id");
        let objects = objects(members.shift_remove("objects"))?;
        let id = id.as_ref().and_then(read_id);
        let image = Image { id, file_name, size, extra: members, ..Image::default() };
        Ok(Self { image, objects })
    }
}

/// The objects of an image, from an object of lists or from a list of objects.
fn objects(value: Option<Value>) -> Result<Vec<Extra>, Mismatch> {
    let lists = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => {
            let object = |value| match value {
                Value::Object(members) => Ok(members),
                other => Err(Mismatch::new("an object in \"objects\"", shown(Some(&other)))),
            };
            return list.into_iter().map(object).collect();
        }
        Some(Value::Object(lists)) => lists,
        other => return Err(Mismatch::new("\"objects\" with lists", shown(other.as_ref()))),
    };
    let is_stated = |(_, list): &(String, Value)| !list.is_null();
    let mut objects: Option<(String, Vec<Extra>)> = None;
    for (name, list) in lists.into_iter().filter(is_stated) {
        let Value::Array(list) = list else {
            let expected = format!("a list \"objects/{name}\"");
            return Err(Mismatch::new(expected, shown(Some(&list))));
        };
        let (first, objects) =
            objects.get_or_insert_with(|| (name.clone(), vec![Extra::new(); list.len()]));
        if list.len() != objects.len() {
            let expected = format!("as many {name:?} as {first:?} in \"objects\"");
            let found = format!("{} and {}", list.len(), objects.len());
            return Err(Mismatch::new(expected, found));
        }
        let stated = objects.iter_mut().zip(list).filter(|(_, value)| !value.is_null());
        for (object, value) in stated {
            object.insert(name.clone(), value);
        }
    }
    Ok(objects.map(|(_, objects)| objects).unwrap_or_default())
}

/// The class that an object states, taken out of its members; none where it states none.
pub fn take_class(object: &mut Extra) -> Result<Option<Class>, Mismatch> {
    let mut stated =
        CLASS.iter().filter_map(|name| object.shift_remove(*name).map(|it| (*name, it)));
    let Some((name, value)) = stated.next() else { return Ok(None) };
    // The number of a class that is named is no member of its own.
    drop(stated.next().filter(|_| name == "category_names"));
    match &value {
        Value::Null => Ok(None),
        Value::String(name) => Ok(Some(Class::Name(name.clone()))),
        other => match other.as_f64().filter(|it| it.fract() == 0.0 && (0.0..1e9).contains(it)) {
            Some(number) => Ok(Some(Class::Number(number as usize))),
            None => Err(Mismatch::new(
                format!("a name or a number from 0 {name:?}"),
                shown(Some(other)),
            )),
        },
    }
}

/// An object without its class.
pub fn annotation(mut object: Extra, at: usize) -> Result<Annotation, Mismatch> {
    let bbox = object.shift_remove("bbox").map(|value| bbox(&value)).transpose()?;
    let shape = object.get("segmentation").and_then(polygons);
    if shape.is_some() {
        object.shift_remove("segmentation");
    }
    let stated = object.shift_remove("id");
    let id = stated.as_ref().and_then(read_id);
    let area = object.get("area").and_then(Value::as_f64);
    let crowd = object.get("iscrowd").and_then(truth);
    for (name, is_read) in [("area", area.is_some()), ("iscrowd", crowd.is_some())] {
        if is_read {
            object.shift_remove(name);
        }
    }
    Ok(Annotation {
        id,
        at,
        bbox,
        area,
        shape: shape.unwrap_or_default(),
        crowd: crowd.unwrap_or_default(),
        extra: object,
        ..Annotation::default()
    })
}

/// An id; -1 stands for none.
pub fn read_id(value: &Value) -> Option<Id> {
    serde_json::from_value::<Id>(value.clone()).ok().filter(|id| id.number() != Some(-1))
}

fn truth(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_f64().map(|number| number != 0.0))
}

fn bbox(value: &Value) -> Result<BBox, Mismatch> {
    let numbers = value.as_array().and_then(|list| numbers(list)).unwrap_or_default();
    match *numbers {
        [x, y, width, height] => Ok(BBox::Corner { x, y, width, height }),
        _ => Err(Mismatch::new("a bbox [x, y, width, height]", shown(Some(value)))),
    }
}

fn numbers(list: &[Value]) -> Option<Vec<f64>> {
    list.iter().map(Value::as_f64).collect()
}

/// Polygons as COCO states them: a flat ring, or several.
fn polygons(value: &Value) -> Option<Shape> {
    let list = value.as_array().filter(|list| !list.is_empty())?;
    let ring = |list: &[Value]| {
        let numbers = numbers(list).filter(|it| it.len() >= 6 && it.len().is_multiple_of(2))?;
        let (points, _) = numbers.as_chunks::<2>();
        let ring = points.iter().map(|&[x, y]| Coord { x, y }).collect();
        Some(Polygon::from_ring(ring))
    };
    let parts = match list.first() {
        Some(Value::Array(_)) => list.iter().map(|it| ring(it.as_array()?)).collect(),
        _ => ring(list).map(|part| vec![part]),
    };
    parts.map(Shape::Polygons)
}

fn shown(value: Option<&Value>) -> String {
    value.map_or("none".to_owned(), |value| match value {
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Objects = Vec<(Option<Class>, [f64; 4])>;

    fn row(json: &str) -> Result<Objects, String> {
        let row = Row::of(serde_json::from_str(json).unwrap()).map_err(|it| it.to_string())?;
        let one = |mut object: Extra| {
            let class = take_class(&mut object).map_err(|it| it.to_string())?;
            let annotation = annotation(object, 0).map_err(|it| it.to_string())?;
            Ok((class, annotation.bbox.unwrap().corner_and_size()))
        };
        row.objects.into_iter().map(one).collect()
    }

    #[test]
    fn objects_are_read_in_both_forms_and_by_any_name_of_their_class() {
        let bbox = [1.0, 2.0, 3.5, 4.0];
        for (objects, class) in [
            (r#"{"bbox": [[1, 2, 3.5, 4]], "categories": [0]}"#, Some(Class::Number(0))),
            (r#"{"bbox": [[1, 2, 3.5, 4]], "category": ["a"]}"#, Some(Class::Name("a".into()))),
            (r#"{"bbox": [[1, 2, 3.5, 4]], "label": [2.0], "area": [9]}"#, Some(Class::Number(2))),
            (r#"[{"bbox": [1, 2, 3.5, 4], "category_id": 7}]"#, Some(Class::Number(7))),
            (r#"{"bbox": [[1, 2, 3.5, 4]]}"#, None),
            (
                r#"{"bbox": [[1, 2, 3.5, 4]], "categories": [0], "category_names": ["a"]}"#,
                Some(Class::Name("a".into())),
            ),
        ] {
            let json = format!(r#"{{"file_name": "a.jpg", "objects": {objects}}}"#);
            assert_eq!(row(&json), Ok(vec![(class, bbox)]), "{json}");
        }
        for objects in ["null", "{}", "[]", r#"{"bbox": [], "categories": []}"#] {
            let json = format!(r#"{{"file_name": "a.jpg", "objects": {objects}}}"#);
            assert_eq!(row(&json), Ok(Vec::new()), "{json}");
        }
    }

    #[test]
    fn what_is_no_object_is_told() {
        for (objects, expected) in [
            (r#"{"bbox": [[1, 2, 3, 4]], "categories": []}"#, "as many \"categories\" as \"bbox\""),
            (r#"{"bbox": [[1, 2, 3]], "categories": [0]}"#, "a bbox [x, y, width, height]"),
            (r#"{"bbox": [["1", 2, 3, 4]], "categories": [0]}"#, "a bbox"),
            (r#"{"bbox": [[1, 2, 3, 4]], "categories": [-1]}"#, "a number from 0"),
            (r#"{"bbox": 3}"#, "a list \"objects/bbox\""),
            ("3", "\"objects\" with lists"),
            ("[3]", "an object in \"objects\""),
        ] {
            let json = format!(r#"{{"file_name": "a.jpg", "objects": {objects}}}"#);
            let error = row(&json).unwrap_err();
            assert!(error.contains(expected), "{json}: {error}");
        }
        assert!(row(r#"{"objects": {}}"#).unwrap_err().contains("\"file_name\""));
    }

    #[test]
    fn members_have_their_places_in_the_model() {
        let object = r#"{"bbox": [0, 0, 2, 2], "id": 5, "area": 3, "iscrowd": 1, "note": "x",
                         "segmentation": [[0, 0, 2, 0, 2, 2]]}"#;
        let read = annotation(serde_json::from_str(object).unwrap(), 4).unwrap();
        assert_eq!(
            (read.id, read.area, read.crowd, read.at),
            (Some(Id::Number(5)), Some(3.0), true, 4)
        );
        assert!(matches!(&read.shape, Shape::Polygons(parts) if parts[0].exterior.len() == 3));
        assert_eq!(read.extra.keys().collect::<Vec<_>>(), ["note"]);
    }
}
