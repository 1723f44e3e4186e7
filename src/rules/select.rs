//! Selection by their codes and groups: which rules the user asks for.

use crate::alike::nearest;
use crate::rules::Rule;

/// The rules that one name selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection(Vec<Rule>);

impl Selection {
    /// The rules.
    pub fn as_slice(&self) -> &[Rule] {
        &self.0
    }
}

/// The rule of a code, or all rules of a group.
///
/// # Errors
/// Where there is none.
pub fn named(name: &str) -> Result<Selection, String> {
    let name = name.trim();
    let is_meant = |rule: &Rule| rule.code() == name || rule.group().name() == name;
    let rules: Vec<Rule> = Rule::ALL.iter().copied().filter(is_meant).collect();
    if rules.is_empty() {
        let codes = Rule::ALL.iter().flat_map(|rule| [rule.code(), rule.group().name()]);
        let near = nearest(name, codes);
        let near = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
        return Err(format!(
            "no rule and no group of rules has this name{near}; `annoconv validate --explain all` \
             lists them"
        ));
    }
    Ok(Selection(rules))
}

/// The rules of a name that can be explained: as [`named`], or all rules.
///
/// # Errors
/// As [`named`].
pub fn topic(name: &str) -> Result<Selection, String> {
    if name == "all" { Ok(Selection(Rule::ALL.to_vec())) } else { named(name) }
}

/// The selected rules without the ignored ones, in the order of reports. Without a selection, all
/// rules count as selected.
pub fn chosen(select: &[Selection], ignore: &[Selection]) -> Vec<Rule> {
    let is_in =
        |rules: &[Selection], rule: &Rule| rules.iter().any(|Selection(some)| some.contains(rule));
    let is_selected = |rule: &Rule| select.is_empty() || is_in(select, rule);
    Rule::ALL.iter().copied().filter(|rule| is_selected(rule) && !is_in(ignore, rule)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Group;

    #[test]
    fn names_are_codes_and_groups() {
        assert_eq!(named("zero-id"), Ok(Selection(vec![Rule::ZeroId])));
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
}
