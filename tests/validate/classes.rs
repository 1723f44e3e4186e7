//! Classes, and objects that differ in one way by classes, labels or age.

use crate::coco::list;
use crate::dataset::{CLASSES, PICTURES};
use crate::fault::Part::{Coco, Via, Voc, Yolo};
use crate::fault::{Case, Expected, Kind, Part, kind};
use crate::layout::Layout::{Coco as OnlyCoco, Flat, Polygons, Split, Yaml, Yolo as OnlyYolo};
use crate::layout::data_yaml;
use serde_json::json;

/// Faults of class names and numbers.
pub const KINDS: &[Kind] = &[
    kind("class numbers are 1 more", Flat, |case| {
        numbers(case, "classes-shifted", |class| class + 1).side("unknown-class")
    }),
    kind("class numbers are 1 less, the first class is lost", Flat, |case| {
        case.rewrite(Yolo, |it| {
            it.objects.retain(|object| object.class > 0);
            it.objects.iter_mut().for_each(|object| object.class -= 1);
        });
        Expected::at("classes-shifted", "labels").side("object-missing").side("image-absent")
    }),
    kind("the first name of the list is lost", Flat, |case| {
        case.replace("labels/classes.txt", "screw\n", "");
        Expected::at("classes-shifted", "labels").side("unknown-class")
    }),
    kind("classes are numbered by the alphabet", Flat, |case| {
        numbers(case, "classes-reordered", |class| [3, 0, 2, 1][class]).word("alphabet")
    }),
    kind("classes are numbered by their ids", Flat, |case| {
        numbers(case, "classes-reordered", |class| [1, 2, 0, 3][class]).word("id")
    }),
    kind("class numbers are the ids", Flat, |case| {
        numbers(case, "classes-reordered", |class| [2, 3, 1, 4][class])
            .or("classes-shifted")
            .side("unknown-class")
    }),
    kind("class numbers are in another order", Flat, |case| {
        numbers(case, "classes-reordered", |class| [2, 0, 3, 1][class])
    }),
    kind("two names of the list are exchanged", Flat, |case| {
        case.put("labels/classes.txt", "screw\nplate\nbone\ncast\n");
        Expected::at("classes-exchanged", "labels").word("bone")
    }),
    kind("two classes are exchanged in VOC", Flat, |case| exchanged(case, Voc)),
    kind("two classes are exchanged in VIA", Flat, |case| exchanged(case, Via)),
    kind("two names are exchanged in COCO", Flat, |case| {
        case.edit_json("coco.json", |json| {
            json["categories"][1]["name"] = json!("plate");
            json["categories"][2]["name"] = json!("bone");
        });
        Expected::at("classes-exchanged", "coco.json").word("bone")
    }),
    kind("a class is renamed in VOC", Flat, |case| {
        let names: Vec<String> = case.pictures.iter().map(|it| case.layout.voc(it)).collect();
        for name in names {
            let text = case.text(&name).replace("<name>bone<", "<name>bones<");
            case.put(&name, text);
        }
        renamed("voc")
    }),
    kind("a class is renamed in VIA", Flat, |case| {
        case.edit("via.json", |text| text.replace("\"bone\"", "\"bones\""));
        renamed("via.json")
    }),
    kind("a class is renamed in COCO", Flat, |case| {
        case.edit("coco.json", |text| text.replace("\"bone\"", "\"bones\""));
        renamed("coco.json")
    }),
    kind("a class is renamed in the list", Flat, |case| {
        case.replace("labels/classes.txt", "bone", "bones");
        renamed("labels")
    }),
    kind("a class has two spellings", OnlyCoco, |case| {
        case.edit_json("coco.json", |json| {
            list(json, "categories").push(json!({"id": 9, "name": "Bone "}));
        });
        case.edit_annotation(|it| it["category_id"] = json!(9));
        Expected::at("class-names-alike", "coco.json").word("bone")
    }),
    kind("a class has two ids", OnlyCoco, |case| {
        case.edit_json("coco.json", |json| {
            list(json, "categories").push(json!({"id": 9, "name": "bone"}));
        });
        Expected::at("duplicate-class", "coco.json").word("bone")
    }),
    kind("a class has no name", OnlyCoco, |case| {
        case.edit_json("coco.json", |json| json["categories"][1]["name"] = json!(""));
        Expected::at("empty-class", "coco.json").pointer("/categories/1")
    }),
    kind("an empty line stands in the list", OnlyYolo, |case| {
        case.replace("classes.txt", "bone\n", "\nbone\n");
        Expected::at("empty-class", "classes.txt").or_at("labels")
    }),
    kind("a name is in the list twice", OnlyYolo, |case| {
        case.replace("classes.txt", "cast\n", "screw\n");
        Expected::at("duplicate-class", "classes.txt").or_at("labels").word("screw")
    }),
    kind("the list is too short", OnlyYolo, |case| {
        case.put("classes.txt", "screw\nbone\nplate\n");
        Expected::at("unknown-class", "labels").or_at("classes.txt").word("3")
    }),
    kind("there is no class list", OnlyYolo, |case| {
        case.remove("classes.txt");
        Expected::at("no-class-list", "labels").or_at(".").word("class")
    }),
    kind("nc is not the number of names", Yaml, |case| {
        case.replace("data.yaml", "nc: 4", "nc: 5");
        Expected::at("class-count", "data.yaml").line(5).word("5")
    }),
    kind("data.yaml lacks a name", Yaml, |case| {
        case.replace("data.yaml", ", cast", "");
        Expected::at("class-count", "data.yaml").word("3").side("unknown-class")
    }),
    kind("classes.txt contradicts data.yaml", Yaml, |case| {
        case.put("classes.txt", "bone\nscrew\nplate\ncast\n");
        Expected::at("class-lists-differ", "data.yaml").or_at("classes.txt").word("bone")
    }),
    kind("classes.txt and data.yaml say the same", Yaml, |case| {
        case.put("classes.txt", CLASSES.join("\n") + "\n");
        Expected::nothing()
    }),
    kind("a split has its classes in another order", Split, |case| {
        case.edit_json("annotations/instances_val.json", |json| {
            json["categories"][0]["name"] = json!("bone");
            json["categories"][1]["name"] = json!("screw");
        });
        Expected::at("class-lists-differ", "annotations").word("bone").side("classes-exchanged")
    }),
    kind("a split has another name for a class", Split, |case| {
        case.edit_json("annotations/instances_val.json", |json| {
            json["categories"][3]["name"] = json!("plaster");
        });
        Expected::at("class-lists-differ", "annotations").word("plaster").side("class-renamed")
    }),
    kind("the names of data.yaml are in another order", Split, |case| {
        let yaml = data_yaml().replace("screw, bone, plate, cast", "plate, screw, bone, cast");
        case.put("data.yaml", yaml);
        Expected::at("classes-reordered", "labels")
            .or("classes-shifted")
            .or_at("data.yaml")
            .or_at("annotations")
    }),
];

/// Labels of other images, older ones, ones by other rules; what all objects lack.
pub const WHOLE: &[Kind] = &[
    kind("labels are those of the next image", Flat, |case| {
        rotated(case, Yolo);
        Expected::at("labels-rotated", "labels").word("next").word("previous")
    }),
    kind("objects of VOC are those of the next image", Flat, |case| {
        rotated(case, Voc);
        let expected = Expected::at("labels-rotated", "voc").word("next").word("previous");
        expected.side("outside-image").side("beyond-border")
    }),
    kind("a third of YOLO's boxes is older", Flat, |case| {
        older(case, Yolo);
        Expected::at("out-of-date", "labels").or("box-changed")
    }),
    kind("a third of VOC's boxes is older", Flat, |case| {
        older(case, Voc);
        Expected::at("out-of-date", "voc").or("box-changed")
    }),
    kind("a few boxes of VOC are cut off, not rounded", Flat, |case| {
        let first = case.pictures[..2].to_vec();
        let layout = case.layout;
        layout.add_voc(&mut case.files, &first, |bbox, _| bbox.map(f64::floor));
        Expected::at("mixed-rules", "voc").or("box-changed")
    }),
    kind("a few labels of YOLO have 3 decimals", Flat, |case| {
        let first = case.pictures[..2].to_vec();
        let layout = case.layout;
        layout.add_yolo(&mut case.files, &first, crate::layout::box_row, 3);
        Expected::at("mixed-rules", "labels").or("box-changed").or("coarse-rounding")
    }),
    kind("all polygons of COCO are lost", Flat, |case| {
        case.edit_all("annotations", |it| it["segmentation"] = json!([]));
        let expected = Expected::at("shape-absent", "coco.json").or_at("via.json");
        expected.side("area-without-rule").side("area-not-shape")
    }),
    kind("all polygons of YOLO are boxes of four points", Polygons, |case| {
        case.rewrite(Yolo, |it| {
            for object in &mut it.objects {
                let [left, top, right, bottom] = object.bbox;
                object.ring = vec![[left, top], [right, top], [right, bottom], [left, bottom]];
            }
        });
        Expected::at("shape-changed", "labels").or_at("coco.json").or("shape-absent")
    }),
    kind("all regions of VIA are rectangles", Flat, |case| {
        case.edit_json("via.json", |json| {
            for entry in json.as_object_mut().unwrap().values_mut() {
                for region in list(entry, "regions") {
                    let points = |name: &str| -> Vec<f64> {
                        serde_json::from_value(region["shape_attributes"][name].clone()).unwrap()
                    };
                    let (xs, ys) = (points("all_points_x"), points("all_points_y"));
                    let ring: Vec<_> = std::iter::zip(xs, ys).map(|(x, y)| [x, y]).collect();
                    let [left, top, right, bottom] = crate::dataset::bounds(&ring);
                    region["shape_attributes"] = json!({"name": "rect", "x": left, "y": top,
                        "width": right - left, "height": bottom - top});
                }
            }
        });
        Expected::at("shape-absent", "via.json")
    }),
    kind("all areas are 0", OnlyCoco, |case| {
        case.edit_all("annotations", |it| it["area"] = json!(0));
        Expected::at("area-without-rule", "coco.json").word("area")
    }),
    kind("all areas are of another resolution", OnlyCoco, |case| {
        case.edit_all("annotations", |it| it["area"] = json!(it["area"].as_f64().unwrap() * 0.25));
        Expected::at("area-without-rule", "coco.json").word("area")
    }),
    kind("all annotations are crowds", OnlyCoco, |case| {
        case.edit_all("annotations", |it| it["iscrowd"] = json!(1));
        Expected::at("all-crowd", "coco.json").word("crowd")
    }),
    kind("all widths and heights are in quotes", OnlyCoco, |case| {
        case.edit_all("images", |it| {
            it["width"] = json!(it["width"].to_string());
            it["height"] = json!(it["height"].to_string());
        });
        Expected::at("string-number", "coco.json")
    }),
    kind("no annotation has an area or a crowd mark", OnlyCoco, |case| {
        case.edit_all("annotations", |it| {
            it.as_object_mut().unwrap().retain(|name, _| name != "area" && name != "iscrowd");
        });
        Expected::at("absent-member", "coco.json").word("area")
    }),
    kind("all rows of YOLO have a score", Flat, |case| {
        case.rewrite_rows(|it, size| [crate::layout::box_row(it, size), vec![0.9]].concat(), 6);
        Expected::at("score-in-labels", "labels")
    }),
    kind("no row of YOLO can be read", Flat, |case| {
        rows(case, |row| row.replace(' ', ";"));
        Expected::at("nothing-read", "labels").side("malformed").side("image-absent")
    }),
    kind("no row of YOLO alone can be read", OnlyYolo, |case| {
        rows(case, |row| row.replace(' ', ", "));
        Expected::at("nothing-read", "labels").side("malformed")
    }),
];

fn numbers(case: &mut Case, code: &'static str, number: fn(usize) -> usize) -> Expected {
    case.rewrite(Yolo, |it| {
        it.objects.iter_mut().for_each(|object| object.class = number(object.class));
    });
    Expected::at(code, "labels")
}

fn exchanged(case: &mut Case, part: Part) -> Expected {
    case.rewrite(part, |it| {
        it.objects.iter_mut().for_each(|object| object.class = [0, 2, 1, 3][object.class]);
    });
    Expected::at("classes-exchanged", part.path()).word("bone")
}

fn renamed(part: &str) -> Expected {
    Expected::at("class-renamed", part).word("bones")
}

/// Each image gets the objects of the next one.
fn rotated(case: &mut Case, part: Part) {
    assert_ne!(part, Coco);
    let mut objects: Vec<_> =
        case.pictures[..PICTURES].iter().map(|picture| picture.objects.clone()).collect();
    if part == Yolo {
        // Fractions are those of the image that they were made on.
        for (at, own) in objects.iter_mut().enumerate() {
            let to = case.pictures[(at + PICTURES - 1) % PICTURES].size;
            let from = case.pictures[at].size;
            let scale = [to[0] / from[0], to[1] / from[1]];
            for object in own {
                for (at, edge) in object.bbox.iter_mut().enumerate() {
                    *edge *= scale[at % 2];
                }
            }
        }
    }
    objects.rotate_left(1);
    let mut objects = objects.into_iter();
    case.rewrite(part, |it| it.objects = objects.next().unwrap_or_default());
}

/// Every third box is by some pixels elsewhere, in a way of its own.
fn older(case: &mut Case, part: Part) {
    let mut count = 0;
    case.rewrite(part, |it| {
        for object in &mut it.objects {
            count += 1;
            if count % 3 == 0 {
                let [x, y] = [f64::from(count * 7 % 11), f64::from(count * 5 % 13)];
                let [left, top, right, bottom] = object.bbox;
                object.bbox = [left + x, top + y, right - y / 2.0 - 4.0, bottom - x / 2.0 - 3.0];
            }
        }
    });
}

/// Changes all rows of YOLO's labels.
fn rows(case: &mut Case, edit: fn(&str) -> String) {
    for at in 0..PICTURES {
        let name = case.layout.label(&case.pictures[at]);
        case.edit(&name, |text| text.lines().map(|row| edit(row) + "\n").collect());
    }
}
