//! A source whose records an edit changes.

use crate::edit::{Bound, Change, Edit};
use crate::error::{Place, Result};
use crate::format::{Read, Source, Spot};
use crate::model::{Header, Image, Verbatim};

/// A source as an edit makes it.
pub struct Edited {
    source: Box<dyn Source>,
    header: Header,
    change: Change,
}

impl Edited {
    /// Puts an edit on a source.
    ///
    /// # Errors
    /// Where the edit does not fit the dataset: it names a class that is not there.
    pub fn new(source: Box<dyn Source>, edit: &dyn Edit) -> Result<Self> {
        let Bound { header, change } = edit.bind(source.header().clone())?;
        Ok(Self { source, header, change })
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
                (self.change)(annotation, number, losses);
            }
        }
        Ok(read)
    }

    fn place(&self, spot: Spot) -> Place {
        self.source.place(spot)
    }
}
