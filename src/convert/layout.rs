//! What a layout adds to an output: its lists, and images that are no longer of the dataset.

use super::Job;
use crate::dataset::Ready;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files;
use crate::format::{List, Source, Writer};
use crate::images::is_image;
use crate::layout::Contents;
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

/// Image files in the folders of a layout that are none of this run, relative to the output: the
/// trainer would load them.
pub fn stale_images(job: &Job, source: &Ready) -> Result<Vec<PathBuf>> {
    let Some(layout) = job.layout.filter(|_| job.places_images()) else { return Ok(Vec::new()) };
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

/// Refuses an output with images that are none of this run, where they are not to be removed or are
/// those that this run reads.
pub fn refuse_stale(job: &Job, prunes: bool, images: &[PathBuf], source: &Ready) -> Result<()> {
    let read: HashSet<PathBuf> =
        kept(source).filter_map(|image| image.file.as_deref()).map(files::full).collect();
    let is_bad = |image: &&PathBuf| !prunes || read.contains(&files::full(&job.output.join(image)));
    let Some(image) = images.iter().find(is_bad) else { return Ok(()) };
    let expected = "a folder without other images than those of this run, as the trainer loads all";
    let found = format!(
        "{} (--prune removes such, but none that is read; --split-from PATH keeps the subsets of a dataset)",
        image.display()
    );
    let refused = Error::new(ErrorKind::Refused, "output", Mismatch::new(expected, found));
    Err(refused.in_file(job.output))
}
