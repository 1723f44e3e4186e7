//! Compressed outputs. The extension of the name decides: `.gz` or `.zst`.

use flate2::{Compression, write::GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress};
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

/// How an output is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl Packing {
    /// The compression that the extension of a name asks for.
    pub fn of(path: &Path) -> Self {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some(extension) if extension.eq_ignore_ascii_case("gz") => Self::Gzip,
            Some(extension) if extension.eq_ignore_ascii_case("zst") => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// A stream that compresses what is written to it.
pub enum Packer<W: Write> {
    /// Without compression.
    Plain(W),
    /// gzip.
    Gzip(Box<GzEncoder<W>>),
    /// Zstandard. The file holds the text until the end, because the encoder reads its input
    /// instead of being written to.
    Zstd(BufWriter<File>, W),
}

impl<W: Write> Packer<W> {
    /// A stream into `out`. `spool` makes a temporary file for text that cannot be packed yet.
    ///
    /// # Errors
    /// Where that file cannot be made.
    pub fn new(
        out: W,
        packing: Packing,
        spool: impl FnOnce() -> io::Result<File>,
    ) -> io::Result<Self> {
        Ok(match packing {
            Packing::None => Self::Plain(out),
            Packing::Gzip => Self::Gzip(Box::new(GzEncoder::new(out, Compression::default()))),
            Packing::Zstd => Self::Zstd(BufWriter::new(spool()?), out),
        })
    }

    /// Packs and writes all that is left.
    ///
    /// # Errors
    /// Where the stream fails.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut out) => out.flush(),
            Self::Gzip(encoder) => encoder.finish()?.flush(),
            Self::Zstd(spool, mut out) => {
                let mut file = spool.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.rewind()?;
                compress(io::BufReader::new(file), &mut out, CompressionLevel::Fastest);
                out.flush()
            }
        }
    }
}

impl<W: Write> Write for Packer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Gzip(out) => out.write(bytes),
            Self::Zstd(out, _) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(out) => out.flush(),
            Self::Zstd(out, _) => out.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::input::Input;

    #[test]
    fn what_is_packed_is_unpacked_again() {
        let folder = tempfile::tempdir().unwrap();
        let text = "{\"a\": 1}\n".repeat(10_000);
        for name in ["a.json", "a.json.gz", "a.json.ZST"] {
            let path = folder.path().join(name);
            let out = File::create(&path).unwrap();
            let mut packer = Packer::new(out, Packing::of(&path), tempfile::tempfile).unwrap();
            packer.write_all(text.as_bytes()).unwrap();
            packer.finish().unwrap();
            let input = Input::open(&path).unwrap();
            assert_eq!(crate::files::read(input.path()).unwrap(), text.as_bytes(), "{name}");
            let length = path.metadata().unwrap().len() as usize;
            assert_eq!(length < text.len() / 10, name != "a.json", "{name}: {length}");
        }
    }
}
