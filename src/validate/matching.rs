//! Which object of one format is which of the other, one to one.

use crate::geometry::{BBox, overlap};

/// Pairs of numbers of objects, and those that have no partner.
#[derive(Debug, Default, PartialEq)]
pub struct Matching {
    pub pairs: Vec<(usize, usize)>,
    pub left: Vec<usize>,
    pub right: Vec<usize>,
}

/// An object as far as it can be told apart from others.
pub struct Object<'a> {
    /// Its number in its image.
    pub number: usize,
    pub bbox: BBox,
    pub class: Option<&'a str>,
}

/// Matches objects: in their order where each fits its own counterpart at least as well as any
/// other, else by the best overlap, those of one class first. What overlaps nothing is paired in
/// order where as many are left on both sides and `is_complete` says that none can be missing.
pub fn match_objects(left: &[Object], right: &[Object], is_complete: bool) -> Matching {
    if left.len() == right.len() && fits_in_order(left, right) {
        let pairs = (0..left.len()).map(|number| (number, number)).collect();
        return Matching { pairs, ..Matching::default() };
    }
    let mut candidates: Vec<(f64, bool, usize, usize)> = Vec::new();
    for (at, one) in left.iter().enumerate() {
        for (to, other) in right.iter().enumerate() {
            let overlap = overlap::of_boxes(&one.bbox, &other.bbox);
            if overlap > 0.0 {
                candidates.push((overlap, one.class == other.class, at, to));
            }
        }
    }
    let order = |&(overlap, same, at, to): &(f64, bool, usize, usize)| {
        (ordered(overlap), !same, at.abs_diff(to), at)
    };
    candidates.sort_by_key(order);
    let mut matching = take(&candidates, left.len(), right.len());
    if is_complete && matching.left.len() == matching.right.len() {
        let rest = matching.left.drain(..).zip(matching.right.drain(..));
        matching.pairs.extend(rest);
    }
    matching.pairs.sort_unstable();
    matching
}

/// A key that sorts overlaps from the greatest on, those that hardly differ together.
fn ordered(overlap: f64) -> i64 {
    const STEPS: f64 = 1e6;
    -(overlap * STEPS).round() as i64
}

fn fits_in_order(left: &[Object], right: &[Object]) -> bool {
    left.iter().zip(right).enumerate().all(|(number, (one, other))| {
        let worth =
            |other: &Object| (overlap::of_boxes(&one.bbox, &other.bbox), one.class == other.class);
        let own = worth(other);
        let is_better = |(at, third): (usize, &Object)| at != number && worth(third) > own;
        own.0 > 0.0 && !right.iter().enumerate().any(is_better)
    })
}

/// Takes pairs from the best on.
fn take(candidates: &[(f64, bool, usize, usize)], left: usize, right: usize) -> Matching {
    let (mut is_left, mut is_right) = (vec![true; left], vec![true; right]);
    let mut matching = Matching::default();
    for &(_, _, at, to) in candidates {
        if is_left[at] && is_right[to] {
            (is_left[at], is_right[to]) = (false, false);
            matching.pairs.push((at, to));
        }
    }
    let rest = |is: &[bool]| (0..is.len()).filter(|&number| is[number]).collect();
    (matching.left, matching.right) = (rest(&is_left), rest(&is_right));
    matching
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(boxes: &[(f64, &'static str)]) -> Vec<Object<'static>> {
        let object = |&(x, class): &(f64, &'static str)| Object {
            number: 0,
            bbox: BBox::Corner { x, y: 0.0, width: 10.0, height: 10.0 },
            class: Some(class),
        };
        boxes.iter().map(object).collect()
    }

    #[test]
    fn objects_are_matched_in_order_else_by_overlap() {
        let left = objects(&[(0.0, "a"), (20.0, "a"), (40.0, "b"), (40.0, "a")]);
        type Case = (&'static [(f64, &'static str)], &'static [(usize, usize)]);
        let cases: [Case; 7] = [
            (
                &[(1.0, "a"), (21.0, "a"), (41.0, "b"), (41.0, "a")],
                &[(0, 0), (1, 1), (2, 2), (3, 3)],
            ),
            // a changed class
            (
                &[(0.0, "b"), (20.0, "a"), (40.0, "b"), (40.0, "a")],
                &[(0, 0), (1, 1), (2, 2), (3, 3)],
            ),
            // two at one place, in another order
            (
                &[(0.0, "a"), (20.0, "a"), (40.0, "a"), (40.0, "b")],
                &[(0, 0), (1, 1), (2, 3), (3, 2)],
            ),
            // another order
            (
                &[(20.0, "a"), (40.0, "a"), (0.0, "a"), (40.0, "b")],
                &[(0, 2), (1, 0), (2, 3), (3, 1)],
            ),
            // one is missing
            (&[(20.0, "a"), (40.0, "b"), (40.0, "a")], &[(1, 0), (2, 1), (3, 2)]),
            // one has moved far away
            (
                &[(0.0, "a"), (500.0, "a"), (40.0, "b"), (40.0, "a")],
                &[(0, 0), (1, 1), (2, 2), (3, 3)],
            ),
            (&[], &[]),
        ];
        for (right, pairs) in cases {
            let matching = match_objects(&left, &objects(right), true);
            assert_eq!(matching.pairs, pairs, "{right:?}");
            assert_eq!(matching.pairs.len() + matching.left.len(), 4);
            assert_eq!(matching.pairs.len() + matching.right.len(), right.len());
        }
    }

    #[test]
    fn what_may_be_missing_is_not_paired_with_what_is_elsewhere() {
        let (left, right) = (objects(&[(0.0, "a")]), objects(&[(50.0, "a")]));
        assert_eq!(match_objects(&left, &right, true).pairs, [(0, 0)]);
        assert_eq!(match_objects(&left, &right, false).pairs, []);
    }
}
