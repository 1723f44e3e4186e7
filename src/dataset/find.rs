//! What of a path is of which format: the one discovery of all commands.

use super::{Tree, foreign, homes, subset_of_name};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files;
use crate::format::Format;
use crate::formats::FORMATS;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The files of one part of a dataset, as discovery hands them to a reader.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// What stands for the part in messages and reports: its file, or its folder.
    pub shown: PathBuf,
    /// The folder that the part's own names are relative to.
    pub root: PathBuf,
    /// Its files: one, or all label files.
    pub files: Vec<PathBuf>,
    /// The folders where its images may lie, best first.
    pub homes: Vec<PathBuf>,
    /// The subset that it is: train, val, test.
    pub subset: Option<String>,
    /// Its lists of class names, the nearest first.
    pub lists: Vec<PathBuf>,
}

impl Files {
    /// A file that holds all images, found in a tree.
    pub fn single(file: &Path, tree: &Tree) -> Self {
        let root = file.parent().unwrap_or(Path::new("")).to_path_buf();
        let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let subset = subset_of_name(stem).or_else(|| tree.subset_of(&root));
        Self {
            shown: file.to_path_buf(),
            homes: homes(&root, subset.as_deref()),
            root,
            files: vec![file.to_path_buf()],
            subset,
            lists: Vec::new(),
        }
    }
}

/// Folders that hold a file an image, as the files of parts: one for all of them where no two files
/// have one name, else one each, as folders that repeat each other's names hold copies.
pub fn parts_of_folders(
    folders: Vec<(PathBuf, Vec<PathBuf>)>,
    subset: Option<&str>,
    lists: &[PathBuf],
) -> Vec<Files> {
    let mut names = HashSet::new();
    let all = folders.iter().flat_map(|(_, files)| files);
    let are_distinct =
        all.filter_map(|file| file.file_name()).all(|name| names.insert(name.to_owned()));
    let groups = match are_distinct {
        true => vec![folders],
        false => folders.into_iter().map(|folder| vec![folder]).collect(),
    };
    let part = |folders: Vec<(PathBuf, Vec<PathBuf>)>| {
        let root = common(folders.iter().map(|(folder, _)| folder.as_path()));
        let mut files: Vec<PathBuf> = folders.into_iter().flat_map(|(_, files)| files).collect();
        files.sort();
        Files {
            homes: homes(&root, subset),
            shown: root.clone(),
            root,
            files,
            subset: subset.map(str::to_owned),
            lists: lists.to_vec(),
        }
    };
    groups.into_iter().map(part).collect()
}

/// The folder that all of some folders lie in.
pub fn common<'a>(folders: impl Iterator<Item = &'a Path>) -> PathBuf {
    let both = |one: PathBuf, other: PathBuf| {
        let parts = one.components().zip(other.components());
        parts.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    };
    folders.map(Path::to_path_buf).reduce(both).unwrap_or_default()
}

/// What one format found in a tree.
#[derive(Debug, Default)]
pub struct Found {
    /// Its parts.
    pub parts: Vec<Files>,
    /// Why files that might be its own are none.
    pub rejected: Vec<Error>,
}

impl Found {
    /// Nothing, for a reason.
    pub fn none(why: Error) -> Self {
        Self { parts: Vec::new(), rejected: vec![why] }
    }
}

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

/// The parts at some inputs, which must be of one format.
///
/// # Errors
/// Where an input cannot be read, or nothing or several formats are found: with what was found and
/// the reason of each format that found nothing.
pub fn find_one(inputs: Inputs) -> Result<(Discovery, &'static dyn Format)> {
    let mut all = Discovery::default();
    let mut only: Option<&'static dyn Format> = None;
    for path in inputs.paths {
        let tree = Tree::walk(path)?;
        let (parts, format) = of_tree(&tree, path, inputs.format)?;
        if let Some(first) = only.filter(|first| first.name() != format.name()) {
            let expected = format!("one format in all inputs, as {} before", first.name());
            let mismatch =
                Mismatch::new(expected, format!("{} (--from says which)", format.name()));
            return Err(Error::new(ErrorKind::Usage, "format of the input", mismatch).in_file(path));
        }
        only = Some(format);
        let parts = parts.into_iter().map(|files| FoundPart { format, files });
        all.parts.extend(parts);
        all.trees.push(tree);
    }
    all.passed_over = strangers(&all.trees, &all.parts);
    match only {
        Some(format) => Ok((all, format)),
        None => {
            Err(Error::new(ErrorKind::Usage, "input", Mismatch::new("a file or folder", "none")))
        }
    }
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
        let own = format.find(tree);
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
    let mismatch = Mismatch::new("one format (--from says which)", found.join(" and "));
    Error::new(ErrorKind::Usage, "format of the input", mismatch).in_file(path)
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
    let expected = format!("one of {} (--from says which)", names.join(", "));
    let mismatch = Mismatch::new(expected, format!("none of them: {}", reasons.join("; ")));
    Error::new(ErrorKind::Usage, "format of the input", mismatch).in_file(path)
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
        let found = format.find(&tree);
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
    let files = trees.iter().filter(|tree| !tree.is_file()).flat_map(Tree::files);
    files.filter(is_stranger).cloned().collect()
}
