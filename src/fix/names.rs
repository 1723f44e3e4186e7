//! Names of images as they should be stated.

/// A stated name with the end of a path instead: as many parts of it as differ in case or form only,
/// and the file name. `None` where the stated name is that already.
pub fn as_on_disk(stated: &str, path: &str) -> Option<String> {
    let plain = stated.replace('\\', "/");
    let mut parts: Vec<&str> = plain.split('/').collect();
    let mut actual = path.rsplit('/');
    let last = parts.len().checked_sub(1)?;
    *parts.get_mut(last)? = actual.next()?;
    for part in parts.iter_mut().rev().skip(1) {
        match actual.next() {
            Some(actual) if part.eq_ignore_ascii_case(actual) => *part = actual,
            _ => break,
        }
    }
    let name = parts.join("/");
    (name != stated).then_some(name)
}

/// A name with `/` between its folders.
pub fn with_slashes(stated: &str) -> Option<String> {
    stated.contains('\\').then(|| stated.replace('\\', "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_those_of_files() {
        for (stated, path, expected) in [
            ("a.JPG", "images/a.jpg", Some("a.jpg")),
            ("Images/a.JPG", "x/images/a.jpg", Some("images/a.jpg")),
            ("data/a.png", "images/a.jpg", Some("data/a.jpg")),
            ("x\\a.jpg", "x/a.jpg", Some("x/a.jpg")),
            ("a.jpg", "images/a.jpg", None),
        ] {
            assert_eq!(as_on_disk(stated, path).as_deref(), expected, "{stated}");
        }
        assert_eq!(with_slashes("a\\b.jpg").as_deref(), Some("a/b.jpg"));
        assert_eq!(with_slashes("a/b.jpg"), None);
    }
}
