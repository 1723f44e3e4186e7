//! Image files: finds them by the names that annotations state, and reads sizes from headers.

pub mod bitmap;
mod ending;
mod index;
mod jpeg;
pub mod likeness;
mod look_up;
mod names;
mod orientation;
mod origins;
mod table;

pub use ending::{End, end_of};
pub use look_up::{Asked, Match};
pub use names::Way;
pub use table::ImageTable;

use crate::error::{Error, Result};
use crate::files;
use crate::geometry::Size;
use crate::model::Id;
use std::fs::File;
use std::io::{BufReader, Seek};
use std::path::{Path, PathBuf};

/// Extensions of files that are taken for images.
pub const EXTENSIONS: &[&str] = &[
    "jpg", "jpeg", "png", "bmp", "gif", "webp", "tif", "tiff", "jp2", "pnm", "pgm", "ppm", "heic",
    "avif", "jfif", "tga",
];

/// What the header of an image file states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Its size as a viewer displays it: EXIF orientations 5 to 8 swap width and height.
    pub size: Size,
    /// Its EXIF orientation; 1 (upright) if none is stated.
    pub orientation: u32,
}

/// Reads the size and orientation of an image file from its header. Pixels are never decoded.
///
/// # Errors
/// Where the file cannot be read, or has no header of a known image format.
pub fn measure(path: &Path) -> Result<Measured> {
    let file = File::open(path).map_err(|error| Error::io(path, "read", error))?;
    let mut reader = BufReader::with_capacity(1 << 14, file);
    let kind = imagesize::reader_type(&mut reader)
        .map_err(|error| not_an_image(path, &error.to_string()))?;
    // HEIF files need no EXIF orientation: viewers apply the container's own rotation, and so does
    // `imagesize`.
    let orientation = orientation::orientation(&mut reader, kind);
    reader.rewind().map_err(|error| Error::io(path, "read", error))?;
    let stored = imagesize::reader_size(&mut reader)
        .map_err(|error| not_an_image(path, &error.to_string()))?;
    let side = |side: usize| {
        u32::try_from(side).map_err(|_| not_an_image(path, &format!("a side of {side} pixels")))
    };
    let (width, height) = (side(stored.width)?, side(stored.height)?);
    if width == 0 || height == 0 {
        return Err(not_an_image(path, &format!("a size of {width}x{height}")));
    }
    let size = match orientation {
        5..=8 => Size { width: height, height: width },
        _ => Size { width, height },
    };
    Ok(Measured { size, orientation })
}

/// What kind of image a file is by its content, whatever its name; `None` where that is not known.
pub(crate) fn kind(path: &Path) -> Option<imagesize::ImageType> {
    imagesize::reader_type(BufReader::new(File::open(path).ok()?)).ok()
}

/// The length of a file in bytes; `None` if it cannot be read.
pub fn length(path: &Path) -> Option<u64> {
    path.metadata().ok().map(|about| about.len())
}

fn not_an_image(path: &Path, found: &str) -> Error {
    Error::malformed("image header", "a known image format", found).in_file(path)
}

/// Whether the extension of a file is one of an image format.
pub fn is_image(path: &Path) -> bool {
    files::has_extension(path, EXTENSIONS)
}

/// An image that is known from elsewhere than the annotations: from a folder of image files, or
/// from another dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its path below the folder, or its name in the other dataset.
    pub name: String,
    /// The image file, if there is one.
    pub file: Option<PathBuf>,
    /// Its size, if the other dataset states it.
    pub size: Option<Size>,
    /// Its id, if a COCO file states it.
    pub id: Option<Id>,
}

/// The path of an image that a file in `folder` states relative to itself, from the folder's root on. What
/// leads outside of the root is left out; of a path from the root of a disk only the file name is kept.
///
/// ```
/// use annoconv::images::stated_in;
/// assert_eq!(stated_in("labels/x", "..\\..\\images\\a.jpg"), "images/a.jpg");
/// assert_eq!(stated_in("", "../a.jpg"), "a.jpg");
/// assert_eq!(stated_in("x", "C:\\data\\a.jpg"), "a.jpg");
/// ```
pub fn stated_in(folder: &str, name: &str) -> String {
    let name = name.replace('\\', "/");
    if name.starts_with('/') || has_drive(&name) {
        return names::file_name(&name).to_owned();
    }
    let below = || names::inside(&format!("{folder}/{name}"));
    names::resolved(folder, &name).unwrap_or_else(below)
}

fn has_drive(name: &str) -> bool {
    matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// The last part of a path with forward slashes.
pub fn base_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_an_image_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jpg");
        std::fs::write(&path, "no image at all").unwrap();
        let error = measure(&path).unwrap_err();
        assert!(error.to_string().contains("image header: expected a known image format"));
        assert!(measure(&folder.path().join("b.jpg")).is_err());
    }
}
