use super::*;
use crate::images::Known;
use std::path::Path;

/// The expected result for a name: a number and a way, an error, or nothing.
enum Expected {
    At(usize, Way),
    Two,
    None,
}
use Expected::{At, Two};

fn known(name: &str) -> Known {
    Known { name: name.to_owned(), file: None, size: None, id: None }
}

fn table(names: &[&str]) -> ImageTable {
    ImageTable::new(Path::new("images"), names.iter().map(|name| known(name)).collect())
}

fn homes(homes: &[&str]) -> Vec<String> {
    homes.iter().map(|&home| home.to_owned()).collect()
}

type Case<'a> = (&'a [&'a str], &'a str, &'a [&'a str], Expected);

/// A stated name that begins with `stem:` is one without its extension.
fn check(cases: &[Case]) {
    for (files, stated, from, expected) in cases {
        let stem = stated.strip_prefix("stem:");
        let homes = homes(from);
        let asked = Asked { name: stem.unwrap_or(stated), is_stem: stem.is_some(), homes: &homes };
        let found = table(files).look_up(&asked);
        let case = format!("{stated:?} from {from:?} in {files:?}: {found:?}");
        match (expected, found) {
            (At(number, way), Ok(Some(found))) => {
                assert_eq!(found, Match { number: *number, way: *way }, "{case}");
            }
            (Two, Err(error)) => {
                let error = error.to_string();
                assert!(error.contains(&format!("{:?}: expected one", asked.name)), "{error}");
            }
            (Expected::None, Ok(None)) => {}
            _ => panic!("{case}"),
        }
    }
}

#[test]
fn names_are_found_word_for_word() {
    check(&[
        (&["x/a.jpg", "y/a.jpg"], "x/a.jpg", &[""], At(0, Way::Path)),
        (&["x/a.jpg", "y/a.jpg"], "x/a.jpg", &[], At(0, Way::Path)),
        (&["x/a.jpg", "y/a.jpg"], "./x//a.jpg", &[""], At(0, Way::Path)),
        (&["x/a.jpg", "y/a.jpg"], "y/../x/./a.jpg", &[""], At(0, Way::Path)),
        (&["x/a.jpg", "y/a.jpg"], "a.jpg", &["y"], At(1, Way::Path)),
        (&["x/a.jpg", "y/a.jpg"], "a.jpg", &["q", "x", "y"], At(0, Way::Path)),
        (&["x/a.jpg", "y/a.jpg"], "../x/a.jpg", &["y"], At(0, Way::Path)),
        (&["x/a.jpg", "y/a.jpg"], "a.jpg", &[""], Two),
        (&["t/a.jpg", "t/t/a.jpg"], "t/a.jpg", &["t"], At(1, Way::Path)),
        (&["t/a.jpg", "t/t/a.jpg"], "t/a.jpg", &["q"], At(0, Way::Path)),
        (&["p/x/a.jpg", "p/y/a.jpg"], "x/a.jpg", &[""], At(0, Way::End)),
        (&["p/x/a.jpg", "q/x/a.jpg"], "x/a.jpg", &[""], Two),
        (&["p/1/x/a.jpg", "q/1/x/a.jpg"], "x/a.jpg", &["q/", ""], At(1, Way::End)),
        (&["x/a.jpg", "y/a.jpg"], "images/y/a.jpg", &[""], At(1, Way::End)),
        (&["d/x/a.jpg", "d/y/a.jpg"], "images/y/a.jpg", &[""], Two),
        (&["x/a.jpg"], "y/a.jpg", &[""], At(0, Way::Name)),
        (&["x/a.jpg"], "a.jpg", &[""], At(0, Way::Name)),
        (&["x/a.jpg", "y/z/a.jpg"], "q/a.jpg", &["y"], At(1, Way::Name)),
        (&["y/a.jpg", "yy/a.jpg"], "q/a.jpg", &["y"], At(0, Way::Name)),
        (&["x/1/a.jpg", "x/2/a.jpg", "y/1/a.jpg"], "q/a.jpg", &["x", "y"], At(2, Way::Name)),
        (&["x/1/a.jpg", "x/2/a.jpg"], "q/a.jpg", &["x", ""], Two),
        (&["x/a.jpg"], "stem:a", &["x"], At(0, Way::Path)),
        (&["x/a.jpg"], "stem:a", &[""], At(0, Way::Stem)),
        (&["p/x/a.jpg"], "stem:x/a", &[""], At(0, Way::End)),
        (&["a.jpg", "a.png"], "stem:a", &[""], Two),
        (&["a.jpg", "a.png"], "a.png", &[""], At(1, Way::Path)),
        (&["a.b.jpg", "a.jpg"], "stem:a.b", &[""], At(0, Way::Path)),
        (&["a.jpg", "A.JPG"], "A.JPG", &[""], At(1, Way::Path)),
        (&["img_jpg.rf.abc.jpg"], "stem:img_jpg.rf.abc", &[""], At(0, Way::Path)),
        (&["100%.jpg", "100%25.jpg"], "100%25.jpg", &[""], At(1, Way::Path)),
        (&["c:a.jpg", "a.jpg"], "c:a.jpg", &[""], At(0, Way::Path)),
        (&["x\\a.jpg", "x/a.jpg"], "x\\a.jpg", &[""], At(0, Way::Path)),
        (&["a?b.jpg", "a"], "a?b.jpg", &[""], At(0, Way::Path)),
        (&["a.jpg ", "a.jpg"], "a.jpg ", &[""], At(0, Way::Path)),
        (&["a.jpg"], "b.jpg", &[""], Expected::None),
        (&["x/a.jpg"], "x", &[""], Expected::None),
        (&["x/a.jpg"], "", &["", "x"], Expected::None),
        (&["x/a.jpg"], "..", &["", "x"], Expected::None),
        (&["x.jpg"], "stem:", &["x"], Expected::None),
        (&["x.jpg"], "stem:a/..", &["x"], Expected::None),
    ]);
}

#[test]
fn names_are_read_as_they_were_meant() {
    check(&[
        (&["a.jpg"], " a.jpg\r", &[""], At(0, Way::Blank)),
        (&["a.jpg"], "stem:a ", &[""], At(0, Way::Blank)),
        (&["a.jpg"], "\u{feff}a.jpg", &[""], At(0, Way::Blank)),
        (&["x/a.jpg", "y/a.jpg"], "y\\a.jpg", &[""], At(1, Way::Separator)),
        (&["images/a.jpg"], "..\\images\\a.jpg", &["labels"], At(0, Way::Separator)),
        (&["images/a.jpg", "y/a.jpg"], "..\\images\\a.jpg", &[""], At(0, Way::Outside)),
        (&["x/a b.jpg"], "x/a%20b.jpg", &[""], At(0, Way::Percent)),
        (&["x/a b.jpg"], "x%5Ca%20b.jpg", &[""], At(0, Way::Percent)),
        (&["a b.jpg"], "a%2520b.jpg", &[""], At(0, Way::Percent)),
        (&["50%.jpg"], "50%25.jpg", &[""], At(0, Way::Percent)),
        (&["5%zz\u{e9}.jpg"], "5%zz%C3%A9.jpg", &[""], At(0, Way::Percent)),
        (&["a.jpg"], "a%E9.jpg", &[""], Expected::None),
        (&["x/a.jpg", "y/a.jpg"], "https://host:80/y/a.jpg?q=1#f", &[""], At(1, Way::Url)),
        (&["cat.png"], "http://host/data/upload/1/cat.png", &[""], At(0, Way::Url)),
        (&["x/a b.jpg"], "s3://bucket/x/a%20b.jpg", &[""], At(0, Way::Url)),
        (&["a#1.jpg", "a"], "gs://bucket/x/a#1.jpg", &[""], At(0, Way::Url)),
        (&["x/a.jpg", "y/a.jpg"], "/data/local-files/?d=x/a.jpg", &[""], At(0, Way::Url)),
        (&["x/a.jpg"], "/data/local-files/?d=x%5Ca.jpg&v=2", &[""], At(0, Way::Url)),
        (&["x/a.jpg"], "/data/local-files/?d=/home/x/a.jpg", &[""], At(0, Way::Outside)),
        (&["ab12-cat.png"], "/data/upload/1/ab12-cat.png", &[""], At(0, Way::Url)),
        (&["x/a.jpg"], "x/a.jpg?token=abc/def", &[""], At(0, Way::Url)),
        (&["x/a.jpg"], "https://host/", &["", "x"], Expected::None),
        (&["x/a.jpg", "y/a.jpg"], "https://host/a.jpg", &[""], Two),
        (&["a.jpg"], "/home/me/a.jpg", &[""], At(0, Way::Outside)),
        (&["x/a.jpg", "y/a.jpg"], "/home/me/y/a.jpg", &[""], At(1, Way::Outside)),
        (&["x/a.jpg", "y/a.jpg"], "C:\\data\\a.jpg", &["y"], At(1, Way::Outside)),
        (&["a.jpg"], "C:a.jpg", &[""], At(0, Way::Outside)),
        (&["a.jpg"], "\\\\server\\share\\a.jpg", &[""], At(0, Way::Outside)),
        (&["a.jpg"], "file:///C:/data/a.jpg", &[""], At(0, Way::Outside)),
        (&["a.jpg"], "../../q/a.jpg", &[""], At(0, Way::Outside)),
        (&["x/a.jpg", "y/a.jpg"], "../a.jpg", &[""], Two),
        (&["a.jpg"], "x/..", &["x"], Expected::None),
    ]);
}

#[test]
fn names_are_compared_loosely_where_nothing_else_fits() {
    check(&[
        (&["x/A.JPG"], "x/a.jpg", &[""], At(0, Way::Case)),
        (&["Img/A.JPG", "y/a.jpg"], "a.jpg", &["Img"], At(1, Way::Name)),
        (&["Img/A.JPG", "y/A.jpg"], "a.jpg", &["Img"], At(0, Way::Case)),
        (&["a.jpg", "A.JPG"], "a.Jpg", &[""], Two),
        (&["\u{e9}.jpg"], "e\u{301}.jpg", &[""], At(0, Way::Case)),
        (&["e\u{301}.jpg"], "\u{c9}.JPG", &[""], At(0, Way::Case)),
        (&["e\u{301}.jpg"], "%C3%A9.jpg", &[""], At(0, Way::Case)),
        (&["images/my a.jpg"], "C:\\Images\\My%20A.JPG", &[""], At(0, Way::Outside)),
        (&["images/my a.jpg"], "Images\\My%20A.JPG", &[""], At(0, Way::Case)),
        (&["x/a.png", "y/a.png"], "y/a.jpg", &[""], At(1, Way::Extension)),
        (&["a.png"], "A.jpg", &[""], At(0, Way::Extension)),
        (&["a.png", "A.PNG"], "a.jpg", &[""], At(0, Way::Extension)),
        (&["a.png", "a.bmp"], "a.jpg", &[""], Two),
        (&["x/a.png", "y/a.bmp"], "a.jpg", &["y"], At(1, Way::Extension)),
        (&["a.png"], "a", &[""], At(0, Way::Extension)),
        (&["a.v2.png"], "a.v2", &[""], At(0, Way::Extension)),
        (&["a.png"], "a.v2", &[""], Expected::None),
        (&["a.v1.png"], "a.v2.png", &[""], Expected::None),
        (&["x/a.jpg"], "stem:a.jpg", &["x"], At(0, Way::Doubled)),
        (&["x/a.jpg", "x/a.jpg.png"], "stem:a.jpg", &["x"], At(1, Way::Path)),
        (&["a.png"], "stem:a.jpg", &[""], At(0, Way::Doubled)),
        (&["p1.jpg"], "p1.jpg.txt", &[""], At(0, Way::Doubled)),
        (&["P1.png"], "p1.jpg.xml", &[""], At(0, Way::Doubled)),
        (&["a.jpg.png"], "a.jpg", &[""], At(0, Way::Doubled)),
        (&["img_jpg.rf.abc.jpg"], "IMG_jpg.rf.ABC.jpg", &[""], At(0, Way::Case)),
        (&["img_jpg.rf.abc.jpg"], "img.jpg", &[""], Expected::None),
        (&["ab12cd-cat.png"], "cat.png", &[""], Expected::None),
    ]);
}

#[test]
fn images_that_a_name_may_mean_are_told() {
    let files = [
        "x/Cat.png",
        "ab12cd-cat.bmp",
        "my dog.jpg",
        "img_jpg.rf.0a1b.jpg",
        "cam_0001.jpg",
        "3fa91c02-0002.jpg",
        "p1.jpg.png",
    ];
    let table = table(&files);
    for (name, is_stem, expected) in [
        ("q/cat.jpg", false, &[0, 1][..]),
        ("cat", true, &[0, 1]),
        ("00ff_cat.jpg", false, &[0]),
        ("http://host/00ff-Cat.jpg?x", false, &[0]),
        ("My_Dog.png", false, &[2]),
        ("my%20dog.dcm", false, &[2]),
        ("img.jpg", false, &[3]),
        ("img", true, &[3]),
        ("0001.jpg", false, &[]),
        ("0002.jpg", false, &[5]),
        ("p1.bmp", false, &[6]),
        ("p1.jpg", true, &[6]),
        ("bird.jpg", false, &[]),
        ("", false, &[]),
    ] {
        let asked = Asked { name, is_stem, homes: &[] };
        assert_eq!(table.may_mean(&asked), expected, "{name:?}");
    }
}

#[test]
fn images_are_found_that_are_added_between_questions() {
    let mut table = table(&["a.jpg"]);
    let look_up = |table: &ImageTable, name| {
        let found = table.look_up(&Asked { name, is_stem: false, homes: &[] }).unwrap();
        found.map(|found| (found.number, found.way))
    };
    let may_mean =
        |table: &ImageTable, name| table.may_mean(&Asked { name, is_stem: false, homes: &[] });
    assert_eq!(look_up(&table, "B.jpg"), None);
    assert_eq!(may_mean(&table, "b.jpg"), [0; 0]);
    assert_eq!(table.push(known("b.JPG")), 1);
    assert_eq!(look_up(&table, "B.jpg"), Some((1, Way::Case)));
    assert_eq!(may_mean(&table, "b.bmp"), [1]);
    assert_eq!(look_up(&table, "b.JPG"), Some((1, Way::Path)));
}

#[test]
fn very_many_images_of_one_name_are_bounded_work() {
    let files: Vec<String> = (0..20_000).map(|at| format!("{at}/a.jpg")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let table = table(&files);
    let homes = homes(&["19999"]);
    let ask = |name: &str| table.look_up(&Asked { name, is_stem: false, homes: &homes });
    assert_eq!(ask("a.jpg").unwrap().unwrap().number, 19_999);
    assert_eq!(ask("A.JPG").unwrap().unwrap().number, 19_999);
    let error = ask("q/a.jpg").unwrap_err().to_string();
    assert!(error.contains("found \"0/a.jpg\" and \"1/a.jpg\""), "{error}");
    assert_eq!(table.may_mean(&Asked { name: "a.png", is_stem: false, homes: &[] }).len(), 100);
    let long = "x/".repeat(100_000) + "b.jpg";
    assert!(ask(&long).unwrap().is_none());
}
