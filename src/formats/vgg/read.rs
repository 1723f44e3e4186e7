//! Reading VIA files: both generations, project files and CSV.

use super::table;
use crate::classes;
use crate::error::{Error, ErrorKind, Mismatch, Place, Position, Result, brief};
use crate::files;
use crate::format::{Faults, Options, Part, Source};
use crate::geometry::{BBox, Coord, Polygon, Ring, polygon};
use crate::json::JsonFile;
use crate::model::{Annotation, Extra, Header, Image, Shape};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The member of a project file that has the images.
pub const IMAGES: &str = "_via_img_metadata";

/// Region attributes that name the class, where there are several, in order of preference.
const LABELS: [&str; 4] = ["label", "name", "class", "type"];

pub struct VggSource {
    path: PathBuf,
    /// The JSON file; CSV rows know their lines.
    file: Option<JsonFile>,
    header: Header,
    images: Vec<Image>,
    entries: Vec<Entry>,
    label: Option<String>,
    faults: Vec<Error>,
}

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
    shape: Result<Outline, Mismatch>,
    attributes: Extra,
    /// How its image calls it: its number, or its key in VIA 1.
    name: String,
    /// Where it stands, as [`Entry::at`].
    at: usize,
}

/// What the `shape_attributes` of a region say.
struct Outline {
    bbox: Option<BBox>,
    shape: Shape,
    /// Whether the first point is repeated at the end.
    is_closed: bool,
}

impl Region {
    pub fn new(shape: &Extra, attributes: Extra, name: String, at: usize) -> Self {
        Self { shape: read_shape(shape), attributes, name, at }
    }
}

/// An image without its regions.
#[derive(Deserialize)]
struct VggImage {
    filename: Option<String>,
    size: Option<f64>,
    #[serde(default)]
    file_attributes: Option<Extra>,
}

#[derive(Deserialize)]
struct VggRegion {
    shape_attributes: Extra,
    #[serde(default)]
    region_attributes: Option<Extra>,
}

impl VggSource {
    pub fn open(path: &Path, options: &Options) -> Result<Self> {
        let mut faults = Faults::new(options);
        let (file, mut entries) = if files::has_extension(path, &["csv"]) {
            (None, table::read(path, &mut faults)?)
        } else {
            let file = JsonFile::read(path)?;
            let entries = read_json(&file, &mut faults)?;
            (Some(file), entries)
        };
        let label = label_attribute(&entries, options).map_err(|error| error.in_file(path));
        let label = faults.pass(label)?.flatten();
        let class = |region: &Region| label.as_ref().and_then(|label| class_of(region, label));
        let regions = entries.iter().flat_map(|entry| &entry.regions);
        let names: BTreeSet<String> = regions.filter_map(class).collect();
        let names: Vec<String> = names.into_iter().collect();
        Ok(Self {
            path: path.to_path_buf(),
            file,
            header: Header::of(classes::categories(&names)),
            images: entries.iter_mut().map(|entry| std::mem::take(&mut entry.image)).collect(),
            entries,
            label,
            faults: faults.into_vec(),
        })
    }

    /// The line and column of what stands at a place.
    fn position(&self, at: usize) -> Position {
        self.file.as_ref().map_or(Position::line(at), |file| file.place(at))
    }
}

/// A project file has the images in one of its members; else they are the members.
fn read_json(file: &JsonFile, faults: &mut Faults) -> Result<Vec<Entry>> {
    let (mut members, mut broken) = file.members(&file.span());
    let mut pointer = String::new();
    if let Some((_, span)) = members.iter().find(|(name, _)| name == IMAGES) {
        pointer = format!("/{IMAGES}");
        let (images, broken_images) = file.members(&span.clone());
        members = images;
        broken = broken.or(broken_images);
    }
    faults.pass(broken.map_or(Ok(()), Err))?;
    let mut entries = Vec::with_capacity(members.len());
    for (key, span) in &members {
        let entry = read_entry(file, &pointer, key, span, faults);
        let entry = match entry {
            Err(error) => faults.pass(Err(error))?,
            Ok(entry) => Some(entry),
        };
        entries.extend(entry);
    }
    Ok(entries)
}

fn read_entry(
    file: &JsonFile,
    parent: &str,
    key: &str,
    span: &Range<usize>,
    faults: &mut Faults,
) -> Result<Entry> {
    let shown = brief(key.to_owned());
    let thing = format!("image {shown:?}");
    let image: VggImage = file.element(span, &thing)?;
    let pointer = format!("{parent}/{}", shown.replace('~', "~0").replace('/', "~1"));
    let (members, _) = file.members(span);
    let stated = members.iter().find(|(name, _)| name == "regions");
    let regions = stated.map(|(_, span)| file.items(span)).unwrap_or_default();
    if image.filename.is_none() && regions.is_none() {
        let error = Error::malformed(thing, "an image with filename and regions", "neither");
        return Err(error.in_file(file.path()).at(file.position(span)));
    }
    let mut entry = Entry {
        image: Image {
            file_name: image.filename.unwrap_or_else(|| key.to_owned()),
            bytes: image.size.filter(is_length).map(|size| size as u64),
            extra: image.file_attributes.unwrap_or_default(),
            ..Image::default()
        },
        pointer,
        at: span.start,
        regions: Vec::new(),
        is_doubtful: false,
    };
    for (name, span) in regions.unwrap_or_default() {
        let region = file
            .element::<VggRegion>(&span, "region")
            .map_err(|error| error.about(format!("{thing}, region {name}")));
        match faults.pass(region)? {
            None => entry.is_doubtful = true,
            Some(VggRegion { shape_attributes, region_attributes }) => {
                let attributes = region_attributes.unwrap_or_default();
                entry.regions.push(Region::new(&shape_attributes, attributes, name, span.start));
            }
        }
    }
    Ok(entry)
}

/// Whether a stated size can be the length of a file, exactly.
fn is_length(size: &f64) -> bool {
    size.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(size)
}

/// The region attribute that names the class: the one asked for; the only one; else the first
/// of [`LABELS`] that occurs. None where no region of the dataset has attributes.
fn label_attribute(entries: &[Entry], options: &Options) -> Result<Option<String>> {
    let regions = entries.iter().flat_map(|entry| &entry.regions);
    let names: BTreeSet<&String> = regions.flat_map(|region| region.attributes.keys()).collect();
    if let Some(asked) = &options.label_attribute
        && (names.is_empty() || names.contains(asked))
    {
        return Ok(Some(asked.clone()));
    }
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    let known = LABELS.into_iter().find(|label| names.contains(label));
    match (names.as_slice(), known, &options.label_attribute) {
        ([], ..) => Ok(None),
        ([only], _, None) => Ok(Some((*only).to_owned())),
        (_, Some(label), None) => Ok(Some(label.to_owned())),
        (_, _, asked) => {
            let expected = match asked {
                Some(asked) => format!("{asked:?} (--label-attribute)"),
                None => format!("one, or one of {} (or --label-attribute)", LABELS.join(", ")),
            };
            let mismatch = Mismatch::new(expected, names.join(", "));
            Err(Error::new(ErrorKind::Unknown, "region attributes", mismatch))
        }
    }
}

/// The class of a region: a string, a number, or the only checked box.
fn class_of(region: &Region, label: &str) -> Option<String> {
    let class = match region.attributes.get(label)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Object(boxes) => {
            let mut checked = boxes.iter().filter(|(_, value)| **value == Value::Bool(true));
            match (checked.next(), checked.next()) {
                (Some((name, _)), None) => name.clone(),
                _ => return None,
            }
        }
        _ => return None,
    };
    (!class.trim().is_empty()).then_some(class)
}

#[allow(clippy::indexing_slicing, reason = "the number of an image is below their count")]
impl Source for VggSource {
    fn header(&self) -> &Header {
        &self.header
    }

    fn images(&self) -> &[Image] {
        &self.images
    }

    fn each(&self, index: usize, _image: &Image) -> Result<Vec<Result<Annotation>>> {
        let entry = &self.entries[index];
        let annotation = |(number, region): (usize, &Region)| {
            self.annotation(number, region).map_err(|mismatch| {
                let thing =
                    format!("image {:?}, region {}", self.images[index].file_name, region.name);
                Error::new(ErrorKind::Malformed, thing, mismatch)
                    .in_file(&self.path)
                    .at(self.position(region.at))
            })
        };
        Ok(entry.regions.iter().enumerate().map(annotation).collect())
    }

    fn faults(&self) -> &[Error] {
        &self.faults
    }

    fn is_doubtful(&self, index: usize) -> bool {
        self.entries[index].is_doubtful
    }

    fn place(&self, index: usize, annotation: Option<&Annotation>, part: Part) -> Place {
        let entry = &self.entries[index];
        let region = annotation.and_then(|annotation| entry.regions.get(annotation.at));
        let at = region.map_or(entry.at, |region| region.at);
        let Some(file) = &self.file else {
            return Place::at(&self.path, Position::line(at));
        };
        let pointer = match region {
            Some(region) => format!("{}/regions/{}", entry.pointer, region.name),
            None => entry.pointer.clone(),
        };
        let name = match (region, part) {
            (Some(_), Part::Class) => "region_attributes",
            (Some(_), Part::Box | Part::Shape) => "shape_attributes",
            (None, Part::Name) => "filename",
            (None, Part::Length) => "size",
            _ => "",
        };
        file.member_place(at, pointer, &[name])
    }

    fn category_place(&self, _category: usize) -> Place {
        Place::of_file(&self.path)
    }
}

impl VggSource {
    fn annotation(&self, at: usize, region: &Region) -> Result<Annotation, Mismatch> {
        let Outline { bbox, shape, is_closed } = region.shape.as_ref().map_err(Clone::clone)?;
        let class = self.label.as_ref().and_then(|label| class_of(region, label));
        let names = &self.header.categories;
        let category =
            class.and_then(|class| names.binary_search_by(|name| name.name.cmp(&class)).ok());
        let mut extra = region.attributes.clone();
        if let (Some(label), true) = (&self.label, category.is_some()) {
            extra.shift_remove(label);
        }
        Ok(Annotation {
            at,
            category,
            bbox: *bbox,
            shape: shape.clone(),
            is_closed: *is_closed,
            extra,
            ..Annotation::default()
        })
    }
}

fn read_shape(shape: &Extra) -> Result<Outline, Mismatch> {
    let number = |name: &str| match shape.get(name).and_then(Value::as_f64) {
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
            Outline { bbox: Some(BBox::Corner { x, y, width, height }), ..of(Shape::Box) }
        }
        "polygon" => {
            let ring = points(shape)?;
            let open = polygon::open(&ring).to_vec();
            let is_closed = open.len() < ring.len();
            Outline { is_closed, ..of(Shape::Polygons(vec![Polygon::from_ring(open)])) }
        }
        "polyline" => of(Shape::Polyline(points(shape)?)),
        "point" => of(Shape::Point(centre()?)),
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
        let numbers = list.map(|list| list.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>());
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
