//! Very many of everything.

use annoconv::convert::{self, Job};
use annoconv::finding::Finding;
use annoconv::formats::{FORMATS, by_name};
use annoconv::rules::Rule;
use annoconv::validate::{self, Request};
use std::fs;
use std::io::{BufWriter, Write};
use std::time::Instant;

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
        let job = Job::new(&path, *format, &output);
        assert_eq!(convert::run(&job).unwrap().annotations_written, many);
        eprintln!("{many} annotations of an image to {}: {:.1?}", format.name(), started.elapsed());
        let _ = fs::remove_dir_all(&output);
    }
    let started = Instant::now();
    let judged = validate::run(&Request { paths: vec![path], ..Request::default() }).unwrap();
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
        let job = Job::new(&path, by_name(format).unwrap(), &output);
        convert::run(&job).unwrap();
    }
    let started = Instant::now();
    let paths = vec![folder.path().to_path_buf()];
    let judged = validate::run(&Request { paths, ..Request::default() }).unwrap();
    assert!(judged.agreement.iter().all(|row| row.agree == many && row.disagree == 0));
    assert_eq!(judged.agreement.len(), 3);
    let of_rule = judged.findings.iter().filter(|finding| finding.rule == Rule::DuplicateObject);
    let counts: Vec<usize> = of_rule.map(Finding::count).collect();
    assert_eq!(counts, [many - 1; 4]);
    eprintln!("{many} objects of one place in four formats judged: {:.1?}", started.elapsed());
}
