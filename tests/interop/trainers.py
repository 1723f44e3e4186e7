#!/usr/bin/env python3
"""Converts datasets with --for, and loads each with the code of the trainer that it is for.

What is loaded is held against the source and against the counts of the report. Each comparison is
made a second time with one wrong box, and must then fail.

    trainers.py --wheels FOLDER --program ANNOCONV

How each trainer's code is had:
- datasets, supervision and pycocotools are installed as they are.
- Ultralytics, torchvision, RF-DETR and MMDetection: functions and files are taken out of their wheels,
  and what these import of torch, OpenCV or mmengine is replaced by the few lines of loaders.py.
- Detectron2 has no wheel: its rules are stated again (`detectron2/data/datasets/coco.py` and
  `pascal_voc.py`).
"""
import argparse
import csv
import glob
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1")

from loaders import Detectron2, Failed, MMDetection, Rfdetr, Torchvision, Ultralytics, load_hf, require  # noqa: E402

COUNTS = {}


def count(name, number):
    COUNTS[name] = COUNTS.get(name, 0) + number


# ---- datasets ----


def seeded(folder, seed=7):
    """A COCO file and its images: boxes, polygons and backgrounds, in three classes, one with a space."""
    from PIL import Image

    chance = random.Random(seed)
    images, annotations = [], []
    for number in range(1, 41):
        width, height = chance.randrange(60, 200), chance.randrange(60, 200)
        name = f"{'ab'[number % 2]}/image_{number:03}.jpg"
        place = pathlib.Path(folder, "images", name)
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (width, height), (number, 80, 200)).save(place)
        images.append({"id": number, "file_name": name, "width": width, "height": height})
        for _ in range(chance.choice([0, 1, 1, 2, 3])):
            x, y = chance.randrange(0, width - 30), chance.randrange(0, height - 30)
            w, h = chance.randrange(4, width - x), chance.randrange(4, height - y)
            ring = [x, y, x + w, y, x + w, y + h, x + w / 2, y + h / 2, x, y + h]
            is_drawn = chance.random() < 0.5
            annotations.append({"id": len(annotations) + 1, "image_id": number, "iscrowd": 0, "area": w * h,
                                "category_id": chance.choice([2, 5, 9]), "bbox": [x, y, w, h],
                                "segmentation": [ring] if is_drawn else []})
    categories = [{"id": 2, "name": "cat"}, {"id": 5, "name": "traffic light"}, {"id": 9, "name": "no"}]
    path = os.path.join(folder, "coco.json")
    with open(path, "w") as file:
        json.dump({"images": images, "annotations": annotations, "categories": categories}, file)
    return path


class Source:
    """A COCO file, its images and the options that split it."""

    def __init__(self, name, coco, images, options):
        self.name, self.images, self.options = name, images, options
        self.coco = coco
        data = json.load(open(coco))
        self.classes = [category["name"] for category in data["categories"]]
        names = {category["id"]: category["name"] for category in data["categories"]}
        files = {image["id"]: os.path.basename(image["file_name"]) for image in data["images"]}
        self.truth = {file: [] for file in files.values()}
        for annotation in data["annotations"]:
            x, y, w, h = annotation["bbox"]
            box = (names[annotation["category_id"]], x, y, x + w, y + h)
            self.truth[files[annotation["image_id"]]].append(box)

    def convert(self, program, trainer, output, *options):
        """Converts for a trainer; the subsets of the report, each with its images, backgrounds and objects."""
        command = [program, "convert", self.coco, "--images", self.images, "--for", trainer, "-o", output,
                   "--report", "json", *self.options, *options]
        run = subprocess.run(command, capture_output=True, text=True)
        require(run.returncode == 0, command, run.stderr)
        report = json.loads(run.stdout)
        require(report["images"] == report["images_placed"], trainer, "images that were not placed")
        require(report["annotations_read"] == report["annotations_written"], trainer, report["losses"])
        subsets = {}
        for subset in report["split"]["subsets"]:
            objects = sum(one["objects"] for one in subset["classes"])
            subsets[subset["name"][:3]] = (subset["images"], subset["empty"], objects)
        require(sum(objects for _, _, objects in subsets.values()) == report["annotations_written"], trainer)
        return subsets


def compare(what, loaded, subsets, truth, tolerance):
    """Holds what was loaded, `{subset: {file name: [(class, edges)]}}`, against the report and the source."""
    require(set(loaded) == set(subsets), what, "subsets", set(loaded), set(subsets))
    for subset, files in loaded.items():
        objects = sum(len(boxes) for boxes in files.values())
        empty = sum(not boxes for boxes in files.values())
        found = (len(files), empty, objects)
        require(found == subsets[subset], what, subset, found, "in the report", subsets[subset])
        for name, boxes in files.items():
            stated = sorted(truth[name])
            require([box[0] for box in sorted(boxes)] == [box[0] for box in stated], what, name, "classes")
            for one, other in zip(nearest(boxes), nearest(stated)):
                off = max(abs(a - b) for a, b in zip(one[1:], other[1:]))
                require(off <= tolerance, what, name, one, other)


def nearest(boxes):
    """An order in which boxes that differ by a rounding stand alike."""
    return sorted(boxes, key=lambda box: (box[0], *(round(edge) for edge in box[1:]), *box[1:]))


def held(what, loaded, subsets, truth, tolerance, names=None):
    """Compares, and then once more with a wrong box and with a wrong count, both of which must be seen."""
    compare(what, loaded, subsets, truth, tolerance)
    name = next(name for files in loaded.values() for name, boxes in files.items() if boxes)
    label, x, *rest = truth[name][0]
    wrong = {**truth, name: [(label, x + 40, *rest), *truth[name][1:]]}
    first = next(iter(subsets))
    other = {**subsets, first: (subsets[first][0] + 1, *subsets[first][1:])}
    for arguments in [(subsets, wrong), (other, truth)]:
        try:
            compare(what, loaded, *arguments, tolerance)
        except Failed:
            continue
        raise Failed(f"{what}: a wrong box or count is not seen")
    images, _, objects = (sum(part) for part in zip(*subsets.values()))
    count(f"images of {what}", images)
    count(f"boxes of {what}", objects)


# ---- the checks ----


class Run:
    """All trainers on one source."""

    def __init__(self, program, source, place, code):
        self.program, self.source, self.place, self.code = program, source, place, code

    def convert(self, trainer, *options):
        name = "-".join([trainer, *(option.strip("-") for option in options)])
        output = os.path.join(self.place, self.source.name, name)
        return output, self.source.convert(self.program, trainer, output, *options)

    def hold(self, what, loaded, subsets, tolerance=1e-9):
        held(what, loaded, subsets, self.source.truth, tolerance)

    def ultralytics(self):
        for task in ("detect", "segment"):
            output, subsets = self.convert("ultralytics", "--task", task)
            loaded, changed = self.code["ultralytics"].load(output)
            self.hold(f"Ultralytics, {task}", loaded, subsets, 0.02)
            require(not changed, "files that Ultralytics rewrote", changed)

    def rfdetr(self):
        output, subsets = self.convert("rfdetr")
        self.hold("RF-DETR", self.code["rfdetr"].load(output, subsets, self.source.classes), subsets, 1e-3)

    def coco(self):
        classes = self.source.classes
        for trainer, what in (("torchvision", "torchvision"), ("mmdetection", "MMDetection"), ("detectron2", "Detectron2")):
            output, subsets = self.convert(trainer)
            rest = [classes] if trainer == "mmdetection" else []
            loaded = self.code[trainer].load_coco(output, names(subsets), *rest)
            self.hold(f"{what}, COCO", loaded, subsets)

    def voc(self):
        classes = self.source.classes
        for trainer, what in (("torchvision", "torchvision"), ("mmdetection", "MMDetection"), ("detectron2", "Detectron2")):
            output, subsets = self.convert(trainer, "--to", "voc")
            rest = [classes] if trainer == "mmdetection" else []
            loaded = self.code[trainer].load_voc(output, names(subsets), *rest)
            own = {subset: numbers for subset, numbers in subsets.items() if subset in loaded}
            self.hold(f"{what}, VOC", loaded, own, 0.5 + 1e-9)

    def hf(self):
        for categories in ("name", "number"):
            output, subsets = self.convert("hf", "--hf-categories", categories)
            loaded = load_hf(output, subsets, self.source.classes)
            self.hold(f"Hugging Face, {categories}", loaded, subsets)

    def all(self):
        for check in (self.ultralytics, self.rfdetr, self.coco, self.voc, self.hf):
            check()


def names(subsets):
    """The trainers' names of subsets."""
    known = {"tra": "train", "val": "val", "tes": "test"}
    return {subset: known[subset] for subset in subsets}


def check_fracatlas(run, root):
    """FracAtlas with its published split and labels: its makers' rows, byte for byte."""
    output, subsets = run.convert("ultralytics", "--preset", "fracatlas")
    counts = {name: numbers[0] for name, numbers in subsets.items()}
    require(counts == {"tra": 574, "val": 82, "tes": 61}, counts)
    require(sum(numbers[2] for numbers in subsets.values()) == 922, subsets)
    labels = glob.glob(f"{output}/labels/*/*.txt")
    require(len(labels) == 717, len(labels))
    for label in labels:
        published = os.path.join(root, "Annotations", "YOLO", os.path.basename(label))
        require(pathlib.Path(label).read_bytes() == pathlib.Path(published).read_bytes(), label, published)
    lists = os.path.join(root, "Utilities", "Fracture Split")
    for name, subset in (("train", "train"), ("valid", "val"), ("test", "test")):
        stated = {row["image_id"] for row in csv.DictReader(open(f"{lists}/{name}.csv"))}
        require(stated == set(os.listdir(f"{output}/images/{subset}")), name, "is another list")
    count("published label files of FracAtlas", len(labels))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wheels")
    parser.add_argument("--program")
    arguments = parser.parse_args()
    wheels = arguments.wheels
    code = {"ultralytics": Ultralytics(wheels), "torchvision": Torchvision(wheels), "rfdetr": Rfdetr(wheels),
            "mmdetection": MMDetection(wheels), "detectron2": Detectron2}
    with tempfile.TemporaryDirectory() as place:
        coco = seeded(place)
        options = ["--split", "train=0.6,val=0.2,test=0.2", "--seed", "3"]
        Run(arguments.program, Source("seeded", coco, f"{place}/images", options), place, code).all()
        root = os.environ.get("FRACATLAS_DIR")
        if root:
            lists = [f"{root}/Utilities/Fracture Split/{name}.csv" for name in ("train", "valid", "test")]
            coco = f"{root}/Annotations/COCO JSON/COCO_fracture_masks.json"
            source = Source("fracatlas", coco, f"{root}/images", ["--split-from", ",".join(lists)])
            run = Run(arguments.program, source, place, code)
            check_fracatlas(run, root)
            run.all()
        else:
            print("FRACATLAS_DIR is not set: trainers load the seeded dataset alone")
    print("trainers:", ", ".join(f"{number} {name}" for name, number in COUNTS.items()), "checked")


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        print("trainers: FAILED:", failure)
        sys.exit(1)
