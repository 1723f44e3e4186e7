//! An index of the objects of an image by their boxes. It finds the objects that overlap a box
//! without comparing all of them.

use crate::geometry::{BBox, overlap};
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};
use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// An object, as far as matching needs it.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    /// Its number in its image.
    pub number: usize,
    pub bbox: BBox,
    pub class: Option<&'a str>,
}

/// How many comparisons are made for an image at most, and how many more for each of its objects.
const COMPARISONS: (usize, usize) = (1_000_000, 200);

/// The least overlaps to search for, one after the other. A high one needs a search near by only.
const LEAST: [f64; 4] = [0.9, 0.5, 0.1, 0.0];

/// Boxes with a number this far from 0 are left out: their areas would overflow.
const FARTHEST: f64 = 1e30;

/// Objects by their boxes. An object can be taken, and is then not found any more.
///
/// The number of comparisons has a limit that grows in proportion to the number of objects. When
/// it is reached, searches find nothing more.
pub struct Places<'a> {
    /// The numbers of each box as a point in four dimensions, with the number of its group.
    tree: RTree<GeomWithData<[f64; 4], usize>>,
    groups: Vec<Group<'a>>,
    group_of: Vec<Option<usize>>,
    comparisons: Cell<usize>,
}

/// Objects with equal boxes. For each class, the numbers of those that are free.
struct Group<'a> {
    bbox: BBox,
    free: Vec<(Option<&'a str>, BTreeSet<usize>)>,
}

/// Two objects that may be one. The least candidate, in the order of the fields, is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// See [`step`]: a great overlap has a low step.
    step: i64,
    is_of_other_class: bool,
    distance: usize,
    /// The number of the object whose partner is searched for.
    pub at: usize,
    /// The number of the possible partner.
    pub to: usize,
}

impl<'a> Places<'a> {
    /// The places of objects. `asking` is the number of objects whose partners are searched for.
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

    /// Whether the limit of comparisons is reached, so that some partners may not have been found.
    pub fn is_exhausted(&self) -> bool {
        self.comparisons.get() == 0
    }

    /// Whether an object has a better partner than one with this worth: the overlap, and whether
    /// the class is the same.
    pub fn has_better(&self, object: &Object, worth: (f64, bool)) -> bool {
        // No partner is better than one with the same box and class.
        worth < (1.0, true)
            && self.near(&object.bbox, worth.0).any(|group| {
                let overlap = overlap::of_boxes(&object.bbox, &group.bbox);
                (overlap, true) > worth && (overlap, self.has_class(group, object.class)) > worth
            })
    }

    /// The best free partner of an object; `at` is the object's number.
    pub fn best(&self, at: usize, object: &Object) -> Option<Candidate> {
        LEAST.iter().find_map(|&least| {
            let near = self.near(&object.bbox, least);
            let best = near.filter_map(|group| self.candidate(group, at, object)).min()?;
            // If it overlaps less than searched for, a better one may lie outside the search.
            (least == 0.0 || best.step < step(least)).then_some(best)
        })
    }

    /// Takes an object. Returns whether it was free.
    pub fn take(&mut self, number: usize) -> bool {
        let group = self.group_of[number].and_then(|at| self.groups.get_mut(at));
        group.is_some_and(|group| group.free.iter_mut().any(|(_, free)| free.remove(&number)))
    }

    /// The groups whose overlap with a box may be at least `least`.
    fn near(&self, bbox: &BBox, least: f64) -> impl Iterator<Item = &Group<'a>> {
        let near = self.tree.locate_in_envelope(&envelope(bbox, least));
        near.take_while(|_| self.spend()).map(|place| &self.groups[place.data])
    }

    /// Counts a comparison. Returns whether it may be made.
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
    /// A group of objects that have equal boxes and are sorted by class.
    fn of(objects: &[Object<'a>], numbers: &[usize]) -> Self {
        let class = |&number: &usize| objects[number].class;
        let of_class = |numbers: &[usize]| {
            (numbers.first().and_then(class), numbers.iter().copied().collect::<BTreeSet<_>>())
        };
        let free = numbers.chunk_by(|one, other| class(one) == class(other)).map(of_class);
        Self { bbox: objects[numbers[0]].bbox, free: free.collect() }
    }
}

/// Orders objects by their left, top, right and bottom edges, and then by class.
pub fn by_place(one: &Object, other: &Object) -> Ordering {
    let corners = one.bbox.corners().into_iter().zip(other.bbox.corners());
    let order = corners.map(|(one, other)| one.total_cmp(&other));
    order.fold(Ordering::Equal, Ordering::then).then(one.class.cmp(&other.class))
}

/// A number that is lower for a greater overlap. It is the same for overlaps that hardly differ.
fn step(overlap: f64) -> i64 {
    const STEPS: f64 = 1e6;
    -(overlap * STEPS).round() as i64
}

/// The number that is nearest to `at`. Of two equally near ones, it is the lower.
fn nearest(numbers: &BTreeSet<usize>, at: usize) -> Option<usize> {
    let below = numbers.range(..=at).next_back().copied();
    let above = numbers.range(at..).next().copied();
    below.into_iter().chain(above).min_by_key(|&to| (at.abs_diff(to), to))
}

/// The range in which the numbers of a box must lie if its overlap with this box is at least
/// `least`.
///
/// Along each axis, the common length is then at least `least` times the side of either box. So
/// the side of the other box is no longer than this one's side divided by `least`.
fn envelope(bbox: &BBox, least: f64) -> AABB<[f64; 4]> {
    // The range is a little wider than needed, because computed overlaps are rounded.
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
