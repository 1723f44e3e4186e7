//! One object or file of VOC is wrong.

use crate::fault::{Case, Expected, Kind, kind};
use crate::layout::Layout::{Flat, Voc};
use crate::layout::voc_object;

pub const KINDS: &[Kind] = &[
    kind("an object is dropped", Flat, |case| {
        let name = case.voc();
        let object = object_of(case);
        case.replace(&name, &object, "");
        case.at_annotation("object-missing").annotation(case.order() + 1).word("not in voc")
    }),
    kind("an object is added", Flat, |case| {
        let name = case.voc();
        let line = case.text(&name).lines().count();
        let object = voc_object("bone", [1.0, 1.0, 7.0, 9.0]);
        case.replace(&name, "</annotation>", &format!("{object}</annotation>"));
        Expected::at("object-added", name).line(line).word("not in coco")
    }),
    kind("a box is moved by 1 px", Flat, |case| moved(case, 1)),
    kind("a box is moved by 2 px", Flat, |case| moved(case, 2)),
    kind("a box is moved by 25 px", Flat, |case| moved(case, 25)),
    kind("an edge is moved by 1 px", Flat, |case| {
        edit_tag(case, "xmax", |number| (number - 1).to_string());
        changed(case)
    }),
    kind("a digit of an edge is changed", Flat, |case| {
        edit_tag(case, "ymin", |number| (if number >= 10 { number - 10 } else { 30 }).to_string());
        changed(case)
    }),
    kind("a class is swapped", Flat, |case| {
        let other = crate::dataset::CLASSES[(case.object().class + 1) % 4];
        put(case, "name", other);
        at_object(case, "class-changed").annotation(case.number).word("says")
    }),
    kind("a class is mistyped", Flat, |case| {
        put(case, "name", "srcew");
        at_object(case, "class-changed").or("class-renamed").word("srcew")
    }),
    kind("a class is in upper case", Flat, |case| {
        let name = crate::dataset::CLASSES[case.object().class].to_uppercase();
        put(case, "name", &name);
        Expected::at("class-changed", case.voc()).or("class-names-alike").side("class-names-alike")
    }),
    kind("the left edge is right of the right one", Flat, |case| {
        let right = case.object().bbox[2] as i64 + 5;
        put(case, "xmin", &right.to_string());
        at_object(case, "inverted")
    }),
    kind("a box has no width", Flat, |case| {
        let right = case.object().bbox[2].round();
        put(case, "xmin", &right.to_string());
        at_object(case, "zero-size")
    }),
    kind("an edge is NaN", Flat, |case| {
        put(case, "ymax", "nan");
        at_object(case, "not-finite").or("malformed")
    }),
    kind("an edge is a word", Flat, |case| {
        put(case, "ymax", "bottom");
        at_object(case, "malformed").word("bottom").word("number")
    }),
    kind("an edge is empty", Flat, |case| {
        put(case, "ymax", "");
        at_object(case, "malformed").or("missing-member")
    }),
    kind("an edge is missing", Flat, |case| {
        let line = tag(case, "ymax");
        let name = case.voc();
        edit_object(case, |object| object.replace(&line, ""));
        Expected::at("missing-member", name).word("ymax")
    }),
    kind("a box is missing", Flat, |case| {
        edit_object(case, |object| {
            let (before, rest) = object.split_once("    <bndbox>").unwrap();
            before.to_owned() + rest.split_once("</bndbox>\n").unwrap().1
        });
        Expected::at("missing-member", case.voc()).word("bndbox")
    }),
    kind("a class is missing", Flat, |case| {
        let line = tag(case, "name");
        edit_object(case, |object| object.replace(&line, ""));
        Expected::at("missing-member", case.voc()).or("no-class").word("name").word("class")
    }),
    kind("a class is empty", Flat, |case| {
        put(case, "name", "");
        Expected::at("empty-class", case.voc()).or("no-class").or("missing-member")
    }),
    kind("a file is cut off", Flat, |case| {
        let name = case.voc();
        case.edit(&name, |text| text[..text.len() - 40].to_owned());
        Expected::at("unreadable", name).or("malformed")
    }),
    kind("an end tag is another", Flat, |case| {
        let name = case.voc();
        case.replace(&name, "</object>", "</objekt>");
        Expected::at("unreadable", name).or("malformed").word("object").word("objekt")
    }),
    kind("a file is empty", Flat, |case| {
        let name = case.voc();
        case.put(&name, "");
        Expected::at("unreadable", name).or("malformed").or("nothing-read").side("image-absent")
    }),
    kind("an object is there twice", Flat, |case| {
        let name = case.voc();
        let object = object_of(case);
        case.replace(&name, &object, &format!("{object}{object}"));
        Expected::at("duplicate-object", name)
    }),
    kind("a width is 1 px more than the image's", Flat, |case| {
        let width = case.picture().size[0];
        sized(case, [width + 1.0, case.picture().size[1]])
    }),
    kind("width and height of an image are exchanged", Flat, |case| {
        let [width, height] = case.picture().size;
        sized(case, [height, width]).or("sides-swapped")
    }),
    kind("a width of an image is 0", Flat, |case| {
        sized(case, [0.0, case.picture().size[1]]);
        Expected::at("zero-image-size", case.voc())
    }),
    kind("a file names the image of another one", Flat, |case| {
        let other = case.pictures[case.other()].name.clone();
        rename(case, &other);
        Expected::at("image-twice", "voc").or("duplicate-id").side("image-absent")
    }),
    kind("a file names its image with another extension", Flat, |case| {
        let name = case.picture().stem().to_owned() + ".bmp";
        rename(case, &name);
        Expected::at("name-differs", case.voc()).word("bmp")
    }),
    kind("a file names its image in upper case", Flat, |case| {
        let name = case.picture().name.to_uppercase();
        rename(case, &name);
        Expected::at("name-differs", case.voc()).word("scan")
    }),
    kind("a file is deleted", Flat, |case| {
        let name = case.voc();
        case.remove(&name);
        let pointer = format!("/images/{}", case.image);
        Expected::at("image-absent", "coco.json").pointer(pointer).word("voc")
    }),
    kind("the file of a background is deleted", Flat, |case| {
        case.remove("voc/scan9.xml");
        Expected::at("background-absent", "coco.json").or_at("labels/scan9.txt").or_at("via.json")
    }),
    kind("there are two files about one image", Voc, |case| {
        let (name, other) = (case.voc(), "Annotations/copy.xml");
        let text = case.text(&name);
        case.put(other, text);
        Expected::at("image-twice", other).or_at(name).side("image-unlisted")
    }),
    kind("a box lies outside of its image", Voc, |case| {
        let [width, height] = case.picture().size;
        put_box(case, [width + 10.0, height + 10.0, width + 50.0, height + 60.0]);
        at_object(case, "outside-image").word("outside")
    }),
    kind("a box reaches over the border", Voc, |case| {
        let bottom = case.picture().size[1] + 30.0;
        put(case, "ymax", &bottom.to_string());
        at_object(case, "beyond-border").word("30 px beyond")
    }),
    kind("an edge is negative", Voc, |case| {
        put(case, "xmin", "-12");
        at_object(case, "beyond-border").word("12 px beyond")
    }),
    kind("an image of VOC alone is deleted", Voc, |case| {
        let name = case.image_file();
        case.remove(&name);
        Expected::at("image-missing", case.voc()).word("no image file")
    }),
];

/// The text of an object.
fn object_of(case: &Case) -> String {
    let text = case.text(&case.voc());
    let (at, _) = text.match_indices("  <object>").nth(case.number).unwrap();
    let end = at + text[at..].find("</object>\n").unwrap() + "</object>\n".len();
    text[at..end].to_owned()
}

fn edit_object(case: &mut Case, edit: impl FnOnce(String) -> String) {
    let name = case.voc();
    let object = object_of(case);
    let edited = edit(object.clone());
    case.replace(&name, &object, &edited);
}

/// The line of a member of the object.
fn tag(case: &Case, name: &str) -> String {
    let object = object_of(case);
    let line = object.lines().find(|line| line.contains(&format!("<{name}>")));
    line.unwrap().to_owned() + "\n"
}

/// Puts a text into a member of the object.
fn put(case: &mut Case, name: &str, text: &str) {
    let line = tag(case, name);
    let blanks = &line[..line.find('<').unwrap()];
    let new = format!("{blanks}<{name}>{text}</{name}>\n");
    edit_object(case, |object| object.replace(&line, &new));
}

fn edit_tag(case: &mut Case, name: &str, edit: impl FnOnce(i64) -> String) {
    let line = tag(case, name);
    let number = line.split(['<', '>']).nth(2).unwrap().parse().unwrap();
    put(case, name, &edit(number));
}

fn put_box(case: &mut Case, edges: [f64; 4]) {
    for (name, edge) in std::iter::zip(["xmin", "ymin", "xmax", "ymax"], edges) {
        put(case, name, &edge.to_string());
    }
}

fn moved(case: &mut Case, distance: i64) -> Expected {
    let distance = case.inwards(distance as f64) as i64;
    for name in ["xmin", "xmax"] {
        edit_tag(case, name, |number| (number + distance).to_string());
    }
    changed(case)
}

fn changed(case: &Case) -> Expected {
    at_object(case, "box-changed").annotation(case.number).word("px off")
}

/// A finding between the first and the last line of the object.
fn at_object(case: &Case, code: &'static str) -> Expected {
    let text = case.text(&case.voc());
    let (at, _) = text.match_indices("  <object>").nth(case.number).unwrap();
    let first = text[..at].lines().count() + 1;
    Expected::at(code, case.voc()).lines(first..=first + object_of(case).lines().count())
}

fn sized(case: &mut Case, [width, height]: [f64; 2]) -> Expected {
    let name = case.voc();
    let [old_width, old_height] = case.picture().size;
    let of =
        |width: f64, height: f64| format!("<width>{width}</width>\n    <height>{height}</height>");
    case.replace(&name, &of(old_width, old_height), &of(width, height));
    let line = case.text(&name).lines().position(|line| line.contains("<size>")).unwrap();
    Expected::at("size-differs", name).line(line + 1).word("is stated")
}

fn rename(case: &mut Case, name: &str) {
    let (file, old) = (case.voc(), case.picture().name.clone());
    case.replace(&file, &format!("<filename>{old}<"), &format!("<filename>{name}<"));
}
