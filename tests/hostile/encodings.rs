//! Text in other encodings.

use crate::try_all;
use annoconv::format::{Needs, Options};
use annoconv::formats::by_name;
use std::fs;
use std::path::Path;

/// A small dataset of each format, with a letter that is no ASCII: its format, the name of the
/// file, and its text.
fn texts() -> [(&'static str, &'static str, String); 6] {
    let coco = r#"{"images":[{"id":1,"file_name":"é.jpg","width":9,"height":9}],
"categories":[{"id":1,"name":"é"}],
"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,2,2]}]}"#;
    let via = r#"{"a":{"filename":"é.jpg","size":1,
"regions":[{"shape_attributes":{"name":"rect","x":1,"y":1,"width":2,"height":2},"region_attributes":{}}]}}"#;
    let csv = "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,\
        region_attributes\né.jpg,1,{},1,0,\"{\"\"name\"\":\"\"rect\"\",\"\"x\"\":1,\"\"y\"\":1,\
        \"\"width\"\":2,\"\"height\"\":2}\",{}\n";
    let voc = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<annotation><filename>é.jpg</filename>\n\
        <size><width>9</width><height>9</height></size><object><name>é</name>\n<bndbox><xmin>1</xmin>\
        <ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object></annotation>\n";
    let (row, names) = ("0 0.5 0.5 0.2 0.2\n1 0.5 0.5 0.2 0.2\n", "é\nè\n");
    [
        ("coco", "a.json", coco),
        ("vgg", "b.json", via),
        ("vgg", "c.csv", csv),
        ("voc", "d.xml", voc),
        ("yolo", "e.txt", row),
        ("yolo", "classes.txt", names),
    ]
    .map(|(format, name, text)| (format, name, text.to_owned()))
}

/// A byte order mark and line ends of Windows change nothing; UTF-16, bytes that are no UTF-8 and,
/// where a line is a row, other line ends are refused with the place.
#[test]
fn encodings_are_read_right_or_refused() {
    for (format, name, text) in texts() {
        let folder = tempfile::tempdir().unwrap();
        if format == "yolo" {
            fs::write(folder.path().join("e.txt"), "0 0.5 0.5 0.2 0.2\n").unwrap();
            fs::write(folder.path().join("classes.txt"), "x\ny\n").unwrap();
        }
        let path = folder.path().join(name);
        let opened = if format == "yolo" { folder.path() } else { path.as_path() };
        let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(order).collect()
        };
        let latin1: Vec<u8> = text.chars().map(|char| char as u8).collect();
        for (encoding, bytes, is_read) in [
            ("UTF-8", text.clone().into_bytes(), true),
            ("with a mark", format!("\u{feff}{text}").into_bytes(), true),
            ("CRLF", text.replace('\n', "\r\n").into_bytes(), true),
            ("CR", text.replace('\n', "\r").into_bytes(), format != "yolo"),
            ("UTF-16LE", utf16(u16::to_le_bytes), false),
            ("UTF-16BE", utf16(u16::to_be_bytes), false),
            ("Latin-1", latin1, name == "e.txt"),
        ] {
            fs::write(&path, bytes).unwrap();
            let refusal = refusal(format, opened);
            assert_eq!(refusal.is_none(), is_read, "{encoding} {name}: {refusal:?}");
            let refusal = refusal.as_ref();
            let line = match encoding {
                "Latin-1" => {
                    1 + text.chars().take_while(|it| it.is_ascii()).filter(|it| *it == '\n').count()
                }
                _ => 1,
            };
            let place = format!("{name}:{line}:");
            assert!(refusal.is_none_or(|it| it.contains(&place)), "{encoding} {name}: {refusal:?}");
            try_all(opened);
        }
    }
}

/// What is said where a dataset is not read whole.
fn refusal(format: &str, path: &Path) -> Option<String> {
    let source = by_name(format).unwrap().open(path, Needs::default(), &Options::default());
    let source = match source {
        Ok(source) => source,
        Err(error) => return Some(error.to_string()),
    };
    let mut images = source.images().iter().enumerate();
    images
        .find_map(|(index, image)| source.annotations(index, image).err())
        .map(|it| it.to_string())
}

/// A declared encoding holds: other bytes are not taken for UTF-8 by chance.
#[test]
fn a_declaration_of_latin_1_is_read_right_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xml");
    let text = |name: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<annotation><filename>{name}</filename>\
             <size><width>9</width><height>9</height></size></annotation>"
        )
    };
    let latin1: Vec<u8> = text("é.jpg").chars().map(|char| char as u8).collect();
    for (bytes, is_read) in
        [(text("e.jpg").into_bytes(), true), (text("é.jpg").into_bytes(), false), (latin1, false)]
    {
        fs::write(&path, bytes).unwrap();
        let refusal = refusal("voc", &path);
        assert_eq!(refusal.is_none(), is_read);
        assert!(refusal.is_none_or(|it| it.contains("a.xml:")));
        try_all(&path);
    }
}
