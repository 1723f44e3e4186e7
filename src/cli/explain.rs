//! `annoconv explain`.

use super::named::Named;
use super::{Answer, print};
use crate::report::Topic;
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

fn topics() -> Named<Topic, String> {
    Named { parse, names: Topic::names }
}

fn parse(name: &str) -> Result<Topic, String> {
    Topic::of(name).ok_or_else(|| {
        let near = Topic::nearest(name).map(|near| format!(" (did you mean {near}?)"));
        let near = near.unwrap_or_default();
        format!("no rule, loss or group has this name{near}; `annoconv explain all` lists them")
    })
}

impl Explain {
    pub fn run(&self) -> anyhow::Result<Answer> {
        print(&self.topic.text())?;
        Ok(Answer::Yes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_gets_the_nearest_name() {
        for (name, near) in [("zero-ids", "zero-id"), ("parts-join", "parts-joined")] {
            let error = parse(name).unwrap_err();
            assert!(error.contains(&format!("(did you mean {near}?)")), "{error}");
        }
        assert!(!parse("qqq").unwrap_err().contains("did you mean"));
    }
}
