//! Reading Pascal VOC.

use super::element::read_number;
use super::find::image_sets;
use super::object::{FarEdge, objects, read_name, read_object};
use crate::classes;
use crate::error::{Error, Place, Position, Result};
use crate::files;
use crate::files::recent::Recent;
use crate::format::{self, Chosen, Faults, Field, Read, Remark, Run, Source, Spot};
use crate::formats::reading::{NameBy, OwnFiles};
use crate::geometry::Size;
use crate::images::{base_name, is_image};
use crate::model::{Extra, Header, Image, Verbatim};
use crate::progress::Work;
use crate::rules::Rule;
use crate::tree::Files;
use crate::xml::{Element, XmlFile};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

pub struct VocSource {
    header: Header,
    images: Vec<Image>,
    files: Vec<PathBuf>,
    origin: f64,
    far_edge: FarEdge,
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
    pub fn open(files: &Files, settings: &Chosen, run: &Run) -> Result<format::Opened> {
        let progress = run.progress.share(Work::Opening, files.files.len() as u64);
        let name_by = settings.choice("name-by").unwrap_or(NameBy::Stated);
        let read = |file: &PathBuf| {
            progress.add(1)?;
            read_image(file, &files.root, name_by)
        };
        let read: Vec<Result<Option<Opened>>> = files.files.par_iter().map(read).collect();
        let mut faults = Faults::new(run);
        let mut names = BTreeSet::new();
        let (mut own, mut passed_over) = (OwnFiles::default(), Vec::new());
        let subsets = image_sets(&files.lists);
        for (file, opened) in files.files.iter().zip(read) {
            let Some(opened) = faults.pass(opened)? else { continue };
            // A file with another root is a stranger among the annotations.
            let Some(mut opened) = opened else {
                passed_over.push(file.clone());
                continue;
            };
            faults.pass(opened.fault.take().map_or(Ok(()), Err))?;
            let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            opened.image.subset = subsets.get(stem).map(|subset| subset.as_str().into());
            names.append(&mut opened.names);
            own.add(opened.image, file, "<filename>", &mut faults)?;
        }
        let names: Vec<String> = names.into_iter().collect();
        let source = Self {
            header: Header::of(classes::categories(&names)),
            images: own.images,
            files: own.files,
            origin: settings.whole("origin").unwrap_or_default() as f64,
            far_edge: settings.choice("far-edge").unwrap_or(FarEdge::Exclusive),
            objects: Recent::default(),
        };
        Ok(format::Opened { source: Box::new(source), faults: faults.into_vec(), passed_over })
    }
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
pub fn read_root(xml: &XmlFile) -> Result<Element> {
    let root = xml.root()?;
    if root.name == "annotation" {
        return Ok(root);
    }
    Err(xml.error(root.offset, "root element", "<annotation>", &format!("<{}>", root.name)))
}

/// An image and the names of its objects; none where the file is of another kind.
fn read_image(file: &Path, folder: &Path, name_by: NameBy) -> Result<Option<Opened>> {
    let xml = XmlFile::read(file)?;
    let root = xml.root()?;
    if root.name != "annotation" {
        return Ok(None);
    }
    let stem = files::relative_name(&file.with_extension(""), folder)?;
    let stated =
        root.child("filename").map(|name| base_name(&name.text.replace('\\', "/")).to_owned());
    let stated = stated.filter(|name| !name.is_empty());
    let label = Some(stem.clone());
    let file_name = match (stated, stem.rsplit_once('/')) {
        (None, _) => stem,
        // The stated name still says what kind of file it is.
        (Some(name), _) if name_by == NameBy::File => {
            let extension = Path::new(&name).extension().and_then(|it| it.to_str());
            let extension = extension.filter(|_| is_image(Path::new(&name)));
            extension.map_or_else(|| stem.clone(), |extension| format!("{stem}.{extension}"))
        }
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
    let image = Image { file_name, label, is_stem, size, extra, ..Image::default() };
    Ok(Some(Opened { image, names, fault }))
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

/// A remark where a side of the image is stated as 0.
fn zero_side(root: &Element) -> Option<Remark> {
    let size = root.child("size")?;
    let is_zero = |name: &str| size.child(name).is_some_and(|side| side.text.trim() == "0");
    (is_zero("width") || is_zero("height")).then(|| Remark {
        rule: Rule::ZeroImageSize,
        annotation: None,
        field: Field::Size,
        message: "the stated width or height is 0".to_owned(),
    })
}

#[allow(clippy::indexing_slicing, reason = "the number of an image is below their count")]
impl Source for VocSource {
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
        let xml = XmlFile::read(&self.files[index])?;
        let root = read_root(&xml)?;
        let categories = &self.header.categories;
        let read = |object| {
            read_object(&xml, object, categories, self.origin, self.far_edge).map(Verbatim::new)
        };
        let mut read = Read::of(objects(&root).map(read).collect());
        read.remarks.extend(zero_side(&root));
        Ok(read)
    }

    fn place(&self, spot: Spot) -> Place {
        let (index, annotation, part) = match spot {
            Spot::Image(index, part) => (index, None, part),
            Spot::Annotation(index, annotation, part) => (index, Some(annotation), part),
            Spot::Category(category) => return self.category_place(category),
        };
        let file = &self.files[index];
        let position = match (annotation, part) {
            (Some(annotation), _) => {
                let objects = self.objects.of(index, || object_places(file).unwrap_or_default());
                objects.get(&annotation.at).map(|object| match part {
                    Field::Class => object.name,
                    Field::Box => object.bndbox,
                    _ => object.whole,
                })
            }
            (None, Field::Whole) => Some(Position::line(1)),
            (None, Field::Size) => image_place(file, "size"),
            (None, Field::Name) => image_place(file, "filename"),
            (None, _) => image_place(file, ""),
        };
        position.map_or_else(|| Place::of_file(file), |position| Place::at(file, position))
    }
}

impl VocSource {
    /// The first file that names a category.
    fn category_place(&self, category: usize) -> Place {
        let has_it = |file: &&PathBuf| {
            let names = || {
                let xml = XmlFile::read(file).ok()?;
                let root = read_root(&xml).ok()?;
                let names: Vec<String> =
                    objects(&root).filter_map(|object| read_name(&xml, object).ok()).collect();
                Some(names)
            };
            let name = self.header.categories.get(category).map(|category| &category.name);
            name.is_some_and(|name| names().unwrap_or_default().contains(name))
        };
        let first = self.files.iter().find(has_it).or(self.files.first());
        first.map(|file| Place::of_file(file)).unwrap_or_default()
    }
}
