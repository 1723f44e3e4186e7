//! A source, completed from outside: the sizes of its images, the images that it does not
//! name, and the order of its classes.

use crate::classes;
use crate::error::{Error, ErrorKind, Mismatch, Place, Result};
use crate::format::{ImageMembers, MissingImages, Needs, Negatives, Options, Part, Source};
use crate::formats;
use crate::images::{self, ImageTable, Known, Measured, base_name};
use crate::model::{Annotation, Category, Header, Id, Image, free_ids};
use crate::progress::{Progress, Work};
use crate::losses::{LossCounts, Losses, Reason};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// How many missing images an error names.
const NAMED: usize = 5;

pub struct Completed<'a> {
    inner: Box<dyn Source>,
    header: Header,
    images: Vec<Image>,
    class_map: Option<Vec<usize>>,
    is_unlabelled: bool,
    missing: Vec<bool>,
    /// Images without annotations that are to be left out.
    negatives: Vec<bool>,
    losses: HashMap<usize, Losses>,
    table: Option<&'a ImageTable>,
}

/// The sizes that a COCO file states.
pub fn sizes_of(coco: &Path, options: &Options) -> Result<ImageTable> {
    let known = |image: &Image| Known {
        name: image.file_name.clone(),
        file: None,
        size: image.size,
        id: image.id.clone(),
    };
    let Some(format) = formats::by_name("coco") else { return Ok(ImageTable::default()) };
    let needs = Needs { images_only: true, ..Needs::default() };
    let source = format.open(coco, needs, options)?;
    let mut table = ImageTable::new(coco, source.images().iter().map(known).collect());
    table.categories = source.header().categories.clone();
    Ok(table)
}

/// Completes a source. Where `needs_size`, every image has a size afterwards or is missing.
///
/// # Errors
/// Where an image file is ambiguous or unreadable, a needed size is not found, or a class is
/// not in the list that was given.
pub fn complete<'a>(
    inner: Box<dyn Source>,
    table: Option<&'a ImageTable>,
    options: &Options,
    needs: Needs,
    needs_size: bool,
) -> Result<Completed<'a>> {
    let stated = inner.header().clone();
    // A COCO file that is repeated word for word gets no class that it does not state.
    let is_unlabelled = stated.categories.is_empty() && !(needs.stated && stated.is_coco());
    let (header, class_map) = match is_unlabelled {
        true => (Header { categories: vec![only_class(options)?], ..stated }, None),
        false => order_classes(stated, table, options)?,
    };
    let mut images = inner.images().to_vec();
    let losses = match table {
        Some(table) => adopt_known(&mut images, table, options, needs, needs_size)?,
        None => HashMap::new(),
    };
    refuse_long_names(&header, &images)?;
    number_images(&mut images);
    let negatives = match options.negatives {
        Negatives::Keep => vec![false; images.len()],
        Negatives::Skip => find_negatives(inner.as_ref(), &images)?,
    };
    let is_missing =
        |(image, &is_left_out): (&Image, &bool)| needs_size && image.size.is_none() && !is_left_out;
    let missing: Vec<bool> = images.iter().zip(&negatives).map(is_missing).collect();
    if options.missing_images == MissingImages::Error {
        refuse_missing(&images, &missing, table)?;
    }
    Ok(Completed {
        inner,
        header,
        images,
        class_map,
        is_unlabelled,
        missing,
        negatives,
        losses,
        table,
    })
}

/// Adds what `table` knows: names, sizes, lengths and negatives. What was lost in that, by image.
fn adopt_known(
    images: &mut Vec<Image>,
    table: &ImageTable,
    options: &Options,
    needs: Needs,
    needs_size: bool,
) -> Result<HashMap<usize, Losses>> {
    let mut found = find_all(images, table)?;
    if options.negatives == Negatives::Keep {
        add_negatives(images, &mut found, table);
    }
    let is_strict = needs_size && options.missing_images == MissingImages::Error;
    let measured = measure_all(images, &found, table, is_strict, &options.progress)?;
    let mut losses = HashMap::new();
    for (index, (image, known)) in images.iter_mut().zip(&found).enumerate() {
        let Some(known) = known.and_then(|known| table.known().get(known)) else {
            if table.has_files() && !(needs_size && image.size.is_none()) {
                losses.insert(index, Losses::of_image(Reason::NotFound));
            }
            continue;
        };
        adopt_name(image, known);
        if image.bytes.is_none() && needs.bytes {
            image.bytes = known.file.as_deref().and_then(images::length);
        }
        if adopt_size(image, known.size, measured[index]) {
            losses.insert(index, Losses::of_image(Reason::SizeDiffers));
        }
    }
    Ok(losses)
}

/// The longest name of a class or an image, in bytes. Some formats repeat them at each object: the
/// output must not be the product of two lengths of the input.
const LONGEST_NAME: usize = 4096;

fn refuse_long_names(header: &Header, images: &[Image]) -> Result<()> {
    let classes = header.categories.iter().map(|category| ("class name", &category.name));
    let images = images.iter().map(|image| ("file name of image", &image.file_name));
    match classes.chain(images).find(|(_, name)| name.len() > LONGEST_NAME) {
        None => Ok(()),
        Some((thing, name)) => {
            let expected = format!("at most {LONGEST_NAME} bytes");
            Err(Error::malformed(thing, expected, format!("{name:?}")))
        }
    }
}

/// Gives a number to each image that has none.
fn number_images(images: &mut [Image]) {
    if images.iter().all(|image| image.id.is_some()) {
        return;
    }
    let taken = images.iter().filter_map(|image| image.id.as_ref()?.number());
    let mut free = free_ids(taken.collect());
    images.iter_mut().filter(|image| image.id.is_none()).for_each(|image| image.id = free.next());
}

fn find_negatives(inner: &dyn Source, images: &[Image]) -> Result<Vec<bool>> {
    let is_negative = |(index, image): (usize, &Image)| {
        Ok(index >= inner.images().len() || inner.annotations(index, image)?.is_empty())
    };
    let found: Vec<Result<bool>> = images.par_iter().enumerate().map(is_negative).collect();
    found.into_iter().collect()
}

/// The categories in the order of the target, and each stated index' place in it where that
/// is another.
fn order_classes(
    header: Header,
    table: Option<&ImageTable>,
    options: &Options,
) -> Result<(Header, Option<Vec<usize>>)> {
    let (header, named) = name_categories(header, table);
    let Some(names) = &options.classes else { return Ok((header, named)) };
    let (categories, order) = classes::reorder(&header.categories, names).map_err(|missing| {
        let found = format!("also {}", missing.join(", "));
        Error::new(ErrorKind::Unknown, "classes", Mismatch::new("those of --classes", found))
    })?;
    let map = match named {
        Some(named) => named.into_iter().map(|index| order[index]).collect(),
        None => order,
    };
    Ok((Header { categories, ..header }, Some(map)))
}

/// Categories that are named by their ids, as in a COCO results file, become those of the file
/// with the sizes, in its order, where that has all of these ids.
fn name_categories(header: Header, table: Option<&ImageTable>) -> (Header, Option<Vec<usize>>) {
    let known = table.map_or(&[][..], |table| &table.categories);
    let ids = known.iter().enumerate().rev();
    let by_id: HashMap<&Id, usize> =
        ids.filter_map(|(at, it)| Some((it.id.as_ref()?, at))).collect();
    let place = |category: &Category| {
        let id = category.id.as_ref().filter(|id| id.to_string() == category.name)?;
        by_id.get(id).copied()
    };
    match header.categories.iter().map(place).collect::<Option<Vec<usize>>>() {
        Some(places) if !places.is_empty() => {
            (Header { categories: known.to_vec(), ..header }, Some(places))
        }
        _ => (header, None),
    }
}

/// The class of a dataset that names none: the only name of `--classes`, else `object`.
fn only_class(options: &Options) -> Result<Category> {
    let name = match options.classes.as_deref() {
        None => "object",
        Some([only]) => only,
        Some(names) => {
            let expected = "one name, as the source names no class";
            let mismatch = Mismatch::new(expected, format!("{} in --classes", names.len()));
            return Err(Error::new(ErrorKind::Usage, "classes", mismatch));
        }
    };
    Ok(Category::named(name))
}

fn find_all(images: &[Image], table: &ImageTable) -> Result<Vec<Option<usize>>> {
    let ids =
        table.known().iter().enumerate().filter_map(|(at, known)| Some((known.id.as_ref()?, at)));
    let by_id: HashMap<&Id, usize> = ids.collect();
    let find = |image: &Image| {
        let id = image.id.as_ref().filter(|id| id.to_string() == image.file_name);
        match id.and_then(|id| by_id.get(id)) {
            Some(&known) => Ok(Some(known)),
            None => table.find(&image.file_name, image.is_stem),
        }
    };
    let mut found: Vec<Option<usize>> = images.iter().map(find).collect::<Result<_>>()?;
    share_out(images, &mut found, table)?;
    Ok(found)
}

/// No two images of a source are one file: one that is found by its path has it, and one that
/// is found by its bare name alone has not.
fn share_out(images: &[Image], found: &mut [Option<usize>], table: &ImageTable) -> Result<()> {
    let mut owners: HashMap<usize, usize> = HashMap::new();
    for index in 0..images.len() {
        let Some(known) = found[index] else { continue };
        let Some(&first) = owners.get(&known) else {
            owners.insert(known, index);
            continue;
        };
        let has_path = |index: usize| table.is_at(known, &images[index].file_name);
        match (has_path(first), has_path(index)) {
            (true, false) => found[index] = None,
            (false, true) => {
                found[first] = None;
                owners.insert(known, index);
            }
            _ => {
                let (first, second) = (&images[first].file_name, &images[index].file_name);
                let expected = format!("one image for the file {:?}", table.known()[known].name);
                let mismatch = Mismatch::new(expected, format!("{first:?} and {second:?}"));
                return Err(Error::new(ErrorKind::Unknown, "images", mismatch));
            }
        }
    }
    Ok(())
}

/// Adds the image files that no image of the source stands for, named the way the source names
/// its own: by their file names where those are bare and the name is free, else by their paths.
fn add_negatives(images: &mut Vec<Image>, found: &mut Vec<Option<usize>>, table: &ImageTable) {
    let is_bare = !images.is_empty() && images.iter().all(|image| !image.file_name.contains('/'));
    let mut names: HashSet<String> = images.iter().map(|image| image.file_name.clone()).collect();
    let mut is_known = vec![false; table.known().len()];
    found.iter().flatten().for_each(|&known| is_known[known] = true);
    for (index, known) in table.known().iter().enumerate() {
        if is_known[index] || known.file.is_none() {
            continue;
        }
        let bare = base_name(&known.name);
        let name = if is_bare && !names.contains(bare) { bare } else { &known.name };
        names.insert(name.to_owned());
        images.push(Image { file_name: name.to_owned(), ..Image::default() });
        found.push(Some(index));
    }
}

/// The headers of all image files that were found, in parallel. One that cannot be read is an
/// error only where something is needed of it.
fn measure_all(
    images: &[Image],
    found: &[Option<usize>],
    table: &ImageTable,
    is_needed: bool,
    progress: &Progress,
) -> Result<Vec<Option<Measured>>> {
    let progress = progress.share(Work::Measuring, images.len() as u64);
    let measure = |(image, known): (&Image, &Option<usize>)| {
        let file = known.and_then(|known| table.known()[known].file.as_deref());
        let Some(file) = file else { return Ok(None) };
        progress.add(1);
        match images::measure(file) {
            Err(error) if is_needed && image.size.is_none() => Err(error),
            measured => Ok(measured.ok()),
        }
    };
    let measured: Vec<Result<Option<Measured>>> =
        images.par_iter().zip(found).map(measure).collect();
    measured.into_iter().collect()
}

/// A name that was found without its extension gets that of the file.
fn adopt_name(image: &mut Image, known: &Known) {
    if !image.is_stem {
        return;
    }
    image.is_stem = false;
    let folder = image.file_name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = base_name(&known.name);
    image.file_name = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
}

/// Fills in what the source does not state; true where the file has another size than stated.
fn adopt_size(
    image: &mut Image,
    known: Option<crate::geometry::Size>,
    measured: Option<Measured>,
) -> bool {
    let size = known.or(measured.map(|measured| measured.size));

    match (image.size, size) {
        (Some(stated), Some(size)) => stated != size,
        (stated, size) => {
            image.size = stated.or(size);
            false
        }
    }
}

fn refuse_missing(images: &[Image], missing: &[bool], table: Option<&ImageTable>) -> Result<()> {
    let names: Vec<&str> = images
        .iter()
        .zip(missing)
        .filter(|&(_, &missing)| missing)
        .map(|(image, _)| image.file_name.as_str())
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let place = table.map_or("--images or --sizes".to_owned(), |table| table.origin.clone());
    let more = if names.len() > NAMED { ", …" } else { "" };
    let found = format!(
        "none for {} of {} images: {}{more} (--missing-images skip leaves them out)",
        names.len(),
        images.len(),
        names[..names.len().min(NAMED)].join(", ")
    );
    let mismatch = Mismatch::new(format!("the size of every image from {place}"), found);
    Err(Error::new(ErrorKind::Missing, "image sizes", mismatch))
}

impl Completed<'_> {
    /// Whether a needed size was not found: the image is to be left out.
    pub fn is_missing(&self, index: usize) -> bool {
        self.missing[index]
    }

    /// Whether the image has no annotations, and such images are to be left out.
    pub fn is_skipped_negative(&self, index: usize) -> bool {
        self.negatives[index]
    }

    /// An image with all that its source states of it.
    ///
    /// # Errors
    /// Where that cannot be read.
    pub fn whole_image(&self, index: usize) -> Result<Cow<'_, Image>> {
        let image = &self.images[index];
        if index >= self.inner.images().len() {
            return Ok(Cow::Borrowed(image));
        }
        Ok(match self.inner.members(index)? {
            None => Cow::Borrowed(image),
            Some(ImageMembers { extra, stated }) => {
                Cow::Owned(Image { extra, stated, ..image.clone() })
            }
        })
    }

    /// The images that are not left out, with all that their source states of them.
    pub fn kept_images(&self) -> impl Iterator<Item = Result<Cow<'_, Image>>> {
        let is_kept = |index: &usize| !self.is_missing(*index) && !self.is_skipped_negative(*index);
        (0..self.images.len()).filter(is_kept).map(|index| self.whole_image(index))
    }

    /// Whether the source names no class, so that all its annotations get the same.
    pub fn is_unlabelled(&self) -> bool {
        self.is_unlabelled
    }

    /// What was lost in completing the image.
    pub fn losses(&self, index: usize) -> &Losses {
        static NONE: Losses = Losses::none();
        self.losses.get(&index).unwrap_or(&NONE)
    }

    /// Counts an image that is left out, and its annotations, whose number it returns.
    pub fn skip(&self, index: usize, losses: &mut LossCounts) -> Result<usize> {
        let image = &self.images[index];
        let count = self.annotations(index, image)?.len();
        let mut lost = Losses::of_image(Reason::MissingImage);
        (0..count).for_each(|number| lost.annotation(Reason::OfMissingImage, number));
        losses.add(&image.file_name, &lost);
        Ok(count)
    }

    /// Whether there is an image file for a label file.
    pub fn has_image_for(&self, label: &Path) -> bool {
        let stem = label.with_extension("");
        let name: Vec<_> = stem.iter().map(|part| part.to_string_lossy()).collect();
        // Several that fit are some.
        self.table.is_some_and(|table| !matches!(table.find(&name.join("/"), true), Ok(None)))
    }
}

impl Source for Completed<'_> {
    fn header(&self) -> &Header {
        &self.header
    }

    fn images(&self) -> &[Image] {
        &self.images
    }

    fn is_grouped(&self) -> bool {
        self.inner.is_grouped()
    }

    fn each(&self, index: usize, image: &Image) -> Result<Vec<Result<Annotation>>> {
        if index >= self.inner.images().len() {
            return Ok(Vec::new());
        }
        let mut annotations = self.inner.each(index, image)?;
        let readable = annotations.iter_mut().flatten();
        if self.is_unlabelled {
            readable.for_each(|annotation| annotation.category = Some(0));
        } else if let Some(map) = &self.class_map {
            for annotation in readable {
                annotation.category =
                    annotation.category.and_then(|category| map.get(category).copied());
            }
        }
        Ok(annotations)
    }

    fn faults(&self) -> &[Error] {
        self.inner.faults()
    }

    fn place(&self, index: usize, annotation: Option<&Annotation>, part: Part) -> Place {
        match index < self.inner.images().len() {
            true => self.inner.place(index, annotation, part),
            false => Place::default(),
        }
    }

    fn category_place(&self, category: usize) -> Place {
        self.inner.category_place(category)
    }
}
