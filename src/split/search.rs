//! What a change of a split would gain.

use super::table::{Label, Table};

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

/// How much worse a split becomes; below 0 if it becomes better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gain {
    /// Images too many or too few in a subset, squared.
    pub size: f64,
    /// Classes that a subset lacks, though there are enough units of them.
    pub missing: f64,
    /// Deviations of labels that have their share of whole images, raised to a power.
    pub common: f64,
    /// The same of rarer labels.
    pub rare: f64,
}

/// What makes a split better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// All deviations alike.
    All,
    /// Above all the largest.
    Largest,
    /// Those of labels that are not rare, while the largest of a rare one becomes no larger.
    Common,
}

/// Less than this is rounding.
const NOISE: f64 = 1e-9;

impl Gain {
    /// No change at all.
    pub const NONE: Self = Self { size: 0.0, missing: 0.0, common: 0.0, rare: 0.0 };

    /// Whether it is more than another one: sizes fit better, less is missing, or less deviates.
    pub fn is_better(self, than: Self, goal: Goal) -> bool {
        if (self.missing - than.missing).abs() > NOISE {
            return self.missing < than.missing;
        }
        if (self.size - than.size).abs() > NOISE {
            return self.size < than.size;
        }
        let is_less = |own: f64, other: f64| own < other - other.abs() * NOISE;
        match goal {
            Goal::All | Goal::Largest => is_less(self.common + self.rare, than.common + than.rare),
            Goal::Common => self.rare <= 0.0 && is_less(self.common, than.common),
        }
    }
}

impl Gain {
    /// Whether the labels that are not rare deviate less; if they do alike, the rare ones.
    pub fn is_closer(self, than: Self) -> bool {
        let is_same = |own: f64, other: f64| (own - other).abs() <= other.abs() * NOISE;
        if !is_same(self.missing, than.missing) {
            return self.missing < than.missing;
        }
        if !is_same(self.size, than.size) {
            return self.size < than.size;
        }
        if !is_same(self.common, than.common) {
            return self.common < than.common;
        }
        self.rare < than.rare
    }
}

/// Weighs changes. It keeps a list between calls, so that weighing takes no memory anew.
pub struct Scale {
    /// What makes a split better.
    pub goal: Goal,
    /// The deviation of a rare label up to which it counts nothing.
    free: f64,
    changed: Vec<(usize, f64, i64)>,
}

impl Scale {
    /// A scale for a goal, for changes of this split.
    pub fn new(goal: Goal, table: &Table) -> Self {
        let of = |label: &Label| {
            let subsets = 0..table.shares.len();
            let deviations = subsets.map(|it| label.deviation(it, &table.shares, 0.0).abs());
            deviations.fold(0.0, f64::max)
        };
        let rare = table.labels.iter().filter(|label| label.is_rare && label.total > 0.0);
        let largest = rare.map(|label| label.weight * of(label)).fold(0.0, f64::max);
        let free = if goal == Goal::Common { largest + NOISE } else { 0.0 };
        Self { goal, free, changed: Vec::new() }
    }

    /// What a change would gain.
    pub fn weigh(&mut self, table: &Table, change: Change) -> Gain {
        let Change { row, back, from, to } = change;
        self.collect(table, row, back);
        let images = table.rows[row].images - back.map_or(0.0, |back| table.rows[back].images);
        let mut gain = Gain::NONE;
        if images != 0.0 {
            let cost = |subset: usize, more: f64| excess(table, subset, more);
            gain.size += cost(from, -images) + cost(to, images);
            gain.size -= cost(from, 0.0) + cost(to, 0.0);
        }
        for &(at, amount, units) in &self.changed {
            let label = &table.labels[at];
            if amount != 0.0 {
                let cost = |subset, more| self.deviation(label, subset, &table.shares, more);
                let before = cost(from, 0.0) + cost(to, 0.0);
                let more = cost(from, -amount) + cost(to, amount) - before;
                let sum = if label.is_rare { &mut gain.rare } else { &mut gain.common };
                *sum += more;
            }
            if label.is_needed && units != 0 {
                let missing = |subset, more| self.missing(label, subset, more);
                gain.missing += missing(from, units.saturating_neg()) + missing(to, units);
                gain.missing -= missing(from, 0) + missing(to, 0);
            }
        }
        gain
    }

    /// What a split costs in all, to be compared with another one of the same units.
    pub fn cost(&self, table: &Table) -> Gain {
        let mut cost = Gain::NONE;
        for subset in 0..table.shares.len() {
            cost.size += excess(table, subset, 0.0);
            for label in table.labels.iter().filter(|label| label.total > 0.0) {
                let deviation = self.deviation(label, subset, &table.shares, 0.0);
                let sum = if label.is_rare { &mut cost.rare } else { &mut cost.common };
                *sum += deviation;
                cost.missing += self.missing(label, subset, 0);
            }
        }
        cost
    }

    /// What the deviation of a label counts, if a subset had `more`.
    fn deviation(&self, label: &Label, subset: usize, shares: &[f64], more: f64) -> f64 {
        let deviation = label.weight * label.deviation(subset, shares, more);
        if label.is_rare && deviation.abs() <= self.free { 0.0 } else { self.raise(deviation) }
    }

    /// 1 if a subset that had so many more units with a label had none.
    fn missing(&self, label: &Label, subset: usize, more: i64) -> f64 {
        let units = (label.units[subset] as i64).saturating_add(more);
        if label.is_needed && units <= 0 { 1.0 } else { 0.0 }
    }

    /// A power of a deviation: the higher, the more the largest counts.
    fn raise(&self, deviation: f64) -> f64 {
        let square = deviation * deviation;
        match self.goal {
            Goal::All => square,
            Goal::Largest | Goal::Common => (square * square) * (square * square),
        }
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

/// How many images a subset has too many or too few, squared, if it had `more`. Less than one is
/// nothing: the wish is seldom a whole number.
pub fn excess(table: &Table, subset: usize, more: f64) -> f64 {
    let lack = table.lack(subset) - more;
    if lack.abs() < 1.0 - NOISE { 0.0 } else { lack * lack }
}
