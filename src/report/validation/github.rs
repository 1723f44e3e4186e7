//! Workflow commands of GitHub Actions, which shows them at the lines of a pull request.

use super::words::{self, Summary};
use crate::error::Position;
use crate::finding::Finding;
use crate::report::visible;
use crate::rules::Severity;
use crate::validate::Validation;
use std::fmt::Write;

/// One command for each finding, at most `limit` for each rule, and the counts of all findings.
pub fn render(validation: &Validation, limit: usize) -> String {
    let mut out = String::new();
    for findings in words::by_rule(&validation.findings) {
        for finding in findings.iter().take(limit) {
            out.push_str(&command(finding));
        }
        if let Some(first) = findings.first().filter(|_| findings.len() > limit) {
            let _ = writeln!(out, "{}: … and {} more", first.rule.code(), findings.len() - limit);
        }
    }
    let _ = writeln!(out, "{}", Summary::of(&validation.findings));
    out
}

fn command(finding: &Finding) -> String {
    let level = match finding.rule.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let file = property(&finding.place.file.to_string_lossy());
    let place = match finding.place.position {
        Some(Position { line, column }) => format!("file={file},line={line},col={column}"),
        None => format!("file={file}"),
    };
    let code = finding.rule.code();
    format!("::{level} {place},title=annoconv {code}::{}\n", data(&words::message(finding)))
}

/// A message, escaped. The percent sign comes first, because the other escapes contain it.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    visible::text(&text)
}

/// The value of a property, escaped.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::sample::validation as sample;
    use super::*;

    #[test]
    fn a_finding_is_a_command_and_the_counts_are_a_plain_line() {
        let expected = "\
::warning file=a b.json,line=3,col=7,title=annoconv zero-id::id: expected 1 or more, found 0
::notice file=a b.json,title=annoconv unused-class::class \"rib\"
::error file=labels/ä.txt,line=1,col=1,title=annoconv object-missing::no row for this box, 50%25 of it <&> [ä.jpg#649]
object-missing: … and 1 more
2 errors, 1 warning, 1 info
";
        assert_eq!(render(&sample(), 1), expected);
        assert_eq!(render(&Validation::default(), 1), "no findings\n");
    }

    #[test]
    fn what_would_end_a_message_or_a_property_is_escaped() {
        for (text, in_data, in_property) in [
            ("a%b", "a%25b", "a%25b"),
            ("a\r\nb", "a%0D%0Ab", "a%0D%0Ab"),
            ("a:b,c", "a:b,c", "a%3Ab%2Cc"),
            ("a\u{1b}[31m", "a\\u{1b}[31m", "a\\u{1b}[31m"),
            ("%0A::error::", "%250A::error::", "%250A%3A%3Aerror%3A%3A"),
        ] {
            assert_eq!((data(text), property(text)), (in_data.to_owned(), in_property.to_owned()));
        }
    }
}
