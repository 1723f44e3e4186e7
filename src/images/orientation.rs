//! The EXIF orientation of an image file, from the one field that states it.
//!
//! EXIF data is a TIFF structure (CIPA DC-008, 4.5), whose first directory has the orientation as
//! tag 0x0112. A JPEG file has EXIF data in a segment APP1, a PNG file in a chunk `eXIf`, a WebP
//! file in a chunk `EXIF`. A TIFF file is such a structure itself.
//!
//! Only this field is read. A reader of all fields would follow pointers, and a hostile file may
//! have very many of them.

use super::jpeg::{bytes, find_segment, skip};
use imagesize::ImageType;
use std::io::{BufReader, Read, Seek, SeekFrom};

/// The orientation, 1 to 8; 1 if there is none or it cannot be read.
pub fn orientation<R: Read + Seek>(reader: &mut BufReader<R>, kind: ImageType) -> u32 {
    let stated = match kind {
        ImageType::Jpeg => find_in_jpeg(reader),
        ImageType::Png => find_in_png(reader),
        ImageType::Webp => find_in_webp(reader),
        ImageType::Tiff => seek(reader, 0),
        _ => None,
    };
    let orientation = stated.and_then(|()| read_directory(reader));
    orientation.filter(|orientation| (1..=8).contains(orientation)).unwrap_or(1)
}

fn seek<R: Seek>(reader: &mut R, to: u64) -> Option<()> {
    reader.seek(SeekFrom::Start(to)).ok().map(drop)
}

/// Whether `Exif` and two zeros follow. If so, they are skipped.
fn has_mark<R: Read + Seek>(reader: &mut BufReader<R>) -> Option<bool> {
    let is_mark = bytes::<6>(reader)? == *b"Exif\0\0";
    if !is_mark {
        reader.seek_relative(-6).ok()?;
    }
    Some(is_mark)
}

/// Goes to the EXIF data of a JPEG file.
fn find_in_jpeg<R: Read + Seek>(reader: &mut BufReader<R>) -> Option<()> {
    let is_exif = |reader: &mut BufReader<R>, marker, length| match marker {
        0xE1 if length >= 6 => has_mark(reader),
        _ => Some(false),
    };
    find_segment(reader, is_exif)?.then_some(())
}

/// Goes to the EXIF data of a PNG file. Each chunk has a length, a type, as many bytes as the
/// length says, and a checksum.
fn find_in_png<R: Read + Seek>(reader: &mut BufReader<R>) -> Option<()> {
    seek(reader, 8)?;
    loop {
        let length = u32::from_be_bytes(bytes(reader)?);
        match &bytes::<4>(reader)? {
            b"eXIf" => return Some(()),
            b"IEND" => return None,
            _ => skip(reader, length).and_then(|()| skip(reader, 4))?,
        }
    }
}

/// Goes to the EXIF data of a WebP file. Each chunk has a type, a length, as many bytes as the
/// length says, and one more byte if the length is odd.
fn find_in_webp<R: Read + Seek>(reader: &mut BufReader<R>) -> Option<()> {
    seek(reader, 12)?;
    loop {
        let kind = bytes::<4>(reader)?;
        let length = u32::from_le_bytes(bytes(reader)?);
        if kind == *b"EXIF" {
            // Some writers put the same mark before it as in JPEG files.
            return has_mark(reader).map(drop);
        }
        skip(reader, length).and_then(|()| skip(reader, length & 1))?;
    }
}

/// The orientation in the first directory of a TIFF structure (TIFF 6.0, 2). The structure begins
/// with the byte order, the number 42 and the offset of the directory.
fn read_directory<R: Read + Seek>(reader: &mut BufReader<R>) -> Option<u32> {
    let start = reader.stream_position().ok()?;
    let is_little = match &bytes::<2>(reader)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let short =
        |bytes| if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) };
    let long =
        |bytes| if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) };
    if short(bytes(reader)?) != 42 {
        return None;
    }
    let directory = long(bytes(reader)?);
    seek(reader, start.checked_add(u64::from(directory))?)?;
    for _ in 0..short(bytes(reader)?) {
        let (tag, kind) = (short(bytes(reader)?), short(bytes(reader)?));
        let (count, value @ [a, b, ..]) = (long(bytes(reader)?), bytes::<4>(reader)?);
        if tag == 0x0112 {
            return match (kind, count) {
                (3, 1) => Some(u32::from(short([a, b]))),
                (4, 1) => Some(long(value)),
                _ => None,
            };
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    /// A TIFF structure with `before` other fields and then the orientation.
    fn tiff(is_little: bool, before: usize, orientation: u16) -> Vec<u8> {
        let short = |it: u16| if is_little { it.to_le_bytes() } else { it.to_be_bytes() };
        let long = |it: u32| if is_little { it.to_le_bytes() } else { it.to_be_bytes() };
        let field = |tag: u16, value: u16| {
            [&short(tag)[..], &short(3), &long(1), &short(value), &[0, 0]].concat()
        };
        let mut fields: Vec<Vec<u8>> =
            (0..before).map(|number| field(0x100 + number as u16, 7)).collect();
        fields.push(field(0x112, orientation));
        let head = if is_little { b"II" } else { b"MM" };
        let count = short(fields.len() as u16);
        [head, &short(42)[..], &long(8), &count, &fields.concat(), &[0; 4]].concat()
    }

    fn jpeg(exif: &[u8]) -> Vec<u8> {
        let other = b"\xFF\xE1\x00\x06http\xFF\xFF\xE0\x00\x02";
        let length = u16::try_from(exif.len() + 8).unwrap().to_be_bytes();
        [b"\xFF\xD8", &other[..], b"\xFF\xE1", &length, b"Exif\0\0", exif, b"\xFF\xDA"].concat()
    }

    fn png(exif: &[u8]) -> Vec<u8> {
        let chunk = |kind: &[u8], data: &[u8]| {
            [&(data.len() as u32).to_be_bytes()[..], kind, data, &[0; 4]].concat()
        };
        let chunks = [chunk(b"IHDR", &[0; 13]), chunk(b"IDAT", &[1; 99]), chunk(b"eXIf", exif)];
        [b"\x89PNG\r\n\x1a\n", &chunks.concat()[..], &chunk(b"IEND", b"")].concat()
    }

    fn webp(exif: &[u8], mark: &[u8]) -> Vec<u8> {
        let chunk = |kind: &[u8], data: &[u8]| {
            let odd = vec![0; data.len() % 2];
            [kind, &(data.len() as u32).to_le_bytes(), data, &odd].concat()
        };
        let chunks = [chunk(b"VP8 ", &[1; 99]), chunk(b"EXIF", &[mark, exif].concat())].concat();
        [b"RIFF", &(chunks.len() as u32 + 4).to_le_bytes()[..], b"WEBP", &chunks].concat()
    }

    fn own(file: &[u8], kind: ImageType) -> u32 {
        orientation(&mut BufReader::new(Cursor::new(file)), kind)
    }

    /// The orientation that a reader of all fields finds.
    fn theirs(file: &[u8]) -> u32 {
        let exif = exif::Reader::new().read_from_container(&mut Cursor::new(file));
        let exif = exif.ok();
        let field =
            exif.as_ref().and_then(|it| it.get_field(exif::Tag::Orientation, exif::In::PRIMARY));
        let stated = field.and_then(|field| field.value.get_uint(0));
        stated.filter(|it| (1..=8).contains(it)).unwrap_or(1)
    }

    proptest! {
        #[test]
        fn it_is_what_a_reader_of_all_fields_finds(
            is_little: bool,
            before in 0..15usize,
            stated in 0..10u16,
            is_marked: bool,
        ) {
            let exif = tiff(is_little, before, stated);
            let mark: &[u8] = if is_marked { b"Exif\0\0" } else { b"" };
            for (file, kind) in [
                (exif.clone(), ImageType::Tiff),
                (jpeg(&exif), ImageType::Jpeg),
                (png(&exif), ImageType::Png),
                (webp(&exif, mark), ImageType::Webp),
            ] {
                let expected = if (1..=8).contains(&stated) { u32::from(stated) } else { 1 };
                prop_assert_eq!(own(&file, kind), expected);
                if !(kind == ImageType::Webp && is_marked) {
                    prop_assert_eq!(theirs(&file), expected);
                }
                for length in 0..file.len() {
                    prop_assert!([1, expected].contains(&own(&file[..length], kind)));
                }
            }
        }

        #[test]
        fn any_bytes_have_one(start in 0..5usize, rest in prop::collection::vec(any::<u8>(), 0..99)) {
            let starts: [&[u8]; 5] = [b"", b"\xFF\xD8", b"\x89PNG\r\n\x1a\n", b"RIFF____WEBP", b"II*\0"];
            let file = [starts[start], &rest].concat();
            for kind in [ImageType::Tiff, ImageType::Jpeg, ImageType::Png, ImageType::Webp] {
                prop_assert!((1..=8).contains(&own(&file, kind)));
            }
        }
    }
}
