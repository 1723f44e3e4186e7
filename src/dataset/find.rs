//! What of a path is of which format: the one discovery of all commands.

use super::foreign;
use crate::error::{Error, ErrorKind, Mismatch, Remedy, Result};
use crate::files;
use crate::format::Format;
use crate::formats::FORMATS;
use crate::tree::{Files, Found, Tree};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// A part with its format.
#[derive(Clone)]
pub struct FoundPart {
    /// The format.
    pub format: &'static dyn Format,
    /// The files.
    pub files: Files,
}

/// What was found at the inputs.
#[derive(Default)]
pub struct Discovery {
    /// All parts, in the order of the inputs and their names.
    pub parts: Vec<FoundPart>,
    /// Files beside them that no format takes and that might have been meant as annotations.
    pub passed_over: Vec<PathBuf>,
    /// The trees, an input each.
    pub trees: Vec<Tree>,
}

/// What is searched, and for what.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// Files and folders.
    pub paths: &'a [PathBuf],
    /// The only format that is looked for.
    pub format: Option<&'static dyn Format>,
}

/// The parts at some inputs, those of each input of one format.
///
/// # Errors
/// Where an input cannot be read, or nothing or several formats are found in it: with what was found
/// and the reason of each format that found nothing.
pub fn find_each(inputs: Inputs) -> Result<Discovery> {
    let mut all = Discovery::default();
    for path in inputs.paths {
        let tree = Tree::walk(path)?;
        let (parts, format) = of_tree(&tree, path, inputs.format)?;
        let parts = parts.into_iter().map(|files| FoundPart { format, files });
        all.parts.extend(parts);
        all.trees.push(tree);
    }
    all.passed_over = strangers(&all.trees, &all.parts);
    match all.parts.is_empty() {
        false => Ok(all),
        true => {
            Err(Error::new(ErrorKind::Usage, "input", Mismatch::new("a file or folder", "none")))
        }
    }
}

/// What a format finds in a tree. The part of a file that somebody named is shown as that file.
pub fn of_format(format: &dyn Format, tree: &Tree) -> Found {
    let mut found = format.find(tree);
    if tree.is_file() {
        let named = tree.files().first();
        let shown = found.parts.iter_mut().map(|part| &mut part.shown).zip(named);
        shown.for_each(|(shown, file)| shown.clone_from(file));
    }
    found
}

/// The parts of a tree and their format.
fn of_tree(
    tree: &Tree,
    path: &Path,
    format: Option<&'static dyn Format>,
) -> Result<(Vec<Files>, &'static dyn Format)> {
    let asked: Vec<&'static dyn Format> =
        format.map_or_else(|| FORMATS.to_vec(), |format| vec![format]);
    let mut rejected = Vec::new();
    let mut found: Vec<(&'static dyn Format, Vec<Files>)> = Vec::new();
    for format in asked {
        let own = of_format(format, tree);
        match own.parts.is_empty() {
            true => rejected.push((format, own.rejected)),
            false => found.push((format, own.parts)),
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some((format, parts)), true) => Ok((parts, format)),
        (Some(last), false) => {
            found.push(last);
            Err(several(path, &found))
        }
        (None, _) => Err(nothing(tree, path, format, rejected)),
    }
}

/// The refusal of a folder with several formats in it.
fn several(path: &Path, found: &[(&'static dyn Format, Vec<Files>)]) -> Error {
    let one = |(format, parts): &(&'static dyn Format, Vec<Files>)| {
        let first = parts.first().map(|part| files::shown(&part.shown)).unwrap_or_default();
        let more = parts.len().checked_sub(1).filter(|more| *more > 0);
        let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
        format!("{} ({first}{more})", format.name())
    };
    let found: Vec<String> = found.iter().map(one).collect();
    let mismatch = Mismatch::new("one format", found.join(" and "));
    let error = Error::new(ErrorKind::Usage, "format of the input", mismatch);
    error.mended_by(Remedy::Format).in_file(path)
}

/// The refusal of an input in which no format found anything.
fn nothing(
    tree: &Tree,
    path: &Path,
    asked: Option<&'static dyn Format>,
    mut rejected: Vec<(&'static dyn Format, Vec<Error>)>,
) -> Error {
    if let Some((file, name)) = foreign::recognise(tree) {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name()).collect();
        let mismatch = Mismatch::new(
            format!("a format that can be read ({})", names.join(", ")),
            format!("{name}, which is not read"),
        );
        return Error::new(ErrorKind::Usage, "format of the input", mismatch).in_file(&file);
    }
    // The only format that was asked for says it best itself.
    if asked.is_some()
        && let Some((_, reasons)) = rejected.first_mut()
        && !reasons.is_empty()
    {
        return reasons.swap_remove(0).or_in_file(path);
    }
    let reason = |(format, reasons): &(&'static dyn Format, Vec<Error>)| {
        let first = reasons.first().map(ToString::to_string);
        format!("{}: {}", format.name(), first.unwrap_or_else(|| "no files".to_owned()))
    };
    let reasons: Vec<String> = rejected.iter().map(reason).collect();
    let names: Vec<&str> = rejected.iter().map(|(format, _)| format.name()).collect();
    let expected = format!("one of {}", names.join(", "));
    let mismatch = Mismatch::new(expected, format!("none of them: {}", reasons.join("; ")));
    let error = Error::new(ErrorKind::Usage, "format of the input", mismatch);
    error.mended_by(Remedy::Format).in_file(path)
}

/// All parts of all formats below a path.
///
/// # Errors
/// Where the path cannot be read.
pub fn find_all(path: &Path) -> Result<(Discovery, Vec<Error>)> {
    let tree = Tree::walk(path)?;
    let mut rejected = Vec::new();
    let mut parts = Vec::new();
    for format in FORMATS {
        let found = of_format(*format, &tree);
        parts.extend(found.parts.into_iter().map(|files| FoundPart { format: *format, files }));
        rejected.extend(found.rejected);
    }
    let trees = vec![tree];
    let passed_over = strangers(&trees, &parts);
    Ok((Discovery { parts, passed_over, trees }, rejected))
}

/// Files whose extension could mean annotations, that no part has, and that are no list beside one.
fn strangers(trees: &[Tree], parts: &[FoundPart]) -> Vec<PathBuf> {
    let own = parts.iter().flat_map(|part| part.files.files.iter().chain(&part.files.lists));
    let taken: HashSet<&Path> = own.map(PathBuf::as_path).collect();
    let is_stranger = |file: &&PathBuf| {
        files::has_extension(file, &["json", "xml", "csv", "txt"])
            && !taken.contains(file.as_path())
    };
    let listed = trees.iter().filter(|tree| !tree.is_file()).flat_map(Tree::files);
    listed.filter(is_stranger).map(|file| files::plain(file).to_path_buf()).collect()
}
