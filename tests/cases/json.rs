//! What is JSON and what is not, by the files of JSONTestSuite (N. Seriot).

use annoconv::files;
use annoconv::format::{Needs, Options};
use annoconv::formats::by_name;
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

/// Whether a COCO file with a value at a place can be read.
fn is_read(value: &[u8], place: &str, folder: &Path) -> bool {
    let (before, after) = place.split_once("VALUE").unwrap();
    let path = folder.join("a.json");
    fs::write(&path, [before.as_bytes(), value, after.as_bytes()].concat()).unwrap();
    let needs = Needs { stated: true, ..Needs::default() };
    let Ok(source) = by_name("coco").unwrap().open(&path, needs, &Options::default()) else {
        return false;
    };
    source.members(0).is_ok() && source.annotations(0, &source.images()[0]).is_ok()
}

/// `y_` is accepted, `n_` is refused, `i_` is either; all in time.
pub fn test_suite(cases: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let mut counts = [0; 3];
    for file in files::walk(&cases.join("jsontestsuite/jsontestsuite/test_parsing")).unwrap() {
        let name = files::relative_name(&file, cases).unwrap();
        let value = fs::read(&file).unwrap();
        for place in PLACES {
            let is_read = is_read(&value, place, folder.path());
            match file.file_name().unwrap().as_encoded_bytes()[0] {
                b'y' => assert!(is_read, "{name} is JSON, in {place}"),
                b'n' => assert!(!is_read, "{name} is no JSON, in {place}"),
                _ => {}
            }
        }
        let kind = file.file_name().unwrap().as_encoded_bytes()[0];
        counts[usize::from(kind != b'y') + usize::from(kind == b'i')] += 1;
    }
    eprintln!(
        "{} accepted, {} refused, {} either, each in {} places",
        counts[0],
        counts[1],
        counts[2],
        PLACES.len()
    );
    assert_eq!(counts.iter().sum::<i32>(), 318);
}
