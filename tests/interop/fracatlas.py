#!/usr/bin/env python3
"""Proves where the published FracAtlas files agree with each other, and lists every place where they do not.

What one file must say according to another is computed and set against what it does say: COCO against
YOLO, VGG, the table and itself; YOLO against VOC; sizes, lengths and folders against the image files as
far as these are at hand; the split lists against COCO and the table. Printed as a JSON array.

A pair in "detail" names first the file that the expectation comes from, then the one held against it; the
two values follow in this order: "object-missing", "coco vgg" is an object that COCO has and VGG lacks.
"""
import csv
import difflib
import json
import pathlib
import struct
import sys
import types
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from itertools import zip_longest

SLACK = 1e-6  # pixels by which rounding may put a point outside its image


def repeated(values):
    """The values that occur more than once, each once."""
    return [value for value, count in Counter(values).items() if count > 1]


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return [{k: v if k == "image_id" else int(v) for k, v in row.items()} for row in csv.DictReader(file)]


def read_yolo(path):
    """The objects as (class index, numbers as printed)."""
    rows = map(str.split, path.read_text().splitlines())
    return [(row[0], tuple(row[1:])) for row in rows if row]


def read_voc(path):
    """The size, and the objects as (name, corners)."""
    root = ET.parse(path)
    objects = [(item.findtext("name"), tuple(int(item.findtext("bndbox/" + corner))
                for corner in ("xmin", "ymin", "xmax", "ymax"))) for item in root.iter("object")]
    return (int(root.findtext("size/width")), int(root.findtext("size/height"))), objects


def vgg_regions(regions):
    """The regions in their order, as (label, ring of points)."""
    for region in (regions[key] for key in sorted(regions, key=int)):
        shape = region["shape_attributes"]
        xs, ys = shape.get("all_points_x", []), shape.get("all_points_y", [])
        ring = tuple(zip(xs, ys)) if shape["name"] == "polygon" and len(xs) == len(ys) else ()
        yield region["region_attributes"].get("label"), ring


def exif_orientation(segment):
    """The orientation in the content of an APP1 segment (1 where it states none)."""
    order, tiff = {b"Exif\0\0II": "<", b"Exif\0\0MM": ">"}.get(segment[:8]), segment[6:]
    if not order:
        return 1
    start = struct.unpack_from(order + "I", tiff, 4)[0]
    for entry in range(struct.unpack_from(order + "H", tiff, start)[0]):
        tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * entry)
        if tag == 0x0112:
            return value
    return 1


def read_jpeg(data):
    """The size as displayed, and the EXIF orientation (1 where none is stated)."""
    size, orientation, place = (), 1, 2
    while place + 4 <= len(data) and data[place + 1] != 0xDA:  # there the picture itself begins
        marker = data[place + 1]
        if marker in (0xFF, 0x01) or 0xD0 <= marker <= 0xD7:  # a fill byte, or a marker without content
            place += 1 if marker == 0xFF else 2
            continue
        end = place + 2 + struct.unpack_from(">H", data, place + 2)[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            size = struct.unpack_from(">HH", data, place + 5)[::-1]
        elif marker == 0xE1 and orientation == 1:
            orientation = exif_orientation(data[place + 4:end])
        place = end
    return (size[::-1] if 5 <= orientation <= 8 else size), orientation


def read_dataset(root):
    """All files, by image file name where they are one an image, and what is looked up in them."""
    notes, d = root / "Annotations", types.SimpleNamespace()
    d.coco = json.loads((notes / "COCO JSON" / "COCO_fracture_masks.json").read_bytes())
    d.vgg = json.loads((notes / "VGG JSON" / "VGG_fracture_masks.json").read_bytes())
    d.classes = (notes / "YOLO" / "labels.txt").read_text().splitlines()
    d.yolo = {p.stem + ".jpg": read_yolo(p) for p in notes.glob("YOLO/*.txt") if p.name != "labels.txt"}
    d.voc = {p.stem + ".jpg": read_voc(p) for p in notes.glob("PASCAL VOC/*.xml")}
    d.rows = read_csv(root / "dataset.csv")
    d.row_of = {row["image_id"]: row for row in d.rows}
    d.splits = [(row["image_id"], p.stem) for p in sorted(root.glob("Utilities/Fracture Split/*.csv"))
                for row in read_csv(p)]
    d.files = sorted(root.glob("images/*/*"))
    d.name_of = {image["id"]: image["file_name"] for image in d.coco["images"]}
    d.size_of = {image["file_name"]: (image["width"], image["height"]) for image in d.coco["images"]}
    d.objects = defaultdict(list)  # annotations by file name
    for note in d.coco["annotations"]:
        d.objects[d.name_of.get(note["image_id"])].append(note)
    d.annotated = set(d.objects) - {None}
    return d


def describe(thing):
    """A box as its numbers, a ring as the count of its points."""
    return f"{len(set(thing))} points" if thing and isinstance(thing[0], tuple) else " ".join(map(str, thing))


def compare_objects(pair, image, ids, expected, actual, changed):
    """Two lists of (class, geometry) in order; what stands in the same place has changed."""
    blocks = difflib.SequenceMatcher(None, expected, actual, autojunk=False).get_opcodes()
    for _, start, end, start2, end2 in (block for block in blocks if block[0] != "equal"):
        for old, new, number in zip_longest(expected[start:end], actual[start2:end2], ids[start:end]):
            if new is None:
                yield "object-missing", image, number, f"{pair}: {describe(old[1])}"
            elif old is None:
                yield "object-added", image, None, f"{pair}: {describe(new[1])}"
            elif old[0] != new[0]:
                yield "class-changed", image, number, f"{pair}: {old[0]}, {new[0]}"
            if old and new and old[1] != new[1]:
                yield changed, image, number, f"{pair}: {describe(old[1])}, {describe(new[1])}"


def yolo_numbers(box, size):
    (x, y, w, h), (width, height) = box, size
    return tuple("%.4f" % value for value in ((x + w / 2) / width, (y + h / 2) / height, w / width, h / height))


def voc_corners(numbers, size):
    (cx, cy, nw, nh), (width, height) = map(float, numbers), size
    w, h = nw * width, nh * height
    return int(cx * width - w / 2), int(cy * height - h / 2), int(cx * width + w / 2), int(cy * height + h / 2)


def coco_yolo(d):
    """Every annotation gives one row, in order; an image without annotations an empty file."""
    index = {category["id"]: str(k) for k, category in enumerate(d.coco["categories"])}
    names = [category["name"] for category in d.coco["categories"]]
    if names != d.classes:
        yield "class-changed", None, None, f"coco yolo: {' '.join(names)}, {' '.join(d.classes)}"
    for image, rows in d.yolo.items():
        notes = d.objects.get(image, [])
        expected = [(index.get(n["category_id"]), yolo_numbers(n["bbox"], d.size_of[image])) for n in notes]
        yield from compare_objects("coco yolo", image, [n["id"] for n in notes], expected, rows, "box-changed")


def yolo_voc(d):
    """The corners follow from YOLO's printed numbers and the image size, which is COCO's where it has one."""
    names = {str(k): name for k, name in enumerate(d.classes)}
    for image, (stated, actual) in d.voc.items():
        size = d.size_of.get(image, stated)
        if size != stated:
            yield "size-differs", image, None, f"coco voc: {describe(size)}, {describe(stated)}"
        if image in d.yolo:
            expected = [(names.get(row[0]), voc_corners(row[1], size)) for row in d.yolo[image]]
            yield from compare_objects("yolo voc", image, [None] * len(expected), expected, actual, "box-changed")


def coco_vgg(d):
    """Every polygon, closed by its first point, is a region, number for number, in order."""
    names = {category["id"]: category["name"] for category in d.coco["categories"]}
    for image, entry in d.vgg.items():
        rings = [(note, points(ring)) for note in d.objects.get(image, []) for ring in note["segmentation"]]
        expected = [(names.get(note["category_id"]), tuple(ring + ring[:1])) for note, ring in rings]
        ids, actual = [note["id"] for note, _ in rings], list(vgg_regions(entry["regions"]))
        yield from compare_objects("coco vgg", image, ids, expected, actual, "shape-changed")


def absent_images(d):
    """The images that one file has and another lacks; VGG needs only those with annotations."""
    for pair, one, other in (
            ("coco yolo", d.size_of, d.yolo), ("yolo voc", d.yolo, d.voc), ("voc yolo", d.voc, d.yolo),
            ("coco vgg", d.annotated, d.vgg), ("vgg coco", d.vgg, d.size_of), ("coco table", d.size_of, d.row_of),
            ("table yolo", d.row_of, d.yolo), ("yolo table", d.yolo, d.row_of),
            ("image table", {path.name for path in d.files}, d.row_of)):
        for image in set(one) - set(other):
            yield "image-not-there", image, None, pair


def image_files(d):
    """The image files at hand, and what the others state of them."""
    for path in d.files:
        image, data = path.name, path.read_bytes()
        displayed, orientation = read_jpeg(data)
        for source, size in (("coco", d.size_of.get(image)), ("voc", d.voc.get(image, [None])[0])):
            if size not in (None, displayed):
                yield "size-differs", image, None, f"{source} image: {describe(size)}, {describe(displayed)}"
        if image in d.vgg and d.vgg[image]["size"] != len(data):
            yield "file-length", image, None, f"vgg image: {d.vgg[image]['size']}, {len(data)}"
        if 2 <= orientation <= 8:
            yield "exif-rotated" if orientation >= 5 else "exif-upside-down", image, None, f"orientation {orientation}"
        if not data.endswith(b"\xff\xd9"):
            yield "truncated-image", image, None, "does not end with FFD9"
        right = "Fractured" if d.row_of.get(image, {}).get("fractured") else "Non_fractured"
        if image in d.row_of and path.parent.name != right:
            yield "folder", image, None, f"table image: {right}, {path.parent.name}"


def table(d):
    """The table against COCO, and each row in itself."""
    for image in repeated(row["image_id"] for row in d.rows):
        yield "duplicate-id", image, None, "table: image_id"
    for row in d.rows:
        count = len(d.objects.get(row["image_id"], []))
        for column, value in (("fractured", int(count > 0)), ("fracture_count", count)):
            if row[column] != value:
                yield "table-value", row["image_id"], None, f"coco table: {column} {value}, {row[column]}"
        parts = row["hand"] + row["leg"] + row["hip"] + row["shoulder"]
        views = row["frontal"] + row["lateral"] + row["oblique"]
        for text, broken in (
                ("fractured is not (fracture_count > 0)", row["fractured"] != (row["fracture_count"] > 0)),
                ("mixed is not (two parts or more)", row["mixed"] != (parts > 1)),
                ("no part", parts < 1), ("not one or two views", views not in (1, 2)),
                ("both mixed and multiscan", row["mixed"] and row["multiscan"])):
            if broken:
                yield "table-logic", row["image_id"], None, text


def split(d):
    """Every fractured image stands once in one list, and no other image does."""
    lists = defaultdict(list)
    for image, name in d.splits:
        lists[image].append(name)
    for image in repeated(image for image, _ in d.splits):
        yield "split", image, None, "listed in " + " ".join(lists[image])
    in_table = {row["image_id"] for row in d.rows if row["fractured"]}
    for source, fractured in (("coco", d.annotated), ("table", in_table)):
        for image in fractured - set(lists):
            yield "split", image, None, f"{source} split: fractured, in no list"
        for image in set(lists) - fractured:
            yield "split", image, None, f"{source} split: not fractured, listed in {' '.join(lists[image])}"


def points(ring):
    return list(zip(ring[::2], ring[1::2]))


def area(ring):
    """The shoelace area, in the order of operations that gives the stated numbers exactly; sum() may not."""
    corners, double = points(ring), 0.0
    for (x, y), (x2, y2) in zip(corners[-1:] + corners, corners):
        double += (x + x2) * (y - y2)
    return abs(double / 2)


def coco_ids(d):
    for group in ("images", "annotations", "categories"):
        for number in repeated(item["id"] for item in d.coco[group]):
            yield "duplicate-id", None, number if group == "annotations" else None, f"coco: {group} {number}"
    for image in repeated(image["file_name"] for image in d.coco["images"]):
        yield "duplicate-id", image, None, "coco: file_name"
    categories, first = {category["id"] for category in d.coco["categories"]}, {}
    for note in d.coco["annotations"]:
        image = d.name_of.get(note["image_id"])
        if image is None:
            yield "missing-reference", None, note["id"], f"coco: image {note['image_id']}"
        if note["category_id"] not in categories:
            yield "missing-reference", image, note["id"], f"coco: category {note['category_id']}"
        same = first.setdefault((note["image_id"], note["category_id"], str(note["segmentation"])), note)
        if same is not note:
            yield "duplicate-object", image, note["id"], f"as {same['id']}"


def coco_shapes(d):
    """The box and the area are the polygon's, number for number; the polygon lies in its image."""
    for note in d.coco["annotations"]:
        image, rings, number = d.name_of.get(note["image_id"]), note["segmentation"], note["id"]
        xs, ys = [x for ring in rings for x in ring[::2]], [y for ring in rings for y in ring[1::2]]
        if not xs or any(len(ring) < 6 for ring in rings):
            yield "few-points", image, number, f"{len(xs)} points"
            continue
        box, whole_area = [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)], sum(map(area, rings))
        if box != note["bbox"]:
            yield "box-not-shape", image, number, f"{describe(box)}, {describe(note['bbox'])}"
        if whole_area != note["area"]:
            yield "area-not-shape", image, number, f"{whole_area}, {note['area']}"
        width, height = d.size_of.get(image, (float("inf"), float("inf")))
        beyond = max(-min(xs + ys), max(xs) - width, max(ys) - height)
        if beyond > SLACK:
            yield "outside-image", image, number, f"by {beyond:g} px"


def main(root):
    d, found = read_dataset(pathlib.Path(root)), []
    for check in (coco_yolo, yolo_voc, coco_vgg, absent_images, image_files, table, split, coco_ids, coco_shapes):
        found += check(d)
    found.sort(key=lambda f: (f[0], f[1] or "", -1 if f[2] is None else f[2], f[3]))
    members = ("kind", "image", "annotation", "detail")
    print("[\n" + ",\n".join(json.dumps(dict(zip(members, finding))) for finding in found) + "\n]")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else "usage: fracatlas.py DATASET_ROOT")
