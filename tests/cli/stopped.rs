//! Runs that a signal stops: nothing is left of them, and the program dies of the signal.

#![cfg(unix)]

use crate::support::{annoconv, tree, words};
use crate::{at, write_coco};
use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SIGINT: i32 = 2;
const SIGTERM: i32 = 15;

/// Enough images that a run of any command is still at work when the signal comes.
const COUNT: usize = 20_000;

fn dataset() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    };
    let names: Vec<String> = (0..COUNT).map(|number| format!("{number:05}.jpg")).collect();
    write_coco(&folder, &names.iter().map(String::as_str).collect::<Vec<_>>());
    folder
}

fn start(folder: &TempDir, line: &str) -> Child {
    let mut command = annoconv();
    let command = command.current_dir(folder).args(words(line));
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn signal(child: &Child, signal: i32) {
    let id = child.id().to_string();
    let done = Command::new("kill").args([format!("-{signal}"), id]).status().unwrap();
    assert!(done.success());
}

/// The signal that a run died of, and what it said.
fn end(child: Child) -> (Option<i32>, String) {
    let done = child.wait_with_output().unwrap();
    (done.status.signal(), String::from_utf8(done.stderr).unwrap())
}

fn await_path(child: &mut Child, path: &Path) {
    while !path.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_micros(50));
    }
}

/// Stops a run as soon as it prepares its output. One that was over before that, as the machine is busy,
/// is tried again.
fn stop(folder: &TempDir, line: &str, staging: &str, number: i32) -> String {
    for _ in 0..10 {
        let mut child = start(folder, line);
        await_path(&mut child, &folder.path().join(staging).join("new"));
        signal(&child, number);
        if let (Some(died), error) = end(child) {
            assert_eq!(died, number, "{line}: {error}");
            return error;
        }
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let is_own = entry.ends_with("coco.json") || line.contains("--overwrite");
            let _ = if is_own {
                Ok(())
            } else {
                fs::remove_dir_all(&entry).or(fs::remove_file(&entry))
            };
        }
    }
    panic!("{line}: always over before the signal");
}

#[test]
fn a_stopped_conversion_leaves_nothing_and_dies_of_the_signal() {
    let folder = dataset();
    let before = tree(folder.path());
    for (line, staging) in [
        ("coco2yolo coco.json -o labels", ".labels.annoconv-staging"),
        ("convert coco.json --to voc -o a/b/voc", "a/b/.voc.annoconv-staging"),
        ("convert coco.json --to hf -o hf.jsonl", ".hf.jsonl.annoconv-staging"),
    ] {
        for number in [SIGINT, SIGTERM] {
            let error = stop(&folder, line, staging, number);
            assert_eq!(error, "annoconv: stopped; nothing was changed\n", "{line}");
            assert!(tree(folder.path()) == before, "{line}");
            let entries = fs::read_dir(&folder).unwrap();
            let left: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
            assert_eq!(left, [folder.path().join("coco.json")], "{line}");
        }
    }
}

#[test]
fn a_stopped_run_that_replaces_files_leaves_them_as_they_were() {
    let folder = dataset();
    at(&folder, "coco2yolo coco.json -o labels --precision 3 --quiet", 0);
    let before = tree(folder.path());
    let line = "coco2yolo coco.json -o labels --precision 5 --overwrite";
    let staging = "labels/.annoconv-staging";
    if stop(&folder, line, staging, SIGINT) == "annoconv: stopped; nothing was changed\n" {
        assert!(tree(folder.path()) == before);
    } else {
        // The signal came when the files were being moved in, which is done to its end.
        let after = tree(folder.path());
        assert!(after != before && !folder.path().join(staging).exists());
    }
}

/// What is written to a pipe that nobody reads waits, and nothing looks at a flag.
#[test]
fn a_run_that_is_done_and_waits_dies_at_the_first_signal() {
    let folder = dataset();
    let scratch = tempfile::tempdir().unwrap();
    let mut command = annoconv();
    let command = command.current_dir(&folder).env("TMPDIR", scratch.path());
    let command = command.args(words("convert coco.json --to coco -o -"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The report comes first.
    let mut report = [0; 8];
    child.stderr.as_mut().unwrap().read_exact(&mut report).unwrap();
    assert_eq!(&report, b"convert:");
    std::thread::sleep(Duration::from_millis(100));
    signal(&child, SIGINT);
    assert_eq!(child.wait().unwrap().signal(), Some(SIGINT));
    assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0);
}

#[test]
fn validate_and_fix_are_stopped_too() {
    let folder = dataset();
    at(&folder, "convert coco.json --to voc -o voc --quiet", 0);
    let before = tree(folder.path());
    for line in ["validate voc coco.json", "fix voc -o fixed", "fix voc --in-place"] {
        for number in [SIGINT, SIGTERM] {
            let child = start(&folder, line);
            // Long after its start, and long before its end.
            std::thread::sleep(Duration::from_millis(400));
            let started = Instant::now();
            signal(&child, number);
            let (died, error) = end(child);
            assert_eq!(died, Some(number), "{line}: {error}");
            assert!(started.elapsed() < Duration::from_secs(5), "{line}: {:?}", started.elapsed());
            assert!(tree(folder.path()) == before, "{line}");
        }
    }
}
