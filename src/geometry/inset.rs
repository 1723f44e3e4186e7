//! Outlines of masks for readers that paint the border of a polygon, too.
//!
//! `fillPoly` of OpenCV paints every pixel that a ring goes through, after its points were cut to
//! whole numbers. A ring along the edges of a mask's pixels comes back too large by a column and a
//! row. A ring that goes a little inside of these edges goes through the mask's own pixels only.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "axes are 0 and 1; coordinates are floating-point numbers"
)]

use super::{Coord, Polygon, Ring, Size};

/// How far a ring goes inside of the edges of a mask's pixels, in pixels, each for x and y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inset {
    /// At edges with set pixels on their right, or below.
    near: [f64; 2],
    /// At edges with set pixels on their left, or above.
    far: [f64; 2],
}

/// The least distance of a point to the edge of its pixel. pycocotools rounds to fifths of a pixel
/// (`rleFrPoly`), so that it paints the same mask as from a ring along the edges.
const LEAST: f64 = 0.05;

impl Inset {
    /// Along the edges of pixels.
    pub const NONE: Self = Self { near: [0.0; 2], far: [0.0; 2] };

    /// For numbers that are written exactly: only right and lower edges are too far. So a reader
    /// that paints what has its left upper corner in the ring or on it (`skimage.draw.polygon`)
    /// gets the same mask as one that cuts to whole numbers and paints the border (`fillPoly`).
    pub const EXACT: Self = Self { near: [0.0; 2], far: [LEAST; 2] };

    /// For fractions of an image's width and height that are written with so many decimals: twice
    /// as far as rounding moves a point, so that the reader's product is cut to the right pixel. Never
    /// farther than the centre of the pixel.
    pub fn of_fractions(size: Size, decimals: usize) -> Self {
        let unit = (0..decimals).fold(1.0, |unit: f64, _| unit / 10.0);
        let distance = |side: u32| (f64::from(side) * unit).clamp(LEAST, 0.5);
        let both = [distance(size.width), distance(size.height)];
        Self { near: both, far: both }
    }

    /// The outline of a mask, moved inside. Each point stays the same point of its ring.
    ///
    /// The rings must be those of [`super::Rle::trace_around`]: along the edges of pixels, with the set pixels
    /// on the right of their direction (x right, y down).
    pub fn apply(&self, traced: &Polygon) -> Polygon {
        if *self == Self::NONE {
            return traced.clone();
        }
        Polygon {
            exterior: self.ring(&traced.exterior),
            holes: traced.holes.iter().map(|hole| self.ring(hole)).collect(),
        }
    }

    fn ring(&self, ring: &[Coord<f64>]) -> Ring {
        let before = ring.iter().cycle().skip(ring.len().saturating_sub(1));
        let after = ring.iter().cycle().skip(1);
        let moved = ring.iter().zip(before).zip(after).map(|((point, before), after)| {
            let edges = [(before, point), (point, after)];
            let [one, other] = edges.map(|(from, to)| self.shift(from, to));
            Coord { x: point.x + one[0] + other[0], y: point.y + one[1] + other[1] }
        });
        moved.collect()
    }

    /// How an edge is moved: to its right.
    fn shift(&self, from: &Coord<f64>, to: &Coord<f64>) -> [f64; 2] {
        let towards = |step: f64, axis: usize| match step {
            step if step > 0.0 => self.near[axis],
            step if step < 0.0 => -self.far[axis],
            _ => 0.0,
        };
        [towards(from.y - to.y, 0), towards(to.x - from.x, 1)]
    }
}
