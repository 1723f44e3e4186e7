//! One label file, as `verify_image_label` of Ultralytics takes it.
//!
//! Source: Ultralytics 8.4.190, `ultralytics/data/utils.py` (`verify_image_label`), with
//! `segments2boxes` and `xyxy2xywh` of `ultralytics/utils/ops.py`. It computes with numbers of 32 bits,
//! and so does this, as the limits are sharp.

use crate::error::Position;
use crate::rules::Rule;
use std::collections::HashSet;

/// What the dataset says of its labels.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The number of classes.
    pub classes: usize,
    /// Keypoints an object, and numbers a keypoint (`kpt_shape`).
    pub keypoints: Option<[usize; 2]>,
}

/// A label file that is loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label {
    /// Objects, those that are repeated aside.
    pub rows: usize,
    /// The lines of rows that repeat earlier ones, and are removed.
    pub repeated: Vec<usize>,
    /// Whether its rows are polygons.
    pub has_segments: bool,
}

/// Why a label file is not loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub position: Position,
    /// Why, in a few words.
    pub reason: String,
    /// General rules about the same fact.
    pub by: &'static [Rule],
    /// How many rows are lost with it.
    pub rows: usize,
}

/// General rules about coordinates.
const OF_NUMBERS: &[Rule] = &[
    Rule::NotAFraction,
    Rule::NotFinite,
    Rule::Inverted,
    Rule::OutsideImage,
    Rule::BeyondBorder,
    Rule::WrongUnit,
    Rule::Malformed,
];
const OF_ROWS: &[Rule] =
    &[Rule::Malformed, Rule::ScoreInLabels, Rule::NotFinite, Rule::MissingMember];

/// A row: its line, and its words with their columns, both from 1.
struct Row<'a> {
    line: usize,
    words: Vec<(usize, &'a str)>,
}

/// A row of numbers: the class, the box, and what else is compared.
struct Object {
    line: usize,
    columns: Vec<usize>,
    /// Class, centre and sides; of a pose the keypoints, too.
    numbers: Vec<f32>,
    /// The points of a polygon.
    points: Vec<f32>,
}

/// Takes a label file as the trainer does.
///
/// # Errors
/// Where it leaves the image out.
pub fn verify(bytes: &[u8], wanted: Wanted) -> Result<Label, Fault> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let position = Position::of(bytes, error.valid_up_to());
        let by = &[Rule::Malformed, Rule::Unreadable];
        Fault { position, reason: "it is not UTF-8".to_owned(), by, rows: 0 }
    })?;
    let rows = rows_of(text);
    let count = rows.len();
    judge(&rows, wanted).map_err(|fault| Fault { rows: count, ..fault })
}

fn judge(rows: &[Row], wanted: Wanted) -> Result<Label, Fault> {
    let has_segments = wanted.keypoints.is_none() && rows.iter().any(|row| row.words.len() > 6);
    let objects = match has_segments {
        true => segments(rows)?,
        false => boxes(rows, wanted.keypoints)?,
    };
    for object in &objects {
        object.judge(wanted)?;
    }
    let mut seen = HashSet::new();
    let is_repeated = |object: &&Object| !seen.insert(object.key());
    let repeated: Vec<usize> = objects.iter().filter(is_repeated).map(|it| it.line).collect();
    Ok(Label { rows: seen.len(), repeated, has_segments })
}

/// The rows of a text, with the line ends of Python's `splitlines`.
fn rows_of(text: &str) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let mut column = 1;
        for part in line.split(is_line_end) {
            let words = words_of(part, column);
            column += part.chars().count() + 1;
            if !words.is_empty() {
                rows.push(Row { line: number + 1, words });
            }
        }
    }
    rows
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn words_of(part: &str, first: usize) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut column = first;
    for word in part.split(|c: char| c.is_whitespace() || c == '\u{1f}') {
        if !word.is_empty() {
            words.push((column, word));
        }
        column += word.chars().count() + 1;
    }
    words
}

/// Rows of polygons: a file with one row of more than 6 columns must have no row of 5.
fn segments(rows: &[Row]) -> Result<Vec<Object>, Fault> {
    if let Some(row) = rows.iter().find(|row| row.words.len() == 5) {
        return Err(row.fault("a row of a box among rows of polygons", &[Rule::MixedRows]));
    }
    rows.iter().map(Row::segment).collect()
}

/// Rows of boxes, or of poses: all have one number of columns.
fn boxes(rows: &[Row], keypoints: Option<[usize; 2]>) -> Result<Vec<Object>, Fault> {
    let columns = keypoints.map_or(5, |[count, numbers]| count * numbers + 5);
    for row in rows {
        if row.words.len() != columns {
            let reason = format!("a row of {} columns, where {columns} belong", row.words.len());
            return Err(row.fault(reason, OF_ROWS));
        }
    }
    let object = |row: &Row| Ok(row.object(row.numbers()?, Vec::new()));
    rows.iter().map(object).collect()
}

impl Row<'_> {
    fn fault(&self, reason: impl Into<String>, by: &'static [Rule]) -> Fault {
        let column = self.words.first().map_or(1, |(column, _)| *column);
        let position = Position { line: self.line, column };
        Fault { position, reason: reason.into(), by, rows: 0 }
    }

    fn numbers(&self) -> Result<Vec<f32>, Fault> {
        let number = |(column, word): &(usize, &str)| {
            // Python makes a double of the text, and numpy a float of that.
            let number = word.parse::<f64>().map(|number| number as f32);
            number.map_err(|_| Fault {
                position: Position { line: self.line, column: *column },
                ..self.fault(format!("{word:?} is no number"), OF_ROWS)
            })
        };
        self.words.iter().map(number).collect()
    }

    fn object(&self, numbers: Vec<f32>, points: Vec<f32>) -> Object {
        let columns = self.words.iter().map(|(column, _)| *column).collect();
        Object { line: self.line, columns, numbers, points }
    }

    /// A polygon, with the box around it.
    fn segment(&self) -> Result<Object, Fault> {
        let numbers = self.numbers()?;
        let (class, points) = match numbers.split_first() {
            Some((class, points)) if !points.is_empty() && points.len().is_multiple_of(2) => {
                (*class, points)
            }
            _ => {
                let reason = format!("a row of {} columns among polygons", self.words.len());
                return Err(self.fault(reason, OF_ROWS));
            }
        };
        let axis = |at: usize| points.iter().skip(at).step_by(2).copied();
        let [left, top] = [0, 1].map(|at| axis(at).fold(f32::INFINITY, least));
        let [right, bottom] = [0, 1].map(|at| axis(at).fold(f32::NEG_INFINITY, greatest));
        let around =
            vec![class, (left + right) / 2.0, (top + bottom) / 2.0, right - left, bottom - top];
        Ok(self.object(around, points.to_vec()))
    }
}

/// The lesser of two numbers; NaN where one is that, as numpy has it.
fn least(one: f32, other: f32) -> f32 {
    if one.is_nan() || other.is_nan() { f32::NAN } else { one.min(other) }
}

fn greatest(one: f32, other: f32) -> f32 {
    if one.is_nan() || other.is_nan() { f32::NAN } else { one.max(other) }
}

impl Object {
    fn fault(&self, at: usize, reason: String, by: &'static [Rule]) -> Fault {
        // The box around a polygon stands nowhere: its row does.
        let at = if self.points.is_empty() { at } else { 0 };
        let column = self.columns.get(at).copied().unwrap_or(1);
        Fault { position: Position { line: self.line, column }, reason, by, rows: 0 }
    }

    /// What is wrong with the numbers.
    fn judge(&self, wanted: Wanted) -> Result<(), Fault> {
        let places = self.numbers.iter().enumerate().skip(1);
        let thing =
            if self.points.is_empty() { "a coordinate" } else { "the box around a polygon" };
        // Of a pose, the places of the keypoints are looked at only.
        let is_looked_at = |at: usize| match wanted.keypoints {
            Some([_, numbers]) => at >= 5 && (at - 5) % numbers.max(1) < 2,
            None => true,
        };
        let above =
            places.clone().find(|(at, it)| is_looked_at(*at) && (it.is_nan() || **it > 1.01));
        if let Some((at, number)) = above {
            return Err(self.fault(at, format!("{thing} of {number} is above 1.01"), OF_NUMBERS));
        }
        if let Some((at, number)) = places.clone().find(|(_, it)| it.is_nan() || **it < -0.01) {
            return Err(self.fault(at, format!("{thing} of {number} is below -0.01"), OF_NUMBERS));
        }
        let mut sides = self.numbers.iter().enumerate().skip(3).take(2);
        if let Some((at, side)) = sides.find(|(_, side)| **side < 0.0) {
            return Err(self.fault(at, format!("a side of {side}"), OF_NUMBERS));
        }
        let class = self.numbers.first().copied().unwrap_or_default();
        if class < 0.0 || class.fract() != 0.0 || !class.is_finite() {
            let reason = format!("a class of {class}");
            return Err(self.fault(0, reason, &[Rule::Malformed, Rule::UnknownClass]));
        }
        if class as usize >= wanted.classes {
            let reason = format!("class {class}, where {} are named", wanted.classes);
            return Err(self.fault(0, reason, &[Rule::UnknownClass]));
        }
        Ok(())
    }

    /// What is equal in rows that repeat each other: class and points bit by bit, or all numbers.
    fn key(&self) -> (Vec<u32>, Vec<u32>) {
        // No difference is made between 0 and -0.
        let bits = |numbers: &[f32]| numbers.iter().map(|it| (it + 0.0).to_bits()).collect();
        match self.points.is_empty() {
            true => (bits(&self.numbers), Vec::new()),
            false => {
                let class = self.numbers.first().copied().into_iter().collect::<Vec<f32>>();
                (bits(&class), self.points.iter().map(|it| it.to_bits()).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Result<Label, (usize, usize, String)> {
        let wanted = Wanted { classes: 2, keypoints: None };
        let at = |fault: Fault| (fault.position.line, fault.position.column, fault.reason);
        verify(text.as_bytes(), wanted).map_err(at)
    }

    #[test]
    fn what_is_loaded() {
        let row = "0 0.5 0.5 0.2 0.2\n";
        for (text, rows, repeated, has_segments) in [
            (String::new(), 0, vec![], false),
            (" \n\n".to_owned(), 0, vec![], false),
            (row.to_owned(), 1, vec![], false),
            (format!("\u{feff}{row}\r\n"), 1, vec![], false),
            ("0 .5 .5 .2 .2\r1 .5 .5 .2 .2".to_owned(), 2, vec![], false),
            (format!("{row}1 0.5 0.5 0.2 0.2\n{row}"), 2, vec![3], false),
            ("0 1.01 -0.01 0 0".to_owned(), 1, vec![], false),
            ("1 0 0 1 0 1 1\n1 0 0 1 0 1 1\n1 0 0 1 1 1 0".to_owned(), 2, vec![2], true),
            // A vertex may lie out, if the box around the polygon does not.
            ("1 0 0 1.015 0 1 1".to_owned(), 1, vec![], false),
        ] {
            let expected = Label { rows, repeated, has_segments };
            match text.contains("1.015") {
                true => assert!(found(&text).is_err(), "its side is above 1.01"),
                false => assert_eq!(found(&text), Ok(expected), "{text:?}"),
            }
        }
        assert!(found("1 0.2 0.2 1.1 0.2 1 1").is_ok(), "a vertex out, the box not");
    }

    #[test]
    fn what_is_lost_and_where() {
        for (text, line, column, reason) in [
            ("0 0.5 0.5 0.2\n", 1, 1, "a row of 4 columns, where 5 belong"),
            ("0 .5 .5 .2 .2\n0 .5 .5 .2 .2 .9", 2, 1, "a row of 6 columns, where 5 belong"),
            ("0 .5 .5 .2 .2\n0 0 0 1 0 1 1", 1, 1, "a row of a box among rows of polygons"),
            ("0 0 0 1 0 1 1 1", 1, 1, "a row of 8 columns among polygons"),
            ("0 x .5 .2 .2", 1, 3, "\"x\" is no number"),
            ("0 .5  1.02 .2 .2", 1, 7, "a coordinate of 1.02 is above 1.01"),
            ("0 .5 nan .2 .2", 1, 6, "a coordinate of NaN is above 1.01"),
            ("0 .5 -.02 .2 .2", 1, 6, "a coordinate of -0.02 is below -0.01"),
            ("0 .5 .5 -.005 .2", 1, 9, "a side of -0.005"),
            ("-1 .5 .5 .2 .2", 1, 1, "a class of -1"),
            ("0.5 .5 .5 .2 .2", 1, 1, "a class of 0.5"),
            ("0 .5 .5 .2 .2\n2 .5 .5 .2 .2", 2, 1, "class 2, where 2 are named"),
        ] {
            assert_eq!(found(text), Err((line, column, reason.to_owned())), "{text:?}");
        }
        let wanted = Wanted { classes: 1, keypoints: Some([1, 3]) };
        assert!(verify(b"0 .5 .5 .2 .2 .5 .5 2", wanted).is_ok());
        assert!(verify(b"0 .5 .5 .2 .2 1.5 .5 2", wanted).is_err());
        assert!(verify(b"\xff", wanted).unwrap_err().reason.contains("UTF-8"));
    }
}
