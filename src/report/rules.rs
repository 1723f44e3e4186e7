//! What the rules of a validation and the losses of a conversion mean, for people.

use crate::losses::Reason;
use crate::rules::Rule;
use std::fmt::Write;

/// One rule with its full explanation, or several rules as a table with a line each.
///
/// ```
/// use annoconv::report::explain;
/// use annoconv::rules::Rule;
/// assert!(explain(&[Rule::ZeroId]).starts_with("zero-id: an annotation id of 0"));
/// assert_eq!(explain(Rule::ALL).lines().count(), Rule::ALL.len());
/// ```
pub fn explain(rules: &[Rule]) -> String {
    match rules {
        [rule] => section(*rule),
        _ => table(rules),
    }
}

fn section(rule: Rule) -> String {
    format!(
        "{}: {}\ngroup: {}, severity: {}\n\n{}\n",
        rule.code(),
        rule.title(),
        rule.group().name(),
        rule.severity().name(),
        rule.explanation()
    )
}

fn table(rules: &[Rule]) -> String {
    let width = rules.iter().map(|rule| rule.code().len()).max().unwrap_or_default();
    let mut out = String::new();
    for rule in rules {
        let (code, severity, group) = (rule.code(), rule.severity().name(), rule.group().name());
        let _ = writeln!(out, "{code:<width$}  {severity:<7}  {group:<9}  {}", rule.title());
    }
    out
}

/// One reason of losses with its full explanation, or several as a table with a line each.
///
/// ```
/// use annoconv::losses::Reason;
/// use annoconv::report::explain_losses;
/// let text = explain_losses(&[Reason::CrowdSkipped]);
/// assert!(text.starts_with("crowd: crowd annotations left out\n"));
/// assert_eq!(explain_losses(Reason::ALL).lines().count(), Reason::ALL.len());
/// ```
pub fn explain_losses(reasons: &[Reason]) -> String {
    match reasons {
        [reason] => format!(
            "{}: {}\nin the report of a conversion: {}\n\n{}\n",
            reason.code(),
            reason.explanation(),
            reason.kind(),
            reason.meaning()
        ),
        _ => {
            let width = reasons.iter().map(|it| it.code().len()).max().unwrap_or_default();
            let line = |it: &Reason| {
                format!("{:<width$}  {:<7}  {}\n", it.code(), it.kind(), it.explanation())
            };
            reasons.iter().map(line).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_explained_in_full_and_all_in_a_table() {
        let text = explain(&[Rule::ZeroId]);
        assert!(text.starts_with(
            "zero-id: an annotation id of 0, which evaluation takes for unmatched\n\
             group: structure, severity: warning\n\nAn annotation has the id 0."
        ));
        assert!(text.contains("*Mend*") && text.ends_with("gets a free number.\n"), "{text}");
        let table = explain(Rule::ALL);
        assert_eq!(table.lines().count(), Rule::ALL.len());
        assert!(
            table.contains(
                "\nunused-class           info     classes    a class that no object has\n"
            )
        );
    }
}
