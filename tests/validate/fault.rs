//! A kind of fault, what is expected of its findings, and the judgement of what was found.

use crate::dataset::{CATEGORY_IDS, Drawn, Object, Picture, datasets};
use crate::layout::{CornersOf, Files, Layout, RowOf, pretty};
use annoconv::finding::Finding;
use annoconv::rules::Severity;
use annoconv::validate::{self, Request};
use serde_json::Value;
use std::fmt;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

/// More findings than this for one fault hide what happened.
const MOST_FINDINGS: usize = 5;

/// A kind of fault.
pub struct Kind {
    pub name: &'static str,
    pub layout: Layout,
    /// Puts the fault into a clean dataset, and says what must be found.
    pub seed: fn(&mut Case) -> Expected,
}

pub const fn kind(name: &'static str, layout: Layout, seed: fn(&mut Case) -> Expected) -> Kind {
    Kind { name, layout, seed }
}

/// A format of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Coco,
    Yolo,
    Voc,
    Via,
}

impl Part {
    /// The file or folder in which it lies.
    pub fn path(self) -> &'static str {
        match self {
            Self::Coco => "coco.json",
            Self::Yolo => "labels",
            Self::Voc => "voc",
            Self::Via => "via.json",
        }
    }
}

/// A dataset into which a fault is put.
pub struct Case {
    pub layout: Layout,
    pub pictures: Vec<Picture>,
    pub files: Files,
    /// The image and the object that the fault is about.
    pub image: usize,
    pub number: usize,
}

impl Case {
    pub fn new(layout: Layout, drawn: &Drawn) -> Self {
        let Drawn { pictures, image, number } = drawn.clone();
        Self { layout, files: layout.files(&pictures), pictures, image, number }
    }

    pub fn picture(&self) -> &Picture {
        &self.pictures[self.image]
    }

    pub fn object(&self) -> &Object {
        &self.picture().objects[self.number]
    }

    /// Another image with objects.
    pub fn other(&self) -> usize {
        (self.image + 1) % crate::dataset::PICTURES
    }

    /// The number of the object among all annotations of its COCO file, from 0.
    pub fn order(&self) -> usize {
        let is_of =
            |it: &&Picture| self.layout != Layout::Split || it.subset == self.picture().subset;
        let before = self.pictures[..self.image].iter().filter(is_of);
        before.map(|it| it.objects.len()).sum::<usize>() + self.number
    }

    pub fn label(&self) -> String {
        self.layout.label(self.picture())
    }

    pub fn voc(&self) -> String {
        self.layout.voc(self.picture())
    }

    pub fn coco(&self) -> String {
        self.layout.coco(self.picture().subset)
    }

    pub fn image_file(&self) -> String {
        self.layout.image(self.picture())
    }

    /// The key of the image in a VIA file.
    pub fn key(&self) -> String {
        format!("{}{}", self.picture().name, self.files[&self.image_file()].len())
    }

    /// A distance of so many pixels that leads away from the near border.
    pub fn inwards(&self, distance: f64) -> f64 {
        let [left, _, right, _] = self.object().bbox;
        let is_right = left + right > self.picture().size[0];
        if is_right { -distance } else { distance }
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.files[name].clone()).unwrap()
    }

    pub fn put(&mut self, name: &str, text: impl Into<Vec<u8>>) {
        self.files.insert(name.to_owned(), text.into());
    }

    pub fn remove(&mut self, name: &str) -> Vec<u8> {
        self.files.remove(name).unwrap()
    }

    pub fn rename(&mut self, name: &str, new: &str) {
        let bytes = self.remove(name);
        self.put(new, bytes);
    }

    pub fn edit(&mut self, name: &str, edit: impl FnOnce(String) -> String) {
        let text = self.text(name);
        let edited = edit(text.clone());
        assert_ne!(text, edited, "nothing was changed in {name}");
        self.put(name, edited);
    }

    pub fn replace(&mut self, name: &str, from: &str, to: &str) {
        self.edit(name, |text| text.replacen(from, to, 1));
    }

    pub fn edit_json(&mut self, name: &str, edit: impl FnOnce(&mut Value)) {
        self.edit(name, |text| {
            let mut json: Value = serde_json::from_str(&text).unwrap();
            edit(&mut json);
            String::from_utf8(pretty(&json)).unwrap()
        });
    }

    /// Changes the record of the object in COCO.
    pub fn edit_annotation(&mut self, edit: impl FnOnce(&mut Value)) {
        let (name, order) = (self.coco(), self.order());
        self.edit_json(&name, |json| edit(&mut json["annotations"][order]));
    }

    /// Changes all records of a list of `coco.json`.
    pub fn edit_all(&mut self, list: &str, edit: impl FnMut(&mut Value)) {
        self.edit_json("coco.json", |json| {
            json[list].as_array_mut().unwrap().iter_mut().for_each(edit);
        });
    }

    /// Writes a part anew from other pictures.
    pub fn rewrite(&mut self, part: Part, change: impl FnMut(&mut Picture)) {
        let mut pictures = self.pictures.clone();
        pictures.iter_mut().for_each(change);
        let before = self.files.clone();
        match part {
            Part::Coco => self.layout.add_coco(&mut self.files, &pictures),
            Part::Via => self.layout.add_via(&mut self.files, &pictures),
            Part::Yolo if self.layout == Layout::Polygons => {
                self.layout.add_yolo(&mut self.files, &pictures, crate::layout::polygon_row, 6);
            }
            Part::Yolo => {
                self.layout.add_yolo(&mut self.files, &pictures, crate::layout::box_row, 6);
            }
            Part::Voc => {
                let round: CornersOf = |bbox, _| bbox.map(f64::round);
                self.layout.add_voc(&mut self.files, &pictures, round);
            }
        }
        assert_ne!(before, self.files, "nothing was changed");
    }

    /// Writes all rows of YOLO anew.
    pub fn rewrite_rows(&mut self, row: RowOf, decimals: usize) {
        self.layout.add_yolo(&mut self.files, &self.pictures, row, decimals);
    }

    /// Writes all boxes of VOC anew.
    pub fn rewrite_corners(&mut self, corners: CornersOf) {
        self.layout.add_voc(&mut self.files, &self.pictures, corners);
    }

    /// A finding at the object's row of YOLO.
    pub fn at_row(&self, code: &'static str) -> Expected {
        Expected::at(code, self.label()).line(self.number + 1)
    }

    /// A finding at the object's record in COCO.
    pub fn at_annotation(&self, code: &'static str) -> Expected {
        let pointer = format!("/annotations/{}", self.order());
        Expected::at(code, self.coco()).pointer(pointer)
    }

    /// A finding at the object's region in VIA.
    pub fn at_region(&self, code: &'static str) -> Expected {
        let pointer = format!("/{}/regions/{}", self.key(), self.number);
        Expected::at(code, "via.json").pointer(pointer)
    }

    /// The id of the object's category.
    pub fn category(&self) -> u64 {
        CATEGORY_IDS[self.object().class]
    }

    fn findings(&self) -> Result<Vec<Finding>, String> {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path());
        let paths = vec![folder.path().to_path_buf()];
        let validation = validate::run(&Request { paths, ..Request::default() });
        let root = folder.path();
        let mut findings = validation.map_err(|error| error.to_string())?.findings;
        for finding in &mut findings {
            let file = &mut finding.place.file;
            *file = relative(file, root);
            finding.places.iter_mut().for_each(|it| it.place.file = relative(&it.place.file, root));
        }
        Ok(findings)
    }

    pub fn write(&self, folder: &Path) {
        for (name, bytes) in &self.files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
}

fn relative(file: &Path, root: &Path) -> std::path::PathBuf {
    file.strip_prefix(root).unwrap_or(file).to_path_buf()
}

/// What must be found.
#[derive(Debug, Default)]
pub struct Expected {
    /// The code, or one of a few that are as right.
    codes: Vec<&'static str>,
    /// The file, or the part in which it is; one of a few where either is as right.
    files: Vec<String>,
    lines: Option<RangeInclusive<usize>>,
    pointer: Option<String>,
    annotation: Option<String>,
    /// The message has one of these words.
    words: Vec<&'static str>,
    /// What may be found besides.
    sides: Vec<&'static str>,
}

impl Expected {
    /// A finding in a file, or in a folder.
    pub fn at(code: &'static str, file: impl Into<String>) -> Self {
        Self { codes: vec![code], files: vec![file.into()], ..Self::default() }
    }

    /// No error and no warning: what was changed is no fault.
    pub fn nothing() -> Self {
        Self::default()
    }

    pub fn or(mut self, code: &'static str) -> Self {
        self.codes.push(code);
        self
    }

    pub fn or_at(mut self, file: impl Into<String>) -> Self {
        self.files.push(file.into());
        self
    }

    pub fn line(self, line: usize) -> Self {
        self.lines(line..=line)
    }

    pub fn lines(mut self, lines: RangeInclusive<usize>) -> Self {
        self.lines = Some(lines);
        self
    }

    pub fn pointer(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    pub fn annotation(mut self, annotation: impl ToString) -> Self {
        self.annotation = Some(annotation.to_string());
        self
    }

    pub fn word(mut self, word: &'static str) -> Self {
        self.words.push(word);
        self
    }

    pub fn side(mut self, code: &'static str) -> Self {
        self.sides.push(code);
        self
    }

    pub fn code(&self) -> String {
        match self.codes.is_empty() {
            true => "nothing".to_owned(),
            false => self.codes.join(" or "),
        }
    }

    /// Whether a finding, or one of its places, is where and what is expected.
    fn is_met_by(&self, finding: &Finding) -> bool {
        let own = std::iter::once((&finding.place, &finding.annotation));
        let places = own.chain(finding.places.iter().map(|it| (&it.place, &it.annotation)));
        let is_here = |(place, annotation): (&annoconv::error::Place, &Option<String>)| {
            let line = place.position.map(|position| position.line);
            let pointer = place.pointer.as_deref().unwrap_or_default();
            self.files.iter().any(|file| place.file.starts_with(file))
                && self.lines.as_ref().is_none_or(|it| line.is_some_and(|line| it.contains(&line)))
                && self.pointer.as_ref().is_none_or(|it| is_below(pointer, it))
                && (self.annotation.is_none() || self.annotation == *annotation)
        };
        self.codes.contains(&finding.rule.code())
            && places.into_iter().any(is_here)
            && self.says(finding)
    }

    fn says(&self, finding: &Finding) -> bool {
        let mut messages = std::iter::once(&finding.message)
            .chain(finding.places.iter().map(|it| &it.message))
            .map(|message| message.to_lowercase());
        self.words.is_empty()
            || messages.any(|message| self.words.iter().any(|word| message.contains(word)))
    }

    /// What is wrong with the findings.
    fn complaints(&self, findings: &[Finding]) -> Vec<String> {
        let mut complaints = Vec::new();
        let loud: Vec<&Finding> =
            findings.iter().filter(|it| it.rule.severity() > Severity::Info).collect();
        let is_found = findings.iter().any(|it| self.is_met_by(it));
        match (self.codes.is_empty(), is_found, findings.is_empty()) {
            (true, ..) | (_, true, _) => {}
            (false, _, true) => complaints.push("silent".to_owned()),
            (false, ..) => complaints.push("not told so".to_owned()),
        }
        if loud.len() > MOST_FINDINGS {
            complaints.push(format!("{} findings", loud.len()));
        }
        for finding in loud {
            let code = finding.rule.code();
            let is_in = |file: &String| finding.place.file.starts_with(file);
            let is_told = self.codes.contains(&code) && self.files.iter().any(is_in);
            if !is_told && !self.sides.contains(&code) {
                complaints.push(format!("blames {code} at {}", finding.place.file.display()));
            }
        }
        complaints
    }
}

fn is_below(pointer: &str, expected: &str) -> bool {
    let rest = pointer.strip_prefix(expected);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A finding in one line.
fn line(finding: &Finding) -> String {
    let Finding { rule, message, place, annotation, places, .. } = finding;
    let at = place.position.map_or(String::new(), |it| format!(":{}", it.line));
    let pointer = place.pointer.as_deref().unwrap_or_default();
    let message: String = message.chars().take(150).collect();
    let many = if places.is_empty() { String::new() } else { format!(" ({})", places.len()) };
    let object = annotation.as_ref().map_or(String::new(), |it| format!("#{it}"));
    format!("{} {}{at}{pointer}{object}{many}: {message}", rule.code(), place.file.display())
}

/// Tries all kinds of a table, and lists those that were not found as they should be.
pub fn judge(title: &str, kinds: &[Kind]) {
    let drawn = datasets();
    let (mut rows, mut failures) = (String::new(), Vec::new());
    for (at, kind) in kinds.iter().enumerate() {
        for one in 0..tries() {
            let number = (at + title.len() + one * 7) % drawn.len();
            let tried = kind.tried(&drawn[number]);
            if one == 0 {
                rows += &format!("| {title} | {} | {} |\n", kind.name, tried.row());
            }
            if !tried.complaints.is_empty() {
                failures.push(format!("{title}: {} (dataset {number}): {tried}", kind.name));
            }
        }
    }
    if std::env::var_os("ANNOCONV_FAULT_TABLE").is_some() {
        println!(
            "| group | fault | expected | found | as expected |\n|---|---|---|---|---|\n{rows}"
        );
    }
    let count = failures.len();
    assert!(failures.is_empty(), "{count} failures\n{}", failures.join("\n"));
}

/// On how many datasets each kind is tried.
fn tries() -> usize {
    let tries = std::env::var("ANNOCONV_FAULT_TRIES").ok();
    tries.map_or(1, |tries| tries.parse().expect("a number"))
}

/// What was found of a fault.
struct Tried {
    expected: Expected,
    /// A line for each finding.
    found: Vec<String>,
    /// What is wrong with that.
    complaints: Vec<String>,
}

impl Kind {
    fn tried(&self, drawn: &Drawn) -> Tried {
        let mut case = Case::new(self.layout, drawn);
        let expected = (self.seed)(&mut case);
        let (found, complaints) = match case.findings() {
            Ok(findings) => (findings.iter().map(line).collect(), expected.complaints(&findings)),
            Err(error) => (vec![error], vec!["refused".to_owned()]),
        };
        if !complaints.is_empty() {
            self.keep(&case);
        }
        Tried { expected, found, complaints }
    }

    /// Keeps the dataset below the folder in `ANNOCONV_FAULT_KEEP`, to look at it.
    fn keep(&self, case: &Case) {
        if let Some(folder) = std::env::var_os("ANNOCONV_FAULT_KEEP") {
            case.write(&Path::new(&folder).join(self.name.replace([' ', '/'], "-")));
        }
    }
}

impl Tried {
    /// Cells of a table: expected, found, whether both are the same.
    fn row(&self) -> String {
        let code = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
        let codes: Vec<String> = self.found.iter().map(code).collect();
        let verdict = if self.complaints.is_empty() { "yes" } else { "no" };
        format!("{} | {} | {verdict}", self.expected.code(), codes.join(", "))
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (complaints, found) = (self.complaints.join("; "), self.found.join("\n      "));
        write!(f, "expected {}: {complaints}\n      {found}", self.expected.code())
    }
}

/// What is found in a dataset without a fault.
pub fn of_clean(layout: Layout, drawn: &Drawn) -> Vec<String> {
    let findings = Case::new(layout, drawn).findings().unwrap();
    let loud = findings.iter().filter(|it| it.rule.severity() > Severity::Info);
    loud.map(line).collect()
}
