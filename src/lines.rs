//! Lines and columns in a big text, found without counting from its start each time.

use crate::error::Position;

/// How many bytes lie between two places whose lines and columns are stored.
const STEP: usize = 1 << 11;

/// The lines and columns of a text, stored at places with a fixed distance.
#[derive(Debug)]
pub struct Lines {
    known: Vec<Position>,
}

impl Lines {
    /// Counts once through a text.
    pub fn of(text: &[u8]) -> Self {
        let start = Position { line: 1, column: 1 };
        let steps = text.chunks(STEP).scan(start, |place, chunk| {
            let here = *place;
            *place = advance(here, chunk);
            Some(here)
        });
        Self { known: steps.collect() }
    }

    /// The place of the byte at `offset`; `text` must be the text that was counted.
    pub fn position(&self, text: &[u8], offset: usize) -> Position {
        let offset = offset.min(text.len());
        let step = (offset / STEP).min(self.known.len().saturating_sub(1));
        match self.known.get(step) {
            Some(known) => advance(*known, text.get(step * STEP..offset).unwrap_or_default()),
            None => Position { line: 1, column: 1 },
        }
    }
}

/// The place after a piece of text that starts at `place`.
fn advance(place: Position, piece: &[u8]) -> Position {
    let end = Position::of(piece, piece.len());
    match end.line {
        1 => Position { line: place.line, column: place.column + end.column - 1 },
        line => Position { line: place.line + line - 1, column: end.column },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_that_counted_from_the_start() {
        let mut text = "é1\n".repeat(STEP / 3);
        text.push_str(&"x€".repeat(STEP));
        text.push_str("\nend");
        let text = text.as_bytes();
        let lines = Lines::of(text);
        for offset in [0, 3, STEP - 1, STEP, STEP + 1, 2 * STEP, 3 * STEP + 2, text.len() - 1] {
            assert_eq!(lines.position(text, offset), Position::of(text, offset), "{offset}");
        }
        assert_eq!(Lines::of(b"").position(b"", 0), Position { line: 1, column: 1 });
    }
}
