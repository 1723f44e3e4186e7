//! Where the objects of an image are, to find those that overlap one without a look at all.

use crate::geometry::{BBox, overlap};
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};
use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// An object as far as it can be told apart from others.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    /// Its number in its image.
    pub number: usize,
    pub bbox: BBox,
    pub class: Option<&'a str>,
}

/// How many comparisons an image has, and how many more for each of its objects.
const COMPARISONS: (usize, usize) = (1_000_000, 200);

/// The overlaps to look for, one after the other: near places are looked at first.
const LEAST: [f64; 4] = [0.9, 0.5, 0.1, 0.0];

/// The farthest that a number of a box may be from 0: beyond, areas overflow.
const FARTHEST: f64 = 1e30;

/// Objects by their boxes, some of which may be taken.
///
/// In all, so many comparisons are made as are linear in the number of objects; what is asked
/// afterwards is answered as if nothing were there.
pub struct Places<'a> {
    /// The four corners of each box, with the number of the group.
    tree: RTree<GeomWithData<[f64; 4], usize>>,
    groups: Vec<Group<'a>>,
    group_of: Vec<Option<usize>>,
    comparisons: Cell<usize>,
}

/// Objects of one box: by class, their numbers, those alone that are free.
struct Group<'a> {
    bbox: BBox,
    free: Vec<(Option<&'a str>, BTreeSet<usize>)>,
}

/// A pair that may be one object; the least is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// From the greatest overlap on, those that hardly differ together.
    step: i64,
    is_of_other_class: bool,
    distance: usize,
    /// The number of the object that is looked for.
    pub at: usize,
    /// The number of the one that is found.
    pub to: usize,
}

impl<'a> Places<'a> {
    /// The places of objects, for as many questions as `asking` objects have.
    pub fn of(objects: &[Object<'a>], asking: usize) -> Self {
        let (base, each) = COMPARISONS;
        let comparisons = base + each * (objects.len() + asking);
        let mut order: Vec<usize> = (0..objects.len())
            .filter(|&number| objects[number].bbox.corners().iter().all(|it| it.abs() < FARTHEST))
            .collect();
        order
            .sort_by(|&one, &other| by_place(&objects[one], &objects[other]).then(one.cmp(&other)));
        let mut group_of = vec![None; objects.len()];
        let is_same = |one: &usize, other: &usize| {
            objects[*one].bbox.corners() == objects[*other].bbox.corners()
        };
        let mut groups = Vec::new();
        for numbers in order.chunk_by(is_same) {
            numbers.iter().for_each(|&number| group_of[number] = Some(groups.len()));
            groups.push(Group::of(objects, numbers));
        }
        let point = |(at, group): (usize, &Group)| GeomWithData::new(group.bbox.corners(), at);
        let tree = RTree::bulk_load(groups.iter().enumerate().map(point).collect());
        Self { tree, groups, group_of, comparisons: Cell::new(comparisons) }
    }

    /// Whether all comparisons are made, so that there may be more than was said.
    pub fn is_exhausted(&self) -> bool {
        self.comparisons.get() == 0
    }

    /// Whether any is a better partner, by overlap and then by class, than one with this worth.
    pub fn has_better(&self, object: &Object, worth: (f64, bool)) -> bool {
        // None is better than the same place and class.
        worth < (1.0, true)
            && self.near(&object.bbox, worth.0).any(|group| {
                let overlap = overlap::of_boxes(&object.bbox, &group.bbox);
                (overlap, true) > worth && (overlap, self.has_class(group, object.class)) > worth
            })
    }

    /// The best partner that is free.
    pub fn best(&self, at: usize, object: &Object) -> Option<Candidate> {
        LEAST.iter().find_map(|&least| {
            let near = self.near(&object.bbox, least);
            let best = near.filter_map(|group| self.candidate(group, at, object)).min()?;
            // What overlaps less may be elsewhere.
            (least == 0.0 || best.step < step(least)).then_some(best)
        })
    }

    /// Takes one; whether it was free.
    pub fn take(&mut self, number: usize) -> bool {
        let group = self.group_of[number].and_then(|at| self.groups.get_mut(at));
        group.is_some_and(|group| group.free.iter_mut().any(|(_, free)| free.remove(&number)))
    }

    /// The groups whose overlap with a box may be so much.
    fn near(&self, bbox: &BBox, least: f64) -> impl Iterator<Item = &Group<'a>> {
        let near = self.tree.locate_in_envelope(&envelope(bbox, least));
        near.take_while(|_| self.spend()).map(|place| &self.groups[place.data])
    }

    /// Counts a comparison; whether it may be made.
    fn spend(&self) -> bool {
        let rest = self.comparisons.get();
        self.comparisons.set(rest.saturating_sub(1));
        rest > 0
    }

    fn has_class(&self, group: &Group, class: Option<&str>) -> bool {
        let mut classes = group.free.iter().take_while(|_| self.spend());
        classes.any(|(own, free)| *own == class && !free.is_empty())
    }

    fn candidate(&self, group: &Group, at: usize, object: &Object) -> Option<Candidate> {
        let overlap = overlap::of_boxes(&object.bbox, &group.bbox);
        let of_class = |(class, free): &(Option<&str>, BTreeSet<usize>)| {
            let to = nearest(free, at)?;
            let is_of_other_class = *class != object.class;
            let distance = at.abs_diff(to);
            Some(Candidate { step: step(overlap), is_of_other_class, distance, at, to })
        };
        let classes = group.free.iter().filter(|_| overlap > 0.0).take_while(|_| self.spend());
        classes.filter_map(of_class).min()
    }
}

impl<'a> Group<'a> {
    /// Of objects of one box that are sorted by class.
    fn of(objects: &[Object<'a>], numbers: &[usize]) -> Self {
        let class = |&number: &usize| objects[number].class;
        let of_class = |numbers: &[usize]| {
            (numbers.first().and_then(class), numbers.iter().copied().collect::<BTreeSet<_>>())
        };
        let free = numbers.chunk_by(|one, other| class(one) == class(other)).map(of_class);
        Self { bbox: objects[numbers[0]].bbox, free: free.collect() }
    }
}

/// From left to right and so on, then by class.
pub fn by_place(one: &Object, other: &Object) -> Ordering {
    let corners = one.bbox.corners().into_iter().zip(other.bbox.corners());
    let order = corners.map(|(one, other)| one.total_cmp(&other));
    order.fold(Ordering::Equal, Ordering::then).then(one.class.cmp(&other.class))
}

/// A key that sorts overlaps from the greatest on, those that hardly differ together.
fn step(overlap: f64) -> i64 {
    const STEPS: f64 = 1e6;
    -(overlap * STEPS).round() as i64
}

/// That with the least distance; of two, the lower.
fn nearest(numbers: &BTreeSet<usize>, at: usize) -> Option<usize> {
    let below = numbers.range(..=at).next_back().copied();
    let above = numbers.range(at..).next().copied();
    below.into_iter().chain(above).min_by_key(|&to| (at.abs_diff(to), to))
}

/// Where the corners of a box are whose overlap with this one is at least so much.
///
/// What both have in common is then so much of either side, and the other's side no longer than
/// this one's divided by it.
fn envelope(bbox: &BBox, least: f64) -> AABB<[f64; 4]> {
    // A little less than asked for, as overlaps are rounded.
    let least = (least - 1e-9).clamp(0.0, 1.0);
    let [left, top, right, bottom] = bbox.corners();
    let along = |from: f64, to: f64| {
        let side = to - from;
        let slack = (from.abs() + to.abs()) * 1e-12;
        let (common, longest) = (side * least, (side / least).min(FARTHEST));
        let mins = (from + common - longest - slack, to - common + slack);
        let maxs = (from + common - slack, to - common + longest + slack);
        (mins, maxs)
    };
    let ((x, last_x), (y, last_y)) = (along(left, right), along(top, bottom));
    AABB::from_corners([x.0, y.0, last_x.0, last_y.0], [x.1, y.1, last_x.1, last_y.1])
}
