//! Leaving out images at random: empty ones above a share, and all that are not in a sample.

use super::{Before, Bound, Edit};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::format::Wants;
use crate::losses::Reason;
use crate::split::{self, Unit};
use std::collections::HashSet;
use twox_hash::XxHash64;

/// At most a share of the images that stay have no annotations.
#[derive(Debug, Clone, Copy)]
pub struct KeepEmpty {
    /// The share, 0 to 1.
    pub share: f64,
    /// Which of them stay is random; the same seed gives the same ones.
    pub seed: u64,
}

impl Edit for KeepEmpty {
    fn wants(&self) -> Wants {
        Wants::BOXES
    }

    fn bind(&self, before: &Before) -> Result<Bound> {
        let census = before.census()?;
        let is_empty = |(_, classes): &&(usize, Vec<usize>)| classes.is_empty();
        let mut empty: Vec<usize> = census.iter().filter(is_empty).map(|(it, _)| *it).collect();
        let others = census.len().saturating_sub(empty.len());
        let most = self.most(others).unwrap_or(empty.len());
        shuffle(&mut empty, before, self.seed);
        let left_out = empty.into_iter().skip(most).map(|it| (it, Reason::EmptyLeftOut)).collect();
        Ok(Bound { left_out, ..Bound::of(before.header().clone()) })
    }
}

impl KeepEmpty {
    /// How many empty images may stay beside so many others; `None` where all may.
    fn most(&self, others: usize) -> Option<usize> {
        let ratio = self.share / (1.0 - self.share);
        // A share as 0.2 is no exact number: what is whole but for that stays whole.
        let most = (ratio * others as f64 + 1e-9).floor();
        (self.share < 1.0).then_some(most as usize)
    }
}

/// Puts images into an order that depends on their names and the seed alone.
fn shuffle(images: &mut [usize], before: &Before, seed: u64) {
    let name = |image: &usize| before.images().get(*image).map_or("", |it| it.file_name.as_str());
    images.sort_by_cached_key(|image| {
        (XxHash64::oneshot(seed, name(image).as_bytes()), name(image).to_owned())
    });
}

/// So many images, in which each class has its share.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// How many images stay.
    pub images: usize,
    /// Which of them stay is random; the same seed gives the same ones.
    pub seed: u64,
}

impl Edit for Sample {
    fn wants(&self) -> Wants {
        Wants::BOXES
    }

    fn bind(&self, before: &Before) -> Result<Bound> {
        let census = before.census()?;
        let header = before.header().clone();
        if self.images > census.len() {
            let expected = format!("at most {}, as there are no more images", census.len());
            let mismatch = Mismatch::new(expected, self.images.to_string());
            return Err(Error::new(ErrorKind::Usage, "sample", mismatch));
        }
        let stays = self.choose(&census, before);
        let others = census.iter().map(|(image, _)| *image).filter(|it| !stays.contains(it));
        let left_out = others.map(|image| (image, Reason::NotSampled)).collect();
        Ok(Bound { left_out, ..Bound::of(header) })
    }
}

impl Sample {
    fn choose(&self, census: &[(usize, Vec<usize>)], before: &Before) -> HashSet<usize> {
        let units: Vec<Unit> = census
            .iter()
            .map(|(image, classes)| {
                let name = before.images().get(*image).map_or("", |it| it.file_name.as_str());
                super::split::unit(name, &[classes.as_slice()])
            })
            .collect();
        let share = self.images as f64 / census.len().max(1) as f64;
        let assigned = match share < 1.0 && share > 0.0 {
            true => split::assign(&units, &[share, 1.0 - share], self.seed),
            false => vec![usize::from(share <= 0.0); units.len()],
        };
        let of = |subset: usize| {
            let own = census.iter().zip(&assigned).filter(move |(_, it)| **it == subset);
            let mut own: Vec<usize> = own.map(|((image, _), _)| *image).collect();
            shuffle(&mut own, before, self.seed);
            own
        };
        // The split may be out by an image.
        of(0).into_iter().chain(of(1)).take(self.images).collect()
    }
}
