//! Text in other encodings.

use crate::support::{annotations, open_as};
use crate::try_all;
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

/// A byte order mark and line ends of Windows change nothing, and XML may be UTF-16. Elsewhere
/// UTF-16, and everywhere bytes that are no UTF-8 and, where a line is a row, other line ends are
/// refused with the place.
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
            ("UTF-16LE", utf16(u16::to_le_bytes), format == "voc"),
            ("UTF-16BE", utf16(u16::to_be_bytes), format == "voc"),
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
    let source = match open_as(format, path) {
        Ok(source) => source,
        Err(error) => return Some(error.to_string()),
    };
    let mut images = source.images().iter().enumerate();
    images
        .find_map(|(index, image)| annotations(source.as_ref(), index, image).err())
        .map(|it| it.to_string())
}

/// The name of the one image of a VOC file, or what is said where it is not read.
fn voc_name(path: &Path) -> Result<String, String> {
    open_as("voc", path)
        .map(|source| source.images()[0].file_name.clone())
        .map_err(|error| error.to_string())
}

/// A declared encoding holds: other bytes are not taken for UTF-8 by chance.
#[test]
fn a_declared_encoding_is_read_right_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xml");
    let text = |label: &str, name: &[u8]| {
        let start = format!("<?xml version=\"1.0\" encoding=\"{label}\"?>\n<annotation><filename>");
        let end = "</filename><size><width>9</width><height>9</height></size></annotation>";
        [start.as_bytes(), name, end.as_bytes()].concat()
    };
    for (label, name, expected) in [
        ("ISO-8859-1", &b"e.jpg"[..], Ok("e.jpg")),
        ("ISO-8859-1", "é.jpg".as_bytes(), Ok("Ã©.jpg")),
        ("ISO-8859-1", b"\xe9.jpg", Ok("é.jpg")),
        ("gb2312", b"\xc3\xa8.jpg", Ok("猫.jpg")),
        ("gb2312", b"\xff.jpg", Err("a.xml:2:23: encoding: expected text in GBK")),
        ("us-ascii", b"\xe9.jpg", Err("a.xml:2:23: encoding: expected text in us-ascii")),
        ("utf-16", b"e.jpg", Err("a.xml:1:21: encoding: expected utf-16")),
        ("utf-7", b"e.jpg", Err("a.xml:1:21: encoding: expected a known encoding")),
    ] {
        fs::write(&path, text(label, name)).unwrap();
        match (voc_name(&path), expected) {
            (Ok(name), Ok(expected)) => assert_eq!(name, expected, "{label}"),
            (Err(error), Err(expected)) => assert!(error.contains(expected), "{label}: {error}"),
            (found, _) => panic!("{label}: {found:?}"),
        }
        try_all(&path);
    }
}

/// UTF-16 that ends early, at each byte, and a declaration that does not end.
#[test]
fn broken_encodings_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xml");
    let [.., (_, _, text), _, _] = texts();
    let bytes: Vec<u8> =
        format!("\u{feff}{text}").trim_end().encode_utf16().flat_map(u16::to_le_bytes).collect();
    for length in 0..bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        assert!(refusal("voc", &path).is_some(), "{length}");
    }
    for middle in [" ", "a", "encoding='x' ", "\0"] {
        fs::write(&path, format!("<?xml {}", middle.repeat(1 << 16))).unwrap();
        assert!(refusal("voc", &path).is_some(), "{middle}");
        fs::write(&path, format!("<?xml {}?><annotation/>", middle.repeat(1 << 16))).unwrap();
        try_all(&path);
    }
}
