//! What `convert` selects and changes.

use crate::errors::Outcome;
use crate::options::{Options, pairs, texts, wrong_type};
use annoconv::edit::{Asked, Copies, Earlier, Group, Limits, parse_rename};
use annoconv::split::{Share, parse_shares, shares, subset_name};
use pyo3::prelude::*;
use pyo3::types::PyMapping;
use std::path::PathBuf;

/// The words for copies of one picture.
const COPIES: &[(&str, Copies)] =
    &[("pictures", Copies::Pictures), ("bytes", Copies::Bytes), ("none", Copies::None)];

/// The edits that the options ask for.
pub fn asked(options: &mut Options) -> Outcome<Asked> {
    let pixels = "a number of pixels";
    Ok(Asked {
        keep: options.texts("keep")?,
        drop: options.texts("drop")?,
        rename: renames(options)?,
        rename_from: options.path("rename_from")?,
        keep_images: options.texts("keep_images")?,
        drop_images: options.texts("drop_images")?,
        images_from: options.paths("images_from")?,
        limits: Limits {
            min_area: options.get("min_area", pixels)?,
            max_area: options.get("max_area", pixels)?,
            min_side: options.get("min_side", pixels)?,
        },
        keep_empty: options.get("keep_empty", "a share, 0 to 1")?,
        sample: options.get("sample", "a number of images")?,
        split: split(options)?,
        earlier: earlier(options)?,
        group: group(options)?,
        copies: options.word("copies", COPIES)?,
        subset: options.get("subset", "the name of a subset")?,
        seed: options.get("seed", "a whole number, 0 or more")?.unwrap_or_default(),
        ..Asked::default()
    })
}

fn is_mapping(value: &Bound<PyAny>) -> bool {
    value.cast::<PyMapping>().is_ok()
}

fn renames(options: &mut Options) -> Outcome<Vec<(String, String)>> {
    let name = "rename";
    let Some(value) = options.value(name)? else { return Ok(Vec::new()) };
    match is_mapping(&value) {
        true => Ok(pairs(name, &value, "a dictionary of old and new names")?),
        false => texts(name, &value)?.iter().map(|text| Ok(parse_rename(text)?)).collect(),
    }
}

fn split(options: &mut Options) -> Outcome<Option<Vec<Share>>> {
    let name = "split";
    let Some(value) = options.value(name)? else { return Ok(None) };
    let expected = "a dictionary of subsets and shares, or a text like train=0.8,val=0.2";
    if is_mapping(&value) {
        let stated: Vec<(String, f64)> = pairs(name, &value, expected)?;
        return Ok(Some(shares(&stated)?));
    }
    let text: String = value.extract().map_err(|_| wrong_type(name, expected, &value))?;
    Ok(Some(parse_shares(&text)?))
}

fn earlier(options: &mut Options) -> Outcome<Earlier> {
    let name = "split_from";
    let Some(value) = options.value(name)? else { return Ok(Earlier::default()) };
    if !is_mapping(&value) {
        return match value.extract::<PathBuf>() {
            // The text may name several, with commas between them.
            Ok(path) => Ok(Earlier::parse(&[path.to_string_lossy().into_owned()])?),
            Err(_) => Ok(Earlier::parse(&texts(name, &value)?)?),
        };
    }
    let lists: Vec<(String, PathBuf)> = pairs(name, &value, "a dictionary of subsets and paths")?;
    let list = |(name, path): (String, PathBuf)| Ok((subset_name(&name)?.to_owned(), path));
    let lists = lists.into_iter().map(list).collect::<Outcome<_>>()?;
    Ok(Earlier { lists, ..Earlier::default() })
}

fn group(options: &mut Options) -> Outcome<Option<Group>> {
    let text: Option<String> = options.get("group", "a regular expression or a member's name")?;
    Ok(text.map(|text| Group::parse(&text)).transpose()?)
}
