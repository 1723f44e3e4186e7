//! Whether a text is lists of numbers, told at the speed of memory: what a target of boxes passes
//! over has to be JSON all the same.
//!
//! A finite automaton, a step a byte. Its states are the shifts of a 64-bit word: the word of a
//! byte holds, at the shift of each state, the shift of the next one. So a step is one shift,
//! and a byte is never waited for.

/// How many bits a state takes.
const WIDTH: u32 = 6;

/// What is no list of numbers.
const NONE: u32 = 0;
/// A number or a list is to follow.
const VALUE: u32 = WIDTH;
/// A digit is to follow, after a minus sign.
const SIGN: u32 = 2 * WIDTH;
/// After a 0 that begins a number.
const ZERO: u32 = 3 * WIDTH;
/// In the digits before the point.
const WHOLE: u32 = 4 * WIDTH;
/// A digit is to follow, after the point.
const POINT: u32 = 5 * WIDTH;
/// In the digits after the point.
const FRACTION: u32 = 6 * WIDTH;
/// After a number or a list.
const END: u32 = 7 * WIDTH;

/// The state after a byte.
const fn next(state: u32, byte: u8) -> u32 {
    match (state, byte) {
        (VALUE, b'[' | b' ' | b'\n' | b'\r' | b'\t') => VALUE,
        (VALUE, b'-') => SIGN,
        (VALUE | SIGN, b'0') => ZERO,
        (VALUE | SIGN | WHOLE, b'0'..=b'9') => WHOLE,
        (ZERO | WHOLE, b'.') => POINT,
        (POINT | FRACTION, b'0'..=b'9') => FRACTION,
        (ZERO | WHOLE | FRACTION | END, b']' | b' ' | b'\n' | b'\r' | b'\t') => END,
        (ZERO | WHOLE | FRACTION | END, b',') => VALUE,
        _ => NONE,
    }
}

#[allow(clippy::indexing_slicing, reason = "computed by the compiler, which would refuse it")]
const STEPS: [u64; 256] = {
    let mut steps = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut state = NONE;
        while state <= END {
            steps[byte] |= (next(state, byte as u8) as u64) << state;
            state += WIDTH;
        }
        byte += 1;
    }
    steps
};

/// Whether a text with paired brackets is a list of numbers, of lists of them, and so on. Numbers
/// with an exponent are left to others, as are empty lists.
pub fn are_numbers(text: &[u8]) -> bool {
    let mut state = u64::from(VALUE);
    for &byte in text {
        state = STEPS.get(usize::from(byte)).map_or(0, |step| step >> (state & 63));
    }
    text.starts_with(b"[") && state & ((1 << WIDTH) - 1) == u64::from(END)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lists_of_numbers_are_told_from_what_is_none() {
        for text in ["[1]", "[[0.5,-1],[ 10 , 2.0 ]]", "[[[-0.25]]]", "[1,[2]]", "[\n1\t,\r0 ]"] {
            assert!(are_numbers(text.as_bytes()), "{text}");
        }
        for text in [
            "", "1", "[]", "[[]]", "[1,]", "[,1]", "[1 2]", "[01]", "[-01]", "[.5]", "[1.]", "[-]",
            "[+1]", "[1.2.3]", "[1e5]", "[--1]", "[1-2]", "[\"1\"]", "[1\u{0}]", "[[1][2]]",
            "[1[2]]", "[NaN]",
        ] {
            assert!(!are_numbers(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        /// What is taken is JSON, whatever it is made of.
        #[test]
        fn what_is_taken_is_json(text in r"\[[\[\],0-9.\- e]{0,12}\]") {
            // The scanner hands over one value: its outermost list ends with the text.
            let depth = |depth: &mut i32, byte: u8| {
                *depth += i32::from(byte == b'[') - i32::from(byte == b']');
                Some(*depth)
            };
            let depths: Vec<i32> = text.bytes().scan(0, depth).collect();
            let is_one = depths.iter().position(|depth| *depth <= 0) == Some(text.len() - 1);
            let is_json = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            if is_one && depths.last() == Some(&0) && are_numbers(text.as_bytes()) {
                prop_assert!(is_json, "{}", text);
            }
        }
    }
}
