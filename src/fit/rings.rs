//! The rings of an object in a format that holds one ring an object.

use super::{Fit, Multipart};
use crate::format::{Setting, Side, Values, choice};
use crate::geometry::{Coord, Inset, Made, Polygon, one_ring, polygon, unite};
use crate::losses::{Losses, Reason};
use crate::model::Shape;
use std::borrow::Cow;

choice! {
    /// A hole in a format that holds one ring an object.
    Holes {
        /// Leave it out of the ring by a bridge that leads there and back, a keyhole.
        Bridge "bridge",
        /// Fill it, counted.
        Fill "fill",
    }
}

choice! {
    /// Where the outline of a mask goes.
    Outline {
        /// Along the edges of its pixels.
        Edge "edge",
        /// Through the pixels at its border.
        Centre "centre",
    }
}

/// The setting of formats that hold one ring an object.
pub const HOLES: Setting = Setting {
    name: "holes",
    side: Side::Write,
    values: Values::Choice(Holes::NAMES),
    default: "bridge",
    help: "A hole in a format of one ring an object",
};

/// The setting of formats that hold masks as rings.
pub const RINGS: Setting = Setting {
    name: "rings",
    side: Side::Write,
    values: Values::Choice(Outline::NAMES),
    default: "centre",
    help: "The outline of a mask: along its pixels' edges, or through its border pixels, \
           which OpenCV's fillPoly turns back into the mask",
};

impl Fit {
    /// What the polygons of a shape are: those of a mask are moved inside as the settings ask, all
    /// others are as they were stated.
    pub fn made(&self, shape: &Shape, inset: Inset) -> Made {
        match (shape, self.outline) {
            (Shape::Mask(_), Outline::Centre) => Made::Traced(inset),
            (Shape::Mask(_), Outline::Edge) => Made::Traced(Inset::NONE),
            _ => Made::Drawn,
        }
    }

    /// The rings of an object in a format that holds one ring an object: none where no part has
    /// three points, several only where parts are to be split.
    ///
    /// `parts` are the object's polygons, in pixels; those of a mask along the edges of its pixels.
    pub fn rings<'a>(
        &self,
        parts: &'a [Polygon],
        made: Made,
        number: usize,
        losses: &mut Losses,
    ) -> Vec<Cow<'a, [Coord<f64>]>> {
        let mut held: Vec<Cow<'a, Polygon>> = parts.iter().filter_map(sound).collect();
        if held.is_empty() {
            return Vec::new();
        }
        let count = held.len();
        if count < parts.len() {
            losses.annotation(Reason::PartsDropped, number);
        }
        let mut is_filled = self.fill(&mut held);
        if count > 1 && self.multipart == Multipart::Join && (made == Made::Drawn || is_filled) {
            held = unite::overlapping(held);
            is_filled |= self.fill(&mut held);
        }
        if is_filled {
            losses.annotation(Reason::HolesFilled, number);
        }
        let chosen = match self.multipart {
            _ if count == 1 => held,
            Multipart::Join => {
                losses.annotation(Reason::PartsJoined, number);
                let all: Vec<&Polygon> = held.iter().map(AsRef::as_ref).collect();
                return vec![Cow::Owned(one_ring(&all, made))];
            }
            Multipart::Split => {
                losses.annotation(Reason::PartsSplit, number);
                held
            }
            Multipart::Largest => {
                losses.annotation(Reason::PartsDropped, number);
                let largest = held.into_iter().max_by(|a, b| a.area().total_cmp(&b.area()));
                largest.into_iter().collect()
            }
        };
        chosen.into_iter().map(|part| ring(part, made)).collect()
    }

    /// Fills holes, where the settings ask for that; whether there were any.
    fn fill(&self, parts: &mut [Cow<Polygon>]) -> bool {
        let mut is_filled = false;
        if self.holes == Holes::Fill {
            for part in parts.iter_mut().filter(|part| !part.holes.is_empty()) {
                is_filled = true;
                part.to_mut().holes.clear();
            }
        }
        is_filled
    }
}

/// A part of three points or more, all of them numbers, with those of its holes that are so, too.
fn sound(part: &Polygon) -> Option<Cow<'_, Polygon>> {
    let is_sound = |ring: &[Coord<f64>]| {
        polygon::open(ring).len() > 2 && ring.iter().all(|p| p.x.is_finite() && p.y.is_finite())
    };
    if !is_sound(&part.exterior) {
        return None;
    }
    let mut part = Cow::Borrowed(part);
    if !part.holes.iter().all(|hole| is_sound(hole)) {
        part.to_mut().holes.retain(|hole| is_sound(hole));
    }
    Some(part)
}

/// The ring of one part.
fn ring(part: Cow<'_, Polygon>, made: Made) -> Cow<'_, [Coord<f64>]> {
    match part {
        Cow::Borrowed(part) if made == Made::Drawn && part.holes.is_empty() => {
            Cow::Borrowed(&part.exterior)
        }
        part => Cow::Owned(one_ring(&[part.as_ref()], made)),
    }
}
