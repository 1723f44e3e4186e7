//! The rules by which a format can be made from another one, and which of them an object keeps.
//!
//! A rule says from which numbers an object's numbers are computed, what is added to them for
//! another origin, and how they are rounded. The rounding decides how much a number may differ: by
//! rounding to the nearest, it changes by half a unit of the last decimal at most.

use super::rounding::{Digits, How, Rounding, Side, fits};
use crate::fit::{self, Fit, Multipart};
use crate::survey::numerals::{box_numbers, point_numbers};

use crate::format::Chosen;
use crate::geometry::{BBox, Coord, Made, Polygon, Ring, Size, polygon};
use crate::losses::Losses;
use crate::model::{Annotation, Shape};
use std::borrow::Cow;

/// The box from which the numbers are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The box that the source states.
    Stated,
    /// The box around the shape of the source.
    Shape,
}

/// A rule for boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxRule {
    pub basis: Basis,
    pub rounding: Rounding,
    pub digits: Digits,
    /// What is added to the left and top edges (the mins), and to the right and bottom ones (the
    /// maxs).
    pub shift: (i8, i8),
}

/// A rule for points of rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapeRule {
    pub rounding: Rounding,
    pub digits: Digits,
    pub shift: i8,
}

/// How the numbers of a format are written.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    /// The decimals that nearly all numbers have; `None` if numbers are not rounded.
    pub usual: Option<usize>,
    /// The most decimals that any number has; `None` if numbers are not rounded.
    pub most: Option<usize>,
    /// The image's size, if the numbers are fractions of it.
    pub size: Option<Size>,
    /// How many units of the last decimal a number may be off beside its rounding: 0 for a rule, 1
    /// where it was rounded more than once.
    pub leeway: f64,
}

impl Grid {
    fn decimals(&self, digits: Digits) -> Option<usize> {
        match digits {
            Digits::Most => self.most,
            Digits::Usual => self.usual,
        }
    }
}

const ROUNDINGS: [(Rounding, Digits); 13] = [
    (Rounding::Exact, Digits::Most),
    (Rounding::Nearest, Digits::Most),
    (Rounding::Nearest, Digits::Usual),
    (Rounding::Twice, Digits::Most),
    (Rounding::Twice, Digits::Usual),
    (Rounding::Corner, Digits::Most),
    (Rounding::Corner, Digits::Usual),
    (Rounding::Members, Digits::Most),
    (Rounding::Truncated, Digits::Most),
    (Rounding::Truncated, Digits::Usual),
    (Rounding::MembersTruncated, Digits::Most),
    (Rounding::Outward, Digits::Most),
    (Rounding::Outward, Digits::Usual),
];

/// Whether a rounding treats the corner and the size of a box apart.
fn is_of_members(rounding: Rounding) -> bool {
    matches!(rounding, Rounding::Corner | Rounding::Members | Rounding::MembersTruncated)
}

/// Whether a rounding is tried where another origin is, too. Those that are left out have so many
/// free choices that they would explain what is wrong.
fn is_of_any_origin(rounding: Rounding) -> bool {
    !is_of_members(rounding) && rounding != Rounding::Twice
}

/// What may be added to the mins and maxs. A 0-based box of the first pixel reaches from 0 to 1.
/// - (0, 0): 0-based.
/// - (1, 1): 1-based, from 1 to 2. (-1, -1) is the way back.
/// - (1, 0): 1-based, and the max is the last pixel: from 1 to 1. (-1, 0) is the way back.
/// - (0, -1): 0-based, and the max is the last pixel: from 0 to 0. (0, 1) is the way back.
const SHIFTS: [(i8, i8); 7] = [(0, 0), (1, 1), (1, 0), (-1, -1), (-1, 0), (0, -1), (0, 1)];

/// All rules for boxes, the simplest first. There are fewer than 128.
pub fn box_rules() -> Vec<BoxRule> {
    let mut rules = Vec::new();
    for shift in SHIFTS {
        let is_tried = |it: &(Rounding, Digits)| shift == (0, 0) || is_of_any_origin(it.0);
        for (rounding, digits) in ROUNDINGS.into_iter().filter(is_tried) {
            for basis in [Basis::Stated, Basis::Shape] {
                rules.push(BoxRule { basis, rounding, digits, shift });
            }
        }
    }
    rules
}

/// All rules for points, the simplest first. There are fewer than 128.
pub fn shape_rules() -> Vec<ShapeRule> {
    let mut rules = Vec::new();
    let is_of_points = |it: &(Rounding, Digits)| it.0 != Rounding::Outward && !is_of_members(it.0);
    for shift in [0, 1, -1] {
        for (rounding, digits) in ROUNDINGS.into_iter().filter(is_of_points) {
            rules.push(ShapeRule { rounding, digits, shift });
        }
    }
    rules
}

/// The set of all rules, if there are `count` of them.
pub fn all(count: usize) -> u128 {
    let above = u32::try_from(count).ok().and_then(|count| 1u128.checked_shl(count));
    above.map_or(u128::MAX, |above| above.wrapping_sub(1))
}

/// The rules by which the box `to` can be computed from `from`; `None` if they cannot be compared.
///
/// A box that reaches out of its image may have been clipped at the border.
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
            expected.is_some_and(|expected| {
                let how = How { rounding: rule.rounding, decimals, leeway: grid.leeway };
                fits_box(expected, found, to, how)
            })
        });
        explained |= u128::from(fits) << at;
    }
    Some(explained)
}

/// The part of a box inside the image; `None` if the whole box is inside, or no part is.
fn clip(bbox: &BBox, size: Size) -> Option<BBox> {
    if bbox.is_inside(size) { None } else { bbox.clip(size) }
}

/// The numbers of a box in the spelling of `like`, moved to another origin.
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

fn fits_box(mut expected: [f64; 4], mut found: [f64; 4], to: &BBox, how: How) -> bool {
    if matches!(how.rounding, Rounding::Members | Rounding::MembersTruncated) {
        let BBox::Corners { .. } = to else { return false };
        (expected, found) = (with_size(expected), with_size(found));
    }
    match (how.rounding, to) {
        (Rounding::Outward, BBox::Corner { .. } | BBox::Centre { .. }) => return false,
        (Rounding::Corner, BBox::Corners { .. } | BBox::Centre { .. }) => return false,
        _ => {}
    }
    let pairs = expected.into_iter().zip(found).enumerate();
    pairs.clone().all(|(at, (expected, found))| {
        let side = if at < 2 { Side::Min } else { Side::Max };
        fits(expected, found, side, how)
    })
}

/// The left top corner and the size, from two corners.
fn with_size([left, top, right, bottom]: [f64; 4]) -> [f64; 4] {
    [left, top, right - left, bottom - top]
}

/// The rings that a converter may write for an object, in each of the usual ways: all rings as they
/// are, joined to one, or only the largest; and each of these clipped at the image's border.
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
        // The points of a joined mask are of no use: its outline may go within its pixels.
        let is_mask = matches!(from.shape, Shape::Mask(_));
        let joined = (!is_mask).then_some(Multipart::Join);
        for multipart in joined.into_iter().chain([Multipart::Largest]) {
            let fit = Fit { multipart, ..Fit::of(&Chosen::new()) };
            let rings = fit.rings(&parts, Made::Drawn, 0, &mut Losses::default());
            ways.push(rings.into_iter().map(Cow::into_owned).collect());
        }
        // As Ultralytics joins them.
        let rings: Vec<&[Coord<f64>]> = parts.iter().map(|part| &part.exterior[..]).collect();
        ways.push(vec![polygon::join(&rings)]);
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

/// The rules by which the shape of `to` can be made from the shape of `from`; `None` if they cannot
/// be compared.
pub fn explain_shape(
    rules: &[ShapeRule],
    from: &Annotation,
    to: &Annotation,
    grid: Grid,
    size: Option<Size>,
) -> Option<u128> {
    match (&from.shape, &to.shape) {
        (Shape::None, Shape::Polygons(parts)) if !is_our_box(parts) => None,
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

/// Whether a shape is one rectangle whose points are in the order in which we write boxes.
fn is_our_box(parts: &[Polygon]) -> bool {
    let [Polygon { exterior, .. }] = parts else { return false };
    let is_it = |bbox: BBox| polygon::rectangle(&bbox) == polygon::open(exterior);
    polygon::is_drawn_box(parts) && polygon::bounds(exterior).is_some_and(is_it)
}

/// The rules for a shape that was made from a mask, or a mask that was made from a shape: all rules
/// if the bounds are within a pixel of each other, else none. A mask is no more exact than that.
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

/// The rules of the set `among` that a point keeps.
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
        let how = How { rounding: rule.rounding, decimals, leeway: grid.leeway };
        let is_kept = |expected, found| fits(expected, found, Side::Min, how);
        let is_kept = is_kept(expected.x, found.x) && is_kept(expected.y, found.y);
        explained |= u128::from(is_kept) << at;
    }
    explained
}

impl BoxRule {
    /// What is added for another origin, in words.
    pub fn origin(&self) -> &'static str {
        match self.shift {
            (1, 1) => "plus 1: 1-based",
            (1, 0) => "left and top plus 1: 1-based, right and bottom are the last pixel",
            (-1, -1) => "minus 1: the source is 1-based",
            (-1, 0) => {
                "left and top minus 1: the source is 1-based, its right and bottom the last pixel"
            }
            (0, -1) => "right and bottom minus 1: they are the last pixel",
            (0, 1) => "right and bottom plus 1: in the source they are the last pixel",
            _ => "0-based",
        }
    }

    /// The box that the rule computes for an object, before rounding.
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
