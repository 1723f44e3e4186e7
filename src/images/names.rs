//! The ways in which a stated name can be read. These functions know only names, no files.

use super::index::{MOST_ENDS, stem};
use super::{base_name, is_image};
use crate::files::folded;
use std::path::Path;

/// The longest name, in bytes, that is read in looser ways than word for word.
const LONGEST: usize = 4096;

/// How many earlier names of a renamed image are tried at most.
const MOST_ORIGINS: usize = 8;

/// How the paths of files on a Label Studio server begin.
const SERVED: [&str; 2] = ["/data/upload/", "/data/local-files/"];

/// How a stated name led to an image, from the strictest way to the loosest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// It is the path of the image, from a home folder or the root.
    Path,
    /// One of the two paths is the end of the other, from one of its folders on.
    End,
    /// Only the file names are the same.
    Name,
    /// It is stated without an extension, and only the file names are the same.
    Stem,
    /// The blanks around it were ignored.
    Blank,
    /// Its backslashes were read as slashes.
    Separator,
    /// Its percent escapes were decoded.
    Percent,
    /// It is a URL, or has a query like a URL.
    Url,
    /// Case was ignored, and so was whether an accent is a character of its own.
    Case,
    /// The image has another extension, or the stated name has none.
    Extension,
    /// One of the names has a second extension after the image's (`a.jpg.txt`).
    Doubled,
    /// The stated path leads outside the folder of the images.
    Outside,
    /// No image has the stated name, but this one has the name of the label file.
    Label,
}

impl Way {
    /// Whether the name was not taken as it is stated. Reports count such matches.
    pub fn is_loose(self) -> bool {
        self >= Self::Blank
    }

    /// The way in words that follow "found".
    pub fn words(self) -> &'static str {
        match self {
            Self::Path => "by its path",
            Self::End => "by the end of its path",
            Self::Name => "by its file name",
            Self::Stem => "by its file name without the extension",
            Self::Blank => "without the blanks around its name",
            Self::Separator => "with backslashes read as slashes",
            Self::Percent => "with percent escapes decoded",
            Self::Url => "by the path in a URL",
            Self::Case => "ignoring case",
            Self::Extension => "with another extension",
            Self::Doubled => "with a second extension left out",
            Self::Outside => "by the end of a path that leads outside the folder",
            Self::Label => "by the name of its label file",
        }
    }
}

/// One try at finding an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// A path with forward slashes, which may lead outside.
    pub text: String,
    /// Whether it is without its extension.
    pub is_stem: bool,
    /// Whether folded names are compared, which ignores case and how accents are encoded.
    pub is_folded: bool,
    /// The loosest of the ways in which the name was read.
    pub way: Way,
}

/// All attempts for a name that is not found word for word, the strictest first.
pub fn attempts(name: &str, is_stem: bool) -> Vec<Attempt> {
    let readings = readings(name);
    let mut attempts = Vec::new();
    for way in [Way::Path, Way::Extension, Way::Doubled] {
        for is_folded in [false, true] {
            let forms = readings.iter().flat_map(|(text, read)| {
                forms(text, is_stem, way).into_iter().map(move |form| (form, *read))
            });
            let compared = if is_folded { Way::Case } else { Way::Path };
            attempts.extend(forms.map(|((text, is_stem), read)| Attempt {
                text: text.to_owned(),
                is_stem,
                is_folded,
                way: way.max(read).max(compared),
            }));
        }
    }
    attempts
}

/// The names to look for, each with whether it is without its extension. The extension is kept
/// ([`Way::Path`]), replaced by any other ([`Way::Extension`]), or taken for one of two
/// ([`Way::Doubled`]).
fn forms(text: &str, is_stem: bool, way: Way) -> Vec<(&str, bool)> {
    let has_extension = is_image(Path::new(text));
    match (way, is_stem, has_extension) {
        (Way::Extension, false, true) => vec![(stem(text), true)],
        (Way::Extension, false, false) => vec![(text, true)],
        (Way::Doubled, false, true) => vec![(text, true)],
        (Way::Doubled, false, false) if is_image(Path::new(stem(text))) => {
            vec![(stem(text), false), (stem(stem(text)), true)]
        }
        // The stem of the label file `a.jpg.txt` is `a.jpg`.
        (Way::Doubled, true, true) => vec![(text, false), (stem(text), true)],
        (Way::Extension | Way::Doubled, ..) => Vec::new(),
        _ => vec![(text, is_stem)],
    }
}

/// The texts as which a name can be read, the strictest first, each with its way.
fn readings(name: &str) -> Vec<(String, Way)> {
    if name.len() > LONGEST {
        return Vec::new();
    }
    let mut readings = Vec::new();
    for (text, way) in paths_in(name) {
        readings.push((text.to_owned(), way));
        // A name may be encoded twice, and its backslashes may be encoded, too.
        let steps: [(Step, Way); 5] = [
            (trimmed, Way::Blank),
            (slashed, Way::Separator),
            (decoded, Way::Percent),
            (decoded, Way::Percent),
            (slashed, Way::Separator),
        ];
        for (step, next) in steps {
            let last = readings.last().and_then(|(text, way)| Some((step(text)?, next.max(*way))));
            readings.extend(last);
        }
    }
    readings
}

/// Reads a name in another way; `None` if that changes nothing.
type Step = fn(&str) -> Option<String>;

fn trimmed(name: &str) -> Option<String> {
    let trimmed = name.trim_matches(|char: char| char.is_whitespace() || char == '\u{feff}');
    (trimmed != name).then(|| trimmed.to_owned())
}

fn slashed(name: &str) -> Option<String> {
    name.contains('\\').then(|| name.replace('\\', "/"))
}

/// A name with its percent escapes decoded (RFC 3986, section 2.1). Any other `%` is kept. `None`
/// if there is no escape, or the result is not UTF-8.
fn decoded(name: &str) -> Option<String> {
    let mut parts = name.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    let mut is_changed = false;
    for part in parts {
        match escape(part) {
            Some((byte, rest)) => {
                bytes.push(byte);
                bytes.extend_from_slice(rest);
                is_changed = true;
            }
            None => {
                bytes.push(b'%');
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    String::from_utf8(bytes).ok().filter(|_| is_changed)
}

/// The byte that two hexadecimal digits at the start stand for, and the text after them.
fn escape(part: &str) -> Option<(u8, &[u8])> {
    let (digits, rest) = part.as_bytes().split_at_checked(2)?;
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_hex)?;
    Some((u8::from_str_radix(digits, 16).ok()?, rest))
}

/// The name itself, if it is not a URL, and the paths in it if it may be one.
fn paths_in(name: &str) -> Vec<(&str, Way)> {
    let bare = name.trim();
    let mut paths = Vec::new();
    if !is_url(bare) {
        paths.push((name, Way::Path));
        if !bare.contains('?') {
            return paths;
        }
    }
    let after_host = bare
        .split_once("://")
        .map(|(_, rest)| rest.split_once(['/', '\\']).map_or("", |(_, path)| path));
    let path = after_host.unwrap_or(bare);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    // Label Studio states a local file as `/data/local-files/?d=folder/a.jpg`.
    let local = query.split('&').find_map(|member| member.strip_prefix("d="));
    let path = path.trim_start_matches('/');
    let without_fragment = path.split_once('#').map(|(path, _)| path);
    let all = [local, Some(path), without_fragment].into_iter().flatten();
    paths.extend(all.filter(|text| !text.is_empty()).map(|text| (text, Way::Url)));
    paths
}

/// Whether a name is a URL with a host (RFC 3986, section 3), or a path of a labelling server.
fn is_url(name: &str) -> bool {
    let is_scheme = |scheme: &str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        scheme.len() > 1 && scheme.bytes().all(is_part)
    };
    name.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme))
        || SERVED.iter().any(|start| name.starts_with(start))
}

/// Whether a name leads outside the folder that it is relative to.
pub fn leads_outside(name: &str) -> bool {
    without_drive(name).is_some() || is_url(name) || resolved("", name).is_none()
}

/// The text after the drive letter of a Windows path; `None` if it has none.
fn without_drive(name: &str) -> Option<&str> {
    let rest = name.strip_prefix(|first: char| first.is_ascii_alphabetic())?;
    rest.strip_prefix(':')
}

/// The last part of a path, without the drive letter of a Windows path such as `c:a.jpg`.
pub fn file_name(path: &str) -> &str {
    let name = base_name(path);
    without_drive(name).unwrap_or(name)
}

/// The path that a name, relative to `home`, has from the root, without `.`, `..` and empty parts:
/// `./x//a.jpg` is `x/a.jpg`. `None` if it leads outside the root.
pub fn resolved(home: &str, name: &str) -> Option<String> {
    if name.starts_with('/') {
        return None;
    }
    let mut parts = Vec::new();
    for part in home.split('/').chain(name.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The rest of a path after all that leads outside the root is removed.
pub fn inside(name: &str) -> String {
    let mut parts = Vec::new();
    for part in without_drive(name).unwrap_or(name).split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// The ends of a path from each of its folders on, the longest first. The file name alone is not
/// among them.
pub fn ends(path: &str) -> impl Iterator<Item = &str> {
    let first = path.matches('/').count().saturating_sub(MOST_ENDS);
    let ends = path.match_indices('/').skip(first).filter_map(|(at, _)| path.get(at + 1..));
    ends.filter(|end| end.contains('/'))
}

/// Whether a path lies below a folder; all paths lie below the root, which is "".
pub fn is_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The loose stems ([`loose_stem`]) of all readings of a stated name.
pub fn loose_stems(name: &str, is_stem: bool) -> Vec<String> {
    let mut stems = Vec::new();
    for (text, _) in readings(name) {
        stems.push(loose(base_name(&text)));
        if !is_stem {
            stems.push(loose_stem(&text));
        }
    }
    stems.sort_unstable();
    stems.dedup();
    stems.retain(|stem| !stem.is_empty());
    stems
}

/// The loose stem of a path: its file name without extension, in lower case, with an underscore for
/// each blank and hyphen. Tools that rename files replace blanks in this way.
pub fn loose_stem(path: &str) -> String {
    loose(stem(base_name(path)))
}

fn loose(name: &str) -> String {
    folded(name).replace([' ', '-'], "_")
}

/// The loose stems that an image with this [`loose_stem`] may have had before a tool renamed it:
/// - without a second extension,
/// - without the `_jpg.rf.HASH` that Roboflow adds,
/// - without a prefix, such as Label Studio adds (`ab12cd-cat`).
pub fn origins(stem: &str) -> impl Iterator<Item = &str> {
    let inner = is_image(Path::new(stem)).then(|| super::index::stem(stem));
    let cut = stem.split_once(".rf.").and_then(|(before, _)| Some(before.rsplit_once('_')?.0));
    let tails = stem.match_indices('_').take(MOST_ORIGINS).filter_map(|(at, _)| {
        let (before, tail) = (stem.get(..at)?, stem.get(at + 1..)?);
        is_likely(before, tail).then_some(tail)
    });
    inner.into_iter().chain(cut).chain(tails).filter(|origin| !origin.is_empty())
}

/// Whether `tail` is likely to be the old name, and `before` a prefix that was added. Very many
/// names end in a number, so before a number only a hash is taken for a prefix.
fn is_likely(before: &str, tail: &str) -> bool {
    let is_hash = before.len() >= 6
        && before.bytes().all(|byte| byte.is_ascii_hexdigit())
        && before.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_hash || tail.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_what_is_none_is_kept() {
        for (name, expected) in [
            ("a%20b", Some("a b")),
            ("%41%zz%4", Some("A%zz%4")),
            ("%C3%A9", Some("\u{e9}")),
            ("%+1%20", Some("%+1 ")),
            ("100%", None),
            ("%E9", None),
            ("%\u{e9}1", None),
            ("", None),
        ] {
            assert_eq!(decoded(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn urls_are_told_from_names() {
        for name in ["http://h/a", "s3://b/a", "/data/upload/1/a.jpg", "azure-blob://c/a"] {
            assert!(is_url(name), "{name}");
        }
        for name in ["a.jpg", "c://a.jpg", "a b://c", "://a", "data/upload/a.jpg", "C:/a.jpg"] {
            assert!(!is_url(name), "{name}");
        }
    }

    #[test]
    fn a_hash_or_a_word_tells_what_a_name_was() {
        for (stem, expected) in [
            ("ab12cd_cat", &["cat"][..]),
            ("a_b_c", &["b_c", "c"]),
            ("cam_0001", &[]),
            ("3fa91c02_0001", &["0001"]),
            ("img_jpg.rf.abc", &["img", "jpg.rf.abc"]),
            ("p1.jpg", &["p1"]),
            ("cat_", &[]),
        ] {
            assert_eq!(origins(stem).collect::<Vec<_>>(), expected, "{stem}");
        }
    }

    #[test]
    fn only_names_that_are_not_taken_as_stated_are_loose() {
        for way in [Way::Path, Way::End, Way::Name, Way::Stem] {
            assert!(!way.is_loose(), "{way:?}");
        }
        for way in [Way::Blank, Way::Separator, Way::Case, Way::Outside] {
            assert!(way.is_loose(), "{way:?}");
        }
    }
}
