//! Where each image's labels go, decided before anything is written.

use super::places::Places;
use super::{Job, Mode};
use crate::dataset::Ready;
use crate::error::{Error, ErrorKind, Mismatch, Remedy, Result};
use crate::files;
use crate::files::staging::refuse_unfinished;
use crate::files::target::is_staging;
use crate::format::{List, Naming, Source, Writer};
use crate::model::Image;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The own file of each image, where images have such.
#[derive(Default)]
pub struct Plan {
    paths: Vec<PathBuf>,
    /// Whether the image is one without annotations that is left out: its own file is not of this run.
    is_skipped: Vec<bool>,
    lists: Vec<PathBuf>,
    extension: &'static str,
}

impl Plan {
    /// Plans the own file of each image.
    ///
    /// # Errors
    /// Where a name leads outside the output, means something else there, or two images would
    /// share a file.
    pub fn new(
        job: &Job,
        source: &Ready,
        writer: &dyn Writer,
        lists: &[List],
        places: &Places,
    ) -> Result<Self> {
        let Some(naming) = writer.own_files() else { return Ok(Self::default()) };
        let images = source.images();
        let own = |image: &Image| own_file(job, image, &naming, places);
        let paths: Vec<Result<PathBuf>> = images.par_iter().map(own).collect();
        let paths = paths.into_iter().collect::<Result<Vec<PathBuf>>>()?;
        let lists: Vec<PathBuf> = lists.iter().map(|list| PathBuf::from(&list.name)).collect();
        let mut owners: HashMap<&OsStr, Option<&Image>> = HashMap::with_capacity(paths.len());
        owners.extend(lists.iter().map(|path| (path.as_os_str(), None)));
        for (index, (path, image)) in paths.iter().zip(images).enumerate() {
            if source.is_left_out(index) {
                continue;
            }
            if let Some(first) = owners.insert(path.as_os_str(), Some(image)) {
                let first = first.map(|image| format!("{:?}", image.file_name));
                let first = first.unwrap_or_else(|| "the list of classes".to_owned());
                return Err(shared(&path.display().to_string(), &first, image));
            }
        }
        refuse_folders(&paths, images, &owners)?;
        let is_skipped = (0..paths.len()).map(|index| source.is_unwanted(index)).collect();
        Ok(Self { paths, is_skipped, lists, extension: naming.extension })
    }

    /// Refuses labels that cannot lie in the output folder as it is: a link or a file is in the way
    /// of one of their folders, or a folder in the way of a label.
    ///
    /// # Errors
    /// The image, and what is in the way.
    pub fn refuse_obstacles(&self, source: &Ready, output: &Path) -> Result<()> {
        // What a stopped run left is undone first, which says what is in its way.
        if !output.is_dir() || refuse_unfinished(output, None).is_err() {
            return Ok(());
        }
        if let Some(list) = self.lists.iter().find(|file| output.join(file).is_dir()) {
            let mismatch = Mismatch::new("a file", "a folder");
            let refused = Error::new(ErrorKind::Refused, "list of classes", mismatch);
            return Err(refused.in_file(&output.join(list)));
        }
        let mut seen: HashSet<&Path> = HashSet::new();
        for (index, path) in self.paths.iter().enumerate() {
            if source.is_left_out(index) {
                continue;
            }
            let mut folders = path.ancestors().skip(1).filter(|folder| seen.insert(folder));
            let in_the_way = folders.find(|folder| is_obstacle(&output.join(folder)));
            let in_the_way = in_the_way.or(output.join(path).is_dir().then_some(path.as_path()));
            if let Some(place) = in_the_way {
                let found = format!("a file, folder or link at {:?}", output.join(place));
                let mismatch = Mismatch::new(format!("a place for label {path:?}"), found);
                let thing = format!("image {:?}", source.images()[index].file_name);
                return Err(Error::new(ErrorKind::Refused, thing, mismatch).in_file(output));
            }
        }
        Ok(())
    }

    /// The own file of an image, relative to the output folder.
    pub fn path(&self, index: usize) -> Option<&Path> {
        self.paths.get(index).map(PathBuf::as_path)
    }

    /// The images whose label file has, but for its case or the form of its accents, the name of
    /// an earlier one: some file systems take them for one.
    pub fn alike(&self, source: &Ready) -> Vec<usize> {
        let is_plain = |path: &PathBuf| {
            path.to_str().is_none_or(|name| matches!(files::folded(name), Cow::Borrowed(_)))
        };
        if self.paths.iter().all(is_plain) {
            return Vec::new();
        }
        let mut seen = HashSet::with_capacity(self.paths.len());
        let is_again = |index: &usize| {
            let name = self.paths[*index].to_string_lossy();
            !source.is_left_out(*index) && !seen.insert(files::folded(&name).into_owned())
        };
        (0..self.paths.len()).filter(is_again).collect()
    }

    /// The files in a folder that have the labels' extension and are neither written nor those
    /// of an image that is left out; relative to it, sorted. Links are not followed.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn others(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        if self.extension.is_empty() || !folder.is_dir() {
            return Ok(Vec::new());
        }
        let of_images = self.paths.iter().zip(&self.is_skipped).filter(|(_, is)| !**is);
        let known: HashSet<&PathBuf> = of_images.map(|(path, _)| path).chain(&self.lists).collect();
        let relative = |file: PathBuf| file.strip_prefix(folder).map(Path::to_path_buf).ok();
        let is_other = |file: &PathBuf| {
            files::has_extension(file, &[self.extension])
                && !known.contains(file)
                && !file.iter().any(is_staging)
        };
        Ok(files::walk_all(folder)?.into_iter().filter_map(relative).filter(is_other).collect())
    }
}

/// Whether no folder can be where this path leads: there is something else.
fn is_obstacle(folder: &Path) -> bool {
    folder.symlink_metadata().is_ok_and(|about| !about.is_dir())
}

/// Refuses a file that would be a folder of another.
fn refuse_folders(
    paths: &[PathBuf],
    images: &[Image],
    owners: &HashMap<&OsStr, Option<&Image>>,
) -> Result<()> {
    let written =
        paths.iter().zip(images).filter(|(path, _)| owners.contains_key(path.as_os_str()));
    for (path, image) in written {
        let mut folders = path.ancestors().skip(1);
        if let Some(file) = folders.find(|folder| owners.contains_key(folder.as_os_str())) {
            let found = format!("also the folder of the label of {:?}", image.file_name);
            let mismatch = Mismatch::new("a file", found);
            return Err(Error::new(ErrorKind::Refused, format!("label {file:?}"), mismatch));
        }
    }
    Ok(())
}

/// The own file of an image. Where it is compared and lies at the place that the source's name says,
/// it is taken from there.
fn own_file(job: &Job, image: &Image, naming: &Naming, places: &Places) -> Result<PathBuf> {
    if let Some(layout) = job.layout {
        let own = label_of(image, &image.file_name, false, naming)?;
        return Ok(layout.own_folder(image).join(own));
    }
    let (name, is_stem) = places.name_of(image, naming);
    let path = label_of(image, &name, is_stem, naming)?;
    if job.mode != Mode::Check || job.output.join(&path).exists() {
        return Ok(path);
    }
    let flat = label_of(image, &image.file_name, image.is_stem, naming);
    Ok(flat.ok().filter(|flat| job.output.join(flat).is_file()).unwrap_or(path))
}

fn label_of(image: &Image, name: &str, is_stem: bool, naming: &Naming) -> Result<PathBuf> {
    let refuse = |mismatch| {
        let thing = format!("file name of image {:?}", image.file_name);
        Error::new(ErrorKind::Refused, thing, mismatch)
    };
    let label = match is_stem {
        true => files::safe_path(&format!("{name}.{}", naming.extension)),
        false => files::label_path(name, naming.extension),
    };
    let label = label.map_err(refuse)?;
    match label.file_name().and_then(|name| name.to_str()) {
        Some(name) if naming.reserved.contains(&name) => {
            let expected = "a label of another name than that of a list of classes";
            Err(refuse(Mismatch::new(expected, name)))
        }
        _ => Ok(label),
    }
}

/// Refuses two images under one key of a file for all.
///
/// # Errors
/// The key and both images.
pub fn refuse_shared_keys(source: &Ready, writer: &dyn Writer) -> Result<()> {
    let mut owners: HashMap<String, &Image> = HashMap::new();
    for image in source.images() {
        let Some(key) = writer.key(image) else { continue };
        if let Some(first) = owners.insert(key.clone(), image) {
            return Err(shared(&key, &format!("{:?}", first.file_name), image));
        }
    }
    Ok(())
}

fn shared(target: &str, first: &str, second: &Image) -> Error {
    let found = format!("{first} and {:?}", second.file_name);
    let mismatch = Mismatch::new("one image", found);
    let error = Error::new(ErrorKind::Refused, format!("label {target:?}"), mismatch);
    error.mended_by(Remedy::DropImage)
}
