"""To and from the detections of supervision."""

import numpy as np
import pytest
from datasets import bones

import annoconv

supervision = pytest.importorskip("supervision")


def test_detections_have_boxes_masks_classes_and_their_names():
    for image in annoconv.open(bones()):
        detections = image.to_supervision()
        assert isinstance(detections, supervision.Detections) and len(detections) == len(image)
        if not len(image):
            continue
        assert np.array_equal(detections.xyxy, image.boxes("xyxy"))
        assert np.array_equal(detections.class_id, image.classes)
        names = [annotation.category for annotation in image.annotations]
        assert detections.data["class_name"].tolist() == names
        if detections.mask is not None:
            assert np.array_equal(detections.mask, image.masks())


def test_there_and_back_gives_the_same(tmp_path):
    for image in annoconv.open(bones()):
        detections = image.to_supervision()
        again = annoconv.Image.from_supervision(
            detections, file_name=image.file_name, width=image.width, height=image.height
        )
        assert (again.file_name, again.width, again.height) == (image.file_name, image.width, image.height)
        assert np.array_equal(again.boxes(), image.boxes())
        if detections.mask is not None:
            assert np.array_equal(again.masks(), image.masks())
        names = [annotation.category for annotation in image.annotations]
        assert [annotation.category for annotation in again.annotations] == names
        twin = again.to_supervision()
        assert np.array_equal(twin.xyxy, detections.xyxy)


def test_scores_are_confidences(tmp_path):
    detections = supervision.Detections(
        xyxy=np.array([[1, 2, 5, 6], [0, 0, 2.5, 3]], dtype=np.float32),
        confidence=np.array([0.5, 0.25]), class_id=np.array([1, 0]),
    )
    image = annoconv.Image.from_supervision(
        detections, file_name="a.jpg", width=20, height=10, class_names=["cat", "dog"]
    )
    assert [(it.category, it.score) for it in image.annotations] == [("dog", 0.5), ("cat", 0.25)]
    annoconv.write([image], tmp_path / "out.json", to="coco", categories=["cat", "dog"])
    again = annoconv.open(tmp_path / "out.json")[0].to_supervision()
    assert np.array_equal(again.xyxy, detections.xyxy.astype(float))
    assert again.confidence.tolist() == [0.5, 0.25] and again.class_id.tolist() == [1, 0]


def test_what_does_not_fit_is_refused():
    detections = supervision.Detections(xyxy=np.array([[1, 2, 5, 6.0]]), class_id=np.array([3]))
    with pytest.raises(ValueError, match="class_names: expected the names"):
        annoconv.Image.from_supervision(detections, file_name="a.jpg")
    with pytest.raises(ValueError, match="class_id: expected 0 to 0, found 3"):
        annoconv.Image.from_supervision(detections, file_name="a.jpg", class_names=["a"])
    detections.mask = np.zeros((1, 8, 9), dtype=bool)
    with pytest.raises(ValueError, match="expected 10x8, found masks of 9x8"):
        annoconv.Image.from_supervision(
            detections, file_name="a.jpg", width=10, height=8, class_names=["a"] * 4
        )
