#!/usr/bin/env python3
"""What `validate --for ultralytics` says, against Ultralytics' own code on folders of seeded faults.

From the wheel, without torch: check_det_dataset, get_img_files, img2label_paths, verify_image_label and
verify_labels, with what they call.
"""
import argparse
import ast
import glob
import json
import os
import pathlib
import random
import subprocess
import tempfile
import types
import uuid
import zipfile

from check import CHECKS, functions, wheel

IMAGES = 160
SEEDS = 12


def ultralytics(wheels):
    """The functions that load a dataset, defined without importing the package."""
    import numpy
    import yaml
    from PIL import Image, ImageOps

    archive = wheel(wheels, "ultralytics")
    utils = "ultralytics/data/utils.py"
    constants = {}
    for node in ast.parse(zipfile.ZipFile(archive).read(utils)).body:
        name = node.targets[0].id if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) else None
        if name in ("IMG_FORMATS", "DATASET_KEY_TYPES"):
            constants[name] = eval(compile(ast.Expression(node.value), utils, "eval"))

    def load(file, append_filename=False):
        return {**(yaml.safe_load(open(file, encoding="utf-8")) or {}), "yaml_file": str(file)}

    def nothing(*_, **__):
        return None

    def same(value, *_, **__):
        return value

    log = types.SimpleNamespace(info=nothing, warning=nothing)
    scope = {**constants, "np": numpy, "Image": Image, "ImageOps": ImageOps, "os": os, "glob": glob, "Path": pathlib.Path,
             "FORMATS_HELP_MSG": "", "HELP_URL": "", "uuid4": uuid.uuid4, "LOGGER": log, "emojis": same, "check_file": same,
             "clean_url": same, "check_font": nothing, "is_ascii": nothing, "zipfile": zipfile, "is_tarfile": lambda _: False,
             "YAML": types.SimpleNamespace(load=load), "DATASETS_DIR": pathlib.Path("/nowhere"), "SETTINGS_FILE": "",
             "check_file_speeds": nothing, "SemanticDataset": None, "SemanticFormat": None}
    functions(archive, "ultralytics/utils/ops.py", ["segments2boxes", "xyxy2xywh", "empty_like"], scope)
    scope["torch"] = type("torch", (), {"Tensor": type(None)})
    functions(archive, "ultralytics/nn/autobackend.py", ["check_class_names"], scope)
    functions(archive, utils, ["_exif_jpeg", "_replace_image", "check_image", "exif_size", "verify_image_label", "img2label_paths",
                               "check_det_dataset"], scope)
    functions(archive, "ultralytics/data/base.py", ["get_img_files"], scope, "BaseDataset")
    functions(archive, "ultralytics/data/dataset.py", ["verify_labels"], scope, "YOLODataset")
    return scope


def load(scope, data, subset):
    """What Ultralytics loads of a subset, as cache_labels counts it; it stops by an exception."""
    reader = types.SimpleNamespace(prefix="", fraction=1.0)
    images = scope["get_img_files"](reader, data[subset])
    points, numbers = data.get("kpt_shape", (0, 0))
    kept, lost, labels, missing, repeated, found = [], set(), [], 0, 0, 0
    for image, label in zip(images, scope["img2label_paths"](images)):
        result = scope["verify_image_label"]((image, label, "", points > 0, len(data["names"]), points, numbers, False))
        found += result[6]
        if result[0] is None:
            lost.add(os.path.basename(image))
            continue
        kept.append(image)
        labels.append({"cls": result[1][:, :1], "bboxes": result[1][:, 1:], "segments": result[3]})
        if "duplicate" in result[9]:
            repeated += int(result[9].split(": ")[-1].split()[0])
    if not labels:
        raise RuntimeError("No valid images")
    if found == 0 and subset == "train":
        raise ValueError("No labels found")
    sizes = [len(label["cls"]) for label in labels]
    return {"images": len(kept), "backgrounds": sizes.count(0), "boxes": sum(sizes), "boxes_lost": repeated,
            "lost": sorted(lost)}, labels


class Maker:
    """A dataset with faults of every kind, from a seed."""

    def __init__(self, place, seed):
        self.place, self.random = place, random.Random(seed)

    def number(self, low=0.2, high=0.8):
        return f"{self.random.uniform(low, high):.6f}"

    def box(self):
        return " ".join([str(self.random.randrange(2)), self.number(), self.number(), self.number(.01, .2), self.number(.01, .2)])

    def polygon(self, points=None):
        points = points or self.random.randrange(3, 9)
        return " ".join([str(self.random.randrange(2))] + [self.number() for _ in range(2 * points)])

    def rows(self, kind):
        """The text of a label file of a kind; none where there is no file."""
        boxes = [self.box() for _ in range(self.random.randrange(1, 5))]
        polygons = [self.polygon() for _ in range(self.random.randrange(1, 4))]
        at = self.random.randrange(len(boxes))

        def with_number(column, value):
            words = boxes[at].split()
            words[column] = value
            return [*boxes[:at], " ".join(words), *boxes[at + 1:]]

        kinds = {
            "boxes": lambda: boxes, "polygons": lambda: polygons, "none": lambda: None, "empty": lambda: [],
            "blank": lambda: ["", "  "], "above": lambda: with_number(self.random.randrange(1, 5), "1.0101"),
            "just above": lambda: with_number(1, self.random.choice(["1.01", "1.0100001", "1.00999999"])),
            "below": lambda: with_number(self.random.randrange(1, 3), "-0.0101"),
            "just below": lambda: with_number(1, self.random.choice(["-0.01", "-0.0100001", "-0.0099999"])),
            "negative side": lambda: with_number(3, "-0.005"), "no number": lambda: with_number(2, "x"),
            "nan": lambda: with_number(2, "nan"), "inf": lambda: with_number(2, "inf"),
            "class": lambda: with_number(0, "2"), "class -1": lambda: with_number(0, "-1"),
            "class 0.5": lambda: with_number(0, "0.5"), "class 1.0": lambda: with_number(0, "1.0"),
            "4 columns": lambda: [*boxes, "0 0.5 0.5 0.1"], "all 4": lambda: ["0 0.5 0.5 0.1"],
            "6 columns": lambda: [row + " 0.9" for row in boxes], "one of 6": lambda: [*boxes, self.box() + " 0.9"],
            "mixed": lambda: boxes + polygons, "even": lambda: [*polygons, self.polygon() + " 0.5"],
            "6 among polygons": lambda: [*polygons, self.box() + " 0.9"], "2 points": lambda: [*polygons, "0 0.1 0.2"],
            "class alone": lambda: [*polygons, "0"], "repeated": lambda: [*boxes, boxes[0], boxes[0]],
            "repeated polygon": lambda: [*polygons, polygons[0]],
            "same box": lambda: ["0 0.1 0.1 0.5 0.1 0.5 0.5", "0 0.1 0.1 0.5 0.5 0.1 0.5 0.1 0.3"],
            "equal numbers": lambda: ["0 0.50 0.5 0.1 0.1", "0.0 0.5 .5 1e-1 0.100000001"],
            "zeros": lambda: ["0 0.5 0.5 -0.0 0.1", "0 0.5 0.5 0.0 0.1"], "point out": lambda: ["1 0.2 0.2 1.1 0.2 1 1"],
            "polygon out": lambda: ["1 0.0 0.2 1.2 0.2 1 1"], "polygon below": lambda: ["1 -0.5 0.2 0.4 0.2 0.1 1"],
            "mark": lambda: ["\ufeff" + boxes[0]], "latin": lambda: b"0 0.5 0.5 0.1 0.1 \xe9\n",
            "returns": lambda: "\r".join(boxes).encode(), "form feed": lambda: "\f".join(boxes).encode(),
            "unit separator": lambda: boxes[0].replace(" ", "\x1f").encode(), "text": lambda: ["hello world"],
        }
        assert set(kinds) == set(KINDS), set(kinds) ^ set(KINDS)
        return kinds[kind]()

    def image(self, path, kind):
        """An image file of a kind."""
        from PIL import Image

        size = {"tiny": (9, 40), "least": (10, 10)}.get(kind, (self.random.randrange(20, 60), self.random.randrange(20, 60)))
        picture = Image.effect_noise(size, 60).convert("RGB")
        exif = picture.getexif()
        if kind == "turned":
            exif[274] = 6
        picture.save(path, {"gif inside": "GIF", "ppm inside": "PPM"}.get(kind) or
                     {".png": "PNG", ".gif": "GIF", ".ppm": "PPM"}.get(path[-4:].lower(), "JPEG"), **({"exif": exif} if kind == "turned" else {}))
        data = open(path, "rb").read()
        change = {"trailing": data + b"xx", "no image": b"no image", "nothing": b"", "cut": data[:-99]}
        if kind in change:
            open(path, "wb").write(change[kind])

    def make(self, kinds):
        """A dataset of these kinds of labels, with all kinds of images among them."""
        for number in range(IMAGES):
            subset = "train" if number % 4 else "valid"
            folders = [os.path.join(self.place, subset, name, "deep" if number % 7 == 0 else "") for name in ("images", "labels")]
            for folder in folders:
                os.makedirs(folder, exist_ok=True)
            images = [("jpg", "whole")] * 20 + [("JPG", "whole"), ("png", "whole"), ("png", "cut"), ("gif", "whole"), ("ppm", "whole"),
                      ("jpg", "tiny"), ("jpg", "least"), ("jpg", "turned"), ("jpg", "trailing"), ("jpg", "cut"),
                      ("jpg", "no image"), ("png", "nothing"), ("jpg", "gif inside"), ("png", "ppm inside")]
            suffix, image = self.random.choice(images)
            name = f"{number:04}.v1"
            self.image(os.path.join(folders[0], f"{name}.{suffix}"), image)
            if self.random.random() < 0.03:
                self.image(os.path.join(folders[0], f"{name}.bmp"), "whole")
            rows = self.rows(kinds[number % len(kinds)])
            if rows is not None:
                text = rows if isinstance(rows, bytes) else "".join(row + "\n" for row in rows).encode()
                open(os.path.join(folders[1], f"{name}.txt"), "wb").write(text)


KINDS = ["boxes", "polygons", "none", "empty", "blank", "above", "just above", "below", "just below", "negative side", "no number",
         "nan", "inf", "class", "class -1", "class 0.5", "class 1.0", "4 columns", "all 4", "6 columns", "one of 6", "mixed", "even",
         "6 among polygons", "2 points", "class alone", "repeated", "repeated polygon", "same box", "equal numbers", "zeros",
         "point out", "polygon out", "polygon below", "mark", "latin", "returns", "form feed", "unit separator", "text"]

YAMLS = {
    # What the file says, and whether Ultralytics stops.
    "names: [a, b]\ntrain: ../train/images\nval: ../valid/images\n": False,
    "names: {0: a, 1: b}\ntrain: train/images\nvalidation: valid/images\n": False,
    "nc: 2\ntrain: train/images\nval: [valid/images]\n": False,
    "nc: 2\nnames: [a, b]\ntrain: [train/images, valid/images]\nval: valid/images\ntest: nowhere\n": False,
    "names: [a, b]\ntrain: train/images\nvalid: valid/images\n": True,
    "names: [a, b]\nval: valid/images\n": True,
    "train: train/images\nval: valid/images\n": True,
    "nc: 3\nnames: [a, b]\ntrain: train/images\nval: valid/images\n": True,
    "names: [a, b]\ntrain: train/images\nval: nowhere\n": True,
    "names: [a, b]\ntrain: nowhere\nval: valid/images\n": True,
    "names: [a, b]\ntrain: train/images\nval: ['../valid/images']\n": True,
    "names: [a, b]\ntrain: train/labels\nval: valid/images\n": True,
    "names: []\ntrain: train/images\nval: valid/images\n": True,
}


def ours(program, path):
    command = [program, "validate", path, "--for", "ultralytics", "--format", "json", "--fail-on", "never"]
    done = subprocess.run(command, capture_output=True, text=True)
    CHECKS.require(done.returncode == 0, path, done.stderr)
    report = json.loads(done.stdout)
    fields = ("images", "backgrounds", "boxes", "boxes_lost")
    seen = {it["subset"]: {**{name: it[name] for name in fields}, "lost": sorted(lost["image"] for lost in it["lost"])}
            for it in report["trainer"]["subsets"]}
    return seen, report


def theirs(scope, path):
    """What Ultralytics loads for training; none where it stops."""
    try:
        data = scope["check_det_dataset"](os.path.join(path, "data.yaml"))
        return {subset: load(scope, data, subset) for subset in ("train", "val")}
    except Exception:
        return None


def compare(program, scope, place, seed):
    seen, report = ours(program, place)
    # After ours, as it rewrites images.
    found = theirs(scope, place)
    CHECKS.require(report["trainer"]["refused"] == (found is None), seed, "stops", report["trainer"])
    for subset, (expected, labels) in (found or {}).items():
        CHECKS.require(seen.get(subset) == expected, seed, subset, seen.get(subset), expected)
        CHECKS.count("Ultralytics images seen", expected["images"])
        CHECKS.count("Ultralytics images lost", len(expected["lost"]))
        CHECKS.count("Ultralytics rows removed", expected["boxes_lost"])
        segment = types.SimpleNamespace(use_segments=True, use_obb=False, format_class=0)
        try:
            scope["verify_labels"](segment, labels, pathlib.Path("x"))
            is_mixed = False
        except ValueError:
            is_mixed = any(len(label["segments"]) for label in labels)
        told = any("stops for segmentation" in it["message"] and f" of {subset} " in it["message"] for it in report["findings"])
        CHECKS.require(told == is_mixed, seed, subset, "boxes and polygons", told)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wheels")
    parser.add_argument("--program")
    arguments = parser.parse_args()
    scope = ultralytics(arguments.wheels)
    plain = next(iter(YAMLS))
    for seed in range(SEEDS):
        with tempfile.TemporaryDirectory() as place:
            kinds = KINDS if seed else ["boxes", "empty", "none", "repeated"]
            Maker(place, seed).make(kinds)
            open(os.path.join(place, "data.yaml"), "w").write(plain)
            compare(arguments.program, scope, place, seed)
    for text, stops in YAMLS.items():
        with tempfile.TemporaryDirectory() as place:
            Maker(place, 99).make(["boxes", "empty", "none"])
            open(os.path.join(place, "data.yaml"), "w").write(text)
            compare(arguments.program, scope, place, text)
            CHECKS.require((theirs(scope, place) is None) == stops, text, stops)
            CHECKS.count("Ultralytics data.yaml")
    for name in ("seen", "lost"):
        CHECKS.require(CHECKS.counts.get(f"Ultralytics images {name}"), "nothing was", name)
    print("interop:", ", ".join(f"{count} {name}" for name, count in CHECKS.counts.items()), "compared")


if __name__ == "__main__":
    main()
