//! What a page tells to be run: the commands of its code blocks with the output that they show, and the
//! directives between them, which a reader does not see.
//!
//! - `<!-- folder NAME: KIND -->`: the commands from here on run in the folder of that name, which is
//!   made of what the kind says ([`super::folders`]) unless an earlier directive of the page made it.
//!   `<!-- folder KIND -->` names it after its kind.
//! - `<!-- run COMMAND -->`: something that has to be done and is not shown.
//! - `<!-- not run: WHY -->`: the next code block has commands that cannot be run in a test.
//!
//! In a code block, a line `$ COMMAND` is run, and the lines after it are what it prints.

use std::ops::Range;

/// A step of a page.
#[derive(Debug, PartialEq)]
pub enum Step {
    Folder { name: String, kind: String },
    Run(String),
    Show(Shown),
}

/// A command with the output that is shown.
#[derive(Debug, PartialEq)]
pub struct Shown {
    pub command: String,
    /// The lines of the page that are the output, from 0.
    pub output: Range<usize>,
}

/// The steps of a page, in their order, and the commands of its code blocks that are neither run nor
/// said not to be.
pub fn steps(lines: &[&str]) -> (Vec<Step>, Vec<String>) {
    let (mut steps, mut lost) = (Vec::new(), Vec::new());
    let (mut at, mut is_excused) = (0, false);
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        if let Some(fence) = line.trim_start().strip_prefix("```") {
            let end = block_end(lines, at);
            let not_run = read_block(lines, at..end, fence, &mut steps);
            lost.extend(not_run.into_iter().filter(|_| !is_excused));
            (at, is_excused) = (end + 1, false);
        } else if let Some(directive) = directive(line) {
            is_excused = directive.starts_with("not run: ");
            steps.extend(parse(directive));
        } else if line.starts_with("    annoconv ") && !is_excused {
            lost.push(format!("{at}: {line}"));
        } else if !line.trim().is_empty() && !line.starts_with("    ") {
            is_excused = false;
        }
    }
    (steps, lost)
}

fn block_end(lines: &[&str], from: usize) -> usize {
    let is_end = |line: &&str| line.trim() == "```";
    let length = lines[from..].iter().position(is_end);
    from + length.unwrap_or_else(|| panic!("line {from}: a code block without an end"))
}

/// What a comment of a line's length says, if it is a directive.
fn directive(line: &str) -> Option<&str> {
    let text = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    ["folder ", "run ", "not run: "].iter().any(|word| text.starts_with(word)).then_some(text)
}

fn parse(directive: &str) -> Option<Step> {
    if let Some(command) = directive.strip_prefix("run ") {
        return Some(Step::Run(command.to_owned()));
    }
    let folder = directive.strip_prefix("folder ")?;
    let (name, kind) = folder.split_once(": ").unwrap_or((folder, folder));
    Some(Step::Folder { name: name.to_owned(), kind: kind.to_owned() })
}

/// Adds the commands of a code block. Returns what looks like one and has no `$`.
fn read_block(
    lines: &[&str],
    block: Range<usize>,
    fence: &str,
    steps: &mut Vec<Step>,
) -> Vec<String> {
    let is_shell = matches!(fence, "" | "sh" | "console" | "text");
    let (mut at, mut lost, count) = (block.start, Vec::new(), steps.len());
    while at < block.end {
        match lines[at].strip_prefix("$ ") {
            Some(command) => {
                let shown = read_command(lines, at..block.end, command);
                at = next_command(lines, at + 1..block.end);
                steps.push(Step::Show(shown));
            }
            None => {
                let is_lost = is_shell && lines[at].starts_with("annoconv ");
                if is_lost && steps.len() == count {
                    lost.push(format!("{}: {}", at + 1, lines[at]));
                }
                at += 1;
            }
        }
    }
    lost
}

/// The line of the next command of a code block, or its end.
fn next_command(lines: &[&str], rest: Range<usize>) -> usize {
    let length = lines[rest.clone()].iter().position(|line| line.starts_with("$ "));
    length.map_or(rest.end, |length| rest.start + length)
}

/// A command that may go on after a `\` at the end of a line, with its output.
fn read_command(lines: &[&str], rest: Range<usize>, first: &str) -> Shown {
    let mut command = first.to_owned();
    let mut start = rest.start + 1;
    while command.ends_with('\\') && start < rest.end {
        command = format!("{command}\n{}", lines[start]);
        start += 1;
    }
    let mut end = next_command(lines, start..rest.end);
    // An empty line before the next command is not part of the output.
    while end > start && lines[end - 1].trim().is_empty() {
        end -= 1;
    }
    Shown { command, output: start..end }
}
