//! Causes that are told once for a part are mended in all its objects.

use super::{breaches::Breaches, parts};
use crate::error::Place;
use crate::finding::Finding;
use crate::rules::Rule;
use crate::validate::Request;
use std::fs;
use std::path::Path;

/// A PNG file of 200 by 100 pixels, as far as its header goes.
fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend([0, 0, 0, 200, 0, 0, 0, 100, 8, 0, 0, 0, 0]);
    bytes.extend(b"----\0\0\0\0IEND\xAE\x42\x60\x82");
    bytes
}

/// Mends what a finding about a file says, and returns all files that change, with their names.
fn mended(files: &[(&str, &str)], rule: Rule, message: &str, at: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("images")).unwrap();
    fs::write(root.join("images/a.png"), png()).unwrap();
    for (name, text) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut place = Place::of_file(&root.join(at));
    if matches!(rule, Rule::NameDiffers | Rule::ImageTwice | Rule::ShapeBeyondBorder) {
        // As the program places it: the record's own place, which is looked up by a finding of it.
        place = place_of(root, at, rule);
    }
    let found = Finding::new(rule, message, place).of_image("a.png");
    let mut breaches = Breaches::of(vec![found]);
    let request = Request { paths: vec![root.to_path_buf()], ..Request::default() };
    let (patches, _) = parts::mend(&request, &mut breaches).unwrap();
    let fix = super::Fix { patches, ..super::Fix::default() };
    let changed = fix.changed();
    assert_eq!(breaches.all[0].is_mended, !changed.is_empty(), "{} {files:?}", rule.code());
    let name = |path: &Path| path.strip_prefix(root).unwrap().display().to_string();
    let text = |it: &super::Changed| String::from_utf8(it.bytes().unwrap()).unwrap();
    changed.iter().map(|it| (name(&it.to), text(it))).collect()
}

/// The place of the first image or annotation of a part, or of its second image.
fn place_of(root: &Path, at: &str, rule: Rule) -> Place {
    use crate::format::{Chosen, Field, Run, Spot, Wants};
    let (discovery, _) = crate::dataset::find::find_all(root).unwrap();
    let own = |part: &&crate::dataset::FoundPart| {
        part.files.files.contains(&root.join(at)) || part.files.shown == root.join(at)
    };
    let part = discovery.parts.iter().find(own).unwrap();
    let run = Run { is_tolerant: true, ..Run::default() };
    let source = part.format.open(&part.files, &Chosen::new(), Wants::ALL, &run).unwrap().source;
    match rule {
        Rule::ImageTwice => source.place(Spot::Image(1, Field::Name)),
        Rule::ShapeBeyondBorder => {
            let image = source.image(0).unwrap();
            let read = source.read(0, &image).unwrap().all().unwrap();
            source.place(Spot::Annotation(0, &read[0], Field::Shape))
        }
        _ => source.place(Spot::Image(0, Field::Name)),
    }
}

fn coco(image: &str, members: &str) -> String {
    format!(
        "{{\"images\": [{image}],\n\"categories\": [{{\"id\": 0, \"name\": \"x\"}}, {{\"id\": 1, \"name\": \"y\"}}, \
         {{\"id\": 7, \"name\": \"z\"}}],\n\"annotations\": [{{\"id\": 1, \"image_id\": 1, \"category_id\": 1, {members}}}]}}"
    )
}

const IMAGE: &str = r#"{"id": 1, "file_name": "a.png", "width": 200, "height": 100}"#;

#[test]
fn causes_in_coco_are_mended_in_all_objects() {
    let ring = "\"segmentation\": [[10, 20, 60, 20, 60, 50]]";
    for (rule, message, broken, expected) in [
        (Rule::CornersAsSize, "", "\"bbox\": [10, 20, 60, 50]", "\"bbox\": [10, 20, 50, 30]"),
        (Rule::CentreAsCorner, "", "\"bbox\": [35,35,50,30]", "\"bbox\": [10,20,50,30]"),
        (
            Rule::WrongUnit,
            "fractions",
            "\"bbox\": [0.05, 0.2, 0.25, 0.3]",
            "\"bbox\": [10, 20, 50, 30]",
        ),
        (Rule::WrongUnit, "in percent", "\"bbox\": [5, 20, 25, 30]", "\"bbox\": [10, 20, 50, 30]"),
        (
            Rule::BelowAPixel,
            "",
            "\"bbox\": [0.05, 0.2, 0.25, 0.3], \"area\": 0.075",
            "\"bbox\": [10, 20, 50, 30], \"area\": 1500",
        ),
        (
            Rule::AreaWithoutRule,
            "",
            "\"area\": 0, \"segmentation\": [[10, 20, 60, 20, 60, 50]]",
            "\"area\": 750, \"segmentation\": [[10, 20, 60, 20, 60, 50]]",
        ),
        (
            Rule::AllCrowd,
            "",
            "\"iscrowd\": 1, \"bbox\": [10, 20, 50, 30]",
            "\"iscrowd\": 0, \"bbox\": [10, 20, 50, 30]",
        ),
        (
            Rule::ShapeBeyondBorder,
            "",
            "\"bbox\": [10, 20, 190, 30], \"segmentation\": [[10,20,210,20,210,50,10,50]]",
            "\"bbox\": [10, 20, 190, 30], \"segmentation\": [[10,20,200,20,200,50,10,50]]",
        ),
    ] {
        let found = mended(&[("coco.json", &coco(IMAGE, broken))], rule, message, "coco.json");
        let (_, text) = found.first().cloned().unwrap_or_default();
        assert_eq!(text, coco(IMAGE, expected), "{}", rule.code());
    }
    // A box that is no fraction is not one in fractions.
    let plain = coco(IMAGE, &format!("\"bbox\": [10, 20, 50, 30], {ring}"));
    assert_eq!(mended(&[("coco.json", &plain)], Rule::WrongUnit, "fractions", "coco.json"), []);
}

#[test]
fn categories_are_numbered_from_1() {
    let broken = coco(IMAGE, "\"bbox\": [10, 20, 50, 30]");
    let found = mended(&[("coco.json", &broken)], Rule::ZeroCategoryId, "", "coco.json");
    let expected = broken
        .replace("{\"id\": 1, \"name\"", "{\"id\": 2, \"name\"")
        .replace("{\"id\": 0, \"name\"", "{\"id\": 1, \"name\"")
        .replace("\"category_id\": 1", "\"category_id\": 2");
    assert_eq!(found, [("coco.json".to_owned(), expected)]);
}

#[test]
fn two_records_of_one_image_become_one() {
    let again = r#"{"id": 2, "file_name": "a.png", "width": 200, "height": 100}"#;
    let first = "\"bbox\": [10, 20, 50, 30]";
    let more = |image: u32| {
        format!(
            "{first}}}, {{\"id\": 2, \"image_id\": {image}, \"category_id\": 1, \"bbox\": [90, 20, 50, 30]"
        )
    };
    let same = format!("{}}}, {{\"id\": 3, \"image_id\": 2, \"category_id\": 1, {first}", more(2));
    let broken = coco(&format!("{IMAGE},\n{again}"), &same);
    let found = mended(&[("coco.json", &broken)], Rule::ImageTwice, "", "coco.json");
    assert_eq!(found, [("coco.json".to_owned(), coco(IMAGE, &more(1)))]);
    let other = again.replace("200", "201");
    let broken = coco(&format!("{IMAGE},\n{other}"), &same);
    assert_eq!(mended(&[("coco.json", &broken)], Rule::ImageTwice, "", "coco.json"), []);
}

#[test]
fn causes_in_yolo_are_mended_in_all_rows() {
    let names = ("labels/classes.txt", "x\n");
    let row = "0 0.175000 0.350000 0.250000 0.300000\n";
    for (rule, message, broken) in [
        (Rule::CornersAsSize, "", "0 0.05 0.2 0.3 0.5\n"),
        (Rule::CornerAsCentre, "", "0 0.05 0.2 0.25 0.3\n"),
        (Rule::WrongUnit, "pixels", "0 35 35 50 30\n"),
        (Rule::WrongUnit, "percent", "0 17.5 35 25 30\n"),
    ] {
        let found = mended(&[names, ("labels/a.txt", broken)], rule, message, "labels");
        assert_eq!(found, [("labels/a.txt".to_owned(), row.to_owned())], "{}", rule.code());
    }
    let found = mended(&[names, ("labels/A.txt", row)], Rule::NameDiffers, "", "labels/A.txt");
    assert_eq!(found, [("labels/a.txt".to_owned(), row.to_owned())]);
    let yaml = "nc: 3 # three\nnames: [x]\ntrain: images\n";
    let files = [("data.yaml", yaml), ("labels/a.txt", row)];
    let found = mended(&files, Rule::ClassCount, "", "data.yaml");
    assert_eq!(found, [("data.yaml".to_owned(), yaml.replace('3', "1"))]);
}

#[test]
fn causes_in_voc_and_via_are_mended_in_all_objects() {
    let voc = |name: &str, x_max: u32, y_max: u32| {
        format!(
            "<annotation><filename>{name}</filename><object><name>x</name><bndbox><xmin>10</xmin>\
             <ymin>20</ymin><xmax>{x_max}</xmax><ymax>{y_max}</ymax></bndbox></object></annotation>"
        )
    };
    let via = |name: &str| {
        format!(
            "{{\"{name}\":{{\"filename\":\"{name}\",\"size\":-1,\"regions\":[{{\"shape_attributes\":\
             {{\"name\":\"rect\",\"x\":1,\"y\":1,\"width\":4,\"height\":4}},\"region_attributes\":{{}}}}]}}}}"
        )
    };
    for (rule, at, file, broken, expected) in [
        (Rule::SizeAsCorners, "xml", "xml/a.xml", voc("a.png", 50, 30), voc("a.png", 60, 50)),
        (Rule::NameDiffers, "xml/a.xml", "xml/a.xml", voc("A.PNG", 50, 30), voc("a.png", 50, 30)),
        (Rule::NameDiffers, "via.json", "via.json", via("A.PNG"), via("a.png")),
    ] {
        let found = mended(&[(file, &broken)], rule, "", at);
        assert_eq!(found, [(file.to_owned(), expected)], "{} {at}", rule.code());
    }
}
