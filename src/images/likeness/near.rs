//! Finds pictures whose small pictures are nearly equal, without comparing each with each.

use super::hash::Hasher;
use super::pictures::{self, Picture};
use super::{Kind, Likeness, Pair};
use crate::error::Result;
use crate::geometry::Size;
use crate::progress::{Progress, Work};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// In how many of 64 bits the hashes of copies may differ.
pub const MOST_BITS: u32 = 7;
/// How far the small pictures of copies may be apart.
pub const MOST_APART: f64 = 0.08;
/// How many pictures with a similar hash are compared with one.
const MOST_COMPARED: usize = 500;

/// Adds pairs of pictures that are copies, but not equal byte for byte. Of files that pairs already
/// connect, only the first is looked at.
///
/// # Errors
/// Where the run is to stop.
pub fn add_pairs(
    files: &[PathBuf],
    how: &Likeness,
    progress: &Progress,
    pairs: &mut Vec<Pair>,
) -> Result<()> {
    let copies: HashSet<usize> = pairs.iter().map(|pair| pair.other).collect();
    let progress = progress.share(Work::Comparing, files.len() as u64);
    let read = |(at, file): (usize, &PathBuf)| {
        let is_copy = copies.contains(&at);
        let hasher = Hasher::new();
        let picture = if is_copy { None } else { pictures::read(file, how.memory, &hasher) };
        progress.add(1)?;
        Ok(picture.map(|picture| (at, picture)))
    };
    let all: Vec<Option<(usize, Picture)>> =
        files.par_iter().enumerate().map(read).collect::<Result<_>>()?;
    let all: Vec<(usize, Picture)> = all.into_iter().flatten().collect();
    let index = Index::new(&all);
    let found = (0..all.len()).into_par_iter().map(|at| index.copies_of(at));
    pairs.extend(found.collect::<Vec<_>>().into_iter().flatten());
    Ok(())
}

/// The pictures by each byte of their hashes. Two hashes that differ in at most [`MOST_BITS`] bits have
/// one of their eight bytes in common.
struct Index<'a> {
    all: &'a [(usize, Picture)],
    bands: HashMap<(usize, u8), Vec<usize>>,
}

impl<'a> Index<'a> {
    fn new(all: &'a [(usize, Picture)]) -> Self {
        let mut bands: HashMap<(usize, u8), Vec<usize>> = HashMap::new();
        for (at, (_, picture)) in all.iter().enumerate() {
            for band in picture.hashes[0].to_be_bytes().into_iter().enumerate() {
                bands.entry(band).or_default().push(at);
            }
        }
        Self { all, bands }
    }

    /// The pairs of a picture with those before it.
    fn copies_of(&self, at: usize) -> Vec<Pair> {
        let Some((file, picture)) = self.all.get(at) else { return Vec::new() };
        let mut pairs: Vec<Pair> = Vec::new();
        for (position, &hash) in picture.hashes.iter().enumerate() {
            let placed = pictures::placed(&picture.small, position);
            for before in self.similar(at, hash) {
                let Some((other, one)) = self.all.get(before) else { continue };
                let distance = pictures::distance(&placed, &one.small);
                let is_known = pairs.iter().any(|pair| pair.one == *other);
                if !is_known && distance <= MOST_APART && fits(one.size, picture.size, position) {
                    let kind = kind(one, picture, position);
                    pairs.push(Pair { one: *other, other: *file, kind, distance });
                }
            }
        }
        pairs
    }

    /// The pictures before one whose hash is near to one.
    fn similar(&self, at: usize, hash: u64) -> Vec<usize> {
        let none = Vec::new();
        let mut found: Vec<usize> = Vec::new();
        for band in hash.to_be_bytes().into_iter().enumerate() {
            let all = self.bands.get(&band).unwrap_or(&none);
            let is_near = |before: &usize| {
                let other = self.all.get(*before).map_or(!hash, |(_, it)| it.hashes[0]);
                (hash ^ other).count_ones() <= MOST_BITS
            };
            found.extend(all.iter().copied().take_while(|before| *before < at).filter(is_near));
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(MOST_COMPARED);
        found
    }
}

/// Whether a picture in a position may be the other one by its sides: their ratio is the same, to a pixel.
fn fits(one: Size, other: Size, position: usize) -> bool {
    let [width, height] = match position % 2 {
        0 => [other.width, other.height],
        _ => [other.height, other.width],
    };
    let crossed =
        [f64::from(one.width) * f64::from(height), f64::from(one.height) * f64::from(width)];
    let longest = one.width.max(one.height).max(width).max(height);
    (crossed[0] - crossed[1]).abs() <= f64::from(longest)
}

fn kind(one: &Picture, other: &Picture, position: usize) -> Kind {
    match position {
        0 if one.pixels == other.pixels => Kind::Pixels,
        0 if one.size == other.size => Kind::Encoded,
        0 => Kind::Resized,
        1..=3 => Kind::Turned,
        _ => Kind::Mirrored,
    }
}
