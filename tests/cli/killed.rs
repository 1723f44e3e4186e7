//! Runs that are killed.

use crate::support::{annoconv, tree, words};
use crate::{at, write_coco};
use serde_json::json;
use std::fs;
use tempfile::TempDir;

/// A dataset that takes long enough to be killed in between.
fn many_images(folder: &TempDir) -> usize {
    const COUNT: usize = 3000;
    let names: Vec<String> = (0..COUNT).map(|number| format!("{number:05}.jpg")).collect();
    write_coco(folder, &names.iter().map(String::as_str).collect::<Vec<_>>());
    COUNT
}

#[test]
fn a_killed_run_leaves_nothing_half_done_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let count = many_images(&folder);
    at(&folder, "coco2yolo coco.json -o labels --precision 3", 0);
    let labels = folder.path().join("labels");
    let before = tree(&labels);
    let after = "coco2yolo coco.json -o labels --precision 5 --overwrite";
    let bad = json!({"images": [{"id": 1, "file_name": "a", "width": 1, "height": 1}],
        "annotations": [{"image_id": 1, "bbox": [1]}]});
    fs::write(folder.path().join("bad.json"), bad.to_string()).unwrap();
    let started = std::time::Instant::now();
    at(&folder, &after.replace("-o labels", "-o other"), 0);
    let whole = started.elapsed();
    let mut half_done = 0;
    for step in 0..20 {
        let mut child = annoconv().current_dir(&folder).args(words(after)).spawn().unwrap();
        std::thread::sleep(whole * step / 5);
        child.kill().unwrap();
        child.wait().unwrap();
        half_done += usize::from(labels.join(".annoconv-staging/journal.json").exists());
        // The next run, which fails, undoes what the killed one had moved, unless it was done.
        at(&folder, "coco2yolo bad.json -o labels --overwrite", 2);
        let found = tree(&labels);
        assert_eq!(found.len(), count + 1);
        let is_new = found["00000.txt"] != before["00000.txt"];
        let expected = if is_new { &found["00000.txt"] } else { &before["00000.txt"] };
        assert!(
            found.iter().filter(|(name, _)| *name != "classes.txt").all(|(_, it)| it == expected)
        );
        if is_new {
            at(&folder, "coco2yolo coco.json -o labels --precision 3 --overwrite", 0);
        }
        assert!(tree(&labels) == before);
    }
    eprintln!("killed 20 times, {half_done} of them while files were being replaced");
}
