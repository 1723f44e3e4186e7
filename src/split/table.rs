//! What units hold, as numbers: a row for each unit, and for each label the sums of all subsets.

use super::Unit;
use std::collections::BTreeMap;
use twox_hash::XxHash64;

/// What is shared out: the images of a class, its objects, or images without objects.
pub struct Label {
    /// How many there are.
    pub total: f64,
    /// The units that have some, in the order of the table. Empty for objects.
    pub holders: Vec<usize>,
    /// How many each subset has.
    pub has: Vec<f64>,
    /// How many units with some each subset has.
    pub units: Vec<usize>,
    /// How much its deviation matters.
    pub weight: f64,
    /// Whether there is less than one image of it for some subset.
    pub is_rare: bool,
    /// Whether each subset must have some.
    pub is_needed: bool,
    /// For the images of a class: the label of its objects.
    pub objects: Option<usize>,
}

impl Label {
    /// How far the share of a subset is from the wished one, if it had `more`.
    pub fn deviation(&self, subset: usize, shares: &[f64], more: f64) -> f64 {
        (self.has[subset] + more) / self.total - shares[subset]
    }
}

/// What a unit has.
pub struct Row {
    /// Its place in the caller's list.
    pub at: usize,
    /// Its name. With the seed it decides ties.
    pub key: String,
    /// How many images it has.
    pub images: f64,
    /// Labels and amounts, by label.
    pub amounts: Vec<(usize, f64)>,
    /// Its subset, once it has one.
    pub subset: Option<usize>,
    /// Whether it stays in its subset.
    pub is_fixed: bool,
}

/// All units and all labels.
pub struct Table {
    /// The units, by a hash of their keys.
    pub rows: Vec<Row>,
    /// The images of each class, images without objects, and then the objects of each class.
    pub labels: Vec<Label>,
    /// How many labels count images.
    pub of_images: usize,
    /// The wished shares.
    pub shares: Vec<f64>,
    /// How many images there are.
    pub images: f64,
    /// How many images each subset has.
    pub sizes: Vec<f64>,
    seed: u64,
}

/// A class that so many units hold, and at least one for each subset, is to be in all subsets.
const NEEDED: usize = 3;
/// How much less the deviation of objects matters than that of images.
const OF_OBJECTS: f64 = 0.1;
/// How much less the deviation of a label matters that has less than one image for some subset: its
/// images are in whole numbers, so that it cannot have its shares.
const OF_RARE: f64 = 0.06;

impl Table {
    /// A table of these units. Those with a given subset are assigned to it.
    pub fn new(units: &[Unit], shares: &[f64], seed: u64) -> Self {
        let sum: f64 = shares.iter().sum();
        let shares: Vec<f64> = shares.iter().map(|share| share / sum).collect();
        let labels = Numbers::new(units);
        let mut order: Vec<(u64, usize)> = units
            .iter()
            .enumerate()
            .map(|(at, unit)| (XxHash64::oneshot(seed, unit.key.as_bytes()), at))
            .collect();
        order.sort_unstable_by_key(|&(hash, at)| (hash, &units[at].key, at));
        let row = |&(_, at): &(u64, usize)| labels.row(at, &units[at]);
        let mut table = Self {
            rows: order.iter().map(row).collect(),
            labels: labels.all(shares.len()),
            of_images: labels.of_images(),
            images: units.iter().map(|unit| unit.images as f64).sum(),
            sizes: vec![0.0; shares.len()],
            shares,
            seed,
        };
        table.sum_up();
        for (row, &(_, at)) in order.iter().enumerate() {
            if let Some(subset) = units[at].given.filter(|subset| *subset < table.shares.len()) {
                table.rows[row].is_fixed = true;
                table.put(row, subset);
            }
        }
        table
    }

    /// Counts what all units have.
    fn sum_up(&mut self) {
        for (at, row) in self.rows.iter().enumerate() {
            for &(label, amount) in &row.amounts {
                self.labels[label].total += amount;
                self.labels[label].holders.push(at);
            }
        }
        let subsets = self.shares.len();
        let least = self.shares.iter().copied().fold(1.0, f64::min);
        for (at, label) in self.labels.iter_mut().enumerate() {
            label.is_needed = label.objects.is_some() && label.holders.len() >= subsets.max(NEEDED);
            if label.total * least < 1.0 {
                label.weight *= OF_RARE;
                label.is_rare = true;
            }
            if at >= self.of_images {
                label.holders = Vec::new();
            }
        }
    }

    /// Assigns a unit that has no subset.
    pub fn put(&mut self, row: usize, subset: usize) {
        self.rows[row].subset = Some(subset);
        self.count(row, subset, 1.0);
    }

    /// Takes a unit out of its subset.
    pub fn take(&mut self, row: usize) {
        if let Some(subset) = self.rows[row].subset.take() {
            self.count(row, subset, -1.0);
        }
    }

    fn count(&mut self, row: usize, subset: usize, sign: f64) {
        let row = &self.rows[row];
        self.sizes[subset] += sign * row.images;
        for &(label, amount) in &row.amounts {
            let label = &mut self.labels[label];
            label.has[subset] += sign * amount;
            let units = &mut label.units[subset];
            *units = if sign > 0.0 { units.saturating_add(1) } else { units.saturating_sub(1) };
        }
    }

    /// How many images a subset lacks.
    pub fn lack(&self, subset: usize) -> f64 {
        self.shares[subset] * self.images - self.sizes[subset]
    }

    /// A number by which a unit that fits several subsets equally well chooses one.
    pub fn lot(&self, row: usize, subset: usize) -> u64 {
        let seed = self.seed.wrapping_add(subset as u64).wrapping_add(1);
        XxHash64::oneshot(seed, self.rows[row].key.as_bytes())
    }

    /// The subset of each unit, in the caller's order.
    pub fn assigned(&self) -> Vec<usize> {
        let mut assigned = vec![0; self.rows.len()];
        for row in &self.rows {
            assigned[row.at] = row.subset.unwrap_or(0);
        }
        assigned
    }
}

/// The numbers of labels: those of classes, by their number, then that of images without objects,
/// then those of the classes' objects.
struct Numbers(BTreeMap<usize, usize>);

impl Numbers {
    fn new(units: &[Unit]) -> Self {
        let classes = units.iter().flat_map(|unit| &unit.classes);
        let mut numbers: BTreeMap<usize, usize> = classes.map(|held| (held.class, 0)).collect();
        numbers.values_mut().enumerate().for_each(|(at, number)| *number = at);
        Self(numbers)
    }

    fn of_images(&self) -> usize {
        self.0.len().saturating_add(1)
    }

    fn objects_of(&self, label: usize) -> usize {
        self.of_images().saturating_add(label)
    }

    fn row(&self, at: usize, unit: &Unit) -> Row {
        let mut amounts = BTreeMap::<usize, f64>::new();
        let mut add = |label: usize, amount: usize| {
            *amounts.entry(label).or_default() += amount as f64;
        };
        for held in &unit.classes {
            let label = self.0[&held.class];
            add(label, held.images);
            add(self.objects_of(label), held.objects);
        }
        add(self.0.len(), unit.empty);
        let amounts = amounts.into_iter().filter(|(_, amount)| *amount > 0.0).collect();
        let (key, images) = (unit.key.clone(), unit.images as f64);
        Row { at, key, images, amounts, subset: None, is_fixed: false }
    }

    fn all(&self, subsets: usize) -> Vec<Label> {
        let count = self.of_images().saturating_add(self.0.len());
        let label = |at: usize| Label {
            total: 0.0,
            holders: Vec::new(),
            has: vec![0.0; subsets],
            units: vec![0; subsets],
            weight: if at < self.of_images() { 1.0 } else { OF_OBJECTS },
            is_rare: false,
            is_needed: false,
            objects: (at < self.0.len()).then(|| self.objects_of(at)),
        };
        (0..count).map(label).collect()
    }
}
