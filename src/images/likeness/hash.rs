//! What makes a perceptual hash: the signs of the lowest frequencies of a picture, relative to their
//! median ("pHash").

use image::GrayImage;
use image::imageops::{self, FilterType};
use rustdct::Dct2;
use rustdct::algorithm::type2and3_butterflies::Type2And3Butterfly16;

/// The sides of the picture that is transformed.
const SIDE: usize = 16;
/// So many frequencies are kept in each direction.
const LOW: usize = 8;

/// Hashes pictures.
pub struct Hasher {
    // Of this one size, not from a planner: a planner brings transforms of all sizes into the program.
    cosines: Type2And3Butterfly16<f32>,
}

impl Hasher {
    pub fn new() -> Self {
        Self { cosines: Type2And3Butterfly16::new() }
    }

    /// The hash of a picture; a bit is set where a frequency is at or above the median of all.
    pub fn hash(&self, picture: &GrayImage) -> u64 {
        let side = SIDE as u32;
        let small = imageops::resize(picture, side, side, FilterType::Lanczos3);
        let pixels = small.as_raw().iter().map(|pixel| f32::from(*pixel)).collect();
        // First along the rows, then along the columns.
        let both = transposed(&self.along_rows(transposed(&self.along_rows(pixels))));
        let rows = both.chunks(SIDE).take(LOW);
        let lowest: Vec<f32> = rows.flat_map(|row| row.iter().take(LOW).copied()).collect();
        let middle = median(&lowest);
        // In each row of frequencies the lowest is the last bit, so that the hash has the bits of image_hasher's.
        let bits =
            |row: &[f32]| row.iter().rev().fold(0, |bits, it| bits << 1 | u64::from(*it >= middle));
        lowest.chunks(LOW).fold(0, |hash, row| hash << LOW | bits(row))
    }

    fn along_rows(&self, mut values: Vec<f32>) -> Vec<f32> {
        values.chunks_exact_mut(SIDE).for_each(|row| self.cosines.process_dct2(row));
        values
    }
}

fn transposed(values: &[f32]) -> Vec<f32> {
    (0..SIDE).flat_map(|column| values.iter().skip(column).step_by(SIDE).copied()).collect()
}

/// The median of an even count of numbers.
fn median(numbers: &[f32]) -> f32 {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let (lower, upper) = sorted.split_at(sorted.len() / 2);
    match (lower.last(), upper.first()) {
        (Some(below), Some(above)) => below.midpoint(*above),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;
    use image_hasher::{HashAlg, HasherConfig};

    #[test]
    fn hashes_are_those_of_image_hasher() {
        let theirs = HasherConfig::with_bytes_type::<[u8; 8]>().hash_size(8, 8);
        let theirs = theirs.hash_alg(HashAlg::Median).preproc_dct().to_hasher();
        let ours = Hasher::new();
        let mut seen = std::collections::HashSet::new();
        for seed in 0..500_u64 {
            // Noise, that becomes smoother with the seed.
            let cell = 1 + (seed / 50) as u32;
            let picture = GrayImage::from_fn(32, 32, |x, y| {
                let place = [x / cell, y / cell].map(u32::to_le_bytes).concat();
                Luma([twox_hash::XxHash64::oneshot(seed, &place) as u8])
            });
            let expected = u64::from_be_bytes(theirs.hash_image(&picture).into_inner());
            assert_eq!(ours.hash(&picture), expected, "seed {seed}");
            seen.insert(expected);
        }
        assert!(seen.len() > 490, "the pictures differ");
    }
}
