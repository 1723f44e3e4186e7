//! Names of formats as people type them.

use crate::format::Format;
use crate::formats::{FORMATS, by_name};
use crate::trainers::{self, TRAINERS, Trainer};

/// Formats that are known and neither read nor written.
const UNSUPPORTED: [&str; 15] = [
    "cvat",
    "label-studio",
    "labelstudio",
    "ls",
    "datumaro",
    "createml",
    "dota",
    "kitti",
    "openimages",
    "tfrecord",
    "labelbox",
    "supervisely",
    "darwin",
    "vott",
    "panoptic",
];

/// The format of a name.
///
/// # Errors
/// Where there is none: with the nearest names.
pub fn format(name: &str) -> Result<&'static dyn Format, String> {
    if let Some(format) = by_name(name) {
        return Ok(format);
    }
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name()).collect();
    let names = names.join(", ");
    if UNSUPPORTED.contains(&name.to_lowercase().as_str()) {
        return Err(format!("{name} is neither read nor written yet; the formats are {names}"));
    }
    let aliases = FORMATS.iter().flat_map(|format| {
        let profile = format.profile();
        profile.aliases.iter().chain([&profile.name])
    });
    let near = nearest(name, aliases.copied());
    let near = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
    Err(format!("no format has this name{near}; the formats are {names}"))
}

/// The trainer of a name.
///
/// # Errors
/// Where there is none: with the nearest name.
pub fn trainer(name: &str) -> Result<&'static Trainer, String> {
    if let Some(trainer) = trainers::by_name(name) {
        return Ok(trainer);
    }
    let names: Vec<&str> = TRAINERS.iter().map(|trainer| trainer.name).collect();
    let aliases = TRAINERS.iter().flat_map(|trainer| trainer.aliases.iter().chain([&trainer.name]));
    let near = nearest(name, aliases.copied());
    let near = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
    Err(format!("no trainer has this name{near}; the trainers are {}", names.join(", ")))
}

/// The name that is most like a word, if any is much like it.
fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE: f64 = 0.7;
    let likeness = |name: &'a str| (strsim::jaro_winkler(&word.to_lowercase(), name), name);
    let best = names.map(likeness).max_by(|one, other| one.0.total_cmp(&other.0))?;
    (best.0 >= ALIKE).then_some(best.1)
}

/// What to do instead of a command that is no command but has the form of one (`yolo2coco`).
pub fn pair(command: &str) -> Option<String> {
    let (from, to) = command.split_once('2')?;
    let (from, to) = (by_name(from)?, by_name(to)?);
    Some(format!("annoconv convert <INPUT> --from {} --to {} -o <PATH>", from.name(), to.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_by_alias_and_typing_errors_get_the_nearest() {
        for (name, known) in [("coco", "coco"), ("VIA", "vgg"), ("Pascal_VOC", "voc")] {
            assert_eq!(format(name).map(|format| format.name()), Ok(known), "{name}");
        }
        let error = |name: &str| format(name).map(|format| format.name()).unwrap_err();
        assert!(error("ylo").contains("did you mean yolo?"), "{}", error("ylo"));
        assert!(error("labelbox").contains("neither read nor written"));
        assert!(!error("qqq").contains("did you mean"));
        assert_eq!(trainer("MMDet").map(|trainer| trainer.name), Ok("mmdetection"));
        let error = trainer("ultralitics").map(|trainer| trainer.name).unwrap_err();
        assert!(error.contains("did you mean ultralytics?") && error.contains("rfdetr"), "{error}");
        assert!(pair("yolo2coco").unwrap().contains("--from yolo --to coco"));
        assert_eq!(pair("yolo2x"), None);
    }
}
