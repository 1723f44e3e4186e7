//! The images of a subset, and each of them with its label, as Ultralytics takes them.
//!
//! Source: Ultralytics 8.4.190, `ultralytics/data/base.py` (`get_img_files`), `data/utils.py`
//! (`img2label_paths`, `check_image`). EXIF orientations change nothing: sizes and pixels are taken
//! as displayed, and so are labels.

use super::label::{self, Label, Wanted};
use crate::error::{Error, Place};
use crate::files;
use crate::images::{self, End};
use crate::layout::ultralytics::SUFFIXES;
use crate::rules::Rule;
use imagesize::ImageType;
use std::path::{Path, PathBuf};

/// Sides of fewer pixels are refused.
const LEAST_SIDE: u32 = 10;

/// What becomes of an image.
pub enum Fate {
    /// It is loaded.
    Kept(Kept),
    /// It is left out, for a reason at a place.
    Lost { reason: String, place: Place, by: &'static [Rule], rows: usize },
}

/// An image that is loaded.
#[derive(Default)]
pub struct Kept {
    /// Its label file; none where there is none.
    pub label: Option<Label>,
    /// Whether the file of the image is written anew.
    pub is_rewritten: bool,
}

/// The images of a folder or list, by their full paths. All that is below a folder counts; a line of
/// a list that begins with `./` is relative to the list, and any other to the folder of the run.
///
/// # Errors
/// Where it cannot be read.
pub fn images_of(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut images = match path.is_dir() {
        true => files::walk(path)?,
        false => {
            let bytes = files::read(path)?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let folder = path.parent().unwrap_or(Path::new(""));
            let line = |line: &str| match line.strip_prefix("./") {
                Some(below) => folder.join(below),
                None => files::full(Path::new(".")).join(line),
            };
            text.trim_start_matches('\u{feff}').trim().lines().map(line).collect()
        }
    };
    images.retain(|image| has_suffix(image));
    images.sort();
    Ok(images)
}

/// Whether the name of a file ends as those of images do that are loaded.
pub fn has_suffix(image: &Path) -> bool {
    files::has_extension(image, &SUFFIXES)
}

/// Where the label of an image is looked for: the last `/images/` of its full path becomes
/// `/labels/`, and what follows the last dot `txt`.
pub fn label_of(image: &Path) -> PathBuf {
    let text = image.to_string_lossy();
    let place = match text.rsplit_once("/images/") {
        Some((above, below)) => format!("{above}/labels/{below}"),
        None => text.into_owned(),
    };
    let stem = place.rsplit_once('.').map_or(place.as_str(), |(stem, _)| stem);
    PathBuf::from(format!("{stem}.txt"))
}

/// What becomes of an image, by its full path.
pub fn fate(image: &Path, wanted: Wanted) -> Fate {
    let (fault, is_rewritten) = check(image);
    let path = label_of(image);
    let bytes = if path.is_file() { files::read(&path).ok() } else { None };
    let label = bytes.map(|bytes| label::verify(&bytes, wanted));
    if let Some((reason, by)) = fault {
        let rows = label.map_or(0, |label| label.map_or_else(|it| it.rows, |it| it.rows));
        return Fate::Lost { reason, place: Place::of_file(image), by, rows };
    }
    match label.transpose() {
        Ok(label) => Fate::Kept(Kept { label, is_rewritten }),
        Err(fault) => Fate::Lost {
            reason: fault.reason,
            place: Place::at(&path, fault.position),
            by: fault.by,
            rows: fault.rows,
        },
    }
}

type Fault = (String, &'static [Rule]);

/// What is wrong with the file of an image, and whether it is written anew.
fn check(image: &Path) -> (Option<Fault>, bool) {
    let size = match images::measure(image) {
        Ok(measured) => measured.size,
        Err(_) => {
            let by = &[Rule::ImageUnreadable, Rule::ImageMissing];
            return (Some(("the image cannot be read".to_owned(), by)), false);
        }
    };
    let kind = images::kind(image);
    if let Some(kind) = kind.filter(|kind| !is_taken(*kind)) {
        return (Some((format!("its content is {kind:?}, which is not loaded"), &[])), false);
    }
    let end = images::end_of(image).unwrap_or(End::Proper);
    if size.width < LEAST_SIDE || size.height < LEAST_SIDE {
        return (Some((format!("a size of {size}, below 10 pixels"), &[Rule::TinyImage])), false);
    }
    match (kind, end) {
        (Some(ImageType::Png | ImageType::Jpeg), End::Missing) => {
            (Some(("the image breaks off".to_owned(), &[Rule::TruncatedImage])), false)
        }
        (Some(ImageType::Jpeg), End::Before(_)) => (None, true),
        _ => (None, false),
    }
}

fn is_taken(kind: ImageType) -> bool {
    !matches!(
        kind,
        ImageType::Gif | ImageType::Pnm | ImageType::Tga | ImageType::Ico | ImageType::Psd
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_looked_for_by_the_path_of_the_image() {
        for (image, label) in [
            ("/d/images/train/a.jpg", "/d/labels/train/a.txt"),
            ("/d/train/images/a.b.png", "/d/train/labels/a.b.txt"),
            ("/images/d/images/a.jpg", "/images/d/labels/a.txt"),
            ("/d/pictures/a.jpg", "/d/pictures/a.txt"),
        ] {
            assert_eq!(label_of(Path::new(image)), Path::new(label));
        }
    }
}
