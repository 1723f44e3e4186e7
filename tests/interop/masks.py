#!/usr/bin/env python3
"""Masks written as one ring an object, painted again by Ultralytics' own code: how much of them comes back.

Each mask is compared with the source's, which pycocotools paints. The goals are asserted.
"""
import argparse
import json
import os
import random
import subprocess
import tempfile

import cv2
import numpy
from pycocotools import mask as coco_mask

import check

# What is written, and whether its points are resampled before they are painted.
READERS = {
    "YOLO": (["--to", "yolo", "--task", "segment"], False),
    "YOLO, in training": (["--to", "yolo", "--task", "segment"], True),
    "VIA": (["--to", "vgg"], False),
}
# What is compared with the defaults.
PLAIN = ["--holes", "fill", "--rings", "edge"]


def painter(wheels):
    """Ultralytics' way from a label's row to a mask: points as 32-bit numbers, in pixels, painted. In
    training, points are added before (at least 1000 in all), on a straight way between those that are there."""
    scope = check.ultralytics_scope(wheels)
    scope["cv2"] = cv2
    archive = check.wheel(wheels, "ultralytics")
    check.functions(archive, "ultralytics/data/utils.py", ["polygon2mask"], scope)
    check.functions(archive, "ultralytics/utils/ops.py", ["resample_segments"], scope)

    def paint(segment, size, is_fraction, is_resampled):
        width, height = size
        segment = numpy.array(segment, dtype=numpy.float32).reshape(-1, 2)
        if is_resampled:
            # As YOLODataset.update_labels_info.
            segment = scope["resample_segments"]([segment], n=max(1000, len(segment) + 1))[0]
        if is_fraction:
            # As Instances.denormalize.
            segment = segment * numpy.array([width, height], dtype=numpy.float32)
        return scope["polygon2mask"]((height, width), [segment.reshape(-1)]).astype(bool)

    return paint


def source_mask(annotation, image):
    """As annToMask of pycocotools."""
    height, width = image["height"], image["width"]
    shape = annotation["segmentation"]
    if isinstance(shape, list):
        shape = coco_mask.merge(coco_mask.frPyObjects(shape, height, width))
    elif isinstance(shape["counts"], list):
        shape = coco_mask.frPyObjects(shape, height, width)
    return coco_mask.decode(shape).astype(bool)


def one_each(data):
    """The dataset with an image for each annotation, so that what is written is known by its image."""
    images = {image["id"]: image for image in data["images"]}
    new = {"images": [], "annotations": [], "categories": data["categories"]}
    for annotation in data["annotations"]:
        if not annotation.get("segmentation"):
            continue
        image = images[annotation["image_id"]]
        number = len(new["images"]) + 1
        new["images"].append({"id": number, "file_name": f"{number:06}.jpg",
                              "width": image["width"], "height": image["height"]})
        own = {key: annotation[key] for key in ("category_id", "segmentation") if key in annotation}
        new["annotations"].append({**own, "id": number, "image_id": number, "iscrowd": 0})
    return new


def rings_of(output, count):
    """The rings of each image, from 1."""
    if os.path.isdir(output):
        for number in range(1, count + 1):
            rows = open(os.path.join(output, f"{number:06}.txt")).read().splitlines()
            yield [[float(word) for word in row.split()[1:]] for row in rows]
        return
    entries = {entry["filename"]: entry for entry in json.load(open(output)).values()}
    for number in range(1, count + 1):
        regions = [region["shape_attributes"] for region in entries[f"{number:06}.jpg"]["regions"]]
        yield [[value for point in zip(it["all_points_x"], it["all_points_y"]) for value in point] for it in regions]


def parts_painted(annotation, image, paint):
    """The polygons of an object, each painted by itself by the reader."""
    size = image["width"], image["height"]
    return numpy.any([paint(ring, size, False, False) for ring in annotation["segmentation"]], axis=0)


def overlaps(program, data, reader, options, paint, is_own=False):
    """The overlap (IoU) of each mask with what is painted again; with `is_own`, that of what the
    reader paints of each polygon by itself, which leaves out how painters differ."""
    target, is_resampled = READERS[reader]
    is_via = "vgg" in target
    with tempfile.TemporaryDirectory() as place:
        coco, output = os.path.join(place, "coco.json"), os.path.join(place, "out.json" if is_via else "out")
        json.dump(data, open(coco, "w"))
        command = [program, "convert", coco, "-o", output, *target, *options]
        subprocess.run([*command, "--quiet"], check=True)
        found = []
        rings = rings_of(output, len(data["images"]))
        for image, annotation, own in zip(data["images"], data["annotations"], rings):
            expected = parts_painted(annotation, image, paint) if is_own else source_mask(annotation, image)
            size = image["width"], image["height"]
            again = numpy.zeros_like(expected)
            for ring in own:
                again |= paint(ring, size, not is_via, is_resampled)
            union = (expected | again).sum()
            found.append((expected & again).sum() / union if union else 1.0)
        return numpy.array(found)


def rle(mask):
    """A mask as COCO's uncompressed runs."""
    flat = mask.flatten(order="F").astype(int)
    edges = numpy.flatnonzero(numpy.diff(flat)) + 1
    runs = numpy.diff(numpy.concatenate(([0], edges, [len(flat)]))).tolist()
    return {"size": list(mask.shape), "counts": ([0] if flat[0] else []) + runs}


def blob(rng, mask, value, centre, radius):
    """Paints a disc whose border is rough."""
    height, width = mask.shape
    y, x = numpy.mgrid[:height, :width]
    angle = numpy.arctan2(y - centre[1], x - centre[0])
    wave = sum(rng.uniform(0, 0.15) * numpy.sin(turns * angle + rng.uniform(0, 6)) for turns in (2, 3, 5, 9))
    mask[numpy.hypot(x - centre[0], y - centre[1]) < radius * (1 + wave)] = value


def largest(mask):
    """The largest part of a mask."""
    _, labels = cv2.connectedComponents(mask.astype(numpy.uint8))
    return labels == 1 + numpy.bincount(labels.ravel())[1:].argmax()


def of_pixels(seed):
    """Masks of a kind each: (kind, mask). Made from a fixed seed."""
    rng = random.Random(seed)
    for number in range(40):
        width, height = rng.randint(120, 1999), rng.randint(120, 1333)
        centre, radius = (width / 2, height / 2), min(width, height) * rng.uniform(0.25, 0.4)
        plain = numpy.zeros((height, width), bool)
        blob(rng, plain, True, centre, radius)
        yield "one part", plain
        holed = plain.copy()
        for _ in range(rng.randint(1, 6)):
            at = [side + rng.uniform(-0.5, 0.5) * radius for side in centre]
            blob(rng, holed, False, at, radius * rng.uniform(0.02, 0.25))
        yield "holes", largest(holed)
        touching = numpy.zeros((height, width), bool)
        x, y, side = width // 2, height // 2, int(radius / 2)
        touching[y - side:y, x - side:x] = touching[y:y + side, x:x + side] = True
        touching[y + 2:y + side - 2, x + 2:x + side - 2] = False
        yield "touching at corners", touching
        thin = numpy.zeros((height, width), bool)
        at = [width // 2, height // 2]
        for _ in range(rng.randint(1, 400)):
            thin[at[1] % height, at[0] % width] = True
            at = [at[0] + rng.choice([-1, 0, 1]), at[1] + rng.choice([-1, 0, 1])]
        yield "one pixel wide", thin
        nested = plain.copy()
        blob(rng, nested, False, centre, radius * 0.6)
        blob(rng, nested, True, centre, radius * 0.3)
        yield "an island in a hole", nested
        apart = numpy.zeros((max(height, width), width), bool)
        for share in (0.2, 0.5, 0.8):
            at = (width * share, len(apart) * rng.uniform(0.4, 0.6))
            blob(rng, apart, True, at, width * rng.uniform(0.06, 0.09))
        yield "parts apart", apart


# The kinds of masks that need no bridge between parts: these come back pixel for pixel.
EXACT = ["one part", "holes", "touching at corners", "one pixel wide"]
# Masks of parts apart: each bridge is painted, too, a pixel wide.
APART = ["parts apart", "COCO val2014, pixels"]
# Polygons whose points are stated: OpenCV cuts them to whole numbers and paints the border, too, and
# pycocotools does neither. No writer can change that who keeps the points.
PAINTED_OTHERWISE = ["FracAtlas, polygons", "COCO val2014, polygons", "one polygon in another", "overlapping polygons"]
ONE_BY_ONE = "{}, each polygon painted by itself"
AS_PIXELS = ", --rings painted"

# A stated whole number that is rounded down as a fraction is cut to the pixel before.
LOWER = {(ONE_BY_ONE.format(name), "YOLO"): 0.98 for name in ("one polygon in another", "overlapping polygons")}


def square(x, y, side):
    return [x, y, x + side, y, x + side, y + side, x, y + side]


def of_polygons(seed):
    """Objects of several polygons: one within another, and overlapping."""
    rng = random.Random(seed)
    for _ in range(40):
        x, y, side = rng.randint(5, 200), rng.randint(5, 200), rng.randint(60, 300)
        inner = rng.randint(side // 4, side // 2)
        yield "one polygon in another", [square(x, y, side), square(x + 10, y + 12, inner)]
        yield "overlapping polygons", [square(x, y, side), square(x + side - 20, y + side // 2, inner)]


def own_set():
    """The kinds, and a dataset for each."""
    kinds = {}
    for kind, mask in of_pixels(7):
        kinds.setdefault(kind, []).append((mask.shape, rle(mask)))
    for kind, parts in of_polygons(7):
        kinds.setdefault(kind, []).append(((700, 700), parts))
    return {kind: dataset(shapes) for kind, shapes in kinds.items()}


def dataset(shapes):
    data = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "thing"}]}
    for number, ((height, width), shape) in enumerate(shapes, 1):
        data["images"].append({"id": number, "file_name": f"{number:06}.jpg", "width": width, "height": height})
        data["annotations"].append({"id": number, "image_id": number, "category_id": 1, "segmentation": shape, "iscrowd": 0})
    return data


def published(fracatlas, cases):
    """The masks of published datasets, those of pixels and those of polygons apart."""
    files = []
    if fracatlas:
        files.append(("FracAtlas", os.path.join(fracatlas, "Annotations/COCO JSON/COCO_fracture_masks.json")))
    if cases:
        val = "coco-val2014-100/tests/dataset/cocoapi/instances_val2014_100.json"
        files.append(("COCO val2014", os.path.join(cases, val)))
    for name, path in files:
        data = json.load(open(path))
        for kind, is_kind in (("polygons", True), ("pixels", False)):
            own = [it for it in data["annotations"] if isinstance(it.get("segmentation"), list) == is_kind]
            if own:
                yield f"{name}, {kind}", one_each({**data, "annotations": own})


def report(rows):
    print("| masks | number | target | mean before | least before | mean | least | equal |")
    print("|---|---|---|---|---|---|---|---|")
    for name, target, before, after in rows:
        equal = int((after == 1.0).sum())
        print(f"| {name} | {len(after)} | {target} | {before.mean():.4f} | {before.min():.4f} "
              f"| {after.mean():.4f} | {after.min():.4f} | {equal} |")


def judge(rows):
    """The goals: pixels come back as they were; where parts are apart, nearly so, as bridges are
    painted, too; of polygons, what the reader paints of them one by one."""
    require = check.CHECKS.require
    for name, reader, before, after in rows:
        if name in EXACT and reader != "YOLO, in training":
            require((after == 1.0).all(), name, reader, "least", after.min())
        elif name in PAINTED_OTHERWISE or name in APART:
            require(after.mean() >= before.mean(), name, reader, "mean", after.mean())
        else:
            require(after.mean() >= LOWER.get((name, reader), 0.99), name, reader, "mean", after.mean())


def rows_of(name, data, program, plain, paint, is_own=False):
    for reader in READERS:
        if is_own and reader == "YOLO, in training":
            continue
        ways = [plain, (program, ["--rings", "painted"] if name.endswith(AS_PIXELS) else [])]
        before, after = (overlaps(own, data, reader, options, paint, is_own) for own, options in ways)
        yield name, reader, before, after


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wheels", required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--before", help="another version of the program, to be compared with")
    arguments = parser.parse_args()
    paint = painter(arguments.wheels)
    plain = (arguments.before, []) if arguments.before else (arguments.program, PLAIN)
    sets = []
    for name, data in own_set().items():
        sets.append((name, data, False))
        if name in PAINTED_OTHERWISE:
            sets.append((ONE_BY_ONE.format(name), data, True))
    for name, data in published(os.environ.get("FRACATLAS_DIR"), os.environ.get("ANNOCONV_CASES_DIR")):
        sets.append((name, data, False))
        if "polygons" in name:
            sets.append((ONE_BY_ONE.format(name), data, True))
            sets.append((name + AS_PIXELS, data, False))
    rows = [row for name, data, is_own in sets
            for row in rows_of(name, data, arguments.program, plain, paint, is_own)]
    report(rows)
    judge(rows)
    print("interop:", sum(len(row[3]) for row in rows), "masks painted again")


if __name__ == "__main__":
    main()
