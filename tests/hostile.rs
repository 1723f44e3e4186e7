//! Input from strangers: whatever a file says, there is an answer, and no panic.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests panic and tell"
)]

mod support;

use annoconv::convert::{self, Job, Mode};
use annoconv::files;
use annoconv::format::{MissingImages, Needs, Options, Source};
use annoconv::formats::{FORMATS, by_name};
use annoconv::geometry::Size;
use annoconv::model::Image;
use annoconv::rules::Rule;
use annoconv::validate::{self, Request};
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;
use support::fixtures;

/// Reads all of a file or folder as one format, in every way in which that can be asked for;
/// whether all of it could be read.
fn reads(format: &str, path: &Path) -> bool {
    let format = by_name(format).unwrap();
    let read = |source: Box<dyn Source>| {
        let mut images = source.images().iter().enumerate();
        images.all(|(index, image)| {
            let image =
                Image { size: image.size.or(Some(Size { width: 9, height: 9 })), ..image.clone() };
            let _ = source.members(index);
            source.annotations(index, &image).is_ok()
        })
    };
    let boxes = Needs { boxes_only: true, counts_members: true, ..Needs::default() };
    for (needs, tolerant) in [(boxes, false), (boxes, true), (Needs::default(), true)] {
        let _ = format.open(path, needs, &Options { tolerant, ..Options::default() }).map(read);
    }
    format.open(path, Needs::default(), &Options::default()).is_ok_and(read)
}

/// Opens it in every way: as each format, by conversion, and to be judged.
fn try_all(path: &Path) {
    for format in FORMATS {
        format.detect(path);
        reads(format.name(), path);
        let output = path.with_file_name("out.json");
        let mut job = Job::new(*format, path, by_name("coco").unwrap(), &output);
        job.mode = Mode::DryRun { overwrite: false, prune: false };
        job.options.missing_images = MissingImages::Skip;
        let _ = convert::run(&job);
    }
    let _ = validate::run(&Request { path: Some(path.into()), ..Request::default() });
}

/// A JSON or XML file that ends early is an error; a table or a label file may be whole without
/// its end. Nothing panics.
#[test]
fn every_truncation_of_every_fixture_is_survived_and_refused_where_it_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let (mut tried, mut refused) = (0, 0);
    for fixture in files::walk(&fixtures()).unwrap() {
        let extension = fixture.extension().and_then(|it| it.to_str()).unwrap_or_default();
        let format = match extension {
            "json" if fixture.to_string_lossy().contains("coco") => "coco",
            "json" | "csv" => "vgg",
            "xml" => "voc",
            "txt" if !fixture.ends_with("commands.txt") => "yolo",
            _ => continue,
        };
        let bytes = fs::read(&fixture).unwrap();
        // What follows the last bracket may be missing.
        let needed = bytes.trim_ascii_end().len();
        let own = folder.path().join(format);
        fs::create_dir_all(&own).unwrap();
        if format == "yolo" {
            fs::write(own.join("a.txt"), "0 0.5 0.5 0.2 0.2\n").unwrap();
            fs::write(own.join("classes.txt"), "x\ny\nz\n").unwrap();
        }
        let is_list = ["classes.txt", "labels.txt"].iter().any(|name| fixture.ends_with(name));
        let name = if is_list { "classes" } else { "a" };
        let path = own.join(format!("{name}.{extension}"));
        let opened = if matches!(format, "voc" | "yolo") { &own } else { &path };
        for length in 0..needed {
            fs::write(&path, &bytes[..length]).unwrap();
            let is_read = reads(format, opened);
            if matches!(extension, "json" | "xml") {
                assert!(!is_read, "{} up to byte {length}", fixture.display());
                refused += 1;
            }
            tried += 1;
        }
        fs::write(&path, &bytes).unwrap();
        // A polygon of four points could be another thing where no other row tells.
        let is_whole = reads(format, opened) || fixture.to_string_lossy().contains("segment");
        assert!(is_whole, "{}", fixture.display());
        // It must not be read with the next one.
        fs::remove_dir_all(&own).unwrap();
    }
    eprintln!("{tried} truncations tried, {refused} of them had to be refused");
    assert!(tried > 20_000 && refused > 15_000, "{tried}, {refused}");
}

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
        (annotation(&format!("\"segmentation\":[{digits}]")), "number out of range"),
        (annotation(&format!("\"bbox\":[{digits},1,1,1]")), "number out of range"),
        (annotation(r#""segmentation":{"size":[65536,65536],"counts":[4294967295,2]}"#), "add up"),
        (annotation(r#""segmentation":{"size":[3,3],"counts":[4294967295,4294967295]}"#), "add up"),
        (
            annotation(r#""segmentation":{"size":[3,3],"counts":"~~~~~~~~~~~~~~~~~~~~~~~~~~"}"#),
            "a character from",
        ),
        (annotation(&format!("\"bbox\":\"{long}\"")), "numbers"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    for (number, (text, expected)) in cases.iter().enumerate() {
        fs::write(&path, text).unwrap();
        let source = by_name("coco").unwrap().open(&path, Needs::default(), &Options::default());
        let error = match source {
            Err(error) => error,
            Ok(source) => source.annotations(0, &source.images()[0]).unwrap_err(),
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
        let opened =
            by_name("yolo").unwrap().open(folder.path(), Needs::default(), &Options::default());
        let shown = opened.err().unwrap().to_string();
        assert!(shown.contains(expected) && shown.len() < 4000, "case {number}: {shown:.300}");
    }
}

/// How many annotations one image is given; `ANNOCONV_MANY` states another number.
fn many() -> usize {
    std::env::var("ANNOCONV_MANY").map_or(50_000, |many| many.parse().unwrap())
}

/// A list of so many JSON texts, written one by one.
fn write_list(out: &mut impl Write, name: &str, count: usize, one: impl Fn(usize) -> String) {
    write!(out, ",\"{name}\":[").unwrap();
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        write!(out, "{comma}{}", one(number)).unwrap();
    }
    write!(out, "]").unwrap();
}

/// A tenth as many categories as annotations, all of them in one image, are converted and judged
/// in a time that grows as they do.
#[test]
fn many_of_everything_is_no_matter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    let (many, classes) = (many(), many() / 10);
    let mut out = BufWriter::new(fs::File::create(&path).unwrap());
    write!(out, r#"{{"images":[{{"id":1,"file_name":"a.jpg","width":1000,"height":9}}]"#).unwrap();
    write_list(&mut out, "categories", classes, |id| format!(r#"{{"id":{id},"name":"{id}"}}"#));
    write_list(&mut out, "annotations", many, |id| {
        let (x, class) = (id % 1000, id % classes);
        format!(r#"{{"id":{id},"image_id":1,"category_id":{class},"bbox":[{x},0,1,1]}}"#)
    });
    write!(out, "}}").unwrap();
    out.flush().unwrap();
    for format in FORMATS {
        let output = folder.path().join(format.name());
        let started = Instant::now();
        let job = Job::new(by_name("coco").unwrap(), &path, *format, &output);
        assert_eq!(convert::run(&job).unwrap().annotations_written, many);
        eprintln!("{many} annotations of an image to {}: {:.1?}", format.name(), started.elapsed());
        let _ = fs::remove_dir_all(&output);
    }
    let started = Instant::now();
    let judged = validate::run(&Request { path: Some(path), ..Request::default() }).unwrap();
    assert!(judged.findings.iter().any(|finding| finding.rule == Rule::DuplicateObject));
    eprintln!("{many} annotations of an image judged: {:.1?}", started.elapsed());
}

/// All objects of an image at one place, in every format: none is lost, and none is compared with
/// all others.
#[test]
fn a_crowd_in_every_format_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    let many = many() / 50;
    let mut out = BufWriter::new(fs::File::create(&path).unwrap());
    write!(out, r#"{{"images":[{{"id":1,"file_name":"a.jpg","width":10,"height":10}}]"#).unwrap();
    write_list(&mut out, "categories", 1, |_| r#"{"id":1,"name":"x"}"#.to_owned());
    write_list(&mut out, "annotations", many, |id| {
        format!(r#"{{"id":{},"image_id":1,"category_id":1,"bbox":[1,2,4,5]}}"#, id + 1)
    });
    write!(out, "}}").unwrap();
    out.flush().unwrap();
    for (format, name) in [("yolo", "labels"), ("voc", "voc"), ("vgg", "via.json")] {
        let output = folder.path().join(name);
        let job = Job::new(by_name("coco").unwrap(), &path, by_name(format).unwrap(), &output);
        convert::run(&job).unwrap();
    }
    let started = Instant::now();
    let dataset = Some(folder.path().to_path_buf());
    let judged = validate::run(&Request { path: dataset, ..Request::default() }).unwrap();
    assert!(judged.agreement.iter().all(|row| row.agree == many && row.disagree == 0));
    assert_eq!(judged.agreement.len(), 3);
    let of_rule = |rule| judged.findings.iter().filter(|finding| finding.rule == rule).count();
    assert_eq!(of_rule(Rule::DuplicateObject), 4 * (many - 1));
    eprintln!("{many} objects of one place in four formats judged: {:.1?}", started.elapsed());
}

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
        let read =
            by_name("voc").unwrap().open(folder.path(), Needs::default(), &Options::default());
        let error = match read {
            Err(error) => error,
            Ok(source) => source.annotations(0, &source.images()[0]).unwrap_err(),
        };
        let shown = error.to_string();
        let is_placed = shown.contains("a.xml:1:");
        assert!(shown.contains(expected) && is_placed, "case {number}: {:.300}", shown);
        try_all(&path);
    }
}

/// The header of an image with an orientation, whose EXIF data leads back to itself or outside.
fn jpeg(next: u32, count: u32) -> Vec<u8> {
    let field = [&[1, 0x12, 0, 3][..], &count.to_be_bytes(), &[0, 6, 0, 0]].concat();
    let directory = [&[0, 1][..], &field, &next.to_be_bytes()].concat();
    let exif = [b"Exif\0\0MM\0*\0\0\0\x08".as_slice(), &directory].concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let frame = [0xff, 0xc0, 0, 11, 8, 0, 8, 0, 10, 1, 1, 0x11, 0];
    [&[0xff, 0xd8, 0xff, 0xe1][..], &length, &exif, &frame, &[0xff, 0xd9]].concat()
}

/// A header is believed or refused; nothing is allocated for the pixels that it claims.
#[test]
fn image_headers_cost_nothing_whatever_they_claim() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    let png = |width: u32, height: u32| {
        let start = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice();
        [start, &width.to_be_bytes(), &height.to_be_bytes(), &[8, 0, 0, 0, 0, 0, 0, 0, 0]].concat()
    };
    for (bytes, expected) in [
        (png(u32::MAX, u32::MAX), Some((u32::MAX, u32::MAX))),
        (png(0, 1), None),
        (jpeg(0, 1), Some((8, 10))),
        (jpeg(8, 1), Some((8, 10))),
        (jpeg(u32::MAX, 1), Some((8, 10))),
        (jpeg(0, u32::MAX), Some((10, 8))),
    ] {
        fs::write(&path, &bytes).unwrap();
        let measured = annoconv::images::measure(&path).ok();
        assert_eq!(measured.map(|it| (it.size.width, it.size.height)), expected);
        for length in 0..bytes.len() {
            fs::write(&path, &bytes[..length]).unwrap();
            let _ = annoconv::images::measure(&path);
        }
    }
}

/// A TIFF file, whose directory may come last, with an orientation of a quarter turn.
#[test]
fn a_big_tiff_is_measured_without_its_pixels() {
    let pixels = 64 << 20;
    let at = u32::try_from(8 + pixels).unwrap();
    let field = |tag: u16, value: u16| {
        [&tag.to_le_bytes()[..], &[3, 0, 1, 0, 0, 0], &value.to_le_bytes(), &[0, 0]].concat()
    };
    let fields = [field(0x100, 30), field(0x101, 20), field(0x112, 6)].concat();
    let head = [b"II*\0".as_slice(), &at.to_le_bytes()].concat();
    let directory = [&[3, 0][..], &fields, &[0; 4]].concat();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    fs::write(&path, [head, vec![0; pixels], directory].concat()).unwrap();
    let measured = annoconv::images::measure(&path).unwrap();
    assert_eq!((measured.size.width, measured.size.height), (20, 30));
    assert_eq!(measured.orientation, 6);
}

/// A box or a mask in an image of 2^32 pixels a side is written, or refused, without a bitmap.
#[test]
fn the_largest_image_is_converted_without_its_pixels() {
    let side = u32::MAX;
    let text = format!(
        r#"{{"images":[{{"id":1,"file_name":"a.jpg","width":{side},"height":{side}}}],"categories":[{{"id":1,"name":"x"}}],
"annotations":[{{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,{side},{side}]}},
{{"id":2,"image_id":1,"category_id":1,"segmentation":{{"size":[2,2],"counts":[1,1,2]}}}}]}}"#
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    fs::write(&path, text).unwrap();
    for format in FORMATS {
        let output = folder.path().join(format.name());
        let job = Job::new(by_name("coco").unwrap(), &path, *format, &output);
        let report = convert::run(&job).unwrap();
        // VIA has no masks, and the mask is not of the image's size.
        let written = if format.name() == "vgg" { 1 } else { 2 };
        assert_eq!(report.annotations_read, 2, "{}", format.name());
        assert_eq!(report.annotations_written, written, "{}", format.name());
    }
    try_all(&path);
}
