//! Faults in texts and tables of other formats than COCO.

use crate::{codes, counts, mend, place, png};
use std::fs;

/// A fault in a file of another format, and the mended text.
type TextSeed<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, &'a str);

/// Mends datasets, and compares one file of each with what is expected.
fn mends_texts(seeds: &[TextSeed]) {
    for (code, files, name, expected) in seeds {
        let folder = place(files);
        assert!(codes(folder.path()).contains(code), "{code}: {:?}", codes(folder.path()));
        let fix = mend(folder.path());
        assert!(counts(&fix.mended).iter().any(|(it, _)| it == code), "{code}: {fix:?}");
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(text, *expected, "{code}");
        assert!(!codes(folder.path()).contains(code), "{code}");
    }
}

#[test]
fn rows_of_yolo_are_mended_one_by_one() {
    let classes = ("labels/classes.txt", "cat\n");
    let twice = "0 0.5000 0.5000 0.2000 0.2000\r\n0 0.3000 0.3 0.1 0.1000\r\n0 0.5 0.5 0.2 0.2\r\n";
    let beyond = "0 0.95 0.5 0.2 0.2 \n0 0.30 0.3 0.1 0.1\n";
    let mixed = "0 0.1 0.1 0.5 0.1 0.3 0.4\n0 0.5 0.5 0.2 0.2\n0 0.1 0.1 0.5 0.1 0.3 0.4 0.2 0.3\n";
    let row = "0 0.5 0.5 0.2 0.2\n";
    mends_texts(&[
        (
            "class-count",
            &[("data.yaml", "nc: 2\nnames: [cat]\n"), ("labels/a.txt", row)],
            "data.yaml",
            "nc: 1\nnames: [cat]\n",
        ),
        ("name-differs", &[classes, ("labels/A.txt", row)], "labels/a.txt", row),
        (
            "duplicate-object",
            &[classes, ("labels/a.txt", twice)],
            "labels/a.txt",
            "0 0.5000 0.5000 0.2000 0.2000\r\n0 0.3000 0.3 0.1 0.1000\r\n",
        ),
        (
            "beyond-border",
            &[classes, ("labels/a.txt", beyond)],
            "labels/a.txt",
            "0 0.925000 0.500000 0.150000 0.200000 \n0 0.30 0.3 0.1 0.1\n",
        ),
        (
            "mixed-rows",
            &[classes, ("labels/a.txt", mixed)],
            "labels/a.txt",
            "0 0.1 0.1 0.5 0.1 0.3 0.4\n\
             0 0.400000 0.400000 0.600000 0.400000 0.600000 0.600000 0.400000 0.600000\n\
             0 0.1 0.1 0.5 0.1 0.3 0.4 0.2 0.3\n",
        ),
    ]);
}

#[test]
fn elements_of_voc_are_mended_one_by_one() {
    let object = |x_max: &str| {
        format!(
            "  <object>\n    <name>cat</name>\n    <bndbox><xmin>150</xmin><ymin>10</ymin>\
             <xmax>{x_max}</xmax><ymax>60</ymax></bndbox>\n  </object>\n"
        )
    };
    let file = |name: &str, width: u32, objects: &[&str]| {
        let objects: String = objects.iter().map(|x_max| object(x_max)).collect();
        format!(
            "<annotation>\n  <!-- drawn by me -->\n  <filename>{name}</filename>\n  <size><width>{width}</width>\
             <height>100</height><depth>3</depth></size>\n{objects}</annotation>\n"
        )
    };
    for (code, broken, mended) in [
        ("duplicate-object", file("a.png", 200, &["190", "190"]), file("a.png", 200, &["190"])),
        ("beyond-border", file("a.png", 200, &["210"]), file("a.png", 200, &["200"])),
        ("size-differs", file("a.png", 201, &[]), file("a.png", 200, &[])),
    ] {
        let other = file("b.png", 120, &["110"]).replace(">100<", ">80<").replace("150", "15");
        let files = [("xml/a.xml", &*broken), ("xml/b.xml", &*other)];
        mends_texts(&[(code, &files, "xml/a.xml", &mended)]);
        mends_texts(&[(code, &files, "xml/b.xml", &other)]);
    }
}

#[test]
fn values_of_via_are_mended_one_by_one() {
    let rect = |x: u32| {
        format!(
            "{{\"shape_attributes\":{{\"name\":\"rect\",\"x\":{x},\"y\":10,\"width\":40,\"height\":20}},\
             \"region_attributes\":{{\"label\":\"cat\"}}}}"
        )
    };
    let via = |key: &str, name: &str, size: u32, regions: &str| {
        format!(
            "{{\"{key}\": {{\"filename\": \"{name}\", \"size\": {size}, \"regions\": {regions}}}}}\n"
        )
    };
    let length = png(1, 1).len() as u32;
    let one = format!("[{}]", rect(20));
    let clipped = rect(180).replace("\"width\":40", "\"width\":20");
    for (code, broken, mended) in [
        (
            "length-differs",
            via("a.png7", "a.png", 7, &one),
            via(&format!("a.png{length}"), "a.png", length, &one),
        ),
        (
            "beyond-border",
            via("a.png", "a.png", length, &format!("[{}]", rect(180))),
            via("a.png", "a.png", length, &format!("[{clipped}]")),
        ),
        (
            "duplicate-object",
            via("a.png", "a.png", length, &format!("[{}, {},{}]", rect(20), rect(20), rect(60))),
            via("a.png", "a.png", length, &format!("[{},{}]", rect(20), rect(60))),
        ),
        (
            "duplicate-object",
            via("a.png", "a.png", length, &format!("{{\"0\": {}, \"1\": {}}}", rect(20), rect(20))),
            via("a.png", "a.png", length, &format!("{{\"0\": {}}}", rect(20))),
        ),
        (
            "illegal-name",
            via("images\\\\a.png7", "images\\\\a.png", length, &one),
            via("images\\\\a.png7", "images/a.png", length, &one),
        ),
    ] {
        mends_texts(&[(code, &[("via.json", &broken)], "via.json", &mended)]);
    }
}
