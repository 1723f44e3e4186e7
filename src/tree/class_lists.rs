//! The lists of class names that belong to a folder of labels.

use crate::classes;
use crate::error::Result;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// How many folders above the labels a list of classes is looked for.
const UP: usize = 2;

/// The class lists in folders, each of which is looked into once.
#[derive(Default)]
pub struct ClassLists(HashMap<PathBuf, Vec<PathBuf>>);

impl ClassLists {
    fn in_folder(&mut self, folder: &Path) -> Vec<PathBuf> {
        let known = self.0.entry(folder.to_path_buf());
        known.or_insert_with(|| classes::find_all(folder)).clone()
    }

    /// The class lists of a folder of labels, the nearest first: all that lie in it or above it
    /// below `root`; where there are none, those of the nearest folder above that has one.
    pub fn of_folder(&mut self, folder: &Path, root: &Path) -> Vec<PathBuf> {
        let is_below = |place: &&Path| place.starts_with(root);
        let own = folder.ancestors().take_while(is_below).flat_map(|place| self.in_folder(place));
        let own: Vec<PathBuf> = own.collect();
        if !own.is_empty() {
            return own;
        }
        let here = Path::new(".");
        let above = folder.ancestors().take(UP + 1);
        let above = above.map(|place| if place.as_os_str().is_empty() { here } else { place });
        let mut above = above.map(|place| self.in_folder(place));
        above.find(|lists| !lists.is_empty()).unwrap_or_default()
    }
}

/// The names that the class numbers of some labels stand for: those of the nearest list, which all
/// others must not contradict.
///
/// # Errors
/// Where a list cannot be read, or two contradict each other.
pub fn read(lists: &[PathBuf]) -> Result<Option<(PathBuf, Vec<String>)>> {
    let read = |path: &PathBuf| Ok((path.clone(), classes::parse(path)?));
    let read: Vec<(PathBuf, Vec<String>)> = lists.iter().map(read).collect::<Result<_>>()?;
    classes::agree(&read)?;
    Ok(read.into_iter().next())
}
