//! The registry: every format that can be read and written.

use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::format::Format;
use std::path::Path;

mod coco;
mod vgg;
mod voc;
mod yolo;

/// All formats. A new one is one line here and one above.
pub static FORMATS: &[&dyn Format] = &[&coco::Coco, &yolo::Yolo, &voc::Voc, &vgg::Vgg];

/// The only format that a file or folder seems to be of.
///
/// # Errors
/// Where it seems to be of none, or of several: with what tells.
pub fn detect(path: &Path) -> Result<&'static dyn Format> {
    if let Err(error) = std::fs::metadata(path) {
        return Err(Error::io(path, "read", error));
    }
    let found: Vec<(&dyn Format, String)> = FORMATS
        .iter()
        .filter_map(|format| format.detect(path).map(|evidence| (*format, evidence)))
        .collect();
    if let [(only, _)] = found.as_slice() {
        return Ok(*only);
    }
    let evidence = found.iter().map(|(format, evidence)| format!("{} ({evidence})", format.name()));
    let evidence = match evidence.collect::<Vec<_>>().join(" and ") {
        none if none.is_empty() => "none of them".to_owned(),
        some => some,
    };
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name()).collect();
    let expected = format!("one of {} (--from says which)", names.join(", "));
    let mismatch = Mismatch::new(expected, evidence);
    Err(Error::new(ErrorKind::Usage, "format of the input", mismatch).in_file(path))
}

/// The format of a name.
///
/// ```
/// assert_eq!(annoconv::formats::by_name("yolo").unwrap().name(), "yolo");
/// assert!(annoconv::formats::by_name("none").is_none());
/// ```
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}
