//! JUnit's XML, which most CI services show as a list of tests. Each rule is a test.

use super::words;
use crate::finding::Finding;
use crate::rules::Rule;
use crate::validate::Validation;
use quick_xml::escape::escape;
use std::fmt::Write;
use std::time::Duration;

/// A test for each of `rules`. It fails if the rule has findings and `fails` returns true for it.
/// Findings of a rule that does not fail are the output of its test.
pub fn render(
    validation: &Validation,
    rules: &[Rule],
    fails: impl Fn(Rule) -> bool,
    elapsed: Duration,
) -> String {
    let mut cases = String::new();
    let mut failures = 0;
    for &rule in rules {
        let of_rule = |finding: &&Finding| finding.rule == rule;
        let findings: Vec<&Finding> = validation.findings.iter().filter(of_rule).collect();
        let has_failed = !findings.is_empty() && fails(rule);
        failures += usize::from(has_failed);
        add_case(&mut cases, rule, &findings, has_failed);
    }
    let counts = format!(
        "name=\"annoconv\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" time=\"{:.3}\"",
        rules.len(),
        elapsed.as_secs_f64(),
    );
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  \
         <testsuite {counts} skipped=\"0\">\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

fn add_case(out: &mut String, rule: Rule, findings: &[&Finding], has_failed: bool) {
    let (code, group, severity) = (rule.code(), rule.group().name(), rule.severity().name());
    let start = format!("    <testcase classname=\"{group}\" name=\"{code}\"");
    if findings.is_empty() {
        let _ = writeln!(out, "{start}/>");
        return;
    }
    let count: usize = findings.iter().map(|finding| finding.count()).sum();
    let message = xml(&format!("{} ({count})", rule.title()));
    let own = |finding: &&Finding| {
        let places = words::places(finding, usize::MAX);
        std::iter::once(words::line(finding)).chain(places.into_iter().map(|it| format!("  {it}")))
    };
    let lines: Vec<String> = findings.iter().flat_map(own).collect();
    let lines = xml(&lines.join("\n"));
    let element = match has_failed {
        true => format!("<failure message=\"{message}\" type=\"{severity}\">{lines}</failure>"),
        false => format!("<system-out>{severity}: {message}\n{lines}</system-out>"),
    };
    let _ = writeln!(out, "{start}>\n      {element}\n    </testcase>");
}

/// The text, escaped. Characters that XML cannot hold are replaced with U+FFFD.
fn xml(text: &str) -> String {
    let is_held = |character: char| match character {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        _ => character >= ' ',
    };
    let held: String = text
        .chars()
        .map(|character| if is_held(character) { character } else { '\u{fffd}' })
        .collect();
    escape(&held).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::sample::validation as sample;
    use super::*;
    use crate::rules::Severity;

    const RULES: [Rule; 4] =
        [Rule::ZeroId, Rule::FewPoints, Rule::UnusedClass, Rule::ObjectMissing];

    fn junit(least: Severity) -> String {
        render(&sample(), &RULES, |rule| rule.severity() >= least, Duration::from_millis(12))
    }

    #[test]
    fn a_rule_is_a_test() {
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="annoconv" tests="4" failures="1" errors="0" time="0.012">
  <testsuite name="annoconv" tests="4" failures="1" errors="0" time="0.012" skipped="0">
    <testcase classname="structure" name="zero-id">
      <system-out>warning: an annotation id of 0, which evaluation takes for unmatched (1)
a b.json:3:7: id: expected 1 or more, found 0</system-out>
    </testcase>
    <testcase classname="geometry" name="few-points"/>
    <testcase classname="classes" name="unused-class">
      <system-out>info: a class that no object has (1)
a b.json: class &quot;rib&quot;</system-out>
    </testcase>
    <testcase classname="agreement" name="object-missing">
      <failure message="an object that is not in the derived format (2)" type="error">labels/ä.txt:1:1: no row for this box, 50% of it &lt;&amp;&gt; [ä.jpg#649]
labels/ä.txt:2:1: no row for this box, 50% of it &lt;&amp;&gt; [ä.jpg#650]</failure>
    </testcase>
  </testsuite>
</testsuites>
"#;
        assert_eq!(junit(Severity::Error), expected);
    }

    #[test]
    fn warnings_fail_where_they_are_asked_to() {
        let text = junit(Severity::Warning);
        assert!(text.contains("failures=\"2\"") && text.contains("type=\"warning\""), "{text}");
        let mut reader = quick_xml::Reader::from_str(&text);
        while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
    }

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(
            xml("a\u{0}\u{1b}\u{ffff}\t<\"'>"),
            "a\u{fffd}\u{fffd}\u{fffd}\t&lt;&quot;&apos;&gt;"
        );
    }
}
