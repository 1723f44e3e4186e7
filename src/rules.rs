//! The rules of `validate`. Each has a stable code, a group and a severity.
//!
//! docs/rules.md explains each rule: what it means, why it matters, how to mend it.

mod remedy;
pub mod select;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Some tool reads it in another way than meant.
    Warning,
    /// A label is wrong, lost or contradicted.
    Error,
}

impl Severity {
    /// `error`, `warning` or `info`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Records: their members, ids and references.
    Structure,
    /// Boxes, polygons and masks.
    Geometry,
    /// Classes and their names.
    Classes,
    /// Image files and names.
    Files,
    /// Formats of one dataset, compared with each other.
    Agreement,
    /// Tables and splits beside the annotations.
    Table,
    /// What a trainer does with the dataset, where one is named.
    Trainer,
}

impl Group {
    /// The name under which all rules of the group can be selected.
    pub fn name(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Geometry => "geometry",
            Self::Classes => "classes",
            Self::Files => "files",
            Self::Agreement => "agreement",
            Self::Table => "table",
            Self::Trainer => "trainer",
        }
    }
}

/// Defines [`Rule`] from a table. Each row has a name, a code, a group, a severity and a title.
macro_rules! rules {
    ($($name:ident $code:literal $group:ident $severity:ident $title:literal;)+) => {
        /// A rule that a dataset can break. The rules are in the order of reports.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $title] $name,)+
        }

        impl Rule {
            /// All rules, in the order of reports.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            const fn row(self) -> (&'static str, Group, Severity, &'static str) {
                match self {
                    $(Self::$name => ($code, Group::$group, Severity::$severity, $title)),+
                }
            }
        }
    };
}

rules! {
    Unreadable "unreadable" Structure Error "a file that cannot be read to its end";
    Malformed "malformed" Structure Error "a record that is not what its format says";
    MissingMember "missing-member" Structure Error "a record without a member that it needs";
    MissingReference "missing-reference" Structure Error "a reference to an image or category that is not there";
    DuplicateId "duplicate-id" Structure Error "an id that was used before";
    StringNumber "string-number" Structure Warning "a number that is written as text";
    ZeroImageSize "zero-image-size" Structure Error "an image with a stated width or height of 0";
    AbsentMember "absent-member" Structure Warning "records without members that some tools need";
    ZeroId "zero-id" Structure Warning "an annotation id of 0, which evaluation takes for unmatched";
    ScoreInLabels "score-in-labels" Structure Warning "a score in a row of labels";
    MixedRows "mixed-rows" Structure Warning "boxes and polygons in one label file";
    NothingRead "nothing-read" Structure Error "a part in which no record can be read";
    NotJudged "not-judged" Structure Error "a part that could not be judged";
    ZeroCategoryId "zero-category-id" Structure Info "a category id of 0, which some trainers take for the background";
    AllCrowd "all-crowd" Structure Warning "annotations that are nearly all marked as crowds";
    Keypoints "keypoints" Structure Error "keypoints that do not fit their category";

    NotFinite "not-finite" Geometry Error "a coordinate that is no finite number";
    ZeroSize "zero-size" Geometry Error "a box or shape without width or height";
    Inverted "inverted" Geometry Error "a box whose right or bottom edge comes first";
    OutsideImage "outside-image" Geometry Error "an object that lies wholly outside its image";
    BeyondBorder "beyond-border" Geometry Warning "an object that reaches out of the image";
    FewPoints "few-points" Geometry Error "a ring of fewer than 3 different points";
    SelfCrossing "self-crossing" Geometry Warning "a ring that crosses itself";
    CrossingUnchecked "crossing-unchecked" Geometry Info "a ring that is too intricate to be searched for crossings";
    BoxNotShape "box-not-shape" Geometry Warning "a box that is not the one around its shape";
    AreaNotShape "area-not-shape" Geometry Warning "an area that is not the area of its shape";
    MaskSize "mask-size" Geometry Error "a mask of another size than its image";
    DuplicateObject "duplicate-object" Geometry Warning "an object that is listed twice";
    NotAFraction "not-a-fraction" Geometry Error "a number of a label that is no fraction of its image";
    BelowAPixel "below-a-pixel" Geometry Warning "boxes in pixels that are all smaller than a pixel";
    ShapeBeyondBorder "shape-beyond-border" Geometry Warning "a shape that reaches out of the image, while its box does not";
    AreaWithoutRule "area-without-rule" Geometry Warning "areas that follow no rule";

    EmptyClass "empty-class" Classes Error "a class without a name";
    DuplicateClass "duplicate-class" Classes Error "two classes of one name";
    UnknownClass "unknown-class" Classes Error "a class number beyond the list of names";
    NoClassList "no-class-list" Classes Warning "labels without a list of class names";
    NoClass "no-class" Classes Warning "an object without a class";
    UnusedClass "unused-class" Classes Info "a class that no object has";
    ClassListsDiffer "class-lists-differ" Classes Error "two class lists that contradict each other";
    ClassCount "class-count" Classes Error "a stated number of classes that is not the number of names";
    ClassNamesAlike "class-names-alike" Classes Warning "class names that differ only in case or blanks";

    ImageMissing "image-missing" Files Error "an image with objects whose file is not there";
    LabelWithoutImage "label-without-image" Files Error "a label file with objects and no image file";
    BackgroundMissing "background-missing" Files Warning "an image without objects whose file is not there";
    AmbiguousImage "ambiguous-image" Files Error "a name that fits several images";
    ImageUnreadable "image-unreadable" Files Error "an image file whose header cannot be read";
    SizeDiffers "size-differs" Files Error "a stated size that is not the image file's";
    LengthDiffers "length-differs" Files Error "a stated length in bytes that is not the image file's";
    ExifRotated "exif-rotated" Files Warning "an image that viewers turn by a quarter";
    ExifFlipped "exif-flipped" Files Warning "an image that viewers turn upside down or mirror";
    TruncatedImage "truncated-image" Files Warning "an image file that ends before its end marker";
    TrailingData "trailing-data" Files Warning "an image file with data after its end marker";
    TinyImage "tiny-image" Files Warning "an image of fewer than 10 pixels a side";
    SharedLabel "shared-label" Files Error "two images whose label files have one name";
    SameButCase "same-but-case" Files Warning "two names that differ only in case or in the form of their accents";
    IllegalName "illegal-name" Files Warning "a name that Windows does not take";
    NameDiffers "name-differs" Files Warning "an image name that is nearly, but not exactly, that of a file";
    ImageTwice "image-twice" Files Error "two records of one image";
    ImageUnlisted "image-unlisted" Files Info "image files that no format lists";
    PathMissing "path-missing" Files Error "a path of a data.yaml that is not there";
    PathTwice "path-twice" Files Error "two subsets of a data.yaml that are one folder";
    LabelElsewhere "label-elsewhere" Files Error "a label where no trainer looks for it";
    SubsetOverlap "subset-overlap" Files Error "an image in two subsets";
    SubsetCopy "subset-copy" Files Error "one picture under two names in two subsets";
    SubsetNearCopy "subset-near-copy" Files Error "a picture that was encoded anew, resized, mirrored or turned, in two subsets";

    ObjectMissing "object-missing" Agreement Error "an object that is not in the derived format";
    ObjectAdded "object-added" Agreement Error "an object that only the derived format has";
    BoxChanged "box-changed" Agreement Error "a box that differs in the derived format";
    ShapeChanged "shape-changed" Agreement Error "a shape that differs in the derived format";
    ClassChanged "class-changed" Agreement Error "an object whose class differs in the derived format";
    ShapeAbsent "shape-absent" Agreement Error "a shape that the other format does not have";
    CrowdChanged "crowd-changed" Agreement Error "an object whose crowd mark differs";
    CrowdKept "crowd-kept" Agreement Warning "crowds that the other format holds as plain objects";
    ImageAbsent "image-absent" Agreement Error "an image with objects that is not in the other format";
    BackgroundAbsent "background-absent" Agreement Warning "an image without objects that is not in the other format";
    SizesContradict "sizes-contradict" Agreement Error "two formats that state different sizes of an image";
    NoRule "no-rule" Agreement Error "two formats of the same images that no rule connects";
    AxesSwapped "axes-swapped" Agreement Error "coordinates whose x and y are exchanged";
    SidesSwapped "sides-swapped" Agreement Error "sizes whose width and height are exchanged";
    CornersAsSize "corners-as-size" Agreement Error "boxes whose right and bottom edges stand where the size belongs";
    SizeAsCorners "size-as-corners" Agreement Error "boxes whose size stands where the right and bottom edges belong";
    CornerAsCentre "corner-as-centre" Agreement Error "boxes whose left top corner stands where the centre belongs";
    CentreAsCorner "centre-as-corner" Agreement Error "boxes whose centre stands where the left top corner belongs";
    WrongUnit "wrong-unit" Agreement Error "coordinates in another unit: fractions, percent, pixels";
    Scaled "scaled" Agreement Error "coordinates of the image in another resolution";
    Mirrored "mirrored" Agreement Error "coordinates of the mirrored image, or of the image upside down";
    Turned "turned" Agreement Error "coordinates of the turned image";
    Shifted "shifted" Agreement Error "coordinates that are all shifted alike";
    ClassesShifted "classes-shifted" Agreement Error "class numbers that are all off by one";
    ClassesReordered "classes-reordered" Agreement Error "class numbers of another order of the classes";
    ClassesExchanged "classes-exchanged" Agreement Error "two classes that are exchanged";
    ClassRenamed "class-renamed" Agreement Error "a class that has another name in the other format";
    LabelsRotated "labels-rotated" Agreement Error "labels that lie at another image than theirs";
    OutOfDate "out-of-date" Agreement Error "a format that differs in many objects, in no common way";
    MixedRules "mixed-rules" Agreement Warning "objects that were made by another rule than most";
    OneBased "one-based" Agreement Warning "coordinates that count from 1";
    Truncated "truncated-coordinates" Agreement Warning "coordinates that were cut off, not rounded";
    CoarseRounding "coarse-rounding" Agreement Warning "coordinates in steps of more than a pixel";

    TableColumn "table-column" Table Error "a table without a column that it needs";
    TableRowTwice "table-row-twice" Table Error "an image that has two rows";
    TableImageUnknown "table-image-unknown" Table Error "a row for an image that is nowhere else";
    TableImageAbsent "table-image-absent" Table Warning "an image without a row";
    TableValue "table-value" Table Error "a value that the annotations contradict";
    TableLogic "table-logic" Table Warning "columns of a row that contradict each other";
    ImageFolder "image-folder" Table Error "an image in the folder for images of another kind";
    SplitOverlap "split-overlap" Table Error "an image in two splits";
    SplitRepeated "split-repeated" Table Warning "an image that is twice in its split";
    SplitUnknown "split-unknown" Table Error "an image of a split that is nowhere else";
    SplitIncomplete "split-incomplete" Table Error "an annotated image that is in no split";
    SplitFolder "split-folder" Table Error "a list of a subset that its folder contradicts";

    TrainerRefuses "trainer-refuses" Trainer Error "what the trainer stops at";
    TrainerDrops "trainer-drops" Trainer Error "what the trainer leaves out";
    TrainerChanges "trainer-changes" Trainer Warning "what the trainer takes otherwise than it is meant, or rewrites";
    TrainerNotes "trainer-notes" Trainer Info "what the trainer does by its own settings";
}

/// The explanations, with a section for each rule.
const EXPLANATIONS: &str = include_str!("../docs/rules.md");

impl Rule {
    /// The rule that has this code.
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.code() == code)
    }

    /// The stable code, as reports and scripts use it.
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// The group of the rule.
    pub fn group(self) -> Group {
        self.row().1
    }

    /// How much a breach of the rule matters.
    pub fn severity(self) -> Severity {
        self.row().2
    }

    /// What is wrong, in a few words.
    pub fn title(self) -> &'static str {
        self.row().3
    }

    /// What the rule means, why it matters and how to mend a breach, in Markdown.
    ///
    /// ```
    /// use annoconv::rules::Rule;
    /// assert!(Rule::ZeroId.explanation().contains("pycocotools"));
    /// ```
    pub fn explanation(self) -> &'static str {
        let heading = format!("\n### {}\n", self.code());
        let start = EXPLANATIONS.find(&heading).map_or(EXPLANATIONS.len(), |at| at + heading.len());
        let section = EXPLANATIONS.get(start..).unwrap_or_default();
        section.split("\n#").next().unwrap_or_default().trim()
    }

    /// How to mend a breach, in one line of Markdown: the part of [`Self::explanation`] about that.
    ///
    /// ```
    /// use annoconv::rules::Rule;
    /// assert_eq!(Rule::DuplicateId.mend(), "number them anew.");
    /// ```
    pub fn mend(self) -> String {
        let (_, mend) = self.explanation().split_once("*Mend*:").unwrap_or_default();
        let mend = mend.split("*Fix*:").next().unwrap_or_default();
        mend.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_rule_has_a_code_of_its_own_and_an_explanation() {
        let codes: HashSet<&str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        assert_eq!(codes.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            assert_eq!(Rule::by_code(rule.code()), Some(*rule));
            let explanation = rule.explanation();
            assert!(explanation.contains("*Mend*"), "{}: {explanation}", rule.code());
        }
        let headings = EXPLANATIONS.lines().filter(|line| line.starts_with("### ")).count();
        assert_eq!(headings, Rule::ALL.len());
    }

    #[test]
    fn the_groups_follow_each_other() {
        assert!(Rule::ALL.is_sorted_by_key(|rule| rule.group()));
    }
}
