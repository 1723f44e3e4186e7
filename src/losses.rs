//! Losses: what is in the source but not in the target, counted by reason.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many examples a report has for each reason at most.
pub(crate) const EXAMPLES: usize = 5;

/// Defines [`Reason`] from a table. Each row has a name, a code, the words that follow a count, and
/// whether the annotation is dropped.
macro_rules! reasons {
    ($($name:ident $code:literal $explanation:literal $dropped:literal;)+) => {
        /// Why something of the source is missing in the target, or was changed.
        ///
        /// The reasons are in the order of reports. docs/losses.md explains each of them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $(#[doc = $explanation] $name,)+
        }

        impl Reason {
            /// All reasons, in the order of reports.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            const fn row(self) -> (&'static str, &'static str, bool) {
                match self { $(Self::$name => ($code, $explanation, $dropped)),+ }
            }
        }
    };
}

reasons! {
    OfMissingImage "of-missing-image" "annotations of images that were not found" true;
    OfImageLeftOut "of-image-left-out" "annotations of images that were left out" true;
    ClassLeftOut "class-left-out" "annotations of classes that were left out (--keep, --drop)" true;
    LeftOutByCaller "left-out-by-caller" "annotations left out by the caller's own edit" true;
    TooSmall "too-small" "annotations below the least size (--min-area, --min-side)" true;
    TooLarge "too-large" "annotations above the greatest size (--max-area)" true;
    CrowdSkipped "crowd" "crowd annotations left out" true;
    NoCategory "no-category" "annotations without a category" true;
    NoBox "no-box" "annotations with neither box nor shape" true;
    ImproperBox "improper-box" "boxes of no size, inverted or not finite" true;
    OutsideImage "outside-image" "annotations outside their image" true;
    Unreadable "unreadable" "annotations that could not be read (--on-error skip)" true;
    LineNotHeld "line-not-held" "lines that the target cannot hold (--polyline close reads them as outlines)" true;
    NotHeld "shape-not-held" "shapes that the target cannot hold" true;
    EmptyShape "empty-shape" "shapes of fewer than 3 points, or of no area" true;
    MaskSize "mask-size" "masks of another size than their image" true;
    PolygonAsBox "polygon-as-box" "polygons written as their boxes" false;
    MaskAsBox "mask-as-box" "masks written as their boxes" false;
    MaskAsPolygon "mask-as-polygon" "masks traced as polygons" false;
    PolygonPainted "polygon-painted" "polygons written as the outlines of their pixels" false;
    PaintedIntoMask "painted-into-mask" "objects whose other shapes became pixels of their mask" false;
    OrientedAsPolygon "oriented-as-polygon" "turned boxes written as polygons" false;
    CurveAsPolygon "curve-as-polygon" "circles and ellipses written as polygons" false;
    ShapeAsBox "shape-as-box" "other shapes written as their boxes" false;
    BoxAsPolygon "box-as-polygon" "boxes written as rectangles" false;
    LineClosed "line-closed" "lines read as the outlines of polygons" false;
    HolesFilled "holes-filled" "holes that the target cannot hold" false;
    PartsJoined "parts-joined" "objects of several parts joined in one ring" false;
    PartsSplit "parts-split" "objects of several parts written as several objects" false;
    PartsDropped "parts-dropped" "objects with parts left out" false;
    Clipped "clipped" "shapes cut at the image's border" false;
    CrowdKept "crowd-as-object" "crowds written as single objects" false;
    ScoreDropped "score" "scores that the target cannot hold" false;
    KeypointsDropped "keypoints" "annotations with keypoints that the target cannot hold" false;
    ClassesMerged "classes-merged" "annotations of a category whose name an earlier category has, too" false;
    DuplicateId "duplicate-id" "annotations with the id of an earlier one" false;
    Unlabelled "unlabelled" "annotations of a dataset that names no category" false;
    MembersDropped "members" "annotations with members that the target cannot hold" false;
    ImageMembersDropped "image-members" "images with members that the target cannot hold" false;
    CategoryMembersDropped "category-members" "categories with members that the target cannot hold" false;
    DatasetMembersDropped "dataset-members" "members of the dataset that the target cannot hold" false;
    SubsetDropped "subset" "images whose subset the target does not state" false;
    UnreadableFile "unreadable-file" "files that could not be read (--on-error skip)" false;
    NameMatched "name-matched" "images whose stated name differs from the name of their file" false;
    ImageLeftOut "image-left-out" "images left out by their name (--keep-images, --drop-images, --images-from)" false;
    ImageLeftOutByCaller "image-left-out-by-caller" "images left out by the caller's own edit" false;
    EmptyLeftOut "empty-left-out" "images without annotations left out (--keep-empty)" false;
    NotSampled "not-sampled" "images that are not in the sample (--sample)" false;
    NotInLists "not-in-lists" "images that no list of the split names (--split-from)" false;
    OtherSubset "other-subset" "images of other subsets (--subset)" false;
    UnknownName "unknown-name" "names in lists that no image has (--missing-images skip)" false;
    ImageRenamed "image-renamed" "images placed by another name, as the trainer would take two for one" false;
    MissingImage "missing-image" "images left out because they were not found" false;
    NotFound "image-not-found" "images whose file was not found" false;
    Unverified "unverified" "empty label files in the target, whose images were not found" false;
    AlikeNames "alike-names" "label files whose name is another one's where file systems ignore case" false;
    NegativeSkipped "negative-skipped" "images without annotations left out" false;
    SizeUnknown "size-unknown" "images written without their size" false;
    SizeDiffers "size-differs" "images whose file has another size than stated" false;
    BytesUnknown "bytes-unknown" "images written without their file's length" false;
}

/// The explanations, with a section for each reason.
const EXPLANATIONS: &str = include_str!("../docs/losses.md");

impl Reason {
    /// The reason that has this code.
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.code() == code)
    }

    /// What it means, why it happens and which option changes it, in Markdown.
    ///
    /// ```
    /// use annoconv::losses::Reason;
    /// assert!(Reason::CrowdSkipped.meaning().contains("`--crowd keep`"));
    /// ```
    pub fn meaning(self) -> &'static str {
        let heading = format!("\n### {}\n", self.code());
        let start = EXPLANATIONS.find(&heading).map_or(EXPLANATIONS.len(), |at| at + heading.len());
        let section = EXPLANATIONS.get(start..).unwrap_or_default();
        section.split("\n#").next().unwrap_or_default().trim()
    }

    /// The stable code for reports and scripts.
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// What happened, in words that follow a count: "12 **crowd annotations left out**".
    pub fn explanation(self) -> &'static str {
        self.row().1
    }

    /// Whether an image is missing in the target.
    pub fn leaves_out(self) -> bool {
        use Reason::*;
        let reasons = [
            ImageLeftOut,
            ImageLeftOutByCaller,
            EmptyLeftOut,
            NotSampled,
            NotInLists,
            OtherSubset,
            MissingImage,
            NegativeSkipped,
        ];
        reasons.contains(&self)
    }

    /// What reports call it: `lost` where an annotation is missing in the target, `left` where an image
    /// is, `changed` where something is there in another form.
    pub fn kind(self) -> &'static str {
        match (self.dropped(), self.leaves_out()) {
            (true, _) => "lost",
            (false, true) => "left",
            (false, false) => "changed",
        }
    }

    /// Whether the annotation is missing in the target as a whole.
    pub fn dropped(self) -> bool {
        self.row().2
    }
}

/// One loss of an annotation or of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// The reason for the loss.
    pub reason: Reason,
    /// The number of the annotation in its image, from 0; `None` if the loss is about the image.
    pub annotation: Option<usize>,
}

/// The losses of one image, in the order in which the writer found them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    all: Vec<Loss>,
    /// The names of members that were lost, each with the reason.
    members: Vec<(Reason, String)>,
}

impl Losses {
    /// Adds a loss of an annotation. An annotation can be dropped only once.
    pub fn annotation(&mut self, reason: Reason, number: usize) {
        let mut before = self.all.iter().rev().take_while(|it| it.annotation == Some(number));
        debug_assert!(
            !reason.dropped() || before.all(|it| !it.reason.dropped()),
            "annotation {number} is dropped twice"
        );
        self.all.push(Loss { reason, annotation: Some(number) });
    }

    /// Adds a loss of the image.
    pub fn image(&mut self, reason: Reason) {
        self.all.push(Loss { reason, annotation: None });
    }

    /// No losses.
    pub const fn none() -> Self {
        Self { all: Vec::new(), members: Vec::new() }
    }

    /// One loss, of the image.
    pub fn of_image(reason: Reason) -> Self {
        Self { all: vec![Loss { reason, annotation: None }], members: Vec::new() }
    }

    /// One loss for each annotation of an image that has `annotations` of them.
    pub fn of_each(reason: Reason, annotations: usize) -> Self {
        let loss = |number| Loss { reason, annotation: Some(number) };
        Self { all: (0..annotations).map(loss).collect(), members: Vec::new() }
    }

    /// All losses.
    pub fn iter(&self) -> impl Iterator<Item = &Loss> {
        self.all.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Adds a loss of members of an annotation, or, if `number` is `None`, of the image.
    pub fn named(&mut self, reason: Reason, number: Option<usize>, members: &[&str]) {
        self.all.push(Loss { reason, annotation: number });
        self.members.extend(members.iter().map(|member| (reason, (*member).to_owned())));
    }

    /// Adds all losses of `others`.
    pub fn append(&mut self, others: &Self) {
        self.all.extend_from_slice(&others.all);
        self.members.extend_from_slice(&others.members);
    }

    /// Adds all losses of `others`, whose annotations have these numbers here.
    pub fn append_numbered(&mut self, others: &Self, numbers: &[usize]) {
        let here = |number: usize| numbers.get(number).copied().unwrap_or(number);
        let renumbered =
            others.all.iter().map(|loss| Loss { annotation: loss.annotation.map(here), ..*loss });
        self.all.extend(renumbered);
        self.members.extend_from_slice(&others.members);
    }

    /// How many annotations are missing in the target.
    pub fn dropped(&self) -> usize {
        self.all.iter().filter(|loss| loss.reason.dropped()).count()
    }
}

/// The losses of a whole conversion.
#[derive(Debug, Clone, Default)]
pub struct LossCounts(BTreeMap<Reason, Counted>);

#[derive(Debug, Clone, Default)]
struct Counted {
    count: usize,
    examples: Vec<String>,
    members: BTreeSet<String>,
}

/// How many names of lost members a report has for each reason at most.
const MOST_MEMBERS: usize = 20;

impl LossCounts {
    /// Adds the losses of one image, with its name for the examples.
    pub fn add(&mut self, image: &str, losses: &Losses) {
        for loss in losses.iter() {
            let counted = self.0.entry(loss.reason).or_default();
            counted.count += 1;
            // A loss of the whole dataset comes without an image.
            if counted.examples.len() < EXAMPLES && !image.is_empty() {
                counted.examples.push(match loss.annotation {
                    Some(number) => format!("{image}#{number}"),
                    None => image.to_owned(),
                });
            }
        }
        for (reason, member) in &losses.members {
            let members = &mut self.0.entry(*reason).or_default().members;
            if members.len() < MOST_MEMBERS && !members.contains(member) {
                members.insert(member.clone());
            }
        }
    }

    /// Adds a loss of something that could not be read. Its place is the example.
    pub fn add_placed(&mut self, reason: Reason, place: String) {
        let counted = self.0.entry(reason).or_default();
        counted.count += 1;
        if counted.examples.len() < EXAMPLES {
            counted.examples.push(place);
        }
    }

    /// How many losses of a reason there are.
    pub fn count(&self, reason: Reason) -> usize {
        self.0.get(&reason).map_or(0, |counted| counted.count)
    }

    /// Whether nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One row for each reason that occurred, in the order of [`Reason`].
    pub fn rows(&self) -> Vec<LossRow> {
        let row = |(reason, counted): (&Reason, &Counted)| LossRow {
            reason: reason.code(),
            explanation: reason.explanation(),
            count: counted.count,
            dropped: reason.dropped(),
            leaves_out: reason.leaves_out(),
            examples: counted.examples.clone(),
            members: counted.members.iter().cloned().collect(),
        };
        self.0.iter().map(row).collect()
    }
}

/// All losses of one reason, as a row of a report.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct LossRow {
    /// [`Reason::code`].
    pub reason: &'static str,
    /// [`Reason::explanation`].
    #[serde(skip)]
    pub explanation: &'static str,
    /// How many losses there are.
    pub count: usize,
    /// [`Reason::dropped`].
    pub dropped: bool,
    /// [`Reason::leaves_out`].
    #[serde(skip)]
    pub leaves_out: bool,
    /// The first few losses: the image's name, followed by `#` and the annotation's number in the
    /// image (from 0) if the loss is about an annotation.
    pub examples: Vec<String>,
    /// The names of the members that were lost, if the losses are of members.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_explained_once() {
        for reason in Reason::ALL {
            assert_eq!(Reason::by_code(reason.code()), Some(*reason));
            let meaning = reason.meaning();
            assert!(meaning.contains("*Why*: ") && meaning.contains("*Option*:"), "{reason:?}");
        }
        let headings = EXPLANATIONS.lines().filter(|line| line.starts_with("### "));
        let codes = Reason::ALL.iter().map(|reason| format!("### {}", reason.code()));
        assert_eq!(headings.collect::<Vec<_>>(), codes.collect::<Vec<_>>());
    }

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
