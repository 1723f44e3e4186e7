//! `annoconv explain`.

use super::{Answer, print};
use crate::report::explain;
use crate::rules::select::{self, Selection};
use clap::Args;

#[derive(Args)]
#[command(after_help = "Examples:
  annoconv explain zero-id
  annoconv explain geometry
  annoconv explain all")]
pub struct Explain {
    /// The code of a rule; a group or "all": a table of rules
    #[arg(value_name = "CODE", value_parser = select::topic)]
    rules: Selection,
}

impl Explain {
    pub fn run(&self) -> anyhow::Result<Answer> {
        print(&explain(self.rules.as_slice()))?;
        Ok(Answer::Yes)
    }
}
