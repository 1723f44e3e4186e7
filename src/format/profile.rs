//! What is constant about a format.

/// What is constant about a format. Code outside of the format's own file asks these questions, and
/// never for its name.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    /// Its name on the command line.
    pub name: &'static str,
    /// Other names that people use for it, in lower case.
    pub aliases: &'static [&'static str],
    /// One line for a list of formats.
    pub about: &'static str,
    /// What it holds, in a few words; docs/formats.md has the measured table.
    pub holds: &'static str,
    /// How its files lie in a dataset.
    pub arrangement: Arrangement,
    /// What its numbers are.
    pub numbers: Numbers,
    /// Where its classes are named.
    pub classes: Classes,
    /// How it names images.
    pub names: Names,
    /// Whether it states the sizes of images.
    pub has_sizes: bool,
    /// Whether its images, categories and annotations have ids of their own.
    pub has_ids: bool,
    /// Whether it states the shape of an object wherever one was drawn. A box alone then means that
    /// there is none. YOLO's files hold either boxes or shapes, and say nothing of the other.
    pub has_shapes: bool,
    /// How many of the formats were usually made before it: where two say the same, the one of the
    /// lower number is taken for the one that the other was made from.
    pub rank: usize,
}

impl Profile {
    /// Whether its numbers are fractions of the image's size.
    pub fn is_fractions(&self) -> bool {
        self.numbers == Numbers::Fractions
    }
}

/// How the files of a format lie in a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrangement {
    /// One file for all images, with one of these extensions.
    OneFile(&'static [&'static str]),
    /// A file an image, with this extension.
    FilePerImage(&'static str),
}

impl Arrangement {
    /// The extensions of its files, without the dot.
    pub fn extensions(&self) -> &[&'static str] {
        match self {
            Self::OneFile(extensions) => extensions,
            Self::FilePerImage(extension) => std::slice::from_ref(extension),
        }
    }

    /// Whether there is a file an image.
    pub fn is_per_image(&self) -> bool {
        matches!(self, Self::FilePerImage(_))
    }
}

/// What the numbers of a format are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// Pixels of the image.
    Pixels,
    /// Fractions of the image's width and height: a reader needs these.
    Fractions,
}

/// Where the classes of a format are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Classes {
    /// In a list, whose order numbers them.
    Listed,
    /// At each object. The reader sorts them by name.
    Sorted,
}

/// How a format names images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// By their file names.
    Full,
    /// By their file names without extension.
    Stem,
}
