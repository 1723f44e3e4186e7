//! A LabelMe file: its members and where its shapes stand.

use crate::error::{Error, Result};
use crate::json::JsonFile;
use crate::rules::Rule;
use serde::Deserialize;
use serde_json::Value;
use std::ops::Range;
use std::path::Path;

/// The members that say that a file is LabelMe's, beside its shapes.
const OF_IMAGE: [&str; 4] = ["imagePath", "imageData", "imageHeight", "imageWidth"];

/// A LabelMe file, of which only the spans are known.
#[derive(Debug)]
pub struct Document {
    pub file: JsonFile,
    members: Vec<(String, Range<usize>)>,
    /// The spans of the shapes, in the file's order.
    pub shapes: Vec<Range<usize>>,
}

impl Document {
    /// Finds the members of a file and its shapes.
    ///
    /// # Errors
    /// Where it cannot be read, or is no JSON object with a list of shapes.
    pub fn read(path: &Path) -> Result<Self> {
        let file = JsonFile::read(path)?;
        if let Some(error) = file.no_object() {
            return Err(error);
        }
        let (members, broken) = file.members(&file.span());
        if let Some(error) = broken {
            return Err(error);
        }
        let shapes = members.iter().rfind(|(name, _)| name == "shapes");
        let Some((_, span)) = shapes else {
            let error = Error::malformed("file", "a member \"shapes\"", "none");
            return Err(error.breaking(Rule::MissingMember).in_file(path));
        };
        let (shapes, broken) = file.elements(&span.clone());
        match broken {
            Some(error) => Err(error),
            None => Ok(Self { file, members, shapes }),
        }
    }

    /// Whether it is LabelMe's: it names an image, or its first shape has a label and points.
    pub fn is_own(&self) -> bool {
        let is_of_image = self.members.iter().any(|(name, _)| OF_IMAGE.contains(&name.as_str()));
        let first = self.shapes.first();
        let picked = first.and_then(|span| self.file.pick(span, ["label", "points"]));
        is_of_image || matches!(picked, Some([Some(_), Some(_)]))
    }

    /// The members, in the file's order.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Range<usize>)> {
        self.members.iter().map(|(name, span)| (name.as_str(), span))
    }

    /// The value of a member; none where it is null or not there.
    ///
    /// # Errors
    /// Where it is no `T`.
    pub fn member<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Result<Option<T>> {
        let span = self.members.iter().rfind(|(own, _)| own == name).map(|(_, span)| span);
        span.map_or(Ok(None), |span| self.file.element(span, name))
    }

    /// A side of the image in pixels; none where it is not stated, or 0.
    ///
    /// # Errors
    /// Where it is no whole number.
    pub fn side(&self, name: &str) -> Result<Option<u32>> {
        let Some(value) = self.member::<Value>(name)? else { return Ok(None) };
        let whole = value.as_f64().filter(|side| side.fract() == 0.0);
        match whole.filter(|side| (0.0..=f64::from(u32::MAX)).contains(side)) {
            Some(side) => Ok(Some(side as u32).filter(|side| *side > 0)),
            None => {
                let error = Error::malformed(name, "a whole number of pixels", value.to_string());
                let span = self.members.iter().rfind(|(own, _)| own == name).map(|(_, span)| span);
                let error = error.in_file(self.file.path());
                Err(match span {
                    Some(span) => error.at(self.file.position(span)),
                    None => error,
                })
            }
        }
    }
}
