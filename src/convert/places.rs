//! Where the own files of images go.

use super::Job;
use crate::files;
use crate::format::Naming;
use crate::images::{ImageTable, base_name};
use crate::model::Image;
use crate::tree::{Files, subset_of_path};
use std::path::{Path, PathBuf};

/// Where readers look for the own files of images.
pub struct Places {
    output: PathBuf,
    /// Whether images were given new subsets, which the folders of their files do not know.
    is_split: bool,
    /// Whether the images have files of the format that is written already, each at a place of its own.
    is_same: bool,
    /// The folders of images; none where own files are named as the source names its images.
    folders: Option<Folders>,
}

/// Folders of images.
struct Folders {
    /// The one that the paths of image files begin with.
    stated: PathBuf,
    /// The same, from the root of the file system.
    full: PathBuf,
    /// The one below which the images are thought to lie in a new place.
    base: PathBuf,
}

impl Places {
    /// The places of the own files of `images` for a job: by the image files of `table`, if it has
    /// any.
    pub fn new(
        job: &Job,
        parts: &[(usize, Files)],
        images: &[Image],
        table: Option<&ImageTable>,
        is_split: bool,
        is_same: bool,
    ) -> Self {
        let folder = table.filter(|table| table.has_files()).and_then(ImageTable::folder);
        let folders = folder.filter(|_| !job.options.is_flat).map(|folder| {
            let base = match parts {
                // All images of one part lie in a folder that is theirs alone.
                [(_, only)] if job.images.is_none() => own_home(only, folder, images),
                _ => folder.to_path_buf(),
            };
            Folders {
                stated: folder.to_path_buf(),
                full: files::full(folder),
                base: files::full(&base),
            }
        });
        // Files of several parts may have one name.
        let is_same = is_same && parts.len() == 1;
        Self { output: files::full(job.output), is_split, is_same, folders }
    }

    /// The name from which an image's own file gets its name, relative to the output, and whether it
    /// is without its extension.
    ///
    /// The reader's place of the file is that of the image with its folder renamed (`img2label_paths`
    /// of Ultralytics for YOLO). Where that lies in the output, it is it; elsewhere the output is a new
    /// root, below which the images are thought to lie as they do below their own. After a split, a
    /// subset has a folder. A file that says where its image is, seen from its own place, keeps that.
    pub fn name_of(&self, image: &Image, naming: &Naming) -> (String, bool) {
        if let Some(subset) = image.subset.as_deref().filter(|_| self.is_split) {
            return (in_subset(&image.file_name, subset), image.is_stem);
        }
        // Readers pass over hidden files: a name of one is that of a stream that was kept for a while.
        let is_own = |label: &&String| {
            naming.keeps_place && self.is_same && !base_name(label).starts_with('.')
        };
        if let Some(own) = image.label.as_ref().filter(is_own) {
            return (own.clone(), true);
        }
        let stated = || (swap(&image.file_name, naming), image.is_stem);
        let (Some(folders), Some(file)) = (&self.folders, &image.file) else { return stated() };
        let Ok(below) = file.strip_prefix(&folders.stated) else { return stated() };
        let file = folders.full.join(below);
        let text = |path: &Path| files::relative_name(path, Path::new("")).ok();
        let there = text(&file).map(|name| PathBuf::from(swap(&name, naming)));
        if let Some(below) =
            there.as_deref().and_then(|there| there.strip_prefix(&self.output).ok())
            && let Some(name) = text(below)
        {
            return (name, false);
        }
        let below = file.strip_prefix(&folders.base).ok().and_then(text);
        below.map_or_else(stated, |name| (swap(&name, naming), false))
    }
}

/// The folder that holds all images of a part: the first of its homes that does.
fn own_home(part: &Files, folder: &Path, images: &[Image]) -> PathBuf {
    let holds_all = |home: &&PathBuf| {
        let mut files = images.iter().filter_map(|image| image.file.as_deref());
        files.all(|file| file.starts_with(files::plain(home)))
    };
    part.homes.iter().find(holds_all).cloned().unwrap_or_else(|| folder.to_path_buf())
}

/// A name in the folder of a subset. Folders that say another subset, or images, are left out.
fn in_subset(name: &str, subset: &str) -> String {
    let (folders, base) = name.rsplit_once('/').unwrap_or(("", name));
    let says_other = |folder: &&str| {
        folder.is_empty() || subset_of_path(Path::new(folder)).is_some() || *folder == "images"
    };
    let kept = folders.split('/').filter(|folder| !says_other(folder));
    let parts: Vec<&str> = [subset].into_iter().chain(kept).chain([base]).collect();
    parts.join("/")
}

/// A path with the last folder of images in it renamed to that of their own files.
fn swap(path: &str, naming: &Naming) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    let folders = parts.split_last_mut().map(|(_, folders)| folders).unwrap_or_default();
    let is_of_images = |folder: &&mut &str| naming.image_folders.contains(*folder);
    if let Some(last) = folders.iter_mut().rev().find(is_of_images) {
        *last = naming.folder;
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMING: Naming = Naming {
        extension: "txt",
        image_folders: &["images"],
        folder: "labels",
        reserved: &[],
        keeps_place: false,
    };

    #[test]
    fn after_a_split_a_subset_has_a_folder() {
        for (name, expected) in [
            ("a.jpg", "val/a.jpg"),
            ("cam1/a.jpg", "val/cam1/a.jpg"),
            ("train/images/cam1/a.jpg", "val/cam1/a.jpg"),
        ] {
            assert_eq!(in_subset(name, "val"), expected);
        }
    }

    #[test]
    fn the_own_file_lies_where_readers_look_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for (base, output, file, expected) in [
            ("images", "labels", "images/x/a.jpg", "x/a.txt"),
            ("images", "out", "images/x/a.jpg", "x/a.txt"),
            ("", "out", "images/train/a.jpg", "labels/train/a.txt"),
            ("", "labels", "images/train/a.jpg", "train/a.txt"),
            ("", "out", "train/images/a.jpg", "train/labels/a.txt"),
            ("", "train/labels", "train/images/a.jpg", "a.txt"),
            ("", "out", "a.jpg", "a.txt"),
        ] {
            let file = root.join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, "").unwrap();
            let folders =
                Folders { stated: root.clone(), full: root.clone(), base: root.join(base) };
            let places = Places {
                output: files::full(&root.join(output)),
                is_split: false,
                is_same: true,
                folders: Some(folders),
            };
            let image =
                Image { file_name: "n.jpg".to_owned(), file: Some(file), ..Image::default() };
            let (name, is_stem) = places.name_of(&image, &NAMING);
            let label = files::label_path(&name, "txt").unwrap();
            assert_eq!((label, is_stem), (PathBuf::from(expected), false), "{base} {output}");
            let image = Image { label: Some("own/b".to_owned()), ..image };
            let keeping = Naming { keeps_place: true, ..NAMING };
            assert_eq!(places.name_of(&image, &NAMING), (name, false));
            assert_eq!(places.name_of(&image, &keeping), ("own/b".to_owned(), true));
        }
    }
}
