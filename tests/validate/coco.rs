//! One record of COCO is wrong.

use crate::dataset::{CATEGORY_IDS, area};
use crate::fault::{Case, Expected, Kind, kind};
use crate::layout::Layout::{Coco, Flat};
use crate::vgg::crossed;
use serde_json::{Value, json};

/// Faults of boxes, shapes and areas.
pub const OBJECTS: &[Kind] = &[
    kind("an annotation is dropped", Flat, |case| {
        let order = case.order();
        case.edit_json("coco.json", |json| drop(list(json, "annotations").remove(order)));
        everywhere(case, "object-missing").or("object-added")
    }),
    kind("an annotation is added", Flat, |case| {
        let image = case.image + 1;
        let ring = json!([[2.5, 2.5, 8.5, 2.5, 8.5, 9.5]]);
        let new = json!({"id": 999, "image_id": image, "category_id": 2, "iscrowd": 0,
            "bbox": [2.5, 2.5, 6.0, 7.0], "area": 21.0, "segmentation": ring});
        case.edit_json("coco.json", |json| list(json, "annotations").push(new));
        Expected::at("object-missing", "coco.json").or("object-added").annotation(999)
    }),
    kind("a box is moved by 1 px", Coco, |case| off_shape(case, |bbox| bbox[0] += 1.0)),
    kind("a box is moved by 2 px", Coco, |case| off_shape(case, |bbox| bbox[1] -= 2.0)),
    kind("a box is moved by 25 px", Coco, |case| {
        let distance = case.inwards(25.0);
        edit_box(case, |bbox| bbox[0] += distance);
        case.at_annotation("box-not-shape").annotation(case.order() + 1)
    }),
    kind("a box is 3 px narrower", Coco, |case| off_shape(case, |bbox| bbox[2] -= 3.0)),
    kind("a ring lacks its widest point", Coco, |case| {
        let right = case.object().bbox[2];
        case.edit_annotation(|it| {
            let ring = it["segmentation"][0].as_array_mut().unwrap();
            let at = ring.iter().position(|x| x.as_f64() == Some(right)).unwrap();
            ring.drain(at / 2 * 2..at / 2 * 2 + 2);
        });
        case.at_annotation("box-not-shape").side("area-not-shape").side("self-crossing")
    }),
    kind("an area is 0", Coco, |case| {
        case.edit_annotation(|it| it["area"] = json!(0));
        case.at_annotation("area-not-shape").annotation(case.order() + 1)
    }),
    kind("an area is 3 % too large", Coco, |case| {
        case.edit_annotation(|it| it["area"] = json!(it["area"].as_f64().unwrap() * 1.03));
        case.at_annotation("area-not-shape").annotation(case.order() + 1)
    }),
    kind("an area is that of the box", Coco, |case| {
        case.edit_annotation(|it| {
            let side = |at: usize| it["bbox"][at].as_f64().unwrap();
            it["area"] = json!(side(2) * side(3));
        });
        case.at_annotation("area-not-shape").word("box").word("area")
    }),
    kind("a category is swapped", Flat, |case| {
        let other = CATEGORY_IDS[(case.object().class + 1) % 4];
        case.edit_annotation(|it| it["category_id"] = json!(other));
        everywhere(case, "class-changed").word("says").word("differs")
    }),
    kind("an object is marked as crowd", Flat, |case| {
        case.edit_annotation(|it| it["iscrowd"] = json!(1));
        case.at_annotation("crowd-changed").or("crowd-kept")
    }),
    kind("a segmentation is empty", Flat, |case| {
        case.edit_annotation(|it| it["segmentation"] = json!([]));
        everywhere(case, "shape-absent").side("area-not-shape")
    }),
    kind("a number of a box is NaN", Flat, |case| {
        case.edit_annotation(|it| it["bbox"][0] = json!("no number"));
        case.replace("coco.json", "\"no number\"", "NaN");
        Expected::at("not-finite", "coco.json")
    }),
    kind("a box has three numbers", Flat, |case| {
        case.edit_annotation(|it| drop(it["bbox"].as_array_mut().unwrap().pop()));
        case.at_annotation("malformed").word("numbers")
    }),
    kind("a number of a box is a word", Flat, |case| {
        case.edit_annotation(|it| it["bbox"][1] = json!("top"));
        case.at_annotation("malformed").word("number")
    }),
    kind("a number of a box is in quotes", Flat, |case| {
        case.edit_annotation(|it| it["bbox"][1] = json!(it["bbox"][1].to_string()));
        Expected::at("string-number", "coco.json")
    }),
    kind("a width of a box is negative", Coco, |case| {
        edit_box(case, |bbox| bbox[2] = -bbox[2]);
        case.at_annotation("inverted")
    }),
    kind("a width of a box is 0", Coco, |case| {
        edit_box(case, |bbox| bbox[2] = 0.0);
        case.at_annotation("zero-size").side("box-not-shape")
    }),
    kind("a box has neither numbers nor a shape", Coco, |case| {
        case.edit_annotation(|it| {
            it["bbox"] = json!([]);
            it["segmentation"] = json!([]);
        });
        case.at_annotation("missing-member").or("zero-size").or("malformed")
    }),
    kind("a ring has an odd number of coordinates", Coco, |case| {
        edit_ring(case, |ring| drop(ring.pop()));
        case.at_annotation("malformed")
    }),
    kind("a ring has two points", Coco, |case| {
        edit_ring(case, |ring| ring.truncate(4));
        case.at_annotation("few-points").side("box-not-shape").side("area-not-shape")
    }),
    kind("a ring crosses itself", Coco, |case| {
        let ring = crossed(case);
        put_ring(case, &ring);
        case.at_annotation("self-crossing").word("cross").side("area-not-shape")
    }),
    kind("an object lies outside of its image", Coco, |case| {
        let [width, _] = case.picture().size;
        let ring: Vec<_> = case.object().ring.iter().map(|it| [it[0] + width, it[1]]).collect();
        put_ring(case, &ring);
        case.at_annotation("outside-image").word("outside")
    }),
    kind("an object reaches over the border", Coco, |case| {
        let left = case.object().bbox[0] + 20.0;
        let ring: Vec<_> = case.object().ring.iter().map(|it| [it[0] - left, it[1]]).collect();
        put_ring(case, &ring);
        case.at_annotation("beyond-border").word("20 px beyond")
    }),
    kind("a ring reaches over the border, its box does not", Coco, |case| {
        let bbox = case.object().bbox;
        let ring: Vec<_> =
            case.object().ring.iter().map(|it| [it[0] - bbox[0] - 9.0, it[1]]).collect();
        put_ring(case, &ring);
        edit_box(case, |numbers| {
            numbers[2] += numbers[0];
            numbers[0] = 0.0;
        });
        case.at_annotation("shape-beyond-border").word("px beyond").word("reaches")
    }),
    kind("a mask is of another size than its image", Coco, |case| {
        let [width, height] = case.picture().size.map(|side| side as u64);
        masked(case, [width + 1, height], (width + 1) * height);
        case.at_annotation("mask-size").side("box-not-shape").side("area-not-shape")
    }),
    kind("the runs of a mask are too short", Coco, |case| {
        let [width, height] = case.picture().size.map(|side| side as u64);
        masked(case, [width, height], width * height - 7);
        case.at_annotation("malformed").word("sum").word("runs").word("pixels")
    }),
    kind("an annotation is there twice", Coco, |case| {
        let order = case.order();
        case.edit_json("coco.json", |json| {
            let all = list(json, "annotations");
            let mut copy = all[order].clone();
            copy["id"] = json!(999);
            all.push(copy);
        });
        Expected::at("duplicate-object", "coco.json")
    }),
];

/// Faults of ids, references and images.
pub const RECORDS: &[Kind] = &[
    kind("an image id is not listed", Coco, |case| {
        case.edit_annotation(|it| it["image_id"] = json!(777));
        case.at_annotation("missing-reference").word("777")
    }),
    kind("a category id is not listed", Coco, |case| {
        case.edit_annotation(|it| it["category_id"] = json!(777));
        case.at_annotation("missing-reference").word("777")
    }),
    kind("an annotation has no image", Coco, |case| {
        case.edit_annotation(|it| drop(it.as_object_mut().unwrap().shift_remove("image_id")));
        case.at_annotation("missing-member").word("image_id")
    }),
    kind("an id of an annotation is there twice", Coco, |case| {
        let order = case.order();
        case.edit_json("coco.json", |json| {
            let all = list(json, "annotations");
            all[order]["id"] = all[(order + 1) % 4]["id"].clone();
        });
        Expected::at("duplicate-id", "coco.json")
    }),
    kind("an id of an image is there twice", Coco, |case| {
        case.edit_json("coco.json", |json| json["images"][9]["id"] = json!(9));
        Expected::at("duplicate-id", "coco.json").pointer("/images/9").word("9")
    }),
    kind("an id of a category is there twice", Coco, |case| {
        case.edit_json("coco.json", |json| {
            list(json, "categories").push(json!({"id": 3, "name": "wire"}));
        });
        Expected::at("duplicate-id", "coco.json").pointer("/categories/4")
    }),
    kind("an id of an annotation is 0", Coco, |case| {
        case.edit_annotation(|it| it["id"] = json!(0));
        case.at_annotation("zero-id")
    }),
    kind("an id of an annotation is missing", Coco, |case| {
        case.edit_annotation(|it| drop(it.as_object_mut().unwrap().shift_remove("id")));
        Expected::at("absent-member", "coco.json").word("id")
    }),
    kind("all areas are missing", Coco, |case| {
        case.edit_all("annotations", |it| drop(it.as_object_mut().unwrap().shift_remove("area")));
        Expected::at("absent-member", "coco.json").word("area")
    }),
    kind("an id of a category is 0", Coco, |case| {
        case.edit_json("coco.json", |json| {
            json["categories"][2]["id"] = json!(0);
            for it in list(json, "annotations").iter_mut().filter(|it| it["category_id"] == 1) {
                it["category_id"] = json!(0);
            }
        });
        Expected::at("zero-category-id", "coco.json").word("plate").word("0")
    }),
    kind("a file is cut off", Coco, |case| {
        case.edit("coco.json", |text| text[..text.len() - 60].to_owned());
        Expected::at("unreadable", "coco.json")
    }),
    kind("a comma is too much", Coco, |case| {
        case.replace("coco.json", "\n  ],", ",\n  ],");
        Expected::at("unreadable", "coco.json").or("malformed")
    }),
    kind("an image has two records", Flat, |case| {
        let image = case.image;
        case.edit_json("coco.json", |json| {
            let mut copy = json["images"][image].clone();
            copy["id"] = json!(500);
            list(json, "images").push(copy);
        });
        Expected::at("image-twice", "coco.json").word("two records").word("twice")
    }),
    kind("an image has two records, with a part of its objects each", Coco, |case| {
        let image = case.image;
        case.edit_json("coco.json", |json| {
            let mut copy = json["images"][image].clone();
            copy["id"] = json!(500);
            list(json, "images").push(copy);
        });
        case.edit_annotation(|it| it["image_id"] = json!(500));
        Expected::at("image-twice", "coco.json").word("two records").word("twice")
    }),
    kind("a width is in quotes", Coco, |case| {
        edit_image(case, |it| it["width"] = json!(it["width"].to_string()));
        Expected::at("string-number", "coco.json")
    }),
    kind("a width is 0", Coco, |case| {
        edit_image(case, |it| it["width"] = json!(0));
        at_image(case, "zero-image-size")
    }),
    kind("a width is missing", Coco, |case| {
        edit_image(case, |it| drop(it.as_object_mut().unwrap().shift_remove("width")));
        Expected::at("absent-member", "coco.json").word("width")
    }),
    kind("a height is 1 px more than the file's", Coco, |case| {
        edit_image(case, |it| it["height"] = json!(it["height"].as_u64().unwrap() + 1));
        at_image(case, "size-differs").word("is stated")
    }),
    kind("a name has blanks", Coco, |case| named(case, |name| format!(" {name} "))),
    kind("a name is in upper case", Coco, |case| named(case, |name| name.to_uppercase())),
    kind("a name has another extension", Coco, |case| {
        named(case, |name| name.split('.').next().unwrap().to_owned() + ".jpeg")
    }),
    kind("a name is mistyped", Coco, |case| {
        edit_image(case, |it| it["file_name"] = json!("skan.png"));
        at_image(case, "image-missing").word("skan.png")
    }),
    kind("a name is missing", Coco, |case| {
        edit_image(case, |it| drop(it.as_object_mut().unwrap().shift_remove("file_name")));
        at_image(case, "missing-member").word("file_name").side("missing-reference")
    }),
    kind("a list stands where a record belongs", Coco, |case| {
        case.edit_annotation(|it| *it = json!([1, 2, 3]));
        case.at_annotation("malformed")
    }),
    kind("keypoints as they should be", Coco, |case| {
        keypoints(case);
        Expected::nothing()
    }),
    kind("a keypoint is missing", Coco, |case| {
        keypoints(case);
        case.edit_annotation(|it| it["keypoints"].as_array_mut().unwrap().truncate(6));
        case.at_annotation("keypoints").word("keypoints")
    }),
    kind("num_keypoints is wrong", Coco, |case| {
        keypoints(case);
        case.edit_annotation(|it| it["num_keypoints"] = json!(3));
        case.at_annotation("keypoints").word("num_keypoints")
    }),
    kind("a visibility is 7", Coco, |case| {
        keypoints(case);
        case.edit_annotation(|it| it["keypoints"][2] = json!(7));
        case.at_annotation("keypoints").word("visibility").word("7")
    }),
    kind("a skeleton names a keypoint that is not there", Coco, |case| {
        keypoints(case);
        case.edit_json("coco.json", |json| json["categories"][1]["skeleton"] = json!([[1, 9]]));
        Expected::at("keypoints", "coco.json").pointer("/categories/1").word("skeleton")
    }),
];

pub fn list<'a>(json: &'a mut Value, name: &str) -> &'a mut Vec<Value> {
    json[name].as_array_mut().unwrap()
}

/// A fault of COCO that three other formats show: at COCO, or at the object in each of them.
fn everywhere(case: &Case, code: &'static str) -> Expected {
    Expected::at(code, "coco.json").or_at(case.label()).or_at(case.voc()).or_at("via.json")
}

fn edit_box(case: &mut Case, edit: impl FnOnce(&mut Vec<f64>)) {
    case.edit_annotation(|it| {
        let mut bbox = serde_json::from_value(it["bbox"].take()).unwrap();
        edit(&mut bbox);
        it["bbox"] = json!(bbox);
    });
}

fn off_shape(case: &mut Case, edit: fn(&mut Vec<f64>)) -> Expected {
    edit_box(case, edit);
    case.at_annotation("box-not-shape").annotation(case.order() + 1)
}

fn edit_ring(case: &mut Case, edit: impl FnOnce(&mut Vec<Value>)) {
    case.edit_annotation(|it| edit(it["segmentation"][0].as_array_mut().unwrap()));
}

/// Another ring, with its box and area.
fn put_ring(case: &mut Case, ring: &[[f64; 2]]) {
    let [left, top, right, bottom] = crate::dataset::bounds(ring);
    case.edit_annotation(|it| {
        it["segmentation"] = json!([ring.concat()]);
        it["bbox"] = json!([left, top, right - left, bottom - top]);
        it["area"] = json!(area(ring));
    });
}

/// A mask instead of the ring: its lower part, in `length` pixels of a size.
fn masked(case: &mut Case, [width, height]: [u64; 2], length: u64) {
    let counts = json!([length - 10, 10]);
    case.edit_annotation(|it| {
        it["segmentation"] = json!({"counts": counts, "size": [height, width]});
    });
}

fn edit_image(case: &mut Case, edit: impl FnOnce(&mut Value)) {
    let image = case.image;
    case.edit_json("coco.json", |json| edit(&mut json["images"][image]));
}

fn at_image(case: &Case, code: &'static str) -> Expected {
    Expected::at(code, "coco.json").pointer(format!("/images/{}", case.image))
}

/// Names the image in another way than its file.
fn named(case: &mut Case, change: fn(&str) -> String) -> Expected {
    let name = change(&case.picture().name);
    edit_image(case, |it| it["file_name"] = json!(name));
    at_image(case, "name-differs").word("scan").side("illegal-name")
}

/// Gives all objects three keypoints, the last one not marked.
fn keypoints(case: &mut Case) {
    case.edit_all("categories", |it| {
        it["keypoints"] = json!(["head", "shaft", "tip"]);
        it["skeleton"] = json!([[1, 2], [2, 3]]);
    });
    case.edit_all("annotations", |it| {
        let of = |at: usize| it["segmentation"][0][at].as_f64().unwrap();
        it["keypoints"] = json!([of(0), of(1), 2, of(2), of(3), 1, 0, 0, 0]);
        it["num_keypoints"] = json!(2);
    });
}
