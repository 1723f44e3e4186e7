"""The command of the wheel is the program."""

import shutil
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from conftest import files, run
from test_parity import without_time

COMMANDS = [
    "coco2yolo annotations.json --images images -o {}/labels",
    "coco2vgg annotations.json --images images -o {}/via.json",
    "convert annotations.json --to voc --images images -o {}/voc",
    "convert annotations.json --to coco --images images --strict -o {}/strict.json",
    "validate annotations.json --fail-on warning",
    "fix annotations.json --images images -o {}/fixed.json",
    "fix annotations.json --diff",
    "formats",
    "formats voc",
    "explain zero-id",
    "--version",
    "convert --help",
    "convert none.json --to yolo -o {}/x",
    "convert annotations.json --to ylo -o {}/x",
    "convert annotations.json -o {}/x",
    "nonsense",
]


def ways():
    script = Path(sysconfig.get_path("scripts")) / ("annoconv.exe" if sys.platform == "win32" else "annoconv")
    return {"module": [sys.executable, "-m", "annoconv"], "script": [str(script)]}


@pytest.mark.parametrize("way", ways())
def test_it_prints_writes_and_answers_as_the_program(program, bones, way):
    statuses = set()
    for command in COMMANDS:
        expected = run(program, *command.format("own").split())
        found = run(ways()[way], *command.format("own2").split())
        statuses.add(expected[0])
        assert found[0] == expected[0], (command, found)
        for printed, wished in zip(found[1:], expected[1:]):
            shown = [line.replace("own2/", "own/") for line in without_time(printed)]
            assert shown == without_time(wished), command
    assert statuses == {0, 1, 2}
    assert files("own") == files("own2")


def test_it_reads_and_writes_streams(bones):
    command = [sys.executable, "-m", "annoconv", "convert", "-", "--to", "vgg", "-o", "-"]
    source = Path("annotations.json").read_bytes()
    done = subprocess.run(command, input=source, capture_output=True, timeout=60)
    assert done.returncode == 0 and b"BONE0001.jpg" in done.stdout and b"convert: " in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_ctrl_c_ends_it_at_once(bones):
    command = [sys.executable, "-m", "annoconv", "convert", "-", "--to", "vgg", "-o", "x.json"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        process.stdin.write(b"{")
        process.stdin.flush()
        # It waits for the rest of its input.
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=2)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == -signal.SIGINT
        assert process.stderr.read() == b"" and not Path("x.json").exists()
    finally:
        process.kill()
        process.wait()


def test_the_script_is_installed():
    assert shutil.which(ways()["script"][0])
