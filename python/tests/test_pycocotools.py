"""COCO's dicts and masks, as pycocotools has them."""

import contextlib
import io
import json
import os
import pathlib

import numpy as np
import pytest
from datasets import bones, coco, load, save

import annoconv

pycocotools = pytest.importorskip("pycocotools.coco")
masks_of_coco = pytest.importorskip("pycocotools.mask")


def loaded(path):
    with contextlib.redirect_stdout(io.StringIO()):
        return pycocotools.COCO(str(path))


def real_files():
    """Files of published datasets, where they lie beside the project."""
    files = []
    if folder := os.environ.get("FRACATLAS_DIR"):
        files += sorted((pathlib.Path(folder) / "Annotations" / "COCO JSON").glob("*.json"))
    if folder := os.environ.get("ANNOCONV_CASES_DIR"):
        files += sorted(pathlib.Path(folder).glob("coco-val2014-100/**/*.json"))
    return [path for path in files if "annotations" in json.loads(path.read_text())]


def states_all(path):
    """Whether a file has what the command adds, as pycocotools reads it: area, iscrowd, info."""
    value = load(path)
    needed = {"area", "iscrowd", "category_id"}
    return "info" in value and all(needed <= record.keys() for record in value["annotations"])


def expected(path, tmp_path):
    """The values of a file, with what the command adds."""
    if states_all(path):
        return load(path)
    annoconv.convert(path, tmp_path / "expected.json", to="coco", overwrite=True)
    return load(tmp_path / "expected.json")


def odd(tmp_path):
    """Polygons of several parts, across the border and across themselves; masks in both forms; crowds."""
    value = coco()
    size = [32, 64]
    counts = masks_of_coco.encode(np.asfortranarray(np.eye(32, 64, dtype=np.uint8)))["counts"]
    shapes = [
        [[1.3, 0.7, 8.9, 2.2, 4.4, 7.7]],
        [[-3.5, -2, 12, 3.3, 4, 40.5]],
        [[0, 0, 6, 0, 6, 6, 0, 6], [3, 3, 9, 3, 9, 7.5, 3, 7.5]],
        [[2, 1, 8, 7, 8, 1, 2, 7]],
        {"size": size, "counts": counts.decode()},
        {"size": size, "counts": [0, 5, 2043]},
    ]
    value["annotations"] = [
        {"id": number + 1, "image_id": 5, "category_id": 7, "bbox": [0, 0, 9, 9], "area": 9,
         "iscrowd": int(isinstance(shape, dict)), "segmentation": shape}
        for number, shape in enumerate(shapes)
    ]
    return save(tmp_path, value, "odd.json")


def compared_masks(path):
    peer, seen = loaded(path), 0
    for image in annoconv.open(path):
        # In the order of the file. pycocotools does not see those whose image_id is in quotes.
        records = peer.imgToAnns[image.id]
        ids = {record["id"] for record in records}
        own = [pair for pair in zip(image.annotations, image.masks()) if pair[0].id in ids]
        assert [record["id"] for record in records] == [annotation.id for annotation, _ in own]
        for record, (_, mask) in zip(records, own):
            if not record.get("segmentation"):
                continue
            expected = peer.annToMask(record).astype(bool)
            assert mask.dtype == np.bool_ and mask.shape == expected.shape
            assert np.array_equal(mask, expected), (path, record["id"])
            seen += 1
    return seen


def test_masks_are_those_of_pycocotools(tmp_path):
    assert compared_masks(odd(tmp_path)) == 6
    assert compared_masks(bones())


@pytest.mark.skipif(not real_files(), reason="no published dataset lies beside the project")
def test_masks_of_published_datasets_are_those_of_pycocotools():
    assert sum(compared_masks(path) for path in real_files()) > 500


def test_a_mask_is_an_array_and_back():
    array = np.random.default_rng(7).random((13, 29)) > 0.6
    mask = annoconv.Mask.from_array(array)
    assert mask.size == (13, 29) and np.array_equal(mask.to_array(), array)
    peer = masks_of_coco.decode(masks_of_coco.frPyObjects({"size": [13, 29], "counts": mask.counts}, 13, 29))
    assert np.array_equal(peer.astype(bool), array)
    assert annoconv.Mask.from_array(np.zeros((2, 3))).counts == [6]
    assert annoconv.Mask.from_array(np.ones((2, 3), dtype=np.uint8)).counts == [0, 6]
    with pytest.raises(ValueError, match="counts of mask: expected runs that add up to"):
        annoconv.Mask((2, 2), [1]).to_array()


def test_masks_of_other_shapes():
    image = annoconv.Image("a.jpg", 10, 8, [
        annoconv.Annotation("a", (1, 1, 3, 2)),
        annoconv.Annotation("a", shape=annoconv.Circle((5, 4), 3)),
        annoconv.Annotation("a", shape=annoconv.Oriented((5, 4), 4, 2, 0.0)),
        annoconv.Annotation("a", shape=annoconv.Polyline([(0, 0), (5, 5)])),
    ])
    assert image.masks().sum((1, 2)).tolist() == [6, image.masks()[1].sum(), 8, 0]
    assert 20 <= image.masks()[1].sum() <= 34
    image.annotations[0].shape = annoconv.Polygons([[(0, 0), (float("nan"), 1), (2, 2)]])
    with pytest.raises(ValueError, match='annotation 0 of image "a.jpg": expected points that are finite'):
        image.masks()
    with pytest.raises(ValueError, match="expected a width and a height"):
        annoconv.Image("a.jpg", annotations=[annoconv.Annotation("a", (1, 1, 3, 2))]).masks()


def test_a_dict_is_as_loading_the_file(tmp_path):
    files = [save(tmp_path, coco()), odd(tmp_path), *real_files()]
    assert all(states_all(path) for path in files[:2])
    for path in files:
        peer = loaded(path)
        peer.dataset = expected(path, tmp_path)
        with contextlib.redirect_stdout(io.StringIO()):
            peer.createIndex()
        made = pycocotools.COCO()
        dataset = annoconv.open(path)
        made.dataset = dataset.to_coco()
        with contextlib.redirect_stdout(io.StringIO()):
            made.createIndex()
        assert made.dataset == peer.dataset, path
        assert made.anns == peer.anns and made.imgToAnns == peer.imgToAnns and made.cats == peer.cats
        assert annoconv.to_coco(list(dataset)) == peer.dataset, path


def test_a_dict_is_written_as_its_file(tmp_path):
    for number, path in enumerate([save(tmp_path, coco()), odd(tmp_path), *real_files()]):
        peer = loaded(path)
        dataset = annoconv.from_coco(peer.dataset)
        output = tmp_path / f"{number}.json"
        annoconv.write(dataset, output, to="coco")
        assert load(output) == expected(path, tmp_path), path
        assert [image.boxes().tolist() for image in dataset] == [
            image.boxes().tolist() for image in annoconv.open(path)
        ]


def test_a_dict_may_have_values_of_numpy_and_bytes(tmp_path):
    value = coco()
    value["annotations"][1]["bbox"] = np.array([2, 3, 4, 4], dtype=np.float32)
    value["annotations"][1]["id"] = np.int64(1)
    array = np.asfortranarray(np.eye(32, 64, dtype=np.uint8))
    value["annotations"][2]["segmentation"] = masks_of_coco.encode(array)
    dataset = annoconv.from_coco(value)
    assert dataset[0].boxes("xywh")[0].tolist() == [2, 3, 4, 4]
    assert np.array_equal(dataset[0].masks()[1], array.astype(bool))


def test_what_is_wrong_in_a_dict_is_named_with_its_place():
    value = coco()
    value["annotations"][1]["image_id"] = 77
    with pytest.raises(annoconv.UnknownError, match="/annotations/1: expected an image_id"):
        annoconv.from_coco(value)
    dataset = annoconv.from_coco(value, on_error="skip")
    assert sum(len(image) for image in dataset) == 2 and dataset.unreadable == 1
    value["annotations"][1]["bbox"] = [float("nan"), 0, 1, 1]
    with pytest.raises(annoconv.Error):
        list(annoconv.from_coco(value))
    with pytest.raises(TypeError, match="coco: expected a dict, found list"):
        annoconv.from_coco([])
    with pytest.raises(TypeError, match="coco: expected plain values, found object"):
        annoconv.from_coco({"images": [object()]})
