//! Reading Pascal VOC.

use super::Options;
use super::object::{FarEdge, objects, read_name, read_number, read_object};
use crate::classes;
use crate::error::{Error, Place, Position, Result};
use crate::files;
use crate::files::recent::Recent;
use crate::format::{Faults, Part, Source};
use crate::geometry::Size;
use crate::images::{base_name, is_image};
use crate::model::{Annotation, Extra, Header, Image};
use crate::progress::Work;
use crate::xml::{Element, XmlFile};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

pub struct VocSource {
    header: Header,
    images: Vec<Image>,
    files: Vec<PathBuf>,
    origin: f64,
    faults: Vec<Error>,
    /// Where the objects of a file stand, by their offsets.
    objects: Recent<HashMap<usize, ObjectPlaces>>,
}

/// Where an object and its parts stand.
struct ObjectPlaces {
    whole: Position,
    name: Position,
    bndbox: Position,
}

/// What is read of a file on opening.
struct Opened {
    image: Image,
    names: BTreeSet<String>,
    /// What is wrong with the size.
    fault: Option<Error>,
}

impl VocSource {
    pub fn open(path: &Path, options: &Options) -> Result<Self> {
        let (root, files) = xml_files(path)?;
        let progress = options.progress.share(Work::Opening, files.len() as u64);
        let read = |file: &PathBuf| {
            progress.add(1);
            read_image(file, &root)
        };
        let read: Vec<Result<Opened>> = files.par_iter().map(read).collect();
        let mut faults = Faults::new(options);
        let mut names = BTreeSet::new();
        let (mut images, mut kept) = (Vec::new(), Vec::new());
        for (file, opened) in files.into_iter().zip(read) {
            let Some(mut opened) = faults.pass(opened)? else { continue };
            faults.pass(opened.fault.take().map_or(Ok(()), Err))?;
            names.append(&mut opened.names);
            images.push(opened.image);
            kept.push(file);
        }
        let names: Vec<String> = names.into_iter().collect();
        let header = Header::of(classes::categories(&names));
        let origin = f64::from(options.origin);
        let faults = faults.into_vec();
        Ok(Self { header, images, files: kept, origin, faults, objects: Recent::default() })
    }
}

/// The XML files and the folder that their names are relative to.
pub fn xml_files(path: &Path) -> Result<(PathBuf, Vec<PathBuf>)> {
    if path.is_file() {
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        return Ok((folder, vec![path.to_path_buf()]));
    }
    let annotations = path.join("Annotations");
    let root = if annotations.is_dir() { annotations } else { path.to_path_buf() };
    let is_xml = |file: &PathBuf| files::has_extension(file, &["xml"]);
    let files: Vec<PathBuf> = files::walk(&root)?.into_iter().filter(is_xml).collect();
    if files.is_empty() {
        return Err(Error::malformed("folder", "Pascal VOC files (*.xml)", "none").in_file(&root));
    }
    Ok((root, files))
}

fn object_places(file: &Path) -> Result<HashMap<usize, ObjectPlaces>> {
    let xml = XmlFile::read(file)?;
    let root = read_root(&xml)?;
    let places = |object: &Element| {
        let part = |name| xml.position(object.child(name).unwrap_or(object).offset);
        let whole = xml.position(object.offset);
        // Without a box, its faults are those of the polygon.
        let bndbox = if object.child("bndbox").is_some() { "bndbox" } else { "polygon" };
        (object.offset, ObjectPlaces { whole, name: part("name"), bndbox: part(bndbox) })
    };
    Ok(root.children.iter().map(places).collect())
}

/// Where a member of the root stands, or the root without it.
fn image_place(file: &Path, member: &str) -> Option<Position> {
    let xml = XmlFile::read(file).ok()?;
    let root = read_root(&xml).ok()?;
    Some(xml.position(root.child(member).unwrap_or(&root).offset))
}

/// The root of a file, which is to be an annotation.
fn read_root(xml: &XmlFile) -> Result<Element> {
    let root = xml.root()?;
    if root.name == "annotation" {
        return Ok(root);
    }
    Err(xml.error(root.offset, "root element", "<annotation>", &format!("<{}>", root.name)))
}

/// An image and the names of its objects.
fn read_image(file: &Path, folder: &Path) -> Result<Opened> {
    let xml = XmlFile::read(file)?;
    let root = read_root(&xml)?;
    let stem = files::relative_name(&file.with_extension(""), folder)?;
    let stated =
        root.child("filename").map(|name| base_name(&name.text.replace('\\', "/")).to_owned());
    let file_name = match (stated.filter(|name| !name.is_empty()), stem.rsplit_once('/')) {
        (None, _) => stem,
        (Some(name), None) => name,
        (Some(name), Some((folder, _))) => format!("{folder}/{name}"),
    };
    let mut extra = Extra::new();
    for child in &root.children {
        if !matches!(child.name.as_str(), "filename" | "size" | "object") {
            extra.insert(child.name.clone(), child.to_value());
        }
    }
    let size = root.child("size");
    if let Some(depth) = size.and_then(|size| size.child("depth")) {
        extra.insert("depth".to_owned(), depth.to_value());
    }
    let (size, fault) = match size.map(|size| read_size(&xml, size)) {
        Some(Ok(size)) => (size, None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let names = objects(&root).filter_map(|object| read_name(&xml, object).ok()).collect();
    let is_stem = !is_image(Path::new(&file_name));
    let image = Image { file_name, is_stem, size, extra, ..Image::default() };
    Ok(Opened { image, names, fault })
}

/// The stated size; none where a side is missing, empty or 0.
fn read_size(xml: &XmlFile, size: &Element) -> Result<Option<Size>> {
    let side = |name: &str| match size.child(name) {
        Some(side) if !side.text.trim().is_empty() => {
            let number = read_number(xml, side)?;
            if number.fract() != 0.0 || !(0.0..=f64::from(u32::MAX)).contains(&number) {
                return Err(xml.error(side.offset, name, "a whole number of pixels", &side.text));
            }
            Ok(number as u32)
        }
        _ => Ok(0),
    };
    let (width, height) = (side("width")?, side("height")?);
    Ok((width > 0 && height > 0).then_some(Size { width, height }))
}

#[allow(clippy::indexing_slicing, reason = "the number of an image is below their count")]
impl Source for VocSource {
    fn header(&self) -> &Header {
        &self.header
    }

    fn images(&self) -> &[Image] {
        &self.images
    }

    fn each(&self, index: usize, _image: &Image) -> Result<Vec<Result<Annotation>>> {
        let xml = XmlFile::read(&self.files[index])?;
        let root = read_root(&xml)?;
        let categories = &self.header.categories;
        let read = |object| read_object(&xml, object, categories, self.origin, FarEdge::Exclusive);
        Ok(objects(&root).map(read).collect())
    }

    fn faults(&self) -> &[Error] {
        &self.faults
    }

    fn place(&self, index: usize, annotation: Option<&Annotation>, part: Part) -> Place {
        let file = &self.files[index];
        let position = match (annotation, part) {
            (Some(annotation), _) => {
                let objects = self.objects.of(index, || object_places(file).unwrap_or_default());
                objects.get(&annotation.at).map(|object| match part {
                    Part::Class => object.name,
                    Part::Box => object.bndbox,
                    _ => object.whole,
                })
            }
            (None, Part::Whole) => Some(Position::line(1)),
            (None, Part::Size) => image_place(file, "size"),
            (None, Part::Name) => image_place(file, "filename"),
            (None, _) => image_place(file, ""),
        };
        position.map_or_else(|| Place::of_file(file), |position| Place::at(file, position))
    }

    fn category_place(&self, category: usize) -> Place {
        let name = self.header.categories.get(category).map(|category| category.name.as_str());
        let has_it = |index: &usize| {
            let annotations = self.each(*index, &self.images[*index]).unwrap_or_default();
            annotations.iter().flatten().any(|annotation| annotation.category == Some(category))
        };
        let first = name.and_then(|_| (0..self.files.len()).find(has_it));
        Place::of_file(&self.files[first.unwrap_or_default()])
    }
}
