//! A source whose classes have another order, or names that it does not state itself.

use super::classes_order;
use crate::error::{Place, Result};
use crate::format::{Read, Source, Spot};
use crate::images::ImageTable;
use crate::model::{Header, Image, Verbatim};

/// A source whose classes are numbered anew.
pub struct Ordered {
    source: Box<dyn Source>,
    header: Header,
    /// The new place of each class; none where all annotations get the only class.
    places: Option<Vec<usize>>,
}

/// Names the classes of a source that does not name them itself: one that has none gets a single class,
/// and one that knows them by their ids, as a COCO results file does, gets those of the file with the
/// sizes. `names` are the only ones that are allowed, in their order.
///
/// # Errors
/// Where the source has no class and several names are given.
pub fn name_classes(
    source: Box<dyn Source>,
    table: Option<&ImageTable>,
    names: Option<&[String]>,
) -> Result<Box<dyn Source>> {
    let header = source.header().clone();
    if header.categories.is_empty() {
        let only = classes_order::only_class(names)?;
        let header = Header { categories: vec![only.into()], ..header };
        return Ok(Box::new(Ordered { source, header, places: None }));
    }
    let (header, places) = classes_order::name_categories(header, table);
    Ok(ordered(source, header, places))
}

/// Puts the classes of a source into the order of `names`. Where it was edited, the list is that of
/// before: classes that are no longer there are passed over, and new ones follow the others.
///
/// # Errors
/// Where a class of a source that was not edited is not in the list.
pub fn order_classes(
    source: Box<dyn Source>,
    names: Option<&[String]>,
    is_edited: bool,
) -> Result<Box<dyn Source>> {
    let Some(names) = names else { return Ok(source) };
    let own = source.header().names();
    let names: Vec<String> = match is_edited {
        true => {
            let there = names.iter().filter(|name| own.contains(name));
            there.chain(own.iter().filter(|name| !names.contains(name))).cloned().collect()
        }
        false => names.to_vec(),
    };
    let (header, places) = classes_order::order(source.header().clone(), &names)?;
    Ok(ordered(source, header, Some(places)))
}

fn ordered(source: Box<dyn Source>, header: Header, places: Option<Vec<usize>>) -> Box<dyn Source> {
    match places {
        None => source,
        places => Box::new(Ordered { source, header, places }),
    }
}

impl Source for Ordered {
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
        for annotation in read.annotations.iter_mut().flatten() {
            let category = match &self.places {
                None => Some(0),
                Some(places) => annotation.category.and_then(|own| places.get(own).copied()),
            };
            // The class has the same id; only its place in the list is another.
            annotation.complete(|it| it.category = category);
        }
        Ok(read)
    }

    fn place(&self, spot: Spot) -> Place {
        self.source.place(spot)
    }
}
