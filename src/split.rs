//! Splits a dataset into subsets, so that each subset has its share of every class.
//!
//! The method is iterative stratification (Sechidis, Tsoumakas, Vlahavas, "On the Stratification of
//! Multi-Label Data", ECML PKDD 2011): the rarest class is shared out first, and each image goes to
//! the subset that lacks most of it. Exchanges of images then lower the deviations that are left.
//!
//! Nothing here reads a file. The result depends on the units, the shares and the seed alone, and
//! not on the order of the units.

#![allow(
    clippy::indexing_slicing,
    reason = "units, labels and subsets have indexes into lists that are made here"
)]

mod greedy;
mod improve;
mod search;
mod shares;
mod table;

pub use shares::{Share, parse_shares, shares, subset_name};

use greedy::Measure;
use search::{Gain, Goal, Scale};
use table::Table;

/// A unit that is never torn: an image, or a group of images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// A name that no other unit has, and that stays the same from run to run. It decides ties.
    pub key: String,
    /// The classes of the unit, each once.
    pub classes: Vec<Held>,
    /// How many images it has.
    pub images: usize,
    /// How many of its images have no objects.
    pub empty: usize,
    /// The subset that it keeps from an earlier split: an index into the shares. One beyond them is
    /// taken for none.
    pub given: Option<usize>,
}

/// What a unit holds of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The number of the class.
    pub class: usize,
    /// How many images of the unit have objects of it.
    pub images: usize,
    /// How many objects of it the unit has.
    pub objects: usize,
}

/// Assigns each unit to a subset: an index into `shares`, for each unit in the order of `units`.
///
/// What comes first where not all can be had: every class that three units hold, and as many as there are
/// subsets, is in each subset; the subsets have their shares of the images, to within one; each class
/// has its share of images. Exchanges are searched for in bounded time, so that a better split may
/// exist. Units with a `given` subset stay there, and count.
///
/// ```
/// use annoconv::split::{Unit, assign};
/// let unit = |at: usize| Unit { key: format!("{at}.jpg"), images: 1, empty: 1, ..Unit::default() };
/// let units: Vec<Unit> = (0..10).map(unit).collect();
/// let assigned = assign(&units, &[0.8, 0.2], 0);
/// assert_eq!(assigned.iter().filter(|subset| **subset == 1).count(), 2);
/// ```
pub fn assign(units: &[Unit], shares: &[f64], seed: u64) -> Vec<usize> {
    if shares.len() < 2 {
        return vec![0; units.len()];
    }
    let tries = (MOST_HELD / units.len().max(1)).clamp(1, MOST_TRIES);
    let split = |number: usize| {
        let mut table = Table::new(units, shares, seed.wrapping_add((number / 2) as u64));
        let by = if number.is_multiple_of(2) { Measure::SoFar } else { Measure::Total };
        greedy::share_out(&mut table, by);
        improve::improve(&mut table);
        (Scale::new(Goal::Largest, &table).cost(&table), table.assigned())
    };
    let better = |one: (Gain, Vec<usize>), other: (Gain, Vec<usize>)| {
        if other.0.is_closer(one.0) { other } else { one }
    };
    (0..tries).map(split).reduce(better).map_or_else(Vec::new, |(_, assigned)| assigned)
}

/// How many splits are made, of which the best is taken: fewer of many units, which have fewer ties.
const MOST_TRIES: usize = 16;
const MOST_HELD: usize = 10_000;

/// What the subsets of a split have, and what they were to have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Balance {
    /// One for each subset, in the order of the shares.
    pub subsets: Vec<Portion>,
}

/// What one subset has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Portion {
    /// The share of everything that was wished, 0 to 1.
    pub share: f64,
    /// Images.
    pub images: Amount,
    /// Images without objects.
    pub empty: Amount,
    /// For each class that any unit holds, by its number: its images, and its objects.
    pub classes: Vec<(usize, Amount, Amount)>,
}

/// How many there are in a subset, and in all subsets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// In the subset.
    pub has: usize,
    /// In all subsets.
    pub of: usize,
}

impl Amount {
    /// How far the share that the subset has is from the wished one: above 0 if it has more. 0 where
    /// there are none at all.
    pub fn deviation(self, share: f64) -> f64 {
        if self.of == 0 { 0.0 } else { self.has as f64 / self.of as f64 - share }
    }

    fn add(&mut self, amount: usize, is_here: bool) {
        self.of = self.of.saturating_add(amount);
        self.has = self.has.saturating_add(if is_here { amount } else { 0 });
    }
}

impl Balance {
    /// The largest deviation of a class: the subset, the class, and how far the share of the class'
    /// images is from the wished one. `None` where there are no classes.
    pub fn largest(&self) -> Option<(usize, usize, f64)> {
        let all = self.subsets.iter().enumerate().flat_map(|(subset, portion)| {
            let of = move |(class, images, _): &(usize, Amount, Amount)| {
                (subset, *class, images.deviation(portion.share))
            };
            portion.classes.iter().map(of)
        });
        all.max_by(|one, other| one.2.abs().total_cmp(&other.2.abs()))
    }
}

/// What each subset has of what it was to have, after units were `assigned`.
pub fn balance(units: &[Unit], shares: &[f64], assigned: &[usize]) -> Balance {
    let portion = |(subset, &share): (usize, &f64)| {
        let mut portion = Portion { share, ..Portion::default() };
        let mut classes = std::collections::BTreeMap::<usize, (Amount, Amount)>::new();
        for (unit, own) in units.iter().zip(assigned) {
            let is_here = *own == subset;
            portion.images.add(unit.images, is_here);
            portion.empty.add(unit.empty, is_here);
            for held in &unit.classes {
                let (images, objects) = classes.entry(held.class).or_default();
                images.add(held.images, is_here);
                objects.add(held.objects, is_here);
            }
        }
        let flat = |(class, (images, objects))| (class, images, objects);
        portion.classes = classes.into_iter().map(flat).collect();
        portion
    };
    Balance { subsets: shares.iter().enumerate().map(portion).collect() }
}

#[cfg(test)]
mod tests;
