//! VIA's CSV: a row a region, JSON in the cells.

use super::read::{Entry, Place, Region};
use crate::error::{Error, Position, Result};
use crate::files;
use crate::model::{Extra, Image};
use std::collections::HashMap;
use std::path::Path;

/// The columns, as VIA 2 writes them; VIA 1 puts a `#` before the first.
pub const COLUMNS: [&str; 7] = [
    "filename",
    "file_size",
    "file_attributes",
    "region_count",
    "region_id",
    "region_shape_attributes",
    "region_attributes",
];

/// Where the columns stand that are read.
struct Columns {
    filename: usize,
    size: Option<usize>,
    file_attributes: Option<usize>,
    shape: usize,
    attributes: Option<usize>,
}

/// Reads a CSV file: images in the order in which they first occur.
///
/// # Errors
/// Where a column is missing or a cell is not what it should be.
pub fn read(path: &Path) -> Result<Vec<Entry>> {
    let bytes = files::read(path)?;
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let mut reader = csv::ReaderBuilder::new().from_reader(text);
    let bad = |error: &csv::Error| {
        let line = error.position().map_or(1, |position| position.line() as usize);
        Error::malformed("row", "CSV", error.to_string()).in_file(path).at(Position::line(line))
    };
    let columns = find_columns(reader.headers().map_err(|error| bad(&error))?, path)?;
    let mut entries: Vec<Entry> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| bad(&error))?;
        let line = record.position().map_or(1, |position| position.line() as usize);
        let cell =
            |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or("");
        let name = cell(Some(columns.filename));
        let place = |number: usize| Place {
            file: path.to_path_buf(),
            position: Position::line(line),
            thing: format!("image {name:?}, region {number}"),
        };
        let at = *index.entry(name.to_owned()).or_insert(entries.len());
        if at == entries.len() {
            let extra = read_cell(cell(columns.file_attributes), &place(0))?;
            let bytes = cell(columns.size).parse::<u64>().ok();
            let image = Image { file_name: name.to_owned(), bytes, extra, ..Image::default() };
            entries.push((image, Vec::new()));
        }
        let place = place(entries[at].1.len());
        let shape = read_cell(cell(Some(columns.shape)), &place)?;
        if !shape.is_empty() {
            let attributes = read_cell(cell(columns.attributes), &place)?;
            entries[at].1.push(Region { shape, attributes, place });
        }
    }
    Ok(entries)
}

fn find_columns(headers: &csv::StringRecord, path: &Path) -> Result<Columns> {
    let find =
        |name: &str| headers.iter().position(|header| header.trim_start_matches('#') == name);
    let need = |name: &str| {
        find(name).ok_or_else(|| {
            let found = headers.iter().collect::<Vec<_>>().join(",");
            Error::malformed("header", format!("a column {name:?}"), found)
                .in_file(path)
                .at(Position::line(1))
        })
    };
    Ok(Columns {
        filename: need(COLUMNS[0])?,
        size: find(COLUMNS[1]),
        file_attributes: find(COLUMNS[2]),
        shape: need(COLUMNS[5])?,
        attributes: find(COLUMNS[6]),
    })
}

/// An object in a cell; an empty cell is an empty object.
fn read_cell(cell: &str, place: &Place) -> Result<Extra> {
    if cell.trim().is_empty() {
        return Ok(Extra::new());
    }
    serde_json::from_str(cell).map_err(|error| place.error("a JSON object", &error.to_string()))
}

/// One row as it is written.
pub fn write_row(cells: &[&[u8]], out: &mut Vec<u8>) {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    // Writing a record to a Vec cannot fail.
    let _ = writer.write_record(cells);
    out.extend(writer.into_inner().unwrap_or_default());
}
