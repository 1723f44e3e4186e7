//! The lists of class names that belong to a folder of labels.

use crate::classes;
use crate::error::Result;
use std::path::{Path, PathBuf};

/// How many folders above the labels a list of classes is looked for.
const UP: usize = 2;

/// The class lists of a folder of labels, the nearest first: all that lie in it or above it below
/// `root`; where there are none, those of the nearest folder above that has one.
pub fn of_folder(folder: &Path, root: &Path) -> Vec<PathBuf> {
    let is_below = |place: &&Path| place.starts_with(root);
    let own = folder.ancestors().take_while(is_below).flat_map(classes::find_all);
    let own: Vec<PathBuf> = own.collect();
    if !own.is_empty() {
        return own;
    }
    let above = folder.ancestors().take(UP + 1).map(|place| match place.as_os_str().is_empty() {
        true => Path::new("."),
        false => place,
    });
    above.map(classes::find_all).find(|lists| !lists.is_empty()).unwrap_or_default()
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
