#!/usr/bin/env python3
"""Our split of a dataset beside those of scikit-multilearn and iterative-stratification.

    python3 split.py PROGRAM CASES FRACATLAS

PROGRAM is the example `split`. Both packages and numpy must be installed. Two-way and three-way splits of real
datasets are made; the three-way ones of the packages in two steps, as they have no other way. Each line says by
how much the share of a class' images in a subset is from the wished share at most: of all classes, and of those
with so many images that each subset is to have one at least. Of three seeds the worst is printed. It fails where
ours leaves more classes out of a subset, or as many and ours of the latter is larger.
"""
import csv
import json
import os
import subprocess
import sys
import warnings

import numpy

SETS = {
    "COCO val2014, 100 images": "coco-val2014-100/tests/dataset/cocoapi/instances_val2014_100.json",
    "LVIS val, 100 images": "coco-val2014-100/tests/lvis_dataset/lvis_val_100.json",
    "VisDrone, 50 images": "sahi/sahi-tests/tests/data/coco_utils/visdrone2019-det-train-first50image.json",
}
SPLITS = [[0.8, 0.2], [0.8, 0.12, 0.08]]
SEEDS = range(3)


def of_coco(path):
    """Images as units: a key, and for each class the number of objects."""
    data = json.load(open(path, encoding="utf-8"))
    numbers = {category["id"]: at for at, category in enumerate(data["categories"])}
    units = {image["id"]: {} for image in data["images"]}
    for annotation in data["annotations"]:
        classes, number = units[annotation["image_id"]], numbers[annotation["category_id"]]
        classes[number] = classes.get(number, 0) + 1
    return [(str(key), classes) for key, classes in units.items()]


def of_fracatlas(folder):
    """The images of FracAtlas by what dataset.csv says of them; those without a fracture are empty."""
    columns = ["hand", "leg", "hip", "shoulder", "mixed", "hardware", "multiscan", "fractured"]
    with open(os.path.join(folder, "dataset.csv"), encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    return [(row["image_id"], {at: 1 for at, name in enumerate(columns) if row[name] == "1"}) for row in rows]


def matrix(units, empty):
    """Which image has which class; the last column is for images without objects."""
    count = 1 + max(number for _, classes in units for number in classes)
    table = numpy.zeros((len(units), count + 1), dtype=int)
    for at, (_, classes) in enumerate(units):
        table[at, list(classes)] = 1
        table[at, count] = empty(classes)
    return table[:, table.sum(0) > 0]


def ours(program, units, shares, seed, empty):
    asked = {"shares": shares, "seed": seed, "units": [
        {"key": key, "images": 1, "empty": int(empty(classes)),
         "classes": [[number, 1, objects] for number, objects in classes.items()]} for key, classes in units]}
    out = subprocess.run([program], input=json.dumps(asked), capture_output=True, text=True, check=True)
    return numpy.array(json.loads(out.stdout))


def multilearn(table, share, seed):
    from skmultilearn.model_selection import IterativeStratification

    # It draws from numpy's global numbers, and takes the second fold for training.
    numpy.random.seed(seed)
    maker = IterativeStratification(n_splits=2, order=2, sample_distribution_per_fold=[1 - share, share])
    return next(maker.split(numpy.zeros((len(table), 1)), table))


def shuffle(table, share, seed):
    from iterstrat.ml_stratifiers import MultilabelStratifiedShuffleSplit

    maker = MultilabelStratifiedShuffleSplit(n_splits=1, test_size=1 - share, random_state=seed)
    return next(maker.split(numpy.zeros((len(table), 1)), table))


def in_steps(split, table, shares, seed):
    """The first subset against the rest, then the second against the rest of that."""
    assigned, left, rest = numpy.zeros(len(table), dtype=int), numpy.arange(len(table)), 1.0
    for subset, share in enumerate(shares[:-1]):
        _, others = split(table[left], share / rest, seed)
        left, rest = left[others], rest - share
        assigned[left] = subset + 1
    return assigned


def judge(table, shares, assigned):
    """The largest deviation of all classes and of those of enough images, how many classes lack in a subset, and
    by how many images a subset is too large or too small."""
    totals = table.sum(0)
    has = numpy.array([table[assigned == subset].sum(0) for subset in range(len(shares))])
    deviation = abs(has / totals - numpy.array(shares)[:, None]).max(0)
    is_big = totals * min(shares) >= 1
    missing = int(((has == 0) & (totals >= max(3, len(shares)))).sum())
    sizes = [abs((assigned == subset).sum() - share * len(table)) for subset, share in enumerate(shares)]
    return deviation.max(), deviation[is_big].max(initial=0), deviation.mean(), missing, max(sizes)


def main():
    warnings.filterwarnings("ignore")
    program, cases, fracatlas = sys.argv[1:4]
    sets = [(name, of_coco(os.path.join(cases, path)), lambda classes: not classes) for name, path in SETS.items()]
    sets.append(("FracAtlas, 4,083 images", of_fracatlas(fracatlas), lambda classes: 7 not in classes))
    print("| dataset | split | made by | largest deviation, classes of enough images | of all classes | mean |"
          " classes missing in a subset | images off |")
    print("|---|---|---|---|---|---|---|---|")
    failed = False
    for name, units, empty in sets:
        table = matrix(units, empty)
        for shares in SPLITS:
            makers = {
                "annoconv": lambda seed: ours(program, units, shares, seed, empty),
                "scikit-multilearn": lambda seed: in_steps(multilearn, table, shares, seed),
                "iterative-stratification": lambda seed: in_steps(shuffle, table, shares, seed),
            }
            worst = {}
            for maker, make in makers.items():
                found = [judge(table, shares, make(seed)) for seed in SEEDS]
                # The worst of the seeds, of each number by itself.
                worst[maker] = [max(column) for column in zip(*found)]
                big, every, mean, missing, off = (worst[maker][at] for at in (1, 0, 2, 3, 4))
                print(f"| {name} | {'/'.join(map(str, shares))} | {maker} | {big:.4f} | {every:.4f} | {mean:.4f} |"
                      f" {missing} | {off:.1f} |")
            own = worst.pop("annoconv")
            # A split that leaves classes out of a subset has it easier with the others.
            is_worse = any(
                own[3] > other[3] or (own[1] > other[1] + 1e-9 and own[3] == other[3])
                for other in worst.values()
            )
            if is_worse:
                failed = True
                print("split: FAILED:", name, shares, file=sys.stderr)
    sys.exit(failed)


if __name__ == "__main__":
    main()
