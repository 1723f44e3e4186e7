#!/usr/bin/env python3
"""Reads what annoconv writes with the code of the programs that it is written for."""
import argparse
import ast
import contextlib
import glob
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import uuid
import xml.etree.ElementTree as ET
import zipfile


def wheel(folder, name):
    """The wheel of a package in a folder."""
    found = glob.glob(os.path.join(folder, name + "-*.whl"))
    return found[0] if found else None


def functions(archive, path, names, scope, owner=None):
    """Defines functions of a file in a wheel, or of a class in it, in `scope`, without importing the file."""
    tree = ast.parse(zipfile.ZipFile(archive).read(path))
    if owner:
        tree = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == owner)
    wanted = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in names]
    assert {node.name for node in wanted} == set(names), (path, names)
    for node in wanted:
        node.decorator_list = []
    module = ast.Module(body=[ast.parse("from __future__ import annotations").body[0]] + wanted, type_ignores=[])
    exec(compile(module, path, "exec"), scope)


class Checks:
    """Counts what was checked, and fails loudly where nothing was."""

    def __init__(self):
        self.counts = {}

    def count(self, name, number=1):
        self.counts[name] = self.counts.get(name, 0) + number

    def require(self, truth, *message):
        if not truth:
            print("interop: FAILED:", *message)
            sys.exit(1)


CHECKS = Checks()

# Pixels of a polygon's tip that pycocotools' rasterisation may leave out: 3.11 in FracAtlas' own file.
TIP = 4


def check_coco(path):
    """pycocotools loads it; its masks have the stated boxes and areas, within a pixel."""
    from pycocotools.coco import COCO

    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(path)
    for annotation in coco.loadAnns(coco.getAnnIds()):
        CHECKS.count("COCO annotations")
        coco.loadCats(annotation["category_id"])
        image = coco.loadImgs(annotation["image_id"])[0]
        if not annotation["segmentation"]:
            continue
        mask = coco.annToMask(annotation)
        CHECKS.require(mask.shape == (image["height"], image["width"]), path, annotation["id"])
        check_mask(path, annotation, mask)


def check_mask(path, annotation, mask):
    rows, columns = mask.any(1).nonzero()[0], mask.any(0).nonzero()[0]
    x, y, width, height = annotation["bbox"]
    # How far each edge of the mask is inside the box. pycocotools' masks lack the sharp tips of
    # polygons, so that some edges are further inside than a pixel; none may be further outside.
    inside = (columns[0] - x, rows[0] - y, x + width - columns[-1] - 1, y + height - rows[-1] - 1)
    CHECKS.require(min(inside) >= -1 and max(inside) <= TIP, path, "box of", annotation["id"], inside)
    CHECKS.count("of them with a tip of more than a pixel cut off", int(max(inside) > 1))
    border = sum(perimeter(ring) for ring in annotation["segmentation"]) \
        if isinstance(annotation["segmentation"], list) else 0
    difference = abs(int(mask.sum()) - annotation["area"])
    CHECKS.require(difference <= border, path, "area of", annotation["id"], difference, border)
    CHECKS.count("COCO masks")


def perimeter(ring):
    points = list(zip(ring[0::2], ring[1::2]))
    pairs = zip(points, points[1:] + points[:1])
    return sum(((a - c) ** 2 + (b - d) ** 2) ** 0.5 for (a, b), (c, d) in pairs)


def ultralytics_scope(wheels):
    """`verify_image_label` of Ultralytics with what it calls, numpy only."""
    import numpy
    from PIL import Image, ImageFile, ImageOps

    # A damaged image is no fault of its label: FracAtlas has some.
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    archive = wheel(wheels, "ultralytics")
    scope = {"np": numpy, "Image": Image, "ImageOps": ImageOps, "os": os,
             "IMG_FORMATS": {"jpg", "jpeg", "png"}, "FORMATS_HELP_MSG": "", "torch": None, "Path": pathlib.Path, "uuid4": uuid.uuid4}
    functions(archive, "ultralytics/utils/ops.py", ["segments2boxes", "xyxy2xywh", "empty_like"], scope)
    scope["torch"] = type("torch", (), {"Tensor": type(None)})
    functions(archive, "ultralytics/data/utils.py", ["_exif_jpeg", "_replace_image", "check_image", "exif_size", "verify_image_label"], scope)
    return scope


def check_yolo(folder, images, verify):
    """Every label passes Ultralytics' own check, with as many rows as the file has."""
    names = open(glob.glob(os.path.join(folder, "*asses.txt"))[0], encoding="utf-8").read().splitlines()
    for label in sorted(glob.glob(os.path.join(folder, "**", "*.txt"), recursive=True)):
        image = images.get(os.path.basename(label)[:-4])
        if image is None:
            continue
        result = verify((image, label, "", False, len(names), 0, 0, False))
        missing, _, _, corrupt, message = result[5:10]
        CHECKS.require(not missing and not corrupt, label, message)
        rows = open(label).read().splitlines()
        CHECKS.require(len(result[1]) == len(rows), label, "rows")
        CHECKS.count("YOLO labels")
        CHECKS.count("YOLO rows", len(rows))


def check_voc(folder, parse):
    """torchvision's parser finds a size and boxes within it."""
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.xml"), recursive=True)):
        annotation = parse(ET.parse(path).getroot())["annotation"]
        width, height = (int(annotation["size"][side]) for side in ("width", "height"))
        for item in annotation.get("object", []):
            box = [float(item["bndbox"][edge]) for edge in ("xmin", "ymin", "xmax", "ymax")]
            inside = 0 <= box[0] <= box[2] <= width + 1 and 0 <= box[1] <= box[3] <= height + 1
            CHECKS.require(inside and item["name"], path, box)
            CHECKS.count("VOC objects")
        CHECKS.count("VOC files")


def check_via(path, version):
    """VIA's rules: the key, the regions' form, the shapes' members, closed rings."""
    members = {"rect": {"x", "y", "width", "height"}, "polygon": {"all_points_x", "all_points_y"}}
    for key, entry in json.load(open(path, encoding="utf-8")).items():
        CHECKS.require(key in (entry["filename"], entry["filename"] + str(entry["size"])), path, key)
        regions = entry["regions"]
        CHECKS.require(isinstance(regions, dict if version == 1 else list), path, key)
        if version == 1:
            CHECKS.require(list(regions) == [str(i) for i in range(len(regions))], path, key)
            regions = regions.values()
        for region in regions:
            shape = dict(region["shape_attributes"])
            name = shape.pop("name")
            CHECKS.require(set(shape) == members[name], path, key, shape)
            if name == "polygon":
                xs, ys = shape["all_points_x"], shape["all_points_y"]
                CHECKS.require(len(xs) == len(ys) > 3 and (xs[0], ys[0]) == (xs[-1], ys[-1]), path, key)
            CHECKS.count("VIA regions")


def check_join(program, coco, merge):
    """Objects of two parts have the points of Ultralytics' own merge, in its order. Of more parts, or where
    parts overlap, the way along the ring is shorter than its."""
    import numpy

    data = json.load(open(coco))
    images = {image["id"]: image for image in data["images"]}
    expected = {}
    for annotation in data["annotations"]:
        parts = annotation["segmentation"]
        if annotation.get("iscrowd") or not isinstance(parts, list) or not parts:
            continue
        image = images[annotation["image_id"]]
        ring = numpy.concatenate(merge(parts)) if len(parts) > 1 else numpy.array(parts[0]).reshape(-1, 2)
        size = numpy.array([image["width"], image["height"]])
        expected.setdefault(image["file_name"].rsplit(".", 1)[0], []).append((ring, size, len(parts)))
    with tempfile.TemporaryDirectory() as place:
        output = os.path.join(place, "labels")
        options = ["--task", "segment", "--precision", "15", "--bounds", "keep"]
        subprocess.run([program, "coco2yolo", coco, "-o", output, "--quiet", *options], check=True)
        for name, rows in expected.items():
            lines = [line.split()[1:] for line in open(os.path.join(output, name + ".txt"))]
            lines = [line for line in lines if len(line) != 8 or len(lines) == len(rows)]
            CHECKS.require(len(lines) == len(rows), coco, name)
            for line, (ring, size, parts) in zip(lines, rows):
                found = numpy.array([float(number) for number in line]).reshape(-1, 2) * size
                is_same = found.shape == ring.shape and numpy.abs(found - ring).max() < 1e-9
                is_shorter = perimeter(found.reshape(-1)) <= perimeter(ring.reshape(-1)) + 1e-9
                CHECKS.require(is_same or (parts > 1 and is_shorter), coco, name)
                CHECKS.count("joined objects", int(parts > 1))
                CHECKS.count("of them by a shorter way than Ultralytics'", int(not is_same))


class Dataset:
    """A COCO file and its images, converted to everything."""

    def __init__(self, program, coco, images, place):
        self.program, self.coco, self.images, self.place = program, coco, images, place

    def run(self, source, target, output, *options):
        command = [self.program, "convert", source, "--to", target, "-o", output, "--quiet", *options]
        subprocess.run([*command, "--images", self.images], check=True)
        return output

    def out(self, name):
        return os.path.join(self.place, name)

    def check(self, verify, parse):
        images = {os.path.splitext(os.path.basename(p))[0]: p
                  for p in glob.glob(os.path.join(self.images, "**", "*.jpg"), recursive=True)}
        segment = self.run(self.coco, "yolo", self.out("segment"), "--task", "segment")
        detect = self.run(self.coco, "yolo", self.out("detect"))
        voc = self.run(self.coco, "voc", self.out("voc"))
        via = self.run(self.coco, "vgg", self.out("via.json"))
        via1 = self.run(self.coco, "vgg", self.out("via1.json"), "--via", "1")
        check_yolo(segment, images, verify)
        check_yolo(detect, images, verify)
        check_voc(voc, parse)
        check_via(via, 2)
        check_via(via1, 1)
        for name, source, options in [("coco", self.coco, []), ("from-voc", voc, []), ("from-via", via, []),
                                      ("from-detect", detect, []), ("from-segment", segment, ["--task", "segment"])]:
            check_coco(self.run(source, "coco", self.out(name + ".json"), *options))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wheels")
    parser.add_argument("--have")
    parser.add_argument("--program")
    parser.add_argument("--fixtures")
    arguments = parser.parse_args()
    if arguments.have:
        wanted = [line.replace("==", "-").strip() for line in open(arguments.have)]
        sys.exit(not all(wheel(arguments.wheels, name) for name in wanted))
    verify = ultralytics_scope(arguments.wheels)["verify_image_label"]
    scope = {"collections": __import__("collections"), "Any": object, "ET_parse": ET.parse}
    functions(wheel(arguments.wheels, "torchvision"), "torchvision/datasets/voc.py", ["parse_voc_xml"], scope)
    scope["VOCDetection"] = type("VOCDetection", (), {"parse_voc_xml": staticmethod(scope["parse_voc_xml"])})
    bones = os.path.join(arguments.fixtures, "bones")
    datasets = [(os.path.join(bones, "coco/annotations.json"), os.path.join(bones, "images"))]
    fracatlas = os.environ.get("FRACATLAS_DIR")
    if fracatlas:
        coco = os.path.join(fracatlas, "Annotations/COCO JSON/COCO_fracture_masks.json")
        datasets.append((coco, os.path.join(fracatlas, "images")))
    functions(wheel(arguments.wheels, "ultralytics"), "ultralytics/data/converter.py",
              ["min_index", "merge_multi_segment"], joining := {"np": __import__("numpy")})
    check_join(arguments.program, datasets[0][0], joining["merge_multi_segment"])
    cases = os.environ.get("ANNOCONV_CASES_DIR")
    if cases:
        val = "coco-val2014-100/tests/dataset/cocoapi/instances_val2014_100.json"
        check_join(arguments.program, os.path.join(cases, val), joining["merge_multi_segment"])
    for coco, images in datasets:
        with tempfile.TemporaryDirectory() as place:
            # A copy, as Ultralytics' check rewrites images that it finds to be damaged.
            copy = shutil.copytree(images, os.path.join(place, "images"))
            Dataset(arguments.program, coco, copy, place).check(verify, scope["parse_voc_xml"])
    for name in ("joined objects", "COCO annotations", "COCO masks", "YOLO labels", "YOLO rows", "VOC files", "VOC objects", "VIA regions"):
        CHECKS.require(CHECKS.counts.get(name), "nothing was checked:", name)
    print("interop:", ", ".join(f"{count} {name}" for name, count in CHECKS.counts.items()), "checked")


if __name__ == "__main__":
    main()
