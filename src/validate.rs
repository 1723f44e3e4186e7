//! Judges a dataset: whether each format is sound by itself, and whether all formats agree.
//!
//! The parts of a dataset are grouped into sets, one or more for each format. A first pass over
//! all images judges each record, and counts for each rule how many objects keep it. A rule says
//! how one set was made from another. The rule that most objects keep is chosen. A second pass
//! lists the objects that break it.

#![allow(
    clippy::indexing_slicing,
    reason = "sets, parts, images and annotations have indexes into lists that are made here"
)]

pub mod call;

pub use crate::compare::agree::Agreement;
pub use crate::judge::tables::{JudgeTable, Known, Row, Table};
pub use crate::survey::Input;

use crate::compare::agree;
use crate::compare::agreement::{self, Rules};
use crate::compare::evidence::Evidence;
use crate::compare::forest::Direction;
use crate::dataset::{FoundPart, recognise};
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::files::staging;
use crate::finding::Finding;
use crate::format::{Chosen, Convention, Format, Given, Run, Side};
use crate::judge::consistency::Consistency;
use crate::judge::records::Census;
use crate::judge::{
    class_lists, copies, data_yaml, gather, image_files, image_lists, label_places, once, records,
    subsets, tables,
};
use crate::progress::{Progress, Work};
use crate::rules::Rule;
use crate::survey::roster::Roster;
use crate::survey::sets::{MOST_SETS, Set, View};
use crate::survey::{discover, sets};
use crate::trainers::{self, Sight, Trainer};
use crate::tree::Tree;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// A dataset to be judged.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Files, and folders whose formats are found.
    pub paths: Vec<PathBuf>,
    /// Files and folders whose format is stated, each with that. Annotations of these formats are
    /// not searched for in `paths`.
    pub named: Vec<(&'static str, PathBuf)>,
    /// Tables with a column of images.
    pub tables: Vec<PathBuf>,
    /// Lists of images; each is a split.
    pub splits: Vec<PathBuf>,
    /// The folder of the image files; by default the first of `paths`.
    pub images: Option<PathBuf>,
    /// Judges the columns of the tables, if these belong to a published dataset.
    pub judge_table: Option<JudgeTable>,
    /// The settings with which files are read. Each format takes those that it has.
    pub settings: Vec<Given>,
    /// The conventions of a published dataset. The settings come before them.
    pub conventions: &'static [Convention],
    /// The trainer that the dataset is meant for: what it would drop, refuse or change is judged,
    /// too.
    pub trainer: Option<&'static Trainer>,
    /// The rules whose findings are asked for; all where there are none.
    pub rules: Vec<Rule>,
    /// How files are read.
    pub run: Run,
}

/// The result of judging a dataset.
#[derive(Debug, Default)]
pub struct Validation {
    /// The files and folders that were read.
    pub inputs: Vec<Input>,
    /// The formats that were made from others.
    pub agreement: Vec<Agreement>,
    /// Files that might hold annotations, but in no known form.
    pub passed_over: Vec<PathBuf>,
    /// What a trainer will see of the dataset, where one was named.
    pub sight: Option<Sight>,
    /// All findings, sorted by rule and place.
    pub findings: Vec<Finding>,
}

/// Judges a dataset.
///
/// ```
/// use annoconv::validate::{self, Request};
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("a.json"), r#"{
///     "images": [{"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}],
///     "categories": [{"id": 7, "name": "fracture"}],
///     "annotations": [{"id": 0, "image_id": 1, "category_id": 7, "bbox": [10, 20, 40, 10],
///                      "area": 400, "iscrowd": 0}]
/// }"#)?;
/// let request = Request { paths: vec![folder.path().into()], ..Request::default() };
/// let validation = validate::run(&request)?;
/// assert_eq!(validation.findings.len(), 1);
/// assert_eq!(validation.findings[0].rule.code(), "zero-id");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Where a stated path cannot be read, or no annotations are found. Where a trainer is named, the
/// latter is a finding of it. Where the run is [stopped](crate::progress::Progress::stop).
pub fn run(request: &Request) -> Result<Validation> {
    for format in crate::formats::FORMATS {
        Chosen::of(format.settings(), Side::Read, &request.settings)?;
    }
    let lists = [request.tables.as_slice(), &request.splits].concat();
    let asked = discover::Asked { paths: &request.paths, named: &request.named, lists: &lists };
    let discovered = discover::discover(&asked)?;
    let folder = request.images.as_deref().or(discovered.root.as_deref());
    let mut roster = roster(request, folder)?;
    let mut findings = Vec::new();
    findings.extend(discovered.parts.iter().filter_map(unfinished));
    let settings = |format: &'static dyn Format| settings_of(request, format);
    let run = Run { is_tolerant: true, ..request.run.clone() };
    let how = sets::How { settings: &settings, run: &run };
    let (mut sets, empty) = sets::load(discovered.parts, &mut roster, &how, &mut findings)?;
    let is_nothing = sets.is_empty() && request.tables.is_empty() && request.splits.is_empty();
    if is_nothing && request.trainer.is_none() {
        return Err(nothing(request, &empty, discovered.rejected));
    }
    refuse_many(&sets, request)?;
    findings.extend(judge_dataset(&sets, &roster));
    findings.extend(discover::judge_rejected(&discovered.rejected, &sets));
    findings.extend(discovered.yamls.iter().flat_map(|file| data_yaml::judge(file)));
    findings.extend(discover::judge_passed_over(&discovered.passed_over));
    let directions = directions(&sets);
    let rules = Rules::new();
    let examined = examine(&sets, &directions, &rules, &roster, &request.run.progress)?;
    findings.extend(examined.findings);
    for (set, has_backgrounds) in sets.iter_mut().zip(&examined.has_backgrounds) {
        set.has_backgrounds = *has_backgrounds;
    }
    let mut counts = vec![None; roster.images().len()];
    examined.counts.into_iter().for_each(|(id, count)| counts[id] = Some(count));
    let mut inputs = judge_parts(&sets, examined.parts, &roster, &mut findings);
    let known =
        agree::Known { sets: &sets, rules: &rules, lenient: &Rules::for_causes(), roster: &roster };
    let agreement = compare(&known, &examined.evidence, &mut findings);
    judge_lists(request, &sets, &roster, &counts, &mut inputs, &mut findings)?;
    if roster.has_files() {
        let path = folder.map(PathBuf::from).unwrap_or_default();
        let images = roster.measured.len();
        inputs.push(Input { format: "images", path, images, annotations: 0 });
    }
    let mut findings = gather::gather(once::settle(findings, &inputs), &inputs);
    findings.retain(|it| is_asked(&request.rules, it.rule));
    let sight = sight(request, &sets, &roster, &inputs, &mut findings);
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    let mut passed_over = discovered.passed_over;
    passed_over.extend(empty);
    // A stop may have been taken for something that cannot be read.
    request.run.progress.go_on()?;
    Ok(Validation { inputs, agreement, passed_over, sight, findings })
}

/// Whether the findings of a rule are asked for.
fn is_asked(rules: &[Rule], rule: Rule) -> bool {
    rules.is_empty() || rules.contains(&rule)
}

/// What the trainer of the request sees. Its findings are added.
fn sight(
    request: &Request,
    sets: &[Set],
    roster: &Roster,
    inputs: &[Input],
    findings: &mut Vec<Finding>,
) -> Option<Sight> {
    let trainer = request.trainer?;
    let dataset = trainers::Dataset { paths: &request.paths, sets, roster };
    let (sight, mut told) = trainers::judge(trainer, &dataset, findings);
    told.retain(|it| is_asked(&request.rules, it.rule));
    findings.extend(gather::gather(told, inputs));
    Some(sight)
}

/// The finding of a folder in which a run was broken off.
fn unfinished(part: &FoundPart) -> Option<Finding> {
    let folder = Some(&part.files.shown).filter(|path| path.is_dir())?;
    let error = staging::refuse_unfinished(folder, None).err()?;
    Some(Finding::of_error(&error))
}

/// What is wrong with the files of a dataset and how they belong together.
fn judge_dataset(sets: &[Set], roster: &Roster) -> Vec<Finding> {
    let mut findings = image_files::judge_files(roster);
    findings.extend(class_lists::judge_subsets(sets));
    findings.extend(label_places::judge(sets, roster));
    findings.extend(subsets::judge(sets, roster));
    findings
}

/// Judges each part by what was counted over its images. Returns a summary of each.
fn judge_parts(
    sets: &[Set],
    counted: Vec<Vec<(Census, Consistency)>>,
    roster: &Roster,
    findings: &mut Vec<Finding>,
) -> Vec<Input> {
    let mut inputs = Vec::new();
    for (set, parts) in sets.iter().zip(counted) {
        for (part, (mut census, consistency)) in set.parts.iter().zip(parts) {
            inputs.push(input(set.format.name(), part.path.clone(), part.images().len(), &census));
            findings.extend(records::judge_part(set, part, &mut census, roster));
            findings.extend(consistency.findings(|index| set.view(part.ids[index], roster)));
        }
    }
    inputs
}

/// Compares all sets. Findings about one of them that come from a cause which is then known are
/// taken out.
fn compare(
    known: &agree::Known,
    evidence: &[(Direction, Evidence)],
    findings: &mut Vec<Finding>,
) -> Vec<Agreement> {
    let mut agreed = known.agree(evidence);
    agreed.blame_sizes(findings, known.roster.images().len());
    findings.retain(|finding| !agreed.explains(finding));
    findings.extend(agreed.findings);
    agreed.agreement
}

/// Judges tables and lists, which images nothing lists, and which are in two subsets.
fn judge_lists(
    request: &Request,
    sets: &[Set],
    roster: &Roster,
    counts: &tables::Counts,
    inputs: &mut Vec<Input>,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let lists = tables::Lists {
        tables: &request.tables,
        splits: &request.splits,
        judge: request.judge_table,
    };
    let mut listed = tables::judge(&lists, roster, counts, inputs, findings)?;
    listed.images.extend(image_lists::listed(sets, roster));
    findings.extend(image_files::judge_unlisted(sets, &listed.images, roster));
    let how = copies::How {
        listed: &listed.subsets,
        // Decoding takes longer than all else: it is done only for the rule that needs it.
        skips_pictures: !is_asked(&request.rules, Rule::SubsetNearCopy),
        progress: &request.run.progress,
    };
    findings.extend(copies::judge(sets, roster, &how)?);
    Ok(())
}

/// The image files below a folder. One that the caller names must have some.
fn roster(request: &Request, folder: Option<&Path>) -> Result<Roster> {
    let roster = Roster::scan(folder, &request.run.progress)?;
    match request.images.as_deref().filter(|_| !roster.has_files()) {
        Some(images) => {
            let mismatch = Mismatch::new("a folder with image files", "none");
            Err(Error::new(ErrorKind::Missing, "images", mismatch).in_file(images))
        }
        None => Ok(roster),
    }
}

fn input(format: &'static str, path: PathBuf, images: usize, census: &Census) -> Input {
    Input { format, path, images, annotations: census.annotations }
}

fn refuse_many(sets: &[Set], request: &Request) -> Result<()> {
    if sets.len() <= MOST_SETS {
        return Ok(());
    }
    let expected = format!("at most {MOST_SETS} files or folders about the same images");
    let found = format!("{}: name those that are to be compared (--coco, --yolo, …)", sets.len());
    let error = Error::new(ErrorKind::Usage, "dataset", Mismatch::new(expected, found));
    Err(match request.paths.first() {
        Some(path) => error.in_file(path),
        None => error,
    })
}

/// The settings with which a format is read: the given ones, and those of the preset for the rest.
pub(crate) fn settings_of(request: &Request, format: &'static dyn Format) -> Chosen {
    let chosen = Chosen::of(format.settings(), Side::Read, &request.settings);
    // Wrong settings were refused before anything was read.
    let mut chosen = chosen.unwrap_or_default();
    chosen.fill(format.name(), Side::Read, request.conventions);
    chosen
}

/// How many reasons the error has at most if nothing was found.
const MOST_REASONS: usize = 4;

fn nothing(request: &Request, empty: &[PathBuf], rejected: Vec<Error>) -> Error {
    if let Some(path) = empty.first() {
        let found = "none: no annotation has a box or a shape (a captions file?)";
        let mismatch = Mismatch::new("boxes or shapes", found);
        return Error::new(ErrorKind::Missing, "dataset", mismatch).in_file(path);
    }
    if let [path] = request.paths.as_slice()
        && let Ok(tree) = Tree::walk(path)
        && let Some((file, name)) = recognise(&tree)
    {
        let mismatch =
            Mismatch::new("a format that can be read", format!("{name}, which is not read"));
        return Error::new(ErrorKind::Usage, "dataset", mismatch).in_file(&file);
    }
    let formats: Vec<&str> = crate::formats::FORMATS.iter().map(|format| format.name()).collect();
    let expected = format!("annotations in a known format ({})", formats.join(", "));
    let reasons: Vec<String> =
        rejected.iter().take(MOST_REASONS).map(ToString::to_string).collect();
    let found = match reasons.is_empty() {
        true => "none".to_owned(),
        false => format!("none: {}", reasons.join("; ")),
    };
    let error = Error::new(ErrorKind::Usage, "dataset", Mismatch::new(expected, found));
    match request.paths.first() {
        Some(path) => error.in_file(path),
        None => error,
    }
}

/// All pairs of sets that have images in common, in both directions.
fn directions(sets: &[Set]) -> Vec<Direction> {
    let mut directions = Vec::new();
    for (from, source) in sets.iter().enumerate() {
        for (to, target) in sets.iter().enumerate() {
            let share = || source.places.keys().any(|id| target.places.contains_key(id));
            if from != to && !source.is_results() && !target.is_results() && share() {
                directions.push(Direction { from, to });
            }
        }
    }
    directions
}

/// The result of the first pass over all images.
struct Examined {
    findings: Vec<Finding>,
    evidence: Vec<(Direction, Evidence)>,
    /// By set and part.
    parts: Vec<Vec<(Census, Consistency)>>,
    /// How many objects each image has, by the first set that lists it.
    counts: Vec<(usize, usize)>,
    /// Whether each set lists images without objects.
    has_backgrounds: Vec<bool>,
}

impl Examined {
    fn new(sets: &[Set], directions: &[Direction], rules: &Rules) -> Self {
        let none = |_: &sets::Loaded| (Census::default(), Consistency::default());
        let direction = |direction: &Direction| (*direction, Evidence::new(rules));
        Self {
            findings: Vec::new(),
            evidence: directions.iter().map(direction).collect(),
            parts: sets.iter().map(|set| set.parts.iter().map(none).collect()).collect(),
            counts: Vec::new(),
            has_backgrounds: vec![false; sets.len()],
        }
    }

    /// Judges an image, and adds the results.
    fn add(mut self, id: usize, sets: &[Set], rules: &Rules, roster: &Roster) -> Self {
        let views: Vec<Option<View>> = sets.iter().map(|set| set.view(id, roster)).collect();
        for (set, view) in views.iter().enumerate() {
            let Some(view) = view else { continue };
            self.has_backgrounds[set] |= view.annotations.is_empty() && !view.is_doubtful();
            self.findings.extend(records::judge(view));
            self.findings.extend(image_files::judge_statements(view, id, roster));
            let Some(&(part, _)) = sets[set].places.get(&id) else { continue };
            let (census, consistency) = std::mem::take(&mut self.parts[set][part]);
            self.parts[set][part] =
                (census.add(Census::of(view)), consistency.add(Consistency::of(view)));
        }
        let is_label = |view: &&View| !view.set.is_results() && !view.is_doubtful();
        let counted = views.iter().flatten().find(is_label);
        self.counts.extend(counted.map(|view| (id, view.annotations.len())));
        self.findings.extend(image_files::judge_presence(&views, id, roster));
        self.findings.extend(image_files::judge_sizes(&views, id, roster));
        let is_doubted = roster.is_doubted(id);
        for (direction, evidence) in self.evidence.iter_mut().filter(|_| !is_doubted) {
            if let (Some(from), Some(to)) = (&views[direction.from], &views[direction.to])
                && !from.is_unsized()
                && !to.is_unsized()
            {
                evidence.add(id, &agreement::compare(rules, from, to), from, to);
            }
        }
        self
    }

    /// The results of both together. The images of `other` come after those of `self`.
    fn merge(mut self, other: Self) -> Self {
        self.findings.extend(other.findings);
        self.counts.extend(other.counts);
        for (own, other) in self.has_backgrounds.iter_mut().zip(other.has_backgrounds) {
            *own |= other;
        }
        let evidence = self.evidence.into_iter().zip(other.evidence);
        self.evidence = evidence.map(|((at, one), (_, other))| (at, one.merge(other))).collect();
        for (own, other) in self.parts.iter_mut().flatten().zip(other.parts.into_iter().flatten()) {
            let (census, consistency) = std::mem::take(own);
            *own = (census.add(other.0), consistency.add(other.1));
        }
        self
    }
}

fn examine(
    sets: &[Set],
    directions: &[Direction],
    rules: &Rules,
    roster: &Roster,
    progress: &Progress,
) -> Result<Examined> {
    let count = roster.images().len();
    let progress = progress.share(Work::Judging, count as u64);
    let none = || Examined::new(sets, directions, rules);
    let add = |examined: Examined, id: usize| {
        progress.add(1)?;
        Ok(examined.add(id, sets, rules, roster))
    };
    let merge = |one, other| Ok(Examined::merge(one, other));
    (0..count).into_par_iter().try_fold(none, add).try_reduce(none, merge)
}
