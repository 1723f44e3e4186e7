//! Finds the image that a stated name means, as a person would.

use super::index::{Index, Key};
use super::names::{self, Attempt, Way};
use super::origins::{add_origins, has_origin, origin_key, stem_key};
use super::table::MOST_CANDIDATES;
use super::{ImageTable, base_name};
use crate::error::Result;
use crate::files;
use std::borrow::Cow;
use std::iter;

/// How many images of one name are compared with the home folders at most. It bounds the work for
/// each name. If there are more images, the home folders do not decide between them.
const MOST_COMPARED: usize = 1000;

/// The stated name that is looked up.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The name as it is stated.
    pub name: &'a str,
    /// Whether the name is stated without an extension.
    pub is_stem: bool,
    /// The home folders: the folders that the name may be relative to, the best first. Each is a
    /// path below the root of the table, with forward slashes. The root itself is "".
    pub homes: &'a [String],
}

/// An image that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// Its number in the table.
    pub number: usize,
    /// How it was found. If several ways were needed, it is the loosest.
    pub way: Way,
}

/// A match or none; the error holds two images that fit equally well.
type Fit = std::result::Result<Option<Match>, [usize; 2]>;

/// A step of the search. Stricter steps come first.
struct Level {
    is_whole: bool,
    text: String,
    way: Way,
}

impl ImageTable {
    /// The image that a name means.
    ///
    /// First the name is taken word for word: as a path from a home folder or the root, else as
    /// the end of a path, else as a file name. If no image fits, the looser ways of [`Way`] are
    /// tried in their order, and combined. If several images fit equally well, the first home
    /// folder with only one of them decides.
    ///
    /// # Errors
    /// Where several images fit equally well and no home folder decides. The error names two.
    pub fn look_up(&self, asked: &Asked) -> Result<Option<Match>> {
        let found = match self.exactly(asked) {
            Ok(None) => self.loosely(asked),
            found => found,
        };
        found.map_err(|[first, second]| self.ambiguous(asked.name, first, second))
    }

    /// The image of a name that is taken word for word.
    fn exactly(&self, asked: &Asked) -> Fit {
        let attempt = Attempt {
            text: asked.name.to_owned(),
            is_stem: asked.is_stem,
            is_folded: false,
            way: Way::Path,
        };
        self.attempt(&attempt, asked.homes, false)
    }

    /// The image of a name that is not found word for word.
    fn loosely(&self, asked: &Asked) -> Fit {
        for attempt in names::attempts(asked.name, asked.is_stem) {
            // Every image that fits has this file name. So most attempts end here.
            let base = folded_if(attempt.is_folded, names::file_name(&attempt.text));
            let key = Key { is_whole: false, is_stem: attempt.is_stem, text: &base };
            if !self.index(attempt.is_folded).has(key) {
                continue;
            }
            if let Some(found) = self.attempt(&attempt, asked.homes, true)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn attempt(&self, attempt: &Attempt, homes: &[String], is_loose: bool) -> Fit {
        if matches!(base_name(&attempt.text), "" | "." | "..") {
            return Ok(None);
        }
        for level in levels(&attempt.text, homes, is_loose) {
            let text = folded_if(attempt.is_folded, &level.text);
            let key = Key { is_whole: level.is_whole, is_stem: attempt.is_stem, text: &text };
            let numbers = self.all_of(key, attempt.is_folded, MOST_COMPARED);
            if let Some(number) = self.pick(&numbers, homes)? {
                let way = match level.way {
                    Way::Name if attempt.is_stem => Way::Stem,
                    way => way,
                };
                return Ok(Some(Match { number, way: way.max(attempt.way) }));
            }
        }
        Ok(None)
    }

    /// The only one of these images, else the one in the first home folder that has only one.
    fn pick(
        &self,
        numbers: &[usize],
        homes: &[String],
    ) -> std::result::Result<Option<usize>, [usize; 2]> {
        let [first, second, ..] = *numbers else { return Ok(numbers.first().copied()) };
        let only_below = |home: &String| {
            let is_below = |number: &&usize| names::is_below(self.name(**number), home);
            let mut below = numbers.iter().filter(is_below);
            below.next().filter(|_| below.next().is_none()).copied()
        };
        let homes = if numbers.len() < MOST_COMPARED { homes } else { &[] };
        homes.iter().find_map(only_below).map(Some).ok_or([first, second])
    }

    /// The images, at most 100, that a name may mean if [`ImageTable::look_up`] found none. Their
    /// file names are similar, in any folder, or some tool has made one name of the other. The name
    /// may mean another image, so these cannot replace a match. But they must not be taken for
    /// images without objects.
    pub fn may_mean(&self, asked: &Asked) -> Vec<usize> {
        let origins = self.origins.get_or_init(|| self.all_origins());
        let stems = names::loose_stems(asked.name, asked.is_stem);
        let own = stems.iter().flat_map(|stem| [stem_key(stem), origin_key(stem)]);
        let made = stems.iter().flat_map(|stem| names::origins(stem).map(stem_key));
        let mut found = Vec::new();
        for key in own.chain(made) {
            let has_key = |number: &&usize| has_origin(key, self.name(**number));
            found.extend(origins.numbers(key).iter().filter(has_key).take(MOST_CANDIDATES));
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(MOST_CANDIDATES);
        found
    }

    fn all_origins(&self) -> Index {
        let mut index = Index::default();
        let known = self.known().iter().enumerate();
        known.for_each(|(number, image)| add_origins(&mut index, &image.name, number));
        index
    }
}

fn folded_if(is_folded: bool, text: &str) -> Cow<'_, str> {
    if is_folded { files::folded(text) } else { Cow::Borrowed(text) }
}

/// The steps of the search for a path. A path that leads outside the root has no steps, unless the
/// search `is_loose`: then its part inside the root is searched for.
fn levels<'a>(
    text: &'a str,
    homes: &'a [String],
    is_loose: bool,
) -> impl Iterator<Item = Level> + 'a {
    let at_home = homes.iter().filter_map(move |home| {
        names::resolved(home, text).map(|text| Level { is_whole: true, text, way: Way::Path })
    });
    at_home.chain(iter::once_with(move || elsewhere(text, is_loose)).flatten())
}

/// The steps of the search for a path that is not found from a home folder.
fn elsewhere(text: &str, is_loose: bool) -> Vec<Level> {
    let is_outside = names::leads_outside(text);
    let least = if is_outside && is_loose { Way::Outside } else { Way::Path };
    let path = match least {
        Way::Outside => Some(names::inside(text)),
        _ => names::resolved("", text),
    };
    let Some(path) = path.filter(|path| !path.is_empty()) else { return Vec::new() };
    let level = |is_whole, text: &str, way: Way| Level {
        is_whole,
        text: text.to_owned(),
        way: way.max(least),
    };
    let end = if path.contains('/') { Way::End } else { Way::Name };
    let mut levels = vec![level(true, &path, Way::Path), level(false, &path, end)];
    // Some systems allow the file name `c:a.jpg`. A strict search must not find `a.jpg` by it.
    if !is_outside || is_loose {
        levels.extend(names::ends(&path).map(|end| level(true, end, Way::End)));
        levels.push(level(false, base_name(&path), Way::Name));
    }
    levels
}

#[cfg(test)]
mod tests;
