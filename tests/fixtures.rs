//! The golden outputs of the fixtures: every line of every `commands.txt` is run and compared
//! with the files that it names. With `ANNOCONV_BLESS=1` the files are rewritten instead.

#![allow(clippy::restriction, reason = "a failed test panics")]

mod support;

use libtest_mimic::{Arguments, Trial};
use std::path::{Path, PathBuf};
use support::{annoconv, differences, fixtures, run, words};

/// How many golden outputs there are: a walk that finds fewer has lost some.
const GOLDENS: usize = 26;

fn main() {
    let args = Arguments::from_args();
    let goldens = goldens();
    let count = goldens.len();
    let mut trials = vec![Trial::test("the walk sees every golden output", move || {
        assert_eq!(count, GOLDENS);
        Ok(())
    })];
    if std::env::var_os("ANNOCONV_BLESS").is_some() {
        // In order, as one golden may be the input of the next.
        goldens.iter().for_each(Golden::bless);
        return;
    }
    trials.extend(goldens.into_iter().map(|golden| {
        Trial::test(golden.name(), move || {
            golden.compare();
            Ok(())
        })
    }));
    libtest_mimic::run(&args, trials).exit();
}

/// One line of a `commands.txt`.
struct Golden {
    folder: PathBuf,
    target: String,
    command: Vec<String>,
}

fn goldens() -> Vec<Golden> {
    let files = annoconv::files::walk(&fixtures()).unwrap();
    let lists = files.into_iter().filter(|file| file.ends_with("commands.txt"));
    lists.flat_map(|list| read_list(&list)).collect()
}

fn read_list(list: &Path) -> Vec<Golden> {
    let text = std::fs::read_to_string(list).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (target, command) = line.split_once(": ").unwrap();
            let folder = list.parent().unwrap().to_path_buf();
            Golden { folder, target: target.to_owned(), command: words(command) }
        })
        .collect()
}

impl Golden {
    fn name(&self) -> String {
        let case = self.folder.file_name().unwrap().to_string_lossy().into_owned();
        format!("{case}/{}", self.target)
    }

    fn write(&self, output: &Path, extra: &[&str]) {
        let mut command = annoconv();
        command.current_dir(&self.folder).args(&self.command).arg("-o").arg(output).args(extra);
        run(&mut command, 0);
    }

    fn compare(&self) {
        let scratch = tempfile::tempdir().unwrap();
        let output = scratch.path().join(Path::new(&self.target).file_name().unwrap());
        self.write(&output, &[]);
        let differing = differences(&output, &self.folder.join(&self.target));
        assert!(differing.is_empty(), "not as in {}: {differing:?}", self.target);
    }

    fn bless(&self) {
        let target = self.folder.join(&self.target);
        let prune: &[&str] = &["--overwrite", "--prune"];
        self.write(&target, prune);
    }
}
