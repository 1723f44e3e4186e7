//! Reading VIA files: both generations, project files and CSV.

use super::label::Label;
use super::region::{Entry, Outline, Region};
use super::table;
use crate::classes;
use crate::error::{Error, ErrorKind, Mismatch, Place, Position, Result, brief};
use crate::files;
use crate::format::{Chosen, Faults, Field, Opened, Read, Run, Source, Spot};
use crate::formats::reading::Polyline;
use crate::geometry::{Polygon, polygon};
use crate::json::JsonFile;
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Extra, Header, Image, Shape, Verbatim};
use crate::tree::Files;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

/// The member of a project file that has the images.
pub const IMAGES: &str = "_via_img_metadata";

pub struct VggSource {
    path: PathBuf,
    /// The JSON file; CSV rows know their lines.
    file: Option<JsonFile>,
    header: Header,
    images: Vec<Image>,
    entries: Vec<Entry>,
    label: Label,
    polyline: Polyline,
}

/// An image without its regions.
#[derive(Deserialize)]
struct VggImage {
    filename: Option<String>,
    size: Option<Value>,
    #[serde(default)]
    file_attributes: Option<Extra>,
}

#[derive(Deserialize)]
struct VggRegion {
    shape_attributes: Extra,
    #[serde(default)]
    region_attributes: Option<Extra>,
}

/// Opens a VIA file.
pub fn open(files: &Files, settings: &Chosen, run: &Run) -> Result<Opened> {
    let path = files.files.first().unwrap_or(&files.shown);
    let mut faults = Faults::new(run);
    let (file, mut entries) = if files::has_extension(path, &["csv"]) {
        (None, table::read(path, &mut faults)?)
    } else {
        let file = JsonFile::read(path)?;
        let entries = read_json(&file, &mut faults)?;
        (Some(file), entries)
    };
    let regions = || entries.iter().flat_map(|entry| &entry.regions);
    let label = Label::find(regions, settings.text("label-attribute"));
    let label = faults.pass(label.map_err(|error| error.in_file(path)))?.unwrap_or(Label::None);
    let names: BTreeSet<String> = regions().filter_map(|region| label.class_of(region)).collect();
    let names: Vec<String> = names.into_iter().collect();
    let source = VggSource {
        path: path.clone(),
        file,
        header: Header::of(classes::categories(&names)),
        images: entries.iter_mut().map(|entry| std::mem::take(&mut entry.image)).collect(),
        entries,
        label,
        polyline: settings.choice("polyline").unwrap_or(Polyline::Keep),
    };
    Ok(Opened::of(source, faults))
}

impl VggSource {
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
            bytes: image.size.as_ref().and_then(length_of),
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

/// The length of a file that a stated size can be, exactly; a number may be written as text.
fn length_of(size: &Value) -> Option<u64> {
    let size = match size {
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    let is_length = size.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&size);
    is_length.then_some(size as u64)
}

#[allow(clippy::indexing_slicing, reason = "the number of an image is below their count")]
impl Source for VggSource {
    fn header(&self) -> &Header {
        &self.header
    }

    fn images(&self) -> &[Image] {
        &self.images
    }

    fn image(&self, index: usize) -> Result<Verbatim<Image>> {
        Ok(Verbatim::new(self.images[index].clone()))
    }

    fn read(&self, index: usize, _image: &Image) -> Result<Read> {
        let entry = &self.entries[index];
        let mut losses = Losses::default();
        let mut annotation = |(number, region): (usize, &Region)| {
            self.annotation(number, region, &mut losses).map(Verbatim::new).map_err(|mismatch| {
                let thing =
                    format!("image {:?}, region {}", self.images[index].file_name, region.name);
                Error::new(ErrorKind::Malformed, thing, mismatch)
                    .in_file(&self.path)
                    .at(self.position(region.at))
            })
        };
        let annotations = entry.regions.iter().enumerate().map(&mut annotation).collect();
        Ok(Read { annotations, losses, is_doubtful: entry.is_doubtful, ..Read::default() })
    }

    fn place(&self, spot: Spot) -> Place {
        let (index, annotation, part) = match spot {
            Spot::Image(index, part) => (index, None, part),
            Spot::Annotation(index, annotation, part) => (index, Some(annotation), part),
            Spot::Category(_) => return Place::of_file(&self.path),
        };
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
            (Some(_), Field::Class) => "region_attributes",
            (Some(_), Field::Box | Field::Shape) => "shape_attributes",
            (None, Field::Name) => "filename",
            (None, Field::Length) => "size",
            _ => "",
        };
        file.member_place(at, pointer, &[name])
    }
}

impl VggSource {
    /// A region as an annotation; its number is that in its image.
    fn annotation(
        &self,
        at: usize,
        region: &Region,
        losses: &mut Losses,
    ) -> Result<Annotation, Mismatch> {
        let Outline { bbox, shape, is_closed } = region.shape.as_ref().map_err(Clone::clone)?;
        let class = self.label.class_of(region);
        let names = &self.header.categories;
        let category =
            class.and_then(|class| names.binary_search_by(|name| name.name.cmp(&class)).ok());
        let mut extra = region.attributes.clone();
        if category.is_some() {
            self.label.remove_from(&mut extra);
        }
        let mut shape = shape.clone();
        if let (Shape::Polyline(points), Polyline::Close) = (&shape, self.polyline) {
            losses.annotation(Reason::LineClosed, at);
            let ring = polygon::open(points).to_vec();
            shape = Shape::Polygons(vec![Polygon::from_ring(ring)]);
        }
        let (bbox, is_closed) = (*bbox, *is_closed);
        Ok(Annotation { at, category, bbox, shape, is_closed, extra, ..Annotation::default() })
    }
}
