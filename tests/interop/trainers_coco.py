#!/usr/bin/env python3
"""What `validate --for` says of COCO files, against the trainers' own rules on files of seeded faults.

- MMDetection: parse_data_info and filter_data of the wheel; load_data_list is said again here with pycocotools, as it
  needs mmcv.
- RF-DETR: filter_parent_categories and ConvertCoco of the wheel, with numpy in the place of torch.
- Detectron2 (no wheel): load_coco_json (detectron2/data/datasets/coco.py), filter_images_with_only_crowd_annotations
  (data/build.py), DatasetMapper (crowds) and filter_empty_instances (data/detection_utils.py) are said again here.
- torchvision: ConvertCocoPolysToMask and _coco_remove_images_without_annotations of references/detection/coco_utils.py,
  which no wheel has, are said again here.
"""
import argparse
import collections
import contextlib
import io
import json
import os
import random
import subprocess
import tempfile
import types

import numpy
from check import CHECKS, functions, wheel
from pycocotools.coco import COCO

SEEDS = 24
IMAGES = 40


class Maker:
    """A COCO file with faults, from a seed."""

    def __init__(self, seed):
        self.random, self.next_id = random.Random(seed), 0

    def annotation(self, image, kind):
        width, height = image["width"], image["height"]
        w, h = self.random.randrange(2, width // 2), self.random.randrange(2, height // 2)
        x, y = self.random.randrange(width - w), self.random.randrange(height - h)
        self.next_id += 1
        made = {"id": self.next_id, "image_id": image["id"], "category_id": self.random.choice([3, 7]), "bbox": [x, y, w, h],
                "area": w * h, "iscrowd": 0, "segmentation": [[x, y, x + w, y, x + w, y + h]]}
        change = {"crowd": {"iscrowd": 1}, "no width": {"bbox": [x, y, 0, h]}, "right": {"bbox": [width + 1, y, w, h]},
                  "at the border": {"bbox": [width, y, w, h]}, "half out": {"bbox": [width - w / 2, y, w, h]},
                  "left": {"bbox": [-w, y, w, h]}, "below a pixel": {"bbox": [x, y, 0.5, h]}, "a pixel": {"bbox": [x, y, 1, h]},
                  "inverted": {"bbox": [x + w, y, -w, h]}, "area 0": {"area": 0}, "2 points": {"segmentation": [[x, y, x + w, y]]},
                  "2 rings": {"segmentation": [[x, y, x + w, y], [x, y, x + w, y, x, y + h]]}, "no rings": {"segmentation": []},
                  "tiny": {"bbox": [x, y, 0.00001, h]}, "ignored": {"ignore": 1}}
        made.update(change.get(kind, {}))
        if kind == "keypoints":
            made["keypoints"] = [value for _ in range(8) for value in (x, y, self.random.randrange(3))]
        for member in ("area", "iscrowd", "id", "category_id"):
            if kind == f"no {member}":
                del made[member]
        if kind == "same id":
            made["id"] = self.next_id - 1
        return made

    def make(self, kinds, sides=((60, 80), (31, 90), (32, 32))):
        images, annotations = [], []
        for number in range(IMAGES):
            width, height = self.random.choice([(60, 80)] * 5 + list(sides))
            images.append({"id": number + 5, "file_name": f"{number}.jpg", "width": width, "height": height})
            own = [self.annotation(images[-1], self.random.choice(kinds)) for _ in range(self.random.choice([0, 1, 1, 2, 3]))]
            annotations += own
        self.random.shuffle(annotations)
        categories = [{"id": 1, "name": "root", "supercategory": "none"}, {"id": 7, "name": "b", "supercategory": "root"},
                      {"id": 3, "name": "a", "supercategory": "root"}]
        return {"images": images, "annotations": annotations, "categories": categories}


# Faults that no trainer stops at, and those that one may.
DROPS = ["sound"] * 8 + ["crowd", "no width", "right", "at the border", "half out", "left", "below a pixel", "a pixel", "inverted",
                         "area 0", "2 points", "2 rings", "tiny"]
STOPS = ["no area", "no iscrowd", "ignored", "same id", "no height", "no id", "no category_id"]


def load(path):
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(path)


def summary(kept, skipped, lost):
    sizes = [len(boxes) for boxes in kept.values()]
    return {"images": len(kept), "backgrounds": sizes.count(0), "boxes": sum(sizes), "skipped": skipped, "lost": sorted(lost)}


def mmdetection(wheels):
    archive = wheel(wheels, "mmdet")
    scope = {"osp": os.path, "Union": collections.defaultdict(object), "List": collections.defaultdict(object)}
    functions(archive, "mmdet/datasets/coco.py", ["parse_data_info", "filter_data"], scope, "CocoDataset")

    def run(path, subset):
        coco = load(path)
        names = [it["name"] for it in coco.loadCats(coco.getCatIds())]
        ids = coco.getCatIds(catNms=names)
        this = types.SimpleNamespace(
            data_prefix={"img": ""}, seg_map_suffix="", metainfo={"classes": names}, return_classes=False, cat_ids=ids,
            cat2label={category: label for label, category in enumerate(ids)}, cat_img_map=coco.catToImgs,
            test_mode=subset != "train", filter_cfg={"filter_empty_gt": True, "min_size": 32})
        used, this.data_list = [], []
        for image in coco.getImgIds():
            own = coco.getAnnIds(imgIds=[image])
            used += own
            raw = {"raw_ann_info": coco.loadAnns(own), "raw_img_info": {**coco.loadImgs([image])[0], "img_id": image}}
            this.data_list.append(scope["parse_data_info"](this, raw))
        assert len(set(used)) == len(used) == sum(map(len, coco.imgToAnns.values()))
        kept = scope["filter_data"](this)
        boxes = {it["img_path"]: [box for box in it["instances"] if not box["ignore_flag"]] for it in kept}
        gone = [it for it in this.data_list if it["img_path"] not in boxes]
        empty = [it for it in gone if not coco.imgToAnns[it["img_id"]]]
        return summary(boxes, len(empty), [it["img_path"] for it in gone if it not in empty])
    return run


def detectron2(_wheels):
    def valid(polygons):
        return [ring for ring in polygons if len(ring) % 2 == 0 and len(ring) >= 6]

    def objects(coco, image):
        found = []
        for it in coco.imgToAnns[image["id"]]:
            assert it.get("ignore", 0) == 0
            if it.get("segmentation") and not isinstance(it["segmentation"], dict) and not valid(it["segmentation"]):
                continue
            assert it["category_id"] in coco.cats
            found.append(it)
        return found

    def is_there(it, image):
        x, y, w, h = it["bbox"]
        sides = [numpy.clip(low + side, 0, most) - numpy.clip(low, 0, most)
                 for low, side, most in ((x, w, image["width"]), (y, h, image["height"]))]
        return all(side > 1e-5 for side in sides)

    def run(path, subset):
        coco = load(path)
        ids = [it["id"] for own in coco.imgToAnns.values() for it in own]
        assert len(set(ids)) == len(ids)
        kept, skipped, lost = {}, 0, []
        for image in coco.loadImgs(sorted(coco.imgs)):
            image["width"], image["height"]
            found = objects(coco, image)
            usable = [it for it in found if it.get("iscrowd", 0) == 0]
            if subset == "train" and not usable:
                is_lost = len(found) < len(coco.imgToAnns[image["id"]])
                lost += [image["file_name"]] * is_lost
                skipped += not is_lost
                continue
            kept[image["file_name"]] = [it for it in usable if is_there(it, image)]
        return summary(kept, skipped, lost)
    return run


def torchvision(_wheels):
    def run(path, subset):
        coco = load(path)
        kept, skipped, lost = {}, 0, []
        for image in coco.loadImgs(sorted(coco.imgs)):
            own = coco.loadAnns(coco.getAnnIds(image["id"]))
            visible = sum(v > 0 for it in own for v in it["keypoints"][2::3]) if own and "keypoints" in own[0] else 10
            if subset == "train" and (visible < 10 or all(any(side <= 1 for side in it["bbox"][2:]) for it in own)):
                skipped += not own
                lost += [image["file_name"]] * bool(own)
                continue
            usable = [it for it in own if it["iscrowd"] == 0]
            boxes = numpy.array([it["bbox"] for it in usable], numpy.float32).reshape(-1, 4)
            boxes[:, 2:] += boxes[:, :2]
            # The size is that of the image file.
            boxes[:, 0::2] = boxes[:, 0::2].clip(0, image["width"])
            boxes[:, 1::2] = boxes[:, 1::2].clip(0, image.get("height", 1000))
            [it["area"] for it in usable]
            kept[image["file_name"]] = boxes[(boxes[:, 3] > boxes[:, 1]) & (boxes[:, 2] > boxes[:, 0])]
        return summary(kept, skipped, lost)
    return run


class Tensor(numpy.ndarray):
    """What ConvertCoco needs of a tensor."""

    def clamp_(self, min, max):
        numpy.clip(self, min, max, out=self)


def rfdetr(wheels):
    archive, path = wheel(wheels, "rfdetr"), "rfdetr/datasets/coco.py"
    torch = types.SimpleNamespace(float32=numpy.float32, int64=numpy.int64,
                                  as_tensor=lambda values, dtype=None: numpy.array(values, dtype).view(Tensor))
    scope = {"torch": torch, "_SUPERCATEGORY_PLACEHOLDERS": frozenset({"", "none", "null", None}), "cast": lambda _, value: value}
    functions(archive, path, ["annotated_category_ids", "filter_parent_categories", "_category_name", "_normalized_category_id"], scope)
    functions(archive, path, ["__call__"], scope, "ConvertCoco")

    def run(file, subset):
        del subset
        coco = load(file)
        train = json.load(open(os.path.join(os.path.dirname(os.path.dirname(file)), "train", os.path.basename(file))))
        labels = scope["filter_parent_categories"](train["categories"], scope["annotated_category_ids"](train))
        this = types.SimpleNamespace(cat2label={it["id"]: label for label, it in enumerate(labels)}, include_keypoints=False,
                                     include_masks=False)
        kept = {}
        for image in coco.loadImgs(sorted(coco.imgs)):
            picture = types.SimpleNamespace(size=(image["width"], image.get("height", 1000)))
            target = {"image_id": image["id"], "annotations": coco.loadAnns(coco.getAnnIds(image["id"]))}
            kept[image["file_name"]] = scope["__call__"](this, picture, target)[1]["boxes"]
        return summary(kept, 0, [])
    return run


def ours(program, path, trainer):
    command = [program, "validate", path, "--for", trainer, "--format", "json", "--fail-on", "never"]
    done = subprocess.run(command, capture_output=True, text=True)
    CHECKS.require(done.returncode == 0, trainer, done.stderr)
    fields = ("images", "backgrounds", "boxes", "skipped")
    found = json.loads(done.stdout)["trainer"]
    subsets = {it["subset"]: {**{name: it[name] for name in fields}, "lost": sorted(lost["image"] for lost in it["lost"])}
               for it in found["subsets"]}
    return subsets, found["refused"]


def compare(program, trainer, rules, seed, kinds):
    with tempfile.TemporaryDirectory() as place:
        for subset in ("train", "valid"):
            os.makedirs(os.path.join(place, subset))
            data = Maker(f"{seed} {subset}").make(kinds)
            if "no height" in kinds and subset == "train":
                del data["images"][0]["height"]
                data["annotations"] = [it for it in data["annotations"] if it["image_id"] != data["images"][0]["id"]]
                data["annotations"].append(Maker(0).annotation({**data["images"][0], "height": 80}, "sound") | {"id": 10**6})
            json.dump(data, open(os.path.join(place, subset, "_annotations.coco.json"), "w"))
        seen, refused = ours(program, place, trainer)
        for subset in ("train", "valid"):
            try:
                expected = rules(os.path.join(place, subset, "_annotations.coco.json"), subset)
            except (AssertionError, KeyError):
                CHECKS.require(refused, trainer, seed, subset, kinds, "stops")
                CHECKS.count(f"{trainer} files that it stops at")
                return
            CHECKS.require(seen.get(subset) == expected or refused, trainer, seed, subset, seen.get(subset), expected)
            CHECKS.count(f"{trainer} boxes", expected["boxes"])
            CHECKS.count(f"{trainer} images left out", expected["skipped"] + len(expected["lost"]))
        CHECKS.require(not refused, trainer, seed, kinds, "does not stop")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wheels")
    parser.add_argument("--program")
    arguments = parser.parse_args()
    trainers = {"mmdetection": mmdetection, "detectron2": detectron2, "torchvision": torchvision, "rfdetr": rfdetr}
    for trainer, make in trainers.items():
        rules = make(arguments.wheels)
        for seed in range(SEEDS):
            compare(arguments.program, trainer, rules, seed, DROPS)
        for seed in range(4):
            compare(arguments.program, trainer, rules, seed, ["keypoints"])
        for stop in STOPS:
            compare(arguments.program, trainer, rules, 0, ["sound"] * 9 + [stop])
        CHECKS.require(CHECKS.counts.get(f"{trainer} boxes"), "nothing was checked:", trainer)
    print("interop:", ", ".join(f"{count} {name}" for name, count in CHECKS.counts.items()), "compared")


if __name__ == "__main__":
    main()
