//! What readers of several formats share: settings, and the names of images that have a file each.

use crate::error::{Error, Result};
use crate::files::shown;
use crate::format::{Faults, Setting, Side, Values, choice};
use crate::model::Image;
use crate::rules::Rule;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

choice! {
    /// By which name an image is known.
    NameBy {
        /// The one that the file about it states.
        Stated "stated",
        /// The own name of that file.
        File "file",
    }
}

choice! {
    /// What a line is read as.
    Polyline {
        /// A line.
        Keep "keep",
        /// The outline of a polygon.
        Close "close",
    }
}

/// The setting of formats that have a file an image, which states the image's name.
pub const NAME_BY: Setting = Setting {
    name: "name-by",
    side: Side::Read,
    values: Values::Choice(NameBy::NAMES),
    default: "stated",
    help: "Images are named as their files state it, or by the names of these files",
};

/// The setting of formats that have lines.
pub const POLYLINE: Setting = Setting {
    name: "polyline",
    side: Side::Read,
    values: Values::Choice(Polyline::NAMES),
    default: "keep",
    help: "Lines stay lines, or are the outlines of polygons",
};

/// The images of a format that has a file an image, each with its file.
#[derive(Debug, Default)]
pub struct OwnFiles {
    pub images: Vec<Image>,
    pub files: Vec<PathBuf>,
    owners: HashMap<String, usize>,
}

impl OwnFiles {
    /// Adds an image, which `file` names in `member`.
    ///
    /// # Errors
    /// Where another file names it, too. If that is passed over, the file that has the image's name is about
    /// it, and the other one about an image of its own name.
    pub fn add(
        &mut self,
        mut image: Image,
        file: &Path,
        member: &str,
        faults: &mut Faults,
    ) -> Result<()> {
        let first = self.owners.get(&image.file_name);
        let first = first.and_then(|&at| Some((self.files.get(at)?, self.images.get_mut(at)?)));
        if let Some((owner, earlier)) = first {
            let is_owner = is_named(file, &image.file_name);
            let (one, odd) =
                if is_owner { (file, owner.as_path()) } else { (owner.as_path(), file) };
            faults.pass::<()>(Err(same_name(member, &image.file_name, one, odd)))?;
            rename(if is_owner { earlier } else { &mut image });
        }
        self.owners.insert(image.file_name.clone(), self.images.len());
        self.images.push(image);
        self.files.push(file.to_path_buf());
        Ok(())
    }
}

/// The refusal of two files that state one image.
fn same_name(member: &str, name: &str, first: &Path, second: &Path) -> Error {
    let expected = "one file for an image (--name-by file names images by these files)";
    let found = format!("{} and {}", shown(first), shown(second));
    Error::malformed(format!("{member} {name:?}"), expected, found)
        .breaking(Rule::ImageTwice)
        .in_file(second)
}

/// Whether a file has the name of an image, but for the extension.
fn is_named(file: &Path, image: &str) -> bool {
    let image = Path::new(image).file_stem();
    image.is_some() && image == file.file_stem()
}

/// The image gets the name of its own file, as the one that is stated is another's.
fn rename(image: &mut Image) {
    if let Some(label) = &image.label {
        image.file_name.clone_from(label);
        image.is_stem = true;
    }
}
