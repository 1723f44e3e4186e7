//! Judges tables and splits beside the annotations.

use crate::error::{Place, Position, Result};
use crate::files;
use crate::finding::Finding;
use crate::rules::Rule;
use crate::survey::Input;
use crate::survey::roster::Roster;
use crate::table::{Form, TableFile};
use crate::tree::{is_same_subset, subset_of_name};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Columns that name the image, in order of preference.
const IMAGE_COLUMNS: [&str; 9] = [
    "image_id",
    "image",
    "file_name",
    "filename",
    "image_name",
    "image_path",
    "path",
    "name",
    "id",
];

/// How many objects each image of the roster has, by the first format that lists it. `None` if no
/// format does, or not all of its objects could be read.
pub type Counts = [Option<usize>];

/// A row of a table.
pub struct Row {
    /// Its line, from 1.
    pub line: usize,
    /// Its cells, in the order of the columns.
    cells: Vec<String>,
    columns: Arc<[String]>,
    /// The name of its image.
    pub image: String,
}

/// A table with a column of images.
pub struct Table {
    /// Its file.
    pub path: PathBuf,
    /// The names of its columns.
    pub columns: Arc<[String]>,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl Row {
    /// The cell of a column.
    pub fn get(&self, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.cells.get(at).map(String::as_str)
    }
}

impl Table {
    /// A finding about a row, at the place of that row.
    pub fn finding(&self, rule: Rule, row: &Row, message: String) -> Finding {
        let place = Place::at(&self.path, Position::line(row.line));
        Finding::new(rule, message, place).of_image(&row.image)
    }
}

/// What is known about the images of a table's rows.
pub struct Known<'a> {
    roster: &'a Roster,
    counts: &'a Counts,
}

impl Known<'_> {
    /// How many objects the annotations have for the image of a row; 0 if no format lists the
    /// image. `None` if the image is not known.
    pub fn objects(&self, row: &Row) -> Option<usize> {
        let image = find(row, self.roster)?;
        Some(self.counts.get(image).copied().flatten().unwrap_or(0))
    }

    /// The image file of a row.
    pub fn file(&self, row: &Row) -> Option<&Path> {
        self.roster.images().get(find(row, self.roster)?)?.file.as_deref()
    }
}

/// A function that judges the columns of a table which only one published dataset has.
pub type JudgeTable = fn(&Table, &Known) -> Vec<Finding>;

/// The tables and splits of a dataset.
pub struct Lists<'a> {
    /// Tables with a column of images.
    pub tables: &'a [PathBuf],
    /// Lists of images; each is a split.
    pub splits: &'a [PathBuf],
    /// A function that judges the other columns of the tables.
    pub judge: Option<JudgeTable>,
}

/// The images that tables and splits list.
#[derive(Default)]
pub struct Listed {
    /// The numbers of all of them.
    pub images: HashSet<usize>,
    /// The first split of each image: the subset that its name stands for, else the name.
    pub subsets: BTreeMap<usize, String>,
}

/// Judges all tables and splits. A summary of each is added to `inputs`. Returns the images that
/// they list.
///
/// # Errors
/// Where one cannot be read at all.
pub fn judge(
    lists: &Lists,
    roster: &Roster,
    counts: &Counts,
    inputs: &mut Vec<Input>,
    findings: &mut Vec<Finding>,
) -> Result<Listed> {
    let mut listed = Listed::default();
    for path in lists.tables {
        let Some(table) = read_table(path, findings)? else { continue };
        inputs.push(input("csv", path, table.rows.len()));
        listed.images.extend(table.rows.iter().filter_map(|row| find(row, roster)));
        judge_rows(&table, roster, counts, findings);
        if let Some(judge) = lists.judge {
            findings.extend(judge(&table, &Known { roster, counts }));
        }
    }
    let mut splits = Vec::new();
    for path in split_files(lists.splits)? {
        let Some(table) = read_table(&path, findings)? else { continue };
        inputs.push(input("split", &path, table.rows.len()));
        let subset = subset_of(&path).unwrap_or_else(|| stem_of(&path));
        for id in table.rows.iter().filter_map(|row| find(row, roster)) {
            listed.images.insert(id);
            listed.subsets.entry(id).or_insert_with(|| subset.clone());
        }
        splits.push(table);
    }
    judge_splits(&splits, roster, counts, findings);
    Ok(listed)
}

fn input(format: &'static str, path: &Path, images: usize) -> Input {
    Input { format, path: path.to_path_buf(), images, annotations: 0 }
}

/// Reads a table. A file `.txt` has no header and only the column of images.
fn read_table(path: &Path, findings: &mut Vec<Finding>) -> Result<Option<Table>> {
    let is_list = files::has_extension(path, &["txt"]);
    let file = TableFile::read(path, if is_list { Form::Headless } else { Form::Loose })?;
    let columns: Arc<[String]> = match is_list {
        true => ["image".to_owned()].into(),
        false => file.header()?.into(),
    };
    let known = IMAGE_COLUMNS
        .iter()
        .find_map(|name| columns.iter().position(|column| column.eq_ignore_ascii_case(name)));
    let Some(column) = known else {
        let message = format!(
            "no column for the image ({}), only {}",
            IMAGE_COLUMNS.join(", "),
            columns.join(", ")
        );
        let place = Place::at(path, Position::line(1));
        findings.push(Finding::new(Rule::TableColumn, message, place));
        return Ok(None);
    };
    let mut rows = Vec::new();
    for record in file.rows() {
        match record {
            Ok((line, record)) => rows.extend(row(line, &record, &columns, column)),
            Err(error) => findings.push(Finding::of_error(&error)),
        }
    }
    Ok(Some(Table { path: path.to_path_buf(), columns, rows }))
}

fn row(
    line: usize,
    record: &csv::StringRecord,
    columns: &Arc<[String]>,
    image: usize,
) -> Option<Row> {
    let cells = record.iter().take(columns.len()).map(str::to_owned).collect();
    let image = record.get(image).filter(|name| !name.is_empty())?.to_owned();
    Some(Row { line, cells, columns: Arc::clone(columns), image })
}

/// The image of a row: by its name, with or without its extension.
pub fn find(row: &Row, roster: &Roster) -> Option<usize> {
    let is_image = crate::images::is_image(Path::new(&row.image));
    roster.find(&row.image, !is_image)
}

fn judge_rows(table: &Table, roster: &Roster, counts: &Counts, findings: &mut Vec<Finding>) {
    let mut lines: HashMap<usize, usize> = HashMap::new();
    for row in &table.rows {
        match find(row, roster) {
            // Not all images may be there, so a row may be about one that nothing else lists.
            None => {
                let message = format!("no image {:?}", row.image);
                findings.push(table.finding(Rule::TableImageUnknown, row, message));
            }
            Some(id) => {
                if let Some(first) = lines.insert(id, row.line) {
                    let message = format!("{:?} has another row in line {first}", row.image);
                    findings.push(table.finding(Rule::TableRowTwice, row, message));
                }
            }
        }
    }
    for (id, count) in counts.iter().enumerate() {
        let is_of_dataset = count.is_some() || roster.images()[id].file.is_some();
        if is_of_dataset && !lines.contains_key(&id) {
            let name = roster.name(id);
            let place = Place::of_file(&table.path);
            let found = Finding::new(Rule::TableImageAbsent, format!("no row for {name:?}"), place);
            findings.push(found.of_image(name));
        }
    }
}

/// The stated files, and the tables and lists in the stated folders.
fn split_files(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in named {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let is_list = |file: &PathBuf| files::has_extension(file, &["csv", "txt"]);
        found.extend(files::walk(path)?.into_iter().filter(is_list));
    }
    Ok(found)
}

/// The subset that the name of a list stands for.
fn subset_of(list: &Path) -> Option<String> {
    subset_of_name(&stem_of(list))
}

fn stem_of(list: &Path) -> String {
    list.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Judges splits: they must not share an image, and must have all images with objects.
fn judge_splits(splits: &[Table], roster: &Roster, counts: &Counts, findings: &mut Vec<Finding>) {
    if splits.is_empty() {
        return;
    }
    let mut owners: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for (number, split) in splits.iter().enumerate() {
        for row in &split.rows {
            let Some(id) = find(row, roster) else {
                let message = format!("no image {:?}", row.image);
                findings.push(split.finding(Rule::SplitUnknown, row, message));
                continue;
            };
            let folder = roster.subset_of_file(id);
            if let Some((folder, own)) = folder.zip(subset_of(&split.path))
                && !is_same_subset(&folder, &own)
            {
                let message = format!("{:?} lies in a folder of {folder}", row.image);
                findings.push(split.finding(Rule::SplitFolder, row, message));
            }
            let Some(&(first, line)) = owners.get(&id) else {
                owners.insert(id, (number, row.line));
                continue;
            };
            let rule = if first == number { Rule::SplitRepeated } else { Rule::SplitOverlap };
            let message =
                format!("{:?} is also in {}:{line}", row.image, files::shown(&splits[first].path));
            findings.push(split.finding(rule, row, message));
        }
    }
    let names: Vec<String> = splits.iter().map(|split| files::shown(&split.path)).collect();
    for (id, count) in counts.iter().enumerate() {
        if count.is_some_and(|count| count > 0) && !owners.contains_key(&id) {
            let name = roster.name(id);
            let message = format!("{name:?} has objects and is in none of {}", names.join(", "));
            let place = Place::of_file(&splits[0].path);
            findings.push(Finding::new(Rule::SplitIncomplete, message, place).of_image(name));
        }
    }
}
