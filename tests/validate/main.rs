//! One fault of each kind, put into a clean dataset: it is found, at its place, and nothing else.

#![allow(clippy::restriction, reason = "a failed test panics")]

mod dataset;

use annoconv::finding::Finding;
use dataset::{CLASSES, Dataset, pictures};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Where a fault is: what a finding must say of it.
#[derive(Debug, Default, PartialEq)]
struct Expected {
    code: &'static str,
    file: String,
    line: Option<usize>,
    pointer: Option<String>,
    annotation: Option<String>,
}

impl Expected {
    fn new(code: &'static str, file: impl Into<String>) -> Self {
        Self { code, file: file.into(), ..Self::default() }
    }

    fn line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    fn pointer(mut self, pointer: String) -> Self {
        self.pointer = Some(pointer);
        self
    }

    fn annotation(mut self, annotation: usize) -> Self {
        self.annotation = Some(annotation.to_string());
        self
    }

    /// What a finding says, as far as it is expected to.
    fn of(&self, finding: &Finding, root: &Path) -> Self {
        let place = &finding.place;
        let keep = |is: bool| move |value: Option<String>| value.filter(|_| is);
        Self {
            code: finding.rule.code(),
            file: annoconv::files::relative_name(&place.file, root).unwrap(),
            line: place.position.map(|position| position.line).filter(|_| self.line.is_some()),
            pointer: keep(self.pointer.is_some())(place.pointer.clone()),
            annotation: keep(self.annotation.is_some())(finding.annotation.clone()),
        }
    }
}

/// An object that a fault is about.
#[derive(Debug, Clone, Copy)]
struct Target {
    image: usize,
    number: usize,
    /// Its number among all annotations.
    order: usize,
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    DropRow,
    DropRegion,
    MoveBox,
    AddObject,
    SwapClassInRow,
    SwapClassInRegion,
    ChangeDigit,
    DeleteLabel,
    DeleteBackground,
    DuplicateId,
    BreakRegion,
    BreakRing,
    ShiftOrigin,
    ReRound,
    WrongSize,
    NotANumber,
    DeleteImage,
    UnknownClass,
    RepeatRow,
    MovePoint,
    CutJson,
}

const FAULTS: [Fault; 21] = [
    Fault::DropRow,
    Fault::DropRegion,
    Fault::MoveBox,
    Fault::AddObject,
    Fault::SwapClassInRow,
    Fault::SwapClassInRegion,
    Fault::ChangeDigit,
    Fault::DeleteLabel,
    Fault::DeleteBackground,
    Fault::DuplicateId,
    Fault::BreakRegion,
    Fault::BreakRing,
    Fault::ShiftOrigin,
    Fault::ReRound,
    Fault::WrongSize,
    Fault::NotANumber,
    Fault::DeleteImage,
    Fault::UnknownClass,
    Fault::RepeatRow,
    Fault::MovePoint,
    Fault::CutJson,
];

/// The line, from 1, of the nth place where a text has a word.
fn line_of(path: &Path, word: &str, nth: usize) -> usize {
    let text = fs::read_to_string(path).unwrap();
    text.lines().enumerate().filter(|(_, line)| line.contains(word)).nth(nth).unwrap().0 + 1
}

fn edit_row(text: &str, number: usize, edit: impl Fn(&mut Vec<String>)) -> String {
    let row = |(at, line): (usize, &str)| {
        let mut columns: Vec<String> = line.split(' ').map(str::to_owned).collect();
        if at == number {
            edit(&mut columns);
        }
        columns.join(" ") + "\n"
    };
    text.lines().enumerate().map(row).collect()
}

/// The number in a tag of the nth object of an XML file, changed.
fn edit_tag(text: &str, tag: &str, nth: usize, edit: impl Fn(i64) -> i64) -> String {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let (at, _) = text.match_indices(&open).nth(nth).unwrap();
    let start = at + open.len();
    let end = start + text[start..].find(&close).unwrap();
    let number: i64 = text[start..end].parse().unwrap();
    format!("{}{}{}", &text[..start], edit(number), &text[end..])
}

/// The entry of an image in a VIA file, by its key.
fn via_entry(json: &mut Value, image: usize) -> (String, &mut Value) {
    let entries = json.as_object_mut().unwrap();
    let is_it = |entry: &Value| entry["filename"] == format!("{image}.png");
    let (key, entry) = entries.iter_mut().find(|(_, entry)| is_it(entry)).unwrap();
    (key.clone(), entry)
}

impl Fault {
    /// Puts the fault into a dataset.
    fn inject(self, dataset: &Dataset, target: Target) -> Expected {
        match self {
            Self::DropRow
            | Self::SwapClassInRow
            | Self::ChangeDigit
            | Self::ReRound
            | Self::NotANumber
            | Self::UnknownClass
            | Self::RepeatRow => self.inject_yolo(dataset, target),
            Self::MoveBox | Self::AddObject | Self::ShiftOrigin | Self::WrongSize => {
                self.inject_voc(dataset, target)
            }
            Self::DropRegion | Self::SwapClassInRegion | Self::BreakRegion | Self::MovePoint => {
                self.inject_vgg(dataset, target)
            }
            Self::DuplicateId | Self::BreakRing => self.inject_coco(dataset, target),
            Self::DeleteLabel | Self::DeleteBackground | Self::DeleteImage | Self::CutJson => {
                self.inject_file(dataset, target)
            }
        }
    }

    fn inject_yolo(self, dataset: &Dataset, target: Target) -> Expected {
        let Target { image, number, order } = target;
        let name = format!("labels/{image}.txt");
        let edit = |edit: &dyn Fn(&mut Vec<String>)| {
            dataset.edit(&name, |text| edit_row(&text, number, edit));
        };
        let here = |code| Expected::new(code, name.as_str()).line(number + 1);
        match self {
            Self::DropRow => {
                dataset.edit(&name, |text| {
                    let rows = text.lines().enumerate().filter(|(at, _)| *at != number);
                    rows.map(|(_, row)| format!("{row}\n")).collect()
                });
                let pointer = format!("/annotations/{order}");
                Expected::new("object-missing", "coco.json").pointer(pointer).annotation(order + 1)
            }
            Self::SwapClassInRow => {
                edit(&|columns| columns[0] = (if columns[0] == "0" { "1" } else { "0" }).into());
                here("class-changed").annotation(number)
            }
            Self::ChangeDigit => {
                edit(&|columns| {
                    let last = columns[3].pop().unwrap().to_digit(10).unwrap();
                    columns[3].push(char::from_digit((last + 3) % 10, 10).unwrap());
                });
                here("box-changed").annotation(number)
            }
            Self::ReRound => {
                for file in fs::read_dir(dataset.path("labels")).unwrap() {
                    re_round(&file.unwrap().path());
                }
                Expected::new("coarse-rounding", "labels")
            }
            Self::NotANumber => {
                edit(&|columns| columns[2] = "nan".into());
                here("not-finite")
            }
            Self::UnknownClass => {
                edit(&|columns| columns[0] = "7".into());
                here("unknown-class")
            }
            _ => {
                let row = fs::read_to_string(dataset.path(&name)).unwrap();
                let row = row.lines().nth(number).unwrap().to_owned();
                dataset.edit(&name, |text| text + &row + "\n");
                Expected::new("duplicate-object", name)
            }
        }
    }

    fn inject_voc(self, dataset: &Dataset, target: Target) -> Expected {
        let Target { image, number, .. } = target;
        let name = format!("voc/{image}.xml");
        let line = |word| line_of(&dataset.path(&name), word, number);
        match self {
            Self::MoveBox => {
                dataset.edit(&name, |text| {
                    let moved = edit_tag(&text, "xmin", number, |x| x + 2);
                    edit_tag(&moved, "xmax", number, |x| x + 2)
                });
                Expected::new("box-changed", &name).line(line("<bndbox>")).annotation(number)
            }
            Self::AddObject => {
                let end = "</annotation>";
                let object = "  <object>\n    <name>fracture</name>\n    <bndbox>\n<xmin>1</xmin>\
                    <ymin>1</ymin><xmax>4</xmax><ymax>5</ymax></bndbox>\n  </object>\n";
                dataset.edit(&name, |text| text.replace(end, &format!("{object}{end}")));
                let last = line_of(&dataset.path(&name), "<name>", target.count(dataset)) - 1;
                Expected::new("object-added", &name).line(last)
            }
            Self::ShiftOrigin => {
                for file in fs::read_dir(dataset.path("voc")).unwrap() {
                    shift_origin(&file.unwrap().path());
                }
                Expected::new("one-based", "voc")
            }
            _ => {
                dataset.edit(&name, |text| edit_tag(&text, "width", 0, |width| width + 1));
                Expected::new("size-differs", &name).line(line_of(
                    &dataset.path(&name),
                    "<size>",
                    0,
                ))
            }
        }
    }

    fn inject_vgg(self, dataset: &Dataset, target: Target) -> Expected {
        let Target { image, number, order } = target;
        let mut key = String::new();
        dataset.edit_json("via.json", |json| {
            let (own, entry) = via_entry(json, image);
            key = own;
            let regions = entry["regions"].as_array_mut().unwrap();
            let region = &mut regions[number];
            let xs = &mut region["shape_attributes"]["all_points_x"];
            match self {
                Self::DropRegion => drop(regions.remove(number)),
                Self::SwapClassInRegion => {
                    let label = &mut region["region_attributes"]["label"];
                    let other = usize::from(*label == CLASSES[0]);
                    *label = json!(CLASSES[other]);
                }
                Self::BreakRegion => drop(xs.as_array_mut().unwrap().pop()),
                _ => xs[1] = json!(xs[1].as_f64().unwrap() + 2.0),
            }
        });
        let pointer = format!("/{key}/regions/{number}");
        let here = |code, member: &str| {
            let pointer = format!("{pointer}/{member}");
            Expected::new(code, "via.json").pointer(pointer).annotation(number)
        };
        match self {
            Self::DropRegion => Expected::new("object-missing", "coco.json")
                .pointer(format!("/annotations/{order}"))
                .annotation(order + 1),
            Self::SwapClassInRegion => here("class-changed", "region_attributes"),
            Self::BreakRegion => {
                let line = line_of(&dataset.path("via.json"), "\"shape_attributes\"", order) - 1;
                Expected::new("malformed", "via.json").line(line)
            }
            _ => here("shape-changed", "shape_attributes"),
        }
    }

    fn inject_coco(self, dataset: &Dataset, target: Target) -> Expected {
        let order = target.order;
        dataset.edit_json("coco.json", |json| {
            let annotations = json["annotations"].as_array_mut().unwrap();
            match self {
                Self::DuplicateId => {
                    annotations[order]["id"] = annotations[(order + 1) % 4]["id"].clone();
                }
                _ => {
                    let ring = annotations[order]["segmentation"][0].as_array_mut().unwrap();
                    ring.truncate(4);
                }
            }
        });
        match self {
            Self::DuplicateId => {
                let last = order.max((order + 1) % 4);
                Expected::new("duplicate-id", "coco.json")
                    .pointer(format!("/annotations/{last}/id"))
            }
            _ => Expected::new("few-points", "coco.json")
                .pointer(format!("/annotations/{order}/segmentation"))
                .annotation(order + 1),
        }
    }

    fn inject_file(self, dataset: &Dataset, target: Target) -> Expected {
        let image = target.image;
        match self {
            Self::DeleteLabel => {
                fs::remove_file(dataset.path(&format!("labels/{image}.txt"))).unwrap();
                Expected::new("image-absent", "coco.json").pointer(format!("/images/{image}"))
            }
            Self::DeleteBackground => {
                // A background that the format lists, beside another one that it lacks.
                fs::copy(dataset.path("images/negative.png"), dataset.path("images/more.png"))
                    .unwrap();
                fs::write(dataset.path("labels/more.txt"), "").unwrap();
                Expected::new("background-absent", "labels/more.txt")
            }
            Self::DeleteImage => {
                fs::remove_file(dataset.path(&format!("images/{image}.png"))).unwrap();
                let pointer = format!("/images/{image}/file_name");
                Expected::new("image-missing", "coco.json").pointer(pointer)
            }
            _ => {
                dataset.edit("coco.json", |text| text.trim_end().trim_end_matches('}').to_owned());
                let lines = fs::read_to_string(dataset.path("coco.json")).unwrap().lines().count();
                Expected::new("unreadable", "coco.json").line(lines + 1)
            }
        }
    }
}

impl Target {
    /// How many objects its image has.
    fn count(self, dataset: &Dataset) -> usize {
        let path = dataset.path(&format!("labels/{}.txt", self.image));
        fs::read_to_string(path).unwrap().lines().count()
    }
}

/// Each number of a label file with two decimals.
fn re_round(path: &Path) {
    if path.ends_with("classes.txt") {
        return;
    }
    let text = fs::read_to_string(path).unwrap();
    let number = |text: &str| format!("{:.2}", text.parse::<f64>().unwrap());
    let row = |line: &str| {
        let mut columns = line.split(' ');
        let class = columns.next().unwrap().to_owned();
        let numbers: Vec<String> = columns.map(number).collect();
        format!("{class} {}\n", numbers.join(" "))
    };
    fs::write(path, text.lines().map(row).collect::<String>()).unwrap();
}

/// Each corner of an XML file plus 1.
fn shift_origin(path: &Path) {
    let mut text = fs::read_to_string(path).unwrap();
    for tag in ["xmin", "ymin", "xmax", "ymax"] {
        for nth in 0..text.matches("<object>").count() {
            text = edit_tag(&text, tag, nth, |number| number + 1);
        }
    }
    fs::write(path, text).unwrap();
}

fn shown(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("{finding:?}\n")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn every_fault_is_found_alone_and_nothing_in_a_clean_dataset(
        pictures in pictures(),
        index in any::<Index>(),
    ) {
        let clean = Dataset::new(&pictures).validate();
        prop_assert!(clean.findings.is_empty(), "clean: {}", shown(&clean.findings));
        prop_assert_eq!(clean.agreement.len(), 3);
        let counts: Vec<usize> = pictures.iter().map(|picture| picture.objects.len()).collect();
        let order = index.index(counts.iter().sum());
        let mut target = Target { image: 0, number: order, order };
        while target.number >= counts[target.image] {
            target.number -= counts[target.image];
            target.image += 1;
        }
        for fault in FAULTS {
            let dataset = Dataset::new(&pictures);
            let expected = fault.inject(&dataset, target);
            let findings = dataset.validate().findings;
            let found: Vec<Expected> =
                findings.iter().map(|finding| expected.of(finding, dataset.folder.path())).collect();
            prop_assert_eq!(&found, &vec![expected], "{:?}\n{}", fault, shown(&findings));
        }
    }
}
