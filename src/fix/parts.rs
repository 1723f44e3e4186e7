//! Goes through the parts of a dataset and mends what is broken in each.

use super::breaches::{Breach, Breaches};
use super::names::{as_on_disk, with_slashes};
use super::objects::{self, Broken, Frame};
use crate::error::{Place, Result, brief};
use crate::format::{Field, Format, MendedImage, MendedObject, Mender, Patches, Run, Spot};
use crate::images;
use crate::model::{Annotation, Id};
use crate::rules::{Group, Rule};
use crate::survey::discover;
use crate::survey::roster::Roster;
use crate::survey::sets::{self, Loaded, Set, View};
use crate::tree::Files;
use crate::validate::{self, settings_of};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Parts of an object's record that findings have a place in. The first is the record.
const OF_OBJECT: [Field; 6] =
    [Field::Whole, Field::Id, Field::Class, Field::Box, Field::Shape, Field::Area];

/// Parts of an image's record that findings have a place in. The first is the record.
const OF_IMAGE: [Field; 5] = [Field::Whole, Field::Id, Field::Size, Field::Name, Field::Length];

/// Rules that concern the objects of a part, whichever of them the finding names.
const OF_ALL_OBJECTS: [Rule; 9] = [
    Rule::AbsentMember,
    Rule::AllCrowd,
    Rule::AreaWithoutRule,
    Rule::BelowAPixel,
    Rule::CornersAsSize,
    Rule::SizeAsCorners,
    Rule::CornerAsCentre,
    Rule::CentreAsCorner,
    Rule::WrongUnit,
];

/// Rules that concern a part and none of its records.
const OF_PARTS: [Rule; 2] = [Rule::ZeroCategoryId, Rule::ClassCount];

/// Mends the parts of a dataset. Returns the changes, and the files that were read.
pub fn mend(
    request: &validate::Request,
    breaches: &mut Breaches,
) -> Result<(Patches, Vec<PathBuf>)> {
    let asked = discover::Asked { paths: &request.paths, named: &request.named, lists: &[] };
    let discovered = discover::discover(&asked)?;
    let folder = request.images.as_deref().or(discovered.root.as_deref());
    let mut roster = Roster::scan(folder, &request.run.progress)?;
    let parts: Vec<(&'static str, Files)> =
        discovered.parts.iter().map(|part| (part.format.name(), part.files.clone())).collect();
    let settings = |format: &'static dyn Format| settings_of(request, format);
    let run = Run { is_tolerant: true, ..request.run.clone() };
    let how = sets::How { settings: &settings, run: &run };
    let (sets, _) = sets::load(discovered.parts, &mut roster, &how, &mut Vec::new())?;
    let mut patches = Patches::default();
    for set in &sets {
        for part in &set.parts {
            let is_same = |(format, files): &&(&str, Files)| {
                *format == set.format.name() && files.shown == part.path
            };
            let Some((_, files)) = parts.iter().find(is_same) else { continue };
            let Some(mender) = set.format.mender(files, &settings(set.format))? else { continue };
            let mut mending = Mending::new(set, part, &roster, files, breaches, mender);
            mending.mend(breaches);
            patches.add(mending.mender.finish());
        }
    }
    let all = parts.into_iter().flat_map(|(_, files)| [files.files, files.lists].concat());
    let files: BTreeSet<PathBuf> = all.filter(|file| file.is_file()).collect();
    Ok((patches, files.into_iter().collect()))
}

/// A part that is mended.
struct Mending<'a> {
    set: &'a Set,
    part: &'a Loaded,
    roster: &'a Roster,
    mender: Box<dyn Mender>,
    /// The breaches in the files of the part, by rule.
    own: BTreeMap<Rule, Vec<usize>>,
    /// The images that some breach is about.
    images: BTreeSet<String>,
    /// Rules that some object or image breaks still.
    failed: BTreeSet<Rule>,
    /// The last id that is taken.
    last_id: i64,
}

impl<'a> Mending<'a> {
    fn new(
        set: &'a Set,
        part: &'a Loaded,
        roster: &'a Roster,
        files: &Files,
        breaches: &Breaches,
        mender: Box<dyn Mender>,
    ) -> Self {
        let known: BTreeSet<&PathBuf> = files.files.iter().chain(&files.lists).collect();
        let is_own =
            |file: &std::path::Path| file == files.shown || known.contains(&file.to_path_buf());
        let mut own: BTreeMap<Rule, Vec<usize>> = BTreeMap::new();
        let mut images = BTreeSet::new();
        for number in breaches.in_files(is_own) {
            let Some(breach) = breaches.all.get(number) else { continue };
            own.entry(breach.rule).or_default().push(number);
            images.extend(breach.image.clone());
        }
        let ids = part.source.header().ids;
        let last_id = ids.map_or(0, |(_, greatest)| greatest.max(0));
        Self { set, part, roster, mender, own, images, failed: BTreeSet::new(), last_id }
    }

    fn mend(&mut self, breaches: &mut Breaches) {
        // Rows of a class beyond the names say that a name is missing, not that the count is wrong.
        if breaches.all.iter().any(|breach| breach.rule == Rule::UnknownClass) {
            self.failed.insert(Rule::ClassCount);
        }
        for rule in
            OF_PARTS.into_iter().filter(|rule| !self.failed.contains(rule)).collect::<Vec<_>>()
        {
            if self.own.contains_key(&rule) && !self.mender.part(rule) {
                self.failed.insert(rule);
            }
        }
        let is_of_records = |rule: &Rule| !OF_PARTS.contains(rule);
        if self.own.keys().any(is_of_records) {
            for &id in &self.part.ids {
                // Of an image in two subsets, the first one's records are those that were judged.
                let view = self.set.view(id, self.roster);
                if let Some(view) = view.filter(|view| std::ptr::eq(view.part, self.part)) {
                    self.mend_image(&view, id, breaches);
                    self.mend_objects(&view, breaches);
                }
            }
        }
        let whole: Vec<Rule> = [&OF_PARTS[..], &OF_ALL_OBJECTS].concat();
        let done =
            self.own.iter().filter(|(rule, _)| whole.contains(rule) && !self.failed.contains(rule));
        let done: Vec<usize> = done.flat_map(|(_, numbers)| numbers.clone()).collect();
        breaches.mend(&done);
    }

    /// The breaches of each rule that concern a record, given the places of its parts.
    fn broken(places: &[Place], breaches: &Breaches) -> BTreeMap<Rule, Vec<usize>> {
        let mut broken: BTreeMap<Rule, Vec<usize>> = BTreeMap::new();
        let found: BTreeSet<usize> =
            places.iter().flat_map(|place| breaches.at(place)).copied().collect();
        let breach = |number: &usize| breaches.all.get(*number);
        let is_left = |it: &Breach| it.rule.group() == Group::Agreement && !it.is_mendable;
        // What another format contradicts may be wrong as a whole: cutting it would hide that.
        let is_contradicted = found.iter().filter_map(breach).any(is_left);
        let is_of_border =
            |rule: Rule| matches!(rule, Rule::BeyondBorder | Rule::ShapeBeyondBorder);
        for number in found {
            let breach = breaches.all.get(number).filter(|breach| {
                breach.is_mendable && !(is_contradicted && is_of_border(breach.rule))
            });
            if let Some(rule) = breach.map(|breach| breach.rule) {
                broken.entry(rule).or_default().push(number);
            }
        }
        broken
    }

    /// The breaches of all objects of an image: those of the part, and those of the file.
    fn broken_everywhere(&self, view: &View, breaches: &Breaches) -> BTreeMap<Rule, Vec<usize>> {
        let of_objects = |numbers: &[usize]| {
            let mut own = numbers.iter().filter_map(|number| breaches.all.get(*number));
            own.any(|breach| breach.is_of_object)
        };
        let mut all = BTreeMap::new();
        for rule in OF_ALL_OBJECTS {
            // A cause that names its objects concerns those alone.
            let own = self.own.get(&rule).filter(|own| !of_objects(own));
            all.extend(own.map(|own| (rule, own.clone())));
        }
        let file = self.part.source.place(Spot::Image(view.index, Field::Whole)).file;
        let mixed = self.own.get(&Rule::MixedRows).into_iter().flatten().copied();
        let is_here =
            |number: &usize| breaches.all.get(*number).is_some_and(|it| it.place.file == file);
        let mixed: Vec<usize> = mixed.filter(is_here).collect();
        if !mixed.is_empty() {
            all.insert(Rule::MixedRows, mixed);
        }
        all
    }

    fn mend_objects(&mut self, view: &View, breaches: &mut Breaches) {
        let everywhere = self.broken_everywhere(view, breaches);
        if everywhere.is_empty() && !self.images.contains(&brief(view.image.file_name.clone())) {
            return;
        }
        for annotation in &view.annotations {
            let spot =
                |field| self.part.source.place(Spot::Annotation(view.index, annotation, field));
            let places = OF_OBJECT.map(spot);
            let mut broken = Self::broken(&places, breaches);
            broken.extend(everywhere.clone());
            if broken.is_empty() {
                continue;
            }
            let [place, ..] = places;
            let done = self.mend_object(view, annotation, place, &broken, breaches);
            let own = broken.iter().filter(|(rule, _)| done.contains(rule));
            let is_single =
                |rule: &Rule| !everywhere.contains_key(rule) || *rule == Rule::MixedRows;
            let mended: Vec<usize> =
                own.filter(|(rule, _)| is_single(rule)).flat_map(|(_, it)| it.clone()).collect();
            breaches.mend(&mended);
            self.failed.extend(broken.into_keys().filter(|rule| !done.contains(rule)));
        }
    }

    /// Mends an object, and returns the rules that it keeps now.
    fn mend_object(
        &mut self,
        view: &View,
        annotation: &Annotation,
        place: Place,
        broken: &BTreeMap<Rule, Vec<usize>>,
        breaches: &Breaches,
    ) -> Vec<Rule> {
        let message = |numbers: &[usize]| {
            let first = numbers.first().and_then(|number| breaches.all.get(*number));
            first.map_or("", |breach| breach.message.as_str())
        };
        let listed: Vec<Broken> = broken
            .iter()
            .map(|(rule, numbers)| Broken { rule: *rule, message: message(numbers) })
            .collect();
        let frame =
            Frame { size: view.image.size, is_fractions: self.set.format.profile().is_fractions() };
        let mut after = annotation.clone();
        let mut done = objects::mend(&mut after, frame, &listed);
        done.extend(self.mend_members(&mut after, broken));
        let is_removed = broken.contains_key(&Rule::DuplicateObject);
        let rules: Vec<Rule> = broken.keys().copied().collect();
        let mended = MendedObject {
            place,
            size: view.image.size,
            before: annotation,
            after: (!is_removed).then_some(&after),
            rules: &rules,
        };
        match self.mender.object(&mended) {
            true if is_removed => rules,
            true => done,
            false => Vec::new(),
        }
    }

    /// Fills in members and ids.
    fn mend_members(
        &mut self,
        annotation: &mut Annotation,
        broken: &BTreeMap<Rule, Vec<usize>>,
    ) -> Vec<Rule> {
        let mut done = Vec::new();
        let lacks = broken.contains_key(&Rule::AbsentMember);
        let is_numbered =
            broken.contains_key(&Rule::ZeroId) || broken.contains_key(&Rule::DuplicateId);
        if is_numbered || (lacks && annotation.id.is_none()) {
            let Some(next) = self.last_id.checked_add(1) else { return done };
            self.last_id = next;
            annotation.id = Some(Id::Number(next));
            done.extend([Rule::ZeroId, Rule::DuplicateId]);
        }
        if lacks {
            // A box that is inverted has none.
            let own = objects::area(annotation, false).filter(|area| *area >= 0.0);
            annotation.area = annotation.area.or(own);
            done.extend(annotation.area.map(|_| Rule::AbsentMember));
        }
        done.push(Rule::StringNumber);
        done
    }

    fn mend_image(&mut self, view: &View, id: usize, breaches: &mut Breaches) {
        let spot = |field| self.part.source.place(Spot::Image(view.index, field));
        let places = OF_IMAGE.map(spot);
        let mut broken = Self::broken(&places, breaches);
        let is_sizeless = self.part.images().get(view.index).is_some_and(|it| it.size.is_none());
        let absent = self.own.get(&Rule::AbsentMember).into_iter().flatten().copied();
        let is_of_images = |number: &usize| {
            breaches.all.get(*number).is_some_and(|it| it.message.contains("\"width\""))
        };
        let absent: Vec<usize> = absent.filter(is_of_images).collect();
        if is_sizeless && !absent.is_empty() {
            broken.insert(Rule::AbsentMember, absent);
        }
        let [place, ..] = places;
        for (rule, numbers) in broken {
            let mended = self.mended_image(view, id, rule, place.clone());
            match mended.is_some_and(|mended| self.mender.image(&mended)) {
                false => drop(self.failed.insert(rule)),
                true if rule == Rule::AbsentMember => {}
                true => breaches.mend(&numbers),
            }
        }
    }

    /// What the record of an image is to state instead, so that it keeps a rule.
    fn mended_image(
        &self,
        view: &View,
        id: usize,
        rule: Rule,
        place: Place,
    ) -> Option<MendedImage> {
        let stated = self.part.images().get(view.index)?;
        let known = self.roster.images().get(id)?;
        let mended = MendedImage { place, ..MendedImage::default() };
        let size = || self.roster.measured(id).map(|measured| measured.size);
        Some(match rule {
            Rule::StringNumber => MendedImage { is_unquoted: true, ..mended },
            Rule::ZeroImageSize | Rule::AbsentMember => {
                MendedImage { size: Some(size()?), ..mended }
            }
            Rule::SizeDiffers if view.annotations.is_empty() && view.unread == 0 => {
                MendedImage { size: Some(size()?), ..mended }
            }
            Rule::LengthDiffers => {
                let length = images::length(known.file.as_deref()?)?;
                MendedImage { bytes: Some(length), ..mended }
            }
            Rule::NameDiffers => {
                known.file.as_deref()?;
                let name = as_on_disk(&stated.file_name, &known.name)?;
                MendedImage { file_name: Some(name), ..mended }
            }
            Rule::IllegalName => {
                MendedImage { file_name: Some(with_slashes(&stated.file_name)?), ..mended }
            }
            Rule::ImageTwice => MendedImage { is_repeated: true, ..mended },
            _ => return None,
        })
    }
}
