//! Runs that are killed, that run out of space, or whose target is not as they left it.

use crate::support::{annoconv, tree, words};
use crate::{at, write_coco};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How often a run is killed in each mode.
fn kills() -> u32 {
    std::env::var("ANNOCONV_KILLS").map_or(20, |kills| kills.parse().unwrap())
}

const COUNT: usize = 3000;

/// A dataset that takes long enough to be killed in between, and one that cannot be converted.
fn datasets() -> TempDir {
    // Disks are slow at making files anew that were removed a moment ago.
    let memory = Path::new("/dev/shm");
    let folder = match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    };
    let names: Vec<String> = (0..COUNT).map(|number| format!("{number:05}.jpg")).collect();
    write_coco(&folder, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let bad = json!({"images": [{"id": 1, "file_name": "a", "width": 1, "height": 1}],
        "annotations": [{"image_id": 1, "bbox": [1]}]});
    fs::write(folder.path().join("bad.json"), bad.to_string()).unwrap();
    folder
}

/// When a run is killed: so long after its start, or after a file of it is seen.
#[derive(Clone, Copy)]
enum Moment<'a> {
    Started(Duration),
    Seen(&'a Path, Duration),
}

/// Waits until a file of a run is seen, or the run is over.
fn await_file(child: &mut Child, path: &Path) {
    while !path.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_micros(50));
    }
}

/// Starts a run and kills it, unless it is over by then: whether it was killed.
fn kill(folder: &TempDir, line: &str, moment: Moment) -> bool {
    let mut command = annoconv();
    let command = command.current_dir(folder).args(words(line)).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let after = match moment {
        Moment::Started(after) => after,
        Moment::Seen(path, after) => {
            await_file(&mut child, path);
            after
        }
    };
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap().code().is_none()
}

/// How long a run takes that nobody kills, and how much of that after a file of it is seen.
fn time(folder: &TempDir, line: &str, path: &Path) -> (Duration, Duration) {
    let started = Instant::now();
    let mut child = annoconv().current_dir(folder).args(words(line)).spawn().unwrap();
    await_file(&mut child, path);
    let seen = Instant::now();
    assert!(child.wait().unwrap().success());
    (started.elapsed(), seen.elapsed())
}

fn entries(folder: &Path) -> Vec<String> {
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().flatten().map(name).collect();
    names.sort();
    names
}

/// What undoes a run that was killed, and does nothing else.
const UNDO: &str = "coco2yolo bad.json -o labels --overwrite --quiet";

/// Labels of two runs are no dataset: nothing reads them, compares with them or says they are sound.
fn is_refused_to_readers(folder: &TempDir) {
    let told = "a stopped run left half replaced";
    for (line, status) in [
        ("yolo2voc labels --sizes coco.json -o voc", 2),
        ("coco2yolo coco.json -o labels --check", 2),
        ("coco2yolo coco.json -o labels", 2),
        ("validate --yolo labels --coco coco.json --max-findings 1", 1),
    ] {
        let (out, error) = at(folder, line, status);
        assert!((out + &error).contains(told), "{line}: {error}");
    }
}

#[test]
fn a_killed_run_that_replaces_files_leaves_nothing_half_done_for_good() {
    let folder = datasets();
    let labels = folder.path().join("labels");
    let journal = labels.join(".annoconv-staging/journal.json");
    let run = "coco2yolo coco.json -o labels --precision 5 --overwrite --quiet";
    let reset = "coco2yolo coco.json -o labels --precision 3 --overwrite --quiet";
    at(&folder, reset, 0);
    time(&folder, run, &journal);
    let after = tree(&labels);
    at(&folder, reset, 0);
    let before = tree(&labels);
    let (whole, moving) = time(&folder, run, &journal);
    at(&folder, reset, 0);
    let kills = kills();
    let (mut killed, mut half_done, mut undoing) = (0, 0, 0);
    for step in 0..kills {
        let moment = match step % 2 {
            0 => Moment::Started(whole * step / kills),
            _ => Moment::Seen(&journal, moving * step / kills),
        };
        killed += u32::from(kill(&folder, run, moment));
        half_done += u32::from(journal.exists());
        for name in entries(&labels).iter().filter(|name| *name != ".annoconv-staging") {
            let row = fs::read(labels.join(name)).unwrap();
            assert!(row == before[name] || row == after[name], "{name} is torn");
        }
        if journal.exists() {
            is_refused_to_readers(&folder);
        }
        // The next run, which fails, undoes what the killed one had moved, unless it was done; it
        // may be killed, too.
        let is_half_done = journal.exists();
        let is_killed = kill(&folder, UNDO, Moment::Started(moving * step / kills));
        undoing += u32::from(is_half_done && is_killed && journal.exists());
        at(&folder, UNDO, 2);
        let found = tree(&labels);
        assert!(found == before || !is_half_done && found == after);
        if found == after {
            at(&folder, reset, 0);
        }
    }
    eprintln!(
        "{killed} of {kills} killed before the end, {half_done} while files were replaced, \
         {undoing} again while that was undone"
    );
    assert!(killed >= kills / 4 && half_done > 0);
}

#[test]
fn a_killed_run_to_a_new_folder_leaves_all_of_it_or_none() {
    let folder = datasets();
    let labels = folder.path().join("labels");
    let staging = folder.path().join(".labels.annoconv-staging");
    let run = "coco2yolo coco.json -o labels --quiet";
    time(&folder, run, &staging);
    let complete = tree(&labels);
    fs::remove_dir_all(&labels).unwrap();
    let (whole, writing) = time(&folder, run, &staging);
    let kills = kills();
    let (mut killed, mut left) = (0, 0);
    for step in 0..kills {
        let _ = fs::remove_dir_all(&labels);
        let moment = match step % 2 {
            0 => Moment::Started(whole * step / kills),
            _ => Moment::Seen(&staging, writing * step / kills),
        };
        killed += u32::from(kill(&folder, run, moment));
        left += u32::from(staging.exists());
        assert!(!labels.exists() || tree(&labels) == complete);
        // The next run clears what is left, even if it fails itself.
        at(&folder, UNDO, 2);
        let expected: &[&str] = match labels.exists() {
            true => &["bad.json", "coco.json", "labels"],
            false => &["bad.json", "coco.json"],
        };
        assert_eq!(entries(folder.path()), expected);
    }
    eprintln!("{killed} of {kills} killed before the end, {left} with something left to clear");
    assert!(killed > kills / 2 && left > 0);
}

/// Runs a line of shell in a folder: its exit status and standard error.
#[cfg(target_os = "linux")]
fn shell(folder: &TempDir, line: &str) -> (Option<i32>, String) {
    let program = annoconv().get_program().to_owned();
    let done = std::process::Command::new("sh")
        .current_dir(folder)
        .env("ANNOCONV", program)
        .args(["-c", line])
        .output()
        .unwrap();
    (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn where_no_more_can_be_written_the_target_stays_as_it_was() {
    let folder = datasets();
    at(&folder, "coco2vgg coco.json --images . --missing-images skip -o old.json", 0);
    let before = fs::read(folder.path().join("old.json")).unwrap();
    for (target, flags) in [("new.json", ""), ("old.json", "--overwrite")] {
        let line = format!(
            "trap '' XFSZ; ulimit -f 8; exec \"$ANNOCONV\" convert coco.json --to coco -o {target} {flags}"
        );
        let (status, error) = shell(&folder, &line);
        assert_eq!(status, Some(2), "{error}");
        assert!(error.contains(target) && error.contains("too large"), "{error}");
        assert_eq!(entries(folder.path()), ["bad.json", "coco.json", "old.json"]);
        assert!(fs::read(folder.path().join("old.json")).unwrap() == before);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_target_where_nothing_can_be_made_is_an_error() {
    let folder = datasets();
    for target in ["/proc/labels", "/proc/self/labels", "/dev/null/labels"] {
        let (_, error) = at(&folder, &format!("coco2yolo coco.json -o {target}"), 2);
        assert!(error.contains(target), "{error}");
    }
    for target in ["/dev/null", "/dev/full"] {
        let line = format!("convert coco.json --to coco -o {target} --overwrite");
        let (_, error) = at(&folder, &line, 2);
        assert!(error.contains("expected a regular file, found a device or pipe"), "{error}");
    }
}

/// The target, or what is prepared for it, is removed while a run writes.
#[test]
fn a_target_that_is_removed_meanwhile_is_an_error_or_complete() {
    let folder = datasets();
    let labels = folder.path().join("labels");
    let run = "coco2yolo coco.json -o labels --overwrite";
    let stagings =
        [folder.path().join(".labels.annoconv-staging"), labels.join(".annoconv-staging")];
    let (_, writing) = time(&folder, run, &stagings[0]);
    let complete = tree(&labels);
    let mut refused = 0;
    for step in 0..40 {
        if step % 2 == 0 {
            let _ = fs::remove_dir_all(&labels);
        } else {
            at(&folder, run, 0);
        }
        let mut command = annoconv();
        let command = command.current_dir(&folder).args(words(run));
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = child.spawn().unwrap();
        await_file(&mut child, &stagings[step as usize % 2]);
        std::thread::sleep(writing * step / 40);
        let _ = fs::remove_dir_all(&labels);
        let _ = fs::remove_dir_all(&stagings[0]);
        let done = child.wait_with_output().unwrap();
        match done.status.code() {
            Some(0) => {}
            Some(2) => {
                refused += 1;
                assert!(!done.stderr.is_empty());
            }
            other => panic!("status {other:?}"),
        }
        // What a run that succeeded wrote may have been removed, in part if that was going on.
        // What was prepared, without its lock, is cleared by the next run.
        let left = if labels.exists() { tree(&labels) } else { BTreeMap::new() };
        let files = left.iter().filter(|(name, _)| !name.starts_with(".annoconv-staging/"));
        files.for_each(|(name, file)| assert!(complete[name] == *file, "{name}"));
    }
    eprintln!("removed 40 times, {refused} runs stopped");
    assert!(refused > 0);
}

/// The second of two runs on one target stops, or comes after the first.
#[test]
fn of_two_runs_at_once_on_one_target_each_is_whole_or_refused() {
    let folder = datasets();
    let run = "coco2yolo coco.json -o labels --overwrite --quiet";
    at(&folder, run, 0);
    let labels = folder.path().join("labels");
    let complete = tree(&labels);
    let (mut done, mut refused) = (0, 0);
    for step in 0..20 {
        if step % 2 == 0 {
            fs::remove_dir_all(&labels).unwrap();
        }
        let start = || {
            let mut command = annoconv();
            command.current_dir(&folder).args(words(run)).stderr(Stdio::piped()).spawn().unwrap()
        };
        for child in [start(), start()] {
            let output = child.wait_with_output().unwrap();
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            match output.status.code() {
                Some(0) => done += 1,
                Some(2) => refused += 1,
                other => panic!("status {other:?}: {error}"),
            }
            assert_eq!(output.status.success(), error.is_empty(), "{error}");
        }
        assert!(tree(&labels) == complete);
        assert!(!entries(folder.path()).iter().any(|name| name.ends_with("staging")));
    }
    eprintln!("40 runs, two at once: {done} done, {refused} refused");
    assert!(done >= 20 && refused > 0);
}

/// Files that a run of `fix` changes.
fn write_repeated(labels: &Path) {
    let object = "<object><name>x</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object>";
    fs::create_dir_all(labels).unwrap();
    for number in 0..300 {
        let text =
            format!("<annotation><filename>{number}.jpg</filename>{object}{object}</annotation>");
        fs::write(labels.join(format!("{number}.xml")), text).unwrap();
    }
}

#[test]
fn a_killed_fix_leaves_what_the_next_one_puts_back() {
    let folder = tempfile::tempdir().unwrap();
    let labels = folder.path().join("labels");
    let journal = labels.join(".annoconv-staging/journal.json");
    let run = "fix labels --in-place --quiet";
    write_repeated(&labels);
    let before = tree(&labels);
    let (_, moving) = time(&folder, run, &journal);
    let after = tree(&labels);
    assert_ne!(before, after);
    for step in 0..4 {
        write_repeated(&labels);
        kill(&folder, run, Moment::Seen(&journal, moving * step / 4));
        let is_half_done = journal.exists();
        for name in entries(&labels).iter().filter(|name| *name != ".annoconv-staging") {
            let text = fs::read(labels.join(name)).unwrap();
            assert!(text == before[name] || text == after[name], "{name} is torn");
        }
        if is_half_done {
            let (_, error) = at(&folder, "fix labels --diff", 2);
            assert!(error.contains("a stopped run left half replaced"), "{error}");
        }
        at(&folder, run, 0);
        assert!(tree(&labels) == after);
    }
}
