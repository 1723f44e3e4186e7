//! A patch as a unified diff, as `patch` and `git apply` take it.

use super::patch::{Patch, Splice};
use std::fmt::Write;
use std::ops::Range;

/// How many lines are shown around a change.
const CONTEXT: usize = 3;

/// Lines of the old text and what they become.
struct Change {
    old: Range<usize>,
    new: Vec<u8>,
}

/// The diff of a text and what a patch makes of it; empty where nothing changes. `from` and `to` are
/// the names in its head.
///
/// ```
/// use annoconv::files::diff::unified;
/// use annoconv::files::patch::Patch;
/// let mut patch = Patch::default();
/// patch.replace(2..3, "B");
/// assert_eq!(unified("x.txt", "x.txt", b"a\nb\n", &patch),
///            "--- a/x.txt\n+++ b/x.txt\n@@ -1,2 +1,2 @@\n a\n-b\n+B\n");
/// ```
pub fn unified(from: &str, to: &str, text: &[u8], patch: &Patch) -> String {
    let lines = lines(text);
    let changes = changes(text, &lines, patch);
    if changes.is_empty() {
        return String::new();
    }
    let mut out = format!("--- a/{from}\n+++ b/{to}\n");
    let mut shift = Shift::default();
    let mut rest = changes.as_slice();
    while let Some(first) = rest.first() {
        let is_near = |pair: &[Change]| match pair {
            [one, next] => next.old.start <= one.old.end + 2 * CONTEXT,
            _ => false,
        };
        let count = 1 + rest.windows(2).take_while(|pair| is_near(pair)).count();
        let (hunk, later) = rest.split_at(count);
        let end = hunk.last().unwrap_or(first).old.end;
        let shown = first.old.start.saturating_sub(CONTEXT)..(end + CONTEXT).min(lines.len());
        write_hunk(&mut out, text, &lines, hunk, shown, &mut shift);
        rest = later;
    }
    out
}

/// The spans of all lines, with their ends.
fn lines(text: &[u8]) -> Vec<Range<usize>> {
    let mut start = 0;
    let line = |piece: &[u8]| {
        let own = start..start + piece.len();
        start = own.end;
        own
    };
    text.split_inclusive(|byte| *byte == b'\n').map(line).collect()
}

/// The lines that change, without those at either end of a change that stay.
fn changes(text: &[u8], lines: &[Range<usize>], patch: &Patch) -> Vec<Change> {
    let mut groups: Vec<(Range<usize>, Vec<&Splice>)> = Vec::new();
    for splice in patch.in_order() {
        let own = touched(lines, splice);
        match groups.last_mut().filter(|(known, _)| own.start < known.end) {
            Some((known, splices)) => {
                known.end = known.end.max(own.end);
                splices.push(splice);
            }
            None => groups.push((own, vec![splice])),
        }
    }
    let change = |(old, splices): (Range<usize>, Vec<&Splice>)| {
        let start = lines.get(old.start).map_or(text.len(), |line| line.start);
        let end = old.end.checked_sub(1).and_then(|last| lines.get(last));
        let span = start..end.map_or(start, |line| line.end.max(start));
        let mut own = Patch::default();
        for Splice { range, text } in splices {
            let moved = range.start.saturating_sub(start)..range.end.saturating_sub(start);
            own.replace(moved, text.clone());
        }
        let before = text.get(span).unwrap_or_default();
        trimmed(old, before, &own.apply(before))
    };
    groups.into_iter().map(change).filter(|it| !it.old.is_empty() || !it.new.is_empty()).collect()
}

/// The lines that a change touches.
fn touched(lines: &[Range<usize>], splice: &Splice) -> Range<usize> {
    let line_of = |at: usize| lines.partition_point(|line| line.end <= at);
    let first = line_of(splice.range.start);
    let last = line_of(splice.range.end.max(splice.range.start + 1) - 1);
    first..(last + 1).min(lines.len()).max(first)
}

fn trimmed(old: Range<usize>, before: &[u8], after: &[u8]) -> Change {
    let (was, is) = (lines(before), lines(after));
    let same = |(one, other): &(&Range<usize>, &Range<usize>)| {
        before.get((*one).clone()) == after.get((*other).clone())
    };
    let head = was.iter().zip(&is).take_while(same).count();
    let (was_left, is_left) = (was.len() - head, is.len() - head);
    let tail = was.iter().rev().zip(is.iter().rev()).take(was_left.min(is_left));
    let tail = tail.take_while(same).count();
    let kept = is.get(head..is.len() - tail).unwrap_or_default();
    let span = kept.first().map_or(0, |line| line.start)..kept.last().map_or(0, |line| line.end);
    let new = after.get(span).unwrap_or_default().to_vec();
    Change { old: old.start + head..old.end - tail, new }
}

/// How many lines came and went before a hunk.
#[derive(Default)]
struct Shift {
    added: usize,
    removed: usize,
}

/// Writes one hunk.
fn write_hunk(
    out: &mut String,
    text: &[u8],
    all: &[Range<usize>],
    hunk: &[Change],
    shown: Range<usize>,
    shift: &mut Shift,
) {
    let mut body = String::new();
    let mut at = shown.start;
    let mut grown = Shift::default();
    let show = |body: &mut String, mark, range: Range<usize>| {
        for line in all.get(range).unwrap_or_default() {
            write_line(body, mark, text.get(line.clone()).unwrap_or_default());
        }
    };
    for Change { old, new } in hunk {
        show(&mut body, ' ', at..old.start);
        show(&mut body, '-', old.clone());
        let new_lines = lines(new);
        for line in &new_lines {
            write_line(&mut body, '+', new.get(line.clone()).unwrap_or_default());
        }
        grown.added += new_lines.len();
        grown.removed += old.len();
        at = old.end;
    }
    show(&mut body, ' ', at..shown.end);
    let start = |count: usize, first: usize| first + usize::from(count > 0);
    let (count, first) = (shown.len(), shown.start);
    let new_count = count + grown.added - grown.removed;
    let new_first = first + shift.added - shift.removed;
    let (old_start, new_start) = (start(count, first), start(new_count, new_first));
    let _ = write!(out, "@@ -{old_start},{count} +{new_start},{new_count} @@\n{body}");
    shift.added += grown.added;
    shift.removed += grown.removed;
}

fn write_line(out: &mut String, mark: char, line: &[u8]) {
    out.push(mark);
    out.push_str(&String::from_utf8_lossy(line));
    if !line.ends_with(b"\n") {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(text: &str, changes: &[(Range<usize>, &str)]) -> String {
        let mut patch = Patch::default();
        changes.iter().for_each(|(range, text)| patch.replace(range.clone(), *text));
        let diff = unified("f", "f", text.as_bytes(), &patch);
        diff.strip_prefix("--- a/f\n+++ b/f\n").unwrap_or(&diff).to_owned()
    }

    #[test]
    fn lines_are_shown_with_what_is_around_them() {
        let ten: String = (0..10).map(|number| format!("{number}\n")).collect();
        for (text, changes, expected) in [
            ("a\nb\n", &[(0..2, "")][..], "@@ -1,2 +1,1 @@\n-a\n b\n"),
            ("a\n", &[(0..2, "")], "@@ -1,1 +0,0 @@\n-a\n"),
            (
                "a",
                &[(0..1, "b")],
                "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
            ),
            ("a\nb\n", &[(2..2, "x\ny\n")], "@@ -1,2 +1,4 @@\n a\n+x\n+y\n b\n"),
            ("a\nb\n", &[(0..1, "a")], ""),
            (
                &ten,
                &[(0..1, "x"), (18..19, "y")],
                "@@ -1,4 +1,4 @@\n-0\n+x\n 1\n 2\n 3\n@@ -7,4 +7,4 @@\n 6\n 7\n 8\n-9\n+y\n",
            ),
            (
                &ten,
                &[(2..4, ""), (18..19, "y")],
                "@@ -1,5 +1,4 @@\n 0\n-1\n 2\n 3\n 4\n@@ -7,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n",
            ),
            (
                &ten,
                &[(4..5, "x"), (16..17, "y")],
                "@@ -1,10 +1,10 @@\n 0\n 1\n-2\n+x\n 3\n 4\n 5\n 6\n 7\n-8\n+y\n 9\n",
            ),
        ] {
            assert_eq!(diff(text, changes), expected, "{text:?} {changes:?}");
        }
    }
}
