//! What is refused by its form.

use crate::support::{annotations, open_as};
use crate::try_all;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fs;

/// What is refused by its form has its place, and takes no longer than its length says.
#[test]
fn bombs_are_refused_with_their_place() {
    let deep = "[".repeat(200_000);
    let long = "x".repeat(100 << 20);
    let digits = "9".repeat(1 << 20);
    let annotation = |member: &str| {
        format!(
            r#"{{"images":[{{"id":1,"file_name":"a.jpg","width":9,"height":9}}],"categories":[{{"id":1,"name":"x"}}],
"annotations":[{{"id":1,"image_id":1,"category_id":1,{member}}}]}}"#
        )
    };
    let cases = [
        (format!("{{\"images\":{deep}"), "at most 128 levels"),
        (annotation(&format!("\"bbox\":{deep}")), "at most 128 levels"),
        (annotation(&format!("\"segmentation\":[{digits}]")), "a number below 1.8e308"),
        (annotation(&format!("\"bbox\":[{digits},1,1,1]")), "a number below 1.8e308"),
        (annotation(r#""segmentation":{"size":[65536,65536],"counts":[4294967295,2]}"#), "add up"),
        (annotation(r#""segmentation":{"size":[3,3],"counts":[4294967295,4294967295]}"#), "add up"),
        (
            annotation(r#""segmentation":{"size":[3,3],"counts":"~~~~~~~~~~~~~~~~~~~~~~~~~~"}"#),
            "a character from",
        ),
        (annotation(&format!("\"bbox\":\"{long}\"")), "a list [x, y, width, height]"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    for (number, (text, expected)) in cases.iter().enumerate() {
        fs::write(&path, text).unwrap();
        let error = match open_as("coco", &path) {
            Err(error) => error,
            Ok(source) => annotations(source.as_ref(), 0, &source.images()[0]).unwrap_err(),
        };
        let shown = error.to_string();
        assert!(shown.contains(expected) && shown.len() < 4000, "case {number}: {shown:.300}");
    }
}

/// The class list of a YOLO dataset is YAML: its aliases multiply no more than a bound, and its
/// nesting overflows no stack.
#[test]
fn yaml_bombs_are_refused_with_their_place() {
    let mut laughs = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for (name, last) in ('b'..='k').zip('a'..) {
        let alias = format!("*{last},").repeat(9);
        laughs.push_str(&format!("{name}: &{name} [{alias}]\n"));
    }
    let deep = "[".repeat(200_000);
    let cases = [
        (format!("{laughs}names: *k\n"), "data.yaml:6:"),
        (format!("{laughs}names: [x]\n"), "data.yaml:6:"),
        (format!("names: {deep}"), "data.yaml:1:"),
        (format!("x: {}\nnames: [x]", "{x: ".repeat(200_000)), "data.yaml:1:"),
        ("names: &a [*a, x]\n".to_owned(), "data.yaml:1:12: "),
        ("a: &a {<<: *a}\nnames: [x]\n".to_owned(), "data.yaml:1:12: "),
        ("names: {4000000000: x}\n".to_owned(), "expected number 0, found 4000000000"),
    ];
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "0 0.5 0.5 0.1 0.1\n").unwrap();
    for (number, (text, expected)) in cases.iter().enumerate() {
        fs::write(folder.path().join("data.yaml"), text).unwrap();
        let shown = open_as("yolo", folder.path()).err().unwrap().to_string();
        assert!(shown.contains(expected) && shown.len() < 4000, "case {number}: {shown:.300}");
    }
}

/// A document type's own entities are not looked up, in this file or in another: each is refused.
#[test]
fn entities_are_never_expanded_and_nesting_is_bounded() {
    let doubled = |level: usize| format!("<!ENTITY e{} \"&e{level};&e{level};\">", level + 1);
    let bomb: String = (0..64).map(doubled).collect();
    let secret = "<!ENTITY s SYSTEM \"file:///etc/hostname\">";
    let with = |declared: &str, name: &str| {
        format!("<!DOCTYPE a [{declared}]><annotation><filename>{name}</filename></annotation>")
    };
    let cases = [
        (with(&format!("<!ENTITY e0 \"ha\">{bomb}"), "&e64;"), "e64"),
        (with(secret, "&s;"), "&s;"),
        (with("<!ENTITY % p SYSTEM \"http://localhost/\"> %p;", "&q;"), "q"),
        ("<a>".repeat(200_000), "at most 32 levels"),
        (format!("<annotation>{}", "<object>".repeat(200_000)), "at most 32 levels"),
        (format!("<annotation><filename>&#x{};", "1".repeat(1 << 20)), "one of &lt;"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xml");
    for (number, (text, expected)) in cases.iter().enumerate() {
        fs::write(&path, text).unwrap();
        let error = match open_as("voc", folder.path()) {
            Err(error) => error,
            Ok(source) => annotations(source.as_ref(), 0, &source.images()[0]).unwrap_err(),
        };
        let shown = error.to_string();
        let is_placed = shown.contains("a.xml:1:");
        assert!(shown.contains(expected) && is_placed, "case {number}: {:.300}", shown);
        try_all(&path);
    }
}

/// A grey PNG of 8 bits a pixel, of rows of one value each.
fn png(width: u32, height: u32, row: impl Fn(u32) -> u8) -> Vec<u8> {
    use std::io::Write;
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().unwrap();
    let mut stream = writer.stream_writer().unwrap();
    (0..height).for_each(|y| stream.write_all(&vec![row(y); width as usize]).unwrap());
    stream.finish().unwrap();
    writer.finish().unwrap();
    out
}

/// A LabelMe file of one mask, from 0, 0 to `last`, of an image of so many pixels a side.
fn labelme(side: u32, last: u32, mask: &str) -> String {
    format!(
        r#"{{"imagePath":"a.jpg","imageData":null,"imageHeight":{side},"imageWidth":{side},
"shapes":[{{"label":"x","shape_type":"mask","points":[[0,0],[{last},{last}]],"mask":"{mask}"}}]}}"#
    )
}

/// A mask that is no PNG, or is larger than it may be, is refused with its place, before memory is taken for it.
#[test]
fn masks_that_are_no_masks_are_refused_with_their_place() {
    let whole = png(9, 9, |y| (y % 2) as u8);
    let text = STANDARD.encode(&whole);
    let wide = STANDARD.encode(png(20_000, 20_000, |_| 0));
    let striped = STANDARD.encode(png(11_000, 11_000, |y| (y % 2) as u8));
    assert!(wide.len() < 8 << 20);
    let cases = [
        (labelme(9, 8, "~~~~"), "expected base64"),
        (labelme(9, 8, ""), "expected a PNG file"),
        (labelme(9, 8, &"A".repeat(100 << 20)), "expected a PNG file"),
        (labelme(5, 8, &text), "expected a PNG of at most 5x5, found 9x9"),
        (labelme(9, 5, &text), "expected a PNG of 6x6, as its box, found 9x9"),
        (labelme(9, 19_999, &wide), "expected a PNG of at most 9x9, found 20000x20000"),
        (labelme(u32::MAX, 19_999, &wide), "expected at most 134217728 pixels, found 20000x20000"),
        (labelme(11_000, 10_999, &striped), "expected a mask of at most 16777216 runs, found more"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    for (number, (text, expected)) in cases.iter().enumerate() {
        fs::write(&path, text).unwrap();
        let source = open_as("labelme", folder.path()).unwrap();
        let error = annotations(source.as_ref(), 0, &source.images()[0]).unwrap_err().to_string();
        let is_placed = error.contains("a.json:2:");
        assert!(
            error.contains(expected) && is_placed && error.len() < 4000,
            "{number}: {error:.300}"
        );
    }
    fs::write(&path, labelme(9, 8, &text)).unwrap();
    let source = open_as("labelme", folder.path()).unwrap();
    assert!(annotations(source.as_ref(), 0, &source.images()[0]).is_ok());
    for end in 0..whole.len() - 12 {
        fs::write(&path, labelme(9, 8, &STANDARD.encode(&whole[..end]))).unwrap();
        let source = open_as("labelme", folder.path()).unwrap();
        assert!(annotations(source.as_ref(), 0, &source.images()[0]).is_err(), "{end}");
    }
    try_all(&path);
}
