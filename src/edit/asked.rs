//! Edits as a caller asks for them: plain values, from the command line or from Python.

use super::rename::renames;
use super::{
    Classes, Copies, Earlier, Edit, Group, Images, KeepEmpty, Limits, Lists, OfSubset, Patterns,
    Rename, Sample, Split,
};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::progress::Progress;
use crate::split::Share;
use std::path::PathBuf;

/// What is selected and changed. What is empty or not stated changes nothing.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Only these classes, by names or patterns.
    pub keep: Vec<String>,
    /// All but these classes.
    pub drop: Vec<String>,
    /// Old and new names of classes.
    pub rename: Vec<(String, String)>,
    /// A file with such names.
    pub rename_from: Option<PathBuf>,
    /// Only images of these names or patterns.
    pub keep_images: Vec<String>,
    /// All but images of these names or patterns.
    pub drop_images: Vec<String>,
    /// Only the images that these files name.
    pub images_from: Vec<PathBuf>,
    /// Only objects of at least, and at most, so many square pixels; whose box has no shorter side.
    pub limits: Limits,
    /// Images without objects are at most this share of all.
    pub keep_empty: Option<f64>,
    /// Only so many images.
    pub sample: Option<usize>,
    /// Subsets, and their shares of the images.
    pub split: Option<Vec<Share>>,
    /// Subsets that are given.
    pub earlier: Earlier,
    /// What images have in common that stay together in a split.
    pub group: Option<Group>,
    /// Copies of one picture that stay together in a split.
    pub copies: Option<Copies>,
    /// Only the images of this subset.
    pub subset: Option<String>,
    /// The number from which choices are made.
    pub seed: u64,
    /// Whether a name in a list that no image has is passed over, counted; else it is an error.
    pub skips_unknown: bool,
}

impl Asked {
    /// The edits, in the order in which they are done.
    ///
    /// ```
    /// use annoconv::edit::Asked;
    /// use annoconv::progress::Progress;
    /// let asked = Asked { keep: vec!["fracture".to_owned()], sample: Some(10), ..Asked::default() };
    /// assert_eq!(asked.edits(&Progress::default())?.len(), 2);
    /// let wrong = Asked { keep_empty: Some(1.5), ..Asked::default() };
    /// assert!(wrong.edits(&Progress::default()).is_err());
    /// # Ok::<(), annoconv::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where a value cannot be what it is, or the file of names cannot be read.
    pub fn edits(&self, progress: &Progress) -> Result<Vec<Box<dyn Edit>>> {
        self.edits_around(Vec::new(), progress)
    }

    /// The same, with a caller's own edits among them: after what is selected and changed by names and
    /// sizes, and before what counts the objects of images.
    ///
    /// # Errors
    /// As [`Self::edits`].
    pub fn edits_around(
        &self,
        own: Vec<Box<dyn Edit>>,
        progress: &Progress,
    ) -> Result<Vec<Box<dyn Edit>>> {
        self.refuse()?;
        let seed = self.seed;
        let mut all: Vec<Box<dyn Edit>> = Vec::new();
        if !self.keep.is_empty() || !self.drop.is_empty() {
            let (keep, drop) = (Patterns::new(self.keep.clone()), Patterns::new(self.drop.clone()));
            all.push(Box::new(Classes { keep, drop }));
        }
        let names = renames(self.rename.clone(), self.rename_from.as_deref())?;
        if !names.is_empty() {
            all.push(Box::new(Rename::new(names)));
        }
        all.extend(self.images());
        if self.limits != Limits::default() {
            all.push(Box::new(self.limits));
        }
        all.extend(own);
        if let Some(share) = self.keep_empty {
            all.push(Box::new(KeepEmpty { share, seed }));
        }
        if let Some(images) = self.sample {
            all.push(Box::new(Sample { images, seed }));
        }
        all.extend(self.splitting(progress));
        if let Some(subset) = &self.subset {
            all.push(Box::new(OfSubset(subset.clone())));
        }
        Ok(all)
    }

    fn images(&self) -> Option<Box<dyn Edit>> {
        let Self { keep_images, drop_images, images_from, .. } = self;
        if keep_images.is_empty() && drop_images.is_empty() && images_from.is_empty() {
            return None;
        }
        Some(Box::new(Images {
            keep: Patterns::new(keep_images.clone()),
            drop: Patterns::new(drop_images.clone()),
            lists: Lists { paths: images_from.clone(), skips_unknown: self.skips_unknown },
        }))
    }

    fn splitting(&self, progress: &Progress) -> Option<Box<dyn Edit>> {
        if self.split.is_none() && self.earlier.is_none() {
            return None;
        }
        Some(Box::new(Split {
            shares: self.split.clone().unwrap_or_default(),
            earlier: Earlier { skips_unknown: self.skips_unknown, ..self.earlier.clone() },
            group: self.group.clone(),
            copies: self.copies.unwrap_or_default(),
            seed: self.seed,
            progress: progress.clone(),
        }))
    }

    /// Refuses numbers that are none of their kind, and what has no effect without a split.
    fn refuse(&self) -> Result<()> {
        let Limits { min_area, max_area, min_side } = self.limits;
        for (name, size) in [("min-area", min_area), ("max-area", max_area), ("min-side", min_side)]
        {
            refuse_number(name, "a number of pixels, 0 or more", size, f64::MAX)?;
        }
        refuse_number("keep-empty", "a share, 0 to 1", self.keep_empty, 1.0)?;
        let idle = match (&self.group, self.copies) {
            _ if self.split.is_some() => return Ok(()),
            (Some(_), _) => "group",
            (_, Some(_)) => "copies",
            _ => return Ok(()),
        };
        Err(wrong(idle, "a split, for which it is meant", "none".to_owned()))
    }
}

fn refuse_number(name: &str, expected: &str, number: Option<f64>, most: f64) -> Result<()> {
    match number {
        Some(number) if !(0.0..=most).contains(&number) => {
            Err(wrong(name, expected, number.to_string()))
        }
        _ => Ok(()),
    }
}

fn wrong(name: &str, expected: &str, found: String) -> Error {
    Error::new(ErrorKind::Usage, name, Mismatch::new(expected, found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::parse_shares;

    fn refused(asked: &Asked) -> String {
        let result = asked.edits(&Progress::default());
        result.map(|edits| edits.len()).unwrap_err().to_string()
    }

    #[test]
    fn numbers_that_are_none_of_their_kind_are_refused_by_name() {
        for number in [-1.0, f64::NAN, f64::INFINITY] {
            let limits = Limits { max_area: Some(number), ..Limits::default() };
            let error = refused(&Asked { limits, ..Asked::default() });
            assert!(error.starts_with("max-area: expected a number of pixels"), "{error}");
        }
        let error = refused(&Asked { keep_empty: Some(2.0), ..Asked::default() });
        assert_eq!(error, "keep-empty: expected a share, 0 to 1, found 2");
    }

    #[test]
    fn what_is_meant_for_a_split_is_refused_without_one() {
        let copies = Asked { copies: Some(Copies::None), ..Asked::default() };
        assert!(refused(&copies).starts_with("copies: expected a split"));
        let split = Some(parse_shares("a=1").unwrap());
        assert_eq!(Asked { split, ..copies }.edits(&Progress::default()).unwrap().len(), 1);
    }
}
