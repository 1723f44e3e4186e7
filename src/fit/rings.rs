//! The rings of an object in a format that holds one ring an object.

use super::{Fit, Multipart};
use crate::error::Result;
use crate::format::{Setting, Side, Values, choice};
use crate::geometry::{Coord, Inset, Made, Polygon, Rle, one_ring, polygon, raster, unite};
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Image, Shape};
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
        /// So, too, and also for polygons, of which the pixels are taken.
        Painted "painted",
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
           which OpenCV's fillPoly turns back into the mask; painted: polygons, too",
};

impl Fit {
    /// The polygons of a shape, and what they are: those of a mask are to be moved inside as the
    /// settings ask, and so are those of the pixels of a polygon where the settings ask for
    /// these. All others are as they were stated. `None`, counted, where the shape has none.
    ///
    /// # Errors
    /// Where the shape was not read.
    pub fn outlines<'a>(
        &self,
        annotation: &'a Annotation,
        number: usize,
        image: &Image,
        inset: Inset,
        losses: &mut Losses,
    ) -> Result<Option<(Cow<'a, [Polygon]>, Made)>> {
        let is_edge = self.outline == Outline::Edge;
        let (trace, inset): (fn(&Rle) -> Vec<Polygon>, _) =
            if is_edge { (Rle::trace, Inset::NONE) } else { (Rle::trace_around, inset) };
        if let (Shape::Polygons(parts), Outline::Painted) = (&annotation.shape, self.outline)
            && let Some(mask) = image.size.and_then(|size| raster::paint(parts, size))
            && mask.area() > 0
        {
            losses.annotation(Reason::PolygonPainted, number);
            return Ok(Some((Cow::Owned(trace(&mask)), Made::Traced(inset))));
        }
        let is_mask = matches!(annotation.shape, Shape::Mask(_));
        let made = if is_mask { Made::Traced(inset) } else { Made::Drawn };
        let parts = super::traced(annotation, trace, number, image, losses)?;
        Ok(parts.map(|parts| (parts, made)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Chosen;
    use crate::geometry::{Rle, Size};

    fn square(x: f64, y: f64, side: f64) -> Polygon {
        let corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)];
        Polygon::from_ring(corners.map(|(x, y)| Coord { x, y }).to_vec())
    }

    fn fit() -> Fit {
        Fit::of(&Chosen::new())
    }

    /// The areas that rings paint, and what is counted.
    fn written(fit: Fit, parts: &[Polygon], made: Made) -> (Vec<f64>, Vec<&'static str>) {
        let mut losses = Losses::default();
        let rings = fit.rings(parts, made, 0, &mut losses);
        let area = |ring: &Cow<[Coord<f64>]>| Polygon::from_ring(ring.to_vec()).painted_area();
        let areas = rings.iter().map(|ring| (area(ring) * 1e6).round() / 1e6).collect();
        (areas, losses.iter().map(|loss| loss.reason.code()).collect())
    }

    #[test]
    fn parts_are_joined_split_or_left_out() {
        let outer = square(0.0, 0.0, 80.0);
        let cases = [
            (vec![outer.clone(), square(200.0, 0.0, 10.0)], vec![6500.0], vec![6400.0, 100.0]),
            (vec![outer.clone(), square(20.0, 20.0, 40.0)], vec![6400.0], vec![6400.0, 1600.0]),
            (vec![outer.clone(), square(60.0, 60.0, 40.0)], vec![7600.0], vec![6400.0, 1600.0]),
            (vec![square(90.0, 0.0, 1.0), outer], vec![6401.0], vec![1.0, 6400.0]),
        ];
        for (parts, joined, split) in cases {
            let of = |multipart| written(Fit { multipart, ..fit() }, &parts, Made::Drawn);
            assert_eq!(of(Multipart::Join), (joined, vec!["parts-joined"]));
            assert_eq!(of(Multipart::Split), (split, vec!["parts-split"]));
            assert_eq!(of(Multipart::Largest), (vec![6400.0], vec!["parts-dropped"]));
        }
    }

    #[test]
    fn holes_are_bridged_or_filled() {
        let hole = |x: f64| square(x, 5.0, 10.0).exterior;
        let holed = Polygon { holes: vec![hole(5.0), hole(20.0)], ..square(0.0, 0.0, 40.0) };
        let island = square(7.0, 7.0, 4.0);
        let filled = Fit { holes: Holes::Fill, ..fit() };
        let cases = [
            (fit(), vec![holed.clone()], 1400.0, vec![]),
            (filled, vec![holed.clone()], 1600.0, vec!["holes-filled"]),
            (fit(), vec![holed.clone(), island.clone()], 1416.0, vec!["parts-joined"]),
            (filled, vec![holed, island], 1600.0, vec!["holes-filled", "parts-joined"]),
        ];
        for (fit, parts, area, reasons) in cases {
            assert_eq!(written(fit, &parts, Made::Drawn), (vec![area], reasons), "{parts:?}");
        }
    }

    #[test]
    fn an_outline_of_a_mask_goes_where_the_settings_say() {
        let mask = Rle::new(Size { width: 10, height: 10 }, vec![33, 4, 6, 4, 53]).unwrap();
        let shape = Shape::Mask(mask.clone());
        let of = |outline, inset| {
            let fit = Fit { outline, ..fit() };
            let image = Image { size: Some(mask.size()), ..Image::default() };
            let annotation = Annotation { shape: shape.clone(), ..Annotation::default() };
            let losses = &mut Losses::default();
            let found = fit.outlines(&annotation, 0, &image, inset, losses).unwrap().unwrap();
            written(fit, &found.0, found.1).0
        };
        let fractions = Inset::of_fractions(mask.size(), 6);
        assert_eq!(of(Outline::Edge, fractions), [8.0]);
        assert_eq!(of(Outline::Centre, fractions), [7.41]);
        assert_eq!(of(Outline::Centre, Inset::EXACT), [7.7025]);
    }

    #[test]
    fn what_is_no_ring_is_left_out() {
        let line = Polygon::from_ring(vec![Coord { x: 1.0, y: 1.0 }; 2]);
        let mut endless = square(0.0, 0.0, 1.0);
        endless.exterior[0].x = f64::INFINITY;
        let odd = Polygon { holes: vec![line.exterior.clone()], ..square(0.0, 0.0, 4.0) };
        let found = written(fit(), &[line, endless, odd], Made::Drawn);
        assert_eq!(found, (vec![16.0], vec!["parts-dropped"]));
        assert_eq!(written(fit(), &[], Made::Drawn), (vec![], vec![]));
    }
}
