//! Scans big lists in pieces, by all threads.
//!
//! To scan from the start of an element, nothing that comes before it is needed. So each thread
//! guesses a place where an element starts, and scans a piece from there. Then the scan of the
//! whole file runs from the start. If it finds that an element starts exactly where a piece does,
//! it takes over the piece and goes on after it. A wrong guess costs time but changes nothing.

use super::scan::{Piece, Scanner};
use crate::error::Result;
use crate::progress::{Progress, Work};
use rayon::prelude::*;
use std::ops::Range;

/// How many bytes are scanned as one piece.
pub const PIECE: usize = 8 << 20;

/// Scans the pieces of a text, in their order. A text that is not longer than one piece has none.
///
/// # Errors
/// Where the run is to stop.
pub fn pieces(
    text: &[u8],
    span: &Range<usize>,
    length: usize,
    progress: &Progress,
) -> Result<Vec<Piece>> {
    if span.len() <= length {
        return Ok(Vec::new());
    }
    let progress = progress.share(Work::Indexing, span.len() as u64);
    let scan = |from: usize| {
        let to = (from + length).min(span.end);
        let piece = guess(text, from..to).and_then(|start| scan(text, start..span.end, to));
        progress.add((to - from) as u64)?;
        Ok(piece)
    };
    let pieces: Vec<Option<Piece>> =
        span.clone().into_par_iter().step_by(length).map(scan).collect::<Result<_>>()?;
    Ok(pieces.into_iter().flatten().collect())
}

/// The first place in a range where an object seems to follow another one in a list.
fn guess(text: &[u8], range: Range<usize>) -> Option<usize> {
    let (mut last, mut before_last) = (0, 0);
    for (at, &byte) in text.get(range.clone())?.iter().enumerate() {
        match byte {
            b'{' if (before_last, last) == (b'}', b',') => return Some(range.start + at),
            b' ' | b'\n' | b'\r' | b'\t' => {}
            _ => (before_last, last) = (last, byte),
        }
    }
    None
}

/// The elements from the start of a span on that start before `to`.
fn scan(text: &[u8], span: Range<usize>, to: usize) -> Option<Piece> {
    let mut scanner = Scanner::new(text, &span);
    let mut elements = Vec::new();
    while let Ok(element) = scanner.value() {
        let is_last = element.start >= to;
        if !is_last {
            elements.push(element);
        }
        if is_last || !scanner.takes(b',') {
            break;
        }
    }
    (!elements.is_empty()).then_some(Piece { elements })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn elements(text: &str, pieces: &[Piece]) -> (Vec<Range<usize>>, bool) {
        let mut found = Vec::new();
        let mut scanner = Scanner::new(text.as_bytes(), &(0..text.len())).with(pieces);
        let is_whole = scanner.elements(|element| found.push(element)).is_ok();
        (found, is_whole)
    }

    /// Records in which an element seems to start, and some that are broken.
    fn record() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            r#"{"a": 1}"#,
            r#"{"a": [{"b": 1}, {"b": 2}, {"b": [3]}]}"#,
            r#"{"a": "}, {"}"#,
            r#"{"a": "\"}, {"}"#,
            "1",
            r#"[{}, {}, {}]"#,
            r#"{"a": [1}"#,
            "{}",
        ])
    }

    #[test]
    fn lists_of_objects_are_passed_over_in_pieces() {
        let text = format!("[{}]", vec![r#"{"a": 1}"#; 100].join(",\n "));
        let pieces = pieces(text.as_bytes(), &(0..text.len()), 100, &Progress::default()).unwrap();
        assert!(pieces.len() >= 10);
        assert!(pieces.iter().map(|piece| piece.elements.len()).sum::<usize>() > 90);
        assert_eq!(elements(&text, &pieces), elements(&text, &[]));
    }

    proptest! {
        #[test]
        fn pieces_change_nothing(
            records in prop::collection::vec(record(), 0..40),
            length in 5usize..60,
            end in 0usize..3,
        ) {
            let text = format!("[{}{}", records.join(", "), ["]", "", ", "][end]);
            let pieces = pieces(text.as_bytes(), &(0..text.len()), length, &Progress::default()).unwrap();
            prop_assert!(pieces.windows(2).all(|pair| pair[0].start() < pair[1].start()));
            prop_assert_eq!(elements(&text, &pieces), elements(&text, &[]));
        }
    }
}
