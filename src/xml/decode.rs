//! The text of an XML file in any encoding.
//!
//! Source of the rules: XML 1.0, section 4.3.3 and appendix F. A byte order mark decides. Without
//! one, a zero byte beside the first `<` means UTF-16. Else the declaration names the encoding, or
//! else it is UTF-8. Names of encodings are read by the WHATWG Encoding Standard: `gb2312` as GBK
//! and `ISO-8859-1` as windows-1252, which have more characters than the stated encodings.

use crate::error::{Error, Position, Result};
use encoding_rs::{DecoderResult, Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};
use quick_xml::events::BytesStart;

/// The text of an XML file without its byte order mark.
///
/// ```
/// let latin = b"<?xml version='1.0' encoding='latin1'?><a>\xe9</a>".to_vec();
/// assert!(annoconv::xml::decode(latin).unwrap().ends_with("<a>\u{e9}</a>"));
/// ```
///
/// # Errors
/// Where the file is empty, its encoding is not known, or some of its bytes are no characters of
/// its encoding. The error has the place, but not the name of the file.
pub fn decode(bytes: Vec<u8>) -> Result<String> {
    if bytes.is_empty() {
        let empty = Error::malformed("file", "an XML document", "an empty file");
        return Err(empty.at(Position::line(1)));
    }
    let (encoding, mark) = encoding_of(&bytes)?;
    // The bytes of UTF-8 are the text already; so are ASCII bytes in encodings that extend ASCII.
    if encoding == UTF_8 || (encoding.is_ascii_compatible() && bytes.is_ascii()) {
        return take_utf8(bytes, mark);
    }
    decode_as(encoding, bytes.get(mark..).unwrap_or_default())
}

/// The encoding of a file, and how many bytes its byte order mark has.
fn encoding_of(bytes: &[u8]) -> Result<(&'static Encoding, usize)> {
    if let Some(family) = unread_family(bytes) {
        return Err(unreadable("UTF-8, UTF-16 or a declared encoding", family));
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Ok((encoding, mark));
    }
    match bytes {
        [b'<', 0, ..] => Ok((UTF_16LE, 0)),
        [0, b'<', ..] => Ok((UTF_16BE, 0)),
        _ => Ok((declared(bytes)?, 0)),
    }
}

/// The name of an encoding that the first bytes show, if it is one that cannot be read.
fn unread_family(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [b'<', 0, 0, 0, ..] => Some("UTF-32, little-endian"),
        [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, b'<', ..] => Some("UTF-32, big-endian"),
        // `<?xm` in the code pages of IBM's mainframes.
        [0x4C, 0x6F, 0xA7, 0x94, ..] => Some("EBCDIC"),
        _ => None,
    }
}

/// The encoding that the XML declaration names; UTF-8 without one.
fn declared(bytes: &[u8]) -> Result<&'static Encoding> {
    let Some(declaration) = declaration(bytes) else { return Ok(UTF_8) };
    // The declaration is ASCII and starts after "<?", so this is a count of bytes.
    let at = declaration.find("encoding").unwrap_or_default().saturating_add("<?".len());
    let error =
        |expected: &str, found: &str| unreadable(expected, found).at(Position::of(bytes, at));
    let content = BytesStart::from_content(declaration, "xml".len());
    let label = match content.try_get_attribute("encoding") {
        Ok(Some(label)) => label.value.trim().to_owned(),
        Ok(None) => return Ok(UTF_8),
        Err(_) => return Err(error("name=\"value\" in the XML declaration", declaration)),
    };
    match Encoding::for_label(label.as_bytes()) {
        // Each character of the declaration was one byte, so the file is not in UTF-16.
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => {
            Err(error(&format!("{label}, as declared"), "one byte for each character"))
        }
        Some(_) if is_ascii_label(&label) => ascii(bytes, &label),
        Some(encoding) if encoding != REPLACEMENT => Ok(encoding),
        _ => Err(error("a known encoding", &format!("{label:?}"))),
    }
}

/// UTF-8, as which a file of ASCII is read.
///
/// # Errors
/// Where the file declares ASCII and has other bytes.
fn ascii(bytes: &[u8], label: &str) -> Result<&'static Encoding> {
    let Some(at) = bytes.iter().position(|byte| !byte.is_ascii()) else { return Ok(UTF_8) };
    let bad = bytes.get(at..=at).unwrap_or_default();
    Err(undecodable(label, bad).at(Position::of(bytes, at)))
}

/// The text between `<?` and `?>` at the start of a file, if that is an XML declaration. It must be
/// ASCII: other characters are a fault in every encoding.
fn declaration(bytes: &[u8]) -> Option<&str> {
    let content = bytes.strip_prefix(b"<?")?;
    let after = content.strip_prefix(b"xml")?.first()?;
    let end = content.windows(2).position(|pair| pair == b"?>")?;
    let declaration = content.get(..end).filter(|text| text.is_ascii())?;
    std::str::from_utf8(declaration).ok().filter(|_| after.is_ascii_whitespace())
}

/// Whether a label means plain ASCII, which the standard would read as windows-1252.
fn is_ascii_label(label: &str) -> bool {
    ["us-ascii", "ascii"].iter().any(|own| label.eq_ignore_ascii_case(own))
}

/// The bytes as text, without a copy.
fn take_utf8(mut bytes: Vec<u8>, mark: usize) -> Result<String> {
    bytes.drain(..mark.min(bytes.len()));
    String::from_utf8(bytes).map_err(|error| {
        let (bytes, fault) = (error.as_bytes(), error.utf8_error());
        let start = fault.valid_up_to();
        let length = fault.error_len().unwrap_or(bytes.len().saturating_sub(start));
        let bad = bytes.iter().skip(start).take(length).copied().collect::<Vec<u8>>();
        undecodable("UTF-8", &bad).at(Position::of(bytes, start))
    })
}

/// The text that bytes stand for in an encoding.
fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> Result<String> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let (mut text, mut done) = (String::new(), 0_usize);
    loop {
        let rest = bytes.get(done..).unwrap_or_default();
        // There is always room for one character, so that every round reads some bytes.
        text.reserve(rest.len().saturating_add(16));
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        done = done.saturating_add(read);
        match result {
            DecoderResult::InputEmpty => return Ok(text),
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, after) => {
                let end = done.saturating_sub(usize::from(after));
                let start = end.saturating_sub(usize::from(length));
                let bad = bytes.get(start..end).unwrap_or_default();
                let place = Position::of(text.as_bytes(), text.len());
                return Err(undecodable(encoding.name(), bad).at(place));
            }
        }
    }
}

fn undecodable(encoding: &str, bad: &[u8]) -> Error {
    let bytes: Vec<String> = bad.iter().map(|byte| format!("{byte:02X}")).collect();
    let found = format!("bytes that are not a character of it ({})", bytes.join(" "));
    unreadable(&format!("text in {encoding}"), &found)
}

/// An error about the encoding of a file. Its place is the start, unless the caller sets another.
fn unreadable(expected: &str, found: &str) -> Error {
    Error::malformed("encoding", expected, found).at(Position::line(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    fn with_label(label: &str, bytes: &[u8]) -> Vec<u8> {
        let start = format!("<?xml version=\"1.0\" encoding=\"{label}\"?>\n<a>");
        [start.as_bytes(), bytes, b"</a>"].concat()
    }

    fn error(bytes: Vec<u8>) -> String {
        let error = decode(bytes).unwrap_err();
        let place = error.position().unwrap();
        format!("{}:{}: {}: {}", place.line, place.column, error.thing(), error.problem())
    }

    #[test]
    fn declared_encodings_are_read() {
        for (label, bytes, expected) in [
            ("gb2312", &b"\xc3\xa8"[..], "猫"),
            ("GBK", b"\xc3\xa8", "猫"),
            ("gb18030", b"\x81\x39\xee\x39", "㐀"),
            ("big5", b"\xbf\xdf", "貓"),
            ("Shift_JIS", b"\x94\x4c", "猫"),
            ("EUC-JP", b"\xc7\xad", "猫"),
            ("ISO-2022-JP", b"\x1b$BG-\x1b(B", "猫"),
            ("euc-kr", b"\xb0\xed", "고"),
            ("ISO-8859-1", b"\xe9", "é"),
            ("latin1", b"\xe9", "é"),
            ("windows-1252", b"\x80", "€"),
            ("windows-1251", b"\xea", "к"),
            ("utf-8", "猫".as_bytes(), "猫"),
            ("UTF8", "猫".as_bytes(), "猫"),
            ("us-ascii", b"cat", "cat"),
            ("gb2312", b"cat", "cat"),
        ] {
            let text = decode(with_label(label, bytes)).unwrap();
            assert!(text.ends_with(&format!("<a>{expected}</a>")), "{label}: {text}");
        }
    }

    #[test]
    fn a_mark_or_zero_bytes_decide() {
        let text = "<?xml version='1.0' encoding='utf-16'?><a>猫😀</a>";
        let marked = format!("\u{feff}{text}");
        let stale = "<?xml version='1.0' encoding='gb2312'?><a>é</a>";
        let marked_stale = format!("\u{feff}{stale}");
        for (bytes, expected) in [
            (marked.clone().into_bytes(), text),
            (utf16(&marked, u16::to_le_bytes), text),
            (utf16(&marked, u16::to_be_bytes), text),
            (utf16(text, u16::to_le_bytes), text),
            (utf16(text, u16::to_be_bytes), text),
            (marked_stale.clone().into_bytes(), stale),
            (utf16(&marked_stale, u16::to_le_bytes), stale),
            (b"\xef\xbb\xbf".to_vec(), ""),
        ] {
            assert_eq!(decode(bytes).unwrap(), expected);
        }
    }

    #[test]
    fn bytes_of_no_character_are_refused_with_their_place() {
        let le = |text: &str| utf16(text, u16::to_le_bytes);
        let odd = [le("\u{feff}<a>\né"), vec![b'<']].concat();
        let lone = [le("<a>"), vec![0x3D, 0xD8], le("</a>")].concat();
        let none = "bytes that are not a character of it";
        for (bytes, expected) in [
            (Vec::new(), "1:1: file: expected an XML document, found an empty file".to_owned()),
            (
                b"<a>\n\xc3\xa8\xff".to_vec(),
                format!("2:2: encoding: expected text in UTF-8, found {none} (FF)"),
            ),
            (
                b"\xef\xbb\xbf<a>\xe9</a>".to_vec(),
                format!("1:4: encoding: expected text in UTF-8, found {none} (E9)"),
            ),
            (
                b"<a>\xe7\x8c".to_vec(),
                format!("1:4: encoding: expected text in UTF-8, found {none} (E7 8C)"),
            ),
            (
                with_label("UTF-8", b"\xe9"),
                format!("2:4: encoding: expected text in UTF-8, found {none} (E9)"),
            ),
            (
                with_label("gb2312", b"\xc3\xa8\xff"),
                format!("2:5: encoding: expected text in GBK, found {none} (FF)"),
            ),
            (
                with_label("big5", b"\xff"),
                format!("2:4: encoding: expected text in Big5, found {none} (FF)"),
            ),
            (
                with_label("us-ascii", b"\xe9"),
                format!("2:4: encoding: expected text in us-ascii, found {none} (E9)"),
            ),
            (odd, format!("2:2: encoding: expected text in UTF-16LE, found {none} (3C)")),
            (lone, format!("1:4: encoding: expected text in UTF-16LE, found {none} (3D D8)")),
        ] {
            let shown = format!("{bytes:X?}");
            assert_eq!(error(bytes), expected, "{shown}");
        }
    }

    #[test]
    fn encodings_that_are_not_known_or_not_so_are_refused() {
        let unknown = "1:21: encoding: expected a known encoding, found";
        for (label, expected) in [
            ("klingon", format!("{unknown} \"klingon\"")),
            ("utf-7", format!("{unknown} \"utf-7\"")),
            ("UTF-32", format!("{unknown} \"UTF-32\"")),
            ("", format!("{unknown} \"\"")),
            ("hz-gb-2312", format!("{unknown} \"hz-gb-2312\"")),
            (
                "utf-16",
                "1:21: encoding: expected utf-16, as declared, found one byte for each character"
                    .to_owned(),
            ),
        ] {
            assert_eq!(error(with_label(label, b"cat")), expected, "{label}");
        }
        let families = [
            (&b"\xff\xfe\0\0<\0\0\0"[..], "UTF-32, little-endian"),
            (b"\0\0\0<\0\0\0?", "UTF-32, big-endian"),
            (b"\x4c\x6f\xa7\x94\x93", "EBCDIC"),
        ];
        for (bytes, expected) in families {
            assert!(error(bytes.to_vec()).ends_with(expected), "{expected}");
        }
        assert!(
            error(b"<?xml encoding=gbk?><a/>".to_vec())
                .starts_with("1:7: encoding: expected name=\"value\"")
        );
    }

    #[test]
    fn what_is_no_declaration_names_no_encoding() {
        let long = format!("<?xml version='1.0'{}?><a/>", " ".repeat(1 << 20));
        for text in [
            "<?xml-stylesheet encoding='klingon'?><a/>",
            "<a/><?xml encoding='klingon'?>",
            "<?xml encoding='klingon'",
            "<?xml version='1.0' standalone='yes'?><a/>",
            &long,
        ] {
            assert_eq!(decode(text.as_bytes().to_vec()).unwrap(), text);
        }
    }

    #[test]
    fn text_that_grows_by_decoding_is_whole() {
        let text = decode(with_label("gbk", &b"\xc3\xa8".repeat(10_000))).unwrap();
        assert_eq!(text.matches('猫').count(), 10_000);
    }
}
