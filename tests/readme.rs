//! The outputs that README.md shows are those of the program, but for the times.

#![allow(clippy::restriction, reason = "a failed test panics")]

mod support;

use std::fs;
use std::path::Path;
use support::{annoconv, fixtures, words};

/// How many commands README.md shows with their output: a walk that finds fewer has lost some.
const COMMANDS: usize = 20;

fn copy(from: &str, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(fixtures().join("bones").join(from), to).unwrap();
}

/// The folder in which README.md's commands run: the fixture's COCO file beside its images.
fn prepare_bones(folder: &Path) {
    copy("coco/annotations.json", &folder.join("annotations.json"));
    for image in annoconv::files::walk(&fixtures().join("bones/images")).unwrap() {
        let below = image.strip_prefix(fixtures().join("bones")).unwrap();
        copy(below.to_str().unwrap(), &folder.join(below));
    }
}

/// A dataset as Roboflow exports it, made of the fixture.
fn prepare_dataset(folder: &Path) {
    for (subset, numbers) in [("train", &[1, 2, 3][..]), ("valid", &[4, 5])] {
        for number in numbers {
            let name = format!("BONE000{number}");
            let [images, labels] = ["images", "labels"].map(|it| folder.join(subset).join(it));
            copy(&format!("images/Fractured/{name}.jpg"), &images.join(format!("{name}.jpg")));
            copy(&format!("golden/yolo/Fractured/{name}.txt"), &labels.join(format!("{name}.txt")));
        }
    }
    copy("images/Non_fractured/BONE0006.jpg", &folder.join("train/images/BONE0006.jpg"));
    fs::write(folder.join("README.dataset.txt"), "Exported.\n").unwrap();
    let yaml =
        "names: [fracture, hardware & screws]\ntrain: ../train/images\nval: ../valid/images\n";
    fs::write(folder.join("data.yaml"), yaml).unwrap();
}

/// Each command of README.md with the output that it shows.
fn commands(page: &str) -> Vec<(&str, &str)> {
    let blocks = page.split("```\n").skip(1).step_by(2);
    let commands = blocks.flat_map(|block| block.split("$ annoconv ").skip(1));
    commands.map(|command| command.split_once('\n').unwrap_or((command, ""))).collect()
}

/// An output without the time that it took.
fn timeless(text: &str) -> String {
    let timeless = |line: &str| match line.rsplit_once(" in ") {
        Some((rest, time)) if time.ends_with(" s") => rest.to_owned(),
        _ => line.trim_end().to_owned(),
    };
    text.trim_end().lines().map(timeless).collect::<Vec<_>>().join("\n")
}

/// Whether an output is what is shown; `...` stands for any lines.
fn is_shown(output: &str, shown: &str) -> bool {
    match shown.split_once("  ...") {
        None => output == shown,
        Some((start, end)) => output.starts_with(start) && output.ends_with(end),
    }
}

#[test]
fn readme_shows_what_the_program_prints() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let (bones, other) = (scratch.path().join("bones"), scratch.path().join("other"));
    let training = scratch.path().join("training");
    prepare_bones(&bones);
    prepare_bones(&training);
    prepare_dataset(&other.join("dataset"));
    let commands = commands(&page);
    assert_eq!(commands.len(), COMMANDS);
    for (command, shown) in commands {
        let is_dataset = command.contains("dataset/");
        // What is made ready for training is no part of what `validate .` compares.
        let is_training = command.contains("ready") || command.contains("lesions");
        let folder = match (is_dataset, is_training) {
            (true, _) => &other,
            (_, true) => &training,
            (false, false) => &bones,
        };
        if shown.starts_with("annoconv: error") {
            let label = other.join("dataset/train/labels/BONE0001.txt");
            let rows = fs::read_to_string(&label).unwrap();
            fs::write(&label, rows + "0 0.5 x 0.1 0.1\n").unwrap();
        }
        // Some commands write to one output; a file that is there is not replaced.
        if is_dataset {
            let _ = fs::remove_file(other.join("out.json"));
        }
        let output = annoconv().current_dir(folder).args(words(command)).output().unwrap();
        let printed = [output.stdout, output.stderr].concat();
        let printed = timeless(&String::from_utf8(printed).unwrap());
        assert!(is_shown(&printed, &timeless(shown)), "README.md: {command}\n{printed}");
    }
}
