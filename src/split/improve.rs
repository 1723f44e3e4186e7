//! Moves and exchanges of units that lower what deviates most, until none does.

use super::search::{Change, Gain, Goal, Scale, excess};
use super::table::Table;

/// How many changes are weighed at most, and how many more for each unit.
const MOST_WEIGHED: usize = 400_000;
const MOST_A_UNIT: usize = 20;
/// Of more units than these, the first change that helps is made, not the best of all.
const MOST_WEIGHED_ALL: usize = 2000;
/// How many units of a subset are tried for one label.
const MOST_TRIED: usize = 150;

/// Improves a split in which each unit has a subset.
pub fn improve(table: &mut Table) {
    let more = table.rows.len().saturating_mul(MOST_A_UNIT);
    let budget = MOST_WEIGHED.saturating_add(more);
    let goals = [Goal::All, Goal::Largest, Goal::Common];
    for goal in goals {
        let mut search = Search { scale: Scale::new(goal, table), left: budget / goals.len() };
        while search.step(table) {}
    }
}

struct Search {
    scale: Scale,
    /// How many changes may still be weighed.
    left: usize,
}

impl Search {
    /// Makes changes for the label that deviates most and that a change helps. Returns whether there was
    /// one.
    fn step(&mut self, table: &mut Table) -> bool {
        let aims = aims(table);
        aims.iter().any(|aim| match table.rows.len() > MOST_WEIGHED_ALL {
            true => self.make_several(table, aim),
            false => self.make_best(table, aim),
        })
    }

    /// Makes the best of all changes of an aim, if it makes the split better.
    fn make_best(&mut self, table: &mut Table, aim: &Aim) -> bool {
        let going = candidates(table, aim.from, aim.label, true);
        let coming = candidates(table, aim.to, aim.label, false);
        let mut best = (Gain::NONE, None);
        for row in going {
            best = self.best(table, aim, row, &coming, best);
        }
        best.1.is_some_and(|change| apply(table, change))
    }

    /// Makes the best change of each unit in turn: of many units, many must go over.
    fn make_several(&mut self, table: &mut Table, aim: &Aim) -> bool {
        let going = candidates(table, aim.from, aim.label, true);
        let mut coming = candidates(table, aim.to, aim.label, false);
        let mut is_changed = false;
        for row in going {
            let (_, change) = self.best(table, aim, row, &coming, (Gain::NONE, None));
            let Some(change) = change else { continue };
            is_changed |= apply(table, change);
            coming.retain(|row| Some(*row) != change.back);
        }
        is_changed
    }

    /// The best change of a unit, with one of others or without, if it is better than another one.
    fn best(
        &mut self,
        table: &Table,
        aim: &Aim,
        row: usize,
        coming: &[usize],
        mut best: (Gain, Option<Change>),
    ) -> (Gain, Option<Change>) {
        let backs = coming.iter().map(|back| Some(*back));
        for back in std::iter::once(None).chain(backs) {
            if self.left == 0 {
                return best;
            }
            self.left = self.left.saturating_sub(1);
            let change = Change { row, back, from: aim.from, to: aim.to };
            let gain = self.scale.weigh(table, change);
            if gain.is_better(best.0, self.scale.goal) {
                best = (gain, Some(change));
            }
        }
        best
    }
}

/// Makes a change; always true.
fn apply(table: &mut Table, change: Change) -> bool {
    table.take(change.row);
    table.put(change.row, change.to);
    if let Some(back) = change.back {
        table.take(back);
        table.put(back, change.from);
    }
    true
}

/// A label of which a subset is to have less and another one more; without a label: images.
struct Aim {
    label: Option<usize>,
    from: usize,
    to: usize,
    /// How much it matters.
    urgency: f64,
}

/// What is missing comes first, then sizes, then what deviates most.
fn aims(table: &Table) -> Vec<Aim> {
    let mut aims = Vec::new();
    let pairs = pairs(table.shares.len());
    for &(from, to) in &pairs {
        if table.lack(from) < 0.0 && table.lack(to) > 0.0 {
            let urgency = excess(table, to, 0.0).max(excess(table, from, 0.0));
            aims.push(Aim { label: None, from, to, urgency });
        }
        for (at, label) in table.labels.iter().take(table.of_images).enumerate() {
            let [over, under] = [from, to].map(|it| label.deviation(it, &table.shares, 0.0));
            let is_missing = label.is_needed && label.units[to] == 0;
            if is_missing || (over > 0.0 && under < 0.0) {
                let most = f64::MAX.min(over.max(-under));
                let urgency = if is_missing { f64::MAX } else { most };
                aims.push(Aim { label: Some(at), from, to, urgency });
            }
        }
    }
    aims.retain(|aim| aim.urgency > 0.0);
    aims.sort_by(|one, other| other.urgency.total_cmp(&one.urgency));
    aims
}

/// All ordered pairs of different subsets.
fn pairs(subsets: usize) -> Vec<(usize, usize)> {
    let of = |from: usize| (0..subsets).filter(move |to| *to != from).map(move |to| (from, to));
    (0..subsets).flat_map(of).collect()
}

/// Units of a subset that may leave it, with or without a label. Of many, half are those of few labels,
/// which disturb the least.
fn candidates(table: &Table, subset: usize, label: Option<usize>, has_it: bool) -> Vec<usize> {
    let may_leave =
        |row: &usize| table.rows[*row].subset == Some(subset) && !table.rows[*row].is_fixed;
    let has = |row: usize, label: usize| {
        table.rows[row].amounts.binary_search_by_key(&label, |it| it.0).is_ok()
    };
    let mut found: Vec<usize> = match label {
        Some(label) if has_it => {
            table.labels[label].holders.iter().copied().filter(may_leave).collect()
        }
        Some(label) => {
            (0..table.rows.len()).filter(may_leave).filter(|row| !has(*row, label)).collect()
        }
        None => (0..table.rows.len()).filter(may_leave).collect(),
    };
    if found.len() > MOST_TRIED {
        let (any, rest) = found.split_at(MOST_TRIED / 2);
        let (mut any, mut rest) = (any.to_vec(), rest.to_vec());
        rest.sort_by_key(|row| table.rows[*row].amounts.len());
        any.extend(rest.into_iter().take(MOST_TRIED / 2));
        found = any;
    }
    found
}
