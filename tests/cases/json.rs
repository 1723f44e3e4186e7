//! What is JSON and what is not, by the files of JSONTestSuite (N. Seriot).

use crate::support::open_with;
use annoconv::files;
use annoconv::format::{Run, Wants};
use std::fs;
use std::path::Path;

/// Where a value stands in a COCO file; all of them are kept for a COCO writer.
const PLACES: [&str; 4] = [
    r#"{"images":[{"id":1,"file_name":"a.jpg","width":9,"height":9}],"annotations":[],"categories":[],"info":VALUE
}"#,
    r#"{"images":[{"id":1,"file_name":"a.jpg","width":9,"height":9,"note":VALUE
}],"annotations":[],"categories":[]}"#,
    r#"{"images":[{"id":1,"file_name":"a.jpg"}],"categories":[{"id":1,"name":"x"}],"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,3,4],"note":VALUE
}]}"#,
    r#"{"images":[{"id":1,"file_name":"a.jpg"}],"annotations":[],"categories":[{"id":1,"name":"x","note":VALUE
}]}"#,
];

/// Where a list of numbers stands, of which a target of boxes has no use.
const LISTS: [&str; 2] = [
    r#"{"images":[{"id":1,"file_name":"a.jpg"}],"categories":[{"id":1,"name":"x"}],"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,3,4],"segmentation":[[1,2,3,4,5,VALUE
]]}]}"#,
    r#"{"images":[{"id":1,"file_name":"a.jpg"}],"categories":[{"id":1,"name":"x"}],"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,3,4],"segmentation":{"size":[1,1],"counts":[1,VALUE
]}}]}"#,
];

/// What is asked of the reader by targets that repeat records, and by those of boxes alone.
fn wants() -> [Wants; 3] {
    let stated = Wants { text: Some("coco"), edits: true, ..Wants::ALL };
    [stated, Wants::BOXES, Wants { text: Some("coco"), ..Wants::BOXES }]
}

/// Whether a COCO file with a value at a place can be read.
fn is_read(value: &[u8], place: &str, wants: Wants, folder: &Path) -> bool {
    let (before, after) = place.split_once("VALUE").unwrap();
    let path = folder.join("a.json");
    fs::write(&path, [before.as_bytes(), value, after.as_bytes()].concat()).unwrap();
    let Ok(source) = open_with("coco", &path, &[], wants, &Run::default()) else {
        return false;
    };
    let read = || source.read(0, &source.images()[0]).and_then(|read| read.all());
    source.image(0).is_ok() && read().is_ok()
}

/// `y_` is accepted, `n_` is refused, `i_` is either; all in time.
pub fn test_suite(cases: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let (mut counts, mut in_lists) = ([0; 3], 0);
    for file in files::walk(&cases.join("jsontestsuite/jsontestsuite/test_parsing")).unwrap() {
        let name = files::relative_name(&file, cases).unwrap();
        let value = fs::read(&file).unwrap();
        let kind = file.file_name().unwrap().as_encoded_bytes()[0];
        for (wants, place) in wants().into_iter().flat_map(|wants| PLACES.map(|it| (wants, it))) {
            let is_read = is_read(&value, place, wants, folder.path());
            assert!(is_read || kind != b'y', "{name} is JSON, in {place}");
            assert!(!is_read || kind != b'n', "{name} is no JSON, in {place} {wants:?}");
        }
        // What is wrong within a list is so in a longer one.
        let items = value.strip_prefix(b"[").and_then(|value| value.strip_suffix(b"]"));
        for items in items.into_iter().filter(|_| kind == b'n') {
            for (wants, place) in wants().into_iter().flat_map(|wants| LISTS.map(|it| (wants, it)))
            {
                let is_read = is_read(items, place, wants, folder.path());
                assert!(!is_read, "{name} is no JSON, in {place} {wants:?}");
                in_lists += 1;
            }
        }
        counts[usize::from(kind != b'y') + usize::from(kind == b'i')] += 1;
    }
    let [accepted, refused, either] = counts;
    eprintln!(
        "{accepted} accepted, {refused} refused, {either} either, each in {} places for {} needs, and \
         {in_lists} in lists of numbers",
        PLACES.len(),
        wants().len()
    );
    assert!(in_lists > 500);
    assert_eq!(counts.iter().sum::<i32>(), 318);
}
