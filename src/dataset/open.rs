//! Opening a dataset: what was found becomes one source.

use super::find::{self, Discovery, FoundPart, Inputs};
use super::{Merged, Part};
use crate::error::{Error, Result};
use crate::files;
use crate::format::{Chosen, Classes, Format, Run, Source, Wants};
use crate::images::{ImageTable, is_image};
use crate::tree::{Files, Tree, class_lists, common};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A dataset, found and opened.
pub struct Dataset {
    /// The formats of its parts, each once.
    pub formats: Vec<&'static dyn Format>,
    /// All its parts as one source.
    pub source: Box<dyn Source>,
    /// The files of each part, with the number of its first image.
    pub parts: Vec<(usize, Files)>,
    /// Files that no format takes and that might have been meant as annotations.
    pub passed_over: Vec<PathBuf>,
    /// What could not be read, where the run passes over that.
    pub faults: Vec<Error>,
    /// Whether members of the dataset as a whole are stated by several parts, of which the first
    /// counts.
    pub drops_members: bool,
    trees: Vec<Tree>,
}

/// The settings by which a format is read, once it is known which.
pub type Settings<'a> = dyn Fn(&'static dyn Format) -> Result<Chosen> + 'a;

/// The defaults of every format.
///
/// # Errors
/// None.
pub fn defaults(_format: &'static dyn Format) -> Result<Chosen> {
    Ok(Chosen::new())
}

/// Opens the dataset at some paths. Its parts are merged.
///
/// # Errors
/// Where nothing or several formats are found in an input, or a part cannot be opened.
pub fn open(inputs: Inputs, settings: &Settings, wants: Wants, run: &Run) -> Result<Dataset> {
    let Discovery { parts: mut found, mut passed_over, trees } = find::find_each(inputs)?;
    let mut formats: Vec<&'static dyn Format> = Vec::new();
    settle_lists(&mut found, run)?;
    // Records of several parts get other ids and classes.
    let wants = Wants { edits: wants.edits || found.len() > 1, ..wants };
    let mut parts = Vec::with_capacity(found.len());
    let mut faults = Vec::new();
    for part in found {
        if formats.iter().all(|format| format.name() != part.format.name()) {
            formats.push(part.format);
        }
        let opened = part.format.open(&part.files, &settings(part.format)?, wants, run);
        let opened = opened.map_err(|error| error.or_in_file(&part.files.shown))?;
        faults.extend(opened.faults);
        passed_over.extend(opened.passed_over);
        parts.push(Part { files: part.files, source: opened.source });
    }
    let mut first = 0;
    let mut files = Vec::with_capacity(parts.len());
    for part in &parts {
        files.push((first, part.files.clone()));
        first += part.source.images().len();
    }
    let mut drops_members = false;
    let source: Box<dyn Source> = match parts.len() {
        1 => parts.swap_remove(0).source,
        _ => {
            let merged = Merged::new(parts)?;
            drops_members = merged.drops_members();
            Box::new(merged)
        }
    };
    Ok(Dataset { formats, source, parts: files, passed_over, faults, drops_members, trees })
}

/// Where the class lists of subsets contradict each other, only those that the caller names count.
fn settle_lists(found: &mut [FoundPart], run: &Run) -> Result<()> {
    let is_numbered = |part: &&FoundPart| part.format.profile().classes == Classes::Listed;
    let numbered = found.iter().filter(is_numbered).map(|part| &part.files);
    match (class_lists::agree_in_subsets(numbered), &run.classes) {
        (Err(contradiction), None) => return Err(contradiction),
        (Err(_), Some(_)) => found.iter_mut().for_each(|part| part.files.lists.clear()),
        (Ok(()), _) => {}
    }
    Ok(())
}

/// Opens the dataset at a path, whatever its format, with the defaults.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("classes.txt"), "cat\n")?;
/// std::fs::write(folder.path().join("a.txt"), "0 0.5 0.5 0.2 0.2\n")?;
/// let dataset = annoconv::dataset::open_path(folder.path())?;
/// assert_eq!(dataset.formats[0].name(), "yolo");
/// assert_eq!(dataset.source.header().names(), ["cat"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`open`].
pub fn open_path(path: &Path) -> Result<Dataset> {
    let inputs = Inputs { paths: &[path.to_path_buf()], format: None };
    open(inputs, &defaults, Wants::ALL, &Run::default())
}

impl Dataset {
    /// A dataset that is read from no file: its source was made in memory.
    pub fn held(source: Box<dyn Source>) -> Self {
        Self {
            formats: Vec::new(),
            source,
            parts: vec![(0, Files::default())],
            passed_over: Vec::new(),
            faults: Vec::new(),
            drops_members: false,
            trees: Vec::new(),
        }
    }

    /// The image files that lie in the dataset's own layout: below the folders that were named, and
    /// in the folders of images that belong to its parts. None where there are none.
    ///
    /// `searches` says whether folders beside a single file are looked at, too.
    ///
    /// # Errors
    /// Where a folder cannot be read.
    pub fn images(&self, searches: bool) -> Result<Option<ImageTable>> {
        let mut found: BTreeSet<PathBuf> = BTreeSet::new();
        for tree in self.trees.iter().filter(|tree| !tree.is_file()) {
            found.extend(tree.images().cloned());
        }
        let is_known = |home: &Path| {
            self.trees.iter().any(|tree| !tree.is_file() && home.starts_with(tree.root()))
        };
        for (_, part) in &self.parts {
            let is_single = self
                .trees
                .iter()
                .any(|tree| tree.is_file() && tree.files().first() == part.files.first());
            if is_single && !searches {
                continue;
            }
            for home in part.homes.iter().filter(|home| !is_known(home)) {
                let is_above = part.root.starts_with(home) && part.root != **home;
                if !is_above {
                    found.extend(files::walk(home)?.into_iter().filter(|file| is_image(file)));
                }
            }
        }
        if found.is_empty() {
            return Ok(None);
        }
        let found: BTreeSet<PathBuf> =
            found.iter().map(|file| files::plain(file).to_path_buf()).collect();
        let roots = self.trees.iter().map(|tree| files::plain(tree.root()));
        let folders = found.iter().filter_map(|file| file.parent());
        let base = common(roots.chain(folders));
        ImageTable::of_files(&base, found).map(Some)
    }
}
