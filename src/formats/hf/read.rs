//! Reading the metadata of an imagefolder.

use super::row::{self, CLASS, Class, NAMES, Row};
use crate::classes;
use crate::error::{Error, ErrorKind, Mismatch, Place, Remedy, Result};
use crate::format::{Faults, Field, Opened, Read, Run, Source, Spot};
use crate::json::JsonFile;
use crate::model::{Annotation, Extra, Header, Id, Image, Verbatim};
use crate::rules::Rule;
use crate::tree::Files;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

pub struct HfSource {
    file: JsonFile,
    header: Header,
    images: Vec<Image>,
    /// The line of each image.
    spans: Vec<Range<usize>>,
    /// The index of each class that is stated by its name.
    numbers: HashMap<String, usize>,
}

/// What is read of a line on opening.
struct Line {
    image: Image,
    classes: Vec<Class>,
    ids: Vec<i64>,
}

/// Opens a metadata file.
pub fn open(files: &Files, run: &Run) -> Result<Opened> {
    let mut faults = Faults::new(run);
    let file = JsonFile::read(files.files.first().unwrap_or(&files.shown))?;
    let lines: Vec<(usize, Range<usize>)> = row::lines(&file).collect();
    let read: Vec<Result<Line>> = lines.par_iter().map(|line| read_line(&file, line)).collect();
    let (mut images, mut spans) = (Vec::new(), Vec::new());
    let (mut stated, mut ids) = (Stated::default(), None::<(i64, i64)>);
    for ((_, span), line) in lines.into_iter().zip(read) {
        let Some(line) = faults.pass(line)? else { continue };
        images.push(line.image);
        spans.push(span);
        line.classes.into_iter().for_each(|class| stated.add(class));
        for id in line.ids {
            let (least, greatest) = ids.unwrap_or((id, id));
            ids = Some((least.min(id), greatest.max(id)));
        }
    }
    let names = stated.names(&file, files, run, &mut faults)?;
    let numbers = names.iter().enumerate().map(|(number, name)| (name.clone(), number)).collect();
    let header = Header { ids, ..Header::of(classes::categories(&names)) };
    Ok(Opened::of(HfSource { file, header, images, spans, numbers }, faults))
}

fn read_line(file: &JsonFile, (number, span): &(usize, Range<usize>)) -> Result<Line> {
    let row = read_row(file, span, &format!("line {number}"))?;
    let mut classes = Vec::new();
    let mut ids = Vec::new();
    for mut object in row.objects {
        let id = object.get("id").and_then(row::read_id);
        ids.extend(id.as_ref().and_then(Id::number));
        // What is no class is told where the object is read.
        if let Ok(Some(class)) = row::take_class(&mut object)
            && !classes.contains(&class)
        {
            classes.push(class);
        }
    }
    Ok(Line { image: Image { extra: Extra::new(), ..row.image }, classes, ids })
}

fn read_row(file: &JsonFile, span: &Range<usize>, thing: &str) -> Result<Row> {
    Row::of(file.element(span, thing)?).map_err(|mismatch| {
        let error = Error::new(ErrorKind::Malformed, thing, mismatch);
        error.in_file(file.path()).at(file.position(span))
    })
}

/// The classes that occur.
#[derive(Default)]
struct Stated {
    names: BTreeSet<String>,
    /// One more than the greatest number.
    count: usize,
}

impl Stated {
    fn add(&mut self, class: Class) {
        match class {
            Class::Name(name) => drop(self.names.insert(name)),
            Class::Number(number) => self.count = self.count.max(number.saturating_add(1)),
        }
    }

    /// The names of the classes: those of the nearest list where classes are numbers, else those that
    /// occur, in the order of the list that has all of them, or sorted.
    fn names(
        self,
        file: &JsonFile,
        files: &Files,
        run: &Run,
        faults: &mut Faults,
    ) -> Result<Vec<String>> {
        let list = files.lists.first().map(|list| classes::parse(list)).transpose();
        if self.count > 0 && !self.names.is_empty() {
            let mismatch = Mismatch::new("names or numbers", "both");
            let error = Error::new(ErrorKind::Malformed, "categories", mismatch);
            faults.pass::<()>(Err(error.in_file(file.path())))?;
        }
        if self.count == 0 {
            let list = list.ok().flatten().unwrap_or_default();
            let has_all = self.names.iter().all(|name| list.contains(name));
            return Ok(if has_all && !self.names.is_empty() {
                list
            } else {
                self.names.into_iter().collect()
            });
        }
        if let Some(list) = faults.pass(list)?.flatten().or_else(|| run.classes.clone()) {
            return Ok(list);
        }
        faults.pass::<()>(Err(no_list(file)))?;
        // A number that no list of classes could have names nothing.
        Ok((0..self.count.min(1 << 16)).map(|number| number.to_string()).collect())
    }
}

/// The refusal of class numbers that nothing names.
fn no_list(file: &JsonFile) -> Error {
    let expected =
        format!("a list of class names beside the numbers ({})", classes::NAMES.join(", "));
    let error = Error::new(ErrorKind::Missing, "class names", Mismatch::new(expected, "none"));
    error.mended_by(Remedy::Classes).breaking(Rule::NoClassList).in_file(file.path())
}

#[allow(clippy::indexing_slicing, reason = "the number of an image is below their count")]
impl Source for HfSource {
    fn header(&self) -> &Header {
        &self.header
    }

    fn images(&self) -> &[Image] {
        &self.images
    }

    fn image(&self, index: usize) -> Result<Verbatim<Image>> {
        let row = read_row(&self.file, &self.spans[index], "image")?;
        let extra = row.image.extra;
        Ok(Verbatim::new(Image { extra, ..self.images[index].clone() }))
    }

    fn read(&self, index: usize, _image: &Image) -> Result<Read> {
        let row = read_row(&self.file, &self.spans[index], "image")?;
        let annotation = |(at, object): (usize, Extra)| {
            self.annotation(object, at).map(Verbatim::new).map_err(|(field, mismatch, rule)| {
                let thing = format!("image {:?}, object {at}", self.images[index].file_name);
                let place = self.object_place(index, at, field);
                let error = Error::new(ErrorKind::Malformed, thing, mismatch).breaking(rule);
                let error = error.in_file(self.file.path());
                match place.position {
                    Some(position) => error.at(position),
                    None => error,
                }
            })
        };
        Ok(Read::of(row.objects.into_iter().enumerate().map(annotation).collect()))
    }

    fn place(&self, spot: Spot) -> Place {
        match spot {
            Spot::Category(_) => Place::of_file(self.file.path()),
            Spot::Annotation(index, annotation, field) => {
                self.object_place(index, annotation.at, field)
            }
            Spot::Image(index, field) => {
                let names: &[&str] = match field {
                    Field::Name => &NAMES,
                    Field::Size => &["width", "height"],
                    Field::Id => &["image_id"],
                    _ => &[],
                };
                self.file.member_place(self.spans[index].start, String::new(), names)
            }
        }
    }
}

/// What is wrong with an object, in which part of it.
type Wrong = (Field, Mismatch, Rule);

impl HfSource {
    /// An object; its number is that in its image.
    fn annotation(&self, mut object: Extra, at: usize) -> Result<Annotation, Wrong> {
        let class = row::take_class(&mut object)
            .map_err(|mismatch| (Field::Class, mismatch, Rule::Malformed))?;
        let count = self.header.categories.len();
        let category = match &class {
            None => None,
            Some(Class::Name(name)) => self.numbers.get(name).copied(),
            Some(Class::Number(number)) if *number < count => Some(*number),
            Some(Class::Number(number)) => {
                let expected = format!("a class from 0 to {}", count.saturating_sub(1));
                let mismatch = Mismatch::new(expected, number.to_string());
                return Err((Field::Class, mismatch, Rule::UnknownClass));
            }
        };
        let annotation = row::annotation(object, at)
            .map_err(|mismatch| (Field::Box, mismatch, Rule::Malformed))?;
        Ok(Annotation { category, ..annotation })
    }

    /// Where an object, or a part of it, stands. The pointer begins at its line.
    fn object_place(&self, index: usize, at: usize, field: Field) -> Place {
        let line = self.spans.get(index).cloned().unwrap_or_default();
        let names: &[&str] = match field {
            Field::Class => &CLASS,
            Field::Area => &["area"],
            Field::Id => &["id"],
            Field::Shape => &["segmentation", "bbox"],
            _ => &["bbox"],
        };
        let Some([Some(objects)]) = self.file.pick(&line, ["objects"]) else {
            return self.file.member_place(line.start, String::new(), &[]);
        };
        let (lists, _) = self.file.members(&objects);
        if lists.is_empty() {
            let (elements, _) = self.file.elements(&objects);
            let start = elements.get(at).map_or(objects.start, |element| element.start);
            return self.file.member_place(start, format!("/objects/{at}"), names);
        }
        let list = names.iter().find_map(|name| lists.iter().find(|(own, _)| own == name));
        let Some((name, list)) = list else {
            return self.file.member_place(line.start, String::new(), &["objects"]);
        };
        let (elements, _) = self.file.elements(list);
        let start = elements.get(at).map_or(list.start, |element| element.start);
        let pointer = Some(format!("/objects/{name}/{at}"));
        Place { pointer, ..Place::at(self.file.path(), self.file.place(start)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::open_path;
    use crate::formats::by_name;

    const LINE: &str =
        r#"{"file_name": "a.jpg", "objects": {"bbox": [[1, 2, 3, 4]], "categories": [CLASS]}}"#;

    fn opened(text: &str, list: Option<&str>, classes: Option<&[&str]>) -> Result<Opened> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metadata.jsonl");
        std::fs::write(&path, text).unwrap();
        let lists: Vec<_> = list.map(|_| folder.path().join("classes.txt")).into_iter().collect();
        lists.iter().for_each(|path| std::fs::write(path, list.unwrap()).unwrap());
        let files = Files { shown: path.clone(), files: vec![path], lists, ..Files::default() };
        let classes = classes.map(|it| it.iter().map(ToString::to_string).collect());
        open(&files, &Run { classes, ..Run::default() })
    }

    #[test]
    fn classes_are_named_by_the_file_by_a_list_or_by_the_caller() {
        for (class, list, classes, expected) in [
            ("\"b\", \"a\"", None, None, Ok((&["a", "b"][..], [1, 0]))),
            ("\"b\", \"a\"", Some("c\nb\na\n"), None, Ok((&["c", "b", "a"], [1, 2]))),
            ("\"b\", \"a\"", Some("b\n"), None, Ok((&["a", "b"], [1, 0]))),
            ("1, 0", Some("x\ny\n"), None, Ok((&["x", "y"], [1, 0]))),
            ("1, 0", None, Some(&["x", "y"][..]), Ok((&["x", "y"], [1, 0]))),
            ("1, 0", None, None, Err("expected a list of class names")),
            ("1, \"a\"", None, None, Err("expected names or numbers, found both")),
        ] {
            let line = LINE
                .replace("CLASS", class)
                .replace("[[1, 2, 3, 4]]", "[[1, 2, 3, 4], [5, 6, 7, 8]]");
            let opened = opened(&line, list, classes);
            match (opened, expected) {
                (Ok(opened), Ok((names, numbers))) => {
                    let source = opened.source;
                    assert_eq!(source.header().names(), names, "{class}");
                    let read = source.read(0, &Image::default()).unwrap().all().unwrap();
                    let found: Vec<usize> = read.iter().filter_map(|it| it.category).collect();
                    assert_eq!(found, numbers, "{class}");
                }
                (Err(error), Err(expected)) => {
                    assert!(error.to_string().contains(expected), "{class}: {error}");
                }
                (opened, _) => panic!("{class}: {:?}", opened.err()),
            }
        }
    }

    /// Errors at their places: on opening, or of a single object.
    #[test]
    fn what_is_wrong_is_told_with_its_line_and_column() {
        let good = LINE.replace("CLASS", "\"a\"");
        for (line, expected) in [
            ("{\"file_name\": 3}", "2:1: line 2: expected a text \"file_name\", found 3"),
            ("{\"file_name\": \"b.jpg\"", "2:21: line 2: "),
            ("3", "2:1: line 2: "),
            (
                r#"{"file_name": "b.jpg", "objects": {"bbox": [[1, 2, 3]], "categories": ["a"]}}"#,
                "2:45: image \"b.jpg\", object 0: expected a bbox [x, y, width, height], found [1,2,3]",
            ),
            (
                r#"{"file_name": "b.jpg", "objects": [{"bbox": [1, 2, 3, 4], "category": -1}]}"#,
                "2:71: image \"b.jpg\", object 0: expected a name or a number from 0",
            ),
        ] {
            let found = opened(&format!("{good}\n{line}\n"), None, None).and_then(|opened| {
                let source = opened.source;
                (0..source.images().len())
                    .try_for_each(|index| source.read(index, &Image::default())?.all().map(drop))
            });
            let error = found.unwrap_err().to_string();
            assert!(error.contains(&format!("metadata.jsonl:{expected}")), "{line}: {error}");
        }
    }

    #[test]
    fn lines_may_have_windows_ends_a_byte_order_mark_and_blanks() {
        let good = LINE.replace("CLASS", "\"a\"");
        let text = format!("\u{feff}{good}\r\n\r\n  {}\r\n", good.replace("a.jpg", "b.jpg"));
        let source = opened(&text, None, None).unwrap().source;
        let names: Vec<&str> = source.images().iter().map(|it| it.file_name.as_str()).collect();
        assert_eq!(names, ["a.jpg", "b.jpg"]);
        let read = source.read(1, &Image::default()).unwrap().all().unwrap();
        let place = source.place(Spot::Annotation(1, &read[0], Field::Box));
        assert_eq!(place.position.map(|it| (it.line, it.column)), Some((3, 47)));
        assert_eq!(place.pointer.as_deref(), Some("/objects/bbox/0"));
    }

    #[test]
    fn other_files_are_refused_with_a_reason() {
        for (name, text, expected) in [
            ("metadata.csv", "file_name,text\na.jpg,x\n", "a table, which has no objects"),
            ("metadata.parquet", "PAR1", "a Parquet file"),
            ("metadata.jsonl", "{\"file_name\": \"a.jpg\", \"text\": \"x\"}\n", "found no objects"),
            ("metadata.jsonl", "{\"image\": \"a.jpg\"}\n", "found other members"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(name), text).unwrap();
            let format = by_name("hf").unwrap();
            let tree = crate::tree::Tree::walk(folder.path()).unwrap();
            let found = format.find(&tree);
            let told = found.rejected.iter().map(ToString::to_string).collect::<String>();
            assert!(found.parts.is_empty() && told.contains(expected), "{name}: {told}");
            let whole = open_path(folder.path()).err().unwrap().to_string();
            assert!(whole.contains(expected), "{name}: {whole}");
        }
    }
}
