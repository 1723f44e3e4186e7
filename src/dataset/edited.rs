//! A source whose records an edit changes.

use crate::edit::Edit;
use crate::error::{Place, Result};
use crate::format::{Read, Source, Spot};
use crate::model::{Header, Image, Verbatim};

/// A source as an edit makes it.
pub struct Edited {
    source: Box<dyn Source>,
    edit: Box<dyn Edit>,
    header: Header,
}

impl Edited {
    /// Puts an edit on a source.
    ///
    /// # Errors
    /// Where the edit does not fit the dataset: it names a class that is not there.
    pub fn new(source: Box<dyn Source>, mut edit: Box<dyn Edit>) -> Result<Self> {
        let header = edit.header(source.header().clone())?;
        Ok(Self { source, edit, header })
    }
}

impl Source for Edited {
    fn header(&self) -> &Header {
        &self.header
    }

    fn images(&self) -> &[Image] {
        self.source.images()
    }

    fn image(&self, index: usize) -> Result<Verbatim<Image>> {
        self.source.image(index)
    }

    fn read(&self, index: usize, image: &Image) -> Result<Read> {
        let mut read = self.source.read(index, image)?;
        let Read { annotations, losses, .. } = &mut read;
        for (number, annotation) in annotations.iter_mut().enumerate() {
            if let Ok(annotation) = annotation {
                self.edit.annotation(annotation, number, losses);
            }
        }
        Ok(read)
    }

    fn place(&self, spot: Spot) -> Place {
        self.source.place(spot)
    }
}
