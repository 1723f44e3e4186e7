//! What the integration tests share: running the program and looking at folders.

#![allow(dead_code, reason = "each test program uses a part")]
#![allow(clippy::restriction, reason = "a failed test panics")]

use annoconv::convert::Job;
use annoconv::dataset::{self, Inputs};
use annoconv::error::Result;
use annoconv::format::{Chosen, Format, Given, Run, Side, Source, Wants};
use annoconv::formats::by_name;
use annoconv::model::{Annotation, Image, Verbatim};
use libtest_mimic::{Failed, Trial};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program under test.
pub fn annoconv() -> Command {
    Command::new(env!("CARGO_BIN_EXE_annoconv"))
}

/// Settings as a caller gives them.
pub fn given(settings: &[(&str, &str)]) -> Vec<Given> {
    let one = |(name, value): &(&str, &str)| Given {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
        side: Side::Both,
    };
    settings.iter().map(one).collect()
}

/// The source at a path, which is of a format; `run` says whether faults are passed over.
pub fn open_with(
    format: &str,
    path: &Path,
    settings: &[(&str, &str)],
    wants: Wants,
    run: &Run,
) -> Result<Box<dyn Source>> {
    let paths = [path.to_path_buf()];
    let inputs = Inputs { paths: &paths, format: by_name(format) };
    let given = given(settings);
    let chosen = |format: &'static dyn Format| Chosen::of(format.settings(), Side::Read, &given);
    dataset::open(inputs, &chosen, wants, run).map(|dataset| dataset.source)
}

/// The source at a path, which is of a format, with the defaults.
pub fn open_as(format: &str, path: &Path) -> Result<Box<dyn Source>> {
    open_with(format, path, &[], Wants::ALL, &Run::default())
}

/// The annotations of an image, if all can be read.
pub fn annotations(source: &dyn Source, index: usize, image: &Image) -> Result<Vec<Annotation>> {
    let all = source.read(index, image)?.all()?;
    Ok(all.into_iter().map(Verbatim::into_inner).collect())
}

/// A conversion between two formats with some settings.
pub fn job<'a>(
    from: &str,
    input: &Path,
    to: &str,
    output: &'a Path,
    settings: &[(&str, &str)],
) -> Job<'a> {
    let (from, to) = (by_name(from), by_name(to).unwrap());
    let settings = given(settings);
    Job { from, settings, ..Job::new(input, to, output) }
}

/// The folder of the fixtures.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Runs the program and asserts its exit status; returns stdout and stderr as text.
pub fn run(command: &mut Command, status: i32) -> (String, String) {
    let Output { status: found, stdout, stderr } = command.output().unwrap();
    let (out, err) = (text(stdout), text(stderr));
    assert_eq!(found.code(), Some(status), "{command:?}\n{out}{err}");
    (out, err)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// All files below a path by their relative names; a single file has the name "".
pub fn tree(path: &Path) -> BTreeMap<String, Vec<u8>> {
    if path.is_file() {
        return BTreeMap::from([(String::new(), std::fs::read(path).unwrap())]);
    }
    // Hidden files too, so that what a run leaves behind is seen.
    annoconv::files::walk_all(path)
        .unwrap()
        .into_iter()
        .filter(|file| !file.is_symlink())
        .map(|file| {
            let name = file.strip_prefix(path).unwrap().to_string_lossy().replace('\\', "/");
            (name, std::fs::read(file).unwrap())
        })
        .collect()
}

/// The names of the files in which two trees differ.
pub fn differences(left: &Path, right: &Path) -> Vec<String> {
    let (left, right) = (tree(left), tree(right));
    let names: std::collections::BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    names.into_iter().filter(|name| left.get(*name) != right.get(*name)).cloned().collect()
}

/// Copies a folder with all that is below it.
pub fn copy(from: &Path, to: &Path) {
    for (name, bytes) in tree(from) {
        let file = to.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
}

/// Splits a command line at white space, outside of double quotes.
pub fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let mut words = Vec::new();
    for (number, part) in parts {
        if number % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// A test on data that is not part of the project: ignored, by name, where `variable` is unset.
pub fn external(variable: &str, name: &str, test: fn(&Path)) -> Trial {
    external_with(variable, name, test)
}

/// The same for a test that knows more than the folder, as a row of a table.
pub fn external_with(
    variable: &str,
    name: &str,
    test: impl FnOnce(&Path) + Send + 'static,
) -> Trial {
    let folder = std::env::var_os(variable).map(PathBuf::from);
    let is_missing = folder.is_none();
    let title = format!("{name} ({variable})");
    let variable = variable.to_owned();
    Trial::test(title, move || {
        let folder = folder.ok_or_else(|| Failed::from(format!("{variable} is not set")))?;
        assert!(folder.is_dir(), "{variable} is not a folder: {}", folder.display());
        test(&folder);
        Ok(())
    })
    .with_ignored_flag(is_missing)
}
