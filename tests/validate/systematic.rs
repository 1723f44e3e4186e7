//! All objects of a format are wrong in one way: one finding says in which.

use crate::dataset::{Picture, tidy};
use crate::fault::Part::{Coco, Via, Voc, Yolo};
use crate::fault::{Case, Expected, Kind, Part, kind};
use crate::layout::Layout::{Coco as OnlyCoco, Flat, Polygons, Split, Yolo as OnlyYolo};
use crate::layout::box_row;
use serde_json::{Value, json};

/// What a motion makes of a point of an image of a size.
type Motion = fn([f64; 2], [f64; 2]) -> [f64; 2];

/// All points are elsewhere.
pub const MOTIONS: &[Kind] = &[
    kind("x and y are exchanged in YOLO", Flat, |case| {
        case.rewrite_rows(
            |it, size| {
                let [x, y, w, h] = box_row(it, size)[..] else { unreachable!() };
                vec![y, x, h, w]
            },
            6,
        );
        Expected::at("axes-swapped", "labels").word("x and y")
    }),
    kind("x and y are exchanged in VOC", Flat, |case| exchanged(case, Voc)),
    kind("x and y are exchanged in VIA", Flat, |case| exchanged(case, Via)),
    kind("x and y are exchanged in COCO", Flat, |case| exchanged(case, Coco)),
    kind("YOLO is mirrored", Flat, |case| mirrored(case, Yolo)),
    kind("VOC is mirrored", Flat, |case| mirrored(case, Voc)),
    kind("VIA is mirrored", Flat, |case| mirrored(case, Via)),
    kind("COCO is mirrored", Flat, |case| mirrored(case, Coco)),
    kind("polygons of YOLO are mirrored", Polygons, |case| mirrored(case, Yolo).or_at("coco.json")),
    kind("YOLO is upside down", Flat, |case| upside_down(case, Yolo)),
    kind("VOC is upside down", Flat, |case| upside_down(case, Voc)),
    kind("VIA is upside down", Flat, |case| upside_down(case, Via)),
    kind("COCO is upside down", Flat, |case| upside_down(case, Coco)),
    kind("YOLO is turned to the right", Flat, |case| {
        let right: Motion = |[x, y], [w, h]| [(h - y) / h * w, x / w * h];
        moved(case, Yolo, "turned", right).word("quarter")
    }),
    kind("VIA is turned to the left", Flat, |case| {
        let left: Motion = |[x, y], [w, _]| [y, w - x];
        out_of_frame(moved(case, Via, "turned", left).word("quarter"))
    }),
    kind("VOC is turned to the right", Flat, |case| {
        let right: Motion = |[x, y], [_, h]| [h - y, x];
        out_of_frame(moved(case, Voc, "turned", right).word("quarter"))
    }),
    kind("COCO is turned by half", Flat, |case| {
        moved(case, Coco, "turned", |[x, y], [w, h]| [w - x, h - y]).word("half")
    }),
    kind("YOLO is shifted by (3, -2)", Flat, |case| shifted(case, Yolo)),
    kind("VOC is shifted by (3, -2)", Flat, |case| shifted(case, Voc)),
    kind("VIA is shifted by (3, -2)", Flat, |case| shifted(case, Via)),
    kind("COCO is shifted by (3, -2)", Flat, |case| shifted(case, Coco)),
    kind("YOLO is shifted by half a pixel", Flat, |case| {
        moved(case, Yolo, "shifted", |point, _| point.map(|number| number + 0.5)).word("0.5")
    }),
    kind("VIA is shifted by half a pixel", Flat, |case| {
        moved(case, Via, "shifted", |point, _| point.map(|number| number - 0.5)).word("0.5")
    }),
    kind("YOLO is shifted by 1 px", Flat, |case| {
        moved(case, Yolo, "shifted", |point, _| point.map(|number| number + 1.0)).or("one-based")
    }),
    kind("VIA counts from 1", Flat, |case| {
        moved(case, Via, "one-based", |point, _| point.map(|number| number + 1.0)).or("shifted")
    }),
    kind("VOC counts from 1", Flat, |case| {
        moved(case, Voc, "one-based", |point, _| point.map(|number| number + 1.0))
    }),
    kind("VOC is scaled by a half", Flat, |case| scaled(case, Voc, |it| it * 0.5)),
    kind("VIA is scaled by a half", Flat, |case| scaled(case, Via, |it| it * 0.5)),
    kind("COCO is scaled by a half", Flat, |case| scaled(case, Coco, |it| it * 0.5)),
    kind("YOLO is scaled by a half", Flat, |case| scaled(case, Yolo, |it| it * 0.5)),
    kind("VOC is scaled by 2", Flat, |case| out_of_frame(scaled(case, Voc, |it| it * 2.0))),
    kind("VIA is scaled by 2", Flat, |case| out_of_frame(scaled(case, Via, |it| it * 2.0))),
    kind("VOC is stretched to 640", Flat, |case| stretched(case, Voc)),
    kind("VIA is stretched to 640", Flat, |case| stretched(case, Via)),
    kind("COCO is stretched to 640", Flat, |case| stretched(case, Coco)),
    kind("VOC is fitted into 640", Flat, |case| {
        out_of_frame(moved(case, Voc, "scaled", letterbox).word("640"))
    }),
    kind("VIA is fitted into 640", Flat, |case| {
        out_of_frame(moved(case, Via, "scaled", letterbox).word("640"))
    }),
    kind("COCO is fitted into 640", Flat, |case| {
        out_of_frame(moved(case, Coco, "scaled", letterbox).word("640"))
    }),
    kind("YOLO is scaled by 2", Flat, |case| {
        out_of_frame(scaled(case, Yolo, |it| it * 2.0)).side("not-a-fraction")
    }),
    kind("COCO is scaled by 2", Flat, |case| out_of_frame(scaled(case, Coco, |it| it * 2.0))),
    kind("YOLO is fitted into a square", Flat, |case| {
        let fractions: Motion = |point, size| {
            let [x, y] = letterbox(point, size);
            [x / 640.0 * size[0], y / 640.0 * size[1]]
        };
        moved(case, Yolo, "scaled", fractions).word("square").word("letterbox")
    }),
    kind("the polygons of YOLO are those of stretched images", Polygons, |case| {
        let motion: Motion = |[x, y], _| [x * 0.8, y];
        moved(case, Yolo, "scaled", motion).or_at("coco.json").word("0.8").word("1.25")
    }),
];

/// All boxes are written in another way.
pub const BOXES: &[Kind] = &[
    kind("width and height of YOLO's boxes are exchanged", Flat, |case| {
        case.rewrite_rows(
            |it, size| {
                let [x, y, w, h] = box_row(it, size)[..] else { unreachable!() };
                vec![x, y, h, w]
            },
            6,
        );
        Expected::at("sides-swapped", "labels").word("width and height")
    }),
    kind("width and height of COCO's boxes are exchanged", Flat, |case| {
        boxes(case, "sides-swapped", |[x, y, w, h], _| [x, y, h, w]).word("width and height")
    }),
    kind("YOLO's numbers are divided by the wrong sides", Flat, |case| {
        case.rewrite_rows(|it, [width, height]| box_row(it, [height, width]), 6);
        let expected = Expected::at("sides-swapped", "labels").word("image");
        out_of_frame(expected).side("not-a-fraction")
    }),
    kind("width and height of all images are exchanged in COCO", Flat, |case| {
        case.edit_all("images", |it| {
            let width = it["width"].take();
            it["width"] = it["height"].take();
            it["height"] = width;
        });
        Expected::at("sides-swapped", "coco.json")
            .or("size-differs")
            .word("exchanged")
            .word("is stated")
    }),
    kind("width and height of all images are exchanged in VOC", Flat, |case| {
        case.rewrite(Voc, |it| it.size.swap(0, 1));
        Expected::at("sides-swapped", "voc").or("size-differs").word("exchanged").word("is stated")
    }),
    kind("COCO has corners where the size belongs", Flat, |case| {
        let to = |[x, y, w, h]: [f64; 4], _: [f64; 2]| [x, y, x + w, y + h];
        out_of_frame(boxes(case, "corners-as-size", to).word("right and bottom"))
    }),
    kind("COCO alone has corners where the size belongs", OnlyCoco, |case| {
        let to = |[x, y, w, h]: [f64; 4], _: [f64; 2]| [x, y, x + w, y + h];
        out_of_frame(boxes(case, "corners-as-size", to).or("box-not-shape"))
    }),
    kind("YOLO has corners where the size belongs", Flat, |case| {
        case.rewrite_rows(
            |it, [w, h]| {
                let [left, top, right, bottom] = it.bbox;
                vec![left / w, top / h, right / w, bottom / h]
            },
            6,
        );
        out_of_frame(Expected::at("corners-as-size", "labels").word("right and bottom"))
    }),
    kind("VOC has the size where corners belong", Flat, |case| {
        let to = |[left, top, right, bottom]: [f64; 4], _: [f64; 2]| {
            [left, top, right - left, bottom - top].map(f64::round)
        };
        case.rewrite_corners(to);
        Expected::at("size-as-corners", "voc").word("width and height").side("inverted")
    }),
    kind("YOLO has corners where centres belong", Flat, |case| {
        case.rewrite_rows(
            |it, size| {
                let corner = [it.bbox[0] / size[0], it.bbox[1] / size[1]];
                [&corner, &box_row(it, size)[2..]].concat()
            },
            6,
        );
        out_of_frame(Expected::at("corner-as-centre", "labels").word("corner"))
    }),
    kind("COCO has centres where corners belong", Flat, |case| {
        let to = |[x, y, w, h]: [f64; 4], _: [f64; 2]| [x + w / 2.0, y + h / 2.0, w, h];
        out_of_frame(boxes(case, "centre-as-corner", to).word("centre"))
    }),
    kind("COCO's boxes are fractions", Flat, |case| {
        let to = |[x, y, w, h]: [f64; 4], size: [f64; 2]| {
            [x / size[0], y / size[1], w / size[0], h / size[1]]
        };
        boxes(case, "wrong-unit", to).word("fractions").side("below-a-pixel")
    }),
    kind("all of COCO is fractions", Flat, |case| {
        let to: Motion = |[x, y], [w, h]| [x / w, y / h];
        moved(case, Coco, "wrong-unit", to).word("fractions").side("below-a-pixel")
    }),
    kind("COCO alone is fractions", OnlyCoco, |case| {
        moved(case, Coco, "below-a-pixel", |[x, y], [w, h]| [x / w, y / h]).word("fractions")
    }),
    kind("VOC is fractions", Flat, |case| {
        case.rewrite_corners(|[left, top, right, bottom], [w, h]| {
            [left / w, top / h, right / w, bottom / h]
        });
        Expected::at("wrong-unit", "voc").word("fractions").side("below-a-pixel")
    }),
    kind("VIA is fractions", Flat, |case| {
        let to: Motion = |[x, y], [w, h]| [x / w, y / h];
        moved(case, Via, "wrong-unit", to).word("fractions").side("below-a-pixel")
    }),
    kind("COCO's boxes are percent", Flat, |case| {
        let to = |[x, y, w, h]: [f64; 4], size: [f64; 2]| {
            let part = |number: f64, side: usize| number / size[side] * 100.0;
            [part(x, 0), part(y, 1), part(w, 0), part(h, 1)]
        };
        boxes(case, "wrong-unit", to).word("percent")
    }),
    kind("VOC is percent", Flat, |case| {
        case.rewrite_corners(|[left, top, right, bottom], [w, h]| {
            let (w, h) = (w / 100.0, h / 100.0);
            [left / w, top / h, right / w, bottom / h]
        });
        Expected::at("wrong-unit", "voc").word("percent")
    }),
    kind("YOLO is pixels", Flat, |case| {
        case.rewrite_rows(|it, _| box_row(it, [1.0, 1.0]), 4);
        one_of_units(Expected::at("wrong-unit", "labels").word("pixels"))
    }),
    kind("YOLO is percent", Flat, |case| {
        case.rewrite_rows(|it, size| box_row(it, size.map(|side| side / 100.0)), 4);
        one_of_units(Expected::at("wrong-unit", "labels").word("percent"))
    }),
    kind("YOLO alone is pixels", OnlyYolo, |case| {
        case.rewrite_rows(|it, _| box_row(it, [1.0, 1.0]), 4);
        one_of_units(Expected::at("not-a-fraction", "labels").word("pixels"))
    }),
    kind("YOLO alone is percent", OnlyYolo, |case| {
        case.rewrite_rows(|it, size| box_row(it, size.map(|side| side / 100.0)), 4);
        one_of_units(Expected::at("not-a-fraction", "labels").word("percent"))
    }),
    kind("YOLO has 2 decimals", Flat, |case| {
        case.rewrite_rows(box_row, 2);
        Expected::at("coarse-rounding", "labels").word("2 decimals")
    }),
    kind("YOLO is cut off after 4 decimals", Flat, |case| {
        case.rewrite_rows(
            |it, size| box_row(it, size).iter().map(|it| (it * 1e4).floor() / 1e4).collect(),
            4,
        );
        Expected::at("truncated-coordinates", "labels").word("cut").word("truncated")
    }),
    kind("VOC is cut off to whole numbers", Flat, |case| {
        case.rewrite_corners(|bbox, _| bbox.map(f64::floor));
        Expected::at("truncated-coordinates", "voc").word("cut").word("truncated")
    }),
    kind("COCO is rounded member by member", Flat, |case| {
        boxes(case, "", |[x, y, w, h], _| [x.round(), y.round(), w, h]);
        Expected::nothing().side("box-not-shape")
    }),
    kind("YOLO's splits are mirrored", Split, |case| {
        case.rewrite(Yolo, |it| it.map(|[x, y], [w, _]| [w - x, y]));
        Expected::at("mirrored", "labels").or_at("annotations").word("mirrored")
    }),
];

pub fn moved(case: &mut Case, part: Part, code: &'static str, motion: Motion) -> Expected {
    case.rewrite(part, |picture| picture.map(motion));
    Expected::at(code, part.path())
}

/// What is true as well of coordinates that lead out of the image.
fn out_of_frame(expected: Expected) -> Expected {
    expected.side("outside-image").side("beyond-border")
}

fn one_of_units(expected: Expected) -> Expected {
    expected.or("wrong-unit").or("not-a-fraction")
}

fn exchanged(case: &mut Case, part: Part) -> Expected {
    out_of_frame(moved(case, part, "axes-swapped", |[x, y], _| [y, x]).word("x and y"))
}

fn mirrored(case: &mut Case, part: Part) -> Expected {
    moved(case, part, "mirrored", |[x, y], [w, _]| [w - x, y]).word("left and right")
}

fn upside_down(case: &mut Case, part: Part) -> Expected {
    moved(case, part, "mirrored", |[x, y], [_, h]| [x, h - y]).word("upside down")
}

fn shifted(case: &mut Case, part: Part) -> Expected {
    moved(case, part, "shifted", |[x, y], _| [x + 3.0, y - 2.0]).word("3")
}

fn scaled(case: &mut Case, part: Part, by: fn(f64) -> f64) -> Expected {
    case.rewrite(part, |picture: &mut Picture| picture.map(|point, _| point.map(by)));
    Expected::at("scaled", part.path()).word("0.5").word("2").word("half")
}

fn stretched(case: &mut Case, part: Part) -> Expected {
    let stretch: Motion = |[x, y], [w, h]| [x / w * 640.0, y / h * 640.0];
    out_of_frame(moved(case, part, "scaled", stretch).word("640"))
}

/// The point on a copy of the image in a square of 640 pixels, with bars.
fn letterbox([x, y]: [f64; 2], [w, h]: [f64; 2]) -> [f64; 2] {
    let scale = 640.0 / w.max(h);
    [x * scale + (640.0 - w * scale) / 2.0, y * scale + (640.0 - h * scale) / 2.0]
}

/// Changes the boxes of COCO, and leaves the shapes.
fn boxes(case: &mut Case, code: &'static str, to: fn([f64; 4], [f64; 2]) -> [f64; 4]) -> Expected {
    let sizes: Vec<[f64; 2]> = case.pictures.iter().map(|picture| picture.size).collect();
    case.edit_all("annotations", |it: &mut Value| {
        let image = it["image_id"].as_u64().unwrap() as usize - 1;
        let bbox: [f64; 4] = serde_json::from_value(it["bbox"].take()).unwrap();
        it["bbox"] = json!(to(bbox, sizes[image]).map(tidy));
    });
    Expected::at(code, "coco.json")
}
