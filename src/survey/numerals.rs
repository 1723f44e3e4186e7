//! Finds out with how many decimals the numbers of a format are written.

use crate::geometry::{BBox, Coord, Size, polygon};
use crate::model::{Annotation, Shape};
use crate::numbers;

/// Numbers with more decimals than this are taken for numbers that are not rounded.
const MOST: usize = 9;

/// How many numbers have 0, 1, 2, … decimals. The last count is of numbers with more than [`MOST`].
type Histogram = [usize; MOST + 2];

/// Counts over the numbers of some images.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    boxes: Histogram,
    shapes: Histogram,
    areas: Histogram,
    annotations: usize,
    with_geometry: usize,
    drawn: usize,
    crowds: usize,
}

/// The decimals with which a format's numbers are written: 9 of 10 numbers have so many or fewer.
/// `None` if they are not rounded. The numbers of YOLO are fractions of the image's size, those of
/// other formats are pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numerals {
    pub boxes: Option<usize>,
    pub shapes: Option<usize>,
    pub areas: Option<usize>,
    /// The most decimals that any number has.
    pub most_of_boxes: Option<usize>,
    pub most_of_shapes: Option<usize>,
    /// Whether some objects have a polygon or a mask.
    pub has_drawn: bool,
    /// Whether some objects are marked as crowds.
    pub has_crowds: bool,
}

impl Numerals {
    /// How far a box may be off the box around its shape, because both are rounded.
    pub fn of_boxes_and_shapes(&self) -> f64 {
        let unit = |decimals: Option<usize>| decimals.map_or(0.0, numbers::unit);
        unit(self.boxes) + unit(self.shapes)
    }
}

/// A box as the four numbers that its format writes: fractions of the image's size in YOLO, pixels
/// in other formats. `None` if they are fractions and the size is not known.
pub fn box_numbers(bbox: &BBox, size: Option<Size>) -> Option<[f64; 4]> {
    match bbox {
        BBox::Corners { .. } => Some(bbox.corners()),
        BBox::Corner { .. } => Some(bbox.corner_and_size()),
        BBox::Centre { .. } => {
            let [cx, cy, w, h] = bbox.centre_and_size();
            let (width, height) = (f64::from(size?.width), f64::from(size?.height));
            Some([cx / width, cy / height, w / width, h / height])
        }
    }
}

/// A point as its format writes it: as fractions of `scale`, or in pixels if that is `None`.
pub fn point_numbers(point: Coord<f64>, scale: Option<Size>) -> Coord<f64> {
    match scale {
        Some(Size { width, height }) => {
            Coord { x: point.x / f64::from(width), y: point.y / f64::from(height) }
        }
        None => point,
    }
}

/// The most decimals that a number of a box has, in the form that its format writes.
pub fn decimals_of(bbox: &BBox, size: Option<Size>) -> Option<usize> {
    let sample = {
        let mut boxes = Histogram::default();
        count(&mut boxes, &box_numbers(bbox, size)?);
        boxes
    };
    most(&sample)
}

impl Sample {
    /// Counts over the annotations of an image. The points of polygons are written as fractions of
    /// `scale`, or in pixels if that is `None`.
    pub fn of(annotations: &[Annotation], size: Option<Size>, scale: Option<Size>) -> Self {
        let mut sample = Self { annotations: annotations.len(), ..Self::default() };
        for annotation in annotations {
            let is_drawn = match &annotation.shape {
                Shape::Polygons(parts) => !polygon::is_drawn_box(parts),
                shape => matches!(shape, Shape::Mask(_)),
            };
            sample.crowds += usize::from(annotation.crowd);
            sample.drawn += usize::from(is_drawn);
            sample.with_geometry += usize::from(annotation.bounds().is_some());
            let numbers = annotation.bbox.and_then(|bbox| box_numbers(&bbox, size));
            count(&mut sample.boxes, numbers.as_ref().map_or(&[], |numbers| numbers));
            count(&mut sample.areas, annotation.area.as_slice());
            if let Shape::Polygons(parts) = &annotation.shape {
                for point in parts.iter().flat_map(|part| &part.exterior) {
                    let Coord { x, y } = point_numbers(*point, scale);
                    count(&mut sample.shapes, &[x, y]);
                }
            }
        }
        sample
    }

    /// The counts of both together.
    #[must_use]
    pub fn add(mut self, other: Self) -> Self {
        for (own, other) in [
            (&mut self.boxes, other.boxes),
            (&mut self.shapes, other.shapes),
            (&mut self.areas, other.areas),
        ] {
            own.iter_mut().zip(other).for_each(|(own, other)| *own += other);
        }
        self.annotations += other.annotations;
        self.with_geometry += other.with_geometry;
        self.drawn += other.drawn;
        self.crowds += other.crowds;
        self
    }

    /// How many annotations were counted.
    pub fn annotations(&self) -> usize {
        self.annotations
    }

    /// Whether there are annotations, but none has a box or shape. They are captions, or labels of
    /// whole images.
    pub fn is_without_geometry(&self) -> bool {
        self.annotations > 0 && self.with_geometry == 0
    }

    /// How the numbers are written.
    pub fn numerals(&self) -> Numerals {
        Numerals {
            boxes: usual(&self.boxes),
            shapes: usual(&self.shapes),
            areas: usual(&self.areas),
            most_of_boxes: most(&self.boxes),
            most_of_shapes: most(&self.shapes),
            has_drawn: self.drawn > 0,
            has_crowds: self.crowds > 0,
        }
    }
}

fn count(histogram: &mut Histogram, numbers: &[f64]) {
    for &number in numbers.iter().filter(|number| number.is_finite()) {
        histogram[decimals(number)] += 1;
    }
}

/// The fewest decimals with which a number can be written. Tiny differences are ignored: they come
/// from multiplying by an image's side and dividing by it.
pub fn decimals(number: f64) -> usize {
    let is_enough = |&decimals: &usize| {
        let scale = 10f64.powi(decimals as i32);
        let rounded = (number * scale).round() / scale;
        (rounded - number).abs() <= number.abs() * f64::EPSILON * 4.0
    };
    (0..=MOST).find(is_enough).unwrap_or(MOST + 1)
}

fn usual(histogram: &Histogram) -> Option<usize> {
    let total: usize = histogram.iter().sum();
    let mut seen = 0;
    let with_decimals = histogram.iter().take(MOST + 1).position(|count| {
        seen += count;
        total > 0 && seen * 10 >= total * 9
    });
    with_decimals.filter(|_| total > 0)
}

fn most(histogram: &Histogram) -> Option<usize> {
    histogram.iter().rposition(|count| *count > 0).filter(|decimals| *decimals <= MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_counted() {
        for (number, expected) in
            [(0.0, 0), (12.0, 0), (-3.5, 1), (1266.05, 2), (0.1234, 4), (1.0 / 3.0, MOST + 1)]
        {
            assert_eq!(decimals(number), expected, "{number}");
        }
    }

    #[test]
    fn what_nine_of_ten_have_is_usual() {
        let histogram = |counts: &[usize]| {
            let mut histogram = Histogram::default();
            histogram[..counts.len()].copy_from_slice(counts);
            histogram
        };
        assert_eq!(usual(&histogram(&[])), None);
        assert_eq!(usual(&histogram(&[9, 0, 1])), Some(0));
        assert_eq!(usual(&histogram(&[8, 0, 2])), Some(2));
        let mut exact = histogram(&[1]);
        exact[MOST + 1] = 20;
        assert_eq!(usual(&exact), None);
    }

    proptest! {
        #[test]
        fn a_fraction_keeps_its_decimals_in_pixels(units in 0..=10_000u32, side in 1..9000u32) {
            let fraction = f64::from(units) / 10_000.0;
            let again = fraction * f64::from(side) / f64::from(side);
            prop_assert!(decimals(again) <= 4);
        }
    }
}
