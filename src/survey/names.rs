//! The images that a part's names mean, and what is wrong with these names.

use super::roster::{Home, Placed, Roster};
use crate::dataset::{Clash, clashes};
use crate::finding::Finding;
use crate::format::{Field, Source, Spot};
use crate::images::{Way, is_image};
use crate::model::Image;
use crate::rules::Rule;
use std::path::Path;

/// So many images with two records are told one by one.
const FEW: usize = 5;

/// The number in the roster of each image of a part. Findings about their names are added.
pub fn place_all(
    source: &dyn Source,
    roster: &mut Roster,
    home: &Home,
    findings: &mut Vec<Finding>,
) -> Vec<usize> {
    let images = source.images();
    let mut ids = Vec::with_capacity(images.len());
    let mut ways = Vec::with_capacity(images.len());
    for (index, image) in images.iter().enumerate() {
        let (id, way) = match roster.place(image, home) {
            Placed::At(id, way) => (id, way),
            Placed::Ambiguous(id, names) => {
                let message = format!("{:?} may be {}", image.file_name, names.join(" or "));
                let place = source.place(Spot::Image(index, Field::Name));
                findings.push(
                    Finding::new(Rule::AmbiguousImage, message, place).of_image(&image.file_name),
                );
                (id, None)
            }
        };
        ids.push(id);
        ways.push(way);
    }
    let stated = ids.clone();
    findings.extend(share_out(&mut ids, source, roster, home));
    for (index, image) in images.iter().enumerate() {
        let way = ways[index].filter(|way| differs(*way, image) && stated[index] == ids[index]);
        let Some(way) = way else { continue };
        let file = &roster.images()[ids[index]].name;
        let message =
            format!("{:?} is named, the file is {file:?}, found {}", image.file_name, way.words());
        let place = source.place(Spot::Image(index, Field::Name));
        findings.push(Finding::new(Rule::NameDiffers, message, place).of_image(&image.file_name));
    }
    ids
}

/// Whether a name that was found in this way is not the file's. Other systems' separators and
/// escapes are how some tools write the same name.
fn differs(way: Way, image: &Image) -> bool {
    match way {
        Way::Blank | Way::Case | Way::Doubled | Way::Label => true,
        Way::Extension => !image.is_stem && is_image(Path::new(image.file_name.trim())),
        _ => false,
    }
}

/// Gives images of a part that cannot keep their number in the roster a number of their own. That is
/// a finding where it is not clear which of two images the name means.
fn share_out(
    ids: &mut [usize],
    source: &dyn Source,
    roster: &mut Roster,
    home: &Home,
) -> Vec<Finding> {
    let images = source.images();
    let has_path = |index: usize| roster.is_at(ids[index], &images[index].file_name);
    let mut twice = Vec::new();
    for Clash { keeper, loser, is_clear } in clashes(ids.iter().copied().map(Some), has_path) {
        let (one, other) = (&images[keeper], &images[loser]);
        if !is_clear {
            let message = match one.file_name == other.file_name {
                true => format!("{:?} has two records", one.file_name),
                false => {
                    format!("{:?} and {:?} are names of one image", one.file_name, other.file_name)
                }
            };
            let record = |index: usize| {
                let place = source.place(Spot::Image(index, Field::Name));
                let name = &images[index].file_name;
                Finding::new(Rule::ImageTwice, message.clone(), place).of_image(name)
            };
            twice.push((message.clone(), vec![record(keeper), record(loser)]));
        }
        ids[loser] = roster.add(other, home);
        // Where it is clear, the other is an image of its own, whose file is not there.
        if !is_clear {
            roster.doubt(ids[keeper]);
            roster.doubt(ids[loser]);
            roster.repeats(ids[loser]);
        }
    }
    told(twice)
}

/// A finding for each image with two records, or one for many.
fn told(twice: Vec<(String, Vec<Finding>)>) -> Vec<Finding> {
    let one = |(message, records): (String, Vec<Finding>)| {
        let image = records.first().and_then(|record| record.image.clone());
        let found = Finding::of_cause(Rule::ImageTwice, message, records)?;
        Some(Finding { image, ..found })
    };
    if twice.len() <= FEW {
        return twice.into_iter().filter_map(one).collect();
    }
    let first = twice.first().map_or("", |(message, _)| message);
    let message = format!("{} images have two records: {first}", twice.len());
    let records = twice.into_iter().flat_map(|(_, records)| records).collect();
    Finding::of_cause(Rule::ImageTwice, message, records).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_extensions_cases_and_blanks_differ() {
        for (name, is_stem, way, expected) in [
            ("a.png", false, Way::Extension, true),
            ("a", true, Way::Extension, false),
            ("a", false, Way::Extension, false),
            ("A.jpg", false, Way::Case, true),
            (" a.jpg", false, Way::Blank, true),
            ("x\\a.jpg", false, Way::Separator, false),
            ("http://h/a.jpg", false, Way::Url, false),
            ("a.jpg", false, Way::End, false),
        ] {
            let image = Image { file_name: name.to_owned(), is_stem, ..Image::default() };
            assert_eq!(differs(way, &image), expected, "{name} {way:?}");
        }
    }
}
