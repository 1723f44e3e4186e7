//! Image files, subsets, lists and copies of a dataset are wrong.

use crate::dataset::{encoded, jpeg, photo, png};
use crate::fault::{Case, Expected, Kind, kind};
use crate::layout::Layout::{Coco, Flat, Split, Voc, Yaml, Yolo};
use image::{RgbImage, imageops};
use serde_json::json;

/// Image files and their names.
pub const IMAGES: &[Kind] = &[
    kind("an image is deleted", Flat, |case| {
        let name = case.image_file();
        case.remove(&name);
        Expected::at("image-missing", "coco.json").word("no image file")
    }),
    kind("an image of YOLO alone is deleted", Yolo, |case| {
        let name = case.image_file();
        case.remove(&name);
        Expected::at("label-without-image", case.label()).side("not-judged")
    }),
    kind("the image of a background is deleted", Flat, |case| {
        case.remove("images/scan8.png");
        Expected::at("background-missing", "coco.json").word("scan8")
    }),
    kind("an image has another extension on disk", Flat, |case| {
        let (name, new) = (case.image_file(), format!("images/{}.bmp", case.picture().stem()));
        case.rename(&name, &new);
        Expected::at("name-differs", "coco.json").or_at("voc").or_at("via.json").or_at(new)
    }),
    kind("an image is in upper case on disk", Coco, |case| {
        let new = format!("images/{}", case.picture().name.to_uppercase());
        let name = case.image_file();
        case.rename(&name, &new);
        Expected::at("name-differs", "coco.json").or_at(new).word("scan")
    }),
    kind("an image is no image", Flat, |case| {
        let name = case.image_file();
        case.put(&name, "<html>not found</html>\n");
        Expected::at("image-unreadable", name).side("length-differs").side("not-judged")
    }),
    kind("an image is empty", Coco, |case| {
        let name = case.image_file();
        case.put(&name, "");
        Expected::at("image-unreadable", name)
    }),
    kind("a JPEG file is cut off", Coco, |case| {
        case.image = 1;
        cut(case)
    }),
    kind("a PNG file is cut off", Coco, |case| {
        case.image = 2;
        cut(case)
    }),
    kind("a file goes on after its end", Coco, |case| {
        let name = case.image_file();
        let mut bytes = case.remove(&name);
        bytes.extend([7; 20]);
        case.put(&name, bytes);
        Expected::at("trailing-data", name).word("20")
    }),
    kind("an image is turned by its EXIF orientation", Coco, |case| {
        case.image = 3;
        let [width, height] = case.picture().size;
        let name = case.image_file();
        case.put(&name, jpeg([height, width], 3, Some(6)));
        Expected::at("exif-rotated", name).word("quarter")
    }),
    kind("an image was annotated without its EXIF orientation", Coco, |case| {
        case.image = 3;
        let name = case.image_file();
        case.put(&name, jpeg(case.picture().size, 3, Some(6)));
        Expected::at("size-differs", "coco.json")
            .or("sides-swapped")
            .or_at(name)
            .word("is stated")
            .word("exif")
            .side("exif-rotated")
            .side("outside-image")
            .side("beyond-border")
    }),
    kind("an image is mirrored by its EXIF orientation", Coco, |case| {
        case.image = 3;
        let name = case.image_file();
        case.put(&name, jpeg(case.picture().size, 3, Some(2)));
        Expected::at("exif-flipped", name).word("mirrored")
    }),
    kind("an image is tiny", Coco, |case| {
        case.put("images/scan8.png", png([9.0, 9.0], 8));
        case.edit_json("coco.json", |json| {
            json["images"][8]["width"] = json!(9);
            json["images"][8]["height"] = json!(9);
        });
        Expected::at("tiny-image", "images/scan8.png").word("9")
    }),
    kind("an image is of another resolution", Flat, |case| {
        let name = case.image_file();
        let size = case.picture().size.map(|side| (side / 2.0).floor());
        let is_png = name.ends_with("png");
        case.put(&name, if is_png { png(size, 99) } else { jpeg(size, 99, None) });
        Expected::at("size-differs", "coco.json").or_at(name).or_at(case.voc()).word("is stated")
    }),
    kind("an image is not listed", Coco, |case| {
        case.put("images/extra.png", png([410.0, 210.0], 77));
        Expected::at("image-unlisted", "images").word("1")
    }),
    kind("two images have one label", Flat, |case| {
        let twin = format!("images/{}.webp", case.picture().stem());
        case.put(&twin, png([410.0, 210.0], 77));
        let listed = json!({"id": 70, "file_name": &twin[7..], "width": 410, "height": 210});
        case.edit_json("coco.json", |json| {
            json["images"].as_array_mut().unwrap().push(listed);
        });
        Expected::at("shared-label", "images").or_at("coco.json").side("background-absent")
    }),
    kind("two images differ in case only", Coco, |case| {
        case.put("images/SCAN0.png", png([410.0, 210.0], 77));
        Expected::at("same-but-case", "images").word("scan0")
    }),
    kind("a name is not allowed on Windows", Coco, |case| {
        case.rename("images/scan8.png", "images/con.png");
        case.replace("coco.json", "scan8.png", "con.png");
        Expected::at("illegal-name", "images/con.png").or_at("coco.json").word("device")
    }),
];

/// Subsets, their lists and folders, and copies of one format.
pub const SETS: &[Kind] = &[
    kind("the path of a subset is not there", Yaml, |case| {
        case.replace("data.yaml", "images/val", "images/valid");
        Expected::at("path-missing", "data.yaml").line(3).word("valid")
    }),
    kind("the path of data.yaml is not there", Yaml, |case| {
        case.replace("data.yaml", "path: .", "path: /nowhere/dataset");
        Expected::at("path-missing", "data.yaml").line(1).word("nowhere")
    }),
    kind("val is the folder of train", Yaml, |case| {
        case.replace("data.yaml", "images/val", "images/train");
        Expected::at("path-twice", "data.yaml").word("train")
    }),
    kind("a label lies in the other split", Yaml, |case| {
        case.image = 0;
        let name = case.label();
        case.rename(&name, "labels/val/scan0.txt");
        Expected::at("label-elsewhere", "labels/val/scan0.txt").or_at("images/train/scan0.png")
    }),
    kind("a label lies beside its image", Yaml, |case| {
        case.image = 0;
        let name = case.label();
        case.rename(&name, "images/train/scan0.txt");
        Expected::at("label-elsewhere", "images/train")
    }),
    kind("a label of a split with COCO lies in the other split", Split, |case| {
        case.image = 0;
        let name = case.label();
        case.rename(&name, "labels/val/scan0.txt");
        Expected::at("label-elsewhere", "labels/val/scan0.txt").side("image-absent")
    }),
    kind("an image and its label are in two subsets", Yaml, |case| {
        case.image = 0;
        copy(case, "val", "scan0.png");
        Expected::at("subset-overlap", "images").or_at("labels").or("subset-copy").word("scan0")
    }),
    kind("a picture is in two subsets by another name", Yaml, |case| {
        case.image = 0;
        copy(case, "val", "other.png");
        Expected::at("subset-copy", "images").word("scan0").word("other")
    }),
    kind("a picture was encoded anew in another subset", Yaml, |case| {
        near_copy(case, "other.jpg", |it| imageops::brighten(it, 3)).word("re-encoded")
    }),
    kind("a picture has half its size in another subset", Yaml, |case| {
        near_copy(case, "other.jpg", |it| {
            let (width, height) = (it.width() / 2, it.height() / 2);
            imageops::resize(it, width, height, imageops::FilterType::CatmullRom)
        })
        .word("resized")
    }),
    kind("a picture is mirrored in another subset", Yaml, |case| {
        near_copy(case, "other.jpg", imageops::flip_horizontal).word("mirrored")
    }),
    kind("a picture is turned in another subset", Yaml, |case| {
        near_copy(case, "other.jpg", imageops::rotate90).word("turned")
    }),
    kind("a picture is a PNG file in another subset", Yaml, |case| {
        near_copy(case, "other.png", |it| it.clone()).word("pixel for pixel")
    }),
    kind("a picture was encoded anew in its own subset", Yaml, |case| {
        near_copy(case, "other.jpg", |it| it.clone());
        for (name, new) in [
            ("images/val/other.jpg", "images/train/other.jpg"),
            ("labels/val/other.txt", "labels/train/other.txt"),
        ] {
            case.rename(name, new);
        }
        Expected::nothing()
    }),
    kind("pictures of two subsets are different", Yaml, |case| {
        for at in 0..crate::dataset::PICTURES {
            case.image = at;
            let (name, size) = (case.image_file(), case.picture().size);
            case.put(&name, encoded(&photo(size, at as u64), &name));
        }
        Expected::nothing()
    }),
    kind("an image is in two subsets of COCO", Split, |case| {
        let [width, height] = case.pictures[0].size.map(|side| side as u64);
        let image = json!({"id": 60, "file_name": "scan0.png", "width": width, "height": height});
        case.edit_json("annotations/instances_val.json", |json| {
            json["images"].as_array_mut().unwrap().push(image);
        });
        Expected::at("subset-overlap", "annotations").word("scan0").word("subset")
    }),
    kind("a list puts an image into another subset than its folder", Yaml, |case| {
        case.replace("data.yaml", "train: images/train", "train: train.txt");
        let names = in_subset(case, "train", "./images/train/");
        case.put("train.txt", names + "./images/val/scan3.jpg\n");
        Expected::at("split-folder", "train.txt")
            .or("subset-overlap")
            .or_at("data.yaml")
            .or_at("images")
            .word("scan3")
    }),
    kind("a list of data.yaml is right", Yaml, |case| {
        case.replace("data.yaml", "train: images/train", "train: train.txt");
        let names = in_subset(case, "train", "./images/train/");
        case.put("train.txt", names);
        Expected::nothing()
    }),
    kind("an image is in two lists", Voc, |case| {
        case.edit("ImageSets/Main/val.txt", |text| text + "scan0\n");
        Expected::at("split-overlap", "ImageSets/Main").or("subset-overlap").word("scan0")
    }),
    kind("an image is twice in a list", Voc, |case| {
        case.edit("ImageSets/Main/val.txt", |text| text.clone() + &text);
        Expected::at("split-repeated", "ImageSets/Main/val.txt")
    }),
    kind("a list names an image that is not there", Voc, |case| {
        case.edit("ImageSets/Main/val.txt", |text| text + "gone\n");
        Expected::at("split-unknown", "ImageSets/Main/val.txt").word("gone")
    }),
    kind("an image is in no list", Voc, |case| {
        case.image = 0;
        case.replace("ImageSets/Main/train.txt", "scan0\n", "");
        Expected::at("split-incomplete", "Annotations")
            .or_at("ImageSets")
            .or_at("JPEGImages")
            .word("scan0")
            .word("list")
            .word("split")
    }),
    kind("the labels of a subset are gone", Yaml, |case| {
        case.files.retain(|name, _| !name.starts_with("labels/val"));
        Expected::at("label-elsewhere", "labels")
            .or("image-unlisted")
            .or("not-judged")
            .or("image-absent")
            .or_at("images/val")
            .or_at("data.yaml")
    }),
    kind("all labels are empty", Flat, |case| {
        for at in 0..crate::dataset::PICTURES {
            let name = case.layout.label(&case.pictures[at]);
            case.put(&name, "");
        }
        Expected::at("object-missing", "coco.json")
            .or("image-absent")
            .or("nothing-read")
            .or_at("labels")
    }),
    kind("a copy of COCO has another box", Coco, |case| {
        copies(case);
        let edited = case.order();
        case.edit_json("copies/b.json", |json| {
            let x = &mut json["annotations"][edited]["bbox"][0];
            *x = json!(x.as_f64().unwrap() + 6.0);
        });
        Expected::at("box-changed", "copies/b.json").or("box-not-shape").word("px off")
    }),
    kind("a copy of COCO has another ring", Coco, |case| {
        copies(case);
        let order = case.order();
        let mut ring = case.object().ring.clone();
        let distance = case.inwards(6.0);
        ring.iter_mut().for_each(|point| point[0] += distance);
        let [left, top, right, bottom] = crate::dataset::bounds(&ring);
        case.edit_json("copies/b.json", |json| {
            let it = &mut json["annotations"][order];
            it["segmentation"] = json!([ring.concat()]);
            it["bbox"] = json!([left, top, right - left, bottom - top]);
        });
        Expected::at("shape-changed", "copies/b.json").or("box-changed").word("px off")
    }),
    kind("a copy of COCO lacks an object", Coco, |case| {
        copies(case);
        let order = case.order();
        case.edit_json("copies/b.json", |json| {
            json["annotations"].as_array_mut().unwrap().remove(order);
        });
        Expected::at("object-missing", "coco.json").or_at("copies").or("object-added")
    }),
    kind("a copy of COCO has another class for an object", Coco, |case| {
        copies(case);
        let (order, category) = (case.order(), case.category() % 4 + 1);
        case.edit_json("copies/b.json", |json| {
            json["annotations"][order]["category_id"] = json!(category);
        });
        Expected::at("class-changed", "copies/b.json").word("says").word("differs")
    }),
    kind("copies of COCO are the same", Coco, |case| {
        copies(case);
        Expected::nothing()
    }),
];

fn cut(case: &mut Case) -> Expected {
    let name = case.image_file();
    let mut bytes = case.remove(&name);
    bytes.truncate(bytes.len() - 2);
    case.put(&name, bytes);
    Expected::at("truncated-image", name).word("end")
}

/// Copies the image and its label into another subset.
fn copy(case: &mut Case, subset: &str, name: &str) {
    let (image, label) = (case.files[&case.image_file()].clone(), case.text(&case.label()));
    let stem = name.split('.').next().unwrap();
    case.put(&format!("images/{subset}/{name}"), image);
    case.put(&format!("labels/{subset}/{stem}.txt"), label);
}

/// Makes an image a real picture, and puts what is made of it into another subset, by this name.
fn near_copy(case: &mut Case, name: &str, change: fn(&RgbImage) -> RgbImage) -> Expected {
    case.image = 1;
    let original = case.image_file();
    let bytes = encoded(&photo(case.picture().size, 1), &original);
    let picture = image::load_from_memory(&bytes).unwrap().into_rgb8();
    case.put(&original, bytes);
    copy(case, "val", name);
    let place = format!("images/val/{name}");
    case.put(&place, encoded(&change(&picture), name));
    Expected::at("subset-near-copy", place).word("images/train/scan1.jpg").word("val").word("copy")
}

fn in_subset(case: &Case, subset: &str, folder: &str) -> String {
    let own = case.pictures.iter().filter(|picture| picture.subset == subset);
    own.map(|picture| format!("{folder}{}\n", picture.name)).collect()
}

/// Puts two copies beside the COCO file.
fn copies(case: &mut Case) {
    for name in ["copies/a.json", "copies/b.json"] {
        let text = case.text("coco.json");
        case.put(name, text);
    }
}
