//! Chooses which sets were made from which others.

use super::evidence::Evidence;
use crate::survey::sets::Set;
use std::cmp::Reverse;

/// A rule must explain at least this part of the objects.
const ENOUGH: f64 = 0.5;

/// Two sets, by their numbers: the second may have been made from the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Direction {
    pub from: usize,
    pub to: usize,
}

/// The trees of sets that were made from each other.
pub struct Forest {
    /// The set that each set was made from.
    parents: Vec<Option<usize>>,
    /// The numbers of the directions that were chosen, the best explained first.
    pub taken: Vec<usize>,
}

impl Forest {
    /// Chooses directions, the best explained first. Each set is made from one other set at most,
    /// and no set directly or indirectly from itself.
    ///
    /// A set that has shapes follows from one that has shapes, if there is one: boxes around shapes
    /// are equal though the shapes are not. So what compares boxes alone is tried last.
    pub fn choose(sets: &[Set], evidence: &[(Direction, &Evidence)]) -> Self {
        let mut forest = Self { parents: vec![None; sets.len()], taken: Vec::new() };
        let is_of_boxes_alone = |(direction, evidence): &(Direction, &Evidence)| {
            sets[direction.to].numerals.has_drawn && !evidence.compared().1
        };
        type Part = fn(&Evidence) -> f64;
        let rounds: [(bool, Part); 3] = [
            (false, Evidence::explained),
            (false, Evidence::explained_boxes),
            (true, Evidence::explained),
        ];
        for (is_last, part) in rounds {
            let is_tried = |at: &usize| {
                let (_, counts) = &evidence[*at];
                is_of_boxes_alone(&evidence[*at]) == is_last
                    && counts.objects() > 0
                    && part(counts) >= ENOUGH
            };
            let mut order: Vec<usize> = (0..evidence.len()).filter(is_tried).collect();
            order.sort_by_key(|&at| {
                let (direction, counts) = &evidence[at];
                let explained = (part(counts) * 1e9).round() as i64;
                let rank = sets[direction.from].format.profile().rank;
                (Reverse(explained), rank, direction.from, direction.to)
            });
            for at in order {
                forest.take(at, evidence[at].0);
            }
        }
        forest
    }

    /// Takes a direction, unless its end was made from another set or from what it leads to.
    fn take(&mut self, at: usize, direction: Direction) {
        if self.parents[direction.to].is_none() && self.join(direction) {
            self.taken.push(at);
        }
    }

    /// Notes that a set was made from another one. Returns whether that is possible.
    pub fn join(&mut self, Direction { from, to }: Direction) -> bool {
        let is_possible = self.root(from) != to && self.parents[to].is_none();
        if is_possible {
            self.parents[to] = Some(from);
        }
        is_possible
    }

    /// The set that a set was made from at first.
    pub fn root(&self, set: usize) -> usize {
        std::iter::successors(Some(set), |&set| self.parents[set]).last().unwrap_or(set)
    }

    /// The sets that were made from no other one.
    pub fn roots(&self) -> Vec<usize> {
        (0..self.parents.len()).filter(|&set| self.parents[set].is_none()).collect()
    }

    /// How many sets were made from this one, itself included.
    pub fn size(&self, root: usize) -> usize {
        (0..self.parents.len()).filter(|&set| self.root(set) == root).count()
    }
}
