#!/usr/bin/env python3
"""What `validate --for` says of VOC devkits, against the trainers' own code on devkits of seeded faults.

MMDetection: load_data_list, parse_data_info, _parse_instance_info and filter_data of XMLDataset in the wheel.
torchvision: the lists of _VOCBase are said again here; parse_voc_xml is that of the wheel.
"""
import argparse
import collections
import contextlib
import os
import random
import tempfile
import types
import xml.etree.ElementTree as ET

from check import CHECKS, functions, wheel
from trainers_coco import ours, summary

SEEDS = 10
SETS = ("train", "val")


def make(place, seed):
    """A devkit, and the number of images that each list names."""
    from PIL import Image

    chance = random.Random(seed)
    root = os.path.join(place, "VOCdevkit", "VOC2012")
    for folder in ("JPEGImages", "Annotations", "ImageSets/Main"):
        os.makedirs(os.path.join(root, folder))
    lists = {name: [] for name in SETS}
    for number in range(40):
        name, size = f"i{number:03}", chance.choice([(80, 90), (80, 90), (31, 60), (32, 32)])
        Image.effect_noise(size, 50).convert("RGB").save(os.path.join(root, "JPEGImages", name + ".jpg"))
        objects = ""
        for _ in range(chance.choice([0, 1, 1, 2, 3])):
            x, y = chance.randrange(1, size[0] // 2), chance.randrange(1, size[1] // 2)
            w, h = (chance.randrange(1, side - low + 1) for side, low in zip(size, (x, y)))
            corners = {"xmin": x, "ymin": y, "xmax": x + w, "ymax": y + h}
            part = chance.choice(["", "", ".4"])
            box = "".join(f"<{edge}>{value}{part}</{edge}>" for edge, value in corners.items())
            difficult = chance.choice(["", "", "<difficult>0</difficult>", "<difficult>1</difficult>"])
            objects += f"<object><name>{chance.choice(['cat', 'dog'])}</name>{difficult}<bndbox>{box}</bndbox></object>"
        text = f"<annotation><filename>{name}.jpg</filename><size><width>{size[0]}</width><height>{size[1]}</height>" \
               f"<depth>3</depth></size>{objects}</annotation>"
        open(os.path.join(root, "Annotations", name + ".xml"), "w").write(text)
        lists[SETS[number % 3 == 0]].append(name)
    for name, images in lists.items():
        open(os.path.join(root, "ImageSets/Main", name + ".txt"), "w").write("".join(image + "\n" for image in images))
    return root


def mmdetection(wheels):
    scope = {"osp": os.path, "ET": ET, "Union": collections.defaultdict(object), "List": collections.defaultdict(object),
             "list_from_file": lambda path, **_: open(path).read().split(),
             "get_local_path": lambda path, **_: contextlib.nullcontext(path)}
    names = ["load_data_list", "parse_data_info", "_parse_instance_info", "filter_data"]
    functions(wheel(wheels, "mmdet"), "mmdet/datasets/xml_style.py", names, scope, "XMLDataset")

    def run(root, subset):
        is_train = subset == "train"
        this = types.SimpleNamespace(
            _metainfo={"classes": ("cat", "dog")}, ann_file=os.path.join(root, "ImageSets/Main", subset + ".txt"), backend_args=None,
            img_subdir="JPEGImages", ann_subdir="Annotations", sub_data_root=root, test_mode=not is_train,
            filter_cfg={"filter_empty_gt": True, "min_size": 32, "bbox_min_size": 32} if is_train else None)
        this.bbox_min_size = this.filter_cfg and this.filter_cfg["bbox_min_size"]
        this.parse_data_info = lambda info: scope["parse_data_info"](this, info)
        this._parse_instance_info = lambda info, minus_one: scope["_parse_instance_info"](this, info, minus_one)
        this.data_list = scope["load_data_list"](this)
        kept = {it["img_id"]: [box for box in it["instances"] if not box["ignore_flag"]] for it in scope["filter_data"](this)}
        gone = [it for it in this.data_list if it["img_id"] not in kept]
        empty = [it for it in gone if not it["instances"]]
        return summary(kept, len(empty), [it["img_id"] for it in gone if it["instances"]])
    return run


def torchvision(wheels):
    scope = {"collections": collections, "Any": object}
    functions(wheel(wheels, "torchvision"), "torchvision/datasets/voc.py", ["parse_voc_xml"], scope, "VOCDetection")
    scope["VOCDetection"] = types.SimpleNamespace(parse_voc_xml=scope["parse_voc_xml"])

    def run(root, subset):
        names = [line.strip() for line in open(os.path.join(root, "ImageSets/Main", subset + ".txt"))]
        kept = {}
        for name in names:
            assert os.path.isfile(os.path.join(root, "JPEGImages", name + ".jpg"))
            tree = ET.parse(os.path.join(root, "Annotations", name + ".xml")).getroot()
            kept[name] = scope["parse_voc_xml"](tree)["annotation"].get("object", [])
        return summary(kept, 0, [])
    return run


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wheels")
    parser.add_argument("--program")
    arguments = parser.parse_args()
    for trainer, rules in (("mmdetection", mmdetection), ("torchvision", torchvision)):
        run = rules(arguments.wheels)
        for seed in range(SEEDS):
            with tempfile.TemporaryDirectory() as place:
                root = make(place, seed)
                seen, refused = ours(arguments.program, place, trainer)
                CHECKS.require(not refused, trainer, seed)
                for subset in SETS:
                    expected = run(root, subset)
                    CHECKS.require(seen.get(subset) == expected, trainer, seed, subset, seen.get(subset), expected)
                    CHECKS.count(f"{trainer} VOC boxes", expected["boxes"])
    print("interop:", ", ".join(f"{count} {name}" for name, count in CHECKS.counts.items()), "compared")


if __name__ == "__main__":
    main()
