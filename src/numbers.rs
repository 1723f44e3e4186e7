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
    // Writing to a Vec cannot fail.
    let _ = write!(out, "{value:.decimals$}");
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
        fn fixed_is_within_half_a_unit(value in 0.0..1.0f64, decimals in 1usize..10) {
            let read: f64 = text(|out| fixed(out, value, decimals)).parse().unwrap();
            prop_assert!((read - value).abs() <= 0.5000001 * 10f64.powi(-(decimals as i32)));
        }
    }
}
