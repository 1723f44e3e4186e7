//! Reading datasets through the library: a path becomes a source of the format that is asked for.

use annoconv::dataset::{self, Dataset, Inputs};
use annoconv::error::Result;
use annoconv::format::{Chosen, Given, Run, Side, Source, Wants};
use annoconv::formats::by_name;
use annoconv::model::{Annotation, Image};
use std::path::Path;

/// Settings of formats, by their names; each for both sides.
pub fn given(settings: &[(&str, &str)]) -> Vec<Given> {
    let one = |(name, value): &(&str, &str)| Given {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
        side: Side::Both,
    };
    settings.iter().map(one).collect()
}

/// A run that passes over what it cannot read.
pub fn tolerant() -> Run {
    Run { is_tolerant: true, ..Run::default() }
}

/// Opens a path as a format; of the settings, those for reading count.
pub fn open_by(
    format: &str,
    path: &Path,
    settings: &[Given],
    wants: Wants,
    run: &Run,
) -> Result<Dataset> {
    let paths = [path.to_path_buf()];
    let inputs = Inputs { paths: &paths, format: by_name(format) };
    dataset::open(inputs, &|it| Chosen::of(it.settings(), Side::Read, settings), wants, run)
}

/// Opens a path as a format with the defaults.
pub fn open(format: &str, path: &Path) -> Result<Box<dyn Source>> {
    Ok(open_by(format, path, &[], Wants::ALL, &Run::default())?.source)
}

/// The annotations of an image, if all can be read.
pub fn annotations(source: &dyn Source, index: usize, image: &Image) -> Result<Vec<Annotation>> {
    let all = source.read(index, image)?.all()?;
    Ok(all.into_iter().map(annoconv::model::Verbatim::into_inner).collect())
}
