"""Datasets, images and annotations as objects: reading, changing, writing."""

import copy
import gc
import json
import subprocess
import sys

import numpy as np
import pytest
from datasets import bones, coco, load, save

import annoconv
from annoconv import Annotation, Category, Image, Mask, Polygon, Polygons


@pytest.fixture
def dataset(tmp_path):
    return annoconv.open(save(tmp_path, coco()))


def touched(image):
    """An image all of whose values Python has seen."""
    for annotation in image.annotations:
        annotation.shape, annotation.extra, annotation.attributes, annotation.keypoints
    image.extra, image.tags
    return image


def test_a_dataset_has_its_images_and_classes(dataset):
    assert (len(dataset), dataset.formats, dataset.class_names) == (3, ["coco"], ["car", "van"])
    assert dataset.categories[0] == Category("car", 7, {"supercategory": "thing"})
    assert dataset.about == {"info": {"year": 2026}, "more": [1, 2.5]}
    assert [image.file_name for image in dataset] == ["a.jpg", "b.jpg", "c.jpg"]
    assert [image.file_name for image in dataset.infos()] == ["a.jpg", "b.jpg", "c.jpg"]
    assert dataset[-1].file_name == dataset[2].file_name == "c.jpg"
    for index in (3, -4):
        with pytest.raises(IndexError):
            dataset[index]


def test_an_image_has_arrays_and_annotations(dataset):
    image = dataset[0]
    assert (image.width, image.height, image.id, image.extra) == (64, 32, 5, {"camera": "x"})
    assert image.boxes("xyxy").tolist() == [[2, 3, 6, 7], [1, 8, 2, 13]]
    assert image.boxes("xywh").tolist() == [[2, 3, 4, 4], [1, 8, 1, 5]]
    assert image.boxes().dtype == np.float64 and image.classes.dtype == np.int64
    assert image.classes.tolist() == [0, 1]
    first, second = image.annotations
    assert (first.category, first.bbox, first.area, first.crowd) == ("car", (2, 3, 4, 4), 16, False)
    assert first.shape == Polygons([[(2, 3), (6, 3), (6, 7), (2, 7)]])
    assert second.shape == Mask((32, 64), [40, 5, 2003]) and second.crowd
    assert image.boxes().tolist() == [[2, 3, 6, 7], [1, 8, 2, 13]], "the same of listed ones"
    empty = dataset[2]
    assert empty.boxes().shape == (0, 4) and empty.classes.shape == (0,) and bool(empty)
    assert empty.masks().shape == (0, 32, 64)
    with pytest.raises(annoconv.UsageError, match="form: expected \"xyxy\" or \"xywh\""):
        image.boxes("cxcywh")


def test_what_is_not_touched_is_written_as_it_stands(tmp_path, dataset):
    for number, records in enumerate((dataset, list(dataset), map(touched, dataset))):
        output = tmp_path / f"{number}.json"
        annoconv.write(records, output, to="coco")
        assert load(output) == coco()
    for file in (bones(),):
        annoconv.write(map(touched, annoconv.open(file)), tmp_path / "bones.json", to="coco")
        annoconv.convert(file, tmp_path / "direct.json", to="coco")
        assert (tmp_path / "bones.json").read_bytes() == (tmp_path / "direct.json").read_bytes()


def test_what_is_changed_is_written_from_its_values_and_nothing_else_is(tmp_path, dataset):
    images = list(dataset)
    first = images[0].annotations[0]
    first.bbox = (1, 2, 3, 4)
    first.category = "van"
    first.extra["seen"] = True
    images[1].extra["camera"] = "y"
    del images[0].annotations[1]
    annoconv.write(images, tmp_path / "out.json", to="coco")
    written, expected = load(tmp_path / "out.json"), coco()
    del expected["annotations"][2]
    expected["annotations"][1].update(bbox=[1, 2, 3, 4], category_id=9, seen=True)
    expected["images"][1]["camera"] = "y"
    assert written == expected


def test_a_shape_is_changed_in_place(tmp_path, dataset):
    image = dataset[0]
    ring = image.annotations[0].shape.parts[0].exterior
    ring[1] = (10, 3)
    image.annotations[0].bbox = (2, 3, 8, 4)
    assert image.masks()[0].sum() != dataset[0].masks()[0].sum()
    annoconv.write([image], tmp_path / "out.json", to="coco")
    annotation = load(tmp_path / "out.json")["annotations"][0]
    assert annotation["segmentation"] == [[2, 3, 10, 3, 6, 7, 2, 7]]
    assert annotation["area"] == 24, "the stated area was that of the other shape"


def test_images_are_made(tmp_path):
    outline = np.array([[1, 1], [9, 1], [9, 9]], dtype=np.float32)
    image = Image("x/a.jpg", 20, 10, [Annotation("dog", (1, 1, 8, 8), Polygons([outline]), score=0.5)])
    image.annotations.append(Annotation("cat", np.array([0, 0, 5, 5])))
    report = annoconv.write((item for item in [image]), tmp_path / "out.json", to="coco")
    assert (report.images, report.annotations_read, report.annotations_written) == (1, 2, 2)
    again = annoconv.open(tmp_path / "out.json")
    assert again.class_names == ["dog", "cat"], "in order of first appearance"
    assert again[0].boxes("xywh").tolist() == [[1, 1, 8, 8], [0, 0, 5, 5]]
    assert again[0].annotations[0].shape.parts[0] == Polygon([(1, 1), (9, 1), (9, 9)])
    annoconv.write([image], tmp_path / "two.json", to="coco", categories=["cat", Category("dog", 8)])
    assert [it["name"] for it in load(tmp_path / "two.json")["categories"]] == ["cat", "dog"]
    with pytest.raises(annoconv.UnknownError, match="expected a class .*cat.*, found \"dog\""):
        annoconv.write([image], tmp_path / "three.json", to="coco", categories=["cat"])
    assert not (tmp_path / "three.json").exists()


def test_records_of_several_datasets_are_joined(tmp_path, dataset):
    other = coco()
    other["categories"][0]["name"] = "bus"
    other = annoconv.open(save(tmp_path, other, "other.json"))
    report = annoconv.write([*dataset, *other], tmp_path / "out.json", to="coco")
    assert (report.images, report.annotations_written) == (6, 6)
    written = load(tmp_path / "out.json")
    assert [it["name"] for it in written["categories"]] == ["car", "van", "bus"]
    for records in ("images", "annotations", "categories"):
        ids = [it["id"] for it in written[records]]
        assert len(set(ids)) == len(ids), records
    names = {it["id"]: it["name"] for it in written["categories"]}
    images = {it["id"]: number for number, it in enumerate(written["images"])}
    found = sorted((images[it["image_id"]], names[it["category_id"]]) for it in written["annotations"])
    assert found == [(0, "car"), (0, "van"), (1, "van"), (3, "bus"), (3, "van"), (4, "van")]
    assert report.losses[0].reason == "dataset-members"


def test_an_image_twice_gets_ids_of_its_own(tmp_path, dataset):
    annoconv.write([dataset[0], dataset[0]], tmp_path / "out.json", to="coco")
    written = load(tmp_path / "out.json")
    assert len({it["id"] for it in written["images"]}) == 2
    assert len({it["id"] for it in written["annotations"]}) == 4
    assert len({it["image_id"] for it in written["annotations"]}) == 2


def test_an_annotation_moves_to_another_image(tmp_path, dataset):
    images = list(dataset)
    images[2].annotations.append(images[0].annotations.pop(0))
    annoconv.write(images, tmp_path / "out.json", to="coco")
    moved = [it for it in load(tmp_path / "out.json")["annotations"] if it["id"] == 1]
    assert [it["image_id"] for it in moved] == [7]


@pytest.mark.parametrize(
    "name, value",
    [
        ("bbox", (1, 2, 3)), ("bbox", "abcd"), ("bbox", 5), ("category", 5), ("area", "x"),
        ("score", [1]), ("shape", (1, 2)), ("shape", Polygons([["x"]])), ("crowd", "no"),
        ("keypoints", [1]), ("attributes", []), ("extra", {1: 2}), ("extra", {"a": object()}),
        ("group", 1.5), ("track", 3), ("id", 2.5), ("extra", {"a": float("nan")}),
        ("shape", Mask((2, 2), [1])),
    ],
)
def test_values_of_a_wrong_type_are_refused(name, value):
    annotation = Annotation("a", (1, 2, 3, 4))
    with pytest.raises((TypeError, ValueError)) as raised:
        setattr(annotation, name, value)
    assert name in str(raised.value) or "shape" in str(raised.value) or "mask" in str(raised.value)
    assert annotation.bbox == (1, 2, 3, 4) and annotation.category == "a"


def test_what_is_wrong_inside_is_found_when_it_is_written(tmp_path, dataset):
    images = list(dataset)
    images[0].annotations[0].shape.parts[0].exterior[0] = "x"
    with pytest.raises(TypeError, match="annotation 0 of image \"a.jpg\": point of shape"):
        annoconv.write(images, tmp_path / "out.json", to="coco")
    images = list(dataset)
    images[0].annotations.append("x")
    with pytest.raises(TypeError, match="annotation 2 of image \"a.jpg\": expected an Annotation"):
        annoconv.write(images, tmp_path / "out.json", to="coco")
    with pytest.raises(TypeError, match="record 0: expected an Image, found str"):
        annoconv.write("abc", tmp_path / "out.json", to="coco")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.json"]


def test_the_model_holds_bad_data_and_the_writer_counts_it(tmp_path):
    image = Image("a.jpg", 20, 10, [Annotation("a", (float("nan"), 1, -2, 3)), Annotation("a")])
    report = annoconv.write([image], tmp_path / "out.json", to="coco")
    assert report.annotations_written == 0
    assert {loss.reason: loss.count for loss in report.losses} == {"improper-box": 1, "no-box": 1}


def failing(records):
    for number, record in enumerate(records):
        if number == 1:
            raise KeyError("mine")
        yield record


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_exception_of_who_makes_records_leaves_the_target_as_it_was(tmp_path, dataset, overwrite):
    output = tmp_path / "out.json"
    if overwrite:
        output.write_text("before")
    before = sorted((path.name, path.read_bytes()) for path in tmp_path.iterdir())
    with pytest.raises(KeyError, match="mine"):
        annoconv.write(failing(dataset), output, to="coco", overwrite=overwrite)
    gc.collect()
    assert sorted((path.name, path.read_bytes()) for path in tmp_path.iterdir()) == before


def test_boxes_alone_are_not_written_and_say_so(tmp_path, dataset):
    boxes = annoconv.open(tmp_path / "in.json", shapes=False)
    assert [image.boxes().tolist() for image in boxes] == [image.boxes().tolist() for image in dataset]
    for records in (boxes, list(boxes), boxes.infos()):
        with pytest.raises(annoconv.UsageError, match="shapes=True"):
            annoconv.write(records, tmp_path / "out.json", to="coco")
    image = boxes[0]
    for call in (lambda: image.extra, lambda: image.masks(), lambda: image.annotations[0].shape):
        with pytest.raises(annoconv.UsageError, match="shapes=True"):
            call()


def test_the_source_is_not_written_over(tmp_path, dataset):
    before = (tmp_path / "in.json").read_bytes()
    for records in (dataset, list(dataset)):
        with pytest.raises(annoconv.RefusedError):
            annoconv.write(records, tmp_path / "in.json", to="coco", overwrite=True)
    assert (tmp_path / "in.json").read_bytes() == before


def test_options_that_read_are_refused_by_name(tmp_path, dataset):
    with pytest.raises(TypeError, match="no sizes="):
        annoconv.write(dataset, tmp_path / "x", to="yolo", sizes="a.json")
    with pytest.raises(annoconv.UsageError, match="overwrit.*overwrite"):
        annoconv.write(dataset, tmp_path / "x", to="yolo", overwrit=1)
    with pytest.raises(annoconv.UsageError, match="task"):
        annoconv.open(tmp_path / "in.json", task="segment")


def counted(report):
    return report.annotations_read, report.annotations_written + sum(
        loss.count for loss in report.losses if loss.dropped
    )


@pytest.mark.parametrize("to", [format.name for format in annoconv.formats()])
@pytest.mark.parametrize("as_list", [False, True])
def test_every_format_gives_back_what_it_holds(tmp_path, to, as_list):
    source = annoconv.open(bones())
    output = tmp_path / "out"
    report = annoconv.write(map(touched, source) if as_list else source, output, to=to)
    read, accounted = counted(report)
    assert read == accounted == sum(len(image) for image in source)
    direct = annoconv.convert(bones(), tmp_path / "direct", to=to)
    assert [loss for loss in report.losses] == [loss for loss in direct.losses]
    again = annoconv.open(output, sizes=bones()) if to == "yolo" else annoconv.open(output)
    assert sum(len(image) for image in again) == report.annotations_written
    by_name = {image.file_name.rsplit(".", 1)[0]: image for image in again}
    for image in source:
        other = by_name.get(image.file_name.rsplit(".", 1)[0])
        if other is None or len(other) != len(image):
            continue
        names = [annotation.category for annotation in image.annotations]
        assert [annotation.category for annotation in other.annotations] == names
        np.testing.assert_allclose(other.boxes(), image.boxes(), atol=1.1)


def random_images(seed):
    """Images of boxes, polygons, masks and scores, some of them none that a format takes."""
    random = np.random.default_rng(seed)
    for number in range(int(random.integers(1, 12))):
        width, height = (int(side) for side in random.integers(20, 300, 2))
        image = Image(f"{number:03}.jpg", width, height)
        for _ in range(int(random.integers(0, 6))):
            left, top = random.uniform(0, width - 6), random.uniform(0, height - 6)
            right, bottom = random.uniform(left + 4, width), random.uniform(top + 4, height)
            annotation = Annotation(f"class {random.integers(3)}", (left, top, right - left, bottom - top))
            kind = random.integers(4)
            if kind == 1:
                annotation.shape = Polygons([[(left, top), (right, top), (right, bottom)]])
            elif kind == 2:
                mask = np.zeros((height, width), dtype=bool)
                mask[int(top):int(bottom), int(left):int(right)] = True
                annotation.shape = Mask.from_array(mask)
            elif kind == 3:
                annotation.bbox = (left, top, -1, float("nan"))
            image.annotations.append(annotation)
        yield image


@pytest.mark.parametrize("to", [format.name for format in annoconv.formats()])
@pytest.mark.parametrize("seed", range(8))
def test_counts_add_up_whatever_is_written(tmp_path, to, seed):
    images = list(random_images(seed))
    names = ["class 0", "class 1", "class 2"]
    report = annoconv.write(images, tmp_path / "out", to=to, categories=names)
    read, accounted = counted(report)
    assert read == accounted == sum(len(image) for image in images)
    annoconv.write(images, tmp_path / "sizes.json", to="coco", categories=names)
    if not report.annotations_written:
        return
    sizes = {"sizes": tmp_path / "sizes.json"} if to == "yolo" else {}
    again = {image.file_name[:3]: image for image in annoconv.open(tmp_path / "out", **sizes)}
    assert sum(len(image) for image in again.values()) == report.annotations_written
    for image in images:
        proper = [it for it in image.annotations if it.bbox[2] > 0]
        other = again.get(image.file_name[:3])
        assert len(proper) == (len(other) if other else 0)
        if proper:
            assert [it.category for it in other.annotations] == [it.category for it in proper]
            image.annotations = proper
            np.testing.assert_allclose(other.boxes(), image.boxes(), atol=1.1)


def test_layouts_of_trainers_are_written(tmp_path):
    from PIL import Image as Picture

    (tmp_path / "images").mkdir()
    for name in "abc":
        Picture.new("RGB", (64, 32)).save(tmp_path / "images" / f"{name}.jpg")
    source = annoconv.open(save(tmp_path, coco()), images=tmp_path / "images")
    assert all(image.file and image.file.endswith(image.file_name) for image in map(fspath, source))
    report = annoconv.write(
        list(source), tmp_path / "out", trainer="ultralytics", split={"train": 0.5, "val": 0.5},
        crowd="keep",
    )
    direct = annoconv.convert(
        tmp_path / "in.json", tmp_path / "direct", trainer="ultralytics", images=tmp_path / "images",
        split={"train": 0.5, "val": 0.5}, crowd="keep",
    )
    files = lambda folder: sorted(
        (str(path.relative_to(folder)), path.read_bytes()) for path in folder.rglob("*.*")
    )
    assert report.images_placed == direct.images_placed == 3
    assert files(tmp_path / "out") == files(tmp_path / "direct")


def fspath(image):
    image.file = str(image.file)
    return type("Seen", (), {"file": str(image.file), "file_name": image.file_name})


def test_objects_have_words_and_copies(dataset):
    image = dataset[0]
    assert repr(image) == '<Image "a.jpg" 64x32, 2 annotations>'
    assert repr(dataset) == "<Dataset of coco: 3 images, 2 classes>"
    other = image.annotations[0].copy()
    other.bbox = (0, 0, 1, 1)
    assert image.annotations[0].bbox == (2, 3, 4, 4) and other.id is None
    shape = image.annotations[0].shape
    twin = copy.deepcopy(shape)
    assert twin == shape and twin is not shape and json.dumps(twin.parts[0].exterior)


def test_arrays_say_what_they_need(tmp_path, dataset):
    code = """
import sys
sys.modules["numpy"] = None
import annoconv
image = annoconv.open(sys.argv[1])[0]
assert image.annotations[0].bbox == (2, 3, 4, 4)
for call in (image.boxes, image.masks, lambda: image.classes, annoconv.Mask((2, 2), [4]).to_array):
    try:
        call()
    except ImportError as error:
        assert "pip install annoconv[numpy]" in str(error), error
    else:
        raise AssertionError(call)
print("said")
"""
    words = [sys.executable, "-c", code, str(tmp_path / "in.json")]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.stdout == "said\n", done.stderr
