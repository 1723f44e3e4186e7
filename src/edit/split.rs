//! Giving each image a subset: by lists, or so that each subset has its share of every class.

mod groups;
mod lists;

pub use groups::{Copies, Group};
pub use lists::Earlier;

use super::{Before, Bound, Edit};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::format::Wants;
use crate::losses::Reason;
use crate::model::Image;
use crate::progress::Progress;
use crate::split::{self, Balance, Held, Share, Unit};
use crate::tree::is_same_subset;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How a dataset is split.
#[derive(Debug, Clone, Default)]
pub struct Split {
    /// The subsets and their shares of all images; none where lists alone decide.
    pub shares: Vec<Share>,
    /// Lists and earlier splits, from which images keep their subsets.
    pub earlier: Earlier,
    /// What belongs together besides copies of one picture.
    pub group: Option<Group>,
    /// Which copies of one picture are kept together.
    pub copies: Copies,
    /// Which images go where is random; the same seed gives the same split.
    pub seed: u64,
    /// How far the comparing of pictures is.
    pub progress: Progress,
}

/// What a split has given.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// The names of the subsets.
    pub subsets: Vec<String>,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// What each subset has of the images, the empty ones and each class.
    pub balance: Balance,
    /// Images whose subset was given, by a list or an earlier split.
    pub given: usize,
    /// Groups of several images that were kept together, and how many images they have.
    pub groups: (usize, usize),
    /// Groups whose images lie in several subsets, as these were given.
    pub torn: usize,
    /// Images that `--group` found no group for; none where it was not asked for.
    pub ungrouped: usize,
    /// Images whose subset of before does not count any more.
    pub moved: usize,
    /// Whether shares were asked for; else lists alone decided.
    pub has_shares: bool,
}

impl Edit for Split {
    fn wants(&self) -> Wants {
        // The value of a member says what its images have in common.
        Wants { values: matches!(self.group, Some(Group::Member(_))), ..Wants::BOXES }
    }

    fn bind(&self, before: &Before) -> Result<Bound> {
        let mut bound = Bound::of(before.header().clone());
        refuse_alike(&self.shares)?;
        let given = self.earlier.read(before.images())?;
        bound.unknown = given.unknown;
        let subsets: Vec<String> = match self.shares.is_empty() {
            true => given.subsets.clone(),
            false => self.shares.iter().map(|share| share.name.clone()).collect(),
        };
        let places = places(&given.subsets, &subsets)?;
        let given: HashMap<usize, usize> = given
            .images
            .into_iter()
            .filter_map(|(image, list)| Some((image, *places.get(list)?)))
            .collect();
        let (assigned, summary) = self.assign(before, &given, subsets.clone())?;
        let names: Vec<Arc<str>> = subsets.iter().map(|name| Arc::from(name.as_str())).collect();
        let mut images: Vec<Image> = before.images().to_vec();
        for (index, image) in images.iter_mut().enumerate() {
            image.subset = assigned.get(&index).and_then(|subset| names.get(*subset).cloned());
        }
        let in_none = before.kept().filter(|(index, _)| !assigned.contains_key(index));
        bound.left_out = in_none.map(|(index, _)| (index, Reason::NotInLists)).collect();
        bound.images = Some(images);
        bound.split = Some(summary);
        Ok(bound)
    }
}

impl Split {
    /// The subset of each image that has one.
    fn assign(
        &self,
        before: &Before,
        given: &HashMap<usize, usize>,
        subsets: Vec<String>,
    ) -> Result<(HashMap<usize, usize>, Summary)> {
        let census: BTreeMap<usize, Vec<usize>> = before.census()?.into_iter().collect();
        let is_by_lists = self.shares.is_empty();
        let (members, torn, ungrouped) = match is_by_lists {
            true => {
                let listed = census.keys().filter(|it| given.contains_key(it));
                (listed.map(|it| vec![*it]).collect(), 0, 0)
            }
            false => self.groups(before, given)?,
        };
        let units: Vec<Unit> =
            members.iter().map(|own| group_unit(own, &census, before, given)).collect();
        let (shares, assigned) = match is_by_lists {
            true => {
                let assigned: Vec<usize> = units.iter().filter_map(|unit| unit.given).collect();
                (shares_of(&assigned, subsets.len()), assigned)
            }
            false => {
                let shares: Vec<f64> = self.shares.iter().map(|share| share.share).collect();
                let assigned = split::assign(&units, &shares, self.seed);
                (shares, assigned)
            }
        };
        let large = members.iter().filter(|own| own.len() > 1);
        let had_other = |(index, image): &(usize, &Image)| {
            image.subset.is_some() && !is_by_lists && !given.contains_key(index)
        };
        let summary = Summary {
            subsets,
            torn,
            ungrouped,
            moved: before.kept().filter(had_other).count(),
            has_shares: !is_by_lists,
            classes: before.header().names(),
            balance: split::balance(&units, &shares, &assigned),
            given: members.iter().flatten().filter(|image| given.contains_key(image)).count(),
            groups: large.fold((0, 0), |(groups, images), own| (groups + 1, images + own.len())),
        };
        let each = members.into_iter().zip(assigned);
        let each = each.flat_map(|(own, subset)| own.into_iter().map(move |it| (it, subset)));
        Ok((each.collect(), summary))
    }

    /// Images that stay together. Where some of a group are given to a subset, the others follow the
    /// first of them.
    fn groups(&self, before: &Before, given: &HashMap<usize, usize>) -> Result<Together> {
        let (groups, ungrouped) =
            groups::of(before, self.group.as_ref(), self.copies, &self.progress)?;
        let is_torn = |group: &&Vec<usize>| {
            let mut subsets = group.iter().filter_map(|image| given.get(image));
            subsets.next().is_some_and(|first| subsets.any(|it| it != first))
        };
        let torn = groups.iter().filter(is_torn).count();
        let apart = groups.into_iter().flat_map(|group| {
            let first = group.iter().find_map(|image| given.get(image).copied());
            let mut by_subset: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
            for image in group {
                by_subset.entry(given.get(&image).copied().or(first)).or_default().push(image);
            }
            by_subset.into_values()
        });
        Ok((apart.collect(), torn, ungrouped))
    }
}

/// Images that stay together, how many groups cannot, as their images were given to several subsets,
/// and how many images are of no group.
type Together = (Vec<Vec<usize>>, usize, usize);

/// Refuses two names of one subset.
fn refuse_alike(shares: &[Share]) -> Result<()> {
    for (at, share) in shares.iter().enumerate() {
        let mut others = shares.iter().take(at);
        if let Some(first) = others.find(|it| is_same_subset(&it.name, &share.name)) {
            let found = format!("{} and {}, which are names of one", first.name, share.name);
            let mismatch = Mismatch::new("each subset once", found);
            return Err(Error::new(ErrorKind::Usage, "split", mismatch));
        }
    }
    Ok(())
}

/// The share of all that each subset has, as lists give it.
fn shares_of(assigned: &[usize], subsets: usize) -> Vec<f64> {
    let count = |subset: usize| assigned.iter().filter(|it| **it == subset).count();
    (0..subsets).map(|subset| count(subset) as f64 / assigned.len().max(1) as f64).collect()
}

/// The place of each given subset among those that are wished.
fn places(given: &[String], wished: &[String]) -> Result<Vec<usize>> {
    let place = |name: &String| {
        let found = wished.iter().position(|it| it == name);
        found.or_else(|| wished.iter().position(|it| is_same_subset(it, name))).ok_or_else(|| {
            let expected = format!("one of --split ({})", wished.join(", "));
            let mismatch = Mismatch::new(expected, format!("{name:?} in --split-from"));
            Error::new(ErrorKind::Usage, "subset", mismatch)
        })
    };
    given.iter().map(place).collect()
}

/// The unit of a group of images.
fn group_unit(
    images: &[usize],
    census: &BTreeMap<usize, Vec<usize>>,
    before: &Before,
    given: &HashMap<usize, usize>,
) -> Unit {
    let name = |image: &usize| before.images().get(*image).map(|it| it.file_name.as_str());
    let key = images.iter().filter_map(name).min().unwrap_or_default();
    let classes: Vec<&[usize]> =
        images.iter().map(|image| census.get(image).map_or(&[][..], Vec::as_slice)).collect();
    let given = images.iter().find_map(|image| given.get(image).copied());
    Unit { given, ..unit(key, &classes) }
}

/// A unit of images that hold objects of these classes, an entry an object.
pub fn unit(key: &str, images: &[&[usize]]) -> Unit {
    let mut held: BTreeMap<usize, Held> = BTreeMap::new();
    for classes in images {
        let mut seen = std::collections::HashSet::new();
        for &class in *classes {
            let own = held.entry(class).or_insert(Held { class, images: 0, objects: 0 });
            own.objects += 1;
            own.images += usize::from(seen.insert(class));
        }
    }
    Unit {
        key: key.to_owned(),
        classes: held.into_values().collect(),
        images: images.len(),
        empty: images.iter().filter(|classes| classes.is_empty()).count(),
        given: None,
    }
}
