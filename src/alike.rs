//! Words that are much like others: for typing errors.

/// The name that is most like a word, if any is much like it.
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE: f64 = 0.7;
    let likeness = |name: &'a str| (strsim::jaro_winkler(&word.to_lowercase(), name), name);
    let best = names.map(likeness).max_by(|one, other| one.0.total_cmp(&other.0))?;
    (best.0 >= ALIKE).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_like_none_has_no_nearest() {
        let names = ["coco", "yolo", "voc"];
        for (word, near) in [("ylo", Some("yolo")), ("COCCO", Some("coco")), ("qqq", None)] {
            assert_eq!(nearest(word, names.into_iter()), near, "{word}");
        }
    }
}
