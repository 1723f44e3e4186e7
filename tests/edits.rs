//! Edits between reading and writing: what they touch changes, and nothing else does.

#![allow(clippy::restriction, reason = "a failed test panics")]

use annoconv::convert::{self, Job, Mode};
use annoconv::edit::{Before, Bound, Edit, Rename};
use annoconv::error::{Error, Result};
use annoconv::format::{Read, Wants};
use annoconv::formats::by_name;
use annoconv::losses::{Losses, Reason};
use annoconv::model::{Annotation, Image, Verbatim};
use serde_json::{Value, json};

/// Polygons, a mask, unknown members everywhere, numbers in odd spellings.
fn dataset() -> Value {
    json!({
        "info": {"year": 2026},
        "extra": [1, 2],
        "images": [{"id": 5, "file_name": "a.jpg", "width": 64, "height": 32, "camera": "x"}],
        "annotations": [
            {"id": 1, "image_id": 5, "category_id": 7, "bbox": [2.0, 3.0, 4.0, 4.0], "area": 16.0,
             "iscrowd": 0, "segmentation": [[2, 3, 6, 3, 6, 7, 2, 7]], "note": {"by": "a"}},
            {"id": 2, "image_id": 5, "category_id": 9, "bbox": [10, 10, 4, 4], "area": 15.5,
             "iscrowd": 0, "segmentation": [[10, 10, 14, 10, 14, 14], [10, 10, 14, 14, 10, 14]],
             "note": {"by": "b"}},
            {"id": 3, "image_id": 5, "category_id": 9, "bbox": [1, 8, 1, 5], "area": 5,
             "iscrowd": 1, "segmentation": {"size": [32, 64], "counts": [40, 5, 2003]}},
            {"id": 4, "image_id": 5, "category_id": 12, "bbox": [1, 1, 5, 5], "area": 25,
             "iscrowd": 0, "segmentation": []}],
        "categories": [
            {"id": 7, "name": "car", "supercategory": "thing"},
            {"id": 9, "name": "van", "supercategory": "thing"},
            {"id": 12, "name": "tree", "colour": "green"}]
    })
}

/// The dataset, COCO to COCO through some edits.
fn edited(edits: Vec<Box<dyn Edit>>) -> Result<(String, Value)> {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.json"), folder.path().join("out.json"));
    // A record a line, so that the test sees which of them are repeated as they stand.
    std::fs::write(&input, dataset().to_string().replace("},{", "},\n{")).unwrap();
    let mut job = Job::new(&input, by_name("coco").unwrap(), &output);
    job.edits = edits;
    convert::run(&job)?;
    let text = std::fs::read_to_string(&output).unwrap();
    let value = serde_json::from_str(&text).unwrap();
    Ok((text, value))
}

fn rename(names: &[(&str, &str)]) -> Box<dyn Edit> {
    let names = names.iter().map(|(from, to)| (from.to_string(), to.to_string()));
    Box::new(Rename::new(names.collect()))
}

/// A record of the source, as it stands there.
fn stated(list: &str, number: usize) -> String {
    dataset()[list][number].to_string()
}

#[test]
fn a_new_name_changes_its_category_and_no_annotation() {
    let (text, value) = edited(vec![rename(&[("van", "vehicle")])]).unwrap();
    let mut expected = dataset();
    expected["categories"][1]["name"] = json!("vehicle");
    assert_eq!(value, expected);
    for number in 0..4 {
        assert!(text.contains(&stated("annotations", number)), "annotation {number} is another");
    }
    assert!(text.contains(&stated("categories", 0)) && !text.contains(&stated("categories", 1)));
}

#[test]
fn a_class_that_joins_another_changes_its_annotations_alone() {
    let (text, value) = edited(vec![rename(&[("van", "car")])]).unwrap();
    assert_eq!(value["categories"].as_array().unwrap().len(), 2);
    for (number, is_touched) in [(0, false), (1, true), (2, true), (3, false)] {
        let is_repeated = text.contains(&stated("annotations", number));
        assert_eq!(is_repeated, !is_touched, "annotation {number}");
    }
    // What is touched has the other class, and all else that it had.
    let annotations = value["annotations"].as_array().unwrap();
    let ids: Vec<&Value> = annotations.iter().map(|it| &it["category_id"]).collect();
    assert_eq!(ids, [&json!(7), &json!(7), &json!(7), &json!(12)]);
    for member in ["id", "image_id", "bbox", "area", "segmentation", "iscrowd", "note"] {
        assert_eq!(annotations[1][member], dataset()["annotations"][1][member], "{member}");
    }
    assert_eq!((&annotations[2]["iscrowd"], &annotations[2]["area"]), (&json!(1), &json!(5)));
    let mask = &annotations[2]["segmentation"];
    assert_eq!(mask["size"], json!([32, 64]));
    let counts = mask["counts"].as_str().unwrap();
    let size = annoconv::geometry::Size { width: 64, height: 32 };
    let mask = annoconv::geometry::Rle::from_compressed(size, counts).unwrap();
    assert_eq!(mask.counts(), [40, 5, 2003]);
    assert_eq!((&value["info"], &value["extra"]), (&dataset()["info"], &dataset()["extra"]));
    assert_eq!(value["images"], dataset()["images"]);
}

#[test]
fn edits_follow_each_other() {
    let (_, value) =
        edited(vec![rename(&[("car", "x")]), rename(&[("x", "tree"), ("van", "y")])]).unwrap();
    let names: Vec<&Value> =
        value["categories"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["tree", "y"]);
    let error = edited(vec![rename(&[("bus", "x")])]).unwrap_err().to_string();
    assert!(error.contains("expected a class of the dataset (car, van, tree), found \"bus\""));
}

/// An edit that says that it changes nothing, and does.
struct Liar;

impl Edit for Liar {
    fn wants(&self) -> Wants {
        Wants::BOXES
    }

    fn bind(&self, before: &Before) -> Result<Bound> {
        let change = |annotation: &mut Verbatim<Annotation>, _: usize, _: &mut Losses| {
            annotation.crowd = false;
        };
        Ok(Bound { change: Some(Box::new(change)), ..Bound::of(before.header().clone()) })
    }
}

#[test]
fn a_shape_that_was_not_read_is_never_written_as_an_empty_one() {
    let error = edited(vec![Box::new(Liar)]).unwrap_err().to_string();
    assert!(error.contains("expected a shape that was read"), "{error}");
}

/// An edit by a function that sees a whole record: it leaves out the first annotation and joins the
/// others in one class, or fails.
struct OfCaller {
    fails: bool,
}

impl Edit for OfCaller {
    fn wants(&self) -> Wants {
        Wants { edits: true, ..Wants::ALL }
    }

    fn bind(&self, before: &Before) -> Result<Bound> {
        let fails = self.fails;
        let change = move |index: usize, image: &Image, read: &mut Read| {
            assert_eq!((index, image.file_name.as_str()), (0, "a.jpg"));
            if fails {
                return Err(Error::malformed("record", "none", "one"));
            }
            read.losses.annotation(Reason::LeftOutByCaller, 0);
            for annotation in read.annotations.iter_mut().skip(2).flatten() {
                annotation.category = Some(0);
            }
            Ok(())
        };
        let bound = Bound::of(before.header().clone());
        Ok(Bound { change_record: Some(Box::new(change)), ..bound })
    }
}

#[test]
fn a_callers_edit_changes_a_record_as_a_whole() {
    let (text, value) = edited(vec![Box::new(OfCaller { fails: false })]).unwrap();
    let annotations = value["annotations"].as_array().unwrap();
    let left: Vec<_> = annotations.iter().map(|it| (&it["id"], &it["category_id"])).collect();
    assert_eq!(left, [(&json!(2), &json!(9)), (&json!(3), &json!(7)), (&json!(4), &json!(7))]);
    assert!(text.contains(&stated("annotations", 1)), "what was not touched is repeated");
}

#[test]
fn a_callers_edit_that_fails_leaves_the_target_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.json"), folder.path().join("out.json"));
    std::fs::write(&input, dataset().to_string()).unwrap();
    std::fs::write(&output, "before").unwrap();
    let mut job = Job::new(&input, by_name("coco").unwrap(), &output);
    job.mode = Mode::Write { overwrite: true, prune: false, strict: false };
    job.edits = vec![Box::new(OfCaller { fails: true })];
    let error = convert::run(&job).unwrap_err().to_string();
    assert!(error.contains("record: expected none, found one"), "{error}");
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "before");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

/// An edit that leaves out the image.
struct NoImage;

impl Edit for NoImage {
    fn wants(&self) -> Wants {
        Wants::BOXES
    }

    fn bind(&self, before: &Before) -> Result<Bound> {
        let left_out = vec![(0, Reason::ImageLeftOutByCaller)];
        Ok(Bound { left_out, ..Bound::of(before.header().clone()) })
    }
}

#[test]
fn an_image_that_a_caller_leaves_out_is_counted_with_its_annotations() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.json"), folder.path().join("out.json"));
    std::fs::write(&input, dataset().to_string()).unwrap();
    let mut job = Job::new(&input, by_name("coco").unwrap(), &output);
    job.edits = vec![Box::new(NoImage)];
    let report = convert::run(&job).unwrap();
    assert_eq!((report.images, report.annotations_read, report.annotations_written), (0, 4, 0));
    assert_eq!(report.losses.count(Reason::ImageLeftOutByCaller), 1);
    assert_eq!(report.losses.count(Reason::OfImageLeftOut), 4);
}
