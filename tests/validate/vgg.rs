//! One region or image of VIA is wrong.

use crate::dataset::{CLASSES, area};
use crate::fault::{Case, Expected, Kind, kind};
use crate::layout::Layout::{Flat, Via};
use serde_json::{Value, json};

pub const KINDS: &[Kind] = &[
    kind("a region is dropped", Flat, |case| {
        let number = case.number;
        edit_regions(case, |regions| drop(regions.remove(number)));
        case.at_annotation("object-missing").annotation(case.order() + 1).word("not in vgg")
    }),
    kind("a region is added", Flat, |case| {
        let ring = json!({"name": "polygon", "all_points_x": [1.5, 7.5, 4.5],
            "all_points_y": [1.5, 2.5, 8.5]});
        let region = json!({"shape_attributes": ring, "region_attributes": {"label": "bone"}});
        edit_regions(case, |regions| regions.push(region));
        let count = case.picture().objects.len();
        Expected::at("object-added", "via.json")
            .pointer(format!("/{}/regions/{count}", case.key()))
            .word("not in coco")
    }),
    kind("a class is swapped", Flat, |case| {
        let other = CLASSES[(case.object().class + 1) % 4];
        edit_region(case, |region| region["region_attributes"]["label"] = json!(other));
        case.at_region("class-changed").annotation(case.number).word("says")
    }),
    kind("a class is mistyped", Flat, |case| {
        edit_region(case, |region| region["region_attributes"]["label"] = json!("srcew"));
        case.at_region("class-changed").or("class-renamed").word("srcew")
    }),
    kind("a region has no class", Flat, |case| {
        edit_region(case, |region| region["region_attributes"] = json!({}));
        case.at_region("no-class").or("missing-member").side("class-changed")
    }),
    kind("a vertex is moved by 1 px", Flat, |case| moved(case, 1.0)),
    kind("a vertex is moved by 25 px", Flat, |case| moved(case, 25.0)),
    kind("a vertex is dropped", Flat, |case| {
        edit_points(case, |xs, ys| {
            xs.remove(1);
            ys.remove(1);
        });
        case.at_region("shape-changed").annotation(case.number).word("points")
    }),
    kind("a ring is moved by 3 px", Flat, |case| {
        let distance = case.inwards(3.0);
        edit_points(case, |xs, _| {
            xs.iter_mut().for_each(|x| *x = json!(x.as_f64().unwrap() + distance));
        });
        case.at_region("shape-changed").annotation(case.number)
    }),
    kind("there is an x less than there are y", Flat, |case| {
        edit_points(case, |xs, _| drop(xs.pop()));
        Expected::at("malformed", "via.json").word("y").word("numbers")
    }),
    kind("a coordinate is a word", Flat, |case| {
        edit_points(case, |xs, _| xs[0] = json!("left"));
        Expected::at("malformed", "via.json")
    }),
    kind("a coordinate is NaN", Flat, |case| {
        edit_points(case, |xs, _| xs[0] = json!("no number"));
        case.replace("via.json", "\"no number\"", "NaN");
        Expected::at("not-finite", "via.json").or("malformed")
    }),
    kind("a polygon is a rectangle in VIA", Flat, |case| {
        let [left, top, right, bottom] = case.object().bbox;
        let shape = json!({"name": "rect", "x": left, "y": top, "width": right - left,
            "height": bottom - top});
        edit_region(case, |region| region["shape_attributes"] = shape);
        case.at_region("shape-absent").annotation(case.number)
    }),
    kind("a shape is unknown", Flat, |case| {
        edit_region(case, |region| region["shape_attributes"]["name"] = json!("blob"));
        Expected::at("malformed", "via.json").word("blob")
    }),
    kind("a ring has two points", Flat, |case| {
        edit_points(case, |xs, ys| {
            xs.truncate(2);
            ys.truncate(2);
        });
        case.at_region("few-points").side("zero-size")
    }),
    kind("a ring of VIA alone crosses itself", Via, |case| {
        let ring = crossed(case);
        put_ring(case, &ring);
        case.at_region("self-crossing").word("cross")
    }),
    kind("a region is there twice", Flat, |case| {
        let number = case.number;
        edit_regions(case, |regions| regions.push(regions[number].clone()));
        Expected::at("duplicate-object", "via.json")
    }),
    kind("a length in bytes is wrong", Flat, |case| {
        edit_entry(case, |entry| entry["size"] = json!(12345));
        Expected::at("length-differs", "via.json").word("12345")
    }),
    kind("an image is dropped", Flat, |case| {
        let key = case.key();
        case.edit_json("via.json", |json| drop(json.as_object_mut().unwrap().shift_remove(&key)));
        let pointer = format!("/images/{}", case.image);
        Expected::at("image-absent", "coco.json").pointer(pointer).word("vgg")
    }),
    kind("all regions of an image are lost", Flat, |case| {
        edit_regions(case, Vec::clear);
        case.at_annotation("object-missing").or("image-absent")
    }),
    kind("a name has a blank at its end", Flat, |case| named(case, |name| format!("{name} "))),
    kind("a name is in upper case", Flat, |case| named(case, |name| name.to_uppercase())),
    kind("a name has another extension", Flat, |case| {
        named(case, |name| name.split('.').next().unwrap().to_owned() + ".tif")
    }),
    kind("a name is that of another image", Flat, |case| {
        let other = case.pictures[case.other()].name.clone();
        edit_entry(case, |entry| entry["filename"] = json!(other));
        Expected::at("image-twice", "via.json").side("image-absent").side("length-differs")
    }),
    kind("the image of a name is not there", Via, |case| {
        edit_entry(case, |entry| entry["filename"] = json!("gone.png"));
        Expected::at("image-missing", "via.json").word("gone").side("length-differs")
    }),
    kind("a file is cut off", Flat, |case| {
        case.edit("via.json", |text| text[..text.len() - 12].to_owned());
        Expected::at("unreadable", "via.json")
    }),
    kind("a region lies outside of its image", Via, |case| {
        let [width, height] = case.picture().size;
        put_ring(case, &[[width + 5.0, height + 5.0], [width + 9.0, 9.0], [width + 40.0, 7.0]]);
        case.at_region("outside-image").word("outside")
    }),
    kind("a region reaches over the border", Via, |case| {
        edit_points(case, |xs, _| xs[0] = json!(-40.0));
        case.at_region("beyond-border").word("40 px beyond").side("self-crossing")
    }),
];

fn edit_entry(case: &mut Case, edit: impl FnOnce(&mut Value)) {
    let key = case.key();
    case.edit_json("via.json", |json| edit(&mut json[&key]));
}

fn edit_regions(case: &mut Case, edit: impl FnOnce(&mut Vec<Value>)) {
    edit_entry(case, |entry| edit(entry["regions"].as_array_mut().unwrap()));
}

fn edit_region(case: &mut Case, edit: impl FnOnce(&mut Value)) {
    let number = case.number;
    edit_regions(case, |regions| edit(&mut regions[number]));
}

fn edit_points(case: &mut Case, edit: impl FnOnce(&mut Vec<Value>, &mut Vec<Value>)) {
    edit_region(case, |region| {
        let shape = &mut region["shape_attributes"];
        let mut take = |name: &str| shape[name].take().as_array().unwrap().clone();
        let (mut xs, mut ys) = (take("all_points_x"), take("all_points_y"));
        edit(&mut xs, &mut ys);
        shape["all_points_x"] = Value::Array(xs);
        shape["all_points_y"] = Value::Array(ys);
    });
}

fn put_ring(case: &mut Case, ring: &[[f64; 2]]) {
    edit_points(case, |xs, ys| {
        *xs = ring.iter().map(|point| json!(point[0])).collect();
        *ys = ring.iter().map(|point| json!(point[1])).collect();
    });
}

fn moved(case: &mut Case, distance: f64) -> Expected {
    let distance = case.inwards(distance);
    edit_points(case, |xs, _| xs[1] = json!(xs[1].as_f64().unwrap() + distance));
    let changed = case.at_region("shape-changed").annotation(case.number).word("px off");
    changed.side("self-crossing")
}

/// Names the image in another way than its file.
fn named(case: &mut Case, change: fn(&str) -> String) -> Expected {
    let name = change(&case.picture().name);
    edit_entry(case, |entry| entry["filename"] = json!(name));
    Expected::at("name-differs", "via.json").word("scan").side("illegal-name")
}

/// The object's ring as a bow tie with the same box: its quarter points in a wrong order.
pub fn crossed(case: &Case) -> Vec<[f64; 2]> {
    let [left, top, right, bottom] = case.object().bbox;
    let ring = vec![[left, top], [right, bottom], [right, top], [left, bottom]];
    assert!(area(&ring) < 1.0);
    ring
}
