//! Hugging Face's imagefolder: `metadata.jsonl` beside the images.
//!
//! Source: datasets, `datasets/packaged_modules/folder_based_builder/folder_based_builder.py`
//! (`FolderBasedBuilder`): the images are those that the rows name, and a file without the member
//! `file_name` is refused. The objects in a row are read by no rule of the builder, so they are not
//! judged here.

use super::sight::{Seen, Told, Verdict};
use super::{Dataset, Trainer};
use crate::error::{Place, Position};
use crate::files;
use crate::rules::Rule;
use crate::tree::subset_of_path;
use serde_json::Value;
use std::path::Path;

pub static TRAINER: Trainer = Trainer {
    name: "hf",
    aliases: &["huggingface", "hugging-face", "imagefolder"],
    about: "Hugging Face imagefolder",
    loads: "folders of images, each with a metadata.jsonl whose rows have file_name and objects",
    judge,
};

const FILE: &str = "metadata.jsonl";

fn judge(dataset: &Dataset) -> Verdict {
    let path = dataset.path();
    let files = if path.is_dir() {
        files::walk(path).unwrap_or_default()
    } else {
        vec![path.to_path_buf()]
    };
    let is_it = |file: &&std::path::PathBuf| file.file_name().is_some_and(|name| name == FILE);
    let mut verdict = Verdict::default();
    for file in files.iter().filter(is_it) {
        let seen = see(file, path, &mut verdict.told);
        verdict.subsets.push(seen);
    }
    if verdict.subsets.is_empty() {
        let message = format!("imagefolder finds no objects: there is no {FILE} beside the images");
        return Verdict::refused(Told::new(
            Rule::TrainerRefuses,
            message,
            Place::of_file(path),
            &[],
        ));
    }
    verdict
}

fn see(file: &Path, root: &Path, told: &mut Vec<Told>) -> Seen {
    let folder = file.parent().unwrap_or(Path::new(""));
    let subset = subset_of_path(folder.strip_prefix(root).unwrap_or(folder));
    let mut seen = Seen::new(subset.unwrap_or_else(|| "all".to_owned()), file.to_path_buf());
    let bytes = files::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let row: Option<Value> = serde_json::from_str(line).ok();
        let name = row.as_ref().and_then(|row| row.get("file_name")).and_then(Value::as_str);
        let reason = match (&row, name) {
            (None, _) => "the row is no JSON".to_owned(),
            (_, None) => "the row has no file_name".to_owned(),
            (_, Some(name)) if !folder.join(name).is_file() => format!("there is no file {name:?}"),
            (Some(row), _) => {
                seen.keep(boxes(row));
                continue;
            }
        };
        let place = Place::at(file, Position::line(number + 1));
        let message = format!("imagefolder stops: {reason}");
        let found = Told::new(Rule::TrainerRefuses, message, place, &[]);
        let found = found.of_image(name.unwrap_or_default());
        seen.lost.push(found.lost(reason));
        told.push(found);
    }
    seen
}

/// The number of boxes in a row.
fn boxes(row: &Value) -> usize {
    let boxes = row.get("objects").and_then(|it| it.get("bbox"));
    boxes.and_then(Value::as_array).map_or(0, Vec::len)
}
