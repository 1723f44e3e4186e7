//! Rules by their codes and groups: which ones are asked for, and what they mean.

use annoconv::rules::Rule;
use std::fmt::Write;

/// The rules that one name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    pub fn as_slice(&self) -> &[Rule] {
        &self.0
    }
}

/// The rule of a code, or all rules of a group.
pub fn named(name: &str) -> Result<Rules, String> {
    let name = name.trim();
    let is_meant = |rule: &Rule| rule.code() == name || rule.group().name() == name;
    let rules: Vec<Rule> = Rule::ALL.iter().copied().filter(is_meant).collect();
    if rules.is_empty() {
        return Err("no rule and no group of rules has this name; `annoconv validate --explain \
                    all` lists them"
            .to_owned());
    }
    Ok(Rules(rules))
}

/// What can be explained: as [`named`], or everything.
pub fn topic(name: &str) -> Result<Rules, String> {
    if name == "all" { Ok(Rules(Rule::ALL.to_vec())) } else { named(name) }
}

/// The rules that are selected (where none are: all) and not ignored, in the order of reports.
pub fn chosen(select: &[Rules], ignore: &[Rules]) -> Vec<Rule> {
    let is_in = |rules: &[Rules], rule: &Rule| rules.iter().any(|Rules(some)| some.contains(rule));
    let is_selected = |rule: &Rule| select.is_empty() || is_in(select, rule);
    Rule::ALL.iter().copied().filter(|rule| is_selected(rule) && !is_in(ignore, rule)).collect()
}

/// One rule in full, several as a table.
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

#[cfg(test)]
mod tests {
    use super::*;
    use annoconv::rules::Group;

    #[test]
    fn names_are_codes_and_groups() {
        assert_eq!(named("zero-id"), Ok(Rules(vec![Rule::ZeroId])));
        assert_eq!(named(" zero-id "), named("zero-id"));
        let table = named("table").unwrap();
        assert!(table.as_slice().iter().all(|rule| rule.group() == Group::Table));
        assert!(table.as_slice().len() > 5);
        assert!(named("all").is_err() && named("").is_err());
        assert_eq!(topic("all").unwrap().as_slice(), Rule::ALL);
    }

    #[test]
    fn what_is_ignored_is_taken_from_what_is_selected() {
        let names =
            |names: &[&str]| names.iter().map(|name| named(name).unwrap()).collect::<Vec<_>>();
        assert_eq!(chosen(&[], &[]), Rule::ALL);
        let rules = chosen(&names(&["zero-id", "classes"]), &names(&["no-class", "geometry"]));
        assert_eq!(rules.first(), Some(&Rule::ZeroId));
        assert!(rules.contains(&Rule::EmptyClass) && !rules.contains(&Rule::NoClass));
        assert!(!chosen(&[], &names(&["classes"])).contains(&Rule::EmptyClass));
    }

    #[test]
    fn a_rule_is_explained_in_full_and_all_in_a_table() {
        let text = explain(&[Rule::ZeroId]);
        assert!(text.starts_with(
            "zero-id: an annotation id of 0, which evaluation takes for unmatched\n\
             group: structure, severity: warning\n\nAn annotation has the id 0."
        ));
        assert!(text.contains("*Mend*") && text.ends_with("from 1.\n"), "{text}");
        let table = explain(Rule::ALL);
        assert_eq!(table.lines().count(), Rule::ALL.len());
        assert!(
            table.contains(
                "\nunused-class           info     classes    a class that no object has\n"
            )
        );
    }
}
