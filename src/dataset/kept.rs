//! What is left of a dataset, as a dataset of its own.

use super::Ready;
use crate::error::{Place, Result};
use crate::format::{Read, Source, Spot};
use crate::losses::Losses;
use crate::model::{Header, Image, Verbatim};

/// The images of a dataset that are not left out, numbered anew.
pub struct Kept {
    ready: Ready,
    /// The number of each in the dataset, and the images; none where all are left in.
    chosen: Option<(Vec<usize>, Vec<Image>)>,
}

impl Kept {
    /// The images of a dataset that are not left out.
    pub fn of(ready: Ready) -> Self {
        let all = 0..ready.images().len();
        let kept: Vec<usize> = all.clone().filter(|index| !ready.is_left_out(*index)).collect();
        let chosen = (kept.len() < all.len()).then(|| {
            let images = kept.iter().filter_map(|index| ready.images().get(*index));
            let images = images.cloned().collect();
            (kept, images)
        });
        Self { ready, chosen }
    }

    /// The dataset.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// The number that an image has in the dataset.
    fn number(&self, index: usize) -> usize {
        let chosen = self.chosen.as_ref().and_then(|(numbers, _)| numbers.get(index));
        chosen.copied().unwrap_or(index)
    }
}

impl Source for Kept {
    fn header(&self) -> &Header {
        self.ready.header()
    }

    fn images(&self) -> &[Image] {
        match &self.chosen {
            Some((_, images)) => images,
            None => self.ready.images(),
        }
    }

    fn image(&self, index: usize) -> Result<Verbatim<Image>> {
        self.ready.image(self.number(index))
    }

    /// The annotations, and what was lost of them and in completing the image.
    fn read(&self, index: usize, image: &Image) -> Result<Read> {
        let number = self.number(index);
        let read = self.ready.read(number, image)?;
        let mut losses: Losses = self.ready.losses(number).clone();
        losses.append(&read.losses);
        Ok(Read { losses, ..read })
    }

    fn place(&self, spot: Spot) -> Place {
        self.ready.place(match spot {
            Spot::Image(index, field) => Spot::Image(self.number(index), field),
            Spot::Annotation(index, annotation, field) => {
                Spot::Annotation(self.number(index), annotation, field)
            }
            spot => spot,
        })
    }
}
