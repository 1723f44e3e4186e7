//! Numbers as text, in the two forms that annotation files use: with a fixed number of decimals,
//! and with as few digits as possible.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "products and shifts are bounded as the comments say, and no divisor is 0"
)]

use std::io::Write;

/// Appends `value` with exactly `decimals` decimals, as C's `printf("%.*f")` prints it. The exact
/// binary value is rounded to the nearest; an exact half is rounded to the even digit.
///
/// ```
/// let mut out = Vec::new();
/// annoconv::numbers::fixed(&mut out, 0.00005, 4);
/// assert_eq!(out, b"0.0001"); // 0.00005 is a little more than a half in binary
/// ```
pub fn fixed(out: &mut Vec<u8>, value: f64, decimals: usize) {
    let quick = POWERS.get(decimals).and_then(|&power| Some((power, scale(value, power)?)));
    let Some((power, scaled)) = quick else {
        // Writing to a Vec cannot fail.
        let _ = write!(out, "{value:.decimals$}");
        return;
    };
    let mut text = Backwards::new();
    if decimals > 0 {
        text.digits(scaled % power, decimals);
        text.byte(b'.');
    }
    text.digits(scaled / power, 1);
    text.append_to(out);
}

/// How many units of the last decimal [`fixed`] prints; `None` where they are too many to count.
///
/// ```
/// use annoconv::numbers::units;
/// assert_eq!(units(0.25 / 500.0, 3), Some(1));
/// assert_eq!(units(-0.0004, 3), Some(0));
/// ```
pub fn units(value: f64, decimals: usize) -> Option<i64> {
    let count = POWERS.get(decimals).and_then(|&power| scale(value.abs() + 0.0, power));
    let count = i64::try_from(count?).ok()?;
    Some(if value < 0.0 { -count } else { count })
}

/// One unit of the last decimal: 0.01 for 2 decimals.
pub fn unit(decimals: usize) -> f64 {
    10f64.powi(i32::try_from(decimals).map_or(i32::MIN, i32::wrapping_neg))
}

/// The longest text that [`Backwards`] makes of a number, in bytes.
const LONGEST: usize = 32;

/// A number's text, made from its end to its start. The second half of `bytes` is never used; it
/// lets [`Backwards::append_to`] copy the same length always.
struct Backwards {
    bytes: [u8; 2 * LONGEST],
    first: usize,
}

impl Backwards {
    fn new() -> Self {
        Self { bytes: [b'0'; 2 * LONGEST], first: LONGEST }
    }

    #[inline(always)]
    fn byte(&mut self, byte: u8) {
        self.first -= 1;
        if let Some(place) = self.bytes.get_mut(self.first) {
            *place = byte;
        }
    }

    /// Puts the digits of a number before the text, with zeros before them if there are fewer than
    /// `least`.
    #[inline(always)]
    fn digits(&mut self, number: u64, least: usize) {
        let end = self.first;
        let mut rest = number;
        while rest >= 10 {
            let pair = (rest % 100) as u8;
            self.byte(b'0' + pair % 10);
            self.byte(b'0' + pair / 10);
            rest /= 100;
        }
        if rest > 0 {
            self.byte(b'0' + rest as u8);
        }
        while end - self.first < least {
            self.byte(b'0');
        }
    }

    /// Appends the text to `out`. It copies [`LONGEST`] bytes and cuts off the rest, because the
    /// compiler makes a few instructions of a copy whose length it knows.
    fn append_to(&self, out: &mut Vec<u8>) {
        let end = out.len() + LONGEST - self.first;
        let text = self.bytes.get(self.first..).and_then(<[u8]>::first_chunk::<LONGEST>);
        if let Some(text) = text {
            out.extend_from_slice(text);
            out.truncate(end);
        }
    }
}

/// Powers of ten, up to the most decimals that [`scale`] can compute.
const POWERS: [u64; 10] =
    [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

/// `value` times a power of ten up to 10⁹, rounded to the nearest whole number, an exact half to
/// the even one. The product is exact: a double is a whole number below 2⁵³ divided by a power of
/// two, so it stays below 2⁸³. `None` if `value` is negative (-0 included), not below 10⁹ or not
/// finite.
#[inline(always)]
fn scale(value: f64, power: u64) -> Option<u64> {
    if !(0.0..1e9).contains(&value) || value.is_sign_negative() {
        return None;
    }
    let bits = value.to_bits();
    let exponent = (bits >> 52) as u32;
    if exponent == 0 {
        return Some(0);
    }
    let significand = bits & ((1 << 52) - 1) | 1 << 52;
    let product = u128::from(significand) * u128::from(power);
    // value = significand / 2^shift, and below 10⁹ < 2³⁰ the shift is at least 23.
    let shift = 1075 - exponent;
    if shift > 100 {
        return Some(0);
    }
    let (quotient, remainder) = (product >> shift, product & ((1 << shift) - 1));
    let half = 1 << (shift - 1);
    let rounds_up = remainder > half || remainder == half && quotient & 1 == 1;
    u64::try_from(quotient + u128::from(rounds_up)).ok()
}

/// Appends `value` as JavaScript prints it: the fewest digits that read back as the same
/// number, and no `.0` on whole numbers. NaN and the infinities become `null`, because JSON has no
/// form for them.
///
/// ```
/// let mut out = Vec::new();
/// annoconv::numbers::shortest(&mut out, 100.0);
/// assert_eq!(out, b"100");
/// ```
pub fn shortest(out: &mut Vec<u8>, value: f64) {
    if let Some(hundredths) = hundredths(value) {
        write_hundredths(out, value < 0.0, hundredths);
    } else if value.is_finite() {
        out.extend_from_slice(ryu_js::Buffer::new().format_finite(value).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

/// The absolute value times 100, if `value` has at most two decimals, as most coordinates have.
///
/// Why the decimal `hundredths / 100` is the right text: the quotient of two whole numbers is the
/// double that is nearest to that decimal. So if the quotient equals `value`, the decimal is read
/// back as `value`. No other decimal of at most 15 digits is (IEEE 754, `DBL_DIG`), so none is
/// shorter.
fn hundredths(value: f64) -> Option<u64> {
    let scaled = value.abs() * 100.0 + 0.5;
    if scaled.is_nan() || scaled >= 1e15 {
        return None;
    }
    let hundredths = scaled as u64;
    (hundredths as f64 / 100.0 == value.abs()).then_some(hundredths)
}

fn write_hundredths(out: &mut Vec<u8>, is_negative: bool, hundredths: u64) {
    let (whole, fraction) = (hundredths / 100, hundredths % 100);
    let mut text = Backwards::new();
    if fraction > 0 {
        let is_tenths = fraction.is_multiple_of(10);
        let (number, length) = if is_tenths { (fraction / 10, 1) } else { (fraction, 2) };
        text.digits(number, length);
        text.byte(b'.');
    }
    text.digits(whole, 1);
    if is_negative {
        text.byte(b'-');
    }
    text.append_to(out);
}

/// A number as a message shows it: with two decimals at most, or with an exponent if it is tiny.
///
/// ```
/// use annoconv::numbers::short;
/// assert_eq!([short(2.5), short(-0.0), short(0.004)], ["2.5", "0", "4.0e-3"]);
/// ```
pub fn short(number: f64) -> String {
    match number != 0.0 && number.abs() < 0.01 {
        true => format!("{number:.1e}"),
        false => at_most(number, 2),
    }
}

/// A number with so many decimals at most, or with an exponent if it is huge.
pub fn at_most(number: f64, decimals: usize) -> String {
    if number.abs() >= 1e15 {
        return format!("{number:e}");
    }
    let text = format!("{number:.decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(print: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        print(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn shortest_is_javascripts() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1266.0594059405942, "1266.0594059405942"),
            (1e21, "1e+21"),
            (1e-7, "1e-7"),
            (123456789.0, "123456789"),
            (f64::NAN, "null"),
        ];
        for (value, expected) in cases {
            assert_eq!(text(|out| shortest(out, value)), expected);
        }
    }

    #[test]
    fn fixed_rounds_the_binary_value() {
        let cases = [(0.125, 2, "0.12"), (0.375, 2, "0.38"), (1.0, 6, "1.000000"), (2.5, 0, "2")];
        for (value, decimals, expected) in cases {
            assert_eq!(text(|out| fixed(out, value, decimals)), expected);
        }
    }

    proptest! {
        #[test]
        fn shortest_reads_back_as_the_same_number(value in prop::num::f64::NORMAL) {
            prop_assert_eq!(text(|out| shortest(out, value)).parse::<f64>().unwrap(), value);
        }

        #[test]
        fn shortest_of_few_decimals_is_what_ryu_prints(
            value in prop_oneof![-1e4..1e4f64, any::<i64>().prop_map(|it| it as f64), any::<f64>()],
            numerator in any::<i64>(),
            decimals in 0i32..6,
        ) {
            let few = (numerator % 10i64.pow(17)) as f64 / 10f64.powi(decimals);
            for value in [value, few, few / 1e9] {
                if value.is_finite() {
                    let mut buffer = ryu_js::Buffer::new();
                    let expected = buffer.format_finite(value);
                    prop_assert_eq!(text(|out| shortest(out, value)), expected);
                }
            }
        }

        #[test]
        fn fixed_is_what_the_standard_library_prints(
            value in prop_oneof![0.0..1.0f64, 0.0..1e10f64, any::<f64>()],
            numerator in 0u32..1 << 20,
            decimals in 0usize..12,
        ) {
            // Divided by a power of two, some are exact halves; by 10⁴, they have few decimals.
            for value in [value, f64::from(numerator) / 1024.0, f64::from(numerator) / 1e4] {
                let expected = format!("{value:.decimals$}");
                prop_assert_eq!(text(|out| fixed(out, value, decimals)), expected);
            }
        }

        #[test]
        fn fixed_is_within_half_a_unit(value in 0.0..1.0f64, decimals in 1usize..10) {
            let read: f64 = text(|out| fixed(out, value, decimals)).parse().unwrap();
            prop_assert!((read - value).abs() <= 0.5000001 * 10f64.powi(-(decimals as i32)));
        }
    }
}
