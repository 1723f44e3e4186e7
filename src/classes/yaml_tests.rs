use super::*;

fn read(text: &str) -> std::result::Result<DataYaml, String> {
    let path = Path::new("data.yaml");
    let data = Document::parse(text, path).and_then(|document| DataYaml::of(&document));
    data.map_err(|error| error.to_string())
}

#[test]
fn names_are_taken_in_every_form() {
    let cases: [(&str, &[&str]); 16] = [
        ("names: [a, 'b c', \"d\"]", &["a", "b c", "d"]),
        ("nc: 9\nnames: [a]", &["a"]),
        ("names:\n- a\n- >-\n  b\n  c\n", &["a", "b c"]),
        ("names: {1: b, 0: a}", &["a", "b"]),
        ("names:\n  '0': a\n  \"1\": b\n", &["a", "b"]),
        ("names: {00: a, 01: b}", &["a", "b"]),
        // Numbers keep the text that stands in the file.
        ("names: [0, 1, 2]", &["0", "1", "2"]),
        (
            "names: [01, 1.0, 1e3, -5, +5, 0x10, 1_000, 1:30]",
            &["01", "1.0", "1e3", "-5", "+5", "0x10", "1_000", "1:30"],
        ),
        ("names: [.nan, .inf, 1e999, 2020-01-01]", &[".nan", ".inf", "1e999", "2020-01-01"]),
        ("names: {0: 7, 1: 'no'}", &["7", "no"]),
        // A value in quotes, or with a tag for text, is text.
        ("names: ['yes', \"null\", !!str off, '~']", &["yes", "null", "off", "~"]),
        // PyYAML, too, takes these for text.
        (
            "names: [x, y, n, Y, N, yEs, oFF, nULL]",
            &["x", "y", "n", "Y", "N", "yEs", "oFF", "nULL"],
        ),
        ("names: [&a é 1, *a, 猫 # dog\n]", &["é 1", "é 1", "猫"]),
        ("names: &n [a, b]\nother: *n\nthird: *n", &["a", "b"]),
        ("x: 1\nx: 2\nnan: .nan\ndownload: |\n  import x\nnames: [a]", &["a"]),
        ("names: []", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).unwrap().names.unwrap(), expected, "{text}");
    }
}

#[test]
fn a_name_that_is_no_text_is_named_with_its_place() {
    let truth = "which is a truth value in YAML";
    let cases = [
        ("names: [yes, no]", "1:9: name of class 0: expected text, in quotes, found yes, {truth}"),
        (
            "names:\n- a\n- OFF",
            "3:3: name of class 1: expected text, in quotes, found OFF, {truth}",
        ),
        (
            "names: {0: True}",
            "1:12: name of class 0: expected text, in quotes, found True, {truth}",
        ),
        (
            "names: [a, null]",
            "1:12: name of class 1: expected text, in quotes, found null, which is no value in YAML",
        ),
        ("names:\n- cat\n-\n", "3:2: name of class 1: expected text, in quotes, found nothing"),
        ("names: {0: }", "1:10: name of class 0: expected text, in quotes, found nothing"),
        ("names: [a, [b]]", "1:12: name of class 1: expected text, in quotes, found a list"),
        ("names:\n- a: 1", "2:3: name of class 0: expected text, in quotes, found a map"),
        ("names: cat, dog", "1:8: names: expected a list such as [cat, dog], found \"cat, dog\""),
        ("names: 3", "1:8: names: expected a list such as [cat, dog], found 3"),
        ("names: no", "1:8: names: expected a list such as [cat, dog], found no, {truth}"),
        ("names: data.yaml", "1:8: names: expected a list such as [cat, dog], found \"data.yaml\""),
        ("names: {0: a, 2: b}", "1:15: names: expected number 1, found 2"),
        ("names: {1: a, 2: b}", "1:9: names: expected number 0, found 1"),
        ("names: {0: a, '0': b}", "1:15: names: expected each number once, found 0 twice"),
        (
            "names: {cat: 0}",
            "1:9: number of a class: expected a whole number from 0 on, found \"cat\"",
        ),
        ("names: {-1: a}", "1:9: number of a class: expected a whole number from 0 on, found -1"),
        ("names: [a]\nnames: [b]", "2:1: data.yaml: expected each member once, found names twice"),
        ("[a, b]", "1:1: data.yaml: expected members such as `names: [a]`, found a list"),
        ("cat dog", "1:1: data.yaml: expected members such as `names: [a]`, found \"cat dog\""),
    ];
    for (text, expected) in cases {
        let expected = format!("data.yaml:{}", expected.replace("{truth}", truth));
        assert_eq!(read(text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn names_may_be_the_path_of_a_list_beside() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    };
    write("obj.names", "TEST\nyes\n");
    write("lists/all.txt", "TEST\nyes\n");
    for stated in ["obj.names", "./obj.names", "'lists/all.txt'"] {
        let path = write("data.yaml", &format!("names: {stated}\n"));
        assert_eq!(DataYaml::read(&path).unwrap().names.unwrap(), ["TEST", "yes"], "{stated}");
    }
    let outside = write("in/data.yaml", "names: ../obj.names\n");
    assert!(DataYaml::read(&outside).is_err());
}

#[test]
fn the_other_members_are_read() {
    let text = "path: ../set # root\ntrain: [a/images, 'b/images']\nvalid: ../valid/images\n\
        test:\nnc: '3'\nkpt_shape: [17, 3]\nflip_idx: [0, 2, 1]\ntask: pose\n";
    let data = read(text).unwrap();
    assert_eq!((data.path.as_deref(), data.nc, &data.names), (Some("../set"), Some(3), &None));
    assert_eq!((data.kpt_shape, data.task.as_deref()), (Some([17, 3]), Some("pose")));
    assert_eq!(data.flip_idx.as_deref(), Some(&[0, 2, 1][..]));
    let train = ["a/images", "b/images"].map(str::to_owned).to_vec();
    assert_eq!((&data.train, data.val.len(), data.test.len()), (&train, 1, 0));
    let valid = ("valid".to_owned(), vec!["../valid/images".to_owned()]);
    assert_eq!(data.subsets(), [("train".to_owned(), train), valid]);
}

#[test]
fn the_first_of_the_validation_members_counts_and_all_are_subsets() {
    let subsets = |text: &str| {
        let data = read(text).unwrap();
        let names: Vec<String> = data.subsets().into_iter().map(|(name, _)| name).collect();
        (data.val.concat(), names.join(" "))
    };
    let cases = [
        ("val: a\nvalid: b", "a", "val valid"),
        ("validation: 2017", "2017", "validation"),
        ("val: ~\nvalidation: [c]\ntest: d", "c", "validation test"),
        ("val: []\ntrain: t", "", "train"),
        ("", "", ""),
    ];
    for (text, val, names) in cases {
        assert_eq!(subsets(text), (val.to_owned(), names.to_owned()), "{text}");
    }
}

#[test]
fn members_of_another_kind_are_refused() {
    let cases = [
        ("nc: two", "1:5: nc: expected a whole number from 0 on, found \"two\""),
        ("nc: -1", "1:5: nc: expected a whole number from 0 on, found -1"),
        ("train: {a: b}", "1:8: train: expected a path, or a list of paths, found a map"),
        ("val: [a, [b]]", "1:10: val: expected a path, or a list of paths, found a list"),
        ("path: [a]", "1:7: path: expected text, found a list"),
        ("flip_idx: 3", "1:11: flip_idx: expected a list of whole numbers, found 3"),
        ("kpt_shape: [17, x]", "1:17: kpt_shape: expected a whole number from 0 on, found \"x\""),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).unwrap_err(), format!("data.yaml:{expected}"), "{text}");
    }
    let expected = "the number of keypoints, and 2 or 3 numbers for each";
    for shape in ["[17]", "[0, 3]", "[17, 4]", "[1, 2, 3]", "[]"] {
        let told = format!("data.yaml:1:12: kpt_shape: expected {expected}, found {shape}");
        assert_eq!(read(&format!("kpt_shape: {shape}")).unwrap_err(), told);
    }
}

#[test]
fn a_long_list_is_read_in_whole() {
    let names: Vec<String> = (0..22_000).map(|number| format!("class {number}")).collect();
    let text = format!("names: [{}]", names.join(", "));
    assert_eq!(read(&text).unwrap().names.unwrap(), names);
    let one = "x".repeat(1 << 20);
    assert_eq!(read(&format!("names: ['{one}']")).unwrap().names.unwrap(), [one.as_str()]);
    let told = read(&format!("names: {one}")).unwrap_err();
    assert!(told.len() < 1200 && told.starts_with("data.yaml:1:8: names: "), "{}", told.len());
}
