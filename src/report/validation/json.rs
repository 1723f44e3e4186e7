//! JSON for programs.

use super::words::Summary;
use crate::error::Place;
use crate::finding::{Finding, Occurrence};
use crate::report::visible;
use crate::trainers::{Lost, Seen, Sight};
use crate::validate::{Agreement, Input, Validation};
use serde_json::{Map, Value, json};

/// One JSON object with all findings, which docs/validate.md describes.
pub fn render(validation: &Validation) -> String {
    let Validation { inputs, agreement, passed_over, sight, findings } = validation;
    let summary = Summary::of(findings);
    let mut value = json!({
        "schema": 1,
        "inputs": inputs.iter().map(input).collect::<Vec<_>>(),
        "agreement": agreement.iter().map(agreement_row).collect::<Vec<_>>(),
        "passed_over": passed_over.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
        "summary": {
            "errors": summary.errors,
            "warnings": summary.warnings,
            "infos": summary.infos,
        },
    });
    if let Some((members, sight)) = value.as_object_mut().zip(sight.as_ref()) {
        members.insert("trainer".to_owned(), seen_by(sight));
    }
    visible::json(&value)
}

fn seen_by(sight: &Sight) -> Value {
    json!({
        "name": sight.trainer,
        "loads": sight.loads,
        "refused": sight.is_refused,
        "subsets": sight.subsets.iter().map(seen).collect::<Vec<_>>(),
    })
}

fn seen(seen: &Seen) -> Value {
    let lost = |lost: &Lost| {
        known(vec![
            ("image", Some(json!(lost.image))),
            ("reason", Some(json!(lost.reason))),
            ("file", Some(json!(lost.place.file.to_string_lossy()))),
            ("line", lost.place.position.map(|position| json!(position.line))),
            ("column", lost.place.position.map(|position| json!(position.column))),
        ])
    };
    json!({
        "subset": seen.subset,
        "path": seen.path.to_string_lossy(),
        "images": seen.images,
        "backgrounds": seen.backgrounds,
        "boxes": seen.boxes,
        "boxes_lost": seen.boxes_lost,
        "skipped": seen.skipped,
        "lost": seen.lost.iter().map(lost).collect::<Vec<_>>(),
    })
}

fn input(input: &Input) -> Value {
    json!({
        "format": input.format,
        "path": input.path.to_string_lossy(),
        "images": input.images,
        "annotations": input.annotations,
    })
}

fn agreement_row(row: &Agreement) -> Value {
    json!({
        "from": row.from,
        "from_path": row.from_path.to_string_lossy(),
        "to": row.to,
        "to_path": row.to_path.to_string_lossy(),
        "rule": row.rule,
        "images": row.images,
        "objects": row.objects,
        "agree": row.agree,
        "disagree": row.disagree,
    })
}

fn finding(finding: &Finding) -> Value {
    let Finding { rule, message, place, image, annotation, places } = finding;
    let mut members =
        vec![("code", Some(json!(rule.code()))), ("severity", Some(json!(rule.severity().name())))];
    members.extend(members_of(message, place, image.as_ref(), annotation.as_ref()));
    let occurrence = |it: &Occurrence| {
        let Occurrence { message, place, image, annotation } = it;
        known(members_of(message, place, image.as_ref(), annotation.as_ref()).into())
    };
    let places: Vec<Value> = places.iter().map(occurrence).collect();
    members.push(("places", (!places.is_empty()).then_some(Value::Array(places))));
    known(members)
}

type Member = (&'static str, Option<Value>);

/// What is wrong, and where.
fn members_of(
    message: &str,
    place: &Place,
    image: Option<&String>,
    annotation: Option<&String>,
) -> [Member; 7] {
    [
        ("message", Some(json!(message))),
        ("file", Some(json!(place.file.to_string_lossy()))),
        ("line", place.position.map(|position| json!(position.line))),
        ("column", place.position.map(|position| json!(position.column))),
        ("pointer", place.pointer.as_ref().map(|pointer| json!(pointer))),
        ("image", image.map(|image| json!(image))),
        ("annotation", annotation.map(|annotation| json!(annotation))),
    ]
}

/// An object of the members that have a value.
fn known(members: Vec<Member>) -> Value {
    let known = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(known.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::super::sample::validation as sample;
    use super::*;

    #[test]
    fn members_that_are_not_known_are_absent() {
        let text = render(&sample());
        assert!(text.starts_with("{\n  \"schema\": 1,\n") && text.ends_with("}\n"));
        let value: Value = serde_json::from_str(&text).unwrap();
        let expected = json!([
            {"code": "zero-id", "severity": "warning", "message": "id: expected 1 or more, found 0",
             "file": "a b.json", "line": 3, "column": 7, "pointer": "/annotations/0/id"},
            {"code": "unused-class", "severity": "info", "message": "class \"rib\"",
             "file": "a b.json"},
        ]);
        assert_eq!(value["findings"].as_array().unwrap()[..2], expected.as_array().unwrap()[..]);
        assert_eq!(value["findings"][2]["annotation"], "649");
        assert_eq!(value["findings"][2]["places"], Value::Null);
        assert_eq!(value["summary"], json!({"errors": 2, "warnings": 1, "infos": 1}));
    }

    #[test]
    fn a_cause_has_all_its_places() {
        let mut validation = sample();
        let missing = validation.findings.split_off(2);
        let rule = missing[0].rule;
        validation.findings.extend(Finding::of_cause(rule, "2 objects", missing));
        let value: Value = serde_json::from_str(&render(&validation)).unwrap();
        let found = &value["findings"][2];
        assert_eq!((&found["message"], &found["line"]), (&json!("2 objects"), &json!(1)));
        assert_eq!(found["places"].as_array().unwrap().len(), 2);
        assert_eq!(
            (&found["places"][1]["line"], &found["places"][1]["annotation"]),
            (&json!(2), &json!("650"))
        );
        assert_eq!(value["summary"]["errors"], 1);
    }

    #[test]
    fn what_a_trainer_sees_is_a_member_where_one_is_named() {
        assert!(!render(&sample()).contains("\"trainer\""));
        let sight = Some(super::super::sample::sight());
        let value: Value =
            serde_json::from_str(&render(&Validation { sight, ..sample() })).unwrap();
        let lost = json!([{"image": "ä.jpg", "reason": "a coordinate of 1.5 is above 1.01",
            "file": "labels/ä.txt", "line": 1, "column": 3}]);
        let train = json!({"subset": "train", "path": "images", "images": 5, "backgrounds": 1,
            "boxes": 9, "boxes_lost": 1, "skipped": 0, "lost": lost});
        let expected = json!({"name": "ultralytics", "loads": "a data.yaml", "refused": false,
            "subsets": [train]});
        assert_eq!(value["trainer"], expected);
    }

    #[test]
    fn inputs_agreement_and_what_was_passed_over_are_listed() {
        let value: Value = serde_json::from_str(&render(&sample())).unwrap();
        let first = json!({"format": "coco", "path": "a b.json", "images": 6, "annotations": 12});
        assert_eq!(value["inputs"][0], first);
        let row = json!({"from": "coco", "from_path": "a b.json", "to": "yolo", "to_path": "labels",
            "rule": "boxes, 6 decimals", "images": 6, "objects": 12, "agree": 10, "disagree": 2});
        assert_eq!(value["agreement"], json!([row]));
        assert_eq!(value["passed_over"], json!(["notes.json"]));
    }
}
