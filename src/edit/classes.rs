//! Keeping some classes, or leaving some out.

use super::{Before, Bound, Edit, Patterns};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::format::Wants;
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Header, Verbatim};

/// Which classes stay: all, or those that `keep` names, but not those that `drop` names.
#[derive(Debug, Clone, Default)]
pub struct Classes {
    /// The only classes that stay; all where it is empty.
    pub keep: Patterns,
    /// Classes that go.
    pub drop: Patterns,
}

impl Edit for Classes {
    fn wants(&self) -> Wants {
        Wants::BOXES
    }

    fn bind(&self, before: &Before) -> Result<Bound> {
        let header = before.header().clone();
        let stays = self.stays(&header)?;
        let (mut places, mut categories) = (Vec::with_capacity(stays.len()), Vec::new());
        for (category, stays) in header.categories.into_iter().zip(stays) {
            places.push(stays.then_some(categories.len()));
            categories.extend(Some(category).filter(|_| stays));
        }
        let change =
            move |annotation: &mut Verbatim<Annotation>, number: usize, losses: &mut Losses| {
                let Some(own) = annotation.category else { return };
                match places.get(own).copied().flatten() {
                    // The same class at another place in the list: its text says so, too.
                    Some(place) => annotation.complete(|it| it.category = Some(place)),
                    None => losses.annotation(Reason::ClassLeftOut, number),
                }
            };
        let bound = Bound::of(Header { categories, ..header });
        Ok(Bound { change: Some(Box::new(change)), ..bound })
    }
}

impl Classes {
    fn stays(&self, header: &Header) -> Result<Vec<bool>> {
        let names: Vec<&str> = header.categories.iter().map(|it| it.name.as_str()).collect();
        let keep = self.keep.over(&names, "class", true)?;
        let drop = self.drop.over(&names, "class", true)?;
        let stays =
            names.iter().map(|name| (self.keep.is_empty() || keep.has(name)) && !drop.has(name));
        let stays: Vec<bool> = stays.collect();
        match stays.contains(&true) {
            true => Ok(stays),
            false => {
                let mismatch = Mismatch::new("a class that stays", "none (--keep, --drop)");
                Err(Error::new(ErrorKind::Usage, "classes", mismatch))
            }
        }
    }
}
