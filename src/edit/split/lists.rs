//! Subsets that are given: by lists of images, or by a dataset that was split before.

use crate::dataset::{Inputs, defaults, open};
use crate::edit::Lists;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files;
use crate::format::{Run, Wants};
use crate::images::{Asked, ImageTable};
use crate::model::Image;
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
    /// Takes `train.csv,val.csv`, `train=a.txt,val=b.txt` or a dataset, as they are written on the
    /// command line.
    ///
    /// # Errors
    /// Where a file is neither a list nor a dataset.
    pub fn parse(texts: &[String], skips_unknown: bool) -> Result<Self> {
        let mut earlier = Self { skips_unknown, ..Self::default() };
        for text in texts.iter().flat_map(|text| text.split(',')) {
            let named = text.split_once('=').filter(|_| !Path::new(text).exists());
            let path = PathBuf::from(named.map_or(text, |(_, path)| path));
            match named {
                Some((name, _)) => earlier.lists.push((name.trim().to_owned(), path)),
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
fn read_dataset(path: &Path, images: &[Image], given: &mut Given) -> Result<()> {
    let paths = [path.to_path_buf()];
    let inputs = Inputs { paths: &paths, format: None };
    let dataset = open(inputs, &defaults, Wants::IMAGES, &Run::default())?;
    let table = ImageTable::of_names(path, images);
    let of_part = |index: usize| {
        let part = dataset.parts.iter().rev().find(|(first, _)| *first <= index);
        part.and_then(|(_, files)| files.subset.clone())
    };
    for (index, image) in dataset.source.images().iter().enumerate() {
        let own = image.subset.as_deref().map(str::to_owned);
        let Some(name) = own.or_else(|| of_part(index)) else { continue };
        let asked = Asked { name: &image.file_name, is_stem: image.is_stem, homes: &[] };
        if let Some(found) = table.look_up(&asked)? {
            let subset = given.subset(&name);
            given.put(found.number, subset, path, images)?;
        }
    }
    match given.subsets.is_empty() {
        false => Ok(()),
        true => {
            let mismatch = Mismatch::new("a dataset with subsets, or a list (.csv, .txt)", "none");
            Err(Error::new(ErrorKind::Usage, "split", mismatch).in_file(path))
        }
    }
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
