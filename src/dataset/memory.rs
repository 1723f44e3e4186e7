//! A dataset that is held in memory: for tests, and for callers that make their own records.

use crate::error::{Place, Result};
use crate::format::{Read, Source, Spot};
use crate::model::{Annotation, Header, Image, Verbatim};

/// Images with their annotations, as they were handed over.
pub struct Memory {
    header: Header,
    images: Vec<Image>,
    annotations: Vec<Vec<Annotation>>,
}

impl Memory {
    /// A dataset of these images.
    pub fn new(header: Header, records: Vec<(Image, Vec<Annotation>)>) -> Self {
        let (images, annotations) = records.into_iter().unzip();
        Self { header, images, annotations }
    }
}

impl Source for Memory {
    fn header(&self) -> &Header {
        &self.header
    }

    fn images(&self) -> &[Image] {
        &self.images
    }

    fn image(&self, index: usize) -> Result<Verbatim<Image>> {
        Ok(Verbatim::new(self.images.get(index).cloned().unwrap_or_default()))
    }

    fn read(&self, index: usize, _image: &Image) -> Result<Read> {
        let own = self.annotations.get(index).into_iter().flatten();
        Ok(Read::of(own.map(|annotation| Ok(Verbatim::new(annotation.clone()))).collect()))
    }

    fn place(&self, _spot: Spot) -> Place {
        Place::default()
    }
}
