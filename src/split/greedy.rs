//! Iterative stratification: the rarest label first, each unit to the subset that lacks most of it.

use super::table::{Label, Table};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// By what it is measured how much a subset lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// By what has been shared out so far: each subset gets units from the first on.
    SoFar,
    /// By the total, as the paper has it. The largest subset gets the first units of each label, which
    /// are those of many labels: of a large dataset too many.
    Total,
}

/// Gives each unit without a subset one.
pub fn share_out(table: &mut Table, by: Measure) {
    let mut left = left(table);
    let mut rarest: BTreeSet<(usize, usize)> = left
        .iter()
        .enumerate()
        .filter(|(_, left)| **left > 0)
        .map(|(at, left)| (*left, at))
        .collect();
    while let Some((_, label)) = rarest.pop_first() {
        for row in free(table, label) {
            let subset = best(table, row, Some(label), by);
            table.put(row, subset);
            let others = table.rows[row].amounts.iter().map(|(other, _)| *other);
            for other in others.filter(|other| *other < table.of_images) {
                let is_open = rarest.remove(&(left[other], other));
                left[other] = left[other].saturating_sub(1);
                if is_open && left[other] > 0 {
                    rarest.insert((left[other], other));
                }
            }
        }
    }
    let without = |row: &usize| table.rows[*row].subset.is_none();
    let mut rest: Vec<usize> = (0..table.rows.len()).filter(without).collect();
    big_first(table, &mut rest);
    for row in rest {
        let subset = best(table, row, None, by);
        table.put(row, subset);
    }
}

/// How many units without a subset hold each label that counts images.
fn left(table: &Table) -> Vec<usize> {
    let is_free = |row: &&usize| table.rows[**row].subset.is_none();
    let labels = table.labels.iter().take(table.of_images);
    labels.map(|label| label.holders.iter().filter(is_free).count()).collect()
}

/// The units without a subset that hold a label.
fn free(table: &Table, label: usize) -> Vec<usize> {
    let holders = table.labels[label].holders.iter().copied();
    let mut free: Vec<usize> = holders.filter(|row| table.rows[*row].subset.is_none()).collect();
    big_first(table, &mut free);
    free
}

/// What is hard to place comes first: groups of many images, then units of many labels.
fn big_first(table: &Table, rows: &mut [usize]) {
    let order = |row: &usize| (table.rows[*row].images, table.rows[*row].amounts.len());
    rows.sort_by(|one, other| {
        let (one, other) = (order(one), order(other));
        other.0.total_cmp(&one.0).then(other.1.cmp(&one.1))
    });
}

/// The subset that lacks most of a label; of equals the one that lacks most of its objects, then
/// most images. One that has all its images is left out.
///
/// What a subset lacks is measured by what has been shared out so far, or by the total.
fn best(table: &Table, row: usize, label: Option<usize>, by: Measure) -> usize {
    let label = label.map(|label| &table.labels[label]);
    let objects = label.and_then(|label| label.objects).map(|objects| &table.labels[objects]);
    let out: f64 = table.sizes.iter().sum();
    let of = |subset: usize| {
        let share = table.shares[subset];
        let shared_out = |label: &Label| match by {
            Measure::SoFar => label.has.iter().sum::<f64>() + 1.0,
            Measure::Total => label.total,
        };
        let lack = |label: &Label| share * shared_out(label) - label.has[subset];
        let is_open = if table.lack(subset) >= 0.5 { 1.0 } else { 0.0 };
        let images = match by {
            Measure::SoFar => share * (out + table.rows[row].images) - table.sizes[subset],
            Measure::Total => table.lack(subset),
        };
        [is_open, label.map_or(0.0, lack), objects.map_or(0.0, lack), images]
    };
    let order = |one: usize, other: usize| {
        let desires = of(one).into_iter().zip(of(other));
        let by_desire = desires.map(|(one, other)| compare(one, other));
        let first = by_desire.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal);
        first.then_with(|| table.lot(row, one).cmp(&table.lot(row, other)))
    };
    (0..table.shares.len()).max_by(|one, other| order(*one, *other)).unwrap_or(0)
}

/// Numbers that differ by rounding only are equal.
fn compare(one: f64, other: f64) -> Ordering {
    if (one - other).abs() < 1e-9 { Ordering::Equal } else { one.total_cmp(&other) }
}
