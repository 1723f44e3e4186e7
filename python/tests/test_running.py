"""Runs: progress, threads, Ctrl-C and exceptions of callbacks."""

import json
import subprocess
import sys
import threading
import time

import annoconv
import pytest
from conftest import files

COUNT = 30_000


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """A COCO file that takes a while."""
    path = tmp_path_factory.mktemp("big") / "big.json"
    ids = range(1, COUNT + 1)
    document = {
        "images": [{"id": i, "file_name": f"{i}.jpg", "width": 640, "height": 480} for i in ids],
        "categories": [{"id": 1, "name": "a"}],
        "annotations": [
            {"id": i, "image_id": i, "category_id": 1, "bbox": [i % 99, 2, 30, 40]} for i in ids
        ],
    }
    # With line breaks: indexing is told of files above 8 MiB.
    path.write_text(json.dumps(document, indent=4))
    assert path.stat().st_size > 8 << 20
    return path


def test_progress_is_told_on_the_calling_thread_up_to_the_end(big, tmp_path):
    told = []

    def progress(work, done, of):
        assert threading.get_ident() == caller
        told.append((work, done, of))

    caller = threading.get_ident()
    annoconv.convert(big, tmp_path / "via.json", to="vgg", progress=progress)
    assert told[-1] == ("writing", 0, 1)
    assert told[-2] == ("converting", COUNT, COUNT)
    assert {work for work, _, _ in told} == {"indexing", "reading", "converting", "writing"}
    for work, done, of in told:
        assert 0 <= done <= of, (work, done, of)


def test_other_threads_run_meanwhile(big, tmp_path):
    ticks, is_over = [], threading.Event()

    def tick():
        while not is_over.wait(0.002):
            ticks.append(1)

    thread = threading.Thread(target=tick)
    thread.start()
    started = time.monotonic()
    annoconv.convert(big, tmp_path / "via.json", to="vgg")
    elapsed = time.monotonic() - started
    is_over.set()
    thread.join()
    # A call that held the lock would let at most a few through.
    assert len(ticks) > elapsed / 0.002 / 20, (len(ticks), elapsed)


def test_several_calls_at_once(bones):
    def work(number):
        options = {"images": "images", "jobs": 1 + number % 3, "progress": lambda *_: None}
        reports.append(annoconv.convert("annotations.json", f"out{number}", to="yolo", **options))

    reports = []
    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reports) == 8 and {report.annotations_written for report in reports} == {5}
    assert all(files(f"out{number}") == files("out0") for number in range(8))


class Wrong(Exception):
    pass


# The first step, one on the way, and the last moment before anything changes.
@pytest.mark.parametrize("when", ["indexing", "converting", "writing"])
@pytest.mark.parametrize("to, output", [("vgg", "via.json"), ("yolo", "labels")])
def test_an_exception_of_the_callback_leaves_the_target_as_it_was(big, tmp_path, when, to, output):
    def progress(work, done, of):
        if work == when:
            raise Wrong(work)

    target = tmp_path / output
    with pytest.raises(Wrong):
        annoconv.convert(big, target, to=to, progress=progress)
    assert list(tmp_path.iterdir()) == []
    if to == "yolo":
        target.mkdir()
    mine = target / "1.txt" if to == "yolo" else target
    mine.write_text("mine")
    with pytest.raises(Wrong):
        annoconv.convert(big, target, to=to, progress=progress, overwrite=True)
    assert files(tmp_path) == {str(mine.relative_to(tmp_path)): b"mine"}
    assert [it.name for it in tmp_path.iterdir()] == [output]


def test_an_exception_of_the_callback_stops_validate_and_fix(bones):
    before = files(bones)

    def progress(work, done, of):
        raise Wrong

    with pytest.raises(Wrong):
        annoconv.validate(".", progress=progress)
    with pytest.raises(Wrong):
        annoconv.fix("annotations.json", in_place=True, progress=progress)
    assert files(bones) == before


# The signal comes from another thread, soon after a step of the work was told.
INTERRUPTED = """
import os, pathlib, signal, sys, threading
import annoconv
source, target, to, when = sys.argv[1:]
is_time = threading.Event()
def interrupt():
    is_time.wait()
    os.kill(os.getpid(), signal.SIGINT)
def progress(work, done, of):
    if work == when:
        is_time.set()
threading.Thread(target=interrupt, daemon=True).start()
try:
    annoconv.convert(source, target, to=to, overwrite=pathlib.Path(target).exists(), progress=progress)
except KeyboardInterrupt:
    print("interrupted")
else:
    print("done")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process on Windows")
@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize("to, output, when", [("vgg", "via.json", "reading"), ("yolo", "labels", "converting")])
def test_ctrl_c_leaves_the_target_as_it_was(big, tmp_path, to, output, when, is_there):
    target = tmp_path / output
    if is_there and to == "yolo":
        target.mkdir()
        (target / "1.txt").write_text("mine")
    elif is_there:
        target.write_text("mine")
    before = files(tmp_path)
    command = [sys.executable, "-c", INTERRUPTED, str(big), str(target), to, when]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.stderr) == ("interrupted\n", "")
    assert files(tmp_path) == before
    assert [it.name for it in tmp_path.iterdir()] == [output] * is_there
