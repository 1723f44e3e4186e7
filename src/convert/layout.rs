//! What a layout adds to an output: its lists, and images that are no longer of the dataset.

use super::Job;
use super::originals::Originals;
use crate::dataset::Ready;
use crate::error::{Error, ErrorKind, Mismatch, Remedy, Result};
use crate::files;
use crate::format::{List, Source, Writer};
use crate::images::is_image;
use crate::layout::{Contents, Layout};
use crate::model::Image;
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// The lists of an output: those of the layout, else the writer's own.
pub fn lists(job: &Job, source: &Ready, writer: &dyn Writer) -> Vec<List> {
    let Some(layout) = job.layout else { return writer.lists() };
    let images: Vec<&Image> = kept(source).collect();
    let of = |subset: &'static str| {
        let own = images.iter().filter(|image| image.subset.as_deref() == Some(subset));
        (subset, own.copied().collect::<Vec<&Image>>())
    };
    let subsets = layout.subsets.into_iter().map(of).filter(|(_, images)| !images.is_empty());
    let classes = source.header().names();
    (layout.lists)(&Contents { classes, subsets: subsets.collect() })
}

fn kept(source: &Ready) -> impl Iterator<Item = &Image> {
    let images = source.images().iter().enumerate();
    images.filter(|(index, _)| !source.is_left_out(*index)).map(|(_, image)| image)
}

/// Files in the folders of a layout that are none of this run and that the trainer would load, relative
/// to the output: images, and what subsets shared that are no longer there.
pub fn stale(job: &Job, source: &Ready) -> Result<Vec<PathBuf>> {
    let Some(layout) = job.layout else { return Ok(Vec::new()) };
    let mut stale = match job.places_images() {
        true => stale_images(job, layout, source)?,
        false => Vec::new(),
    };
    let subsets: HashSet<&str> = kept(source).filter_map(|image| image.subset.as_deref()).collect();
    let gone: Vec<&'static str> =
        layout.subsets.into_iter().filter(|subset| !subsets.contains(subset)).collect();
    let names = |subsets: Vec<(&'static str, Vec<&Image>)>| -> BTreeSet<PathBuf> {
        let lists = (layout.lists)(&Contents { classes: Vec::new(), subsets });
        lists.into_iter().map(|list| list.name.into()).collect()
    };
    let lists = names(gone.iter().map(|subset| (*subset, Vec::new())).collect());
    let lists = lists.difference(&names(Vec::new())).cloned().collect::<Vec<_>>();
    let documents = gone.iter().filter(|_| !layout.document.is_empty());
    let shared = documents.map(|subset| layout.document_path(subset)).chain(lists);
    stale.extend(shared.filter(|file| job.output.join(file).is_file()));
    Ok(stale)
}

fn stale_images(job: &Job, layout: &Layout, source: &Ready) -> Result<Vec<PathBuf>> {
    let placed: HashSet<PathBuf> = kept(source).map(|image| layout.image_path(image)).collect();
    let folders: BTreeSet<PathBuf> =
        layout.subsets.iter().map(|subset| layout.images.replace("{}", subset).into()).collect();
    let mut stale = Vec::new();
    for folder in folders.iter().map(|folder| job.output.join(folder)) {
        let found = if folder.is_dir() { files::walk(&folder)? } else { Vec::new() };
        let below = found
            .iter()
            .filter(|file| is_image(file))
            .filter_map(|file| file.strip_prefix(job.output).ok().map(Path::to_path_buf));
        stale.extend(below.filter(|file| !placed.contains(file)));
    }
    Ok(stale)
}

/// Refuses an output of which a subset has no object where the trainer needs one. `filled` are the
/// subsets that have.
pub fn refuse_empty(job: &Job, source: &Ready, filled: &BTreeSet<String>) -> Result<()> {
    let Some(layout) = job.layout.filter(|layout| layout.needs_objects) else { return Ok(()) };
    let mut subsets = kept(source).filter_map(|image| image.subset.as_deref());
    let Some(empty) = subsets.find(|subset| !filled.contains(*subset)) else { return Ok(()) };
    let expected = format!("an object in it, without which {} stops", layout.name);
    let thing = format!("subset {empty}");
    let error = Error::new(ErrorKind::Refused, thing, Mismatch::new(expected, "none"));
    Err(error.mended_by(Remedy::Split))
}

/// Refuses an output with files that are none of this run, where they are not to be removed or are
/// those that this run reads.
pub fn refuse_stale(
    job: &Job,
    prunes: bool,
    stale: &[PathBuf],
    originals: &Originals,
) -> Result<()> {
    let is_bad = |file: &&PathBuf| !prunes || originals.has(file);
    let Some(file) = stale.iter().find(is_bad) else { return Ok(()) };
    let expected = "a folder without other images and subsets than those of this run, as the \
                    trainer loads all";
    let (found, is_read) = (file.display().to_string(), originals.has(file));
    let found = if is_read { found + ", which is read" } else { found };
    let refused = Error::new(ErrorKind::Refused, "output", Mismatch::new(expected, found));
    Err(match is_read {
        true => refused.in_file(job.output),
        false => refused.mended_by(Remedy::Prune).in_file(job.output),
    })
}
