//! The paths that a report states.

use crate::validate::Validation;
use std::path::{Path, PathBuf};

/// Makes the paths of a validation those that a reader expects.
///
/// A path below `folder` (the current folder) becomes relative to it, because the services that
/// show findings at the lines of files need that. `unpacked` has the path of each unpacked
/// copy and the path that the user gave for it: the second replaces the first.
pub fn shorten(validation: &mut Validation, folder: Option<&Path>, unpacked: &[(&Path, &Path)]) {
    let Validation { inputs, agreement, passed_over, sight, findings } = validation;
    let paths = inputs.iter_mut().map(|input| &mut input.path);
    let paths =
        paths.chain(agreement.iter_mut().flat_map(|row| [&mut row.from_path, &mut row.to_path]));
    let paths = paths.chain(passed_over.iter_mut());
    let subsets = sight.iter_mut().flat_map(|sight| &mut sight.subsets);
    let seen = subsets.flat_map(|seen| {
        let lost = seen.lost.iter_mut().map(|lost| &mut lost.place.file);
        std::iter::once(&mut seen.path).chain(lost)
    });
    let paths = paths.chain(seen);
    let places = findings.iter_mut().flat_map(|finding| {
        let others = finding.places.iter_mut().map(|it| &mut it.place.file);
        std::iter::once(&mut finding.place.file).chain(others)
    });
    let paths = paths.chain(places);
    paths.for_each(|path| match unpacked.iter().find(|(file, _)| path == file) {
        Some((file, given)) if file != given => *path = given.to_path_buf(),
        _ => *path = shortened(path, folder),
    });
}

fn shortened(path: &Path, folder: Option<&Path>) -> PathBuf {
    let below = folder.and_then(|folder| path.strip_prefix(folder).ok()).unwrap_or(path);
    let below = below.strip_prefix(".").unwrap_or(below);
    if below.as_os_str().is_empty() { PathBuf::from(".") } else { below.to_path_buf() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_stated_from_the_current_folder() {
        let folder = Some(Path::new("/data"));
        let cases = [
            ("/data/a/b.json", "a/b.json"),
            ("./a.json", "a.json"),
            (".", "."),
            ("", "."),
            ("/data", "."),
            ("/other/a.json", "/other/a.json"),
            ("../a.json", "../a.json"),
        ];
        for (path, expected) in cases {
            assert_eq!(shortened(Path::new(path), folder), Path::new(expected), "{path}");
        }
    }
}
