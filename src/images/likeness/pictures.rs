//! A picture, shrunk so far that copies of it are nearly equal.

use super::hash::Hasher;
use crate::geometry::Size;
use crate::images;
use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, ImageReader, Limits};
use std::path::Path;
use twox_hash::XxHash64;

/// The sides of a small picture, in pixels. A picture with a smaller side is left out.
pub const SIDE: u32 = 32;
/// The sides to which a large picture is shrunk first.
const BETWEEN: u32 = 256;
/// How many grey levels the pixels of a small picture must differ from their mean, on average: less is
/// one colour.
const FLAT: f64 = 2.0;

/// What is kept of a picture.
pub struct Picture {
    /// Its size as a viewer shows it.
    pub size: Size,
    /// A hash of its pixels, as a viewer shows them.
    pub pixels: u64,
    /// The small grey picture.
    pub small: GrayImage,
    /// The perceptual hash of each of its positions: as it is, turned by 90, 180 and 270 degrees, and
    /// the same four of its mirror image.
    pub hashes: [u64; 8],
}

/// Reads a picture that takes no more than so many bytes. `None` where it cannot be decoded, or is tiny
/// or of one colour.
pub fn read(file: &Path, memory: u64, hasher: &Hasher) -> Option<Picture> {
    // The header is read first, so that a picture of enormous size is not decoded at all.
    let measured = images::measure(file).ok()?;
    let Size { width, height } = measured.size;
    if width.min(height) < SIDE {
        return None;
    }
    let picture = decode(file, memory)?;
    let (pixels, small) = shrink(upright(picture, measured.orientation));
    if spread(&small) < FLAT {
        return None;
    }
    let hashes = std::array::from_fn(|position| hasher.hash(&placed(&small, position)));
    Some(Picture { size: measured.size, pixels, small, hashes })
}

/// Whether a picture can be decoded, and is of one colour.
pub fn is_flat(file: &Path, memory: u64) -> bool {
    decode(file, memory).is_some_and(|picture| spread(&shrink(picture).1) < FLAT)
}

fn decode(file: &Path, memory: u64) -> Option<DynamicImage> {
    let mut reader = ImageReader::open(file).ok()?.with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(memory);
    reader.limits(limits);
    reader.decode().ok()
}

/// A picture as viewers show it.
fn upright(mut picture: DynamicImage, orientation: u32) -> DynamicImage {
    let stated = u8::try_from(orientation).ok().and_then(image::metadata::Orientation::from_exif);
    if let Some(orientation) = stated {
        picture.apply_orientation(orientation);
    }
    picture
}

/// A hash of all pixels, and the small grey picture.
fn shrink(picture: DynamicImage) -> (u64, GrayImage) {
    let seed = u64::from(picture.width()) << 32 | u64::from(picture.height());
    let pixels = XxHash64::oneshot(seed, picture.as_bytes());
    let mut grey = DynamicImage::ImageLuma8(picture.into_luma8());
    // Of a large picture, averages of whole pixels are exact enough, and seven times as fast.
    if grey.width().min(grey.height()) > 2 * BETWEEN {
        grey = grey.thumbnail_exact(BETWEEN, BETWEEN);
    }
    (pixels, grey.resize_exact(SIDE, SIDE, FilterType::Triangle).into_luma8())
}

/// How far the pixels of a picture are from their mean, on average.
fn spread(picture: &GrayImage) -> f64 {
    let count = picture.as_raw().len() as f64;
    let of = |number: &u8| f64::from(*number);
    let mean = picture.as_raw().iter().map(of).sum::<f64>() / count;
    picture.as_raw().iter().map(|number| (of(number) - mean).abs()).sum::<f64>() / count
}

/// A picture in one of its eight positions.
pub fn placed(picture: &GrayImage, position: usize) -> GrayImage {
    let upright = match position / 4 {
        0 => picture.clone(),
        _ => imageops::flip_horizontal(picture),
    };
    match position % 4 {
        1 => imageops::rotate90(&upright),
        2 => imageops::rotate180(&upright),
        3 => imageops::rotate270(&upright),
        _ => upright,
    }
}

/// How far two small pictures are apart: the mean difference of two pixels, each less the mean of its
/// picture, divided by the standard deviation of all. So a copy may be lighter.
pub fn distance(one: &GrayImage, other: &GrayImage) -> f64 {
    let count = (one.as_raw().len() as f64).max(1.0);
    let mean = |it: &GrayImage| it.as_raw().iter().map(|it| f64::from(*it)).sum::<f64>() / count;
    let (own, others) = (mean(one), mean(other));
    let (mut difference, mut variance) = (0.0, 0.0);
    for (one, other) in one.as_raw().iter().zip(other.as_raw()) {
        let (one, other) = (f64::from(*one) - own, f64::from(*other) - others);
        difference += (one - other).abs() / count;
        variance += (one * one + other * other) / (2.0 * count);
    }
    if variance > 0.0 { difference / variance.sqrt() } else { 1.0 }
}
