//! VIA's CSV: a row a region, JSON in the cells.

use super::region::{Entry, Region};
use crate::error::{Error, Position, Result};
use crate::format::Faults;
use crate::model::{Extra, Image};
use crate::table::{Form, TableFile};
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
pub fn read(path: &Path, faults: &mut Faults) -> Result<Vec<Entry>> {
    let file = TableFile::read(path, Form::Exact)?;
    let columns = find_columns(&file.header()?, path)?;
    let mut entries: Vec<Entry> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    for row in file.rows() {
        let Some((line, record)) = faults.pass(row)? else { continue };
        let row = Row { record: &record, columns: &columns, line };
        let name = row.cell(Some(columns.filename));
        let at = *index.entry(name.to_owned()).or_insert(entries.len());
        let in_place = |error: Error| error.in_file(path).at(Position::line(line));
        if at == entries.len() {
            let entry = row.entry();
            entries.extend(faults.pass(entry.map_err(in_place))?);
        }
        let Some(entry) = entries.get_mut(at) else {
            index.remove(name);
            continue;
        };
        let region = row.region(entry.regions.len());
        match faults.pass(region.map_err(in_place))? {
            Some(region) => entry.regions.extend(region),
            None => entry.is_doubtful = true,
        }
    }
    Ok(entries)
}

/// A row of the table.
struct Row<'a> {
    record: &'a csv::StringRecord,
    columns: &'a Columns,
    line: usize,
}

impl Row<'_> {
    fn cell(&self, column: Option<usize>) -> &str {
        column.and_then(|column| self.record.get(column)).unwrap_or("")
    }

    fn thing(&self, number: usize) -> String {
        format!("image {:?}, region {number}", self.cell(Some(self.columns.filename)))
    }

    /// The image of the row, without regions.
    fn entry(&self) -> Result<Entry> {
        let image = Image {
            file_name: self.cell(Some(self.columns.filename)).to_owned(),
            bytes: self.cell(self.columns.size).parse::<u64>().ok(),
            extra: read_cell(self.cell(self.columns.file_attributes), &self.thing(0))?,
            ..Image::default()
        };
        let (pointer, regions) = (String::new(), Vec::new());
        Ok(Entry { image, pointer, at: self.line, regions, is_doubtful: false })
    }

    /// The region of the row, as number `number` of its image; none where its shape is empty.
    fn region(&self, number: usize) -> Result<Option<Region>> {
        let thing = self.thing(number);
        let shape = read_cell(self.cell(Some(self.columns.shape)), &thing)?;
        let attributes = read_cell(self.cell(self.columns.attributes), &thing)?;
        let region = || Region::new(&shape, attributes, number.to_string(), self.line);
        Ok((!shape.is_empty()).then(region))
    }
}

fn find_columns(headers: &[String], path: &Path) -> Result<Columns> {
    let find =
        |name: &str| headers.iter().position(|header| header.trim_start_matches('#') == name);
    let need = |name: &str| {
        find(name).ok_or_else(|| {
            let found = headers.join(",");
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
fn read_cell(cell: &str, thing: &str) -> Result<Extra> {
    if cell.trim().is_empty() {
        return Ok(Extra::new());
    }
    serde_json::from_str(cell)
        .map_err(|error| Error::malformed(thing, "a JSON object", error.to_string()))
}

/// One row as it is written.
pub fn write_row(cells: &[&[u8]], out: &mut Vec<u8>) {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    // Writing a record to a Vec cannot fail.
    let _ = writer.write_record(cells);
    out.extend(writer.into_inner().unwrap_or_default());
}
