//! The words that several forms of the report share.

use crate::error::{Place, Position};
use crate::finding::{Finding, Occurrence};
use crate::report::visible;
use crate::rules::{Rule, Severity};
use crate::trainers::{Seen, count};
use std::fmt;

/// The number of findings of each severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    pub errors: usize,
    pub warnings: usize,
    pub infos: usize,
}

impl Summary {
    pub fn of(findings: &[Finding]) -> Self {
        let count = |severity: Severity| {
            findings.iter().filter(|finding| finding.rule.severity() == severity).count()
        };
        let [errors, warnings, infos] =
            [Severity::Error, Severity::Warning, Severity::Info].map(count);
        Self { errors, warnings, infos }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { errors, warnings, infos } = *self;
        if errors + warnings + infos == 0 {
            return f.write_str("no findings");
        }
        let s = |count: usize| if count == 1 { "" } else { "s" };
        write!(f, "{errors} error{}, ", s(errors))?;
        write!(f, "{warnings} warning{}, ", s(warnings))?;
        write!(f, "{infos} info{}", s(infos))
    }
}

/// The findings in one slice for each rule. The findings must be sorted by rule.
pub fn by_rule(findings: &[Finding]) -> impl Iterator<Item = &[Finding]> {
    findings.chunk_by(|a, b| a.rule == b.rule)
}

/// `file:line:column: message [image#annotation]`, always on one line: names in a dataset may hold
/// line breaks, which are escaped.
pub fn line(finding: &Finding) -> String {
    visible::text(&format!("{}: {}", at(&finding.place), message(finding)))
}

/// The lines of the places of a cause, at most `limit`, and how many more there are.
pub fn places(finding: &Finding, limit: usize) -> Vec<String> {
    let line = |it: &Occurrence| {
        let Occurrence { message, place, image, annotation } = it;
        let named = named(message, image.as_deref(), annotation.as_deref());
        visible::text(&format!("{}: {named}", at(place)))
    };
    let mut lines: Vec<String> = finding.places.iter().take(limit).map(line).collect();
    let more = finding.places.len() - lines.len();
    lines.extend((more > 0).then(|| format!("… and {more} more")));
    lines
}

/// How to mend a breach of a rule, in one sentence.
pub fn mend(rule: Rule) -> String {
    let mend = rule.mend();
    let sentence = mend.split(". ").next().unwrap_or_default().trim_end_matches('.');
    match rule.fix() {
        Some(_) if !sentence.contains("annoconv fix") => {
            format!("{sentence} (annoconv fix does)")
        }
        _ => sentence.to_owned(),
    }
}

/// How many of the images that are lost a line names.
const NAMED: usize = 3;

/// What a trainer sees of a subset, in one line.
pub fn seen(seen: &Seen) -> String {
    let mut line = format!(
        "{}: {}, {}, {}",
        seen.subset,
        count(seen.images, "image", "images"),
        count(seen.backgrounds, "background", "backgrounds"),
        count(seen.boxes, "box", "boxes")
    );
    if seen.boxes_lost > 0 {
        line += &format!("; {} left out", count(seen.boxes_lost, "box", "boxes"));
    }
    if seen.skipped > 0 {
        line += &format!("; {} without objects left out", count(seen.skipped, "image", "images"));
    }
    if !seen.lost.is_empty() {
        let named = seen.lost.iter().take(NAMED);
        let named: Vec<String> =
            named.map(|lost| format!("{} ({})", lost.image, lost.reason)).collect();
        let more = if seen.lost.len() > NAMED { ", …" } else { "" };
        let lost = count(seen.lost.len(), "image", "images");
        line += &format!("; {lost} lost: {}{more}", named.join(", "));
    }
    line
}

fn at(place: &Place) -> String {
    let file = place.file.display();
    match place.position {
        Some(Position { line, column }) => format!("{file}:{line}:{column}"),
        None => file.to_string(),
    }
}

/// The message, with the image and the annotation where they are known.
pub fn message(finding: &Finding) -> String {
    named(&finding.message, finding.image.as_deref(), finding.annotation.as_deref())
}

fn named(message: &str, image: Option<&str>, annotation: Option<&str>) -> String {
    match (image, annotation) {
        (Some(image), Some(annotation)) => format!("{message} [{image}#{annotation}]"),
        (Some(image), None) => format!("{message} [{image}]"),
        (None, Some(annotation)) => format!("{message} [#{annotation}]"),
        (None, None) => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_line_names_what_is_known() {
        let place = Place::at(Path::new("a.txt"), Position { line: 3, column: 9 });
        let finding = Finding::new(Rule::ZeroSize, "width 0", place);
        assert_eq!(line(&finding), "a.txt:3:9: width 0");
        assert_eq!(line(&finding.clone().of_annotation("7")), "a.txt:3:9: width 0 [#7]");
        assert_eq!(line(&finding.clone().of_image("a.jpg")), "a.txt:3:9: width 0 [a.jpg]");
        let finding = Finding { place: Place::of_file(Path::new("b.txt")), ..finding };
        let finding = finding.of_image("x\n\u{1b}[31m.jpg").of_annotation("7");
        assert_eq!(line(&finding), "b.txt: width 0 [x\\n\\u{1b}[31m.jpg#7]");
    }

    #[test]
    fn the_summary_counts_by_severity() {
        let finding = |rule| Finding::new(rule, "", Place::default());
        let findings =
            [finding(Rule::ZeroId), finding(Rule::UnusedClass), finding(Rule::UnusedClass)];
        assert_eq!(Summary::of(&findings).to_string(), "0 errors, 1 warning, 2 infos");
        assert_eq!(Summary::of(&[]).to_string(), "no findings");
        assert_eq!(by_rule(&findings).map(<[Finding]>::len).collect::<Vec<_>>(), [1, 2]);
    }
}
