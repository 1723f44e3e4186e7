//! Finds where the values of a JSON text stand, by its brackets and strings alone.
//!
//! The values themselves are not parsed: a bad one is found when it is read. So one bad value does
//! not hide the others, and a file is scanned at the speed of memory.

use std::ops::Range;

/// How deep values may be nested; serde_json reads 128 levels.
const DEPTH: usize = 128;

/// A place where the text is not as expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The offset in the text.
    pub at: usize,
    /// What was expected there.
    pub expected: &'static str,
}

/// One or more elements that follow each other in a list.
#[derive(Debug)]
pub struct Piece {
    /// Their spans.
    pub elements: Vec<Range<usize>>,
}

impl Piece {
    /// The start of the first.
    pub fn start(&self) -> usize {
        self.elements.first().map_or(0, |element| element.start)
    }

    /// The end of the last.
    pub fn end(&self) -> usize {
        self.elements.last().map_or(0, |element| element.end)
    }
}

/// Walks through a text, value by value.
pub struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    end: usize,
    pieces: &'a [Piece],
}

impl<'a> Scanner<'a> {
    /// A scanner at the start of a span.
    pub fn new(text: &'a [u8], span: &Range<usize>) -> Self {
        Self { text, at: span.start, end: span.end.min(text.len()), pieces: &[] }
    }

    /// The same scanner, which takes over these pieces instead of scanning them again. They are in
    /// the order in which they stand in the text.
    pub fn with(self, pieces: &'a [Piece]) -> Self {
        Self { pieces, ..self }
    }

    /// Calls `each` with the span of each element of a list, up to the first fault.
    ///
    /// # Errors
    /// The first fault: the text is not a list there.
    pub fn elements(&mut self, mut each: impl FnMut(Range<usize>)) -> Result<(), Fault> {
        self.expect(b'[', "a list")?;
        if self.takes(b']') {
            return Ok(());
        }
        loop {
            self.skip_white();
            match self.piece() {
                Some(piece) => {
                    piece.elements.iter().cloned().for_each(&mut each);
                    self.at = piece.end();
                }
                None => each(self.value()?),
            }
            if !self.takes(b',') {
                return self.expect(b']', "`,` or `]`");
            }
        }
    }

    /// The piece that starts at this place.
    fn piece(&mut self) -> Option<&'a Piece> {
        let (first, rest) = self.pieces.split_first()?;
        if first.start() > self.at {
            return None;
        }
        self.pieces = rest;
        if first.start() == self.at { Some(first) } else { self.piece() }
    }

    /// Calls `each` with the span of each member's name, with its quotes, up to the first fault.
    /// The scanner is then at the member's value, and `each` must move it past that.
    ///
    /// # Errors
    /// The first fault: the text is not an object there, or `each` returned an error.
    pub fn members(
        &mut self,
        mut each: impl FnMut(&mut Self, Range<usize>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.expect(b'{', "an object")?;
        if self.takes(b'}') {
            return Ok(());
        }
        loop {
            self.skip_white();
            let start = self.at;
            self.expect(b'"', "a name in quotes")?;
            self.skip_string()?;
            let name = start..self.at;
            self.expect(b':', "`:`")?;
            each(self, name)?;
            if !self.takes(b',') {
                return self.expect(b'}', "`,` or `}`");
            }
        }
    }

    /// Moves past a value, and returns its span.
    ///
    /// # Errors
    /// Where there is none, or it does not end.
    pub fn value(&mut self) -> Result<Range<usize>, Fault> {
        self.skip_white();
        let start = self.at;
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.skip_string()?;
            }
            Some(b'{' | b'[') => self.skip_nested()?,
            Some(b',' | b']' | b'}' | b':') | None => return Err(self.fault("a value")),
            Some(_) => self.skip_word(),
        }
        Ok(start..self.at)
    }

    /// Expects nothing but white space up to the end.
    ///
    /// # Errors
    /// The first other byte.
    pub fn finish(&mut self) -> Result<(), Fault> {
        self.skip_white();
        if self.at == self.end { Ok(()) } else { Err(self.fault("the end of the file")) }
    }

    /// The fault that the text is not as expected at this place.
    pub fn fault(&self, expected: &'static str) -> Fault {
        Fault { at: self.at, expected }
    }

    /// The text that is not scanned yet.
    #[inline(always)]
    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    #[inline(always)]
    fn skip_white(&mut self) {
        while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Skips white space, and then `byte` if it comes next. Returns whether it did.
    #[inline(always)]
    pub fn takes(&mut self, byte: u8) -> bool {
        self.skip_white();
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Fault> {
        if self.takes(byte) { Ok(()) } else { Err(self.fault(expected)) }
    }

    /// Moves from after the opening quote of a string to after its closing one.
    fn skip_string(&mut self) -> Result<(), Fault> {
        loop {
            let Some((next, end)) = next_end(self.rest()) else {
                self.at = self.end;
                return Err(self.fault("a closing quote"));
            };
            self.at += next + 1;
            if end == b'"' {
                return Ok(());
            }
            self.at = (self.at + 1).min(self.end);
        }
    }

    /// Moves past a number, `true`, `false`, `null`, or any other text up to the next separator.
    #[inline(always)]
    fn skip_word(&mut self) {
        let rest = self.rest();
        let is_end = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
        self.at += rest.iter().position(is_end).unwrap_or(rest.len());
    }

    /// Moves from an opening bracket to after the one that closes it.
    fn skip_nested(&mut self) -> Result<(), Fault> {
        // One bit for each level: 1 if it is an object, 0 if it is a list.
        let (mut kinds, mut depth) = (0u128, 0);
        while let Some((step, mark)) = next_mark(self.rest()) {
            self.at += step;
            match mark {
                b'"' => {
                    self.at += 1;
                    self.skip_string()?;
                    continue;
                }
                open @ (b'{' | b'[') => {
                    if depth == DEPTH {
                        return Err(self.fault("at most 128 levels"));
                    }
                    kinds = kinds << 1 | u128::from(open == b'{');
                    depth += 1;
                }
                close => {
                    let expected = if kinds & 1 == 1 { (b'}', "`}`") } else { (b']', "`]`") };
                    if close != expected.0 {
                        return Err(self.fault(expected.1));
                    }
                    kinds >>= 1;
                    depth -= 1;
                }
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
        self.at = self.end;
        Err(self.fault("a closing bracket"))
    }
}

/// How many bytes one step examines in a long text without brackets.
const BLOCK: usize = 32;

/// How many bytes one step examines where a bracket is near.
const WORD: usize = 8;

/// The next bracket, brace or quote, and where it is. Lists of coordinates have none for hundreds
/// of bytes: blocks without any are passed over first.
#[inline(always)]
fn next_mark(text: &[u8]) -> Option<(usize, u8)> {
    if let Some((word, _)) = text.split_first_chunk::<WORD>() {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return found(text, first(marks));
        }
    }
    let (blocks, _) = text.as_chunks::<BLOCK>();
    let plain = blocks.iter().take_while(|block| !may_have_mark(block)).count() * BLOCK;
    let step = find(text.get(plain..)?, marks, is_mark)?;
    found(text, plain + step)
}

/// The first quote or backslash, and where it is.
#[inline(always)]
fn next_end(text: &[u8]) -> Option<(usize, u8)> {
    let ends = |word| equal(word, b'"') | equal(word, b'\\');
    found(text, find(text, ends, |byte| matches!(byte, b'"' | b'\\'))?)
}

#[inline(always)]
fn found(text: &[u8], at: usize) -> Option<(usize, u8)> {
    text.get(at).map(|&byte| (at, byte))
}

/// Finds the first byte of a kind: word by word, and the last bytes one by one.
#[inline(always)]
fn find(text: &[u8], of_word: impl Fn(u64) -> u64, of_byte: impl Fn(u8) -> bool) -> Option<usize> {
    let (words, rest) = text.as_chunks::<WORD>();
    for (number, word) in words.iter().enumerate() {
        let found = of_word(u64::from_le_bytes(*word));
        if found != 0 {
            return Some(number * WORD + first(found));
        }
    }
    let step = rest.iter().position(|&byte| of_byte(byte))?;
    Some(words.len() * WORD + step)
}

/// Marks the brackets, braces and quotes of a word. A bracket and its brace differ in one bit only.
#[inline(always)]
fn marks(word: u64) -> u64 {
    let braces = word | splat(0x20);
    equal(word, b'"') | equal(braces, b'{') | equal(braces, b'}')
}

#[inline(always)]
fn is_mark(byte: u8) -> bool {
    (byte == b'"') | (byte | 0x20 == b'{') | (byte | 0x20 == b'}')
}

/// Whether a block may have a mark. Brackets and braces with three more bits set are 0x7f, as are few
/// letters: one comparison less a word, and between strings there are no such letters.
#[inline(always)]
fn may_have_mark(block: &[u8; BLOCK]) -> bool {
    let (words, _) = block.as_chunks::<WORD>();
    let any = words.iter().fold(0, |any, word| {
        let word = u64::from_le_bytes(*word);
        any | equal(word, b'"') | equal(word | splat(0x26), 0x7f)
    });
    any != 0
}

#[inline(always)]
const fn splat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; WORD])
}

/// Marks each byte of a word that equals `byte`, by its highest bit. Only the first mark counts:
/// later bytes may be marked wrongly, by the borrow of the subtraction.
#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    let differing = word ^ splat(byte);
    differing.wrapping_sub(splat(0x01)) & !differing & splat(0x80)
}

/// The number of the first byte that is marked.
#[inline(always)]
fn first(marks: u64) -> usize {
    marks.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn elements(text: &str) -> Result<Vec<&str>, Fault> {
        let mut found = Vec::new();
        let mut scanner = Scanner::new(text.as_bytes(), &(0..text.len()));
        scanner.elements(|span| found.push(span))?;
        scanner.finish()?;
        Ok(found.into_iter().filter_map(|span| text.get(span)).collect())
    }

    #[test]
    fn elements_are_found_whatever_is_in_them() {
        let cases: [(&str, &[&str]); 5] = [
            ("[]", &[]),
            (" [ 1 ,\n\"a]\\\"\" ] ", &["1", "\"a]\\\"\""]),
            ("[{\"a\": [1, \"}\"]}, [[]], null]", &["{\"a\": [1, \"}\"]}", "[[]]", "null"]),
            ("[NaN, {\"x\": -Infinity}]", &["NaN", "{\"x\": -Infinity}"]),
            ("[tru]", &["tru"]),
        ];
        for (text, expected) in cases {
            assert_eq!(elements(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn the_first_fault_is_named_with_its_place() {
        let deep = "[".repeat(200);
        let cases = [
            ("{}", 0, "a list"),
            ("[1 2]", 3, "`,` or `]`"),
            ("[1,]", 3, "a value"),
            ("[[1}]", 3, "`]`"),
            ("[{\"a\": [1}]", 9, "`]`"),
            ("[\"a", 3, "a closing quote"),
            ("[\"a\\", 4, "a closing quote"),
            ("[{\"a\":1", 7, "a closing bracket"),
            ("[1] x", 4, "the end of the file"),
            (&deep, 129, "at most 128 levels"),
        ];
        for (text, at, expected) in cases {
            assert_eq!(elements(text), Err(Fault { at, expected }), "{text}");
        }
    }

    proptest! {
        #[test]
        fn elements_are_those_that_serde_reads(values in prop::collection::vec(".{0,8}", 0..6)) {
            let nested: Vec<serde_json::Value> =
                values.iter().map(|value| serde_json::json!({value: [value, 1.5, null]})).collect();
            let text = serde_json::to_string_pretty(&nested).unwrap();
            let found = elements(&text).unwrap();
            let read: Vec<serde_json::Value> =
                found.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
            prop_assert_eq!(read, nested);
        }

        #[test]
        fn words_and_bytes_find_the_same(
            text in prop::collection::vec(prop_oneof![any::<u8>(), 0x20u8..0x7f, Just(b'"')], 0..80),
        ) {
            let quotes = |byte: &u8| matches!(byte, b'"' | b'\\');
            prop_assert_eq!(next_end(&text).map(|found| found.0), text.iter().position(quotes));
            let marks = |byte: &u8| br#""{}[]"#.contains(byte);
            prop_assert_eq!(next_mark(&text).map(|found| found.0), text.iter().position(marks));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}\",:\\\\a1 ]{0,24}") {
            let _ = elements(&text);
            let mut scanner = Scanner::new(text.as_bytes(), &(0..text.len()));
            let _ = scanner.members(|scanner, _| scanner.value().map(drop));
        }
    }
}
