#!/usr/bin/env python3
"""Measures the program beside yardsticks: medians of several runs, taken in turn.

bench.py PROGRAM EXAMPLES: the program, and the folder of the built examples. RUNS (5) is how often
each job is run, BENCH_DIR (/dev/shm) where it writes, BENCH_SCALE (1) the size of the big file.
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

RUNS = int(os.environ.get("RUNS", "5"))
LIMIT = 256 << 20


class Place:
    """A folder for outputs, each in a new place."""

    def __init__(self, folder):
        self.folder, self.count = pathlib.Path(folder), 0

    def new(self, suffix=""):
        self.count += 1
        return self.folder / f"out{self.count}{suffix}"


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def seconds(commands, out=None):
    """How long commands take, one after the other; what they wrote is removed."""
    start = time.perf_counter()
    for command in commands:
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    taken = time.perf_counter() - start
    if out is not None:
        remove(out)
    return taken


def private_memory(command):
    """The most memory of its own that a command has, looked at 200 times a second, in MB."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    most = 0
    done = threading.Event()
    threading.Thread(target=lambda: (process.wait(), done.set())).start()
    while not done.wait(0.005):
        try:
            lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
        except OSError:
            break
        most = max([most] + [int(line.split()[1]) for line in lines if line.startswith("RssAnon:")])
    done.wait()
    return most / 1000


def is_within(command):
    """Whether a command succeeds with 256 MB of private memory."""
    limited = ["prlimit", f"--data={LIMIT}", *command]
    done = subprocess.run([str(word) for word in limited], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode == 0


class Job:
    """A command, and what its time is compared with."""

    def __init__(self, name, command, suffix, yardstick, target):
        self.name, self.command, self.suffix = name, command, suffix
        self.yardstick, self.target = yardstick, target

    def measure(self, place):
        own, other = [], []
        for _ in range(RUNS):
            out = place.new(self.suffix or "")
            own.append(seconds([self.command(out)], out))
            out = place.new()
            other.append(seconds(self.yardstick(out), out))
        own, other = statistics.median(own), statistics.median(other)
        out = place.new(self.suffix or "")
        memory = private_memory(self.command(out))
        remove(out)
        limit = "yes" if is_within(self.command(out)) else "no"
        remove(out)
        verdict = "met" if own / other <= self.target else "missed"
        print(f"| {self.name} | {own:.2f} s | {other:.2f} s | {own / other:.2f} | {self.target:.2f} | {verdict} | {memory:.0f} MB | {limit} |", flush=True)
        return own


def big(program, examples, place):
    """The jobs on a file of the size of COCO train2017."""
    scale = int(os.environ.get("BENCH_SCALE", "1"))
    files = [place.folder / f"big{number}.json" for number in (1, 2)]
    for number, file in enumerate(files, 1):
        subprocess.run([examples / "big_coco", file, str(scale * number)], check=True)
    coco = files[0]
    labels, voc = place.folder / "labels", place.folder / "voc"
    subprocess.run([program, "coco2yolo", coco, "-o", labels, "--quiet"], check=True)
    subprocess.run([program, "yolo2voc", labels, "--sizes", coco, "-o", voc, "--quiet"], check=True)
    copy = lambda out: [["cat", coco], ["cp", "-r", labels, out]]
    copy_voc = lambda out: [["cp", "-r", voc, out]]
    parse = lambda out: [[examples / "ignored_any", coco]]
    convert = lambda *words: (lambda out: [program, *words, "-o", out, "--quiet"])
    print(f"\n{coco.stat().st_size / 1e6:.0f} MB, {os.cpu_count()} cores, medians of {RUNS} runs, output in {place.folder.parent}\n")
    print("| job | time | yardstick | ratio | target | | private memory | in 256 MB |")
    print("|---|---|---|---|---|---|---|---|")
    jobs = [
        Job("coco2yolo, boxes / `cat` + `cp -r`", convert("coco2yolo", coco), "", copy, 0.8),
        Job("coco2yolo --task segment / the same", convert("coco2yolo", coco, "--task", "segment"), "", copy, 1.5),
        Job("coco2vgg / IgnoredAny", convert("coco2vgg", coco), ".json", parse, 3),
        Job("convert coco to coco / IgnoredAny", convert("convert", coco, "--to", "coco"), ".json", parse, 3),
        Job("yolo2voc / `cp -r`", convert("yolo2voc", labels, "--sizes", coco), "", copy_voc, 1.2),
        Job("validate / IgnoredAny", lambda out: [program, "validate", coco, "--quiet"], "", parse, 3),
    ]
    times = [job.measure(place) for job in jobs]
    growth(program, files, place)
    threads(program, coco, place)
    return coco, times[0]


def growth(program, files, place):
    """Twice the input: the program, the program without writing, and cat and cp -r of the same."""
    names = ["twice the input", "without writing", "`cat` and `cp -r` of it"]
    taken = {(name, file): [] for name in names for file in files}
    for _ in range(RUNS):
        for file in files:
            out, copied = place.new(), place.new()
            command = [program, "coco2yolo", file, "-o", out, "--quiet"]
            taken[names[0], file].append(seconds([command]))
            taken[names[1], file].append(seconds([[*command, "--dry-run", "--overwrite"]]))
            taken[names[2], file].append(seconds([["cat", file], ["cp", "-r", out, copied]], copied))
            remove(out)
    print()
    for name, target in zip(names, [" (target 2.10)", "", ""]):
        once, twice = (statistics.median(taken[name, file]) for file in files)
        print(f"{name}: {twice / once:.2f} times as long{target}")


def threads(program, coco, place):
    """One thread and two, without writing."""
    for name, words in [("boxes", []), ("polygons", ["--task", "segment"])]:
        taken = {1: [], 2: []}
        for _ in range(RUNS):
            for jobs, times in taken.items():
                command = [program, "coco2yolo", coco, *words, "-o", place.new(), "--dry-run", "--quiet", "-j", jobs]
                times.append(seconds([command]))
        ratio = statistics.median(taken[1]) / statistics.median(taken[2])
        print(f"reading and formatting {name}: 2 threads are {ratio:.2f} times as fast as 1 (target 1.60)")


def peers(coco, own, place):
    """Other converters, where they are installed."""
    commands = {
        "panlabel": lambda out: ["panlabel", "convert", "-f", "coco", "-t", "yolo", "-i", coco, "-o", out, "--allow-lossy"],
        "labelformat": lambda out: [
            "labelformat", "convert", "--task", "object-detection", "--input-format", "coco", "--input-file", coco,
            "--output-format", "yolov8", "--output-file", out / "data.yaml", "--output-split", "train",
        ],
    }
    for name, command in commands.items():
        if shutil.which(name) is None:
            print(f"{name} is not installed: not compared")
            continue
        out = place.new()
        taken = seconds([command(out)], out)
        memory = private_memory(command(out))
        remove(out)
        print(f"{name}, COCO to YOLO boxes: {taken:.1f} s ({taken / own:.1f} times as long), {memory:.0f} MB")


def small(program, place):
    """FracAtlas."""
    fracatlas = os.environ.get("FRACATLAS_DIR")
    if not fracatlas:
        print("\nFRACATLAS_DIR is not set: FracAtlas is left out")
        return
    fracatlas = pathlib.Path(fracatlas)
    images, preset = fracatlas / "images", ["--preset", "fracatlas"]
    coco = fracatlas / "Annotations/COCO JSON/COCO_fracture_masks.json"
    labels = place.new()
    subprocess.run([program, "coco2yolo", coco, "--images", images, *preset, "-o", labels, "--quiet"], check=True)
    convert = lambda suffix, *words: (suffix, lambda out: [program, *words, *preset, "-o", out, "--quiet"])
    jobs = {
        "start-up": ("", lambda out: [program, "--version"]),
        "coco2yolo FracAtlas, sizes from COCO (target 25 ms)": convert("", "coco2yolo", coco),
        "coco2yolo FracAtlas, with 768 images": convert("", "coco2yolo", coco, "--images", images),
        "yolo2voc FracAtlas, with 768 images": convert("", "yolo2voc", labels, "--images", images),
        "coco2vgg FracAtlas, with 768 images": convert(".json", "coco2vgg", coco, "--images", images),
    }
    print()
    for name, (suffix, command) in jobs.items():
        times = []
        for _ in range(2 * RUNS + 1):
            out = place.new(suffix)
            times.append(seconds([command(out)], out))
        print(f"{name}: {1000 * statistics.median(times):.1f} ms")
    split = fracatlas / "Utilities/Fracture Split"
    lists = ",".join(str(split / f"{name}.csv") for name in ("train", "valid", "test"))
    ready = [program, "coco2yolo", coco, "--images", images, "--for", "ultralytics", "--split-from", lists]
    own, other = [], []
    for _ in range(RUNS):
        out, copied = place.new(), place.new()
        own.append(seconds([[*ready, "-o", out, "--quiet"]], out))
        other.append(seconds([["cp", "-r", images, copied]], copied))
    own, other = statistics.median(own), statistics.median(other)
    print(f"FracAtlas for Ultralytics: {1000 * own:.0f} ms; cp -r of the images: {1000 * other:.0f} ms; ratio {own / other:.2f} (target 3.00)")
    validate = [program, "validate", fracatlas, *preset, "--fail-on", "never", "--ignore", "subset-near-copy"]
    annotations, heads = fracatlas / "Annotations", ["find", images, "-type", "f", "-exec", "head", "-q", "-c", "4096", "{}", "+"]
    reading = [["find", annotations, fracatlas / "dataset.csv", "-type", "f", "-exec", "cat", "{}", "+"], heads]
    own, other = [], []
    for _ in range(2 * RUNS + 1):
        own.append(seconds([validate]))
        other.append(seconds(reading))
    own, other = statistics.median(own), statistics.median(other)
    print(f"validate FracAtlas: {1000 * own:.0f} ms; cat of the annotations, head of the images: {1000 * other:.0f} ms; ratio {own / other:.2f} (target 3.00)")


def main():
    program, examples = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", "/dev/shm")) as folder:
        place = Place(folder)
        coco, own = big(program, examples, place)
        peers(coco, own, place)
        small(program, place)


if __name__ == "__main__":
    main()
