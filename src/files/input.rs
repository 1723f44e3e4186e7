//! Input that cannot be read where it is: standard input, and compressed files.

use crate::error::{Error, Result};
use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What a gzip file begins with (RFC 1952, 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What a Zstandard frame begins with (RFC 8878, 3.1.1).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A file or folder to be read, unpacked to a temporary file where it has to be. That is gone
/// with this.
#[derive(Debug)]
pub struct Input {
    stated: PathBuf,
    unpacked: Option<NamedTempFile>,
}

impl Input {
    /// An input by its path: a file whose name ends in `.gz` or `.zst` is unpacked.
    ///
    /// # Errors
    /// Where that cannot be read, or is no such file.
    pub fn open(path: &Path) -> Result<Self> {
        if !super::has_extension(path, &["gz", "zst"]) || !path.is_file() {
            return Ok(Self { stated: path.to_path_buf(), unpacked: None });
        }
        let file = File::open(path).map_err(|error| Error::io(path, "read", error))?;
        Self::read(path, file)
    }

    /// What a stream has, packed or not, under the name that messages give it.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(name: &Path, stream: impl Read) -> Result<Self> {
        let unpacked = unpack(stream).map_err(|error| Error::io(name, "read", error))?;
        Ok(Self { stated: name.to_path_buf(), unpacked: Some(unpacked) })
    }

    /// Its path as it was given.
    pub fn stated(&self) -> &Path {
        &self.stated
    }

    /// Where it can be read.
    pub fn path(&self) -> &Path {
        self.unpacked.as_ref().map_or(&self.stated, |file| file.path())
    }

    /// An error with the name of the input instead of that of the temporary file.
    #[must_use]
    pub fn restate(&self, error: Error) -> Error {
        match error.file() == Some(self.path()) {
            true => error.in_file(&self.stated),
            false => error,
        }
    }
}

/// A temporary file with what a stream has.
fn unpack(stream: impl Read) -> io::Result<NamedTempFile> {
    let mut stream = BufReader::with_capacity(1 << 16, stream);
    let start = stream.fill_buf()?;
    if start.starts_with(&GZIP) {
        return keep(MultiGzDecoder::new(stream));
    }
    if start.starts_with(&ZSTD) {
        return keep(Frames { stream, decoder: FrameDecoder::new(), is_in_frame: false });
    }
    keep(stream)
}

/// The file's extension is that of what its first byte tells: JSON, or a table.
fn keep(stream: impl Read) -> io::Result<NamedTempFile> {
    let mut stream = BufReader::new(stream);
    let first = stream.fill_buf()?.iter().find(|byte| !byte.is_ascii_whitespace());
    let is_json = matches!(first, Some(b'{' | b'[' | 0xEF) | None);
    let suffix = if is_json { ".json" } else { ".csv" };
    let mut file = tempfile::Builder::new().prefix("annoconv-").suffix(suffix).tempfile()?;
    io::copy(&mut stream, &mut file)?;
    Ok(file)
}

/// The content of all frames of a Zstandard stream, one after the other.
struct Frames<R: BufRead> {
    stream: R,
    decoder: FrameDecoder,
    is_in_frame: bool,
}

impl<R: BufRead> Frames<R> {
    /// Reads of the frame that was begun; nothing at its end.
    fn read_frame(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
            let one = BlockDecodingStrategy::UptoBlocks(1);
            self.decoder.decode_blocks(&mut self.stream, one).map_err(io::Error::other)?;
        }
        self.decoder.read(out)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.is_in_frame {
                if self.stream.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                self.decoder.reset(&mut self.stream).map_err(io::Error::other)?;
                self.is_in_frame = true;
            }
            let count = self.read_frame(out)?;
            if count > 0 || out.is_empty() {
                return Ok(count);
            }
            let stated = self.decoder.get_checksum_from_data();
            if stated.is_some() && stated != self.decoder.get_calculated_checksum() {
                return Err(io::Error::other("the checksum is not that of the content"));
            }
            self.is_in_frame = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        compress_to_vec(text, CompressionLevel::Fastest)
    }

    fn content(stream: &[u8]) -> Result<Vec<u8>> {
        let input = Input::read(Path::new("-"), stream)?;
        crate::files::read(input.path())
    }

    #[test]
    fn streams_are_unpacked_whatever_they_are_packed_with() {
        let text = "{\"a\": 1}\n".repeat(30_000).into_bytes();
        let twice = [text.as_slice(), &text].concat();
        assert_eq!(content(&text).unwrap(), text);
        assert_eq!(content(&gzip(&text)).unwrap(), text);
        assert_eq!(content(&zstd(&text)).unwrap(), text);
        assert_eq!(content(&[gzip(&text), gzip(&text)].concat()).unwrap(), twice);
        assert_eq!(content(&[zstd(&text), zstd(&text)].concat()).unwrap(), twice);
        assert_eq!(content(b"").unwrap(), b"");
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        let text = "{\"a\": 1}\n".repeat(3_000).into_bytes();
        for packed in [gzip(&text), zstd(&text)] {
            for length in [5, packed.len() / 2, packed.len() - 1] {
                let error = content(&packed[..length]).unwrap_err().to_string();
                assert!(error.starts_with("-: cannot read"), "{error}");
            }
        }
    }

    #[test]
    fn the_extension_is_that_of_the_content() {
        let extension = |text: &str| {
            let input = Input::read(Path::new("-"), text.as_bytes()).unwrap();
            input.path().extension().unwrap().to_owned()
        };
        assert_eq!(extension(" {\"images\": []}"), "json");
        assert_eq!(extension("filename,file_size\n"), "csv");
    }

    #[test]
    fn messages_name_what_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json.gz");
        std::fs::write(&path, gzip(b"{}")).unwrap();
        let input = Input::open(&path).unwrap();
        assert_ne!(input.path(), path);
        let error = Error::malformed("file", "images", "none").in_file(input.path());
        assert_eq!(input.restate(error).file(), Some(path.as_path()));
        let other = Input::open(folder.path()).unwrap();
        assert_eq!(other.path(), folder.path());
    }
}
