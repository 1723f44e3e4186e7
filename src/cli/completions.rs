//! `annoconv completions`.

use super::{Answer, command, print};
use clap::Args;
use clap_complete::{Shell, generate};

#[derive(Args)]
#[command(after_long_help = "Examples:
  annoconv completions bash
  annoconv completions zsh

Where they belong, for the shells that most people have:
  bash  ~/.local/share/bash-completion/completions/annoconv
  zsh   _annoconv in a folder of $fpath
  fish  ~/.config/fish/completions/annoconv.fish")]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub fn run(&self) -> anyhow::Result<Answer> {
        print(&script(self.shell))?;
        Ok(Answer::Yes)
    }
}

/// What a shell reads to complete the program's commands and options.
pub fn script(shell: Shell) -> String {
    let mut out = Vec::new();
    generate(shell, &mut command(), "annoconv", &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
