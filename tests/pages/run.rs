//! The test of the pages.

mod folders;
mod page;
#[path = "../support/mod.rs"]
mod support;

use libtest_mimic::{Arguments, Trial};
use page::{Shown, Step};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many commands all pages show at least: a walk that finds fewer has lost some.
const COMMANDS: usize = 70;

/// Runs all pages.
pub fn main() {
    let args = Arguments::from_args();
    let pages: Vec<Page> = paths().into_iter().map(Page::read).collect();
    let count: usize = pages.iter().map(Page::count).sum();
    if std::env::var_os("ANNOCONV_BLESS").is_some() {
        return pages.iter().for_each(Page::bless);
    }
    let mut trials = vec![Trial::test("the walk sees the commands of all pages", move || {
        assert!(count >= COMMANDS, "{count} commands");
        Ok(())
    })];
    for page in pages {
        let lost = page::steps(&page.lines()).1;
        trials.push(Trial::test(format!("{}: all commands are run", page.name), move || {
            assert!(lost.is_empty(), "without $, or <!-- not run: WHY -->:\n{}", lost.join("\n"));
            Ok(())
        }));
        let has = |is_fracatlas| page.parts().iter().any(|(it, _)| *it == is_fracatlas);
        for is_fracatlas in [false, true].into_iter().filter(|it| has(*it)) {
            let page = page.clone();
            let name = format!("{}{}", page.name, if is_fracatlas { " (FracAtlas)" } else { "" });
            let is_ignored = is_fracatlas && !has_fracatlas();
            let run = move || {
                let faults: Vec<String> =
                    page.run(is_fracatlas).iter().map(|it| page.fault(it)).collect();
                assert!(faults.is_empty(), "{}", faults.join("\n"));
                Ok(())
            };
            trials.push(Trial::test(name, run).with_ignored_flag(is_ignored));
        }
    }
    libtest_mimic::run(&args, trials).exit();
}

fn has_fracatlas() -> bool {
    std::env::var_os("FRACATLAS_DIR").is_some()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// README.md and all pages of docs.
fn paths() -> Vec<PathBuf> {
    let mut paths = annoconv::files::walk(&root().join("docs")).unwrap();
    paths.retain(|path| path.extension().is_some_and(|it| it == "md"));
    paths.insert(0, root().join("README.md"));
    paths
}

/// A page.
#[derive(Clone)]
struct Page {
    path: PathBuf,
    name: String,
    text: String,
}

impl Page {
    fn read(path: PathBuf) -> Self {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        Self { path, name, text }
    }

    fn lines(&self) -> Vec<&str> {
        self.text.lines().collect()
    }

    fn steps(&self) -> Vec<Step> {
        page::steps(&self.lines()).0
    }

    fn count(&self) -> usize {
        self.steps().iter().filter(|step| matches!(step, Step::Show(_))).count()
    }

    /// The steps, each with whether it needs the published dataset.
    fn parts(&self) -> Vec<(bool, Step)> {
        let mut is_fracatlas = false;
        let mut parts = Vec::new();
        for step in self.steps() {
            if let Step::Folder { kind, .. } = &step {
                is_fracatlas = kind == "fracatlas";
            }
            parts.push((is_fracatlas, step));
        }
        parts
    }

    /// Runs the part of the page that needs the published dataset, or the other. Returns what prints
    /// something else than is shown.
    fn run(&self, is_fracatlas: bool) -> Vec<Difference> {
        let scratch = tempfile::tempdir().unwrap();
        let (mut folder, mut differences) = (None, Vec::new());
        let steps = self.parts().into_iter().filter(|(it, _)| *it == is_fracatlas);
        for (_, step) in steps {
            let here = || folder.clone().unwrap_or_else(|| panic!("{}: no folder yet", self.name));
            match step {
                Step::Folder { name, kind } => {
                    let path = scratch.path().join(name);
                    if !path.exists() {
                        folders::fill(&path, &kind);
                    }
                    folder = Some(path);
                }
                Step::Run(command) => {
                    let (status, printed) = shell(&command, &here());
                    assert!(status, "{}: {command}\n{printed}", self.name);
                }
                Step::Show(shown) => {
                    let (_, printed) = shell(&shown.command, &here());
                    let expected = self.lines()[shown.output.clone()].join("\n");
                    if !is_shown(&timeless(&printed), &timeless(&expected)) {
                        differences.push(Difference { shown, printed });
                    }
                }
            }
        }
        differences
    }

    fn fault(&self, difference: &Difference) -> String {
        let Shown { command, output } = &difference.shown;
        format!("{}:{}: {command}\n{}", self.name, output.start, difference.printed)
    }

    /// Writes the page with what is printed where that is not what it shows.
    fn bless(&self) {
        let mut differences = self.run(false);
        differences.extend(if has_fracatlas() { self.run(true) } else { Vec::new() });
        differences.sort_by_key(|it| it.shown.output.start);
        let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
        for Difference { shown, printed } in differences.into_iter().rev() {
            let printed = printed.trim_end().lines().map(|line| line.trim_end().to_owned());
            lines.splice(shown.output, printed);
        }
        fs::write(&self.path, lines.join("\n") + "\n").unwrap();
    }
}

/// A command that prints something else than the page shows.
struct Difference {
    shown: Shown,
    printed: String,
}

/// Runs a command of a page in a folder: whether it succeeded, and what it printed.
fn shell(command: &str, folder: &Path) -> (bool, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_annoconv")).parent().unwrap();
    let mut path = OsString::from(program);
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let script = format!("{{ {command}\n}} 2>&1");
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

/// An output without the time that it took.
fn timeless(text: &str) -> String {
    let timeless = |line: &str| match line.rsplit_once(" in ") {
        Some((rest, time)) if time.ends_with(" s") => rest.to_owned(),
        _ => line.trim_end().to_owned(),
    };
    text.trim_end().lines().map(timeless).collect::<Vec<_>>().join("\n")
}

/// Whether an output is what is shown; a line `  ...` stands for any lines.
fn is_shown(output: &str, shown: &str) -> bool {
    let parts: Vec<&str> = shown.split("  ...").map(|part| part.trim_matches('\n')).collect();
    let [first, .., last] = parts.as_slice() else { return output == shown };
    let mut rest = output;
    let is_in_order = parts.iter().all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    });
    is_in_order && output.starts_with(first) && output.ends_with(last)
}
