"""What goes wrong is an exception with its place."""

import pickle

import annoconv
import pytest


def caught(kind, call, *arguments, **options):
    with pytest.raises(kind) as caught:
        call(*arguments, **options)
    assert type(caught.value) is kind and isinstance(caught.value, annoconv.Error)
    return caught.value


def test_malformed_input_has_file_line_column_thing_expected_and_found(bones):
    path = bones / "bad.json"
    path.write_text('{"images": [],\n "annotations": 3, "categories": []}')
    error = caught(annoconv.MalformedError, annoconv.convert, path, "x.json", to="vgg")
    assert (error.file, error.line, error.column) == (str(path), 2, 17)
    assert error.expected and error.found and error.thing
    text = f"{error.file}:2:17: {error.thing}: expected {error.expected}, found {error.found}"
    assert str(error) == text
    assert error.kind == "malformed" and isinstance(error, ValueError)
    assert not (bones / "x.json").exists()


def test_a_file_that_is_not_there_is_an_os_error_with_its_number(bones):
    error = caught(annoconv.FileError, annoconv.convert, "none.json", "x.json", to="vgg")
    assert isinstance(error, OSError) and error.errno == 2
    assert (error.file, error.line, error.column) == ("none.json", None, None)
    assert str(error).startswith("none.json: cannot read: ")


def test_an_output_that_is_there_is_refused(bones):
    (bones / "x.json").write_text("mine")
    error = caught(annoconv.RefusedError, annoconv.convert, "annotations.json", "x.json", to="vgg")
    assert error.file == "x.json" and (bones / "x.json").read_text() == "mine"


def test_a_size_that_is_needed_and_nowhere_is_missing(bones):
    document = '{"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [{"id": 1, "name": "a"}]'
    document += ', "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}]}'
    (bones / "a.json").write_text(document)
    error = caught(annoconv.MissingError, annoconv.convert, "a.json", "labels", to="yolo")
    assert error.kind == "missing" and "a.jpg" in str(error)


def test_a_class_that_nothing_has_is_unknown(bones):
    error = caught(
        annoconv.UnknownError, annoconv.convert, "annotations.json", "x", to="yolo", keep="spine"
    )
    assert isinstance(error, LookupError) and '"spine"' in str(error)


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"to": "ylo"}, 'to: expected a format: coco, yolo, voc, vgg, hf, labelme, found "ylo" (did you mean yolo?)'),
        ({}, "to: expected a format to write, or a trainer, found neither"),
        ({"to": "yolo", "precission": 4}, "did you mean precision?"),
        ({"to": "yolo", "drp": "a"}, "did you mean drop?"),
        ({"to": "yolo", "read_precision": 4}, "read_precision: expected an option"),
        ({"to": "yolo", "precision": 40}, 'precision: expected 1..17, found "40"'),
        ({"to": "yolo", "far_edge": "inclusive"}, "--far-edge: expected a setting of coco (read) or yolo"),
        ({"to": "yolo", "trainer": "ultralitics"}, "did you mean ultralytics?"),
        ({"to": "yolo", "negatives": "none"}, 'negatives: expected keep or skip, found "none"'),
        ({"to": "yolo", "jobs": 0}, "jobs: expected 1 to 1024 threads, found 0"),
        ({"to": "yolo", "check": True, "overwrite": True}, "check: expected it alone"),
        ({"to": "yolo", "prune": True}, "prune: expected overwrite with it"),
        ({"to": "yolo", "place": "copy"}, "place: expected a trainer"),
        ({"to": "yolo", "images": "images", "sizes": "annotations.json"}, "sizes: expected images or sizes"),
        ({"to": "yolo", "group": "patient"}, "group: expected a split"),
        ({"to": "yolo", "split": {"a": 0.5}}, "split: expected shares that sum to 1"),
        ({"to": "yolo", "min_area": -1}, "min-area: expected a number of pixels, 0 or more, found -1"),
        ({"to": "yolo", "classes": ["a", "a"]}, 'classes: expected each name once, found "a" twice'),
        ({"to": "yolo", "preset": "fracatlass"}, "did you mean fracatlas?"),
    ],
)
def test_a_call_that_cannot_be_names_the_argument_and_the_nearest(bones, options, expected):
    error = caught(annoconv.UsageError, annoconv.convert, "annotations.json", "out", **options)
    assert expected in str(error), str(error)
    assert isinstance(error, ValueError) and not (bones / "out").exists()


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"jobs": "two"}, "jobs: expected a number of threads, found 'two'"),
        ({"jobs": -1}, "jobs: expected a number of threads, found -1"),
        ({"keep": 3}, "keep: expected a text or a list of texts, found 3"),
        ({"rename": {"a": 3}}, "rename: expected a dictionary of old and new names, found 3"),
        ({"images": 3}, "images: expected a path, found 3"),
        ({"precision": True}, "precision: expected a text or a whole number, found True"),
        ({"classes": [1]}, "classes: expected a path or a list of names, found 1"),
        ({"strict": "yes"}, "strict: expected True or False, found 'yes'"),
    ],
)
def test_a_value_of_another_type_is_a_type_error(bones, options, expected):
    with pytest.raises(TypeError) as caught:
        annoconv.convert("annotations.json", "out", to="yolo", **options)
    assert str(caught.value) == expected


def test_rules_and_codes_are_known_by_name(bones):
    error = caught(annoconv.UsageError, annoconv.validate, ".", select="zero-ids")
    assert "did you mean zero-id?" in str(error)
    error = caught(annoconv.UsageError, annoconv.explain, "zero-idd")
    assert "did you mean zero-id?" in str(error)
    error = caught(annoconv.UsageError, annoconv.validate, ".", precision=4)
    assert "precision" in str(error)


def test_fix_needs_one_place_for_what_it_mends(bones):
    for options in ({}, {"in_place": True, "diff": True}, {"output": "a", "diff": True}):
        error = caught(annoconv.UsageError, annoconv.fix, "annotations.json", **options)
        assert "one of output, in_place and diff" in str(error)
    error = caught(annoconv.UsageError, annoconv.fix, "annotations.json", diff=True, overwrite=True)
    assert error.thing == "overwrite"


def test_the_formats_of_a_pair_are_fixed(bones):
    with pytest.raises(TypeError, match="to is fixed"):
        annoconv.coco2yolo("annotations.json", "out", to="voc")


def test_an_exception_can_be_pickled():
    error = annoconv.FileError("a.txt: x", file="a.txt", thing="x", found="y")
    error.errno = 2
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is annoconv.FileError and str(again) == "a.txt: x"
    assert (again.file, again.line, again.found, again.errno) == ("a.txt", None, "y", 2)


def test_names_of_files_that_are_no_text_are_kept(bones):
    import os

    name = os.fsdecode(b"a\xff.json")
    try:
        (bones / name).write_text("{")
    except OSError:
        pytest.skip("this file system has no such names")
    error = caught(annoconv.MalformedError, annoconv.convert, name, "x.json", to="vgg", from_format="coco")
    assert error.file == name
