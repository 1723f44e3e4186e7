//! Changes of a JSON text as JSON Patch (RFC 6902).

use crate::files::patch::{Change, Patch};
use serde_json::{Value, json};
use std::collections::HashSet;

/// The operations, one a line. What goes, goes at the end, the last element first, as each one that
/// goes moves those after it.
///
/// ```
/// use annoconv::files::patch::{Change, Patch};
/// let mut patch = Patch::default();
/// patch.note(Change::Add { path: "/a".to_owned(), new: 1.into() });
/// assert_eq!(annoconv::json::patch::operations(&patch),
///            "[\n{\"op\":\"add\",\"path\":\"/a\",\"value\":1}\n]\n");
/// ```
pub fn operations(patch: &Patch) -> String {
    let mut removed: Vec<(&str, usize, &str)> = Vec::new();
    for change in patch.changes() {
        if let Change::Remove { parent, number, name } = change {
            removed.push((parent, *number, name));
        }
    }
    removed.sort_unstable_by(|one, other| other.cmp(one));
    removed.dedup();
    let gone: HashSet<String> =
        removed.iter().map(|(parent, _, name)| format!("{parent}/{name}")).collect();
    let stays = |path: &str| {
        let mut above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        !above.any(|path| gone.contains(path))
    };
    let mut lines: Vec<Value> = Vec::new();
    let mut renamed = Vec::new();
    for change in patch.changes() {
        match change {
            Change::Replace { path, old, new } if stays(path) => lines.extend([
                json!({"op": "test", "path": path, "value": old}),
                json!({"op": "replace", "path": path, "value": new}),
            ]),
            Change::Add { path, new } if stays(path) => {
                lines.push(json!({"op": "add", "path": path, "value": new}));
            }
            Change::Rename { path, to } => {
                renamed.push(json!({"op": "move", "from": path, "path": to}));
            }
            _ => {}
        }
    }
    let remove = |(parent, _, name): (&str, usize, &str)| json!({"op": "remove", "path": format!("{parent}/{name}")});
    lines.extend(removed.into_iter().map(remove));
    lines.extend(renamed);
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_goes_last_and_takes_its_changes_along() {
        let mut patch = Patch::default();
        let remove = |number: usize| Change::Remove {
            parent: "/a".to_owned(),
            number,
            name: number.to_string(),
        };
        let replace =
            |path: &str| Change::Replace { path: path.to_owned(), old: 1.into(), new: 2.into() };
        let rename = Change::Rename { path: "/k".to_owned(), to: "/l".to_owned() };
        for change in
            [rename, remove(2), replace("/a/10/id"), replace("/a/1/id"), remove(10), remove(2)]
        {
            patch.note(change);
        }
        let operations: Value = serde_json::from_str(&operations(&patch)).unwrap();
        let shown: Vec<String> = operations
            .as_array()
            .unwrap()
            .iter()
            .map(|it| format!("{} {}", it["op"].as_str().unwrap(), it["path"].as_str().unwrap()))
            .collect();
        assert_eq!(
            shown,
            ["test /a/1/id", "replace /a/1/id", "remove /a/10", "remove /a/2", "move /l"]
        );
    }
}
