//! SARIF 2.1.0, which code scanning services and editors read.

use super::words;
use crate::error::{Place, Position};
use crate::finding::Finding;
use crate::report::visible;
use crate::rules::{Rule, Severity};
use crate::validate::Validation;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Component, Path};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A SARIF log with one run: all findings, and the rules that they break.
pub fn render(validation: &Validation) -> String {
    let groups: Vec<&[Finding]> = words::by_rule(&validation.findings).collect();
    let rules: Vec<Value> =
        groups.iter().filter_map(|group| group.first()).map(|first| rule(first.rule)).collect();
    let mut seen = HashMap::new();
    let mut results = Vec::with_capacity(validation.findings.len());
    for (index, group) in groups.iter().enumerate() {
        results.extend(group.iter().map(|finding| result(finding, index, &mut seen)));
    }
    let value = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "annoconv",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    visible::json(&value)
}

fn rule(rule: Rule) -> Value {
    let explanation = plain(rule.explanation());
    json!({
        "id": rule.code(),
        "shortDescription": {"text": rule.title()},
        "fullDescription": {"text": explanation},
        "help": {"text": explanation, "markdown": rule.explanation()},
        "defaultConfiguration": {"level": level(rule)},
        "properties": {"tags": [rule.group().name()]},
    })
}

fn level(rule: Rule) -> &'static str {
    match rule.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// The text of Markdown on one line, without the marks of emphasis and code.
fn plain(markdown: &str) -> String {
    markdown.replace(['*', '`'], "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many further places of a cause a result has. Code scanning refuses a log that is too big.
const RELATED: usize = 100;

fn result(finding: &Finding, index: usize, seen: &mut HashMap<u64, usize>) -> Value {
    let mut result = json!({
        "ruleId": finding.rule.code(),
        "ruleIndex": index,
        "level": level(finding.rule),
        "message": {"text": words::message(finding)},
        "locations": [location(&finding.place)],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint(finding, seen)},
    });
    let others = finding.places.iter().skip(1).take(RELATED);
    let others: Vec<Value> = others.map(|other| related(&other.place, &other.message)).collect();
    if let (false, Some(members)) = (others.is_empty(), result.as_object_mut()) {
        members.insert("relatedLocations".to_owned(), Value::Array(others));
    }
    result
}

fn related(place: &Place, message: &str) -> Value {
    let mut location = location(place);
    if let Some(members) = location.as_object_mut() {
        members.insert("message".to_owned(), json!({"text": message}));
    }
    location
}

fn location(place: &Place) -> Value {
    let file = json!({"uri": uri(&place.file)});
    let physical = match place.position {
        None => json!({"artifactLocation": file}),
        Some(Position { line, column }) => {
            json!({"artifactLocation": file, "region": {"startLine": line, "startColumn": column}})
        }
    };
    match &place.pointer {
        None => json!({"physicalLocation": physical}),
        Some(pointer) => {
            let logical = json!([{"fullyQualifiedName": pointer}]);
            json!({"physicalLocation": physical, "logicalLocations": logical})
        }
    }
}

/// The path as a URI reference, which is relative if the path is.
fn uri(path: &Path) -> String {
    let mut out = String::new();
    if path.is_absolute() {
        out.push_str("file://");
    }
    for component in path.components() {
        let is_first = out.is_empty();
        match component {
            Component::RootDir => continue,
            _ if is_first => {}
            _ => out.push('/'),
        }
        add_encoded(&mut out, component.as_os_str().as_encoded_bytes());
    }
    out
}

fn add_encoded(out: &mut String, bytes: &[u8]) {
    for &byte in bytes {
        let _ = match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                write!(out, "{}", char::from(byte))
            }
            _ => write!(out, "%{byte:02X}"),
        };
    }
}

/// A text by which a service knows a finding again in a later run. The line and the message are
/// not part of it, because edits elsewhere change them. Findings whose parts are all the same are
/// numbered.
fn fingerprint(finding: &Finding, seen: &mut HashMap<u64, usize>) -> String {
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    let Finding { rule, place, image, annotation, .. } = finding;
    let parts = [rule.code().to_owned(), uri(&place.file), name(image), name(annotation)];
    let hash = fnv1a(parts.join("\0").as_bytes());
    let count = seen.entry(hash).or_default();
    *count += 1;
    format!("{hash:016x}:{count}")
}

/// The 64-bit FNV-1a hash. The hash of the standard library may change with its version.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::validation as sample;
    use super::*;

    fn run(validation: &Validation) -> Value {
        let log: Value = serde_json::from_str(&render(validation)).unwrap();
        assert_eq!((&log["version"], &log["$schema"]), (&json!("2.1.0"), &json!(SCHEMA)));
        log["runs"][0].clone()
    }

    #[test]
    fn results_refer_to_the_rules_that_occur() {
        let run = run(&sample());
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let ids: Vec<&Value> = rules.iter().map(|rule| &rule["id"]).collect();
        assert_eq!(ids, ["zero-id", "unused-class", "object-missing"]);
        assert_eq!(rules[1]["defaultConfiguration"]["level"], "note");
        let text = rules[0]["help"]["text"].as_str().unwrap();
        assert!(
            text.contains(" Mend: number annotations from 1.") && !text.contains('\n'),
            "{text}"
        );
        let results = run["results"].as_array().unwrap();
        let indices: Vec<&Value> = results.iter().map(|result| &result["ruleIndex"]).collect();
        assert_eq!(indices, [0, 1, 2, 2]);
        assert!(self::run(&Validation::default())["results"].as_array().unwrap().is_empty());
    }

    #[test]
    fn a_location_has_what_is_known() {
        let results = &run(&sample())["results"];
        let expected = json!([{
            "physicalLocation": {
                "artifactLocation": {"uri": "a%20b.json"},
                "region": {"startLine": 3, "startColumn": 7},
            },
            "logicalLocations": [{"fullyQualifiedName": "/annotations/0/id"}],
        }]);
        assert_eq!(results[0]["locations"], expected);
        let expected = json!([{"physicalLocation": {"artifactLocation": {"uri": "a%20b.json"}}}]);
        assert_eq!(results[1]["locations"], expected);
        let message = "no row for this box, 50% of it <&> [ä.jpg#649]";
        assert_eq!(results[2]["message"]["text"], message);
    }

    #[test]
    fn paths_become_uris() {
        for (path, expected) in [
            ("labels/ä.txt", "labels/%C3%A4.txt"),
            ("a:b/100%.json", "a%3Ab/100%25.json"),
            ("../x", "../x"),
            (".", "."),
            ("/data/a b", "file:///data/a%20b"),
        ] {
            assert_eq!(uri(Path::new(path)), expected);
        }
    }

    #[test]
    fn a_fingerprint_stays_where_lines_move() {
        let prints = |validation: &Validation| {
            let results = run(validation)["results"].clone();
            let print =
                |result: &Value| result["partialFingerprints"]["primaryLocationLineHash"].clone();
            results.as_array().unwrap().iter().map(print).collect::<Vec<_>>()
        };
        let mut moved = sample();
        moved.findings.iter_mut().for_each(|finding| finding.place.position = None);
        assert_eq!(prints(&sample()), prints(&moved));
        assert_ne!(prints(&moved)[2], prints(&moved)[3]);
        moved.findings[3].annotation = moved.findings[2].annotation.clone();
        let both = prints(&moved);
        assert_eq!(both[2].as_str().unwrap().replace(":1", ":2"), both[3].as_str().unwrap());
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
