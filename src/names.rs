//! Names of formats, trainers, presets and settings as people type them.

use crate::alike::nearest;
use crate::error::{Error, ErrorKind, Mismatch};
use crate::format::{Format, Given, Side};
use crate::formats::{FORMATS, by_name};
use crate::presets::{self, PRESETS, Preset};
use crate::trainers::{self, TRAINERS, Trainer};
use std::fmt;

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

/// A name that nothing has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSuch {
    /// What was looked for: `format`.
    what: &'static str,
    name: String,
    /// The name that is most like it.
    near: Option<String>,
    /// All names.
    names: Vec<&'static str>,
}

impl NoSuch {
    fn new(what: &'static str, name: &str, all: &[&'static str], names: Vec<&'static str>) -> Self {
        let near = nearest(name, all.iter().copied()).map(str::to_owned);
        Self { what, name: name.to_owned(), near, names }
    }

    /// The error of a call that names it as `thing`.
    pub fn error(&self, thing: &str) -> Error {
        let expected = format!("a {}: {}", self.what, self.names.join(", "));
        let near = self.near.as_ref().map(|near| format!(" (did you mean {near}?)"));
        let found = format!("{:?}{}", self.name, near.unwrap_or_default());
        Error::new(ErrorKind::Usage, thing, Mismatch::new(expected, found))
    }
}

impl fmt::Display for NoSuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, name, near, names } = self;
        let names = names.join(", ");
        if UNSUPPORTED.contains(&name.to_lowercase().as_str()) {
            return write!(f, "{name} is neither read nor written yet; the {what}s are {names}");
        }
        let near = near.as_ref().map(|near| format!(" (did you mean {near}?)"));
        write!(f, "no {what} has this name{}; the {what}s are {names}", near.unwrap_or_default())
    }
}

// For the command line's parser.
impl std::error::Error for NoSuch {}

/// The format of a name.
///
/// # Errors
/// Where there is none: with the nearest names.
pub fn format(name: &str) -> Result<&'static dyn Format, NoSuch> {
    by_name(name).ok_or_else(|| {
        let all = FORMATS.iter().flat_map(|format| {
            let profile = format.profile();
            profile.aliases.iter().chain([&profile.name]).copied()
        });
        let names = FORMATS.iter().map(|format| format.name()).collect();
        NoSuch::new("format", name, &all.collect::<Vec<_>>(), names)
    })
}

/// The trainer of a name.
///
/// # Errors
/// Where there is none: with the nearest name.
pub fn trainer(name: &str) -> Result<&'static Trainer, NoSuch> {
    trainers::by_name(name).ok_or_else(|| {
        let all = TRAINERS.iter().flat_map(|it| it.aliases.iter().chain([&it.name]).copied());
        let names = TRAINERS.iter().map(|trainer| trainer.name).collect();
        NoSuch::new("trainer", name, &all.collect::<Vec<_>>(), names)
    })
}

/// The preset of a name.
///
/// # Errors
/// Where there is none: with the nearest name.
pub fn preset(name: &str) -> Result<&'static Preset, NoSuch> {
    presets::by_name(name).ok_or_else(|| {
        let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        NoSuch::new("preset", name, &names, names.clone())
    })
}

/// A setting that a caller gives by name: `precision`; with `read-` or `write-` before it, where it is of
/// both sides, for one of them alone. `-` and `_` are one. `sides` are those on which formats are asked
/// for it.
///
/// ```
/// use annoconv::format::Side;
/// use annoconv::names::setting;
/// let given = setting("read_origin", "1", &[Side::Read, Side::Write])?;
/// assert_eq!((&*given.name, given.side), ("origin", Side::Read));
/// assert!(setting("precission", "4", &[Side::Write]).is_err());
/// # Ok::<(), annoconv::names::NoSuch>(())
/// ```
///
/// # Errors
/// Where no format has it: with the nearest name.
pub fn setting(name: &str, value: &str, sides: &[Side]) -> Result<Given, NoSuch> {
    let known = settings(sides);
    let plain = name.replace('_', "-");
    let given =
        |side: Side, name: &str| Given { name: name.to_owned(), value: value.to_owned(), side };
    if known.iter().any(|(known, _)| *known == plain) {
        return Ok(given(Side::Both, &plain));
    }
    for (prefix, side) in [("read-", Side::Read), ("write-", Side::Write)] {
        let own = plain.strip_prefix(prefix);
        if let Some(own) = own.filter(|own| known.contains(&(own, Side::Both))) {
            return Ok(given(side, own));
        }
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    Err(NoSuch::new("setting", &plain, &names, names.clone()))
}

/// The names of all settings that formats have on these sides, each with the side or sides.
fn settings(sides: &[Side]) -> Vec<(&'static str, Side)> {
    let mut all: Vec<(&str, Side)> = Vec::new();
    for side in sides {
        let declared = FORMATS.iter().flat_map(|format| format.settings());
        for setting in declared.filter(|setting| setting.side.includes(*side)) {
            match all.iter_mut().find(|(name, _)| *name == setting.name) {
                None => all.push((setting.name, *side)),
                Some((_, known)) if known != side => *known = Side::Both,
                Some(_) => {}
            }
        }
    }
    all
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
            assert_eq!(format(name).unwrap().name(), known, "{name}");
        }
        let error = |name: &str| format(name).map(|it| it.name()).unwrap_err().to_string();
        assert!(error("ylo").contains("did you mean yolo?"), "{}", error("ylo"));
        assert!(error("labelbox").contains("neither read nor written"));
        assert!(!error("qqq").contains("did you mean"));
        assert_eq!(trainer("MMDet").unwrap().name, "mmdetection");
        let error = trainer("ultralitics").map(|it| it.name).unwrap_err().to_string();
        assert!(error.contains("did you mean ultralytics?") && error.contains("rfdetr"), "{error}");
        assert!(pair("yolo2coco").unwrap().contains("--from yolo --to coco"));
        assert_eq!(pair("yolo2x"), None);
    }

    #[test]
    fn settings_are_known_on_their_sides() {
        let sides = [Side::Read, Side::Write];
        for (name, sides, expected) in [
            ("far-edge", &sides[..], Ok(("far-edge", Side::Both))),
            ("write_far_edge", &sides, Ok(("far-edge", Side::Write))),
            ("name_by", &sides, Ok(("name-by", Side::Both))),
            ("read_name_by", &sides, Err("no setting has this name (did you mean name-by?)")),
            ("write_origin", &sides[..1], Err("no setting has this name")),
            ("rounding", &sides[..1], Err("no setting has this name")),
        ] {
            match (setting(name, "1", sides), expected) {
                (Ok(given), Ok((name, side))) => {
                    assert_eq!((&*given.name, given.side), (name, side));
                }
                (Err(error), Err(text)) => assert!(error.to_string().contains(text), "{error}"),
                (found, _) => panic!("{name}: {found:?}"),
            }
        }
    }

    #[test]
    fn an_error_names_the_argument_what_is_known_and_the_nearest() {
        let error = format("ylo").map(|it| it.name()).unwrap_err().error("to").to_string();
        assert!(error.starts_with("to: expected a format: coco, yolo"), "{error}");
        assert!(error.ends_with("found \"ylo\" (did you mean yolo?)"), "{error}");
    }
}
