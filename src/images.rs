//! Image files: found by the names that datasets give them, measured from their headers.

mod index;
mod look_up;
mod names;
mod orientation;
mod origins;
mod table;

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
const EXTENSIONS: &[&str] = &[
    "jpg", "jpeg", "png", "bmp", "gif", "webp", "tif", "tiff", "jp2", "pnm", "pgm", "ppm", "heic",
    "avif", "jfif", "tga",
];

/// What an image file's header tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Its size as a viewer displays it: EXIF orientations 5 to 8 swap width and height.
    pub size: Size,
    /// Its EXIF orientation, 1 (upright) where none is stated.
    pub orientation: u32,
}

/// Measures an image file from its header; pixels are never decoded.
///
/// # Errors
/// Where the file cannot be read or its header is not that of an image.
pub fn measure(path: &Path) -> Result<Measured> {
    let file = File::open(path).map_err(|error| Error::io(path, "read", error))?;
    let mut reader = BufReader::with_capacity(1 << 14, file);
    let kind = imagesize::reader_type(&mut reader)
        .map_err(|error| not_an_image(path, &error.to_string()))?;
    // Sizes of HEIF are read with the container's own rotation, which viewers apply instead.
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

/// The length of a file in bytes, where it can be told.
pub fn length(path: &Path) -> Option<u64> {
    path.metadata().ok().map(|about| about.len())
}

fn not_an_image(path: &Path, found: &str) -> Error {
    Error::malformed("image header", "a known image format", found).in_file(path)
}

/// Whether a file's extension is that of an image.
pub fn is_image(path: &Path) -> bool {
    files::has_extension(path, EXTENSIONS)
}

/// An image that is known from outside the annotations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its path below the folder, or its name in the file, that it is known from.
    pub name: String,
    /// The image file, where there is one.
    pub file: Option<PathBuf>,
    /// Its size, where it is known without reading the image file.
    pub size: Option<Size>,
    /// Its id, where it is known from a COCO file.
    pub id: Option<Id>,
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
