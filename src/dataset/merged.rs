//! Several sources as one: classes joined by name, ids numbered anew where they clash, images of
//! one name kept apart by their folders.

use crate::error::{Error, ErrorKind, Mismatch, Place, Result};
use crate::files::{self, shown};
use crate::format::{Read, Source, Spot};
use crate::model::{Annotation, Category, Header, Id, Image, Verbatim, free_ids};
use crate::tree::{Files, common};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A source and where its files are.
pub struct Part {
    /// Its files.
    pub files: Files,
    /// What is read.
    pub source: Box<dyn Source>,
}

/// Parts as one source.
pub struct Merged {
    header: Header,
    images: Vec<Image>,
    parts: Vec<Joined>,
    /// The part of each image, and its number there.
    owners: Vec<(usize, usize)>,
}

/// A part, and how what it states becomes what the whole states.
struct Joined {
    files: Files,
    source: Box<dyn Source>,
    /// The place of each of its categories in the common list, and whether its id is another there.
    categories: CategoryMap,
    /// What is added to its annotations' ids.
    shift: i64,
}

impl Merged {
    /// Joins parts. Images of one name are told apart by the folders in which they lie.
    ///
    /// # Errors
    /// Where two parts name an image by one path.
    pub fn new(parts: Vec<Part>) -> Result<Self> {
        let (categories, maps) = join_categories(&parts);
        let mut ids = None;
        let mut joined = Vec::with_capacity(parts.len());
        for (part, categories) in parts.into_iter().zip(maps) {
            let shift = shift_of(&mut ids, part.source.header().ids);
            joined.push(Joined { files: part.files, source: part.source, categories, shift });
        }
        let headers = || joined.iter().map(|part| part.source.header());
        let header = Header {
            categories,
            about: headers()
                .find(|it| !it.about.is_empty())
                .map(|it| it.about.clone())
                .unwrap_or_default(),
            ids,
            is_grouped: joined.len() == 1 && headers().all(|it| it.is_grouped),
            is_results: headers().any(|it| it.is_results),
        };
        let owner = |(number, part): (usize, &Joined)| {
            (0..part.source.images().len()).map(move |index| (number, index)).collect::<Vec<_>>()
        };
        let owners = joined.iter().enumerate().flat_map(owner).collect();
        let images = join_images(&joined)?;
        Ok(Self { header, images, parts: joined, owners })
    }

    /// The files of the part that an image is of.
    pub fn files(&self, image: usize) -> Option<&Files> {
        let (part, _) = self.owners.get(image)?;
        self.parts.get(*part).map(|part| &part.files)
    }

    /// The files of all parts.
    pub fn parts(&self) -> impl Iterator<Item = &Files> {
        self.parts.iter().map(|part| &part.files)
    }

    fn owner(&self, image: usize) -> Option<(&Joined, usize)> {
        let (part, index) = self.owners.get(image)?;
        Some((self.parts.get(*part)?, *index))
    }

    /// Whether members of the whole dataset are stated by other parts than the first that has any.
    pub fn drops_members(&self) -> bool {
        let states = |part: &&Joined| part.source.header().said().next().is_some();
        self.parts.iter().filter(states).count() > 1
    }
}

/// For each category of a part, its place in the list of all, and whether its id there is another.
type CategoryMap = Vec<(usize, bool)>;

/// One list of categories, and for each part the place of its own in it. Categories of one name are
/// one; where a part itself has a name twice, the second stays apart.
fn join_categories(parts: &[Part]) -> (Vec<Verbatim<Category>>, Vec<CategoryMap>) {
    let mut all: Vec<Verbatim<Category>> = Vec::new();
    let mut places: HashMap<(String, usize), usize> = HashMap::new();
    let mut taken: HashSet<Id> = HashSet::new();
    let mut maps = Vec::with_capacity(parts.len());
    for part in parts {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut map = Vec::new();
        for category in &part.source.header().categories {
            let again = seen.entry(&category.name).and_modify(|it| *it += 1).or_insert(0);
            let at = *places.entry((category.name.clone(), *again)).or_insert_with(|| {
                let mut own = category.clone();
                if let Some(id) = category.id.clone()
                    && !taken.insert(id)
                {
                    own.id = None;
                }
                all.push(own);
                all.len() - 1
            });
            let is_other = all.get(at).is_none_or(|own| own.id != category.id);
            map.push((at, is_other));
        }
        maps.push(map);
    }
    (all, maps)
}

/// What is added to a part's annotation ids so that none of those before is used again. `all` is the
/// range of the ids before, and then with these.
fn shift_of(all: &mut Option<(i64, i64)>, own: Option<(i64, i64)>) -> i64 {
    let Some((least, greatest)) = own else { return 0 };
    let (first, last) = all.unwrap_or((least, least));
    let is_apart = all.is_none() || greatest < first || least > last;
    let shift = match is_apart {
        true => 0,
        false => last.saturating_add(1).saturating_sub(least),
    };
    let (least, greatest) = (least.saturating_add(shift), greatest.saturating_add(shift));
    *all = Some((first.min(least), last.max(greatest)));
    shift
}

/// All images, those whose names clash told apart by the folders of their parts.
fn join_images(parts: &[Joined]) -> Result<Vec<Image>> {
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut clash = false;
    for (number, part) in parts.iter().enumerate() {
        for image in part.source.images() {
            clash |= *names.entry(&image.file_name).or_insert(number) != number;
        }
    }
    // One folder does not hold them all: their names are stated from the common one.
    let prefixes = prefixes(parts);
    let is_apart = prefixes.iter().any(|it| *it != prefixes.first().cloned().flatten());
    let mut images = Vec::new();
    for (part, prefix) in parts.iter().zip(prefixes) {
        let subset: Option<Arc<str>> = part.files.subset.as_deref().map(Arc::from);
        let prefix = match prefix {
            Some(prefix) => Some(prefix).filter(|_| clash || is_apart),
            None => part.files.subset.clone().filter(|_| clash),
        };
        for image in part.source.images() {
            let mut image = image.clone();
            image.subset = image.subset.or_else(|| subset.clone());
            if let Some(prefix) = &prefix {
                image.file_name = format!("{prefix}/{}", image.file_name);
            }
            images.push(image);
        }
    }
    if parts.len() > 1 {
        refuse_same(parts, &images)?;
        number_anew(&mut images);
    }
    Ok(images)
}

/// What tells the images of each part from those of others: the folder in which they lie, below the
/// folder that all of these lie in.
fn prefixes(parts: &[Joined]) -> Vec<Option<String>> {
    let homes: Vec<&Path> = parts.iter().map(|part| files::plain(home(part))).collect();
    let base = common(homes.iter().copied());
    let below = |home: &Path| {
        let folders = home.strip_prefix(&base).ok()?.iter().map(|folder| folder.to_str());
        let folders = folders.collect::<Option<Vec<&str>>>()?;
        (!folders.is_empty()).then(|| folders.join("/"))
    };
    homes.into_iter().map(below).collect()
}

/// The folder that the names of a part's images are relative to: the one in which the first lies.
fn home(part: &Joined) -> &Path {
    let files = &part.files;
    let Some(first) = part.source.images().first().filter(|image| !image.is_stem) else {
        return files.homes.first().unwrap_or(&files.root);
    };
    let has_first = |home: &&PathBuf| home.join(&first.file_name).is_file();
    files.homes.iter().find(has_first).unwrap_or(&files.root)
}

/// Refuses two parts that state the same image.
fn refuse_same(parts: &[Joined], images: &[Image]) -> Result<()> {
    let owners = parts
        .iter()
        .flat_map(|part| std::iter::repeat_n(&part.files.shown, part.source.images().len()));
    let mut seen: HashMap<&str, &PathBuf> = HashMap::new();
    for (image, owner) in images.iter().zip(owners) {
        let Some(first) = seen.insert(&image.file_name, owner).filter(|first| *first != owner)
        else {
            continue;
        };
        let found = format!("it in {} and in {}", shown(first), shown(owner));
        let expected = "an image in one of the files or inputs (name one of them)";
        let thing = format!("image {:?}", image.file_name);
        return Err(Error::new(ErrorKind::Refused, thing, Mismatch::new(expected, found)));
    }
    Ok(())
}

/// Numbers the images whose ids are taken by one before.
fn number_anew(images: &mut [Image]) {
    let mut taken: HashSet<Id> = HashSet::new();
    let mut clashing = Vec::new();
    for (at, image) in images.iter().enumerate() {
        if image.id.as_ref().is_some_and(|id| !taken.insert(id.clone())) {
            clashing.push(at);
        }
    }
    let numbers = taken.iter().filter_map(Id::number).collect();
    let mut free = free_ids(numbers);
    for at in clashing {
        if let Some(image) = images.get_mut(at) {
            image.id = free.next();
        }
    }
}

impl Joined {
    /// An annotation as the whole states it. Its text stays where that says the same.
    fn adopt(&self, annotation: &mut Verbatim<Annotation>, is_image_other: bool) {
        let category = annotation.category.and_then(|own| self.categories.get(own).copied());
        let is_other = is_image_other || category.is_some_and(|(_, is_other)| is_other);
        let number = annotation.id.as_ref().and_then(Id::number).filter(|_| self.shift != 0);
        let place = category.map(|(place, _)| place);
        annotation.complete(|it| {
            it.category = place;
            it.order = None;
        });
        if let Some(number) = number {
            annotation.id = Some(Id::Number(number.saturating_add(self.shift)));
        } else if is_other {
            // The ids that its text states are others now.
            let _ = &mut **annotation;
        }
    }
}

impl Source for Merged {
    fn header(&self) -> &Header {
        &self.header
    }

    fn images(&self) -> &[Image] {
        &self.images
    }

    fn image(&self, index: usize) -> Result<Verbatim<Image>> {
        let (Some((part, own)), Some(image)) = (self.owner(index), self.images.get(index)) else {
            return Ok(Verbatim::default());
        };
        let mut whole = part.source.image(own)?;
        let subset = image.subset.clone();
        whole.complete(|it| it.subset = subset);
        if whole.file_name != image.file_name || whole.id != image.id {
            whole.file_name.clone_from(&image.file_name);
            whole.id.clone_from(&image.id);
        }
        Ok(whole)
    }

    fn read(&self, index: usize, image: &Image) -> Result<Read> {
        let Some((part, own)) = self.owner(index) else { return Ok(Read::default()) };
        let mut read = part.source.read(own, image)?;
        let stated = part.source.images().get(own);
        let is_other = stated.is_none_or(|stated| stated.id.is_some() && stated.id != image.id);
        if self.parts.len() > 1 {
            read.annotations.iter_mut().flatten().for_each(|it| part.adopt(it, is_other));
        }
        Ok(read)
    }

    fn place(&self, spot: Spot) -> Place {
        match spot {
            Spot::Image(index, at) => match self.owner(index) {
                Some((part, own)) => part.source.place(Spot::Image(own, at)),
                None => Place::default(),
            },
            Spot::Annotation(index, annotation, at) => match self.owner(index) {
                Some((part, own)) => part.source.place(Spot::Annotation(own, annotation, at)),
                None => Place::default(),
            },
            Spot::Category(category) => {
                let stating = self.parts.iter().find_map(|part| {
                    let own = part.categories.iter().position(|(place, _)| *place == category)?;
                    Some(part.source.place(Spot::Category(own)))
                });
                stating.unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Memory;
    use crate::geometry::BBox;

    fn part(folder: &str, names: &[&str], image: &str) -> Part {
        let categories = names.iter().enumerate().map(|(at, name)| Category {
            id: Some(Id::Number(at as i64)),
            ..Category::named(*name)
        });
        let image =
            Image { id: Some(Id::Number(1)), file_name: image.to_owned(), ..Image::default() };
        let annotation = Annotation {
            id: Some(Id::Number(5)),
            category: Some(0),
            bbox: Some(BBox::Corner { x: 0.0, y: 0.0, width: 1.0, height: 1.0 }),
            ..Annotation::default()
        };
        let header = Header { ids: Some((5, 5)), ..Header::of(categories.collect()) };
        let source = Memory::new(header, vec![(image, vec![annotation])]);
        let files =
            Files { root: Path::new("/d").join(folder), shown: folder.into(), ..Files::default() };
        Part { files, source: Box::new(source) }
    }

    #[test]
    fn classes_are_joined_by_name_and_ids_numbered_anew() {
        let parts = vec![part("one", &["a", "b"], "x.jpg"), part("two", &["b", "c"], "x.jpg")];
        let merged = Merged::new(parts).unwrap();
        assert_eq!(merged.header().names(), ["a", "b", "c"]);
        let names: Vec<&str> = merged.images().iter().map(|it| it.file_name.as_str()).collect();
        assert_eq!(names, ["one/x.jpg", "two/x.jpg"]);
        let ids: Vec<_> = merged.images().iter().map(|it| it.id.clone().unwrap()).collect();
        assert_eq!(ids, [Id::Number(1), Id::Number(2)]);
        let read = |index: usize| {
            let image = merged.images()[index].clone();
            merged.read(index, &image).unwrap().all().unwrap().swap_remove(0)
        };
        assert_eq!((read(0).category, read(1).category), (Some(0), Some(1)));
        assert_eq!(
            (read(0).id.clone(), read(1).id.clone()),
            (Some(Id::Number(5)), Some(Id::Number(6)))
        );
    }

    #[test]
    fn an_image_of_one_path_in_two_inputs_is_refused() {
        let mut parts = vec![part("one", &["a"], "x.jpg"), part("one", &["a"], "x.jpg")];
        parts[1].files.shown = "uno".into();
        let error = Merged::new(parts).map(|_| ()).unwrap_err().to_string();
        assert!(error.ends_with("found it in one and in uno"), "{error}");
    }
}
