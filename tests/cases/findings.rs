//! What `validate` finds in other makers' datasets: the rules it infers between their formats,
//! and each finding, all of which were looked up by hand in the files.

use crate::support::{annoconv, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// A rule between two formats: the derived one, the rule, and how many objects keep it.
type Agreement = (&'static str, &'static str, u64);

struct Case {
    folder: &'static str,
    agreement: &'static [Agreement],
    findings: &'static [(&'static str, u64)],
}

const BOXES: &str = "boxes in pixels, exact, 0-based";
const BOXES_AND_OPEN_RINGS: &str = "boxes in pixels, exact, 0-based; polygon rings, open, exact";

const CASES: &[Case] = &[
    Case { folder: "via-balloon/datasets/balloon_original", agreement: &[], findings: &[] },
    Case { folder: "via-balloon/datasets/balloon", agreement: &[], findings: &[] },
    // Two regions are of two points, and four state no class in either file.
    Case {
        folder: "via-rice/via-rice-json-csv",
        agreement: &[("vgg", "polygon rings, closed, exact", 775)],
        findings: &[("few-points", 2), ("no-class", 4), ("self-crossing", 18)],
    },
    Case { folder: "raccoon/raccoon", agreement: &[], findings: &[] },
    Case {
        folder: "voc2012-subset-8-formats/gts",
        agreement: &[
            ("coco", BOXES, 273),
            ("labelme", BOXES, 273),
            ("voc", BOXES, 273),
            ("voc", BOXES, 273),
            ("yolo", "boxes as fractions, rounded to 6 decimals, 0-based", 273),
        ],
        findings: &[],
    },
    // Crowds, the stated areas of which are not those of their masks. Two files of whole pixels have 9
    // boxes each that are a pixel larger than around their polygons: as exact as such numbers are. In
    // one file, an image's id is in quotes and 13 of 14 references to it are not.
    Case {
        folder: "coco-val2014-100/tests/dataset",
        agreement: &[],
        findings: &[("area-not-shape", 8), ("string-number", 1), ("unused-class", 1)],
    },
    // LVIS has no `iscrowd`, and boxes that are not around their polygons.
    Case {
        folder: "coco-val2014-100/tests/lvis_dataset",
        agreement: &[],
        findings: &[
            ("absent-member", 1),
            ("area-not-shape", 2),
            ("box-not-shape", 13),
            ("unused-class", 1),
        ],
    },
    Case { folder: "coco-val2014-100/tests/keypoints_dataset", agreement: &[], findings: &[] },
    Case { folder: "four-images-9-formats/datasets/labelImg", agreement: &[], findings: &[] },
    Case { folder: "four-images-9-formats/datasets/labelme", agreement: &[], findings: &[] },
    Case { folder: "four-images-9-formats/datasets/grapes", agreement: &[], findings: &[] },
    Case { folder: "four-images-9-formats/datasets/voc1.1", agreement: &[], findings: &[] },
    Case { folder: "four-images-9-formats/datasets/yolo", agreement: &[], findings: &[] },
    Case {
        folder: "four-images-9-formats/datasets/coco1.0",
        agreement: &[],
        findings: &[("unused-class", 1)],
    },
    Case {
        folder: "four-images-9-formats/datasets/yolo1.1",
        agreement: &[],
        findings: &[("unused-class", 1)],
    },
    Case {
        folder: "four-images-9-formats/datasets/phones",
        agreement: &[("yolo", "boxes as fractions, rounded to 6 decimals, 0-based", 10)],
        findings: &[],
    },
    // The JSON has 17 regions twice.
    Case {
        folder: "four-images-9-formats/datasets/via",
        agreement: &[("vgg", BOXES_AND_OPEN_RINGS, 25)],
        findings: &[("duplicate-object", 17)],
    },
    // Each stated area is that of the image, not of the object. The COCO files were made from the
    // boxes of the LabelMe files, cut to whole pixels: their rings are the corners of these boxes. LabelMe
    // has an image as terrain1.png, COCO as terrain1.jpg, and one COCO file has other images.
    Case {
        folder: "sahi/sahi-tests/tests/data/coco_utils",
        agreement: &[
            ("coco", BOXES_AND_OPEN_RINGS, 12),
            ("coco", BOXES_AND_OPEN_RINGS, 12),
            ("coco", BOXES_AND_OPEN_RINGS, 22),
            ("coco", "boxes in pixels, truncated, 0-based; polygon rings, open, exact", 0),
        ],
        findings: &[
            ("area-without-rule", 7),
            ("image-absent", 3),
            ("shape-changed", 6),
            ("truncated-coordinates", 1),
            ("unused-class", 3),
            ("zero-category-id", 1),
        ],
    },
    // Each stated area is that of the image; there are boxes alone.
    Case {
        folder: "sahi/sahi-tests/tests/data/coco_evaluate",
        agreement: &[],
        findings: &[("area-without-rule", 1), ("unused-class", 1)],
    },
    // Each format has copies of the images; KITTI and Lightly lie beside them.
    Case {
        folder: "labelformat-fixtures/fixtures/object_detection",
        agreement: &[
            ("voc", BOXES, 16),
            ("coco", "boxes in pixels, rounded to whole pixels, 0-based", 16),
        ],
        findings: &[("unused-class", 2), ("zero-category-id", 1)],
    },
    // A stated area of 962 pixels, the mask of which has 938; one image has no YOLO file.
    Case {
        folder: "labelformat-fixtures/fixtures/instance_segmentation",
        agreement: &[
            ("coco", BOXES_AND_OPEN_RINGS, 3),
            ("yolo", "polygon rings, open, rounded to 6 decimals", 3),
        ],
        findings: &[
            ("area-not-shape", 1),
            ("image-missing", 1),
            ("unused-class", 3),
            ("zero-category-id", 2),
        ],
    },
    // The second box is around the first of two parts alone, and "false" stands for 0.
    Case {
        folder: "label-studio/tests/custom/converter/data/test_import_coco",
        agreement: &[],
        findings: &[("box-not-shape", 1), ("string-number", 2), ("zero-id", 1)],
    },
    Case {
        folder: "label-studio/tests/custom/converter/data/test_import_yolo_data",
        agreement: &[],
        findings: &[],
    },
    // Instances and keypoints are one set in two files. Captions have no category; some images are of a
    // few pixels; the only object of each stuff file is a crowd.
    Case {
        folder: "datumaro-assets/assets/coco_dataset/coco",
        agreement: &[("coco", BOXES_AND_OPEN_RINGS, 3)],
        findings: &[
            ("all-crowd", 2),
            ("missing-reference", 3),
            ("tiny-image", 4),
            ("unused-class", 5),
        ],
    },
    // The label of a train image lies among those of val.
    Case {
        folder: "contradictions/label-in-other-split",
        agreement: &[("yolo", "boxes as fractions, rounded to 6 decimals, 0-based", 12)],
        findings: &[("label-elsewhere", 1)],
    },
    // data.yaml and classes.txt have other orders, and train and val are one folder.
    Case {
        folder: "contradictions/yaml-vs-classes",
        agreement: &[],
        findings: &[("class-lists-differ", 1), ("path-twice", 1), ("unused-class", 1)],
    },
    Case {
        folder: "contradictions/split-classlists",
        agreement: &[("yolo", "boxes as fractions, rounded to 6 decimals, 0-based", 12)],
        findings: &[("class-lists-differ", 1)],
    },
    Case {
        folder: "contradictions/labels-all-malformed",
        agreement: &[],
        findings: &[("nothing-read", 1)],
    },
    Case {
        folder: "datumaro-assets/assets/voc_dataset/voc_dataset1",
        agreement: &[],
        findings: &[],
    },
];

/// Every rule and every finding of every dataset is one that was looked up.
pub fn every_dataset(folder: &Path) {
    let mut wrong = Vec::new();
    for case in CASES {
        let arguments = ["--format", "json", "--fail-on", "never"];
        let path = folder.join(case.folder);
        let (out, _) = run(annoconv().arg("validate").arg(path).args(arguments), 0);
        let report: Value = serde_json::from_str(&out).unwrap();
        let expected: BTreeMap<&str, u64> = case.findings.iter().copied().collect();
        let (counts, agreement) = (counts(&report), agreement(&report));
        if counts != expected || agreement != case.agreement {
            wrong.push(format!("{}: {counts:?} {agreement:?}", case.folder));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn counts(report: &Value) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        *counts.entry(finding["code"].as_str().unwrap()).or_default() += 1;
    }
    counts
}

/// The rules of the report, each of which every object keeps, or none.
fn agreement(report: &Value) -> Vec<(&str, &str, u64)> {
    let lines = report["agreement"].as_array().unwrap().iter();
    lines
        .map(|line| {
            assert!(line["disagree"] == 0 || line["agree"] == 0, "{line}");
            let word = |name: &str| line[name].as_str().unwrap();
            (word("to"), word("rule"), line["agree"].as_u64().unwrap())
        })
        .collect()
}
