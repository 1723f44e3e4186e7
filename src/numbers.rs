//! Numbers as text: the two ways in which annotation files print them.

use std::io::Write;

/// Appends `value` with exactly `decimals` decimals, as C's `printf("%.*f")`: correctly
/// rounded from the exact binary value, so halves that are exact go to the even digit.
///
/// ```
/// let mut out = Vec::new();
/// annoconv::numbers::fixed(&mut out, 0.00005, 4);
/// assert_eq!(out, b"0.0001"); // 0.00005 is a little more than a half in binary
/// ```
pub fn fixed(out: &mut Vec<u8>, value: f64, decimals: usize) {
    let Some(scaled) = scale(value, decimals) else {
        // Writing to a Vec cannot fail.
        let _ = write!(out, "{value:.decimals$}");
        return;
    };
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    let mut rest = scaled;
    while rest > 0 || first + decimals >= digits.len() {
        first -= 1;
        digits[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let (whole, fraction) = digits[first..].split_at(digits.len() - decimals - first);
    out.extend_from_slice(whole);
    if decimals > 0 {
        out.push(b'.');
        out.extend_from_slice(fraction);
    }
}

/// The most decimals for which [`scale`] has room.
const MOST_DECIMALS: usize = 9;

/// `value` times ten to the `decimals`, rounded half to even, exactly: a double is a whole number
/// below 2⁵³ over a power of two, and a product with 10⁹ stays below 2⁸³. `None` for what is
/// negative (its zero has a sign), not below 10⁹ or not finite, and for more decimals.
fn scale(value: f64, decimals: usize) -> Option<u64> {
    if !(0.0..1e9).contains(&value) || value.is_sign_negative() || decimals > MOST_DECIMALS {
        return None;
    }
    let bits = value.to_bits();
    let exponent = (bits >> 52) as u32;
    if exponent == 0 {
        return Some(0);
    }
    let significand = u128::from(bits & ((1 << 52) - 1) | 1 << 52);
    let product = significand * 10u128.pow(decimals as u32);
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
/// number, and no `.0` on whole numbers. NaN and the infinities, which JSON has no form for,
/// become `null`.
///
/// ```
/// let mut out = Vec::new();
/// annoconv::numbers::shortest(&mut out, 100.0);
/// assert_eq!(out, b"100");
/// ```
pub fn shortest(out: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        out.extend_from_slice(ryu_js::Buffer::new().format_finite(value).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
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
        fn fixed_is_what_the_standard_library_prints(
            value in prop_oneof![0.0..1.0f64, 0.0..1e10f64, any::<f64>()],
            numerator in 0u32..1 << 20,
            decimals in 0usize..12,
        ) {
            // Over a power of two: exact halves, and numbers of few decimals.
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
