#!/usr/bin/env python3
"""How fast Python gets the boxes of a COCO file, beside the command and pycocotools.

Usage: bench_python.py PROGRAM FILE, with a Python that has the release wheel of annoconv, numpy and, for the
comparison, pycocotools. RUNS (5) are how many runs a median is of; each way runs in a process of its own, one
after the other.
"""
import os
import statistics
import subprocess
import sys
import tempfile

RUNS = int(os.environ.get("RUNS", "5"))
TARGET = 1.5

WAYS = {
    "dataset.boxes, shapes=False": """
import annoconv
count = 0
for image, boxes, classes in annoconv.open(path, shapes=False).boxes("xyxy"):
    count += len(boxes)
""",
    "image.boxes, shapes=False": """
import annoconv
count = 0
for image in annoconv.open(path, shapes=False):
    count += len(image.boxes("xyxy"))
""",
    "image.boxes, all of each record": """
import annoconv
count = 0
for image in annoconv.open(path):
    count += len(image.boxes("xyxy"))
""",
    "pycocotools, COCO(path)": """
import contextlib, io
from pycocotools.coco import COCO
with contextlib.redirect_stdout(io.StringIO()):
    count = len(COCO(path).anns)
""",
}

# Imports are not part of what is measured, but for pycocotools they are small.
RUN = """
import sys, time, resource
path = sys.argv[1]
import numpy
try:
    import annoconv
except ImportError:
    pass
start, spent = time.perf_counter(), time.process_time()
exec(sys.argv[2])
taken, spent = time.perf_counter() - start, time.process_time() - spent
print(taken, spent, count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""

COMMAND = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True)
taken, of = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
print(taken, of.ru_utime + of.ru_stime)
"""


def command(program, path):
    """The time of the command without writing, and that of all its threads together."""
    with tempfile.TemporaryDirectory() as folder:
        words = [program, "coco2yolo", path, "-o", os.path.join(folder, "x"), "--dry-run", "--quiet"]
        done = subprocess.run([sys.executable, "-c", COMMAND, *words], check=True, capture_output=True, text=True)
    taken, spent = done.stdout.split()
    return float(taken), float(spent)


def way(code, path):
    done = subprocess.run([sys.executable, "-c", RUN, path, code], capture_output=True, text=True)
    if done.returncode:
        return None
    taken, spent, count, memory = done.stdout.split()
    return float(taken), float(spent), int(count), int(memory)


def main():
    program, path = sys.argv[1:3]
    own, found = [], {name: [] for name in WAYS}
    for number in range(RUNS):
        own.append(command(program, path))
        for name, code in WAYS.items():
            # pycocotools takes long: once is enough to see how long.
            if name.startswith("pycocotools") and number:
                continue
            found[name].append(way(code, path))
    own, spent = (statistics.median(column) for column in zip(*own))
    print(f"{os.path.getsize(path) / 1e6:.0f} MB, {os.cpu_count()} cores, medians of {RUNS} runs\n")
    print("| way | time | to the command | | of all threads | to the command | annotations | memory |")
    print("|---|---|---|---|---|---|---|---|")
    print(f"| the command, coco2yolo --dry-run | {own:.2f} s | 1.00 | | {spent:.2f} s | 1.00 | | |")
    for name, runs in found.items():
        if None in runs:
            print(f"| {name} | not installed | | | | | | |")
            continue
        taken, threads, count, memory = (statistics.median(column) for column in zip(*runs))
        verdict = ""
        if "shapes=False" in name:
            verdict = "met" if taken <= TARGET * own else "missed"
        print(
            f"| {name} | {taken:.2f} s | {taken / own:.2f} | {verdict} | {threads:.2f} s | {threads / spent:.2f} "
            f"| {count:.0f} | {memory:.0f} MB |",
            flush=True,
        )


if __name__ == "__main__":
    main()
