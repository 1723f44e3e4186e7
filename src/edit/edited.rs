//! A source that an edit changes.

use super::{Before, Bound, Change, Edit};
use crate::dataset::Selection;
use crate::error::{Place, Result};
use crate::format::{Read, Source, Spot};
use crate::model::{Header, Image, Verbatim};

/// A source as an edit makes it.
pub struct Edited {
    source: Box<dyn Source>,
    bound: Bound,
}

impl Edited {
    /// Puts an edit on a source. Images that the edit leaves out are left out of the selection.
    ///
    /// # Errors
    /// Where the edit does not fit the dataset: it names a class that is not there.
    pub fn new(
        source: Box<dyn Source>,
        edit: &dyn Edit,
        selection: &mut Selection,
    ) -> Result<Self> {
        let mut bound = edit.bind(&Before::new(source.as_ref(), selection))?;
        for (image, reason) in bound.left_out.drain(..) {
            selection.leave_out(image, reason);
        }
        Ok(Self { source, bound })
    }

    /// What the edit has to say besides what it does.
    pub fn bound(&self) -> &Bound {
        &self.bound
    }
}

impl Source for Edited {
    fn header(&self) -> &Header {
        &self.bound.header
    }

    fn images(&self) -> &[Image] {
        match &self.bound.images {
            Some(images) => images,
            None => self.source.images(),
        }
    }

    fn image(&self, index: usize) -> Result<Verbatim<Image>> {
        let mut image = self.source.image(index)?;
        let own = self.bound.images.as_ref().and_then(|images| images.get(index));
        if let Some(own) = own {
            if image.file_name != own.file_name {
                image.file_name.clone_from(&own.file_name);
            }
            image.complete(|it| {
                it.subset.clone_from(&own.subset);
                it.is_stem = own.is_stem;
            });
        }
        Ok(image)
    }

    fn read(&self, index: usize, image: &Image) -> Result<Read> {
        let mut read = self.source.read(index, image)?;
        if let Some(change) = &self.bound.change {
            change_each(change, &mut read);
        }
        if let Some(change) = &self.bound.change_record {
            change(index, image, &mut read)?;
        }
        Ok(read)
    }

    fn place(&self, spot: Spot) -> Place {
        self.source.place(spot)
    }
}

/// Changes each annotation that can be read and is not left out.
fn change_each(change: &Change, read: &mut Read) {
    let gone = read.dropped();
    let Read { annotations, losses, .. } = read;
    for (number, annotation) in annotations.iter_mut().enumerate() {
        if let Ok(annotation) = annotation
            && !gone.contains(&number)
        {
            change(annotation, number, losses);
        }
    }
}
