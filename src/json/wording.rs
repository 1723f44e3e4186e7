//! The messages of serde_json, in words that a user knows.

/// What is found where a text ends too early.
pub const END_OF_FILE: &str = "the end of the file";

/// What serde_json expected and what it found, in words that a user knows. `byte` is the byte at
/// the place of the error.
pub fn explain(error: &serde_json::Error, byte: Option<&u8>) -> (String, String) {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(text, _)| text);
    if let Some((found, expected)) = message.rsplit_once(", expected ") {
        return (expectation(expected), finding(found));
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return (format!("a member {name}"), "none".to_owned());
    }
    if let Some(name) = message.strip_prefix("duplicate field ") {
        return (format!("one member {name}"), "two".to_owned());
    }
    if message.contains("untagged enum") {
        return ("a value that the format allows here".to_owned(), "another value".to_owned());
    }
    if error.is_eof() {
        return ("more JSON".to_owned(), END_OF_FILE.to_owned());
    }
    let expected = match message {
        "trailing characters" => "the end of the value",
        "trailing comma" => "more after the comma",
        "key must be a string" => "a name in quotes",
        "invalid number" => "a number",
        "expected ident" => "true, false or null",
        "number out of range" => "a number below 1.8e308",
        "invalid escape" => "an escape that JSON has",
        "invalid unicode code point" => "text in UTF-8",
        "recursion limit exceeded" => "at most 128 levels of lists and objects",
        other if other.starts_with("control character") => "text without control characters",
        other if other.ends_with("in hex escape") => "an escape of a whole character",
        other => match other.strip_prefix("expected ") {
            Some(expected) => expected,
            None => return ("JSON".to_owned(), other.to_owned()),
        },
    };
    (expected.to_owned(), describe(byte))
}

/// What serde expected, in the user's words.
fn expectation(expected: &str) -> String {
    let plain = match expected {
        "f64" | "f32" => "a number",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        "unit" => "null",
        other if other.starts_with("struct ") => "an object",
        other => match other.strip_prefix("an array of length ") {
            Some(length) => return format!("a list of {length}"),
            None => other,
        },
    };
    plain.to_owned()
}

/// What serde found, in the user's words.
fn finding(found: &str) -> String {
    let kinds = ["invalid type: ", "invalid value: ", "invalid ", "unknown variant "];
    let found = kinds.iter().find_map(|kind| found.strip_prefix(kind)).unwrap_or(found);
    match found {
        "sequence" => return "a list".to_owned(),
        "map" => return "an object".to_owned(),
        "unit value" => return "null".to_owned(),
        _ => (),
    }
    if let Some(text) = found.strip_prefix("string ") {
        return text.to_owned();
    }
    let kinds = ["integer `", "floating point `", "boolean `"];
    let value = kinds.iter().find_map(|kind| found.strip_prefix(kind)?.strip_suffix('`'));
    value.unwrap_or(found).to_owned()
}

/// A byte as a message names it.
pub fn describe(byte: Option<&u8>) -> String {
    byte.map_or(END_OF_FILE.to_owned(), |&byte| match byte {
        0x20..0x7f => format!("`{}`", char::from(byte)),
        _ => format!("the byte {byte:#04x}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::HashMap;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only read")]
    struct Point {
        x: u32,
        y: Option<[f64; 2]>,
        is_set: Option<bool>,
        names: Option<Vec<String>>,
        kind: Option<Kind>,
        either: Option<Either>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Round,
        Flat,
    }

    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[allow(dead_code, reason = "only read")]
    enum Either {
        One(u32),
        Many(HashMap<String, u32>),
    }

    #[test]
    fn no_word_of_the_parser_reaches_the_user() {
        let cases = [
            ("3", "an object", "3"),
            ("{}", "a member `x`", "none"),
            (r#"{"x": 1, "x": 2}"#, "one member `x`", "two"),
            (r#"{"x": -1}"#, "a whole number from 0", "-1"),
            (r#"{"x": 1.5}"#, "a whole number from 0", "1.5"),
            (r#"{"x": ", expected u32"}"#, "a whole number from 0", "\", expected u32\""),
            (r#"{"x": []}"#, "a whole number from 0", "a list"),
            (r#"{"x": 1, "y": {}}"#, "a list of 2", "an object"),
            (r#"{"x": 1, "y": [1]}"#, "a list of 2", "length 1"),
            (r#"{"x": 1, "y": ["a", 1]}"#, "a number", "\"a\""),
            (r#"{"x": 1, "is_set": 0}"#, "true or false", "0"),
            (r#"{"x": 1, "names": true}"#, "a list", "true"),
            (r#"{"x": 1, "names": [null]}"#, "a string", "null"),
            (r#"{"x": 1, "kind": "big"}"#, "`round` or `flat`", "`big`"),
            (r#"{"x": 1, "either": "a"}"#, "a value that the format allows here", "another value"),
            (r#"{"x": 1} 2"#, "the end of the value", "`2`"),
            (r#"{"x": 1,}"#, "more after the comma", "`}`"),
            (r#"{x: 1}"#, "a name in quotes", "`x`"),
            (r#"{"x": 1e999}"#, "a number below 1.8e308", "`9`"),
            (r#"{"x": 1.}"#, "a number", "`}`"),
            (r#"{"x": "\q"}"#, "an escape that JSON has", "`q`"),
            ("{\"x\": \"\n\"}", "text without control characters", "the byte 0x0a"),
            (r#"{"x": 1"#, "more JSON", "the end of the file"),
        ];
        for (json, expected, found) in cases {
            let error = serde_json::from_str::<Point>(json).unwrap_err();
            let at: usize = json.split_inclusive('\n').take(error.line() - 1).map(str::len).sum();
            let byte = json.as_bytes().get((at + error.column()).saturating_sub(1));
            assert_eq!(explain(&error, byte), (expected.to_owned(), found.to_owned()), "{json}");
        }
    }
}
