//! The registry: every format that can be read and written.

use crate::format::Format;

mod coco;
mod hf;
mod labelme;
mod reading;
mod vgg;
mod voc;
mod yolo;

/// All formats. A new one is one line here and one above.
pub static FORMATS: &[&dyn Format] =
    &[&coco::Coco, &yolo::Yolo, &voc::Voc, &vgg::Vgg, &hf::Hf, &labelme::LabelMe];

/// The format of a name, or of one of its aliases, whatever the case.
///
/// ```
/// assert_eq!(annoconv::formats::by_name("yolo").unwrap().name(), "yolo");
/// assert_eq!(annoconv::formats::by_name("VIA").unwrap().name(), "vgg");
/// assert!(annoconv::formats::by_name("none").is_none());
/// ```
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    let name = name.to_lowercase().replace('_', "-");
    FORMATS.iter().copied().find(|format| {
        let profile = format.profile();
        profile.name == name || profile.aliases.contains(&name.as_str())
    })
}
