//! What a split has given, in words and as JSON.

use super::visible;
use crate::edit::Summary;
use crate::split::{Amount, Portion};
use serde_json::{Value, json};
use std::fmt::Write;

/// The images of each subset and the class whose share is the farthest from the wished one.
pub fn text(summary: &Summary) -> String {
    let mut out = String::new();
    let subsets = summary.subsets.iter().zip(&summary.balance.subsets);
    let counts: Vec<String> = subsets.map(|(name, own)| words(name, own)).collect();
    let _ = writeln!(out, "  split           {}", visible::text(&counts.join("; ")));
    let largest = summary.balance.largest().filter(|_| summary.has_shares);
    if let Some((subset, class, deviation)) = largest {
        let _ = writeln!(
            out,
            "                  largest deviation of a class: {:+.2} % ({} in {})",
            deviation * 100.0,
            visible::text(&name_of(summary, class)),
            visible::text(summary.subsets.get(subset).map_or("", String::as_str)),
        );
    }
    let (groups, images) = summary.groups;
    if groups > 0 {
        let _ = writeln!(out, "                  {groups} groups kept together ({images} images)");
    }
    out
}

fn words(name: &str, portion: &Portion) -> String {
    let objects: usize = portion.classes.iter().map(|(_, _, objects)| objects.has).sum();
    let Portion { images, empty, .. } = portion;
    format!("{name} {} images, {} without objects, {objects} objects", images.has, empty.has)
}

fn name_of(summary: &Summary, class: usize) -> String {
    summary.classes.get(class).cloned().unwrap_or_else(|| "no class".to_owned())
}

/// Subsets that are larger or smaller than was asked for.
pub fn hints(summary: &Summary) -> Vec<String> {
    let subsets = summary.subsets.iter().zip(&summary.balance.subsets);
    let is_free = summary.has_shares && summary.given == 0;
    let hint = |(name, Portion { share, images, .. }): (&String, &Portion)| {
        let wished = share * images.of as f64;
        (is_free && (images.has as f64 - wished).abs() >= 1.0).then(|| {
            format!(
                "{name} has {} images where {wished:.0} were asked for: every class of three images \
                 or more is in each subset, and groups are whole",
                images.has
            )
        })
    };
    let others = [
        (summary.torn, "groups have images in several subsets, as these were given (--split-from)"),
        (summary.ungrouped, "images are of no group (--group)"),
        (
            summary.moved,
            "images had a subset, which was shared out anew (--split-from with the dataset keeps it)",
        ),
    ];
    let others = others.into_iter().filter(|(count, _)| *count > 0);
    let others = others.map(|(count, words)| format!("{count} {words}"));
    subsets.filter_map(hint).chain(others).collect()
}

/// All counts of a split.
pub fn json(summary: &Summary) -> Value {
    let subsets = summary.subsets.iter().zip(&summary.balance.subsets);
    let subset = |(name, portion): (&String, &Portion)| {
        let class = |(class, images, objects): &(usize, Amount, Amount)| {
            json!({
                "name": name_of(summary, *class),
                "images": images.has,
                "objects": objects.has,
                "deviation": images.deviation(portion.share),
            })
        };
        json!({
            "name": name,
            "share": portion.share,
            "images": portion.images.has,
            "empty": portion.empty.has,
            "classes": portion.classes.iter().map(class).collect::<Vec<_>>(),
        })
    };
    let (groups, grouped) = summary.groups;
    json!({
        "subsets": subsets.map(subset).collect::<Vec<_>>(),
        "given": summary.given,
        "groups": groups,
        "grouped_images": grouped,
    })
}
