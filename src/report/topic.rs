//! What a person can ask to be explained: rules of validations, and reasons of losses.

use super::{explain, explain_losses};
use crate::alike::nearest;
use crate::losses::Reason;
use crate::rules::Rule;

/// What is explained. A few codes are both a rule's and a reason's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Rules of validations.
    pub rules: Vec<Rule>,
    /// Reasons of losses.
    pub reasons: Vec<Reason>,
}

/// The group of all reasons.
const LOSSES: &str = "losses";

impl Topic {
    /// The topic of a code or a group; `losses` is the group of all reasons, `all` everything.
    ///
    /// ```
    /// use annoconv::report::Topic;
    /// assert!(Topic::of("zero-id").unwrap().text().starts_with("zero-id: an annotation id of 0"));
    /// assert!(Topic::of("zero").is_none());
    /// ```
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim();
        let is_all = name == "all";
        let is_rule = |rule: &Rule| is_all || rule.code() == name || rule.group().name() == name;
        let is_reason = |reason: &Reason| is_all || name == LOSSES || reason.code() == name;
        let rules: Vec<Rule> = Rule::ALL.iter().copied().filter(is_rule).collect();
        let reasons: Vec<Reason> = Reason::ALL.iter().copied().filter(is_reason).collect();
        (!rules.is_empty() || !reasons.is_empty()).then_some(Self { rules, reasons })
    }

    /// All codes and groups.
    pub fn names() -> Vec<&'static str> {
        let rules = Rule::ALL.iter().map(|rule| rule.code());
        let reasons = Reason::ALL.iter().map(|reason| reason.code());
        let groups = Rule::ALL.iter().map(|rule| rule.group().name());
        let mut names: Vec<&str> =
            rules.chain(reasons).chain(groups).chain([LOSSES, "all"]).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The name that is most like one that is none.
    pub fn nearest(name: &str) -> Option<&'static str> {
        nearest(name, Self::names().into_iter())
    }

    /// The explanations.
    pub fn text(&self) -> String {
        let mut parts = Vec::new();
        if !self.rules.is_empty() {
            parts.push(explain(&self.rules));
        }
        if !self.reasons.is_empty() {
            parts.push(explain_losses(&self.reasons));
        }
        parts.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_of_a_rule_a_loss_or_both() {
        for (name, rules, reasons) in [
            ("zero-id", 1, 0),
            ("parts-joined", 0, 1),
            (" mask-size ", 1, 1),
            ("losses", 0, Reason::ALL.len()),
            ("all", Rule::ALL.len(), Reason::ALL.len()),
        ] {
            let topic = Topic::of(name).unwrap();
            assert_eq!((topic.rules.len(), topic.reasons.len()), (rules, reasons), "{name}");
        }
        assert!(Topic::of("geometry").unwrap().rules.len() > 5);
        for name in Topic::names() {
            assert!(Topic::of(name).is_some(), "{name}");
        }
    }
}
