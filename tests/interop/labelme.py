#!/usr/bin/env python3
"""LabelMe files that we write, loaded by LabelMe's own code and painted by it; and LabelMe files as we read them.

LabelMe's package needs Qt and a display. Its reader and its painter need neither, and are taken out of its wheel.
"""
import argparse
import base64
import glob
import io
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time
import types
import uuid
import math

import numpy
import PIL.ExifTags
import PIL.Image
import PIL.ImageDraw
import PIL.ImageOps
from pycocotools import mask as coco_mask

import check
import masks

CHECKS = check.CHECKS


def labelme_scope(wheels):
    """LabelMe's `LabelFile.load` and `shapes_to_label` with what they call."""
    archive = check.wheel(wheels, "labelme")
    quiet = types.SimpleNamespace(debug=lambda *_: None)
    scope = {"np": numpy, "PIL": PIL, "io": io, "json": json, "base64": base64, "time": time, "math": math, "uuid": uuid,
             "Path": pathlib.Path, "PureWindowsPath": pathlib.PureWindowsPath, "logger": quiet, "ShapeDict": dict,
             "LabelData": types.SimpleNamespace, "LabelFileReadError": ValueError,
             "_RESERVED_TOP_LEVEL_KEYS": (), "_DISPLAYABLE_MODES": {"1", "L", "P", "RGB", "RGBA", "LA", "PA"}}
    names = ["img_data_to_pil", "img_data_to_arr", "img_b64_to_arr", "apply_exif_orientation"]
    check.functions(archive, "labelme/utils/image.py", names, scope)
    scope["utils"] = types.SimpleNamespace(**{name: scope[name] for name in names})
    names = ["_load_shape_json_obj", "read_image_file", "_check_image_dimensions", "read_label_file", "_imread"]
    check.functions(archive, "labelme/_label_file.py", names, scope)
    check.functions(archive, "labelme/_label_file.py", ["load"], scope, owner="LabelFile")
    check.functions(archive, "labelme/utils/shape.py", ["shape_to_mask", "shapes_to_label"], scope)
    return scope


def load(path, scope):
    """A file as LabelMe's `LabelFile` has it."""
    loaded = types.SimpleNamespace()
    scope["load"](loaded, filename=path)
    return loaded


def convert(program, *arguments):
    subprocess.run([program, "convert", *arguments, "--quiet"], check=True)


def made(rng):
    """A dataset of images with masks that have holes and parts, and polygons of one part and more."""
    images, annotations = [], []
    for number in range(1, 41):
        width, height = rng.randrange(20, 90), rng.randrange(20, 90)
        images.append({"id": number, "file_name": f"{number}.png", "width": width, "height": height})
        for category in (1, 2):
            mask = numpy.zeros((height, width), dtype=bool)
            masks.blob(rng, mask, True, (rng.randrange(width), rng.randrange(height)), rng.randrange(3, 25))
            masks.blob(rng, mask, False, (rng.randrange(width), rng.randrange(height)), rng.randrange(2, 9))
            ring = lambda: [round(rng.uniform(0, side), 2) for _ in range(4) for side in (width, height)]
            rings = [ring() for _ in range(rng.randrange(1, 4))]
            shapes = ([masks.rle(mask)] if mask.any() else []) + [rings]
            for shape in shapes:
                annotations.append({"id": len(annotations) + 1, "image_id": number, "category_id": category,
                                    "iscrowd": 0, "segmentation": shape})
    categories = [{"id": 1, "name": "a"}, {"id": 2, "name": "b \u00fc"}]
    return {"images": images, "annotations": annotations, "categories": categories}


def decoded(annotation):
    shape = annotation["segmentation"]
    return coco_mask.decode(coco_mask.frPyObjects(shape, *shape["size"])).astype(bool)


def check_written(program, scope):
    """All shapes are loaded; LabelMe's masks are COCO's, pixel for pixel, and so are the points."""
    data = made(random.Random(7))
    with tempfile.TemporaryDirectory() as place:
        coco, images = os.path.join(place, "coco.json"), os.path.join(place, "images")
        json.dump(data, open(coco, "w"))
        os.mkdir(images)
        for image in data["images"]:
            PIL.Image.new("L", (image["width"], image["height"])).save(os.path.join(images, image["file_name"]))
        convert(program, coco, "--images", images, "--to", "labelme", "-o", images, "--overwrite")
        names = {category["id"]: category["name"] for category in data["categories"]}
        for image in data["images"]:
            path = os.path.join(images, image["file_name"].replace(".png", ".json"))
            loaded = load(path, scope)
            CHECKS.count("LabelMe files loaded")
            own = [it for it in data["annotations"] if it["image_id"] == image["id"]]
            check_image(path, loaded, own, names, (image["height"], image["width"]), scope)


def check_image(path, loaded, annotations, names, size, scope):
    numbers = {name: number for number, name in enumerate(names.values(), 1)}
    objects = {}
    for number, shape in enumerate(loaded.shapes):
        key = number if shape["group_id"] is None else (shape["label"], shape["group_id"])
        objects.setdefault(key, []).append(shape)
    CHECKS.require(len(objects) == len(annotations), path, len(objects), len(annotations))
    for shapes, annotation in zip(objects.values(), annotations):
        CHECKS.require(all(shape["label"] == names[annotation["category_id"]] for shape in shapes), path)
        classes, instances = scope["shapes_to_label"](size, shapes, numbers)
        CHECKS.require(instances.max() == 1 and classes.max() == annotation["category_id"], path, "objects")
        if isinstance(annotation["segmentation"], dict):
            CHECKS.require((instances.astype(bool) == decoded(annotation)).all(), path, "mask")
            CHECKS.count("LabelMe masks, pixel for pixel")
        else:
            rings = [[value for point in shape["points"] for value in point] for shape in shapes]
            CHECKS.require(rings == annotation["segmentation"], path, "polygon")
            CHECKS.count("LabelMe polygons of one part or more")


def check_read(program, scope, fixtures):
    """Masks in COCO are those that LabelMe paints of its own files; other areas are so within their borders."""
    folder = os.path.join(fixtures, "bones", "labelme")
    with tempfile.TemporaryDirectory() as place:
        coco = os.path.join(place, "coco.json")
        convert(program, folder, "--to", "coco", "-o", coco)
        data = json.load(open(coco))
    objects = 0
    for image in data["images"]:
        found = glob.glob(os.path.join(folder, "**", os.path.basename(image["file_name"]).replace(".jpg", ".json")), recursive=True)
        if not found:
            continue
        shapes = [scope["_load_shape_json_obj"](shape_json_obj={"shape_type": "polygon", **shape})
                  for shape in json.load(open(found[0]))["shapes"]]
        keys = {(shape["label"], number if shape["group_id"] is None else -1 - shape["group_id"])
                for number, shape in enumerate(shapes)}
        own = [it for it in data["annotations"] if it["image_id"] == image["id"]]
        CHECKS.require(len(keys) == len(own), found[0], "objects", len(keys), len(own))
        objects += len(own)
        size = image.get("height"), image.get("width")
        single = [shape for shape in shapes if shape["shape_type"] == "mask" and shape["group_id"] is None]
        expected = [it for it in own if isinstance(it["segmentation"], dict)]
        for shape, annotation in zip(single, expected):
            _, painted = scope["shapes_to_label"](size, [shape], {shape["label"]: 1})
            run_lengths = {**annotation["segmentation"], "counts": annotation["segmentation"]["counts"].encode()}
            mask = coco_mask.decode(run_lengths).astype(bool)
            CHECKS.require((mask == painted.astype(bool)).all(), found[0], "mask")
            CHECKS.count("masks of LabelMe files, pixel for pixel")
    CHECKS.require(objects > 0, "no objects")
    CHECKS.count("objects of LabelMe files", objects)


def check_again(program, scope, fixtures):
    """What is repeated is loaded, too, with the images beside it."""
    with tempfile.TemporaryDirectory() as place:
        bones = os.path.join(place, "bones")
        shutil.copytree(os.path.join(fixtures, "bones", "images"), bones)
        coco = os.path.join(fixtures, "bones", "coco", "annotations.json")
        again = os.path.join(place, "again")
        convert(program, coco, "--images", bones, "--to", "labelme", "--crowd", "keep", "-o", bones, "--overwrite")
        convert(program, bones, "--from", "labelme", "--to", "labelme", "-o", again)
        for path in sorted(glob.glob(os.path.join(bones, "**", "*.json"), recursive=True)):
            copy = os.path.join(again, os.path.relpath(path, bones))
            CHECKS.require(json.load(open(path)) == json.load(open(copy)), copy)
            load(path, scope)
            CHECKS.count("LabelMe files loaded")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheels", required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--fixtures", required=True)
    arguments = parser.parse_args()
    scope = labelme_scope(arguments.wheels)
    check_written(arguments.program, scope)
    check_read(arguments.program, scope, arguments.fixtures)
    check_again(arguments.program, scope, arguments.fixtures)
    for name, count in CHECKS.counts.items():
        print(f"interop: {count} {name}")


if __name__ == "__main__":
    main()
