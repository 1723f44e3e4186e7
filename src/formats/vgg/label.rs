//! Which region attribute names the class.

use super::region::Region;
use crate::error::{Error, ErrorKind, Mismatch, Result};
use crate::model::Extra;
use serde_json::Value;
use std::collections::BTreeMap;

/// Region attributes that name the class, where there are several, in order of preference.
const LABELS: [&str; 4] = ["label", "name", "class", "type"];

/// How regions say their class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Label {
    /// Not at all.
    None,
    /// By the value of this attribute.
    Value(String),
    /// By the attribute that is set: there is one a class, and each region has one of them.
    Name,
}

impl Label {
    /// The attribute that names the class: the one asked for; the only one; one of a usual name;
    /// the only one that every region has. Where each region has one attribute that is set, and
    /// these differ, they are the classes.
    ///
    /// # Errors
    /// Where none of that tells, or the one asked for does not occur.
    pub fn find<'a, I: Iterator<Item = &'a Region>>(
        regions: impl Fn() -> I,
        asked: Option<&str>,
    ) -> Result<Self> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut all = 0usize;
        for region in regions().filter(|region| !region.attributes.is_empty()) {
            all += 1;
            for (name, _) in region.attributes.iter().filter(|(_, value)| is_set(value)) {
                *counts.entry(name).or_default() += 1;
            }
            for name in region.attributes.keys() {
                counts.entry(name).or_default();
            }
        }
        if let Some(asked) = asked.filter(|asked| counts.is_empty() || counts.contains_key(asked)) {
            return Ok(Self::Value(asked.to_owned()));
        }
        let names: Vec<&str> = counts.keys().copied().collect();
        if asked.is_none() {
            let everywhere: Vec<&str> =
                counts.iter().filter(|(_, count)| **count == all).map(|(name, _)| *name).collect();
            match (names.as_slice(), everywhere.as_slice()) {
                ([], _) => return Ok(Self::None),
                ([only], _) | (_, [only]) => return Ok(Self::Value((*only).to_owned())),
                _ => {}
            }
            if let Some(known) = LABELS.into_iter().find(|label| names.contains(label)) {
                return Ok(Self::Value(known.to_owned()));
            }
            if everywhere.is_empty() && regions().all(|it| set(&it.attributes).count() <= 1) {
                return Ok(Self::Name);
            }
        }
        let expected = match asked {
            Some(asked) => format!("{asked:?} (--label-attribute)"),
            None => format!("one, or one of {} (or --label-attribute)", LABELS.join(", ")),
        };
        let mismatch = Mismatch::new(expected, names.join(", "));
        Err(Error::new(ErrorKind::Unknown, "region attributes", mismatch))
    }

    /// The class of a region: a string, a number, the only checked box, or the name of the only
    /// attribute that is set.
    pub fn class_of(&self, region: &Region) -> Option<String> {
        let class = match self {
            Self::None => return None,
            Self::Name => set(&region.attributes).next()?.to_owned(),
            Self::Value(label) => class_of_value(region.attributes.get(label)?)?,
        };
        (!class.trim().is_empty()).then_some(class)
    }

    /// Takes the class out of a region's attributes.
    pub fn remove_from(&self, attributes: &mut Extra) {
        match self {
            Self::None => {}
            Self::Value(label) => drop(attributes.shift_remove(label)),
            Self::Name => attributes.clear(),
        }
    }
}

fn class_of_value(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(boxes) => {
            let mut checked = boxes.iter().filter(|(_, value)| **value == Value::Bool(true));
            match (checked.next(), checked.next()) {
                (Some((name, _)), None) => Some(name.clone()),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The names of the attributes that are set.
fn set(attributes: &Extra) -> impl Iterator<Item = &str> {
    attributes.iter().filter(|(_, value)| is_set(value)).map(|(name, _)| name.as_str())
}

fn is_set(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Object(boxes) => boxes.values().any(|value| *value == Value::Bool(true)),
        Value::Null | Value::Bool(false) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions(attributes: &str) -> Vec<Region> {
        let attributes: Vec<Extra> = serde_json::from_str(attributes).unwrap();
        let region = |attributes| Region::new(&Extra::new(), attributes, String::new(), 0);
        attributes.into_iter().map(region).collect()
    }

    #[test]
    fn the_attribute_that_every_region_has_names_the_class() {
        for (attributes, asked, found) in [
            (r#"[{"kind": "a", "note": ""}, {"kind": "b", "note": "x"}]"#, None, "kind"),
            (r#"[{"label": "a", "id": 1}, {"label": "b", "id": 2}]"#, None, "label"),
            (r#"[{"x": "a"}]"#, None, "x"),
            (r#"[{"label": "a", "x": "b"}]"#, Some("x"), "x"),
        ] {
            let regions = regions(attributes);
            let label = Label::find(|| regions.iter(), asked).unwrap();
            assert_eq!(label, Label::Value(found.to_owned()), "{attributes}");
        }
        let both = regions(r#"[{"a": "x", "b": "y"}, {"a": "x", "b": "z"}]"#);
        let error = Label::find(|| both.iter(), None).unwrap_err().to_string();
        assert!(error.contains("--label-attribute") && error.ends_with("found a, b"), "{error}");
        assert!(Label::find(|| both.iter(), Some("c")).is_err());
    }

    #[test]
    fn one_attribute_a_class_names_it_by_its_own_name() {
        let regions = regions(r#"[{"cat": "yes", "dog": ""}, {"dog": "1"}, {}]"#);
        let label = Label::find(|| regions.iter(), None).unwrap();
        let classes: Vec<_> = regions.iter().map(|region| label.class_of(region)).collect();
        assert_eq!(classes, [Some("cat".to_owned()), Some("dog".to_owned()), None]);
    }
}
