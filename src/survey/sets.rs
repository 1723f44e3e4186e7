//! Opens the parts of a dataset, and groups them into sets. The parts of a set have one format and
//! no image in common.

use super::mistakes::{self, Mistake};
use super::names;
use super::numerals::{Numerals, Sample};
use super::roster::{Home, Roster};
use crate::dataset::FoundPart;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::format::{self, Chosen, Format, Remark, Run, Source, Spot, Wants};
use crate::geometry::Size;
use crate::model::{Annotation, Image, Verbatim};
use crate::rules::{Group, Rule};
use crate::tree::{self, Files};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// From how many images, and of these at least so many objects, it is found out how the numbers of
/// a part are written.
pub const SAMPLE: usize = 256;

/// How many sets are compared at most. Each is compared with all others.
pub const MOST_SETS: usize = 64;

/// Parts of one format that are about different images.
pub struct Set {
    pub format: &'static dyn Format,
    pub parts: Vec<Loaded>,
    /// The images of the set, by their numbers in the roster: the part, and the number in that.
    pub places: HashMap<usize, (usize, usize)>,
    /// How its numbers are written.
    pub numerals: Numerals,
    /// Whether it lists images without objects. Set after all images are read.
    pub has_backgrounds: bool,
    /// The path in messages, where the folder of its parts is that of another set, too.
    shown: Option<PathBuf>,
}

/// A part, opened.
pub struct Loaded {
    /// Its number in its set.
    pub number: usize,
    pub path: PathBuf,
    pub files: Files,
    pub source: Box<dyn Source>,
    /// The number of each image in the roster.
    pub ids: Vec<usize>,
    /// Whether classes have only numbers, because there is no list of their names.
    pub is_numbered: bool,
    /// The rules that were found broken when the part was opened.
    pub faults: Vec<Rule>,
    /// How its numbers are written. Each part has a tolerance of its own.
    pub numerals: Numerals,
    /// What is wrong with its boxes, where its own shapes show it.
    pub mistake: Option<Mistake>,
    sample: Sample,
}

/// What a set has for an image of the roster.
pub struct View<'a> {
    pub set: &'a Set,
    pub part: &'a Loaded,
    /// The number of the image in the part.
    pub index: usize,
    /// The image, with the size in which its annotations were made, if that is known.
    pub image: Image,
    pub annotations: Vec<Annotation>,
    /// For each annotation, the members that readers need and that it does not have.
    pub lacks: Vec<Vec<&'static str>>,
    /// Remarks about records that are odd but could be read.
    pub remarks: Vec<Remark>,
    /// Errors about records that could not be read.
    pub errors: Vec<Error>,
    /// How many objects may be in the part although they could not be read.
    pub unread: usize,
    /// How its numbers are written.
    pub numerals: Numerals,
}

/// The frame of an image whose size is not known: fractions of it are what the labels state.
const UNIT: Size = Size { width: 1, height: 1 };

/// Opens the parts, finds their images in the roster, and groups them into sets. Findings about the
/// names of images are added. Parts without any box or shape are returned apart.
///
/// # Errors
/// Where a part cannot be opened at all.
pub fn load(
    parts: Vec<FoundPart>,
    roster: &mut Roster,
    how: &How,
    findings: &mut Vec<Finding>,
) -> Result<(Vec<Set>, Vec<PathBuf>)> {
    let mut sets: Vec<Set> = Vec::new();
    let mut empty = Vec::new();
    let mut opened = Vec::new();
    let mut parts = parts;
    parts.sort_by_key(|part| part.format.profile().rank);
    for part in parts {
        let loaded = open(&part, roster, how, findings)?;
        opened.push((part.format, loaded));
    }
    roster.frames = frames(roster, &opened);
    for (format, mut loaded) in opened {
        loaded.sample = sample(&loaded, format, roster);
        loaded.numerals = loaded.sample.clone().numerals();
        loaded.mistake = mistake_of(&loaded, roster);
        if loaded.sample.is_without_geometry() {
            empty.push(loaded.path);
            continue;
        }
        join(format, loaded, &mut sets);
    }
    for set in &mut sets {
        let samples = set.parts.iter().map(|part| part.sample.clone());
        set.numerals = samples.reduce(Sample::add).unwrap_or_default().numerals();
    }
    name_apart(&mut sets);
    Ok((sets, empty))
}

/// Gives sets of one format and one folder the paths of their first parts.
fn name_apart(sets: &mut [Set]) {
    let folders: Vec<(&str, PathBuf)> =
        sets.iter().map(|set| (set.format.name(), set.folder())).collect();
    for (set, own) in sets.iter_mut().zip(&folders) {
        if folders.iter().filter(|other| *other == own).count() > 1 {
            set.shown = set.parts.first().map(|part| part.path.clone());
        }
    }
}

/// How parts are read.
pub struct How<'a> {
    /// The settings of each format.
    pub settings: &'a dyn Fn(&'static dyn Format) -> Chosen,
    /// What holds for all formats.
    pub run: &'a Run,
}

fn open(
    part: &FoundPart,
    roster: &mut Roster,
    how: &How,
    findings: &mut Vec<Finding>,
) -> Result<Loaded> {
    // Validation needs all values of a record, and which members it has.
    let wants = Wants { text: Some(part.format.name()), remarks: true, edits: true, ..Wants::ALL };
    let settings = (how.settings)(part.format);
    let opened = part.format.open(&part.files, &settings, wants, how.run);
    let opened = opened.map_err(|error| error.or_in_file(&part.files.shown))?;
    let source = opened.source;
    findings.extend(opened.faults.iter().map(Finding::of_error));
    let faults: Vec<Rule> = opened.faults.iter().map(Error::rule).collect();
    let is_numbered = faults.contains(&Rule::NoClassList);
    let home = Home::new(&part.files, part.format.name(), roster);
    let ids = names::place_all(source.as_ref(), roster, &home, findings);
    let path = part.files.shown.clone();
    Ok(Loaded {
        number: 0,
        path,
        files: part.files.clone(),
        source,
        ids,
        is_numbered,
        faults,
        numerals: Numerals::default(),
        mistake: None,
        sample: Sample::default(),
    })
}

/// For each image of the roster, the size in which its annotations were made.
fn frames(roster: &Roster, opened: &[(&'static dyn Format, Loaded)]) -> Vec<Option<Size>> {
    let mut frames: Vec<Option<_>> = vec![None; roster.images().len()];
    for (_, loaded) in opened {
        for (&id, image) in loaded.ids.iter().zip(loaded.images()) {
            frames[id] = frames[id].or(image.size);
        }
    }
    for (id, frame) in frames.iter_mut().enumerate() {
        *frame = frame.or(roster.measured(id).map(|measured| measured.size));
    }
    frames
}

/// Counts over objects, spread over the part. Images without objects say nothing, so more images
/// are read until there are enough objects, or no more images.
fn sample(loaded: &Loaded, format: &dyn Format, roster: &Roster) -> Sample {
    let count = loaded.images().len();
    let step = (count / SAMPLE).max(1);
    let is_fractions = format.profile().is_fractions();
    let read = |index: usize| {
        let mut image = loaded.completed(index, roster);
        if format.profile().is_fractions() {
            image.size = image.size.or(Some(UNIT));
        }
        let read = loaded.source.read(index, &image).unwrap_or_default();
        let readable = read.annotations.into_iter().flatten();
        let annotations: Vec<Annotation> = readable.map(Verbatim::into_inner).collect();
        Sample::of(&annotations, image.size, image.size.filter(|_| is_fractions))
    };
    let mut sample = Sample::default();
    for start in 0..step {
        let images: Vec<usize> = (start..count).step_by(step).collect();
        let more = images.into_par_iter().map(read).reduce(Sample::default, Sample::add);
        sample = sample.add(more);
        if sample.annotations() >= SAMPLE {
            break;
        }
    }
    sample
}

/// What is wrong with the boxes of a part, by those of its objects that have a shape, too.
fn mistake_of(loaded: &Loaded, roster: &Roster) -> Option<Mistake> {
    let drawn = |index: usize| {
        let image = loaded.completed(index, roster);
        let read = loaded.source.read(index, &image).ok()?;
        let readable = read.annotations.into_iter().flatten().map(Verbatim::into_inner);
        let has_both = |it: &Annotation| it.bbox.is_some() && it.shape.bounds().is_some();
        let size = image.size.unwrap_or(Size { width: 0, height: 0 });
        Some(readable.filter(has_both).map(|it| (it, size)).collect::<Vec<_>>())
    };
    let (count, step) = (loaded.images().len(), (loaded.images().len() / SAMPLE).max(1));
    let spread = (0..step).flat_map(|start| (start..count).step_by(step));
    let objects: Vec<(Annotation, Size)> =
        spread.filter_map(drawn).flatten().take(SAMPLE).collect();
    mistakes::of_boxes(&objects, loaded.numerals.of_boxes_and_shapes())
}

/// Adds a part to the first set of its format that has none of its images. Subsets may have some in
/// common, which is a finding; then the first one counts.
fn join(format: &'static dyn Format, loaded: Loaded, sets: &mut Vec<Set>) {
    let is_free = |set: &Set| set.format.name() == format.name() && set.takes(&loaded);
    // More sets are refused.
    let at = sets.iter().take(MOST_SETS).position(is_free).unwrap_or_else(|| {
        let (parts, places) = (Vec::new(), HashMap::new());
        sets.push(Set {
            format,
            parts,
            places,
            numerals: Numerals::default(),
            has_backgrounds: false,
            shown: None,
        });
        sets.len() - 1
    });
    let set = &mut sets[at];
    let part = set.parts.len();
    for (index, &id) in loaded.ids.iter().enumerate() {
        set.places.entry(id).or_insert((part, index));
    }
    set.parts.push(Loaded { number: part, ..loaded });
}

impl Loaded {
    /// An image with the size in which its annotations were made.
    pub fn completed(&self, index: usize, roster: &Roster) -> Image {
        let image = &self.images()[index];
        Image { size: image.size.or(roster.frame(self.ids[index])), ..image.clone() }
    }

    /// The images, with the sizes that the source states.
    pub fn images(&self) -> &[Image] {
        self.source.images()
    }

    /// The name of an annotation's class.
    pub fn class(&self, annotation: &Annotation) -> Option<&str> {
        let category = self.source.header().categories.get(annotation.category?)?;
        Some(&category.name)
    }
}

impl Set {
    /// Whether an object without a shape has none: the format states shapes, or the set does.
    pub fn states_shapes(&self) -> bool {
        self.format.profile().has_shapes || self.numerals.has_drawn
    }

    /// How many images may be missing because of what could not be read, or has two records.
    pub fn hidden(&self, roster: &Roster) -> usize {
        let faults = || self.parts.iter().flat_map(|part| &part.faults);
        if faults().any(|rule| *rule == Rule::Unreadable) {
            return usize::MAX;
        }
        let hides = |rule: &&Rule| {
            matches!(rule.group(), Group::Structure | Group::Geometry) || **rule == Rule::ImageTwice
        };
        let twice = self.places.keys().filter(|id| roster.is_doubted(**id)).count();
        faults().filter(hides).count().saturating_add(twice)
    }

    /// Whether it holds the results of a detector, not labels.
    pub fn is_results(&self) -> bool {
        self.parts.iter().any(|part| part.source.header().is_results)
    }

    /// The path of the set in messages: that of its only part, or the folder that its parts have in
    /// common. Two sets of one folder are told apart by their first parts.
    pub fn path(&self) -> PathBuf {
        match &self.shown {
            Some(path) => path.clone(),
            None => self.folder(),
        }
    }

    fn folder(&self) -> PathBuf {
        let paths = self.parts.iter().map(|part| part.path.clone());
        let common = |one: PathBuf, other: PathBuf| {
            let parts = one.components().zip(other.components());
            parts.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
        };
        paths.reduce(common).unwrap_or_default()
    }

    /// Whether a part is about other images, or is another subset that has few of them in common.
    fn takes(&self, part: &Loaded) -> bool {
        let is_other = |owner: &Loaded| match (&owner.files.subset, &part.files.subset) {
            (Some(one), Some(other)) => !tree::is_same_subset(one, other),
            _ => false,
        };
        let mut shared = 0;
        for (owner, _) in part.ids.iter().filter_map(|id| self.places.get(id)) {
            shared += 1;
            if !is_other(&self.parts[*owner]) {
                return false;
            }
        }
        shared * 2 <= part.ids.len()
    }

    /// The paths of its parts.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.parts.iter().map(|part| part.path.as_path())
    }

    /// What the set has for an image of the roster; `None` if it does not list the image.
    pub fn view(&self, id: usize, roster: &Roster) -> Option<View<'_>> {
        self.view_in(id, roster, None)
    }

    /// What one of its parts has for the image of this number in that part.
    pub fn view_at<'a>(&'a self, part: &'a Loaded, index: usize, roster: &Roster) -> View<'a> {
        self.read(part, index, part.completed(index, roster))
    }

    /// The same, read as if the image had another size, where one is stated.
    pub fn view_in(&self, id: usize, roster: &Roster, frame: Option<Size>) -> Option<View<'_>> {
        let &(part, index) = self.places.get(&id)?;
        let part = &self.parts[part];
        let mut image = part.completed(index, roster);
        image.size = frame.or(image.size);
        let mut view = self.read(part, index, image);
        if view.image.is_stem {
            roster.name(id).clone_into(&mut view.image.file_name);
        }
        Some(view)
    }

    fn read<'a>(&'a self, part: &'a Loaded, index: usize, image: Image) -> View<'a> {
        let (mut annotations, mut lacks, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        let (mut unread, mut remarks) = (0, Vec::new());
        match part.source.read(index, &image) {
            Err(error) => {
                errors.push(error);
                unread = usize::MAX;
            }
            Ok(read) => {
                remarks = read.remarks;
                unread = if read.is_doubtful { usize::MAX } else { unread };
                for read in read.annotations {
                    match read {
                        Ok(annotation) => {
                            lacks.push(
                                annotation.stated().map_or_else(Vec::new, |it| it.lacks.clone()),
                            );
                            annotations.push(annotation.into_inner());
                        }
                        Err(error) => errors.push(error),
                    }
                }
            }
        }
        let unread = unread.max(errors.len());
        View {
            set: self,
            part,
            index,
            image,
            annotations,
            lacks,
            remarks,
            errors,
            unread,
            numerals: part.numerals,
        }
    }
}

impl View<'_> {
    /// Whether its numbers are fractions of an image whose size is not known.
    pub fn is_unsized(&self) -> bool {
        self.set.format.profile().is_fractions() && self.image.size.is_none()
    }

    /// The same in the frame of an image of one pixel, where the size is not known and numbers are
    /// fractions: they can be judged as they stand.
    pub fn as_stated(&self) -> Option<View<'_>> {
        let image = || Image { size: Some(UNIT), ..self.image.clone() };
        self.is_unsized().then(|| self.set.read(self.part, self.index, image()))
    }

    /// Whether there may be annotations that could not be read.
    pub fn is_doubtful(&self) -> bool {
        self.unread > 0
    }

    /// A finding about an annotation, by its number among those that could be read.
    pub fn finding(
        &self,
        rule: Rule,
        number: usize,
        at: format::Field,
        message: String,
    ) -> Finding {
        let annotation = &self.annotations[number];
        let place = self.part.source.place(Spot::Annotation(self.index, annotation, at));
        let name = annotation.id.as_ref().map_or_else(|| number.to_string(), ToString::to_string);
        Finding::new(rule, message, place).of_image(&self.image.file_name).of_annotation(name)
    }

    /// A finding about the image.
    pub fn image_finding(&self, rule: Rule, at: format::Field, message: String) -> Finding {
        let place = self.part.source.place(Spot::Image(self.index, at));
        Finding::new(rule, message, place).of_image(&self.image.file_name)
    }
}
