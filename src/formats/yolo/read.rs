//! Reading YOLO labels.

use super::{Task, swap_folder};
use crate::classes;
use crate::error::{Error, ErrorKind, Mismatch, Place, Position, Remedy, Result};
use crate::files;
use crate::files::recent::Recent;
use crate::format::{Chosen, Faults, Field, Opened, Read, Run, Source, Spot};
use crate::geometry::{BBox, Coord, Polygon, Size};
use crate::model::{Annotation, Header, Image, Shape, Verbatim};
use crate::rules::Rule;
use crate::tree::Files;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub struct YoloSource {
    root: PathBuf,
    header: Header,
    images: Vec<Image>,
    labels: Vec<PathBuf>,
    /// The list of class names, where there is one.
    list: Option<PathBuf>,
    /// How many numbers a row of a pose has, where `data.yaml` tells.
    keypoints: Option<usize>,
    task: Option<Task>,
    /// What the rows of more than 6 columns are; looked up when one comes.
    long_rows: OnceLock<LongRows>,
    /// In which column the numbers of each row begin.
    columns: Recent<Vec<usize>>,
    /// Whether a row of an unknown class is judged further.
    remarks: bool,
}

impl YoloSource {
    pub fn open(files: &Files, settings: &Chosen, remarks: bool, run: &Run) -> Result<Opened> {
        let mut faults = Faults::new(run);
        let labels = &files.files;
        let listed = read_names(&files.lists, run.classes.as_deref(), &mut faults)?;
        let (list, names) = match (listed, &run.classes) {
            (Some((list, names)), _) => (Some(list), names),
            (None, Some(names)) => (None, names.clone()),
            (None, None) => {
                faults.pass::<()>(Err(no_list(&files.root)))?;
                (None, number_classes(labels))
            }
        };
        for fault in list.iter().flat_map(|list| classes::faults(&names, list)) {
            faults.pass::<()>(Err(fault))?;
        }
        let mut images = Vec::with_capacity(labels.len());
        let mut kept = Vec::with_capacity(labels.len());
        for label in labels {
            let name = files::relative_name(&label.with_extension(""), &files.root);
            let Some(name) = faults.pass(name)? else { continue };
            let file_name = swap_folder(&name, "labels", "images");
            images.push(Image { file_name, is_stem: true, ..Image::default() });
            kept.push(label.clone());
        }
        let source = Self {
            root: files.root.clone(),
            header: Header::of(classes::categories(&names)),
            images,
            labels: kept,
            keypoints: files.lists.iter().find_map(|list| keypoints_of(list)),
            list,
            task: settings.choice("task"),
            long_rows: OnceLock::new(),
            columns: Recent::default(),
            remarks,
        };
        Ok(Opened::of(source, faults))
    }
}

/// A list and its names.
type Names = (PathBuf, Vec<String>);

/// The names that the class numbers of some labels stand for: those of the nearest list, which all
/// others must not contradict. Where they do, `stated` decides, which is no list beside the labels.
fn read_names(
    lists: &[PathBuf],
    stated: Option<&[String]>,
    faults: &mut Faults,
) -> Result<Option<Names>> {
    let mut all: Vec<Names> = Vec::with_capacity(lists.len());
    for list in lists {
        all.extend(faults.pass(classes::parse(list))?.map(|names| (list.clone(), names)));
    }
    if let Err(contradiction) = classes::agree(&all) {
        if stated.is_some() {
            return Ok(None);
        }
        faults.pass::<()>(Err(contradiction))?;
    }
    Ok(all.into_iter().next())
}

/// What a `data.yaml` says of poses: the number of columns after the class.
fn keypoints_of(list: &Path) -> Option<usize> {
    if !files::has_extension(list, &["yaml", "yml"]) {
        return None;
    }
    let [points, values] = classes::DataYaml::read(list).ok()?.kpt_shape?;
    points.checked_mul(values)?.checked_add(4)
}

/// The refusal of class numbers that no list names.
fn no_list(root: &Path) -> Error {
    let expected = format!("a list of class names ({})", classes::NAMES.join(", "));
    let error = Error::new(ErrorKind::Missing, "class names", Mismatch::new(expected, "none"));
    error.mended_by(Remedy::Classes).breaking(Rule::NoClassList).in_file(root)
}

#[allow(clippy::indexing_slicing, reason = "the number of an image is below their count")]
impl Source for YoloSource {
    fn header(&self) -> &Header {
        &self.header
    }

    fn images(&self) -> &[Image] {
        &self.images
    }

    fn image(&self, index: usize) -> Result<Verbatim<Image>> {
        Ok(Verbatim::new(self.images[index].clone()))
    }

    fn read(&self, index: usize, image: &Image) -> Result<Read> {
        let path = &self.labels[index];
        let bytes = files::read(path)?;
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            let position = Position::of(&bytes, error.valid_up_to());
            Error::malformed("label file", "UTF-8", "other bytes").in_file(path).at(position)
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut annotations = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let row = Row { line, number: number + 1, path };
            if !line.trim().is_empty() {
                let annotation = self.annotation(&row, image.size);
                let is_of_no_class =
                    annotation.as_ref().is_err_and(|error| error.rule() == Rule::UnknownClass);
                let placed = |it| Verbatim::new(Annotation { at: row.number, ..it });
                annotations.push(annotation.map(placed));
                if is_of_no_class && self.remarks {
                    annotations.extend(row.more_faults().into_iter().map(Err));
                }
            }
        }
        Ok(Read::of(annotations))
    }

    fn place(&self, spot: Spot) -> Place {
        let (index, annotation, part) = match spot {
            Spot::Image(index, _) => return Place::of_file(&self.labels[index]),
            Spot::Annotation(index, annotation, part) => (index, annotation, part),
            Spot::Category(category) => return self.category_place(category),
        };
        let file = &self.labels[index];
        let is_numbers = matches!(part, Field::Box | Field::Shape);
        let columns = is_numbers.then(|| self.columns.of(index, || columns_of_numbers(file)));
        let row = annotation.at.saturating_sub(1);
        let column = columns.and_then(|columns| columns.get(row).copied()).unwrap_or(1);
        Place::at(file, Position { line: annotation.at, column })
    }
}

fn columns_of_numbers(file: &Path) -> Vec<usize> {
    let text = files::read(file).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().map(column_of_numbers).collect()
}

/// The column of a row's second word.
fn column_of_numbers(line: &str) -> usize {
    let class = line.split_whitespace().next().unwrap_or_default();
    let start = line.find(class).unwrap_or_default() + class.len();
    let Some((before, after)) = line.split_at_checked(start) else { return 1 };
    let blank = after.chars().take_while(|c| c.is_whitespace()).count();
    before.chars().count() + blank + 1
}

/// Names for classes that have none: their numbers, up to the greatest that occurs.
fn number_classes(labels: &[PathBuf]) -> Vec<String> {
    let mut count = 0;
    for label in labels {
        let text = files::read(label).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let classes = text.lines().filter_map(|line| line.split_whitespace().next());
        let numbers = classes.filter_map(|class| class.parse::<u16>().ok());
        count = count.max(numbers.max().map_or(0, |number| usize::from(number) + 1));
    }
    (0..count).map(|number| number.to_string()).collect()
}

/// A row of a label file and its place.
struct Row<'a> {
    line: &'a str,
    number: usize,
    path: &'a Path,
}

impl YoloSource {
    fn category_place(&self, category: usize) -> Place {
        match &self.list {
            Some(list) if files::has_extension(list, &["yaml", "yml"]) => Place::of_file(list),
            Some(list) => Place::at(list, Position::line(category + 1)),
            None => Place::of_file(&self.root),
        }
    }

    /// What the long rows of the dataset are: as told, or as all of them together show.
    fn long_rows(&self) -> LongRows {
        match self.task {
            Some(Task::Segment) => LongRows::Polygons,
            Some(Task::Detect) | None => *self.long_rows.get_or_init(|| survey(&self.labels)),
        }
    }

    fn annotation(&self, row: &Row, size: Option<Size>) -> Result<Annotation> {
        let columns = row.columns()?;
        let class = columns.first().copied().unwrap_or_default();
        let category = Some(row.class(class, self.header.categories.len())?);
        let numbers = row.numbers(&columns)?;
        let Some(size) = size else {
            return Ok(Annotation { category, ..Annotation::default() });
        };
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let whole = Annotation { category, ..Annotation::default() };
        if let [cx, cy, w, h, score @ ..] = numbers.as_slice()
            && score.len() < 2
        {
            let bbox = BBox::Centre {
                cx: cx * width,
                cy: cy * height,
                width: w * width,
                height: h * height,
            };
            return Ok(Annotation { bbox: Some(bbox), score: score.first().copied(), ..whole });
        }
        let (pairs, rest) = numbers.as_chunks::<2>();
        let found = match self.long_rows() {
            _ if self.keypoints.is_some() => Some("a pose, as kpt_shape of data.yaml says"),
            _ if !rest.is_empty() => Some("as in a pose row (a box and keypoints)"),
            LongRows::Polygons => None,
            LongRows::Boxes => Some("an oriented box, or a polygon of 4 points"),
            LongRows::Poses => Some("a pose (a box and keypoints in it), or a polygon"),
        };
        if let Some(found) = found {
            return Err(row.unreadable(columns.len(), found));
        }
        let point = |&[x, y]: &[f64; 2]| Coord { x: x * width, y: y * height };
        let ring = pairs.iter().map(point).collect();
        Ok(Annotation { shape: Shape::Polygons(vec![Polygon::from_ring(ring)]), ..whole })
    }
}

impl Row<'_> {
    fn error(&self, kind: ErrorKind, thing: &str, column: usize, mismatch: Mismatch) -> Error {
        let position = Position { line: self.number, column };
        Error::new(kind, thing, mismatch).in_file(self.path).at(position)
    }

    /// The words of a row. Other white space than blanks and tabs, as a line end that is none here,
    /// would make one row of several.
    fn columns(&self) -> Result<Vec<&str>> {
        let is_odd = |it: &(usize, char)| {
            let (_, character) = *it;
            !matches!(character, ' ' | '\t')
                && (character.is_whitespace() || character.is_control())
        };
        match self.line.trim_end().char_indices().find(is_odd) {
            None => Ok(self.line.split_whitespace().collect()),
            Some((at, odd)) => {
                let before = self.line.get(..at).unwrap_or_default();
                let column = before.chars().count() + 1;
                let mismatch =
                    Mismatch::new("columns with blanks between them", format!("{odd:?}"));
                Err(self.error(ErrorKind::Malformed, "row", column, mismatch))
            }
        }
    }

    /// The class of a row: a whole number below the count of names.
    fn class(&self, text: &str, count: usize) -> Result<usize> {
        let number: f64 = text.parse().unwrap_or(f64::NAN);
        if number.fract() != 0.0 || number < 0.0 {
            let mismatch = Mismatch::new("a whole number from 0", format!("{text:?}"));
            return Err(self.error(ErrorKind::Malformed, "class", 1, mismatch));
        }
        let class = number as usize;
        if class >= count {
            let mismatch = Mismatch::new(format!("a number below {count}, the names"), text);
            let error = self.error(ErrorKind::Unknown, "class", 1, mismatch);
            return Err(error.breaking(Rule::UnknownClass));
        }
        Ok(class)
    }

    /// The numbers after the class: four or more, all finite.
    fn numbers(&self, columns: &[&str]) -> Result<Vec<f64>> {
        if columns.len() < 5 {
            let mismatch = Mismatch::new("5 columns or more", columns.len().to_string());
            return Err(self.error(ErrorKind::Malformed, "row", 1, mismatch));
        }
        let number = |text: &&str| {
            let number = text.parse::<f64>();
            number.clone().ok().filter(|number| number.is_finite()).ok_or_else(|| {
                let offset = text.as_ptr() as usize - self.line.as_ptr() as usize;
                let before = self.line.get(..offset).unwrap_or_default();
                let column = before.chars().count() + 1;
                let mismatch = Mismatch::new("a number", format!("{text:?}"));
                let rule = if number.is_ok() { Rule::NotFinite } else { Rule::Malformed };
                self.error(ErrorKind::Malformed, "coordinate", column, mismatch).breaking(rule)
            })
        };
        columns.iter().skip(1).map(number).collect()
    }

    /// What is wrong with the numbers of a row whose class is wrong, too.
    fn more_faults(&self) -> Vec<Error> {
        let numbers = match self.columns().and_then(|columns| self.numbers(&columns)) {
            Ok(numbers) => numbers,
            Err(error) => return vec![error],
        };
        let column = column_of_numbers(self.line);
        let fault = |rule, expected: &str, found: f64| {
            let mismatch = Mismatch::new(expected, found.to_string());
            self.error(ErrorKind::Malformed, "row", column, mismatch).breaking(rule)
        };
        let sides = if numbers.len() < 6 { numbers.get(2..4).unwrap_or_default() } else { &[] };
        let negative = sides.iter().find(|side| **side < 0.0);
        let places = if numbers.len() < 6 { numbers.get(..2).unwrap_or(&[]) } else { &numbers };
        let is_off = |number: &&f64| !(-0.01..=1.01).contains(*number);
        let off = places.iter().find(is_off).or_else(|| sides.iter().find(|side| **side > 1.01));
        let off = off.map(|off| fault(Rule::NotAFraction, "numbers from 0 to 1", *off));
        let negative = negative.map(|it| fault(Rule::Inverted, "sides above 0", *it));
        off.into_iter().chain(negative).collect()
    }

    /// The refusal of a row that is neither a box nor a polygon, or could be another thing.
    fn unreadable(&self, columns: usize, found: &str) -> Error {
        let expected = "5 columns (a box), 6 (with a score) or a polygon's, 7 and more, odd";
        let found = format!("{columns}: {found} (--task segment reads polygons)");
        self.error(ErrorKind::Malformed, "row", 1, Mismatch::new(expected, found))
    }
}

/// What rows of more than 6 columns hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LongRows {
    /// Polygons, as no other kind of row varies in length.
    Polygons,
    /// Oriented boxes or polygons of 4 points: all have 9 columns.
    Boxes,
    /// Boxes with keypoints, perhaps: all have one length, and all points lie in the box that
    /// the first four numbers would be.
    Poses,
}

/// Looks at all long rows of a dataset.
fn survey(labels: &[PathBuf]) -> LongRows {
    let mut columns = None;
    let (mut are_poses, mut are_upright) = (true, true);
    for label in labels {
        let text = files::read(label).unwrap_or_default();
        for line in String::from_utf8_lossy(&text).lines() {
            let numbers: Vec<f64> =
                line.split_whitespace().skip(1).filter_map(|text| text.parse().ok()).collect();
            if numbers.len() < 6 {
                continue;
            }
            if *columns.get_or_insert(numbers.len()) != numbers.len() {
                return LongRows::Polygons;
            }
            are_poses &= may_be_pose(&numbers);
            are_upright &= is_upright(&numbers);
        }
    }
    match (are_poses, columns) {
        // An oriented box that is not turned and a polygon of its corners are one thing.
        (_, Some(8)) if are_upright => LongRows::Polygons,
        (true, _) => LongRows::Poses,
        (false, Some(8)) => LongRows::Boxes,
        _ => LongRows::Polygons,
    }
}

/// Whether four points are the corners of a rectangle that is not turned, one after the other, as boxes
/// are written in rows of polygons.
fn is_upright(numbers: &[f64]) -> bool {
    let &[x1, y1, x2, y2, x3, y3, x4, y4] = numbers else { return false };
    (y1 == y2 && x2 == x3 && y3 == y4 && x4 == x1) || (x1 == x2 && y2 == y3 && x3 == x4 && y4 == y1)
}

/// Whether all points after the first four numbers lie in the box that these would be; a point
/// at 0, 0 is one that is not labelled.
fn may_be_pose(numbers: &[f64]) -> bool {
    let Some((&[cx, cy, w, h], points)) = numbers.split_first_chunk::<4>() else { return false };
    let is_in = |value: f64, centre: f64, side: f64| (value - centre).abs() <= side / 2.0 + 1e-3;
    let is_keypoint =
        |&[x, y]: &[f64; 2]| (x == 0.0 && y == 0.0) || (is_in(x, cx, w) && is_in(y, cy, h));
    points.as_chunks::<2>().0.iter().all(is_keypoint)
}
