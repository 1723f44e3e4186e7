//! What a change of a split would gain.

use super::table::Table;

/// A unit that goes to another subset, and a unit of that subset that may come back for it.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// The unit.
    pub row: usize,
    /// The unit that takes its place.
    pub back: Option<usize>,
    /// The subset that it leaves.
    pub from: usize,
    /// The subset that it goes to.
    pub to: usize,
}

/// How much worse a split becomes; below 0 if it becomes better. What stands first matters most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gain {
    /// Classes that are missing in a subset, though there are enough of them.
    pub missing: i64,
    /// Deviations of labels and of sizes, raised to a power.
    pub deviation: f64,
}

/// Less than this is rounding.
const NOISE: f64 = 1e-9;

impl Gain {
    /// No change at all.
    pub const NONE: Self = Self { missing: 0, deviation: 0.0 };

    /// Whether it is more than another one: less is missing, or less deviates.
    pub fn is_better(self, than: Self) -> bool {
        if self.missing != than.missing {
            return self.missing < than.missing;
        }
        self.deviation < than.deviation - than.deviation.abs() * NOISE
    }
}

/// Weighs changes. It keeps a list between calls, so that weighing takes no memory anew.
pub struct Scale {
    /// How often a deviation is squared: 1 for all alike, more for the largest.
    pub squares: u32,
    changed: Vec<(usize, f64, i64)>,
}

impl Scale {
    /// A scale that squares deviations so often.
    pub fn new(squares: u32) -> Self {
        Self { squares, changed: Vec::new() }
    }

    /// What a change would gain.
    pub fn weigh(&mut self, table: &Table, change: Change) -> Gain {
        let Change { row, back, from, to } = change;
        self.collect(table, row, back);
        let images = table.rows[row].images - back.map_or(0.0, |back| table.rows[back].images);
        let mut gain = Gain::NONE;
        if images != 0.0 {
            let cost = |subset: usize, more: f64| self.raise(excess(table, subset, more));
            gain.deviation += cost(from, -images) + cost(to, images);
            gain.deviation -= cost(from, 0.0) + cost(to, 0.0);
        }
        for &(at, amount, units) in &self.changed {
            let label = &table.labels[at];
            let cost = |subset: usize, more: f64| {
                self.raise(label.weight * label.deviation(subset, &table.shares, more))
            };
            if amount != 0.0 {
                gain.deviation += cost(from, -amount) + cost(to, amount);
                gain.deviation -= cost(from, 0.0) + cost(to, 0.0);
            }
            if label.is_needed && units != 0 {
                let is_gone = |subset: usize, more: i64| {
                    i64::from((label.units[subset] as i64).saturating_add(more) == 0)
                };
                let gone = is_gone(from, units.saturating_neg()).saturating_add(is_gone(to, units));
                let was = is_gone(from, 0).saturating_add(is_gone(to, 0));
                gain.missing = gain.missing.saturating_add(gone).saturating_sub(was);
            }
        }
        gain
    }

    fn raise(&self, deviation: f64) -> f64 {
        (0..self.squares).fold(deviation, |number, _| number * number)
    }

    /// What goes over of each label: the amount, and the number of units that hold it.
    fn collect(&mut self, table: &Table, row: usize, back: Option<usize>) {
        self.changed.clear();
        let mut own = table.rows[row].amounts.iter().peekable();
        let none = Vec::new();
        let theirs = back.map_or(&none, |back| &table.rows[back].amounts);
        let mut theirs = theirs.iter().peekable();
        loop {
            let labels = (own.peek().map(|it| it.0), theirs.peek().map(|it| it.0));
            let label = match labels {
                (Some(one), Some(other)) => one.min(other),
                (Some(only), None) | (None, Some(only)) => only,
                (None, None) => return,
            };
            let gone = own.next_if(|it| it.0 == label).map_or((0.0, 0), |it| (it.1, 1));
            let come = theirs.next_if(|it| it.0 == label).map_or((0.0, 0_i64), |it| (it.1, 1));
            self.changed.push((
                label,
                gone.0 - come.0,
                come.1.saturating_neg().saturating_add(gone.1),
            ));
        }
    }
}

/// How much more the deviation of a subset's size matters than that of a class.
pub const OF_SIZES: f64 = 10.0;

/// How far the size of a subset is from the wished one, if it had `more` images, as a share of all
/// images. Less than one image is nothing: shares of a whole number are seldom whole.
pub fn excess(table: &Table, subset: usize, more: f64) -> f64 {
    let beyond = ((table.lack(subset) - more).abs() - 1.0 + NOISE).max(0.0);
    OF_SIZES * beyond / table.images
}
