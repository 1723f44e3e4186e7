//! Counting what a target cannot hold: members, details, what is said of the dataset.

use crate::losses::{Losses, Reason};
use crate::model::{Annotation, Header, Image, Kind, Shape, UNREAD};
use serde_json::Value;

/// Counts what is lost where an annotation is written as its box alone.
pub fn count_as_box(annotation: &Annotation, number: usize, losses: &mut Losses) {
    let reason = match &annotation.shape {
        Shape::None => None,
        Shape::Polygons(_) | Shape::Unread(Kind::Polygons) => Some(Reason::PolygonAsBox),
        Shape::Mask(_) | Shape::Unread(Kind::Mask) => Some(Reason::MaskAsBox),
        _ => Some(Reason::ShapeAsBox),
    };
    if let Some(reason) = reason {
        losses.annotation(reason, number);
    }
}

/// Counts what is lost where an annotation is written without its crowd mark and score, and
/// without those of its members that are not `held`.
pub fn count_members(annotation: &Annotation, number: usize, held: &[&str], losses: &mut Losses) {
    if annotation.crowd {
        losses.annotation(Reason::CrowdKept, number);
    }
    if annotation.score.is_some() {
        losses.annotation(Reason::ScoreDropped, number);
    }
    count_details(annotation, number, losses);
    let is_lost = |name: &str| !held.contains(&name);
    let lost =
        annotation.extra.iter().filter(|(name, value)| is_lost(name) && !is_default(name, value));
    let names: Vec<&str> = lost.map(|(name, _)| name.as_str()).collect();
    if !names.is_empty() {
        losses.named(Reason::MembersDropped, Some(number), &names);
    }
}

/// Counts details that the target cannot hold.
pub fn count_details(annotation: &Annotation, number: usize, losses: &mut Losses) {
    let Some(details) = &annotation.details else { return };
    if !details.keypoints.is_empty() {
        losses.annotation(Reason::KeypointsDropped, number);
    }
    let lost = [
        ("attributes", !details.attributes.is_empty()),
        ("group", details.group.is_some()),
        ("track", details.track.is_some()),
        ("layer", details.layer.is_some()),
    ];
    let names: Vec<&str> = lost.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    if !names.is_empty() {
        losses.named(Reason::MembersDropped, Some(number), &names);
    }
}

/// Counts the unknown members of an image that are not `held`.
pub fn count_image_members(image: &Image, held: &[&str], losses: &mut Losses) {
    let is_lost = |name: &str| !held.contains(&name);
    let lost = image.extra.iter().filter(|(name, value)| is_lost(name) && !is_default(name, value));
    let names: Vec<&str> = lost.map(|(name, _)| name.as_str()).collect();
    if !names.is_empty() {
        losses.named(Reason::ImageMembersDropped, None, &names);
    }
}

/// Whether a member says nothing: it is empty, what tools write where nobody chose anything, or
/// where the file once lay.
pub fn is_default(name: &str, value: &Value) -> bool {
    let text = match value {
        Value::Null => return true,
        Value::Array(list) => return list.is_empty(),
        Value::Object(members) => {
            return members.iter().all(|(name, value)| is_default(name, value));
        }
        Value::String(text) => text.trim().to_lowercase(),
        Value::Bool(value) => u8::from(*value).to_string(),
        Value::Number(number) => number.to_string(),
    };
    if text == UNREAD {
        return false;
    }
    let defaults: &[&str] = match name {
        "folder" | "path" | "date_captured" => return true,
        "pose" => &["unspecified"],
        "database" | "annotation" | "image" | "flickrid" => &["unknown"],
        "truncated" | "difficult" | "occluded" | "segmented" | "num_keypoints" => &["0"],
        "depth" => &["1", "3"],
        "license" => &["0", "1"],
        _ => &[],
    };
    text.is_empty() || defaults.contains(&text.as_str())
}

/// What a format that has only the names of classes loses of a header; `held` are the members of
/// the dataset that it keeps.
pub fn header_losses(header: &Header, held: &[&str]) -> Losses {
    let mut losses = Losses::default();
    let names: Vec<&str> = header.said().filter(|name| !held.contains(name)).collect();
    if !names.is_empty() {
        losses.named(Reason::DatasetMembersDropped, None, &names);
    }
    for category in &header.categories {
        let is_said = |(name, value): &(&String, &Value)| {
            let says_no_more = value.as_str().is_some_and(|it| it == "none" || it == category.name);
            !is_default(name, value) && !says_no_more
        };
        let lost = category.extra.iter().filter(is_said);
        let names: Vec<&str> = lost.map(|(name, _)| name.as_str()).collect();
        if !names.is_empty() {
            losses.named(Reason::CategoryMembersDropped, None, &names);
        }
    }
    losses
}
