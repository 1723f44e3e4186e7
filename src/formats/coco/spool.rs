//! Annotations that wait until all others have come.

use crate::files::map::{Bytes, Slice};
use crate::format::{EncodedAnnotation, Text};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::sync::Arc;

/// Annotations kept to be written in the source's order after the last one came: in a file, where
/// they are not the source's own.
pub struct Spool {
    file: BufWriter<File>,
    /// Order, is numbered, and where it is.
    kept: Vec<(usize, bool, Kept)>,
    length: usize,
}

enum Kept {
    /// In the file.
    At(Range<usize>),
    Stated(Slice),
}

impl Spool {
    pub fn new(file: File) -> Self {
        Self { file: BufWriter::new(file), kept: Vec::new(), length: 0 }
    }

    pub fn keep(&mut self, annotation: EncodedAnnotation) -> io::Result<()> {
        let EncodedAnnotation { order, is_numbered, bytes } = annotation;
        let kept = match bytes {
            Text::Stated(slice) => Kept::Stated(slice),
            Text::Made(bytes) => {
                self.file.write_all(&bytes)?;
                let start = self.length;
                self.length += bytes.len();
                Kept::At(start..self.length)
            }
        };
        self.kept.push((order.unwrap_or(usize::MAX), is_numbered, kept));
        Ok(())
    }

    pub fn replay(
        mut self,
        mut put: impl FnMut(&EncodedAnnotation) -> io::Result<()>,
    ) -> io::Result<()> {
        self.kept.sort_by_key(|&(order, ..)| order);
        let file = self.file.into_inner().map_err(|error| error.into_error())?;
        let text = Arc::new(Bytes::of(&file)?);
        for (order, is_numbered, kept) in self.kept {
            let slice = match kept {
                Kept::At(span) => Slice::new(&text, &span),
                Kept::Stated(slice) => slice,
            };
            let bytes = Text::Stated(slice);
            put(&EncodedAnnotation { order: Some(order), is_numbered, bytes })?;
        }
        Ok(())
    }
}
