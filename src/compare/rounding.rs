//! How numbers are rounded when one format is made from another.

use crate::numbers;
use crate::survey::numerals;

/// How numbers are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Not at all.
    Exact,
    /// To the nearest.
    Nearest,
    /// To the nearest with 6 decimals first, then with fewer.
    Twice,
    /// The left and top edges to whole pixels, a half upwards; the size is kept. Roboflow writes
    /// its COCO files in this way.
    Corner,
    /// Of two corners: the left top one and the size, each to the nearest.
    Members,
    /// The same, towards zero: `xmax = int(x) + int(w)`.
    MembersTruncated,
    /// Towards zero.
    Truncated,
    /// The left and top edges down, the right and bottom edges up.
    Outward,
}

/// To how many decimals numbers are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// The most decimals that any number has. Others have fewer because their last ones are 0.
    Most,
    /// The decimals that nearly all numbers have. A few others were written in another way.
    Usual,
}

/// How numbers are compared.
#[derive(Clone, Copy)]
pub struct How {
    pub rounding: Rounding,
    /// The decimals of the rule; `None` if numbers are not rounded.
    pub decimals: Option<usize>,
    /// How many units of the last decimal a number may be off beside its rounding.
    pub leeway: f64,
}

/// The edge of a box that a number is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Min,
    Max,
}

/// Whether `found` can be `expected` after rounding to so many decimals. Only the rounding of
/// floating point is allowed for. A number that has more decimals than the rule was not rounded
/// to those of the rule: it must be right to its own.
pub fn fits(expected: f64, found: f64, side: Side, how: How) -> bool {
    let How { rounding, decimals, leeway } = how;
    // A few operations on numbers of this size can be off by so much.
    let slack = expected.abs().max(found.abs()).max(1.0) * f64::EPSILON * 8.0;
    let off = (found - expected).abs();
    let decimals = match (rounding, side) {
        (Rounding::Exact, _) => return off <= slack,
        (Rounding::Corner, Side::Min) => return is_one_of(found, expected, slack, 0, half_up),
        _ => decimals,
    };
    let Some(decimals) = decimals else { return rounding == Rounding::Corner && off <= slack };
    // Most numbers are far off or have few decimals: then their own need not be counted.
    if off > numbers::unit(decimals) * (1.0 + leeway) + slack {
        return false;
    }
    let decimals = decimals.max(numerals::decimals(found));
    let half = numbers::unit(decimals) * (0.5 + leeway) + slack;
    match (rounding, side) {
        (Rounding::Truncated | Rounding::MembersTruncated, _) => {
            is_one_of(found, expected, slack, decimals, f64::trunc)
        }
        (Rounding::Outward, Side::Min) => is_one_of(found, expected, slack, decimals, f64::floor),
        (Rounding::Outward, Side::Max) => is_one_of(found, expected, slack, decimals, f64::ceil),
        (Rounding::Twice, _) => {
            const FIRST: f64 = 1e6;
            let first = (expected * FIRST).round() / FIRST;
            (found - first).abs() <= half
        }
        _ => off <= half,
    }
}

fn half_up(number: f64) -> f64 {
    (number + 0.5).floor()
}

/// Whether a number is what a function makes of another one at a number of decimals. Very near to a
/// step of the function, both sides of the step are right; a number on the step is not cut off.
fn is_one_of(
    found: f64,
    expected: f64,
    slack: f64,
    decimals: usize,
    function: fn(f64) -> f64,
) -> bool {
    let unit = numbers::unit(decimals);
    let is = |expected: f64| (function(expected / unit) * unit - found).abs() <= slack;
    let is_on_step = ((expected / unit).round() * unit - expected).abs() == 0.0;
    is(expected) || (!is_on_step && (is(expected - slack) || is(expected + slack)))
}

impl Rounding {
    /// The rounding to a number of decimals, in words.
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
            Self::Corner => "left and top rounded to whole pixels, the size kept".to_owned(),
            Self::Members => format!("left, top and size rounded to {unit}"),
            Self::MembersTruncated => format!("left, top and size truncated to {unit}"),
            Self::Truncated if decimals == Some(0) => "truncated".to_owned(),
            Self::Truncated => format!("truncated to {unit}"),
            Self::Outward => format!("rounded outward to {unit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rounding_explains_what_it_makes_and_no_more() {
        use Rounding::{Corner, Exact, Nearest, Outward, Truncated, Twice};
        let (min, max) = (Side::Min, Side::Max);
        for (rounding, side, decimals, expected, found, is_kept) in [
            (Exact, min, None, 0.1 + 0.2, 0.3, true),
            (Exact, min, None, 0.3, 0.300_001, false),
            (Nearest, min, Some(0), 99.6, 100.0, true),
            (Nearest, min, Some(0), 99.4, 100.0, false),
            (Nearest, min, None, 99.6, 100.0, false),
            // A number of more decimals must be right to its own.
            (Nearest, min, Some(0), 99.6, 99.7, false),
            (Nearest, min, Some(0), 99.7, 99.7, true),
            (Nearest, min, Some(1), 0.52, 0.5, true),
            (Nearest, min, Some(1), 0.52, 0.520_833, false),
            (Truncated, min, Some(0), 99.9, 99.0, true),
            (Truncated, min, Some(0), -0.9, 0.0, true),
            // A whole number is not cut off.
            (Truncated, min, Some(0), 100.0, 99.0, false),
            (Truncated, min, Some(0), 100.0, 100.0, true),
            (Truncated, max, Some(2), 1.239, 1.23, true),
            (Truncated, max, Some(1), 2.5, 2.4, false),
            // A computed number may lie on either side of a step.
            (Truncated, min, Some(0), 100.0 - 1e-13, 100.0, true),
            (Outward, min, Some(0), 99.9, 99.0, true),
            (Outward, max, Some(0), 99.1, 100.0, true),
            (Outward, max, Some(0), 99.0, 100.0, false),
            (Twice, min, Some(4), 0.123_449_7, 0.123_5, true),
            (Nearest, min, Some(4), 0.123_449_7, 0.123_5, false),
            (Corner, min, Some(2), 10.5, 11.0, true),
            (Corner, min, Some(2), 10.4, 11.0, false),
            (Corner, max, Some(2), 10.444, 10.44, true),
        ] {
            let how = How { rounding, decimals, leeway: 0.0 };
            let told = format!("{rounding:?} {expected} {found}");
            assert_eq!(fits(expected, found, side, how), is_kept, "{told}");
        }
    }

    #[test]
    fn a_leeway_is_counted_in_units_of_the_last_decimal() {
        let fits = |found, leeway| {
            let how = How { rounding: Rounding::Nearest, decimals: Some(6), leeway };
            fits(0.5, found, Side::Min, how)
        };
        assert!(!fits(0.500_001, 0.0) && fits(0.500_001, 1.0) && !fits(0.500_002, 1.0));
    }
}
