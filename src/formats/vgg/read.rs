//! Reading VIA files: both generations, project files and CSV.

use super::table;
use crate::classes;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files;
use crate::format::{Options, Source};
use crate::geometry::{BBox, Coord, Polygon, Ring, polygon};
use crate::json::JsonFile;
use crate::model::{Annotation, Extra, Header, Image, Shape};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// The member of a project file that has the images.
pub const IMAGES: &str = "_via_img_metadata";

/// Region attributes that name the class, where there are several, in order of preference.
const LABELS: [&str; 4] = ["label", "name", "class", "type"];

pub struct VggSource {
    header: Header,
    images: Vec<Image>,
    regions: Vec<Vec<Region>>,
    label: Option<String>,
}

/// A region as stated, and what makes an error out of a mismatch in it.
pub struct Region {
    pub shape: Extra,
    pub attributes: Extra,
    pub place: Place,
}

/// Where a region stands.
#[derive(Clone)]
pub struct Place {
    pub file: std::path::PathBuf,
    pub position: crate::error::Position,
    pub thing: String,
}

impl Place {
    pub fn error(&self, expected: &str, found: &str) -> Error {
        Error::malformed(self.thing.clone(), expected, found).in_file(&self.file).at(self.position)
    }
}

/// An image of a VIA file with its regions.
pub type Entry = (Image, Vec<Region>);

#[derive(Deserialize)]
struct VggImage {
    filename: Option<String>,
    size: Option<f64>,
    #[serde(default)]
    regions: Regions,
    #[serde(default)]
    file_attributes: Option<Extra>,
}

/// Regions as a list (2.x) or an object (1.x).
#[derive(Deserialize, Default)]
#[serde(untagged, expecting = "regions: a list or an object of regions")]
enum Regions {
    #[default]
    None,
    List(Vec<VggRegion>),
    Object(serde_json::Map<String, Value>),
}

#[derive(Deserialize)]
struct VggRegion {
    shape_attributes: Extra,
    #[serde(default)]
    region_attributes: Option<Extra>,
}

impl VggSource {
    pub fn open(path: &Path, options: &Options) -> Result<Self> {
        let entries = if files::has_extension(path, &["csv"]) {
            table::read(path)?
        } else {
            read_json(path)?
        };
        let (images, regions): (Vec<Image>, Vec<Vec<Region>>) = entries.into_iter().unzip();
        let label = label_attribute(&regions, options).map_err(|error| error.in_file(path))?;
        let class = |region: &Region| label.as_ref().and_then(|label| class_of(region, label));
        let names: BTreeSet<String> = regions.iter().flatten().filter_map(class).collect();
        let names: Vec<String> = names.into_iter().collect();
        Ok(Self { header: Header::of(classes::categories(&names)), images, regions, label })
    }
}

/// A project file has the images in one of its members; else they are the members.
fn read_json(path: &Path) -> Result<Vec<Entry>> {
    let file = JsonFile::read(path)?;
    let mut members = file.members(&file.span())?;
    if let Some((_, span)) = members.iter().find(|(name, _)| name == IMAGES) {
        members = file.members(&span.clone())?;
    }
    members.iter().map(|(key, span)| read_entry(&file, key, span)).collect()
}

fn read_entry(file: &JsonFile, key: &str, span: &std::ops::Range<usize>) -> Result<Entry> {
    let thing = format!("image {key:?}");
    let entry: VggImage = file.element(span, &thing)?;
    let position = file.position(span);
    let place = |number: usize| Place {
        file: file.path().to_path_buf(),
        position,
        thing: format!("{thing}, region {number}"),
    };
    let is_image = entry.filename.is_some() || !matches!(entry.regions, Regions::None);
    if !is_image {
        let image = Place { thing: thing.clone(), ..place(0) };
        return Err(image.error("an image with filename and regions", "neither"));
    }
    let regions: Vec<VggRegion> = match entry.regions {
        Regions::None => Vec::new(),
        Regions::List(list) => list,
        Regions::Object(object) => object
            .into_values()
            .enumerate()
            .map(|(number, region)| {
                serde_json::from_value(region)
                    .map_err(|error| place(number).error("a region", &error.to_string()))
            })
            .collect::<Result<_>>()?,
    };
    let region = |(number, region): (usize, VggRegion)| Region {
        shape: region.shape_attributes,
        attributes: region.region_attributes.unwrap_or_default(),
        place: place(number),
    };
    let image = Image {
        file_name: entry.filename.unwrap_or_else(|| key.to_owned()),
        bytes: entry.size.filter(|size| *size >= 0.0).map(|size| size as u64),
        extra: entry.file_attributes.unwrap_or_default(),
        ..Image::default()
    };
    Ok((image, regions.into_iter().enumerate().map(region).collect()))
}

/// The region attribute that names the class: the one asked for; the only one; else the first
/// of [`LABELS`] that occurs. None where no region of the dataset has attributes.
fn label_attribute(regions: &[Vec<Region>], options: &Options) -> Result<Option<String>> {
    let names: BTreeSet<&String> =
        regions.iter().flatten().flat_map(|region| region.attributes.keys()).collect();
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

impl Source for VggSource {
    fn header(&self) -> &Header {
        &self.header
    }

    fn images(&self) -> &[Image] {
        &self.images
    }

    fn annotations(&self, index: usize, _image: &Image) -> Result<Vec<Annotation>> {
        self.regions[index].iter().map(|region| self.annotation(region)).collect()
    }
}

impl VggSource {
    fn annotation(&self, region: &Region) -> Result<Annotation> {
        let (bbox, shape) = read_shape(region)?;
        let class = self.label.as_ref().and_then(|label| class_of(region, label));
        let names = &self.header.categories;
        let category =
            class.and_then(|class| names.binary_search_by(|name| name.name.cmp(&class)).ok());
        let mut extra = region.attributes.clone();
        if let (Some(label), true) = (&self.label, category.is_some()) {
            extra.shift_remove(label);
        }
        Ok(Annotation { category, bbox, shape, extra, ..Annotation::default() })
    }
}

fn read_shape(region: &Region) -> Result<(Option<BBox>, Shape)> {
    let Region { shape, place, .. } = region;
    let number = |name: &str| match shape.get(name).and_then(Value::as_f64) {
        Some(number) => Ok(number),
        None => Err(place.error(&format!("a number {name:?}"), &found(shape.get(name)))),
    };
    let centre = || Ok(Coord { x: number("cx")?, y: number("cy")? });
    let name = shape.get("name").and_then(Value::as_str).unwrap_or_default();
    let shape = match name {
        "rect" => {
            let (x, y) = (number("x")?, number("y")?);
            let (width, height) = (number("width")?, number("height")?);
            return Ok((Some(BBox::Corner { x, y, width, height }), Shape::Box));
        }
        "polygon" => {
            let ring = points(region)?;
            Shape::Polygons(vec![Polygon::from_ring(polygon::open(&ring).to_vec())])
        }
        "polyline" => Shape::Polyline(points(region)?),
        "point" => Shape::Point(centre()?),
        "circle" => Shape::Circle { centre: centre()?, radius: number("r")? },
        "ellipse" => Shape::Ellipse {
            centre: centre()?,
            rx: number("rx")?,
            ry: number("ry")?,
            theta: shape.contains_key("theta").then(|| number("theta")).transpose()?,
        },
        other => {
            let expected = "a rect, polygon, polyline, circle, ellipse or point";
            return Err(place.error(expected, &format!("{other:?}")));
        }
    };
    Ok((None, shape))
}

/// `all_points_x` and `all_points_y`, which are of one length.
fn points(region: &Region) -> Result<Ring> {
    let list = |name: &str| {
        let list = region.shape.get(name).and_then(Value::as_array);
        let numbers = list.map(|list| list.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>());
        let expected = format!("a list of numbers {name:?}");
        let missing = || region.place.error(&expected, &found(region.shape.get(name)));
        numbers.flatten().ok_or_else(missing)
    };
    let (xs, ys) = (list("all_points_x")?, list("all_points_y")?);
    if xs.len() != ys.len() {
        let found = format!("{} and {}", xs.len(), ys.len());
        return Err(region.place.error("as many x as y", &found));
    }
    Ok(xs.into_iter().zip(ys).map(|(x, y)| Coord { x, y }).collect())
}

fn found(value: Option<&Value>) -> String {
    value.map_or("none".to_owned(), |value| match value {
        Value::Array(_) => "a list with other things".to_owned(),
        other => other.to_string(),
    })
}
