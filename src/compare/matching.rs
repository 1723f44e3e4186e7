//! Matches the objects of an image in one format with those in another.

use super::places::{Object, Places, by_place};
use crate::geometry::overlap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The pairs of objects, and the objects on each side that have no partner, by their numbers.
#[derive(Debug, Default, PartialEq)]
pub struct Matching {
    pub pairs: Vec<(usize, usize)>,
    pub left: Vec<usize>,
    pub right: Vec<usize>,
}

/// Matches objects.
///
/// - If, in their order, each object fits its counterpart at least as well as any other object,
///   they are matched in their order.
/// - Else those with the best overlap are matched, objects of one class first.
/// - Objects that overlap nothing are paired in their order, if equally many are left on both sides
///   and `is_complete` says that none can be missing.
///
/// If thousands of objects lie above one another, not all are compared. The rest is then paired
/// from left to right.
pub fn match_objects(left: &[Object], right: &[Object], is_complete: bool) -> Matching {
    let mut places = Places::of(right, left.len());
    if left.len() == right.len() && fits_in_order(left, right, &places) {
        let pairs = (0..left.len()).map(|number| (number, number)).collect();
        return Matching { pairs, ..Matching::default() };
    }
    let mut pairs = by_overlap(left, &mut places);
    if places.is_exhausted() {
        let rest = Matching::of(pairs.clone(), left.len(), right.len());
        pairs.extend(by_places(left, right, rest));
    }
    let mut matching = Matching::of(pairs, left.len(), right.len());
    if is_complete && matching.left.len() == matching.right.len() {
        let rest = matching.left.drain(..).zip(matching.right.drain(..));
        matching.pairs.extend(rest);
    }
    matching.pairs.sort_unstable();
    matching
}

fn fits_in_order(left: &[Object], right: &[Object], places: &Places) -> bool {
    left.iter().zip(right).all(|(one, other)| {
        let own = (overlap::of_boxes(&one.bbox, &other.bbox), one.class == other.class);
        own.0 > 0.0 && !places.has_better(one, own)
    })
}

/// Takes pairs, the best first. Each object waits in the heap with its best free partner. If that
/// is taken meanwhile, the object waits with its next best one.
fn by_overlap(left: &[Object], places: &mut Places) -> Vec<(usize, usize)> {
    let best = left.iter().enumerate().filter_map(|(at, one)| places.best(at, one));
    let mut waiting: BinaryHeap<_> = best.map(Reverse).collect();
    let mut pairs = Vec::new();
    while let Some(Reverse(best)) = waiting.pop() {
        match places.take(best.to) {
            true => pairs.push((best.at, best.to)),
            false => waiting.extend(places.best(best.at, &left[best.at]).map(Reverse)),
        }
    }
    pairs
}

/// Pairs the rest from left to right. Pairs that do not overlap are left out.
fn by_places(left: &[Object], right: &[Object], mut rest: Matching) -> Vec<(usize, usize)> {
    rest.left.sort_by(|&one, &other| by_place(&left[one], &left[other]));
    rest.right.sort_by(|&one, &other| by_place(&right[one], &right[other]));
    let pairs = rest.left.into_iter().zip(rest.right);
    let overlap = |at: usize, to: usize| overlap::of_boxes(&left[at].bbox, &right[to].bbox) > 0.0;
    pairs.filter(|&(at, to)| overlap(at, to)).collect()
}

impl Matching {
    /// A matching of these pairs, if there are `left` and `right` objects in all.
    fn of(pairs: Vec<(usize, usize)>, left: usize, right: usize) -> Self {
        let (mut is_left, mut is_right) = (vec![true; left], vec![true; right]);
        for &(at, to) in &pairs {
            (is_left[at], is_right[to]) = (false, false);
        }
        let rest = |is: &[bool]| (0..is.len()).filter(|&number| is[number]).collect();
        Self { pairs, left: rest(&is_left), right: rest(&is_right) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::BBox;
    use proptest::prelude::*;

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

    /// The pairs that are found if each object is compared with each other one.
    fn by_all_pairs(left: &[Object], right: &[Object]) -> Vec<(usize, usize)> {
        let mut candidates = Vec::new();
        for (at, one) in left.iter().enumerate() {
            for (to, other) in right.iter().enumerate() {
                let overlap = (overlap::of_boxes(&one.bbox, &other.bbox) * 1e6).round() as i64;
                if overlap::of_boxes(&one.bbox, &other.bbox) > 0.0 {
                    candidates.push((-overlap, one.class != other.class, at.abs_diff(to), at, to));
                }
            }
        }
        candidates.sort_unstable();
        let (mut is_left, mut is_right) = (vec![true; left.len()], vec![true; right.len()]);
        let mut pairs = Vec::new();
        for (.., at, to) in candidates {
            if is_left[at] && is_right[to] {
                (is_left[at], is_right[to]) = (false, false);
                pairs.push((at, to));
            }
        }
        pairs
    }

    fn any_objects() -> impl Strategy<Value = Vec<Object<'static>>> {
        let bbox = (0..12u8, 0..12u8, 1..9u8, 1..9u8, 0..3u8).prop_map(|(x, y, w, h, tenth)| {
            let shift = f64::from(tenth) / 10.0;
            let (x, y) = (f64::from(x) + shift, f64::from(y));
            BBox::Corner { x, y, width: f64::from(w), height: f64::from(h) - shift }
        });
        let object = (bbox, prop::sample::select(vec![None, Some("a"), Some("b")]))
            .prop_map(|(bbox, class)| Object { number: 0, bbox, class });
        prop::collection::vec(object, 0..40)
    }

    proptest! {
        #[test]
        fn no_pair_is_overlooked(left in any_objects(), right in any_objects()) {
            let pairs = by_overlap(&left, &mut Places::of(&right, left.len()));
            prop_assert_eq!(pairs, by_all_pairs(&left, &right));
        }

        #[test]
        fn none_that_fits_better_is_overlooked(left in any_objects(), right in any_objects()) {
            let places = Places::of(&right, left.len());
            for (one, other) in left.iter().zip(&right) {
                let worth = |other: &Object| {
                    (overlap::of_boxes(&one.bbox, &other.bbox), one.class == other.class)
                };
                let own = worth(other);
                if own.0 == 0.0 {
                    continue;
                }
                let expected = right.iter().any(|third| worth(third) > own);
                prop_assert_eq!(places.has_better(one, own), expected);
            }
        }
    }

    /// All boxes overlap, and no two are equal. Comparing all pairs would take too long.
    #[test]
    fn crowds_take_no_longer_than_their_number_says() {
        const COUNT: usize = 20_000;
        let crowd = |from: usize| -> Vec<Object> {
            let x = |number: usize| ((number * 7919 + from) % COUNT) as f64 * 1e-9;
            let bbox = |x| BBox::Corner { x, y: 0.0, width: 10.0, height: 10.0 };
            let object = |number| Object { number, bbox: bbox(x(number)), class: None };
            (0..COUNT).map(object).collect()
        };
        let matching = match_objects(&crowd(0), &crowd(COUNT / 2), true);
        assert_eq!(matching.pairs.len(), COUNT);
        let fewer = &crowd(COUNT / 2)[..COUNT - 10];
        let matching = match_objects(&crowd(0), fewer, false);
        assert_eq!((matching.pairs.len(), matching.left.len()), (COUNT - 10, 10));
    }

    #[test]
    fn what_may_be_missing_is_not_paired_with_what_is_elsewhere() {
        let (left, right) = (objects(&[(0.0, "a")]), objects(&[(50.0, "a")]));
        assert_eq!(match_objects(&left, &right, true).pairs, [(0, 0)]);
        assert_eq!(match_objects(&left, &right, false).pairs, []);
    }
}
