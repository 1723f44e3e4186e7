//! One row or file of YOLO is wrong.

use crate::fault::{Case, Expected, Kind, kind};
use crate::layout::Layout::{Flat, Polygons, Yolo};

pub const KINDS: &[Kind] = &[
    kind("a row is dropped", Flat, |case| {
        drop_row(case);
        case.at_annotation("object-missing").annotation(case.order() + 1).word("not in yolo")
    }),
    kind("a row is added", Flat, |case| {
        let (name, count) = (case.label(), case.picture().objects.len());
        case.edit(&name, |text| text + "0 0.950000 0.950000 0.040000 0.040000\n");
        Expected::at("object-added", name).line(count + 1)
    }),
    kind("a box is moved by 1 px", Flat, |case| moved(case, 1.0)),
    kind("a box is moved by 2 px", Flat, |case| moved(case, 2.0)),
    kind("a box is moved by 25 px", Flat, |case| moved(case, 25.0)),
    kind("a box is 4 px wider", Flat, |case| {
        let part = 4.0 / case.picture().size[0];
        edit_number(case, 3, |number| number + part);
        case.at_row("box-changed").annotation(case.number).word("px off")
    }),
    kind("a class is swapped", Flat, |case| {
        let other = (case.object().class + 1) % 4;
        edit_row(case, |columns| columns[0] = other.to_string());
        case.at_row("class-changed").annotation(case.number).word("says")
    }),
    kind("a last digit is changed", Flat, |case| {
        edit_row(case, |columns| {
            let last = columns[3].pop().unwrap().to_digit(10).unwrap();
            columns[3].push(char::from_digit((last + 4) % 10, 10).unwrap());
        });
        case.at_row("box-changed").annotation(case.number)
    }),
    kind("a decimal point slips by one place", Flat, |case| {
        edit_number(case, 3, |number| number / 10.0);
        case.at_row("box-changed").or("object-missing").word("px off")
    }),
    kind("a number is NaN", Flat, |case| put(case, 2, "nan", "not-finite")),
    kind("a number is infinite", Flat, |case| put(case, 2, "inf", "not-finite")),
    kind("a centre is above 1", Flat, |case| put(case, 1, "1.500000", "not-a-fraction")),
    kind("a centre is negative", Flat, |case| put(case, 1, "-0.100000", "not-a-fraction")),
    kind("a width is negative", Yolo, |case| {
        edit_number(case, 3, |number| -number);
        case.at_row("inverted").or("not-a-fraction")
    }),
    kind("a width is 0", Flat, |case| put(case, 3, "0.000000", "zero-size")),
    kind("a class is unknown", Flat, |case| put(case, 0, "9", "unknown-class").word("9")),
    kind("a class is negative", Flat, |case| put(case, 0, "-1", "malformed").or("unknown-class")),
    kind("a class is no whole number", Flat, |case| put(case, 0, "1.5", "malformed")),
    kind("a column is missing", Flat, |case| {
        edit_row(case, |columns| drop(columns.pop()));
        case.at_row("malformed").word("column").word("number")
    }),
    kind("a word stands for a number", Flat, |case| put(case, 2, "left", "malformed")),
    kind("commas stand for points", Flat, |case| {
        edit_row(case, |columns| {
            columns.iter_mut().for_each(|column| *column = column.replace('.', ","));
        });
        case.at_row("malformed")
    }),
    kind("commas stand between the numbers of a row", Flat, |case| {
        edit_row(case, |columns| *columns = vec![columns.join(",")]);
        case.at_row("malformed")
    }),
    kind("a label has bytes that are no text", Flat, |case| {
        let name = case.label();
        let mut bytes = case.remove(&name);
        bytes.extend(b"\xFF\xFE\0\x81\n");
        case.put(&name, bytes);
        Expected::at("malformed", name).or("unreadable")
    }),
    kind("a row is there twice", Flat, |case| {
        let (name, number) = (case.label(), case.number);
        case.edit(&name, |text| {
            let row = text.lines().nth(number).unwrap().to_owned();
            text + &row + "\n"
        });
        Expected::at("duplicate-object", name)
    }),
    kind("a row has a score", Flat, |case| {
        edit_row(case, |columns| columns.push("0.93".to_owned()));
        case.at_row("score-in-labels")
    }),
    kind("a label is deleted", Flat, |case| {
        let name = case.label();
        case.remove(&name);
        let pointer = format!("/images/{}", case.image);
        Expected::at("image-absent", "coco.json").pointer(pointer).word("labels").word("yolo")
    }),
    kind("a label is emptied", Flat, |case| {
        let name = case.label();
        case.put(&name, "");
        case.at_annotation("object-missing").or("image-absent")
    }),
    kind("the label of a background is deleted", Flat, |case| {
        case.remove("labels/scan8.txt");
        Expected::at("background-absent", "coco.json")
            .or_at("voc/scan8.xml")
            .or_at("via.json")
            .or_at("images/scan8.png")
    }),
    kind("a label has another name", Flat, |case| {
        let name = case.label();
        case.rename(&name, "labels/skan.txt");
        Expected::at("label-without-image", "labels/skan.txt").word("skan").side("image-absent")
    }),
    kind("a label of no image is added", Flat, |case| {
        case.put("labels/extra.txt", "0 0.5 0.5 0.25 0.25\n");
        Expected::at("label-without-image", "labels/extra.txt").word("extra")
    }),
    kind("a row lies in the label of another image", Flat, |case| {
        let row = drop_row(case);
        let (missing, other) = (case.at_annotation("object-missing"), case.other());
        let name = case.layout.label(&case.pictures[other]);
        case.edit(&name, |text| text + &row + "\n");
        missing.side("object-added").side("duplicate-object")
    }),
    kind("a box stands between polygons", Polygons, |case| {
        let row = crate::layout::box_row(case.object(), case.picture().size);
        edit_row(case, |columns| {
            columns.truncate(1);
            columns.extend(row.iter().map(|number| format!("{number:.6}")));
        });
        Expected::at("mixed-rows", case.label()).or("shape-absent").side("mixed-rows")
    }),
    kind("a polygon is dropped", Polygons, |case| {
        drop_row(case);
        case.at_annotation("object-missing").word("not in yolo")
    }),
    kind("a vertex is moved by 2 px", Polygons, |case| {
        let part = case.inwards(2.0) / case.picture().size[0];
        edit_number(case, 3, |number| number + part);
        case.at_row("shape-changed").annotation(case.number)
    }),
    kind("a vertex is dropped", Polygons, |case| {
        edit_row(case, |columns| drop(columns.drain(3..5)));
        case.at_row("shape-changed").annotation(case.number).word("points")
    }),
    kind("a vertex is added", Polygons, |case| {
        edit_row(case, |columns| {
            columns.extend(["0.500000", "0.500000"].map(str::to_owned));
        });
        case.at_row("shape-changed").annotation(case.number).word("points").side("self-crossing")
    }),
    kind("a polygon has two different points", Polygons, |case| {
        edit_row(case, |columns| {
            let first = columns[1..3].to_vec();
            columns.truncate(5);
            columns.extend(first);
        });
        case.at_row("few-points")
    }),
    kind("a polygon has an odd number of coordinates", Polygons, |case| {
        edit_row(case, |columns| drop(columns.pop()));
        case.at_row("malformed")
    }),
    kind("a polygon's class is unknown", Polygons, |case| put(case, 0, "7", "unknown-class")),
    kind("a coordinate of a polygon is above 1", Polygons, |case| {
        put(case, 5, "1.200000", "not-a-fraction").side("shape-changed").side("self-crossing")
    }),
    kind("an object of YOLO alone is there twice", Yolo, |case| {
        let name = case.label();
        case.edit(&name, |text| text.lines().next().unwrap().to_owned() + "\n" + &text);
        Expected::at("duplicate-object", name)
    }),
    kind("a number of YOLO alone is above 1", Yolo, |case| put(case, 4, "1.5", "not-a-fraction")),
    kind("a class of YOLO alone is unknown", Yolo, |case| put(case, 0, "4", "unknown-class")),
];

/// Changes the columns of the object's row.
pub fn edit_row(case: &mut Case, edit: impl Fn(&mut Vec<String>)) {
    let (name, number) = (case.label(), case.number);
    let row = |(at, line): (usize, &str)| {
        let mut columns: Vec<String> = line.split(' ').map(str::to_owned).collect();
        if at == number {
            edit(&mut columns);
        }
        columns.join(" ") + "\n"
    };
    case.edit(&name, |text| text.lines().enumerate().map(row).collect());
}

fn edit_number(case: &mut Case, column: usize, edit: impl Fn(f64) -> f64) {
    edit_row(case, |columns| {
        let number: f64 = columns[column].parse().unwrap();
        columns[column] = format!("{:.6}", edit(number));
    });
}

/// Puts a text into a column of the object's row, which a rule forbids.
fn put(case: &mut Case, column: usize, text: &str, code: &'static str) -> Expected {
    edit_row(case, |columns| columns[column] = text.to_owned());
    case.at_row(code)
}

fn moved(case: &mut Case, distance: f64) -> Expected {
    let part = case.inwards(distance) / case.picture().size[0];
    edit_number(case, 1, |number| number + part);
    case.at_row("box-changed").annotation(case.number).word("px off")
}

/// Drops the object's row, and returns it.
fn drop_row(case: &mut Case) -> String {
    let (name, number) = (case.label(), case.number);
    let text = case.text(&name);
    let mut rows: Vec<&str> = text.lines().collect();
    let row = rows.remove(number).to_owned();
    case.put(&name, rows.iter().map(|row| format!("{row}\n")).collect::<String>());
    row
}
