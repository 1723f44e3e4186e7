//! Renaming classes. Two that get one name become one.

use super::{Before, Bound, Edit};
use crate::error::{Error, ErrorKind, Mismatch, Position, Result};
use crate::files;
use crate::format::Wants;
use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Category, Header, Verbatim};
use crate::table::{Form, TableFile};
use std::collections::HashMap;
use std::path::Path;

/// New names of classes, each with the old one before it.
#[derive(Debug, Clone, Default)]
pub struct Rename(Vec<(String, String)>);

impl Rename {
    /// Renames each first name to the second.
    pub fn new(names: Vec<(String, String)>) -> Self {
        Self(names)
    }

    fn new_name<'a>(&'a self, old: &'a str) -> &'a str {
        self.0.iter().find(|(from, _)| from == old).map_or(old, |(_, to)| to)
    }

    fn refuse_unknown(&self, header: &Header) -> Result<()> {
        let is_known = |name: &str| header.categories.iter().any(|it| it.name == name);
        let Some((unknown, _)) = self.0.iter().find(|(from, _)| !is_known(from)) else {
            return Ok(());
        };
        let expected = format!("a class of the dataset ({})", header.names().join(", "));
        let mismatch = Mismatch::new(expected, format!("{unknown:?}"));
        Err(Error::new(ErrorKind::Unknown, "rename", mismatch))
    }
}

/// New names of classes: those that are given, and those of a file: a table of two columns where its name
/// ends in `.csv`, else lines `OLD=NEW`.
///
/// # Errors
/// Where the file cannot be read, or a class gets two names.
pub fn renames(
    mut names: Vec<(String, String)>,
    file: Option<&Path>,
) -> Result<Vec<(String, String)>> {
    if let Some(file) = file {
        names.extend(read(file)?);
    }
    for (at, (old, new)) in names.iter().enumerate() {
        let other = names.iter().take(at).find(|(first, name)| first == old && name != new);
        if let Some((_, first)) = other {
            let mismatch = Mismatch::new("one new name", format!("{first:?} and {new:?}"));
            return Err(Error::new(ErrorKind::Usage, format!("rename {old:?}"), mismatch));
        }
    }
    Ok(names)
}

/// An old and a new name of a class, from the text `OLD=NEW`.
///
/// # Errors
/// Where it is not of that form.
pub fn parse_rename(text: &str) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((old, new)) if !new.trim().is_empty() && !new.contains('=') => {
            Ok((old.trim().to_owned(), new.trim().to_owned()))
        }
        _ => {
            let mismatch = Mismatch::new("OLD=NEW (once for each class)", format!("{text:?}"));
            Err(Error::new(ErrorKind::Usage, "rename", mismatch))
        }
    }
}

fn read(file: &Path) -> Result<Vec<(String, String)>> {
    if files::has_extension(file, &["csv"]) {
        return TableFile::read(file, Form::Headless)?
            .rows()
            .map(|row| cells(row?, file))
            .collect();
    }
    let bytes = files::read(file)?;
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes));
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let at = |at: usize| Position::line(at.saturating_add(1));
    let named =
        |(number, line)| parse_rename(line).map_err(|error| error.in_file(file).at(at(number)));
    lines.map(named).collect()
}

fn cells((line, row): (usize, csv::StringRecord), file: &Path) -> Result<(String, String)> {
    match (row.get(0), row.get(1), row.len()) {
        (Some(old), Some(new), 2) if !new.is_empty() => Ok((old.to_owned(), new.to_owned())),
        _ => {
            let found =
                format!("{} cells: {}", row.len(), row.iter().collect::<Vec<_>>().join(","));
            let error = Error::malformed("row", "an old and a new name", found);
            Err(error.in_file(file).at(Position::line(line)))
        }
    }
}

/// Where a class is in the new list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// There, and it is the class that it was.
    Same(usize),
    /// There, and it is one with another class.
    Joined(usize),
}

impl Edit for Rename {
    fn wants(&self) -> Wants {
        Wants { edits: true, ..Wants::ALL }
    }

    fn bind(&self, before: &Before) -> Result<Bound> {
        let header = before.header().clone();
        self.refuse_unknown(&header)?;
        let Joined { categories, places, lost } = self.join(&header);
        let change = move |annotation: &mut Verbatim<Annotation>, _: usize, _: &mut Losses| {
            match annotation.category.and_then(|own| places.get(own).copied()) {
                Some(Place::Joined(place)) => annotation.category = Some(place),
                // The same class, perhaps at another place in the list: its text says so, too.
                Some(Place::Same(place)) => annotation.complete(|it| it.category = Some(place)),
                None => {}
            }
        };
        let bound = Bound::of(Header { categories, ..header });
        Ok(Bound { change: Some(Box::new(change)), lost, ..bound })
    }
}

/// Classes under their new names.
struct Joined {
    categories: Vec<Verbatim<Category>>,
    /// Where each class of before is now.
    places: Vec<Place>,
    lost: Losses,
}

impl Rename {
    /// Joins classes that get one name. Of these the one that had it before stays as it is, else the
    /// first does.
    fn join(&self, header: &Header) -> Joined {
        // Each new class by the number of the old one that stands for it.
        let mut chosen: Vec<usize> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut owners = Vec::with_capacity(header.categories.len());
        for (at, category) in header.categories.iter().enumerate() {
            let name = self.new_name(&category.name);
            let is_renamed = |at: usize| {
                header.categories.get(at).is_some_and(|it| self.new_name(&it.name) != it.name)
            };
            let place = known.get(name).copied();
            // Classes that had one name before stay apart.
            let place = place.filter(|place| {
                is_renamed(at) || chosen.get(*place).is_some_and(|first| is_renamed(*first))
            });
            let place = place.unwrap_or_else(|| {
                known.entry(name).or_insert(chosen.len());
                chosen.push(at);
                chosen.len() - 1
            });
            if let Some(first) = chosen.get_mut(place).filter(|_| !is_renamed(at)) {
                *first = at;
            }
            owners.push(place);
        }
        self.joined(header, &chosen, &owners)
    }

    fn joined(&self, header: &Header, chosen: &[usize], owners: &[usize]) -> Joined {
        let mut lost = Losses::default();
        let own = |at: &usize| {
            let mut category = header.categories.get(*at).cloned().unwrap_or_default();
            let name = self.new_name(&category.name).to_owned();
            if name != category.name {
                category.name = name;
            }
            category
        };
        let mut places = Vec::with_capacity(owners.len());
        for ((at, place), category) in owners.iter().enumerate().zip(&header.categories) {
            let first = chosen.get(*place);
            places.push(match first == Some(&at) {
                true => Place::Same(*place),
                false => Place::Joined(*place),
            });
            let kept = first.and_then(|first| header.categories.get(*first));
            if kept.is_some_and(|kept| {
                category.extra.iter().any(|(name, value)| kept.extra.get(name) != Some(value))
            }) {
                let names: Vec<&str> = category.extra.keys().map(String::as_str).collect();
                lost.named(Reason::CategoryMembersDropped, None, &names);
            }
        }
        Joined { categories: chosen.iter().map(own).collect(), places, lost }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Memory, Selection};

    fn renamed(names: &[&str], changes: &[(&str, &str)]) -> Result<(Vec<String>, Vec<usize>)> {
        let categories = names.iter().map(|name| Category::named(*name)).collect();
        let changes = changes.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
        let source = Memory::new(Header::of(categories), Vec::new());
        let bound = Rename::new(changes).bind(&Before::new(&source, &Selection::all(0)))?;
        let place = |category: usize| {
            let annotation = Annotation { category: Some(category), ..Annotation::default() };
            let mut annotation = Verbatim::new(annotation);
            (bound.change.as_ref().unwrap())(&mut annotation, 0, &mut Losses::default());
            annotation.category.unwrap()
        };
        Ok((bound.header.names(), (0..names.len()).map(place).collect()))
    }

    #[test]
    fn classes_get_new_names_and_those_of_one_name_become_one() {
        type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], [usize; 3]);
        let cases: [Case; 5] = [
            (&[("a", "x")], &["x", "b", "c"], [0, 1, 2]),
            (&[("c", "a")], &["a", "b"], [0, 1, 0]),
            (&[("a", "b")], &["b", "c"], [0, 0, 1]),
            (&[("a", "b"), ("b", "a")], &["b", "a", "c"], [0, 1, 2]),
            (&[("a", "v"), ("b", "v"), ("c", "v")], &["v"], [0, 0, 0]),
        ];
        for (changes, names, places) in cases {
            let found = renamed(&["a", "b", "c"], changes).unwrap();
            let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
            assert_eq!(found, (names, places.to_vec()), "{changes:?}");
        }
        let error = renamed(&["a", "b"], &[("z", "a")]).unwrap_err().to_string();
        assert_eq!(error, "rename: expected a class of the dataset (a, b), found \"z\"");
    }
}
