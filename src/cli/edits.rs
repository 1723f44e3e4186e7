//! The options that select and change what is converted, in the order in which they are done.

use crate::edit::{Asked, Copies, Earlier, Group, Limits, parse_rename};
use crate::split::{Share, parse_shares};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Select and change, in this order")]
pub struct Edits {
    /// Only these classes: names or patterns (*, ?), separated by commas
    #[arg(long, value_name = "CLASSES")]
    keep: Vec<String>,
    /// All but these classes: names or patterns (*, ?), separated by commas
    #[arg(long, value_name = "CLASSES")]
    drop: Vec<String>,
    /// Give a class another name; may be repeated
    ///
    /// Classes that get one name become one
    #[arg(long, value_name = "OLD=NEW")]
    rename: Vec<String>,
    /// Names of classes in a file: a table (.csv) of old and new names, or lines OLD=NEW
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    rename_from: Option<PathBuf>,
    /// Only images of this name or pattern (*, ?). May be repeated
    #[arg(long, value_name = "GLOB", hide_short_help = true)]
    keep_images: Vec<String>,
    /// All but images of this name or pattern (*, ?). May be repeated
    #[arg(long, value_name = "GLOB", hide_short_help = true)]
    drop_images: Vec<String>,
    /// Only the images that a file names: a name a line, or a table (.csv) with a column of images
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    images_from: Vec<PathBuf>,
    /// Only objects of at least so many square pixels: of the shape, else of the box
    #[arg(long, value_name = "PX", value_parser = size, hide_short_help = true)]
    min_area: Option<f64>,
    /// Only objects of at most so many square pixels
    #[arg(long, value_name = "PX", value_parser = size, hide_short_help = true)]
    max_area: Option<f64>,
    /// Only objects whose box has no side shorter than this
    #[arg(long, value_name = "PX", value_parser = size, hide_short_help = true)]
    min_side: Option<f64>,
    /// Leave out images without objects until they are at most this share of all, 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share, hide_short_help = true)]
    keep_empty: Option<f64>,
    /// Only so many images, in which each class has its share
    #[arg(long, value_name = "N", hide_short_help = true)]
    sample: Option<usize>,
    /// Share the images out to subsets, each with its share of every class
    ///
    /// Copies of one picture stay together
    #[arg(long, value_name = "NAME=SHARE,…", value_parser = shares)]
    split: Option<Shares>,
    /// Subsets from lists (train.csv,val.csv, or NAME=FILE,…), or from a dataset that was split
    /// before. With --split the images that they do not name are shared out, else left out
    #[arg(long, value_name = "LISTS", hide_short_help = true)]
    split_from: Vec<String>,
    /// Images that stay together in a split: what the first group in parentheses of a regular
    /// expression matches in their names is the same, or a member of their records
    #[arg(long, value_name = "REGEX|MEMBER", requires = "split", value_parser = group)]
    #[arg(hide_short_help = true)]
    group: Option<Group>,
    /// Copies of one picture that stay together in a split
    #[arg(long, value_name = "WHICH", default_value = "pictures", requires = "split")]
    #[arg(hide_short_help = true)]
    copies: WhichCopies,
    /// Only the images of this subset
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    subset: Option<String>,
    /// The number from which --keep-empty, --sample and --split make their choice
    #[arg(long, value_name = "N", default_value_t = 0, hide_short_help = true)]
    seed: u64,
}

/// Which copies of one picture stay together.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum WhichCopies {
    /// Also those that were encoded anew, resized, turned or mirrored; all images are decoded
    #[default]
    Pictures,
    /// Files that are equal byte for byte
    Bytes,
    /// None
    None,
}

impl From<WhichCopies> for Copies {
    fn from(which: WhichCopies) -> Self {
        match which {
            WhichCopies::Pictures => Self::Pictures,
            WhichCopies::Bytes => Self::Bytes,
            WhichCopies::None => Self::None,
        }
    }
}

/// The shares of a split.
#[derive(Clone, Debug)]
struct Shares(Vec<Share>);

fn shares(text: &str) -> Result<Shares, crate::error::Error> {
    parse_shares(text).map(Shares)
}

fn group(text: &str) -> Result<Group, crate::error::Error> {
    Group::parse(text)
}

fn size(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| "expected a number of pixels, 0 or more".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "expected a share, 0 to 1".to_owned())
}

impl Edits {
    /// The edits as the library takes them.
    pub fn asked(&self) -> anyhow::Result<Asked> {
        let Self { min_area, max_area, min_side, .. } = *self;
        let rename = self.rename.iter().map(|text| parse_rename(text)).collect::<Result<_, _>>()?;
        Ok(Asked {
            keep: self.keep.clone(),
            drop: self.drop.clone(),
            rename,
            rename_from: self.rename_from.clone(),
            keep_images: self.keep_images.clone(),
            drop_images: self.drop_images.clone(),
            images_from: self.images_from.clone(),
            limits: Limits { min_area, max_area, min_side },
            keep_empty: self.keep_empty,
            sample: self.sample,
            split: self.split.as_ref().map(|it| it.0.clone()),
            earlier: Earlier::parse(&self.split_from)?,
            group: self.group.clone(),
            copies: self.split.is_some().then(|| self.copies.into()),
            subset: self.subset.clone(),
            seed: self.seed,
            ..Asked::default()
        })
    }
}
