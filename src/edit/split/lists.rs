//! Subsets that are given: by lists of images, or by a dataset that was split before.

use crate::dataset::{Completed, Completion, Inputs, defaults, open};
use crate::edit::Lists;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files;
use crate::format::{Run, Source, Wants};
use crate::images::{Asked, ImageTable, likeness};
use crate::model::Image;
use crate::progress::Progress;
use crate::split;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Where subsets are given.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    /// A list of images for each subset: its name, and the file.
    pub lists: Vec<(String, PathBuf)>,
    /// A dataset whose images keep the subsets that they have there.
    pub datasets: Vec<PathBuf>,
    /// Whether a name that no image has is passed over, counted; else it is an error.
    pub skips_unknown: bool,
}

/// The subsets that are given.
#[derive(Debug, Default)]
pub struct Given {
    /// Their names.
    pub subsets: Vec<String>,
    /// The place of its subset in that list, for each image that has one.
    pub images: HashMap<usize, usize>,
    /// `file:line` of each name that no image has.
    pub unknown: Vec<String>,
}

impl Earlier {
    /// Whether none are given.
    pub fn is_none(&self) -> bool {
        self.lists.is_empty() && self.datasets.is_empty()
    }

    /// Takes `train.csv,val.csv`, `train=a.txt,val=b.txt` or a dataset, as they are written on the
    /// command line.
    ///
    /// # Errors
    /// Where a file is neither a list nor a dataset.
    pub fn parse(texts: &[String]) -> Result<Self> {
        let mut earlier = Self::default();
        for text in texts.iter().flat_map(|text| text.split(',')) {
            let named = text.split_once('=').filter(|_| !Path::new(text).exists());
            let path = PathBuf::from(named.map_or(text, |(_, path)| path));
            match named {
                Some((name, _)) => {
                    earlier.lists.push((split::subset_name(name)?.to_owned(), path));
                }
                None if files::has_extension(&path, &["csv", "txt"]) => {
                    let stem = path.file_stem().and_then(|stem| stem.to_str());
                    earlier.lists.push((stem.unwrap_or("list").to_owned(), path));
                }
                None => earlier.datasets.push(path),
            }
        }
        Ok(earlier)
    }

    /// The subset of each image that is given one.
    ///
    /// # Errors
    /// Where a list or dataset cannot be read, or has an image in two subsets.
    pub fn read(&self, images: &[Image]) -> Result<Given> {
        let mut given = Given::default();
        let lists = Lists {
            paths: self.lists.iter().map(|(_, path)| path.clone()).collect(),
            skips_unknown: self.skips_unknown,
        };
        let listed = lists.over(images)?;
        given.unknown = listed.unknown;
        for ((name, path), own) in self.lists.iter().zip(listed.images) {
            let subset = given.subset(name);
            own.into_iter().try_for_each(|image| given.put(image, subset, path, images))?;
        }
        self.datasets.iter().try_for_each(|path| read_dataset(path, images, &mut given))?;
        Ok(given)
    }
}

/// Adds the subsets that the images have in a dataset. Images that it does not have get none, and those
/// that it has alone do not matter.
///
/// Images whose files are known in both are the same where their bytes are: a trainer's folder may have them
/// under other names, and another image under the same one. All others are known by their names.
fn read_dataset(path: &Path, images: &[Image], given: &mut Given) -> Result<()> {
    let earlier = earlier_images(path)?;
    let count = given.images.len();
    let files: Vec<&Path> =
        earlier.iter().chain(images).filter_map(|it| it.file.as_deref()).collect();
    let known = |all: &[Image]| -> Vec<usize> {
        (0..all.len()).filter(|at| all.get(*at).is_some_and(|it| it.file.is_some())).collect()
    };
    let (of_earlier, of_own) = (known(&earlier), known(images));
    for equal in likeness::equal_bytes(&files) {
        let (before, own): (Vec<usize>, Vec<usize>) =
            equal.into_iter().partition(|at| *at < of_earlier.len());
        let first = before.iter().filter_map(|at| earlier.get(*of_earlier.get(*at)?));
        let Some(name) = first.filter_map(|it| it.subset.as_deref()).next() else { continue };
        let subset = given.subset(name);
        for at in own {
            let image = of_own.get(at.saturating_sub(of_earlier.len()));
            image.map_or(Ok(()), |image| given.put(*image, subset, path, images))?;
        }
    }
    by_names(path, &earlier, images, given)?;
    match given.images.len() > count {
        true => Ok(()),
        false => {
            let expected =
                "a dataset that has some of the images in subsets, or a list (.csv, .txt)";
            let mismatch = Mismatch::new(expected, "none");
            Err(Error::new(ErrorKind::Usage, "split", mismatch).in_file(path))
        }
    }
}

/// Adds the subsets of images whose file is not known, here or there.
fn by_names(path: &Path, earlier: &[Image], images: &[Image], given: &mut Given) -> Result<()> {
    let table = ImageTable::of_names(path, images);
    for image in earlier {
        let Some(name) = image.subset.as_deref() else { continue };
        let asked = Asked { name: &image.file_name, is_stem: image.is_stem, homes: &[] };
        let is_known = |at: usize| images.get(at).is_some_and(|own| own.file.is_some());
        match table.look_up(&asked) {
            Ok(Some(found)) if image.file.is_none() || !is_known(found.number) => {
                let subset = given.subset(name);
                given.put(found.number, subset, path, images)?;
            }
            Err(error) if image.file.is_none() => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// The images of a dataset that was split before, with their files and subsets.
fn earlier_images(path: &Path) -> Result<Vec<Image>> {
    let paths = [path.to_path_buf()];
    let inputs = Inputs { paths: &paths, format: None };
    let dataset = open(inputs, &defaults, Wants::IMAGES, &Run::default())?;
    let table = dataset.images(true)?;
    let how = Completion {
        table: table.as_ref(),
        is_asked: false,
        skips_negatives: false,
        skips_missing: true,
        wants: Wants::IMAGES,
        needs_size: false,
        progress: &Progress::default(),
    };
    Ok(Completed::new(dataset.source, &dataset.parts, &how)?.images().to_vec())
}

impl Given {
    fn subset(&mut self, name: &str) -> usize {
        let found = self.subsets.iter().position(|it| it == name);
        found.unwrap_or_else(|| {
            self.subsets.push(name.to_owned());
            self.subsets.len() - 1
        })
    }

    fn put(&mut self, image: usize, subset: usize, path: &Path, images: &[Image]) -> Result<()> {
        let first = *self.images.entry(image).or_insert(subset);
        if first == subset {
            return Ok(());
        }
        let name = images.get(image).map_or("", |image| &image.file_name);
        let [first, second] =
            [first, subset].map(|it| self.subsets.get(it).cloned().unwrap_or_default());
        let mismatch = Mismatch::new("it in one subset", format!("it in {first} and in {second}"));
        let thing = format!("image {name:?}");
        Err(Error::new(ErrorKind::Refused, thing, mismatch).in_file(path))
    }
}
