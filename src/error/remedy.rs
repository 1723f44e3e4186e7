//! What a caller can change so that a failed call goes through.

/// The one change to a call that mends an error, where there is one. The library names no option of a
/// command line: who made the call says it in his own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remedy {
    /// Let the output replace files.
    Overwrite,
    /// Let the output remove files that this run does not write.
    Prune,
    /// Name the format of the inputs.
    Format,
    /// Name the list of classes.
    Classes,
    /// Say where the image files are.
    Images,
    /// Say where the image files are, or which file of annotations has their sizes.
    Sizes,
    /// Leave out images that are not found.
    SkipMissing,
    /// Leave out what cannot be read.
    SkipUnreadable,
    /// Leave out images without annotations.
    SkipNegatives,
    /// Leave out an image by its name.
    DropImage,
    /// Share the images out to subsets.
    Split,
    /// Copy the images instead of linking them.
    Copy,
    /// Change the files themselves.
    InPlace,
}

impl Remedy {
    /// All remedies.
    pub const ALL: &[Self] = &[
        Self::Overwrite,
        Self::Prune,
        Self::Format,
        Self::Classes,
        Self::Images,
        Self::Sizes,
        Self::SkipMissing,
        Self::SkipUnreadable,
        Self::SkipNegatives,
        Self::DropImage,
        Self::Split,
        Self::Copy,
        Self::InPlace,
    ];
}
