//! The files of a dataset, as a tool writes them: independent of the writers under test.

use crate::dataset::{CATEGORY_IDS, CLASSES, Object, Picture, area, jpeg, png, tidy};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The files of a dataset by their names.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Which formats a dataset has, and where its files lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// COCO, YOLO's boxes, VOC and VIA, side by side.
    Flat,
    /// COCO and YOLO's polygons.
    Polygons,
    /// YOLO and COCO in subsets, with a data.yaml.
    Split,
    /// COCO alone.
    Coco,
    /// VOC alone, with lists of its subsets.
    Voc,
    /// YOLO alone.
    Yolo,
    /// YOLO alone, in subsets, with a data.yaml.
    Yaml,
    /// VIA alone.
    Via,
}

pub const LAYOUTS: [Layout; 8] = [
    Layout::Flat,
    Layout::Polygons,
    Layout::Split,
    Layout::Coco,
    Layout::Voc,
    Layout::Yolo,
    Layout::Yaml,
    Layout::Via,
];

/// The numbers of a row after the class.
pub type RowOf = fn(&Object, [f64; 2]) -> Vec<f64>;
/// The four numbers of a box of VOC, from left, top, right, bottom.
pub type CornersOf = fn([f64; 4], [f64; 2]) -> [f64; 4];

pub const SUBSETS: [&str; 3] = ["train", "val", "test"];

impl Layout {
    pub fn has_subsets(self) -> bool {
        matches!(self, Self::Split | Self::Yaml)
    }

    pub fn image(self, picture: &Picture) -> String {
        match self {
            Self::Split | Self::Yaml => format!("images/{}/{}", picture.subset, picture.name),
            Self::Voc => format!("JPEGImages/{}", picture.name),
            _ => format!("images/{}", picture.name),
        }
    }

    pub fn label(self, picture: &Picture) -> String {
        match self.has_subsets() {
            true => format!("labels/{}/{}.txt", picture.subset, picture.stem()),
            false => format!("labels/{}.txt", picture.stem()),
        }
    }

    pub fn voc(self, picture: &Picture) -> String {
        let folder = if self == Self::Voc { "Annotations" } else { "voc" };
        format!("{folder}/{}.xml", picture.stem())
    }

    pub fn coco(self, subset: &str) -> String {
        match self {
            Self::Split => format!("annotations/instances_{subset}.json"),
            _ => "coco.json".to_owned(),
        }
    }

    /// All files of a dataset.
    pub fn files(self, pictures: &[Picture]) -> Files {
        let mut files = Files::new();
        for (at, picture) in pictures.iter().enumerate() {
            let bytes = match picture.name.ends_with("png") {
                true => png(picture.size, at as u8),
                false => jpeg(picture.size, at as u8, None),
            };
            files.insert(self.image(picture), bytes);
        }
        if matches!(self, Self::Flat | Self::Polygons | Self::Coco | Self::Split) {
            self.add_coco(&mut files, pictures);
        }
        if matches!(self, Self::Flat | Self::Polygons | Self::Split | Self::Yolo | Self::Yaml) {
            let row = if self == Self::Polygons { polygon_row } else { box_row };
            self.add_yolo(&mut files, pictures, row, 6);
            let (name, list) = match self.has_subsets() {
                true => ("data.yaml", data_yaml()),
                false if self == Self::Flat => ("labels/classes.txt", CLASSES.join("\n") + "\n"),
                false => ("classes.txt", CLASSES.join("\n") + "\n"),
            };
            files.insert(name.to_owned(), list.into_bytes());
        }
        if matches!(self, Self::Flat | Self::Voc) {
            self.add_voc(&mut files, pictures, |bbox, _| bbox.map(f64::round));
        }
        if self == Self::Voc {
            for subset in ["train", "val"] {
                let is_of = |picture: &&Picture| (picture.subset == "train") == (subset == "train");
                let names: Vec<&str> = pictures.iter().filter(is_of).map(Picture::stem).collect();
                let list = names.join("\n") + "\n";
                files.insert(format!("ImageSets/Main/{subset}.txt"), list.into_bytes());
            }
        }
        if matches!(self, Self::Flat | Self::Via) {
            self.add_via(&mut files, pictures);
        }
        files
    }

    pub fn add_coco(self, files: &mut Files, pictures: &[Picture]) {
        let subsets: &[&str] = if self == Self::Split { &SUBSETS } else { &["all"] };
        for subset in subsets {
            let is_of = |picture: &&Picture| *subset == "all" || picture.subset == *subset;
            let own: Vec<&Picture> = pictures.iter().filter(is_of).collect();
            files.insert(self.coco(subset), pretty(&coco(&own)));
        }
    }

    pub fn add_yolo(self, files: &mut Files, pictures: &[Picture], row: RowOf, decimals: usize) {
        for picture in pictures {
            let mut text = String::new();
            for object in &picture.objects {
                write!(text, "{}", object.class).unwrap();
                for number in row(object, picture.size) {
                    write!(text, " {number:.decimals$}").unwrap();
                }
                text.push('\n');
            }
            files.insert(self.label(picture), text.into_bytes());
        }
    }

    pub fn add_voc(self, files: &mut Files, pictures: &[Picture], corners: CornersOf) {
        for picture in pictures {
            files.insert(self.voc(picture), voc(picture, corners).into_bytes());
        }
    }

    pub fn add_via(self, files: &mut Files, pictures: &[Picture]) {
        let bytes = |picture: &Picture| files[&self.image(picture)].len();
        let entries = pictures.iter().map(|picture| {
            let size = bytes(picture);
            let regions: Vec<Value> = picture.objects.iter().map(region).collect();
            let key = format!("{}{size}", picture.name);
            (
                key,
                json!({"filename": picture.name, "size": size, "regions": regions,
                "file_attributes": {}}),
            )
        });
        let json = Value::Object(entries.collect());
        files.insert("via.json".to_owned(), pretty(&json));
    }
}

pub fn pretty(json: &Value) -> Vec<u8> {
    serde_json::to_vec_pretty(json).unwrap()
}

pub fn box_row(object: &Object, [width, height]: [f64; 2]) -> Vec<f64> {
    let [left, top, right, bottom] = object.bbox;
    let centre = [(left + right) / 2.0 / width, (top + bottom) / 2.0 / height];
    [centre, [(right - left) / width, (bottom - top) / height]].concat()
}

pub fn polygon_row(object: &Object, size: [f64; 2]) -> Vec<f64> {
    object.ring.iter().flat_map(|point| [point[0] / size[0], point[1] / size[1]]).collect()
}

fn coco(pictures: &[&Picture]) -> Value {
    let mut annotations = Vec::new();
    let mut images = Vec::new();
    for (at, picture) in pictures.iter().enumerate() {
        let [width, height] = picture.size.map(|side| side as u32);
        images.push(json!({"id": at + 1, "file_name": picture.name, "width": width,
            "height": height}));
        for object in &picture.objects {
            let [left, top, right, bottom] = object.bbox;
            let bbox = [left, top, tidy(right - left), tidy(bottom - top)];
            annotations.push(json!({"id": annotations.len() + 1, "image_id": at + 1,
                "category_id": CATEGORY_IDS[object.class], "bbox": bbox, "iscrowd": 0,
                "area": area(&object.ring), "segmentation": [object.ring.concat()]}));
        }
    }
    let categories: Vec<Value> = std::iter::zip(CLASSES, CATEGORY_IDS)
        .map(|(name, id)| json!({"id": id, "name": name}))
        .collect();
    json!({"images": images, "annotations": annotations, "categories": categories})
}

fn voc(picture: &Picture, corners: CornersOf) -> String {
    let [width, height] = picture.size;
    let mut xml = format!(
        "<annotation>\n  <folder>images</folder>\n  <filename>{}</filename>\n  <size>\n    \
         <width>{width}</width>\n    <height>{height}</height>\n    <depth>3</depth>\n  </size>\n",
        picture.name
    );
    for object in &picture.objects {
        let numbers = corners(object.bbox, picture.size).map(tidy);
        xml += &voc_object(CLASSES[object.class], numbers);
    }
    xml + "</annotation>\n"
}

pub fn voc_object(class: &str, [left, top, right, bottom]: [f64; 4]) -> String {
    format!(
        "  <object>\n    <name>{class}</name>\n    <bndbox>\n      <xmin>{left}</xmin>\n      \
         <ymin>{top}</ymin>\n      <xmax>{right}</xmax>\n      <ymax>{bottom}</ymax>\n    \
         </bndbox>\n  </object>\n"
    )
}

fn region(object: &Object) -> Value {
    let all = |at: usize| -> Vec<f64> { object.ring.iter().map(|point| point[at]).collect() };
    json!({"shape_attributes": {"name": "polygon", "all_points_x": all(0),
        "all_points_y": all(1)}, "region_attributes": {"label": CLASSES[object.class]}})
}

pub fn data_yaml() -> String {
    format!(
        "path: .\ntrain: images/train\nval: images/val\ntest: images/test\nnc: {}\nnames: [{}]\n",
        CLASSES.len(),
        CLASSES.join(", ")
    )
}
