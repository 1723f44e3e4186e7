"""Edits of a conversion by callables."""

import threading

import pytest
from datasets import coco, load, many, save

import annoconv
from annoconv import Annotation


def losses(report):
    return {loss.reason: loss.count for loss in report.losses}


def test_a_callable_changes_drops_and_leaves_out(tmp_path):
    seen = []

    def edit(image):
        seen.append(image.file_name)
        if image.file_name == "c.jpg":
            return False
        image.annotations[:] = [it for it in image.annotations if not it.crowd]
        for annotation in image.annotations:
            annotation.category = "van"
        return None

    source = save(tmp_path, coco())
    report = annoconv.convert(source, tmp_path / "out.json", to="coco", edits=[edit])
    assert seen == ["a.jpg", "b.jpg", "c.jpg"], "each once, in their order"
    assert losses(report) == {"left-out-by-caller": 1, "image-left-out-by-caller": 1}
    assert (report.images, report.annotations_read, report.annotations_written) == (2, 3, 2)
    expected = coco()
    del expected["annotations"][2], expected["images"][2]
    expected["annotations"][1]["category_id"] = 9
    assert load(tmp_path / "out.json") == expected


def test_a_callable_that_changes_nothing_changes_nothing(tmp_path):
    def look(image):
        for annotation in image.annotations:
            annotation.shape, annotation.extra
            annotation.bbox = annotation.bbox
        return True

    source = save(tmp_path, coco())
    report = annoconv.convert(source, tmp_path / "out.json", to="coco", edits=look)
    assert load(tmp_path / "out.json") == coco() and not report.losses


def test_edits_follow_each_other_and_count_before_a_split(tmp_path):
    def first(image):
        for annotation in image.annotations:
            annotation.category = "car"

    def second(image):
        assert {it.category for it in image.annotations} <= {"car"}
        return bool(image.annotations)

    report = annoconv.convert(
        save(tmp_path, coco()), tmp_path / "out", to="coco", edits=[first, second],
        split={"train": 0.5, "val": 0.5},
    )
    assert losses(report)["image-left-out-by-caller"] == 1
    assert report.images == 2


def test_a_new_class_must_be_in_classes(tmp_path):
    def edit(image):
        for annotation in image.annotations:
            annotation.category = "bus"

    source = save(tmp_path, coco())
    with pytest.raises(annoconv.UnknownError, match='image "a.jpg": expected a class .*found "bus"'):
        annoconv.convert(source, tmp_path / "out.json", to="coco", edits=[edit])
    annoconv.convert(
        source, tmp_path / "out.json", to="coco", edits=[edit], classes=["bus", "van", "car"]
    )
    written = load(tmp_path / "out.json")
    ids = {it["name"]: it["id"] for it in written["categories"]}
    assert list(ids) == ["bus", "van", "car"] and (ids["van"], ids["car"]) == (9, 7)
    assert {it["category_id"] for it in written["annotations"]} == {ids["bus"]}


def add(image):
    image.annotations.append(Annotation("car", (1, 2, 3, 4)))


def twice(image):
    image.annotations.extend(list(image.annotations))


def rename(image):
    image.file_name = "x.jpg"


@pytest.mark.parametrize(
    "edit, error, words",
    [
        (add, annoconv.UsageError, "write\\(\\) takes images with new annotations"),
        (twice, annoconv.UsageError, "write\\(\\) takes images with new annotations"),
        (rename, ValueError, "write\\(\\) takes changed images"),
        (lambda image: "yes", TypeError, "answer of edit: expected None or a bool"),
        (lambda image: 1 / 0, ZeroDivisionError, "division"),
        (5, TypeError, "edits: expected callables"),
    ],
)
@pytest.mark.parametrize("overwrite", [False, True])
def test_what_goes_wrong_is_raised_and_leaves_the_target(tmp_path, edit, error, words, overwrite):
    source, output = save(tmp_path, coco()), tmp_path / "out.json"
    if overwrite:
        output.write_text("before")
    before = sorted((path.name, path.read_bytes()) for path in tmp_path.iterdir())
    with pytest.raises(error, match=words):
        annoconv.convert(source, output, to="coco", edits=[edit], overwrite=overwrite)
    assert sorted((path.name, path.read_bytes()) for path in tmp_path.iterdir()) == before


def test_an_exception_late_in_many_images_is_raised_as_it_is(tmp_path):
    class Mine(Exception):
        pass

    def edit(image):
        if image.id == 1500:
            raise Mine(image.file_name)

    with pytest.raises(Mine, match="001500.jpg"):
        annoconv.convert(save(tmp_path, many(2000)), tmp_path / "out", to="yolo", edits=[edit])
    assert not (tmp_path / "out").exists()


def test_several_conversions_at_once(tmp_path):
    source, reports = save(tmp_path, many(600)), {}

    def edit(image):
        image.annotations.pop()

    def run(number):
        output = tmp_path / f"{number}.json"
        reports[number] = annoconv.convert(source, output, to="coco", edits=[edit])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [losses(reports[number]) for number in range(4)] == [{"left-out-by-caller": 600}] * 4
    outputs = {(tmp_path / f"{number}.json").read_bytes() for number in range(4)}
    assert len(outputs) == 1
