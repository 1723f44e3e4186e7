//! What is refused by its form.

use crate::support::{annotations, open_as};
use crate::try_all;
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
