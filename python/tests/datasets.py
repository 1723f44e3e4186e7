"""Datasets for the tests of data."""

import json
import pathlib

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "bones"


def bones():
    """The file of the fixtures."""
    return next(iter(sorted((FIXTURES / "coco").glob("*.json"))))


def coco():
    """Polygons, a crowd, a box alone, members without a place, annotations in an order of their own."""
    return {
        "info": {"year": 2026},
        "more": [1, 2.5],
        "images": [
            {"id": 5, "file_name": "a.jpg", "width": 64, "height": 32, "camera": "x"},
            {"id": 6, "file_name": "b.jpg", "width": 64, "height": 32},
            {"id": 7, "file_name": "c.jpg", "width": 64, "height": 32},
        ],
        "annotations": [
            {"id": 4, "image_id": 6, "category_id": 9, "bbox": [1.0, 1, 5, 5], "note": {"by": "a"},
             "area": 25, "iscrowd": 0},
            {"id": 1, "image_id": 5, "category_id": 7, "bbox": [2.0, 3.0, 4.0, 4.0], "area": 16.0,
             "iscrowd": 0, "segmentation": [[2, 3, 6, 3, 6, 7, 2, 7]]},
            {"id": 3, "image_id": 5, "category_id": 9, "bbox": [1, 8, 1, 5], "area": 5, "iscrowd": 1,
             "segmentation": {"size": [32, 64], "counts": [40, 5, 2003]}},
        ],
        "categories": [
            {"id": 7, "name": "car", "supercategory": "thing"},
            {"id": 9, "name": "van"},
        ],
    }


def many(count, each=3):
    """A dataset of so many images."""
    images = [
        {"id": number, "file_name": f"{number:06}.jpg", "width": 640, "height": 480}
        for number in range(count)
    ]
    annotations = [
        {"id": number * each + at, "image_id": number, "category_id": 1 + at % 2, "iscrowd": 0,
         "area": 12, "bbox": [number % 600, at, 3, 4],
         "segmentation": [[number % 600, at, number % 600 + 3, at, number % 600, at + 4]]}
        for number in range(count)
        for at in range(each)
    ]
    categories = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    return {"images": images, "annotations": annotations, "categories": categories}


def save(folder, value, name="in.json"):
    """A file of a dataset."""
    path = folder / name
    path.write_text(json.dumps(value))
    return path


def load(path):
    """The values of a file."""
    return json.loads(path.read_text())
