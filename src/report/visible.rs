//! Text whose control characters can be seen: a name in a dataset can neither break a line of a
//! report nor send commands to a terminal.

use serde_json::Value;
use std::fmt::Write;

/// The text with escapes in the place of its control characters, so that one line stays one line.
///
/// Characters that change the direction of the text around them are escaped, too: with them, a
/// name can be made to look like another name.
///
/// ```
/// use annoconv::report::visible;
/// assert_eq!(visible::text("a\n\u{1b}[31m.jpg"), "a\\n\\u{1b}[31m.jpg");
/// ```
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            _ if character.is_control() => out.extend(character.escape_debug()),
            _ if turns(character) => out.extend(character.escape_unicode()),
            _ => out.push(character),
        }
    }
    out
}

/// The value as indented JSON that ends with a line break. The characters that [`text`] escapes
/// are written as JSON's own escapes, so that a reader gets the same strings back.
pub fn json(value: &Value) -> String {
    let pretty = format!("{value:#}\n");
    let mut out = String::with_capacity(pretty.len());
    for character in pretty.chars() {
        // The line breaks of the indentation stay. Those within strings are escaped already.
        if character != '\n' && (character.is_control() || turns(character)) {
            let _ = write!(out, "\\u{:04x}", u32::from(character));
        } else {
            out.push(character);
        }
    }
    out
}

/// Whether a character changes the direction in which the text around it is shown.
fn turns(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hidden_characters_become_escapes_in_text() {
        for (given, expected) in [
            ("", ""),
            ("ä €\\\"'.jpg", "ä €\\\"'.jpg"),
            ("a\r\n\tb", "a\\r\\n\\tb"),
            ("a\u{1b}[31m\u{7f}\u{9b}", "a\\u{1b}[31m\\u{7f}\\u{9b}"),
            ("\u{202e}gpj.exe", "\\u{202e}gpj.exe"),
            ("\u{61c}\u{200f}\u{2066}\u{2069}", "\\u{61c}\\u{200f}\\u{2066}\\u{2069}"),
        ] {
            assert_eq!(text(given), expected);
        }
    }

    #[test]
    fn hidden_characters_become_escapes_in_json_and_keep_their_meaning() {
        for (given, expected) in [
            ("a\nb", r#"a\nb"#),
            ("\u{1b}", r"\u001b"),
            ("\u{7f}\u{9b}", r"\u007f\u009b"),
            ("\u{202e}gpj", r"\u202egpj"),
            ("ä\"", r#"ä\""#),
        ] {
            let written = super::json(&json!({ "name": given }));
            assert_eq!(written, format!("{{\n  \"name\": \"{expected}\"\n}}\n"));
            assert_eq!(serde_json::from_str::<Value>(&written).unwrap()["name"], given);
        }
    }

    #[test]
    fn json_is_indented_as_serde_json_does_it() {
        let value = json!({"a": [], "b": {}, "c": [1, 0.1, 1e300, null, true], "d": [{"e": "f"}]});
        assert_eq!(super::json(&value), serde_json::to_string_pretty(&value).unwrap() + "\n");
    }
}
