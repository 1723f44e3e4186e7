//! Masks as PNG files: pixels that are set or not.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "sides are below 2^31 and their product below 2^27, before anything is computed from them"
)]

use crate::error::Mismatch;
use crate::geometry::Size;
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Transformations};
use std::io::Cursor;

/// How many pixels a mask may have that is read or written. A PNG of a few kilobytes can have a
/// thousand times as many.
pub const MOST_PIXELS: u64 = 1 << 27;

/// The pixels of a PNG file of one channel.
#[derive(Debug)]
pub struct Bitmap {
    size: Size,
    /// Bits a pixel: 1, 2, 4, 8 or 16.
    depth: usize,
    row_length: usize,
    samples: Vec<u8>,
}

impl Bitmap {
    /// Decodes a PNG file of one channel: grey, or numbers of colours. No memory is taken for one that
    /// is larger than `most` allows.
    ///
    /// # Errors
    /// Where it is none, has colours, is too large or is broken.
    pub fn decode(bytes: &[u8], most: Size) -> Result<Self, Mismatch> {
        let broken = |error: png::DecodingError| Mismatch::new("a PNG file", error.to_string());
        let mut decoder = Decoder::new(Cursor::new(bytes));
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        decoder.set_transformations(Transformations::IDENTITY);
        let header = decoder.read_header_info().map_err(broken)?;
        let size = Size { width: header.width, height: header.height };
        check_size(size, most)?;
        let mut reader = decoder.read_info().map_err(broken)?;
        let (colors, depth) = reader.output_color_type();
        if !matches!(colors, ColorType::Grayscale | ColorType::Indexed) {
            let found = format!("one of {colors:?}");
            return Err(Mismatch::new("a PNG of one channel (grey or a palette)", found));
        }
        let too_large = || Mismatch::new("a PNG that fits into memory", size.to_string());
        let mut samples = vec![0; reader.output_buffer_size().ok_or_else(too_large)?];
        let row_length = reader.next_frame(&mut samples).map_err(broken)?.line_size;
        Ok(Self { size, depth: depth as usize, row_length, samples })
    }

    /// Its size.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Whether a pixel is set: it is not 0, neither as a grey nor as the number of a colour.
    fn is_set(&self, x: usize, y: usize) -> bool {
        let byte = |bit: usize| {
            self.samples.get(y * self.row_length + bit / 8).copied().unwrap_or_default()
        };
        let bit = x * self.depth;
        match self.depth {
            16 => byte(bit) != 0 || byte(bit + 8) != 0,
            8 => byte(bit) != 0,
            depth => (byte(bit) >> (8 - depth - bit % 8)) & ((1 << depth) - 1) != 0,
        }
    }

    /// The runs of set pixels of a column, each as its first row and the row after its last.
    pub fn runs_of(&self, column: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let height = self.size.height;
        let mut next = 0;
        let is_set = move |row: u32| self.is_set(column as usize, row as usize);
        std::iter::from_fn(move || {
            let start = (next..height).find(|&row| is_set(row))?;
            let end = (start..height).find(|&row| !is_set(row)).unwrap_or(height);
            next = end;
            Some((start, end))
        })
    }
}

fn check_size(size: Size, most: Size) -> Result<(), Mismatch> {
    if size.width > most.width || size.height > most.height {
        return Err(Mismatch::new(format!("a PNG of at most {most}"), size.to_string()));
    }
    match u64::from(size.width) * u64::from(size.height) > MOST_PIXELS {
        true => Err(Mismatch::new(format!("at most {MOST_PIXELS} pixels"), size.to_string())),
        false => Ok(()),
    }
}

/// A grey PNG file of 8 bits a pixel, from its pixels row by row; `None` where they are not as many as
/// the size says.
pub fn encode(size: Size, pixels: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, size.width, size.height);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(pixels).ok()?;
    writer.finish().ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Size = Size { width: 64, height: 64 };

    /// A PNG of 5 by 2 pixels with these samples.
    fn png(colors: ColorType, depth: BitDepth, samples: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, 5, 2);
        encoder.set_color(colors);
        encoder.set_depth(depth);
        encoder.set_palette(vec![0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0]);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(samples).unwrap();
        writer.finish().unwrap();
        out
    }

    fn columns(bitmap: &Bitmap) -> Vec<Vec<(u32, u32)>> {
        (0..bitmap.size().width).map(|column| bitmap.runs_of(column).collect()).collect()
    }

    #[test]
    fn a_pixel_is_set_where_its_sample_is_not_zero() {
        use {BitDepth::*, ColorType::*};
        let expected = [vec![(0, 1)], vec![(0, 2)], vec![], vec![(1, 2)], vec![(0, 1)]];
        let cases: [(ColorType, BitDepth, &[u8]); 6] = [
            (Grayscale, One, &[0b1100_1000, 0b0101_0000]),
            (Grayscale, Two, &[0b0111_0000, 0b1000_0000, 0b0001_0010, 0]),
            (Indexed, Four, &[0x13, 0x00, 0x20, 0x01, 0x02, 0x00]),
            (Grayscale, Eight, &[1, 255, 0, 0, 7, 0, 1, 0, 128, 0]),
            (Indexed, Eight, &[1, 2, 0, 0, 3, 0, 1, 0, 3, 0]),
            (Grayscale, Sixteen, &[0, 1, 1, 0, 0, 0, 0, 0, 0, 9, 0, 0, 1, 1, 0, 0, 2, 0, 0, 0]),
        ];
        for (colors, depth, samples) in cases {
            let bitmap = Bitmap::decode(&png(colors, depth, samples), MOST).unwrap();
            assert_eq!(columns(&bitmap), expected, "{colors:?} {depth:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let size = Size { width: 5, height: 2 };
        let pixels = [1, 0, 0, 1, 1, 0, 1, 0, 1, 0];
        let bitmap = Bitmap::decode(&encode(size, &pixels).unwrap(), MOST).unwrap();
        assert_eq!(bitmap.samples, pixels);
        assert_eq!(bitmap.size(), size);
        assert!(encode(size, &pixels[1..]).is_none());
    }

    #[test]
    fn what_is_no_mask_is_refused() {
        let whole = png(ColorType::Grayscale, BitDepth::Eight, &[1; 10]);
        let message = |bytes: &[u8], most: Size| {
            let mismatch = Bitmap::decode(bytes, most).unwrap_err();
            format!("{} | {}", mismatch.expected, mismatch.found)
        };
        let small = Size { width: 4, height: 4 };
        assert_eq!(message(&whole, small), "a PNG of at most 4x4 | 5x2");
        let colored = png(ColorType::Rgb, BitDepth::Eight, &[1; 30]);
        assert!(message(&colored, MOST).ends_with("| one of Rgb"));
        for end in 0..whole.len() - 12 {
            assert!(message(&whole[..end], MOST).starts_with("a PNG file"), "{end}");
        }
        // A header that states 2^31 - 1 pixels a side, with nothing in it.
        let mut bomb = whole;
        bomb[16..24].copy_from_slice(&[0x7f, 255, 255, 255, 0x7f, 255, 255, 255]);
        let crc = crc(&bomb[12..29]).to_be_bytes();
        bomb[29..33].copy_from_slice(&crc);
        let most = Size { width: u32::MAX, height: u32::MAX };
        assert!(message(&bomb, most).starts_with("at most 134217728 pixels"));
    }

    /// The checksum of a PNG's chunk (ISO 3309).
    fn crc(bytes: &[u8]) -> u32 {
        let step = |crc: u32, byte: &u8| {
            let bit = |crc: u32, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
            (0..8).fold(crc ^ u32::from(*byte), bit)
        };
        !bytes.iter().fold(u32::MAX, step)
    }
}
