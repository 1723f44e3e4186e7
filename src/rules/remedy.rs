//! What can be mended without a person's judgement, and why the rest is left.

use super::Rule;

impl Rule {
    /// What `annoconv fix` does where the rule is broken; `None` where that needs a person's
    /// judgement.
    ///
    /// ```
    /// use annoconv::rules::Rule;
    /// assert_eq!(Rule::ZeroId.fix(), Some("the annotation gets a free number"));
    /// assert_eq!(Rule::ZeroSize.fix(), None);
    /// ```
    pub fn fix(self) -> Option<&'static str> {
        Some(match self {
            Self::StringNumber => "the quotes are removed",
            Self::ZeroImageSize => "the size of the image file is stated",
            Self::AbsentMember => {
                "`area` is filled in from the shape or box, `iscrowd` with 0, ids with free numbers, \
                 width and height from the image file"
            }
            Self::ZeroId => "the annotation gets a free number",
            Self::DuplicateId => "the later annotation gets a free number",
            Self::MixedRows => "boxes are written as polygons of their four corners",
            Self::ZeroCategoryId => {
                "0 and the ids that follow it without a gap go up by one, in `categories` and in all \
                 annotations"
            }
            Self::AllCrowd => "the mark is set to 0",
            Self::BeyondBorder | Self::ShapeBeyondBorder => {
                "what lies beyond the border is cut off"
            }
            Self::BoxNotShape => {
                "the box becomes the one around its shape, unless most boxes differ"
            }
            Self::AreaNotShape => "the area is filled in by the rule that most areas keep",
            Self::AreaWithoutRule => "areas are filled in from the shapes, else from the boxes",
            Self::DuplicateObject => "the later one is removed",
            Self::BelowAPixel => "fractions become pixels",
            Self::ClassCount => "`nc` becomes the number of names",
            Self::SizeDiffers => "the size of the file is stated, if the image has no objects",
            Self::LengthDiffers => "the length of the file is stated",
            Self::IllegalName => "`\\` between folders becomes `/`; file names are left",
            Self::NameDiffers => "the name becomes that of the file",
            Self::ImageTwice => "records that say the same become one, with the objects of both",
            Self::CornersAsSize => "width and height are computed from the corners",
            Self::SizeAsCorners => "right and bottom edges are computed from the size",
            Self::CornerAsCentre => "centres are computed from the corners",
            Self::CentreAsCorner => "corners are computed from the centres",
            Self::WrongUnit => "numbers are turned into the format's own unit",
            _ => return None,
        })
    }

    /// Why `annoconv fix` leaves a breach of this rule.
    pub fn why_left(self) -> &'static str {
        match self {
            Self::SizeDiffers => {
                "objects were made in the stated size: another one would move them"
            }
            Self::BoxNotShape => {
                "either may be right where most boxes differ, or the shape is no polygon"
            }
            Self::DuplicateId => "nobody can tell which of the two an annotation means",
            Self::IllegalName => "image files are never renamed",
            Self::ImageTwice => "the records do not say the same",
            _ if self.fix().is_some() => "not where it is, or in this form, without judgement",
            Self::Unreadable | Self::Malformed | Self::MissingMember | Self::NothingRead => {
                "what was meant is not in the file"
            }
            Self::MissingReference | Self::UnknownClass | Self::NoClass | Self::EmptyClass => {
                "nobody but a person knows which one was meant"
            }
            Self::ZeroSize
            | Self::Inverted
            | Self::FewPoints
            | Self::NotFinite
            | Self::OutsideImage
            | Self::SelfCrossing
            | Self::NotAFraction => "where the object is must be looked up in the image",
            Self::ImageUnreadable
            | Self::TruncatedImage
            | Self::TrailingData
            | Self::ExifRotated
            | Self::ExifFlipped
            | Self::TinyImage => "image files are never changed",
            Self::ImageMissing
            | Self::LabelWithoutImage
            | Self::BackgroundMissing
            | Self::PathMissing => "the file may be elsewhere",
            _ if self.group() == super::Group::Agreement => {
                "which of the two formats is right must be looked up"
            }
            _ if self.group() == super::Group::Trainer => {
                "what is wrong is told by other rules, too"
            }
            Self::ImageUnlisted => "whether they belong to the dataset is not known",
            Self::UnusedClass => "a class may be kept for other datasets",
            _ => "it needs a person's judgement",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_explanations_say_what_is_mended() {
        for rule in Rule::ALL {
            let explanation = rule.explanation().replace('\n', " ");
            match rule.fix() {
                Some(fix) => {
                    let sentence = format!("*Fix*: {fix}.");
                    assert!(explanation.ends_with(&sentence), "{}: {explanation}", rule.code());
                }
                None => assert!(!explanation.contains("*Fix*"), "{}", rule.code()),
            }
        }
    }
}
