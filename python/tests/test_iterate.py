"""Iterating: ahead, in order, with errors where they are, until somebody stops."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from datasets import coco, many, save

import annoconv


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    return save(tmp_path_factory.mktemp("big"), many(3000))


def ahead_threads():
    """The threads of this process that read ahead."""
    names = []
    for task in pathlib.Path("/proc/self/task").iterdir():
        try:
            names.append((task / "comm").read_text().strip())
        except OSError:
            continue
    return sum(name.startswith("annoconv-ahead") for name in names)


def test_the_order_is_that_of_the_source(big):
    for dataset in (annoconv.open(big), annoconv.open(big, shapes=False, jobs=1)):
        assert [image.id for image in dataset] == list(range(3000))
        rows = [(image.id, boxes, classes) for image, boxes, classes in dataset.boxes("xywh")]
        assert [number for number, _, _ in rows] == list(range(3000))
        number, boxes, classes = rows[700]
        assert boxes.tolist() == [[100, at, 3, 4] for at in range(3)]
        assert classes.tolist() == [0, 1, 0]


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted in /proc")
def test_an_iterator_that_is_dropped_stops_its_work(big):
    dataset = annoconv.open(big)
    for image in dataset:
        break
    iterators = [iter(dataset) for _ in range(4)]
    first = [next(iterator).id for iterator in iterators]
    assert first == [0] * 4 and ahead_threads() >= 4
    del iterators
    until = time.monotonic() + 10
    while ahead_threads() and time.monotonic() < until:
        time.sleep(0.01)
    assert ahead_threads() == 0


def test_several_threads_iterate_at_once(big):
    dataset, found = annoconv.open(big), {}

    def run(number):
        found[number] = sum(float(image.boxes().sum()) for image in dataset)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len(set(found.values())) == 1


def broken(tmp_path):
    """A file of which one record is no annotation, and one is of an unknown class."""
    value = many(600, 1)
    value["annotations"][300]["bbox"] = [1, 2]
    value["annotations"][500]["category_id"] = 77
    text = json.dumps(value).replace("}, {", "},\n{")
    path = tmp_path / "broken.json"
    path.write_text(text)
    return path, text


def test_an_error_is_raised_at_its_image(tmp_path):
    path, text = broken(tmp_path)
    seen, iterator = 0, iter(annoconv.open(path))
    with pytest.raises(annoconv.MalformedError) as raised:
        for image in iterator:
            seen += 1
    error = raised.value
    assert seen == 300 and error.file == str(path) and "bbox" in str(error)
    line = text.splitlines()[error.line - 1]
    assert '"bbox": [1, 2]' in line and error.column > 1
    assert next(iterator).id == 301, "who wants to goes on"
    with pytest.raises(annoconv.UnknownError, match="category_id"):
        list(iterator)
    with pytest.raises(annoconv.MalformedError):
        annoconv.open(path)[300]


def test_what_cannot_be_read_is_counted(tmp_path):
    path, _ = broken(tmp_path)
    dataset = annoconv.open(path, on_error="skip")
    for _ in range(2):
        images = list(dataset)
        assert len(images) == 600
        assert [image.id for image in images if image.unreadable] == [300, 500]
        assert dataset.unreadable == 2, "an image that is read again counts once"
    assert [type(fault) for fault in dataset.faults] == [annoconv.MalformedError, annoconv.UnknownError]
    assert sum(len(image) + image.unreadable for image in images) == 600
    report = annoconv.write(dataset, tmp_path / "out.json", to="coco")
    assert {loss.reason: loss.count for loss in report.losses} == {"unreadable": 2}
    assert (report.annotations_read, report.annotations_written) == (600, 598)


def test_sizes_that_are_missing_are_named(tmp_path):
    (tmp_path / "classes.txt").write_text("cat\n")
    (tmp_path / "a.txt").write_text("0 0.5 0.5 0.2 0.2\n")
    with pytest.raises(annoconv.MissingError, match="size of every image"):
        annoconv.open(tmp_path)
    sizes = save(tmp_path, {"images": [{"id": 1, "file_name": "a.jpg", "width": 10, "height": 20}]}, "s.json")
    image = annoconv.open(tmp_path / "a.txt", sizes=sizes, classes=["cat"])[0]
    assert (image.width, image.height) == (10, 20)
    assert image.boxes().round(9).tolist() == [[4, 8, 6, 12]]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as on Unix")
def test_ctrl_c_ends_an_iteration(tmp_path):
    program = """
        import sys, time, annoconv
        dataset = annoconv.open(sys.argv[1])
        print("ready", flush=True)
        try:
            while True:
                for image in dataset:
                    pass
        except KeyboardInterrupt:
            print("interrupted", flush=True)
    """
    path = save(tmp_path, many(2000))
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20)[0] == "interrupted\n" and process.returncode == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_process_that_is_forked_reads_too(tmp_path):
    dataset = annoconv.open(save(tmp_path, many(600)))
    assert len(list(dataset)) == 600
    child = os.fork()
    if child == 0:
        os._exit(0 if len(list(dataset)) == 600 else 1)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0
            return
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError("the forked process hangs")


def test_a_dataset_without_images(tmp_path):
    value = {"images": [], "annotations": [], "categories": []}
    dataset = annoconv.open(save(tmp_path, value))
    assert (len(dataset), list(dataset), list(dataset.boxes())) == (0, [], [])
    assert coco()["images"] and not dataset.infos()
