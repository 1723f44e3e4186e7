//! A row of the tables: a case, a command, and what is expected of it.

/// A command that is run in a copy of a case's folder.
pub struct Row {
    /// The case's folder, below that of all cases.
    pub folder: &'static str,
    /// The command without the program's name. Those before ` && ` come first and must succeed;
    /// `rm FILE` among them takes a file away.
    pub line: &'static str,
    pub status: i32,
    pub checks: &'static [Check],
}

impl Row {
    pub fn title(&self) -> String {
        format!("{}: {}", self.folder, self.line)
    }
}

pub const fn row(
    folder: &'static str,
    line: &'static str,
    status: i32,
    checks: &'static [Check],
) -> Row {
    Row { folder, line, status, checks }
}

/// What is expected beside the exit status. Numbers are those computed by hand from the files.
#[derive(Clone, Copy)]
pub enum Check {
    /// The output has each of these words, in upper or lower case.
    Says(&'static [&'static str]),
    /// The output has none of these words.
    Silent(&'static [&'static str]),
    /// The report of a conversion: images written, annotations read and written.
    Count(u64, u64, u64),
    /// Rows of `losses`: reason and count. Others may stand beside them.
    Lost(&'static [(&'static str, u64)]),
    /// Reasons that are not among `losses`.
    NotLost(&'static [&'static str]),
    /// `passed_over` names these files and no others.
    PassedOver(&'static [&'static str]),
    /// How many images without annotations were added from image files.
    Negatives(u64),
    /// A value of the JSON report, by its pointer; `null` also where it is not there.
    Report(&'static str, &'static str),
    /// Codes among the findings of `validate`, and how often each is there.
    Found(&'static [(&'static str, usize)]),
    /// Codes that are among the findings.
    Finds(&'static [&'static str]),
    /// Codes that are not among the findings.
    NotFound(&'static [&'static str]),
    /// The boxes of a COCO file as `image class x y width height`, in any order. `*a.png` stands
    /// for this image in any folder.
    Boxes(&'static str, &'static [&'static str]),
    /// Two COCO files have the same boxes.
    SameBoxes(&'static str, &'static str),
    /// No id of images, annotations or categories of a COCO file is there twice.
    UniqueIds(&'static str),
    /// The rows of a YOLO file below a folder, with names of its `classes.txt` as classes.
    Rows(&'static str, &'static str, &'static [&'static str]),
    /// No number of a YOLO file's boxes is below 0 or above 1.
    Inside(&'static str),
    /// A file's text, without white space at its ends.
    Text(&'static str, &'static str),
    /// A file's text has each of these.
    Has(&'static str, &'static [&'static str]),
    /// Somewhere below a folder is a file of this name, and its text has this.
    Somewhere(&'static str, &'static str, &'static str),
    /// A value of a JSON file, by its pointer.
    At(&'static str, &'static str, &'static str),
    /// A folder holds these files and no others.
    Files(&'static str, &'static [&'static str]),
    /// Nothing is at this path.
    Gone(&'static str),
}

impl Check {
    /// Whether it judges the report that is printed as JSON.
    pub fn is_of_report(self) -> bool {
        matches!(
            self,
            Check::Count(..)
                | Check::Lost(_)
                | Check::NotLost(_)
                | Check::PassedOver(_)
                | Check::Negatives(_)
                | Check::Report(..)
                | Check::Found(_)
                | Check::Finds(_)
                | Check::NotFound(_)
        )
    }
}
