//! A YAML document as a tree whose values know their places and their source text.

use crate::error::{Error, Position, Result};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Error as YamlError, Options, Spanned};
use std::fmt;
use std::path::Path;

/// A value with its place.
pub type Node = Spanned<Value>;

/// A value, by its kind in YAML. The source text of a number or truth value is kept in the node.
#[derive(Debug)]
pub enum Value {
    Null,
    Bool,
    Number,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// The words that PyYAML, with which trainers read YAML, takes for truth values. They may also be
/// in capitals (`YES`) or begin with one (`Yes`). `y` and `n` are text to PyYAML.
const TRUTH: [&str; 6] = ["yes", "no", "true", "false", "on", "off"];

/// A document that was read, with its text and path for messages.
pub struct Document<'a> {
    root: Node,
    text: &'a str,
    path: &'a Path,
}

impl<'a> Document<'a> {
    /// Reads the text of the file at `path`.
    ///
    /// # Errors
    /// Where it is not YAML, is nested too deep, or has too many values.
    pub fn parse(text: &'a str, path: &'a Path) -> Result<Self> {
        let root = serde_saphyr::from_str_with_options(text, options())
            .map_err(|error| not_read(&error).in_file(path))?;
        Ok(Self { root, text, path })
    }

    /// The member of the document with this name; `None` if there is none, or it has no value.
    ///
    /// # Errors
    /// Where the member is there twice, or the document is not a map.
    pub fn member(&self, name: &str) -> Result<Option<&Node>> {
        let entries = match &self.root.value {
            Value::Map(entries) => entries,
            Value::Null => return Ok(None),
            _ => return Err(self.refuse(&self.root, "data.yaml", "members such as `names: [a]`")),
        };
        let mut named = entries.iter().filter(|(key, _)| self.is_named(key, name));
        let first = named.next();
        if let Some((key, _)) = named.next() {
            return Err(self.error(key, "data.yaml", "each member once", &format!("{name} twice")));
        }
        Ok(first.map(|(_, value)| value).filter(|node| !matches!(node.value, Value::Null)))
    }

    fn is_named(&self, key: &Node, name: &str) -> bool {
        self.scalar(key).is_some_and(|key| key == name)
    }

    /// The text of a value that is text or a number; `None` for other values. A number has the
    /// text that stands in the file.
    pub fn scalar<'n>(&'n self, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) => Some(text),
            Value::Number => Some(self.source(node)),
            Value::Bool => Some(self.source(node)).filter(|source| !is_truth(source)),
            _ => None,
        }
    }

    /// The text of a value as it stands in the file.
    fn source(&self, node: &Node) -> &str {
        let span = node.defined.span();
        let range = span.byte_offset().zip(span.byte_len()).and_then(|(start, length)| {
            Some(usize::try_from(start).ok()?..usize::try_from(start.checked_add(length)?).ok()?)
        });
        range.and_then(|range| self.text.get(range)).unwrap_or_default()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.path
    }

    /// A value as a message shows it.
    pub fn shown(&self, node: &Node) -> String {
        let source = self.source(node);
        match &node.value {
            Value::Null if source.is_empty() => "nothing".to_owned(),
            Value::Null => format!("{source}, which is no value in YAML"),
            Value::Bool if is_truth(source) => format!("{source}, which is a truth value in YAML"),
            Value::Bool | Value::Number => source.to_owned(),
            Value::Text(text) => format!("{text:?}"),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map".to_owned(),
        }
    }

    /// The error that the value of `node` is not what was expected of `thing`.
    pub fn refuse(&self, node: &Node, thing: &str, expected: &str) -> Error {
        self.error(node, thing, expected, &self.shown(node))
    }

    /// The error that `thing` is `found` and not `expected`, at the place of `node`.
    pub fn error(&self, node: &Node, thing: &str, expected: &str, found: &str) -> Error {
        let error = Error::malformed(thing, expected, found).in_file(self.path);
        error.at(self.position(node))
    }

    /// Where a value stands.
    pub fn position(&self, node: &Node) -> Position {
        let (line, column) = (node.referenced.line(), node.referenced.column());
        Position { line: line as usize, column: column as usize }
    }
}

fn is_truth(source: &str) -> bool {
    let rest = source.get(1..).unwrap_or_default();
    let has_one_case = rest.bytes().all(|byte| byte.is_ascii_lowercase())
        || source.bytes().all(|byte| byte.is_ascii_uppercase());
    has_one_case && TRUTH.iter().any(|word| source.eq_ignore_ascii_case(word))
}

/// How many levels deep values may be nested, aliases included. Each level takes room on the stack.
/// Tools write four levels at most.
const DEEPEST: usize = 16;

/// How many values a document may have, aliases included. The longest public class lists have about
/// 22,000 names.
const MOST: usize = 100_000;

/// How the library reads a document. It must not refuse double members or infinite numbers, because
/// they may be in members that are not read here.
fn options() -> Options {
    let mut options = Options::default();
    let mut budget = options.budget.take().unwrap_or_default();
    budget.max_depth = DEEPEST;
    budget.max_nodes = MOST;
    options.budget = Some(budget);
    options.alias_limits.max_replay_stack_depth = DEEPEST;
    options.duplicate_keys = DuplicateKeyPolicy::PassThrough;
    options.non_finite_float_policy = NonFiniteFloatPolicy::PassThrough;
    options
}

/// An error of the YAML library, in the words of this program.
fn not_read(error: &YamlError) -> Error {
    let error = error.without_snippet();
    let refuse = |found: &str| Error::malformed("data.yaml", "YAML with names", found);
    let Some(place) = error.location() else { return refuse(&found(error)) };
    let position = Position { line: place.line() as usize, column: place.column() as usize };
    refuse(&found(error)).at(position)
}

fn found(error: &YamlError) -> String {
    match error {
        YamlError::Budget { .. }
        | YamlError::AliasReplayLimitExceeded { .. }
        | YamlError::AliasExpansionLimitExceeded { .. }
        | YamlError::AliasReplayStackDepthExceeded { .. } => TOO_MUCH.to_owned(),
        YamlError::RecursiveReferencesRequireWeakTypes { .. } => {
            "an alias of a value that contains the alias".to_owned()
        }
        YamlError::MultipleDocuments { .. } => "a second document".to_owned(),
        YamlError::InvalidScalar { .. } => "a value that does not fit its tag".to_owned(),
        YamlError::AliasError { error, .. } => found(error),
        other => syntax(&other.to_string()),
    }
}

/// The words for a document that reaches a limit.
const TOO_MUCH: &str = "more values, levels or aliases than are read";

/// The first line of a message of the library, without the place, which the error has already.
fn syntax(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let line = line.split_once(" at line ").map_or(line, |(before, _)| before);
    if line == "recursion limit exceeded" { TOO_MUCH.to_owned() } else { line.to_owned() }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Bool)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let parsed = Document::parse(text, Path::new("data.yaml")).map(|_| ());
        parsed.unwrap_err().to_string().chars().take(200).collect()
    }

    #[test]
    fn text_that_is_no_yaml_is_refused_with_its_place() {
        let cases = [
            ("a: \"b\\l\"", ":1:4: ", "unknown escape character"),
            ("names: [a, b\nnc: 2", ":2:3: ", "illegal placement of ':' indicator"),
            ("names: ['it's']", ":1:13: ", "invalid trailing content"),
            ("names: {${a}}", ":1:10: ", "expected ',' or '}'"),
            ("a: @b", ":1:4: ", "unexpected character: `@'"),
            ("a: *b", ":1:4: ", "alias references unknown anchor"),
            ("a: 1\n---\nb: 2", ":3:1: ", "found a second document"),
            ("a: !!int b", ":1:10: ", "found a value that does not fit its tag"),
            ("a: &a [*a]", ":1:8: ", "found an alias of a value that contains the alias"),
        ];
        for (text, place, found) in cases {
            let error = refused(text);
            assert!(error.contains(place) && error.contains(found), "{text}: {error}");
            assert!(!error.contains(" at line "), "{error}");
        }
    }

    #[test]
    fn hostile_documents_are_refused_in_words() {
        let more = |(letter, of): (char, char)| {
            format!("{letter}: &{letter} [{}]\n", vec![format!("*{of}"); 10].join(","))
        };
        let bomb: String = ('b'..='i').zip('a'..).map(more).collect();
        let bomb = format!("a: &a [x,x,x,x,x,x,x,x,x,x]\n{bomb}");
        let chain: String = (1..99).map(|at| format!("a{at}: &a{at} [*a{}]\n", at - 1)).collect();
        let chain = format!("a0: &a0 [x]\n{chain}");
        for text in [bomb, chain, "- ".repeat(5000), "{a: ".repeat(5000)] {
            let error = refused(&text);
            assert!(error.starts_with("data.yaml:") && error.ends_with(TOO_MUCH), "{error}");
        }
        assert!(refused(&"[".repeat(100_000)).ends_with(TOO_MUCH));
    }
}
