//! The rules by which boxes and shapes of one format can follow from those of another, and
//! which of them an object keeps.
//!
//! A rule says what an object's numbers are computed from, what is added for another origin, and
//! how they are rounded. Its tolerance is its own: a number that was rounded to the nearest is
//! within half a unit of the last digit of what it was computed from, and so on.

use crate::fit::{self, Fit, Multipart};
use crate::survey::numerals::{box_numbers, point_numbers};

use crate::format::Chosen;
use crate::geometry::{BBox, Coord, Polygon, Ring, Size, polygon};
use crate::losses::Losses;
use crate::model::{Annotation, Shape};
use crate::numbers;
use std::borrow::Cow;

/// What the numbers of a box are computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The box that the source states.
    Stated,
    /// The box around what was drawn.
    Shape,
}

/// How numbers become shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Not at all.
    Exact,
    /// To the nearest.
    Nearest,
    /// To the nearest with 6 decimals first, then with fewer.
    Twice,
    /// Towards zero.
    Truncated,
    /// The mins down, the maxs up.
    Outward,
}

/// To how many decimals numbers are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// To as many as any of them has: zeros at the end are not seen.
    Most,
    /// To as many as nearly all have; a few were written by other hands.
    Usual,
}

/// A rule for boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxRule {
    pub basis: Basis,
    pub rounding: Rounding,
    pub digits: Digits,
    /// What is added to the mins and to the maxs.
    pub shift: (i8, i8),
}

/// A rule for points of rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapeRule {
    pub rounding: Rounding,
    pub digits: Digits,
    pub shift: i8,
}

/// What numbers are rounded to, and of which size they are fractions, if of any.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    /// Decimals; `None` where numbers are not rounded.
    pub usual: Option<usize>,
    pub most: Option<usize>,
    pub size: Option<Size>,
}

impl Grid {
    fn decimals(&self, digits: Digits) -> Option<usize> {
        match digits {
            Digits::Most => self.most,
            Digits::Usual => self.usual,
        }
    }
}

const ROUNDINGS: [(Rounding, Digits); 9] = [
    (Rounding::Exact, Digits::Most),
    (Rounding::Nearest, Digits::Most),
    (Rounding::Truncated, Digits::Most),
    (Rounding::Outward, Digits::Most),
    (Rounding::Twice, Digits::Most),
    (Rounding::Nearest, Digits::Usual),
    (Rounding::Truncated, Digits::Usual),
    (Rounding::Outward, Digits::Usual),
    (Rounding::Twice, Digits::Usual),
];
/// 0-based; from 1 on both; mins alone from 1 (the last pixel's number is the side); the same
/// taken back; the last pixel's number as the max, and taken back.
const SHIFTS: [(i8, i8); 7] = [(0, 0), (1, 1), (1, 0), (-1, -1), (-1, 0), (0, -1), (0, 1)];

/// All rules for boxes, the plainest first; a set of them is the bits of a `u128`.
pub fn box_rules() -> Vec<BoxRule> {
    let mut rules = Vec::new();
    for shift in SHIFTS {
        for (rounding, digits) in ROUNDINGS {
            for basis in [Basis::Stated, Basis::Shape] {
                rules.push(BoxRule { basis, rounding, digits, shift });
            }
        }
    }
    rules
}

/// All rules for points, the plainest first; a set of them is the bits of a `u128`.
pub fn shape_rules() -> Vec<ShapeRule> {
    let mut rules = Vec::new();
    for shift in [0, 1, -1] {
        for (rounding, digits) in ROUNDINGS.into_iter().filter(|it| it.0 != Rounding::Outward) {
            rules.push(ShapeRule { rounding, digits, shift });
        }
    }
    rules
}

/// The set of all of a number of rules.
pub fn all(count: usize) -> u128 {
    let above = u32::try_from(count).ok().and_then(|count| 1u128.checked_shl(count));
    above.map_or(u128::MAX, |above| above.wrapping_sub(1))
}

/// The box rules by which `to` follows from `from`; `None` where they cannot be compared.
///
/// A box that reaches out of the image may have been clipped at its border.
pub fn explain_box(rules: &[BoxRule], from: &Annotation, to: &BBox, grid: Grid) -> Option<u128> {
    let found = box_numbers(to, grid.size)?;
    let drawn = from.shape.bounds().or(from.bbox);
    let stated = from.bbox.or(drawn);
    let mut explained = 0;
    for (at, rule) in rules.iter().enumerate() {
        let Some(bbox) = (match rule.basis {
            Basis::Stated => stated,
            Basis::Shape => drawn,
        }) else {
            continue;
        };
        let clipped = grid.size.and_then(|size| clip(&bbox, size));
        let candidates = [Some(bbox), clipped];
        let fits = candidates.into_iter().flatten().any(|bbox| {
            let expected = shifted(&bbox, to, rule.shift, grid.size);
            let decimals = grid.decimals(rule.digits);
            expected.is_some_and(|expected| fits_box(expected, found, rule.rounding, to, decimals))
        });
        explained |= u128::from(fits) << at;
    }
    Some(explained)
}

/// The part of a box inside the image, in the box's own spelling where it is inside.
fn clip(bbox: &BBox, size: Size) -> Option<BBox> {
    if bbox.is_inside(size) { None } else { bbox.clip(size) }
}

/// The numbers that a box has in another one's spelling, moved to another origin.
fn shifted(bbox: &BBox, like: &BBox, shift: (i8, i8), size: Option<Size>) -> Option<[f64; 4]> {
    let (mins, maxs) = (f64::from(shift.0), f64::from(shift.1));
    match like {
        BBox::Corners { .. } => {
            let [a, b, c, d] = bbox.corners();
            Some([a + mins, b + mins, c + maxs, d + maxs])
        }
        BBox::Corner { .. } => {
            let [x, y, width, height] = bbox.corner_and_size();
            Some([x + mins, y + mins, width + (maxs - mins), height + (maxs - mins)])
        }
        BBox::Centre { .. } => {
            let size = size?;
            let [cx, cy, w, h] = bbox.centre_and_size();
            let (middle, more) = ((mins + maxs) / 2.0, maxs - mins);
            let (width, height) = (f64::from(size.width), f64::from(size.height));
            Some([
                (cx + middle) / width,
                (cy + middle) / height,
                (w + more) / width,
                (h + more) / height,
            ])
        }
    }
}

fn fits_box(
    expected: [f64; 4],
    found: [f64; 4],
    rounding: Rounding,
    to: &BBox,
    decimals: Option<usize>,
) -> bool {
    let is_corners = matches!(to, BBox::Corners { .. });
    if rounding == Rounding::Outward && !is_corners {
        return false;
    }
    let pairs = expected.into_iter().zip(found).enumerate();
    pairs.clone().all(|(at, (expected, found))| {
        let side = if at < 2 { Side::Min } else { Side::Max };
        fits(expected, found, rounding, side, decimals)
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Min,
    Max,
}

/// Whether a number can have become another one by rounding, up to the rounding of floating
/// point.
fn fits(
    expected: f64,
    found: f64,
    rounding: Rounding,
    side: Side,
    decimals: Option<usize>,
) -> bool {
    // What a few operations on numbers of this size are off by.
    let slack = expected.abs().max(found.abs()).max(1.0) * f64::EPSILON * 8.0;
    let above = found - expected;
    if rounding == Rounding::Exact {
        return above.abs() <= slack;
    }
    let Some(decimals) = decimals else { return false };
    let unit = numbers::unit(decimals);
    match (rounding, side) {
        (Rounding::Exact, _) => above.abs() <= slack,
        (Rounding::Nearest, _) => above.abs() <= unit / 2.0 + slack,
        (Rounding::Twice, _) => {
            const FIRST: f64 = 1e6;
            let first = (expected * FIRST).round() / FIRST;
            (found - first).abs() <= unit / 2.0 + slack
        }
        (Rounding::Truncated, _) if expected < 0.0 => above >= -slack && above < unit + slack,
        (Rounding::Truncated, _) | (Rounding::Outward, Side::Min) => {
            above <= slack && above > -unit - slack
        }
        (Rounding::Outward, Side::Max) => above >= -slack && above < unit + slack,
    }
}

/// The rings that an object becomes in a format of one ring an object, in each of the ways that
/// converters know: as they are, joined, the largest alone.
pub fn expected_rings(from: &Annotation, size: Option<Size>) -> Vec<Vec<Ring>> {
    let image = crate::model::Image { size, ..crate::model::Image::default() };
    let Ok(Some(parts)) = fit::polygons(from, 0, &image, &mut Losses::default()) else {
        return Vec::new();
    };
    let all = |parts: &[Polygon]| -> Vec<Ring> {
        parts.iter().map(|part| part.exterior.clone()).collect()
    };
    let mut ways = vec![all(&parts)];
    if parts.len() > 1 {
        for multipart in [Multipart::Join, Multipart::Largest] {
            let fit = Fit { multipart, ..Fit::of(&Chosen::new()) };
            let rings = fit.rings(&parts, 0, &mut Losses::default());
            ways.push(rings.into_iter().map(Cow::into_owned).collect());
        }
    }
    let leaves = |ring: &Ring, size: Size| polygon::leaves(ring, size);
    if let Some(size) = size.filter(|size| ways[0].iter().any(|ring| leaves(ring, *size))) {
        let clipped: Vec<Vec<Ring>> = ways
            .iter()
            .map(|rings| rings.iter().map(|ring| polygon::clip(ring, size)).collect())
            .collect();
        ways.extend(clipped);
    }
    ways
}

/// The shape rules by which the rings of `to` follow from the shape of `from`; `None` where one
/// of them has no rings.
pub fn explain_shape(
    rules: &[ShapeRule],
    from: &Annotation,
    to: &Annotation,
    grid: Grid,
    size: Option<Size>,
) -> Option<u128> {
    match (&from.shape, &to.shape) {
        (Shape::None, Shape::Polygons(parts)) if !is_drawn_box(parts) => None,
        (_, Shape::Polygons(parts))
            if !matches!(from.shape, Shape::Polyline(_) | Shape::Points(_)) =>
        {
            Some(explain_polygons(rules, from, parts, grid, size))
        }
        (Shape::None | Shape::Polyline(_) | Shape::Points(_), _) => None,
        (Shape::Mask(one), Shape::Mask(other)) => {
            Some(if one == other { all(rules.len()) } else { 0 })
        }
        (_, Shape::Mask(mask)) => Some(explain_raster(rules, from, mask.bounds())),
        _ if from.shape == to.shape => Some(all(rules.len())),
        _ => None,
    }
}

fn explain_polygons(
    rules: &[ShapeRule],
    from: &Annotation,
    parts: &[Polygon],
    grid: Grid,
    size: Option<Size>,
) -> u128 {
    let found: Vec<&[Coord<f64>]> =
        parts.iter().map(|part| polygon::open(&part.exterior)).collect();
    let ways = expected_rings(from, size);
    let explained = ways.iter().map(|rings| explain_rings(rules, rings, &found, grid));
    let explained = explained.fold(0, |all, one| all | one);
    if explained == 0 && matches!(from.shape, Shape::Mask(_)) {
        let bounds = polygon::bounds(parts.iter().flat_map(|part| &part.exterior));
        return explain_raster(rules, from, bounds);
    }
    explained
}

/// Whether parts are what a box becomes where only rings can be written.
fn is_drawn_box(parts: &[Polygon]) -> bool {
    let [Polygon { exterior, holes }] = parts else { return false };
    let bounds = || polygon::bounds(exterior);
    holes.is_empty()
        && bounds().is_some_and(|bbox| polygon::rectangle(&bbox) == polygon::open(exterior))
}

/// A mask says where a shape is to a pixel: all rules or none.
fn explain_raster(rules: &[ShapeRule], from: &Annotation, to: Option<BBox>) -> u128 {
    let Some((one, other)) = from.shape.bounds().zip(to) else { return 0 };
    let corners = one.corners().into_iter().zip(other.corners());
    let is_near = corners.into_iter().all(|(one, other)| (one - other).abs() <= 1.0);
    if is_near { all(rules.len()) } else { 0 }
}

fn explain_rings(
    rules: &[ShapeRule],
    expected: &[Ring],
    found: &[&[Coord<f64>]],
    grid: Grid,
) -> u128 {
    let is_alike =
        |(expected, found): (&Ring, &&[Coord<f64>])| polygon::open(expected).len() == found.len();
    if expected.len() != found.len() || !expected.iter().zip(found).all(is_alike) {
        return 0;
    }
    let mut explained = all(rules.len());
    for (expected, found) in expected.iter().zip(found) {
        for (expected, found) in polygon::open(expected).iter().zip(*found) {
            explained &= explain_point(rules, explained, *expected, *found, grid);
            if explained == 0 {
                return 0;
            }
        }
    }
    explained
}

/// Those of the rules in `among` that a point keeps.
fn explain_point(
    rules: &[ShapeRule],
    among: u128,
    expected: Coord<f64>,
    found: Coord<f64>,
    grid: Grid,
) -> u128 {
    let found = point_numbers(found, grid.size);
    let mut explained = 0;
    for (at, rule) in rules.iter().enumerate().filter(|(at, _)| among >> at & 1 == 1) {
        let shift = f64::from(rule.shift);
        let moved = Coord { x: expected.x + shift, y: expected.y + shift };
        let expected = point_numbers(moved, grid.size);
        let decimals = grid.decimals(rule.digits);
        let is_kept = |expected, found| fits(expected, found, rule.rounding, Side::Min, decimals);
        let is_kept = is_kept(expected.x, found.x) && is_kept(expected.y, found.y);
        explained |= u128::from(is_kept) << at;
    }
    explained
}

impl Rounding {
    /// In words, to a number of decimals.
    pub fn words(self, decimals: Option<usize>) -> String {
        let unit = match decimals {
            Some(0) => "whole pixels".to_owned(),
            Some(1) => "1 decimal".to_owned(),
            Some(decimals) => format!("{decimals} decimals"),
            None => "fewer decimals".to_owned(),
        };
        match self {
            Self::Exact => "exact".to_owned(),
            Self::Nearest => format!("rounded to {unit}"),
            Self::Twice => format!("rounded to 6 decimals, then to {unit}"),
            Self::Truncated if decimals == Some(0) => "truncated".to_owned(),
            Self::Truncated => format!("truncated to {unit}"),
            Self::Outward => format!("rounded outward to {unit}"),
        }
    }
}

impl BoxRule {
    /// What is added for another origin, in words.
    pub fn origin(&self) -> &'static str {
        match self.shift {
            (1, 1) => "plus 1: 1-based",
            (1, 0) => "mins plus 1: 1-based with the last pixel's number",
            (-1, -1) => "minus 1: from 1-based",
            (-1, 0) => "mins minus 1: from 1-based with the last pixel's number",
            (0, -1) => "maxs minus 1: with the last pixel's number",
            (0, 1) => "maxs plus 1: from the last pixel's number",
            _ => "0-based",
        }
    }

    /// The box that an object has by the rule, before it is rounded.
    pub fn expected(&self, from: &Annotation) -> Option<BBox> {
        let bbox = match self.basis {
            Basis::Stated => from.bbox.or_else(|| from.shape.bounds()),
            Basis::Shape => from.shape.bounds().or(from.bbox),
        };
        let [x_min, y_min, x_max, y_max] = bbox?.corners();
        let (mins, maxs) = (f64::from(self.shift.0), f64::from(self.shift.1));
        Some(BBox::Corners {
            x_min: x_min + mins,
            y_min: y_min + mins,
            x_max: x_max + maxs,
            y_max: y_max + maxs,
        })
    }
}
