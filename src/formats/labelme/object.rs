//! Objects: the shapes of one label and one group are one.

use super::mask::{self, Runs};
use super::shape::Outline;
use crate::error::Mismatch;
use crate::fit;
use crate::geometry::{BBox, Polygon, Rle, Size, polygon, raster};
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Extra, Image, Shape};
use std::collections::HashMap;

/// A shape that is a part of an object.
#[derive(Debug)]
pub struct Part {
    /// Its number in the file.
    pub at: usize,
    pub label: String,
    pub group: Option<i64>,
    pub outline: Outline,
    pub extra: Extra,
}

/// What shapes can be parts of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Joined {
    /// An area.
    Area,
    /// A list of points.
    Points,
    /// Nothing: a line is an object of its own.
    Line,
}

impl Joined {
    /// What a shape can be a part of.
    pub fn of(shape: &Shape) -> Self {
        match shape {
            Shape::Points(_) => Self::Points,
            Shape::Polyline(_) => Self::Line,
            _ => Self::Area,
        }
    }
}

impl Part {
    fn joined(&self) -> Joined {
        match &self.outline {
            Outline::Shape { shape, .. } => Joined::of(shape),
            Outline::Box(_) | Outline::Mask { .. } => Joined::Area,
        }
    }
}

/// What stands for one object in a list: its parts, or what could not be read.
pub type Parts<E> = Result<Vec<Part>, E>;

/// Joins the parts of objects, each of which stands where its first part does.
pub fn join<E>(parts: impl Iterator<Item = Result<Part, E>>) -> Vec<Parts<E>> {
    let mut objects: Vec<Parts<E>> = Vec::new();
    let mut places: HashMap<(String, i64, Joined), usize> = HashMap::new();
    for part in parts {
        let part = match part {
            Ok(part) => part,
            Err(error) => {
                objects.push(Err(error));
                continue;
            }
        };
        let joined = part.joined();
        let key = part.group.filter(|_| joined != Joined::Line);
        let key = key.map(|group| (part.label.clone(), group, joined));
        let place = key.map_or(objects.len(), |key| *places.entry(key).or_insert(objects.len()));
        match objects.get_mut(place) {
            Some(Ok(object)) => object.push(part),
            _ => objects.push(Ok(vec![part])),
        }
    }
    objects
}

/// How many objects each group has.
pub fn sizes_of_groups<E>(objects: &[Parts<E>]) -> HashMap<i64, usize> {
    let mut sizes = HashMap::new();
    let first = objects.iter().flatten().filter_map(|parts| parts.first()?.group);
    first.for_each(|group| *sizes.entry(group).or_default() += 1);
    sizes
}

/// The box and the shape of an object, in an annotation that has nothing else. What its parts lose by
/// being joined is counted for annotation `number`.
///
/// # Errors
/// Where a mask cannot be read.
pub fn draw(
    parts: Vec<Part>,
    size: Option<Size>,
    number: usize,
    losses: &mut Losses,
) -> Result<Annotation, Mismatch> {
    let size = size.unwrap_or_else(|| least_size(&parts));
    let mut drawn = Vec::with_capacity(parts.len());
    let mut runs = Runs::new();
    let mut has_mask = false;
    for part in parts {
        match part.outline {
            Outline::Box(bbox) => {
                drawn.push(Annotation { bbox: Some(bbox), ..Annotation::default() })
            }
            Outline::Shape { shape, is_closed } => {
                drawn.push(Annotation { shape, is_closed, ..Annotation::default() });
            }
            Outline::Mask { png, first, last } => {
                has_mask = true;
                runs.extend(mask::read(&png, first, last, size)?);
                if runs.len() > mask::MOST_RUNS {
                    let most = format!("masks of at most {} runs in a group", mask::MOST_RUNS);
                    return Err(Mismatch::new(most, runs.len().to_string()));
                }
            }
        }
    }
    match (has_mask, drawn.len()) {
        (false, 1) => Ok(drawn.pop().unwrap_or_default()),
        (false, _) => joined(&drawn, number, losses),
        (true, _) => {
            if !drawn.is_empty() {
                losses.annotation(Reason::PaintedIntoMask, number);
                runs.extend(painted(&drawn, size, number)?);
            }
            runs.sort_unstable();
            let none = || Mismatch::new("a mask of its image", "one that is larger");
            let mask = Rle::of_runs(size, runs).ok_or_else(none)?;
            Ok(Annotation { shape: Shape::Mask(mask), ..Annotation::default() })
        }
    }
}

/// A size that has room for all masks.
fn least_size(parts: &[Part]) -> Size {
    let of = |part: &Part| match &part.outline {
        Outline::Mask { last, .. } => Some(mask::least_size(*last)),
        Outline::Box(_) | Outline::Shape { .. } => None,
    };
    let larger =
        |a: Size, b: Size| Size { width: a.width.max(b.width), height: a.height.max(b.height) };
    parts.iter().filter_map(of).fold(Size { width: 0, height: 0 }, larger)
}

/// Several shapes as one: points, or polygons.
fn joined(
    drawn: &[Annotation],
    number: usize,
    losses: &mut Losses,
) -> Result<Annotation, Mismatch> {
    let points = drawn.iter().filter_map(|it| match &it.shape {
        Shape::Points(points) => Some(points),
        _ => None,
    });
    let points: Vec<_> = points.flatten().copied().collect();
    if !points.is_empty() {
        return Ok(Annotation { shape: Shape::Points(points), ..Annotation::default() });
    }
    let shape = Shape::Polygons(polygons(drawn, number, losses)?);
    let is_closed = drawn.iter().all(|it| it.is_closed);
    Ok(Annotation { shape, is_closed, ..Annotation::default() })
}

/// The polygons of shapes that have an area.
fn polygons(
    drawn: &[Annotation],
    number: usize,
    losses: &mut Losses,
) -> Result<Vec<Polygon>, Mismatch> {
    let mut all = Vec::new();
    for annotation in drawn {
        if let (Shape::None, Some(bbox)) = (&annotation.shape, &annotation.bbox) {
            losses.annotation(Reason::BoxAsPolygon, number);
            all.push(Polygon::from_ring(polygon::rectangle(bbox)));
            continue;
        }
        let parts = fit::polygons(annotation, number, &Image::default(), losses);
        let none = || Mismatch::new("a shape of some area in a group", "one of none");
        all.extend(parts.ok().flatten().ok_or_else(none)?.iter().cloned());
    }
    Ok(all)
}

/// The pixels of shapes beside a mask.
fn painted(drawn: &[Annotation], size: Size, number: usize) -> Result<Runs, Mismatch> {
    let polygons = polygons(drawn, number, &mut Losses::default())?;
    let far = || Mismatch::new("a shape near its image", "one that is far away");
    let mask = raster::paint(&polygons, size).ok_or_else(far)?;
    Ok(mask.runs().collect())
}

/// Members of the parts of an object as its own. The names of those that another part states otherwise
/// are returned: their values are lost.
pub fn members<'a>(parts: impl Iterator<Item = &'a mut Extra>) -> (Extra, Vec<String>) {
    let (mut all, mut lost) = (Extra::new(), Vec::new());
    for own in parts {
        for (name, value) in std::mem::take(own) {
            match all.get(&name) {
                None => drop(all.insert(name, value)),
                Some(known) if *known == value => {}
                Some(_) => lost.push(name),
            }
        }
    }
    (all, lost)
}

/// The box of an annotation, or the corners of its shape's.
pub fn is_sized(annotation: &Annotation) -> bool {
    annotation.shape != Shape::None || annotation.bbox.as_ref().is_some_and(BBox::is_proper)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Coord;

    fn square(x: f64, y: f64) -> Outline {
        let corners = [(x, y), (x + 2.0, y), (x + 2.0, y + 2.0), (x, y + 2.0)];
        let ring = corners.map(|(x, y)| Coord { x, y }).to_vec();
        let shape = Shape::Polygons(vec![Polygon::from_ring(ring)]);
        Outline::Shape { shape, is_closed: false }
    }

    fn line() -> Outline {
        let shape = Shape::Polyline(vec![Coord { x: 0.0, y: 0.0 }; 2]);
        Outline::Shape { shape, is_closed: false }
    }

    fn point() -> Outline {
        let shape = Shape::Points(vec![Coord { x: 1.0, y: 2.0 }]);
        Outline::Shape { shape, is_closed: false }
    }

    fn bbox() -> Outline {
        Outline::Box(BBox::Corners { x_min: 0.0, y_min: 0.0, x_max: 3.0, y_max: 3.0 })
    }

    fn mask() -> Outline {
        let mask = Rle::of_runs(Size { width: 8, height: 8 }, [(9, 11)]).unwrap();
        let (png, [first, last]) = mask::write(&mask).unwrap();
        let [first, last] = [first, last].map(|[x, y]| Coord { x, y });
        Outline::Mask { png, first, last }
    }

    fn parts(all: Vec<(&str, Option<i64>, Outline)>) -> Vec<Part> {
        let part = |(at, (label, group, outline)): (usize, (&str, Option<i64>, Outline))| Part {
            at,
            label: label.to_owned(),
            group,
            outline,
            extra: Extra::new(),
        };
        all.into_iter().enumerate().map(part).collect()
    }

    #[test]
    fn shapes_of_one_label_and_group_are_one_object() {
        let all = parts(vec![
            ("a", Some(1), square(0.0, 0.0)),
            ("b", Some(1), square(0.0, 0.0)),
            ("a", None, square(0.0, 0.0)),
            ("a", Some(1), bbox()),
            ("a", Some(1), line()),
            ("a", Some(1), point()),
            ("a", Some(1), line()),
            ("a", Some(1), point()),
            ("a", Some(2), mask()),
        ]);
        let objects: Vec<Parts<()>> = join(all.into_iter().map(Ok));
        let numbers = |object: &Parts<()>| -> Vec<usize> {
            object.as_ref().unwrap().iter().map(|part| part.at).collect()
        };
        let numbers: Vec<Vec<usize>> = objects.iter().map(numbers).collect();
        assert_eq!(numbers, [vec![0, 3], vec![1], vec![2], vec![4], vec![5, 7], vec![6], vec![8]]);
        assert_eq!(sizes_of_groups(&objects), HashMap::from([(1, 5), (2, 1)]));
    }

    #[test]
    fn parts_make_the_shape_of_an_object() {
        let draw = |outlines: Vec<Outline>| {
            let all = outlines.into_iter().map(|outline| ("a", Some(1), outline)).collect();
            let mut losses = Losses::default();
            let size = Some(Size { width: 8, height: 8 });
            let annotation = draw(parts(all), size, 0, &mut losses).unwrap();
            (annotation, losses.iter().map(|loss| loss.reason.code()).collect::<Vec<_>>())
        };
        let (two, losses) = draw(vec![square(0.0, 0.0), square(4.0, 4.0)]);
        assert!(
            matches!(&two.shape, Shape::Polygons(parts) if parts.len() == 2) && losses.is_empty()
        );
        let (boxed, losses) = draw(vec![bbox(), square(4.0, 4.0)]);
        assert_eq!(boxed.bounds().unwrap().corners(), [0.0, 0.0, 6.0, 6.0]);
        assert_eq!(losses, ["box-as-polygon"]);
        let (points, _) = draw(vec![point(), point()]);
        assert!(matches!(&points.shape, Shape::Points(points) if points.len() == 2));
        // Two pixels in column 1, and four of the square from 4, 4 on.
        let (masked, losses) = draw(vec![mask(), square(4.0, 4.0)]);
        assert!(matches!(&masked.shape, Shape::Mask(mask) if mask.area() == 6), "{masked:?}");
        assert_eq!(losses, ["painted-into-mask"]);
    }

    #[test]
    fn members_are_joined_and_contradictions_named() {
        let of = |text: &str| serde_json::from_str::<Extra>(text).unwrap();
        let mut all = [of(r#"{"x": 1, "y": 2}"#), of(r#"{"x": 1, "y": 3, "z": 4}"#)];
        let (joined, lost) = members(all.iter_mut());
        assert_eq!(serde_json::to_string(&joined).unwrap(), r#"{"x":1,"y":2,"z":4}"#);
        assert_eq!(lost, ["y"]);
    }
}
