//! A source, completed from outside: the files and sizes of its images, and the images that it does
//! not name.

use super::Selection;
use super::names::{self, Named};
use super::negatives::{self, Negatives};
use crate::error::{Error, Place, Result};
use crate::format::{Read, Source, Spot, Wants};
use crate::images::{self, ImageTable, Measured, Way};
use crate::losses::{Losses, Reason};
use crate::model::{Header, Id, Image, Verbatim, free_ids};
use crate::progress::{Progress, Work};
use crate::tree::Files;
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The longest name of a class or an image, in bytes. Some formats repeat them at each object: the
/// output must not be the product of two lengths of the input.
const LONGEST_NAME: usize = 4096;

/// How a source is completed.
#[derive(Debug)]
pub struct Completion<'a> {
    /// The image files, or the sizes that another file states.
    pub table: Option<&'a ImageTable>,
    /// Whether somebody named the folder of the image files; else it is the dataset's own.
    pub is_asked: bool,
    /// Whether images without annotations are left out.
    pub skips_negatives: bool,
    /// Whether an image whose size is needed and not found is left out; else it is an error.
    pub skips_missing: bool,
    /// What the writer needs.
    pub wants: Wants,
    /// Whether every image needs a size.
    pub needs_size: bool,
    /// How far the work is.
    pub progress: &'a Progress,
}

/// A source, completed.
pub struct Completed {
    inner: Box<dyn Source>,
    images: Vec<Image>,
    losses: HashMap<usize, Losses>,
    /// The images that were added from the image files.
    added: Negatives,
}

impl Completed {
    /// Completes a source. `parts` are its parts, each with the number of its first image.
    ///
    /// # Errors
    /// Where an image file is ambiguous or unreadable, or may be one that the source names otherwise.
    pub fn new(inner: Box<dyn Source>, parts: &[(usize, Files)], how: &Completion) -> Result<Self> {
        let mut images = inner.images().to_vec();
        set_subsets(&mut images, parts);
        let mut added = Negatives::default();
        let losses = match how.table {
            Some(table) => adopt(&mut images, parts, table, how, &mut added)?,
            None => HashMap::new(),
        };
        images.iter_mut().for_each(names::separate);
        refuse_long_names(inner.header(), &images)?;
        number_images(&mut images);
        Ok(Self { inner, images, losses, added })
    }

    /// Images that were added from the image files, and those that were left.
    pub fn added(&self) -> &Negatives {
        &self.added
    }

    /// The number of the first image that was added from the image files.
    pub fn first_added(&self) -> usize {
        self.inner.images().len()
    }

    /// All images, and what was lost in completing them.
    pub fn selection(&mut self) -> Selection {
        Selection::all(self.images.len()).with_losses(std::mem::take(&mut self.losses))
    }
}

/// Each image is of the subset that its part is, unless it states one itself.
fn set_subsets(images: &mut [Image], parts: &[(usize, Files)]) {
    let ends = parts.iter().skip(1).map(|(first, _)| *first).chain([images.len()]);
    for ((first, files), end) in parts.iter().zip(ends.collect::<Vec<_>>()) {
        let subset: Option<std::sync::Arc<str>> = files.subset.as_deref().map(Into::into);
        let Some(subset) = subset else { continue };
        for image in images.get_mut(*first..end).unwrap_or_default() {
            image.subset.get_or_insert_with(|| subset.clone());
        }
    }
}

/// Adds what `table` knows: names, sizes, lengths and negatives. What was lost in that, by image.
fn adopt(
    images: &mut Vec<Image>,
    parts: &[(usize, Files)],
    table: &ImageTable,
    how: &Completion,
    added: &mut Negatives,
) -> Result<HashMap<usize, Losses>> {
    let mut found = names::find_all(images, parts, table)?;
    if !how.skips_negatives && table.has_files() {
        *added = negatives::add(images, &mut found, parts, table, how.is_asked)?;
    }
    let is_strict = how.needs_size && !how.skips_missing;
    let measured = measure_all(images, &found, table, is_strict, how.progress)?;
    let mut losses: HashMap<usize, Losses> = HashMap::new();
    for (index, (image, (named, measured))) in
        images.iter_mut().zip(found.iter().zip(measured)).enumerate()
    {
        let mut lose = |reason| losses.entry(index).or_default().image(reason);
        let known = named.as_ref().and_then(|named| table.known().get(named.number));
        let (Some(named), Some(known)) = (named, known) else {
            if table.has_files() && !(how.needs_size && image.size.is_none()) {
                lose(Reason::NotFound);
            }
            continue;
        };
        // The folders that it states are others.
        let is_elsewhere = named.way == Way::Name && image.file_name.contains('/');
        if named.way.is_loose() || is_elsewhere {
            lose(Reason::NameMatched);
        }
        names::adopt(image, known, named.way);
        image.file.clone_from(&known.file);
        if image.bytes.is_none() && how.wants.bytes {
            image.bytes = known.file.as_deref().and_then(images::length);
        }
        let size = known.size.or(measured.map(|measured| measured.size));
        if image.size.zip(size).is_some_and(|(stated, size)| stated != size) {
            lose(Reason::SizeDiffers);
        }
        image.size = image.size.or(size);
    }
    Ok(losses)
}

/// The headers of all image files that were found, in parallel. One that cannot be read is an
/// error only where something is needed of it.
fn measure_all(
    images: &[Image],
    found: &[Option<Named>],
    table: &ImageTable,
    is_needed: bool,
    progress: &Progress,
) -> Result<Vec<Option<Measured>>> {
    let progress = progress.share(Work::Measuring, images.len() as u64);
    let measure = |(image, named): (&Image, &Option<Named>)| {
        let known = named.as_ref().and_then(|named| table.known().get(named.number));
        let Some(file) = known.and_then(|known| known.file.as_deref()) else { return Ok(None) };
        progress.add(1)?;
        match images::measure(file) {
            Err(error) if is_needed && image.size.is_none() => Err(error),
            measured => Ok(measured.ok()),
        }
    };
    let measured: Vec<Result<Option<Measured>>> =
        images.par_iter().zip(found).map(measure).collect();
    measured.into_iter().collect()
}

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
    let taken: HashSet<i64> =
        images.iter().filter_map(|image| image.id.as_ref().and_then(Id::number)).collect();
    let mut free = free_ids(taken);
    images.iter_mut().filter(|image| image.id.is_none()).for_each(|image| image.id = free.next());
}

/// Whether there is an image file for a label file.
pub fn has_image_for(table: Option<&ImageTable>, label: &Path) -> bool {
    let stem = label.with_extension("");
    let name: Vec<_> = stem.iter().map(|part| part.to_string_lossy()).collect();
    // Several that fit are some.
    table.is_some_and(|table| !matches!(table.find(&name.join("/"), true), Ok(None)))
}

impl Source for Completed {
    fn header(&self) -> &Header {
        self.inner.header()
    }

    fn images(&self) -> &[Image] {
        &self.images
    }

    fn image(&self, index: usize) -> Result<Verbatim<Image>> {
        let Some(own) = self.images.get(index) else { return Ok(Verbatim::default()) };
        if index >= self.inner.images().len() {
            return Ok(Verbatim::new(own.clone()));
        }
        let mut whole = self.inner.image(index)?;
        // What its text states stays as it stands, unless it has another name now.
        if whole.file_name != own.file_name {
            whole.file_name.clone_from(&own.file_name);
        }
        whole.complete(|it| {
            it.id.clone_from(&own.id);
            it.is_stem = own.is_stem;
            it.size = own.size;
            it.bytes = own.bytes;
            it.file.clone_from(&own.file);
            it.subset.clone_from(&own.subset);
        });
        Ok(whole)
    }

    fn read(&self, index: usize, image: &Image) -> Result<Read> {
        if index >= self.inner.images().len() {
            return Ok(Read::default());
        }
        self.inner.read(index, image)
    }

    fn place(&self, spot: Spot) -> Place {
        match spot {
            Spot::Image(index, _) | Spot::Annotation(index, ..)
                if index >= self.inner.images().len() =>
            {
                Place::default()
            }
            spot => self.inner.place(spot),
        }
    }
}
