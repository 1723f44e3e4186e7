//! `annoconv explain`.

use super::named::Named;
use super::{Answer, print};
use crate::alike::nearest;
use crate::losses::Reason;
use crate::report::{explain, explain_losses};
use crate::rules::Rule;
use clap::Args;

#[derive(Args)]
#[command(after_long_help = "Examples:
  annoconv explain zero-id
  annoconv explain parts-joined
  annoconv explain geometry
  annoconv explain losses
  annoconv explain all")]
pub struct Explain {
    /// The code of a rule or of a loss, or a group: a table of its rules
    ///
    /// "losses" is the group of all losses of conversions; "all" is everything
    #[arg(value_name = "CODE", value_parser = topics(), hide_possible_values = true)]
    topic: Topic,
}

/// What is explained: rules of validations, and reasons of losses. A few codes are both.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Topic {
    rules: Vec<Rule>,
    reasons: Vec<Reason>,
}

/// The group of all reasons.
const LOSSES: &str = "losses";

fn topics() -> Named<Topic, String> {
    Named { parse, names }
}

/// All codes and groups.
fn names() -> Vec<&'static str> {
    let rules = Rule::ALL.iter().map(|rule| rule.code());
    let reasons = Reason::ALL.iter().map(|reason| reason.code());
    let mut groups: Vec<&str> = Rule::ALL.iter().map(|rule| rule.group().name()).collect();
    groups.dedup();
    let mut names: Vec<&str> = rules.chain(reasons).chain(groups).chain([LOSSES, "all"]).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn parse(name: &str) -> Result<Topic, String> {
    let name = name.trim();
    let is_all = name == "all";
    let is_rule = |rule: &Rule| is_all || rule.code() == name || rule.group().name() == name;
    let is_reason = |reason: &Reason| is_all || name == LOSSES || reason.code() == name;
    let rules: Vec<Rule> = Rule::ALL.iter().copied().filter(is_rule).collect();
    let reasons: Vec<Reason> = Reason::ALL.iter().copied().filter(is_reason).collect();
    if !rules.is_empty() || !reasons.is_empty() {
        return Ok(Topic { rules, reasons });
    }
    let near = nearest(name, names().into_iter());
    let near = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
    Err(format!("no rule, loss or group has this name{near}; `annoconv explain all` lists them"))
}

impl Explain {
    pub fn run(&self) -> anyhow::Result<Answer> {
        let Topic { rules, reasons } = &self.topic;
        let mut parts = Vec::new();
        if !rules.is_empty() {
            parts.push(explain(rules));
        }
        if !reasons.is_empty() {
            parts.push(explain_losses(reasons));
        }
        print(&parts.join("\n"))?;
        Ok(Answer::Yes)
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
            let topic = parse(name).unwrap();
            assert_eq!((topic.rules.len(), topic.reasons.len()), (rules, reasons), "{name}");
        }
        assert!(parse("geometry").unwrap().rules.len() > 5);
        for name in names() {
            assert!(parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_typing_error_gets_the_nearest_name() {
        for (name, near) in [("zero-ids", "zero-id"), ("parts-join", "parts-joined")] {
            let error = parse(name).unwrap_err();
            assert!(error.contains(&format!("(did you mean {near}?)")), "{error}");
        }
        assert!(!parse("qqq").unwrap_err().contains("did you mean"));
    }
}
