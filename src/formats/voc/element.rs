//! Elements of a Pascal VOC file as numbers and members.

use crate::error::Result;
use crate::model::Extra;
use crate::rules::Rule;
use crate::xml::{Element, XmlFile};
use serde_json::Value;

/// The number that an element's text is.
///
/// # Errors
/// Where it is no number, as "12,5", or none that is finite.
pub fn read_number(xml: &XmlFile, element: &Element) -> Result<f64> {
    let number = element.text.trim().parse::<f64>();
    number.clone().ok().filter(|number| number.is_finite()).ok_or_else(|| {
        let found = format!("{:?}", element.text);
        let rule = if number.is_ok() { Rule::NotFinite } else { Rule::Malformed };
        xml.error(element.offset, &format!("<{}>", element.name), "a number", &found).breaking(rule)
    })
}

/// The one child of a name.
///
/// # Errors
/// Where there is none, or another.
pub fn single<'e>(xml: &XmlFile, element: &'e Element, name: &str) -> Result<&'e Element> {
    let mut children = element.children.iter().filter(|child| child.name == name);
    match (children.next(), children.next()) {
        (Some(child), None) => Ok(child),
        (Some(_), Some(another)) => {
            Err(xml.error(another.offset, &element.name, &format!("one <{name}>"), "another"))
        }
        (None, _) => Err(xml
            .error(element.offset, &element.name, &format!("<{name}>"), "none")
            .breaking(Rule::MissingMember)),
    }
}

/// Adds a member; a name that comes again makes a list, and parts always are one.
pub fn add(extra: &mut Extra, child: &Element) {
    let value = child.to_value();
    match child.name.as_str() {
        "part" if !extra.contains_key("part") => {
            extra.insert("part".to_owned(), Value::Array(vec![value]));
        }
        name => add_value(extra, name, value),
    }
}

/// Adds a member; a name that comes again makes a list.
pub fn add_value(extra: &mut Extra, name: &str, value: Value) {
    match extra.get_mut(name) {
        Some(Value::Array(list)) => list.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
        None => drop(extra.insert(name.to_owned(), value)),
    }
}
