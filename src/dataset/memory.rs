//! A dataset that is held in memory: for tests, and for callers that make their own records.

use crate::error::{Place, Result};
use crate::format::{Read, Source, Spot};
use crate::losses::Losses;
use crate::model::{Annotation, Header, Image, Stated, Verbatim};

/// Images with their annotations, as they were handed over.
pub struct Memory {
    header: Header,
    images: Vec<Image>,
    /// What of each image is not in the list of them.
    rest: Vec<Rest>,
}

/// A record that is held in memory. One that a reader made keeps the text that states it.
#[derive(Debug, Clone, Default)]
pub struct Held {
    /// The image.
    pub image: Verbatim<Image>,
    /// Its annotations.
    pub annotations: Vec<Verbatim<Annotation>>,
    /// What was lost of them before. An annotation that was dropped is in the list.
    pub losses: Losses,
}

struct Rest {
    stated: Option<Stated>,
    annotations: Vec<Verbatim<Annotation>>,
    losses: Losses,
}

impl Memory {
    /// A dataset of these images.
    pub fn new(header: Header, records: Vec<(Image, Vec<Annotation>)>) -> Self {
        let held = |(image, annotations): (Image, Vec<Annotation>)| Held {
            image: image.into(),
            annotations: annotations.into_iter().map(Verbatim::new).collect(),
            losses: Losses::default(),
        };
        Self::of(header, records.into_iter().map(held).collect())
    }

    /// A dataset of these records, the texts of which must fit the header: ids of classes and images
    /// are repeated as they stand there.
    pub fn of(header: Header, records: Vec<Held>) -> Self {
        let split = |held: Held| {
            let (image, stated) = held.image.into_parts();
            (image, Rest { stated, annotations: held.annotations, losses: held.losses })
        };
        let (images, rest) = records.into_iter().map(split).unzip();
        Self { header, images, rest }
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
        let Some((image, rest)) = self.images.get(index).zip(self.rest.get(index)) else {
            return Ok(Verbatim::default());
        };
        Ok(Verbatim::with(image.clone(), rest.stated.clone()))
    }

    fn read(&self, index: usize, _image: &Image) -> Result<Read> {
        let Some(Rest { annotations, losses, .. }) = self.rest.get(index) else {
            return Ok(Read::default());
        };
        let annotations = annotations.iter().cloned().map(Ok).collect();
        Ok(Read { annotations, losses: losses.clone(), ..Read::default() })
    }

    fn place(&self, _spot: Spot) -> Place {
        Place::default()
    }
}
