"""What goes wrong, or is odd, in data that Python holds."""

import base64
import json
import os
import threading

import pytest

import annoconv


def labelme(folder):
    """A LabelMe file that holds its picture, and a member that nobody knows."""
    shape = {"label": "cat", "points": [[1.0, 2.0], [5.0, 2.0], [5.0, 8.0]], "shape_type": "polygon", "flags": {}}
    picture = base64.b64encode(b"a picture").decode()
    file = {"version": "5.0.1", "flags": {}, "shapes": [shape], "imagePath": "a.jpg", "imageData": picture}
    file.update({"imageHeight": 20, "imageWidth": 30, "camera": "x"})
    (folder / "a.json").write_text(json.dumps(file))
    return file


def test_labelme_through_python_keeps_what_was_not_changed(tmp_path):
    (tmp_path / "in").mkdir()
    file = labelme(tmp_path / "in")
    dataset = annoconv.open(tmp_path / "in")
    annoconv.write(dataset, tmp_path / "out", to="labelme")
    assert json.loads((tmp_path / "out/a.json").read_text()) == file


def test_an_image_of_another_name_has_a_label_of_that_name(tmp_path):
    (tmp_path / "in").mkdir()
    labelme(tmp_path / "in")

    def renamed():
        for image in annoconv.open(tmp_path / "in"):
            image.file_name = "b.jpg"
            yield image

    annoconv.write(renamed(), tmp_path / "out", to="labelme")
    assert os.listdir(tmp_path / "out") == ["b.json"]


def test_an_image_without_its_annotations_says_so(tmp_path):
    labelme(tmp_path)
    dataset = annoconv.open(tmp_path)
    for ask in (lambda it: it.annotations, len, lambda it: it.boxes()):
        with pytest.raises(annoconv.UsageError, match="infos"):
            ask(dataset.infos()[0])
    assert "a.jpg" in repr(dataset.infos()[0]) and len(dataset[0]) == 1


def test_masks_too_large_for_the_memory_are_an_exception():
    pytest.importorskip("numpy")
    # 4 TiB.
    mask = annoconv.Mask((2**26, 2**16), [2**31] * 2**11)
    with pytest.raises(MemoryError, match="too large"):
        mask.to_array()


def test_faults_are_told_to_several_threads(tmp_path):
    records = {"images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}], "categories": []}
    records["annotations"] = [{"id": 1, "image_id": 1, "bbox": "x"}]
    (tmp_path / "a.json").write_text(json.dumps(records))
    dataset = annoconv.open(tmp_path / "a.json", on_error="skip")
    list(dataset)
    seen = []
    threads = [threading.Thread(target=lambda: seen.extend(dataset.faults)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(seen) == 8 * dataset.unreadable and dataset.unreadable > 0


def test_a_dict_may_be_written_to_a_folder_of_any_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkdir("coco")
    coco = {"images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}], "annotations": [], "categories": []}
    report = annoconv.write(annoconv.from_coco(coco), "coco", to="yolo", overwrite=True)
    assert report.images == 1


def test_a_short_call_has_its_callback(tmp_path):
    labelme(tmp_path)
    works = []
    annoconv.open(tmp_path, progress=lambda *step: works.append(step))

    def fail(*step):
        raise RuntimeError("stop here")

    with pytest.raises(RuntimeError, match="stop here"):
        annoconv.convert(tmp_path, tmp_path / "x.json", to="coco", progress=fail)
    assert not (tmp_path / "x.json").exists()
