//! What was lost, counted by reason.

use serde::Serialize;
use std::collections::BTreeMap;

/// How many examples of each reason a report names.
pub(crate) const EXAMPLES: usize = 5;

/// Defines [`Reason`] by a row each: its name, its code, what it says after a count, and
/// whether the annotation is gone.
macro_rules! reasons {
    ($($name:ident $code:literal $explanation:literal $dropped:literal;)+) => {
        /// Why something of the source is not in the target, or not as it was.
        ///
        /// The order is that of reports. docs/report.md explains each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $(#[doc = $explanation] $name,)+
        }

        impl Reason {
            /// All of them, in the order of reports.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            const fn row(self) -> (&'static str, &'static str, bool) {
                match self { $(Self::$name => ($code, $explanation, $dropped)),+ }
            }
        }
    };
}

reasons! {
    OfMissingImage "of-missing-image" "annotations of images that were not found" true;
    CrowdSkipped "crowd" "crowd annotations left out" true;
    NoCategory "no-category" "annotations without a category" true;
    NoBox "no-box" "annotations with neither box nor shape" true;
    ImproperBox "improper-box" "boxes of no size, inverted or not finite" true;
    OutsideImage "outside-image" "annotations outside their image" true;
    NotHeld "shape-not-held" "shapes that the target has no form for" true;
    EmptyShape "empty-shape" "shapes of fewer than 3 points" true;
    MaskSize "mask-size" "masks of another size than their image" true;
    PolygonAsBox "polygon-as-box" "polygons written as their boxes" false;
    MaskAsBox "mask-as-box" "masks written as their boxes" false;
    MaskAsPolygon "mask-as-polygon" "masks traced as polygons" false;
    CurveAsPolygon "curve-as-polygon" "circles and ellipses written as polygons" false;
    ShapeAsBox "shape-as-box" "other shapes written as their boxes" false;
    BoxAsPolygon "box-as-polygon" "boxes written as rectangles" false;
    HolesFilled "holes-filled" "holes that the target cannot hold" false;
    PartsJoined "parts-joined" "objects of several parts joined by bridges" false;
    PartsSplit "parts-split" "objects of several parts written as several" false;
    PartsDropped "parts-dropped" "objects of which parts were left out" false;
    Clipped "clipped" "shapes cut at the image's border" false;
    CrowdKept "crowd-as-object" "crowds written as single objects" false;
    ScoreDropped "score" "scores that the target cannot hold" false;
    Unlabelled "unlabelled" "annotations of a dataset that names no class" false;
    MembersDropped "members" "annotations with members that the target cannot hold" false;
    ImageMembersDropped "image-members" "images with members that the target cannot hold" false;
    MissingImage "missing-image" "images left out, as they were not found" false;
    NotFound "image-not-found" "images that are not among those of --images" false;
    Unverified "unverified" "empty label files at the target, whose images were not found" false;
    AlikeNames "alike-names" "label files that are another's on file systems without upper and lower case" false;
    NegativeSkipped "negative-skipped" "images without annotations left out" false;
    SizeUnknown "size-unknown" "images written without their size" false;
    SizeDiffers "size-differs" "images whose file has another size than stated" false;
    BytesUnknown "bytes-unknown" "images written without their file's length" false;
}

impl Reason {
    /// The stable code, as reports and scripts use it.
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// What happened, in words that follow a count.
    pub fn explanation(self) -> &'static str {
        self.row().1
    }

    /// Whether the annotation is not in the target at all.
    pub fn dropped(self) -> bool {
        self.row().2
    }
}

/// One loss: its reason, and the annotation's number in its image (`None`: the image itself).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// Why.
    pub reason: Reason,
    /// Which annotation of the image, from 0.
    pub annotation: Option<usize>,
}

/// The losses of one image, in the order in which the writer met them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses(Vec<Loss>);

impl Losses {
    /// Counts one for an annotation, which can be dropped only once.
    pub fn annotation(&mut self, reason: Reason, number: usize) {
        let mut before = self.0.iter().rev().take_while(|it| it.annotation == Some(number));
        debug_assert!(
            !reason.dropped() || before.all(|it| !it.reason.dropped()),
            "#{number} twice"
        );
        self.0.push(Loss { reason, annotation: Some(number) });
    }

    /// Counts one for the image.
    pub fn image(&mut self, reason: Reason) {
        self.0.push(Loss { reason, annotation: None });
    }

    /// None.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// A single one, for the image.
    pub fn of_image(reason: Reason) -> Self {
        Self(vec![Loss { reason, annotation: None }])
    }

    /// One for each of an image's annotations.
    pub fn of_each(reason: Reason, annotations: usize) -> Self {
        let loss = |number| Loss { reason, annotation: Some(number) };
        Self((0..annotations).map(loss).collect())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Loss> {
        self.0.iter()
    }

    /// How many annotations are not in the target.
    pub fn dropped(&self) -> usize {
        self.0.iter().filter(|loss| loss.reason.dropped()).count()
    }
}

/// The losses of a whole conversion.
#[derive(Debug, Clone, Default)]
pub struct LossCounts(BTreeMap<Reason, Counted>);

#[derive(Debug, Clone, Default)]
struct Counted {
    count: usize,
    examples: Vec<String>,
}

impl LossCounts {
    /// Adds those of one image.
    pub fn add(&mut self, image: &str, losses: &Losses) {
        for loss in losses.iter() {
            let counted = self.0.entry(loss.reason).or_default();
            counted.count += 1;
            if counted.examples.len() < EXAMPLES {
                counted.examples.push(match loss.annotation {
                    Some(number) => format!("{image}#{number}"),
                    None => image.to_owned(),
                });
            }
        }
    }

    /// Whether nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A row a reason, in the order of [`Reason`].
    pub fn rows(&self) -> Vec<LossRow> {
        let row = |(reason, counted): (&Reason, &Counted)| LossRow {
            reason: reason.code(),
            explanation: reason.explanation(),
            count: counted.count,
            dropped: reason.dropped(),
            examples: counted.examples.clone(),
        };
        self.0.iter().map(row).collect()
    }
}

/// One line of a report.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct LossRow {
    /// [`Reason::code`].
    pub reason: &'static str,
    /// [`Reason::explanation`].
    #[serde(skip)]
    pub explanation: &'static str,
    /// How many.
    pub count: usize,
    /// Whether these annotations are not in the target at all.
    pub dropped: bool,
    /// The first few: image name, `#`, the annotation's number in the image from 0.
    pub examples: Vec<String>,
}

/// A difference between what would be written and what is there (`--check`).
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Difference {
    /// The file.
    pub file: String,
    /// `changed`, `missing` or `stale`.
    pub kind: &'static str,
    /// The first line that differs, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The first column that differs, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What would be written there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// What a conversion did.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Images written.
    pub images: usize,
    /// Annotations of the source.
    pub annotations_read: usize,
    /// Annotations of the source that are in the target.
    pub annotations_written: usize,
    /// Files written, or that would be.
    pub files_written: usize,
    /// Files removed by `--prune`.
    pub files_removed: usize,
    /// The first few of these.
    pub removed_examples: Vec<String>,
    /// What was lost.
    pub losses: LossCounts,
    /// What `--check` found.
    pub differences: Vec<Difference>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_counted_by_reason_with_the_first_examples() {
        let mut counts = LossCounts::default();
        let mut losses = Losses::default();
        losses.image(Reason::SizeUnknown);
        (0..7).for_each(|number| losses.annotation(Reason::CrowdSkipped, number));
        counts.add("a.jpg", &losses);
        let rows = counts.rows();
        assert_eq!(losses.dropped(), 7);
        assert_eq!((rows[0].reason, rows[0].count, rows[0].dropped), ("crowd", 7, true));
        assert_eq!(rows[0].examples, ["a.jpg#0", "a.jpg#1", "a.jpg#2", "a.jpg#3", "a.jpg#4"]);
        assert_eq!(rows[1].examples, ["a.jpg"]);
    }
}
