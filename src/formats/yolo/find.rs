//! Which text files of a tree are YOLO labels, and how they belong together.

use crate::classes;
use crate::error::{Error, Position};
use crate::files;
use crate::tree::class_lists::ClassLists;
use crate::tree::{self, FolderFiles, Found, Tree, parts_of_folders};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// Lists of images that lie beside labels.
const LISTS: &[&str] = &["train.txt", "val.txt", "valid.txt", "test.txt", "trainval.txt"];

/// How many files of a folder are looked at to see whether it holds labels. The names of all others
/// decide: a folder may hold a hundred thousand files.
const LOOKED_AT: usize = 64;

/// The labels of a tree, a part for each subset and class list.
pub fn find(tree: &Tree) -> Found {
    let mut rejected = Vec::new();
    let mut parts: BTreeMap<(Vec<PathBuf>, Option<String>), Vec<FolderFiles>> = BTreeMap::new();
    let folders = tree.folders("txt");
    let mut judged: Vec<(&Path, Vec<&PathBuf>, FolderKind)> = Vec::new();
    for (folder, texts) in folders {
        let (labels, kind) = labels_of(tree, &texts, &mut rejected);
        judged.push((folder, labels, kind));
    }
    let sure = judged.iter().filter(|(_, _, kind)| *kind == FolderKind::Labels);
    let beside_labels: HashSet<_> = sure.map(|(folder, ..)| folder.parent()).collect();
    let mut class_lists = ClassLists::default();
    for (folder, labels, kind) in &judged {
        // A folder of nothing but empty files is one of labels where its neighbour is, or where
        // their images or a list of classes are.
        let lists = class_lists.of_folder(folder, tree.root());
        let is_own = match kind {
            FolderKind::Labels => true,
            FolderKind::Empty => {
                let has_image = labels.iter().any(|label| tree.has_image_of(label));
                beside_labels.contains(&folder.parent())
                    || has_image
                    || !lists.is_empty() && labels.iter().all(is_empty)
            }
            FolderKind::None => false,
        };
        if is_own {
            let key = (lists, tree.subset_of(folder));
            let labels = labels.iter().map(|label| (*label).clone()).collect();
            parts.entry(key).or_default().push((folder.to_path_buf(), labels));
        }
    }
    let only_empty: Vec<&PathBuf> =
        judged.iter().flat_map(|(_, labels, _)| labels.iter().copied()).collect();
    if parts.is_empty() && !only_empty.is_empty() && rejected.is_empty() {
        rejected.push(Error::malformed("label files", "a row in one of them at least", "none"));
    }
    if parts.is_empty() && rejected.is_empty() {
        rejected.push(tree.without("label files (*.txt)"));
    }
    let part = |((lists, subset), folders): ((Vec<PathBuf>, Option<String>), _)| {
        parts_of_folders(folders, subset.as_deref(), &lists)
    };
    Found { parts: parts.into_iter().flat_map(part).collect(), rejected }
}

/// What the text files of a folder are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FolderKind {
    /// Labels, rows in some of them.
    Labels,
    /// Empty files, or none.
    Empty,
    /// Other texts.
    None,
}

/// The label files of a folder, and what they are.
fn labels_of<'a>(
    tree: &Tree,
    texts: &[&'a PathBuf],
    rejected: &mut Vec<Error>,
) -> (Vec<&'a PathBuf>, FolderKind) {
    let mut labels = Vec::with_capacity(texts.len());
    let mut kind = FolderKind::Empty;
    let (mut strangers, mut is_foreign) = (0usize, false);
    for (number, text) in texts.iter().enumerate() {
        let has_image = tree.has_image_of(text);
        let is_looked_at =
            number < LOOKED_AT || is_document(text) || tree.has_images() && !has_image;
        if !is_looked_at && is_label_name(text) {
            labels.push(*text);
            continue;
        }
        let judged = judge(text);
        is_foreign |= matches!(judged, Judged::Foreign);
        match judged {
            Judged::Label => kind = FolderKind::Labels,
            Judged::Empty => {}
            Judged::Broken(error) if kind != FolderKind::Labels && !has_image => {
                rejected.push(error);
                strangers += 1;
            }
            Judged::Broken(_) if has_image => kind = FolderKind::Labels,
            Judged::Broken(_) => {}
            // A text beside its image is its label, whatever is wrong with it.
            Judged::Other if has_image && is_label_name(text) => {}
            Judged::Other | Judged::Foreign => {
                strangers += 1;
                continue;
            }
        }
        labels.push(*text);
    }
    if kind == FolderKind::Empty && strangers > 0 && (is_foreign || labels.is_empty()) {
        kind = FolderKind::None;
    }
    (labels, kind)
}

/// Whether a file has no bytes.
fn is_empty(file: &&PathBuf) -> bool {
    file.metadata().is_ok_and(|about| about.len() == 0)
}

/// Whether a file's name is one that people give to texts about a dataset.
fn is_document(path: &Path) -> bool {
    let stem =
        path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    ["readme", "license", "licence", "notes", "about", "changelog", "requirements"]
        .iter()
        .any(|word| stem.starts_with(word))
}

fn is_label_name(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    !classes::NAMES.contains(&name) && !LISTS.contains(&name)
}

/// What a text is, by its content and its name.
enum Judged {
    /// A label file with rows.
    Label,
    /// One without.
    Empty,
    /// A label file, or another file of numbers, whose first row cannot be read.
    Broken(Error),
    /// Another text: a list of classes, of images, a document.
    Other,
    /// Labels of another format.
    Foreign,
}

fn judge(path: &Path) -> Judged {
    let bytes = files::read(path).unwrap_or_default();
    let is_utf16 = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    if is_utf16 && is_label_name(path) && !is_document(path) {
        let error = Error::malformed("label file", "UTF-8", "UTF-16").in_file(path);
        return Judged::Broken(error.at(Position::line(1)));
    }
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut rows = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let Some((first, row)) = rows.next() else {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        return if classes::NAMES.contains(&name) { Judged::Other } else { Judged::Empty };
    };
    let lines = || std::iter::once((first, row)).chain(rows.clone());
    let (all, sound) = (lines().count(), lines().filter(|(_, line)| is_row(line)).count());
    if sound > 0 && (2 * sound >= all || !is_document(path) && is_label_name(path)) {
        return Judged::Label;
    }
    if !is_label_name(path) || is_document(path) {
        return Judged::Other;
    }
    if tree::format_of_rows(text).is_some() {
        return Judged::Foreign;
    }
    let Some((line, row)) = lines().find(|(_, line)| is_like_row(line)) else {
        return Judged::Other;
    };
    let error = Error::malformed(
        "row",
        "a class number and 4 numbers or more",
        format!("{:?}", row.trim()),
    );
    Judged::Broken(error.in_file(path).at(Position::line(line + 1)))
}

/// Whether a line is a row of a label file: five numbers or more.
pub fn is_row(line: &str) -> bool {
    let mut columns = line.split_whitespace();
    columns.clone().count() >= 5 && columns.all(|column| column.parse::<f64>().is_ok())
}

/// Whether a line may be meant as a row: nothing but numbers, or four of them after a word.
fn is_like_row(line: &str) -> bool {
    let is_number = |column: &&str| column.parse::<f64>().is_ok();
    let columns: Vec<&str> = line.split_whitespace().collect();
    let numbers = columns.iter().filter(|column| is_number(column)).count();
    numbers > 1 && numbers == columns.len() || numbers >= 4 || is_row_with_commas(line)
}

/// Whether a line would be a row if its commas and semicolons were blanks, or its commas points.
fn is_row_with_commas(line: &str) -> bool {
    let blanks = line.replace([',', ';'], " ");
    let points = line.replace(',', ".");
    [blanks, points].iter().any(|row| {
        let mut numbers = row.split_whitespace().map(|column| column.parse::<f64>().ok());
        let class = numbers.next().flatten();
        let are_fractions =
            numbers.clone().all(|it| it.is_some_and(|it| (0.0..=1.0).contains(&it)));
        class.is_some_and(|class| class.fract() == 0.0) && are_fractions && numbers.count() >= 4
    })
}

/// Whether a file's content is that of labels: nothing, or a first row of numbers. Such files may
/// be pruned.
pub fn has_labels(file: &Path) -> bool {
    files::has_extension(file, &["txt"]) && matches!(judge(file), Judged::Label | Judged::Empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> (tempfile::TempDir, Tree) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join("d").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let tree = Tree::walk(&folder.path().join("d")).unwrap();
        (folder, tree)
    }

    /// The root, the subset and the names of the files of each part.
    fn parts(files: &[(&str, &str)]) -> Vec<(String, Option<String>, Vec<String>)> {
        let (_folder, tree) = tree(files);
        let below = |path: &PathBuf| crate::files::relative_name(path, tree.root()).unwrap();
        let found = find(&tree).parts;
        found
            .iter()
            .map(|it| (below(&it.root), it.subset.clone(), it.files.iter().map(below).collect()))
            .collect()
    }

    const ROW: &str = "0 0.5 0.5 0.1 0.1\n";

    #[test]
    fn texts_that_are_no_labels_are_left_aside() {
        let found = parts(&[
            ("README.roboflow.txt", "made by 5 people\n"),
            ("classes.txt", "cat\n"),
            ("train.txt", "images/a.jpg\n"),
            ("labels/a.txt", ROW),
            ("labels/b.txt", ""),
            ("labels/notes.txt", "to do\n"),
        ]);
        let names = ["labels/a.txt", "labels/b.txt"].map(str::to_owned).to_vec();
        assert_eq!(found, [("labels".to_owned(), None, names)]);
    }

    #[test]
    fn subsets_and_class_lists_make_parts() {
        let found = parts(&[
            ("train/labels/a.txt", ROW),
            ("valid/labels/a.txt", ROW),
            ("data.yaml", "names: [a]"),
        ]);
        let roots: Vec<_> =
            found.iter().map(|(root, subset, _)| (root.as_str(), subset.as_deref())).collect();
        assert_eq!(roots, [("train/labels", Some("train")), ("valid/labels", Some("valid"))]);
        let found = parts(&[
            ("one/labels/a.txt", ROW),
            ("one/classes.txt", "a\n"),
            ("two/labels/a.txt", ROW),
            ("two/classes.txt", "b\n"),
        ]);
        assert_eq!(found.len(), 2);
        let found =
            parts(&[("labels/x/a.txt", ROW), ("labels/y/b.txt", ROW), ("classes.txt", "a\n")]);
        assert_eq!(found.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["labels"]);
    }

    #[test]
    fn a_label_that_is_broken_is_not_left_aside() {
        let found = parts(&[("a.txt", ROW), ("b.txt", "0 0.5\n"), ("classes.txt", "a\n")]);
        assert_eq!(found[0].2, ["a.txt", "b.txt"]);
        let found = parts(&[
            ("a.txt", "to be done"),
            ("a.jpg", ""),
            ("b.txt", ROW),
            ("classes.txt", "a\n"),
        ]);
        assert_eq!(found[0].2.len(), 2, "prose beside an image: {found:?}");
        for (line, expected) in [
            ("0,0.5,0.5,0.1,0.1", true),
            ("0;0.5;0.5;0.1;0.1", true),
            ("0 0,5 0,5 0,1 0,1", true),
            ("38,43,920,215", false),
            ("a,b,c,d,e", false),
        ] {
            assert_eq!(is_like_row(line), expected, "{line}");
        }
        let (_folder, tree) = tree(&[("a.txt", "cat 10 10 50 50\n")]);
        let rejected = find(&tree).rejected[0].to_string();
        assert!(rejected.contains("a.txt:1:1: row: expected a class number"), "{rejected}");
    }
}
