//! Input that cannot be read in place: standard input, pipes and compressed files. It is copied to
//! a temporary file.

use crate::error::{Error, Result};
use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;
use tempfile::NamedTempFile;

/// What a gzip file begins with (RFC 1952, 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What a Zstandard frame begins with (RFC 8878, 3.1.1).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// How many times longer a stream may become when it is unpacked. Annotations become about ten
/// times longer, very uniform ones a hundred times.
const MOST_GROWTH: u64 = 250;

/// How many bytes any stream may have when it is unpacked, however short it is.
const ALWAYS_TAKEN: u64 = 64 << 20;

/// A file or folder to be read. A packed file or a stream is unpacked to a temporary file, which
/// is removed when this value is dropped.
#[derive(Debug)]
pub struct Input {
    stated: PathBuf,
    unpacked: Option<NamedTempFile>,
}

impl Input {
    /// An input by its path: a file whose name ends in `.gz` or `.zst` is unpacked, and a named
    /// pipe (a shell's `<(…)`) is read as a stream.
    ///
    /// # Errors
    /// Where the file cannot be read or unpacked.
    pub fn open(path: &Path) -> Result<Self> {
        let is_packed = super::has_extension(path, &["gz", "zst"]) && path.is_file();
        if !is_packed && !is_pipe(path) {
            return Ok(Self { stated: path.to_path_buf(), unpacked: None });
        }
        let file = File::open(path).map_err(|error| Error::io(path, "read", error))?;
        Self::read(path, file)
    }

    /// Reads a whole stream, packed or not. Messages call it by `name`.
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

    /// The path to read: the temporary file's if there is one, else the stated path.
    pub fn path(&self) -> &Path {
        self.unpacked.as_ref().map_or(&self.stated, |file| file.path())
    }

    /// An error that names the input instead of the temporary file.
    #[must_use]
    pub fn restate(&self, error: Error) -> Error {
        match error.file() == Some(self.path()) {
            true => error.in_file(&self.stated),
            false => error,
        }
    }
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    path.metadata().is_ok_and(|about| about.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe(_path: &Path) -> bool {
    false
}

/// Unpacks a stream to a temporary file.
fn unpack(stream: impl Read) -> io::Result<NamedTempFile> {
    let mut stream = BufReader::with_capacity(1 << 16, stream);
    let start = stream.fill_buf()?;
    let is_gzip = start.starts_with(&GZIP);
    if !is_gzip && !start.starts_with(&ZSTD) {
        return keep(stream);
    }
    let packed = Rc::new(Cell::new(0));
    let stream = BufReader::new(Counted { stream, taken: Rc::clone(&packed) });
    let unpacked: Box<dyn Read> = match is_gzip {
        true => Box::new(MultiGzDecoder::new(stream)),
        false => Box::new(Frames { stream, decoder: FrameDecoder::new(), is_in_frame: false }),
    };
    keep(Bounded { unpacked, packed, given: 0 })
}

/// A stream that counts what was read of it.
struct Counted<R> {
    stream: R,
    taken: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(out)?;
        self.taken.set(self.taken.get().saturating_add(count as u64));
        Ok(count)
    }
}

/// An unpacked stream that ends with an error where it grows too much: a few packed bytes could
/// otherwise fill the disk.
struct Bounded<R> {
    unpacked: R,
    packed: Rc<Cell<u64>>,
    given: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.unpacked.read(out)?;
        self.given = self.given.saturating_add(count as u64);
        let most = self.packed.get().saturating_mul(MOST_GROWTH).max(ALWAYS_TAKEN);
        if self.given > most {
            let found = format!(
                "it unpacks to more than {MOST_GROWTH} times its length: unpack it first if that is right"
            );
            return Err(io::Error::other(found));
        }
        Ok(count)
    }
}

/// Copies a stream to a temporary file. Its first byte decides its extension, `.json` or `.csv`,
/// because readers recognise tables by that.
fn keep(stream: impl Read) -> io::Result<NamedTempFile> {
    let mut stream = BufReader::new(stream);
    let first = stream.fill_buf()?.iter().find(|byte| !byte.is_ascii_whitespace());
    if first.is_some_and(u8::is_ascii_control) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "neither JSON nor a table"));
    }
    let is_json = matches!(first, Some(b'{' | b'[' | 0xEF) | None);
    let suffix = if is_json { ".json" } else { ".csv" };
    clear(&std::env::temp_dir());
    let mut file = tempfile::Builder::new().prefix(PREFIX).suffix(suffix).tempfile()?;
    // The lock shows other runs that the file is in use. Where files cannot be locked, `clear`
    // relies on their age alone.
    let _ = file.as_file().try_lock();
    io::copy(&mut stream, &mut file)?;
    Ok(file)
}

/// The start of the names of temporary files. Nobody would choose such a name.
const PREFIX: &str = ".annoconv-unpacked-";

/// A temporary file that is older than this and not locked was left by a killed run.
const LEFT: Duration = Duration::from_secs(3600);

/// Whether this is the name of a temporary file: the prefix, six letters or digits, an extension.
fn is_own(name: &str) -> bool {
    let rest = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('.'));
    rest.is_some_and(|(random, extension)| {
        random.len() == 6
            && random.bytes().all(|it| it.is_ascii_alphanumeric())
            && ["json", "csv"].contains(&extension)
    })
}

/// Removes the temporary files of runs that were killed.
fn clear(folder: &Path) {
    let is_old = |path: &Path| {
        let modified =
            path.symlink_metadata().ok().filter(|about| about.is_file())?.modified().ok()?;
        Some(modified.elapsed().ok()? > LEFT)
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let own = entries.filter(|entry| is_own(&entry.file_name().to_string_lossy()));
    for path in own.map(|entry| entry.path()).filter(|path| is_old(path) == Some(true)) {
        if File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The content of all frames of a Zstandard stream, one after the other.
struct Frames<R: BufRead> {
    stream: R,
    decoder: FrameDecoder,
    is_in_frame: bool,
}

impl<R: BufRead> Frames<R> {
    /// Reads some bytes of the current frame; 0 at its end.
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
                return Err(io::Error::other("the checksum does not match the content"));
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
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
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
    fn what_unpacks_to_a_multiple_of_its_length_is_refused() {
        let text = vec![b' '; (ALWAYS_TAKEN + (1 << 20)) as usize];
        for packed in [gzip(&text), zstd(&text)] {
            let input = Input::read(Path::new("-"), packed.as_slice());
            let error = input.map(drop).unwrap_err().to_string();
            assert!(error.contains("more than 250 times its length"), "{error}");
        }
        assert_eq!(content(&gzip(&text[..1 << 20])).unwrap().len(), 1 << 20);
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_is_in_use_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let long_ago = std::time::SystemTime::now() - LEFT * 2;
        let files = [("left01.json", true), ("used02.json", true), ("new003.csv", false)];
        let files = files.map(|(name, is_old)| {
            let file = File::create(folder.path().join(format!("{PREFIX}{name}"))).unwrap();
            if is_old {
                file.set_modified(long_ago).unwrap();
            }
            file
        });
        let [left, used, _new] = files;
        drop(left);
        used.try_lock().unwrap();
        for theirs in ["theirs.json", ".annoconv-unpacked-mynotes.tar"] {
            let theirs = File::create(folder.path().join(theirs)).unwrap();
            theirs.set_modified(long_ago).unwrap();
        }
        clear(folder.path());
        let names = crate::files::walk_all(folder.path()).unwrap();
        let names: Vec<_> =
            names.iter().map(|it| it.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(
            names,
            [
                ".annoconv-unpacked-mynotes.tar",
                ".annoconv-unpacked-new003.csv",
                ".annoconv-unpacked-used02.json",
                "theirs.json"
            ]
        );
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
